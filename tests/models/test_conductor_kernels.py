"""Judges kernels by the public function, and their interpolation by the values between the nodes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from scs_models.conductor import CrossSection, kernels, potential_mv_per_ma
from scs_models.errors import InvalidValueError

Array = NDArray[np.float64]


def _section() -> CrossSection:
    theta = np.linspace(-np.pi, np.pi, 32, endpoint=False)
    layers = [("cord", 3.0, 0.083, 0.6), ("csf", 7.1, 1.7, 1.7), ("dura", 7.4, 0.03, 0.03), ("fat", 10.0, 0.04, 0.04)]
    curves = [(name, theta, radius, across, along) for name, radius, across, along in layers]
    return CrossSection.from_curves([*curves, ("bulk", theta, 50.0, 0.25, 0.25)], 50.0)


def _line_potential(z: Array) -> Array:
    """A 3 mm line 3.5 mm away in an anisotropic medium, any scale."""
    ratio = np.sqrt(0.083 / 0.6)
    return np.arcsinh(ratio * (z + 1.5) / 3.5) - np.arcsinh(ratio * (z - 1.5) / 3.5)


def test_kernels_agree_with_the_public_function() -> None:
    section = _section()
    angle = np.array([0.5, 0.7, 0.95]) * np.pi / 2
    source = 8.15 * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    points = np.array([[0.0, 2.95], [1.0, 2.6], [-2.0, 2.0], [4.0, 3.0], [0.0, 9.5]])
    z = kernels.z_grid_mm()
    seen: list[tuple[int, int]] = []
    got = kernels.build(
        section,
        source_xy_mm=source,
        contact_length_mm=3.0,
        contact_radius_mm=0.65,
        points_xy_mm=points,
        z_mm=z,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert got.shape == (3, 5, 225)
    assert got.dtype == np.float32
    assert seen[-1][0] == seen[-1][1] == len(seen)
    want = potential_mv_per_ma(section, source[1], 3.0, points, np.arange(-40.0, 41.0))
    field = kernels.interpolate_z(got[1], z, np.arange(-40.0, 41.0))
    assert np.abs(field - want).max() < 2e-4 * want[:4].max()
    error = np.abs(np.diff(field - want, 2, axis=1)).max(axis=1)
    assert np.all(error[:4] < 3e-4 * np.abs(np.diff(want, 2, axis=1)).max(axis=1)[:4])


def test_z_interpolation_is_exact_to_1e_4_on_second_differences() -> None:
    grid = kernels.z_grid_mm()
    assert grid[0] == 0.0
    assert grid[-1] == 150.0
    query = np.arange(-60.0, 60.5, 1.0) + 0.37
    got = kernels.interpolate_z(_line_potential(grid).astype(np.float32), grid, query)
    want = np.diff(_line_potential(query), 2)
    assert np.abs(np.diff(got, 2) - want).max() < 1e-4 * np.abs(want).max()


def test_z_interpolation_broadcasts_and_is_even() -> None:
    grid = kernels.z_grid_mm()
    kernel = np.stack([_line_potential(grid), 2.0 * _line_potential(grid)])
    query = np.array([[0.3, -7.0, 12.2], [5.0, 5.1, -5.2]])
    got = kernels.interpolate_z(kernel, grid, query)
    assert got.shape == (2, 3)
    for row in range(2):
        assert np.allclose(got[row], kernels.interpolate_z(kernel[row], grid, query[row]), atol=1e-14)
    assert np.array_equal(kernels.interpolate_z(kernel, grid, -query), got)
    assert kernels.interpolate_z(kernel, grid, np.array([1.0, 2.0, 3.0, 4.0])).shape == (2, 4)
    with pytest.raises(InvalidValueError, match="within 150 mm"):
        kernels.interpolate_z(kernel, grid, np.array([150.5]))


def test_lateral_interpolation_is_exact_for_cubics_and_at_the_nodes() -> None:
    nodes = np.array([0.0, 0.4, 1.0, 1.5, 2.1, 3.0])
    cubic = (1.0 - nodes + 2.0 * nodes**2 - 0.3 * nodes**3)[:, None] * np.array([1.0, -2.0])
    for x in (0.0, 0.2, 1.2, 2.9, 3.0):
        want = (1.0 - x + 2.0 * x**2 - 0.3 * x**3) * np.array([1.0, -2.0])
        assert np.allclose(kernels.interpolate_lateral(cubic, nodes, x), want, atol=1e-12)
    assert np.allclose(kernels.lateral_weights(nodes, nodes), np.eye(6), atol=1e-14)
    with pytest.raises(InvalidValueError, match="between 0 and 3"):
        kernels.lateral_weights(nodes, 3.2)


def test_a_mirrored_source_is_read_through_the_mirror_index() -> None:
    points = np.array([[1.0, 2.0], [-0.5, 2.5], [0.0, 1.0], [0.5, 2.5], [-1.0, 2.0]])
    assert np.allclose(points[kernels.mirror_index(points)], points * [-1.0, 1.0])
    with pytest.raises(InvalidValueError, match="mirror image"):
        kernels.mirror_index(points[:-1])


def test_kernel_arguments_are_checked() -> None:
    section, one = _section(), np.array([[0.0, 8.15]])
    for z in (np.array([-1.0, 0.0]), np.array([0.0, 0.0])):
        with pytest.raises(InvalidValueError, match="increasing"):
            kernels.build(
                section, source_xy_mm=one, contact_length_mm=3.0, contact_radius_mm=0.65, points_xy_mm=one, z_mm=z
            )
