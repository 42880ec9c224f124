"""The body map's looks: layout, what is under a pixel, neighbours, and what is said of a region."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scs_models.percept.body_map import load_body_map
from scs_models.percept.dermatomes import VIEWS, key_points
from scs_sim.case import builtin_case
from scs_sim.patient import PainMap
from scs_ui.state.actions import pain
from scs_ui.state.live import Live
from scs_ui.state.looks.body import (
    body_look,
    choir_codes,
    compared_look,
    program_titles,
    region_look,
    region_scores_text,
    turned,
)
from scs_ui.state.looks.body_layout import body_layout, first_region, neighbour, region_anchors
from scs_ui.state.session import session_of
from scs_ui.state.store import Store

BODY = load_body_map()


@pytest.fixture(scope="module")
def live() -> Live:
    made = Live()
    request = made.wanted(session_of(builtin_case("back-and-left-leg")))
    assert request is not None
    made.accept(request, request(lambda fraction, what: None))
    return made


def moment_of(live: Live, session=None, **view):
    store = Store(session or session_of(builtin_case("back-and-left-leg")))
    store.look(**view)
    store.show_frame(live.frame(store.session))
    return store.moment()


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("size", [(620, 640), (1240, 500), (300, 900)])
def test_every_pixel_of_the_body_belongs_to_the_region_that_is_drawn_there(size, mirrored):
    layout = body_layout(*size, mirrored=mirrored)
    labels = layout.labels()
    assert labels.shape == (size[1], size[0])
    rows, columns = np.nonzero(labels)
    rng = np.random.default_rng(0)
    some = rng.integers(len(rows), size=400)
    places = list(zip(columns[some] + 0.5, rows[some] + 0.5, strict=True))
    found = [layout.region_at(x, y) for x, y in places]
    units = [layout.view(BODY.regions[k].view).to_units(x, y) for k, (x, y) in zip(found, places, strict=True)]
    assert BODY.regions_at(units).tolist() == found
    assert set(np.unique(labels)) >= set(range(1, len(BODY.regions) + 1)) or size == (300, 900)
    assert rows.min() >= 8
    assert columns.min() >= 8
    assert columns.max() < size[0] - 8


def test_mirroring_turns_each_view_about_its_own_middle():
    plain, turned_over = body_layout(620, 640), body_layout(620, 640, mirrored=True)
    for view in VIEWS:
        a, b = plain.view(view), turned_over.view(view)
        x0, y0, x1, y1 = a.frame
        assert a.to_px((x0, y0)) == pytest.approx(b.to_px((x1, y0)))
        assert a.to_units(*b.to_px((x0 + 10.0, y1))) == pytest.approx((x1 - 10.0, y1))


def test_left_stays_the_patients_left():
    """In front the patient's left is on the right of the picture, behind on the left; mirrored the other way round."""
    for mirrored, front, back in ((False, 1, -1), (True, -1, 1)):
        layout = body_layout(620, 640, mirrored=mirrored)
        for view, sign in (("front", front), ("back", back)):
            placed = layout.view(view)
            left = next(k for k, r in enumerate(BODY.regions) if r.view == view and r.side == "left")
            x = placed.to_px(region_anchors()[left])[0]
            assert np.sign(x - (placed.x_px + placed.width_px / 2)) == sign


def test_a_place_beside_the_body_belongs_to_the_nearest_view():
    layout = body_layout(620, 640)
    front, back, sole = (layout.view(view) for view in ("front", "back", "sole"))
    assert layout.view_near(front.x_px + 5, 20).view == "front"
    assert layout.view_near(back.x_px + back.width_px - 5, 20).view == "back"
    x, y = sole.to_px((540.0, 880.0))
    assert layout.view_near(x, y).view == "sole"


def test_anchors_lie_in_their_regions_and_arrows_reach_all_of_them():
    anchors = region_anchors()
    assert BODY.regions_at(anchors).tolist() == list(range(len(BODY.regions)))
    for view in VIEWS:
        seen, todo = set(), [first_region(view)]
        while todo:
            index = todo.pop()
            if index not in seen:
                seen.add(index)
                todo += [neighbour(index, *step) for step in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        missing = {r.id for k, r in enumerate(BODY.regions) if r.view == view and k not in seen}
        assert not missing
        assert {BODY.regions[index].view for index in seen} == {view}


def test_an_arrow_goes_the_way_it_points():
    anchors = region_anchors()
    for index in range(len(BODY.regions)):
        for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            there = neighbour(index, right, down)
            if there != index:
                assert (anchors[there] - anchors[index]) @ (right, down) > 0


def test_the_map_shows_the_intensities_of_the_result(live):
    moment = moment_of(live)
    look, result = body_look(moment), moment.frame.result
    assert look.dc.tolist() == [region.dc_intensity for region in result.regions]
    assert look.dr.tolist() == [region.dr_intensity for region in result.regions]
    assert look.dc.max() > 0.2
    assert look.pain is moment.session.case.pain


def test_nothing_is_shown_where_nothing_is_meant_to_be_felt(live):
    session = session_of(builtin_case("back-and-left-leg"))
    fast = session.with_draft(replace(session.draft, rate_hz=10_000.0, pulse_width_us=30.0, waveform="biphasic"))
    look = body_look(moment_of(live, fast))
    assert look.dc.max() == 0.0
    assert "coverage does not apply" in look.hint
    alone = session.with_draft(replace(session.draft, shares=session.draft.shares[:1]))
    assert "cathode and an anode" in body_look(moment_of(live, alone)).hint
    ill = replace(session, case=replace(session.case, patient=replace(session.case.patient, infection=True)))
    assert body_look(moment_of(live, ill)).hint.startswith("Forbidden: infection")


def test_a_region_is_told_in_words_with_its_numbers(live):
    moment = moment_of(live)
    row = next(r for r in moment.frame.result.regions if r.id == "left_calf_lateral")
    said = region_look(moment, "left_calf_lateral")
    assert said.title == "Left outer calf"
    assert "S1" in said.numbers
    assert "pain 8 of 10" in said.numbers
    assert f"felt in {row.felt_percent:.0f} %" in said.numbers
    assert f"from {row.first_felt_ma:.2f} mA" in said.numbers
    assert "no pain" in region_look(moment, "right_calf_lateral").numbers
    assert "no dermatome" in region_look(moment, next(r.id for r in BODY.regions if "face" in r.id)).numbers


def test_every_key_point_lies_in_a_region_that_names_its_dermatome(live):
    """The key points are placed from landmarks, not from borders."""
    moment = moment_of(live)
    for point in key_points():
        region = BODY.region_at(BODY.key_point(point, "right"))
        assert point.dermatome in region_look(moment, region).numbers.split("  ·  ")[0].split(), point.dermatome


def test_part_of_a_region_that_hurts_is_told_as_its_share(live):
    pytest.importorskip("contourpy", reason="of the extra `ui`")
    session = pain.paint_stroke(session_of(builtin_case("back-and-left-leg")), "back", [(880.0, 560.0)], 30.0, 4.0)
    at = BODY.region_at((880.0, 560.0))
    assert "pain 4 of 10 in " in region_look(moment_of(live, session), at).numbers


def test_compared_programs_have_two_maps(live):
    session = session_of(builtin_case("back-and-left-leg"))
    weak = session.program.with_area(0, replace(session.draft, amplitude_ma=0.1))
    both = replace(session, programs=(*session.programs, replace(weak, name="weak")), compared=1)
    moment = moment_of(live, both)
    own, other = body_look(moment), compared_look(moment)
    assert other is not None
    assert own.dc.max() > other.dc.max() == 0.0
    assert program_titles(moment)[1] == "B  weak"
    assert "B: felt in 0 %" in region_look(moment, "left_calf_lateral").numbers
    assert compared_look(moment_of(live)) is None


def test_the_brush_turns_in_equal_ratios_and_stays_in_its_range():
    assert turned(turned(24.0, 1), -1) == pytest.approx(24.0, abs=0.1)
    assert turned(24.0, 100) == 160.0
    assert turned(24.0, -100) == 4.0


def test_pain_as_text_names_regions_and_choir_segments():
    found = PainMap({"left_low_back": 6.0, "left_upper_lumbar": 6.0, "left_flank_back": 6.0})
    assert "left_low_back\t6\t100" in region_scores_text(found)
    assert choir_codes(found) == (BODY.region("left_low_back").choir,)
    assert choir_codes(PainMap()) == ()
