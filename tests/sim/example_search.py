"""A SearchResult put together from a few programs by hand, each judged by `simulate`; no search code in it."""

from __future__ import annotations

from dataclasses import replace

from scs_sim.case import Case
from scs_sim.objective import Objective, builtin_objective, figures_of
from scs_sim.program import Program
from scs_sim.result import Result
from scs_sim.search.result import Origin, Point, SearchResult, Suggestion, Variant
from scs_sim.search.why import reasons
from scs_sim.setting import Setting, prepare
from scs_sim.simulate import Request, simulate


def judged(
    case: Case, program: Program, objective: Objective, origin: Origin = "exhaustive", *, setting: Setting | None = None
) -> Suggestion:
    """Return a program as a suggestion without reasons, with one other posture and one migration made up from it."""
    result = simulate(setting or prepare(case), Request(case, program))
    covered = result.coverage.pain_covered_by_score_percent or 0.0
    variants = (
        Variant("standing", result.reached_ma, 0.9 * covered, 0.0),
        Variant("lead 1 3 mm caudal", 0.8 * result.reached_ma, 0.5 * covered, 0.0),
    )
    figures = figures_of(result) | {"robust_covered_percent": 0.5 * covered}
    return Suggestion(program, point_of(result, figures, objective, origin), result, variants, ())


def point_of(result: Result, figures: dict[str, float], objective: Objective, origin: Origin) -> Point:
    """Return the point of a Result with these figures."""
    return Point(
        result.contacts,
        "bipole" if len(result.contacts.split()) == 2 else "guarded cathode",
        result.pulse_width_us,
        result.amplitude_ma,
        tuple(figures.items()),
        float(objective.score(figures)),
        origin,
    )


def example_search(case: Case, *contacts: str, objective: Objective | None = None, **more: object) -> SearchResult:
    """Return a SearchResult for `case` whose suggestions are programs with these contacts, best first, explained."""
    objective = objective or builtin_objective()
    setting = prepare(case)
    start = judged(case, case.program, objective, "start", setting=setting)
    found = [
        judged(case, replace(case.program, contacts=text, amplitude_ma=None), objective, setting=setting)
        for text in contacts
    ]
    found.sort(key=lambda item: -item.point.score)
    explained = tuple(replace(item, why=reasons(item, start, found, objective)) for item in found)
    return SearchResult(
        case_id=case.id,
        case_title=case.title,
        objective=objective,
        profile="",
        stage="done",
        fraction=1.0,
        finished=True,
        screened=1000,
        judged=len(found) + 1,
        start=replace(start, why=()),
        suggestions=explained,
        front=tuple(item.point for item in (start, *explained)),
        notes=("A made-up note.",),
    )
