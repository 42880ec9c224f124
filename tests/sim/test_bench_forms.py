"""Files of benchmarks: pytest-benchmark's own reader and the form of github-action-benchmark judge them."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cli_helpers import Runner

from scs_models import files
from scs_models.errors import InvalidFileError, InvalidValueError
from scs_sim.bench.alternate import compare_files
from scs_sim.bench.compare import limits
from scs_sim.bench.document import BenchDocument, BenchRow, Trouble
from scs_sim.bench.forms import github_form, pytest_benchmark_form
from scs_sim.bench.machine import Machine
from scs_sim.bench.markdown import markdown_table

MACHINE = Machine("Abacus", 2, "Linux x86_64", "3.11.7", "2.4.6", "1.17.0", "openblas", 1, 1e11)
ROWS = (
    BenchRow(
        "drag_amplitude", "answer", "cpu", (0.5, 0.6, 0.7), (0.004, 0.002, 0.003), 1, None, 3_000_000, 200_000_000
    ),
    BenchRow("evaluate_batch", "thresholds", "cpu", (0.2,), (0.1,), 100, 0.4),
    BenchRow("population_200", "all patients", "wall", (9.0, 12.0), (0.01, 0.02)),
)
RUN = BenchDocument("0.1.0", "abcdef+", "2026-01-02", False, MACHINE, ROWS, (Trouble("search_pair", "missing", "old"),))


def test_pytest_benchmark_reads_it_and_tells_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(pytest_benchmark_form(RUN)), encoding="utf-8")
    table = tmp_path / "table.csv"
    done = subprocess.run(
        [sys.executable, "-m", "pytest_benchmark", "compare", str(path), "--csv", str(table)],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [line.split(",") for line in table.read_text(encoding="utf-8").splitlines()]
    columns = {name: index for index, name in enumerate(lines[0])}
    told = {line[columns["name"]]: line for line in lines[1:]}
    assert set(told) == {row.key for row in ROWS}
    for row in ROWS:
        for name, expected in (
            ("min", min(row.times_s)),
            ("median", statistics.median(row.times_s)),
            ("mean", statistics.fmean(row.times_s)),
        ):
            assert float(told[row.key][columns[name]]) == pytest.approx(expected)


def test_statistics_are_numpys() -> None:
    entry = pytest_benchmark_form(RUN)["benchmarks"][0]["stats"]
    data = np.array(ROWS[0].times_s)
    assert (entry["q1"], entry["q3"]) == pytest.approx(tuple(np.percentile(data, (25, 75))))
    assert entry["stddev"] == pytest.approx(data.std(ddof=1))
    assert entry["data"] == data.tolist()


def test_the_form_has_every_key_that_pytest_benchmark_writes(tmp_path: Path) -> None:
    """One real benchmark, measured by pytest-benchmark itself, is the judge of the keys."""
    (tmp_path / "test_one.py").write_text("def test_one(benchmark):\n    benchmark(lambda: 1)\n", encoding="utf-8")
    own = tmp_path / "own.json"
    command = ["-m", "pytest", "-q", "-p", "pytest_benchmark.plugin", "--benchmark-json", str(own), "test_one.py"]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run(
        [sys.executable, *command, "--benchmark-max-time=0.01"],
        cwd=tmp_path, env=alone | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    theirs, ours = json.loads(own.read_text(encoding="utf-8")), pytest_benchmark_form(RUN)
    assert set(theirs) <= set(ours)
    assert set(theirs["benchmarks"][0]) <= set(ours["benchmarks"][0])
    assert set(theirs["benchmarks"][0]["stats"]) <= set(ours["benchmarks"][0]["stats"])


def test_github_form_is_a_list_of_smaller_is_better() -> None:
    found = github_form(RUN)
    assert len({item["name"] for item in found}) == len(found) == 5
    assert {"name", "unit", "value"} <= set.intersection(*(set(item) for item in found))
    by_name = {item["name"]: item for item in found}
    assert by_name["drag_amplitude: answer"]["value"] == 2.0
    assert by_name["drag_amplitude: answer"]["unit"] == "ms"
    assert by_name["population_200: all patients"]["value"] == 9000.0
    assert by_name["drag_amplitude: answer, memory, process"]["value"] == 200.0
    json.dumps(found, allow_nan=False)


def test_the_own_form_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    files.write_text(path, files.json_text(RUN))
    assert files.read_value(BenchDocument, path) == RUN


def test_the_table_judges_budgets_in_full_runs_only() -> None:
    assert "10000 ms: met" in markdown_table(RUN)
    late = replace(RUN, rows=(replace(ROWS[2], wall_s=(12.0, 11.0)),))
    assert "10000 ms: missed" in markdown_table(late)
    assert "10000 ms |" in markdown_table(replace(late, quick=True))


@pytest.mark.parametrize(
    "times", [{"wall_s": (), "cpu_s": ()}, {"wall_s": (1.0,), "cpu_s": ()}, {"wall_s": (-1.0,), "cpu_s": (1.0,)}]
)
def test_a_row_without_times_is_refused(times: dict[str, tuple[float, ...]]) -> None:
    with pytest.raises(InvalidValueError, match=r"_s"):
        replace(ROWS[0], **times)


def write(path: Path, run: BenchDocument) -> str:
    files.write_text(path, files.json_text(run))
    return str(path)


def test_two_files_are_compared(run: Runner, tmp_path: Path) -> None:
    base = write(tmp_path / "base.json", RUN)
    slow = replace(RUN, rows=(replace(ROWS[0], cpu_s=(0.009, 0.008, 0.007)), *ROWS[1:]))
    head = write(tmp_path / "head.json", slow)
    assert run("bench", "compare", base, base).code == 0
    found = run("bench", "compare", base, head)
    assert found.code == 4
    assert "FAILS: drag_amplitude: answer: slower" in found.out
    document = run("bench", "compare", base, head, "--json")
    assert document.code == 4
    assert document.document["passes"] is False
    assert [row["verdict"] for row in document.document["comparison"]["rows"]] == ["slower", "same", "same"]
    assert run("bench", "compare", head, base).code == 0


def test_a_quick_run_is_not_compared_with_a_full_one(tmp_path: Path) -> None:
    paths = [Path(write(tmp_path / f"{quick}.json", replace(RUN, quick=quick))) for quick in (True, False)]
    with pytest.raises(InvalidValueError, match="same kind"):
        compare_files(paths[0], paths[1], limits())


def test_another_machine_is_told(tmp_path: Path) -> None:
    other = replace(RUN, machine=replace(MACHINE, processor="Slide rule"))
    paths = [Path(write(tmp_path / f"{index}.json", item)) for index, item in enumerate((RUN, other))]
    assert any("Slide rule" in line for line in compare_files(paths[0], paths[1], limits()).remarks)


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(pytest_benchmark_form(RUN)), encoding="utf-8")
    with pytest.raises(InvalidFileError, match="scs-sim benchmarks"):
        compare_files(path, path, limits())
