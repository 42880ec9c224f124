"""Shared by the benchmarks: the machine's sgemm rate, prepared cases, invented fields, and the table at the end.

Run `pytest benchmarks`. SCS_SIM_BENCH_PROGRAMS sets the size of the large batch (10 000 when unset; .ci/run takes 500).
Times are CPU times of the process, which a busy machine disturbs less (`--benchmark-timer=time.monotonic` for wall
times); BLAS threads are as OPENBLAS_NUM_THREADS says, the same for the reference.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scs_sim

LARGE_BATCH = int(os.environ.get("SCS_SIM_BENCH_PROGRAMS", "10000"))
CASE = "back-and-left-leg"
SGEMM_SIZE = 1536


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if str(config.option.benchmark_timer) == "time.perf_counter":
        config.option.benchmark_timer = "time.process_time"
    os.environ.setdefault("SCS_SIM_CACHE_DIR", str(Path(config.rootpath) / ".pytest_cache" / "kernels"))


def pytest_benchmark_update_machine_info(config: pytest.Config, machine_info: dict[str, Any]) -> None:
    machine_info["blas_threads"] = os.environ.get("OPENBLAS_NUM_THREADS", "default")
    machine_info["numpy"] = np.__version__


def sgemm_flops() -> float:
    """Return the floating-point operations per second of a large single-precision product, measured now."""
    a = np.random.default_rng(0).normal(size=(SGEMM_SIZE, SGEMM_SIZE)).astype(np.float32)
    out = np.empty_like(a)
    np.matmul(a, a, out=out)
    times = []
    for _ in range(3):
        start = time.process_time()
        np.matmul(a, a, out=out)
        times.append(time.process_time() - start)
    return 2.0 * SGEMM_SIZE**3 / min(times)


@pytest.fixture(scope="session")
def large_batch() -> int:
    return LARGE_BATCH


@pytest.fixture(scope="session")
def peak_mb() -> Callable[[Callable[[], object]], float]:
    """Return a function to the peak memory (MB) that numpy and Python allocate in a call, apart from its time."""

    def measure(work: Callable[[], object]) -> float:
        tracemalloc.start()
        try:
            work()
            return tracemalloc.get_traced_memory()[1] / 1e6
        finally:
            tracemalloc.stop()

    return measure


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
        rate = sgemm_flops()
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
        memory = f"{info['peak_mb']:.0f}" if "peak_mb" in info else ""
        name = item.name.removeprefix("test_").replace("_", " ")
        terminalreporter.write_line(f"{name:<58}{1e3 * item.stats.min:>11.2f}{per_program:>12}{share:>10}{memory:>9}")
