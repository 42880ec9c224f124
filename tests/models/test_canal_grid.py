"""The finite grid of sections: what is on it, and that a section between its values is met by the weighted sum."""

from __future__ import annotations

import numpy as np
import pytest

from scs_models import anatomy, canal_grid
from scs_models.conductor import potential_mv_per_ma
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.fibres.population import points_xy_mm


@pytest.mark.parametrize("level", anatomy.section_levels())
def test_a_level_has_at_most_six_thicknesses_and_the_usual_one_is_among_them(level: str) -> None:
    values = canal_grid.csf_values_mm(level)
    assert len(values) <= 6
    assert anatomy.dorsal_csf_mm(level) in values
    assert np.all(np.diff(values) > 0.3)


def test_a_patient_on_the_grid_is_one_section_of_weight_one() -> None:
    for level in anatomy.section_levels():
        found = canal_grid.weighted_sections(level, dorsal_csf_mm=anatomy.dorsal_csf_mm(level))
        assert [weight for weight, _ in found] == [1.0]


def test_every_section_of_the_list_can_be_meshed() -> None:
    sections = canal_grid.all_sections(anatomy.section_levels())
    assert len({section.title for section in sections}) == len(sections)
    assert all(section.section().is_symmetric() for section in sections[::7])


def test_every_section_that_a_patient_needs_is_in_the_list() -> None:
    listed = set(canal_grid.all_sections(("T9",)))
    for csf in (1.0, 1.3, 4.1, 5.0, 7.38):
        for shift in (0.0, 0.5, 1.7):
            assert {s for _, s in canal_grid.weighted_sections("T9", dorsal_csf_mm=csf, cord_shift_mm=shift)} <= listed


def test_beyond_the_grid_is_an_error_that_says_where_it_ends() -> None:
    with pytest.raises(InvalidValueError, match=r"dorsal CSF at T9 is 8 mm; .* 1 and 7\.38 mm"):
        canal_grid.weighted_sections("T9", dorsal_csf_mm=8.0)
    with pytest.raises(InvalidValueError, match="shift of the cord"):
        canal_grid.weighted_sections("T9", dorsal_csf_mm=4.0, cord_shift_mm=2.0)
    with pytest.raises(UnknownNameError):
        canal_grid.weighted_sections("L4", dorsal_csf_mm=4.0)


def second_differences(section: canal_grid.GridSection) -> np.ndarray:
    """Return second differences (points, z) over 1 mm of a 3 mm contact on the midline, from the solver itself."""
    cross = section.section()
    points = points_xy_mm(cross, np.array([0.0, 0.4, 0.9])[:, None], np.array([[0.03, 0.3]]), 2.8).reshape(-1, 2)
    z = np.arange(-15.0, 15.5, 1.0)
    radius_mm = 0.65
    source = cross.epidural_xy_mm(0.0, radius_mm + section.lead_lift_mm)
    potential = potential_mv_per_ma(cross, source, 3.0, points, z, radius_mm)
    return np.diff(potential, 2, axis=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("level", "csf", "shift", "lift", "worst"),
    [
        ("T9", 5.4, 0.0, 0.0, 0.02),
        ("T9", 3.3, 0.4, 0.0, 0.01),
        ("T12", 2.7, 1.0, 0.0, 0.02),
        ("T9", 4.1, 0.0, 0.3, 0.01),
    ],
)
def test_the_weighted_sum_meets_a_section_that_was_solved_itself(level, csf, shift, lift, worst) -> None:
    """Judge: the solver on the section in between. `worst`: over all points, relative to each fibre's peak."""
    own = second_differences(canal_grid.GridSection(level, csf, shift, lift))
    pairs = canal_grid.weighted_sections(level, dorsal_csf_mm=csf, cord_shift_mm=shift, lead_lift_mm=lift)
    assert len(pairs) > 1
    summed = sum(weight * second_differences(section) for weight, section in pairs)
    error = np.abs(summed - own).max(axis=1) / np.abs(own).max(axis=1)
    print(f"{level}, CSF {csf} mm, shift {shift} mm, lift {lift} mm: worst {100 * error.max():.2f} %")
    assert error.max() < worst
