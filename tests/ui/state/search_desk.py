"""An invented search for the panel's tests: programs chosen by hand, judged by the real engine, told in two parts."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from scs_sim.case import builtin_case
from scs_sim.objective import Objective, builtin_objective
from scs_sim.search.result import SearchResult
from scs_sim.setting import prepare

sys.path.insert(0, str(Path(__file__).parents[2] / "sim"))

from example_search import example_search

CASE = "back-and-left-leg"
SUGGESTED = ("1.3- 1.5+", "1.4- 1.6+", "1.3- 1.2+ 1.4+")
FRONT = ("1.2- 1.4+", "1.5- 1.7+")


@cache
def _setting():
    return prepare(builtin_case(CASE))


@cache
def invented(parts: int = 2, objective: Objective | None = None) -> SearchResult:
    """Return the whole answer (parts 2), or its first part: one suggestion, no front, not finished."""
    weighed, case = objective or builtin_objective(), builtin_case(CASE)
    if parts < 2:
        first = example_search(_setting(), case, SUGGESTED[0], objective=weighed)
        return replace(first, stage="refining", fraction=0.3, finished=False, screened=1234, judged=17, front=())
    whole = example_search(_setting(), case, *SUGGESTED, objective=weighed)
    rest = example_search(_setting(), case, *FRONT, objective=weighed)
    points = tuple(one.point for one in (*whole.suggestions, *rest.suggestions))
    return replace(whole, screened=2468, judged=34, front=points, notes=())


def two_parts(request, on_news, on_wait) -> None:
    """Stand in for the process that searches: the first part, then the whole."""
    for parts in (1, 2):
        on_wait()
        on_news(invented(parts, request.objective))
