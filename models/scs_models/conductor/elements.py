"""Cubic (Q3) tensor-product elements on the exact polar map of a body-fitted grid.

Basis functions are Lagrange polynomials on the four Gauss-Lobatto points of each direction; the map is not
interpolated: Gauss points lie on the true curves. Local node number = 4 * radial + angular.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.conductor.mesh import Mesh
from scs_models.conductor.shape import NODES, shape_1d
from scs_models.values import FloatArray

GAUSS_POINTS = 6


@dataclass(frozen=True, slots=True, eq=False)
class ElementMatrices:
    """Element matrices of one mesh: A_e(k) = stiffness + k^2 mass.

    stiffness, mass: (layers, sectors, 16, 16) float64; S/m and S/m mm^2 (per mm of source current spread).
    """

    stiffness: FloatArray
    mass: FloatArray

    def at(self, k_per_mm: float) -> FloatArray:
        """Return the element matrices (layers, sectors, 16, 16) of wavenumber `k_per_mm`."""
        return self.stiffness + (k_per_mm * k_per_mm) * self.mass


def element_matrices(mesh: Mesh) -> ElementMatrices:
    """Integrate sigma_t grad u . grad v and sigma_z u v over every element of `mesh`."""
    points, weights = np.polynomial.legendre.leggauss(GAUSS_POINTS)
    points, weights = 0.5 * (points + 1.0), 0.5 * weights
    value, slope = shape_1d(points)

    def table(radial: FloatArray, angular: FloatArray) -> FloatArray:
        values = np.einsum("qa,pb->qpab", radial, angular)
        return np.asarray(values.reshape(GAUSS_POINTS**2, len(NODES) ** 2), dtype=np.float64)

    by_xi, by_eta, plain = table(slope, value), table(value, slope), table(value, value)
    gauss_weight = np.outer(weights, weights).ravel()[:, None, None]

    def products(left: FloatArray, right: FloatArray) -> FloatArray:
        product = gauss_weight * left[:, :, None] * right[:, None, :]
        return np.asarray(product.reshape(len(gauss_weight), -1), dtype=np.float64)

    width = np.diff(mesh.breaks_rad)
    theta = mesh.breaks_rad[:-1, None] + width[:, None] * points[None, :]
    radius, radius_slope = mesh.boundary_radii(theta)
    inner, thickness = radius[:-1], np.diff(radius, axis=0)
    inner_slope, thickness_slope = radius_slope[:-1], np.diff(radius_slope, axis=0)
    # axes: layer, sector, radial Gauss point, angular Gauss point
    xi = points[None, None, :, None]
    height = np.broadcast_to(thickness[:, :, None, :], (*thickness.shape[:2], GAUSS_POINTS, GAUSS_POINTS))
    span = width[None, :, None, None]
    r = inner[:, :, None, :] + height * xi
    tilt = span * (inner_slope[:, :, None, :] + thickness_slope[:, :, None, :] * xi) / height
    angular = height / (span * r)
    shape = (*r.shape[:2], GAUSS_POINTS**2)
    a11 = (r * span / height + tilt**2 * angular).reshape(shape)
    a12 = (-tilt * angular).reshape(shape)
    a22 = angular.reshape(shape)
    area = (r * height * span).reshape(shape)
    mixed = products(by_xi, by_eta)
    mixed = mixed + mixed.reshape(-1, 16, 16).transpose(0, 2, 1).reshape(mixed.shape)
    stiffness = a11 @ products(by_xi, by_xi) + a12 @ mixed + a22 @ products(by_eta, by_eta)
    mass = area @ products(plain, plain)
    full = (*r.shape[:2], 16, 16)
    return ElementMatrices(
        stiffness=stiffness.reshape(full) * mesh.sigma_t_s_per_m[:, :, None, None],
        mass=mass.reshape(full) * mesh.sigma_z_s_per_m[:, :, None, None],
    )
