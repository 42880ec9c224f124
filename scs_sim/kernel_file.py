"""One kernel in one file: a .npy array with a trailer that holds its title and checksum; written by rename.

A reader maps it into memory and finds whatever is torn or damaged; two writers are kept apart by a lock file.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scs_models.values import Float32Array

FORMAT_VERSION = 1

_LOG = logging.getLogger(__name__)
_END = struct.Struct("<Q8s")
_MAGIC = b"scs-kern"
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Trailer:
    """What the end of a kernel file says of the rest."""

    title: str
    shape: tuple[int, ...]
    body_bytes: int
    crc32: int


def write_kernel(path: Path, array: Float32Array, title: str, token: str) -> None:
    """Write `array` to `path` by way of a temporary file whose name starts with `token`; raise OSError.

    There is no fsync: what a power cut tears, the checksum finds.
    """
    head = io.BytesIO()
    data = np.ascontiguousarray(array, dtype=np.float32)
    np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(data))
    crc = zlib.crc32(data.data, zlib.crc32(head.getvalue()))
    trailer = {"title": title, "shape": list(data.shape), "body_bytes": head.tell() + data.nbytes, "crc32": crc}
    text = json.dumps({"version": FORMAT_VERSION} | trailer).encode("utf-8")
    handle, temporary = tempfile.mkstemp(prefix=token, suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(head.getvalue())
            stream.write(data.data)
            stream.write(text + _END.pack(len(text), _MAGIC))
        os.replace(temporary, path)
    except BaseException:
        remove(Path(temporary))
        raise


def read_kernel(path: Path) -> Float32Array | None:
    """Return the kernel at `path` as a read-only memory map; None where there is none; a damaged one is removed."""
    if not path.exists():
        return None
    trailer = read_trailer(path)
    array = None if trailer is None else _mapped(path, trailer)
    if array is None:
        _LOG.warning("%s is damaged; it is removed and built again", path)
        remove(path)
    return array


def _mapped(path: Path, trailer: Trailer) -> Float32Array | None:
    try:
        if zlib.crc32(np.memmap(path, dtype=np.uint8, mode="r", shape=(trailer.body_bytes,)).data) != trailer.crc32:
            return None
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return array if array.dtype == np.float32 and array.shape == trailer.shape else None


def read_trailer(path: Path) -> Trailer | None:
    """Return the trailer of the file at `path`; None where it is missing, torn or of another version."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _END.size))
            length, magic = _END.unpack(stream.read(_END.size))
            if magic != _MAGIC or length > size - _END.size:
                return None
            stream.seek(size - _END.size - length)
            record = json.loads(stream.read(length))
        trailer = Trailer(record["title"], tuple(record["shape"]), record["body_bytes"], record["crc32"])
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None
    whole = record.get("version") == FORMAT_VERSION and trailer.body_bytes + length + _END.size == size
    return trailer if whole else None


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for another process that does; the system frees it when its holder dies.

    Where the file system has no locks, go on without: the last rename wins, and both are right.
    """
    try:
        stream = path.open("a+b")
    except OSError:
        yield
        return
    try:
        with stream:
            _wait_for(stream.fileno())
            yield
    finally:
        remove(path)


def _wait_for(handle: int) -> None:
    while True:
        try:
            return _lock(handle)
        except (BlockingIOError, PermissionError):
            time.sleep(_POLL_S)
        except OSError:
            return None


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove(path: Path) -> int:
    """Remove a file if it can be removed; return the bytes freed."""
    try:
        size = path.stat().st_size
        path.unlink()
    except OSError:
        return 0
    return size
