"""Field pictures: the potential of one contact over the whole plane of a section, for images of the field.

Points lie on a polar grid that follows every interface: rows at fixed shares between two curves, columns at fixed
angles, finest where leads lie. A place (region, share, angle) means the same tissue in every section, so that pictures
of several levels blend, and no interpolation reaches across an interface. Stored as kernels are, z before points.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from scs_models.canal import KernelSpec, Progress, source_weights, z_operator
from scs_models.conductor import CrossSection
from scs_models.values import BoolArray, Float32Array, FloatArray, IntArray, read_only

if TYPE_CHECKING:
    from scipy import sparse

PICTURE_FORMAT = 1
FACE = "face"

# tests/models/test_canal_picture.py measures what this resolution costs.
_FINE_RAD, _FINE_STEPS, _COARSE_STEPS = 0.035, 27, 22
_SHARES: dict[str, tuple[float, ...]] = {
    "grey": (0.0, 0.35, 0.7, 1.0),
    "cord": (0.3, 0.55, 0.72, 0.84, 0.93, 1.0),
    "dura_inner": (0.08, 0.25, 0.5, 0.75, 0.92, 1.0),
    "dura_outer": (0.5, 1.0),
    "canal": tuple(step / 10.0 for step in range(1, 11)),
    "bone": (0.03, 0.08, 0.17, 0.32, 0.55, 1.0),
    "outer": (0.05, 0.12),
}
# With a paddle the fat lies inside its face, and the paddle's backing between face and canal.
_SHARES_WITH_FACE = {FACE: (0.5, 1.0), "canal": (1.0 / 3.0, 2.0 / 3.0, 1.0)}
_STENCIL = 4
_OUTLINE_ANGLES = 1440
_LEAST_RADIUS_MM = 0.02


@cache
def grid_turn_rad() -> FloatArray:
    """Return the columns of the grid (columns,): angles from the dorsal midline, counter-clockwise, symmetric."""
    fine = np.arange(_FINE_STEPS + 1) * _FINE_RAD
    half = np.concatenate([fine, np.linspace(fine[-1], np.pi, _COARSE_STEPS + 1)[1:]])
    return read_only(np.concatenate([half, 2.0 * np.pi - half[-2:0:-1]]))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of the grid: per region the indices of its rows, inner border first, and their shares (0-1)."""

    index: tuple[IntArray, ...]
    share: tuple[FloatArray, ...]

    @property
    def count(self) -> int:
        return int(self.index[-1][-1]) + 1


@cache
def _rows(names: tuple[str, ...]) -> _Rows:
    table = _SHARES | _SHARES_WITH_FACE if FACE in names else _SHARES
    index, share, last = [], [], -1
    for shares in (table[name] for name in names):
        first = last + 1
        last += len(shares)
        at = np.arange(first, last + 1)
        if first:
            at, shares = np.append(first - 1, at), (0.0, *shares)
        index.append(at)
        share.append(np.array(shares))
    return _Rows(tuple(index), tuple(share))


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The curves of a section, or of a blend of sections, as radii (curves + 1, angles) mm from the centre outwards.

    names: of the curves; the first row of radii is the centre. Angles are even, from the dorsal midline on.
    """

    names: tuple[str, ...]
    radius_mm: FloatArray

    @property
    def has_face(self) -> bool:
        """Return whether a paddle is in the section."""
        return FACE in self.names

    def radii_at(self, turn_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return radii (mm) and slopes (mm per rad), each (curves + 1, n), at angles (n,) from the dorsal midline."""
        step = 2.0 * np.pi / _OUTLINE_ANGLES
        place = np.mod(turn_rad, 2.0 * np.pi) / step
        low = np.floor(place).astype(np.int64) % _OUTLINE_ANGLES
        part, high = place - np.floor(place), (low + 1) % _OUTLINE_ANGLES
        radius, slope = self.radius_mm, (np.roll(self.radius_mm, -1, 1) - np.roll(self.radius_mm, 1, 1)) / (2.0 * step)
        return (
            radius[:, low] * (1.0 - part) + radius[:, high] * part,
            slope[:, low] * (1.0 - part) + slope[:, high] * part,
        )

    def curve_xy_mm(self, name: str) -> FloatArray:
        """Return a closed polyline (n, 2) in mm along the curve `name`."""
        turn = np.linspace(0.0, 2.0 * np.pi, _OUTLINE_ANGLES + 1)
        radius = self.radius_mm[self.names.index(name) + 1]
        around = np.stack([-np.sin(turn), np.cos(turn)], axis=-1)
        return np.asarray(np.append(radius, radius[0])[:, None] * around, dtype=np.float64)


def outline_of(section: CrossSection) -> Outline:
    """Return the outline of one section."""
    turn = np.linspace(0.0, 2.0 * np.pi, _OUTLINE_ANGLES, endpoint=False)
    return Outline(section.curve_names(), read_only(section.region_radii(turn + np.pi / 2.0)[0]))


def blended_outline(weighted: Sequence[tuple[float, Outline]]) -> Outline:
    """Return the weighted sum of outlines that have the same curves; weights sum to 1."""
    if len(weighted) == 1:
        return weighted[0][1]
    return Outline(weighted[0][1].names, read_only(np.sum([w * outline.radius_mm for w, outline in weighted], axis=0)))


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """What one picture is built from: the contact and section of a kernel. A picklable callable that builds it."""

    kernel: KernelSpec
    key: str = field(init=False)
    """Hexadecimal key of this picture: a hash of the kernel's key, the grid and the format version."""

    def __post_init__(self) -> None:
        parts = (PICTURE_FORMAT, self.kernel.key, self.points_xy_mm().round(9).tolist())
        object.__setattr__(self, "key", hashlib.sha256(repr(parts).encode()).hexdigest())

    @property
    def title(self) -> str:
        """Return what a person reads of it in progress and in listings."""
        return f"field picture, {self.kernel.title}"

    def points_xy_mm(self) -> FloatArray:
        """Return the grid's points (rows * columns, 2) in mm, row by row."""
        return grid_points_xy_mm(self.kernel.section_with_lead())

    def __call__(self, progress: Progress | None = None) -> Float32Array:
        """Return the picture: spline coefficients in z of mV per mA, shape (sources, Z, points)."""
        found = self.kernel.coefficients_at(self.points_xy_mm(), progress)
        return np.ascontiguousarray(np.swapaxes(found, 1, 2))


def grid_points_xy_mm(section: CrossSection) -> FloatArray:
    """Return the points (rows * columns, 2) in mm of the grid in a section, row by row."""
    names, turn = section.curve_names(), grid_turn_rad()
    rows = _rows(names)
    radii, _ = section.region_radii(turn + np.pi / 2.0)
    radius = np.zeros((rows.count, len(turn)))
    for region, (index, share) in enumerate(zip(rows.index, rows.share, strict=True)):
        radius[index] = radii[region] + share[:, None] * (radii[region + 1] - radii[region])
    return np.stack([-radius * np.sin(turn), radius * np.cos(turn)], axis=-1).reshape(-1, 2)


def planes(
    pictures: Sequence[tuple[float, Float32Array]], x_mm: float, width_mm: float, away_mm: FloatArray
) -> Float32Array:
    """Return the potential (n, points) in mV per mA of a contact at lateral `x_mm`, at heights `away_mm` (n,) from it.

    pictures: (weight, picture) pairs of one contact, of one shape; width_mm: of a flat contact. Raises
    InvalidValueError where the contact reaches beyond the pictures' sources.
    """
    sources, _, points = pictures[0][1].shape
    along = z_operator(away_mm)
    used = np.unique(along.indices)
    across = source_weights(sources, x_mm, width_mm)
    right, left = np.zeros((2, len(used), points), dtype=np.float32)
    for weight, picture in pictures:
        for index in np.flatnonzero(across):
            step = int(index) - (sources - 1)
            side = right if step >= 0 else left
            side += picture[abs(step), used] * np.float32(weight * across[index])
    if left.any():
        columns = len(grid_turn_rad())
        mirrored = -np.arange(columns) % columns
        right += left.reshape(len(used), -1, columns)[:, :, mirrored].reshape(len(used), points)
    return np.asarray(along[:, used] @ right, dtype=np.float32)


def value_matrix(outline: Outline, places_xy_mm: FloatArray) -> sparse.csr_array:
    """Return the interpolation from the grid to places (n, 2) mm in a section, sparse (n, points) float32.

    It is cubic within each tissue. Places beyond the grid get the value at its edge.
    """
    at = _place(outline, places_xy_mm)
    return _matrix(at, at.by_share[:, :, None] * at.by_turn[:, None, :])


def slope_matrices(outline: Outline, places_xy_mm: FloatArray) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return the interpolation of the slopes in x and in y (1/mm) to places (n, 2) mm, as `value_matrix`."""
    at = _place(outline, places_xy_mm)
    outwards = at.share_slope[:, :, None] * at.by_turn[:, None, :]
    around = at.by_share[:, :, None] * at.turn_slope[:, None, :] + at.tilt[:, None, None] * outwards
    sin, cos = np.sin(at.turn_rad)[:, None, None], np.cos(at.turn_rad)[:, None, None]
    outwards *= at.per_mm[:, None, None]
    around /= at.radius_mm[:, None, None]
    return _matrix(at, -outwards * sin - around * cos), _matrix(at, outwards * cos - around * sin)


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where places (n,) lie on the grid: rows, columns, weights and slopes of the weights, each (n, 4).

    tilt: how the share changes along a circle, because the curves are none, per rad; per_mm: along a radius.
    """

    row: IntArray
    by_share: FloatArray
    share_slope: FloatArray
    column: IntArray
    by_turn: FloatArray
    turn_slope: FloatArray
    turn_rad: FloatArray
    radius_mm: FloatArray
    tilt: FloatArray
    per_mm: FloatArray
    points: int


def _place(outline: Outline, places_xy_mm: FloatArray) -> _Place:
    x, y = np.asarray(places_xy_mm, dtype=np.float64).T
    radius, turn = np.maximum(np.hypot(x, y), _LEAST_RADIUS_MM), np.mod(np.arctan2(-x, y), 2.0 * np.pi)
    radii, slopes = outline.radii_at(turn)
    region = (radii[1:-1] <= radius).sum(axis=0)
    each = np.arange(len(x))
    inner, wide = radii[region, each], radii[region + 1, each] - radii[region, each]
    share = (radius - inner) / wide
    row, by_share, share_slope, inside = _in_rows(_rows(outline.names), region, share)
    column, by_turn, turn_slope = _in_columns(turn)
    per_mm = inside / wide
    tilt = -(slopes[region, each] + share * (slopes[region + 1, each] - slopes[region, each])) * per_mm
    points = _rows(outline.names).count * len(grid_turn_rad())
    return _Place(row, by_share, share_slope, column, by_turn, turn_slope, turn, radius, tilt, per_mm, points)


def _matrix(at: _Place, weights: FloatArray) -> sparse.csr_array:
    from scipy import sparse

    index = (at.row[:, :, None] * len(grid_turn_rad()) + at.column[:, None, :]).astype(np.int32)
    starts = np.arange(0, index.size + 1, _STENCIL * _STENCIL, dtype=np.int32)
    return sparse.csr_array((weights.reshape(-1).astype(np.float32), index.reshape(-1), starts),
                            shape=(len(at.row), at.points))  # fmt: skip


def _in_rows(rows: _Rows, region: IntArray, share: FloatArray) -> tuple[IntArray, FloatArray, FloatArray, BoolArray]:
    """Return rows, weights and slopes of the weights, each (n, 4), which places (n,) are not beyond the last row."""
    index = np.zeros((len(share), _STENCIL), dtype=np.int64)
    weight, slope = np.zeros((2, len(share), _STENCIL))
    inside = np.ones(len(share), dtype=np.bool_)
    for number, (at, nodes) in enumerate(zip(rows.index, rows.share, strict=True)):
        mine = np.flatnonzero(region == number)
        count = min(_STENCIL, len(nodes))
        here = np.minimum(share[mine], nodes[-1])
        inside[mine] = share[mine] <= nodes[-1]
        first = np.clip(np.searchsorted(nodes, here, side="right") - count // 2, 0, len(nodes) - count)
        near = first[:, None] + np.arange(count)
        index[mine, :count] = at[near]
        weight[mine, :count], slope[mine, :count] = _lagrange(nodes[near], here)
    return index, weight, slope, inside


def _in_columns(turn: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    nodes = grid_turn_rad()
    count = len(nodes)
    first = np.searchsorted(nodes, turn, side="right") - _STENCIL // 2
    near = first[:, None] + np.arange(_STENCIL)
    place = nodes[near % count] + 2.0 * np.pi * (near // count)
    weight, slope = _lagrange(place, turn)
    return near % count, weight, slope


def _lagrange(nodes: FloatArray, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the Lagrange weights (n, m) of nodes (n, m) at places (n,), and their slopes."""
    count = nodes.shape[1]
    weight, slope = np.ones(nodes.shape), np.zeros(nodes.shape)
    for own in range(count):
        for other in range(count):
            if other == own:
                continue
            gap = nodes[:, own] - nodes[:, other]
            slope[:, own] = (slope[:, own] * (at - nodes[:, other]) + weight[:, own]) / gap
            weight[:, own] *= (at - nodes[:, other]) / gap
    return weight, slope
