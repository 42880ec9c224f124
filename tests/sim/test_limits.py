"""Limits: charge arithmetic against worked figures, and the ranges that programs are held to."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scs_models.errors import InvalidValueError
from scs_models.tables import all_records
from scs_sim import limits

CONTACT_MM2 = math.pi * 1.3 * 3.0


def test_worked_examples_of_charge_density_and_shannon() -> None:
    # 10 mA x 500 us on a 1.3 x 3 mm contact: 5 uC, 40.8 uC/cm2, k 2.31; 6 mA x 300 us: 1.8 uC, 14.7 uC/cm2, k 1.42
    charge = limits.charge_per_phase_uc([10.0, 6.0], [500.0, 300.0])
    np.testing.assert_allclose(charge, [5.0, 1.8])
    np.testing.assert_allclose(limits.charge_density_uc_per_cm2(charge, CONTACT_MM2), [40.8, 14.7], atol=0.05)
    np.testing.assert_allclose(limits.shannon_k(charge, CONTACT_MM2), [2.31, 1.42], atol=0.005)
    both = limits.safety_limits()
    assert limits.shannon_k(5.0, CONTACT_MM2) > both.shannon_k > limits.shannon_k(1.8, CONTACT_MM2)
    assert 40.8 > both.charge_density_uc_per_cm2 > 14.7


def test_mean_current_of_two_pulse_trains() -> None:
    # 1.8 uC at 50 Hz is 90 uA; 10 kHz, 3 mA, 30 us is 900 uA
    charge = limits.charge_per_phase_uc([6.0, 3.0], [300.0, 30.0])
    np.testing.assert_allclose(limits.average_current_ua(charge, [50.0, 10000.0]), [90.0, 900.0])


def test_charge_splits_with_the_share_and_broadcasts() -> None:
    shares = np.array([-0.6, -0.4, 1.0])
    amplitude = np.array([[2.0], [5.0]])
    charge = limits.charge_per_phase_uc(amplitude, 200.0, shares)
    assert charge.shape == (2, 3)
    np.testing.assert_allclose(charge[:, :2].sum(axis=1), charge[:, 2])


def test_no_charge_has_no_shannon_k() -> None:
    assert limits.shannon_k(0.0, CONTACT_MM2) == -math.inf


def test_voltage_is_current_times_load() -> None:
    np.testing.assert_allclose(limits.compliance_voltage_v([20.0, 5.0], 800.0), [16.0, 4.0])


@pytest.mark.parametrize(("ohm", "flag"), [(50.0, "short"), (550.0, ""), (2500.0, "high"), (12000.0, "open")])
def test_load_flags(ohm: float, flag: str) -> None:
    assert limits.load_flag(ohm) == flag


def test_ten_kilohertz_is_accepted_but_not_felt() -> None:
    assert limits.require_rate(10000.0) == 10000.0
    assert limits.require_rate(1200.0) == 1200.0
    np.testing.assert_array_equal(limits.paresthesia_applicable([50.0, 1200.0, 5000.0, 10000.0]), [1, 1, 0, 0])
    for rate in (1.9, 1201.0, 4999.0, 10001.0, math.nan, math.inf, -50.0):
        with pytest.raises(InvalidValueError, match=r"rate_hz is .*2 and 1200 Hz, or between 5000 and 10000 Hz"):
            limits.require_rate(rate)


def test_every_limit_has_a_source() -> None:
    paths = {record.path for record in all_records(("scs_sim",)) if record.table == "limits"}
    assert {"program.amplitude", "charge.density", "charge.shannon", "load.flags", "compliance"} <= paths
