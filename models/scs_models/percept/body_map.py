"""The body map: regions, dermatomes and landmarks of the drawn figure, and what falls where.

Coordinates are drawing units, x to the right of the picture, y down (`mm_per_unit` mm each). In the front view and the
soles the patient's right is on the left of the picture; in the back view it is on the right.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.percept.dermatomes import DERMATOMES, VIEWS, KeyPoint, Side, View
from scs_models.values import BoolArray, FloatArray, IntArray, read_only

Ring = FloatArray
"""A closed polygon, float64 (N, 2), drawing units; the last point is not repeated."""

CHOIR_CODES: tuple[str, ...] = (*(f"f{n:02}" for n in range(1, 37)), *(f"b{n:02}" for n in range(1, 39)))
"""The 74 segments of the CHOIR body map in REDCap form (source CHOIR)."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One region of the map; `part` is the id without the side, `choir` the CHOIR segment it rolls up to."""

    id: str
    part: str
    title: str
    side: Side
    view: View
    choir: str
    area_mm2: float
    polygons: tuple[Ring, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DermatomeArea:
    """What one dermatome covers in one view on one side; `dermatome` is "none" on the face."""

    dermatome: str
    side: Side
    view: View
    polygons: tuple[Ring, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """One line of the drawing: an outline, or a detail (a `fold` is drawn stronger)."""

    view: View
    points: Ring
    fold: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """R or L beside a view."""

    view: View
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class BodyMap:
    """The drawing as polygons. `shares` (R, 28): share of each region's area in each dermatome of its own side."""

    width: float
    height: float
    mm_per_unit: float
    regions: tuple[Region, ...]
    dermatomes: tuple[DermatomeArea, ...]
    outlines: tuple[Stroke, ...]
    details: tuple[Stroke, ...]
    landmarks: Mapping[tuple[str, Side], tuple[float, float]]
    letters: tuple[Letter, ...]
    shares: FloatArray

    @property
    def region_ids(self) -> tuple[str, ...]:
        """Return the ids of all regions, in the order of every array with a region axis."""
        return tuple(region.id for region in self.regions)

    @property
    def area_mm2(self) -> FloatArray:
        """Return the area of each region, (R,), mm2 of the drawing."""
        return read_only(np.array([region.area_mm2 for region in self.regions]))

    def index(self, region_id: str) -> int:
        """Return the place of a region in arrays (R,); raise UnknownNameError with the list of ids."""
        ids = self.region_ids
        if region_id not in ids:
            raise UnknownNameError("region", region_id, ids)
        return ids.index(region_id)

    def region(self, region_id: str) -> Region:
        """Return a region by id; raise UnknownNameError with the list of ids."""
        return self.regions[self.index(region_id)]

    def regions_at(self, points: ArrayLike) -> IntArray:
        """Return the region index of each point, int64 (N,), -1 outside the body; points (N, 2) in drawing units."""
        return _areas_at([region.polygons for region in self.regions], points)

    def region_at(self, point: tuple[float, float]) -> str | None:
        """Return the id of the region at a point in drawing units, None outside the body."""
        found = int(self.regions_at([point])[0])
        return self.regions[found].id if found >= 0 else None

    def dermatomes_at(self, points: ArrayLike) -> IntArray:
        """Return the index into `dermatomes` of each point, int64 (N,), -1 outside the body; points (N, 2)."""
        return _areas_at([area.polygons for area in self.dermatomes], points)

    def landmark(self, name: str, side: str) -> tuple[float, float]:
        """Return a landmark's (x, y) in drawing units; raise UnknownNameError with the list of landmarks."""
        for (known, known_side), point in self.landmarks.items():
            if (known, known_side) == (name, side):
                return point
        raise UnknownNameError("landmark", f"{side} {name}", [f"{s} {n}" for n, s in self.landmarks])

    def key_point(self, point: KeyPoint, side: str) -> tuple[float, float]:
        """Return where an ISNCSCI key point lies, (x, y) in drawing units, from its landmarks."""
        x = sum(weight * self.landmark(name, side)[0] for name, weight in point.lateral.items())
        y = sum(weight * self.landmark(name, side)[1] for name, weight in point.along.items())
        outward = -1.0 if (side == "left") == (point.view == "back") else 1.0
        return x + outward * point.offset_mm[0] / self.mm_per_unit, y + point.offset_mm[1] / self.mm_per_unit

    def outline_of(self, region_ids: Iterable[str]) -> tuple[Ring, ...]:
        """Return the rings round the union of regions; borders between them vanish."""
        chosen = [self.region(region_id) for region_id in region_ids]
        return dissolved([ring for region in chosen for ring in region.polygons])

    @property
    def borders(self) -> tuple[FloatArray, ...]:
        """Return the lines between regions, each once, open polylines (N, 2) in drawing units."""
        return _border_lines([ring for region in self.regions for ring in region.polygons])

    def label_image(self, height_px: int, view: View | None = None) -> NDArray[np.uint8]:
        """Return a raster (height_px, W) of region index + 1, 0 outside, of the whole drawing or one view's frame."""
        return _labels(self, height_px, view)

    def frame(self, view: View | None = None) -> tuple[float, float, float, float]:
        """Return (x0, y0, x1, y1) of the whole drawing, or of one view with a small margin, drawing units."""
        if view is None:
            return 0.0, 0.0, self.width, self.height
        points = np.concatenate([stroke.points for stroke in self.outlines if stroke.view == view])
        (x0, y0), (x1, y1) = points.min(axis=0) - 4.0, points.max(axis=0) + 4.0
        return float(x0), float(y0), float(x1), float(y1)

    def painful_fraction(
        self, polygons: Sequence[Sequence[tuple[float, float]]], *, pixels_per_unit: float = 2.0
    ) -> FloatArray:
        """Return the share of each region inside any of the polygons, float64 (R,) in [0, 1], by counting pixels.

        polygons: points (x, y) in drawing units, closed by themselves. Raises InvalidValueError below 3 points or
        for a coordinate that is not finite. Source NORTH06 (overlap computed from drawings).
        """
        if not polygons:
            return read_only(np.zeros(len(self.regions)))
        for polygon in polygons:
            if len(polygon) < 3 or not np.all(np.isfinite(np.asarray(polygon, dtype=float))):
                raise InvalidValueError(f"polygon has {len(polygon)} points; it needs 3 or more finite points (x, y)")
        height = round(self.height * pixels_per_unit)
        labels, scale = self.label_image(height), height / self.height
        corners = np.concatenate([np.asarray(polygon, dtype=float) for polygon in polygons]) * scale
        (x0, y0), (x1, y1) = (np.clip(at, 0, labels.shape[::-1]) for at in (corners.min(axis=0), corners.max(axis=0)))
        left, top = int(x0), int(y0)
        window = labels[top : int(np.ceil(y1)), left : int(np.ceil(x1))]
        mask = np.zeros(window.shape, dtype=np.uint8)
        for polygon in polygons:
            fill(mask, [np.asarray(polygon, dtype=float)], 1, (left / scale, top / scale), scale)
        inside = np.bincount(window[mask > 0], minlength=len(self.regions) + 1)[1:]
        return read_only(inside / np.maximum(_label_counts(self, height), 1))

    def share_inside(self, view: str, points: Sequence[tuple[float, float]]) -> FloatArray:
        """Return the share of each region of one view inside one polygon, float64 (R,); other views' regions have 0.

        Raises UnknownNameError for a view that is not front, back or sole; else as painful_fraction.
        """
        if view not in VIEWS:
            raise UnknownNameError("view", view, VIEWS)
        return read_only(self.painful_fraction([points]) * np.array([region.view == view for region in self.regions]))


@lru_cache(maxsize=8)
def _labels(body_map: BodyMap, height_px: int, view: View | None) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = body_map.frame(view)
    scale = height_px / (y1 - y0)
    labels = np.zeros((height_px, max(1, round((x1 - x0) * scale))), dtype=np.uint8)
    for k, region in enumerate(body_map.regions):
        fill(labels, region.polygons, k + 1, (x0, y0), scale)
    return read_only(labels)


@lru_cache(maxsize=8)
def _label_counts(body_map: BodyMap, height_px: int) -> IntArray:
    """Return how many pixels of the whole drawing each region has, int64 (R,)."""
    return read_only(np.bincount(body_map.label_image(height_px).ravel(), minlength=len(body_map.regions) + 1)[1:])


def dissolved(rings: Iterable[Ring]) -> tuple[Ring, ...]:
    """Return the rings round the union of areas that share whole edges: an edge met in both directions vanishes."""
    edges: dict[tuple[tuple[float, float], tuple[float, float]], int] = defaultdict(int)
    for ring in rings:
        turned = ring if _signed_area(ring) > 0 else ring[::-1]
        points = [(float(x), float(y)) for x, y in turned]
        for a, b in zip(points, [*points[1:], points[0]], strict=True):
            if edges.get((b, a)):
                edges[(b, a)] -= 1
            else:
                edges[(a, b)] += 1
    following: dict[tuple[float, float], list[tuple[float, float]]] = defaultdict(list)
    for (a, b), count in edges.items():
        if count:
            following[a].append(b)
    found: list[Ring] = []
    while following:
        start = next(iter(following))
        chain, here = [start], start
        while True:
            after = following[here].pop()
            if not following[here]:
                del following[here]
            if after == start:
                break
            chain.append(after)
            here = after
        found.append(read_only(np.array(chain)))
    return tuple(found)


def _border_lines(rings: Iterable[Ring]) -> tuple[FloatArray, ...]:
    seen: set[frozenset[tuple[float, float]]] = set()
    lines: list[FloatArray] = []
    for ring in rings:
        points = [(float(x), float(y)) for x, y in ring]
        line: list[tuple[float, float]] = []
        for a, b in zip(points, [*points[1:], points[0]], strict=True):
            edge = frozenset((a, b))
            if edge in seen:  # met before, in the neighbour: this is a border
                line = [*line, b] if line else [a, b]
                continue
            seen.add(edge)
            if line:
                lines.append(read_only(np.array(line)))
                line = []
        if line:
            lines.append(read_only(np.array(line)))
    return tuple(lines)


def choir_number(code: str) -> int:
    """Return the numeric CHOIR code of a REDCap one: f16 -> 116, b18 -> 218; raise UnknownNameError for others."""
    if code not in CHOIR_CODES:
        raise UnknownNameError("CHOIR segment", code, CHOIR_CODES)
    return (100 if code[0] == "f" else 200) + int(code[1:])


def choir_code(number: int) -> str:
    """Return the REDCap form of a numeric CHOIR code: 116 -> f16, 218 -> b18; raise UnknownNameError for others."""
    code = f"{'f' if number // 100 == 1 else 'b'}{number % 100:02}"
    if code not in CHOIR_CODES or number // 100 not in (1, 2):
        raise UnknownNameError("CHOIR segment", str(number), CHOIR_CODES)
    return code


def choir_members(body_map: BodyMap) -> Mapping[str, tuple[str, ...]]:
    """Return the region ids of each of the 74 CHOIR segments."""
    return MappingProxyType(
        {code: tuple(region.id for region in body_map.regions if region.choir == code) for code in CHOIR_CODES}
    )


def choir_rollup(body_map: BodyMap, values: ArrayLike) -> FloatArray:
    """Return values (..., R) as area-weighted means of the CHOIR segments, float64 (..., 74) in CHOIR_CODES order."""
    weights = np.zeros((len(CHOIR_CODES), len(body_map.regions)))
    for k, region in enumerate(body_map.regions):
        weights[CHOIR_CODES.index(region.choir), k] = region.area_mm2
    weights /= weights.sum(axis=1, keepdims=True)
    return read_only(np.asarray(np.asarray(values, dtype=float) @ weights.T))


@cache
def load_body_map() -> BodyMap:
    """Return the body map of the package, read once from data/body_map.json (made from body_map.svg by flatten)."""
    return body_map_from(json.loads(files("scs_models").joinpath("data", "body_map.json").read_text(encoding="utf-8")))


def body_map_from(content: Mapping[str, Any]) -> BodyMap:
    """Return the body map held by the decoded content of a body_map.json."""

    def rings(polygons: Iterable[Iterable[Iterable[float]]]) -> tuple[Ring, ...]:
        return tuple(read_only(np.array(ring, dtype=float)) for ring in polygons)

    regions = tuple(
        Region(
            id=r["id"],
            part=r["id"].removeprefix(f"{r['side']}_"),
            title=r["title"],
            side=r["side"],
            view=r["view"],
            choir=r["choir"],
            area_mm2=r["area_mm2"],
            polygons=rings(r["polygons"]),
        )
        for r in content["regions"]
    )
    shares = np.array([[content["shares"][r.part].get(name, 0.0) for name in DERMATOMES] for r in regions])
    return BodyMap(
        width=content["width"],
        height=content["height"],
        mm_per_unit=content["mm_per_unit"],
        regions=regions,
        dermatomes=tuple(
            DermatomeArea(d["dermatome"], d["side"], d["view"], rings(d["polygons"])) for d in content["dermatomes"]
        ),
        outlines=tuple(Stroke(o["view"], rings([o["points"]])[0]) for o in content["outlines"]),
        details=tuple(Stroke(d["view"], rings([d["points"]])[0], d["fold"]) for d in content["details"]),
        landmarks=MappingProxyType({(m["landmark"], m["side"]): (m["x"], m["y"]) for m in content["landmarks"]}),
        letters=tuple(Letter(t["view"], t["text"], t["x"], t["y"]) for t in content["letters"]),
        shares=read_only(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1.0)),
    )


def _areas_at(areas: Sequence[tuple[Ring, ...]], points: ArrayLike) -> IntArray:
    """Return which area holds each point: even-odd rule, half-open edges, so a shared border belongs to one side."""
    p = np.atleast_2d(np.asarray(points, dtype=float))
    found = np.full(len(p), -1, dtype=np.int64)
    for k, rings in enumerate(areas):
        low = np.min([ring.min(axis=0) for ring in rings], axis=0)
        high = np.max([ring.max(axis=0) for ring in rings], axis=0)
        near = np.flatnonzero(np.all((p >= low) & (p <= high), axis=1))
        if near.size:
            found[near[inside(rings, p[near])]] = k
    return found


def inside(rings: Sequence[Ring], points: FloatArray) -> BoolArray:
    """Return whether each point (N, 2) lies inside the rings, bool (N,), even-odd rule.

    Each edge is measured from its upper to its lower end whichever way it is drawn, so neighbours that share it agree.
    """
    order = np.argsort(points[:, 1], kind="stable")
    x, y = points[order].T
    odd = np.zeros(len(points), dtype=bool)
    for ring in rings:
        ends = np.stack([ring, np.roll(ring, -1, axis=0)], axis=1)
        ends = np.take_along_axis(ends, np.argsort(ends[..., 1], axis=1, kind="stable")[..., None], axis=1)
        first, last = (np.searchsorted(y, ends[:, k, 1], side="left") for k in (0, 1))
        for k in np.flatnonzero(last > first):
            (x0, y0), (x1, y1) = ends[k]
            level = slice(first[k], last[k])
            odd[level] ^= x[level] < x0 + (y[level] - y0) * ((x1 - x0) / (y1 - y0))
    found = np.empty_like(odd)
    found[order] = odd
    return found


def fill(
    image: NDArray[np.uint8], rings: Sequence[Ring], value: int, origin: tuple[float, float], scale: float
) -> None:
    """Write `value` into the pixels of `image` (H, W) whose centre lies inside the rings (even-odd), in place.

    Pixel (row, column) has its centre at origin + (column + 0.5, row + 0.5) / scale. The half-open rule of `inside`
    holds: areas that share borders neither overlap nor leave a pixel out.
    """
    height, width = image.shape
    rows: list[IntArray] = []
    columns: list[IntArray] = []
    for ring in rings:
        ends = np.stack([ring, np.roll(ring, -1, axis=0)], axis=1)
        ends = np.take_along_axis(ends, np.argsort(ends[..., 1], axis=1, kind="stable")[..., None], axis=1)
        (x0, y0), (x1, y1) = ((ends[:, k] - origin).T * scale for k in (0, 1))
        first, last = (np.clip(np.ceil(y - 0.5), 0, height).astype(np.int64) for y in (y0, y1))
        count = last - first
        edge = np.repeat(np.arange(len(ends)), count)
        row = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[edge]
        x = x0[edge] + (row + 0.5 - y0[edge]) * ((x1 - x0)[edge] / (y1 - y0)[edge])
        rows.append(row)
        columns.append(np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64))
    row, column = np.concatenate(rows), np.concatenate(columns)
    if row.size == 0:
        return
    top, left, high, wide = row.min(), column.min(), np.ptp(row) + 1, np.ptp(column) + 1
    met = np.bincount((row - top) * wide + column - left, minlength=high * wide).reshape(high, wide)
    odd = np.cumsum(met, axis=1) % 2 == 1
    odd = odd[:, : width - left]
    image[top : top + high, left : left + odd.shape[1]][odd] = value


def _signed_area(ring: Ring) -> float:
    x, y = ring.T
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
