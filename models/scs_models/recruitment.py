"""Recruitment: threshold of every fibre for programs on a lead field, and fibre counts at every amplitude at once.

The model is homogeneous in amplitude: one pass gives every threshold, a sort gives recruitment at all amplitudes.
Programs are rows of contact weights (current per mA of the program, negative at cathodes); all arrays keep that axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.fibres.predictor import operator_per_ma
from scs_models.lead_field import LeadField, NodeBlock
from scs_models.values import Float32Array, FloatArray, IntArray, read_only

CHUNK_FLOATS = 400_000
THRESHOLD_NAMES = ("column_ma", "root_ma", "branch_ma")
_NEVER = np.float32(1e-9)


@dataclass(frozen=True, slots=True, eq=False)
class FoldedBlock:
    """A node block with the predictor folded in: drive per mA, (contacts, nodes * fibres) per phase of the pulse.

    `root` and `branch` hold the same for roots with the other class of nodes zeroed; columns only use `root`.
    """

    nodes: int
    fibres: int
    phases: tuple[Float32Array, ...]
    branch_phases: tuple[Float32Array, ...]


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
    """Return the thresholds for programs `weights` (programs, contacts) with one pulse; the way for few programs."""
    used = np.flatnonzero(np.any(weights != 0.0, axis=0))
    few = weights[:, used].astype(np.float32)
    columns = [
        [_peak_by_program(block, used, few, pulse_width_us, waveform)[0] for block in phases]
        for phases in field.column_blocks
    ]
    roots = [_peak_by_program(block, used, few, pulse_width_us, waveform) for block in field.root_blocks]
    return _as_thresholds(columns, [part[0] for part in roots], [part[1] for part in roots])


def fold(field: LeadField, pulse_width_us: float, waveform: str) -> FoldedField:
    """Return `field` with the predictor of one pulse folded in; worth it from about a dozen programs on."""
    columns = tuple(
        tuple(_folded(block, pulse_width_us, waveform) for block in phases) for phases in field.column_blocks
    )
    return FoldedField(columns, tuple(_folded(block, pulse_width_us, waveform) for block in field.root_blocks))


def thresholds_of_batch(folded: FoldedField, weights: FloatArray) -> FibreThresholds:
    """Return the thresholds for programs `weights` (programs, contacts) on a folded field; the way for many."""
    rows = np.ascontiguousarray(weights, dtype=np.float32)
    columns = [[_peak(rows, block, block.phases) for block in phases] for phases in folded.columns]
    roots = [_peak(rows, block, block.phases) for block in folded.roots]
    branches = [_peak(rows, block, block.branch_phases) for block in folded.roots]
    return _as_thresholds(columns, roots, branches)


def _operators(block: NodeBlock, pulse_width_us: float, waveform: str) -> Float32Array:
    nodes = block.potential_mv_per_ma.shape[1]
    return operator_per_ma(block.diameter_um, pulse_width_us, waveform, nodes).astype(np.float32)


def _peak_by_program(
    block: NodeBlock, used: IntArray, weights: Float32Array, pulse_width_us: float, waveform: str
) -> tuple[Float32Array, Float32Array]:
    operators = _operators(block, pulse_width_us, waveform)
    potential = block.potential_mv_per_ma[used]
    shape = potential.shape[1:]
    peak = np.zeros((len(weights), shape[1]), dtype=np.float32)
    branch = np.zeros_like(peak)
    for index, row in enumerate(weights):
        total = (row @ potential.reshape(len(used), -1)).reshape(shape)
        for operator in operators:
            drive = operator @ total
            if block.branch is None or block.real is None:
                np.maximum(peak[index], drive.max(axis=0), out=peak[index])
            else:
                outside = np.where(block.real & ~block.branch, drive, 0.0).max(axis=0)
                inside = np.where(block.real & block.branch, drive, 0.0).max(axis=0)
                np.maximum(peak[index], outside, out=peak[index])
                np.maximum(branch[index], inside, out=branch[index])
    return peak, branch


def _folded(block: NodeBlock, pulse_width_us: float, waveform: str) -> FoldedBlock:
    operators = _operators(block, pulse_width_us, waveform)
    contacts, nodes, fibres = block.potential_mv_per_ma.shape
    drives = [np.matmul(operator, block.potential_mv_per_ma) for operator in operators]
    if block.branch is None or block.real is None:
        return FoldedBlock(nodes, fibres, tuple(drive.reshape(contacts, -1) for drive in drives), ())
    outside, inside = block.real & ~block.branch, block.real & block.branch
    return FoldedBlock(
        nodes,
        fibres,
        tuple(np.where(outside, drive, np.float32(0)).reshape(contacts, -1) for drive in drives),
        tuple(np.where(inside, drive, np.float32(0)).reshape(contacts, -1) for drive in drives),
    )


def _peak(rows: Float32Array, block: FoldedBlock, phases: tuple[Float32Array, ...]) -> Float32Array:
    width = block.nodes * block.fibres
    peak = np.zeros((len(rows), block.fibres), dtype=np.float32)
    chunk = max(1, CHUNK_FLOATS // max(width, 1))
    buffer = np.empty((min(chunk, len(rows)), width), dtype=np.float32)
    for gains in phases:
        for start in range(0, len(rows), chunk):
            part = rows[start : start + chunk]
            out = np.matmul(part, gains, out=buffer[: len(part)])
            best = out.reshape(len(part), block.nodes, block.fibres).max(axis=1)
            np.maximum(peak[start : start + len(part)], best, out=peak[start : start + len(part)])
    return peak


def _as_thresholds(
    columns: list[list[Float32Array]], roots: list[Float32Array], branches: list[Float32Array]
) -> FibreThresholds:
    by_diameter = [np.mean([_inverse(peak) for peak in phases], axis=0) for phases in columns]
    return FibreThresholds(
        read_only(np.stack(by_diameter, axis=-1)),
        read_only(_inverse(np.concatenate(roots, axis=-1))),
        read_only(_inverse(np.concatenate(branches, axis=-1))),
    )


def _inverse(peak: Float32Array) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.where(peak > _NEVER, 1.0 / peak.astype(np.float64), np.inf)


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
        reached = np.sum(self.threshold_ma <= np.asarray(amplitude_ma)[:, None, None], axis=-1)
        last = np.maximum(reached - 1, 0)
        taken = np.take_along_axis(self.fibres, last[..., None], axis=-1)[..., 0]
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
        wanted = np.broadcast_to(np.asarray(fibres, dtype=np.float64), self.fibres.shape[:2])
        short = np.sum(self.fibres < wanted[..., None] - 1e-9, axis=-1)
        place = np.minimum(short, self.fibres.shape[-1] - 1)
        value = np.take_along_axis(self.threshold_ma, place[..., None], axis=-1)[..., 0]
        return self._spread(np.where(short < self.fibres.shape[-1], value, np.inf), np.inf)

    def _spread(self, values: FloatArray, empty: float) -> FloatArray:
        spread = np.full((values.shape[0], self.grouping.channels), empty)
        spread[:, self.grouping.filled] = values
        return spread


def tally(threshold_ma: FloatArray, fibres: FloatArray, group: Grouping) -> Tally:
    """Return the Tally of fibres with thresholds (programs, n) in mA, each standing for `fibres` (programs, n)."""
    edge = np.ones((len(threshold_ma), 1))
    threshold = np.concatenate([threshold_ma, edge * np.inf], axis=1)[:, group.members]
    count = np.concatenate([np.broadcast_to(fibres, threshold_ma.shape), edge * 0.0], axis=1)[:, group.members]
    order = np.argsort(threshold, axis=-1, kind="stable")
    ordered = np.take_along_axis(threshold, order, axis=-1)
    running = np.cumsum(np.take_along_axis(count, order, axis=-1), axis=-1)
    return Tally(group, read_only(ordered), read_only(running))
