"""Painting pain: strokes on the body map turned into the saved form, region scores and polygons.

A stroke is rasterised on a grid of one pixel per drawing unit (1.75 mm), merged with what it touches, and traced back
to polygons that neither overlap nor leave the body, so that the engine's areas are the painted ones. What a stroke does
not touch stays as it was, point for point. A region painted all over becomes a region score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.percept.body_map import fill, load_body_map
from scs_models.percept.dermatomes import VIEWS
from scs_models.values import BoolArray, FloatArray, read_only, require_between
from scs_sim.answers import pain_field
from scs_sim.patient import PainMap, PainPolygon

Points = Sequence[tuple[float, float]]

PATCHES_MAX = 120
POINTS_MAX = 400
BRUSH_MAX_UNITS = 160.0
# A region counts as painted all over, or not at all, up to this share; smaller specks and holes (units2) go.
_WHOLE, _SPECK = 0.99, 8.0
# Tracing: blur of the steps between pixels, and how far a simplified outline may stray, units.
_BLUR, _STRAY = 0.6, 0.3
# Pixels that a patch reaches past the outline of the body, so that tracing takes nothing from its edge.
_OVERHANG = 2


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """An area of one view: mask (rows, columns) on the view's grid, see `grid_of`."""

    view: str
    mask: BoolArray

    @property
    def area_units(self) -> float:
        """Return the area on the body, in drawing units squared."""
        return float(np.count_nonzero(self.mask & (grid_of(self.view).labels > 0)))


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The pixels of one view, one per unit: region index + 1, or 0 (rows, columns); the first lies at (x0, y0)."""

    view: str
    x0: int
    y0: int
    labels: NDArray[np.uint8]


@lru_cache(maxsize=len(VIEWS))
def grid_of(view: str) -> Grid:
    """Return the grid of a view, made once; raise UnknownNameError for a view that is not front, back or sole."""
    if view not in VIEWS:
        raise UnknownNameError("view", view, VIEWS)
    body = load_body_map()
    known = VIEWS[VIEWS.index(view)]
    (x0, y0), (x1, y1) = np.floor(body.frame(known)[:2]), np.ceil(body.frame(known)[2:])
    own = np.array([0, *(index + 1 if region.view == view else 0 for index, region in enumerate(body.regions))])
    whole = body.label_image(round(body.height))
    labels = own[whole[int(y0) : int(y1), int(x0) : int(x1)]].astype(np.uint8)
    return Grid(view, int(x0), int(y0), read_only(labels))


def brush_patch(view: str, points: Points, width_units: float) -> Patch:
    """Return what a round brush `width_units` wide covers along a path; points (x, y) in drawing units, one or more."""
    require_between("width_units", width_units, 1.0, BRUSH_MAX_UNITS)
    grid, radius = grid_of(view), width_units / 2.0
    mask = np.zeros(grid.labels.shape, dtype=np.bool_)
    path = _thinned(np.asarray(points, dtype=float) - (grid.x0, grid.y0), radius / 3.0)
    for a, b in pairwise(path) if len(path) > 1 else ((path[0], path[0]),):
        _stamp(mask, a, b, radius)
    return Patch(view, mask)


def polygon_patch(view: str, points: Points) -> Patch:
    """Return the inside of a polygon, points (x, y) in drawing units; raise InvalidValueError below 3 points."""
    if len(points) < 3:
        raise InvalidValueError(f"points is a list of {len(points)}; a patch needs 3 points or more")
    return Patch(view, _filled(grid_of(view), points))


def region_patch(region_id: str) -> Patch:
    """Return a whole region; raise UnknownNameError with the list of ids."""
    body = load_body_map()
    index = body.index(region_id)
    grid = grid_of(body.regions[index].view)
    return Patch(grid.view, grid.labels == index + 1)


def painted(pain: PainMap, patch: Patch, score: float) -> PainMap:
    """Return `pain` with `patch` painted at `score` 0-10 in place of what was there; 0 rubs it out.

    The same object where the patch does not meet the body. Raises InvalidValueError for more than PATCHES_MAX patches.
    """
    require_between("score", score, 0.0, 10.0)
    body, grid = load_body_map(), grid_of(patch.view)
    area = patch.mask & (grid.labels > 0)
    if not area.any():
        return pain
    near = _grown(area, _OVERHANG)
    scores, kept, merged = dict(pain.scores), [], []
    for polygon in pain.polygons:
        inside = _filled(grid, polygon.points) if polygon.view == patch.view else None
        if inside is not None and np.any(inside & near):
            merged.append((polygon.score, inside))
        else:
            kept.append(polygon)
    touched = [int(label) for label in np.unique(grid.labels[area])]
    levels = tuple(
        sorted({0.0, score, *(s for s, _ in merged), *(scores.get(body.regions[k - 1].id, 0.0) for k in touched)})
    )
    image = np.zeros(grid.labels.shape, dtype=np.uint8)
    for level, inside in sorted(merged, key=lambda item: item[0]):
        image[inside] = levels.index(level)
    for label in touched:
        own = levels.index(scores.get(body.regions[label - 1].id, 0.0))
        np.maximum(image, own, out=image, where=grid.labels == label)
    image[area] = levels.index(score)
    image[grid.labels == 0] = 0
    for label in touched:
        _settle(image, grid.labels == label, levels, scores, body.regions[label - 1].id)
    for index, level in enumerate(levels):
        if level > 0.0:
            kept += [PainPolygon(patch.view, level, ring) for ring in _traced(image == index, grid)]
    if len(kept) > PATCHES_MAX:
        raise InvalidValueError(
            f"pain has {len(kept)} separate patches; {PATCHES_MAX} at most: paint whole regions, or rub some out"
        )
    return PainMap({name: value for name, value in scores.items() if value > 0.0}, tuple(kept))


def prepare_painting() -> None:
    """Load what the first stroke and the engine's answer to it need, so that they do not wait for it (0.1 s)."""
    pain_field(painted(PainMap(), brush_patch("sole", [(500.0, 880.0)], 12.0), 1.0))
    for view in VIEWS:
        grid_of(view)


def score_image(pain: PainMap, view: str) -> FloatArray:
    """Return the score of every pixel of a view's grid, float64 (rows, columns); the highest where areas overlap."""
    grid, body = grid_of(view), load_body_map()
    by_label = np.zeros(len(body.regions) + 1)
    for index, region in enumerate(body.regions):
        by_label[index + 1] = pain.scores.get(region.id, 0.0)
    image = by_label[grid.labels]
    for polygon in pain.polygons:
        if polygon.view == view:
            inside = _filled(grid, polygon.points) & (grid.labels > 0)
            image[inside] = np.maximum(image[inside], polygon.score)
    return image


def _settle(
    image: NDArray[np.uint8], own: BoolArray, levels: tuple[float, ...], scores: dict[str, float], name: str
) -> None:
    """Move a region that is of one score all over from the image to `scores`; leave a mixed one in the image."""
    scores.pop(name, None)
    counts = np.bincount(image[own], minlength=len(levels))
    most = int(counts.argmax())
    if counts[most] >= _WHOLE * counts.sum():
        image[own] = 0
        if levels[most] > 0.0:
            scores[name] = levels[most]


def _traced(mask: BoolArray, grid: Grid) -> Iterator[tuple[tuple[float, float], ...]]:
    """Yield the outlines of a mask as closed rings without their last point; a hole is joined to its ring by a slit."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return
    from contourpy import FillType, contour_generator  # of the extra `ui`; nothing else of painting needs it
    from scipy.ndimage import gaussian_filter

    pad = _OVERHANG + 3
    inner = slice(max(rows[0] - pad, 0), rows[-1] + pad), slice(max(columns[0] - pad, 0), columns[-1] + pad)
    part, body = mask[inner], grid.labels[inner] > 0
    part = np.pad(part | (_grown(part, _OVERHANG) & ~body), pad)
    field = gaussian_filter(part.astype(np.float32), _BLUR)
    corner = np.array([grid.x0 + inner[1].start - pad + 0.5, grid.y0 + inner[0].start - pad + 0.5])
    found = contour_generator(z=field, fill_type=FillType.OuterOffset).filled(0.5, np.inf)
    for points, offsets in zip(*found, strict=True):
        rings = [points[a : b - 1] + corner for a, b in pairwise(offsets)]
        if _area(rings[0]) >= _SPECK:
            yield _as_points(_slit([_simplified(ring) for ring in rings if _area(ring) >= _SPECK]))


def _slit(rings: list[FloatArray]) -> FloatArray:
    """Return one ring that goes round the outer ring and its holes, joined by slits without width."""
    whole = rings[0]
    for hole in rings[1:]:
        apart = np.hypot(*(whole[:, None] - hole[None]).transpose(2, 0, 1))
        at, first = np.unravel_index(int(apart.argmin()), apart.shape)
        round_hole = np.roll(hole, -int(first), axis=0)
        whole = np.concatenate([whole[: at + 1], round_hole, round_hole[:1], whole[at:]])
    return whole


def _as_points(ring: FloatArray) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(x), 2), round(float(y), 2)) for x, y in ring)


def _simplified(ring: FloatArray) -> FloatArray:
    """Return a ring with the points left out that lie on the line between others; coarser where there are too many."""
    stray, found = _STRAY, ring
    while True:
        far = int(np.argmax(np.hypot(*(ring - ring[0]).T)))
        halves = (ring[: far + 1], np.concatenate([ring[far:], ring[:1]]))
        found = np.concatenate([_thinned_line(half, stray)[:-1] for half in halves])
        if len(found) <= POINTS_MAX:
            return found if len(found) >= 3 else ring[:3]
        stray *= 1.5


def _thinned_line(line: FloatArray, stray: float) -> FloatArray:
    """Return the points of a line that keep all others within `stray` of it (Douglas and Peucker)."""
    keep = np.zeros(len(line), dtype=np.bool_)
    keep[[0, -1]] = True
    open_parts = [(0, len(line) - 1)]
    while open_parts:
        a, b = open_parts.pop()
        if b - a < 2:
            continue
        along, away = line[b] - line[a], line[a + 1 : b] - line[a]
        length = float(np.hypot(*along))
        if length == 0.0:
            distance = np.hypot(*away.T)
        else:
            distance = np.abs(away[:, 0] * along[1] - away[:, 1] * along[0]) / length
        most = int(distance.argmax())
        if distance[most] > stray:
            middle = a + 1 + most
            keep[middle] = True
            open_parts += [(a, middle), (middle, b)]
    return line[keep]


def _thinned(path: FloatArray, apart: float) -> FloatArray:
    """Return the path without points closer than `apart` to the last one kept; its end stays."""
    kept = [0]
    for k in range(1, len(path)):
        if np.hypot(*(path[k] - path[kept[-1]])) >= apart or k == len(path) - 1:
            kept.append(k)
    return path[kept]


def _stamp(mask: BoolArray, a: FloatArray, b: FloatArray, radius: float) -> None:
    """Set the pixels whose centre is within `radius` of the segment from a to b, in place."""
    low = np.maximum(np.floor(np.minimum(a, b) - radius).astype(int), 0)
    high = np.maximum(np.ceil(np.maximum(a, b) + radius).astype(int) + 1, 0)
    window = mask[low[1] : high[1], low[0] : high[0]]
    if window.size == 0:
        return
    y, x = np.ogrid[: window.shape[0], : window.shape[1]]
    dx, dy = x + (low[0] + 0.5 - a[0]), y + (low[1] + 0.5 - a[1])
    along = b - a
    length2 = float(along @ along)
    if length2 > 0.0:
        t = np.clip((dx * along[0] + dy * along[1]) / length2, 0.0, 1.0)
        dx, dy = dx - t * along[0], dy - t * along[1]
    window |= dx * dx + dy * dy <= radius * radius


def _filled(grid: Grid, points: Points) -> BoolArray:
    image = np.zeros(grid.labels.shape, dtype=np.uint8)
    fill(image, [np.asarray(points, dtype=float)], 1, (float(grid.x0), float(grid.y0)), 1.0)
    return image > 0


def _grown(mask: BoolArray, steps: int) -> BoolArray:
    """Return a mask grown by `steps` pixels to the four sides."""
    grown = mask.copy()
    for _ in range(steps):
        before = grown.copy()
        grown[1:] |= before[:-1]
        grown[:-1] |= before[1:]
        grown[:, 1:] |= before[:, :-1]
        grown[:, :-1] |= before[:, 1:]
    return grown


def _area(ring: FloatArray) -> float:
    x, y = ring.T
    return abs(float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)))
