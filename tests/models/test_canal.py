"""The kernel's interpolations against the volume conductor itself, at places and heights that are on no grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models import anatomy, canal
from scs_models.conductor import Paddle, potential_mv_per_ma
from scs_models.errors import InvalidValueError
from scs_models.fibres.population import dorsal_columns, points_xy_mm
from scs_models.fibres.root_path import transverse_path_xy_mm
from scs_sim import store

HEIGHTS_MM = np.arange(-24.0, 24.01, 1.0) + 0.37


@pytest.fixture(scope="module")
def spec() -> canal.KernelSpec:
    return canal.KernelSpec(
        "section T9",
        anatomy.section_for("T9"),
        anatomy.column_half_width_mm("T9"),
        tuple(dorsal_columns().depth_mm.tolist()),
        3.0,
        0.65,
    )


@pytest.fixture(scope="module")
def kernel(spec: canal.KernelSpec):
    return store.load([spec])[0]


def second_difference_error(found, exact):
    """Return the worst error of the 1 mm second differences, relative to the greatest of each point."""
    error, size = (np.abs(np.diff(values, 2, axis=-1)) for values in (found - exact, exact))
    return error.max(axis=-1) / size.max(axis=-1)


@pytest.mark.parametrize("x_mm", [0.0, 0.7, -2.26, 4.9])
def test_a_contact_off_the_grid_has_the_conductors_potential_on_column_fibres(spec, kernel, x_mm):
    source = spec.section.epidural_xy_mm(x_mm, spec.contact_radius_mm)
    fractions, depth = np.array([-0.83, -0.021, 0.345, 0.99]), spec.depth_mm[1]
    points = points_xy_mm(spec.section, fractions, depth, spec.column_half_width_mm)
    exact = potential_mv_per_ma(spec.section, source, 3.0, points, HEIGHTS_MM)
    field = canal.at_lateral_position(kernel, x_mm)
    grid = field[canal.site_layout(kernel.shape[1]).columns].reshape(
        len(canal.LATERAL_FRACTIONS), len(spec.depth_mm), -1
    )
    on_points = canal.fraction_operator(fractions) @ grid[:, 1]
    found = (canal.z_operator(HEIGHTS_MM) @ on_points.T).T
    assert np.abs(found - exact).max() < 1e-3 * np.abs(exact).max()
    assert second_difference_error(found, exact).max() < 2e-3


@pytest.mark.parametrize("kind", ["dorsal", "ventral"])
def test_a_root_path_has_the_conductors_potential(spec, kernel, kind):
    x_mm = 1.3
    source = spec.section.epidural_xy_mm(x_mm, spec.contact_radius_mm)
    _, path = transverse_path_xy_mm(spec.section, kind, canal.PATH_POINTS, spec.column_half_width_mm)
    layout = canal.site_layout(kernel.shape[1])
    field = canal.at_lateral_position(kernel, x_mm)
    for mirrored, part in ((1.0, f"{kind}_right"), (-1.0, f"{kind}_left")):
        chosen = [0, 7, 20, 39]
        exact = potential_mv_per_ma(spec.section, source, 3.0, path[chosen] * (mirrored, 1.0), HEIGHTS_MM)
        found = (canal.z_operator(HEIGHTS_MM) @ field[getattr(layout, part)][chosen].T).T
        assert second_difference_error(found, exact).max() < 2e-3, part


def test_mirrored_contact_and_mirrored_sites_give_the_same(kernel):
    right, left = canal.at_lateral_position(kernel, 1.7), canal.at_lateral_position(kernel, -1.7)
    np.testing.assert_allclose(left, right[canal.site_layout(kernel.shape[1]).mirror], rtol=2e-5, atol=1e-4)


def test_potential_is_even_in_height(kernel):
    field = canal.at_lateral_position(kernel, 0.9)
    up, down = canal.z_operator(np.array([0.2, 7.7, 41.0])), canal.z_operator(-np.array([0.2, 7.7, 41.0]))
    np.testing.assert_allclose(up @ field[:9].T, down @ field[:9].T, rtol=1e-6)


def test_weights_between_source_positions_reproduce_cubics_exactly():
    grid, query = np.linspace(-1.0, 1.0, 9), np.array([-1.0, -0.93, 0.11, 0.99, 1.0])
    cubic = np.polynomial.Polynomial([0.3, -1.0, 0.5, 2.0])
    np.testing.assert_allclose(canal.kernels.lateral_weights(grid, query) @ cubic(grid), cubic(query), atol=1e-12)


def test_key_changes_with_every_input(spec):
    others = [
        canal.KernelSpec("t", anatomy.section_for("T9", dorsal_csf_mm=4.0), 2.8, spec.depth_mm, 3.0, 0.65),
        canal.KernelSpec("t", spec.section, 2.7, spec.depth_mm, 3.0, 0.65),
        canal.KernelSpec("t", spec.section, 2.8, spec.depth_mm[:-1], 3.0, 0.65),
        canal.KernelSpec("t", spec.section, 2.8, spec.depth_mm, 4.0, 0.65),
        canal.KernelSpec("t", spec.section, 2.8, spec.depth_mm, 3.0, 0.6),
    ]
    keys = {item.key for item in (spec, *others)}
    assert len(keys) == 6
    assert canal.KernelSpec("other title", spec.section, 2.8, spec.depth_mm, 3.0, 0.65).key == spec.key


@pytest.mark.parametrize("source_count", [canal.SOURCE_COUNT, canal.PADDLE_SOURCE_COUNT])
def test_a_flat_contact_is_the_mean_over_its_width(source_count):
    """Exact for cubics of the lateral position, whose mean over a width is known."""
    grid, cubic = canal.source_grid_mm(source_count), np.polynomial.Polynomial([0.3, -1.0, 0.5, 0.02])
    for x_mm, width_mm in ((0.0, 1.5), (-3.1, 2.5), (4.0, 4.0)):
        weights = canal.source_weights(source_count, x_mm, width_mm)
        mean = np.diff(cubic.integ()([x_mm - width_mm / 2.0, x_mm + width_mm / 2.0]))[0] / width_mm
        assert weights.sum() == pytest.approx(1.0)
        assert weights @ cubic(grid) == pytest.approx(mean)


def invented_kernel(seed: int, source_count: int = canal.SOURCE_COUNT) -> np.ndarray:
    points = len(canal.LATERAL_FRACTIONS) * 2 + 4 * canal.PATH_POINTS + 2 * source_count - 1
    return np.random.default_rng(seed).random((source_count, points, canal.Z_COUNT), dtype=np.float32)


@pytest.mark.parametrize("source_count", [canal.SOURCE_COUNT, canal.PADDLE_SOURCE_COUNT])
@pytest.mark.parametrize(("x_mm", "width_mm"), [(0.0, 0.0), (0.2, 0.0), (-2.26, 1.5), (0.1, 4.0)])
def test_many_kernels_blend_as_their_weighted_sum(source_count, x_mm, width_mm):
    """Against the slow way: every source left and right of the midline written out, then summed."""
    pairs = [(0.7, invented_kernel(1, source_count)), (-0.2, invented_kernel(2, source_count))]
    pairs.append((0.5, invented_kernel(3, source_count)))
    layout = canal.site_layout(pairs[0][1].shape[1], source_count)
    across = canal.source_weights(source_count, x_mm, width_mm)
    whole = [np.concatenate([kernel[:0:-1][:, layout.mirror], kernel]) for _, kernel in pairs]
    exact = sum(weight * np.tensordot(across, one, 1) for (weight, _), one in zip(pairs, whole, strict=True))
    np.testing.assert_allclose(canal.blended(pairs, x_mm, width_mm), exact, atol=1e-5)
    track = canal.blended(pairs, x_mm, width_mm, layout.track)
    np.testing.assert_allclose(track, exact[layout.track], atol=1e-5)


def test_a_paddle_s_kernel_has_a_key_of_its_own_and_a_scar_lifts_the_lead(spec):
    paddle = Paddle(5.0, 2.0, 0.1, 1e-5)
    flat = [
        replace(spec, contact_radius_mm=0.0, paddle=one)
        for one in (paddle, replace(paddle, half_width_mm=6.0), replace(paddle, gap_mm=0.6))
    ]
    lifted = replace(spec, section=anatomy.section_for("T9", lead_lift_mm=0.5), lead_lift_mm=0.5)
    assert len({one.key for one in (spec, lifted, *flat)}) == 5
    assert len(flat[0].track_xy_mm()) == 2 * canal.PADDLE_SOURCE_COUNT - 1
    middle = [one.track_xy_mm()[one.source_count - 1, 1] for one in (spec, lifted, flat[0], flat[2])]
    dura = float(spec.section.curve_xy_mm("dura_outer", np.pi / 2)[1])
    assert np.array(middle) - dura == pytest.approx([0.65, 1.15, 0.1, 0.6], abs=1e-4)
    with pytest.raises(InvalidValueError, match="must be 0 for a contact of a paddle"):
        replace(spec, paddle=paddle)


def test_a_contact_beyond_the_kernels_is_refused(kernel):
    with pytest.raises(InvalidValueError, match=r"6\.4 mm .* between -6 and 6 mm"):
        canal.at_lateral_position(kernel, 6.4)
