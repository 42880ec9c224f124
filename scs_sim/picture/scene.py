"""What a picture is made of, before it is SVG or PNG: fills, soft shading, line work and text, in painting order.

Coordinates are picture units (one drawing unit of the body map); hatches are computed here as plain lines, so that both
writers and every viewer show the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scs_models.values import FloatArray
from scs_sim.picture.looks import Colour

Rings = Sequence[FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """Areas (even-odd) in one colour; `id` and `title` name them in the SVG."""

    rings: Rings
    colour: Colour
    id: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Shade:
    """A soft darkening inside the edge of areas: the form of the body. `blur` in units."""

    rings: Rings
    colour: Colour
    opacity: float
    blur: float


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Polylines in one colour; `dash` is (on, off) in units."""

    paths: Sequence[FloatArray]
    colour: Colour
    width: float
    opacity: float = 1.0
    closed: bool = False
    dash: tuple[float, float] | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with rounded corners."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text with its baseline at y."""

    x: float
    y: float
    text: str
    size: float
    colour: Colour
    bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"


Item = Fill | Shade | Lines | Box | Text


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture: its size in units, its accessible title and description, and its items in painting order."""

    width: float
    height: float
    title: str
    description: str
    items: tuple[Item, ...]


def hatch(rings: Rings, gap: float, degrees: float) -> list[FloatArray]:
    """Return parallel lines `gap` units apart at an angle, cut to the inside (even-odd) of the rings.

    rings: each float64 (N, 2). Lines lie on one common grid of the plane, so hatches of neighbours meet.
    """
    angle = np.radians(degrees)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    starts = np.concatenate(list(rings))
    ends = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    u0, v0, u1, v1 = starts @ along, starts @ across, ends @ along, ends @ across
    lines: list[FloatArray] = []
    for k in range(int(np.ceil(v0.min() / gap)), int(np.floor(v0.max() / gap)) + 1):
        v = k * gap
        cut = (v0 <= v) != (v1 <= v)
        u = np.sort(u0[cut] + (v - v0[cut]) * (u1[cut] - u0[cut]) / (v1[cut] - v0[cut]))
        lines += [
            np.array([a * along + v * across, b * along + v * across]) for a, b in u.reshape(-1, 2) if b - a > 0.3
        ]
    return lines


def dashes(path: FloatArray, pattern: tuple[float, float], closed: bool) -> Iterator[FloatArray]:
    """Yield the drawn pieces of a dashed polyline; round a closed one the pattern is stretched so that it closes."""
    points = np.vstack([path, path[:1]]) if closed else path
    step = np.hypot(*np.diff(points, axis=0).T)
    s = np.concatenate([[0.0], np.cumsum(step)])
    count = max(1, round(s[-1] / sum(pattern)))
    period = s[-1] / count if closed else sum(pattern)
    on = pattern[0] * period / sum(pattern)
    for k in range(count if closed else int(s[-1] / period) + 1):
        a, b = k * period, min(k * period + on, s[-1])
        if b - a > 1e-6:
            inner = s[(s > a) & (s < b)]
            t = np.concatenate([[a], inner, [b]])
            yield np.column_stack([np.interp(t, s, points[:, i]) for i in (0, 1)])
