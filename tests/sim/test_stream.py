"""A task in a process of its own: its items in order and as they come, its errors, its end when nobody wants it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from stream_tasks import Count, Die, Fail, Parent

from scs_models.errors import InvalidValueError, ScsError
from scs_sim.processes import stream


def test_items_come_in_order_from_another_process():
    found: list[tuple[int, int]] = []
    stream(Count(5), on_item=found.append, on_wait=lambda: None)
    assert [number for number, _ in found] == [0, 1, 2, 3, 4]
    assert {process for _, process in found} & {os.getpid()} == set()


def test_an_error_of_the_task_is_raised_here_after_what_it_had_found():
    found: list[int] = []
    with pytest.raises(InvalidValueError, match="seven"):
        stream(Fail(), on_item=found.append, on_wait=lambda: None)
    assert found == [7]


def test_a_process_that_dies_is_told():
    with pytest.raises(ScsError, match="exit code 3"):
        stream(Die(), on_item=lambda item: None, on_wait=lambda: None)


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="on Windows signal 0 ends a process, it does not ask for it")


class _Stop(Exception):
    pass


@POSIX
def test_whoever_waits_ends_it_at_once_and_nothing_of_it_stays():
    found: list[tuple[int, int]] = []

    def stop() -> None:
        if found:
            raise _Stop

    began = time.monotonic()
    with pytest.raises(_Stop):
        stream(Count(1000, pause_s=30.0), on_item=found.append, on_wait=stop)
    assert time.monotonic() - began < 25.0, "the pause of the task was not waited for"
    assert len(found) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(found[0][1], 0)


@POSIX
def test_the_task_may_start_workers_and_they_end_with_it(tmp_path: Path):
    found: list[int] = []

    def stop() -> None:
        if found:
            raise _Stop

    with pytest.raises(_Stop):
        stream(Parent(), on_item=found.append, on_wait=stop)
    end = time.monotonic() + 20.0
    while time.monotonic() < end:
        try:
            os.kill(found[0], 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("a worker of the ended process still runs")
