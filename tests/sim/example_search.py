"""A SearchResult put together from a few programs by hand, each judged by `simulate`; no search code in it."""

from __future__ import annotations

from dataclasses import replace

from scs_sim.case import Case
from scs_sim.objective import Objective, builtin_objective, figures_of
from scs_sim.program import Program
from scs_sim.result import Result
from scs_sim.search.result import Origin, Point, SearchResult, Suggestion, Variant
from scs_sim.search.why import reasons
from scs_sim.setting import Setting
from scs_sim.simulate import Request, simulate


def suggestion(
    setting: Setting, case: Case, program: Program, objective: Objective | None = None, origin: Origin = "exhaustive"
) -> Suggestion:
    """Return a program as a suggestion without reasons, with one posture and one migration made up from its figures."""
    result = simulate(setting, Request(case, program))
    covered = result.coverage.pain_covered_by_score_percent or 0.0
    variants = (
        Variant("standing", result.reached_ma, 0.9 * covered, 0.0),
        Variant("lead 1 3 mm down", 0.8 * result.reached_ma, 0.5 * covered, 0.0),
    )
    figures = figures_of(result) | {"robust_covered_percent": 0.5 * covered}
    dialled = replace(program, amplitude_ma=result.amplitude_ma)
    return Suggestion(
        dialled, point_of(result, figures, objective or builtin_objective(), origin), result, variants, ()
    )


def point_of(result: Result, figures: dict[str, float], objective: Objective, origin: Origin) -> Point:
    """Return the point of a Result with these figures."""
    return Point(
        contacts=result.contacts,
        kind="bipole" if len(result.contacts.split()) == 2 else "tripole",
        pulse_width_us=result.pulse_width_us,
        amplitude_ma=result.amplitude_ma,
        figures=tuple(figures.items()),
        score=float(objective.score(figures)),
        origin=origin,
    )


def example_search(setting: Setting, case: Case, *contacts: str, objective: Objective | None = None) -> SearchResult:
    """Return a SearchResult for `case` whose suggestions are programs with these contacts, best first, explained."""
    objective = objective or builtin_objective()
    start = suggestion(setting, case, case.program, objective, "start")
    programs = [replace(case.program, contacts=text, amplitude_ma=None) for text in contacts]
    found = [suggestion(setting, case, program, objective) for program in programs]
    found.sort(key=lambda item: -item.point.score)
    explained = tuple(replace(item, why=reasons(item, start, found, objective)) for item in found)
    return SearchResult(
        case_id=case.id,
        case_title=case.title,
        objective=objective,
        profile="",
        stage="finished",
        fraction=1.0,
        finished=True,
        screened=1000,
        judged=len(found) + 1,
        start=start,
        suggestions=explained,
        front=tuple(item.point for item in (start, *explained)),
        notes=("A made-up note.",),
    )
