"""Recruitment: threshold of every fibre for programs on a lead field, and fibre counts at every amplitude at once.

The model is homogeneous in amplitude: one pass gives every threshold, a sort gives recruitment at all amplitudes.
Programs are rows of contact weights (current per mA of the program, negative at cathodes); all arrays keep that axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scs_models.fibres.predictor import operator_per_ma
from scs_models.lead_field import LeadField, NodeBlock
from scs_models.values import BoolArray, Float32Array, FloatArray, IntArray, read_only

THRESHOLD_NAMES = ("column_ma", "root_ma", "branch_ma")
_NEVER = np.float32(1e-9)
_TAIL_MM = 25.0
# Programs per matrix product of a batch: the product of one node of one block then stays in the second-level cache.
_PROGRAMS_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class FoldedBlock:
    """A node block with the predictor folded in: drive per mA, (kernels * nodes, fibres, contacts) float32.

    For roots `drive_per_ma` holds the nodes outside the branch in the column, `branch_per_ma` those in it, others 0;
    columns have no `branch_per_ma`. Rows in which nothing can act are left out.
    """

    drive_per_ma: Float32Array
    branch_per_ma: Float32Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FoldedField:
    """A lead field folded for one pulse: ready for any number of programs."""

    columns: tuple[tuple[FoldedBlock, ...], ...]
    roots: tuple[FoldedBlock, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FibreThresholds:
    """Thresholds in mA, inf where a fibre never fires.

    column_ma (programs, line-depths, diameters); root_ma and branch_ma (programs, root fibres): the lowest threshold
    over the nodes outside the column's branch, and over those in it.
    """

    column_ma: FloatArray
    root_ma: FloatArray
    branch_ma: FloatArray


def thresholds(field: LeadField, weights: FloatArray, pulse_width_us: float, waveform: str) -> FibreThresholds:
    """Return the thresholds for programs `weights` (programs, contacts) with one pulse; the way for few programs.

    Only column nodes within the field's own margin of the contacts in use are looked at.
    """
    pulse = (float(pulse_width_us), waveform)
    columns = [[[_column_peak(block, field, row, pulse) for block in phases] for phases in field.column_blocks]
               for row in weights]  # fmt: skip
    roots = [[_root_peaks(block, row, pulse) for block in field.root_blocks] for row in weights]
    by_class = [np.array([np.concatenate([pair[index] for pair in row]) for row in roots]) for index in range(2)]
    return _as_thresholds(np.array(columns), *by_class)


def fold(field: LeadField, pulse_width_us: float, waveform: str) -> FoldedField:
    """Return `field` with the predictor of one pulse folded in; worth it from about three dozen programs on."""
    pulse = (float(pulse_width_us), waveform)
    columns = tuple(tuple(FoldedBlock(_folded(block, pulse)) for block in phases) for phases in field.column_blocks)
    return FoldedField(columns, tuple(_folded_root(block, pulse) for block in field.root_blocks))


def thresholds_of_batch(folded: FoldedField, weights: FloatArray) -> FibreThresholds:
    """Return the thresholds for programs `weights` (programs, contacts) on a folded field; the way for many."""
    rows = np.ascontiguousarray(weights, dtype=np.float32)
    columns = np.array([[_peak(rows, block.drive_per_ma) for block in phases] for phases in folded.columns])
    roots = np.concatenate([_peak(rows, block.drive_per_ma) for block in folded.roots])
    branches = [np.zeros((block.drive_per_ma.shape[1], len(rows)), np.float32) if block.branch_per_ma is None
                else _peak(rows, block.branch_per_ma) for block in folded.roots]  # fmt: skip
    return _as_thresholds(np.moveaxis(columns, -1, 0), roots.T, np.concatenate(branches).T)


@lru_cache(maxsize=192)
def _operator(
    diameter_um: float, pulse: tuple[float, str], nodes: int, first: int = 0, stop: int | None = None
) -> Float32Array:
    """Return the predictor's kernels one below the other for nodes first to stop, (kernels * firing, nodes) float32."""
    kernels = operator_per_ma(diameter_um, *pulse, nodes)[:, first:stop]
    return read_only(kernels.reshape(-1, nodes).astype(np.float32))


def _near(block: NodeBlock, field: LeadField, row: FloatArray, used: IntArray) -> tuple[slice, slice]:
    """Return the nodes of a column block whose potential matters, and those that may be the first to fire.

    With a cathode on a lead a fibre fires within the field's margin of the contacts in use, and potentials more than
    _TAIL_MM further out no longer matter: tests/sim/test_few_and_batch.py. Without one, all nodes are looked at.
    """
    if not (row < 0.0).any() or not math.isfinite(field.margin_mm):
        return slice(0, len(block.z_mm)), slice(0, len(block.z_mm))
    height = field.contact_z_mm[used]
    low, high = height.min() - field.margin_mm, height.max() + field.margin_mm
    edges = np.searchsorted(block.z_mm, (low - _TAIL_MM, low, high, high + _TAIL_MM)).tolist()
    return slice(edges[0], edges[3]), slice(edges[1], edges[2])


def _potential(block: NodeBlock, nodes: slice, row: FloatArray, used: IntArray) -> Float32Array:
    """Return the potential (nodes, fibres) in mV per mA of the program `row`: the weighted sum over contacts in use."""
    first, *others = used.tolist()
    total = block.potential_mv_per_ma[first, nodes] * np.float32(row[first])
    part = np.empty_like(total)
    for contact in others:
        np.multiply(block.potential_mv_per_ma[contact, nodes], np.float32(row[contact]), out=part)
        total += part
    return total


def _column_peak(block: NodeBlock, field: LeadField, row: FloatArray, pulse: tuple[float, str]) -> Float32Array:
    used = np.flatnonzero(row)
    if not len(used):
        return np.zeros(block.potential_mv_per_ma.shape[-1], dtype=np.float32)
    seen, firing = _near(block, field, row, used)
    total = _potential(block, seen, row, used)
    operator = _operator(block.diameter_um, pulse, len(total), firing.start - seen.start, firing.stop - seen.start)
    return np.asarray((operator @ total).max(axis=0))


def _root_peaks(block: NodeBlock, row: FloatArray, pulse: tuple[float, str]) -> tuple[Float32Array, Float32Array]:
    used = np.flatnonzero(row)
    _, nodes, fibres = block.potential_mv_per_ma.shape
    if not len(used):
        return np.zeros(fibres, dtype=np.float32), np.zeros(fibres, dtype=np.float32)
    drive = _operator(block.diameter_um, pulse, nodes) @ _potential(block, slice(0, nodes), row, used)
    best = drive.reshape(-1, nodes, fibres).max(axis=0)
    outside, inside = _classes(block)
    return (best * outside).max(axis=0), (best * inside).max(axis=0)


def _classes(block: NodeBlock) -> tuple[BoolArray, BoolArray]:
    """Return which nodes (nodes, fibres) count outside the column's branch and which in it."""
    everywhere = np.ones(block.potential_mv_per_ma.shape[1:], dtype=np.bool_)
    real = everywhere if block.real is None else block.real
    branch = ~everywhere if block.branch is None else block.branch
    return real & ~branch, real & branch


def _folded(block: NodeBlock, pulse: tuple[float, str]) -> Float32Array:
    contacts, nodes, fibres = block.potential_mv_per_ma.shape
    by_node = np.ascontiguousarray(np.moveaxis(block.potential_mv_per_ma, 0, -1)).reshape(nodes, -1)
    return (_operator(block.diameter_um, pulse, nodes) @ by_node).reshape(-1, fibres, contacts)


def _folded_root(block: NodeBlock, pulse: tuple[float, str]) -> FoldedBlock:
    drive = _folded(block, pulse)
    nodes = block.potential_mv_per_ma.shape[1]
    parts = []
    for counts in _classes(block):
        used = np.tile(counts.any(axis=1), len(drive) // nodes)
        parts.append(drive[used] * np.tile(counts, (len(drive) // nodes, 1))[used][..., None])
    return FoldedBlock(*parts)


def _peak(rows: Float32Array, drive: Float32Array) -> Float32Array:
    """Return the greatest drive (fibres, programs) per mA of programs `rows` (programs, contacts), at least 0."""
    fibres = drive.shape[1]
    peak = np.zeros((fibres, len(rows)), dtype=np.float32)
    for part in np.array_split(np.arange(len(rows)), -(-len(rows) // _PROGRAMS_AT_ONCE)):
        currents = np.ascontiguousarray(rows[part].T)
        best = np.zeros((fibres, len(part)), dtype=np.float32)
        at_node = np.empty_like(best)
        for node in drive:
            np.matmul(node, currents, out=at_node)
            np.maximum(best, at_node, out=best)
        peak[:, part] = best
    return peak


def _as_thresholds(columns: Float32Array, roots: Float32Array, branches: Float32Array) -> FibreThresholds:
    """Return thresholds of peaks: columns (programs, diameters, node phases, line-depths), roots (programs, fibres)."""
    by_diameter = _inverse(columns).mean(axis=2)
    return FibreThresholds(
        read_only(np.ascontiguousarray(np.swapaxes(by_diameter, 1, 2))),
        read_only(_inverse(roots)),
        read_only(_inverse(branches)),
    )


def _inverse(peak: Float32Array) -> FloatArray:
    result = np.full(peak.shape, np.inf)
    np.divide(1.0, peak, out=result, where=peak > _NEVER, dtype=np.float64)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Which fibres are counted together: `channels` of them, the non-empty ones being `filled` (F,).

    members (F, n): fibre indices of each filled channel, padded with `fibres`, an index past the last fibre.
    """

    channels: int
    fibres: int
    filled: IntArray
    members: IntArray


def grouping(channel: IntArray, channels: int) -> Grouping:
    """Return the Grouping of fibres with `channel` (fibres,) in [0, channels); a negative channel is not counted."""
    found = [np.flatnonzero(channel == index) for index in range(channels)]
    filled = np.array([index for index, members in enumerate(found) if len(members)], dtype=np.int64)
    width = max((len(members) for members in found), default=0)
    members = np.full((len(filled), width), len(channel), dtype=np.int64)
    for row, index in enumerate(filled):
        members[row, : len(found[index])] = found[index]
    return Grouping(channels, len(channel), read_only(filled), read_only(members))


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Fibres sorted by threshold within each filled channel: threshold_ma and running fibres, (programs, F, n).

    A channel is whatever is counted together (a sided dermatome, a rootlet). Padding has threshold inf and no fibres.
    """

    grouping: Grouping
    threshold_ma: FloatArray
    fibres: FloatArray

    def count(self, amplitude_ma: FloatArray) -> FloatArray:
        """Return the recruited fibres (programs, channels) at amplitudes (programs,) in mA."""
        reached = np.count_nonzero(self.threshold_ma <= np.asarray(amplitude_ma)[:, None, None], axis=-1)
        taken = _picked(self.fibres, np.maximum(reached - 1, 0))
        return self._spread(np.where(reached > 0, taken, 0.0), 0.0)

    def curve(self, amplitude_ma: FloatArray, program: int = 0) -> FloatArray:
        """Return the recruited fibres (amplitudes, channels) of one program at amplitudes (n,) in mA."""
        curves = np.zeros((len(amplitude_ma), self.grouping.channels))
        for row, channel in enumerate(self.grouping.filled):
            reached = np.searchsorted(self.threshold_ma[program, row], amplitude_ma, side="right")
            curves[:, channel] = np.concatenate([[0.0], self.fibres[program, row]])[reached]
        return curves

    def amplitude_ma(self, fibres: float | FloatArray) -> FloatArray:
        """Return the lowest amplitude (mA) that recruits `fibres`, shape (programs, channels); inf where none does.

        `fibres` is a number or anything that broadcasts to (programs, filled channels).
        """
        wanted = np.asarray(fibres, dtype=np.float64)[..., None]
        short = np.count_nonzero(self.fibres < wanted - 1e-9, axis=-1)
        value = _picked(self.threshold_ma, np.minimum(short, self.fibres.shape[-1] - 1))
        return self._spread(np.where(short < self.fibres.shape[-1], value, np.inf), np.inf)

    def _spread(self, values: FloatArray, empty: float) -> FloatArray:
        spread = np.full((values.shape[0], self.grouping.channels), empty)
        spread[:, self.grouping.filled] = values
        return spread


def tally(threshold_ma: FloatArray, fibres: FloatArray, group: Grouping) -> Tally:
    """Return the Tally of fibres with thresholds (programs, n) in mA, each standing for `fibres` (programs, n)."""
    threshold, count = (
        np.take(_with_padding(values, padding), group.members, axis=1)
        for values, padding in ((threshold_ma, np.inf), (np.broadcast_to(fibres, threshold_ma.shape), 0.0))
    )
    order = np.argsort(threshold, axis=-1)  # fibres of equal threshold are recruited together: their order is no matter
    return Tally(group, read_only(_picked(threshold, order)), read_only(np.cumsum(_picked(count, order), axis=-1)))


def _with_padding(values: FloatArray, padding: float) -> FloatArray:
    padded = np.empty((values.shape[0], values.shape[1] + 1))
    padded[:, :-1] = values
    padded[:, -1] = padding
    return padded


def _picked(values: FloatArray, place: IntArray) -> FloatArray:
    """Return values (..., n) at `place`, (...) or (..., m), along the last axis, faster than take_along_axis."""
    if values.shape[-1] == 0:
        return np.zeros(place.shape)
    rows = np.arange(0, values.size, values.shape[-1]).reshape(values.shape[:-1])
    at = place + (rows if place.ndim < values.ndim else rows[..., None])
    return np.asarray(np.take(values.ravel(), at), dtype=np.float64)
