"""Solutions phi_k of one cross-section for many sources, and the public potential along z.

The remainder of a source (see sources.py) is driven through its patch's border alone: a jump of the potential and of
the flux by the closed primary field. No element ever sees the singularity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scs_models.conductor.dissection import factorise, product
from scs_models.conductor.mesh import Mesh, Resolution, make_mesh
from scs_models.conductor.section import CrossSection
from scs_models.conductor.sources import System, border_lift, make_system
from scs_models.conductor.transform import K0_PER_MM, cosine_matrix, wavenumbers_per_mm
from scs_models.errors import InvalidValueError
from scs_models.values import BoolArray, FloatArray, IntArray, require_between

MV_PER_V = 1000.0
# Nodes near k = 0 in units of the slowest decay towards the ground; decay lengths after which nothing is left.
GROUND_SHARE, GONE = 1.25, 45.0
_DECAY = 16.0
_K_MAX_PER_MM = (4.0, 60.0)
PUBLIC_RESOLUTION = Resolution(finest_rad=0.06, coarsest_rad=0.14, height_mm=0.8, growth=0.36, stretch=0.7)


def solve_k(system: System, k_per_mm: float) -> list[FloatArray]:
    """Return per group the nodal potential (rows, columns, S) in V mm per mA: whole outside the patch and on its
    border, remainder inside it."""
    mesh = system.mesh
    elements = system.stiffness + (k_per_mm * k_per_mm) * system.mass
    factor = factorise(mesh, elements)
    solutions = []
    for group in system.groups:
        if group.primary is None or group.border is None:
            solutions.append(factor.solve(group.load))
            continue
        lift = border_lift(system, group, k_per_mm)
        load = _patch_product(mesh, group.patch, elements, lift)
        away = group.border.xy[:, :, None, :] - group.xy[None, None]
        distance = np.sqrt((away**2).sum(axis=-1))
        _, slope = group.primary.at_k(k_per_mm, distance)
        flux = (
            group.primary.sigma_t_s_per_m * slope * (away * group.border.normal[:, :, None, :]).sum(axis=-1) / distance
        )
        edge = np.einsum("eqb,eqs->ebs", group.border.basis, flux)
        np.subtract.at(load, (group.border.row, group.border.column), edge)
        # where the patch reaches the ground, the border value is zero and the remainder is minus the primary field
        outer = np.zeros((mesh.columns, len(group.xy)))
        solutions.append(factor.solve(load, outer))
    return solutions


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
    """Return values (J, P) at the probe's points: remainder for points in the source's patch, whole potential
    elsewhere.
    """
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
    return np.asarray(MV_PER_V * out, dtype=np.float64)


def spectral_range(
    system: System, probe: Probe, points_xy_mm: FloatArray, least_mm: float = 0.0
) -> tuple[float, float]:
    """Return (k0, k_max) in 1/mm that resolve the ground far away and the nearest point (`least_mm` away or more)."""
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
    k_max = float(np.clip(_DECAY / max(nearest, least_mm, 1e-9), *_K_MAX_PER_MM))
    k0 = min(K0_PER_MM, GROUND_SHARE * ground_wavenumber_per_mm(system))
    return k0, max(k_max, 20.0 * k0)


def ground_wavenumber_per_mm(system: System) -> float:
    """Return the k of the slowest decay exp(-k z) along the grounded section: root of the lowest eigenvalue of K u
    = k^2 M u.

    phi_k is analytic in k up to i times this value; five steps of inverse iteration give it to a per cent.
    """
    mesh = system.mesh
    factor = factorise(mesh, system.stiffness)
    nodal = np.ones((mesh.rows, mesh.columns, 1))
    nodal[-1] = 0.0
    square = 1.0
    for _ in range(5):
        load = product(mesh, system.mass, nodal)
        solved = factor.solve(load)
        flat, again = load[:-1].ravel(), solved[:-1].ravel()
        square = float(flat @ nodal[:-1].ravel() / (flat @ again))
        nodal = solved / np.abs(solved).max()
    return float(np.sqrt(square))


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

    source_xy_mm: (2,) centre of the contact, which lies at z = 0 along z. contact_length_mm: 0 (ring or point) to
    50 mm; contact_radius_mm: 0 (line or point) to 5 mm. points_xy_mm: (P, 2) or (2,) within the outer radius. z_mm:
    (Z,) or one number, any finite values. Returns (P, Z) float64, mV per mA. Raises InvalidValueError. Current is
    uniform on the contact.
    """
    source = check_points(section, "source_xy_mm", np.reshape(np.asarray(source_xy_mm, dtype=np.float64), (-1, 2)))
    if len(source) != 1:
        raise InvalidValueError(f"source_xy_mm holds {len(source)} positions; it must hold one (x, y)")
    points = check_points(section, "points_xy_mm", np.atleast_2d(np.asarray(points_xy_mm, dtype=np.float64)))
    z = check_contact(section, source, contact_length_mm, contact_radius_mm, z_mm)
    if len(points) == 0 or len(z) == 0:
        return np.zeros((len(points), len(z)))
    on_source = contact_radius_mm == 0.0 and bool(np.any(np.hypot(*(points - source).T) < 1e-6))
    if on_source and np.abs(z).min() <= 0.5 * contact_length_mm:
        raise InvalidValueError("points_xy_mm holds a point on the source itself, where the potential is infinite")
    mesh = make_mesh(section, PUBLIC_RESOLUTION, source, near=True)
    system = make_system(mesh, source, contact_radius_mm)
    probe = make_probe(mesh, points)
    k0, k_max = spectral_range(system, probe, points)
    k = wavenumbers_per_mm(k_max, k0)
    unique, inverse = np.unique(np.abs(z), return_inverse=True)
    beyond = unique > GONE * GROUND_SHARE / k0
    out = np.zeros((len(points), len(unique)))
    spectra = spectrum(system, probe, k)
    out[:, ~beyond] = synthesise(system, probe, points, spectra, k, k0, contact_length_mm, unique[~beyond])[0]
    return out[:, inverse]


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
