"""Tasks for test_stream.py, importable by the processes that run them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from scs_models.errors import InvalidValueError
from scs_sim.processes import Report, run_all


@dataclass(frozen=True)
class Count:
    """Emits (number, process id), pausing after each."""

    count: int
    pause_s: float = 0.0

    def __call__(self, emit: Callable[[tuple[int, int]], None]) -> None:
        for number in range(self.count):
            emit((number, os.getpid()))
            time.sleep(self.pause_s)


@dataclass(frozen=True)
class Fail:
    """Emits 7 and fails."""

    def __call__(self, emit: Callable[[int], None]) -> None:
        emit(7)
        raise InvalidValueError("seven is wrong")


@dataclass(frozen=True)
class Die:
    """Ends its process."""

    def __call__(self, emit: Callable[[int], None]) -> None:
        os._exit(3)


@dataclass(frozen=True)
class _Wait:
    """A worker's task: tells its process through a report of steps, then waits."""

    def __call__(self, report: Report, /) -> int:
        report(os.getpid(), 1)
        time.sleep(60.0)
        return 0


@dataclass(frozen=True)
class Parent:
    """Starts a worker and emits its process id."""

    def __call__(self, emit: Callable[[int], None]) -> None:
        run_all([_Wait()], workers=1, on_progress=lambda index, share: emit(round(share)), on_done=lambda *_: None)
