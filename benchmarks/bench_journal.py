"""Milliseconds of autosave on the window's thread: one step of a drag written, a whole session written, restored.

Run: python -m pytest benchmarks/bench_journal.py --benchmark-only. Budget: 2 ms of CPU time for what a drag writes; the
wall time beside it is the disk's, which flushes every row.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from scs_sim.case import builtin_case
from scs_sim.journal import Journal
from scs_ui.state.autosave import Autosave
from scs_ui.state.recovery import newest
from scs_ui.state.session import session_of
from scs_ui.state.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(session_of(builtin_case("back-and-left-leg")))
    made.autosave = Autosave(made, tmp_path)
    return made


def step(store: Store, amplitude_ma: float) -> None:
    store.act("Amplitude", lambda s: s.with_draft(replace(s.draft, amplitude_ma=amplitude_ma)))


def test_a_drag_step_written(benchmark: BenchmarkFixture, store: Store) -> None:
    values = itertools.cycle(n / 100.0 for n in range(1, 900))
    step(store, 9.5)
    before_s, before = time.thread_time(), store.autosave.written
    benchmark(lambda: step(store, next(values)))
    written = store.autosave.written - before
    benchmark.extra_info["cpu_ms_mean"] = round(1e3 * (time.thread_time() - before_s) / written, 3)


def test_a_session_written_whole(benchmark: BenchmarkFixture, store: Store) -> None:
    step(store, 1.0)
    benchmark(lambda: store.autosave._snapshot(store.session))


def test_the_newest_session_of_a_journal(benchmark: BenchmarkFixture, store: Store) -> None:
    for n in range(1, 500):
        step(store, n / 100.0)
    store.autosave._journal.close(finished=False)
    with Journal.open(store.autosave._journal.path) as journal:
        found = benchmark(lambda: newest(journal.events(since="snapshot"), "journal"))
    assert found.session == store.session
