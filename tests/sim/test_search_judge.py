"""Judge, variants and front: against dialling by hand, against `simulate` of the moved case, against the definition."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from rivals import Field

from scs_sim.case import builtin_case
from scs_sim.hardware import generator_of
from scs_sim.objective import builtin_objective, figures_of, why_unfit
from scs_sim.program import Area, Program
from scs_sim.search.background import told
from scs_sim.search.front import different, pareto, ranked, unbeaten
from scs_sim.search.judge import Judge, Judged, dialled_ma, same_pulse
from scs_sim.search.refine import Bounds, climb, evolve, neighbours, percents_of, percents_of_vector
from scs_sim.search.space import geometry_of
from scs_sim.search.variants import Moved, moved_cases
from scs_sim.setting import prepare
from scs_sim.simulate import Request, simulate

PROFILE = "multi-source"
OBJECTIVE = replace(builtin_objective(), robust_covered_percent=0.0)
CONTACTS = ("1.3- 1.5+", "1.1+ 1.2- 1.3+", "1.6- case+", "1.2-30 1.3-70 1.5+", "1.7- 1.8+", "1.1- 1.2- 1.8+")


@pytest.fixture(scope="module")
def judge(prepared):
    case = builtin_case("foot")
    return Judge(prepared("foot"), case, OBJECTIVE, PROFILE, geometry_of(case).x_mm)


def programs(case, contacts=CONTACTS):
    return [same_pulse(case.program, text, 250.0) for text in contacts]


def test_the_best_amplitude_is_the_one_that_dialling_through_finds(judge):
    asked = programs(judge.case)
    found = judge.best(asked, ["any"] * len(asked), "exhaustive")
    points, chosen = Field(judge.setting, judge.case, OBJECTIVE, PROFILE).best(asked)
    for one, score, program in zip(found, points, chosen, strict=True):
        assert one.score == pytest.approx(score, abs=0.01)
        assert one.program == program


def test_figures_are_those_of_simulate_and_nothing_speaks_against_the_program(judge):
    asked = programs(judge.case)
    for one in judge.best(asked, ["any"] * len(asked), "exhaustive"):
        result = simulate(judge.setting, Request(judge.case, one.program, profile=PROFILE))
        assert why_unfit(result) == ""
        assert result.thresholds.pt_ma <= result.reached_ma == one.program.amplitude_ma < result.thresholds.dt_ma
        assert dict(one.figures) == pytest.approx(figures_of(result), rel=1e-3, abs=1e-3)


def test_a_program_with_its_own_amplitude_is_judged_there_or_not_at_all(judge):
    inside, above = (replace(programs(judge.case)[0], amplitude_ma=at) for at in (1.6, 9.0))
    found = judge.at([inside, above], ["any", "any"], "combined")
    assert found[0].program == inside
    assert found[1] is None


def test_areas_are_judged_as_simulate_does(judge):
    union = replace(
        programs(judge.case)[0],
        amplitude_ma=1.5,
        more_areas=(Area("1.6- 1.8+", 300.0, judge.case.program.rate_hz, judge.case.program.waveform, 1.4),),
    )
    (one,) = judge.at([union], ["2 areas"], "combined")
    result = simulate(judge.setting, Request(judge.case, union, profile=PROFILE))
    assert dict(one.figures) == pytest.approx(figures_of(result), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (1.04, 1.31, [1.1, 1.2, 1.3]),
        (1.1, 1.2, [1.1, 1.2]),
        (1.01, 1.09, []),
        (np.inf, 2.0, []),
        (0.0, 0.25, [0.1, 0.2]),
    ],
)
def test_amplitudes_are_on_the_grid_between_the_bounds(low, high, found):
    assert dialled_ma(((0.0, 25.5, 0.1),), low, high).tolist() == pytest.approx(found)


def test_a_moved_lead_is_looked_at_as_simulate_looks_at_it(judge):
    case = dict(moved_cases(judge.case))["lead 1 3 mm up"]
    setting = prepare(case)
    moved = Moved("up", case, setting)
    program = replace(programs(judge.case)[1], amplitude_ma=3.4)
    (variant,) = moved.look([program], generator_of(PROFILE))
    result = simulate(setting, Request(case, replace(program, amplitude_ma=variant.amplitude_ma), profile=PROFILE))
    assert variant.amplitude_ma <= min(3.4, result.thresholds.dt_ma * (1.0 + 1e-6))
    assert variant.pain_covered_by_score_percent == pytest.approx(
        result.coverage.pain_covered_by_score_percent, abs=0.05
    )
    assert variant.worst_region_percent == pytest.approx(result.coverage.worst_region_percent, abs=0.05)
    weighed = replace(judge, moved=(moved,), objective=replace(OBJECTIVE, robust_covered_percent=0.4))
    (one,) = weighed.best([program], ["any"], "exhaustive")
    (there,) = moved.look([one.program], generator_of(PROFILE))
    assert dict(one.figures)["robust_covered_percent"] == pytest.approx(there.pain_covered_by_score_percent, abs=1e-6)


def test_what_may_happen_moves_each_lead_both_ways_from_where_it_is():
    case = builtin_case("low-back")
    named = dict(moved_cases(case))
    assert [name for name in named if "lead" not in name] == ["sitting", "standing"]
    once = named["lead 2 3 mm down"]
    assert [(moved.lead, moved.rostral_mm) for moved in once.migrations] == [(2, -3.0)]
    twice = dict(moved_cases(once))["lead 2 3 mm down"]
    assert [(moved.lead, moved.rostral_mm) for moved in twice.migrations] == [(2, -6.0)]
    assert "supine" in dict(moved_cases(replace(case, posture="sitting")))


def test_the_front_holds_what_no_other_row_beats():
    random = np.random.default_rng(1)
    good = random.integers(0, 4, (120, 3)).astype(float)

    def beaten(own, row):
        return any(
            (other >= own).all() and ((other > own).any() or place < row)
            for place, other in enumerate(good)
            if place != row
        )

    assert unbeaten(good).tolist() == [not beaten(own, row) for row, own in enumerate(good)]


def judged(contacts, score, centre_mm, felt, **figures):
    program = Program(contacts, amplitude_ma=1.0)
    return Judged(
        program, "bipole", "exhaustive", tuple(figures.items()), score, np.asarray(felt, dtype=float), centre_mm
    )


def test_suggestions_differ_in_place_or_in_pattern():
    regions = len(simulate_regions())
    same, other = np.ones(regions), np.concatenate([np.ones(regions // 2), np.zeros(regions - regions // 2)])
    found = ranked(
        [
            judged("1.1- 1.2+", 9.0, (0.0, 0.0), same),
            judged("1.1- 1.3+", 8.0, (0.0, 1.0), same),
            judged("1.1- 1.4+", 7.0, (0.0, 1.0), other),
            judged("1.4- 1.5+", 6.0, (0.0, 12.0), same),
            judged("1.1- 1.2+", 5.0, (0.0, 0.0), same),
        ]
    )
    assert [one.score for one in found] == [9.0, 8.0, 7.0, 6.0]
    assert [one.score for one in different(found, 5)] == [9.0, 7.0, 6.0]
    assert len(different(found, 2)) == 2


def simulate_regions():
    from scs_models.percept.body_map import load_body_map

    return load_body_map().regions


def test_the_front_weighs_only_what_the_objective_weighs():
    objective = replace(OBJECTIVE, headroom_percent=0.5, headroom_high_percent=20.0)
    rest = {
        "worst_region_percent": 1.0,
        "unwanted_of_felt_percent": 5.0,
        "charge_density_uc_per_cm2": 1.0,
        "active_contacts_count": 2.0,
    }
    more = dict(average_current_ua=10.0, **rest)
    rows = [
        judged("1.1- 1.2+", 3.0, (0, 0), [0], pain_covered_by_score_percent=80.0, headroom_percent=20.0, **more),
        judged("1.1- 1.3+", 2.0, (0, 0), [0], pain_covered_by_score_percent=80.0, headroom_percent=45.0, **more),
        judged("1.1- 1.4+", 1.0, (0, 0), [0], pain_covered_by_score_percent=90.0, headroom_percent=1.0, **more),
        judged("1.1- 1.5+", 0.0, (0, 0), [0], pain_covered_by_score_percent=70.0, headroom_percent=1.0, **more),
    ]
    assert [one.score for one in pareto(rows, objective)] == [3.0, 1.0]


def bounds(case, **changes):
    usual = Bounds(geometry_of(case), own_sources=True, max_active=5, pulse_widths_us=(250.0,), steps_percent=(20, 1))
    return replace(usual, **changes)


def test_neighbours_are_one_move_away_and_whole():
    case = builtin_case("foot")
    program = same_pulse(case.program, "1.2-30 1.3-70 1.5+", 250.0)
    own = percents_of(program, case.contact_names())
    for rung, step in enumerate((20, 1)):
        around = [percents_of(one, case.contact_names()) for one in neighbours(bounds(case), program, rung)]
        assert len(around) == 2 * 6 + 5  # two cathodes and an anode to six and five other places
        for percent in around:
            assert np.abs(percent - own).sum() == 2 * step
            assert percent[percent < 0].sum() == -100
            assert percent[percent > 0].sum() == 100


def test_with_one_source_only_whole_contacts_change():
    case = builtin_case("foot")
    program = same_pulse(case.program, "1.2- 1.3- 1.5+", 250.0)
    around = neighbours(bounds(case, own_sources=False, max_active=3), program, 0)
    assert around
    for one in around:
        for sign in (-1, 1):
            percents = [share.percent for share in one.shares if share.sign == sign]
            assert max(percents) - min(percents) <= 1
        assert len(one.shares) <= 3
    assert neighbours(bounds(case, own_sources=False), program, 1) == []


def test_a_share_vector_becomes_whole_percents_within_the_bounds():
    case = builtin_case("foot")
    random = np.random.default_rng(2)
    for _ in range(200):
        percent = percents_of_vector(random.uniform(-1.0, 1.0, 8), bounds(case, max_active=3))
        assert percent[percent < 0].sum() == -100
        assert percent[percent > 0].sum() in (0, 100)
        assert np.count_nonzero(percent) <= 3


def test_a_climb_ends_on_the_top_of_a_hill_that_is_known(judge):
    goal = np.array([0, -40, -60, 0, 100, 0, 0, 0])
    names = judge.case.contact_names()

    def hill(some):
        return [replace(start, program=one, score=-float(np.abs(percents_of(one, names) - goal).sum())) for one in some]

    (start,) = judge.best([same_pulse(judge.case.program, "1.2- 1.5+", 250.0)], ["bipole"], "exhaustive")
    (start,) = hill([start.program])
    limits = bounds(judge.case, steps_percent=(100, 20, 5, 1))
    around = lambda program, rung: neighbours(limits, program, rung)  # noqa: E731
    best = [one for _, better in climb([start], around, 4, hill) for one in better]
    assert percents_of(best[-1].program, names).tolist() == goal.tolist()
    found = evolve([start], limits, hill, 40, 24, seed=1)
    assert max(one.score for one in found) > start.score
    assert [one.program for one in evolve([start], limits, hill, 5, 24, seed=1)] == [
        one.program for one in evolve([start], limits, hill, 5, 24, seed=1)
    ]


def test_work_in_the_background_tells_answers_fails_and_stops():
    def counted(progress):
        for step in range(3):
            progress(step / 3, f"step {step}")
        return "done"

    def answer(work):
        while True:
            try:
                next(work)
            except StopIteration as stop:
                return stop.value

    assert answer(told(counted)) == "done"

    def failing(progress):
        raise ZeroDivisionError("on purpose")

    with pytest.raises(ZeroDivisionError, match="on purpose"):
        answer(told(failing))

    begun = threading.Event()

    def endless(progress):
        while True:
            begun.set()
            progress(0.5, "on and on")

    work = told(endless)
    assert next(work)[0] in (0.0, 0.5)
    begun.wait(10.0)
    work.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "scs-sim search"]
