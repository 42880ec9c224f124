"""Small kernel jobs for the tests of the store; a module of their own so that worker processes can import them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scs_models.errors import InvalidFileError


def value_of(key: str) -> np.ndarray:
    """Return the array that every job with `key` builds."""
    return np.random.default_rng(int(key, 16)).standard_normal((4, 5, 60)).astype(np.float32)


@dataclass(frozen=True)
class Job:
    """Builds `value_of(key)` in ten steps; leaves a line in `log` when it starts and when it ends."""

    key: str
    log: str
    seconds: float = 0.0
    ends: str = "well"

    @property
    def title(self) -> str:
        return f"test {self.key}"

    def __call__(self, report: Callable[[int, int], None]) -> np.ndarray:
        self._note("start")
        for step in range(10):
            time.sleep(self.seconds / 10)
            report(step + 1, 10)
        if self.ends == "raises":
            raise InvalidFileError("a.toml", ["is wrong"])
        if self.ends == "dies":
            os._exit(7)
        self._note("end")
        return value_of(self.key)

    def _note(self, word: str) -> None:
        with Path(self.log).open("a", encoding="utf-8") as stream:
            stream.write(f"{word} {self.key} {os.getpid()} {os.environ.get('OPENBLAS_NUM_THREADS', '')}\n")


if __name__ == "__main__":
    from scs_sim.store import KernelStore

    folder, log, seconds, workers, keys = sys.argv[1:6]
    sys.modules["kernel_jobs"] = sys.modules["__main__"]
    Job.__module__ = "kernel_jobs"
    store = KernelStore(folder, 10**9)
    try:
        maps = store.load([Job(key, log, float(seconds)) for key in keys.split(",")], workers=int(workers))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0 if all(np.array_equal(m, value_of(k)) for m, k in zip(maps, keys.split(","), strict=True)) else 1)
