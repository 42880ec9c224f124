"""Kernels on disk: built once, in parallel, memory-mapped ever after.

Kernels lie in one directory (see kernel_file); those not used for longest go first when it grows too large. Whatever is
wrong with the directory costs time, never a result.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

import numpy as np

from scs_models.errors import InvalidValueError, MissingPieceError
from scs_models.values import Float32Array, read_only
from scs_sim.kernel_file import only_one, read_kernel, read_trailer, remove, write_kernel
from scs_sim.processes import Report, default_workers, run_all

Progress = Callable[[float, str], None]

DEFAULT_LIMIT_GB = 4.0

_LOG = logging.getLogger(__name__)
_ABANDONED_S = 3600.0


class Job(Protocol):
    """One kernel to be built: picklable, named by the hash of everything it depends on.

    Called with `report(done, total)` it returns a float32 array.
    """

    @property
    def key(self) -> str:
        """Return the hexadecimal key; two jobs with one key build the same array."""
        ...

    @property
    def title(self) -> str:
        """Return what a person reads in progress and in `scs-sim cache list`."""
        ...

    def __call__(self, report: Report, /) -> Float32Array:
        """Build and return the array, calling `report` now and then."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One kernel on disk; last_used_s is seconds since the epoch."""

    key: str
    title: str
    shape: tuple[int, ...]
    size_bytes: int
    last_used_s: float


class KernelStore:
    """The kernels in one directory, at most `limit_bytes` of them; falls back to memory where it cannot write."""

    def __init__(self, directory: str | os.PathLike[str], limit_bytes: int) -> None:
        self.directory, self.limit_bytes = Path(directory), limit_bytes
        self._open: WeakValueDictionary[str, np.ndarray] = WeakValueDictionary()
        self._memory: OrderedDict[str, Float32Array] = OrderedDict()
        self._warned = False
        self._lock = threading.Lock()

    def load(
        self, jobs: Sequence[Job], *, workers: int | None = None, progress: Progress | None = None
    ) -> list[Float32Array]:
        """Return the array of each job, in order, read-only; the missing ones are built first, in `workers` processes.

        `progress(fraction, what)` is called while kernels are built; `what` changes only when one is finished.
        Interrupted, it leaves finished kernels in place and no other trace. Raises what a job raises.
        """
        for job in jobs:
            if not job.key or not set(job.key) <= set("0123456789abcdef"):
                raise InvalidValueError(f"key is {job.key!r}; it must be hexadecimal digits")
        wanted = {job.key: job for job in jobs}
        found = {key: array for key in wanted if (array := self._existing(key)) is not None}
        missing = [job for key, job in wanted.items() if key not in found]
        if missing:
            found |= self._built(missing, default_workers() if workers is None else workers, progress)
            self._trim(keep=set(wanted))
        return [found[job.key] for job in jobs]

    def has(self, key: str) -> bool:
        """Return whether the kernel `key` is on disk (or held in memory) and whole, as far as its trailer says."""
        return key in self._memory or read_trailer(self._path(key)) is not None

    def entries(self) -> list[Entry]:
        """Return the kernels on disk, the most recently used first."""
        found = []
        for path in self._files("*.npy"):
            trailer = read_trailer(path)
            with contextlib.suppress(OSError):
                state = path.stat()
                title, shape = ("damaged", ()) if trailer is None else (trailer.title, trailer.shape)
                found.append(Entry(path.stem, title, shape, state.st_size, state.st_mtime))
        return sorted(found, key=lambda entry: (-entry.last_used_s, entry.key))

    def clear(self) -> int:
        """Remove every kernel and leftover; return the bytes freed. Files in use elsewhere stay (Windows)."""
        with self._lock:
            self._memory.clear()
            self._open.clear()
        return sum(remove(path) for pattern in ("*.npy", "*.tmp", "*.lock") for path in self._files(pattern))

    def _path(self, key: str) -> Path:
        return self.directory / f"{key}.npy"

    def _files(self, pattern: str) -> list[Path]:
        try:
            return sorted(self.directory.glob(pattern))
        except OSError:
            return []

    def _existing(self, key: str) -> Float32Array | None:
        with self._lock:
            array = self._open.get(key)
            if array is None and key in self._memory:
                self._memory.move_to_end(key)
                array = self._memory[key]
        if array is None and (array := read_kernel(self._path(key))) is not None:
            with self._lock:
                self._open[key] = array
        if array is not None:
            with contextlib.suppress(OSError):
                os.utime(self._path(key))
        return array

    def _built(self, jobs: list[Job], workers: int, progress: Progress | None) -> dict[str, Float32Array]:
        writable = self._prepare()
        fractions, finished = [0.0] * len(jobs), 0
        found: dict[str, Float32Array] = {}

        def say() -> None:
            if progress is not None:
                running = [job.title for job, fraction in zip(jobs, fractions, strict=True) if fraction < 1.0]
                what = f"; now {running[0]}" if running else ""
                progress(sum(fractions) / len(jobs), f"{finished} of {len(jobs)} kernels built{what}")

        def on_progress(index: int, fraction: float) -> None:
            fractions[index] = min(fraction, 0.999)
            say()

        def on_done(index: int, answer: Float32Array | None) -> None:
            nonlocal finished
            finished, fractions[index] = finished + 1, 1.0
            found[jobs[index].key] = self._keep(jobs[index], answer)
            say()

        tasks = [_Build(job, self._path(job.key) if writable else None) for job in jobs]
        say()
        try:
            # Also a single one in a process of its own: with one BLAS thread, whatever the caller's number, so that
            # every run of this machine builds the same bits.
            run_all(tasks, workers=max(1, workers), on_progress=on_progress, on_done=on_done)
        finally:
            for path in self._files("*.tmp"):
                if path.name.startswith(tuple(task.token for task in tasks)):
                    remove(path)
        return found

    def _keep(self, job: Job, answer: Float32Array | None) -> Float32Array:
        if answer is None and (array := self._existing(job.key)) is not None:
            return array
        if answer is None:  # written, and removed by somebody since
            return np.asarray(job(_say_nothing), dtype=np.float32)
        self._warn("a kernel could not be written there")
        array = read_only(answer)
        with self._lock:
            self._memory[job.key] = array
            while sum(held.nbytes for held in self._memory.values()) > self.limit_bytes and len(self._memory) > 1:
                self._memory.popitem(last=False)
        return array

    def _prepare(self) -> bool:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.directory):
                return True
        except OSError as error:
            self._warn(error.strerror or str(error))
            return False

    def _warn(self, why: str) -> None:
        if not self._warned:
            self._warned = True
            _LOG.warning(
                "the cache directory %s cannot be used (%s): kernels are kept in memory and built again next time;"
                " SCS_SIM_CACHE_DIR names another directory",
                self.directory,
                why,
            )

    def _trim(self, keep: set[str]) -> None:
        for pattern in ("*.tmp", "*.lock"):
            for path in self._files(pattern):
                with contextlib.suppress(OSError):
                    if time.time() - path.stat().st_mtime > _ABANDONED_S:
                        remove(path)
        entries = self.entries()
        total = sum(entry.size_bytes for entry in entries)
        for entry in reversed(entries):
            if total <= self.limit_bytes:
                return
            if entry.key not in keep:
                total -= remove(self._path(entry.key))


def default_store() -> KernelStore:
    """Return the store of SCS_SIM_CACHE_DIR (else the user's cache directory), limited to SCS_SIM_CACHE_LIMIT_GB.

    Raises MissingPieceError where the limit is not a number of gigabytes.
    """
    given = os.environ.get("SCS_SIM_CACHE_LIMIT_GB", "").strip()
    try:
        limit_gb = float(given) if given else DEFAULT_LIMIT_GB
    except ValueError:
        limit_gb = -1.0
    if not 0.0 <= limit_gb <= 1e6:
        raise MissingPieceError(f"SCS_SIM_CACHE_LIMIT_GB is {given!r}; it must be a number of gigabytes, 0 or more")
    return _store(os.environ.get("SCS_SIM_CACHE_DIR", ""), int(limit_gb * 1e9))


def load(jobs: Sequence[Job], *, workers: int | None = None, progress: Progress | None = None) -> list[Float32Array]:
    """Return the arrays of `jobs` from the default store; see KernelStore.load."""
    return default_store().load(jobs, workers=workers, progress=progress)


def entries() -> list[Entry]:
    """Return the kernels in the default store, the most recently used first."""
    return default_store().entries()


def clear() -> int:
    """Empty the default store; return the bytes freed."""
    return default_store().clear()


@lru_cache(maxsize=8)
def _store(directory: str, limit_bytes: int) -> KernelStore:
    if not directory:
        from platformdirs import user_cache_path

        return KernelStore(user_cache_path("scs-sim", appauthor=False) / "kernels", limit_bytes)
    return KernelStore(directory, limit_bytes)


class _Build:
    """The task of one worker: build the kernel and write it, unless another process has done so meanwhile.

    Returns None when the kernel is on disk, else the array itself.
    """

    def __init__(self, job: Job, path: Path | None) -> None:
        self.job, self.path = job, path
        self.token = f"{job.key}.{os.getpid():x}.{time.monotonic_ns():x}."

    def __call__(self, report: Report) -> Float32Array | None:
        if self.path is None:
            return np.asarray(self.job(report), dtype=np.float32)
        with only_one(self.path.with_suffix(".lock")):
            if read_kernel(self.path) is not None:
                return None
            array = np.asarray(self.job(report), dtype=np.float32)
            try:
                write_kernel(self.path, array, self.job.title, self.token)
            except OSError:
                # On Windows a file that another process has mapped cannot be replaced: then that one will do.
                return None if read_trailer(self.path) is not None else array
            return None


def _say_nothing(_done: int, _total: int) -> None:
    return None
