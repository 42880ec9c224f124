"""Pulse shapes: charge comes back to the last bit, times and levels are the ones the tables name."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.fibres import mrg
from scs_models.fibres.geometry import compartment_positions_mm, fibre
from scs_models.fibres.waveforms import (
    Burst,
    PassiveReturn,
    Phase,
    Waveform,
    burst,
    named_waveform,
    recharge_after,
    symmetric_with_gap,
    waveform_names,
)
from scs_models.values import FloatArray

WIDTHS_US = (30.0, 61.3, 210.0, 500.0, 1000.0)


def charge_us(levels: tuple[tuple[float, float], ...]) -> float:
    return math.fsum(level * length for level, length in levels)


def over_a_line(diameter_um: float) -> FloatArray:
    """Return (2, compartments) mV per mA of a cathode and an anode 4 mm from a straight fibre in 0.3 S/m."""
    z = compartment_positions_mm(fibre(diameter_um), 71)
    outside = 1000.0 / (4.0 * np.pi * 0.3 * np.hypot(4.0, z - z[z.size // 2]))
    return np.array([-outside, outside])


@pytest.mark.parametrize("name", [name for name in waveform_names() if name != "monophasic"])
@pytest.mark.parametrize("width", WIDTHS_US)
def test_no_charge_is_left_but_by_the_monophasic_pulse(name: str, width: float) -> None:
    """Conservation: what the first phase brings, the others take back."""
    pulse = named_waveform(name)
    assert pulse.levels(width)[0] == (1.0, width)
    assert charge_us(pulse.levels(width)) == pytest.approx(0.0, abs=1e-10 * width)
    assert pulse.net_charge_us(width) == pytest.approx(0.0, abs=1e-10 * width)


def test_the_monophasic_pulse_leaves_all_its_charge() -> None:
    assert named_waveform("monophasic").net_charge_us(210.0) == 210.0


@pytest.mark.parametrize(
    ("name", "duration"),
    [
        ("monophasic", 210.0),
        ("biphasic", 420.0),
        ("recharge", 210.0 + 100.0 + 5.0 * 210.0),
        ("biphasic-gap", 210.0 + 100.0 + 210.0),
        ("recharge-10", 210.0 + 100.0 + 10.0 * 210.0),
        ("passive", 210.0 + 100.0 + 8000.0),
    ],
)
def test_the_time_of_a_pulse_is_the_sum_of_its_parts(name: str, duration: float) -> None:
    pulse = named_waveform(name)
    assert pulse.duration_us(210.0) == pytest.approx(duration, rel=1e-12)
    assert math.fsum(length for _, length in pulse.levels(210.0)) == pytest.approx(duration, rel=1e-12)


def test_named_shapes_are_those_of_the_constructors() -> None:
    pairs = {"biphasic": symmetric_with_gap(0.0), "biphasic-gap": symmetric_with_gap(100.0)}
    pairs |= {"recharge": recharge_after(100.0, 5.0), "recharge-10": recharge_after(100.0, 10.0)}
    for name, built in pairs.items():
        for width in WIDTHS_US:
            np.testing.assert_allclose(
                named_waveform(name).levels(width), built.levels(width), rtol=1e-12, err_msg=name
            )


def test_names_begin_with_the_first_three_and_unknown_ones_are_told_them() -> None:
    assert waveform_names()[:3] == ("monophasic", "biphasic", "recharge")
    assert set(waveform_names()[3:]) == {"biphasic-gap", "recharge-10", "passive"}
    with pytest.raises(UnknownNameError, match="passive"):
        named_waveform("square")


def test_a_passive_return_is_the_exponential_that_brings_the_charge_back_in_its_time() -> None:
    """Closed form: the charge returned by time t after the gap is Q (1 - exp(-t / tau)) / (1 - exp(-length / tau))."""
    back = PassiveReturn(100.0, 700.0, 3000.0, 50.0)
    (gap_level, gap), *decay = back.levels(240.0)
    assert (gap_level, gap) == (0.0, 100.0)
    returned = np.cumsum([-level * length for level, length in decay])
    times = 50.0 * np.arange(1, 61)
    np.testing.assert_allclose(returned, 240.0 * np.expm1(-times / 700.0) / np.expm1(-3000.0 / 700.0), rtol=1e-12)
    assert all(length == 50.0 for _, length in decay)


def test_the_burst_is_five_pulses_at_500_hz_forty_times_a_second() -> None:
    """Times and counts by hand: pulses begin every 2000 us, 5 ms of charge come back before the 25 ms are over."""
    shape = burst()
    levels = shape.waveform(5).levels(shape.pulse_width_us)
    begins = np.cumsum([0.0, *(length for _, length in levels)])
    starts = [begin for begin, (level, _) in zip(begins, levels, strict=False) if level == 1.0]
    assert starts == [0.0, 2000.0, 4000.0, 6000.0, 8000.0]
    assert {length for level, length in levels if level == 1.0} == {1000.0}
    assert charge_us(levels) == pytest.approx(0.0, abs=1e-8)
    assert charge_us(levels[9:]) == pytest.approx(-5000.0, rel=1e-12)
    assert all(level <= 0.0 for level, _ in levels[9:])
    assert shape.duration_us == pytest.approx(9000.0 + 100.0 + 15_000.0)
    assert shape.duration_us <= 1e6 / shape.burst_rate_hz
    assert shape.pulses_per_second_hz == 200.0


def test_shapes_that_cannot_be_are_refused_with_what_is_allowed() -> None:
    back = burst().passive
    with pytest.raises(InvalidValueError, match="2000 us"):
        Burst(5, 2100.0, 500.0, 40.0, back)
    with pytest.raises(InvalidValueError, match=r"burst_rate_hz is 50 Hz; .* 24100 us"):
        Burst(5, 1000.0, 500.0, 50.0, back)
    with pytest.raises(InvalidValueError, match="one pulse or more"):
        Burst(0, 1000.0, 500.0, 40.0, back)
    with pytest.raises(InvalidValueError, match="multiple of level_us"):
        replace(back, level_us=70.0)
    with pytest.raises(InvalidValueError, match="above 0 us"):
        replace(back, time_constant_us=0.0)
    with pytest.raises(InvalidValueError, match="negative"):
        Waveform("odd", (Phase(1.0, -1.0, 0.0),))
    with pytest.raises(InvalidValueError, match="1 or more"):
        recharge_after(0.0, 0.5)


@pytest.mark.parametrize("name", waveform_names())
@pytest.mark.parametrize("width", [30.0, 61.3, 137.0, 1000.0])
def test_the_steps_of_a_pulse_end_where_its_phases_end(name: str, width: float) -> None:
    """Every edge lies within half a step of its place, so no error piles up over the many levels of a return."""
    pulse = named_waveform(name)
    schedule = mrg.production_schedule(pulse, width, 5.0)
    times = schedule.time_step_us * np.arange(1, len(schedule.levels) + 1)
    steps = np.cumsum(schedule.levels) * schedule.time_step_us
    ends = np.cumsum([length for _, length in pulse.levels(width)])
    brought = np.cumsum([level * length for level, length in pulse.levels(width)])
    largest = max(abs(level) for level, _ in pulse.levels(width))
    assert abs(times[-1] - ends[-1]) <= 0.5 * schedule.time_step_us + 1e-9
    assert np.abs(steps - np.interp(times, [0.0, *ends], [0.0, *brought])).max() <= largest * schedule.time_step_us


@pytest.mark.slow
@pytest.mark.parametrize("width", [60.0, 1000.0])
def test_finer_levels_of_a_passive_return_do_not_move_thresholds(width: float) -> None:
    """Convergence: levels a quarter as long change a threshold by less than 0.2 %, under cathode and anode."""
    pulse = named_waveform("passive")
    assert pulse.passive is not None
    finer = replace(pulse, passive=replace(pulse.passive, level_us=0.25 * pulse.passive.level_us))
    for diameter in (5.7, 12.8):
        outside = over_a_line(diameter)
        coarse, fine = (
            mrg.threshold_ma(
                outside[:, ::11], diameter, width, shape, compartment_potentials_mv_per_ma=outside, tolerance=1e-4
            )
            for shape in (pulse, finer)
        )
        np.testing.assert_allclose(fine, coarse, rtol=2e-3)
