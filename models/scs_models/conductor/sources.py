"""Sources on the grid: which part of their field is closed form, and what the elements have to carry.

A source whose ring lies in one tissue is split off: in the elements of that tissue (the patch) the potential is the
closed primary field plus a remainder, elsewhere the whole potential is computed. Other sources are plain loads on the
nodes around their points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.conductor.elements import element_matrices
from scs_models.conductor.mesh import Mesh
from scs_models.conductor.primary import Primary
from scs_models.conductor.shape import shape_1d
from scs_models.values import BoolArray, FloatArray, IntArray, read_only

RING_POINTS = 32
BORDER_POINTS = 16
_EMPTY: FloatArray = read_only(np.zeros((0, 0, 0)))


@dataclass(frozen=True, slots=True, eq=False)
class Border:
    """The border of a patch: Gauss points, outward normals times length, and the nodes of each edge.

    xy, normal: (E, Q, 2) mm; basis: (E, Q, 4); row, column: (E, 4).
    """

    xy: FloatArray
    normal: FloatArray
    basis: FloatArray
    row: IntArray
    column: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class SourceGroup:
    """Sources that share a patch (`primary` given) or are plain loads (`primary` None).

    `primary`, `patch` and `border` belong together; without them `load`
    (rows, columns, S) stands.

    index: (S,) places in the caller's list; xy: (S, 2) mm; patch: (layers, sectors); on_border: (rows, columns) nodes.
    """

    index: IntArray
    xy: FloatArray
    primary: Primary | None
    patch: BoolArray
    border: Border | None
    on_border: BoolArray
    load: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """Everything that does not depend on k: mesh, element matrices, sources in groups."""

    mesh: Mesh
    stiffness: FloatArray
    mass: FloatArray
    node_xy: FloatArray
    groups: tuple[SourceGroup, ...]
    sources: int


def make_system(
    mesh: Mesh, source_xy_mm: FloatArray, contact_radius_mm: float, spread_xy_mm: FloatArray | None = None
) -> System:
    """Prepare the sources (J, 2) mm, rings of `contact_radius_mm`, on `mesh`; raise InvalidValueError outside the
    section.

    spread_xy_mm: (J, R, 2) points that share the current of each source evenly, instead of a ring: a flat contact,
    which may lie on an interface and is left to the elements altogether.
    """
    if spread_xy_mm is not None:
        return _spread_system(mesh, source_xy_mm, spread_xy_mm)
    matrices = element_matrices(mesh)
    node_xy = mesh.node_xy()
    ground = 2.2 * mesh.section.outer_radius_mm + contact_radius_mm
    rings = _ring_points(source_xy_mm, contact_radius_mm)
    layer, sector, basis = mesh.locate(rings.reshape(-1, 2))
    shape = rings.shape[:2]
    layer, sector, basis = layer.reshape(shape), sector.reshape(shape), basis.reshape(*shape, 16)
    sigma_t, sigma_z = mesh.sigma_t_s_per_m[layer, sector], mesh.sigma_z_s_per_m[layer, sector]
    alone = np.ptp(sigma_t, axis=1) + np.ptp(sigma_z, axis=1) == 0.0
    keys: dict[tuple[float, float] | None, list[int]] = {}
    for j in range(len(source_xy_mm)):
        pair = (float(sigma_t[j, 0]), float(sigma_z[j, 0])) if alone[j] else None
        keys.setdefault(pair, []).append(j)
    groups: list[SourceGroup] = []
    for pair, members in keys.items():
        index = np.array(members, dtype=np.int64)
        if pair is not None:
            patch = (mesh.sigma_t_s_per_m == pair[0]) & (mesh.sigma_z_s_per_m == pair[1])
            border, on_border = _border(mesh, patch)
            clear = _clear(source_xy_mm[index], node_xy, on_border, border, contact_radius_mm)
            near, index = index[~clear], index[clear]
            if len(index):
                primary = Primary(contact_radius_mm, pair[0], pair[1], ground)
                groups.append(SourceGroup(index, source_xy_mm[index], primary, patch, border, on_border, _EMPTY))
            index = near
        if len(index):
            load = _ring_load(mesh, layer[index], sector[index], basis[index])
            none = np.zeros((mesh.layers, mesh.sectors), dtype=np.bool_)
            nodes = np.zeros((mesh.rows, mesh.columns), dtype=np.bool_)
            groups.append(SourceGroup(index, source_xy_mm[index], None, none, None, nodes, load))
    return System(mesh, matrices.stiffness, matrices.mass, node_xy, tuple(groups), len(source_xy_mm))


def _spread_system(mesh: Mesh, source_xy_mm: FloatArray, spread_xy_mm: FloatArray) -> System:
    matrices = element_matrices(mesh)
    count = len(source_xy_mm)
    layer, sector, basis = mesh.locate(spread_xy_mm.reshape(-1, 2))
    shape = spread_xy_mm.shape[:2]
    group = SourceGroup(
        index=np.arange(count, dtype=np.int64),
        xy=source_xy_mm,
        primary=None,
        patch=np.zeros((mesh.layers, mesh.sectors), dtype=np.bool_),
        border=None,
        on_border=np.zeros((mesh.rows, mesh.columns), dtype=np.bool_),
        load=_ring_load(mesh, layer.reshape(shape), sector.reshape(shape), basis.reshape(*shape, 16)),
    )
    return System(mesh, matrices.stiffness, matrices.mass, mesh.node_xy(), (group,), count)


def border_lift(system: System, group: SourceGroup, k_per_mm: float) -> FloatArray:
    """Return the primary field (rows, columns, S) on the nodes of the patch's border, zero elsewhere."""
    lift = np.zeros((*group.on_border.shape, len(group.xy)))
    if group.primary is not None:
        away = system.node_xy[group.on_border][:, None, :] - group.xy[None]
        lift[group.on_border] = group.primary.at_k(k_per_mm, np.sqrt((away**2).sum(axis=-1)))[0]
    return lift


def _ring_points(source_xy_mm: FloatArray, radius_mm: float) -> FloatArray:
    """Return (J, R, 2) points on the circumference of every source."""
    if radius_mm == 0.0:
        return source_xy_mm[:, None, :].copy()
    turn = (np.arange(RING_POINTS) + 0.5) * 2.0 * np.pi / RING_POINTS
    return source_xy_mm[:, None, :] + radius_mm * np.stack([np.cos(turn), np.sin(turn)], axis=-1)[None]


def _ring_load(mesh: Mesh, layer: IntArray, sector: IntArray, basis: FloatArray) -> FloatArray:
    """Return the nodal load (rows, columns, S) of rings given by their points' elements (S, R) and basis (S, R, 16)."""
    row, column = mesh.element_nodes(layer, sector)
    load = np.zeros((mesh.rows, mesh.columns, len(layer)))
    each = np.broadcast_to(np.arange(len(layer))[:, None, None], row.shape)
    np.add.at(load, (row, column, each), basis / layer.shape[1])
    return load


def _clear(
    source_xy_mm: FloatArray, node_xy: FloatArray, on_border: BoolArray, border: Border | None, radius_mm: float
) -> BoolArray:
    """Return which sources lie far enough from the border for its quadrature."""
    if border is None or border.xy.shape[0] == 0:
        return np.ones(len(source_xy_mm), dtype=np.bool_)
    edge = border.xy.reshape(-1, 2)
    length = np.sqrt((border.normal**2).sum(axis=-1)).sum(axis=1).repeat(border.xy.shape[1])
    distance = np.hypot(*np.moveaxis(edge[None] - source_xy_mm[:, None], -1, 0))
    return np.asarray((distance > 0.3 * length).all(axis=1) & (distance.min(axis=1) > radius_mm))


def _border(mesh: Mesh, patch: BoolArray) -> tuple[Border, BoolArray]:
    """Return the border of `patch` with outward normals, and its nodes; the grounded circle counts as border."""
    point, weight = np.polynomial.legendre.leggauss(BORDER_POINTS)
    point, weight = 0.5 * (point + 1.0), 0.5 * weight
    shape, _ = shape_1d(point)
    width = np.diff(mesh.breaks_rad)
    nodes = np.zeros((mesh.rows, mesh.columns), dtype=np.bool_)
    xy, normal, rows, columns = [], [], [], []
    step = np.arange(4)
    # arcs between layers
    padded = np.concatenate([patch[:1], patch, np.zeros((1, mesh.sectors), dtype=np.bool_)])
    for bound, sector in zip(*np.nonzero(padded[1:] != padded[:-1]), strict=True):
        outward = 1.0 if padded[bound, sector] else -1.0
        theta = mesh.breaks_rad[sector] + width[sector] * point
        radius, slope = (array[bound] for array in mesh.boundary_radii(theta))
        cos, sin = np.cos(theta), np.sin(theta)
        xy.append(np.stack([radius * cos, radius * sin], axis=-1))
        across = np.stack([radius * cos + slope * sin, radius * sin - slope * cos], axis=-1)
        normal.append(outward * across * (weight * width[sector])[:, None])
        rows.append(np.full(4, 3 * bound))
        columns.append(np.mod(3 * sector + step, mesh.columns))
    # radial lines between sectors
    for layer, sector in zip(*np.nonzero(patch != np.roll(patch, 1, axis=1)), strict=True):
        outward = 1.0 if patch[layer, sector - 1] else -1.0
        theta = np.array([mesh.breaks_rad[sector]])
        bound = mesh.boundary_radii(theta)[0][:, 0]
        low, high = bound[layer], bound[layer + 1]
        radius = low + (high - low) * point
        xy.append(np.stack([radius * np.cos(theta), radius * np.sin(theta)], axis=-1))
        across = np.array([-np.sin(theta[0]), np.cos(theta[0])])
        normal.append(outward * across[None, :] * (weight * (high - low))[:, None])
        rows.append(3 * layer + step)
        columns.append(np.full(4, 3 * sector))
    count = len(xy)
    border = Border(
        np.array(xy).reshape(count, BORDER_POINTS, 2),
        np.array(normal).reshape(count, BORDER_POINTS, 2),
        np.broadcast_to(shape, (count, BORDER_POINTS, 4)),
        np.array(rows, dtype=np.int64).reshape(count, 4),
        np.array(columns, dtype=np.int64).reshape(count, 4),
    )
    nodes[border.row, border.column] = True
    if nodes[0].any():
        nodes[0] = True
    return border, nodes
