"""Refine: shares moved from contact to contact in whole percents, and pulse widths, as far as points go up.

Points are steps and ramps of amplitude, shares and width, so that no gradient leads far: docs/search.md says what was
tried. Several programs climb side by side, in rounds, so that their neighbours are judged together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from scs_models.values import FloatArray, IntArray
from scs_sim.program import ContactShare, Program
from scs_sim.search.judge import Judged
from scs_sim.search.space import Geometry, contacts_text

JudgeAll = Callable[[Sequence[Program]], list[Judged | None]]
Around = Callable[[Program, int], list[Program]]
_GAIN = 1e-6
_NONE_BELOW, _SPREAD = 0.3, 0.3
_NOBODYS = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """What a climb may change: usable contacts and how many at once, shares or only which contacts, pulse widths.

    steps_percent: how much of the current moves at once, coarse to fine; with one source for all contacts of a sign
    (own_sources False) only whole contacts come, go and change places. own_contacts: no other contact comes in.
    """

    geometry: Geometry
    own_sources: bool
    max_active: int
    pulse_widths_us: tuple[float, ...]
    steps_percent: tuple[int, ...]
    own_contacts: bool = False


@dataclass(slots=True, eq=False)
class _Climber:
    best: Judged
    rung: int = 0


def climb(
    starts: Sequence[Judged],
    around: Around,
    rungs_count: int,
    fully: JudgeAll,
    quickly: JudgeAll | None = None,
    kept_count: int = 1,
) -> Iterator[tuple[float, list[Judged]]]:
    """Yield (share done, better programs found) round by round, until no neighbour of any program has more points.

    around(program, rung) are its neighbours, with steps that get finer from rung to rung. They are judged fully: all,
    or the best `kept_count` of those that `quickly` ranks. Both return None for a program that nobody can use, in the
    order of the programs asked.
    """
    climbers = [_Climber(start) for start in starts]
    while active := [climber for climber in climbers if climber.rung < rungs_count]:
        near = [around(climber.best.program, climber.rung) for climber in active]
        if quickly is not None:
            near = [
                [one.program for one in sorted(found, key=lambda one: -one.score)[:kept_count]]
                for found in _judged(quickly, near)
            ]
        better = []
        for climber, found in zip(active, _judged(fully, near), strict=True):
            top = max(found, key=lambda one: one.score, default=climber.best)
            if top.score > climber.best.score + _GAIN:
                climber.best = top
                better.append(top)
            else:
                climber.rung += 1
        yield sum(climber.rung for climber in climbers) / (rungs_count * len(climbers)), better


def evolve(
    starts: Sequence[Judged], bounds: Bounds, judge: JudgeAll, generations_count: int, population_count: int, seed: int
) -> list[Judged]:
    """Return the programs found as a population of share vectors evolves from `starts`.

    The optimiser is scipy's differential evolution; whole generations are judged at once, and the same seed gives the
    same. Shares of a vector (contacts,) lie in [-1, 1]: small ones are none, cathodes are negative.
    """
    from scipy.optimize import Bounds as scipy_bounds
    from scipy.optimize import differential_evolution

    names, found = bounds.geometry.names, dict[str, Judged | None]()
    template = starts[0].program

    def lost(vectors: FloatArray) -> FloatArray:
        texts = [contacts_text(names, percents_of_vector(vector, bounds)) for vector in vectors.T]
        new = [text for text in dict.fromkeys(texts) if text not in found]
        programs = [replace(template, contacts=text, amplitude_ma=None) for text in new]
        found.update(zip(new, judge(programs), strict=True))
        return np.array([_NOBODYS if (one := found[text]) is None else -one.score for text in texts])

    random = np.random.default_rng(seed)
    own = np.array([_vector_of(percents_of(start.program, names)) for start in starts[:population_count]])
    near = own[random.integers(len(own), size=population_count - len(own))]
    near = np.clip(near + random.normal(0.0, _SPREAD, near.shape), -1.0, 1.0)
    differential_evolution(
        lost,  # type: ignore[arg-type]  # the stubs do not know that `vectorized` means arrays
        scipy_bounds(-np.ones(len(names)), np.ones(len(names))),
        init=np.concatenate([own, near]),
        maxiter=generations_count,
        tol=0.0,
        polish=False,
        updating="deferred",
        vectorized=True,
        rng=random,
    )
    return [one for one in found.values() if one is not None]


def percents_of_vector(vector: FloatArray, bounds: Bounds) -> IntArray:
    """Return the whole percents (contacts,) of a share vector (contacts,), of its largest shares only.

    A sign's percents sum to 100 by the largest remainders; without a cathode the most negative contact is one, without
    an anode the case is.
    """
    percent = np.zeros(len(vector), dtype=np.int64)
    size = np.full(len(vector), -np.inf)
    size[bounds.geometry.usable] = np.abs(vector[bounds.geometry.usable])
    kept = np.argsort(-size, kind="stable")[: bounds.max_active]
    share = np.zeros(len(vector))
    share[kept] = np.sign(vector[kept]) * np.maximum(size[kept] - _NONE_BELOW, 0.0)
    if not (share < 0.0).any():
        lowest = int(bounds.geometry.usable[np.argmin(vector[bounds.geometry.usable])])
        share = np.where(np.arange(len(share)) == lowest, -1.0, 0.0)
    for sign in (-1, 1):
        part = np.maximum(sign * share, 0.0)
        if not part.any():
            continue
        exact = 100.0 * part / part.sum()
        whole = np.floor(exact).astype(np.int64)
        rest = np.argsort(whole - exact, kind="stable")[: 100 - int(whole.sum())]
        whole[rest] += 1
        percent += sign * whole
    return percent


def _vector_of(percent: IntArray) -> FloatArray:
    """Return the share vector whose percents these are."""
    return np.sign(percent) * np.where(percent != 0, _NONE_BELOW + (1.0 - _NONE_BELOW) * np.abs(percent) / 100.0, 0.0)


def _judged(judge: JudgeAll, groups: Sequence[Sequence[Program]]) -> list[list[Judged]]:
    """Return the programs of every group that somebody can use, all judged together."""
    found = iter(judge([program for programs in groups for program in programs]))
    return [[one for one in (next(found) for _ in programs) if one is not None] for programs in groups]


def neighbours(bounds: Bounds, program: Program, rung: int) -> list[Program]:
    """Return the programs one move away: a share moved, a contact changed, another width; amplitudes open."""
    names = bounds.geometry.names
    own = percents_of(program, names)
    if bounds.own_sources:
        moved = _shares_moved(own, bounds, bounds.steps_percent[rung])
    else:
        moved = _contacts_changed(own, bounds) if rung == 0 else []
    texts = dict.fromkeys(contacts_text(names, percent) for percent in moved)
    texts.pop(program.contacts, None)
    found = [replace(program, contacts=text, amplitude_ma=None) for text in texts]
    last = rung == len(bounds.steps_percent) - 1
    widths = bounds.pulse_widths_us if last else _widths(program, bounds) if rung <= 1 else ()
    others = [width for width in widths if width != program.pulse_width_us]
    return found + [replace(program, pulse_width_us=width, amplitude_ma=None) for width in others]


def percents_of(program: Program, names: Sequence[str]) -> IntArray:
    """Return the shares (contacts,) of area A in whole percents, cathodes negative; the generator's is left out."""
    percent = np.zeros(len(names), dtype=np.int64)
    shares: Sequence[ContactShare] = program.shares
    for share in shares:
        if share.lead:
            percent[names.index(share.name)] = share.sign * share.percent
    return percent


def _widths(program: Program, bounds: Bounds) -> tuple[float, ...]:
    """Return the pulse widths just below and above the program's."""
    widths = sorted({*bounds.pulse_widths_us, program.pulse_width_us})
    place = widths.index(program.pulse_width_us)
    return tuple(widths[at] for at in (place - 1, place + 1) if 0 <= at < len(widths))


def _shares_moved(own: IntArray, bounds: Bounds, step_percent: int) -> list[IntArray]:
    """Return every way to move `step_percent` of the current (or all there is) from one contact to another.

    Among the contacts that are in use, also every two such moves at once.
    """
    found = []
    for sign in (-1, 1):
        for source in np.flatnonzero(own * sign > 0).tolist():
            amount = min(step_percent, abs(int(own[source])))
            for target in bounds.geometry.usable.tolist():
                if target == source or own[target] * sign < 0:
                    continue
                moved = own.copy()
                moved[source] -= sign * amount
                moved[target] += sign * amount
                if np.count_nonzero(moved) <= bounds.max_active:
                    found.append(moved)
    inside = [moved for moved in found if not ((moved != 0) & (own == 0)).any()]
    among = [moved - own for moved in inside]
    both = [own + one + other for one, other in combinations(among, 2)]
    return (inside if bounds.own_contacts else found) + [
        moved for moved in both if _is_whole(moved) and (moved != own).any()
    ]


def _is_whole(percent: IntArray) -> bool:
    """Return whether the cathodes' percents sum to 100, and the anodes' to 100 or, with the case, to less."""
    return bool(percent[percent < 0].sum() == -100 and percent[percent > 0].sum() in (0, 100))


def _contacts_changed(own: IntArray, bounds: Bounds) -> list[IntArray]:
    """Return every way to add, drop or exchange one contact, the current of each sign shared equally."""
    found = []
    for sign in (-1, 1):
        members = np.flatnonzero(own * sign > 0).tolist()
        if not members:
            continue
        free = [index for index in bounds.geometry.usable.tolist() if own[index] == 0]
        sets = [[other for other in members if other != one] for one in members] if len(members) > 1 else []
        sets += [[*members, other] for other in free]
        sets += [[*(kept for kept in members if kept != one), other] for one in members for other in free]
        for chosen in sets:
            percent = np.where(own * sign > 0, 0, own)
            whole, rest = divmod(100, len(chosen))
            for place, index in enumerate(sorted(chosen)):
                percent[index] = sign * (whole + (place < rest))
            if np.count_nonzero(percent) <= bounds.max_active:
                found.append(percent)
    return found
