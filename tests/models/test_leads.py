"""Leads and where their contacts come to lie: judged by the catalogues' spans, by rigid motion and by hand."""

from __future__ import annotations

import itertools
import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scs_models import anatomy, files, leads
from scs_models.errors import InvalidFileError, InvalidValueError, UnknownNameError
from scs_models.leads import ContactPlace, Lead, LeadPlacement
from scs_models.tables import read_table

# Array spans as catalogues print them (mm), edge to edge.
SPANS = {
    "octet-4mm": 31, "octet-4mm5": 34.5, "octet-7mm": 52, "octet-7mm-thick": 52, "octet-9mm": 66, "sixteen-4mm": 63,
    "quad-7mm": 24, "quad-9mm": 30, "quad-18mm": 60, "quad-slim": 20, "twelve-7mm": 80, "paddle-565": 46.5,
    "paddle-2x8-4mm": 31, "paddle-4x8-4mm": 31, "paddle-4x8-6mm": 45, "paddle-1x8": 53, "paddle-5x4": 25,
}  # fmt: skip
ROUND = Lead("mine", "mine", (3,), 2.5, (3.5,), diameter_mm=1.2)
FLAT = replace(leads.lead("paddle-565"), id="flat")
PADDLES = [lead for lead in leads.catalogue().values() if lead.kind == "paddle"]


def places_xz(places: tuple[ContactPlace, ...]) -> np.ndarray:
    return np.array([(place.x_mm, place.z_mm) for place in places])


@pytest.mark.parametrize(("lead_id", "span"), SPANS.items())
def test_span_is_that_of_the_catalogues(lead_id: str, span: float) -> None:
    assert leads.lead(lead_id).span_mm == pytest.approx(span)


@pytest.mark.parametrize("lead_id", sorted(leads.catalogue()))
def test_contacts_follow_each_other_from_the_tip_with_their_gaps(lead_id: str) -> None:
    lead = leads.lead(lead_id)
    places = leads.contact_places(LeadPlacement(lead_id, "T8"))
    assert len(places) == lead.contact_count
    x, z = places_xz(places).T
    edges = np.cumsum([0, *lead.column_contacts])
    for low, high in itertools.pairwise(edges):
        assert len(set(x[low:high])) == 1
        gaps = -np.diff(z[low:high]) - lead.contact_length_mm
        np.testing.assert_allclose(gaps, lead.gap_mm[0] if len(lead.gap_mm) == 1 else lead.gap_mm)
    assert list(x[edges[:-1]]) == sorted(x[edges[:-1]])
    assert lead.span_mm == pytest.approx(z.max() - z.min() + lead.contact_length_mm)


def test_crowded_contacts_lie_closer_in_the_middle_than_at_the_ends() -> None:
    gaps = leads.lead("octet-crowded").gap_mm
    assert max(gaps[2:5]) < min(gaps[:2] + gaps[5:])
    assert leads.lead("octet-crowded").pitch_mm is None


def test_the_staggered_paddle_is_symmetric_and_its_outer_contacts_lie_beside_gaps() -> None:
    xz = leads.lead("paddle-565").contact_xz_mm
    left, middle, right = xz[:5], xz[5:11], xz[11:]
    np.testing.assert_allclose(left, right * (-1.0, 1.0))
    np.testing.assert_allclose(left[:, 1], (middle[1:, 1] + middle[:-1, 1]) / 2.0)


def test_surfaces_are_those_of_a_cylinder_and_of_a_rectangle() -> None:
    assert leads.lead("octet-7mm").contact_area_mm2 == pytest.approx(12.25, abs=0.01)
    assert leads.lead("paddle-565").contact_area_mm2 == 6.0
    for lead_id in ("octet-7mm", "paddle-565"):
        place = leads.contact_places(LeadPlacement(lead_id, "T8"))[0]
        assert place.area_mm2 == pytest.approx(leads.lead(lead_id).contact_area_mm2)


def test_every_paddle_carries_its_backing_to_the_contacts() -> None:
    assert len(PADDLES) >= 11
    assert max(len(lead.column_contacts) for lead in PADDLES) == 5
    for lead in PADDLES:
        for place in leads.contact_places(LeadPlacement(lead.id, "T8", x_mm=0.7)):
            assert place.width_mm == lead.contact_width_mm > 0.0
            assert abs(place.x_mm - place.axis_x_mm) + place.width_mm / 2.0 <= place.backing_half_width_mm
            assert place.thickness_mm == 2.0


def test_tip_offset_places_the_rostral_edge_of_contact_one() -> None:
    top = anatomy.body_span_mm("T8")[1] - anatomy.vertebra_mid_z_mm("T8")
    first = leads.contact_places(LeadPlacement("octet-7mm", "T8", tip_offset_mm=top))[0]
    assert first.z_mm + first.length_mm / 2.0 == pytest.approx(anatomy.body_span_mm("T8")[1])


@pytest.mark.parametrize("lead_id", ["octet-7mm", "paddle-565"])
def test_moving_the_tip_moves_every_contact_by_as_much(lead_id: str) -> None:
    here = places_xz(leads.contact_places(LeadPlacement(lead_id, "T8", 3.0, -1.0, tilt_mm=2.0, bow_mm=1.0)))
    there = places_xz(leads.contact_places(LeadPlacement(lead_id, "T8", 5.5, 1.0, tilt_mm=2.0, bow_mm=1.0)))
    np.testing.assert_allclose(there - here, np.broadcast_to((2.0, 2.5), here.shape))


def test_tilt_moves_the_caudal_end_and_leaves_the_tip() -> None:
    x = [place.x_mm for place in leads.contact_places(LeadPlacement("octet-7mm", "T8", x_mm=-1.0, tilt_mm=3.0))]
    assert (x[0], x[-1]) == pytest.approx((-1.0, 2.0))
    np.testing.assert_allclose(np.diff(x), 3.0 / 7.0)


def test_bow_moves_the_middle_and_leaves_both_ends() -> None:
    x = [place.x_mm for place in leads.contact_places(LeadPlacement("octet-7mm", "T8", x_mm=-1.0, bow_mm=2.0))]
    assert (x[0], x[-1]) == pytest.approx((-1.0, -1.0))
    np.testing.assert_allclose(x, x[::-1])
    assert (x[3] + x[4]) / 2.0 == pytest.approx(1.0, abs=0.05)
    np.testing.assert_allclose(np.diff(x, 2), np.diff(x, 2)[0])


def test_a_tilted_paddle_turns_as_a_whole() -> None:
    straight = places_xz(leads.contact_places(LeadPlacement("paddle-565", "T8")))
    tilted = places_xz(leads.contact_places(LeadPlacement("paddle-565", "T8", tilt_mm=4.0)))
    for a, b in itertools.combinations(range(len(straight)), 2):
        before, after = (np.hypot(*(xz[a] - xz[b])) for xz in (straight, tilted))
        assert after == pytest.approx(before, rel=0.006)  # a shear to first order: the square of the slope is left
    assert tilted[11:16, 1].mean() > tilted[:5, 1].mean()


@given(st.floats(-40, 40), st.floats(-6, 6), st.floats(-30, 30), st.sampled_from(["octet-7mm", "paddle-5x4"]))
def test_migration_is_rigid_and_its_undoing_brings_the_lead_back(
    rostral: float, right: float, rotation: float, lead_id: str
) -> None:
    before = leads.contact_places(LeadPlacement(lead_id, "T8", x_mm=0.4, tilt_mm=1.0))
    after = leads.migrated(before, rostral, right, rotation)
    xz, moved = places_xz(before), places_xz(after)
    pairs = np.hypot(*(xz[:, None] - xz[None]).transpose(2, 0, 1))
    np.testing.assert_allclose(np.hypot(*(moved[:, None] - moved[None]).transpose(2, 0, 1)), pairs, atol=1e-9)
    middle = (xz.min(axis=0) + xz.max(axis=0)) / 2.0
    turned_back = leads.migrated(leads.migrated(before, rotation_deg=rotation), rotation_deg=-rotation)
    if lead_id == "octet-7mm":  # its outermost contacts stay outermost, so that the middle is the same point
        np.testing.assert_allclose(places_xz(turned_back), xz, atol=1e-9)
        np.testing.assert_allclose(
            (moved.min(axis=0) + moved.max(axis=0)) / 2.0, middle + np.array([right, rostral]), atol=1e-9
        )
    assert [place.length_mm for place in after] == [place.length_mm for place in before]


def test_a_positive_rotation_turns_the_tip_to_the_right_and_the_end_to_the_left() -> None:
    before = leads.contact_places(LeadPlacement("octet-7mm", "T8"))
    after = leads.migrated(before, rotation_deg=10.0)
    half = (before[0].z_mm - before[-1].z_mm) / 2.0
    assert after[0].x_mm == pytest.approx(half * np.sin(np.radians(10.0)))
    assert after[-1].x_mm == pytest.approx(-half * np.sin(np.radians(10.0)))
    assert after[0].z_mm < before[0].z_mm
    assert [p.axis_x_mm for p in after] == pytest.approx([p.x_mm for p in after])


def test_leads_are_numbered_from_the_patient_s_left() -> None:
    right, left = LeadPlacement("octet-7mm", "T8", x_mm=1.5), LeadPlacement("octet-7mm", "T8", x_mm=-1.5)
    assert leads.order_from_left([right, left]) == (1, 0)
    assert leads.order_from_left([left, right]) == (0, 1)


def test_a_user_s_own_lead_is_read_from_a_file_and_placed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'format = "scs-sim lead"\nversion = 1\nid = "mine"\ntitle = "mine"\ncolumn_contacts = [3]\n'
        "contact_length_mm = 2.5\ngap_mm = [3.5]\ndiameter_mm = 1.2\n"
    )
    own = leads.load_lead(path)
    assert own == ROUND
    places = leads.contact_places(LeadPlacement("mine", "T9"), own)
    assert [place.z_mm for place in places] == pytest.approx([-1.25, -7.25, -13.25])
    assert places[0].radius_mm == 0.6


def test_the_leads_of_the_docs_are_leads() -> None:
    page = (Path(__file__).parents[2] / "docs" / "leads.md").read_text(encoding="utf-8")
    blocks = [block.split("```")[0] for block in page.split("```toml\n")[1:]]
    own = [files.decode(Lead, tomllib.loads(block), where="leads.md") for block in blocks]
    assert [(lead.id, lead.contact_count, lead.span_mm) for lead in own] == [("mine", 6, 42.0), ("my-paddle", 8, 28.5)]


@pytest.mark.parametrize("lead", [ROUND, *leads.catalogue().values()], ids=lambda lead: lead.id)
def test_a_lead_survives_its_file(lead: Lead) -> None:
    document = json.loads(files.json_text(lead))
    assert files.decode(Lead, document, where="x.json") == lead


def test_every_problem_of_a_bad_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('format = "scs-sim lead"\nversion = 1\nid = "mine"\ncolour = "blue"\ncolumn_contacts = [2.5]\n')
    with pytest.raises(InvalidFileError) as caught:
        leads.load_lead(path)
    for key in ("colour", "title", "contact_length_mm", "gap_mm", "column_contacts[0]"):
        assert key in str(caught.value)


@pytest.mark.parametrize(
    ("lead", "change", "says"),
    [
        (ROUND, {"gap_mm": (0.0,)}, "gap_mm"),
        (ROUND, {"gap_mm": (1.0, 2.0, 3.0)}, "gap_mm has 3 values; it must have 1 for all, or 2"),
        (ROUND, {"column_contacts": (0,)}, "column_contacts"),
        (ROUND, {"column_contacts": (2.5,)}, "whole numbers"),
        (ROUND, {"column_contacts": (33,)}, "number of contacts"),
        (ROUND, {"column_contacts": (3, 3)}, "a percutaneous lead has one"),
        (ROUND, {"diameter_mm": float("nan")}, "diameter_mm"),
        (ROUND, {"contact_length_mm": -1.0}, "contact_length_mm"),
        (ROUND, {"contact_width_mm": 2.0}, "a percutaneous lead has none"),
        (ROUND, {"kind": "cuff"}, "percutaneous, paddle"),
        (ROUND, {"id": "my lead"}, "id is"),
        (FLAT, {"diameter_mm": 1.3}, "a paddle lead has none"),
        (FLAT, {"body_width_mm": 6.0}, r"6\.5 mm or more"),
        (FLAT, {"column_x_mm": (2.5, 0.0, -2.5)}, "left to right"),
        (FLAT, {"column_x_mm": (0.0, 2.5)}, "column_x_mm has 2 values; it must have 3"),
        (FLAT, {"column_start_mm": (4.25, 1.0, 4.25)}, "most rostral"),
        (FLAT, {"body_thickness_mm": 9.0}, "body_thickness_mm"),
    ],
)
def test_a_bad_lead_is_refused_and_the_key_named(lead: Lead, change: dict[str, object], says: str) -> None:
    with pytest.raises((InvalidValueError, UnknownNameError), match=says):
        replace(lead, **change)  # the point is to give what does not fit


def test_unknown_names_list_what_is_known() -> None:
    with pytest.raises(UnknownNameError, match="octet-7mm"):
        leads.lead("nonet")
    with pytest.raises(UnknownNameError, match="octet-7mm"):
        leads.load_lead("nonet")
    with pytest.raises(UnknownNameError, match="T9"):
        LeadPlacement("octet-7mm", "T99")
    with pytest.raises(InvalidValueError, match="x_mm"):
        LeadPlacement("octet-7mm", "T9", x_mm=40.0)
    with pytest.raises(InvalidValueError, match="bow_mm"):
        LeadPlacement("octet-7mm", "T9", bow_mm=7.0)


@pytest.mark.parametrize("lead_id", sorted(leads.catalogue()))
def test_every_dimension_of_the_catalogue_says_where_it_is_from(lead_id: str) -> None:
    lead, references = leads.lead(lead_id), read_table("references")
    needed = {"column_contacts", "contact_length", "gap"}
    needed |= {"diameter"} if lead.kind == "percutaneous" else {"contact_width", "column_x", "column_start"}
    needed |= {"body_width", "body_thickness"} if lead.kind == "paddle" else set()
    assert {item.dimension for item in lead.sources} == needed
    assert lead.confidence in ("high", "medium", "low")
    for item in lead.sources:
        assert not item.verified or references[item.source]["read"] == "source"
        assert item.verified == (item.status == "published")
