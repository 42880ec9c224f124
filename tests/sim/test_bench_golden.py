"""Golden clinical figures: frozen, against accidents. What the model says now, and that a bent model is noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cli_helpers import Runner

from scs_models import recruitment
from scs_models.errors import InvalidFileError, InvalidValueError
from scs_models.percept.perception import percept_rules
from scs_models.values import FloatArray
from scs_sim import setting as setting_module
from scs_sim.bench import golden
from scs_sim.bench.golden import GoldenFigures, GoldenRow, Tolerance, figures_now, golden_rules, moved, read_frozen
from scs_sim.case import builtin_case_ids
from scs_sim.people import draw_patient
from scs_sim.simulate import Request

FEW = ("foot, as built in", "buttock and thigh, as built in")


@pytest.fixture(scope="module")
def now() -> GoldenFigures:
    return figures_now()


def few() -> GoldenFigures:
    """Return what the model says now of a few programs."""
    return figures_now([item for item in golden_rules().programs if item.name in FEW])


def frozen_few() -> GoldenFigures:
    frozen = read_frozen()
    return replace(frozen, rows=tuple(row for row in frozen.rows if row.name in FEW))


def test_no_frozen_clinical_figure_has_moved(now: GoldenFigures) -> None:
    """Where this fails and the change is meant: scs-sim bench golden --update prints what moved and freezes it."""
    assert moved(read_frozen(), now, golden_rules()) == ()


def test_every_built_in_case_and_every_kind_of_trial_is_among_them() -> None:
    programs = golden_rules().programs
    assert {item.case for item in programs} == set(builtin_case_ids())
    assert {(item.program or item.tried().program).waveform for item in programs} >= {
        *("recharge", "recharge-10", "biphasic", "biphasic-gap", "passive", "burst", "monophasic")
    }
    assert {item.posture for item in programs} >= {"standing", "prone"}
    assert {fault.kind for item in programs for fault in item.contact_faults} >= {"open", "short"}
    assert any(item.migrations for item in programs)
    assert any(item.program is not None and item.program.more_areas for item in programs)
    assert any(item.drawn_count for item in programs)
    assert len({item.name for item in programs}) == len(programs)


def test_a_golden_row_is_what_a_request_answers(now: GoldenFigures) -> None:
    """Through the whole product, without the shared lead field that golden figures are computed with."""
    item = next(item for item in golden_rules().programs if item.name == "back and left leg, another patient")
    row = next(row for row in now.rows if row.name == item.name)
    case = item.tried()
    assert case.patient == draw_patient(item.drawn_seed or 0, case.patient, item.known)
    result = Request(case)()
    assert row.figures["pain_covered_percent"] == result.coverage.pain_covered_percent
    assert row.figures["dt_ma"] == result.thresholds.dt_ma


def bend_threshold(monkeypatch: pytest.MonkeyPatch, factor: Callable[[tuple[int, ...]], FloatArray]) -> None:
    inverse = recruitment._inverse
    monkeypatch.setattr(recruitment, "_inverse", lambda peak: inverse(peak) * factor(peak.shape))


def test_a_predictor_bent_by_half_a_percent_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    bend_threshold(monkeypatch, lambda shape: np.full(shape, 1.005))
    found = moved(frozen_few(), few(), golden_rules())
    assert {item.program for item in found} == set(FEW)
    assert {"pt_ma", "dt_ma"} <= {item.figure for item in found}


def test_a_constant_of_perception_bent_by_a_hundredth_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = percept_rules()
    bent = replace(rules, root_factor=1.01 * rules.root_factor)
    monkeypatch.setattr(setting_module, "percept_rules", lambda: bent)
    assert {item.program for item in moved(frozen_few(), few(), golden_rules())} == set(FEW)


def test_rounding_is_not_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every threshold wanders by 1e-5 at random, ten times what machines differ by."""
    rng = np.random.default_rng(0)
    bend_threshold(monkeypatch, lambda shape: np.exp(1e-5 * rng.normal(size=shape)))
    assert moved(frozen_few(), few(), golden_rules()) == ()


def figures(rows: dict[str, dict[str, float | None]]) -> GoldenFigures:
    made = tuple(GoldenRow(name, own, {"pt_origin": "DC"}) for name, own in rows.items())
    return GoldenFigures("0", "2026-01-01", made)


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ({"pt_ma": 2.0}, {"pt_ma": 2.0019}, 0),
        ({"pt_ma": 2.0}, {"pt_ma": 1.997}, 1),
        ({"pt_ma": 0.0}, {"pt_ma": 1e-9}, 1),
        ({"pain_covered_percent": 70.0}, {"pain_covered_percent": 70.49}, 0),
        ({"pain_covered_percent": 70.0}, {"pain_covered_percent": 69.4}, 1),
        ({"dt_ma": 3.0}, {"dt_ma": None}, 1),
        ({"dt_ma": None}, {"dt_ma": 3.0}, 1),
        ({"dt_ma": None}, {"dt_ma": None}, 0),
        ({"dt_ma": 3.0}, {}, 1),
        ({}, {"dt_ma": None}, 1),
    ],
)
def test_what_counts_as_moved(old: dict[str, float | None], new: dict[str, float | None], count: int) -> None:
    assert len(moved(figures({"a": old}), figures({"a": new}), golden_rules())) == count


def test_a_program_that_comes_or_goes_has_moved_and_so_has_a_word() -> None:
    one, two = figures({"a": {}}), figures({"a": {}, "b": {}})
    assert [item.program for item in moved(one, two, golden_rules())] == ["b"]
    assert [item.program for item in moved(two, one, golden_rules())] == ["b"]
    other = replace(one, rows=(replace(one.rows[0], words={"pt_origin": "DR"}),))
    assert [(item.figure, item.old, item.new) for item in moved(one, other, golden_rules())] == [
        ("pt_origin", "DC", "DR")
    ]


def test_every_figure_has_a_tolerance_and_every_tolerance_a_reason() -> None:
    rules = golden_rules()
    for row in read_frozen().rows:
        for name in row.figures:
            assert rules.tolerance(name).reason
    with pytest.raises(InvalidValueError, match="length_furlongs"):
        rules.tolerance("length_furlongs")
    with pytest.raises(InvalidValueError, match="reason"):
        Tolerance(("_ma",), 0.001, 0.0, "")


@pytest.fixture
def as_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the model say what is frozen, at once."""
    monkeypatch.setattr(golden, "figures_now", lambda progress=None: read_frozen())


@pytest.mark.usefixtures("as_frozen")
def test_the_command_checks_and_only_update_writes(run: Runner, tmp_path: Path) -> None:
    assert run("bench", "golden").code == 0
    path = tmp_path / "frozen.json"
    old = read_frozen()
    row = replace(old.rows[0], figures={**old.rows[0].figures, "pt_ma": 9.0})
    golden.freeze(replace(old, rows=(row, *old.rows[1:])), path)
    before = path.read_bytes()
    found = run("bench", "golden", "--file", str(path))
    assert (found.code, path.read_bytes()) == (4, before)
    assert "pt_ma" in found.out
    assert "1 golden figures moved" in found.out
    (only,) = run("bench", "golden", "--file", str(path), "--json").document["moved"]
    assert (only["figure"], only["old"]) == ("pt_ma", "9")
    updated = run("bench", "golden", "--file", str(path), "--update")
    assert updated.code == 0
    assert "pt_ma" in updated.out
    assert run("bench", "golden", "--file", str(path)).code == 0


@pytest.mark.usefixtures("as_frozen")
def test_bad_frozen_files_are_errors_and_stay_as_they_are(run: Runner, tmp_path: Path) -> None:
    assert run("bench", "golden", "--file", "nowhere.json").code == 3
    path = tmp_path / "bad.json"
    path.write_text("{}", encoding="utf-8")
    for more in ((), ("--update",)):
        assert run("bench", "golden", "--file", str(path), *more).code == 3
        assert path.read_text(encoding="utf-8") == "{}"
    with pytest.raises(InvalidFileError):
        read_frozen(path)
    assert run("bench", "golden", "--file", str(tmp_path / "new.json"), "--update").code == 0
    assert run("bench", "golden", "--file", str(tmp_path / "new.json")).code == 0
