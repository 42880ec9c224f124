"""The strength-duration curve of an area: exact laws come back exactly, the validation's own fit says the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models.errors import InvalidValueError
from scs_sim.case import builtin_case
from scs_sim.simulate import Request, simulate
from scs_sim.strength_duration import WIDTHS_US, fitted, strength_duration
from scs_sim.validate.measures.thresholds import strength_duration as fitted_by_search

CASE_ID = "back-and-left-leg"
WIDTHS = np.array(WIDTHS_US)


@pytest.fixture(scope="module")
def case():
    return builtin_case(CASE_ID)


@pytest.fixture(scope="module")
def curve(prepared, case):
    return strength_duration(prepared(CASE_ID), case, case.program)


@pytest.mark.parametrize(("rheobase_ma", "chronaxie_us"), [(2.5, 295.0), (0.4, 60.0), (7.0, 900.0)])
def test_exact_laws_come_back(rheobase_ma, chronaxie_us):
    weiss = rheobase_ma * (1.0 + chronaxie_us / WIDTHS)
    lapicque = rheobase_ma / (1.0 - np.exp2(-WIDTHS / chronaxie_us))
    for form, exact in (("Weiss", weiss), ("Lapicque", lapicque)):
        found = fitted(form, WIDTHS, exact)
        assert found.rheobase_ma == pytest.approx(rheobase_ma, rel=1e-5)
        assert found.chronaxie_us == pytest.approx(chronaxie_us, rel=1e-5)
        assert found.worst_percent < 1e-3
        np.testing.assert_allclose(found.amplitude_ma(WIDTHS), exact, rtol=1e-5)
        assert found.amplitude_ma(np.array([chronaxie_us]))[0] == pytest.approx(2.0 * rheobase_ma, rel=1e-5)


def test_the_fit_is_that_of_the_validation(curve):
    other = fitted_by_search(curve.pulse_width_us, curve.perception_ma)
    for fit in curve.fits:
        rheobase_ma, chronaxie_us = other[fit.form.lower()]
        assert fit.rheobase_ma == pytest.approx(rheobase_ma, rel=1e-3)
        assert fit.chronaxie_us == pytest.approx(chronaxie_us, rel=2e-3)


def test_wider_pulses_need_less_current_and_more_charge(curve):
    for threshold_ma in (curve.perception_ma, curve.discomfort_ma, curve.motor_ma):
        assert (np.diff(threshold_ma) < 0.0).all()
        assert (np.diff(threshold_ma * curve.pulse_width_us) > 0.0).all()
    assert (curve.perception_ma < curve.discomfort_ma).all()


def test_the_curve_passes_through_the_programs_own_thresholds(prepared, case, curve):
    program = replace(case.program, pulse_width_us=400.0)
    own = simulate(prepared(CASE_ID), Request(case, program))
    at = curve.pulse_width_us.tolist().index(400.0)
    assert curve.perception_ma[at] == pytest.approx(own.thresholds.pt_ma, rel=1e-6)


def test_widths_that_do_not_fit_are_left_out_and_none_is_said(prepared, case):
    fast = replace(case.program, pulse_width_us=60.0, rate_hz=500.0, waveform="biphasic")
    found = strength_duration(prepared(CASE_ID), case, fast)
    assert 2.0 * found.pulse_width_us.max() <= 2000.0
    with pytest.raises(InvalidValueError, match="burst"):
        strength_duration(prepared(CASE_ID), case, replace(case.program, pulse_width_us=1000.0, waveform="burst"))
    with pytest.raises(InvalidValueError, match="pulse widths fit"):
        strength_duration(
            prepared(CASE_ID), case, replace(case.program, pulse_width_us=40.0, rate_hz=5000.0, waveform="biphasic")
        )
