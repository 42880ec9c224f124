"""Solutions phi_k of one cross-section for many sources, and the public potential along z.

A source whose ring lies in one tissue is split off: in the elements of that tissue (the patch) the potential is the closed
primary field plus a remainder, elsewhere the whole potential is computed. The remainder is driven through the patch's border
alone, so no element ever sees the singularity. Other sources are loads on the nodes around their points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scs_models.conductor.dissection import factorise
from scs_models.conductor.elements import element_matrices
from scs_models.conductor.mesh import Mesh, Resolution, make_mesh, polar
from scs_models.conductor.primary import Primary
from scs_models.conductor.section import CrossSection
from scs_models.conductor.shape import NODES, shape_1d
from scs_models.conductor.transform import K0_PER_MM, cosine_matrix, wavenumbers_per_mm
from scs_models.errors import InvalidValueError
from scs_models.values import BoolArray, FloatArray, IntArray, require_between

RING_POINTS = 32
BORDER_POINTS = 10
MV_PER_V = 1000.0
_DECAY = 16.0
_K_MAX_PER_MM = (4.0, 60.0)
PUBLIC_RESOLUTION = Resolution()


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

    index: (S,) places in the caller's list; xy: (S, 2) mm; patch: (layers, sectors); on_border: (rows, columns) nodes.
    """

    index: IntArray
    xy: FloatArray
    primary: Primary | None
    patch: BoolArray
    border: Border | None
    on_border: BoolArray
    load: FloatArray | None


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """Everything that does not depend on k: mesh, element matrices, sources in groups."""

    mesh: Mesh
    stiffness: FloatArray
    mass: FloatArray
    node_xy: FloatArray
    groups: tuple[SourceGroup, ...]
    sources: int


def make_system(mesh: Mesh, source_xy_mm: FloatArray, contact_radius_mm: float) -> System:
    """Prepare the sources (J, 2) mm, rings of `contact_radius_mm`, on `mesh`; raise InvalidValueError outside the section."""
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
                groups.append(SourceGroup(index, source_xy_mm[index], primary, patch, border, on_border, None))
            index = near
        if len(index):
            load = _ring_load(mesh, layer[index], sector[index], basis[index])
            none = np.zeros((mesh.layers, mesh.sectors), dtype=np.bool_)
            nodes = np.zeros((mesh.rows, mesh.columns), dtype=np.bool_)
            groups.append(SourceGroup(index, source_xy_mm[index], None, none, None, nodes, load))
    return System(mesh, matrices.stiffness, matrices.mass, node_xy, tuple(groups), len(source_xy_mm))


def solve_k(system: System, k_per_mm: float) -> list[FloatArray]:
    """Return per group the nodal potential (rows, columns, S) in V mm per mA: whole outside the patch and on its border,
    remainder inside it."""
    mesh = system.mesh
    elements = system.stiffness + (k_per_mm * k_per_mm) * system.mass
    factor = factorise(mesh, elements)
    solutions = []
    for group in system.groups:
        if group.primary is None or group.border is None:
            assert group.load is not None
            solutions.append(factor.solve(group.load))
            continue
        lift = border_lift(system, group, k_per_mm)
        load = _patch_product(mesh, group.patch, elements, lift)
        away = group.border.xy[:, :, None, :] - group.xy[None, None]
        distance = np.sqrt((away**2).sum(axis=-1))
        _, slope = group.primary.at_k(k_per_mm, distance)
        flux = group.primary.sigma_t_s_per_m * slope * (away * group.border.normal[:, :, None, :]).sum(axis=-1) / distance
        edge = np.einsum("eqb,eqs->ebs", group.border.basis, flux)
        np.subtract.at(load, (group.border.row, group.border.column), edge)
        # where the patch reaches the ground, the border value is zero and the remainder is minus the primary field
        outer = np.zeros((mesh.columns, len(group.xy)))
        solutions.append(factor.solve(load, outer))
    return solutions


def border_lift(system: System, group: SourceGroup, k_per_mm: float) -> FloatArray:
    """Return the primary field (rows, columns, S) on the nodes of the patch's border, zero elsewhere."""
    lift = np.zeros((*group.on_border.shape, len(group.xy)))
    if group.primary is not None:
        away = system.node_xy[group.on_border][:, None, :] - group.xy[None]
        lift[group.on_border] = group.primary.at_k(k_per_mm, np.sqrt((away**2).sum(axis=-1)))[0]
    return lift


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """Interpolation of nodal values to points: rows, columns, basis, each (P, 16), and the element of each point."""

    row: IntArray
    column: IntArray
    basis: FloatArray
    layer: IntArray
    sector: IntArray


def make_probe(mesh: Mesh, points_xy_mm: FloatArray) -> Probe:
    """Return the interpolation to points (P, 2) mm; raise InvalidValueError for points outside the section."""
    layer, sector, basis = mesh.locate(points_xy_mm)
    row, column = mesh.element_nodes(layer, sector)
    column = np.where(row == 0, 0, column)
    return Probe(row, column, basis, layer, sector)


def probe_k(system: System, probe: Probe, solutions: list[FloatArray], k_per_mm: float) -> FloatArray:
    """Return values (J, P) at the probe's points: remainder for points in the source's patch, whole potential elsewhere."""
    out = np.empty((system.sources, len(probe.layer)))
    for group, nodal in zip(system.groups, solutions, strict=True):
        values = np.einsum("pn,pns->sp", probe.basis, nodal[probe.row, probe.column])
        inside = group.patch[probe.layer, probe.sector]
        if group.primary is not None and inside.any():
            lift = border_lift(system, group, k_per_mm)
            row, column = probe.row[inside], probe.column[inside]
            values[:, inside] -= np.einsum("pn,pns->sp", probe.basis[inside], lift[row, column])
        out[group.index] = values
    return out


def spectrum(
    system: System, probe: Probe, k_per_mm: FloatArray, progress: Callable[[int, int], None] | None = None
) -> FloatArray:
    """Return phi_k at the points for all wavenumbers, (K, J, P) in V mm per mA."""
    out = np.empty((len(k_per_mm), system.sources, len(probe.layer)))
    for index, k in enumerate(k_per_mm):
        out[index] = probe_k(system, probe, solve_k(system, float(k)), float(k))
        if progress is not None:
            progress(index + 1, len(k_per_mm))
    return out


def synthesise(
    system: System,
    probe: Probe,
    points_xy_mm: FloatArray,
    spectra: FloatArray,
    k_per_mm: FloatArray,
    k0_per_mm: float,
    contact_length_mm: float,
    z_mm: FloatArray,
) -> FloatArray:
    """Return the potential (J, P, Z) in mV per mA from the spectra (K, J, P)."""
    matrix = cosine_matrix(k_per_mm, z_mm, contact_length_mm, k0_per_mm)
    out = np.einsum("zk,kjp->jpz", matrix, spectra, optimize=True)
    for group in system.groups:
        inside = group.patch[probe.layer, probe.sector]
        if group.primary is not None and inside.any():
            for j, xy in zip(group.index, group.xy, strict=True):
                distance = np.hypot(*(points_xy_mm[inside] - xy).T)
                out[j, inside] += group.primary.along_z(distance, contact_length_mm, z_mm)
    return MV_PER_V * out


def spectral_range(system: System, probe: Probe, points_xy_mm: FloatArray) -> tuple[float, float]:
    """Return (k0, k_max) in 1/mm that resolve the ground far away and the nearest point."""
    mesh = system.mesh
    nearest = np.inf
    radius = 0.0
    for group in system.groups:
        inside = group.patch[probe.layer, probe.sector]
        for xy in group.xy:
            radius = group.primary.radius_mm if group.primary is not None else radius
            if not inside.all():
                nearest = min(nearest, float(np.hypot(*(points_xy_mm[~inside] - xy).T).min()) - radius)
            if inside.any() and group.on_border.any():
                nodes = system.node_xy[group.on_border][None]
                there = np.hypot(*np.moveaxis(nodes - points_xy_mm[inside][:, None], -1, 0))
                back = np.hypot(*np.moveaxis(nodes - xy, -1, 0))
                nearest = min(nearest, float((there + back).min()) - radius)
    k_max = float(np.clip(_DECAY / max(nearest, 1e-9), *_K_MAX_PER_MM))
    stretch = float(np.sqrt((mesh.sigma_z_s_per_m / mesh.sigma_t_s_per_m)[-1].max()))
    k0 = K0_PER_MM * min(1.0, 60.0 / mesh.section.outer_radius_mm) / max(stretch, 1.0)
    return k0, max(k_max, 20.0 * k0)


def check_points(section: CrossSection, name: str, points_xy_mm: FloatArray, margin_mm: float = 0.0) -> FloatArray:
    """Return points as (P, 2) float64; raise InvalidValueError unless finite and inside the outer radius."""
    points = np.asarray(points_xy_mm, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise InvalidValueError(f"{name} has shape {points.shape}; it must be (points, 2)")
    if not np.isfinite(points).all():
        raise InvalidValueError(f"{name} holds a number that is not finite")
    radius = np.hypot(points[:, 0], points[:, 1])
    limit = section.outer_radius_mm - margin_mm
    if len(radius) and radius.max() > limit * (1.0 + 1e-12):
        worst = points[int(radius.argmax())]
        raise InvalidValueError(
            f"{name} holds ({worst[0]:g}, {worst[1]:g}) mm, {radius.max():g} mm from the cord centre; "
            f"it must lie within {limit:g} mm"
        )
    return points


def potential_mv_per_ma(
    section: CrossSection,
    source_xy_mm: FloatArray | tuple[float, float],
    contact_length_mm: float,
    points_xy_mm: FloatArray,
    z_mm: FloatArray,
    contact_radius_mm: float = 0.65,
) -> FloatArray:
    """Return the potential of one contact with a +1 mA source, at every point and every z.

    source_xy_mm: (2,) centre of the contact, which lies at z = 0 along z. contact_length_mm: 0 (ring or point) to 50 mm;
    contact_radius_mm: 0 (line or point) to 5 mm. points_xy_mm: (P, 2) or (2,) within the outer radius. z_mm: (Z,) or one
    number, any finite values. Returns (P, Z) float64, mV per mA. Raises InvalidValueError. Current is uniform on the contact.
    """
    source = check_points(section, "source_xy_mm", np.reshape(np.asarray(source_xy_mm, dtype=np.float64), (-1, 2)))
    if len(source) != 1:
        raise InvalidValueError(f"source_xy_mm holds {len(source)} positions; it must hold one (x, y)")
    points = check_points(section, "points_xy_mm", np.atleast_2d(np.asarray(points_xy_mm, dtype=np.float64)))
    z = check_contact(section, source, contact_length_mm, contact_radius_mm, z_mm)
    if len(points) == 0 or len(z) == 0:
        return np.zeros((len(points), len(z)))
    mesh = make_mesh(section, PUBLIC_RESOLUTION, polar(source)[0])
    system = make_system(mesh, source, contact_radius_mm)
    probe = make_probe(mesh, points)
    k0, k_max = spectral_range(system, probe, points)
    k = wavenumbers_per_mm(k_max, k0)
    unique, inverse = np.unique(np.abs(z), return_inverse=True)
    beyond = unique > z_limit_mm(section)
    out = np.zeros((len(points), len(unique)))
    spectra = spectrum(system, probe, k)
    out[:, ~beyond] = synthesise(system, probe, points, spectra, k, k0, contact_length_mm, unique[~beyond])[0]
    if not np.isfinite(out).all():
        raise InvalidValueError("points_xy_mm holds a point on the source itself, where the potential is infinite")
    return out[:, inverse]


def z_limit_mm(section: CrossSection) -> float:
    """Return the |z| beyond which the grounded section holds no potential (below 1e-15 of its peak)."""
    stretch = max(c.sigma_z_s_per_m / c.sigma_t_s_per_m for c in section.curves) ** 0.5
    return 16.0 * section.outer_radius_mm * max(1.0, stretch)


def check_contact(
    section: CrossSection, source: FloatArray, contact_length_mm: float, contact_radius_mm: float, z_mm: FloatArray
) -> FloatArray:
    """Return z as (Z,) float64 after checking contact and z; raise InvalidValueError."""
    require_between("contact_length_mm", contact_length_mm, 0.0, 50.0, "mm")
    require_between("contact_radius_mm", contact_radius_mm, 0.0, 5.0, "mm")
    check_points(section, "source_xy_mm", source, contact_radius_mm + 1e-3)
    z = np.atleast_1d(np.asarray(z_mm, dtype=np.float64))
    if z.ndim != 1 or not np.isfinite(z).all():
        raise InvalidValueError("z_mm must be a list of finite numbers, in mm")
    return z


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
    return np.asarray((distance > 0.2 * length).all(axis=1) & (distance.min(axis=1) > radius_mm))


def _patch_product(mesh: Mesh, patch: BoolArray, elements: FloatArray, nodal: FloatArray) -> FloatArray:
    """Return the product of the patch's assembled matrix with a nodal array that vanishes off the border."""
    out = np.zeros_like(nodal)
    layer, sector = np.nonzero(patch)
    row, column = mesh.element_nodes(layer, sector)
    used = np.abs(nodal[row, column]).max(axis=(1, 2), initial=0.0) > 0.0
    row, column = row[used], column[used]
    local = np.matmul(elements[layer[used], sector[used]], nodal[row, column])
    np.add.at(out, (row, column), local)
    return out


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


__all__ = ["NODES", "System", "make_system", "potential_mv_per_ma", "spectrum", "synthesise"]
