"""The fast ranking of every configuration of two 8-contact leads with 1-2 cathodes and 1-3 anodes at equal shares.

`SCS_SIM_BENCH_PROGRAMS` bounds their number (all 65 480 when unset). Times are CPU times of this
process, so that `fraction_of_sgemm` is said for one process only; wall times, of the whole and until the first chunk,
stand in `extra_info`.
Operations are those of the whole lattice: where nodes are left out, the fraction says what was saved, too.
"""

from __future__ import annotations

import os
import time
from itertools import combinations

import numpy as np
import pytest

from scs_models import peaks
from scs_sim.objective import builtin_objective
from scs_sim.program import Area
from scs_sim.search.screen import make_screen
from scs_sim.search.screen_all import screen_all

PULSE = Area("1.1- 1.2+", 300.0, 50.0)
EVERY = 65_480


def every_configuration(contacts=16):
    """Return the 65 480 programs (programs, contacts) of 1-2 cathodes and 1-3 anodes at equal shares."""
    rows = []
    for cathode_count in (1, 2):
        for cathodes in combinations(range(contacts), cathode_count):
            rest = [index for index in range(contacts) if index not in cathodes]
            for anode_count in (1, 2, 3):
                for anodes in combinations(rest, anode_count):
                    row = np.zeros(contacts)
                    row[list(cathodes)], row[list(anodes)] = -1.0 / cathode_count, 1.0 / anode_count
                    rows.append(row)
    return np.array(rows)


@pytest.fixture(scope="module")
def configurations():
    every = every_configuration()
    assert len(every) == EVERY
    return every[: int(os.environ.get("SCS_SIM_BENCH_PROGRAMS", EVERY))]


@pytest.mark.parametrize("workers", [1, 2])
def test_search_all_configurations(benchmark, case, setting, configurations, against_sgemm, workers):
    """Budget: all 65 480 in 8 s of wall time with 2 processes on 2 cores, the first chunk within 1 s."""
    objective = builtin_objective()
    benchmark.group = "6 search"

    def search():
        start = time.perf_counter()
        screen = make_screen(setting, case, PULSE)
        at_s = [time.perf_counter() - start for _ in screen_all(screen, configurations, objective, workers=workers)]
        benchmark.extra_info |= {"first_chunk_wall_s": at_s[0], "wall_s": at_s[-1]}

    benchmark.pedantic(search, rounds=1)
    products = make_screen(setting, case, PULSE).lattice.products
    against_sgemm(flops=2.0 * products * len(configurations), programs=len(configurations), workers=workers)
    if workers > 1:
        del benchmark.extra_info["fraction_of_sgemm"]


def test_greatest_drives_of_one_part_of_the_lattice(benchmark, case, setting, against_sgemm):
    """What the matrix products reach by themselves, the maximum over nodes included, nothing left out."""
    part = make_screen(setting, case, PULSE).lattice.column_parts[0]
    currents = np.random.default_rng(1).normal(size=(16, peaks.PROGRAMS_AT_ONCE)).astype(np.float32)
    benchmark.group = "6 search"
    benchmark(peaks.peaks, part.drive, currents)
    against_sgemm(flops=2.0 * part.drive.size * peaks.PROGRAMS_AT_ONCE, programs=peaks.PROGRAMS_AT_ONCE)


@pytest.mark.parametrize("sift", [True, False])
def test_rank_the_programs_of_two_cathodes(benchmark, case, setting, against_sgemm, sift):
    """The 469 programs that share two cathodes, one thread, with and without leaving nodes out."""
    every = every_configuration()
    chosen = every[(every[:, 2] < 0.0) & (every[:, 11] < 0.0)]
    screen = make_screen(setting, case, PULSE)
    benchmark.group = "6 search"
    benchmark.pedantic(screen.curves, args=(chosen,), kwargs={"sift": sift}, rounds=5, warmup_rounds=1)
    against_sgemm(flops=2.0 * screen.lattice.products * len(chosen), programs=len(chosen))
