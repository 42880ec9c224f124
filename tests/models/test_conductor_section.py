"""Judges the cross-section's geometry: thicknesses, areas, nesting, content keys, where a lead fits, and its errors."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from scs_models.conductor import CrossSection
from scs_models.errors import InvalidValueError, UnknownNameError

TISSUES: dict[str, float | tuple[float, float]] = {
    "white_matter": (0.083, 0.6),
    "grey_matter": 0.23,
    "csf": 1.7,
    "dura": 0.03,
    "fat": 0.04,
    "bone": 0.04,
    "bulk": 0.25,
}
SIZES: dict[str, float] = {
    "cord_half_width_mm": 4.15,
    "cord_half_depth_mm": 3.0,
    "sac_half_width_mm": 7.0,
    "dorsal_csf_mm": 4.1,
    "ventral_csf_mm": 2.0,
    "dura_mm": 0.3,
    "fat_dorsal_mm": 2.0,
    "fat_ventral_mm": 0.6,
    "fat_lateral_mm": 2.5,
    "bone_lateral_mm": 6.0,
    "bone_dorsal_mm": 5.0,
    "bone_ventral_mm": 20.0,
    "outer_radius_mm": 60.0,
}
THETA = np.linspace(-np.pi, np.pi, 721)


def _section(**changes: float) -> CrossSection:
    return CrossSection.from_dimensions(**(SIZES | changes), tissues=TISSUES)


def _area(section: CrossSection, name: str) -> float:
    radius = np.hypot(*section.curve_xy_mm(name, THETA[:-1]).T)
    return float(0.5 * np.sum(radius**2) * (2.0 * np.pi / 720))


def test_thicknesses_on_the_axes_are_those_asked_for() -> None:
    section = _section()
    assert section.curve_names() == ("grey", "cord", "dura_inner", "dura_outer", "canal", "bone", "outer")
    dorsal = [float(section.curve_xy_mm(name, np.pi / 2)[1]) for name in section.curve_names()[1:]]
    ventral = [float(section.curve_xy_mm(name, -np.pi / 2)[1]) for name in section.curve_names()[1:]]
    assert dorsal == pytest.approx([3.0, 7.1, 7.4, 9.4, 14.4, 60.0], abs=1e-6)
    assert ventral == pytest.approx([-3.0, -5.0, -5.3, -5.9, -25.9, -60.0], abs=1e-6)
    angle = np.linspace(-0.5, 0.9, 4001)
    widest = [float(section.curve_xy_mm(name, angle)[:, 0].max()) for name in section.curve_names()[1:-2]]
    assert widest == pytest.approx([4.15, 7.0, 7.3, 9.8], abs=2e-3)


def test_the_dura_has_its_thickness_all_round() -> None:
    section = _section()
    inner, outer = (
        section.curve_xy_mm("dura_inner", np.linspace(-np.pi, np.pi, 7201)),
        section.curve_xy_mm("dura_outer", THETA),
    )
    gap = np.hypot(*np.moveaxis(outer[:, None] - inner[None], -1, 0)).min(axis=1)
    assert np.abs(gap - 0.3).max() < 1e-4


@pytest.mark.parametrize("fraction", [0.17, 0.2, 0.25, 0.37])
def test_grey_matter_is_a_symmetric_butterfly_of_the_share_asked_for(fraction: float) -> None:
    section = CrossSection.from_dimensions(**SIZES, tissues=TISSUES, grey_fraction=fraction)
    assert _area(section, "grey") / _area(section, "cord") == pytest.approx(fraction, rel=1e-6)
    radius = np.hypot(*section.curve_xy_mm("grey", THETA).T)
    assert section.is_symmetric()
    rising = np.diff(radius)
    horns = np.sum((rising[:-1] > 0.0) & (rising[1:] <= 0.0))
    assert horns == 4
    midline = float(np.hypot(*section.curve_xy_mm("grey", np.pi / 2)))
    assert midline < 0.5 * radius.max()


def test_a_lead_lies_at_its_clearance_or_is_refused() -> None:
    section = _section()
    dura = section.curve_xy_mm("dura_outer", np.linspace(-np.pi, np.pi, 20001))
    for x in (-3.0, 0.0, 1.7, 5.0):
        centre = section.epidural_xy_mm(x, 0.75)
        assert centre[0] == x
        assert np.hypot(*(dura - centre).T).min() == pytest.approx(0.75, abs=1e-4)
    assert section.epidural_xy_mm(0.0, 0.7)[1] == pytest.approx(8.1, abs=1e-6)
    with pytest.raises(InvalidValueError, match="canal wall"):
        section.epidural_xy_mm(0.0, 1.5)
    with pytest.raises(InvalidValueError, match="behind the dura"):
        section.epidural_xy_mm(12.0, 0.75)


def test_equal_sections_have_equal_keys_and_any_number_counts() -> None:
    section = _section()
    assert section == _section()
    assert hash(section) == hash(_section())
    assert len(section.content_key()) == 64
    others = [_section(**{name: value * 1.0001}) for name, value in SIZES.items()]
    others.append(CrossSection.from_dimensions(**SIZES, tissues=TISSUES | {"dura": 0.031}))
    others.append(section.with_sector("bone", 1.0, 2.0, "scar", 0.15))
    assert len({s.content_key() for s in [section, *others]}) == len(others) + 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        section.outer_radius_mm = 50.0


def test_curves_may_be_unsorted_closed_or_one_number() -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, 25)
    radius = 5.0 + 0.5 * np.cos(2.0 * turn)
    straight = CrossSection.from_curves([("a", turn, radius, 0.1, 0.2), ("b", turn, 9.0, 1.0, 1.0)], 40.0)
    order = np.random.default_rng(0).permutation(24)
    mixed = CrossSection.from_curves(
        [("a", turn[order] - 2.0 * np.pi, radius[order], 0.1, 0.2), ("b", turn[:-1], np.full(24, 9.0), 1.0, 1.0)], 40.0
    )
    assert np.allclose(straight.curve_xy_mm("a", THETA), mixed.curve_xy_mm("a", THETA), atol=1e-9)
    assert straight.curve_names() == ("a", "b", "outer")
    assert CrossSection.from_curves([("m", turn, 40.0, 1.0, 1.0)], 40.0).curve_names() == ("m",)


def test_what_cannot_be_a_section_is_refused() -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    with pytest.raises(InvalidValueError, match="nested"):
        CrossSection.from_curves([("a", turn, 5.0, 1.0, 1.0), ("b", turn, 4.0, 1.0, 1.0)], 40.0)
    with pytest.raises(InvalidValueError, match="beyond the last curve"):
        CrossSection.from_curves([("a", turn, 50.0, 1.0, 1.0)], 40.0)
    with pytest.raises(InvalidValueError, match="conductivity"):
        CrossSection.from_curves([("a", turn, 5.0, 0.0, 1.0)], 40.0)
    with pytest.raises(InvalidValueError, match="empty"):
        CrossSection.from_curves([], 40.0)
    with pytest.raises(InvalidValueError, match="nested"):
        _section(sac_half_width_mm=3.0)
    with pytest.raises(InvalidValueError, match=r"dura_mm is -0\.3 mm"):
        _section(dura_mm=-0.3)
    with pytest.raises(InvalidValueError, match="'bulk'"):
        CrossSection.from_dimensions(**SIZES, tissues={k: v for k, v in TISSUES.items() if k != "bulk"})
    with pytest.raises(UnknownNameError, match="bulk"):
        CrossSection.from_dimensions(**SIZES, tissues=TISSUES | {"cheese": 1.0})
    with pytest.raises(UnknownNameError, match="dura_outer"):
        _section().curve_xy_mm("dura", 0.0)
