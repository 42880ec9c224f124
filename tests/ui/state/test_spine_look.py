"""What spine view and contact table show, without Qt: places, sizes of targets, which contact is next, cheap keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scs_models.leads import LeadPlacement, catalogue
from scs_sim.case import builtin_case, builtin_case_ids
from scs_sim.contact_plan import contact_plans
from scs_sim.lead_state import ContactFault, Migration, Scar
from scs_ui.state.actions import contacts, leads
from scs_ui.state.looks import spine_layout
from scs_ui.state.looks.contacts import cells, contact_rows, described
from scs_ui.state.looks.spine import neighbour, spine_key, spine_look
from scs_ui.state.moment import Moment
from scs_ui.state.session import session_of
from scs_ui.state.view import View

LABEL_PX = (52.0, 17.0)
VIEW_PX = (340.0, 600.0)


def moment(session=None, **view) -> Moment:
    return Moment(session or session_of(builtin_case("back-and-left-leg")), View(**view))


def laid_out(session, size_px=VIEW_PX):
    look = spine_look(moment(session))
    projection = spine_layout.fitted(look, *size_px)
    return look, projection, spine_layout.contact_boxes(look, projection, LABEL_PX)


@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_contacts_are_drawn_where_the_engine_has_them(case_id):
    session = session_of(builtin_case(case_id))
    _, projection, boxes = laid_out(session)
    plans = {plan.name: plan.place for plan in contact_plans(session.case)}
    assert {box.mark.row.name for box in boxes} == set(plans)
    for item in boxes:
        place = plans[item.mark.row.name]
        assert projection.place(*item.box.centre) == pytest.approx((place.x_mm, place.z_mm))


def test_contacts_are_large_enough_to_press_and_never_overlap():
    for case_id in builtin_case_ids():
        _, _, boxes = laid_out(session_of(builtin_case(case_id)))
        for item in boxes:
            assert item.box.width >= 14.0, "leads 2 mm apart leave no more"
            assert item.box.height >= 24.0
            x_px, y_px = item.box.centre
            assert sum(spine_layout.contact_at(boxes, x_px + dx, y_px) is item for dx in range(-40, 41)) >= 24
        for one in boxes:
            for other in boxes:
                if one is not other:
                    apart_x = abs(one.box.centre[0] - other.box.centre[0])
                    apart_y = abs(one.box.centre[1] - other.box.centre[1])
                    assert apart_x >= (one.box.width + other.box.width) / 2 or apart_y >= one.box.height


def test_every_lead_of_the_catalogue_is_seen_whole_when_fitted():
    case = builtin_case("foot")
    program = replace(case.program, contacts="1.1- case+")
    for lead_id in catalogue():
        alone = replace(case, leads=(LeadPlacement(lead_id, "T9"),), program=program)
        _, projection, boxes = laid_out(session_of(alone))
        for item in boxes:
            assert item.box.left >= 0.0
            assert item.box.right <= projection.width_px
            assert item.box.top >= 0.0
            assert item.box.bottom <= projection.height_px
            assert spine_layout.contact_at(boxes, *item.box.centre) is item


def test_shares_stand_outside_the_leads_on_their_own_side():
    session = contacts.set_sign(session_of(builtin_case("back-and-left-leg")), "2.3", 1)
    _, _, boxes = laid_out(session)
    sides = {item.mark.row.name: item.side for item in boxes if item.mark.row.sign}
    assert sides == {"1.3": -1, "1.4": -1, "2.3": 1}
    for item in boxes:
        if item.mark.row.sign:
            assert spine_layout.label_at(boxes, *item.label.centre) is item
            assert item.label.height >= spine_layout.TARGET_PX


def test_mirrored_the_patients_left_is_on_the_right():
    session = session_of(builtin_case("back-and-left-leg"))
    look = spine_look(moment(session, mirror=True))
    projection = spine_layout.fitted(look, *VIEW_PX)
    one, two = (projection.point(lead.axis_mm[0][0], 0.0)[0] for lead in look.leads)
    assert one > two
    assert projection.place(*projection.point(1.25, -3.0)) == pytest.approx((1.25, -3.0))


def test_zoom_keeps_what_is_under_the_mouse():
    projection = spine_layout.Projection(8.0, 0.0, 10.0, *VIEW_PX)
    closer = projection.zoomed(1.7, 100.0, 450.0)
    assert closer.place(100.0, 450.0) == pytest.approx(projection.place(100.0, 450.0))
    assert closer.px_per_mm == pytest.approx(13.6)


@pytest.mark.parametrize(
    ("name", "way", "mirrored", "expected"),
    [
        ("1.3", "down", False, "1.4"),
        ("1.1", "up", False, "1.1"),
        ("1.8", "down", False, "case"),
        ("case", "up", False, "1.8"),
        ("1.3", "right", False, "2.3"),
        ("1.3", "left", False, "1.3"),
        ("1.3", "left", True, "2.3"),
    ],
)
def test_arrows_go_to_the_contact_beside_it_on_the_screen(name, way, mirrored, expected):
    assert neighbour(session_of(builtin_case("back-and-left-leg")), name, way, mirrored=mirrored) == expected


def test_every_contact_can_be_reached_by_arrows_even_on_a_paddle():
    case = replace(builtin_case("foot"), leads=(LeadPlacement("paddle-565", "T9", 0.0, 0.0, 2.0),))
    session, reached, rim = session_of(case), {"1.1"}, {"1.1"}
    while rim:
        rim = {neighbour(session, name, way) for name in rim for way in ("up", "down", "left", "right")} - reached
        reached |= rim
    assert reached == {*case.contact_names(), "case"}


def test_an_amplitude_changes_nothing_that_is_painted():
    session = session_of(builtin_case("back-and-left-leg"))
    louder = session.with_draft(replace(session.draft, amplitude_ma=4.2))
    assert spine_key(moment(session)) == spine_key(moment(louder))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: contacts.cycle(s, "1.5"),
        lambda s: contacts.toggle_lock(s, "1.3"),
        lambda s: leads.put(s, 1, 20.0, -1.0),
        lambda s: replace(s, case=replace(s.case, scars=(Scar("1.2"),))),
        lambda s: replace(s, case=replace(s.case, contact_faults=(ContactFault("1.2", "open"),))),
        lambda s: replace(s, case=replace(s.case, migrations=(Migration(1, 3.0),))),
        lambda s: replace(s, case=replace(s.case, patient=replace(s.case.patient, laminectomy_levels=("T9",)))),
    ],
)
def test_whatever_is_painted_changes_the_key(change):
    session = session_of(builtin_case("back-and-left-leg"))
    before, after = moment(session), moment(change(session))
    assert spine_key(before) != spine_key(after)
    assert spine_look(before) != spine_look(after)


def test_a_ghost_stands_where_the_numbers_are_from():
    session = session_of(builtin_case("back-and-left-leg"))
    there = leads.put(session, 1, 20.0, -1.0)
    (ghost,) = spine_look(moment(there), session.case).ghosts
    assert ghost.number == 1
    assert ghost.axis_mm[0] == spine_look(moment(session)).leads[0].axis_mm[0]
    assert spine_look(moment(session), session.case).ghosts == ()


def test_rows_say_what_was_put_in_and_what_other_areas_do():
    session = session_of(builtin_case("back-and-left-leg"))
    case = replace(session.case, scars=(Scar("1.3"),), contact_faults=(ContactFault("1.3", "short", "1.4"),))
    session = replace(session, case=case)
    areas = (session.draft, replace(contacts.set_sign(contacts.clear(session), "1.3", 1).draft, amplitude_ma=0.0))
    session = session.with_program(replace(session.program, areas=areas))
    rows = {row.name: row for row in contact_rows(moment(session, count_from_zero=True))}
    assert described(rows["1.3"]) == ("1.2 cathode 100 % · fault put in: short 1.4 · over scar · other areas: B+")
    assert rows["1.4"].fault == "short 1.3"
    assert cells(rows["case"])[:3] == ("Case", "", "off")
    assert cells(rows["1.3"])[:4] == ("1", "2", "− cathode", "100")
