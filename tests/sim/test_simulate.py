"""The whole pipeline against what every model of stimulation must obey, and against published directions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models.percept.body_map import load_body_map
from scs_models.percept.perception import SIDED_DERMATOMES
from scs_sim.case import builtin_case, builtin_case_ids
from scs_sim.program import Program
from scs_sim.setting import prepare
from scs_sim.simulate import Request, evaluate, simulate

CASE = "back-and-left-leg"


def felt(result):
    return np.array([region.felt_percent for region in result.regions])


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_thresholds_of_every_built_in_case_are_in_order(prepared, case_id):
    found = simulate(prepared(case_id), Request(builtin_case(case_id))).thresholds
    assert 0.0 < found.pt_one_fibre_ma <= found.pt_ma < found.comfort_ma < found.dt_ma
    assert found.pt_ma <= found.pt_ten_fibres_ma
    assert found.mt_ma is None or found.mt_ma > found.pt_ma
    assert found.usage_range_ma == pytest.approx(found.dt_ma - found.pt_ma)
    assert found.usage_ratio == pytest.approx(found.dt_ma / found.pt_ma)


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_more_amplitude_never_takes_paresthesia_from_a_region(prepared, case_id):
    case, setting = builtin_case(case_id), prepared(case_id)
    top = simulate(setting, Request(case)).thresholds.dt_ma * 1.8
    programs = [replace(case.program, amplitude_ma=min(a, 25.5)) for a in np.linspace(0.0, top, 40)]
    answers = evaluate(setting, case, programs)
    assert np.diff(answers.felt.total, axis=0).min() >= -1e-12
    assert answers.felt.total[0].max() == 0.0
    assert answers.felt.total[-1].max() > 0.0
    for figure in ("by_area", "by_score", "worst", "unwanted_of_painful"):
        assert np.diff(getattr(answers.figures, figure)).min() >= -1e-9, figure


def test_a_program_alone_and_in_a_batch_gives_the_same(prepared):
    case, setting = builtin_case(CASE), prepared(CASE)
    programs = [
        Program(f"{lead}.{a}- {lead}.{b}+", pulse_width_us=width)
        for lead in (1, 2)
        for a, b in ((1, 2), (3, 5), (4, 3), (6, 8), (7, 2))
        for width in (210.0, 450.0)
    ] * 4
    batch = evaluate(setting, case, programs)
    for row in range(10):
        alone = evaluate(setting, case, programs[row : row + 1])
        for name in ("perception_ma", "discomfort_ma", "motor_ma"):
            assert getattr(alone.person, name)[0] == pytest.approx(getattr(batch.person, name)[row], rel=1e-4)
        np.testing.assert_allclose(alone.felt.total[0], batch.felt.total[row], atol=2e-2)


def test_the_mirrored_patient_feels_the_mirror_image(prepared):
    case = builtin_case(CASE)
    lead = replace(case.leads[0], x_mm=-1.7)
    right = replace(lead, x_mm=1.7)
    results = [
        simulate(prepare(own), Request(own, Program("1.3- 1.5+")))
        for own in (replace(case, leads=(lead,), program=Program("1.3- 1.5+")),
                    replace(case, leads=(right,), program=Program("1.3- 1.5+")))
    ]  # fmt: skip
    ids = load_body_map().region_ids
    swap = {"left": "right", "right": "left"}
    mirrored = [ids.index("_".join([swap.get(p, p) for p in i.split("_", 1)[:1]] + i.split("_", 1)[1:])) for i in ids]
    assert results[0].thresholds.pt_ma == pytest.approx(results[1].thresholds.pt_ma, rel=1e-4)
    np.testing.assert_allclose(felt(results[0]), felt(results[1])[mirrored], atol=0.5)


@pytest.mark.parametrize(("x_mm", "side"), [(-2.5, "left"), (2.5, "right")])
def test_a_lead_to_one_side_favours_that_side(x_mm, side):
    case = builtin_case(CASE)
    own = replace(case, leads=(replace(case.leads[0], x_mm=x_mm),), program=Program("1.3- 1.5+"))
    coverage = simulate(prepare(own), Request(own)).coverage
    assert getattr(coverage, f"{side}_percent_of_felt") > 65.0


def test_the_cords_offset_acts_like_moving_the_lead_the_other_way():
    case = builtin_case(CASE)
    lead, program = case.leads[0], Program("1.3- 1.5+")
    moved = replace(case, leads=(replace(lead, x_mm=0.5),), program=program)
    offset = replace(moved, leads=(replace(lead, x_mm=2.0),), patient=replace(case.patient, cord_offset_mm=1.5))
    found = [simulate(prepare(own), Request(own)) for own in (moved, offset)]
    assert found[0].thresholds == found[1].thresholds
    np.testing.assert_allclose(felt(found[0]), felt(found[1]))


def test_wider_pulses_need_less_current(prepared):
    case, setting = builtin_case(CASE), prepared(CASE)
    widths = (60.0, 100.0, 210.0, 300.0, 450.0, 700.0, 1000.0)
    programs = [replace(case.program, pulse_width_us=width, rate_hz=40.0) for width in widths]
    person = evaluate(setting, case, programs).person
    assert np.all(np.diff(person.perception_ma) < 0.0)
    assert np.all(np.diff(person.perception_ma * widths) > 0.0)  # charge at threshold grows: Weiss


def test_rate_lowers_perception_as_measured_and_motor_not_at_all(prepared):
    """AB16: perception 7.25 mA at 40 Hz, 1.38 mA at 1200 Hz, 300 us."""
    case, setting = builtin_case(CASE), prepared(CASE)
    programs = [Program(case.program.contacts, 300.0, rate, "biphasic") for rate in (40.0, 1200.0)]
    person = evaluate(setting, case, programs).person
    assert person.perception_ma[1] / person.perception_ma[0] == pytest.approx(1.38 / 7.25, rel=1e-6)
    assert person.motor_ma[1] == person.motor_ma[0]


def test_gain_scales_every_threshold_and_leaves_the_percept_at_comfort(prepared):
    case, setting = builtin_case(CASE), prepared(CASE)
    twice = replace(case, patient=replace(case.patient, gain=2.0))
    one, two = (simulate(setting, Request(own)) for own in (case, twice))
    for name in ("pt_ma", "comfort_ma", "dt_ma", "mt_ma"):
        assert getattr(two.thresholds, name) == pytest.approx(2.0 * getattr(one.thresholds, name))
    assert two.coverage.pain_covered_percent == pytest.approx(one.coverage.pain_covered_percent)


def test_thicker_dorsal_csf_raises_perception(prepared):
    """He 1994: the perception threshold follows the thickness of the dorsal CSF."""
    case = builtin_case(CASE)
    found = []
    for factor in (0.8, 1.0, 1.2):
        own = replace(case, patient=replace(case.patient, dorsal_csf_factor=factor))
        found.append(simulate(prepare(own), Request(own)).thresholds.pt_ma)
    assert found[0] < found[1] < found[2]


def test_an_injured_root_leaves_a_hole_in_its_dermatome(prepared):
    case = builtin_case("injured-l5-root")
    whole = replace(case, patient=replace(case.patient, injured_roots=()))
    own = simulate(prepared("injured-l5-root"), Request(case))
    other = simulate(prepare(whole), Request(whole, amplitude_ma=own.amplitude_ma))
    injured = case.patient.injured_roots[0]
    name = f"{injured.side}_{injured.segment}"
    fibres = [next(d for d in result.dermatomes if d.id == name).dc_fibres for result in (own, other)]
    assert 0.0 < fibres[0] < fibres[1]
    untouched = [
        next(d for d in result.dermatomes if d.id == f"{injured.side}_S1").dc_fibres for result in (own, other)
    ]
    assert untouched[0] == pytest.approx(untouched[1])


def test_a_paresthesia_free_rate_has_no_coverage(prepared):
    case = builtin_case(CASE)
    result = simulate(prepared(CASE), Request(case, Program(case.program.contacts, 30.0, 10_000.0, "biphasic")))
    assert not result.coverage.applicable
    assert result.coverage.pain_covered_percent is None
    assert any("not applicable" in warning for warning in result.warnings)


def test_only_a_rostral_cathode_reaches_the_fibres_that_enter_up_there(prepared):
    """Barolat 1993: the more rostral the electrode, the more rostral the body part that can be reached."""
    case, setting = builtin_case(CASE), prepared(CASE)
    answers = evaluate(setting, case, [Program("1.1- 1.2+"), Program("1.7- 1.8+")])
    reachable = np.isfinite(answers.recruited.column.amplitude_ma(3.0))
    outermost = [[SIDED_DERMATOMES[i] for i in np.flatnonzero(row)] for row in reachable]
    assert "left T11" in outermost[0]
    assert "left T11" not in outermost[1]
    assert "left L5" in outermost[0]
    assert "left L5" in outermost[1]
