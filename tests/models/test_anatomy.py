"""Vertebrae, segments, foramina and sections: against the literature's statements and against themselves."""

from __future__ import annotations

import numpy as np
import pytest

from scs_models import anatomy
from scs_models.conductor import CrossSection
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.percept.dermatomes import DERMATOMES


def along_the_cord() -> np.ndarray:
    low, high = anatomy.sections_span_mm()
    return np.linspace(low, high, 1501)


def test_z_is_zero_at_mid_height_of_t9_and_rises_rostrally() -> None:
    assert anatomy.vertebra_mid_z_mm("T9") == 0.0
    assert np.all(np.diff(anatomy.spine().mid_z_mm) < 0.0)


def test_thoracic_spine_is_as_long_as_a_person_s() -> None:
    low, high = anatomy.vertebra_span_mm("T12")[0], anatomy.vertebra_span_mm("T1")[1]
    assert 260.0 < high - low < 310.0


def test_vertebrae_fill_the_spine_without_gap_and_name_their_own_height() -> None:
    stack = anatomy.spine()
    for rostral, caudal in zip(stack.vertebrae[:-1], stack.vertebrae[1:], strict=True):
        assert anatomy.vertebra_span_mm(rostral)[0] == anatomy.vertebra_span_mm(caudal)[1]
    for vertebra in stack.vertebrae:
        assert anatomy.vertebra_at(anatomy.vertebra_mid_z_mm(vertebra)) == vertebra
        low, high = anatomy.body_span_mm(vertebra)
        assert anatomy.vertebra_span_mm(vertebra)[0] < low < high < anatomy.vertebra_span_mm(vertebra)[1]


def test_dermatomes_are_the_same_here_and_in_the_percept() -> None:
    assert anatomy.dermatome_names() == DERMATOMES


@pytest.mark.parametrize(
    ("vertebra", "low", "high"),
    [("T5", 6.5, 7.5), ("T9", 11, 12), ("T10", 13, 14), ("T11", 15, 16), ("T12", 17, 18.5), ("L1", 19, 22)],
)
def test_segment_under_a_vertebra_is_that_of_the_rule_of_two_and_its_end(
    vertebra: str, low: float, high: float
) -> None:
    assert low <= anatomy.segment_position(anatomy.vertebra_mid_z_mm(vertebra)) <= high


def test_segment_position_and_height_are_inverse_and_monotone() -> None:
    z = np.linspace(-140.0, 280.0, 999)
    for shift in (-1.0, 0.0, 0.4, 1.0):
        index = anatomy.segment_position(z, shift)
        assert np.all(np.diff(index) < 0.0)
        np.testing.assert_allclose(anatomy.segment_z_mm(index, shift), z, atol=1e-9)


def test_patient_shift_moves_the_segments_rostrally() -> None:
    assert anatomy.segment_position(0.0, 1.0) == pytest.approx(anatomy.segment_position(0.0) + 1.0)
    assert anatomy.segment_z_mm(12.0, 1.0) > anatomy.segment_z_mm(12.0)
    with pytest.raises(InvalidValueError, match="shift"):
        anatomy.segment_position(0.0, 2.0)


def test_cord_ends_at_the_lower_third_of_l1() -> None:
    low, high = anatomy.body_span_mm("L1")
    assert low <= anatomy.conus_end_z_mm() <= low + (high - low) / 2.5


def test_thoracic_entry_zones_lie_two_vertebrae_above_the_one_of_their_name() -> None:
    stack = anatomy.spine()
    for number in range(3, 13):
        entry = float(anatomy.segment_z_mm(number))
        vertebra = float(np.interp(-entry, -stack.mid_z_mm, stack.coordinate))
        assert number - vertebra == pytest.approx(2.0, abs=0.8), number
        assert anatomy.foramen_z_mm(f"T{number}") < entry


def test_foramina_follow_each_other_from_rostral_to_caudal() -> None:
    z = [anatomy.foramen_z_mm(name) for name in anatomy.dermatome_names()]
    assert np.all(np.diff(z) < 0.0)
    assert anatomy.foramen_z_mm("C8") == anatomy.vertebra_span_mm("C7")[0]
    assert anatomy.foramen_z_mm("C5") == anatomy.vertebra_span_mm("C5")[1]
    assert anatomy.foramen_z_mm("T9") == anatomy.vertebra_span_mm("T9")[0]


def test_level_weights_sum_to_one_and_are_continuous() -> None:
    z = along_the_cord()
    levels, weights = anatomy.level_weights(z)
    assert weights.shape == (len(z), len(levels))
    assert np.all(weights >= 0.0)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-12)
    assert np.abs(np.diff(weights, axis=0)).max() <= (z[1] - z[0]) / 10.0 + 1e-9


def test_level_weights_are_pure_at_mid_height_and_half_at_a_border() -> None:
    levels, weights = anatomy.level_weights([0.0, anatomy.vertebra_span_mm("T9")[0]])
    assert weights[0, levels.index("T9")] == 1.0
    assert weights[1, levels.index("T9")] == pytest.approx(0.5)
    assert weights[1, levels.index("T10")] == pytest.approx(0.5)


def test_heights_without_a_section_are_an_error_that_says_where_they_end() -> None:
    with pytest.raises(InvalidValueError, match="C2 to L2"):
        anatomy.level_weights([400.0])
    with pytest.raises(UnknownNameError, match="T9"):
        anatomy.section_for("L3")


@pytest.mark.parametrize("level", anatomy.section_levels())
def test_sections_have_the_layers_of_the_table_on_the_dorsal_midline(level: str) -> None:
    section = anatomy.section_for(level)
    y = {name: section.curve_xy_mm(name, np.pi / 2.0)[1] for name in ("cord", "dura_inner", "dura_outer", "canal")}
    assert y["dura_inner"] - y["cord"] == pytest.approx(anatomy.dorsal_csf_mm(level), abs=1e-6)
    assert y["dura_outer"] - y["dura_inner"] == pytest.approx(0.3, abs=0.01)
    aldrete = {"C7": 3.0, "T1": 4.0, "T2": 5.0, "T3": 4.0}  # posterior epidural depth, Aldrete 1998
    epidural_mm = y["canal"] - y["dura_outer"]
    assert epidural_mm == pytest.approx(aldrete[level], abs=0.01) if level in aldrete else epidural_mm >= 1.99


def test_canal_at_t9_is_as_deep_and_wide_as_measured() -> None:
    section = anatomy.section_for("T9")
    top, bottom = (section.curve_xy_mm("canal", angle)[1] for angle in (np.pi / 2.0, -np.pi / 2.0))
    side = section.curve_xy_mm("canal", 0.0)[0]
    assert top - bottom == pytest.approx(15.1, abs=2.1)
    assert 2.0 * side == pytest.approx(19.1, abs=1.9)


def test_dorsal_csf_falls_from_t5_to_t12_as_in_the_mr_images() -> None:
    levels = anatomy.section_levels()
    thickness = [anatomy.dorsal_csf_mm(level) for level in levels[levels.index("T5") : levels.index("T12") + 1]]
    assert np.all(np.diff(thickness) < 0.0)
    assert 4.0 <= anatomy.dorsal_csf_mm("T5") <= 8.5
    assert 2.0 <= anatomy.dorsal_csf_mm("T11") <= 6.0
    assert 1.5 <= anatomy.dorsal_csf_mm("T12") <= 4.5


def test_posture_moves_the_cord_inside_a_fixed_sac() -> None:
    supine = anatomy.section_for("T11")
    shift, clipped = anatomy.posture_shift_mm("T11", "prone")
    assert (shift, clipped) == (2.2, False)
    prone = anatomy.section_for("T11", cord_shift_mm=shift)

    def sac_depth(section: CrossSection) -> float:
        top, bottom = (section.curve_xy_mm("dura_inner", angle)[1] for angle in (np.pi / 2.0, -np.pi / 2.0))
        return float(top - bottom)

    assert sac_depth(prone) == pytest.approx(sac_depth(supine), abs=1e-6)
    assert prone.curve_xy_mm("dura_inner", np.pi / 2.0)[1] == pytest.approx(
        supine.curve_xy_mm("dura_inner", np.pi / 2.0)[1] + 2.2, abs=1e-6
    )


def test_a_shift_larger_than_the_room_is_clipped_and_said_so() -> None:
    shift, clipped = anatomy.posture_shift_mm("T8", "standing", supine_dorsal_csf_mm=9.0)
    assert clipped
    assert shift == pytest.approx(2.0 - 0.3)
    with pytest.raises(InvalidValueError, match="cord_shift_mm"):
        anatomy.section_for("T8", cord_shift_mm=1.8)


def test_postures_raise_the_dorsal_csf_in_the_clinical_order() -> None:
    for level in ("T8", "T9", "T10", "T11", "T12"):
        shift = {posture: anatomy.posture_shift_mm(level, posture)[0] for posture in anatomy.postures()}
        assert 0.0 == shift["supine"] < shift["sitting"] < shift["standing"] < shift["prone"]


def test_patient_s_own_csf_and_tissues_reach_the_section() -> None:
    own = anatomy.section_for("T9", dorsal_csf_mm=5.5, tissues={"fat": 0.25})
    gap = own.curve_xy_mm("dura_inner", np.pi / 2.0)[1] - own.curve_xy_mm("cord", np.pi / 2.0)[1]
    assert gap == pytest.approx(5.5, abs=1e-6)
    assert own.content_key() != anatomy.section_for("T9", dorsal_csf_mm=5.5).content_key()
    assert anatomy.section_for("T9").content_key() == anatomy.section_for("T9").content_key()
    with pytest.raises(InvalidValueError, match="dorsal_csf_mm"):
        anatomy.section_for("T9", dorsal_csf_mm=0.2)
    with pytest.raises(UnknownNameError, match="tissue"):
        anatomy.section_for("T9", tissues={"cheese": 1.0})


def test_half_width_of_the_dorsal_columns_is_that_of_the_counts_at_t10() -> None:
    assert anatomy.column_half_width_mm("T10") == 2.8
    z = along_the_cord()
    assert np.abs(np.diff(anatomy.column_half_width_at_mm(z))).max() < 0.05
    assert anatomy.column_half_width_at_mm(500.0) == anatomy.column_half_width_mm("C2")


def test_the_cervical_levels_are_what_was_measured_there() -> None:
    """HO94 (dorsal CSF at C4-C6), FROSTELL16 (C5), IMBELLONI10 (T2): the ranges of the papers."""
    for level in ("C4", "C5", "C6"):
        assert 1.5 <= anatomy.dorsal_csf_mm(level) <= 4.0
    assert anatomy.dorsal_csf_mm("T2") == pytest.approx(3.9, abs=0.8)
    section = anatomy.section_for("C5")
    width = 2.0 * section.curve_xy_mm("cord", 0.0)[0]
    depth = section.curve_xy_mm("cord", np.pi / 2.0)[1] - section.curve_xy_mm("cord", -np.pi / 2.0)[1]
    assert width == pytest.approx(13.3, abs=2.2)
    assert depth == pytest.approx(7.4, abs=1.6)


def test_a_missing_lamina_is_scar_behind_the_canal_and_nothing_else() -> None:
    theta = np.array([0.0, np.pi / 2.0, -np.pi / 2.0])
    whole, open_behind = anatomy.section_for("T9"), anatomy.section_for("T9", laminectomy=True)
    bone = whole.curve_names().index("bone")
    before, after = whole.region_sigma(theta)[0], open_behind.region_sigma(theta)[0]
    assert after[bone, 1] > before[bone, 1]
    changed = before != after
    assert changed.sum() == 1
    assert changed[bone, 1]
