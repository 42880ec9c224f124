"""Plans of sweeps: what a person may write, what it stands for, and what is refused in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scs_models import files
from scs_models.errors import InvalidFileError, InvalidValueError
from scs_sim.case import builtin_case
from scs_sim.case_file import case_toml
from scs_sim.sweep import design
from scs_sim.sweep.design import Sweep, read_plan, sweep_of
from scs_sim.sweep.plan import SweepPlan

FOOT = SweepPlan(cases=("foot",))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("100:500:100", (100.0, 200.0, 300.0, 400.0, 500.0)),
        ("100:500:150", (100.0, 250.0, 400.0)),
        ("60:60:1", (60.0,)),
        ("60.2:60.8:0.2", (60.2, 60.4, 60.6, 60.8)),  # decimal: adding 0.2 in binary gives 60.800000000000004
        (" 210 ", (210.0,)),
    ],
)
def test_a_range_names_its_numbers(text, numbers):
    assert replace(FOOT, pulse_widths_us=(text,)).widths() == numbers


def test_amplitudes_are_ma_or_multiples_of_what_is_felt():
    plan = replace(FOOT, amplitudes_ma=("comfort", 2, "3:4:0.5", "0.9 DT", "1.2xpt", "DT"))
    labels = [point.label for point in plan.amplitudes()]
    assert labels == ["comfort", "2 mA", "3 mA", "3.5 mA", "4 mA", "0.9 DT", "1.2 PT", "DT"]
    assert [(point.of, point.factor) for point in plan.amplitudes()][-2:] == [("PT", 1.2), ("DT", 1.0)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cases": ()}, "at least one case"),
        ({"pulse_widths_us": ("500:100:50",)}, "LAST is no less"),
        ({"pulse_widths_us": ("100:500:0",)}, "step is above 0"),
        ({"pulse_widths_us": ("100:500",)}, "FIRST:LAST:STEP"),
        ({"pulse_widths_us": ("nan",)}, "FIRST:LAST:STEP"),
        ({"pulse_widths_us": (100.0, "50:150:50")}, "100 stands twice"),
        ({"pulse_widths_us": ("30:1000:0.001",)}, "970001 values"),
        ({"pulse_widths_us": (5.0,)}, "between 30 and 1000 us"),
        ({"rates_hz": (2000.0,)}, "or between 5000 and 10000 Hz"),
        ({"amplitudes_ma": ()}, "amplitudes_ma is empty"),
        ({"amplitudes_ma": ("cosy",)}, '"comfort"'),
        ({"amplitudes_ma": ("-1",)}, "between 0 and 25.5 mA"),
        ({"amplitudes_ma": ("20 DT",)}, "a factor is 20"),
        ({"amplitudes_ma": ("comfort", "1 Comfort")}, "comfort stands twice"),
        ({"patients_count": -1}, "patients_count is -1"),
        ({"known": ("gain",)}, "needs patients_count"),
        ({"profile": "magic"}, "magic"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(change, said):
    with pytest.raises(InvalidValueError, match=said.replace("(", r"\(")):
        replace(FOOT, **change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cases": ("foot", "low-back"), "rates_hz": (50,)}, "differ in pulse width"),
        ({"postures": ("upside-down",)}, "upside-down"),
        ({"configurations": ("1.3- 1.99+",)}, "no contact 99"),
        ({"configurations": ("1.3- 1.4+", "1.4+100 1.3-100")}, "twice"),
        ({"configurations": ("1.3-",)}, "no anode"),
        ({"pulse_widths_us": (500.0,), "rates_hz": (1000.0,)}, "period at rate_hz 1000"),
        (
            {"pulse_widths_us": ("30:1000:0.1",), "amplitudes_ma": ("0:25:0.01",), "patients_count": 1000},
            "are the most",
        ),
    ],
)
def test_a_plan_that_does_not_fit_its_cases_is_refused(change, said):
    with pytest.raises(InvalidValueError, match=said):
        sweep_of(replace(FOOT, **change))


def test_what_a_plan_leaves_out_is_the_cases_own():
    axes = sweep_of(FOOT).axes
    case = builtin_case("foot")
    own = (case.program.contacts,), (case.program.waveform,), (case.program.pulse_width_us,), (case.program.rate_hz,)
    assert (axes.configurations, axes.waveforms, axes.pulse_widths_us, axes.rates_hz) == own
    assert axes.postures == (case.posture,)
    assert [point.label for point in axes.amplitudes] == ["comfort"]


def test_the_own_program_of_every_case_is_one_configuration():
    ids = ("foot", "low-back")
    axes = sweep_of(SweepPlan(cases=ids, pulse_widths_us=(210,), rates_hz=(50,), postures=("supine",))).axes
    assert axes.configurations == ("own",)
    assert axes.contacts == tuple((builtin_case(name).program.contacts,) for name in ids)


def test_a_program_of_several_areas_is_no_configuration():
    from scs_sim.program import Area

    foot = builtin_case("foot")
    both = replace(foot, program=replace(foot.program, more_areas=(Area("1.6- 1.7+"),)))
    with pytest.raises(InvalidValueError, match="2 areas"):
        Sweep(FOOT, [both])


def test_a_plan_file_finds_its_case_beside_it_wherever_it_is_read_from(tmp_path, monkeypatch):
    folder = tmp_path / "Plan für später"
    folder.mkdir()
    (folder / "mine.toml").write_text(case_toml(replace(builtin_case("foot"), id="mine")), encoding="utf-8")
    text = 'format = "scs-sim sweep"\nversion = 1\ncases = ["mine.toml", "foot"]\nrates_hz = [20, "30:50:10"]\n'
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    plan = read_plan(str(folder / "plan.toml"))
    assert plan.rates() == (20.0, 30.0, 40.0, 50.0)
    assert sweep_of(plan).axes.cases == ("mine", "foot")
    assert files.decode(SweepPlan, files.encode(plan), where="again") == plan


def test_every_problem_of_a_plan_file_is_told(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('format = "scs-sim sweep"\nversion = 1\ncases = 3\nrate_hz = [20]\n', encoding="utf-8")
    with pytest.raises(InvalidFileError) as caught:
        read_plan(str(path))
    said = str(caught.value)
    assert "cases is 3" in said
    assert "rate_hz is not a known key" in said
    assert "rates_hz" in said


def test_the_chunks_tile_the_design(monkeypatch):
    plan = replace(
        FOOT, patients_count=3, postures=("supine", "prone"), configurations=("1.3- 1.4+", "1.4- 1.5+", "1.5- 1.6+"),
        amplitudes_ma=("1:4:1",),
    )  # fmt: skip
    for numbers in (1, 23 * 4 * 2, 10**9):
        monkeypatch.setattr(design, "_CHUNK_NUMBERS", numbers)
        sweep = sweep_of(plan)
        places = [sweep.place_of(index) for index in range(sweep.chunks_count)]
        cells = [(case, patient, posture, row) for case, patient, posture, rows in places
                 for row in range(rows.start, rows.stop)]  # fmt: skip
        assert cells == sorted(set(cells))
        assert len(cells) == 1 * 3 * 2 * 3
        assert sum(chunk.evaluations_count for chunk in sweep.chunks()) == sweep.axes.evaluations_count == 3 * 2 * 3 * 4


def test_a_fingerprint_changes_with_whatever_changes_the_data():
    foot = builtin_case("foot")
    plain = Sweep(FOOT, [foot])
    assert Sweep(FOOT, [replace(foot, notes="for me only")]).fingerprint == plain.fingerprint
    sick = replace(foot, patient=replace(foot.patient, gain=1.1))
    others = [Sweep(FOOT, [sick]), Sweep(replace(FOOT, seed=1), [foot]), Sweep(replace(FOOT, regions=True), [foot])]
    assert len({sweep.fingerprint for sweep in (plain, *others)}) == 4
