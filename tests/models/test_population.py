"""The dorsal-column lines: counts against Feirabend 2002, somatotopy, continuity along the cord, points in sections."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scs_models import anatomy
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.fibres.population import DorsalColumns, bands, dorsal_columns, points_xy_mm

COLUMNS = dorsal_columns()
NAMES = anatomy.dermatome_names()
LOW, HIGH = anatomy.sections_span_mm()
T10_MM = anatomy.vertebra_mid_z_mm("T10")


def right(columns: DorsalColumns = COLUMNS) -> np.ndarray:
    return columns.side == 1


def share_of_lognormal(low_um: float, high_um: float, median_um: float) -> float:
    """Share of a log-normal between two diameters, by the error function of the standard library."""

    def below(diameter_um: float) -> float:
        return 0.5 * (1.0 + math.erf(math.log(diameter_um / median_um) / 0.382 / math.sqrt(2.0)))

    return below(high_um) - below(low_um)


# --- Feirabend 2002 -------------------------------------------------------------------------------------------------


def test_68_fibres_above_10_7_um_in_the_superficial_300_um_of_one_column() -> None:
    fraction, _ = COLUMNS.lateral_fraction(T10_MM)
    count = COLUMNS.fibre_count(T10_MM, 2.8)[right()]
    shallow = np.clip(0.3 - np.concatenate([[0.0], np.cumsum(COLUMNS.depth_thickness_mm)[:-1]]), 0.0, None)
    shallow = np.minimum(shallow, COLUMNS.depth_thickness_mm) / COLUMNS.depth_thickness_mm
    by_class = np.einsum("ldk,d->lk", count, shallow)
    edge = COLUMNS.diameter_edge_um
    split = int(np.searchsorted(edge, 10.7)) - 1
    inside = [
        share_of_lognormal(10.7, edge[split + 1], 4.0 * (1.0 + 0.05 * (x - 0.5)))
        / share_of_lognormal(edge[split], edge[split + 1], 4.0 * (1.0 + 0.05 * (x - 0.5)))
        for x in fraction[right()]
    ]
    above = by_class[:, split + 1 :].sum() + (by_class[:, split] * inside).sum()
    assert above == pytest.approx(68.0, abs=1.5)


def test_2_4_large_fibres_per_tenth_of_a_millimetre() -> None:
    x = (np.arange(2800) + 0.5) / 2800
    per_area = COLUMNS.fibres_per_mm2 * COLUMNS.law.share_above(10.7, x)
    per_tenth = (per_area * 0.3 * 0.1).reshape(28, 100).mean(axis=1)
    assert per_tenth.mean() == pytest.approx(2.4, abs=0.05)
    assert per_tenth.min() > 1.9
    assert per_tenth.max() < 3.0


def test_about_six_large_fibres_per_segmental_division() -> None:
    x = np.linspace(0.0, 1.0, 1001)
    total = COLUMNS.fibres_per_mm2 * COLUMNS.law.share_above(10.7, x).mean() * 2.8 * 0.3
    divisions = sum(1 for name in NAMES if anatomy.segment_span(name)[0] >= 11.5) + 1  # S4 and S5 are two
    assert total / divisions == pytest.approx(6.0, abs=1.5)


def test_mean_diameter_of_fibres_from_7_1_um_grows_laterally_but_by_less_than_the_median() -> None:
    diameter = np.linspace(7.1, 12.8, 2001)

    def mean_at(x: float) -> float:
        above = COLUMNS.law.share_above(diameter, np.array(x))
        return float(7.1 + np.trapezoid(above, diameter) / above[0])

    growth = mean_at(1.0) / mean_at(0.0) - 1.0
    assert 0.0 < growth < 0.05


def test_classes_hold_every_fibre_from_5_7_to_12_8_um() -> None:
    fraction, _ = COLUMNS.lateral_fraction(T10_MM)
    count = COLUMNS.fibre_count(T10_MM, 2.8)[right()]
    share = [share_of_lognormal(5.7, 12.8, 4.0 * (1.0 + 0.05 * (x - 0.5))) for x in fraction[right()]]
    width_mm = count.sum(axis=(1, 2)) / np.array(share) / (1.29 * 13_600 / (2.8 * 0.3) * 0.9)
    assert width_mm.sum() == pytest.approx(2.8, rel=1e-9)


def test_no_fibre_is_larger_than_the_cut() -> None:
    assert COLUMNS.law.share_above(12.8, 0.5) == 0.0
    assert COLUMNS.law.share_above(14.0, 0.5) == 0.0


# --- somatotopy -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", anatomy.section_levels()[:-2])  # L1 and L2: conus and below
def test_lines_fill_the_column_from_the_midline_to_its_edge(level: str) -> None:
    z, half = anatomy.vertebra_mid_z_mm(level), anatomy.column_half_width_mm(level)
    total = COLUMNS.fibre_count(z, half)[right()].sum()
    even = 1.29 * 13_600 / (2.8 * 0.3) * half * 0.9
    x = (np.arange(4000) + 0.5) / 4000
    share = np.mean([share_of_lognormal(5.7, 12.8, 4.0 * (1.0 + 0.05 * (value - 0.5))) for value in x])
    assert total == pytest.approx(even * share, rel=2e-3)
    fraction, present = COLUMNS.lateral_fraction(z)
    assert fraction[present].max() > 0.9
    assert fraction[present].min() < 0.1


@given(st.floats(LOW, HIGH))
@settings(max_examples=60)
def test_caudal_dermatomes_lie_medially_at_every_height(z_mm: float) -> None:
    fraction, present = COLUMNS.lateral_fraction(z_mm)
    mine = right() & present
    order = np.argsort(fraction[mine], kind="stable")
    assert np.all(np.diff(COLUMNS.dermatome[mine][order]) <= 0)


def test_lines_shift_medially_on_their_way_up() -> None:
    z = np.linspace(LOW, HIGH, 2001)
    fraction, present = COLUMNS.lateral_fraction(z)
    assert np.all(np.diff(fraction, axis=0) <= 1e-12)
    assert np.all(np.diff(present.astype(int), axis=0) >= 0)


def test_a_line_stands_at_the_edge_until_it_enters_and_enters_there() -> None:
    z = np.linspace(LOW, HIGH, 4001)
    fraction, present = COLUMNS.lateral_fraction(z)
    assert np.all(fraction[~present] == 1.0)
    for line in np.flatnonzero(~present[0] & present[-1]):
        assert fraction[np.argmax(present[:, line]), line] > 0.97


def test_moving_along_the_cord_changes_places_and_counts_without_a_jump() -> None:
    z = np.arange(LOW, HIGH, 0.05)
    fraction, _ = COLUMNS.lateral_fraction(z)
    above_the_conus = z > anatomy.vertebra_mid_z_mm("T12")
    assert np.abs(np.diff(fraction[above_the_conus], axis=0)).max() < 0.01
    count = COLUMNS.fibre_count(z, anatomy.column_half_width_at_mm(z))[:, right()].sum(axis=(2, 3))
    by_band = np.stack([count[:, COLUMNS.dermatome[right()] == d].sum(axis=1) for d in range(28)], axis=1)
    assert np.abs(np.diff(by_band[above_the_conus], axis=0)).max() < 0.01 * by_band.sum(axis=1).max()


def test_bands_at_t10_have_the_widths_of_their_weights() -> None:
    share = COLUMNS.law.share_above(5.7, COLUMNS.lateral_fraction(T10_MM)[0][right()])
    count = COLUMNS.fibre_count(T10_MM, 2.8)[right()].sum(axis=(1, 2)) / share
    dermatome = COLUMNS.dermatome[right()]
    width = {name: count[dermatome == NAMES.index(name)].sum() for name in ("S1", "L5", "S3", "S4-5")}
    assert width["L5"] / width["S1"] == pytest.approx(0.85, rel=1e-9)
    assert width["S3"] / width["S1"] == pytest.approx(0.25, rel=1e-9)
    assert width["S4-5"] / width["S1"] == pytest.approx(0.05, rel=1e-9)


def test_foot_and_leg_not_the_perineum_hold_the_middle_of_the_column_at_t9() -> None:
    count = COLUMNS.fibre_count(0.0, 2.8)[right()].sum(axis=(1, 2))
    dermatome = COLUMNS.dermatome[right()]
    share = {name: count[dermatome == NAMES.index(name)].sum() / count.sum() for name in NAMES}
    assert share["S4-5"] < 0.02
    assert share["S1"] == max(share.values())
    assert share["C5"] == share["T5"] == 0.0


def test_above_t6_the_gracile_bands_keep_at_least_the_medial_half() -> None:
    for vertebra in ("C3", "C6", "T2"):
        fraction, present = COLUMNS.lateral_fraction(anatomy.vertebra_mid_z_mm(vertebra))
        gracile = np.array([NAMES[d][0] in "LS" or NAMES[d] in ("T6", "T12", "T9") for d in COLUMNS.dermatome])
        assert 0.5 <= fraction[gracile & present].max() <= 1.0
        cuneate = np.array([NAMES[d][0] == "C" or NAMES[d] in ("T1", "T2", "T5") for d in COLUMNS.dermatome])
        if (cuneate & present).any():
            assert fraction[cuneate & present].min() > fraction[gracile & present].max()


def test_left_and_right_are_mirror_images() -> None:
    left = ~right()
    for name in ("dermatome", "xi", "xi_width"):
        np.testing.assert_array_equal(getattr(COLUMNS, name)[left], getattr(COLUMNS, name)[right()])


def test_many_heights_at_once_equal_one_at_a_time() -> None:
    z = np.array([-40.0, 0.0, 33.3])
    together = COLUMNS.fibre_count(z, anatomy.column_half_width_at_mm(z))
    fraction, _ = COLUMNS.lateral_fraction(z)
    for index, height in enumerate(z):
        np.testing.assert_allclose(together[index], COLUMNS.fibre_count(height, 2.8), rtol=1e-12)
        np.testing.assert_array_equal(fraction[index], COLUMNS.lateral_fraction(height)[0])


def test_reference_spacing_is_a_tenth_of_a_millimetre_or_less_where_it_matters() -> None:
    total = float(bands().entered_weight(anatomy.segment_position(T10_MM)).sum())
    assert (COLUMNS.xi_width / total * 2.8).max() <= 0.1 + 1e-12
    assert np.bincount(COLUMNS.dermatome).min() >= 2 * 2


# --- patients -------------------------------------------------------------------------------------------------------


def test_an_injured_root_loses_its_fibres_on_its_side_only() -> None:
    injured = dorsal_columns(fibres_left={("L5", "left"): 0.4})
    ratio = injured.fibre_count(0.0, 2.8).sum(axis=(1, 2)) / np.maximum(
        COLUMNS.fibre_count(0.0, 2.8).sum(axis=(1, 2)), 1e-9
    )
    present = COLUMNS.lateral_fraction(0.0)[1]
    hit = (injured.dermatome == NAMES.index("L5")) & (injured.side == 0)
    np.testing.assert_allclose(ratio[hit & present], 0.4)
    np.testing.assert_allclose(ratio[~hit & present], 1.0)


def test_a_higher_cord_brings_more_caudal_segments_under_the_lead() -> None:
    here = COLUMNS.lateral_fraction(0.0)[1].sum()
    assert dorsal_columns(segment_shift=1.0).lateral_fraction(0.0)[1].sum() < here
    assert dorsal_columns(segment_shift=-1.0).lateral_fraction(0.0)[1].sum() > here


def test_a_wider_band_takes_its_room_from_the_others() -> None:
    wide = dorsal_columns(weight_factors={"S1": 2.0})

    def share(columns: DorsalColumns, name: str) -> float:
        count = columns.fibre_count(0.0, 2.8).sum(axis=(1, 2))
        return float(count[columns.dermatome == NAMES.index(name)].sum() / count.sum())

    assert share(wide, "S1") > 1.4 * share(COLUMNS, "S1")
    assert share(wide, "L5") < share(COLUMNS, "L5")


def test_bad_patients_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="dermatome"):
        dorsal_columns(fibres_left={("X9", "left"): 0.5})
    with pytest.raises(UnknownNameError, match="side"):
        dorsal_columns(fibres_left={("L5", "middle"): 0.5})
    with pytest.raises(InvalidValueError, match="S1"):
        dorsal_columns(weight_factors={"S1": 0.0})


# --- points in the section ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", anatomy.section_levels())
def test_points_lie_inside_the_cord_at_their_depth_and_mirror(level: str) -> None:
    section, half = anatomy.section_for(level), anatomy.column_half_width_mm(level)
    fraction, depth = np.linspace(-1.0, 1.0, 21)[:, None], COLUMNS.depth_mm[None, :]
    points = points_xy_mm(section, fraction, depth, half)
    assert points.shape == (21, 7, 2)
    outline = section.curve_xy_mm("cord", np.linspace(-np.pi, np.pi, 20001))
    distance = np.sqrt(((points[:, :, None, :] - outline[None, None, ::5]) ** 2).sum(axis=-1)).min(axis=-1)
    np.testing.assert_allclose(distance, np.broadcast_to(depth, distance.shape), atol=2e-3)
    theta = np.arctan2(points[..., 1], points[..., 0])
    edge = np.hypot(*np.moveaxis(section.curve_xy_mm("cord", theta), -1, 0))
    assert np.all(np.hypot(points[..., 0], points[..., 1]) < edge)
    np.testing.assert_allclose(points[::-1] * (-1.0, 1.0), points, atol=1e-6)
    assert np.all(points[-1, :, 0] > 0.0)


def test_x_runs_along_the_surface_of_the_cord() -> None:
    section = anatomy.section_for("T9")
    x = np.linspace(-1.0, 1.0, 4001)
    surface = points_xy_mm(section, x, 0.0, 2.8)
    length = np.hypot(*np.diff(surface, axis=0).T)
    assert length.sum() == pytest.approx(5.6, rel=1e-5)
    np.testing.assert_allclose(length, 5.6 / 4000, rtol=1e-3)


def test_a_column_wider_than_the_cord_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="midline"):
        points_xy_mm(anatomy.section_for("L1"), 1.0, 0.1, 9.0)
