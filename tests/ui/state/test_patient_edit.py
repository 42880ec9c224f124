"""Editing the patient: ranges of the panel are those the patient allows, lists stay in order, undo is the session's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_sim.case import builtin_case, builtin_case_ids
from scs_sim.patient import Patient
from scs_ui.state.actions import patient as actions
from scs_ui.state.live import placement_key
from scs_ui.state.looks import patient as looks
from scs_ui.state.looks.sources import place_of
from scs_ui.state.session import Session, session_of


@pytest.fixture
def session() -> Session:
    return session_of(replace(builtin_case("foot"), patient=Patient()))


@pytest.mark.parametrize("spec", looks.NUMBERS, ids=lambda spec: spec.name)
def test_ranges_shown_are_exactly_those_a_patient_allows(session: Session, spec: looks.NumberSpec):
    for value in (spec.low, spec.high):
        assert getattr(actions.set_number(session, spec.name, value).case.patient, spec.name) == value
    for value in (spec.low - 0.01, spec.high + 0.01):
        with pytest.raises(InvalidValueError, match=rf"between {spec.low:g} and {spec.high:g}"):
            actions.set_number(session, spec.name, value)
    assert spec.low <= spec.usual <= spec.high
    steps = (spec.high - spec.low) / spec.step
    assert steps == pytest.approx(round(steps)), "a slider reaches both ends"


def test_every_source_that_is_named_exists():
    named = [spec.source for spec in looks.NUMBERS] + [source for _, _, source, _ in looks.FLAGS if source]
    named += [source for _, _, source, _ in looks.LEVEL_LISTS if source]
    named += [looks.POSTURE_SOURCE, looks.CONDUCTIVITY_SOURCE, looks.ROOT_SOURCE, looks.CSF_SOURCE]
    for key in named:
        assert place_of(key) is not None, key


def test_levels_stay_in_order_from_the_top(session: Session):
    for level in ("L1", "T9", "T11", "T10"):
        session = actions.set_level(session, "laminectomy_levels", level, True)
    assert session.case.patient.laminectomy_levels == ("T9", "T10", "T11", "L1")
    assert looks.levels_words(session.case.patient.laminectomy_levels) == "T9 to T11, L1"
    session = actions.set_level(session, "laminectomy_levels", "T10", False)
    assert session.case.patient.laminectomy_levels == ("T9", "T11", "L1")
    with pytest.raises(UnknownNameError):
        actions.set_level(session, "hardware_levels", "T99", True)


def test_roots_are_changed_in_place_and_healed(session: Session):
    session = actions.set_root(actions.set_root(session, "L5", "left"), "S1", "right", 0.3)
    session = actions.set_root(session, "L5", "left", 0.8)
    assert [(r.segment, r.side, r.fibres_left) for r in session.case.patient.injured_roots] == [
        ("L5", "left", 0.8), ("S1", "right", 0.3),
    ]  # fmt: skip
    session = actions.heal_root(session, "L5", "left")
    assert len(session.case.patient.injured_roots) == 1
    with pytest.raises(InvalidValueError, match="is not injured"):
        actions.heal_root(session, "L5", "left")
    with pytest.raises(InvalidValueError, match="between 0 and 1"):
        actions.set_root(session, "S1", "right", 1.01)


def test_measured_csf_begins_as_usual_and_keeps_to_what_is_modelled(session: Session):
    session = actions.set_level_csf(session, "T10")
    session = actions.set_level_csf(session, "T8", 2.5)
    rows = looks.patient_look(session).csf
    assert [row.level for row in rows] == ["T8", "T10"]
    assert rows[1].value_mm == rows[1].usual_mm
    assert rows[0].low_mm < 2.5 < rows[0].high_mm
    with pytest.raises(InvalidValueError, match="dorsal_csf_mm at T8"):
        actions.set_level_csf(session, "T8", rows[0].high_mm + 0.1)
    assert [row.level for row in actions.forget_level_csf(session, "T8").case.patient.levels_csf] == ["T10"]
    with pytest.raises(InvalidValueError, match="usual one already"):
        actions.forget_level_csf(session, "L1")


def test_back_to_usual_one_by_one_or_all_at_once(session: Session):
    changed = actions.set_flag(actions.set_number(session, "gain", 1.4), "arachnoiditis", True)
    assert looks.patient_look(changed).summary == "Differs from usual in threshold gain, arachnoiditis"
    one = actions.set_usual(changed, "gain")
    assert one.case.patient == Patient(arachnoiditis=True)
    assert actions.set_usual(changed).case.patient == Patient()
    assert looks.patient_look(actions.set_usual(changed)).summary == "The usual anatomy"
    with pytest.raises(UnknownNameError):
        actions.set_usual(changed, "age")


def test_gain_needs_no_new_lead_field_and_anatomy_does(session: Session):
    before = placement_key(session.case)
    assert placement_key(actions.set_number(session, "gain", 1.4).case) == before
    assert placement_key(actions.set_number(session, "dorsal_csf_factor", 1.2).case) != before
    assert placement_key(actions.set_root(session, "L5", "left").case) != before


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_every_built_in_patient_can_be_shown(case_id: str):
    session = session_of(builtin_case(case_id))
    look = looks.patient_look(session)
    assert dict(look.numbers)["gain"] == session.case.patient.gain
    assert len(look.roots) == len(session.case.patient.injured_roots)


def test_sets_of_conductivities_read_as_words():
    assert looks.conductivity_words("default") == "usual"
    assert looks.conductivity_words("dura-0.03-fat-0.25") == "dura 0.03, fat 0.25 S/m"


@pytest.mark.parametrize("spec", looks.NUMBERS, ids=lambda spec: spec.name)
def test_the_guide_tells_the_same_ranges(spec: looks.NumberSpec):
    page = (Path(__file__).parents[3] / "docs" / "app.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith(f"| {spec.title} |"))
    assert f"{spec.low:g} to {spec.high:g}".replace("-", "−") in row
