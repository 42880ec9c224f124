"""Images of the field against the lead field, against each other and against numerical derivatives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from scs_models.errors import InvalidValueError
from scs_models.fibres.geometry import internode_length_mm
from scs_models.leads import LeadPlacement
from scs_sim import field_setting
from scs_sim.case import builtin_case
from scs_sim.field_marks import column_marks, lead_marks, root_marks
from scs_sim.field_view import CROSS_PIXELS, cross_section, sagittal
from scs_sim.program import Program
from scs_sim.setting import prepare

DIAMETER_UM = 12.8
NODE_MM = internode_length_mm(DIAMETER_UM)
BIPOLE = {"1.2": -1.0, "1.3": 1.0}


@pytest.fixture(scope="module")
def case():
    """A quad lead on the midline, its middle contacts behind T9."""
    usual = builtin_case("back-and-left-leg")
    lead = LeadPlacement("quad-7mm", "T9", tip_offset_mm=12.0)
    patient = replace(usual.patient, dorsal_csf_factor=1.0)
    return replace(usual, leads=(lead,), program=Program("1.2- 1.3+"), patient=patient, scars=(), migrations=())


@pytest.fixture(scope="module")
def setting(case):
    return field_setting.prepare(case, contacts=["1.2", "1.3"])


@pytest.fixture(scope="module")
def height_mm(setting):
    return next(contact.z_mm for contact in setting.contacts if contact.name == "1.2")


def sampled(picture, frame, xy_mm):
    """Return an image at places (n, 2) by a cubic spline through its pixels."""
    rows, columns = picture.shape
    across = (xy_mm[:, 0] - frame.left_mm) / (frame.right_mm - frame.left_mm) * columns - 0.5
    up = (xy_mm[:, 1] - frame.bottom_mm) / (frame.top_mm - frame.bottom_mm) * rows - 0.5
    return map_coordinates(picture.astype(np.float64), [up, across], order=3)


def test_fibres_have_in_the_image_the_potential_of_the_lead_field(case, setting, height_mm):
    own = prepare(case)
    diameter = own.columns.diameter_um.tolist().index(DIAMETER_UM) - own.column_diameters.start
    block = own.field.column_blocks[diameter][0]
    weights = own.weights(case.program)
    for node in np.searchsorted(block.z_mm, [height_mm - 2.0, height_mm + 6.0]):
        z_mm = float(block.z_mm[node])
        exact = np.tensordot(weights, block.potential_mv_per_ma[:, node], axes=1)
        plane = cross_section(setting, z_mm)
        image = plane.image(BIPOLE, "potential", NODE_MM)
        marks = column_marks(setting, own.columns, z_mm)
        found = sampled(image, plane.frame, marks.xy_mm.reshape(-1, 2))
        seen = np.repeat(marks.entered, marks.xy_mm.shape[1])
        away = np.abs(found - exact)[seen] / np.abs(exact).max()
        assert np.median(away) < 5e-3
        assert away.max() < 0.02  # the shallowest lines share a pixel with the CSF


def test_activating_function_is_the_second_difference_of_three_sections(setting, height_mm):
    below, here, above = (
        cross_section(setting, height_mm + step).image(BIPOLE, "potential", NODE_MM)
        for step in (-NODE_MM, 0.0, NODE_MM)
    )
    found = cross_section(setting, height_mm).image(BIPOLE, "activating", NODE_MM)
    np.testing.assert_allclose(found, below - 2.0 * here + above, atol=2e-3 * np.abs(found).max())
    assert found[CROSS_PIXELS[0] // 2, CROSS_PIXELS[1] // 2] > 0.0  # behind a cathode fibres are depolarised


def test_field_strength_is_the_gradient_of_the_potential(setting, height_mm):
    plane, step = cross_section(setting, height_mm + 2.0), 0.25
    found = plane.image(BIPOLE, "field", NODE_MM)
    stack = np.stack([
        cross_section(setting, height_mm + 2.0 + way).image(BIPOLE, "potential", NODE_MM) for way in (-step, 0.0, step)
    ])  # fmt: skip
    pixel = (plane.frame.right_mm - plane.frame.left_mm) / CROSS_PIXELS[1]
    up, across = np.gradient(stack[1], pixel)
    exact = np.sqrt(up**2 + across**2 + ((stack[2] - stack[0]) / (2.0 * step)) ** 2)
    away = np.abs(found - exact) / exact
    assert np.median(away) < 2e-3
    assert np.percentile(away, 90) < 0.05  # the rest lies across a tissue's border, where pixels see both sides


def test_a_midline_lead_has_a_symmetric_image(setting, height_mm):
    plane = cross_section(setting, height_mm)
    for kind in ("potential", "field", "activating"):
        image = plane.image(BIPOLE, kind, NODE_MM)
        np.testing.assert_allclose(image, image[:, ::-1], atol=1e-3 * np.abs(image).max())


def test_currents_add_up(setting, height_mm):
    plane = cross_section(setting, height_mm)
    whole = plane.image({"1.2": -0.7, "1.3": 0.4}, "potential", NODE_MM)
    parts = -0.7 * plane.image({"1.2": 1.0}, "potential", NODE_MM) + 0.4 * plane.image(
        {"1.3": 1.0}, "potential", NODE_MM
    )
    np.testing.assert_allclose(whole, parts, rtol=1e-4, atol=1e-2)
    assert not plane.image({}, "field", NODE_MM).any()


@pytest.mark.parametrize("kind", ["potential", "field", "activating"])
def test_across_and_along_show_the_same_where_they_cross(setting, height_mm, kind):
    across, along = cross_section(setting, height_mm - 1.0), sagittal(setting, 0.8)
    y = np.linspace(-5.0, 8.0, 60)
    first = sampled(across.image(BIPOLE, kind, NODE_MM), across.frame, np.stack([np.full(60, 0.8), y], axis=-1))
    second = sampled(
        along.image(BIPOLE, kind, NODE_MM), along.frame, np.stack([np.full(60, height_mm - 1.0), y], axis=-1)
    )
    away = np.abs(first - second) / np.abs(first).max()
    assert np.median(away) < 2e-3
    assert np.percentile(away, 85) < 0.03  # field strength jumps at borders; pixels along are longer


def test_where_two_levels_meet_pictures_blend(case):
    lower = replace(case, leads=(replace(case.leads[0], tip_offset_mm=-2.0),))  # contact 1.2 near the border to T10
    setting = field_setting.prepare(lower, contacts=["1.2"])
    contact = setting.contacts[1]
    weights = [weight for weight, _ in contact.pictures]
    assert len(weights) == 2
    assert sum(weights) == pytest.approx(1.0)
    image = cross_section(setting, contact.z_mm).image({"1.2": -1.0}, "potential", NODE_MM)
    alone = []
    for weight, picture in contact.pictures:
        single = replace(setting, contacts=(replace(contact, pictures=((1.0, picture),)),))
        alone.append(weight * cross_section(single, contact.z_mm).image({"1.2": -1.0}, "potential", NODE_MM))
    np.testing.assert_allclose(image, alone[0] + alone[1], rtol=1e-4)


def test_marks_lie_where_fibres_and_leads_are(case, setting, height_mm):
    own = prepare(case)
    outline = setting.outline(height_mm, paddle=False)
    radius = {name: np.hypot(*outline.curve_xy_mm(name).T) for name in ("cord", "dura_inner")}
    turn = np.linspace(0.0, 2.0 * np.pi, len(radius["cord"]))

    def inside(xy, name):
        return np.hypot(*xy.T) < np.interp(np.mod(np.arctan2(-xy[:, 0], xy[:, 1]), 2.0 * np.pi), turn, radius[name])

    columns = column_marks(setting, own.columns, height_mm)
    assert inside(columns.xy_mm.reshape(-1, 2), "cord").all()
    assert (np.sign(columns.xy_mm[..., 0]) == np.where(own.columns.side == 1, 1, -1)[:, None]).all()
    roots = root_marks(setting, own.roots, height_mm, DIAMETER_UM)
    assert inside(roots.xy_mm, "dura_inner").all()
    assert (np.sign(roots.xy_mm[:, 0]) == np.where(own.roots.side[roots.index] == 1, 1, -1)).all()
    dorsal = own.roots.is_dorsal[roots.index]
    assert 0 < dorsal.sum() < len(dorsal)
    assert roots.xy_mm[dorsal, 1].min() > -0.1
    assert roots.xy_mm[~dorsal, 1].max() < 0.1
    (lead,) = lead_marks(setting, height_mm)
    assert (lead.contact, lead.x_mm) == ("1.2", 0.0)
    assert lead.y_mm - lead.radius_mm == pytest.approx(outline.curve_xy_mm("dura_outer")[0, 1], abs=1e-3)
    assert lead_marks(setting, height_mm - 4.0)[0].contact == ""
    assert lead_marks(setting, setting.low_mm) == []


def test_what_is_not_there_is_said(setting, height_mm):
    with pytest.raises(InvalidValueError, match=r"contact 1\.4 has no pictures"):
        cross_section(setting, height_mm).image({"1.4": 1.0}, "potential", NODE_MM)
    with pytest.raises(InvalidValueError, match="z_mm is 900 mm"):
        cross_section(setting, 900.0)
    assert {"1.2", "1.3"} <= setting.ready < {"1.1", "1.2", "1.3", "1.4"}


@pytest.mark.slow
def test_a_paddle_has_pictures_too(case):
    own = replace(case, leads=(LeadPlacement("paddle-565", "T9", tip_offset_mm=12.0),), program=Program("1.2- 1.3+"))
    setting = field_setting.prepare(own, contacts=["1.2", "1.3"])
    contact = setting.contacts[1]
    plane = cross_section(setting, contact.z_mm)
    marks = lead_marks(setting, contact.z_mm)
    assert {mark.width_mm for mark in marks} == {contact.width_mm}
    image = plane.image({"1.2": -1.0}, "potential", NODE_MM)
    places = np.array([[contact.x_mm, contact.y_mm - 0.1], [contact.x_mm, contact.y_mm + 1.2]])
    front, behind = sampled(image, plane.frame, places)
    assert front < 2.0 * behind < 0.0  # the backing insulates
