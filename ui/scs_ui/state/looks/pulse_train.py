"""The look of the pulse panel: one pulse of the edited area, its parts named, and two periods of all areas' trains.

Shapes are in units of the amplitude, so that an amplitude changes words only.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from scs_models.values import FloatArray
from scs_sim.program import AREA_NAMES, Area, Program
from scs_sim.pulse_train import PulsePart, in_words, pulse_look, shown_window_us, turns
from scs_ui.state.moment import Moment

_PART_WORDS = {"pulse": "pulse", "gap": "gap", "recovery": "recovery"}


@dataclass(frozen=True, slots=True)
class PartLook:
    """A named part of the pulse: its words, from where to where (us)."""

    words: str
    kind: str
    from_us: float
    to_us: float


@dataclass(frozen=True, slots=True, eq=False)
class TrainRow:
    """The pulses of one area: when they start (us), for how long each is busy (us), its stimulating phases from its
    start (from, to; us); height 0-1 of its amplitude over the largest."""

    letter: str
    start_us: FloatArray
    busy_us: float
    phases_us: tuple[tuple[float, float], ...]
    height: float
    edited: bool


@dataclass(frozen=True, slots=True, eq=False)
class PulseTrainLook:
    """What the panel draws; message: why nothing is, or "". time_us, level (n,): the pulse, -1 at the cathodes' peak.

    ticks: (place in us, words) under the train.
    """

    message: str = ""
    time_us: FloatArray | None = None
    level: FloatArray | None = None
    parts: tuple[PartLook, ...] = ()
    rows: tuple[TrainRow, ...] = ()
    window_us: float = 1.0
    ticks: tuple[tuple[float, str], ...] = ()
    title: str = ""
    busy_percent: float = 0.0


def pulse_key(moment: Moment) -> Hashable:
    """Return what the look depends on; amplitudes count by their share of the largest, to a twentieth."""
    program, edited = _shown(moment)
    if program is None or edited is None:
        return moment.frame is None
    amplitudes = [_dial_ma(moment, area, place) for place, area in enumerate(program.areas)]
    highest = max(amplitudes) or 1.0
    heights = tuple(round(20.0 * amplitude / highest) for amplitude in amplitudes)
    pulses = tuple((area.pulse_width_us, area.rate_hz, area.waveform) for area in program.areas)
    return pulses, heights, (edited.pulse_width_us, edited.rate_hz, edited.waveform), moment.session.area


def pulse_train_look(moment: Moment) -> PulseTrainLook:
    """Return what to draw of the edited area's pulse and of the program's trains."""
    program, edited = _shown(moment)
    if moment.frame is None:
        return PulseTrainLook("Computing the field of the leads …")
    if program is None or edited is None:
        return PulseTrainLook("This area needs a cathode and an anode.")
    pulse = pulse_look(edited, 1.0)
    areas = program.areas
    amplitudes = [_dial_ma(moment, area, place) for place, area in enumerate(areas)]
    highest = max(amplitudes) or 1.0
    window = shown_window_us(areas)
    letters = _letters(moment)
    rows = tuple(
        TrainRow(
            letters[place], turn.start_us, turn.busy_us, _phases_us(area), amplitudes[place] / highest,
            letters[place] == AREA_NAMES[moment.session.area],
        )
        for place, (area, turn) in enumerate(zip(areas, turns(areas, amplitudes, window), strict=True))
    )  # fmt: skip
    busy = sum(row.busy_us * area.rate_hz * 1e-6 for row, area in zip(rows, areas, strict=True))
    return PulseTrainLook(
        time_us=pulse.time_us,
        level=pulse.current_ma,
        parts=_parts(pulse.parts),
        rows=rows,
        window_us=window,
        ticks=_ticks(window),
        title=f"{in_words(edited)}, {edited.rate_hz:g} Hz: one every {_time(1e6 / edited.rate_hz)}",
        busy_percent=100.0 * busy,
    )


def pulse_words(moment: Moment, look: PulseTrainLook) -> tuple[tuple[str, float, float], ...]:
    """Return (words, place in us, level) of the currents of the pulse at the present amplitude."""
    frame = moment.frame
    if frame is None or frame.solo_answers is None or look.time_us is None or look.level is None:
        return ()
    amplitude = float(frame.solo_answers.reached_ma[0])
    found = []
    for part in look.parts:
        if part.kind == "gap":
            continue
        inside = (look.time_us >= part.from_us) & (look.time_us <= part.to_us) & (look.level != 0.0)
        level = float(look.level[inside][0])
        found.append((f"{amplitude * level:+.2f} mA".replace("-", "\N{MINUS SIGN}"), part.from_us, level))
    return tuple(found)


def summary(moment: Moment, look: PulseTrainLook) -> str:
    """Return the charge of a pulse and how busy the generator is, in words."""
    frame = moment.frame
    if frame is None or frame.solo_answers is None or look.message:
        return ""
    area = frame.solo_answers.areas.areas[0]
    charge = float(frame.solo_answers.reached_ma[0]) * area.pulse_width_us * 1e-3
    return f"{charge:.2f} µC per pulse at the cathodes · pulses and recovery take {look.busy_percent:.0f} % of the time"


def _shown(moment: Moment) -> tuple[Program | None, Area | None]:
    """Return the program whose trains are drawn, and the edited area as it is."""
    frame = moment.frame
    if frame is None or frame.solo_answers is None:
        return None, None
    edited = frame.solo_answers.areas.areas[0]
    program = moment.session.program.program()
    return program if program is not None else frame.solo_answers.programs[0], edited


def _letters(moment: Moment) -> list[str]:
    """Return the letters of the areas that run, in order; the edited one alone where none does."""
    running = moment.session.program.running or (moment.session.area,)
    return [AREA_NAMES[index] for index in running]


def _dial_ma(moment: Moment, area: Area, place: int) -> float:
    """Return the amplitude of one running area: as dialled, else where the model puts comfort."""
    frame = moment.frame
    if area.amplitude_ma is not None:
        return area.amplitude_ma
    if frame is None or frame.answers is None or place >= len(frame.answers.areas.amplitude_ma):
        return 1.0
    return float(frame.answers.areas.amplitude_ma[place])


def _phases_us(area: Area) -> tuple[tuple[float, float], ...]:
    parts = pulse_look(area, 1.0).parts
    return tuple((part.from_us, part.to_us) for part in parts if part.kind == "pulse")


def _parts(parts: tuple[PulsePart, ...]) -> tuple[PartLook, ...]:
    """Return the parts with words; of a burst the first pulse and pause, and the recovery."""
    found: list[PartLook] = []
    told: set[str] = set()
    for part in parts:
        if part.kind not in told:
            told.add(part.kind)
            length = _time(part.to_us - part.from_us)
            words = f"passive recovery, {length}" if part.passive else f"{_PART_WORDS[part.kind]} {length}"
            found.append(PartLook(words, part.kind, part.from_us, part.to_us))
    return tuple(found)


def _time(time_us: float) -> str:
    if time_us >= 10000.0:
        return f"{time_us * 1e-3:.3g} ms"
    return f"{time_us:g} µs" if time_us < 1000.0 or time_us % 1000.0 else f"{time_us * 1e-3:g} ms"


def _ticks(window_us: float) -> tuple[tuple[float, str], ...]:
    """Return round places of the window with their words in ms."""
    rough = window_us / 5.0
    decade = 10.0 ** np.floor(np.log10(rough))
    step = float(decade * min((1.0, 2.0, 5.0, 10.0), key=lambda digit: abs(digit * decade - rough)))
    places = np.arange(0.0, window_us * 1.0001, step).tolist()
    return tuple((place, f"{place * 1e-3:g}{' ms' if place == places[-1] else ''}") for place in places)
