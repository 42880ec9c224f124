"""The product from outside, with the real model: the same answer every time, and nothing broken by interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scs_sim.cli.catalogue import schema_of

CASE = "foot"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "scs_sim", *arguments]


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | more


def evaluated(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("evaluate", *arguments), env=environment(**more), capture_output=True, text=True, check=False
    )


def numbers(node: Any, path: str = "") -> dict[str, float]:
    if isinstance(node, dict):
        return {name: value for key, child in node.items() for name, value in numbers(child, f"{path}.{key}").items()}
    if isinstance(node, list):
        return {n: value for i, child in enumerate(node) for n, value in numbers(child, f"{path}[{i}]").items()}
    return {path: float(node)} if isinstance(node, (int, float)) and not isinstance(node, bool) else {}


def test_one_and_two_threads_agree_and_the_document_is_valid() -> None:
    runs = [evaluated(CASE, "--json", OPENBLAS_NUM_THREADS=count, OMP_NUM_THREADS=count) for count in ("1", "2")]
    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr
    first, second = (json.loads(run.stdout) for run in runs)
    jsonschema.validate(first, schema_of("result"))
    one, two = numbers(first), numbers(second)
    assert one.keys() == two.keys()
    for name, value in one.items():
        assert abs(value - two[name]) <= 1e-6 * max(1.0, abs(value)), name
    found = first["thresholds"]
    assert found["pt_ma"] < found["comfort_ma"] < found["dt_ma"]


def test_warm_run_builds_nothing_and_says_nothing_on_standard_error() -> None:
    evaluated(CASE)
    again = evaluated(CASE)
    assert again.returncode == 0
    assert again.stderr == ""
    assert "Worst region:" in again.stdout


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a cache directory built by one undisturbed run, and what that run printed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = evaluated(CASE, "--json", SCS_SIM_CACHE_DIR=str(folder), SCS_SIM_WORKERS="1", OPENBLAS_NUM_THREADS="1")
    assert done.returncode == 0
    return folder, done.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_ended_while_kernels_are_built_then_run_again(tmp_path: Path, undisturbed: tuple[Path, str], how: str) -> None:
    more = {"SCS_SIM_CACHE_DIR": str(tmp_path / "cache"), "SCS_SIM_WORKERS": "2"}
    with subprocess.Popen(
        command("evaluate", CASE, "--json"), env=environment(**more), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert b"0 of" in process.stderr.readline()
        time.sleep(3.0)
        process.send_signal(getattr(signal, how))
        out, error = process.communicate(timeout=60)
    assert process.returncode == (130 if how == "SIGINT" else -signal.SIGKILL)
    assert out == b""
    assert b"Traceback" not in error
    if how == "SIGINT":
        assert not list((tmp_path / "cache").glob("*.tmp"))
    done = evaluated(CASE, "--json", **more)
    assert done.returncode == 0
    assert done.stdout == undisturbed[1]


@pytest.mark.slow
def test_warm_and_memory_only_runs_print_the_same(tmp_path: Path, undisturbed: tuple[Path, str]) -> None:
    folder, expected = undisturbed
    (tmp_path / "file").touch()
    warm = evaluated(CASE, "--json", SCS_SIM_CACHE_DIR=str(folder))
    nowhere = evaluated(CASE, "--json", SCS_SIM_CACHE_DIR=str(tmp_path / "file" / "x"))
    assert warm.stdout == nowhere.stdout == expected
    assert warm.stderr == ""
    assert "kept in memory" in nowhere.stderr
