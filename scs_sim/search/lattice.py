"""Lattice: log thresholds of the whole population for many programs, found on few column fibres and all root fibres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scs_models import recruitment
from scs_models.coarse import CoarseColumns, coarse_columns, spread, thinned
from scs_models.peaks import Drive, drive_of, peaks
from scs_models.tables import read_table
from scs_models.values import Float32Array
from scs_sim.setting import Setting

NEVER = np.float32(np.log(1e9))
"""Log threshold of a fibre that never fires: ln of more mA than there are."""
_LEAST_DRIVE = np.float32(1e-9)


@dataclass(frozen=True, slots=True, eq=False)
class LogThresholds:
    """Natural logarithms of thresholds in mA of a single pulse, float32, NEVER where none, leading axis programs.

    column (programs, lines * depths * diameters), branch and root (programs, root fibres): in the column's branch and
    as a root, as recruitment.FibreThresholds tells them apart.
    """

    column: Float32Array
    branch: Float32Array
    root: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """The folded drives of the fibres looked at: columns [diameter][phase], roots outside and in the branch.

    log_root_factor (root fibres,) is what injury and clumping add to log thresholds of roots.
    """

    coarse: CoarseColumns
    columns: tuple[tuple[Drive, ...], ...]
    roots: tuple[Drive, ...]
    branches: tuple[Drive | None, ...]
    log_root_factor: Float32Array

    @property
    def floats(self) -> int:
        """Return how many products one program takes."""
        every = [drive for phases in self.columns for drive in phases] + list(self.roots)
        return sum(drive.floats for drive in (*every, *self.branches) if drive is not None)

    def log_thresholds(self, weights: Float32Array) -> LogThresholds:
        """Return the log thresholds for programs (programs, contacts), current per mA into the tissue."""
        by_diameter = np.stack(
            [
                np.mean([_inverse(peaks(drive, weights)) for drive in phases], axis=0, dtype=np.float32)
                for phases in self.columns
            ]
        )
        coarse = self.coarse
        log_ma = np.log(by_diameter, out=by_diameter)
        kept = log_ma.reshape(len(coarse.diameter), len(coarse.line), len(coarse.depth), len(weights))
        column = spread(coarse, np.ascontiguousarray(kept.transpose(3, 1, 2, 0)))
        root, branch = (
            np.concatenate(
                [
                    self._of_roots(drive, outside.fibres, weights)
                    for drive, outside in zip(drives, self.roots, strict=True)
                ]
            )
            for drives in (self.roots, self.branches)
        )
        factor = self.log_root_factor[:, None]
        return LogThresholds(
            column, np.ascontiguousarray(branch.T), np.ascontiguousarray(np.minimum(root + factor, NEVER).T)
        )

    def _of_roots(self, drive: Drive | None, fibres: int, weights: Float32Array) -> Float32Array:
        if drive is None:
            return np.full((fibres, len(weights)), NEVER)
        return np.log(_inverse(peaks(drive, weights)))


def lattice_of(setting: Setting, pulse_width_us: float, waveform: str, *, full: bool = False) -> Lattice:
    """Return the lattice of screen.toml for one pulse, or with `full` every fibre of the population."""
    rules: dict[str, Any] = read_table("screen", "scs_sim")["lattice"]
    diameter_um = setting.columns.diameter_um[setting.column_diameters]
    coarse = coarse_columns(
        setting.columns,
        diameter_um,
        line_step=1 if full else rules["line_step"],
        depth_count=len(setting.columns.depth_mm) if full else rules["depth_count"],
        diameter_count=len(diameter_um) if full else rules["diameter_count"],
    )
    folded = recruitment.fold(thinned(setting.field, coarse), pulse_width_us, waveform)
    return Lattice(
        coarse=coarse,
        columns=tuple(tuple(drive_of(block.drive_per_ma) for block in phases) for phases in folded.columns),
        roots=tuple(drive_of(block.drive_per_ma) for block in folded.roots),
        branches=tuple(None if b.branch_per_ma is None else drive_of(b.branch_per_ma) for b in folded.roots),
        log_root_factor=np.log(setting.root_factor).astype(np.float32),
    )


def _inverse(peak: Float32Array) -> Float32Array:
    return np.reciprocal(np.maximum(peak, _LEAST_DRIVE))
