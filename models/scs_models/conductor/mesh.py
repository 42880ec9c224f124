"""The body-fitted polar grid: angular sectors times radial layers that follow every interface of a cross-section.

Node rows are numbered from the centre outwards (row 0 is the centre, one unknown), node columns counter-clockwise; each
element has 4 x 4 nodes, three new ones per direction. Within a layer the radius is linear between its two boundary
curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scs_models.conductor.section import CrossSection
from scs_models.conductor.shape import NODES, shape_1d
from scs_models.values import FloatArray, IntArray, read_only

DORSAL_RAD = 0.5 * np.pi
# Radial elements near a source, as shares of the common height: smallest, and growth per mm of distance.
NEAREST, NEAR_GROWTH = 0.35, 0.35


@dataclass(frozen=True, slots=True)
class Resolution:
    """How fine a grid is: angular widths (rad), radial element heights (mm), fewest layers in an inner region."""

    finest_rad: float = 0.052
    coarsest_rad: float = 0.115
    height_mm: float = 0.95
    growth: float = 0.34
    least_layers: int = 2
    stretch: float = 0.6

    def refined(self, factor: float) -> Resolution:
        """Return the resolution with every element `factor` times smaller."""
        return Resolution(
            self.finest_rad / factor,
            self.coarsest_rad / factor,
            self.height_mm / factor,
            self.growth / factor,
            int(np.ceil(self.least_layers * factor)),
            self.stretch,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A polar grid of one cross-section.

    breaks_rad: (sectors + 1,) angles from the dorsal midline, one full turn. layer_region, layer_to: (layers,)
    region and the fraction of it where the layer ends. sigma_*: (layers, sectors) S/m.
    """

    section: CrossSection
    breaks_rad: FloatArray
    layer_region: IntArray
    layer_to: FloatArray
    sigma_t_s_per_m: FloatArray
    sigma_z_s_per_m: FloatArray

    @property
    def sectors(self) -> int:
        return len(self.breaks_rad) - 1

    @property
    def layers(self) -> int:
        return len(self.layer_region)

    @property
    def rows(self) -> int:
        """Number of node rows, centre and outer boundary included."""
        return 3 * self.layers + 1

    @property
    def columns(self) -> int:
        """Number of node columns (periodic)."""
        return 3 * self.sectors

    @property
    def unknowns(self) -> int:
        return 1 + (self.rows - 2) * self.columns

    def boundary_radii(self, theta_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return radius (mm) and its angular slope (mm per rad) of all layer boundaries, each (layers + 1,
        *theta.shape).
        """
        curve, slope = self.section.region_radii(theta_rad)
        inner, outer = curve[self.layer_region], curve[self.layer_region + 1]
        inner_slope, outer_slope = slope[self.layer_region], slope[self.layer_region + 1]
        shape = (-1,) + (1,) * np.ndim(theta_rad)
        fraction = self.layer_to.reshape(shape)
        radius = np.concatenate([curve[:1], inner + (outer - inner) * fraction])
        radius_slope = np.concatenate([slope[:1], inner_slope + (outer_slope - inner_slope) * fraction])
        return radius, radius_slope

    def column_angles(self) -> FloatArray:
        """Return the angle (rad) of every node column, (columns,)."""
        width = np.diff(self.breaks_rad)
        return (self.breaks_rad[:-1, None] + width[:, None] * NODES[None, :3]).ravel()

    def node_xy(self) -> FloatArray:
        """Return all node positions in mm, (rows, columns, 2)."""
        theta = self.column_angles()
        bound, _ = self.boundary_radii(theta)
        rows = bound[:-1, None, :] + np.diff(bound, axis=0)[:, None, :] * NODES[None, :3, None]
        radius = np.concatenate([rows.reshape(-1, len(theta)), bound[-1:]])
        return np.stack([radius * np.cos(theta), radius * np.sin(theta)], axis=-1)

    def locate(self, points_xy_mm: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
        """Return layer (P,), sector (P,) and the 16 basis values (P, 16) at points (P, 2)."""
        theta, radius = polar(points_xy_mm)
        theta = self.breaks_rad[0] + np.mod(theta - self.breaks_rad[0], 2.0 * np.pi)
        sector = np.clip(np.searchsorted(self.breaks_rad, theta, side="right") - 1, 0, self.sectors - 1)
        eta = (theta - self.breaks_rad[sector]) / np.diff(self.breaks_rad)[sector]
        bound, _ = self.boundary_radii(theta)
        layer = np.clip((bound[1:-1] <= radius).sum(axis=0), 0, self.layers - 1)
        each = np.arange(len(theta))
        inner, outer = bound[layer, each], bound[layer + 1, each]
        xi = np.clip((radius - inner) / (outer - inner), 0.0, 1.0)
        radial, _ = shape_1d(xi)
        angular, _ = shape_1d(np.clip(eta, 0.0, 1.0))
        basis = np.einsum("pa,pb->pab", radial, angular).reshape(-1, 16)
        return layer.astype(np.int64), sector.astype(np.int64), basis

    def element_nodes(self, layer: IntArray, sector: IntArray) -> tuple[IntArray, IntArray]:
        """Return rows and columns, each (..., 16), of the nodes of elements given by layer (...) and sector (...)."""
        offset = np.arange(4)
        row = 3 * np.asarray(layer)[..., None, None] + offset[:, None]
        column = np.mod(3 * np.asarray(sector)[..., None, None] + offset[None, :], self.columns)
        row, column = np.broadcast_arrays(row, column)
        shape = (*np.shape(layer), 16)
        return row.reshape(shape), column.reshape(shape)


def polar(points_xy_mm: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return angle (rad) and radius (mm) of points (P, 2)."""
    x, y = points_xy_mm[..., 0], points_xy_mm[..., 1]
    return np.arctan2(y, x), np.hypot(x, y)


def make_mesh(
    section: CrossSection, resolution: Resolution, focus_xy_mm: FloatArray | None = None, *, near: bool = False
) -> Mesh:
    """Return the grid of `section`; angular elements are finest around the points `focus_xy_mm` (F, 2), default dorsal.

    near: refine radially towards the first focus as well. Sector bounds of the section are grid lines, and so is
    the dorsal midline, so that a mirrored section has a mirrored grid.
    """
    focus = np.array([[0.0, 1.0]]) if focus_xy_mm is None else np.asarray(focus_xy_mm, dtype=np.float64)
    angle, radius = polar(focus)
    breaks = _angular_breaks(section, resolution, angle)
    region, stop = _radial_layers(section, resolution, (float(angle[0]), float(radius[0])) if near else None)
    middle = 0.5 * (breaks[:-1] + breaks[1:])
    sigma_t, sigma_z = section.region_sigma(middle)
    return Mesh(
        section=section,
        breaks_rad=read_only(breaks),
        layer_region=read_only(region),
        layer_to=read_only(stop),
        sigma_t_s_per_m=read_only(sigma_t[region]),
        sigma_z_s_per_m=read_only(sigma_z[region]),
    )


def _angular_breaks(section: CrossSection, resolution: Resolution, focus_rad: FloatArray) -> FloatArray:
    """Return grid angles over one turn from the dorsal midline; width grows with distance from the nearest focus."""

    def density(theta: FloatArray) -> FloatArray:
        away = np.abs(np.mod(theta[:, None] - focus_rad[None, :] + np.pi, 2.0 * np.pi) - np.pi).min(axis=1)
        width = (
            resolution.finest_rad
            + (resolution.coarsest_rad - resolution.finest_rad) * np.clip(away / 1.6, 0.0, 1.0) ** 2
        )
        return np.asarray(1.0 / width, dtype=np.float64)

    fixed = np.mod(np.array([DORSAL_RAD, *section.sector_bounds_rad()]) - DORSAL_RAD, 2.0 * np.pi)
    fixed = np.unique(np.round(np.append(fixed, [0.0, np.pi]), 12)) + DORSAL_RAD
    fixed = np.append(fixed, DORSAL_RAD + 2.0 * np.pi)
    pieces = []
    for low, high in pairwise(fixed):
        dense = np.linspace(low, high, 2001)
        rate = density(dense)
        total = np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]) * np.diff(dense))])
        count = max(1, int(np.ceil(total[-1] - 1e-6)))
        pieces.append(np.interp(np.linspace(0.0, total[-1], count, endpoint=False), total, dense))
    return np.append(np.concatenate(pieces), DORSAL_RAD + 2.0 * np.pi)


def _radial_layers(
    section: CrossSection, resolution: Resolution, near: tuple[float, float] | None
) -> tuple[IntArray, FloatArray]:
    """Return region and outer fraction of each layer; far regions are graded geometrically.

    near: angle and radius of a point towards which layers become thinner.
    """
    curve, _ = section.region_radii(np.linspace(-np.pi, np.pi, 181)[:-1])
    typical = np.median(curve, axis=1) if near is None else section.region_radii(np.array(near[:1]))[0][:, 0]
    region: list[int] = []
    stop: list[float] = []
    for index in range(len(curve) - 1):
        inner, outer = float(typical[index]), float(typical[index + 1])
        widest = float((curve[index + 1] - curve[index]).max())
        # a medium stretched along z carries radial waves that decay faster: exp(-k r sqrt(sigma_z / sigma_t))
        tissue = section.curves[index]
        stretch = max(float(np.sqrt(tissue.sigma_z_s_per_m / tissue.sigma_t_s_per_m)), 1.0)
        wide = min(max(widest / (outer - inner), 1.0), 1.5)
        least = resolution.height_mm / min(stretch**resolution.stretch, 4.0)
        edges = [inner]
        while edges[-1] < outer - 1e-9:
            at = edges[-1]
            height = max(least, resolution.growth * (at - 5.0)) / wide
            if near is not None:
                # the distance at the middle of the coming element, which must not be large against the element
                height = min(
                    height, max(NEAREST, NEAR_GROWTH * abs(at + 0.5 * height - near[1])) * resolution.height_mm
                )
            edges.append(at + height)
        if len(edges) - 1 < resolution.least_layers:
            fraction = np.linspace(0.0, 1.0, resolution.least_layers + 1)
        else:
            fraction = (np.array(edges) - inner) / (edges[-1] - inner)
        region += [index] * (len(fraction) - 1)
        stop += list(fraction[1:])
    return np.array(region, dtype=np.int64), np.array(stop)
