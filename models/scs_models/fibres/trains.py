"""Trains of pulses on the reference axon: up to which rate fibres fire with every pulse.

The simulator's thresholds are those of one pulse. A train does not change the threshold of the first spike by more
than a few percent, but fibres drop pulses just above their threshold and at high rates; [following] in fibres.toml
holds what was computed, `python -m scs_models.fibres.trains` computes it again (about three minutes).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.fibres.cable import drive_modes, internode
from scs_models.fibres.geometry import COMPARTMENTS_PER_INTERNODE, compartment_positions_mm, fibre, odd_node_count
from scs_models.fibres.mrg import PRODUCTION_STEP_US, production_schedule, threshold_ma
from scs_models.fibres.stepper import spike_times_us
from scs_models.fibres.waveforms import Phase, Waveform, named_waveform, symmetric_with_gap
from scs_models.tables import read_table
from scs_models.values import FloatArray, read_only, require_between

CABLE_MM = 62.0
SOURCE_MM, CONDUCTIVITY_S_PER_M = 4.0, 0.3
TRAIN_US = 100_000.0
FEWEST_PULSES = 20
FOLLOWS_SHARE = 0.95
"""Spikes per pulse from which a fibre counts as following: one dropped pulse of twenty is allowed."""


def train(pulse: Waveform, pulse_width_us: float, rate_hz: float, length_us: float) -> Waveform:
    """Return the pulses of `pulse` that begin within `length_us` at `rate_hz` as one waveform for `pulse_width_us`.

    Raises InvalidValueError where a pulse is longer than the period, or returns its charge passively.
    """
    if pulse.passive is not None:
        raise InvalidValueError(f"waveform {pulse.name}: trains are computed for pulses made of phases only")
    pause_us = 1e6 / rate_hz - pulse.duration_us(pulse_width_us)
    if pause_us < 0.0:
        raise InvalidValueError(
            f"rate_hz is {rate_hz:g} Hz; a {pulse.name} pulse of {pulse_width_us:g} us lasts"
            f" {pulse.duration_us(pulse_width_us):g} us, longer than the period"
        )
    count = int(np.ceil(length_us * rate_hz * 1e-6 - 1e-9))
    pause = Phase(0.0, 0.0, pause_us)
    phases = pulse.phases + (pause, *pulse.phases) * (count - 1)
    return Waveform(f"{pulse.name} at {rate_hz:g} Hz", phases)


def point_source_mv_per_ma(diameter_um: float, geometry: str = "interpolation") -> FloatArray:
    """Return (1, compartments) mV per mA of a cathode 4 mm beside the middle node of a straight fibre in 0.3 S/m."""
    z = compartment_positions_mm(fibre(diameter_um, geometry), odd_node_count(diameter_um, CABLE_MM))
    away = np.hypot(SOURCE_MM, z - z[(z.size // COMPARTMENTS_PER_INTERNODE) // 2 * COMPARTMENTS_PER_INTERNODE])
    return np.asarray(-1000.0 / (4.0 * np.pi * CONDUCTIVITY_S_PER_M * away))[None]


def following(
    diameter_um: float,
    rate_hz: float,
    overdrive_factors: FloatArray,
    *,
    pulse: str | Waveform,
    pulse_width_us: float,
    length_us: float = TRAIN_US,
    geometry: str = "interpolation",
    step_us: float = PRODUCTION_STEP_US,
) -> FloatArray:
    """Return how often a fibre fires at multiples of its single-pulse threshold: (factors,) Hz, over `length_us`.

    The fibre lies 4 mm from a point source. Errors as in `train` and `threshold_ma`. Source: MRG02.
    """
    shape = named_waveform(pulse) if isinstance(pulse, str) else pulse
    outside = point_source_mv_per_ma(diameter_um, geometry)
    nodes = outside[:, ::COMPARTMENTS_PER_INTERNODE]
    once = threshold_ma(
        nodes, diameter_um, pulse_width_us, shape, geometry=geometry, compartment_potentials_mv_per_ma=outside
    )
    axon, factors = fibre(float(diameter_um), geometry), np.asarray(overdrive_factors, dtype=np.float64)
    drive = np.repeat(drive_modes(internode(axon), outside), factors.size, axis=1)
    schedule = production_schedule(train(shape, pulse_width_us, rate_hz, length_us), pulse_width_us, step_us)
    times = spike_times_us(axon, drive, factors * once[0], schedule, "exponential")
    return read_only(np.array([row.size for row in times]) * 1e6 / length_us)


def first_spike_ratio(
    diameter_um: float,
    rate_hz: float,
    *,
    pulse: str | Waveform,
    pulse_width_us: float,
    length_us: float,
    geometry: str = "interpolation",
    step_us: float = PRODUCTION_STEP_US,
) -> float:
    """Return the lowest amplitude that fires a fibre at all in a train, over its single-pulse threshold.

    Field and errors as in `following`.
    """
    shape = named_waveform(pulse) if isinstance(pulse, str) else pulse
    outside = point_source_mv_per_ma(diameter_um, geometry)
    once, often = (
        threshold_ma(
            outside[:, ::COMPARTMENTS_PER_INTERNODE],
            diameter_um,
            pulse_width_us,
            which,
            geometry=geometry,
            compartment_potentials_mv_per_ma=outside,
            production_step_us=step_us,
        )
        for which in (shape, train(shape, pulse_width_us, rate_hz, length_us))
    )
    return float(often[0] / once[0])


@dataclass(frozen=True, slots=True, eq=False)
class FollowingTable:
    """Computed firing rates: `firing_hz` (diameters, overdrives, rates) at `rate_hz` and multiples of the threshold."""

    diameter_um: FloatArray
    overdrive_factor: FloatArray
    rate_hz: FloatArray
    firing_hz: FloatArray


@cache
def following_table() -> FollowingTable:
    """Return [following] of fibres.toml."""
    row = read_table("fibres")["following"]
    return FollowingTable(
        diameter_um=read_only(np.array([part["diameter_um"] for part in row["fibres"]])),
        overdrive_factor=read_only(np.array(row["overdrive_factor"])),
        rate_hz=read_only(np.array(row["rate_hz"])),
        firing_hz=read_only(np.array([part["firing_hz"] for part in row["fibres"]])),
    )


def spikes_per_pulse(rate_hz: float, overdrive_factor: float) -> float:
    """Return the share of pulses a fibre fires with, the least of the computed diameters.

    Linear in the log of the rate and in the overdrive (amplitude over the fibre's threshold), held beyond the
    overdrives of the table. Raises InvalidValueError outside its rates.
    """
    table = following_table()
    require_between("rate_hz", rate_hz, float(table.rate_hz[0]), float(table.rate_hz[-1]), "Hz")
    share = (table.firing_hz / table.rate_hz).min(axis=0)
    at_rate = [np.interp(np.log(rate_hz), np.log(table.rate_hz), row) for row in share]
    return float(np.interp(overdrive_factor, table.overdrive_factor, at_rate))


def following_limit_hz(overdrive_factor: float) -> float:
    """Return the highest computed rate at which fibres of every computed diameter fire with each pulse, Hz.

    Read at the next lower overdrive of the table; 0 where there is none. Just above threshold fibres drop pulses at
    lower rates too (`spikes_per_pulse`).
    """
    table = following_table()
    below = np.flatnonzero(table.overdrive_factor <= overdrive_factor + 1e-9)
    if not below.size:
        return 0.0
    share = (table.firing_hz[:, below[-1]] / table.rate_hz).min(axis=0)
    return float(table.rate_hz[share >= FOLLOWS_SHARE].max(initial=0.0))


def table_text() -> str:
    """Compute the firing rates of [following] in fibres.toml; return them as its lines."""
    row = read_table("fibres")["following"]
    factors, slow, fast = np.array(row["overdrive_factor"]), row["fibres"], row["kilohertz"]
    lines = []
    for part in slow:
        pulse = symmetric_with_gap(row["gap_us"])
        columns = [
            following(
                part["diameter_um"],
                rate,
                factors,
                pulse=pulse,
                pulse_width_us=row["pulse_width_us"],
                length_us=max(TRAIN_US, FEWEST_PULSES * 1e6 / rate),
            )
            for rate in row["rate_hz"]
        ]
        lines += ["[[following.fibres]]", f"diameter_um = {part['diameter_um']}", "firing_hz = ["]
        lines += [f"    {[round(float(value), 1) for value in values]}," for values in np.transpose(columns)]
        lines += ["]", ""]
    pulse = symmetric_with_gap(fast["gap_us"])
    train_of = {"pulse": pulse, "pulse_width_us": fast["pulse_width_us"], "step_us": fast["step_us"]}
    rates = following(fast["diameter_um"], fast["rate_hz"], factors, **train_of)
    ratio = first_spike_ratio(fast["diameter_um"], fast["rate_hz"], length_us=fast["length_us"], **train_of)
    lines += [f"firing_hz = {[round(float(value), 1) for value in rates]}", f"first_spike_ratio = {ratio:.3f}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table_text())
