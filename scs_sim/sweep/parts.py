"""The unfinished part of a sweep on disk: the finished chunks, one file each, in a folder beside the output.

A chunk's file appears by a rename when it is whole, so a process that is killed leaves whole chunks only; what a loss
of power leaves torn fails its checksums and is computed again. The folder goes when the output is in place.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from scs_models import files
from scs_models.errors import InvalidFileError, OutputError
from scs_sim.kernel_file import only_one
from scs_sim.sweep.chunk import Values
from scs_sim.sweep.design import Sweep

FORMAT = "scs-sim unfinished sweep"
SUFFIX = ".unfinished"
_PLAN = "plan.json"
_TORN = (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error)


class Parts:
    """The finished chunks of one sweep, in the folder OUTPUT.unfinished."""

    def __init__(self, output: Path) -> None:
        self.folder = output.with_name(output.name + SUFFIX)

    @property
    def exists(self) -> bool:
        """Return whether there is something at the folder's place; what was killed before it began is nothing."""
        if not self.folder.is_dir():
            return self.folder.exists()
        return any(path.suffix != ".tmp" for path in self.folder.iterdir())

    @property
    def has_any(self) -> bool:
        """Return whether a chunk is finished."""
        return next(self._files(), None) is not None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes out, waiting for one that is at it."""
        with only_one(self.folder.with_name(self.folder.name + ".lock")):
            yield

    def begin(self, sweep: Sweep) -> None:
        """Make the folder; raise OutputError where that cannot be."""
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.folder}: cannot be made: {error.strerror or error}") from error
        head = {"format": FORMAT, "version": 1, "fingerprint": sweep.fingerprint}
        files.write_text(self.folder / _PLAN, json.dumps(head | sweep.document, indent=1, sort_keys=True) + "\n")

    def document(self) -> dict[str, Any]:
        """Return what the folder was begun with; raise InvalidFileError where it is no sweep's."""
        path = self.folder / _PLAN
        _, document = files.read_document(path)
        if document.get("format") != FORMAT:
            raise InvalidFileError(str(self.folder), ["is not the unfinished part of a sweep; it is left alone"])
        return document

    def keep(self, index: int, values: Values) -> None:
        """Write the figures of a finished chunk, atomically; raise OutputError."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:  # as numpy.savez writes it
            for name, array in values.items():
                with archive.open(f"{name}.npy", "w") as stream:
                    np.lib.format.write_array(stream, array, allow_pickle=False)
        files.write_bytes(self._path(index), buffer.getvalue())

    def values(self, index: int) -> Values:
        """Return the figures of a finished chunk; raise InvalidFileError where it cannot be read."""
        try:
            with np.load(self._path(index), allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except _TORN as error:
            raise InvalidFileError(str(self._path(index)), [f"cannot be read: {error}"]) from error

    def finished(self, sweep: Sweep) -> set[int]:
        """Return which chunks are there and whole; what is torn is removed."""
        found = set()
        for path in self._files():
            place = path.stem.removeprefix("chunk-")
            if place.isdecimal() and int(place) < sweep.chunks_count:
                if _is_whole(path):
                    found.add(int(place))
                else:
                    path.unlink(missing_ok=True)
        return found

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _files(self) -> Iterator[Path]:
        return self.folder.glob("chunk-*.npz")

    def _path(self, index: int) -> Path:
        return self.folder / f"chunk-{index:07d}.npz"


def _is_whole(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except _TORN:
        return False
