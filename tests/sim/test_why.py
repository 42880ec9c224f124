"""What is said of a suggestion stands in its Result: every number is found again by another way."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from example_search import example_search, suggestion

from scs_models.percept.body_map import load_body_map
from scs_sim.case import Case, builtin_case, builtin_case_ids
from scs_sim.objective import FIGURES, Objective, builtin_objective
from scs_sim.program import Program
from scs_sim.result import RegionCoverage, Result, SideEffect
from scs_sim.search.parts import parts_of
from scs_sim.search.result import SearchResult, Suggestion, Variant
from scs_sim.search.why import felt_up_to, points_by_figure, reasons
from scs_sim.setting import Setting
from scs_sim.simulate import Request, simulate

CASE = builtin_case("buttock-and-thigh")
CONTACTS = ("1.6+ 1.7- 1.8+", "1.6- 1.8+", "1.3- 1.5+")
Prepared = Callable[[str], Setting]


@pytest.fixture(scope="module")
def found(prepared: Prepared) -> SearchResult:
    return example_search(prepared(CASE.id), CASE, *CONTACTS)


def said(item: Suggestion, found: SearchResult, objective: Objective | None = None) -> str:
    return " ".join(reasons(item, found.start, found.suggestions, objective or found.objective))


def area_mm2(region: RegionCoverage) -> float:
    return next(item.area_mm2 for item in load_body_map().regions if item.id == region.id)


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_body_parts_together_cover_what_the_whole_pain_is_covered(prepared: Prepared, case_id: str) -> None:
    case = builtin_case(case_id)
    result = simulate(prepared(case_id), Request(case))
    for alike_percent in (0.0, 50.0, 85.0, 101.0):
        parts = parts_of(result, alike_percent)
        ids = [region for part in parts for region in part.region_ids]
        assert sorted(ids) == sorted(case.pain.scores)
        mean = sum(part.weight * part.felt_percent for part in parts) / sum(part.weight for part in parts)
        assert mean == pytest.approx(result.coverage.pain_covered_by_score_percent)


def test_every_region_of_the_body_has_a_part_of_its_own_side(found: SearchResult) -> None:
    result = found.start.result
    everywhere = replace(
        result,
        regions=tuple(replace(item, pain_score=5.0, painful_percent=100.0) for item in result.regions),
    )
    parts = parts_of(everywhere, 50.0)
    assert sorted(region for part in parts for region in part.region_ids) == sorted(load_body_map().region_ids)
    for part in parts:
        side = part.title.split()[0]
        if side in ("left", "right"):
            assert all(region.startswith(side) for region in part.region_ids)
        else:
            assert {region.split("_")[0] for region in part.region_ids} == {"left", "right"}
    legs = {region.split("_", 1)[1] for part in parts if "leg" in part.title for region in part.region_ids}
    assert {"thigh_lateral_back", "knee_medial_front", "calf_medial", "lower_leg_lateral_front"} <= legs


def test_shares_of_body_parts_are_those_of_their_regions(found: SearchResult) -> None:
    best = found.suggestions[0]
    by_id = {region.id: region for region in best.result.regions}
    for words, ids in (
        ("right leg", ["right_thigh_posterior_upper", "right_thigh_posterior_lower"]),
        ("right buttock", ["right_buttock_upper", "right_buttock_medial", "right_buttock_lateral"]),
    ):
        regions = [by_id[name] for name in ids]
        weights = [area_mm2(region) * region.pain_score for region in regions]
        shares = [weight * region.felt_percent for weight, region in zip(weights, regions, strict=True)]
        assert f"{words} {sum(shares) / sum(weights):.0f} %" in best.why[0]


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_felt_shares_below_discomfort_are_what_the_model_says_there(prepared: Prepared, case_id: str) -> None:
    case, setting = builtin_case(case_id), prepared(case_id)
    at_comfort = simulate(setting, Request(case))
    assert at_comfort.thresholds.dt_ma is not None
    at_ma, told = felt_up_to(at_comfort, at_comfort.thresholds.dt_ma)
    assert 0.9 * at_comfort.thresholds.dt_ma < at_ma <= at_comfort.thresholds.dt_ma
    for region in simulate(setting, Request(case, amplitude_ma=at_ma)).regions:
        assert told[region.id] == pytest.approx(region.felt_percent, abs=1e-6)
    assert felt_up_to(at_comfort, 0.0) == (0.0, dict.fromkeys(load_body_map().region_ids, 0.0))


def test_what_limits_the_worst_region_is_the_root_that_sets_discomfort(found: SearchResult) -> None:
    for item in found.suggestions:
        thresholds, coverage = item.result.thresholds, item.result.coverage
        assert coverage.worst_region_percent is not None
        assert coverage.worst_region_percent < 85.0
        [line] = [line for line in item.why if f"The {coverage.worst_region_title} is limited" in line]
        assert f"{thresholds.dt_where}, which sets discomfort at {thresholds.dt_ma:.2f} mA" in line


def test_a_region_beyond_discomfort_one_never_felt_and_one_that_is_covered(found: SearchResult) -> None:
    item = found.suggestions[0]
    worst = item.result.coverage.worst_region

    def with_worst(**changes: object) -> str:
        regions = tuple(
            replace(region, **changes) if region.id == worst else region  # type: ignore[arg-type]  # any field
            for region in item.result.regions
        )
        return said(replace(item, result=replace(item.result, regions=regions)), found)

    assert "it is first felt at 7.50 mA" in with_worst(first_felt_ma=7.5, felt_percent=0.0)
    assert "is not felt at any amplitude" in with_worst(first_felt_ma=None, felt_percent=0.0)
    assert "limited by" not in with_worst(felt_percent=99.0)
    near = replace(item.result.thresholds, dt_ma=item.result.reached_ma + 0.02)
    assert "Hardly any room: discomfort begins 0.02 mA above" in said(
        replace(item, result=replace(item.result, thresholds=near)), found
    )
    assert "Hardly any room" not in said(item, found)
    held = replace(item.result.thresholds, dt_rule="held at the greatest ratio to perception")
    words = said(replace(item, result=replace(item.result, thresholds=held)), found)
    assert "limited by discomfort (held at the greatest ratio to perception)" in words


def test_gain_is_the_difference_of_points_and_names_fibres_that_are_more(found: SearchResult) -> None:
    best, start = found.suggestions[0], found.start
    [line] = [line for line in best.why if line.startswith("Beats the starting program")]
    assert f"by {best.point.score - start.point.score:.1f} points" in line
    covered = [item.result.coverage.pain_covered_by_score_percent for item in (best, start)]
    assert "{:.0f} % of the pain by score instead of {:.0f} %".format(*covered) in line
    causes = re.findall(r"\((left|right) (\S+) (dorsal column|root): (\d+) fibres instead of (\d+)\)", line)
    assert causes
    for side, segment, kind, now, before in causes:
        for item, count in ((best, now), (start, before)):
            [felt] = [row for row in item.result.dermatomes if (row.side, row.dermatome) == (side, segment)]
            fibres = felt.dr_fibres if kind == "root" else felt.dc_fibres
            assert f"{fibres:.0f}" == count
        assert int(now) > int(before)
    worse = [item for item in found.suggestions if item.point.score < start.point.score - 0.05]
    assert worse
    for item in worse:
        assert f"{start.point.score - item.point.score:.1f} points below the starting program" in said(item, found)
        assert "Beats" not in said(item, found)


def test_the_starting_programs_own_contacts_are_known_in_other_words(found: SearchResult) -> None:
    start = found.start
    assert "As good as the starting program" in said(start, found)
    assert "own contacts, pulse and amplitude." in said(start, found)
    shares = " ".join(f"{word}100" for word in reversed(start.program.contacts.split()))
    higher = start.result.amplitude_ma + 0.5
    twin = replace(
        start,
        program=replace(start.program, contacts=shares, amplitude_ma=higher),
        point=replace(start.point, contacts=shares, amplitude_ma=higher),
    )
    assert f"pulse, at {higher:.2f} mA instead of {start.result.amplitude_ma:.2f} mA." in said(twin, found)
    assert "own contacts" not in said(found.suggestions[0], found)
    wider = replace(start, program=replace(start.program, pulse_width_us=400.0))
    assert "own contacts" not in said(wider, found)


def test_points_of_figures_add_up_to_the_score(found: SearchResult) -> None:
    objective = found.objective
    for item in (found.start, *found.suggestions):
        parts = points_by_figure(item.point, objective)
        by_hand = {
            name: objective.weight(name) * min(value, objective.headroom_high_percent)
            + objective.missing_headroom_percent * max(objective.headroom_low_percent - value, 0.0)
            if name == "headroom_percent"
            else objective.weight(name) * value
            for name, value in item.point.figures
        }
        assert parts == pytest.approx({name: value for name, value in by_hand.items() if objective.weight(name)})
        assert sum(parts.values()) == pytest.approx(item.point.score)


def test_costs_are_what_is_worse_and_only_that(found: SearchResult) -> None:
    best, start = found.suggestions[0], found.start
    [line] = [line for line in best.why if line.startswith("What it costs")]
    assert "more contacts (3 instead of 2)" in line
    density = [item.result.safety.charge_density_uc_per_cm2 for item in (best, start)]
    assert "a higher charge density ({:.1f} uC/cm2 instead of {:.1f} uC/cm2)".format(*density) in line
    back = " ".join(reasons(start, best, [start], found.objective))
    assert "contacts (" not in back
    assert "charge density (" not in back
    assert "less robust" in back


@pytest.mark.parametrize(
    ("weights", "ahead"),
    [
        ({"pain_covered_by_score_percent": 1.0, "active_contacts_count": -0.01}, "more of the pain covered"),
        ({"pain_covered_by_score_percent": 0.001, "charge_density_uc_per_cm2": -10.0}, "a lower charge density"),
        ({"worst_region_percent": 0.001, "active_contacts_count": -50.0}, "fewer contacts"),
    ],
)
def test_the_deciding_figure_follows_the_weights(prepared: Prepared, weights: dict[str, float], ahead: str) -> None:
    objective = Objective(**weights)  # type: ignore[arg-type]  # weights only
    found = example_search(prepared(CASE.id), CASE, "1.6+ 1.7- 1.8+", "1.6- 1.8+", objective=objective)
    first, second = found.suggestions
    [line] = [line for line in first.why if "the next suggestion" in line]
    assert f"{first.point.score - second.point.score:.1f} points ahead of the next suggestion" in line
    assert f"({second.point.contacts}): {ahead} (+" in line
    [line] = [line for line in second.why if "the best suggestion" in line]
    assert f"{first.point.score - second.point.score:.1f} points behind the best suggestion" in line


def test_figures_that_decide_are_told_by_weight(found: SearchResult) -> None:
    several = Objective(
        pain_covered_by_score_percent=1.0, worst_region_percent=0.1, headroom_percent=0.2, robust_covered_percent=0.3
    )
    for item in found.suggestions:
        [line] = [line for line in reasons(item, found.start, found.suggestions, several) if "suggestion (" in line]
        for part in line.split("; but "):
            sizes = [abs(float(number)) for number in re.findall(r"\(([-+][\d.]+)\)", part)]
            assert sizes == sorted(sizes, reverse=True)
            assert len(sizes) == 2 or "; but " in line


def test_what_moves_is_told_worst_first_with_what_discomfort_takes(found: SearchResult) -> None:
    item = found.suggestions[0]
    own, at_ma = item.result.coverage.pain_covered_by_score_percent, item.result.reached_ma
    assert own is not None

    def moved(*variants: Variant) -> str:
        return said(replace(item, variants=variants), found)

    steady = (Variant("standing", at_ma, own - 0.5, 0.0), Variant("prone", at_ma, own + 1.0, 0.0))
    assert f"Robust: {own - 0.5:.0f} to {own + 1.0:.0f} % of the pain" in moved(*steady)
    words = moved(*steady, Variant("lead 1 3 mm up", 0.5 * at_ma, own - 40.0, 0.0))
    assert f"lead 1 3 mm up {own - 40.0:.0f} % (turned down to {0.5 * at_ma:.2f} mA" in words
    assert "; else as much." in words
    others = (Variant(f"lead {lead} 3 mm down", at_ma, own - 20.0 - lead, 0.0) for lead in (1, 2, 3))
    words = moved(*steady, *others)
    assert re.search(r"lead 3 3 mm down .* and lead 2 3 mm down", words)
    assert f"; else {own - 21.0:.0f} % or more." in words
    assert "when something moves" not in moved()
    assert "Robust" not in moved()


def test_what_is_felt_besides_is_told_at_this_amplitude_only(found: SearchResult) -> None:
    item = found.suggestions[0]
    effects = (
        SideEffect("band of the left T9 root", "left ribs and upper abdomen", 1.0, True),
        SideEffect("trunk twitch", "left T8 ventral root", 99.0, False),
    )
    words = said(replace(item, result=replace(item.result, side_effects=effects)), found)
    assert "Felt besides at this amplitude: band of the left T9 root (left ribs and upper abdomen)." in words
    assert "trunk twitch" not in words


def test_a_starting_program_that_oversteps_is_named(found: SearchResult) -> None:
    start = found.start
    hot = replace(start.result, thresholds=replace(start.result.thresholds, dt_ma=0.9 * start.result.reached_ma))
    lines = reasons(found.suggestions[0], replace(start, result=hot), (), found.objective)
    assert any("above the discomfort threshold" in line for line in lines)
    assert not any("above the discomfort threshold" in line for line in found.suggestions[0].why)


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_sentences_are_whole_and_without_gaps(prepared: Prepared, case_id: str) -> None:
    case: Case = builtin_case(case_id)
    names = case.contact_names()
    programs = [
        f"{names[0]}- {names[1]}+", f"{names[3]}- {names[4]}- {names[5]}+", f"{names[-1]}- case+",
        f"{names[2]}+ {names[3]}- {names[4]}+",
    ]  # fmt: skip
    found = example_search(prepared(case_id), case, *programs, objective=builtin_objective("robust"))
    for item in found.suggestions:
        assert len(item.why) >= 4
        for line in item.why:
            assert line[0].isupper() or line[0].isdigit()
            assert line.endswith(".")
            assert not re.search(r"\b(nan|inf|None)\b|  |\.\.| ,|\(\)", line), line


def test_figures_that_were_not_looked_at_are_not_spoken_of(prepared: Prepared, found: SearchResult) -> None:
    bare = suggestion(prepared(CASE.id), CASE, Program("1.6- 1.8+", pulse_width_us=350.0, rate_hz=40.0))
    figures = tuple((name, value) for name, value in bare.point.figures if name != "robust_covered_percent")
    bare = replace(bare, point=replace(bare.point, figures=figures), variants=())
    words = said(bare, found)
    assert "robust" not in words.lower()
    far = tuple((name, math.inf if name == "headroom_percent" else value) for name, value in figures)
    assert "inf" not in re.findall(r"\w+", said(replace(bare, point=replace(bare.point, figures=far)), found))
    assert set(dict(figures)) < set(FIGURES)


def test_a_result_without_discomfort_in_reach_says_so(found: SearchResult) -> None:
    item = found.suggestions[0]
    result: Result = replace(item.result, thresholds=replace(item.result.thresholds, dt_ma=None))
    assert "nothing limits it but the amplitude" in said(replace(item, result=result), found)
