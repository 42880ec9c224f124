"""Peaks: the greatest drive of every fibre for many programs, in pieces that fit the second-level cache.

A fibre's threshold is one over the greatest drive per mA among its nodes and the predictor's kernels. Each piece is one
matrix product and one maximum, both long enough that threads do not wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.values import Float32Array, read_only

PROGRAMS_AT_ONCE = 64
_FIBRES_AT_ONCE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Drive:
    """A folded node block (recruitment.FoldedBlock) in parts of some fibres, (rows, fibres, contacts) float32 each."""

    parts: tuple[Float32Array, ...]
    fibres: int

    @property
    def floats(self) -> int:
        """Return how many products one program takes."""
        return sum(part.size for part in self.parts)


def drive_of(drive_per_ma: Float32Array) -> Drive:
    """Return the Drive of a folded block (rows, fibres, contacts)."""
    fibres = drive_per_ma.shape[1]
    parts = [
        read_only(np.ascontiguousarray(drive_per_ma[:, first : first + _FIBRES_AT_ONCE]))
        for first in range(0, fibres, _FIBRES_AT_ONCE)
    ]
    return Drive(tuple(parts), fibres)


def peaks(drive: Drive, weights: Float32Array) -> Float32Array:
    """Return the greatest drive (fibres, programs) per mA, at least 0, for weights (programs, contacts)."""
    programs = len(weights)
    currents = np.ascontiguousarray(weights.T)
    best = np.empty((drive.fibres, programs), dtype=np.float32)
    scratch = np.empty(max((part.shape[0] * part.shape[1] for part in drive.parts), default=0) * programs, np.float32)
    first = 0
    for part in drive.parts:
        rows, fibres, contacts = part.shape
        own = best[first : first + fibres]
        at_nodes = scratch[: rows * fibres * programs].reshape(rows * fibres, programs)
        np.matmul(part.reshape(-1, contacts), currents, out=at_nodes)
        np.maximum.reduce(at_nodes.reshape(rows, fibres, programs), axis=0, out=own, initial=0.0)
        first += fibres
    return best
