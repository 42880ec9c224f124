"""Where the figures of the body map lie in a widget or on a page, and which region is where: pure geometry.

Pixels are device pixels, x to the right, y down; units are those of the drawing. Mirrored, each view is turned about
its own middle, so that the places of the views stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scs_models.percept.body_map import Ring, fill, load_body_map
from scs_models.percept.dermatomes import VIEWS, View
from scs_models.values import FloatArray, read_only

# Room between the two figures that a wide widget adds at most, units.
_GAP_MAX = 150.0
_NEIGHBOUR_SLANT = 2.2


@dataclass(frozen=True, slots=True)
class Placed:
    """One view: `frame` (x0, y0, x1, y1) of the drawing lies with its upper left corner at (x_px, y_px)."""

    view: View
    frame: tuple[float, float, float, float]
    x_px: float
    y_px: float
    px_per_unit: float
    mirrored: bool

    @property
    def width_px(self) -> float:
        """Return the width of the frame."""
        return (self.frame[2] - self.frame[0]) * self.px_per_unit

    @property
    def bottom_px(self) -> float:
        """Return the lower edge of the frame."""
        return self.y_px + (self.frame[3] - self.frame[1]) * self.px_per_unit

    def to_px(self, points: ArrayLike) -> FloatArray:
        """Return points (N, 2) in units as pixels."""
        u = np.asarray(points, dtype=np.float64)
        x = self.frame[2] - u[..., 0] if self.mirrored else u[..., 0] - self.frame[0]
        y = u[..., 1] - self.frame[1]
        return np.stack([self.x_px + x * self.px_per_unit, self.y_px + y * self.px_per_unit], axis=-1)

    def to_units(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Return a place in pixels as units of the drawing."""
        x = (x_px - self.x_px) / self.px_per_unit
        y = self.frame[1] + (y_px - self.y_px) / self.px_per_unit
        return (self.frame[2] - x if self.mirrored else self.frame[0] + x), y


@dataclass(frozen=True, slots=True)
class BodyLayout:
    """The views in an area of width_px x height_px."""

    width_px: int
    height_px: int
    placed: tuple[Placed, ...]

    @property
    def px_per_unit(self) -> float:
        """Return the scale, the same for all views."""
        return self.placed[0].px_per_unit

    def view(self, view: str) -> Placed:
        """Return where a view lies."""
        return next(placed for placed in self.placed if placed.view == view)

    def labels(self) -> NDArray[np.uint8]:
        """Return region index + 1 of every pixel, 0 outside the body, uint8 (height, width)."""
        return _labels(self)

    def region_at(self, x_px: float, y_px: float) -> int:
        """Return the index of the region at a pixel, -1 outside the body."""
        row, column = int(y_px), int(x_px)
        if not (0 <= row < self.height_px and 0 <= column < self.width_px):
            return -1
        return int(self.labels()[row, column]) - 1

    def view_near(self, x_px: float, y_px: float) -> Placed:
        """Return the view that a place belongs to: that of the region there, else the frame nearest to it."""
        index = self.region_at(x_px, y_px)
        if index >= 0:
            return self.view(load_body_map().regions[index].view)

        def away(placed: Placed) -> float:
            dx = max(placed.x_px - x_px, 0.0, x_px - placed.x_px - placed.width_px)
            dy = max(placed.y_px - y_px, 0.0, y_px - placed.bottom_px)
            middle = abs(x_px - placed.x_px - placed.width_px / 2.0)
            return float(np.hypot(dx, dy)) + 1e-3 * middle

        return min(self.placed, key=away)


def body_layout(
    width_px: int, height_px: int, *, mirrored: bool = False, margin_px: float = 8.0, caption_px: float = 20.0
) -> BodyLayout:
    """Return the layout that fills an area best, front left, back right, soles between the legs.

    margin_px stays free all round, caption_px under each figure.
    """
    body = load_body_map()
    frames = {view: body.frame(view) for view in VIEWS}
    left, right = frames["front"][0], frames["back"][2]
    top, bottom = min(f[1] for f in frames.values()), max(f[3] for f in frames.values())
    free_wide, free_high = max(width_px - 2.0 * margin_px, 1.0), max(height_px - 2.0 * margin_px - caption_px, 1.0)
    scale = min(free_wide / (right - left), free_high / (bottom - top))
    gap = min(_GAP_MAX, free_wide / scale - (right - left))
    x0 = (width_px - (right - left + gap) * scale) / 2.0
    y0 = margin_px + max(0.0, (free_high - (bottom - top) * scale) / 2.0)
    apart = {"front": 0.0, "sole": gap / 2.0, "back": gap}
    return BodyLayout(
        width_px,
        height_px,
        tuple(
            Placed(
                view,
                frames[view],
                x0 + (frames[view][0] - left + apart[view]) * scale,
                y0 + (frames[view][1] - top) * scale,
                scale,
                mirrored,
            )
            for view in VIEWS
        ),
    )


@lru_cache(maxsize=4)
def _labels(layout: BodyLayout) -> NDArray[np.uint8]:
    labels = np.zeros((layout.height_px, layout.width_px), dtype=np.uint8)
    for index, region in enumerate(load_body_map().regions):
        placed = layout.view(region.view)
        fill(labels, [placed.to_px(ring) for ring in region.polygons], index + 1, (0.0, 0.0), 1.0)
    return read_only(labels)


@lru_cache(maxsize=1)
def region_anchors() -> FloatArray:
    """Return a point well inside each region, float64 (regions, 2), units: the own pixel nearest to the middle."""
    body = load_body_map()
    return _anchors([region.polygons for region in body.regions])


@lru_cache(maxsize=1)
def dermatome_anchors() -> FloatArray:
    """Return a point inside each drawn dermatome area, float64 (areas, 2), units, in the order of the body map's."""
    return _anchors([area.polygons for area in load_body_map().dermatomes])


def _anchors(areas: Sequence[tuple[Ring, ...]]) -> FloatArray:
    body = load_body_map()
    labels = np.zeros((round(body.height), round(body.width)), dtype=np.uint8)
    for index, rings in enumerate(areas):
        fill(labels, rings, index + 1, (0.0, 0.0), 1.0)
    rows, columns = np.nonzero(labels)
    own = labels[rows, columns] - 1
    order = np.argsort(own, kind="stable")
    parts = np.split(order, np.searchsorted(own[order], np.arange(1, len(areas))))
    points: FloatArray = np.column_stack([columns, rows]).astype(np.float64) + 0.5
    middles = [points[part].mean(axis=0) for part in parts]
    nearest = [part[np.argmin(((points[part] - at) ** 2).sum(axis=1))] for part, at in zip(parts, middles, strict=True)]
    return read_only(points[nearest])


def neighbour(index: int, right: int, down: int) -> int:
    """Return the region next to region `index` of the same view in a direction of the drawing; itself where none is.

    right, down: -1, 0 or 1. Straight ahead counts as nearer than aslant.
    """
    body, anchors = load_body_map(), region_anchors()
    view = body.regions[index].view
    apart = anchors - anchors[index]
    ahead = apart @ np.array([right, down], dtype=np.float64)
    aslant = np.abs(apart @ np.array([down, right], dtype=np.float64))
    cost = ahead + _NEIGHBOUR_SLANT * aslant
    cost[[region.view != view for region in body.regions]] = np.inf
    cost[ahead < 2.0] = np.inf
    best = int(np.argmin(cost))
    return best if np.isfinite(cost[best]) else index


def first_region(view: View) -> int:
    """Return the region where the keyboard begins in a view: the one nearest to the middle of its frame."""
    body, anchors = load_body_map(), region_anchors()
    x0, y0, x1, y1 = body.frame(view)
    away = np.hypot(*(anchors - ((x0 + x1) / 2.0, (y0 + y1) / 2.0)).T)
    away[[region.view != view for region in body.regions]] = np.inf
    return int(np.argmin(away))
