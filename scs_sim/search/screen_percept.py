"""Percept of many programs at once: fibres counted in steps of amplitude instead of sorted, then what is felt.

The steps of a program begin at its lowest threshold and are equal in the logarithm. At a step the count is exact for
the thresholds given; the perception threshold is found between steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from scs_models.percept.intensity import IntensityRules
from scs_models.percept.perception import Channels, PerceptRules
from scs_models.percept.regions import SHOWN, load_region_weights
from scs_models.recruitment import Grouping
from scs_models.values import BoolArray, Float32Array, FloatArray, IntArray, read_only
from scs_sim.coverage import PainField
from scs_sim.search.lattice import NEVER

_NEVER_SLACK = 1.0  # an injured root's factor is less
_ENOUGH = 1e-9  # slack of a count, as recruitment.Tally.amplitude_ma
_STEPS_TOGETHER = 4
_COUNTED_AT_ONCE = 16  # programs whose tallies stay in the second-level cache


@dataclass(frozen=True, slots=True, eq=False)
class Sorting:
    """Where each fibre is counted: channels are sided dermatomes of the columns, then of the roots, then one for none.

    column (fibres,), branch and root (root fibres,) hold the channel of a column fibre, of a root fibre that fires in
    its branch, and of one that fires as a root; column_sided and root_sided say which dermatomes the channels are.
    """

    column: IntArray
    branch: IntArray
    root: IntArray
    column_sided: IntArray
    root_sided: IntArray

    @property
    def columns(self) -> int:
        """Return how many channels the columns have."""
        return len(self.column_sided)

    @property
    def count(self) -> int:
        """Return the number of channels, the one that is not counted included."""
        return len(self.column_sided) + len(self.root_sided) + 1


def sorting_of(channels: Channels) -> Sorting:
    """Return where the fibres of a setting are counted."""
    none = len(channels.column.filled) + len(channels.root.filled)
    both = _channel(channels.column, 0, none)
    fibres = channels.all_columns.fibres
    root = _channel(channels.root, len(channels.column.filled), none)
    return Sorting(
        read_only(both[:fibres].copy()),
        read_only(both[fibres:].copy()),
        read_only(root),
        channels.column.filled,
        channels.root.filled,
    )


def _channel(group: Grouping, first: int, none: int) -> IntArray:
    place = np.full(group.fibres + 1, none, dtype=np.int64)
    for row, members in enumerate(group.members):
        place[members] = first + row
    return place[: group.fibres]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Amplitudes of some programs, equally spaced in the logarithm: `number` of them, `step` apart.

    log_first (programs,): logarithm of the first in mA, single pulse; number is a multiple of 4.
    """

    log_first: Float32Array
    step: float
    number: int

    @property
    def log_last(self) -> FloatArray:
        """Return the logarithm (programs,) of the last amplitude."""
        return np.asarray(self.log_first + self.step * (self.number - 1.0))


def tally(log_ma: Float32Array, channel: IntArray, fibre_count: FloatArray, steps: Steps, channels: int) -> FloatArray:
    """Return the fibres that begin to fire at each step, (steps, programs, channels); those below the first there.

    log_ma (programs, fibres); channel (fibres,); fibre_count (programs, fibres) real fibres. The last channel is what
    is not counted.
    """
    at = log_ma - steps.log_first[:, None]
    at *= np.float32(1.0 / steps.step)
    np.ceil(at, out=at)
    np.clip(at, np.float32(0.0), np.float32(steps.number), out=at)
    found = np.empty((steps.number, len(at), channels - 1))
    for first in range(0, len(at), _COUNTED_AT_ONCE):
        part = slice(first, first + _COUNTED_AT_ONCE)
        programs = len(at[part])
        own = (at[part] * np.float32(programs * channels)).astype(np.int64)  # whole numbers far below 2^24: exact
        own += channel
        own += (np.arange(programs) * channels)[:, None]
        size = (steps.number + 1) * programs * channels
        counted = np.bincount(own.ravel(), fibre_count[part].ravel(), size)
        found[:, part] = counted.reshape(-1, programs, channels)[:-1, :, :-1]
    return found


def running(fibres: FloatArray) -> FloatArray:
    """Return running sums over the first axis, in place: faster here than cumsum."""
    for step in range(1, len(fibres)):
        np.add(fibres[step], fibres[step - 1], out=fibres[step])
    return fibres


def first_felt(fibres: FloatArray, steps: Steps, felt_fibres: float) -> FloatArray:
    """Return the log amplitude (programs,) at which the first channel has `felt_fibres`, between steps; inf where none.

    fibres (steps, programs, channels): running counts.
    """
    reached = np.asarray((fibres >= felt_fibres - _ENOUGH).any(axis=2))
    step, rows = reached.argmax(axis=0), np.arange(fibres.shape[1])
    after = fibres[step, rows]
    before = np.where((step > 0)[:, None], fibres[np.maximum(step - 1, 0), rows], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(after >= felt_fibres - _ENOUGH, (felt_fibres - before) / (after - before), np.inf).min(axis=1)
    place = np.maximum(step - 1 + np.clip(part, 0.0, 1.0), 0.0)
    return np.where(reached[-1], steps.log_first + steps.step * place, np.inf)


def felt_by(fibres: FloatArray, steps: Steps, felt_fibres: float) -> FloatArray:
    """Return a log amplitude (programs,) at which some channel surely has `felt_fibres`; inf where none does.

    fibres (steps, programs, channels): those that begin to fire at each step.
    """
    coarse = running(fibres.reshape(-1, _STEPS_TOGETHER, *fibres.shape[1:]).sum(axis=1))
    reached = np.asarray((coarse >= felt_fibres).any(axis=2))
    step = (reached.argmax(axis=0) + 1) * _STEPS_TOGETHER - 1
    return np.where(reached[-1], steps.log_first + steps.step * step, np.inf)


def lowest_reaching(log_ma: Float32Array, fibre_count: FloatArray, group: Grouping, wanted: float) -> Float32Array:
    """Return the log amplitude (programs, filled channels) at which each channel has `wanted` fibres; NEVER where none.

    log_ma (programs, fibres) of fibres that each stand for fibre_count (fibres,) real ones. For groups of few fibres.
    """
    padded = np.concatenate([log_ma, np.full((len(log_ma), 1), NEVER)], axis=1)
    own, each = padded[:, group.members], np.append(fibre_count, 0.0)[group.members]
    best = np.full(own.shape[:2], NEVER)
    for place in range(own.shape[2]):
        at = own[:, :, place]
        there = ((own <= at[..., None]) * each).sum(axis=2)
        np.minimum(best, at, out=best, where=there >= wanted - _ENOUGH)
    return best


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """Single-pulse thresholds of some programs in mA, (programs,): where roots hurt, where limb muscles twitch."""

    rootlet_ma: FloatArray
    motor_ma: FloatArray


def bounds_of(as_root: Float32Array, channels: Channels, rules: PerceptRules) -> Bounds:
    """Return what bounds the amplitude, before discomfort is held between its least and greatest ratio.

    as_root (programs, root fibres): log thresholds of those that fire as roots.
    """
    rootlet = lowest_reaching(as_root, channels.root_count, channels.rootlet, rules.root_fibres)
    hurt = channels.injured_sided[channels.rootlet_sided[channels.rootlet.filled]] == 1
    rootlet += np.where(hurt, np.float32(np.log(rules.injured_discomfort_factor)), np.float32(0.0))
    ventral = lowest_reaching(as_root, channels.root_count, channels.ventral, rules.motor_fibres)
    limb = channels.ventral_is_limb[channels.ventral.filled] == 1
    return Bounds(_lowest_ma(rootlet), _lowest_ma(ventral[:, limb]))


def _lowest_ma(log_ma: Float32Array) -> FloatArray:
    low = log_ma.min(axis=1, initial=float(NEVER))
    return np.where(low < NEVER - _NEVER_SLACK, np.exp(low.astype(np.float64)), np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class RegionSums:
    """Regions of the body map that always share their felt part, put together: weights (channels, groups) float32.

    area, painful, scored (groups, 3) float32: sums over each group of area, painful area and that times its score;
    hurts (groups,).
    """

    cutaneous: Float32Array
    rami: Float32Array
    root: Float32Array
    sums: Float32Array
    hurts: BoolArray


def region_sums(pain: PainField, sorting: Sorting) -> RegionSums:
    """Return the regions as far as the coverage of `pain` tells them apart, on the channels of `sorting`."""
    cutaneous, rami, root, group = _distinct(sorting.column_sided.tobytes(), sorting.root_sided.tobytes())
    painful = pain.area * pain.painful * pain.hurts
    sums = np.zeros((cutaneous.shape[1], 3))
    np.add.at(sums, group, np.stack([pain.area, painful, painful * pain.score], axis=1))
    hurts = np.zeros(len(sums), dtype=np.bool_)
    np.logical_or.at(hurts, group, pain.hurts)
    return RegionSums(cutaneous, rami, root, read_only(sums.astype(np.float32)), read_only(hurts))


@cache
def _distinct(column_sided: bytes, root_sided: bytes) -> tuple[Float32Array, Float32Array, Float32Array, IntArray]:
    weights = load_region_weights()
    columns, roots = (np.frombuffer(part, dtype=np.int64) for part in (column_sided, root_sided))
    every = np.concatenate([weights.cutaneous[:, columns], weights.rami[:, columns], weights.root[:, roots]], axis=1)
    rows, group = np.unique(every, axis=0, return_inverse=True)
    parts = np.split(rows.T.astype(np.float32), [len(columns), 2 * len(columns)])
    cutaneous, rami, root = (read_only(np.ascontiguousarray(part)) for part in parts)
    return cutaneous, rami, root, group.ravel()


@dataclass(frozen=True, slots=True, eq=False)
class Covered:
    """Coverage at some amplitudes, any leading axes, percents as coverage.CoverageFigures has them."""

    by_score: FloatArray
    worst: FloatArray
    unwanted_of_felt: FloatArray


def covered(fibres: Float32Array, sorting: Sorting, regions: RegionSums, rules: IntensityRules) -> Covered:
    """Return the coverage for fibres (..., channels) recruited, the columns' channels first."""
    column, root = fibres[..., : sorting.columns], fibres[..., sorting.columns :]
    skin, rami = _extent(column, rules), _extent(column * np.float32(rules.rami_share), rules)
    by_column = skin @ regions.cutaneous + rami @ regions.rami
    by_root = _extent(root, rules) @ regions.root
    felt = 1.0 - (1.0 - by_column) * (1.0 - by_root)
    area, painful, scored = np.moveaxis(felt @ regions.sums, -1, 0).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Covered(
            by_score=100.0 * scored / regions.sums[:, 2].sum(dtype=np.float64),
            worst=100.0 * felt[..., regions.hurts].min(axis=-1).astype(np.float64),
            unwanted_of_felt=np.where(area > 0.0, 100.0 * (area - painful) / area, np.nan),
        )


def _extent(fibres: Float32Array, rules: IntensityRules) -> Float32Array:
    """Return intensity.extent as regions.shown leaves it, in single precision."""
    share = fibres - np.float32(rules.offset_fibres)
    share *= np.float32(1.0 / (rules.whole_fibres - rules.offset_fibres))
    np.minimum(share, np.float32(1.0), out=share)
    share[(fibres < np.float32(rules.felt_fibres)) | (share < np.float32(SHOWN))] = 0.0
    return share
