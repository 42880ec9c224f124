"""Shared by the benchmarks: the machine's sgemm rate, a prepared case, and the table at the end.

Run `pytest benchmarks`. Times are CPU times of the process where a benchmark names no other clock, which a busy machine
disturbs less; BLAS threads are as OPENBLAS_NUM_THREADS says, the same for the reference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scs_sim
from scs_sim.bench.measure import allocated_peak_bytes, sgemm_flop_per_s

CASE = "back-and-left-leg"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if str(config.option.benchmark_timer) == "time.perf_counter":
        config.option.benchmark_timer = "time.process_time"
    os.environ.setdefault("SCS_SIM_CACHE_DIR", str(Path(config.rootpath) / ".pytest_cache" / "kernels"))


def pytest_benchmark_update_machine_info(config: pytest.Config, machine_info: dict[str, Any]) -> None:
    machine_info["blas_threads"] = os.environ.get("OPENBLAS_NUM_THREADS", "default")
    machine_info["numpy"] = np.__version__


@pytest.fixture(scope="session")
def peak_mb() -> Callable[[Callable[[], object]], float]:
    """Return a function to the peak memory (MB) that numpy and Python allocate in a call, apart from its time."""
    return lambda work: allocated_peak_bytes(work) / 1e6


@cache
def _setting() -> Any:
    from scs_sim.case import builtin_case
    from scs_sim.setting import prepare

    return prepare(builtin_case(CASE))


@pytest.fixture(scope="session")
def setting() -> Any:
    """Return the prepared setting of a case with two 8-contact leads."""
    return _setting()


@pytest.fixture(scope="session")
def case() -> Any:
    from scs_sim.case import builtin_case

    return builtin_case(CASE)


@pytest.fixture
def against_sgemm(benchmark: Any) -> Callable[..., None]:
    """Return a function that notes the work of one round: flops, programs and sizes, with the sgemm rate of now."""

    def note(*, flops: float, programs: int, **sizes: int) -> None:
        rate = sgemm_flop_per_s()
        best = benchmark.stats.stats.min
        benchmark.extra_info |= {
            "version": scs_sim.__version__,
            "programs": programs,
            "ms_per_program": 1e3 * best / programs,
            "sgemm_gflops": rate / 1e9,
            "fraction_of_sgemm": flops / best / rate,
            **sizes,
        }

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    session = getattr(config, "_benchmarksession", None)
    done = [item for item in getattr(session, "benchmarks", []) if item.stats.rounds] if session else []
    if not done:
        return
    terminalreporter.section(f"scs-sim {scs_sim.__version__}: best round")
    terminalreporter.write_line(f"{'what':<58}{'ms':>11}{'ms/program':>12}{'of sgemm':>10}{'peak MB':>9}")
    for item in done:
        info = item.extra_info
        per_program = f"{info['ms_per_program']:.3f}" if "ms_per_program" in info else ""
        share = f"{100.0 * info['fraction_of_sgemm']:.0f} %" if "fraction_of_sgemm" in info else ""
        memory = f"{info['peak_mb']:.0f}" if info.get("peak_mb") is not None else ""
        name = item.param or item.name.removeprefix("test_").replace("_", " ")
        terminalreporter.write_line(f"{name:<58}{1e3 * item.stats.min:>11.2f}{per_program:>12}{share:>10}{memory:>9}")
