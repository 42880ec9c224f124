"""Leads and where their contacts come to lie."""

from __future__ import annotations

import numpy as np
import pytest

from scs_models import anatomy, leads
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.leads import LeadPlacement

OWN = {"title": "mine", "contact_count": 3, "contact_length_mm": 2.5, "pitch_mm": 6.0, "diameter_mm": 1.2}


@pytest.mark.parametrize("lead_id", sorted(leads.catalogue()))
def test_contacts_are_numbered_from_the_tip_at_one_pitch(lead_id: str) -> None:
    lead = leads.lead(lead_id)
    places = leads.contact_places(LeadPlacement(lead_id, "T8"))
    z = np.array([place.z_mm for place in places])
    assert len(places) == lead.contact_count
    np.testing.assert_allclose(np.diff(z), -lead.pitch_mm)
    assert lead.span_mm == pytest.approx(z[0] - z[-1] + lead.contact_length_mm)


@pytest.mark.parametrize(
    ("lead_id", "span"), [("octet-4mm", 31), ("octet-7mm", 52), ("octet-9mm", 66), ("sixteen-4mm", 63)]
)
def test_span_is_that_of_the_catalogues(lead_id: str, span: float) -> None:
    assert leads.lead(lead_id).span_mm == span


def test_contact_of_three_millimetres_has_the_known_surface() -> None:
    assert leads.lead("octet-7mm").contact_area_mm2 == pytest.approx(12.25, abs=0.01)


def test_tip_offset_places_the_rostral_edge_of_contact_one() -> None:
    top = anatomy.body_span_mm("T8")[1] - anatomy.vertebra_mid_z_mm("T8")
    first = leads.contact_places(LeadPlacement("octet-7mm", "T8", tip_offset_mm=top))[0]
    assert first.z_mm + first.length_mm / 2.0 == pytest.approx(anatomy.body_span_mm("T8")[1])


def test_moving_the_tip_moves_every_contact_by_as_much() -> None:
    here = leads.contact_places(LeadPlacement("octet-7mm", "T8", 3.0, x_mm=-1.0))
    there = leads.contact_places(LeadPlacement("octet-7mm", "T8", 5.5, x_mm=1.0))
    for a, b in zip(here, there, strict=True):
        assert (b.x_mm - a.x_mm, b.z_mm - a.z_mm) == pytest.approx((2.0, 2.5))


def test_tilt_moves_the_caudal_end_and_leaves_the_tip() -> None:
    x = [place.x_mm for place in leads.contact_places(LeadPlacement("octet-7mm", "T8", x_mm=-1.0, tilt_mm=3.0))]
    assert (x[0], x[-1]) == pytest.approx((-1.0, 2.0))
    np.testing.assert_allclose(np.diff(x), 3.0 / 7.0)


def test_leads_are_numbered_from_the_patient_s_left() -> None:
    right, left = LeadPlacement("octet-7mm", "T8", x_mm=1.5), LeadPlacement("octet-7mm", "T8", x_mm=-1.5)
    assert leads.order_from_left([right, left]) == (1, 0)
    assert leads.order_from_left([left, right]) == (0, 1)


def test_a_user_s_own_lead_is_read_from_a_table() -> None:
    own = leads.lead_from_mapping("mine", OWN)
    places = leads.contact_places(LeadPlacement("mine", "T9"), own)
    assert [place.z_mm for place in places] == pytest.approx([-1.25, -7.25, -13.25])
    assert places[0].radius_mm == 0.6


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"pitch_mm": 2.0}, "pitch_mm"),
        ({"contact_count": 0}, "contact_count"),
        ({"contact_count": 2.5}, "whole number"),
        ({"diameter_mm": float("nan")}, "diameter_mm"),
        ({"contact_length_mm": -1.0}, "contact_length_mm"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_bad_lead_is_refused_and_the_key_named(change: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidValueError, match=says):
        leads.lead_from_mapping("mine", {**OWN, **change})


def test_a_missing_key_is_named() -> None:
    with pytest.raises(InvalidValueError, match="pitch_mm"):
        leads.lead_from_mapping("mine", {key: value for key, value in OWN.items() if key != "pitch_mm"})


def test_unknown_names_list_what_is_known() -> None:
    with pytest.raises(UnknownNameError, match="octet-7mm"):
        leads.lead("nonet")
    with pytest.raises(UnknownNameError, match="T9"):
        LeadPlacement("octet-7mm", "T99")
    with pytest.raises(InvalidValueError, match="x_mm"):
        LeadPlacement("octet-7mm", "T9", x_mm=40.0)
