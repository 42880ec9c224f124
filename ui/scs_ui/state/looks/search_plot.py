"""The look of the search plot: judged programs over two figures, suggestions by number, start and what runs now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scs_models.errors import InvalidValueError
from scs_sim.objective import FIGURES, figures_of
from scs_sim.objective_words import FIGURE_WORDS
from scs_sim.search.result import Point, SearchResult
from scs_ui.state.looks.search import contacts_words, figure_words, unit_of
from scs_ui.state.moment import Moment
from scs_ui.state.search import selectable

Role = Literal["front", "suggestion", "start", "current"]
DEFAULT_AXES = ("unwanted_of_felt_percent", "pain_covered_by_score_percent")
"""x and y at first."""
_RINGS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)
_OUT_OF_REACH_PERCENT = 200.0
_PERCENTS = frozenset(name for name in FIGURES if name.endswith("_percent") and name != "headroom_percent")
"""Figures that end at 100."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One program in the plot: which of `selectable` it is (None: start, or what is dialled), place, number, words."""

    index: int | None
    role: Role
    x: float
    y: float
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class PlotLook:
    """Marks, the titles of both axes in full and shortly, and the ranges that hold all marks."""

    marks: tuple[Mark, ...]
    x_titles: tuple[str, str]
    y_titles: tuple[str, str]
    x_range: tuple[float, float]
    y_range: tuple[float, float]


def axis_choices() -> tuple[tuple[str, str, str], ...]:
    """Return the figures that an axis can show: name, short title, title with the unit."""
    return tuple((name, FIGURE_WORDS[name].short.capitalize(), axis_titles(name)[0]) for name in FIGURES)


def axis_titles(name: str) -> tuple[str, str]:
    """Return a figure's title in full and shortly, both with its unit."""
    unit = f" ({unit_of(name)})" if unit_of(name) else ""
    words = FIGURE_WORDS[name]
    return f"{words.title[:1].upper()}{words.title[1:]}{unit}", f"{words.short.capitalize()}{unit}"


def current_figures(moment: Moment) -> dict[str, float]:
    """Return the figures of what runs now; {} where there are none, or they are of an older placement."""
    frame = moment.frame
    if frame is None or frame.stale or frame.result is None:
        return {}
    try:
        return figures_of(frame.result)
    except InvalidValueError:
        return {}


def current_mark(look: PlotLook, current: dict[str, float], x: str, y: str) -> Mark | None:
    """Return the mark of what is dialled now, at the edge where it lies beyond the plot; None without its figures."""
    place = _place(current.get(x), current.get(y))
    if place is None or not look.marks:
        return None
    at_x, at_y = _held(place[0], look.x_range), _held(place[1], look.y_range)
    return Mark(None, "current", at_x, at_y, "now", f"Dialled now: {_two(x, current[x], y, current[y])}")


def plot_look(result: SearchResult | None, x: str, y: str) -> PlotLook:
    """Return the marks over figures x and y but for what is dialled now; those without one of the two are left out."""
    marks = [] if result is None else [*_judged(result, x, y), *_start(result, x, y)]
    return PlotLook(
        marks=tuple(marks),
        x_titles=axis_titles(x),
        y_titles=axis_titles(y),
        x_range=_range(x, [mark.x for mark in marks]),
        y_range=_range(y, [mark.y for mark in marks]),
    )


def nearest(
    look: PlotLook, now: Mark | None, x_px: float, y_px: float, scale_px: tuple[float, float], reach_px: float
) -> Mark | None:
    """Return the mark nearest to a place, given in pixels from the lower left, within reach; suggestions come first.

    now: that of what is dialled; scale_px: pixels per unit of x and of y.
    """
    found: list[tuple[bool, float, Mark]] = []
    for mark in (*look.marks, *([] if now is None else [now])):
        across = (mark.x - look.x_range[0]) * scale_px[0] - x_px
        up = (mark.y - look.y_range[0]) * scale_px[1] - y_px
        apart = math.hypot(across, up)
        if apart <= reach_px:
            found.append((mark.role != "suggestion", apart, mark))
    return min(found, key=lambda item: item[:2])[2] if found else None


def apart(places: Sequence[tuple[float, float]], size: tuple[float, float], least: float) -> list[tuple[float, float]]:
    """Return places of discs that do not cover each other: the given ones, or near ones, within 0 to `size`.

    All in pixels; least: how far two must stand apart. The first ones stay where they are. Where there is no room left
    a disc stays too.
    """
    found: list[tuple[float, float]] = []
    half = 0.5 * least
    for x, y in places:
        near = [
            (x + ring * least * math.cos(turn * math.pi / 6.0), y + ring * least * math.sin(turn * math.pi / 6.0))
            for ring in _RINGS
            for turn in range(12)
        ]
        inside = [at for at in near if half <= at[0] <= size[0] - half and half <= at[1] <= size[1] - half]
        free = (at for at in ((x, y), *inside) if all(math.dist(at, other) >= least for other in found))
        found.append(next(free, (x, y)))
    return found


def _judged(result: SearchResult, x: str, y: str) -> list[Mark]:
    marks = []
    for index, point in enumerate(selectable(result)):
        place = _place(point.figure(x), point.figure(y))
        if place is None:
            continue
        is_suggestion = index < len(result.suggestions)
        label = f"{index + 1}" if is_suggestion else ""
        marks.append(Mark(index, "suggestion" if is_suggestion else "front", *place, label, _told(point, x, y, label)))
    return marks


def _start(result: SearchResult, x: str, y: str) -> list[Mark]:
    point = result.start.point
    place = _place(point.figure(x), point.figure(y))
    return [] if place is None else [Mark(None, "start", *place, "start", _told(point, x, y, "Start"))]


def _told(point: Point, x: str, y: str, label: str) -> str:
    head = f"{label}: " if label else ""
    return (
        f"{head}{contacts_words(point.contacts)}, {point.amplitude_ma:.2f} mA, {point.score:.1f} points;"
        f" {_two(x, point.figure(x), y, point.figure(y))}"
    )


def _two(x: str, x_value: float | None, y: str, y_value: float | None) -> str:
    both = {y: y_value, x: x_value}
    return ", ".join(f"{FIGURE_WORDS[name].short} {figure_words(name, value)}" for name, value in both.items())


def _place(x: float | None, y: float | None) -> tuple[float, float] | None:
    if x is None or y is None or math.isnan(x) or math.isnan(y):
        return None
    return min(x, _OUT_OF_REACH_PERCENT), min(y, _OUT_OF_REACH_PERCENT)


def _held(value: float, span: tuple[float, float]) -> float:
    return min(max(value, span[0]), span[1])


def _range(name: str, values: list[float]) -> tuple[float, float]:
    """Return a range round the values with room for their marks; percents do not pass 0 and 100 by more than that."""
    if not values:
        return (0.0, 100.0) if name in _PERCENTS else (0.0, 10.0)
    low, high = min(values), max(values)
    room = 0.08 * max(high - low, 0.02 * max(abs(high), 1.0), 1.0)
    return max(low - room, -room), high + room
