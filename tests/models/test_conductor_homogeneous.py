"""Judges potential_mv_per_ma by closed forms in one medium: point, ring and 3 mm cylinder, isotropic and anisotropic.

The closed form is that of the unbounded medium; the ground at 100 mm changes second differences by less than 1e-4.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import i0e, k0e

from scs_models.conductor import CrossSection, potential_mv_per_ma
from scs_models.errors import InvalidValueError

Array = NDArray[np.float64]
Z_MM = np.arange(-60.0, 61.0)


def _medium(sigma_t: float, sigma_z: float, outer_radius_mm: float = 100.0) -> CrossSection:
    theta = np.linspace(0.0, 2.0 * np.pi, 36, endpoint=False)
    return CrossSection.from_curves([("medium", theta, np.full(36, 10.0), sigma_t, sigma_z)], outer_radius_mm)


def _closed_form(
    sigma_t: float, sigma_z: float, source: Array, points: Array, z: Array, length: float, radius: float
) -> Array:
    """Mean over 512 points of the circumference of the potential of a point or a uniform line, mV per mA."""
    turn = (np.arange(512) + 0.5) * 2.0 * np.pi / 512
    rim = source + radius * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    rho = np.hypot(*np.moveaxis(points[:, None] - rim[None], -1, 0))[:, :, None]
    ratio = np.sqrt(sigma_t / sigma_z)
    scale = 1000.0 / (4.0 * np.pi * np.sqrt(sigma_t * sigma_z))
    if length == 0.0:
        return scale * (1.0 / np.hypot(rho, ratio * z)).mean(axis=1)
    high, low = ratio * (z + 0.5 * length) / rho, ratio * (z - 0.5 * length) / rho
    return scale * ((np.arcsinh(high) - np.arcsinh(low)) / (ratio * length)).mean(axis=1)


@pytest.mark.parametrize(("sigma_t", "sigma_z"), [(0.083, 0.60), (0.3, 0.3)])
@pytest.mark.parametrize(("length_mm", "radius_mm"), [(0.0, 0.0), (3.0, 0.65)])
def test_second_differences_agree_with_the_closed_form(
    sigma_t: float, sigma_z: float, length_mm: float, radius_mm: float
) -> None:
    source = np.array([2.0, 5.0])
    points = source + np.array([[1.0, 0.0], [0.0, -2.0], [-2.1, 2.1], [3.0, -4.0]])
    got = potential_mv_per_ma(_medium(sigma_t, sigma_z), source, length_mm, points, Z_MM, radius_mm)
    want = _closed_form(sigma_t, sigma_z, source, points, Z_MM, length_mm, radius_mm)
    error = np.abs(np.diff(got - want, 2, axis=1)).max(axis=1)
    assert np.all(error < 1e-4 * np.abs(np.diff(want, 2, axis=1)).max(axis=1))


def test_any_z_in_any_order_and_one_point_alone() -> None:
    section = _medium(0.3, 0.3)
    z = np.array([30.0, -0.37, 0.37, -12.5, 0.0, 12.5])
    got = potential_mv_per_ma(section, (0.0, 4.5), 3.0, np.array([0.0, 2.5]), z)
    assert got.shape == (1, 6)
    assert got[0, 1] == got[0, 2]
    assert got[0, 3] == got[0, 5]
    assert got[0, 4] == got[0].max()
    assert potential_mv_per_ma(section, (0.0, 4.5), 3.0, np.zeros((0, 2)), z).shape == (0, 6)
    assert potential_mv_per_ma(section, (0.0, 4.5), 3.0, np.array([[0.0, 2.5]]), np.array([])).shape == (1, 0)


def test_the_ground_takes_the_potential_to_that_of_a_grounded_cylinder() -> None:
    """A source on the axis of a grounded cylinder of 30 mm: the image is one Bessel integral."""
    sigma_t, sigma_z, ground = 0.083, 0.60, 30.0
    stretch = np.sqrt(sigma_z / sigma_t)
    z = np.array([0.0, 3.0, 20.0, 60.0])
    points = np.array([[2.0, 0.0], [0.0, 10.0], [-25.0, 0.0], [0.0, -30.0]])
    got = potential_mv_per_ma(_medium(sigma_t, sigma_z, ground), (0.0, 0.0), 0.0, points, z, 0.0)
    for p, rho in enumerate(np.hypot(*points.T)):
        for j, height in enumerate(z):

            def image(q: float, rho: float = rho, height: float = height) -> float:
                decay = np.exp(q * (rho - 2.0 * ground))
                return float(k0e(q * ground) / i0e(q * ground) * i0e(q * rho) * decay * np.cos(q * height / stretch))

            integral = quad(image, 0.0, 0.1, limit=200)[0] + quad(image, 0.1, 3.0, limit=400)[0]
            free = 1.0 / np.hypot(rho, height / stretch)
            want = 1000.0 / (4.0 * np.pi * np.sqrt(sigma_t * sigma_z)) * (free - 2.0 / np.pi * integral)
            assert got[p, j] == pytest.approx(want, abs=1e-5 * got.max())
    assert np.abs(got[3]).max() < 1e-5 * got.max()


def test_nothing_is_left_far_along_the_cord() -> None:
    got = potential_mv_per_ma(
        _medium(0.3, 0.3, 40.0), (0.0, 4.5), 3.0, np.array([[0.0, 2.0]]), np.array([0.0, 400.0, 1e5])
    )
    assert abs(got[0, 1]) < 1e-6 * got[0, 0]
    assert got[0, 2] == 0.0


def test_what_lies_outside_is_refused() -> None:
    section = _medium(0.3, 0.3)
    inside, z = np.array([[0.0, 2.0]]), np.array([0.0])
    with pytest.raises(InvalidValueError, match="within 100 mm"):
        potential_mv_per_ma(section, (0.0, 4.5), 3.0, np.array([[0.0, 101.0]]), z)
    with pytest.raises(InvalidValueError, match="source_xy_mm"):
        potential_mv_per_ma(section, (0.0, 99.9), 3.0, inside, z)
    with pytest.raises(InvalidValueError, match="finite"):
        potential_mv_per_ma(section, (0.0, 4.5), 3.0, inside, np.array([np.nan]))
    with pytest.raises(InvalidValueError, match="contact_length_mm"):
        potential_mv_per_ma(section, (0.0, 4.5), -1.0, inside, z)
    with pytest.raises(InvalidValueError, match="on the source itself"):
        potential_mv_per_ma(section, (0.0, 4.5), 0.0, np.array([[0.0, 4.5]]), z, 0.0)
