"""What faults, voltage, gain and patient do to a result: directions that a clinician would expect, and exact shares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.percept.intensity import extent, felt, intensity
from scs_sim.answers import rules_of
from scs_sim.case import builtin_case
from scs_sim.lead_state import ContactFault, Migration
from scs_sim.program import Program
from scs_sim.setting import prepare
from scs_sim.simulate import Request, evaluate, simulate

CASE = "back-and-left-leg"
SPREAD = Program("1.3-60 1.4-40 1.6+", amplitude_ma=3.0)


def with_faults(*faults: ContactFault):
    return replace(builtin_case(CASE), contact_faults=faults)


def test_an_open_cathode_takes_its_share_and_less_is_felt(prepared):
    setting = prepared(CASE)
    sound = simulate(setting, Request(builtin_case(CASE), SPREAD))
    broken = simulate(setting, Request(with_faults(ContactFault("1.4", "open")), SPREAD))
    assert sound.delivered_ma == pytest.approx(3.0)
    assert broken.amplitude_ma == 3.0
    assert broken.delivered_ma == pytest.approx(1.8)
    assert sum(region.felt_percent for region in broken.regions) < sum(region.felt_percent for region in sound.regions)
    assert broken.thresholds.pt_ma > sound.thresholds.pt_ma
    # what is left is the program "1.3- 1.6+" at 60 % of the dial
    left = simulate(setting, Request(builtin_case(CASE), Program("1.3- 1.6+", amplitude_ma=1.8)))
    assert broken.thresholds.pt_ma == pytest.approx(left.thresholds.pt_ma / 0.6)
    np.testing.assert_allclose(
        [region.felt_percent for region in broken.regions], [region.felt_percent for region in left.regions]
    )
    state = {contact.name: contact for contact in broken.contact_states}
    assert (state["1.4"].flag, state["1.4"].impedance_ohm, state["1.4"].current_ma) == ("open", None, (0.0,))
    assert state["1.3"].current_ma == pytest.approx((-1.8,))
    assert state["1.6"].current_ma == pytest.approx((1.8,))
    assert any("1.4 is open: 40 % of the cathodic current is lost" in note for note in broken.notes)


@pytest.mark.parametrize(
    "fault", [ContactFault("1.3", "open"), ContactFault("1.4", "open"), ContactFault("1.3", "short", partner="1.4")]
)
def test_nothing_delivered_is_said_plainly_and_covers_nothing(prepared, fault):
    result = simulate(prepared(CASE), Request(with_faults(fault), Program("1.3- 1.4+")))
    assert result.delivered_ma == 0.0
    assert result.coverage.pain_covered_percent == 0.0
    assert result.thresholds.pt_ma is None
    assert result.thresholds.usage_ratio is None
    assert result.amplitude_from == "greatest"
    assert result.safety.contact_charge_per_phase_uc == 0.0
    assert any("nothing is delivered" in note for note in result.notes)


def test_a_short_to_an_idle_contact_spreads_the_cathode(prepared):
    case = with_faults(ContactFault("1.3", "short", partner="1.4"))
    result = simulate(prepared(CASE), Request(case, Program("1.3- 1.6+", amplitude_ma=2.0)))
    state = {contact.name: contact for contact in result.contact_states}
    parts = [state[name].current_ma[0] for name in ("1.3", "1.4")]
    assert sum(parts) == pytest.approx(-2.0)
    assert max(parts) < -0.8  # alike contacts share about evenly
    assert state["1.3"].flag == state["1.4"].flag == "short"
    assert result.safety.load_ohm < simulate(prepared(CASE), Request(builtin_case(CASE), SPREAD)).safety.load_ohm


def test_a_high_impedance_costs_voltage_and_caps_what_is_delivered(prepared):
    setting, program = prepared(CASE), Program("1.3- 1.4+", amplitude_ma=5.0)
    sound = simulate(setting, Request(builtin_case(CASE), program))
    high = simulate(setting, Request(with_faults(ContactFault("1.3", "high", ohm=2000.0)), program))
    assert high.safety.load_ohm == pytest.approx(sound.safety.load_ohm + 2000.0)
    assert high.safety.compliance_v == pytest.approx(sound.safety.compliance_v + 10.0)
    assert sound.reached_ma == 5.0
    assert high.reached_ma == pytest.approx(15e3 / high.safety.load_ohm)
    assert high.delivered_ma == pytest.approx(high.reached_ma)
    assert high.thresholds == sound.thresholds  # current decides, not voltage
    at_limit = simulate(setting, Request(builtin_case(CASE), program, amplitude_ma=high.reached_ma))
    assert high.coverage == at_limit.coverage
    assert {contact.name: contact.flag for contact in high.contact_states}["1.3"] == "high"


def test_a_profile_brings_its_voltage_sources_and_findings(prepared):
    setting, case = prepared(CASE), with_faults(ContactFault("1.4", "open"))
    weak = simulate(setting, Request(case, replace(SPREAD, amplitude_ma=8.0), profile="conventional-tonic"))
    assert weak.safety.compliance_limit_v == 10.0
    assert weak.reached_ma == pytest.approx(10e3 / weak.safety.load_ohm)
    assert weak.delivered_ma == pytest.approx(weak.reached_ma)  # one source: nothing is lost to the open contact
    assert {finding.item for finding in weak.findings} >= {"amplitude", "contacts"}
    assert simulate(setting, Request(case, SPREAD)).findings == ()
    with pytest.raises(UnknownNameError, match="there is no limit profile 'brand'"):
        Request(case, profile="brand")


def test_a_lead_that_slid_to_the_right_is_felt_further_right():
    case = replace(builtin_case(CASE), program=Program("1.3- 1.5+"))
    moved = replace(case, migrations=(Migration(1, right_mm=2.5),))
    found = [simulate(prepare(own), Request(own)).coverage.right_percent_of_felt for own in (case, moved)]
    assert found[1] > found[0] + 5.0


def test_one_measured_threshold_sets_the_gain(prepared):
    case, setting = builtin_case(CASE), prepared(CASE)
    usual = simulate(setting, Request(case))
    own = simulate(setting, Request(case, measured_pt_ma=2.0 * usual.thresholds.pt_ma))
    assert own.gain == pytest.approx(2.0)
    assert own.thresholds.pt_ma == pytest.approx(2.0 * usual.thresholds.pt_ma)
    assert own.thresholds.dt_ma == pytest.approx(2.0 * usual.thresholds.dt_ma)
    assert own.coverage.pain_covered_percent == pytest.approx(usual.coverage.pain_covered_percent)
    known = replace(case, patient=replace(case.patient, gain=3.0))  # what was believed before does not matter
    assert simulate(setting, Request(known, measured_pt_ma=2.0 * usual.thresholds.pt_ma)).gain == pytest.approx(2.0)
    with pytest.raises(InvalidValueError, match=r"measured_pt_ma is 25 mA; the model's is .* mA, so that gain is"):
        simulate(setting, Request(case, measured_pt_ma=25.0))
    with pytest.raises(InvalidValueError, match="never felt"):
        simulate(setting, Request(with_faults(ContactFault("1.3", "open")), Program("1.3- 1.4+"), measured_pt_ma=2.0))


def test_a_patient_who_feels_fewer_fibres_feels_sooner_and_more(prepared):
    case, program = builtin_case(CASE), replace(SPREAD, amplitude_ma=2.5)
    found = []
    for count in (1.0, 3.0, 10.0):
        own = replace(case, patient=replace(case.patient, felt_fibres=count))
        found.append(simulate(prepare(own), Request(own, program)))
    one, three, ten = found
    assert one.thresholds.pt_ma < three.thresholds.pt_ma < ten.thresholds.pt_ma
    assert one.thresholds.pt_ma == three.thresholds.pt_one_fibre_ma
    assert ten.thresholds.pt_ma == three.thresholds.pt_ten_fibres_ma
    for fewer, more in ((one, three), (three, ten)):
        for low, high in zip(more.regions, fewer.regions, strict=True):
            assert low.felt_percent <= high.felt_percent + 1e-9
            if low.first_felt_ma is not None:
                assert high.first_felt_ma <= low.first_felt_ma


def test_a_percept_begins_alike_whatever_the_count():
    usual, own = rules_of(3.0), rules_of(8.0)
    fibres = np.linspace(0.0, 40.0, 81)
    for kernel in (felt, intensity, extent):
        np.testing.assert_allclose(kernel(fibres + 5.0, own), kernel(fibres, usual))


def test_root_factors_move_root_thresholds_and_leave_the_columns(prepared):
    setting, case = prepared(CASE), builtin_case(CASE)
    raised = replace(setting, root_factor=np.full_like(setting.root_factor, 1.3))
    one, other = (evaluate(own, case, [Program("1.3- 1.4+", rate_hz=40.0)]) for own in (setting, raised))
    np.testing.assert_allclose(other.person.motor_ma, one.person.motor_ma * 1.3)
    strong = np.array([6.0])
    fewer, before = (found.recruited.root.count(strong) for found in (other, one))
    assert (fewer <= before).all()
    assert fewer.sum() < before.sum()
    np.testing.assert_allclose(other.recruited.column_all.threshold_ma, one.recruited.column_all.threshold_ma)


def test_an_infection_forbids_whatever_is_covered(prepared):
    case = builtin_case("foot")
    sick = replace(case, patient=replace(case.patient, infection=True))
    result = simulate(prepared("foot"), Request(sick, replace(case.program, amplitude_ma=3.0)))
    assert result.coverage.pain_covered_percent >= result.coverage.pass_line_percent
    assert result.coverage.passes is False
    assert "infection" in result.forbidden
    assert simulate(prepared("foot"), Request(case)).forbidden == ""


def test_rates_that_fibres_cannot_follow_and_bursts_are_named(prepared):
    setting, case = prepared(CASE), builtin_case(CASE)
    fast = simulate(setting, Request(case, Program("1.3- 1.4+", 90.0, 600.0, "biphasic")))
    assert any("do not answer every pulse" in note for note in fast.notes)
    assert fast.perception_layer == "phenomenological"
    slow = simulate(setting, Request(case, Program("1.3- 1.4+")))
    assert slow.notes == setting.notes
    five = simulate(setting, Request(case, Program("1.3- 1.4+", 1000.0, 40.0, "burst", amplitude_ma=1.0)))
    assert any("usually given below perception" in note for note in five.notes)
    assert five.safety.charge_per_phase_uc == pytest.approx(1.0)  # 1 mA x 1 ms, pulse by pulse
    assert five.safety.average_current_ua == pytest.approx(200.0)  # five of them, 40 times a second
    # computed independently for large fibres: five pulses need 0.97 to 1.00 of one; fine fibres add pulses up
    one = simulate(setting, Request(case, Program("1.3- 1.4+", 1000.0, 40.0, "passive")))
    assert 0.8 < five.thresholds.pt_ma / one.thresholds.pt_ma < 1.05
