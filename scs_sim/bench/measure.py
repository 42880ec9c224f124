"""Measuring one stage: time in one run, memory in another, so that tracing does not slow the clock.

Two figures of memory. Allocated: the most that Python and numpy hold beyond what they held before the stage
(tracemalloc, which numpy reports to; solvers written in C or Fortran allocate unseen). Process: the most resident
memory that the process, or the largest one it started and waited for, had so far, with libraries and mapped kernels.
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SGEMM_SIZE = 1536
_SAMPLES_HIGH = 60
_LONG_S = 10.0


@dataclass(frozen=True, slots=True)
class Samples:
    """Wall and CPU time (s) of each call, in order; CPU time is that of all threads of this process, not of others."""

    wall_s: tuple[float, ...]
    cpu_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Peak:
    """Bytes, as the module's head defines them; allocated_bytes is None where tracing would take too long."""

    allocated_bytes: int | None
    process_bytes: int


def time_of(run: Callable[[], object], *, quick: bool) -> Samples:
    """Return the times of `run`, called once before that: calls for half a second, at least three.

    quick: for a tenth of a second, at least two. One call is timed where it takes longer than 10 s, or 1 s if quick.
    """
    start = time.perf_counter()
    run()
    lasted_s = time.perf_counter() - start
    gc.collect()
    enough_s, fewest, long_s = (0.1, 2, 1.0) if quick else (0.5, 3, _LONG_S)
    fewest = 1 if lasted_s > long_s else fewest
    wall: list[float] = []
    cpu: list[float] = []
    while len(wall) < _SAMPLES_HIGH and (len(wall) < fewest or sum(wall) < enough_s):
        cpu_start, start = time.process_time(), time.perf_counter()
        run()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - cpu_start)
    return Samples(tuple(wall), tuple(cpu))


def peak_of(run: Callable[[], object]) -> Peak:
    """Return the memory of `run`, called untraced for the process, then traced for what it allocates.

    A call that takes longer than 10 s is not traced: tracing makes it several times longer.
    """
    start = time.perf_counter()
    run()
    is_long = time.perf_counter() - start > _LONG_S
    process_bytes = resident_peak_bytes()
    gc.collect()
    return Peak(None if is_long else allocated_peak_bytes(run), process_bytes)


def allocated_peak_bytes(run: Callable[[], object]) -> int:
    """Return the most bytes that Python and numpy hold during one call of `run`, beyond what they held before."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Counters(ctypes.Structure):
        _fields_ = (
            ("cb", wintypes.DWORD),
            ("page_faults", wintypes.DWORD),
            ("peak_working_set", ctypes.c_size_t),
            ("rest", ctypes.c_size_t * 8),
        )

    def resident_peak_bytes() -> int:
        """Return the greatest working set of this process so far; those of its children are not known here."""
        counters = _Counters()
        counters.cb = ctypes.sizeof(counters)
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.K32GetProcessMemoryInfo.argtypes = (wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD)
        kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
        return int(counters.peak_working_set)
else:
    import resource

    def resident_peak_bytes() -> int:
        """Return the greatest resident memory so far of this process or of one it has started and waited for."""
        kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        unit_bytes = 1 if sys.platform == "darwin" else 1024
        return unit_bytes * max(resource.getrusage(kind).ru_maxrss for kind in kinds)


def sgemm_flop_per_s() -> float:
    """Return the rate of a large single-precision matrix product, measured now in CPU time: the best of three."""
    a = np.random.default_rng(0).normal(size=(SGEMM_SIZE, SGEMM_SIZE)).astype(np.float32)
    out = np.empty_like(a)
    np.matmul(a, a, out=out)
    times = []
    for _ in range(3):
        start = time.process_time()
        np.matmul(a, a, out=out)
        times.append(time.process_time() - start)
    return float(2.0 * SGEMM_SIZE**3 / min(times))
