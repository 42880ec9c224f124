"""Run: the course of a search, from a first look to the last suggestion, telling all along how far it is.

first look -> all configurations screened -> the best judged exactly -> robustness -> refinement -> areas -> people
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from scs_models.tables import read_table
from scs_models.values import IntArray
from scs_sim.case import Case
from scs_sim.hardware import generator_of
from scs_sim.limit_profiles import LimitProfile
from scs_sim.objective import Objective, figures_of
from scs_sim.population import PopulationResult
from scs_sim.processes import default_workers
from scs_sim.program import Area, Program
from scs_sim.result import Result
from scs_sim.search.background import told
from scs_sim.search.front import different, pareto, ranked
from scs_sim.search.judge import Judge, Judged, in_chunks, same_pulse
from scs_sim.search.result import Origin, Point, SearchResult, Suggestion, Variant
from scs_sim.search.space import NOBODY, Space, kind_of_shares, space_of
from scs_sim.search.variants import prepare_moved
from scs_sim.search.why import reasons
from scs_sim.setting import Progress, prepare
from scs_sim.simulate import Request, simulate

_FIRST_LOOK_ACTIVE = 2
# How far the search is, after each part; guesses of their lasting, on two processors.
_UP_TO = {"first look": 0.03, "screened": 0.3, "robust": 0.5, "refined": 0.9, "areas": 0.95}


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The bounds of a search: what SearchRequest asks, in what the limit profile allows.

    template: rate and waveform of every program; pulse_widths_us are screened, widths_free says whether the refinement
    may leave them; notes: what was bent.
    """

    case: Case
    objective: Objective
    profile: str
    limits: LimitProfile
    template: Area
    pulse_widths_us: tuple[float, ...]
    widths_free: bool
    max_active: int
    areas_count: int
    top_count: int
    population_count: int
    seed: int
    threads: int | None
    notes: tuple[str, ...]


@dataclass(slots=True, eq=False)
class _Known:
    """What a search knows so far."""

    plan: Plan
    judge: Judge
    space: Space
    notes: list[str]
    judged: list[Judged] = field(default_factory=list)
    screened: int = 0
    judged_count: int = 0
    results: dict[Program, Result] = field(default_factory=dict)
    variants: dict[Program, tuple[Variant, ...]] = field(default_factory=dict)
    people: dict[Program, PopulationResult] = field(default_factory=dict)

    def add(self, found: Iterable[Judged | None]) -> None:
        """Take judged programs in."""
        found = list(found)
        self.judged_count += len(found)
        self.judged = ranked([*self.judged, *(one for one in found if one is not None)])

    def answer(self, stage: str, fraction: float, *, finished: bool = False) -> SearchResult:
        """Return what is known, as an answer."""
        plan, start = self.plan, self._start()
        found = [self._suggestion(one) for one in different(self.judged, plan.top_count)]
        return SearchResult(
            case_id=plan.case.id,
            case_title=plan.case.title,
            objective=plan.objective,
            profile=plan.profile,
            stage=stage,
            fraction=fraction,
            finished=finished,
            screened=self.screened,
            judged=self.judged_count,
            start=start,
            suggestions=tuple(replace(one, why=reasons(one, start, found, plan.objective)) for one in found),
            front=tuple(one.point for one in pareto(self.judged, plan.objective)),
            notes=tuple(self.notes),
        )

    def _start(self) -> Suggestion:
        """Return the case's own program, at its own amplitude or at comfort."""
        program = self.plan.case.program
        result = self._result(program)
        figures = figures_of(result)
        if variants := self._variants(_fixed(program, result)):
            figures["robust_covered_percent"] = min(variant.pain_covered_by_score_percent for variant in variants)
        point = Point(
            " | ".join(area.contacts for area in program.areas),
            self.kind_of(program),
            program.pulse_width_us,
            result.amplitude_ma,
            tuple(figures.items()),
            float(self.plan.objective.score(figures)),
            "start",
        )
        return Suggestion(program, point, result, variants, ())

    def kind_of(self, program: Program) -> str:
        """Return the kind of a program in words, area by area."""
        return " | ".join(kind_of_shares(self.space.geometry, area.shares) for area in program.areas)

    def _suggestion(self, one: Judged) -> Suggestion:
        people = self.people.get(one.program)
        return Suggestion(one.program, one.point, self._result(one.program), self._variants(one.program), (), people)

    def _result(self, program: Program) -> Result:
        if program not in self.results:
            request = Request(self.plan.case, program, profile=self.plan.profile)
            self.results[program] = simulate(self.judge.setting, request)
        return self.results[program]

    def _variants(self, program: Program) -> tuple[Variant, ...]:
        if not self.judge.moved:
            return ()
        if program not in self.variants:
            generator = generator_of(self.plan.profile)
            self.variants[program] = tuple(moved.look([program], generator)[0] for moved in self.judge.moved)
        return self.variants[program]


def course(plan: Plan, progress: Progress | None) -> Iterator[SearchResult]:
    """Yield the answers of a search as they grow; closed, it stops and leaves no thread.

    `progress(fraction, what)` is called while kernels of the case itself are built.
    """
    setting = prepare(plan.case, progress=progress)
    space = space_of(plan.case, plan.max_active)
    judge = Judge(setting, plan.case, plan.objective, plan.profile, space.geometry.x_mm)
    known = _Known(plan, judge, space, [*plan.notes, *_notes(plan, space)])
    pool = ThreadPoolExecutor(plan.threads or default_workers(), thread_name_prefix="scs-sim search")
    try:
        yield from _stages(known, pool)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _stages(known: _Known, pool: ThreadPoolExecutor) -> Iterator[SearchResult]:
    plan, space = known.plan, known.space
    known.add(_own(known))
    simple = np.flatnonzero(_active_count(space) <= _FIRST_LOOK_ACTIVE)
    for _ in _judged(known, pool, _programs(known, simple, plan.pulse_widths_us[0]), "exhaustive"):
        pass
    yield known.answer("first look at programs of two contacts", _UP_TO["first look"])
    for fraction in _screened(known, pool):
        yield known.answer("screening", _between("first look", "screened", fraction))
    if plan.objective.weight("robust_covered_percent") > 0.0:
        for fraction, what in _made_robust(known, pool):
            yield known.answer(what, _between("screened", "robust", fraction))
    yield known.answer("finished", 1.0, finished=True)


def _judged(known: _Known, pool: ThreadPoolExecutor, programs: Sequence[Program], origin: Origin) -> Iterator[float]:
    """Judge programs at their best amplitude; yield the share done."""
    for width_us in {program.pulse_width_us for program in programs}:
        known.judge.setting.folded(width_us, known.plan.template.waveform)  # once, before threads ask for it together
    done = 0
    kinds = {program: known.kind_of(program) for program in programs}

    def judge(some: Sequence[Program]) -> list[Judged | None]:
        return known.judge.best(some, [kinds[program] for program in some], origin)

    for part in in_chunks(pool, judge, programs):
        known.add(part)
        done += len(part)
        yield done / len(programs)


def _screened(known: _Known, pool: ThreadPoolExecutor) -> Iterator[float]:
    rows = np.flatnonzero(_active_count(known.space) <= 3)
    known.screened = len(rows)
    yield from _judged(known, pool, _programs(known, rows, known.plan.pulse_widths_us[0]), "exhaustive")


def _made_robust(known: _Known, pool: ThreadPoolExecutor) -> Iterator[tuple[float, str]]:
    """Judge the best again, with what may happen to the case."""
    work = told(partial(prepare_moved, known.plan.case))
    while True:
        try:
            fraction, what = next(work)
        except StopIteration as stop:
            moved, notes = stop.value
            break
        yield 0.5 * fraction, f"postures and migration: {what}"
    known.notes += notes
    known.judge = replace(known.judge, moved=moved)
    best, known.judged = known.judged[: _limits("judged")["best_count"]], []
    by_origin: dict[Origin, list[Program]] = {}
    for one in best:
        by_origin.setdefault(one.origin, []).append(one.program)
    for origin, programs in by_origin.items():
        for fraction in _judged(known, pool, programs, origin):
            yield 0.5 + 0.5 * fraction, "robustness over postures and migration"


def _programs(known: _Known, rows: IntArray, width_us: float) -> list[Program]:
    return [same_pulse(known.plan.template, known.space.contacts(row), width_us) for row in rows.tolist()]


def _active_count(space: Space) -> IntArray:
    return np.asarray((space.cathodes != NOBODY).sum(axis=1) + (space.anodes != NOBODY).sum(axis=1), dtype=np.int64)


def _own(known: _Known) -> list[Judged | None]:
    """Return the case's own program at its best amplitude, where it is within the bounds of the search."""
    plan, program = known.plan, known.plan.case.program
    geometry = known.space.geometry
    usable = {geometry.names[index] for index in geometry.usable.tolist()}
    shares = [share for share in program.shares if share.lead]
    if program.more_areas or len(shares) > plan.max_active or not {share.name for share in shares} <= usable:
        return []
    return known.judge.best(
        [same_pulse(plan.template, program.contacts, plan.pulse_widths_us[0])], [known.kind_of(program)], "start"
    )


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


def _fixed(program: Program, result: Result) -> Program:
    """Return a program with the amplitudes at which it was evaluated."""
    first, *others = (state.amplitude_ma for state in result.areas)
    more = tuple(replace(area, amplitude_ma=at) for area, at in zip(program.more_areas, others, strict=True))
    return replace(program, amplitude_ma=first, more_areas=more)
