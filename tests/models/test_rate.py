"""The rate layer: the measured ends, the order between them, and what it must not do."""

from __future__ import annotations

import numpy as np
import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.percept.rate import THRESHOLDS, amplitude_factor, rate_factors, rate_rule

# Abejon 2016: mA at 40 and 1200 Hz.
MEASURED = {"perception": (7.25, 1.38), "comfort": (8.17, 1.63), "discomfort": (9.20, 1.85)}


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_amplitudes_at_the_measured_rates_are_the_measured_ones(threshold: str) -> None:
    low, high = MEASURED[threshold]
    np.testing.assert_allclose(low * amplitude_factor([40.0, 1200.0], threshold, rate_rule()), [low, high], rtol=1e-12)


def test_usage_range_stays_between_the_measured_ones() -> None:
    rate = np.geomspace(40.0, 1200.0, 200)
    factors = rate_factors(rate)
    usage = 9.20 * factors.discomfort / (7.25 * factors.perception)
    assert usage[0] == pytest.approx(1.27, abs=0.005)
    assert usage[-1] == pytest.approx(1.34, abs=0.005)
    assert np.all(np.diff(usage) > 0.0)


def test_perception_comfort_and_discomfort_keep_their_order_at_every_rate() -> None:
    factors = rate_factors(np.geomspace(2.0, 10_000.0, 400))
    assert np.all(7.25 * factors.perception < 8.17 * factors.comfort)
    assert np.all(8.17 * factors.comfort < 9.20 * factors.discomfort)


def test_amplitude_never_rises_with_rate_and_is_flat_outside_the_measured_rates() -> None:
    factors = rate_factors(np.array([1.0, 20.0, 40.0, 80.0, 300.0, 1200.0, 5000.0]))
    assert np.all(np.diff(factors.perception) <= 0.0)
    assert factors.perception[0] == factors.perception[2] == 1.0
    assert factors.perception[-1] == factors.perception[-2]
    assert factors.measured.tolist() == [False, False, True, True, True, True, False]


def test_equal_ratios_of_rate_change_the_amplitude_by_equal_steps() -> None:
    factor = amplitude_factor(40.0 * 30.0 ** np.linspace(0.0, 1.0, 7), "perception", rate_rule())
    np.testing.assert_allclose(np.diff(factor, n=2), 0.0, atol=1e-12)


def test_bad_rates_and_names_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="rate_hz"):
        rate_factors([50.0, 0.0])
    with pytest.raises(UnknownNameError, match="perception"):
        amplitude_factor(50.0, "motor", rate_rule())
