"""Run: the course of a search, from a first look to the last suggestion, telling all along how far it is.

first look -> all configurations screened -> the best judged exactly -> robustness -> refinement -> areas -> people
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from scs_models.tables import read_table
from scs_models.values import FloatArray, IntArray
from scs_sim.population import PopulationRequest
from scs_sim.processes import default_workers
from scs_sim.program import Program
from scs_sim.search.areas import combined
from scs_sim.search.background import told
from scs_sim.search.front import different, ranked
from scs_sim.search.judge import Judge, Judged, in_chunks, same_pulse
from scs_sim.search.known import Known
from scs_sim.search.plan import Plan
from scs_sim.search.refine import Bounds, JudgeAll, climb, evolve, neighbours
from scs_sim.search.result import Origin, SearchResult
from scs_sim.search.screen import make_screen
from scs_sim.search.screen_all import screen_all
from scs_sim.search.space import NOBODY, Space, space_of
from scs_sim.search.variants import prepare_moved
from scs_sim.setting import Progress, prepare

_FIRST_LOOK_ACTIVE = 2
# How far the search is after each part, and how much of a part is its first half: guesses of their lasting.
_UP_TO = {"first look": 0.03, "screened": 0.35, "robust": 0.5, "refined": 0.9, "combined": 0.95, "people": 1.0}
_SCREENING, _PREPARING, _INSIDE = 0.8, 0.5, 0.4
_TOLD_PER_WIDTH = 20


def course(plan: Plan, progress: Progress | None) -> Iterator[SearchResult]:
    """Yield the answers of a search as they grow; closed, it stops and leaves no thread.

    `progress(fraction, what)` is called while kernels of the case itself are built.
    """
    setting = prepare(plan.case, progress=progress)
    space = space_of(plan.case, plan.max_active)
    judge = Judge(setting, plan.case, plan.objective, plan.profile, space.geometry.x_mm)
    threads = plan.threads or default_workers()
    known = Known(plan, judge, space, [*plan.notes, *_notes(plan, space)])
    pool = ThreadPoolExecutor(threads, thread_name_prefix="scs-sim search")
    try:
        yield from _stages(known, pool, threads)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _stages(known: Known, pool: ThreadPoolExecutor, threads: int) -> Iterator[SearchResult]:
    plan = known.plan
    known.add(_own(known))
    simple = np.flatnonzero(_active_count(known.space) <= _FIRST_LOOK_ACTIVE)
    for _ in _judged(known, pool, _programs(known, simple, plan.pulse_widths_us[0]), "exhaustive"):
        pass
    yield known.answer("first look at programs of two contacts", _UP_TO["first look"])
    for fraction in _screened(known, pool, threads):
        yield known.answer("screening", _between("first look", "screened", fraction))
    if plan.objective.weight("robust_covered_percent") > 0.0:
        for fraction, what in _made_robust(known, pool):
            yield known.answer(what, _between("screened", "robust", fraction))
    else:
        known.notes.append("Robustness does not count in this objective: other postures and migration were left out.")
    for fraction in _refined(known, pool):
        yield known.answer("refining shares and pulse width", _between("robust", "refined", fraction))
    if plan.areas_count > 1:
        for fraction in combined(known, pool):
            yield known.answer("putting areas together", _between("refined", "combined", fraction))
    if plan.population_count:
        for fraction, what in _over_people(known, threads):
            yield known.answer(what, _between("combined", "people", fraction))
    if not known.judged:
        known.notes.append("No program is felt below discomfort within the charge limits, voltage and limit profile.")
    yield known.answer("finished", 1.0, finished=True)


def _judged(known: Known, pool: ThreadPoolExecutor, programs: Sequence[Program], origin: Origin) -> Iterator[float]:
    """Judge programs at their best amplitude and take them in; yield the share done."""
    done = 0
    for part in in_chunks(pool, partial(_best, known, known.judge, origin), programs):
        known.add(part)
        known.judged_count += len(part)
        done += len(part)
        yield done / len(programs)


def _best(known: Known, judge: Judge, origin: Origin, programs: Sequence[Program]) -> list[Judged | None]:
    return judge.best(programs, [known.kind_of(program) for program in programs], origin)


def _screened(known: Known, pool: ThreadPoolExecutor, threads: int) -> Iterator[float]:
    """Rank every configuration at every pulse width, then judge the best exactly; yield the share done."""
    plan, space = known.plan, known.space
    weights, chosen = space.weights(), []
    for place, width_us in enumerate(plan.pulse_widths_us):
        screen = make_screen(
            known.judge.setting, plan.case, replace(plan.template, pulse_width_us=width_us), plan.profile
        )
        score, told_of = np.full(len(space), -np.inf), 0
        with closing(screen_all(screen, weights, plan.objective, workers=threads)) as chunks:
            for chunk in chunks:
                score[chunk.rows] = chunk.best.score
                known.screened += len(chunk.rows)
                if chunk.done_count >= told_of:
                    told_of = chunk.done_count + len(space) // _TOLD_PER_WIDTH
                    yield _SCREENING * (place + chunk.done_count / chunk.all_count) / len(plan.pulse_widths_us)
        chosen += _programs(known, np.array(_shortlist(space, score), dtype=np.int64), width_us)
    for fraction in _judged(known, pool, chosen, "exhaustive"):
        yield _SCREENING + (1.0 - _SCREENING) * fraction


def _shortlist(space: Space, score: FloatArray) -> list[int]:
    """Return the rows that are worth judging exactly: the best, and the best of each kind and of each first cathode."""
    rules = _limits("judged")
    order = np.argsort(-score, kind="stable")
    order = order[np.isfinite(score[order])]
    found = dict.fromkeys(order[: rules["best_count"]].tolist())
    for group in (space.kind, space.cathodes[:, 0]):
        for member in np.unique(group):
            found |= dict.fromkeys(order[group[order] == member][: rules["of_each_kind_count"]].tolist())
    return list(found)


def _made_robust(known: Known, pool: ThreadPoolExecutor) -> Iterator[tuple[float, str]]:
    """Prepare what may happen to the case, and judge the best again with it."""
    work = told(partial(prepare_moved, known.plan.case))
    with closing(work):
        while True:
            try:
                fraction, what = next(work)
            except StopIteration as stop:
                moved, notes = stop.value
                break
            yield _PREPARING * fraction, f"postures and migration: {what}"
    known.notes += notes
    if not moved:
        return
    known.judge = replace(known.judge, moved=moved)
    best, known.judged = _widely(known.judged, _limits("judged")["robust_count"]), []
    origins: dict[Origin, list[Program]] = {}
    for one in best:
        origins.setdefault(one.origin, []).append(one.program)
    for origin, programs in origins.items():
        for fraction in _judged(known, pool, programs, origin):
            yield _PREPARING + (1.0 - _PREPARING) * fraction, "robustness over postures and migration"


def _widely(judged: Sequence[Judged], count: int) -> list[Judged]:
    """Return the best of judged programs: half of `count` whatever they are, and as many that are unlike each other."""
    chosen = {id(one): one for one in (*judged[: count // 2], *different(judged, count // 2))}
    return list(chosen.values())


def _refined(known: Known, pool: ThreadPoolExecutor) -> Iterator[float]:
    """Let the best different programs climb; yield the share done."""
    plan, rules = known.plan, _limits("refined")
    steps = tuple(rules["steps_percent"])
    bounds = Bounds(
        geometry=known.space.geometry,
        own_sources=plan.limits.own_sources,
        max_active=plan.max_active,
        pulse_widths_us=plan.refined_widths_us,
        steps_percent=steps,
    )

    def judged_by(judge: Judge, programs: Sequence[Program]) -> list[Judged | None]:
        known.judged_count += len(programs)
        return [one for part in in_chunks(pool, partial(_best, known, judge, "refined"), programs) for one in part]

    quickly, fully = partial(judged_by, replace(known.judge, moved=())), partial(judged_by, known.judge)
    starts = different(known.judged, rules["starts_count"])
    of_kinds = {one.kind: one for one in reversed(known.judged)}
    kinds = sorted(of_kinds.values(), key=lambda one: -one.score)[: rules["kinds_count"]]
    if plan.limits.own_sources and starts and plan.max_active > 2:
        yield from _evolved(known, bounds, quickly, fully)
        starts = different(known.judged, rules["starts_count"])
    if plan.limits.own_sources:
        inside = list({one.program: one for one in (*starts, *kinds)}.values())
        around = partial(neighbours, replace(bounds, own_contacts=True))
        for fraction, better in climb(inside, around, len(steps), fully, quickly, rules["kept_inside_count"]):
            known.add(better)
            yield _INSIDE * fraction
        starts = different(known.judged, rules["starts_count"])
    for fraction, better in climb(starts, partial(neighbours, bounds), len(steps), fully, quickly, rules["kept_count"]):
        known.add(better)
        yield _INSIDE + (1.0 - _INSIDE) * fraction


def _evolved(known: Known, bounds: Bounds, quickly: JudgeAll, fully: JudgeAll) -> Iterator[float]:
    """Let shares evolve from what is best so far, and take the best of what was found; yield the share done."""
    rules = _limits("evolved")
    own = [one for one in known.judged if one.program.pulse_width_us == known.judged[0].program.pulse_width_us]
    starts = [*different(own, rules["starts_count"]), *own[: rules["starts_count"]]]
    work = told(
        lambda progress: evolve(
            list({one.program: one for one in starts}.values()),
            bounds,
            quickly,
            rules["generations_count"],
            rules["population_count"],
            known.plan.seed,
        )
    )
    with closing(work):
        while True:
            try:
                next(work)
            except StopIteration as stop:
                found = ranked(stop.value)
                break
            yield 0.0
    chosen = {one.program: one for one in (*found[: rules["kept_count"]], *different(found, rules["kept_count"]))}
    known.add(fully(list(chosen)))


def _over_people(known: Known, threads: int) -> Iterator[tuple[float, str]]:
    """Look at each suggestion in drawn patients; yield the share done and what is being done."""
    plan, chosen = known.plan, known.chosen()
    for place, one in enumerate(chosen):
        request = PopulationRequest(plan.case, one.program, plan.population_count, seed=plan.seed)
        work = told(partial(request, workers=threads))
        with closing(work):
            while True:
                try:
                    fraction, what = next(work)
                except StopIteration as stop:
                    known.people[one.program] = stop.value
                    break
                yield (place + fraction) / len(chosen), f"patients, suggestion {place + 1}: {what}"


def _programs(known: Known, rows: IntArray, width_us: float) -> list[Program]:
    return [same_pulse(known.plan.template, known.space.contacts(row), width_us) for row in rows.tolist()]


def _active_count(space: Space) -> IntArray:
    return np.asarray((space.cathodes != NOBODY).sum(axis=1) + (space.anodes != NOBODY).sum(axis=1), dtype=np.int64)


def _own(known: Known) -> list[Judged | None]:
    """Return the case's own program at its best amplitude, where it keeps within the bounds of the search."""
    plan, program = known.plan, known.plan.case.program
    geometry = known.space.geometry
    usable = {geometry.names[index] for index in geometry.usable.tolist()}
    names = {share.name for area in program.areas for share in area.shares if share.lead}
    why = ""
    if len(program.areas) > 1:
        why = f"it has {len(program.areas)} areas"
    elif len(names) > plan.max_active:
        why = f"it has {len(names)} active contacts, and {plan.max_active} are asked for at most"
    elif not names <= usable:
        why = f"contact {min(names - usable)} is open or shorted"
    elif not plan.limits.own_sources and known.kind_of(program).endswith("unequal shares"):
        why = f"one source for all contacts of {plan.limits.name} shares equally"
    if why:
        known.notes.append(f"The starting program is not among the suggestions: {why}.")
        return []
    return _best(known, known.judge, "start", [same_pulse(plan.template, program.contacts, plan.pulse_widths_us[0])])


def _notes(plan: Plan, space: Space) -> Iterator[str]:
    geometry = space.geometry
    lost = [name for index, name in enumerate(geometry.names) if index not in set(geometry.usable.tolist())]
    if lost:
        yield f"Left out, open or shorted: {', '.join(lost)}."
    if len(geometry.usable) == 1:
        yield "One sound contact: monopoles against the generator's case are all there is."
    if space.near_count < len(geometry.usable):
        yield (
            f"{len(geometry.usable)} contacts are too many for every combination: each cathode was combined with its"
            f" {space.near_count - 1} nearest neighbours."
        )


def _limits(name: str) -> dict[str, Any]:
    rows: dict[str, Any] = read_table("search", "scs_sim")[name]
    return rows


def _between(low: str, high: str, fraction: float) -> float:
    return _UP_TO[low] + fraction * (_UP_TO[high] - _UP_TO[low])
