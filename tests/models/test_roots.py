"""Roots as curves: inside the CSF at every level, smooth, of the right length and angle; nodes where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import RectBivariateSpline

from scs_models import anatomy
from scs_models.conductor import CrossSection, potential_mv_per_ma
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.fibres.geometry import internode_length_mm
from scs_models.fibres.mrg import threshold_ma
from scs_models.fibres.root_path import ENTRY_FRACTION, KINDS, PathLengths, path_lengths, transverse_path_xy_mm
from scs_models.fibres.roots import RootFibres, angle_to_axis_deg, root_fibres, root_run

NAMES = anatomy.dermatome_names()
LENGTHS = PathLengths(0.44, 4.5)


def gaps(section: CrossSection, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Radial distance (mm) of points outside the cord and inside the dura."""
    theta = np.arctan2(points[:, 1], points[:, 0])
    radius = np.hypot(*points.T)
    cord, dura = (np.hypot(*section.curve_xy_mm(name, theta).T) for name in ("cord", "dura_inner"))
    return radius - cord, dura - radius


@pytest.fixture(scope="module")
def fibres() -> RootFibres:
    return root_fibres(-60.0, 60.0)


# --- the path in the cross-section ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", anatomy.section_levels())
def test_path_leaves_the_cord_once_and_stays_in_the_csf(level: str, kind: str) -> None:
    section = anatomy.section_for(level)
    u, points = transverse_path_xy_mm(section, kind, 1201, anatomy.column_half_width_mm(level))
    outside_cord, inside_dura = gaps(section, points)
    assert np.all(outside_cord[u < ENTRY_FRACTION - 1e-9] < 0.0)
    assert np.all(outside_cord[u > ENTRY_FRACTION + 1e-3] > 0.0)
    assert np.all(outside_cord[u > 2.0 * ENTRY_FRACTION] > 0.05)
    assert inside_dura.min() > 0.5


@pytest.mark.parametrize("level", anatomy.section_levels())
def test_path_ends_beside_the_cord_six_tenths_from_the_lateral_dura(level: str) -> None:
    section = anatomy.section_for(level)
    ends = [transverse_path_xy_mm(section, kind, 40, anatomy.column_half_width_mm(level))[1][-1] for kind in KINDS]
    wanted = section.curve_xy_mm("dura_inner", 0.0) - (0.6, 0.0)
    np.testing.assert_allclose(ends, [wanted, wanted], atol=0.02)


def test_path_stays_in_the_csf_where_it_is_thin_or_thick() -> None:
    for csf in (1.0, 2.0, 7.0, 9.0):
        for shift in (-0.5, 0.0, 1.7):
            section = anatomy.section_for("T9", dorsal_csf_mm=csf, cord_shift_mm=shift)
            for kind in KINDS:
                u, points = transverse_path_xy_mm(section, kind, 401, 2.8)
                outside_cord, inside_dura = gaps(section, points)
                assert outside_cord[u > ENTRY_FRACTION + 3e-3].min() > 0.0
                assert inside_dura.min() > 0.05


def test_dorsal_path_starts_in_the_column_s_edge_and_enters_beyond_it() -> None:
    section = anatomy.section_for("T9")
    u, points = transverse_path_xy_mm(section, "dorsal", 2001, 2.8)
    outside_cord, _ = gaps(section, points)
    assert outside_cord[0] == pytest.approx(-0.3, abs=0.05)
    entry = points[np.argmin(np.abs(u - ENTRY_FRACTION))]
    theta = np.linspace(np.pi / 2.0, np.arctan2(entry[1], entry[0]), 2001)
    along = np.hypot(*np.diff(section.curve_xy_mm("cord", theta), axis=0).T).sum()
    assert along == pytest.approx(2.9, abs=0.12)


def test_path_has_no_corner_and_even_steps() -> None:
    for level in anatomy.section_levels():
        for kind in KINDS:
            section = anatomy.section_for(level)
            _, points = transverse_path_xy_mm(section, kind, 40, anatomy.column_half_width_mm(level))
            step = np.hypot(*np.diff(points, axis=0).T)
            assert step.max() / step.min() < 1.5
            heading = np.unwrap(np.arctan2(*np.diff(points, axis=0).T[::-1]))
            assert np.abs(np.diff(heading)).max() < 0.35


def test_lengths_are_those_of_the_curve() -> None:
    section = anatomy.section_for("T11")
    for kind in KINDS:
        found = path_lengths(section, kind, 2.8)
        u, points = transverse_path_xy_mm(section, kind, 4001, 2.8)
        step = np.hypot(*np.diff(points, axis=0).T)
        middle = (u[1:] + u[:-1]) / 2.0
        assert step.sum() == pytest.approx(found.cord_mm + found.csf_mm, rel=1e-3)
        assert step[middle < ENTRY_FRACTION].sum() == pytest.approx(found.cord_mm, rel=0.01)


def test_unknown_kind_and_a_cord_that_leaves_no_room_are_refused() -> None:
    section = anatomy.section_for("T9")
    with pytest.raises(UnknownNameError, match="dorsal"):
        transverse_path_xy_mm(section, "lateral", 40, 2.8)
    with pytest.raises(InvalidValueError, match="n_points"):
        transverse_path_xy_mm(section, "dorsal", 1, 2.8)


# --- the course along the cord ----------------------------------------------------------------------------------------


def test_arc_is_the_true_length_of_the_course() -> None:
    run = root_run(10.0, -40.0, LENGTHS, caudal_mm=80.0)
    u_mm = np.interp(run.u_fraction, [0.0, ENTRY_FRACTION, 1.0], [0.0, 0.44, 4.94])
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(u_mm), np.diff(run.z_mm)))])
    np.testing.assert_allclose(length, run.arc_mm - run.arc_mm[0], atol=2e-3)


def test_course_runs_straight_up_in_the_cord_and_straight_down_at_the_side() -> None:
    run = root_run(10.0, -20.0, LENGTHS, caudal_mm=80.0)
    branch, side = run.arc_mm < -3.0, run.arc_mm > 45.0
    assert np.all(run.u_fraction[branch] < 1e-6)
    assert np.all(run.u_fraction[side] > 1.0 - 1e-6)
    for part in (branch, side):
        np.testing.assert_allclose(np.diff(run.z_mm[part]) / np.diff(run.arc_mm[part]), -1.0, atol=1e-6)
    assert np.all(np.diff(run.u_fraction) >= -1e-12)
    assert np.all(np.diff(run.z_mm) < 0.0)


def test_course_passes_the_entry_at_its_height_and_meets_the_foramen() -> None:
    run = root_run(10.0, -20.0, LENGTHS, caudal_mm=80.0)
    assert np.interp(0.0, run.arc_mm, run.u_fraction) == pytest.approx(ENTRY_FRACTION, abs=1e-4)
    assert np.interp(0.0, run.arc_mm, run.z_mm) == pytest.approx(10.0, abs=0.2)
    reached = run.z_mm[np.argmax(run.u_fraction > 0.98)]
    assert reached == pytest.approx(-20.0, abs=1.5)


def test_bend_is_smooth_at_the_scale_of_the_gaussian() -> None:
    run = root_run(10.0, -20.0, LENGTHS, caudal_mm=80.0)
    u_mm = np.interp(run.u_fraction, [0.0, ENTRY_FRACTION, 1.0], [0.0, 0.44, 4.94])
    slope = np.gradient(u_mm, run.arc_mm)
    assert np.abs(np.gradient(slope, run.arc_mm)).max() < 0.5 / (0.3 * np.sqrt(2.0 * np.pi))


@pytest.mark.parametrize(("drop_mm", "low", "high"), [(500.0, 7.0, 7.0), (20.0, 12.0, 13.5), (0.0, 70.0, 70.0)])
def test_angle_follows_the_foramen_between_its_limits(drop_mm: float, low: float, high: float) -> None:
    assert low <= angle_to_axis_deg(0.0, -drop_mm, 4.5) <= high


def test_lumbosacral_roots_run_as_steeply_as_the_limit_allows() -> None:
    for name in ("L1", "L5", "S1"):
        entry = float(anatomy.segment_z_mm(sum(anatomy.segment_span(name)) / 2.0))
        assert angle_to_axis_deg(entry, anatomy.foramen_z_mm(name), 4.5) == 7.0


# --- all fibres near some leads ---------------------------------------------------------------------------------------


def test_counts_are_those_of_the_table_per_rootlet_and_per_ventral_root(fibres: RootFibres) -> None:
    t11 = (fibres.dermatome == NAMES.index("T11")) & (fibres.side == 1)
    for rootlet in range(6):
        mine = t11 & fibres.is_dorsal & (fibres.rootlet == rootlet)
        found = dict(zip(fibres.diameter_um[mine], fibres.count[mine], strict=True))
        assert found == {8.7: 60.0, 10.7: 30.0, 12.8: 10.0, 14.0: 3.0}
    ventral = t11 & ~fibres.is_dorsal
    assert fibres.count[ventral].sum() == pytest.approx(20.0)
    assert set(fibres.diameter_um[ventral]) == {15.0}


def test_groups_cover_all_fibres_once_and_in_order(fibres: RootFibres) -> None:
    assert [group.first for group in fibres.groups] == np.cumsum([0, *(g.z_mm.shape[1] for g in fibres.groups)])[
        :-1
    ].tolist()
    for group in fibres.groups:
        part = slice(group.first, group.first + group.z_mm.shape[1])
        assert np.all(fibres.diameter_um[part] == group.diameter_um)
        kind = np.where(fibres.is_dorsal[part], 0, 2)
        np.testing.assert_array_equal(group.path_index, kind + (fibres.side[part] == 0))


def test_nodes_are_one_internode_apart_along_the_curve(fibres: RootFibres) -> None:
    lengths = {kind: path_lengths(anatomy.section_for("T9"), kind, 2.8) for kind in KINDS}
    for group in fibres.groups:
        found = lengths["dorsal" if fibres.is_dorsal[group.first] else "ventral"]
        knots = [0.0, found.cord_mm, found.cord_mm + found.csf_mm]
        u_mm = np.interp(group.u_fraction, [0.0, ENTRY_FRACTION, 1.0], knots)
        step = np.hypot(np.diff(u_mm, axis=0), np.diff(group.z_mm, axis=0))
        both = group.real[1:] | group.real[:-1]
        wanted = internode_length_mm(group.diameter_um)
        assert step[both].max() <= wanted * 1.03
        assert step[both].min() >= wanted * 0.95
        assert np.median(step[both]) == pytest.approx(wanted, rel=1e-3)


def test_every_cable_is_sixty_millimetres_long_or_more_and_lies_near_the_window(fibres: RootFibres) -> None:
    for group in fibres.groups:
        nodes = group.real.sum(axis=0)
        assert np.all((nodes + 1) * internode_length_mm(group.diameter_um) >= 60.0)
        z = np.where(group.real, group.z_mm, np.nan)
        assert np.all(np.nanmin(z, axis=0) < 60.0 + internode_length_mm(group.diameter_um))
        assert np.all(np.nanmax(z, axis=0) > -60.0 - internode_length_mm(group.diameter_um))
        assert np.all(np.isfinite(group.z_mm))
        assert np.all((group.u_fraction >= 0.0) & (group.u_fraction <= 1.0))


def test_real_nodes_stand_together_from_rostral_to_caudal(fibres: RootFibres) -> None:
    for group in fibres.groups:
        change = np.diff(group.real.astype(int), axis=0)
        assert np.all((change == 1).sum(axis=0) == 1)
        assert np.all((change == -1).sum(axis=0) == 1)
        assert np.all(np.diff(group.z_mm, axis=0) < 0.0)


def test_a_guard_of_nodes_with_a_potential_stands_at_either_end(fibres: RootFibres) -> None:
    for group in fibres.groups:
        step = internode_length_mm(group.diameter_um)
        before = np.argmax(group.real, axis=0)
        assert np.all(np.abs(before * step - 6.0) <= step)
        behind = group.real.shape[0] - before - group.real.sum(axis=0)
        assert np.all(behind * step >= 6.0 - step)


def test_branch_nodes_lie_in_the_column_and_only_dorsal_fibres_have_them(fibres: RootFibres) -> None:
    for group in fibres.groups:
        if not fibres.is_dorsal[group.first]:
            assert not group.branch.any()
            continue
        assert np.all(group.u_fraction[group.branch] < 0.02)
        in_cord_far = (group.u_fraction < 1e-9) & group.real
        assert group.branch[in_cord_far].mean() > 0.99


def test_both_sides_have_the_same_fibres(fibres: RootFibres) -> None:
    for group in fibres.groups:
        half = group.z_mm.shape[1] // 2
        for name in ("z_mm", "u_fraction", "real", "branch"):
            value = getattr(group, name)
            np.testing.assert_array_equal(value[:, :half], value[:, half:])


def test_moving_the_window_moves_no_node(fibres: RootFibres) -> None:
    moved = root_fibres(-55.0, 65.0)
    segment = NAMES.index("T11")
    for here, there in zip(fibres.groups, moved.groups, strict=True):
        one = np.flatnonzero(fibres.dermatome[here.first : here.first + here.z_mm.shape[1]] == segment)[0]
        two = np.flatnonzero(moved.dermatome[there.first : there.first + there.z_mm.shape[1]] == segment)[0]
        a, b = here.z_mm[here.real[:, one], one], there.z_mm[there.real[:, two], two]
        common = np.intersect1d(a.round(6), b.round(6))
        assert len(common) > 0.85 * min(len(a), len(b))


def test_roots_near_t8_t9_are_those_of_rib_and_abdomen_and_pass_the_lumbar_ones_by() -> None:
    near = root_fibres(-15.0, 35.0)
    found = {NAMES[d] for d in near.dermatome}
    assert {"T8", "T9", "T10", "T11", "T12"} <= found
    assert "S1" not in found


def test_rootlets_spread_over_eleven_millimetres_but_not_over_a_short_sacral_segment() -> None:
    wide = root_fibres(-150.0, 100.0)
    group = next(g for g in wide.groups if g.diameter_um == 12.8)
    part = slice(group.first, group.first + group.z_mm.shape[1])
    for name, low, high in (("T10", 8.5, 11.01), ("S4-5", 0.0, 9.0)):
        heights = []
        for rootlet in range(6):
            chosen = (
                (wide.dermatome[part] == NAMES.index(name)) & (wide.rootlet[part] == rootlet) & (wide.side[part] == 1)
            )
            column = int(np.flatnonzero(chosen)[0])
            real = group.real[:, column]
            u, z = group.u_fraction[real, column], group.z_mm[real, column]
            inside = (u > 1e-6) & (u < 1.0 - 1e-6)
            heights.append(np.interp(ENTRY_FRACTION, u[inside], z[inside]))
        assert low <= max(heights) - min(heights) <= high + 0.6, name


def test_an_injured_root_loses_dorsal_fibres_on_its_side_only() -> None:
    injured = root_fibres(-60.0, 60.0, fibres_left={("L1", "left"): 0.5})
    whole = root_fibres(-60.0, 60.0)
    ratio = injured.count / whole.count
    hit = (injured.dermatome == NAMES.index("L1")) & (injured.side == 0) & injured.is_dorsal
    assert hit.any()
    np.testing.assert_allclose(ratio[hit], 0.5)
    np.testing.assert_allclose(ratio[~hit], 1.0)


def test_patient_shift_raises_the_entries() -> None:
    here, higher = root_fibres(-60.0, 60.0), root_fibres(-60.0, 60.0, segment_shift=1.0)
    assert NAMES[int(higher.dermatome.max())] > NAMES[int(here.dermatome.max())]


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="low_z_mm"):
        root_fibres(10.0, 10.0)


def test_a_root_fibre_s_threshold_differs_from_that_of_the_same_fibre_straightened() -> None:
    """Contact over the midline at T9, reference axon of 12.8 um; straight = along z through the most exposed node."""
    section = anatomy.section_for("T9")
    u_grid, path = transverse_path_xy_mm(section, "dorsal", 41, 2.8)
    z_grid = np.linspace(0.0, 40.0, 141)
    source = np.array(section.epidural_xy_mm(0.0, 0.65))
    potential = potential_mv_per_ma(section, source, 3.0, path, z_grid)
    both = np.concatenate([potential[:, :0:-1], potential], axis=1)
    field = RectBivariateSpline(u_grid, np.concatenate([-z_grid[:0:-1], z_grid]), both)
    step = internode_length_mm(12.8)
    nodes = np.arange(-20, 21)
    fields = []
    for drop_mm in (500.0, 5.0):  # as steep as the limit allows; nearly across the cord, as in the neck
        run = root_run(0.0, -drop_mm, path_lengths(section, "dorsal", 2.8), caudal_mm=60.0)
        u = np.interp(nodes * step, run.arc_mm, run.u_fraction)
        z = np.interp(nodes * step, run.arc_mm, run.z_mm)
        curved = -field.ev(u, z)
        peak = int(np.argmin(curved))
        fields += [curved, -field.ev(np.full(len(nodes), u[peak]), z[peak] + (nodes - nodes[peak]) * step)]
    threshold = threshold_ma(np.array(fields), 12.8, 200.0, "monophasic", time_step_us=10.0)
    assert np.all((threshold > 1.0) & (threshold < 10.0))
    ratio = threshold[0::2] / threshold[1::2]
    assert abs(ratio[0] - 1.0) > 0.01
    assert abs(ratio[1] - 1.0) > 0.04
