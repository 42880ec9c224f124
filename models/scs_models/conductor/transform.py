"""From wavenumber to z: the nodes k_j = k0 sinh(t_j), a spline in t through them, and the cosine integral as one
matrix.
"""

from __future__ import annotations

import numpy as np

from scs_models.values import FloatArray

K0_PER_MM = 0.05
STEP = 0.2
_DEGREE = 7


def wavenumbers_per_mm(k_max_per_mm: float, k0_per_mm: float = K0_PER_MM, step: float = STEP) -> FloatArray:
    """Return the nodes (K,) in 1/mm from 0 to `k_max_per_mm`, uniform in t with spacing `step` or a little less."""
    end = float(np.arcsinh(k_max_per_mm / k0_per_mm))
    count = max(_DEGREE + 1, int(np.ceil(end / step)) + 1)
    return np.asarray(k0_per_mm * np.sinh(np.linspace(0.0, end, count)), dtype=np.float64)


def cosine_matrix(
    k_per_mm: FloatArray, z_mm: FloatArray, contact_length_mm: float, k0_per_mm: float = K0_PER_MM
) -> FloatArray:
    """Return the matrix (Z, K) that takes phi_k at the nodes to phi(z) = (1/pi) Int phi_k S(k) cos(k z) dk.

    phi_k is interpolated by a spline of degree 7 in t, even at t = 0; S(k) = sin(kh/2) / (kh/2). The integral runs over
    Gauss points dense enough for the largest |z|.
    """
    from scipy.interpolate import make_interp_spline

    t = np.arcsinh(k_per_mm / k0_per_mm)
    mirrored = np.concatenate([-t[:0:-1], t])
    even = np.concatenate([np.eye(len(t))[:0:-1], np.eye(len(t))])
    spline = make_interp_spline(mirrored, even, k=_DEGREE)
    distance = np.abs(np.asarray(z_mm, dtype=np.float64))
    order = np.argsort(distance)
    out = np.zeros((len(distance), len(t)))
    for part in np.array_split(order, max(1, len(order) // 128)):
        if len(part) == 0:
            continue
        reach = float(distance[part].max()) + 0.5 * contact_length_mm
        node, weight = _dense(t, k_per_mm, reach)
        k = k0_per_mm * np.sinh(node)
        weight = weight * k0_per_mm * np.cosh(node) * np.sinc(k * contact_length_mm / (2.0 * np.pi)) / np.pi
        weighted = np.asarray(spline(node)) * weight[:, None]
        out[part] = np.cos(distance[part][:, None] * k[None, :]) @ weighted
    return out


def _dense(t: FloatArray, k_per_mm: FloatArray, reach_mm: float) -> tuple[FloatArray, FloatArray]:
    """Return Gauss points and weights in t, panel by panel, with enough points for cos(k z) up to `reach_mm`."""
    points, weights = [], []
    for low, high, k_low, k_high in zip(t[:-1], t[1:], k_per_mm[:-1], k_per_mm[1:], strict=True):
        panels = int((k_high - k_low) * reach_mm / 12.0) + 1
        node, weight = np.polynomial.legendre.leggauss(14)
        edge = np.linspace(low, high, panels + 1)
        half = 0.5 * np.diff(edge)[:, None]
        points.append((edge[:-1, None] + half * (node + 1.0)).ravel())
        weights.append((half * weight).ravel())
    return np.concatenate(points), np.concatenate(weights)
