"""Where a sweep goes: Zarr, CSV, Parquet. Nothing that is there is overwritten; a finished one is recognised."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scs_models import files
from scs_models.errors import OutputError
from scs_sim.sweep.describe import FORMAT, description
from scs_sim.sweep.design import Sweep
from scs_sim.sweep.labelled import require_zarr, write_zarr
from scs_sim.sweep.parts import Parts
from scs_sim.sweep.table import METADATA_KEY, require_pyarrow, write_csv, write_parquet

Writer = Callable[[Sweep, Parts, Path], None]


@dataclass(frozen=True, slots=True)
class Output:
    """One output: where it goes, and what kind it is ("zarr", "csv" or "parquet")."""

    kind: str
    path: Path

    @property
    def companion(self) -> Path | None:
        """Return the file beside a CSV file that describes it: columns, units, plan; None for the other kinds."""
        return self.path.with_name(self.path.name + ".json") if self.kind == "csv" else None

    @property
    def exists(self) -> bool:
        """Return whether there is something in its place."""
        return any(path.exists() or path.is_symlink() for path in self._paths())

    @property
    def is_whole(self) -> bool:
        """Return whether it is written, given that what is there is ours: its own name comes last."""
        return self.path.exists()

    def facts(self) -> dict[str, Any]:
        """Return what the sweep that is there says of itself (describe.description); {} where it is something else."""
        reader = {"zarr": _zarr_facts, "csv": _csv_facts, "parquet": _parquet_facts}[self.kind]
        found = reader(self)
        return found if found.get("format") == FORMAT else {}

    def require_possible(self) -> None:
        """Raise MissingPieceError where a library is missing, OutputError where the folder is."""
        if self.kind == "zarr":
            require_zarr()
        elif self.kind == "parquet":
            require_pyarrow()
        if not self.path.name.strip("."):
            raise OutputError(f"{self.path}: is a folder; write a name in it, as {self.path / f'out.{self.kind}'}")
        if not self.path.parent.is_dir():
            raise OutputError(f"{self.path}: cannot be written: there is no folder {self.path.parent}")

    def put_aside(self) -> list[Path]:
        """Rename what is there to NAME.old and return the new names; raise OutputError for what no sweep wrote."""
        if not self.facts():
            raise OutputError(f"{self.path}: is there already and was not written by a sweep; choose another name")
        return [aside(path) for path in self._paths() if path.exists()]

    def write(self, sweep: Sweep, parts: Parts) -> None:
        """Write the whole output under another name and rename it when it is finished; raise OutputError."""
        writer: Writer = {"zarr": write_zarr, "csv": write_csv, "parquet": write_parquet}[self.kind]
        temporary = self.path.with_name(f".{self.path.name}.scs-sim.tmp")
        try:
            _clear(temporary)
            writer(sweep, parts, temporary)
            if self.companion is not None:
                files.write_text(self.companion, json.dumps(description(sweep), indent=1, sort_keys=True) + "\n")
            os.replace(temporary, self.path)
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written: {error.strerror or error}") from error
        finally:
            _clear(temporary)

    def _paths(self) -> Iterator[Path]:
        yield self.path
        if self.companion is not None:
            yield self.companion


def aside(path: Path) -> Path:
    """Rename `path` to the first of NAME.old, NAME.old-2, ... that is free, and return that."""
    number = 1
    while (other := path.with_name(f"{path.name}.old{'' if number == 1 else f'-{number}'}")).exists():
        number += 1
    try:
        return path.rename(other)
    except OSError as error:
        raise OutputError(f"{path}: cannot be put aside: {error.strerror or error}") from error


def _clear(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _zarr_facts(output: Output) -> dict[str, Any]:
    found = _json_facts(output.path / ".zattrs")
    return found | {key: json.loads(found[key]) for key in ("plan", "cases") if isinstance(found.get(key), str)}


def _csv_facts(output: Output) -> dict[str, Any]:
    assert output.companion is not None
    return _json_facts(output.companion)


def _json_facts(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _parquet_facts(output: Output) -> dict[str, Any]:
    from pyarrow import ArrowException, parquet

    try:
        metadata = parquet.read_schema(output.path).metadata or {}
    except (OSError, ArrowException):
        return {}
    found = json.loads(metadata.get(METADATA_KEY, b"{}"))
    return found if isinstance(found, dict) else {}
