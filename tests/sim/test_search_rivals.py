"""The search against rivals that share `simulate` and the objective with it, no more: rivals.py says how they work.

The rivals are also judged themselves: brute force must really go through everything on its grid. The full comparison,
with its table in docs/search.md, is benchmarks/search_gap.py.
"""

from __future__ import annotations

from dataclasses import replace
from math import comb

import pytest
from rivals import Field, brute_force, every_share, random_restarts

from scs_models.leads import catalogue
from scs_sim.case import builtin_case
from scs_sim.objective import builtin_objective
from scs_sim.search.request import SearchRequest
from scs_sim.setting import prepare

OBJECTIVE = replace(builtin_objective(), robust_covered_percent=0.0)
PROFILE = "multi-source"
# What may be missing to a rival, in points: one percent of pain covered is one point. benchmarks/search_gap.py measures
# that the search is ahead; a small rival of a small search may be a little luckier.
SLACK_POINTS = 0.5


def four_contacts():
    """Return the built-in case with one lead of four contacts in place of its own."""
    case = builtin_case("foot")
    placement = case.leads[0]
    own = replace(catalogue()[placement.lead], id="four", title="four contacts", column_contacts=(4,))
    program = replace(case.program, contacts="1.1- 1.2+")
    return replace(case, own_leads=(own,), leads=(replace(placement, lead="four"),), program=program)


@pytest.mark.parametrize(("contacts", "units"), [(3, 2), (4, 4), (4, 2)])
def test_brute_force_goes_through_every_program_once(contacts, units):
    found = list(every_share(contacts, 100 // units, contacts))
    ways = sum(
        comb(contacts, cathodes)
        * comb(units - 1, cathodes - 1)
        * comb(contacts - cathodes, anodes)
        * (comb(units - 1, anodes - 1) if anodes else 1)
        for cathodes in range(1, contacts + 1)
        for anodes in range(contacts - cathodes + 1)
    )
    assert len(found) == len(set(found)) == ways
    for shares in found:
        assert sum(percent for _, percent in shares if percent < 0) == -100
        assert sum(percent for _, percent in shares if percent > 0) in (0, 100)


@pytest.mark.slow
def test_brute_force_over_four_contacts_finds_nothing_better():
    case = four_contacts()
    field = Field(prepare(case), case, OBJECTIVE, PROFILE)
    best, program, count = brute_force(field, 25, (250.0,), 4)
    assert count == len(list(every_share(4, 25, 4)))
    answer = SearchRequest(case, OBJECTIVE, PROFILE, max_active=4, pulse_widths_us=(250.0,))()
    assert answer.suggestions[0].point.score >= best - 0.01, program
    assert field.points(answer.suggestions[0].program) == pytest.approx(answer.suggestions[0].point.score, abs=0.02)


@pytest.mark.slow
def test_random_restarts_over_eight_contacts_find_nothing_much_better(prepared):
    case = builtin_case("foot")
    field = Field(prepared("foot"), case, OBJECTIVE, PROFILE)
    points, program = random_restarts(field, restarts=16, rounds=10, pulse_width_us=250.0, max_active=4, seed=5)
    assert points.max() > points.min()
    answer = SearchRequest(case, OBJECTIVE, PROFILE, max_active=4, pulse_widths_us=(250.0,))()
    assert answer.suggestions[0].point.score >= points.max() - SLACK_POINTS, program
