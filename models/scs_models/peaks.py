"""Peaks: the greatest drive of every fibre for many programs; most nodes are left out by proof for programs alike.

A fibre's threshold is one over the greatest drive per mA among its nodes and the predictor's kernels. Each node of a
part is one small matrix product of fixed shape, so that its numbers do not depend on which other nodes are looked at.

The proof, for programs that share their cathodes and whose anodes together carry t <= T: let v(n, a) be the drive of
node n if contact a, or nothing, carried all of T. The drive of n is then a mean of v(n, .) whose weights depend on the
program alone, so over any set of nodes it is at most the same mean of the set's maxima of v(n, .). Where this bound of
the nodes left out lies below the greatest drive of those kept, that is the greatest of all; else all are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from scs_models.values import Float32Array, FloatArray, IntArray, read_only

PROGRAMS_AT_ONCE = 64
LEAST_DRIVE = np.float32(1e-4)
"""Drive per mA below which a fibre counts as never firing: it would take 10 A."""
_KEPT_FROM = np.float32(0.8)  # nodes are kept that reach this part of the greatest v(., a) for some a
_SLACK = 1e-5  # of a part's greatest drive: more than rounding of sums in single precision


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some fibres of a folded block: drive per mA (rows, fibres, contacts) float32.

    fibre (fibres,): their indices among all.
    """

    drive: Float32Array
    fibre: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """What the programs of a group are means of: weights (corners, contacts) float32, all with the group's cathodes.

    mix (programs, corners): the weights of those means.
    """

    weights: Float32Array
    mix: Float32Array


@dataclass(frozen=True, slots=True, eq=False)
class Sifted:
    """A part for the programs of some corners: the rows kept, (rows, fibres, contacts).

    rest (fibres, corners): a bound of the drive of the rows left out at each corner.
    """

    part: Part
    kept: Float32Array
    rest: Float32Array


def parts_of(drive_per_ma: Float32Array, groups: Iterable[IntArray]) -> tuple[Part, ...]:
    """Return a folded block (rows, fibres, contacts) in parts of the fibres that `groups` name."""
    return tuple(Part(read_only(np.ascontiguousarray(drive_per_ma[:, own])), read_only(own)) for own in groups)


def corners_of(weights: FloatArray) -> Corners:
    """Return the corners of programs (programs, contacts) that share their cathodes; the anodes may be any."""
    anodes = np.maximum(weights, 0.0)
    total = float(anodes.sum(axis=1).max())
    used = np.flatnonzero(anodes.any(axis=0))
    corners = np.tile(np.minimum(weights[0], 0.0), (len(used) + 1, 1))
    corners[np.arange(len(used)), used] = total
    share = anodes[:, used] / (total or 1.0)
    nothing = np.maximum(1.0 - share.sum(axis=1, keepdims=True), 0.0)
    mix = np.concatenate([share, nothing], axis=1)
    return Corners(read_only(corners.astype(np.float32)), read_only(mix.astype(np.float32)))


def bound_of_all(part: Part, corners: Corners) -> Float32Array:
    """Return a bound (fibres, corners) of the drive of all nodes at each corner."""
    slack = np.float32(_SLACK * np.abs(part.drive).max(initial=0.0))
    top: Float32Array = np.matmul(part.drive, corners.weights.T).max(axis=0, initial=float(LEAST_DRIVE)) + slack
    return top


def sifted(part: Part, corners: Corners) -> Sifted:
    """Return the rows of a part that may matter for programs between some corners, with the bounds of the proof."""
    slack = np.float32(_SLACK * np.abs(part.drive).max(initial=0.0))
    at_corners = np.matmul(part.drive, corners.weights.T)
    top = np.maximum(at_corners.max(axis=0, initial=0.0), LEAST_DRIVE)
    kept = (at_corners >= _KEPT_FROM * top).any(axis=(1, 2))
    at_corners[kept] = 0.0
    return Sifted(part, part.drive[kept], at_corners.max(axis=0, initial=0.0) + slack)


def peaks(drive: Float32Array, currents: Float32Array) -> Float32Array:
    """Return the greatest drive (fibres, programs) per mA, at least LEAST_DRIVE.

    drive (rows, fibres, contacts); currents (contacts, programs): of PROGRAMS_AT_ONCE programs, whatever they share.
    """
    best: Float32Array = np.matmul(drive, currents).max(axis=0, initial=float(LEAST_DRIVE))
    return best


def peaks_of_sifted(
    own: Sifted, currents: Float32Array, mix: Float32Array, enough: Float32Array
) -> tuple[Float32Array, int]:
    """Return what `peaks` of the whole part returns, bit for bit, and how many products of a program it took.

    mix (programs, corners): of the programs; enough (programs,): drives below which nobody needs to know them:
    where proven to lie below they may be LEAST_DRIVE.
    """
    found = peaks(own.kept, currents)
    if not ((own.rest @ mix.T) > np.maximum(found, enough)).any():
        return found, own.kept.size
    return peaks(own.part.drive, currents), own.kept.size + own.part.drive.size
