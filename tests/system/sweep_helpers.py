"""Sweeps as a person runs them: the command line in a process of its own, and a Dask cluster of real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

QUIET = {"DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "1h"}


def until(true: Callable[[], bool], what: str, within_s: float = 120.0) -> None:
    """Wait until `true()`; fail with `what` where it does not come true."""
    last_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < last_s, what
        time.sleep(0.005)


@contextmanager
def running(*words: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python WORDS` with its output in `log`; it is killed at the end, by its process."""
    with log.open("wb") as stream:
        process = subprocess.Popen([sys.executable, *words], stdout=stream, stderr=stream, env=os.environ | QUIET)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def finished_chunks(folder: Path) -> int:
    """Return how many chunks of an unfinished sweep are on disk."""
    return sum(1 for _ in folder.glob("chunk-*.npz"))
