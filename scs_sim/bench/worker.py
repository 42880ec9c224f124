"""One scenario in a process of its own: `python -P worker.py ORDER.json ANSWER.json`, on whatever code is in sys.path.

The product is the code of the commit that is measured; the scenarios and the measuring are those beside this file, so
that two commits do the same work and are measured alike. The answer is JSON; what the scenario raises is in it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scs_sim.bench.scenario import Scenario, Stage

BENCH = "scs_sim.bench"


def main(order_path: str, answer_path: str) -> None:
    """Read the order, do what it says and write the answer."""
    order = json.loads(Path(order_path).read_text(encoding="utf-8"))
    try:
        _take_bench_from_here()
        answer = _machine() if order["mode"] == "machine" else _measured(order)
    except Exception as error:  # the outermost handler of this process: the caller says it
        answer = {"error": _words(error)}
    Path(answer_path).write_text(json.dumps(answer), encoding="utf-8")


def _take_bench_from_here() -> None:
    """Let `scs_sim.bench` be the package in this folder, whatever the measured code has under that name."""
    here = Path(__file__).parent
    spec = importlib.util.spec_from_file_location(BENCH, here / "__init__.py", submodule_search_locations=[str(here)])
    assert spec is not None
    assert spec.loader is not None
    import scs_sim

    package = importlib.util.module_from_spec(spec)
    sys.modules[BENCH] = package
    spec.loader.exec_module(package)
    scs_sim.bench = package  # as the import system would


def _machine() -> dict[str, Any]:
    import dataclasses

    from scs_sim.bench.machine import this_machine

    return {"machine": dataclasses.asdict(this_machine()), **_code()}


def _code() -> dict[str, Any]:
    import scs_models
    import scs_sim

    folders = [str(Path(str(package.__file__)).parent) for package in (scs_sim, scs_models)]
    return {"product_version": scs_sim.__version__, "folders": folders}


def _measured(order: dict[str, Any]) -> dict[str, Any]:
    from scs_sim.bench.scenario import Work
    from scs_sim.bench.scenarios import chosen

    (scenario,) = chosen([order["scenario"]])
    for name in scenario.needs:
        if not _has(name):
            return {"missing": f"this code has no {name}", **_code()}
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="scs-sim-bench-") as folder:
        stages = _stages(scenario, Work(order["quick"], Path(folder)))
        stage_name = "its preparation"
        try:
            for stage in stages:
                stage_name = stage.name
                rows.append({"stage": stage.name, **_one(stage, order["mode"], order["quick"])})
                stage_name = f"what follows {stage.name!r}"
        except Exception as error:  # whatever the measured code raises is a finding about it
            return {"stages": rows, "error": f"in {stage_name}: {_words(error)}", **_code()}
    return {"stages": rows, **_code()}


def _has(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _stages(scenario: Scenario, work: Any) -> Iterator[Stage]:
    wanted = scenario.stages_of(work.quick)
    return (stage for stage in scenario.make(work) if stage.name in wanted)


def _one(stage: Stage, mode: str, quick: bool) -> dict[str, Any]:
    from scs_sim.bench import measure

    if mode == "memory":
        peak = measure.peak_of(stage.run)
        return {"allocated_bytes": peak.allocated_bytes, "process_bytes": peak.process_bytes}
    samples = measure.time_of(stage.run, quick=quick)
    found: dict[str, Any] = {"wall_s": samples.wall_s, "cpu_s": samples.cpu_s, "programs_count": stage.programs_count}
    if stage.flop_count:
        share = stage.flop_count / min(samples.cpu_s) / measure.sgemm_flop_per_s()
        found["sgemm_share"] = share
    return found


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main(*sys.argv[1:])
