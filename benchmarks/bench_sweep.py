"""Sweeps: CPU time of an evaluation in a chunk, where thresholds are shared; memory apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from scs_sim.case import Case
from scs_sim.simulate import Request, simulate
from scs_sim.sweep.design import sweep_of
from scs_sim.sweep.plan import SweepPlan

PLAN = SweepPlan(
    cases=("back-and-left-leg",),
    configurations=("own", "1.2- 1.4+", "1.6- 1.8+", "2.1- 2.3+"),
    pulse_widths_us=("100:450:50",),
    rates_hz=(20, 60, 130, 300),
    amplitudes_ma=("comfort", "0.9 DT", "1:9:0.1"),
)


def test_chunk_of_a_sweep(benchmark: Any, peak_mb: Callable[[Callable[[], object]], float]) -> None:
    """10 624 evaluations of one patient, the setting prepared: microseconds to tens of microseconds each."""
    (chunk,) = sweep_of(PLAN).chunks()

    def work() -> object:
        return chunk(lambda _done, _total: None)

    work()
    benchmark(work)
    benchmark.group = "6 sweep"
    benchmark.extra_info |= {
        "evaluations": chunk.evaluations_count,
        "us_per_evaluation": 1e6 * benchmark.stats.stats.min / chunk.evaluations_count,
        "peak_mb": peak_mb(work),
    }


def test_one_evaluation_by_itself(benchmark: Any, setting: Any, case: Case) -> None:
    """One of them by `simulate`, for comparison."""
    request = Request(replace(case, program=replace(case.program, amplitude_ma=4.0)))
    benchmark(lambda: simulate(setting, request))
    benchmark.group = "6 sweep"
    benchmark.extra_info |= {"us_per_evaluation": 1e6 * benchmark.stats.stats.min}
