"""Front: which judged programs no other one beats in everything, and which are worth showing beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from scs_models.tables import read_table
from scs_models.values import BoolArray, FloatArray
from scs_sim.objective import FIGURES, LESS_IS_BETTER, Objective
from scs_sim.search.judge import Judged, felt_apart


def ranked(judged: Iterable[Judged]) -> list[Judged]:
    """Return judged programs, best first, each program once; equal points in the order of what is dialled."""
    found: dict[tuple[Any, ...], Judged] = {}
    for one in judged:
        key = _dialled(one)
        if key not in found or one.score > found[key].score:
            found[key] = one
    return sorted(found.values(), key=lambda one: (-round(one.score, 9), _dialled(one)))


def different(judged: Sequence[Judged], count: int) -> list[Judged]:
    """Return at most `count` of judged programs, best first: each of them unlike all that stand before it."""
    rules = read_table("search", "scs_sim")["different"]
    chosen: list[Judged] = []
    for one in judged:
        if len(chosen) == count:
            break
        if all(_differ(one, other, rules) for other in chosen):
            chosen.append(one)
    return chosen


def pareto(judged: Sequence[Judged], objective: Objective) -> list[Judged]:
    """Return those of judged programs that no other one beats, in their order.

    One beats another when it is no worse in every figure that the objective weighs and better in one; room beyond the
    objective's bound is no better. Only programs whose weighed figures are all known take part.
    """
    weighed = [name for name in FIGURES if objective.counts(name)]
    known = [one for one in judged if all(name in dict(one.figures) for name in weighed)]
    if not known:
        return []
    good = np.array([[_goodness(name, dict(one.figures)[name], objective) for name in weighed] for one in known])
    return [one for one, kept in zip(known, unbeaten(good), strict=True) if kept]


def unbeaten(good: FloatArray) -> BoolArray:
    """Return which rows of good (n, figures), more being better, no other row beats; of equal rows the first stays."""
    kept = np.ones(len(good), dtype=np.bool_)
    for row, own in enumerate(good):
        as_good = (good >= own).all(axis=1)
        better = as_good & (good > own).any(axis=1)
        kept[row] = not better.any() and int(np.flatnonzero(as_good)[0]) == row
    return kept


def _goodness(name: str, value: float, objective: Objective) -> float:
    if name == "headroom_percent":
        value = min(value, objective.headroom_high_percent)
    return round(-value if name in LESS_IS_BETTER else value, 6)


def _differ(one: Judged, other: Judged, rules: dict[str, Any]) -> bool:
    if len(one.program.areas) != len(other.program.areas):
        return True
    apart_mm = np.hypot(one.centre_mm[0] - other.centre_mm[0], one.centre_mm[1] - other.centre_mm[1])
    pattern = 100.0 * felt_apart(one.felt_share, other.felt_share)
    return bool(apart_mm >= rules["centre_mm"] or pattern >= rules["pattern_percent"])


def _dialled(one: Judged) -> tuple[Any, ...]:
    return tuple((area.contacts, area.pulse_width_us, area.amplitude_ma) for area in one.program.areas)
