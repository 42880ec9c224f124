"""The drawn pulse train: charge balance, parts without holes, and no two areas busy at once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from scs_sim.program import WAVEFORMS, Area
from scs_sim.pulse_train import pulse_look, shown_window_us, turns

AMPLITUDE_MA = 3.0


@pytest.mark.parametrize("waveform", WAVEFORMS)
def test_a_pulse_carries_its_charge_and_gives_it_back(waveform):
    width_us = 1000.0 if waveform == "burst" else 300.0
    look = pulse_look(Area("1.2- 1.3+", width_us, 40.0, waveform), AMPLITUDE_MA)
    step = np.diff(look.time_us)
    charge_uc = float((step * (look.current_ma[1:] + look.current_ma[:-1]) / 2e3).sum())
    assert look.charge_uc == pytest.approx(AMPLITUDE_MA * width_us * 1e-3)
    balanced = 0.0 if waveform != "monophasic" else -look.charge_uc
    assert charge_uc == pytest.approx(balanced, abs=1e-6)
    assert look.current_ma[1] == -AMPLITUDE_MA  # the cathodes' current, downwards
    assert look.current_ma[0] == look.current_ma[-1] == 0.0
    assert (step >= 0.0).all()


@pytest.mark.parametrize(
    ("waveform", "kinds"),
    [
        ("monophasic", ["pulse"]),
        ("biphasic", ["pulse", "recovery"]),
        ("recharge", ["pulse", "gap", "recovery"]),
        ("passive", ["pulse", "gap", "recovery"]),
        ("burst", ["pulse", "gap"] * 5 + ["recovery"]),
    ],
)
def test_parts_follow_each_other(waveform, kinds):
    width_us = 1000.0 if waveform == "burst" else 300.0
    look = pulse_look(Area("1.2- 1.3+", width_us, 40.0, waveform), AMPLITUDE_MA)
    assert [part.kind for part in look.parts] == kinds
    assert look.parts[-1].passive == (waveform in ("passive", "burst"))
    assert look.parts[0].from_us == 0.0
    for one, following in itertools.pairwise(look.parts):
        assert one.to_us == pytest.approx(following.from_us)
    assert look.parts[-1].to_us == look.time_us[-1]


@pytest.mark.parametrize("rates", [(40.0,), (40.0, 40.0), (40.0, 60.0, 90.0), (20.0, 20.0, 20.0, 100.0)])
def test_areas_take_turns(rates):
    areas = [Area("1.2- 1.3+", 300.0, rate, "recharge") for rate in rates]
    window_us = shown_window_us(areas)
    assert window_us == pytest.approx(2e6 / min(rates))
    found = turns(areas, [3.0] * len(areas), window_us)
    assert [one.letter for one in found] == list("ABCD"[: len(rates)])
    spans = sorted((start, start + one.busy_us) for one in found for start in one.start_us)
    for (_, end), (start, _) in itertools.pairwise(spans):
        assert start >= end - 1e-9
    for one, rate in zip(found, rates, strict=True):
        assert abs(len(one.start_us) - window_us * rate * 1e-6) <= 1.0
        np.testing.assert_allclose(np.diff(one.start_us), 1e6 / rate, atol=sum(o.busy_us for o in found))
