"""Training cases and what is drawn for them: bad ones are refused in words, draws stay in bounds and share nothing."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from training_helpers import HIDDEN, training_case

from scs_models import files
from scs_models.errors import InvalidFileError, InvalidValueError, UnknownNameError
from scs_sim.patient import Patient
from scs_sim.people import draw_patient
from scs_sim.training.actions import action, action_kinds, action_schema
from scs_sim.training.case import (
    CAUSES,
    CAUSES_OF,
    COMPLICATIONS,
    Complication,
    Kit,
    TrainingCase,
    Unsuitable,
    Visit,
    builtin_training_case,
    load_training_case,
    training_case_ids,
)
from scs_sim.training.draw import draw
from scs_sim.training.hiding import DRAWN_NUMBERS, HiddenCsf, HiddenRoot, HiddenScar, Hiding

SEEDS = range(400)
WIDE = Hiding(
    dorsal_csf_factor=(0.7, 1.3),
    cord_offset_mm=(-2.0, 2.0),
    segment_shift=(-1.0, 1.0),
    gain=(0.5, 2.0),
    felt_fibres=(1.0, 9.0),
    levels_csf=(HiddenCsf("T10", (2.0, 3.0)),),
    injured_roots=(HiddenRoot("L5", "left", (0.3, 0.8)),),
    scars=(HiddenScar("T9", "T10", "left", (0.3, 1.0)),),
)


@pytest.mark.parametrize("name", training_case_ids())
def test_built_in_cases_load_and_survive_a_round_trip(name: str) -> None:
    case = builtin_training_case(name)
    again = files.decode(TrainingCase, files.encode(case), where=name)
    assert again == case
    assert case.id == name
    assert draw(case, 1) == draw(case, 1)


def test_draws_fill_their_bounds_evenly_and_stay_inside() -> None:
    found = [draw(training_case(hiding=WIDE), seed).patient for seed in SEEDS]
    for name in DRAWN_NUMBERS:
        low, high = getattr(WIDE, name)
        values = np.array([getattr(patient, name) for patient in found])
        assert values.min() >= low
        assert values.max() <= high
        error = 4.0 * (high - low) / np.sqrt(12.0 * len(SEEDS))
        assert values.mean() == pytest.approx((low + high) / 2.0, abs=error)
        assert values.max() - values.min() > 0.9 * (high - low)
    assert set(np.unique([4.0 * patient.segment_shift for patient in found])) <= set(range(-4, 5))
    left = np.array([patient.injured_roots[0].fibres_left for patient in found])
    assert 0.3 <= left.min() < 0.35
    assert 0.75 < left.max() <= 0.8


def test_what_is_drawn_of_one_thing_does_not_depend_on_the_others() -> None:
    more = draw(training_case(hiding=WIDE), 7)
    fewer = draw(training_case(hiding=dataclasses.replace(WIDE, gain=1.0, scars=(), levels_csf=())), 7)
    assert fewer.patient.cord_offset_mm == more.patient.cord_offset_mm
    assert fewer.patient.injured_roots == more.patient.injured_roots
    assert fewer.patient.gain == 1.0


def test_new_patient_with_the_same_seed_tells_nothing() -> None:
    """Place within the bounds, uncorrelated with every draw of new-patient of the same seed; nor with other cases."""
    mine = np.array([draw(training_case(hiding=WIDE), seed).patient.cord_offset_mm for seed in SEEDS])
    other = np.array([draw(training_case(hiding=WIDE, id="another"), seed).patient.cord_offset_mm for seed in SEEDS])
    theirs = [draw_patient(seed) for seed in SEEDS]
    bound = 4.0 / np.sqrt(len(SEEDS))  # four standard errors of a correlation of nothing
    for name in ("cord_offset_mm", "dorsal_csf_factor", "gain", "felt_fibres", "segment_shift", "seed"):
        values = np.array([float(getattr(patient, name)) for patient in theirs])
        assert abs(np.corrcoef(mine, values)[0, 1]) < bound, name
    assert abs(np.corrcoef(mine, other)[0, 1]) < bound


def test_a_probability_is_kept() -> None:
    case = training_case()
    rare = dataclasses.replace(case.visits[1], complications=(Complication("tolerance", probability=0.25),))
    happened = [len(draw(training_case(visits=(case.visits[0], rare)), seed).complications) for seed in SEEDS]
    assert np.mean(happened) == pytest.approx(0.25, abs=4.0 * np.sqrt(0.25 * 0.75 / len(SEEDS)))


def test_every_complication_has_a_cause_that_can_be_concluded() -> None:
    assert set(CAUSES_OF) == set(COMPLICATIONS)
    assert {cause for causes in CAUSES_OF.values() for cause in causes} | {"none"} == set(CAUSES)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"grade": 6}, "grade is 6"),
        ({"goals": ()}, "goals is empty"),
        ({"known": Patient(gain=1.2)}, "known.gain is 1.2; nobody can read it in an image: write it in hiding"),
        ({"hiding": dataclasses.replace(HIDDEN, infection=True)}, "unsuitable is missing"),
        ({"visits": (Visit("home", "clinic"),)}, "the first visit must be on the table"),
        ({"visits": (Visit("a", "table"), Visit("a", "clinic"))}, "each must stand once"),
        ({"visits": (Visit("a", "table", 3.0), Visit("b", "clinic", 1.0))}, "they must rise"),
        ({"id": "a b"}, "letters, digits"),
    ],
)
def test_a_bad_case_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidValueError, match=said):
        training_case(**changes)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Hiding(gain=(2.0, 1.0)), "lower bound first"),
        (lambda: Hiding(cord_offset_mm=9.0), "cord_offset_mm is 9"),
        (lambda: HiddenScar("T10", "T8"), "to_level is 'T8'"),
        (lambda: HiddenCsf("T10", (0.1, 2.0)), "dorsal_csf_mm at T10"),
        (lambda: Complication("migration"), "need rostral_mm or right_mm"),
        (lambda: Complication("tolerance", rostral_mm=2.0), "moves no lead"),
        (lambda: Complication("rib-stimulation", right_mm=(-1.0, 2.0)), "outward"),
        (lambda: Kit(lead_types=("paddle-565",)), "percutaneous lead type"),
        (lambda: Unsuitable("infection", (), "red"), "evidence is empty"),
    ],
)
def test_a_bad_part_is_refused_in_words(make: Any, said: str) -> None:
    with pytest.raises(InvalidValueError, match=said):
        make()


def test_a_case_file_may_not_borrow_a_built_in_name(tmp_path: Any) -> None:
    name = training_case_ids()[0]
    document = files.encode(builtin_training_case(name)) | {"title": "Another"}
    path = tmp_path / "mine.json"
    path.write_text(files.json_text(document), encoding="utf-8")
    with pytest.raises(InvalidFileError, match="choose another id"):
        load_training_case(path)
    with pytest.raises(UnknownNameError, match="no training case 'sciatika'"):
        load_training_case("sciatika")


def test_every_action_has_a_schema_that_takes_what_the_action_takes() -> None:
    import jsonschema

    good: dict[str, dict[str, Any]] = {
        "read": {"item": "history"},
        "decline": {"reason": "infection"},
        "place-lead": {"lead_type": "octet-7mm", "tip_level": "T9"},
        "drive-lead": {"rostral_mm": -3.5},
        "program": {"contacts": "1.3-60 1.4-40 1.6+"},
        "amplitude": {"to_ma": 3},
        "ask": {"about": "where"},
        "note": {"threshold": "dt", "value_ma": 3.2},
        "save": {"name": "nächtlich"},
        "load": {"name": "a"},
        "limit": {"to_ma": 4.5},
        "posture": {"to": "supine"},
        "conclude": {"cause": "root"},
        "repair": {"what": "dry-connector", "lead": 2},
    }
    for name, kind in action_kinds().items():
        given = good.get(name, {})
        jsonschema.validate(given, action_schema(name))
        assert set(action(name, given).parameters) == {parameter.name for parameter in kind.parameters}
        assert kind.cost_s >= 0.0
        for parameter in kind.parameters:
            if parameter.default is None:
                with pytest.raises(InvalidValueError, match=f"{parameter.name} is missing"):
                    action(name, {key: value for key, value in given.items() if key != parameter.name})


@pytest.mark.parametrize("value", ["", "nan", "inf", "1e999", True, None, [1], {"a": 1}, "3,2", "-1", 26, 10**400])
def test_an_amplitude_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(InvalidValueError, match="to_ma"):
        action("amplitude", {"to_ma": value})


@pytest.mark.parametrize("value", ["", "   ", "a\nb", "x" * 61, "a\x00", 3, None])
def test_a_name_that_cannot_be_shown_is_refused(value: object) -> None:
    with pytest.raises(InvalidValueError, match="name"):
        action("save", {"name": value})
