"""Objective: points by hand arithmetic, weights that cannot reward what is worse, figures as a Result has them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_sim.case import builtin_case
from scs_sim.limit_profiles import Finding
from scs_sim.objective import (
    FIGURES,
    LESS_IS_BETTER,
    Objective,
    builtin_objective,
    figures_of,
    headroom_percent,
    load_objective,
    objective_names,
    why_unfit,
)
from scs_sim.program import Program
from scs_sim.simulate import Request, simulate


@pytest.fixture(scope="module")
def result(prepared):
    return simulate(prepared("foot"), Request(builtin_case("foot"), profile="multi-source"))


def test_points_are_weights_times_figures():
    objective = Objective(pain_covered_by_score_percent=2.0, unwanted_of_felt_percent=-0.5, headroom_percent=0.1)
    figures = {"pain_covered_by_score_percent": 80.0, "unwanted_of_felt_percent": 40.0, "headroom_percent": 30.0}
    assert float(objective.score(figures)) == pytest.approx(160.0 - 20.0 + 3.0)


def test_room_counts_up_to_its_bound_and_boundless_room_as_the_bound():
    objective = Objective(pain_covered_by_score_percent=1.0, headroom_percent=1.0, headroom_high_percent=25.0)
    room = np.array([10.0, 25.0, 60.0, math.inf])
    assert objective.score({"headroom_percent": room}).tolist() == [10.0, 25.0, 25.0, 25.0]


def test_room_that_is_missing_costs_besides():
    objective = Objective(
        pain_covered_by_score_percent=1.0,
        headroom_percent=0.5,
        headroom_high_percent=20.0,
        headroom_low_percent=10.0,
        missing_headroom_percent=-3.0,
    )
    room = np.array([-2.0, 0.0, 4.0, 10.0, 16.0, 30.0])
    assert objective.score({"headroom_percent": room}).tolist() == [-37.0, -30.0, -16.0, 5.0, 8.0, 10.0]
    with pytest.raises(InvalidValueError, match="missing_headroom_percent"):
        Objective(pain_covered_by_score_percent=1.0, missing_headroom_percent=1.0)


def test_a_figure_that_is_missing_or_not_a_number_counts_nothing():
    objective = Objective(pain_covered_by_score_percent=1.0, robust_covered_percent=1.0)
    assert float(objective.score({"pain_covered_by_score_percent": 50.0})) == 50.0
    assert float(objective.score({"pain_covered_by_score_percent": 50.0, "robust_covered_percent": math.nan})) == 50.0


@pytest.mark.parametrize("name", FIGURES)
def test_a_weight_of_the_wrong_sign_or_size_is_refused(name):
    worse = 1.0 if name in LESS_IS_BETTER else -1.0
    for weight in (worse, math.nan, -1e3, 1e3):
        with pytest.raises(InvalidValueError, match=name):
            Objective(**{"pain_covered_by_score_percent": 1.0, name: weight})


def test_an_objective_that_weighs_no_coverage_is_refused():
    with pytest.raises(InvalidValueError, match="doing nothing"):
        Objective(headroom_percent=1.0)


def test_every_built_in_objective_weighs_coverage_and_another_name_is_refused():
    for name in objective_names():
        objective = load_objective(name)
        assert objective.name == name
        assert objective.title
        assert objective.pain_covered_by_score_percent > 0.0
    with pytest.raises(UnknownNameError, match="balanced"):
        builtin_objective("best")
    with pytest.raises(UnknownNameError):
        load_objective("best")


def test_an_objective_is_read_from_a_file_and_unknown_weights_are_refused(tmp_path):
    path = tmp_path / "mein Ziel.toml"
    path.write_text(
        'format = "scs-sim objective"\nversion = 1\npain_covered_by_score_percent = 2\nheadroom_percent = 0.5\n'
    )
    assert load_objective(str(path)).weight("pain_covered_by_score_percent") == 2.0
    path.write_text('format = "scs-sim objective"\nversion = 1\npain_covered_percent = 2\n')
    with pytest.raises(Exception, match="pain_covered_percent"):
        load_objective(str(path))


def test_figures_are_those_of_the_result(result):
    figures = figures_of(result)
    assert figures["pain_covered_by_score_percent"] == result.coverage.pain_covered_by_score_percent
    assert figures["worst_region_percent"] == min(
        region.felt_percent for region in result.regions if region.pain_score > 0.0
    )
    assert figures["headroom_percent"] == pytest.approx(
        100.0 * (result.thresholds.dt_ma - result.reached_ma) / result.reached_ma
    )
    assert figures["active_contacts_count"] == 2.0
    assert "robust_covered_percent" not in figures
    assert set(figures) < set(FIGURES)


def test_robustness_is_the_worst_of_the_others(prepared, result):
    others = [
        simulate(prepared("foot"), Request(builtin_case("foot"), amplitude_ma=at)) for at in (1.2, result.amplitude_ma)
    ]
    covered = [other.coverage.pain_covered_by_score_percent for other in others]
    assert covered[0] < covered[1]
    assert figures_of(result, others)["robust_covered_percent"] == covered[0]


def test_a_program_without_paresthesia_or_a_forbidden_one_has_no_figures(prepared, result):
    fast = Program("1.3- 1.5+", pulse_width_us=30.0, rate_hz=10_000.0, waveform="biphasic", amplitude_ma=1.0)
    with pytest.raises(InvalidValueError, match="paresthesia-free"):
        figures_of(simulate(prepared("foot"), Request(builtin_case("foot"), fast)))
    with pytest.raises(InvalidValueError, match="infection"):
        figures_of(replace(result, forbidden="infection: stop"))


def test_why_unfit_names_what_is_exceeded(result):
    assert why_unfit(result) == ""
    limits, safety = result.thresholds, result.safety
    over = {
        "discomfort": replace(result, reached_ma=limits.dt_ma * 1.01),
        "motor": replace(result, thresholds=replace(limits, mt_ma=result.reached_ma * 0.9)),
        "charge density": replace(result, safety=replace(safety, charge_density_uc_per_cm2=31.0)),
        "Shannon": replace(result, safety=replace(safety, shannon_k=1.9)),
        "voltage": replace(result, safety=replace(safety, compliance_v=99.0)),
        "limit profile": replace(result, findings=(Finding("A", "rate", 33.5, 33.0, "Hz", "whole Hz"),)),
    }
    for word, unfit in over.items():
        assert word in why_unfit(unfit)


def test_room_without_a_discomfort_threshold_is_boundless(result):
    assert headroom_percent(replace(result, thresholds=replace(result.thresholds, dt_ma=None))) == math.inf
    assert headroom_percent(replace(result, reached_ma=0.0)) == math.inf
