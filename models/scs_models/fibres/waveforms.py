"""Shapes of a stimulation pulse as a sequence of constant levels, in units of the program's amplitude.

Level +1 is the program as written (node potentials negative under a cathode). The three named waveforms are in
fibres.toml; gaps and other recharge ratios are made with `Waveform` directly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.tables import read_table


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
class Waveform:
    """A named pulse shape: its phases in order of time; the first lasts one pulse width."""

    name: str
    phases: tuple[Phase, ...]

    def __post_init__(self) -> None:
        if not self.phases or any(phase.duration_pw < 0.0 or phase.duration_us < 0.0 for phase in self.phases):
            raise InvalidValueError(f"waveform {self.name}: it needs one phase or more, none of negative duration")

    def duration_us(self, pulse_width_us: float) -> float:
        """Return the time from the first to the last edge, us."""
        return sum(phase.length_us(pulse_width_us) for phase in self.phases)

    def levels(self, pulse_width_us: float) -> tuple[tuple[float, float], ...]:
        """Return (level, duration in us) of every phase that lasts longer than nothing."""
        pairs = ((phase.level, phase.length_us(pulse_width_us)) for phase in self.phases)
        return tuple(pair for pair in pairs if pair[1] > 0.0)


@cache
def waveform_names() -> tuple[str, ...]:
    """Return the names of the built-in waveforms, in the order of fibres.toml."""
    return tuple(read_table("fibres")["waveforms"])


@cache
def named_waveform(name: str) -> Waveform:
    """Return the built-in waveform `name`; raises UnknownNameError with the known names otherwise."""
    if name not in waveform_names():
        raise UnknownNameError("waveform", name, waveform_names())
    rows = read_table("fibres")["waveforms"][name]["phases"]
    return Waveform(name, tuple(Phase(row["level"], row["duration_pw"], row["duration_us"]) for row in rows))


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
