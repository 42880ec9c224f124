"""Lattice: log thresholds of the whole population for many programs, found on few column fibres and all root fibres."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

import numpy as np

from scs_models import recruitment
from scs_models.coarse import CoarseColumns, coarse_columns, spread, thinned
from scs_models.peaks import (
    LEAST_DRIVE,
    PROGRAMS_AT_ONCE,
    Corners,
    Part,
    Sifted,
    bound_of_all,
    corners_of,
    parts_of,
    peaks,
    peaks_of_sifted,
    sifted,
)
from scs_models.tables import read_table
from scs_models.values import BoolArray, Float32Array, FloatArray, IntArray, read_only
from scs_sim.setting import Setting

NEVER = np.float32(-np.log(LEAST_DRIVE))
"""Log threshold of a fibre that never fires."""
_ROOTS_AT_ONCE = 17


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """The folded drives of the fibres looked at, in parts.

    columns [diameter][phase] by depth, fibres being indices of (lines, depths) kept; roots and branches: outside the
    branch in the column and in it, fibres being root fibres. log_root_factor (root fibres,) is what injury and clumping
    add to log thresholds of roots.
    """

    coarse: CoarseColumns
    columns: tuple[tuple[tuple[Part, ...], ...], ...]
    roots: tuple[Part, ...]
    branches: tuple[Part, ...]
    log_root_factor: Float32Array

    @property
    def products(self) -> int:
        """Return how many products a program takes when no node is left out."""
        return sum(part.drive.size for part in (*self.column_parts, *self.roots, *self.branches))

    @property
    def column_parts(self) -> tuple[Part, ...]:
        """Return the parts of all diameters and phases."""
        return tuple(part for phases in self.columns for parts in phases for part in parts)

    def tiles(self, weights: FloatArray, *, alike: bool, sift: bool) -> Iterator[Tile]:
        """Yield programs (programs, contacts), current per mA into the tissue, in tiles, all of them once.

        alike: whether all share their cathodes; sift: if so, leave out nodes that are proven not to matter.
        """
        single = weights.astype(np.float32)
        sieve = _Sieve(self, corners_of(weights)) if alike else None
        order = np.arange(len(weights)) if sieve is None else sieve.order(single)
        sieve = sieve if sift else None
        for first in range(0, len(order), PROGRAMS_AT_ONCE):
            rows = order[first : first + PROGRAMS_AT_ONCE]
            currents = np.zeros((single.shape[1], PROGRAMS_AT_ONCE), dtype=np.float32)
            currents[:, : len(rows)] = single[rows].T
            yield Tile(self, rows, currents, sieve)


@dataclass(slots=True, eq=False)
class _Sieve:
    """What is known of each part for a group of programs, found when first asked for."""

    lattice: Lattice
    corners: Corners
    columns: list[Sifted] = field(init=False)
    roots: dict[int, Sifted] = field(default_factory=dict)
    bounds: Float32Array = field(init=False)

    def __post_init__(self) -> None:
        self.columns = [sifted(part, self.corners) for part in self.lattice.column_parts]
        parts = (*self.lattice.roots, *self.lattice.branches)
        self.bounds = np.concatenate([bound_of_all(part, self.corners) for part in parts])

    def needed(self, mix: Float32Array, enough: Float32Array) -> BoolArray:
        """Return which parts, roots before branches, have a fibre that may reach `enough` (programs,) in some program.

        mix (programs, corners): of the programs.
        """
        lattice = self.lattice
        factor = np.concatenate([np.exp(lattice.log_root_factor[part.fibre]) for part in lattice.roots])
        fibre = self.bounds @ mix.T
        fibre[: len(factor)] /= factor[:, None]
        starts = np.cumsum([0, *(len(part.fibre) for part in (*lattice.roots, *lattice.branches))])[:-1]
        return np.logical_or.reduceat((fibre > enough).any(axis=1), starts)

    def of_root(self, part: Part) -> Sifted:
        """Return a part of the roots, sifted."""
        if id(part) not in self.roots:
            self.roots[id(part)] = sifted(part, self.corners)
        return self.roots[id(part)]

    def order(self, single: Float32Array) -> IntArray:
        """Return the programs in an order that puts those together for which the proof is likely to fail."""
        pilot = self.columns[len(self.columns) // 2]
        found = peaks(pilot.kept, np.ascontiguousarray(single.T))
        sure = (found / (pilot.rest @ self.corners.mix.T)).min(axis=0)
        return np.argsort(sure, kind="stable")


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Some programs of a group, `rows` of it; currents (contacts, PROGRAMS_AT_ONCE) are padded with zeros."""

    lattice: Lattice
    rows: IntArray
    currents: Float32Array
    sieve: _Sieve | None

    def columns(self) -> Float32Array:
        """Return the log thresholds (programs, lines * depths * diameters) of column fibres, NEVER where none."""
        coarse, never = self.lattice.coarse, np.zeros(PROGRAMS_AT_ONCE, np.float32)
        kept = iter(self.sieve.columns if self.sieve else ())
        mix = self._mix()
        fibres = len(coarse.line) * len(coarse.depth)
        by_diameter = np.zeros((len(self.lattice.columns), fibres, PROGRAMS_AT_ONCE), np.float32)
        for own, phases in zip(by_diameter, self.lattice.columns, strict=True):
            for part in (part for parts in phases for part in parts):
                if self.sieve is None:
                    best = peaks(part.drive, self.currents)
                else:
                    best, _ = peaks_of_sifted(next(kept), self.currents, mix, never)
                own[part.fibre] += np.reciprocal(best)
            own *= np.float32(1.0 / len(phases))
        log_ma = np.log(by_diameter, out=by_diameter)
        parts = log_ma.reshape(len(by_diameter), len(coarse.line), len(coarse.depth), PROGRAMS_AT_ONCE)
        return spread(coarse, np.ascontiguousarray(parts.transpose(3, 1, 2, 0)))[: len(self.rows)]

    def roots(self, log_enough: FloatArray) -> tuple[Float32Array, Float32Array]:
        """Return the log thresholds (programs, root fibres) in the branch and as roots, NEVER where none.

        Those proven to lie above log_enough (programs,) may be NEVER too.
        """
        factor, roots, branches = self.lattice.log_root_factor, self.lattice.roots, self.lattice.branches
        enough = np.full(PROGRAMS_AT_ONCE, np.float32(np.inf))
        enough[: len(self.rows)] = np.exp(-log_enough)
        needed = [True] * (len(roots) + len(branches))
        if self.sieve is not None:
            needed = self.sieve.needed(self._mix(), enough).tolist()
        as_root = self._of_roots(compress(roots, needed), enough, factor)
        return self._of_roots(compress(branches, needed[len(roots) :]), enough, np.zeros_like(factor)), as_root

    def _of_roots(self, parts: Iterable[Part], enough: Float32Array, factor: Float32Array) -> Float32Array:
        log_drive = np.full((len(factor), PROGRAMS_AT_ONCE), -NEVER)
        mix = self._mix()
        for part in parts:
            if self.sieve is None:
                best = peaks(part.drive, self.currents)
            else:
                own = enough * np.exp(factor[part.fibre].min())
                best, _ = peaks_of_sifted(self.sieve.of_root(part), self.currents, mix, own)
            log_drive[part.fibre] = np.log(best)
        log_ma = np.minimum(factor[:, None] - log_drive, NEVER)
        return np.ascontiguousarray(log_ma.T[: len(self.rows)])

    def _mix(self) -> Float32Array:
        corners = self.sieve.corners if self.sieve else None
        mix = np.zeros((PROGRAMS_AT_ONCE, corners.mix.shape[1] if corners else 0), np.float32)
        if corners:
            mix[: len(self.rows)] = corners.mix[self.rows]
        return mix


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
    by_depth = np.arange(len(coarse.line) * len(coarse.depth)).reshape(len(coarse.line), -1).T
    roots, branches = [], []
    for block, own in zip(folded.roots, setting.field.root_blocks, strict=True):
        order = np.argsort(own.z_mm.mean(axis=0), kind="stable")
        groups = np.array_split(order, -(-len(order) // _ROOTS_AT_ONCE))
        start = own.fibres.start
        roots += [Part(part.drive, read_only(part.fibre + start)) for part in parts_of(block.drive_per_ma, groups)]
        if block.branch_per_ma is not None:
            branches += [Part(p.drive, read_only(p.fibre + start)) for p in parts_of(block.branch_per_ma, groups)]
    return Lattice(
        coarse=coarse,
        columns=tuple(
            tuple(parts_of(block.drive_per_ma, list(by_depth)) for block in phases) for phases in folded.columns
        ),
        roots=tuple(part for part in roots if part.drive.size),
        branches=tuple(part for part in branches if part.drive.size),
        log_root_factor=np.log(setting.root_factor).astype(np.float32),
    )
