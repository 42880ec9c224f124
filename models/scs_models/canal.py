"""Canal kernels: the potential of one contact, at any lateral position, at the sites where fibres run in one section.

The sites are the dorsal-column grid (lateral fraction x depth), the dorsal and the ventral root path of both sides,
and the track of the leads (for impedances). One kernel serves every height, because the section is extruded. It is
stored as coefficients of a cubic spline in z on a graded grid, even in z; lateral positions are interpolated by cubic
Lagrange polynomials.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from scs_models.conductor import CrossSection, Paddle, face_xy_mm, kernels, with_paddle
from scs_models.errors import InvalidValueError
from scs_models.fibres.population import points_xy_mm
from scs_models.fibres.roots import transverse_path_xy_mm
from scs_models.values import Float32Array, FloatArray, IntArray

if TYPE_CHECKING:
    from scipy import sparse

KERNEL_FORMAT = 1

# Resolution of the sites. tests/models/test_canal.py measures what the interpolation costs.
LATERAL_FRACTIONS = np.linspace(-1.0, 1.0, 57)
PATH_POINTS = 40
SOURCE_STEP_MM = 0.5
SOURCE_COUNT = 13
# A paddle's sources lie on its face, each a strip as wide as their step; a paddle reaches further than one lead.
PADDLE_SOURCE_COUNT = 17
STRIP_POINTS = 8
WIDTH_POINTS = 6
Z_SCALE_MM = 3.0
Z_STEP_MM = 0.1
Z_COUNT = 145

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SiteLayout:
    """Where each kind of site stands in the point axis of a kernel; `mirror` maps a point to its mirror image."""

    columns: slice
    dorsal_right: slice
    dorsal_left: slice
    ventral_right: slice
    ventral_left: slice
    track: slice
    mirror: IntArray


@dataclass(frozen=True, slots=True)
class KernelSpec:
    """What one kernel is built from; a picklable callable that builds it. Widths in mm.

    section is the canal without the lead. A cylindrical contact has a radius and lies on the dura, or `lead_lift_mm`
    behind it (scar); a flat one has radius 0 and a paddle, whose gap holds the scar.
    """

    title: str
    section: CrossSection
    column_half_width_mm: float
    depth_mm: tuple[float, ...]
    contact_length_mm: float
    contact_radius_mm: float
    lead_lift_mm: float = 0.0
    paddle: Paddle | None = None
    key: str = field(init=False)
    """Hexadecimal key of this kernel: a hash of every input, the sites and the format version."""

    def __post_init__(self) -> None:
        if self.paddle is not None and (self.contact_radius_mm, self.lead_lift_mm) != (0.0, 0.0):
            raise InvalidValueError("contact_radius_mm and lead_lift_mm must be 0 for a contact of a paddle")
        parts: tuple[object, ...] = (
            KERNEL_FORMAT, self.section.content_key(), self.column_half_width_mm,
            self.contact_length_mm, self.contact_radius_mm, self.depth_mm, LATERAL_FRACTIONS.tolist(), PATH_POINTS,
            SOURCE_STEP_MM, SOURCE_COUNT, Z_SCALE_MM, Z_STEP_MM, Z_COUNT, self.site_points_xy_mm().round(9).tolist(),
        )  # fmt: skip
        if self.paddle is not None:
            parts += (self.paddle, PADDLE_SOURCE_COUNT, STRIP_POINTS)
        object.__setattr__(self, "key", hashlib.sha256(repr(parts).encode()).hexdigest())

    @property
    def source_count(self) -> int:
        """Return the number of sources, from the midline to the right."""
        return SOURCE_COUNT if self.paddle is None else PADDLE_SOURCE_COUNT

    def section_with_lead(self) -> CrossSection:
        """Return the section that is solved: with the paddle where there is one."""
        return self.section if self.paddle is None else with_paddle(self.section, self.paddle)

    def site_points_xy_mm(self) -> FloatArray:
        """Return the sites in the order of `site_layout`, shape (points, 2)."""
        columns = points_xy_mm(
            self.section, LATERAL_FRACTIONS[:, None], np.asarray(self.depth_mm)[None, :], self.column_half_width_mm
        ).reshape(-1, 2)
        parts = [columns]
        for kind in ("dorsal", "ventral"):
            _, right = transverse_path_xy_mm(self.section, kind, PATH_POINTS, self.column_half_width_mm)
            parts += [right, right * (-1.0, 1.0)]
        parts.append(self.track_xy_mm())
        return np.concatenate(parts)

    def track_xy_mm(self) -> FloatArray:
        """Return where contacts may lie, from left to right, shape (2 * source_count - 1, 2)."""
        steps = np.arange(self.source_count, dtype=np.float64) * SOURCE_STEP_MM
        if self.paddle is not None:
            right = face_xy_mm(self.section_with_lead(), steps)
        else:
            clearance = self.contact_radius_mm + self.lead_lift_mm
            right = np.array([self.section.epidural_xy_mm(float(step), clearance) for step in steps])
        return np.concatenate([(right * (-1.0, 1.0))[:0:-1], right])

    def __call__(self, progress: Progress | None = None) -> Float32Array:
        """Return the kernel: spline coefficients in z of mV per mA, shape (source_count, points, Z_COUNT)."""
        return self.coefficients_at(self.site_points_xy_mm(), progress)

    def coefficients_at(self, points_xy_mm: FloatArray, progress: Progress | None = None) -> Float32Array:
        """Return what the kernel would hold at other points (P, 2) mm, shape (source_count, P, Z_COUNT)."""
        from scipy.ndimage import spline_filter1d

        section, spread = self.section_with_lead(), None
        if self.paddle is not None:
            strip = (np.arange(STRIP_POINTS) + 0.5) / STRIP_POINTS - 0.5
            spread = face_xy_mm(section, (np.arange(self.source_count)[:, None] + strip) * SOURCE_STEP_MM)
        potential = kernels.build(
            section,
            source_xy_mm=self.track_xy_mm()[self.source_count - 1 :],
            contact_length_mm=self.contact_length_mm,
            contact_radius_mm=self.contact_radius_mm,
            points_xy_mm=points_xy_mm,
            z_mm=grid_z_mm(),
            spread_xy_mm=spread,
            progress=progress,
        )
        coefficients = spline_filter1d(potential.astype(np.float64), order=3, axis=-1, mode="mirror")
        return np.ascontiguousarray(coefficients, dtype=np.float32)


@cache
def site_layout(point_count: int, source_count: int = SOURCE_COUNT) -> SiteLayout:
    """Return the layout of the point axis of a kernel with `point_count` points and `source_count` sources."""
    track = 2 * source_count - 1
    columns = point_count - 4 * PATH_POINTS - track
    edges = np.cumsum([0, columns, PATH_POINTS, PATH_POINTS, PATH_POINTS, PATH_POINTS, track])
    slices = [slice(int(low), int(high)) for low, high in itertools.pairwise(edges)]
    order = np.arange(edges[-1])
    lattice, dorsal_right, dorsal_left, ventral_right, ventral_left, leads = slices
    swapped = (dorsal_left, dorsal_right, ventral_left, ventral_right)
    mirrored = [order[lattice].reshape(len(LATERAL_FRACTIONS), -1)[::-1].ravel(), *(order[part] for part in swapped)]
    mirror = np.concatenate([*mirrored, order[leads][::-1]])
    return SiteLayout(lattice, dorsal_right, dorsal_left, ventral_right, ventral_left, leads, mirror)


def grid_z_mm() -> FloatArray:
    """Return the graded z grid of all kernels (mm): Z_STEP_MM apart at 0, ever wider outwards."""
    return np.asarray(Z_SCALE_MM * np.sinh(np.arange(Z_COUNT) * Z_STEP_MM / Z_SCALE_MM), dtype=np.float64)


def source_grid_mm(source_count: int = SOURCE_COUNT) -> FloatArray:
    """Return the lateral positions of the sources, left to right (2 * source_count - 1,) mm."""
    return np.arange(-(source_count - 1), source_count, dtype=np.float64) * SOURCE_STEP_MM


def grid_index(z_mm: FloatArray) -> FloatArray:
    """Return the real-valued position of |z| on the graded grid, clipped to its end."""
    index = np.arcsinh(np.abs(z_mm) / Z_SCALE_MM) * (Z_SCALE_MM / Z_STEP_MM)
    return np.asarray(np.minimum(index, Z_COUNT - 1.001), dtype=np.float64)


def z_operator(z_mm: FloatArray) -> sparse.csr_array:
    """Return the sparse (n, Z_COUNT) float32 matrix that turns spline coefficients into values at `z_mm` (n,)."""
    from scipy import sparse

    index = grid_index(z_mm)
    base = np.floor(index).astype(np.int32)
    columns = np.abs(base[:, None] + np.arange(-1, 3, dtype=np.int32))
    columns = np.where(columns > Z_COUNT - 1, 2 * (Z_COUNT - 1) - columns, columns)
    rows = np.arange(0, 4 * len(index) + 1, 4, dtype=np.int32)
    values = _spline_weights(index - base).astype(np.float32)
    return sparse.csr_array((values.ravel(), columns.ravel(), rows), shape=(len(index), Z_COUNT))


def fraction_operator(x_fraction: FloatArray) -> FloatArray:
    """Return the (n, lateral fractions) matrix of cubic Lagrange interpolation at `x_fraction` (n,) in [-1, 1]."""
    return kernels.lateral_weights(LATERAL_FRACTIONS, np.clip(x_fraction, -1.0, 1.0))


def at_lateral_position(kernel: Float32Array, x_mm: float, width_mm: float = 0.0) -> Float32Array:
    """Return the kernel of a contact at lateral position `x_mm` (right positive), shape (points, Z_COUNT).

    width_mm: of a flat contact, over which its current is spread evenly. Raises InvalidValueError where the contact
    reaches beyond the outermost position the kernel was built for.
    """
    return blended(((1.0, kernel),), x_mm, width_mm)


def blended(
    kernels_of_contact: Sequence[tuple[float, Float32Array]],
    x_mm: float,
    width_mm: float = 0.0,
    sites: slice = slice(None),
) -> Float32Array:
    """Return the weighted sum of kernels of one contact at lateral position `x_mm`, shape (points, Z_COUNT).

    kernels_of_contact: (weight, kernel) pairs of one shape; `sites`: a stretch of the point axis that is its own
    mirror image, default all. Raises InvalidValueError as at_lateral_position.
    """
    source_count, points, count = kernels_of_contact[0][1].shape
    across = source_weights(source_count, x_mm, width_mm)
    part = np.arange(points)[sites]
    right, left, share = np.zeros((3, len(part), count), dtype=np.float32)
    for weight, kernel in kernels_of_contact:
        for index in np.flatnonzero(across):
            step = int(index) - (source_count - 1)
            # NumPy rounds each product and each sum alike whatever the alignment; BLAS' axpy does not.
            np.multiply(kernel[abs(step), sites], np.float32(weight * across[index]), out=share)
            side = right if step >= 0 else left
            side += share
    mirror = site_layout(points, source_count).mirror[sites] - part[0]
    return right + left[mirror] if left.any() else right


def source_weights(source_count: int, x_mm: float, width_mm: float = 0.0) -> FloatArray:
    """Return the weights (2 * source_count - 1,) of the sources, left to right, that make a contact at `x_mm`.

    A flat contact of `width_mm` is the mean over its width (Gauss quadrature). Raises InvalidValueError where the
    contact reaches beyond the sources.
    """
    limit = (source_count - 1) * SOURCE_STEP_MM
    if not math.isfinite(x_mm) or abs(x_mm) + width_mm / 2.0 > limit + 1e-9:
        edge = f", {width_mm:g} mm wide," if width_mm else ""
        raise InvalidValueError(
            f"x_mm is {x_mm:g} mm{edge} in the cord's frame; it must lie between {-limit:g} and {limit:g} mm"
        )
    grid = source_grid_mm(source_count)
    if width_mm == 0.0:
        return kernels.lateral_weights(grid, x_mm)
    nodes, shares = np.polynomial.legendre.leggauss(WIDTH_POINTS)
    place = np.clip(x_mm + nodes * width_mm / 2.0, -limit, limit)
    return np.asarray(shares @ kernels.lateral_weights(grid, place) / 2.0, dtype=np.float64)


def _spline_weights(t: FloatArray) -> FloatArray:
    return np.stack(
        [(1 - t) ** 3 / 6, 2 / 3 - t**2 + t**3 / 2, 2 / 3 - (1 - t) ** 2 + (1 - t) ** 3 / 2, t**3 / 6], axis=-1
    )
