"""A worker may have no children of its own (nor may a Dask worker): what it hands to `run_all` it does itself."""

from __future__ import annotations

import os

from nested_tasks import Outer

from scs_sim.processes import run_all


def test_a_worker_does_the_tasks_that_it_starts_itself():
    found = {}
    run_all([Outer(3)], workers=2, on_progress=lambda _place, _fraction: None, on_done=found.__setitem__)
    process, answers, told = found[0]
    assert process != os.getpid()
    assert answers == {0: (process, 0), 1: (process, 1), 2: (process, 4)}
    assert told == [0.5, 0.5, 0.5]
