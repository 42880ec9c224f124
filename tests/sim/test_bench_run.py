"""Scenarios and their processes: names, clocks, memory, whose code runs, what happens where something fails."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from cli_helpers import Runner

from scs_models import files
from scs_models.errors import InvalidValueError, ScsError, UnknownNameError
from scs_sim.bench import measure
from scs_sim.bench.code import Code, code_of, running_code
from scs_sim.bench.compare import budget_s
from scs_sim.bench.document import BenchDocument, BenchRow
from scs_sim.bench.run import ask, measured
from scs_sim.bench.scenario import Scenario, Stage, Work
from scs_sim.bench.scenarios import SCENARIOS, chosen, scenario_names

ROOT = Path(__file__).parents[2]
(NOMINAL,) = chosen(["nominal_size"])  # needs no kernels


def test_the_scenarios_that_were_asked_for_are_there() -> None:
    asked = {
        "drag_amplitude",
        "move_lead",
        "open_case",
        "build_section",
        "population_200",
        "import_time",
        "search_pair",
    }
    assert asked <= set(scenario_names())
    assert len(set(scenario_names())) == len(SCENARIOS)


def test_budgets_and_short_runs_name_stages_that_exist() -> None:
    keys = {f"{scenario.name}: {stage}" for scenario in SCENARIOS for stage in scenario.stages}
    assert sum(budget_s(key) is not None for key in keys) == 7
    assert all(set(scenario.thorough_only) < set(scenario.stages) for scenario in SCENARIOS)
    (section,) = chosen(["build_section"])
    assert "whole kernel" in section.stages_of(quick=False)
    assert "whole kernel" not in section.stages_of(quick=True)


def test_scenarios_are_chosen_in_their_usual_order() -> None:
    assert [item.name for item in chosen(["import_time", "drag_amplitude"])] == ["drag_amplitude", "import_time"]
    assert chosen([]) == SCENARIOS
    with pytest.raises(UnknownNameError, match="drag_amplitude"):
        chosen(["drag"])


def test_working_is_cpu_time_and_waiting_is_not() -> None:
    slept = measure.time_of(lambda: time.sleep(0.02), quick=True)
    assert min(slept.wall_s) >= 0.02
    assert min(slept.cpu_s) < 0.01

    def work() -> None:
        until = time.process_time() + 0.02
        while time.process_time() < until:
            pass

    worked = measure.time_of(work, quick=True)
    assert min(worked.cpu_s) >= 0.02
    assert len(worked.cpu_s) == len(worked.wall_s) >= 2


@pytest.mark.parametrize("megabytes", [5, 80])
def test_the_memory_of_an_array_is_its_size(megabytes: int) -> None:
    """What stays within numpy is traced to the byte; it also stood in the memory of this process."""
    size = megabytes * 1_000_000
    peak = measure.peak_of(lambda: np.ones(size, dtype=np.uint8))
    assert size <= (peak.allocated_bytes or 0) <= size + 100_000
    assert peak.process_bytes > size


def test_two_arrays_one_after_the_other_count_once() -> None:
    def run() -> None:
        for _ in range(2):
            np.ones(30_000_000, dtype=np.uint8)

    assert measure.allocated_peak_bytes(run) < 31_000_000


def test_every_interactive_stage_stands_in_the_order_it_is_told(tmp_path: Path) -> None:
    """Only those that need no kernels: the others are run by the benchmarks themselves."""
    for name in ("nominal_size", "build_section", "import_time"):
        (scenario,) = chosen([name])
        assert tuple(stage.name for stage in scenario.make(Work(True, tmp_path))) == scenario.stages


def test_a_scenario_is_measured_on_the_running_code() -> None:
    rows, trouble = measured(running_code(), NOMINAL, quick=True, memory=True)
    assert trouble is None
    assert [row.stage for row in rows] == list(NOMINAL.stages)
    batch = rows[1]
    assert batch.programs_count == 500
    assert 0.0 < (batch.sgemm_share or 0.0) < 1.5
    # 500 programs x 2 000 fibres, single precision, at least
    assert (batch.allocated_bytes or 0) > 500 * 2000 * 4
    assert (batch.process_bytes or 0) > 20_000_000


def no_stages(_work: Work) -> list[Stage]:
    raise AssertionError("never made here")


def test_a_scenario_that_raises_is_a_trouble_with_its_words() -> None:
    unknown = Scenario("nothing_of_the_kind", "", ("a",), no_stages)  # type: ignore[arg-type] # only its name is used
    rows, trouble = measured(running_code(), unknown, quick=True, memory=False)
    assert rows == []
    assert trouble is not None
    assert trouble.kind == "failed"
    assert "nothing_of_the_kind" in trouble.why


def test_code_that_is_not_what_was_asked_for_is_not_measured(tmp_path: Path) -> None:
    """An empty folder in front of the path: the code that is installed runs instead, and that is told."""
    wrong = Code("wrong", sys.executable, (str(tmp_path),), "")
    with pytest.raises(ScsError, match="ran instead"):
        ask(wrong, {"mode": "machine"})


def test_a_python_that_is_none_is_told(tmp_path: Path) -> None:
    answer = ask(Code("gone", str(tmp_path / "python"), (), ""), {"mode": "machine"})
    assert "cannot be run" in answer["error"]
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    script.chmod(0o755)
    with pytest.raises(InvalidValueError, match="no Python in which scs-sim is installed"):
        code_of(str(script), tmp_path, tmp_path / "code")


def test_a_checkout_is_its_own_code_with_its_own_kernels(tmp_path: Path) -> None:
    found = code_of(str(ROOT), tmp_path, tmp_path / "code")
    assert found.paths == (str(ROOT), str(ROOT / "models"))
    assert found.kernel_code == running_code().kernel_code
    assert any(item.startswith("numpy") for item in found.dependencies)


@pytest.mark.parametrize("name", ["no-such-branch", "--help", "", "HEAD; ls"])
def test_what_is_no_code_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ScsError, match=r"neither a commit|git is not installed"):
        code_of(name, tmp_path, tmp_path / "code")


def test_the_list_tells_scenarios_and_stages(run: Runner) -> None:
    text = run("bench", "--list").out
    assert all(scenario.name in text for scenario in SCENARIOS)
    rows = run("bench", "run", "import_time", "--list", "--json").document["scenarios"]
    assert [row["name"] for row in rows] == ["import_time"]
    assert rows[0]["clock"] == "wall"


def test_bad_command_lines_are_refused_before_anything_is_measured(run: Runner, tmp_path: Path) -> None:
    unknown = run("bench", "drag")
    assert unknown.code == 2
    assert "drag_amplitude" in unknown.err
    assert run("bench", "--format", "xml").code == 2
    assert run("bench", "-o", str(tmp_path / "no" / "folder.json")).code == 1
    assert run("bench", "compare", "one").code == 2
    assert run("bench", "compare", "a.json", "HEAD").code == 2
    assert run("bench", "compare", "a.json", "b.json").code == 3
    assert run("bench", "compare", "a.json", "b.json", "--quick").code == 2
    assert run("bench", "compare", "HEAD", "HEAD", "--only", "drag").code == 2
    assert run("bench", "compare", "no-such-commit", "HEAD").code in (2, 6)


def test_a_short_run_from_the_command_line(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "run λ.json"
    told = run("bench", "nominal_size", "--quick", "--no-memory", "--format", "json", "-o", str(path))
    assert told.code == 0
    assert told.out == ""
    document = files.read_value(BenchDocument, path)
    assert [row.scenario for row in document.rows] == ["nominal_size"] * 2
    assert document.quick
    assert document.machine.sgemm_flop_per_s > 1e8
    assert document.machine.blas_threads_count >= 1


@pytest.mark.parametrize(
    ("form", "judge"),
    [
        ("text", lambda text: "of sgemm" in text and "40 %" in text and ": met" not in text),
        ("markdown", lambda text: "| nominal_size | thresholds of a batch | cpu |" in text),
        ("github", lambda text: json.loads(text)[0]["unit"] == "ms"),
        ("pytest-benchmark", lambda text: len(json.loads(text)["benchmarks"]) == 2),
        ("json", lambda text: json.loads(text)["format"] == "scs-sim benchmarks"),
    ],
)
def test_every_form_goes_to_the_screen_and_to_a_file(run, tmp_path, monkeypatch, form, judge) -> None:
    from scs_sim.bench import run as run_module
    from scs_sim.bench.machine import Machine

    rows = tuple(
        BenchRow("nominal_size", stage, "cpu", (0.002, 0.001), (0.002, 0.001), programs_count=100, sgemm_share=0.4)
        for stage in NOMINAL.stages
    )
    machine = Machine("Abacus", 2, "Linux x86_64", "3.11.7", "2.4.6", "1.17.0", "openblas", 1, 1e11)
    made = BenchDocument("0.1.0", "", "2026-01-02", True, machine, rows)
    monkeypatch.setattr(run_module, "run", lambda *_args, **_words: made)
    screen = run("bench", "--format", form)
    assert screen.code == 0
    assert judge(screen.out)
    path = tmp_path / "out.txt"
    assert run("bench", "--format", form, "-o", str(path)).code == 0
    assert judge(path.read_text(encoding="utf-8"))
