"""Kernels of a cross-section: potential per mA for many lateral contact positions, many points and a standard z grid.

Arrays only, no files. By translation invariance one kernel serves every contact height; `interpolate_z` and
`lateral_weights` evaluate it between its nodes. A symmetric section needs sources at x >= 0 only: the caller reads a
source at -x from the source at +x with the points' `mirror_index`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scs_models.conductor.mesh import Resolution, make_mesh
from scs_models.conductor.section import CrossSection
from scs_models.conductor.solve import (
    check_contact,
    check_points,
    make_probe,
    spectral_range,
    spectrum,
    synthesise,
)
from scs_models.conductor.sources import make_system
from scs_models.conductor.transform import wavenumbers_per_mm
from scs_models.errors import InvalidValueError
from scs_models.values import Float32Array, FloatArray, IntArray, read_only

Z_END_MM = 150.0
Z_POINTS = 225
_Z_SCALE_MM = 15.0
_Z_STENCIL = 6
_X_STENCIL = 4
FLAT_NEAREST_MM = 1.0
KERNEL_RESOLUTION = Resolution(finest_rad=0.075, coarsest_rad=0.15, height_mm=0.95, growth=0.36, stretch=0.6)


def z_grid_mm() -> FloatArray:
    """Return the standard z grid (225,) in mm, 0 to 150, spacing 0.2 mm at 0 growing to 2 mm (a hyperbolic sine)."""
    s = np.linspace(0.0, np.arcsinh(Z_END_MM / _Z_SCALE_MM), Z_POINTS)
    grid = _Z_SCALE_MM * np.sinh(s)
    grid[-1] = Z_END_MM
    return read_only(grid)


def build(
    section: CrossSection,
    *,
    source_xy_mm: FloatArray,
    contact_length_mm: float,
    contact_radius_mm: float,
    points_xy_mm: FloatArray,
    z_mm: FloatArray,
    spread_xy_mm: FloatArray | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Float32Array:
    """Return the potential of every source at every point and z, for a +1 mA source at z = 0.

    source_xy_mm: (J, 2); points_xy_mm: (P, 2); z_mm: (Z,) >= 0 and increasing, see z_grid_mm. spread_xy_mm: (J, R, 2)
    points that share a flat source's current, instead of a ring of contact_radius_mm; what lies closer to it than
    FLAT_NEAREST_MM sees it blurred along z. progress(done, total) counts wavenumbers. Returns (J, P, Z) float32, mV per
    mA. Raises InvalidValueError. Pure: one process, one core.
    """
    source = check_points(section, "source_xy_mm", source_xy_mm)
    points = check_points(section, "points_xy_mm", points_xy_mm)
    z = check_contact(section, source, contact_length_mm, contact_radius_mm, z_mm)
    if len(z) and (z[0] < 0.0 or np.any(np.diff(z) <= 0.0)):
        raise InvalidValueError("z_mm must be increasing, from 0 or above")
    out = np.zeros((len(source), len(points), len(z)), dtype=np.float32)
    if out.size == 0:
        return out
    mesh = make_mesh(section, KERNEL_RESOLUTION, source)
    flat = spread_xy_mm is not None
    if spread_xy_mm is not None:
        check_points(section, "spread_xy_mm", spread_xy_mm.reshape(-1, 2))
    system = make_system(mesh, source, contact_radius_mm, spread_xy_mm)
    probe = make_probe(mesh, points)
    k0, k_max = spectral_range(system, probe, points, FLAT_NEAREST_MM if flat else 0.0)
    k = wavenumbers_per_mm(k_max, k0)
    spectra = spectrum(system, probe, k, progress)
    out[:] = synthesise(system, probe, points, spectra, k, k0, contact_length_mm, z)
    return out


def z_weights(z_grid: FloatArray, z_query_mm: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return grid indices and weights, each (..., 6), of six-point Lagrange interpolation at `z_query_mm` (...).

    z_grid: (Z,) increasing from 0; values are even in z, so points left of 0 are those right of it. Raises
    InvalidValueError beyond the grid.
    """
    grid = np.asarray(z_grid, dtype=np.float64)
    query = np.abs(np.asarray(z_query_mm, dtype=np.float64))
    if grid.ndim != 1 or len(grid) < _Z_STENCIL or grid[0] != 0.0:
        raise InvalidValueError(f"z_grid must be a list of {_Z_STENCIL} or more increasing values that starts at 0 mm")
    if not np.all(query <= grid[-1] * (1.0 + 1e-12)):
        raise InvalidValueError(f"z_query_mm holds {np.max(query):g} mm; it must lie within {grid[-1]:g} mm")
    left = np.searchsorted(grid, query, side="right") - _Z_STENCIL // 2
    left = np.minimum(left, len(grid) - _Z_STENCIL)
    index = left[..., None] + np.arange(_Z_STENCIL)
    place = np.sign(index + 0.5) * grid[np.abs(index)]
    return np.abs(index), _lagrange(place, query)


def interpolate_z(kernel: Float32Array | FloatArray, z_grid: FloatArray, z_query_mm: FloatArray) -> FloatArray:
    """Return the kernel (..., Z) at `z_query_mm`, even in z, by six-point interpolation (1e-5 on 1 mm second
    differences).

    z_query_mm: (Q,) or one number for all -> (..., Q); or (..., Q) with leading axes that broadcast against the
    kernel's. float64, mV per mA. Raises InvalidValueError beyond the grid.
    """
    query = np.asarray(z_query_mm, dtype=np.float64)
    index, weight = z_weights(z_grid, query)
    if query.ndim <= 1:
        total = np.zeros((*kernel.shape[:-1], *query.shape))
        for i in range(_Z_STENCIL):
            total += np.asarray(kernel[..., index[..., i]], dtype=np.float64) * weight[..., i]
        return total
    lead = np.broadcast_shapes(query.shape[:-1], kernel.shape[:-1])
    wide = np.broadcast_to(kernel, (*lead, kernel.shape[-1]))
    result = np.zeros((*lead, query.shape[-1]))
    for i in range(_Z_STENCIL):
        place = np.broadcast_to(index[..., i], result.shape)
        result += np.asarray(np.take_along_axis(wide, place, axis=-1), dtype=np.float64) * weight[..., i]
    return result


def lateral_weights(x_nodes_mm: FloatArray, x_query_mm: FloatArray | float) -> FloatArray:
    """Return the cubic (four-point) weights (..., J) of the sources at `x_nodes_mm` (J,) for a source at
    `x_query_mm` (...).

    Needs J >= 4 increasing nodes. Raises InvalidValueError outside the nodes (1e-9 mm are forgiven).
    """
    nodes = np.asarray(x_nodes_mm, dtype=np.float64)
    query = np.asarray(x_query_mm, dtype=np.float64)
    if nodes.ndim != 1 or len(nodes) < _X_STENCIL or np.any(np.diff(nodes) <= 0.0):
        raise InvalidValueError(f"x_nodes_mm must be a list of {_X_STENCIL} or more increasing values")
    if not np.all((query >= nodes[0] - 1e-9) & (query <= nodes[-1] + 1e-9)):
        raise InvalidValueError(f"x_query_mm is {query} mm; it must lie between {nodes[0]:g} and {nodes[-1]:g} mm")
    left = np.searchsorted(nodes, query, side="right") - _X_STENCIL // 2
    left = np.clip(left, 0, len(nodes) - _X_STENCIL)
    index = left[..., None] + np.arange(_X_STENCIL)
    weights = np.zeros((*query.shape, len(nodes)))
    np.put_along_axis(weights, index, _lagrange(nodes[index], query), axis=-1)
    return weights


def interpolate_lateral(
    kernel: Float32Array | FloatArray, x_nodes_mm: FloatArray, x_query_mm: FloatArray | float
) -> FloatArray:
    """Return the kernel (J, ...) for a source at `x_query_mm` between the lateral nodes (J,), cubic; float64."""
    return np.tensordot(lateral_weights(x_nodes_mm, x_query_mm), kernel, axes=(-1, 0))


def mirror_index(points_xy_mm: FloatArray) -> IntArray:
    """Return for each point (P, 2) the index of its mirror image in x; raise InvalidValueError where there is none.

    In a symmetric section the kernel of a source at -x is kernel[j][mirror_index(points)] of the source at +x.
    """
    points = np.asarray(points_xy_mm, dtype=np.float64)
    mirrored = points * np.array([-1.0, 1.0])
    here = np.lexsort(np.round(points, 9).T + 0.0)
    there = np.lexsort(np.round(mirrored, 9).T + 0.0)
    index = np.empty(len(points), dtype=np.int64)
    index[there] = here
    if len(points) and np.abs(points[index] - mirrored).max() > 1e-6:
        worst = points[int(np.abs(points[index] - mirrored).max(axis=1).argmax())]
        raise InvalidValueError(f"points_xy_mm holds ({worst[0]:g}, {worst[1]:g}) mm but not its mirror image")
    return index


def _lagrange(place: FloatArray, query: FloatArray) -> FloatArray:
    """Return the Lagrange weights (..., n) of nodes (..., n) at queries (...)."""
    count = place.shape[-1]
    away = query[..., None] - place
    weight = np.ones(place.shape)
    for i in range(count):
        for j in range(count):
            if i != j:
                weight[..., i] *= away[..., j] / (place[..., i] - place[..., j])
    return weight
