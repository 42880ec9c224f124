"""Several areas: taking turns, and the union of what they recruit, judged fibre by fibre by an independent count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models import recruitment
from scs_models.errors import InvalidValueError
from scs_models.percept.perception import SIDED_DERMATOMES
from scs_models.percept.rate import rate_factors
from scs_sim.case import builtin_case
from scs_sim.program import Area, Program, parse_area
from scs_sim.simulate import Request, evaluate, simulate

CASE = "back-and-left-leg"
A = Program("1.3- 1.4+", amplitude_ma=2.4)
B = Area("2.3- 2.4+", pulse_width_us=210.0, rate_hz=80.0, waveform="biphasic", amplitude_ma=2.6)
C = Area("1.6- case+", pulse_width_us=450.0, rate_hz=40.0, amplitude_ma=1.7)


def alone(area: Area) -> Program:
    return Program(area.contacts, area.pulse_width_us, area.rate_hz, area.waveform, area.amplitude_ma)


def test_the_union_of_identical_areas_is_the_area(prepared):
    case, setting = builtin_case(CASE), prepared(CASE)
    own = Program("1.3- 1.4+", rate_hz=130.0, amplitude_ma=2.4)
    twin = Area("1.3- 1.4+", rate_hz=130.0, amplitude_ma=2.4)
    one, two = (simulate(setting, Request(case, p)) for p in (own, replace(own, more_areas=(twin, twin))))
    assert two.coverage == one.coverage
    assert two.thresholds == one.thresholds
    assert two.regions == one.regions
    assert two.dermatomes == one.dermatomes
    assert two.side_effects == one.side_effects
    np.testing.assert_array_equal(two.recruitment.dc_fibres, one.recruitment.dc_fibres)
    assert two.safety == replace(one.safety, average_current_ua=pytest.approx(3 * one.safety.average_current_ua))


def test_the_union_is_at_least_every_area_and_at_most_their_sum(prepared):
    case, setting = builtin_case(CASE), prepared(CASE)
    together = evaluate(setting, case, [replace(A, more_areas=(B, C))])
    singly = evaluate(setting, case, [alone(area) for area in (A, B, C)])
    for name in ("column_fibres", "root_fibres", "column", "root", "total"):
        union, each = getattr(together.felt, name)[0], getattr(singly.felt, name)
        assert (union >= each.max(axis=0) - 1e-9).all(), name
    union, each = together.felt.column_fibres[0], singly.felt.column_fibres
    assert (union <= each.sum(axis=0) + 1e-9).all()
    assert union.sum() > 10.0 + each.sum(axis=1).max()  # the union is really more
    assert together.figures.by_area[0] >= singly.figures.by_area.max() - 1e-9


def test_recruited_fibres_of_the_union_counted_one_by_one(prepared):
    """The slow way: every fibre's threshold in every area, its rate and gain, its own amplitude; any area will do."""
    case, setting = builtin_case(CASE), prepared(CASE)
    case = replace(case, patient=replace(case.patient, gain=1.1))
    areas = (A, B, C)
    together = evaluate(setting, case, [replace(A, more_areas=areas[1:])])
    lines = np.repeat(2 * setting.columns.dermatome + setting.columns.side, len(setting.columns.depth_mm))
    best, hit_root, hit_branch = 0.0, False, False
    for area in areas:
        weights = setting.weights(area)[None]
        found = recruitment.thresholds(setting.field, weights, area.pulse_width_us, area.waveform)
        reach = area.amplitude_ma / (1.1 * rate_factors(area.rate_hz).perception)
        counts = setting.column_count(setting.cathode_height_mm(weights))[0].reshape(len(lines), -1)
        best = np.maximum(best, np.where(found.column_ma[0] <= reach, counts, 0.0))
        branch_first = found.branch_ma[0] < found.root_ma[0]
        hit_root = hit_root | ((found.root_ma[0] <= reach) & ~branch_first)
        hit_branch = hit_branch | ((found.branch_ma[0] <= reach) & branch_first)
    by_line = np.bincount(lines, weights=best.sum(axis=1), minlength=len(SIDED_DERMATOMES))
    sided = 2 * setting.roots.dermatome + setting.roots.side
    by_branch, by_root = (
        np.bincount(sided[hit], weights=setting.roots.count[hit], minlength=len(SIDED_DERMATOMES))
        for hit in (hit_branch & setting.roots.is_dorsal, hit_root & setting.roots.is_dorsal)
    )
    np.testing.assert_allclose(together.felt.column_fibres[0], by_line + by_branch, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(together.felt.root_fibres[0], by_root, rtol=1e-9, atol=1e-9)
    assert by_branch.sum() > 0.0
    assert by_root.sum() > 0.0


def test_thresholds_of_the_whole_program_scale_with_all_amplitudes(prepared):
    case, setting = builtin_case(CASE), prepared(CASE)
    whole = replace(A, more_areas=(B, C))
    found = evaluate(setting, case, [whole])
    for scale_to in (found.person.perception_ma[0], found.person.perception_ma[0] * (1.0 - 1e-6)):
        scale = scale_to / A.amplitude_ma
        scaled = Program(
            A.contacts, amplitude_ma=A.amplitude_ma * scale,
            more_areas=tuple(replace(area, amplitude_ma=area.amplitude_ma * scale) for area in (B, C)),
        )  # fmt: skip
        felt = evaluate(setting, case, [scaled]).felt.total[0].any()
        assert felt == (scale_to == found.person.perception_ma[0])
    singly = evaluate(setting, case, [alone(area) for area in (A, B, C)])
    scales = singly.person.perception_ma / [area.amplitude_ma for area in (A, B, C)]
    assert found.person.perception_ma[0] / A.amplitude_ma <= scales.min() + 1e-12
    motor = singly.person.motor_ma / [area.amplitude_ma for area in (A, B, C)]
    assert found.person.motor_ma[0] / A.amplitude_ma <= motor.min() + 1e-12


def test_programs_with_and_without_areas_mix_in_a_batch(prepared):
    case, setting = builtin_case(CASE), prepared(CASE)
    programs = [A, replace(A, more_areas=(B, C)), alone(B)]
    batch = evaluate(setting, case, programs)
    for row, program in enumerate(programs):
        single = evaluate(setting, case, [program])
        np.testing.assert_allclose(batch.felt.total[row], single.felt.total[0])
        assert batch.person.discomfort_ma[row] == pytest.approx(single.person.discomfort_ma[0])


def test_every_area_keeps_its_own_thresholds_charge_and_mean_current(prepared):
    case, setting = builtin_case(CASE), prepared(CASE)
    whole = simulate(setting, Request(case, replace(A, more_areas=(B, C))))
    singly = [simulate(setting, Request(case, alone(area))) for area in (A, B, C)]
    assert [area.name for area in whole.areas] == ["A", "B", "C"]
    for area, single in zip(whole.areas, singly, strict=True):
        assert area.pt_ma == single.thresholds.pt_ma
        assert area.safety == single.safety
        assert area.pain_covered_percent == pytest.approx(single.coverage.pain_covered_percent)
    densities = [single.safety.charge_density_uc_per_cm2 for single in singly]
    assert whole.safety.charge_density_uc_per_cm2 == max(densities)  # per pulse: never summed
    assert whole.safety.average_current_ua == pytest.approx(sum(s.safety.average_current_ua for s in singly))


def test_areas_that_cannot_take_turns_are_refused():
    long = Area("1.1- 1.2+", pulse_width_us=1000.0, rate_hz=100.0)
    with pytest.raises(InvalidValueError, match=r"take 61 \+ 61 % of the time"):
        Program("1.1- 1.2+", pulse_width_us=1000.0, rate_hz=100.0, more_areas=(long,))
    with pytest.raises(InvalidValueError, match=r"50 \+ 1190 = 1240 Hz together"):
        Program("1.1- 1.2+", more_areas=(Area("1.1- 1.2+", 60.0, 1190.0, "biphasic"),))
    with pytest.raises(InvalidValueError, match="four areas in all"):
        Program("1.1- 1.2+", more_areas=(Area("1.1- 1.2+"),) * 4)
    with pytest.raises(InvalidValueError, match=r"more_areas\[0\].amplitude_ma is 0 mA"):
        Program("1.1- 1.2+", more_areas=(Area("1.1- 1.2+", amplitude_ma=0.0),))
    with pytest.raises(InvalidValueError, match="it must be an area"):
        Program("1.1- 1.2+", more_areas=(Program("1.1- 1.2+"),))
    # exactly all of the time is still enough: 250 us biphasic at 1000 Hz is half of it
    half = Area("1.1- 1.2+", 250.0, 600.0, "biphasic")
    Program("1.1- 1.2+", 250.0, 600.0, "biphasic", more_areas=(half,))


def test_a_line_of_text_is_an_area():
    assert parse_area("2.3- 2.4+; 3 mA; 210 us; 80 Hz; biphasic") == replace(B, amplitude_ma=3.0)
    assert parse_area(" 2.3- 2.4+ ") == Area("2.3- 2.4+")
    for bad in ("2.3- 2.4+; 3 V", "2.3- 2.4+; 3 mA; 4 mA", "2.3- 2.4+; square", "2.3- 2.4+;"):
        with pytest.raises(InvalidValueError, match="is not understood"):
            parse_area(bad)
    with pytest.raises(InvalidValueError, match="between 30 and 1000 us"):
        parse_area("2.3- 2.4+; 5 us")
