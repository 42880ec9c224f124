"""Closed outlines about the cord centre: ellipses, smooth normal offsets of them, and the grey butterfly.

All outlines are returned as radius against polar angle on a uniform grid of `SAMPLES` angles.
"""

from __future__ import annotations

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.values import FloatArray

SAMPLES = 2880
THETA_RAD: FloatArray = np.linspace(-np.pi, np.pi, SAMPLES, endpoint=False)

# The butterfly in fractions of the cord radius: direction of the horns from the ventral/dorsal midline, and how far
# they reach. Own drawing after thoracic cross-sections: slender dorsal horns that end short of the surface, blunt
# ventral ones.
DORSAL_HORN_RAD = 0.86
DORSAL_REACH = 0.80
VENTRAL_HORN_RAD = 0.62
VENTRAL_REACH = 0.62


def ellipse_outline(half_width_mm: float, half_depth_mm: float) -> FloatArray:
    """Return the radius (SAMPLES,) in mm of an ellipse centred in the origin."""
    return 1.0 / np.hypot(np.cos(THETA_RAD) / half_width_mm, np.sin(THETA_RAD) / half_depth_mm)


def offset_ellipse_outline(
    half_width_mm: float,
    half_depth_mm: float,
    centre_y_mm: float,
    lateral_mm: float,
    dorsal_mm: float,
    ventral_mm: float,
) -> FloatArray:
    """Return the radius (SAMPLES,) in mm of an ellipse about (0, centre_y) grown along its normal.

    The growth is `lateral_mm` where the normal points sideways, `dorsal_mm` and `ventral_mm` where it points to +y
    and -y, smooth between; equal growths give a shell of exactly that thickness. Raises InvalidValueError where the
    outline is not star-shaped about the origin.
    """
    turn = np.linspace(0.0, 2.0 * np.pi, 2 * SAMPLES, endpoint=False)
    normal = np.stack([np.cos(turn) / half_width_mm, np.sin(turn) / half_depth_mm])
    normal /= np.hypot(*normal)
    side = 0.5 * (3.0 * normal[1] - normal[1] ** 3)
    growth = lateral_mm * normal[0] ** 2 + normal[1] ** 2 * 0.5 * (dorsal_mm * (1.0 + side) + ventral_mm * (1.0 - side))
    x = half_width_mm * np.cos(turn) + growth * normal[0]
    y = centre_y_mm + half_depth_mm * np.sin(turn) + growth * normal[1]
    return _radius_of_points(x, y)


def parallel_outline(radius_mm: FloatArray, by_mm: FloatArray | float) -> FloatArray:
    """Return the radius (SAMPLES,) in mm of the curve `by_mm` outside the one of radius (SAMPLES,) on THETA_RAD.

    by_mm: one number, or (SAMPLES,) along the curve's normals. Raises InvalidValueError where the outline is not
    star-shaped about the origin.
    """
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(np.append(THETA_RAD, np.pi), np.append(radius_mm, radius_mm[0]), bc_type="periodic")
    slope = np.asarray(spline(THETA_RAD, 1))
    cos, sin = np.cos(THETA_RAD), np.sin(THETA_RAD)
    scale = by_mm / np.hypot(radius_mm, slope)
    x = radius_mm * cos + scale * (radius_mm * cos + slope * sin)
    y = radius_mm * sin + scale * (radius_mm * sin - slope * cos)
    return _radius_of_points(x, y)


def _radius_of_points(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the radius (SAMPLES,) on THETA_RAD of the closed curve through points that go once round the origin."""
    from scipy.interpolate import CubicSpline

    angle = np.unwrap(np.arctan2(y, x))
    if np.any(np.diff(angle) <= 0.0) or np.any(np.hypot(x, y) <= 0.0):
        raise InvalidValueError(
            "the outline of the canal is not star-shaped about the cord centre; use less extreme sizes"
        )
    closed = np.append(np.hypot(x, y), np.hypot(x[0], y[0]))
    spline = CubicSpline(np.append(angle, angle[0] + 2.0 * np.pi), closed, bc_type="periodic")
    return np.asarray(spline(angle[0] + np.mod(THETA_RAD - angle[0], 2.0 * np.pi)), dtype=np.float64)


def grey_outline(cord_radius_mm: FloatArray, fraction: float) -> FloatArray:
    """Return the radius (SAMPLES,) in mm of a grey butterfly that fills `fraction` (0.1 to 0.45) of the cord's area.

    cord_radius_mm: (SAMPLES,) on THETA_RAD. Dorsal horns point to the entry zones. Source of the fractions: PAM50.
    """

    from scipy.optimize import brentq

    def area(radius: FloatArray) -> float:
        return float(0.5 * np.sum(radius**2) * (2.0 * np.pi / SAMPLES))

    def outline(fullness: float) -> FloatArray:
        return cord_radius_mm * _butterfly(fullness)

    target = fraction * area(cord_radius_mm)
    low, high = -1.5, 2.0
    if not area(outline(low)) < target < area(outline(high)):
        raise InvalidValueError(f"grey_fraction is {fraction:g}; it must lie between 0.1 and 0.45")
    return outline(float(brentq(lambda q: area(outline(q)) - target, low, high, xtol=1e-12)))


def _butterfly(fullness: float) -> FloatArray:
    """Return radius over cord radius (SAMPLES,); horns keep their reach and widen with `fullness` (0 = thoracic)."""
    widen = float(np.exp(0.55 * fullness))
    waist = 0.17 * widen**0.7

    def lobe(direction_rad: float, narrowness: float) -> FloatArray:
        return np.asarray(np.exp(narrowness / widen * (np.cos(THETA_RAD - direction_rad) - 1.0)), dtype=np.float64)

    up, down = 0.5 * np.pi, -0.5 * np.pi
    dorsal = lobe(up - DORSAL_HORN_RAD, 16.0) + lobe(up + DORSAL_HORN_RAD, 16.0)
    ventral = lobe(down - VENTRAL_HORN_RAD, 11.0) + lobe(down + VENTRAL_HORN_RAD, 11.0)
    dorsal = dorsal / dorsal.max()
    ventral = ventral / ventral.max()
    radius = waist + (DORSAL_REACH - waist) * dorsal + (VENTRAL_REACH - waist) * ventral
    return np.asarray(radius, dtype=np.float64)
