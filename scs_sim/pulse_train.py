"""The pulse train as it runs: the shape of each area's pulse and when the pulses of all areas come.

Currents are those of the cathodes: negative in the stimulating phase. Areas take turns; where two would coincide, the
later letter waits until the pulse before it has recovered. Which area goes first is a choice of this drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scs_models.fibres.waveforms import BURST, burst, pulse_shape
from scs_models.values import FloatArray, read_only
from scs_sim.program import AREA_NAMES, Area, pulse_duration_us

PartKind = Literal["pulse", "gap", "recovery"]
PULSES_MAX = 400


@dataclass(frozen=True, slots=True)
class PulsePart:
    """A stretch of one pulse: what it is, from when to when (us), and whether its current decays by itself."""

    kind: PartKind
    from_us: float
    to_us: float
    passive: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PulseLook:
    """One pulse, or one burst, of an area: a line of time_us and current_ma (n,), its parts in order, what it carries.

    charge_uc: of one stimulating phase.
    """

    time_us: FloatArray
    current_ma: FloatArray
    parts: tuple[PulsePart, ...]
    charge_uc: float
    period_us: float


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """When the pulses of one area start (us) within the window, and how long each is busy, recovery included."""

    letter: str
    start_us: FloatArray
    busy_us: float
    amplitude_ma: float


def pulse_look(area: Area, amplitude_ma: float) -> PulseLook:
    """Return the shape of one pulse of `area` at an amplitude in mA; for a burst, of the whole burst."""
    shape = pulse_shape(area.waveform)
    levels = shape.levels(area.pulse_width_us)
    ends = np.cumsum([0.0, *(length for _, length in levels)])
    level = np.array([value for value, _ in levels])
    time = np.repeat(ends, 2)
    current = np.concatenate([[0.0], np.repeat(level, 2), [0.0]]) * -amplitude_ma
    parts: list[PulsePart] = []
    passive_from = ends[-1] - (0.0 if shape.passive is None else shape.passive.length_us) - 1e-9
    for (value, _), start, end in zip(levels, ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        kind: PartKind = "pulse" if value > 0.0 else "recovery" if value < 0.0 else "gap"
        passive = shape.passive is not None and start >= passive_from
        if parts and kind == parts[-1].kind == "recovery":
            parts[-1] = PulsePart(kind, parts[-1].from_us, end, passive)
        else:
            parts.append(PulsePart(kind, start, end, passive))
    return PulseLook(
        read_only(time), read_only(current), tuple(parts), amplitude_ma * area.pulse_width_us * 1e-3, 1e6 / area.rate_hz
    )


def turns(areas: Sequence[Area], amplitude_ma: Sequence[float], window_us: float) -> tuple[Turns, ...]:
    """Return when the pulses of each area come within a window (us); at most PULSES_MAX of an area.

    Pulses start evenly spread over the shortest period, and wait where the generator is still busy.
    """
    busy = [pulse_duration_us(area.pulse_width_us, area.waveform) for area in areas]
    period = [1e6 / area.rate_hz for area in areas]
    first = [place * min(period) / len(areas) for place in range(len(areas))]
    wanted = sorted(
        (first[place] + count * period[place], place)
        for place in range(len(areas))
        for count in range(min(PULSES_MAX, int(np.ceil((window_us - first[place]) / period[place] - 1e-9))))
    )
    starts: list[list[float]] = [[] for _ in areas]
    free_us = 0.0
    for at, place in wanted:
        start = max(at, free_us)
        free_us = start + busy[place]
        if start < window_us:
            starts[place].append(start)
    return tuple(
        Turns(AREA_NAMES[place], read_only(np.array(starts[place])), busy[place], amplitude_ma[place])
        for place in range(len(areas))
    )


def shown_window_us(areas: Sequence[Area]) -> float:
    """Return a window of two periods of the slowest area."""
    return 2e6 / min(area.rate_hz for area in areas)


def in_words(area: Area) -> str:
    """Return what a person reads of the waveform: its name, and for a burst how many pulses at which rate."""
    if area.waveform == BURST:
        shape = burst()
        return f"Burst of {shape.pulses_count} at {shape.intra_rate_hz:g} Hz"
    words = {"biphasic-gap": "biphasic with gap", "recharge-10": "recharge 1:10"}.get(area.waveform, area.waveform)
    return words.capitalize()
