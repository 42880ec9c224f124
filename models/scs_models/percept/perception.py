"""From fibre thresholds to a person's thresholds: perception, comfort, discomfort, motor.

All of it is counting: fibres are tallied per sided dermatome, kind (dorsal column, dorsal root) and rootlet, once per
program, for all amplitudes. Nothing here knows of rate; the caller scales amplitudes by the factors of rate.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from scs_models.fibres.population import DorsalColumns
from scs_models.fibres.roots import RootFibres
from scs_models.percept.dermatomes import DERMATOMES
from scs_models.recruitment import FibreThresholds, Grouping, Tally, grouping, tally
from scs_models.tables import read_table
from scs_models.values import FloatArray, IntArray, read_only

SIDED_DERMATOMES: tuple[str, ...] = tuple(f"{side} {name}" for name in DERMATOMES for side in ("left", "right"))


@dataclass(frozen=True, slots=True)
class PerceptRules:
    """The counts and factors of populations.toml that turn recruited fibres into a person's thresholds."""

    counted_from_um: float
    felt_fibres: float
    one_fibre: float
    ten_fibres: float
    root_fibres: float
    root_factor: float
    greatest_over_perception: float
    injured_discomfort_factor: float
    least_over_perception: float
    comfort_share: float
    load_share: float
    motor_fibres: float
    limb_segments: tuple[str, ...]


@cache
def percept_rules() -> PerceptRules:
    """Return the rules that populations.toml holds."""
    table = read_table("populations")
    discomfort = table["discomfort"]
    return PerceptRules(
        counted_from_um=table["felt"]["counted_from_um"],
        felt_fibres=table["felt"]["fibres"],
        one_fibre=table["felt"]["also_shown"][0],
        ten_fibres=table["felt"]["also_shown"][1],
        root_fibres=discomfort["root_fibres"],
        root_factor=discomfort["root_factor"],
        greatest_over_perception=discomfort["greatest_over_perception"],
        injured_discomfort_factor=table["injured_root"]["discomfort_factor"],
        least_over_perception=discomfort["least_over_perception"],
        comfort_share=table["comfort"]["share"],
        load_share=discomfort["column_load"]["share"],
        motor_fibres=table["motor"]["fibres"],
        limb_segments=tuple(table["motor"]["limb_segments"]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """What is counted together; sided dermatomes are 2 * dermatome + (0 left, 1 right), as SIDED_DERMATOMES.

    column groups (lines * depths * diameters, then root fibres) by sided dermatome, `all_columns` the same without
    roots as one channel; root by sided dermatome, rootlet by dorsal rootlet, ventral by ventral root (root fibres,).
    root_count (root fibres,): real fibres that one stands for; rootlet_sided, ventral_sided: sided dermatome of each
    channel; ventral_is_limb and injured_sided (56,): 1 where so.
    """

    column: Grouping
    all_columns: Grouping
    root: Grouping
    rootlet: Grouping
    ventral: Grouping
    root_count: FloatArray
    rootlet_sided: IntArray
    ventral_sided: IntArray
    ventral_is_limb: IntArray
    injured_sided: IntArray


def channels_of(
    columns: DorsalColumns,
    diameter_count: int,
    roots: RootFibres,
    injured: frozenset[tuple[str, str]],
    rules: PerceptRules,
) -> Channels:
    """Return the channels of a population, `diameter_count` diameters counted; `injured` holds (segment, side)."""
    hurt = np.array([(name, side) in injured for name in DERMATOMES for side in ("left", "right")])
    line_sided = 2 * columns.dermatome + columns.side
    per_line = len(columns.depth_mm) * diameter_count
    root_sided = 2 * roots.dermatome + roots.side
    dorsal = roots.is_dorsal
    sided_and_rootlet = root_sided * 100 + roots.rootlet
    rootlet_keys = np.unique(sided_and_rootlet[dorsal])
    ventral_keys = np.unique(root_sided[~dorsal])
    limb = np.array([DERMATOMES[key // 2] in rules.limb_segments for key in ventral_keys], dtype=np.int64)
    column_channel, root_channel = np.repeat(line_sided, per_line), np.where(dorsal, root_sided, -1)
    rootlet = np.where(dorsal, np.searchsorted(rootlet_keys, sided_and_rootlet), -1)
    ventral = np.where(dorsal, -1, np.searchsorted(ventral_keys, root_sided))
    sided = len(SIDED_DERMATOMES)
    return Channels(
        column=grouping(np.concatenate([column_channel, root_channel]), sided),
        all_columns=grouping(np.zeros_like(column_channel), 1),
        root=grouping(root_channel, sided),
        rootlet=grouping(rootlet, len(rootlet_keys)),
        ventral=grouping(ventral, len(ventral_keys)),
        root_count=read_only(np.asarray(roots.count, dtype=np.float64)),
        rootlet_sided=read_only(rootlet_keys // 100),
        ventral_sided=read_only(ventral_keys),
        ventral_is_limb=read_only(limb),
        injured_sided=read_only(hurt.astype(np.int64)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Recruited:
    """The tallies of some programs: dorsal column and dorsal root per sided dermatome, per rootlet, per ventral root.

    column_total (programs,): all dorsal column fibres counted, both sides; column_all: their tally as one channel.
    """

    column: Tally
    root: Tally
    rootlet: Tally
    ventral: Tally
    column_all: Tally
    column_total: FloatArray


def count_fibres(found: FibreThresholds, column_count: FloatArray, channels: Channels) -> Recruited:
    """Return the tallies for thresholds `found`; column_count (programs, lines, depths, diameters) real fibres.

    A root fibre excited first in its dorsal column branch counts there, else as a root: once either way.
    """
    return tally_fibres(found.column_ma, column_count, *by_kind(found), channels)


def by_kind(found: FibreThresholds) -> tuple[FloatArray, FloatArray]:
    """Return the thresholds (programs, root fibres) of root fibres in their branch and as roots; inf in the other."""
    branch_first = found.branch_ma < found.root_ma
    return np.where(branch_first, found.branch_ma, np.inf), np.where(branch_first, np.inf, found.root_ma)


def tally_fibres(
    column_ma: FloatArray,
    column_count: FloatArray,
    in_branch_ma: FloatArray,
    in_root_ma: FloatArray,
    channels: Channels,
) -> Recruited:
    """Return the tallies of lines, column_ma and column_count (programs, ...), and of root fibres `by_kind`."""
    programs = len(in_root_ma)
    counts, column_ma = column_count.reshape(programs, -1), column_ma.reshape(programs, -1)
    root_count = np.broadcast_to(channels.root_count, in_root_ma.shape)
    both_ma = np.concatenate([column_ma, in_branch_ma], axis=1)
    both_count = np.concatenate([counts, root_count], axis=1)
    return Recruited(
        column=tally(both_ma, both_count, channels.column),
        root=tally(in_root_ma, root_count, channels.root),
        rootlet=tally(in_root_ma, root_count, channels.rootlet),
        ventral=tally(in_root_ma, root_count, channels.ventral),
        column_all=tally(column_ma, counts, channels.all_columns),
        column_total=read_only(counts.sum(axis=1)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class PersonThresholds:
    """Thresholds in mA per program, (programs,); inf where not reached. `*_sided` are indices of SIDED_DERMATOMES.

    perception_is_root: the first percept is a root's. discomfort_rule: 0 root, 1 held at the greatest ratio,
    2 held at the least ratio over perception.
    """

    perception_ma: FloatArray
    perception_sided: IntArray
    perception_is_root: IntArray
    one_fibre_ma: FloatArray
    ten_fibres_ma: FloatArray
    comfort_ma: FloatArray
    discomfort_ma: FloatArray
    discomfort_sided: IntArray
    discomfort_rule: IntArray
    column_load_ma: FloatArray
    motor_ma: FloatArray
    motor_sided: IntArray
    trunk_twitch_ma: FloatArray
    trunk_twitch_sided: IntArray


def person_thresholds(recruited: Recruited, channels: Channels, rules: PerceptRules) -> PersonThresholds:
    """Return the thresholds of a person from the tallies, at the rate where perception follows single pulses."""

    def first(fibres: float) -> tuple[FloatArray, IntArray, IntArray]:
        column, root = recruited.column.amplitude_ma(fibres), recruited.root.amplitude_ma(fibres)
        either = np.minimum(column, root)
        where = np.argmin(either, axis=1)
        value = np.take_along_axis(either, where[:, None], axis=1)[:, 0]
        at_root = np.take_along_axis(root, where[:, None], axis=1)[:, 0]
        return value, where, (at_root <= value).astype(np.int64)

    perception, sided, is_root = first(rules.felt_fibres)
    rootlet = recruited.rootlet.amplitude_ma(rules.root_fibres)
    injured = channels.injured_sided[channels.rootlet_sided] == 1
    rootlet = rootlet * np.where(injured, rules.injured_discomfort_factor, 1.0)
    worst, root_sided = _lowest(rootlet, channels.rootlet_sided)
    by_root = worst * rules.root_factor
    greatest, least = perception * rules.greatest_over_perception, perception * rules.least_over_perception
    discomfort = np.clip(by_root, least, greatest)
    rule = np.where(by_root > greatest, 1, np.where(by_root < least, 2, 0))
    load = recruited.column_all.amplitude_ma((rules.load_share * recruited.column_total)[:, None])[:, 0]
    ventral = recruited.ventral.amplitude_ma(rules.motor_fibres)
    limb = channels.ventral_is_limb == 1
    motor, motor_sided = _lowest(np.where(limb, ventral, np.inf), channels.ventral_sided)
    trunk, trunk_sided = _lowest(np.where(limb, np.inf, ventral), channels.ventral_sided)
    return PersonThresholds(
        perception_ma=perception,
        perception_sided=sided,
        perception_is_root=is_root,
        one_fibre_ma=first(rules.one_fibre)[0],
        ten_fibres_ma=first(rules.ten_fibres)[0],
        comfort_ma=comfort_between(perception, discomfort, rules),
        discomfort_ma=discomfort,
        discomfort_sided=root_sided,
        discomfort_rule=rule,
        column_load_ma=load,
        motor_ma=motor,
        motor_sided=motor_sided,
        trunk_twitch_ma=trunk,
        trunk_twitch_sided=trunk_sided,
    )


def comfort_between(perception_ma: FloatArray, discomfort_ma: FloatArray, rules: PerceptRules) -> FloatArray:
    """Return the comfort amplitude (programs,) in mA between two thresholds; inf where nothing is ever felt."""
    felt = np.isfinite(perception_ma)
    between = np.subtract(discomfort_ma, perception_ma, out=np.zeros_like(perception_ma), where=felt)
    return np.asarray(perception_ma + rules.comfort_share * between)


def _lowest(amplitude_ma: FloatArray, sided: IntArray) -> tuple[FloatArray, IntArray]:
    if amplitude_ma.shape[1] == 0:
        empty = np.full(len(amplitude_ma), np.inf)
        return empty, np.zeros(len(amplitude_ma), dtype=np.int64)
    where = np.argmin(amplitude_ma, axis=1)
    return np.take_along_axis(amplitude_ma, where[:, None], axis=1)[:, 0], sided[where]
