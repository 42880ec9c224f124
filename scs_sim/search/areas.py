"""Areas: programs that take turns, so that what one leaves out another covers; amplitudes found together.

Which programs go together is guessed from what each lets feel alone, the most promising are judged exactly: together
they recruit more than each, so that discomfort begins earlier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.tables import read_table
from scs_models.values import FloatArray
from scs_sim import coverage
from scs_sim.answers import pain_field
from scs_sim.limit_profiles import findings, nearest_allowed
from scs_sim.program import Area, Program
from scs_sim.search.front import different
from scs_sim.search.judge import Judged, in_chunks
from scs_sim.search.known import Known
from scs_sim.search.plan import Plan
from scs_sim.search.refine import climb

_LOWERED = (1.0, 0.95, 0.9)
"""Amplitudes to begin with, as parts of what is best alone."""


def combined(known: Known, pool: ThreadPoolExecutor) -> Iterator[float]:
    """Put judged programs together to two areas, those to three, ...; take them in and yield the share done."""
    plan, rules = known.plan, read_table("search", "scs_sim")["combined"]
    singles = [one for one in known.judged if len(one.program.areas) == 1]
    if not singles:
        return
    if why := _why_not(plan, singles[0].program):
        known.notes.append(f"No suggestion has several areas: {why}.")
        return
    alone = {(one.program.contacts, one.program.pulse_width_us): one.score for one in singles}
    partners = _partners(singles, plan, rules["second_count"])
    best = different(singles, rules["first_count"])

    def judge(programs: Sequence[Program]) -> list[Judged | None]:
        known.judged_count += len(programs)
        return [one for part in in_chunks(pool, partial(_at, known), programs) for one in part]

    for size in range(2, plan.areas_count + 1):
        trials = _trials(best, partners, plan, rules["judged_count"])
        found = [one for one in judge(trials) if one is not None]
        if not found:
            known.notes.append(f"No {size} areas can run together below discomfort.")
            return
        known.add(one for one in found if _adds(one, alone, rules["gain_points"]))
        best = sorted(found, key=lambda one: -one.score)[: rules["first_count"]]
        steps = tuple(rules["steps_count"])
        around = partial(_amplitudes_moved, plan, steps)
        for share, better in climb(different(best, rules["climbing_count"]), around, len(steps), judge):
            known.add(one for one in better if _adds(one, alone, rules["gain_points"]))
            best = sorted([*better, *best], key=lambda one: -one.score)[: rules["first_count"]]
            yield (size - 2 + share) / (plan.areas_count - 1)
    if not any(len(one.program.areas) > 1 for one in known.judged):
        known.notes.append("No areas together have more points than one of them alone.")


def _adds(one: Judged, alone: Mapping[tuple[str, float], float], gain: float) -> bool:
    """Return whether a union has at least `gain` points more than each of its areas had alone."""
    before = (alone.get((area.contacts, area.pulse_width_us), -np.inf) for area in one.program.areas)
    return one.score >= max(before) + gain


def _at(known: Known, programs: Sequence[Program]) -> list[Judged | None]:
    return known.judge.at(programs, [known.kind_of(program) for program in programs], "combined")


def _why_not(plan: Plan, program: Program) -> str:
    """Return why two areas of the plan's pulse cannot run side by side, "" where they can."""
    try:
        both = _with(program, program)
    except InvalidValueError as error:
        return str(error)
    found = findings(plan.limits, both.areas) if plan.profile else ()
    return str(found[0]) if found else ""


def _with(program: Program, other: Program) -> Program:
    """Return `program` with the one area of `other` as one more."""
    area = Area(other.contacts, other.pulse_width_us, other.rate_hz, other.waveform, other.amplitude_ma)
    return replace(program, more_areas=(*program.more_areas, area))


def _partners(singles: Sequence[Judged], plan: Plan, count: int) -> list[Judged]:
    """Return programs that may add something: the best, and for each painful region those that cover it most."""
    chosen = {id(one): one for one in different(singles, count // 3)}
    hurts = np.flatnonzero(pain_field(plan.case.pain).hurts).tolist()
    of_each = max(count // (3 * len(hurts)), 1)
    for region in hurts:
        by_region = sorted(singles, key=lambda one: (-float(one.felt_share[region]), -one.score))
        chosen |= {id(one): one for one in by_region[:of_each]}
    chosen |= {id(one): one for one in singles[: count // 3]}
    return list(chosen.values())


def _trials(firsts: Sequence[Judged], partners: Sequence[Judged], plan: Plan, count: int) -> list[Program]:
    """Return the most promising unions by what each part lets feel alone, at some amplitudes that can be dialled."""
    guesses = np.array([_guess(first, partners, plan) for first in firsts])
    found: list[Program] = []
    for place in np.argsort(-guesses, axis=None, kind="stable")[:count].tolist():
        first, other = firsts[place // len(partners)].program, partners[place % len(partners)].program
        if any(area.contacts == other.contacts for area in first.areas):
            continue
        for lowered in _LOWERED:
            try:
                union = _with(first, other)
            except InvalidValueError:
                continue
            found.append(_dialled(plan, union, [lowered * (area.amplitude_ma or 0.0) for area in union.areas]))
    return [union for union in dict.fromkeys(found) if not plan.profile or not findings(plan.limits, union.areas)]


def _guess(first: Judged, partners: Sequence[Judged], plan: Plan) -> FloatArray:
    """Return the points (partners,) that `first` might have with each partner: felt is what either lets feel."""
    own, others = dict(first.figures), [dict(one.figures) for one in partners]
    felt = np.maximum(first.felt_share, np.array([one.felt_share for one in partners]))
    found = coverage.figures(pain_field(plan.case.pain), felt, felt)

    def joined(name: str, how: Any) -> FloatArray:
        return np.asarray(how([own.get(name, 0.0)], np.array([figures.get(name, 0.0) for figures in others])))

    return plan.objective.score(
        {
            "pain_covered_by_score_percent": found.by_score,
            "worst_region_percent": found.worst,
            "unwanted_of_felt_percent": found.unwanted_of_felt,
            "headroom_percent": joined("headroom_percent", np.minimum),
            "charge_density_uc_per_cm2": joined("charge_density_uc_per_cm2", np.maximum),
            "average_current_ua": joined("average_current_ua", np.add),
            "robust_covered_percent": joined("robust_covered_percent", np.maximum),
            "active_contacts_count": joined("active_contacts_count", np.add),
        }
    )


def _amplitudes_moved(plan: Plan, steps: tuple[int, ...], program: Program, rung: int) -> list[Program]:
    """Return the program with the amplitude of one area, or of all, some steps of the grid up or down."""
    own = [area.amplitude_ma or 0.0 for area in program.areas]
    found = []
    for count in (steps[rung], -steps[rung]):
        moved = [_stepped(plan, at, count) for at in own]
        choices = [[*own[:place], moved[place], *own[place + 1 :]] for place in range(len(own))]
        found += [_dialled(plan, program, at) for at in (*choices, moved)]
    return [one for one in dict.fromkeys(found) if one != program]


def _stepped(plan: Plan, amplitude_ma: float, count: int) -> float:
    """Return the amplitude so many steps of the grid further."""
    bands = plan.limits.amplitude_bands_ma
    step = next((step for low, high, step in bands if low <= amplitude_ma <= high), bands[0][2])
    return amplitude_ma + count * step


def _dialled(plan: Plan, program: Program, amplitudes_ma: Sequence[float]) -> Program:
    """Return the program with its areas at the nearest amplitudes that can be dialled, none of them 0."""
    bands = plan.limits.amplitude_bands_ma
    least = min(step for _, _, step in bands)
    first, *others = (nearest_allowed(bands, max(at, least)) for at in amplitudes_ma)
    more = tuple(replace(area, amplitude_ma=at) for area, at in zip(program.more_areas, others, strict=True))
    return replace(program, amplitude_ma=first, more_areas=more)
