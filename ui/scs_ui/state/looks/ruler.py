"""What a dial's ruler shows: scale, marks, zones; and where labels go so that none lies on another.

Pixels are measured along the groove from the left edge of the widget. One scale serves handle, marks, ticks and mouse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

MarkKind = Literal["pt", "comfort", "dt", "mt", "limit", "voltage"]
Side = Literal["right", "left"]

LABEL_OFFSET_PX = 4.0
LABEL_GAP_PX = 6.0
_NICE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values along a groove: bands (lowest, highest, part of the length), ascending; what is left over is gaps.

    is_log: equal ratios are equally long within a band.
    """

    bands: tuple[tuple[float, float, float], ...]
    is_log: bool = False

    @property
    def low(self) -> float:
        """Return the value at the left end."""
        return self.bands[0][0]

    @property
    def high(self) -> float:
        """Return the value at the right end."""
        return self.bands[-1][1]

    def fraction(self, value: float) -> float:
        """Return where `value` lies, 0-1; values beyond an end lie at that end, values in a gap in the gap."""
        start, gap = 0.0, self._gap()
        for index, (low, high, part) in enumerate(self.bands):
            if value <= high:
                if value < low:
                    return max(start - gap / 2.0, 0.0)
                return start + part * self._inside(value, low, high)
            start += part + (gap if index + 1 < len(self.bands) else 0.0)
        return 1.0

    def value(self, fraction: float) -> float:
        """Return the value at `fraction`; in a gap that of the nearer band's end."""
        start, gap = 0.0, self._gap()
        for index, (low, high, part) in enumerate(self.bands):
            is_last = index + 1 == len(self.bands)
            if fraction <= start + part + (0.0 if is_last else gap / 2.0) or is_last:
                return self._at(min(max((fraction - start) / part, 0.0), 1.0), low, high)
            start += part + gap
        raise AssertionError("a scale has one band or more")

    def px(self, value: float, left_px: float, right_px: float) -> float:
        """Return the place of `value` on a groove from left_px to right_px."""
        return left_px + self.fraction(value) * (right_px - left_px)

    def value_at(self, px: float, left_px: float, right_px: float) -> float:
        """Return the value at a place of that groove."""
        return self.value(min(max((px - left_px) / max(right_px - left_px, 1.0), 0.0), 1.0))

    def _gap(self) -> float:
        gaps = len(self.bands) - 1
        return (1.0 - sum(part for *_, part in self.bands)) / gaps if gaps else 0.0

    def _inside(self, value: float, low: float, high: float) -> float:
        if self.is_log:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    def _at(self, inside: float, low: float, high: float) -> float:
        return float(low * (high / low) ** inside) if self.is_log else low + inside * (high - low)


@dataclass(frozen=True, slots=True)
class RulerMark:
    """One mark of the model or the generator: its value, what is written beside it, what it means."""

    kind: MarkKind
    value: float
    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class NotedMark:
    """One threshold that the user has noted: its value, a short name, what it means."""

    kind: MarkKind
    value: float
    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class RulerFace:
    """All of a ruler but its handle. Painted once and kept while it is equal.

    ticks: (value, text, "" for a short one); usage: band from PT to DT, with the amplitude at 80 % of it; warn_from and
    danger_from: hatched from there on; closed: (from, to) spans that the dial does not reach; closed_text says why.
    """

    scale: Scale
    ticks: tuple[tuple[float, str], ...]
    marks: tuple[RulerMark, ...] = ()
    noted: tuple[NotedMark, ...] = ()
    usage: tuple[float, float, float] | None = None
    warn_from: float | None = None
    danger_from: float | None = None
    closed: tuple[tuple[float, float], ...] = ()
    closed_text: str = ""


@dataclass(frozen=True, slots=True)
class RulerLook:
    """A ruler: its face, the value of its handle (None: none), its name with the value for screen readers, its state.

    spoken: for instance "Amplitude 3.4 mA, between comfort level and discomfort threshold".
    """

    name: str
    unit: str
    face: RulerFace
    value: float | None
    spoken: str
    is_locked: bool = False
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """Where a label went: row 0 is next to the groove; text from left_px to right_px, on that side of its line."""

    row: int
    side: Side
    left_px: float
    right_px: float


def placed_labels(
    labels: Sequence[tuple[float, float]], low_px: float, high_px: float, rows: int = 2
) -> tuple[PlacedLabel | None, ...]:
    """Return where labels (place of its line, width of its text) go; the most important first. None: no room.

    Like flags: a line from the groove up to the label's row, the text on one side of it. No text lies on another, and
    no line runs through a text.
    """
    kept: list[int] = []
    found: list[PlacedLabel] = []
    for index in range(len(labels)):
        tried = _search([labels[at] for at in (*kept, index)], [], low_px, high_px, rows)
        if tried is not None:
            kept.append(index)
            found = tried
    by_index = dict(zip(kept, found, strict=True))
    return tuple(by_index.get(index) for index in range(len(labels)))


def linear_scale(top: float) -> Scale:
    """Return the scale from 0 to `top`."""
    return Scale(((0.0, top, 1.0),))


def rounded_up(value: float) -> float:
    """Return the next round number at or above `value` (above 0): 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, ..."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(round(nice * power, 9) for nice in _NICE if nice * power >= value * (1.0 - 1e-9))


@lru_cache(maxsize=64)
def linear_ticks(top: float) -> tuple[tuple[float, str], ...]:
    """Return ticks from 0 to `top`: four to ten with numbers, short ones between."""
    step = next(
        nice * power
        for power in (0.01, 0.1, 1.0, 10.0)
        for nice in (1.0, 2.0, 5.0)
        if top / (nice * power) <= 10.0 + 1e-9
    )
    short = step / (4 if str(step).strip("0.").startswith("2") else 5)
    count = math.floor(top / short + 1e-6)
    every = round(step / short)
    return tuple(
        (round(index * short, 6), f"{index * short:g}" if index % every == 0 else "") for index in range(count + 1)
    )


def _search(
    labels: Sequence[tuple[float, float]],
    found: list[PlacedLabel],
    low_px: float,
    high_px: float,
    rows: int,
) -> list[PlacedLabel] | None:
    if len(found) == len(labels):
        return found
    line, width = labels[len(found)]
    for row in range(rows):
        for side in ("right", "left"):
            label = _flag(line, width, row, "right" if side == "right" else "left")
            if label.left_px < low_px or label.right_px > high_px:
                continue
            if all(_is_clear(label, line, other, labels[index][0]) for index, other in enumerate(found)):
                further = _search(labels, [*found, label], low_px, high_px, rows)
                if further is not None:
                    return further
    return None


def _flag(line: float, width: float, row: int, side: Side) -> PlacedLabel:
    if side == "right":
        return PlacedLabel(row, side, line + LABEL_OFFSET_PX, line + LABEL_OFFSET_PX + width)
    return PlacedLabel(row, side, line - LABEL_OFFSET_PX - width, line - LABEL_OFFSET_PX)


def _is_clear(one: PlacedLabel, one_line: float, other: PlacedLabel, other_line: float) -> bool:
    """Return whether two labels keep off each other, text from text and line from text."""
    if (
        one.row == other.row
        and one.left_px < other.right_px + LABEL_GAP_PX
        and other.left_px < one.right_px + LABEL_GAP_PX
    ):
        return False
    if one.row >= other.row and other.left_px - 1.0 < one_line < other.right_px + 1.0:
        return False
    return not (other.row >= one.row and one.left_px - 1.0 < other_line < one.right_px + 1.0)
