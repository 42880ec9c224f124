"""The scenarios of `scs-sim bench` under pytest-benchmark, a benchmark per stage: its statistics, its history.

SCS_SIM_BENCH_QUICK=1 takes the small sizes of a smoke run. docs/benchmarks.md says what the scenarios are.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scs_sim.bench.measure import allocated_peak_bytes
from scs_sim.bench.scenario import Scenario, Stage, Work
from scs_sim.bench.scenarios import SCENARIOS

QUICK = os.environ.get("SCS_SIM_BENCH_QUICK") == "1"
TIMERS = {"cpu": time.process_time, "wall": time.perf_counter}


def every_stage() -> Iterator[Any]:
    for scenario in SCENARIOS:
        timed = pytest.mark.benchmark(timer=TIMERS[scenario.clock], group=scenario.name)
        for stage in scenario.stages_of(QUICK):
            yield pytest.param(scenario, stage, id=f"{scenario.name}: {stage}", marks=timed)


@pytest.fixture(scope="module")
def stage_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Scenario, str], Stage]:
    """Return a function to a stage that is ready to run; only the last scenario is kept."""
    kept: dict[str, list[Stage]] = {}

    def find(scenario: Scenario, name: str) -> Stage:
        if scenario.name not in kept:
            kept.clear()
            kept[scenario.name] = list(scenario.make(Work(QUICK, tmp_path_factory.mktemp(scenario.name))))
        return next(stage for stage in kept[scenario.name] if stage.name == name)

    return find


@pytest.mark.parametrize(("scenario", "name"), list(every_stage()))
def test_scenario(benchmark: Any, stage_of: Any, against_sgemm: Any, scenario: Scenario, name: str) -> None:
    stage: Stage = stage_of(scenario, name)
    begun = time.perf_counter()
    stage.run()
    lasted_s = time.perf_counter() - begun
    if lasted_s > 0.2:
        benchmark.pedantic(stage.run, rounds=1 if QUICK or lasted_s > 10.0 else 3)
    else:
        benchmark(stage.run)
    if stage.flop_count:
        against_sgemm(flops=stage.flop_count, programs=stage.programs_count)
    benchmark.extra_info["peak_mb"] = allocated_peak_bytes(stage.run) / 1e6 if lasted_s < 10.0 else None
