"""Known: what a search has found so far, and the answer that it makes at any time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from scs_sim.hardware import generator_of
from scs_sim.objective import figures_of
from scs_sim.population import PopulationResult
from scs_sim.program import Program
from scs_sim.result import Result
from scs_sim.search.front import different, pareto, ranked
from scs_sim.search.judge import Judge, Judged
from scs_sim.search.plan import Plan
from scs_sim.search.result import Point, SearchResult, Suggestion, Variant
from scs_sim.search.space import Space, kind_of_shares
from scs_sim.search.why import reasons
from scs_sim.simulate import Request, simulate


@dataclass(slots=True, eq=False)
class Known:
    """What a search knows so far: programs judged, best first, and what was looked up for those that were shown."""

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
        self.judged = ranked([*self.judged, *(one for one in found if one is not None)])

    def answer(self, stage: str, fraction: float, *, finished: bool = False) -> SearchResult:
        """Return what is known, as an answer."""
        plan, start = self.plan, self._start()
        found = [self._suggestion(one) for one in self.chosen()]
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
            notes=(*self.notes, *(self._dialled(start) if finished else ())),
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

    def _dialled(self, start: Suggestion) -> tuple[str, ...]:
        """Say what the amplitude alone is worth: the points of the case's own contacts at their best amplitude."""
        if len(start.program.areas) > 1:
            return ()
        [best] = self.judge.best([start.program], [start.point.kind], "start")
        if best is None:
            return ("The starting program's contacts have no amplitude that keeps within the bounds of the search.",)
        return (
            f"Amplitude alone is worth {best.score - start.point.score:+.1f} points: the starting program's contacts"
            f" have {best.score:.1f} at {best.point.amplitude_ma:.2f} mA instead of {start.point.amplitude_ma:.2f} mA.",
        )

    def kind_of(self, program: Program) -> str:
        """Return the kind of a program in words, area by area."""
        return " | ".join(kind_of_shares(self.space.geometry, area.shares) for area in program.areas)

    def _suggestion(self, one: Judged) -> Suggestion:
        people = self.people.get(one.program)
        return Suggestion(one.program, one.point, self._result(one.program), self._variants(one.program), (), people)

    def chosen(self) -> list[Judged]:
        """Return the programs that the answer suggests, best first."""
        return different(self.judged, self.plan.top_count)

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


def _fixed(program: Program, result: Result) -> Program:
    """Return a program with the amplitudes at which it was evaluated."""
    first, *others = (state.amplitude_ma for state in result.areas)
    more = tuple(replace(area, amplitude_ma=at) for area, at in zip(program.more_areas, others, strict=True))
    return replace(program, amplitude_ma=first, more_areas=more)
