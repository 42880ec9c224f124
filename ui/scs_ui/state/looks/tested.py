"""The map of tested settings: a dot per setting over amplitude and height of its cathodes, and the list that says same.

A dot is the stronger the more of the pain it covered; a diamond in a ring had side effects (form, not colour alone).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from scs_models.anatomy import vertebra_at, vertebra_names, vertebra_span_mm
from scs_sim.contact_plan import lead_places
from scs_ui.state.moment import Moment
from scs_ui.state.session import Session, Tested

COLUMNS = ("Contacts", "mA", "µs", "Hz", "Level", "Covered", "Unwanted", "Side effects", "Program")
NUMBERS = frozenset({1, 2, 3, 5, 6})
"""Which columns hold numbers."""
_WHOLE = re.compile(r"(?<=[-+])100\b")
_MARGIN_MM = 4.0
_LEAST_TOP_MA = 4.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One tested setting on the map: its index in the session, place, strength 0-1 (None: coverage not applicable)."""

    index: int
    amplitude_ma: float
    height_mm: float
    strength: float | None
    has_side_effects: bool
    words: str


@dataclass(frozen=True, slots=True)
class Level:
    """A vertebra beside the map, mm."""

    name: str
    low_mm: float
    high_mm: float


@dataclass(frozen=True, slots=True)
class TestedLook:
    """What the panel shows: dots, vertebrae, the ranges of both axes, the list's rows; message: what to do first."""

    dots: tuple[Dot, ...]
    levels: tuple[Level, ...]
    low_mm: float
    high_mm: float
    top_ma: float
    step_ma: float
    rows: tuple[tuple[str, ...], ...]
    message: str


def map_key(moment: Moment) -> object:
    """Return what the look depends on; compared, not hashed."""
    case = moment.session.case
    return moment.session.tested, case.leads, case.migrations, case.own_leads


def map_look(moment: Moment) -> TestedLook:
    """Return the map of the session's tested settings."""
    session = moment.session
    dots = tuple(_dot(index, tested) for index, tested in enumerate(session.tested))
    low_mm, high_mm = _span_mm(session)
    top_ma = max([_LEAST_TOP_MA, *(1.08 * dot.amplitude_ma for dot in dots)])
    step_ma = next(step for step in (1.0, 2.0, 5.0) if top_ma / step <= 8.0)
    return TestedLook(
        dots=dots,
        levels=_levels(low_mm, high_mm),
        low_mm=low_mm,
        high_mm=high_mm,
        top_ma=step_ma * math.ceil(top_ma / step_ma),
        step_ma=step_ma,
        rows=tuple(_row(tested) for tested in session.tested),
        message="" if dots else "No setting noted yet.\nNote this setting (Ctrl+T) puts a dot here.",
    )


def words_of(tested: Tested) -> str:
    """Return everything about a tested setting in lines."""
    lines = [
        f"{tested.program}: {tested.contacts}",
        f"{tested.amplitude_ma:g} mA, {tested.pulse_width_us:g} µs, {tested.rate_hz:g} Hz, {tested.posture}",
        f"cathodes at {vertebra_at(tested.height_mm)}",
        f"pain covered {_percent(tested.covered_percent)}",
        f"unwanted {_percent(tested.unwanted_percent)} of what is felt",
    ]
    if tested.side_effects:
        lines.append(f"side effects: {', '.join(tested.side_effects)}")
    return "\n".join([*lines, tested.note] if tested.note else lines)


def _dot(index: int, tested: Tested) -> Dot:
    covered = tested.covered_percent
    return Dot(
        index=index,
        amplitude_ma=tested.amplitude_ma,
        height_mm=tested.height_mm,
        strength=None if covered is None else min(max(covered / 100.0, 0.0), 1.0),
        has_side_effects=bool(tested.side_effects),
        words=words_of(tested),
    )


def _row(tested: Tested) -> tuple[str, ...]:
    return (
        _WHOLE.sub("", tested.contacts),
        f"{tested.amplitude_ma:g}",
        f"{tested.pulse_width_us:g}",
        f"{tested.rate_hz:g}",
        vertebra_at(tested.height_mm),
        _percent(tested.covered_percent),
        _percent(tested.unwanted_percent),
        ", ".join(tested.side_effects) or "none",
        tested.program,
    )


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} %"


def _span_mm(session: Session) -> tuple[float, float]:
    """Return the heights that the map covers: all contacts and all dots."""
    heights = [tested.height_mm for tested in session.tested]
    for number in range(1, len(session.case.leads) + 1):
        heights += [place.z_mm for place in lead_places(session.case, number)]
    return min(heights) - _MARGIN_MM, max(heights) + _MARGIN_MM


def _levels(low_mm: float, high_mm: float) -> tuple[Level, ...]:
    found = []
    for name in vertebra_names():
        one, other = vertebra_span_mm(name)
        bottom, top = min(one, other), max(one, other)
        if top > low_mm and bottom < high_mm:
            found.append(Level(name, max(bottom, low_mm), min(top, high_mm)))
    return tuple(found)
