"""Battery: worked examples, and what must follow from charge and energy alone."""

from __future__ import annotations

import dataclasses

import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.tables import all_records
from scs_sim.battery import BatteryCell, battery_cell, cell_names, drain
from scs_sim.program import ContactShare, Program, parse_contacts


@dataclasses.dataclass(frozen=True)
class Area:
    """The least that the battery asks of an area."""

    amplitude_ma: float | None = 6.0
    pulse_width_us: float = 300.0
    rate_hz: float = 50.0
    waveform: str = "monophasic"
    contacts: str = "1.3- 1.4+"

    @property
    def shares(self) -> tuple[ContactShare, ...]:
        return parse_contacts(self.contacts)


# 100 mAh at 4 V, half of it used, a fifth lost; 10 uA; efficiency 50 %: round figures for sums by hand.
CELL = BatteryCell("round", "cell of round figures", True, 100.0, 4.0, 0.5, 0.2, 10.0, 0.5, (4.0, 8.0, 12.0), 0.0)
PRIMARY = dataclasses.replace(CELL, rechargeable=False)


def test_worked_charges_of_a_tonic_and_a_10_khz_program() -> None:
    # 6 mA x 300 us = 1.8 uC, x 50 Hz = 90 uA; 3 mA x 30 us x 10 kHz = 900 uA
    tonic = drain([Area()], [500.0], CELL)
    fast = drain([Area(3.0, 30.0, 10_000.0)], [500.0], CELL)
    assert tonic.charge_per_second_uc == pytest.approx(90.0)
    assert fast.charge_per_second_uc == pytest.approx(900.0)
    assert (tonic.mean_current_ua, fast.mean_current_ua) == (pytest.approx(90.0), pytest.approx(900.0))


def test_worked_interval_and_longevity() -> None:
    # 6 mA x 1000 ohm = 6 V, so 8 V: 90 uA x 8 / 4 / 0.5 = 360 uA, and 10 uA. 50 mAh / 0.37 mA = 135.1 h = 5.63 days
    found = drain([Area()], [1000.0], CELL)
    assert found.supply_v == 8.0
    assert found.battery_current_ua == pytest.approx(370.0)
    assert found.recharge_interval_days == pytest.approx(5.6306, abs=1e-4)
    assert found.worn_recharge_interval_days == pytest.approx(0.8 * 5.6306, abs=1e-4)
    assert found.longevity_years is None
    primary = drain([Area()], [1000.0], PRIMARY)
    # 40 mAh / 0.37 mA = 108.1 h of 8766 h in a year
    assert primary.longevity_years == pytest.approx(108.108 / 8766.0, rel=1e-5)
    assert (primary.recharge_interval_days, primary.worn_recharge_interval_days) == (None, None)


def test_the_energy_out_of_the_cell_is_that_of_the_load_and_of_known_losses() -> None:
    # efficiency 1, no headroom, supply just what the load needs: the cell gives what the load burns in the pulse
    exact = dataclasses.replace(CELL, efficiency_fraction=1.0, rails_v=(3.0,))
    found = drain([Area()], [500.0], exact)
    load_uw = 6e-3**2 * 500.0 * 300e-6 * 50.0 * 1e6
    assert (found.battery_current_ua - 10.0) * 4.0 == pytest.approx(load_uw)


@pytest.mark.parametrize("name", ["rechargeable", "primary"])
def test_without_amplitude_the_quiescent_current_is_left(name: str) -> None:
    cell = battery_cell(name)
    found = drain([Area(0.0)], [500.0], cell)
    assert found.battery_current_ua == cell.quiescent_ua
    assert found.charge_per_second_uc == found.mean_current_ua == 0.0


@pytest.mark.parametrize("name", ["rechargeable", "primary"])
@pytest.mark.parametrize("waveform", ["monophasic", "biphasic", "recharge"])
def test_twice_the_rate_or_the_width_takes_twice_the_stimulation_part(name: str, waveform: str) -> None:
    cell = battery_cell(name)

    def stimulation_ua(area: Area) -> float:
        return drain([area], [500.0], cell).battery_current_ua - cell.quiescent_ua

    once = stimulation_ua(Area(waveform=waveform))
    assert stimulation_ua(Area(waveform=waveform, rate_hz=100.0)) == pytest.approx(2.0 * once)
    assert stimulation_ua(Area(waveform=waveform, pulse_width_us=600.0)) == pytest.approx(2.0 * once)
    both = drain([Area(waveform=waveform)] * 2, [500.0] * 2, cell).battery_current_ua - cell.quiescent_ua
    assert both == pytest.approx(2.0 * once)
    assert drain([Area(), Area(3.0)], [500.0] * 2, cell).charge_per_second_uc == pytest.approx(90.0 + 45.0)


def test_at_a_fixed_voltage_twice_the_amplitude_takes_twice_as_much_and_the_load_nothing() -> None:
    fixed = dataclasses.replace(CELL, rails_v=(12.0,))
    once = drain([Area(2.0)], [500.0], fixed).battery_current_ua - 10.0
    assert drain([Area(4.0)], [500.0], fixed).battery_current_ua - 10.0 == pytest.approx(2.0 * once)
    assert drain([Area(2.0)], [1500.0], fixed).battery_current_ua - 10.0 == pytest.approx(once)
    assert any("always fed with 12 V" in line for line in drain([Area(2.0)], [500.0], fixed).assumptions)


def test_a_voltage_stepped_to_need_rises_with_the_load_and_the_neediest_area_sets_it() -> None:
    supplies = [drain([Area(6.0)], [load], CELL).supply_v for load in (500.0, 700.0, 1900.0)]
    assert supplies == [4.0, 8.0, 12.0]
    assert drain([Area(1.0), Area(6.0)], [500.0, 1900.0], CELL).supply_v == 12.0
    assert drain([Area(6.0), Area(1.0)], [1900.0, 500.0], CELL).supply_v == 12.0
    kept = dataclasses.replace(CELL, headroom_v=4.5)
    assert drain([Area(2.0)], [1500.0], kept).supply_v == 8.0  # 3 V and 4.5 V
    assert drain([Area(0.0)], [1500.0], kept).supply_v == 4.0  # an area that is off needs none


def test_more_voltage_than_there_is_is_said() -> None:
    found = drain([Area(10.0)], [2000.0], CELL)
    assert found.supply_v == 12.0
    assert any("20.0 V would be needed and 12 V is the most" in line for line in found.assumptions)
    assert not any("would be needed" in line for line in drain([Area(1.0)], [500.0], CELL).assumptions)


def test_phases_that_are_driven_cost_and_those_that_flow_back_do_not() -> None:
    factors = {"monophasic": 1.0, "biphasic": 2.0, "recharge": 2.0, "passive": 1.0}
    for waveform, factor in factors.items():
        found = drain([Area(waveform=waveform)], [500.0], CELL)
        assert found.charge_per_second_uc == pytest.approx(90.0)
        assert found.mean_current_ua == pytest.approx(factor * 90.0)


def test_a_burst_counts_its_pulses_one_by_one() -> None:
    # 2 mA x 1 ms = 2 uC, five at 40 Hz: 400 uC a second, returned passively
    found = drain([Area(2.0, 1000.0, 40.0, "burst")], [500.0], CELL)
    assert found.charge_per_second_uc == pytest.approx(400.0)
    assert found.mean_current_ua == pytest.approx(400.0)


def test_a_program_with_an_amplitude_is_an_area_and_one_at_comfort_is_refused() -> None:
    assert drain([Program("1.3- 1.4+", amplitude_ma=2.0)], [550.0], CELL).battery_current_ua > 10.0
    with pytest.raises(InvalidValueError, match=r"areas\[0\] is open"):
        drain([Program("1.3- 1.4+")], [550.0], CELL)


def test_the_built_in_cells_are_all_assumed_and_say_so() -> None:
    assert cell_names() == ("rechargeable", "primary")
    assert battery_cell("rechargeable").rechargeable
    assert not battery_cell("primary").rechargeable
    records = [record for record in all_records(("scs_sim",)) if record.table == "battery"]
    assert len(records) == 6
    assert {record.status for record in records} == {"assumed"}
    lines = " ".join(drain([Area()], [500.0], battery_cell("rechargeable")).assumptions)
    for part in ("200 mAh at 3.6 V", "80 % of it used", "25 %", "15 uA", "efficiency 75 %", "around the clock"):
        assert part in lines


def test_wrong_calls_are_errors() -> None:
    with pytest.raises(UnknownNameError, match="rechargeable"):
        battery_cell("nuclear")
    with pytest.raises(InvalidValueError, match="0 areas"):
        drain([], [], CELL)
    with pytest.raises(InvalidValueError, match="1 areas and 2 loads"):
        drain([Area()], [500.0, 500.0], CELL)
    with pytest.raises(InvalidValueError, match=r"loads_ohm\[0\]"):
        drain([Area()], [float("inf")], CELL)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("capacity_mah", 0.0), ("voltage_v", 0.0), ("usable_share", 1.5), ("fade_share", 1.0), ("quiescent_ua", 0.0),
        ("efficiency_fraction", 0.0), ("headroom_v", -1.0), ("rails_v", ()), ("rails_v", (8.0, 4.0)),
    ],
)  # fmt: skip
def test_a_cell_checks_itself(field: str, value: object) -> None:
    with pytest.raises(InvalidValueError, match=field):
        dataclasses.replace(CELL, **{field: value})  # wrong on purpose
