"""Shapes of a stimulation pulse as a sequence of constant levels, in units of the program's amplitude.

Level +1 is the program as written (node potentials negative under a cathode). The named waveforms and the burst are in
fibres.toml; other gaps and recharge ratios are made with `Waveform` directly. A passive return of the charge decays
exponentially and is written as short levels, each the mean of the decay over its time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.tables import read_table

BURST = "burst"
"""What the burst is called among the predictor's waveforms."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One constant stretch of a pulse: `level` times the amplitude for duration_pw pulse widths plus duration_us."""

    level: float
    duration_pw: float
    duration_us: float

    def length_us(self, pulse_width_us: float) -> float:
        """Return the duration in us for a pulse width in us."""
        return self.duration_pw * pulse_width_us + self.duration_us


@dataclass(frozen=True, slots=True)
class PassiveReturn:
    """Charge that flows back by itself: after `gap_us` a current that decays with `time_constant_us`.

    It ends after `length_us` with all of the charge returned, and is written in levels of `level_us`.
    """

    gap_us: float
    time_constant_us: float
    length_us: float
    level_us: float

    def __post_init__(self) -> None:
        if self.gap_us < 0.0 or not min(self.time_constant_us, self.length_us, self.level_us) > 0.0:
            raise InvalidValueError("a passive return needs a gap of 0 us or more, and times above 0 us")
        if abs(self.length_us / self.level_us - round(self.length_us / self.level_us)) > 1e-9:
            raise InvalidValueError(f"length_us is {self.length_us:g} us; it must be a multiple of level_us")

    def levels(self, charge_us: float) -> tuple[tuple[float, float], ...]:
        """Return (level, duration in us) that take back `charge_us` (level times us), in order of time."""
        count = round(self.length_us / self.level_us)
        ends = [math.exp(-index * self.level_us / self.time_constant_us) for index in range(count + 1)]
        scale = -charge_us / (self.level_us * (ends[0] - ends[-1]))
        decay = tuple((scale * (start - end), self.level_us) for start, end in pairwise(ends))
        return ((0.0, self.gap_us), *decay) if self.gap_us > 0.0 else decay


@dataclass(frozen=True, slots=True)
class Waveform:
    """A named pulse shape: its phases in order of time, the first one pulse width long, and how the rest returns."""

    name: str
    phases: tuple[Phase, ...]
    passive: PassiveReturn | None = None

    def __post_init__(self) -> None:
        if not self.phases or any(phase.duration_pw < 0.0 or phase.duration_us < 0.0 for phase in self.phases):
            raise InvalidValueError(f"waveform {self.name}: it needs one phase or more, none of negative duration")

    def duration_us(self, pulse_width_us: float) -> float:
        """Return the time from the first to the last edge, us."""
        passive_us = 0.0 if self.passive is None else self.passive.gap_us + self.passive.length_us
        return sum(phase.length_us(pulse_width_us) for phase in self.phases) + passive_us

    def levels(self, pulse_width_us: float) -> tuple[tuple[float, float], ...]:
        """Return (level, duration in us) of every phase that lasts longer than nothing."""
        pairs = tuple((phase.level, phase.length_us(pulse_width_us)) for phase in self.phases)
        active = tuple(pair for pair in pairs if pair[1] > 0.0)
        if self.passive is None:
            return active
        return active + self.passive.levels(sum(level * length for level, length in active))

    def net_charge_us(self, pulse_width_us: float) -> float:
        """Return the charge left at the end, us times the amplitude; 0 where the pulse is balanced."""
        return math.fsum(level * length for level, length in self.levels(pulse_width_us))


@dataclass(frozen=True, slots=True)
class Burst:
    """Equal pulses in quick succession, repeated at a slow rate; the charge returns passively after the last one."""

    pulses_count: int
    pulse_width_us: float
    intra_rate_hz: float
    burst_rate_hz: float
    passive: PassiveReturn

    def __post_init__(self) -> None:
        if self.pulses_count < 1 or not min(self.pulse_width_us, self.intra_rate_hz, self.burst_rate_hz) > 0.0:
            raise InvalidValueError("a burst needs one pulse or more, a pulse width and rates above 0")
        if self.pulse_width_us > 1e6 / self.intra_rate_hz:
            raise InvalidValueError(
                f"pulse_width_us is {self.pulse_width_us:g} us; it must not be longer than"
                f" {1e6 / self.intra_rate_hz:g} us, the period within the burst"
            )
        if self.duration_us > 1e6 / self.burst_rate_hz:
            raise InvalidValueError(
                f"burst_rate_hz is {self.burst_rate_hz:g} Hz; a burst with its return takes {self.duration_us:g} us"
            )

    @property
    def duration_us(self) -> float:
        """Return the time from the first edge to the end of the passive return, us."""
        return self.waveform(self.pulses_count).duration_us(self.pulse_width_us)

    @property
    def pulses_per_second_hz(self) -> float:
        """Return the mean number of pulses per second."""
        return self.pulses_count * self.burst_rate_hz

    def waveform(self, pulses_count: int) -> Waveform:
        """Return the first `pulses_count` pulses as one waveform for a pulse width of `pulse_width_us`."""
        pause = Phase(0.0, 0.0, 1e6 / self.intra_rate_hz - self.pulse_width_us)
        pulse = Phase(1.0, 1.0, 0.0)
        phases = (pulse, *(phase for _ in range(pulses_count - 1) for phase in (pause, pulse)))
        return Waveform(f"{pulses_count} of a burst", phases, self.passive)


@cache
def waveform_names() -> tuple[str, ...]:
    """Return the names of the built-in waveforms, in the order of fibres.toml."""
    return tuple(read_table("fibres")["waveforms"])


@cache
def named_waveform(name: str) -> Waveform:
    """Return the built-in waveform `name`; raises UnknownNameError with the known names otherwise."""
    if name not in waveform_names():
        raise UnknownNameError("waveform", name, waveform_names())
    row = read_table("fibres")["waveforms"][name]
    phases = tuple(Phase(part["level"], part["duration_pw"], part["duration_us"]) for part in row["phases"])
    return Waveform(name, phases, _passive_return(row["passive"]) if "passive" in row else None)


@cache
def burst() -> Burst:
    """Return the built-in burst of fibres.toml."""
    row = read_table("fibres")["burst"]
    return Burst(
        int(row["pulses_count"]),
        float(row["pulse_width_us"]),
        float(row["intra_rate_hz"]),
        float(row["burst_rate_hz"]),
        _passive_return(row["passive"]),
    )


def pulse_shape(name: str) -> Waveform:
    """Return the built-in waveform `name`, or for "burst" one whole burst (of its own pulse width only)."""
    return burst().waveform(burst().pulses_count) if name == BURST else named_waveform(name)


def _passive_return(row: Mapping[str, Any]) -> PassiveReturn:
    return PassiveReturn(**{name: float(row[name]) for name in PassiveReturn.__dataclass_fields__})


def symmetric_with_gap(gap_us: float) -> Waveform:
    """Return a symmetric biphasic pulse whose phases are `gap_us` apart."""
    return Waveform(
        f"biphasic, gap {gap_us:g} us", (Phase(1.0, 1.0, 0.0), Phase(0.0, 0.0, gap_us), Phase(-1.0, 1.0, 0.0))
    )


def recharge_after(gap_us: float, ratio: float) -> Waveform:
    """Return a pulse that is balanced by a reversed one of 1/ratio the amplitude and `ratio` times as long."""
    if not ratio >= 1.0:
        raise InvalidValueError(f"ratio is {ratio:g}; it must be 1 or more")
    return Waveform(
        f"recharge 1:{ratio:g}, gap {gap_us:g} us",
        (Phase(1.0, 1.0, 0.0), Phase(0.0, 0.0, gap_us), Phase(-1.0 / ratio, ratio, 0.0)),
    )
