"""Trains of pulses on the reference axon: up to which rate fibres fire with every pulse.

The simulator's thresholds are those of one pulse. A train does not change the threshold of the first spike by more
than a few percent, but fibres drop pulses just above their threshold and at high rates; [following] in fibres.toml
holds what was computed, `python -m scs_models.fibres.trains table` computes it again (about three minutes), and
`... burst` compares a burst with one of its pulses.
"""

from __future__ import annotations

import sys

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.fibres.cable import drive_modes, internode
from scs_models.fibres.geometry import COMPARTMENTS_PER_INTERNODE, compartment_positions_mm, fibre, odd_node_count
from scs_models.fibres.mrg import PRODUCTION_STEP_US, production_schedule, threshold_ma
from scs_models.fibres.slab import random_slab, slab_table
from scs_models.fibres.stepper import spike_times_us
from scs_models.fibres.validation import slab_batch
from scs_models.fibres.waveforms import Phase, Waveform, burst, named_waveform, symmetric_with_gap
from scs_models.tables import read_table
from scs_models.values import FloatArray, read_only

CABLE_MM = 62.0
SOURCE_MM, CONDUCTIVITY_S_PER_M = 4.0, 0.3
TRAIN_US = 100_000.0
FEWEST_PULSES = 20
BURST_STEP_US, BURST_SEED, BURST_DIAMETERS_UM = 10.0, 5, (5.7, 8.7, 10.0, 12.8, 16.0)


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


def burst_ratio(compartments_mv_per_ma: FloatArray, diameter_um: float) -> tuple[FloatArray, FloatArray]:
    """Return the threshold of a whole burst over that of one of its pulses: (fields,) with, (fields,) without return.

    "With" is the burst over the waveform "passive" at the burst's pulse width, "without" the same pulses monophasic.
    """
    shape, nodes = burst(), compartments_mv_per_ma[:, ::COMPARTMENTS_PER_INTERNODE]
    whole = shape.waveform(shape.pulses_count)
    four = (whole, named_waveform("passive"), Waveform("no return", whole.phases), named_waveform("monophasic"))
    often, once, often_mono, once_mono = (
        threshold_ma(
            nodes,
            diameter_um,
            shape.pulse_width_us,
            pulse,
            compartment_potentials_mv_per_ma=compartments_mv_per_ma,
            production_step_us=BURST_STEP_US,
        )
        for pulse in four
    )
    return np.asarray(often / once), np.asarray(often_mono / once_mono)


def burst_text() -> str:
    """Compute the burst's ratios of docs/fibres.md; return them as a Markdown table."""
    rng = np.random.default_rng(BURST_SEED)
    layers = tuple(slab_table(random_slab(rng)) for _ in range(3))
    lines = [
        "| diameter um | point source 4 mm | 24 layered fields, without return: median, range | the same with return |",
        "| ---: | ---: | --- | --- |",
    ]
    for diameter in BURST_DIAMETERS_UM:
        cathode = burst_ratio(point_source_mv_per_ma(diameter), diameter)[0]
        batch = slab_batch(diameter, layers, 24, (BURST_SEED, round(10.0 * diameter)))
        with_return, without = burst_ratio(batch.compartments_mv_per_ma, diameter)
        parts = (f"{np.median(part):.2f}, {part.min():.2f}-{part.max():.2f}" for part in (without, with_return))
        lines.append(f"| {diameter:g} | {cathode[0]:.2f} | " + " | ".join(parts) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write({"table": table_text, "burst": burst_text}[sys.argv[1]]())
