"""One program over many patients, kernels on disk: wall time in all processes, because that is what a person waits."""

from __future__ import annotations

import os
import time

import pytest

from scs_sim.population import PopulationRequest
from scs_sim.processes import default_workers

PATIENTS = int(os.environ.get("SCS_SIM_BENCH_PATIENTS", "200"))
# Unless all is asked for, what would need kernels of other sections is known: the time per patient is the same.
KNOWN = None if os.environ.get("SCS_SIM_BENCH_ALL_SECTIONS") else ("conductivities", "dorsal_csf_factor")


@pytest.mark.benchmark(timer=time.monotonic)
def test_program_over_a_population(benchmark, case):
    """Budget: 10 s for 200 patients on 2 cores."""
    request = PopulationRequest(case, case.program, PATIENTS, seed=1, known=KNOWN)
    request()  # builds the kernels that are missing
    result = benchmark.pedantic(request, rounds=1)
    benchmark.group = "5 population"
    benchmark.extra_info |= {
        "patients": PATIENTS,
        "processes": default_workers(),
        "kernels_built": result.kernels_built,
    }
