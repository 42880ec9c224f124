"""Runs scenarios, each in two processes of its own: one for the time, one for the memory."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scs_models.errors import ScsError
from scs_sim.bench.code import Code, current_commit, running_code
from scs_sim.bench.document import BenchDocument, BenchRow, Trouble
from scs_sim.bench.machine import Machine
from scs_sim.bench.scenario import Scenario

Progress = Callable[[float, str], None]

WORKER = Path(__file__).with_name("worker.py")
_LONGEST_S = 1800.0


def run(scenarios: Sequence[Scenario], *, quick: bool, progress: Progress, memory: bool = True) -> BenchDocument:
    """Return what the running code takes for `scenarios`; `progress(fraction, what)` is called as it goes.

    A scenario that raises becomes a Trouble; the others go on. Raises ScsError where no process can be started.
    """
    code = running_code()
    about = ask(code, {"mode": "machine"})
    if "error" in about:
        raise ScsError(f"the benchmarks cannot run: {about['error']}")
    rows: list[BenchRow] = []
    troubles: list[Trouble] = []
    for index, scenario in enumerate(scenarios):
        progress(index / len(scenarios), scenario.name)
        found, trouble = measured(code, scenario, quick=quick, memory=memory)
        rows += found
        troubles += [trouble] if trouble is not None else []
    progress(1.0, "done")
    return BenchDocument(
        product_version=about["product_version"],
        commit=current_commit(Path(__file__).parent),
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        quick=quick,
        machine=Machine(**about["machine"]),
        rows=tuple(rows),
        troubles=tuple(troubles),
    )


def measured(
    code: Code, scenario: Scenario, *, quick: bool, memory: bool, kernels: str | None = None
) -> tuple[list[BenchRow], Trouble | None]:
    """Return the rows of one scenario on `code`, and what went wrong; kernels: the folder of its kernels."""
    order = {"scenario": scenario.name, "quick": quick}
    answers = {}
    for mode in ("time", "memory") if memory else ("time",):
        answers[mode] = ask(code, order | {"mode": mode}, kernels)
        if "missing" in answers[mode]:
            return [], Trouble(scenario.name, "missing", answers[mode]["missing"])
        if "error" in answers[mode]:
            return [], Trouble(scenario.name, "failed", answers[mode]["error"])
    peaks = {row.pop("stage"): row for row in answers.get("memory", {}).get("stages", [])}
    return [
        BenchRow(
            scenario=scenario.name,
            clock=scenario.clock,
            **{**row, "wall_s": tuple(row["wall_s"]), "cpu_s": tuple(row["cpu_s"])},
            **peaks.get(row["stage"], {}),
        )
        for row in answers["time"]["stages"]
    ], None


def ask(code: Code, order: dict[str, Any], kernels: str | None = None) -> dict[str, Any]:
    """Return what a worker of `code` answers to `order`; {"error": ...} where it cannot."""
    with tempfile.TemporaryDirectory(prefix="scs-sim-bench-") as name:
        folder = Path(name)
        asked, answered = folder / "order.json", folder / "answer.json"
        asked.write_text(json.dumps(order), encoding="utf-8")
        try:
            done = subprocess.run(
                [code.python, "-P", str(WORKER), str(asked), str(answered)],
                cwd=folder, env=code.environment(kernels), stdin=subprocess.DEVNULL, capture_output=True,
                timeout=_LONGEST_S, check=False,
            )  # fmt: skip
        except OSError as error:
            return {"error": f"{code.python} cannot be run: {error.strerror or error}"}
        except subprocess.TimeoutExpired:
            return {"error": f"not finished after {_LONGEST_S:.0f} s"}
        if not answered.exists():
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            return {"error": f"its process ended with exit code {done.returncode}; {' '.join(last)}"}
        answer: dict[str, Any] = json.loads(answered.read_text(encoding="utf-8"))
    _require_own(code, answer)
    return answer


def _require_own(code: Code, answer: dict[str, Any]) -> None:
    """Raise ScsError where other code ran than was asked for: its figures would be worthless."""
    for folder in answer.get("folders", []):
        if code.paths and not any(Path(folder).resolve().parent == Path(path).resolve() for path in code.paths):
            raise ScsError(f"{code.name}: code of {folder} ran instead")
