"""Battery: what a program takes out of the generator's cell, and how long a charge or a cell lasts.

    battery current = rate x sum(current x time driven) x (supply voltage / cell voltage) / efficiency + quiescent

An estimate to compare programs by. The cells are those of data/battery.toml, all assumed; each estimate says what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.fibres.waveforms import burst, named_waveform
from scs_models.tables import read_table
from scs_models.values import require_between
from scs_sim.limit_profiles import BURST, DialledArea

HOURS_PER_DAY, HOURS_PER_YEAR = 24.0, 24.0 * 365.25


@dataclass(frozen=True, slots=True)
class BatteryCell:
    """A generator's cell and what lies between it and the contacts. Bad values raise InvalidValueError.

    `usable_share` of the capacity is used before a recharge or a replacement, `fade_share` is lost by the end;
    `rails_v` are the supply voltages that can be had, ascending; `headroom_v` is what the current source needs itself.
    """

    name: str
    title: str
    rechargeable: bool
    capacity_mah: float
    voltage_v: float
    usable_share: float
    fade_share: float
    quiescent_ua: float
    efficiency_fraction: float
    rails_v: tuple[float, ...]
    headroom_v: float

    def __post_init__(self) -> None:
        require_between("capacity_mah", self.capacity_mah, 1.0, 1e5, "mAh")
        require_between("voltage_v", self.voltage_v, 0.5, 20.0, "V")
        require_between("usable_share", self.usable_share, 0.01, 1.0)
        require_between("fade_share", self.fade_share, 0.0, 0.99)
        require_between("quiescent_ua", self.quiescent_ua, 0.01, 1e4, "uA")
        require_between("efficiency_fraction", self.efficiency_fraction, 0.01, 1.0)
        require_between("headroom_v", self.headroom_v, 0.0, 10.0, "V")
        if not self.rails_v or list(self.rails_v) != sorted(self.rails_v):
            raise InvalidValueError(f"rails_v is {self.rails_v}; it must hold one voltage or more, ascending")
        require_between("rails_v[0]", self.rails_v[0], 0.1, 100.0, "V")


@dataclass(frozen=True, slots=True)
class BatteryEstimate:
    """What a program takes and how long it lasts; `assumptions` are sentences.

    charge_per_second_uc counts the first phase of each pulse, mean_current_ua every phase that the generator drives;
    battery_current_ua is drawn from the cell at its voltage. recharge_interval_days is of a new cell,
    worn_recharge_interval_days of one at the end of service; both are None for a primary cell, longevity_years for a
    rechargeable one.
    """

    cell: str
    charge_per_second_uc: float
    mean_current_ua: float
    supply_v: float
    battery_current_ua: float
    recharge_interval_days: float | None
    worn_recharge_interval_days: float | None
    longevity_years: float | None
    assumptions: tuple[str, ...]


@cache
def cell_names() -> tuple[str, ...]:
    """Return the names of the cells, in the order of battery.toml."""
    return tuple(read_table("battery", "scs_sim"))


@cache
def battery_cell(name: str) -> BatteryCell:
    """Return the cell `name`; raises UnknownNameError with the known names otherwise."""
    if name not in cell_names():
        raise UnknownNameError("battery cell", name, cell_names())
    rows = read_table("battery", "scs_sim")[name]
    cell, electronics, supply = rows["cell"], rows["electronics"], rows["supply"]
    return BatteryCell(
        name=name,
        title=rows["title"],
        rechargeable=rows["rechargeable"],
        capacity_mah=cell["capacity_mah"],
        voltage_v=cell["voltage_v"],
        usable_share=cell["usable_share"],
        fade_share=cell["fade_share"],
        quiescent_ua=electronics["quiescent_ua"],
        efficiency_fraction=electronics["efficiency_fraction"],
        rails_v=supply["rails_v"],
        headroom_v=supply["headroom_v"],
    )


def drain(areas: Sequence[DialledArea], loads_ohm: Sequence[float], cell: BatteryCell) -> BatteryEstimate:
    """Return what `areas`, running around the clock into `loads_ohm` (one per area), take out of `cell`.

    Raises InvalidValueError without areas, for an amplitude that is still open (None), for loads that are not one per
    area or outside 1 to 1e6 ohm.
    """
    if not areas or len(loads_ohm) != len(areas):
        raise InvalidValueError(
            f"there are {len(areas)} areas and {len(loads_ohm)} loads; give one area or more and one load for each"
        )
    first_phase_ua, driven_ua, needed_v = 0.0, 0.0, 0.0
    for place, (area, load_ohm) in enumerate(zip(areas, loads_ohm, strict=True)):
        ma = area.amplitude_ma
        if ma is None:
            raise InvalidValueError(f"amplitude_ma of areas[{place}] is open; the battery needs an amplitude in mA")
        require_between(f"loads_ohm[{place}]", load_ohm, 1.0, 1e6, "ohm")
        rate_hz = area.rate_hz * (burst().pulses_count if area.waveform == BURST else 1)
        area_ua = ma * area.pulse_width_us * 1e-3 * rate_hz
        first_phase_ua += area_ua
        driven_ua += area_ua * _driven_factor(area)
        if ma > 0.0:
            needed_v = max(needed_v, ma * load_ohm * 1e-3 + cell.headroom_v)
    supply_v = next((rail for rail in cell.rails_v if rail >= needed_v), cell.rails_v[-1])
    battery_ua = driven_ua * supply_v / cell.voltage_v / cell.efficiency_fraction + cell.quiescent_ua
    hours = cell.capacity_mah * cell.usable_share * 1e3 / battery_ua
    kept = 1.0 - cell.fade_share
    return BatteryEstimate(
        cell=cell.name,
        charge_per_second_uc=first_phase_ua,
        mean_current_ua=driven_ua,
        supply_v=supply_v,
        battery_current_ua=battery_ua,
        recharge_interval_days=hours / HOURS_PER_DAY if cell.rechargeable else None,
        worn_recharge_interval_days=hours * kept / HOURS_PER_DAY if cell.rechargeable else None,
        longevity_years=None if cell.rechargeable else hours * kept / HOURS_PER_YEAR,
        assumptions=_assumptions(cell, needed_v),
    )


def _driven_factor(area: DialledArea) -> float:
    """Return the charge of all phases that the generator drives, over that of the first; passive returns cost none."""
    if area.waveform == BURST:
        return 1.0
    phases = named_waveform(area.waveform).phases
    width_us = area.pulse_width_us
    return sum(abs(phase.level) * phase.length_us(width_us) for phase in phases) / width_us


def _assumptions(cell: BatteryCell, needed_v: float) -> tuple[str, ...]:
    voltages = ", ".join(f"{rail:g}" for rail in cell.rails_v)
    if len(cell.rails_v) == 1:
        supply = f"the output stage is always fed with {voltages} V"
    else:
        supply = f"the output stage is fed with the lowest of {voltages} V that the neediest area allows"
    lost = "by the end of service" if cell.rechargeable else "by self-discharge"
    lines = (
        f"{cell.title}: {cell.capacity_mah:g} mAh at {cell.voltage_v:g} V, {100.0 * cell.usable_share:g} % of it used",
        f"{100.0 * cell.fade_share:g} % of the capacity is lost {lost}",
        f"{cell.quiescent_ua:g} uA without stimulation, efficiency {100.0 * cell.efficiency_fraction:g} %",
        f"{supply}; the current source keeps {cell.headroom_v:g} V",
        "every phase that the generator drives costs alike, a passive return costs nothing",
        "stimulation around the clock, no cycling",
    )
    if needed_v <= cell.rails_v[-1]:
        return lines
    short = f"{needed_v:.1f} V would be needed and {cell.rails_v[-1]:g} V is the most: reckoned as if it were enough"
    return (*lines, short)
