"""The literature rerun as a process of its own: killed or stopped it goes on; the stored report is whole and true."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import scs_sim
from scs_models import files
from scs_sim.cli.catalogue import schema_of
from scs_sim.validate.protocol import load_protocols
from scs_sim.validate.rows import ValidationDocument

STORED = Path(__file__).parents[2] / "docs" / "data" / "validation.json"
QUICK = ("axon-library-anchor-discrete", "axon-library-anchor-interpolation", "ecap")


def start(cache: Path) -> subprocess.Popen[str]:
    only = [word for name in QUICK for word in ("--only", name)]
    return subprocess.Popen(
        [sys.executable, "-m", "scs_sim", "validate", *only, "--workers", "1"],
        env=os.environ | {"SCS_SIM_CACHE_DIR": str(cache), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("kill", None),
        pytest.param(
            "interrupt",
            130,
            marks=pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for another process on Windows"),
        ),
    ],
)
def test_a_stopped_run_keeps_its_rows_and_the_next_one_goes_on(tmp_path: Path, how: str, code: int | None) -> None:
    process = start(tmp_path)
    assert process.stderr is not None
    said = ""
    while "1 of 3 rows" not in said:
        said += process.stderr.readline()
    if how == "kill":
        process.kill()
    else:
        process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=300)
    if code is not None:
        assert process.returncode == code
        assert "the same command goes on" in rest
    kept = list((tmp_path / "validation").glob("*.json"))
    assert kept
    assert not list((tmp_path / "validation").glob("*.tmp"))
    again = start(tmp_path)
    out, said = again.communicate(timeout=300)
    assert again.returncode == 0
    assert f"of {3 - len(kept)} rows" in said
    assert "3 rows, 2 with a pass line" in out


def report() -> ValidationDocument:
    return files.read_value(ValidationDocument, STORED)


def test_the_stored_report_holds_every_row_of_this_version() -> None:
    stored = report()
    jsonschema.validate(files.encode(stored), schema_of("validation"))
    assert stored.product_version == scs_sim.__version__
    assert {row.id for row in stored.rows} == {item.protocol.id for item in load_protocols()}
    assert stored.counts["failed"] == 0


def test_no_miss_of_the_stored_report_is_new_and_the_texts_are_those_of_the_protocols() -> None:
    protocols = {item.protocol.id: item.protocol for item in load_protocols()}
    for row in report().rows:
        protocol = protocols[row.id]
        assert not row.is_new_miss, row.id
        assert not row.is_overcome, row.id
        assert (row.title, row.published, row.why) == (protocol.title, protocol.published, protocol.why)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["axon-velocity", "perception-csf4"])
def test_a_row_computed_now_is_that_of_the_stored_report(name: str) -> None:
    protocol = next(item.protocol for item in load_protocols() if item.protocol.id == name)
    stored = next(row for row in report().rows if row.id == name)
    for figure, value in protocol.bound_measure()("default").items():
        assert value == pytest.approx(stored.figures[figure], rel=0.02)
