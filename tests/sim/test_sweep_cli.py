"""`scs-sim sweep` as it is typed: plans from files and options, what it refuses, and with which exit code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest
from cli_helpers import Runner

from scs_sim.cli.catalogue import schema_of

PLAN = """\
format = "scs-sim sweep"
version = 1
cases = ["foot"]
seed = 3
patients_count = 4
rates_hz = [20, 50]
amplitudes_ma = ["comfort", "1:3:1"]
"""


@pytest.fixture
def plan(run: Runner) -> str:
    Path("Mein Plan.toml").write_text(PLAN, encoding="utf-8")
    return "Mein Plan.toml"


def test_a_dry_run_says_what_a_plan_comes_to(run: Runner, plan: str) -> None:
    done = run("sweep", plan, "--dry-run")
    assert done.code == 0
    assert "32 evaluations in 4 chunks; nothing was run." in done.out  # 4 patients x 2 rates x 4 amplitudes
    assert "drawn with seed 3" in done.out
    assert "not pain relief" in done.out
    assert [path.name for path in Path().iterdir()] == [plan]


def test_the_json_of_a_run_fits_its_schema_and_its_plan_can_be_run_again(run: Runner, plan: str) -> None:
    first = run("sweep", plan, "--dry-run", "--json").document
    jsonschema.validate(first, schema_of("sweep-run"))
    jsonschema.validate(first["plan"], schema_of("sweep"))
    assert first["axes"]["rate_hz"] == 2
    Path("again.json").write_text(json.dumps(first["plan"]), encoding="utf-8")
    assert run("sweep", "again.json", "--dry-run", "--json").document == first


def test_options_take_the_place_of_what_stands_in_the_plan(run: Runner, plan: str) -> None:
    words = ("--rates", "30:90:20", "--population", "2", "--configurations", "own, 1.3- 1.4+", "--postures", "all")
    document = run("sweep", plan, *words, "--dry-run", "--json").document
    assert document["evaluations_count"] == 2 * 4 * 2 * 4 * 4
    assert document["plan"]["seed"] == 3
    assert run("sweep", plan, "--seed", "9", "--dry-run", "--json").document["plan"]["seed"] == 9
    assert run("--seed", "0", "sweep", plan, "--dry-run", "--json").document["plan"]["seed"] == 0


def test_configurations_stand_in_a_file_one_a_line(run: Runner) -> None:
    Path("bipoles.txt").write_text("# tip to tail\n1.1- 1.2+\n\n1.2- 1.3+  # the next\n", encoding="utf-8")
    document = run("sweep", "--case", "foot", "--configurations", "bipoles.txt", "--dry-run", "--json").document
    assert document["plan"]["configurations"] == ["1.1- 1.2+", "1.2- 1.3+"]
    Path("bipoles.txt").write_text("# nothing\n", encoding="utf-8")
    assert run("sweep", "--case", "foot", "--configurations", "bipoles.txt", "--dry-run").code == 3
    assert run("sweep", "--case", "foot", "--configurations", "gone.txt", "--dry-run").code == 3


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "nothing to write"),
        (("--csv", "a.csv"), 2, "no case"),
        (("--case", "foot", "--csv", "a", "--parquet", "a"), 2, "same name"),
        (("--case", "foot", "--csv", "a.csv", "--resume", "--fresh"), 2, "give one of them"),
        (("--case", "foot", "--csv", "a.csv", "--workers", "2", "--scheduler", "h:1"), 2, "cluster has its own"),
        (("--case", "knee", "--dry-run"), 2, "no case 'knee'"),
        (("--case", "foot", "--waveforms", "square", "--dry-run"), 2, "square"),
        (("--case", "foot", "--known", "gain", "--dry-run"), 2, "patients_count"),
        (("gone.toml", "--dry-run"), 3, "cannot be read"),
        (("--case", "foot", "--csv", "nowhere/a.csv"), 1, "no folder nowhere"),
        (("--case", "foot", "-o", ".."), 1, "is a folder"),
        (("--case", "foot", "--csv", "a.csv", "--scheduler", "over there"), 2, "HOST:PORT"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(run: Runner, words: tuple[str, ...], code: int, said: str) -> None:
    if "--scheduler" in words or "-o" in words:
        pytest.importorskip("distributed")
    done = run("sweep", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert list(Path().iterdir()) == []


def test_a_missing_extra_is_named_with_exit_code_6(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zarr", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for words, said in ((("-o", "a.zarr"), "scs-sim[sweep]"), (("--parquet", "a.parquet"), "pip install pyarrow")):
        done = run("sweep", "--case", "foot", *words)
        assert done.code == 6
        assert said in done.err
        assert len(done.err.strip().splitlines()) == 1
    assert list(Path().iterdir()) == []
