"""The closed-form field of a ring-shaped source in the homogeneous medium around it.

Near the source the potential is this primary field plus a smooth remainder, and only the remainder is left to the
elements. In the wavenumber k it is the field of a uniform ring in a grounded cylinder of radius R about the source
(finite at k = 0); along z it is the potential of a uniformly charged ring or cylinder of finite length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.values import FloatArray

_IMAGE_POINTS = 240


@dataclass(frozen=True, slots=True)
class Primary:
    """A ring of `radius_mm` with +1 mA in a medium sigma_t, sigma_z (S/m); `ground_mm` is the radius of its ground."""

    radius_mm: float
    sigma_t_s_per_m: float
    sigma_z_s_per_m: float
    ground_mm: float

    @property
    def stretch(self) -> float:
        """sqrt(sigma_z / sigma_t)."""
        return float(np.sqrt(self.sigma_z_s_per_m / self.sigma_t_s_per_m))

    def at_k(self, k_per_mm: float, distance_mm: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the transformed potential (V mm per mA) and its slope per mm at distances (...) from the ring's
        centre.

        Outside the ring: I0(qa) (K0(qr) - K0(qR) / I0(qR) I0(qr)) / (2 pi sigma_t) with q = k sqrt(sigma_z / sigma_t).
        """
        from scipy.special import i0e, i1e, k0e, k1e

        q, a, big = k_per_mm * self.stretch, self.radius_mm, self.ground_mm
        scale = 1.0 / (2.0 * np.pi * self.sigma_t_s_per_m)
        r = np.maximum(distance_mm, 1e-9)
        far, near = np.maximum(r, a), np.minimum(r, a)
        outside = r >= a
        if q * big < 1e-6:
            return scale * np.log(big / far), np.where(outside, -scale / r, 0.0)
        decay = np.exp(-q * (far - near))
        image = k0e(q * big) / i0e(q * big) * np.exp(q * (a + r - 2.0 * big)) * i0e(q * a)
        value = i0e(q * near) * k0e(q * far) * decay - image * i0e(q * r)
        direct = np.where(outside, -k1e(q * far) * i0e(q * near), i1e(q * near) * k0e(q * far)) * decay
        return scale * value, scale * q * (direct - image * i1e(q * r))

    def along_z(self, distance_mm: FloatArray, length_mm: float, z_mm: FloatArray) -> FloatArray:
        """Return the potential (P, Z) in V per mA at distances (P,) of a contact of `length_mm`, its ground
        included.
        """
        return self._free(distance_mm, length_mm, z_mm) - self._image(distance_mm, length_mm, z_mm)

    def _free(self, distance_mm: FloatArray, length_mm: float, z_mm: FloatArray) -> FloatArray:
        """Mean over the ring of the potential of a point or a line in the unbounded medium."""
        ratio = 1.0 / self.stretch
        scale = 1.0 / (4.0 * np.pi * np.sqrt(self.sigma_t_s_per_m * self.sigma_z_s_per_m))
        out = np.empty((len(distance_mm), len(z_mm)))
        for index, r in enumerate(distance_mm):
            total = np.zeros(len(z_mm))
            turn = _ring_angles(float(r), self.radius_mm)
            # half the ring suffices; blocks keep memory small
            for part in np.array_split(turn, max(1, len(turn) // 64)):
                rho = np.sqrt((r - self.radius_mm) ** 2 + 4.0 * r * self.radius_mm * np.sin(0.5 * part) ** 2)[:, None]
                if length_mm > 0.0:
                    high, low = ratio * (z_mm + 0.5 * length_mm), ratio * (z_mm - 0.5 * length_mm)
                    with np.errstate(divide="ignore", invalid="ignore"):
                        total += _asinh_difference(high[None, :], low[None, :], rho).sum(axis=0) / (ratio * length_mm)
                else:
                    with np.errstate(divide="ignore"):
                        total += (1.0 / np.hypot(rho, ratio * z_mm[None, :])).sum(axis=0)
            out[index] = scale * total / len(turn)
        return out

    def _image(self, distance_mm: FloatArray, length_mm: float, z_mm: FloatArray) -> FloatArray:
        """The field of the ground: cosine integral of I0(qa) I0(qr) K0(qR) / I0(qR) / (2 pi sigma_t)."""
        from scipy.special import i0e, k0e

        big, a, widest = self.ground_mm, self.radius_mm, float(np.max(distance_mm, initial=0.0))
        top = 45.0 / (2.0 * big - widest - a)
        reach = float(np.max(np.abs(z_mm), initial=0.0)) / self.stretch
        count = _IMAGE_POINTS + int(top * reach)
        point, weight = np.polynomial.legendre.leggauss(count) if count < 2000 else _composite(count)
        # q = top s^4 takes the logarithm at q = 0 out of the quadrature
        s = 0.5 * (point + 1.0)
        q, weight = top * s**4, 0.5 * weight * 4.0 * top * s**3
        ratio = k0e(q * big) / i0e(q * big)
        r = distance_mm[:, None]
        kernel = ratio * i0e(q * a) * i0e(q * r) * np.exp(q * (a + r - 2.0 * big))
        k = q / self.stretch
        kernel = kernel * weight * np.sinc(k * length_mm / (2.0 * np.pi)) / self.stretch
        scale = 1.0 / (2.0 * np.pi**2 * self.sigma_t_s_per_m)
        return scale * (kernel @ np.cos(k[:, None] * z_mm[None, :]))


def _asinh_difference(high: FloatArray, low: FloatArray, rho: FloatArray) -> FloatArray:
    """asinh(high / rho) - asinh(low / rho) without cancellation far along z."""
    flip = (high + low) < 0.0
    upper, lower = np.where(flip, -low, high), np.where(flip, -high, low)
    # log((u + hypot(u, rho)) / (l + hypot(l, rho))); for l < 0 the denominator is rho^2 / (hypot - l)
    top = upper + np.hypot(upper, rho)
    root = np.hypot(lower, rho)
    below = np.where(lower >= 0.0, lower + root, rho**2 / (root - lower))
    return np.asarray(np.log(top / below), dtype=np.float64)


def _ring_angles(distance_mm: float, radius_mm: float) -> FloatArray:
    """Return angles on half the ring whose plain mean converges geometrically (midpoint rule of the full ring)."""
    near, far = sorted((max(distance_mm, 1e-9), max(radius_mm, 1e-9)))
    if near / far < 1e-7:
        return np.array([0.5 * np.pi])
    gap = np.log(far / near)
    count = int(np.clip(np.ceil(20.0 / max(gap, 1e-6)), 4, 4096))
    return (np.arange(count) + 0.5) * np.pi / count


def _composite(count: int) -> tuple[FloatArray, FloatArray]:
    panels = count // 64 + 1
    point, weight = np.polynomial.legendre.leggauss(64)
    edge = np.linspace(-1.0, 1.0, panels + 1)
    half = 0.5 * np.diff(edge)[:, None]
    return (edge[:-1, None] + half * (point + 1.0)).ravel(), (half * weight).ravel()
