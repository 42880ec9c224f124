"""Union of areas: what several pulse trains that take turns recruit together, fibre by fibre.

With the amplitudes of all areas raised together, a fibre fires as soon as one area reaches it. So its threshold on the
scale of area A is the least of its thresholds, each over its own amplitude, and the tallies stay what they are.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from scs_models.percept.perception import (
    SIDED_DERMATOMES,
    Channels,
    PerceptRules,
    PersonThresholds,
    Recruited,
    by_kind,
    person_thresholds,
    tally_fibres,
)
from scs_models.percept.rate import RateFactors
from scs_models.recruitment import FibreThresholds, Grouping, grouping
from scs_models.values import FloatArray, IntArray, read_only


def together(
    found: FibreThresholds,
    counts: FloatArray,
    reached_ma: FloatArray,
    factors: RateFactors,
    first: IntArray,
    channels: Channels,
    rules: PerceptRules,
) -> tuple[Recruited, PersonThresholds]:
    """Return tallies and single-pulse thresholds of programs on the scale of area A's dial, at A's rate.

    found, counts (areas, lines, depths, diameters), reached_ma and factors (areas,): of each area alone; first
    (programs,): where each program's areas begin. Rates act otherwise on perception than on discomfort and not on
    muscles, so that each has a scale of its own; with equal rates they are one.
    """
    of_area = np.repeat(first, np.diff(np.append(first, len(reached_ma))))
    is_first = of_area == np.arange(len(reached_ma))
    dial = np.divide(reached_ma[of_area], reached_ma, out=np.ones_like(reached_ma), where=~is_first)
    scales = [dial * (part / part[of_area]) for part in (factors.perception, factors.discomfort)]
    scales.append(dial)
    distinct = {scale.tobytes(): scale for scale in scales}
    tallies = {key: recruited_together(found, counts, scale, first, channels) for key, scale in distinct.items()}
    felt, pains, twitches = (tallies[scale.tobytes()] for scale in scales)
    person, at_discomfort, at_motor = (person_thresholds(part, channels, rules) for part in (felt, pains, twitches))
    return replace(felt, ventral=twitches.ventral), replace(
        person,
        discomfort_ma=at_discomfort.discomfort_ma,
        discomfort_sided=at_discomfort.discomfort_sided,
        discomfort_rule=at_discomfort.discomfort_rule,
        column_load_ma=at_discomfort.column_load_ma,
        motor_ma=at_motor.motor_ma,
        motor_sided=at_motor.motor_sided,
        trunk_twitch_ma=at_motor.trunk_twitch_ma,
        trunk_twitch_sided=at_motor.trunk_twitch_sided,
    )


def recruited_together(
    found: FibreThresholds, counts: FloatArray, on_scale: FloatArray, first: IntArray, channels: Channels
) -> Recruited:
    """Return the tallies of programs, each the union of its areas.

    found, counts (areas, lines, depths, diameters) and on_scale (areas,): each area's thresholds and real fibres, and
    what brings its thresholds to the scale of its program's area A; first (programs,): where the areas of each begin.

    A line stands for other numbers of fibres at other heights of the cathodes: an area that comes later adds what it
    has beyond those that came before it, so that the union is never less than any of its areas. A root fibre that one
    area excites in the column and another as a root is felt both ways.
    """
    sizes = np.diff(np.append(first, len(on_scale)))
    most = int(sizes.max())
    own = counts.reshape(len(on_scale), -1)
    column_ma = np.where(own > 0.0, found.column_ma.reshape(own.shape) * on_scale[:, None], np.inf)
    threshold, fibres = _padded(column_ma, first, sizes, np.inf), _padded(own, first, sizes, 0.0)
    order = np.argsort(threshold, axis=1, kind="stable")
    threshold, fibres = np.take_along_axis(threshold, order, axis=1), np.take_along_axis(fibres, order, axis=1)
    reached = np.maximum.accumulate(fibres, axis=1)
    added = np.diff(reached, axis=1, prepend=0.0)
    in_branch_ma, in_root_ma = (np.minimum.reduceat(part * on_scale[:, None], first, axis=0) for part in by_kind(found))
    return tally_fibres(threshold, added, in_branch_ma, in_root_ma, _repeated(channels, most))


def _padded(values: FloatArray, first: IntArray, sizes: IntArray, empty: float) -> FloatArray:
    """Return values (areas, n) as (programs, greatest size, n), programs with fewer areas padded with `empty`."""
    padded = np.full((len(first), int(sizes.max()), values.shape[1]), empty)
    for program, (start, size) in enumerate(zip(first.tolist(), sizes.tolist(), strict=True)):
        padded[program, :size] = values[start : start + size]
    return padded


@lru_cache(maxsize=8)
def _repeated(channels: Channels, times: int) -> Channels:
    """Return `channels` with the fibre lines standing `times` over, before the roots."""
    if times == 1:
        return channels
    lines = channels.all_columns.fibres
    channel = _channel_of(channels.column)
    return replace(
        channels,
        column=grouping(np.concatenate([np.tile(channel[:lines], times), channel[lines:]]), len(SIDED_DERMATOMES)),
        all_columns=grouping(np.tile(_channel_of(channels.all_columns), times), 1),
    )


def _channel_of(group: Grouping) -> IntArray:
    """Return the channel (fibres,) of every fibre of a grouping, -1 where it is not counted."""
    channel = np.full(group.fibres + 1, -1, dtype=np.int64)
    for place, members in zip(group.filled.tolist(), group.members, strict=True):
        channel[members] = place
    return read_only(channel[:-1])
