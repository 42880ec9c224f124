"""Actions on contacts and leads: what happens to amplitude, names and places, judged by the rules users are told."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scs_models import files
from scs_models.anatomy import vertebra_mid_z_mm
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.lead_field import require_reachable
from scs_models.leads import LeadPlacement, catalogue
from scs_sim.case import builtin_case
from scs_sim.contact_plan import contact_plans
from scs_sim.lead_state import ContactFault, Migration, Scar
from scs_ui.state.actions import contacts, leads
from scs_ui.state.session import Session, session_of


@pytest.fixture
def session() -> Session:
    """Two leads, 1.3 cathode and 1.4 anode at 3 mA."""
    found = session_of(builtin_case("back-and-left-leg"))
    return found.with_draft(replace(found.draft, amplitude_ma=3.0))


def test_choosing_a_contact_takes_the_amplitude_to_zero(session):
    assert contacts.cycle(session, "1.5").draft.amplitude_ma == 0.0
    assert contacts.set_sign(session, "1.3", 1).draft.amplitude_ma == 0.0
    assert contacts.clear(session).draft.amplitude_ma == 0.0


def test_unless_the_session_keeps_it(session):
    assert contacts.cycle(replace(session, keep_amplitude=True), "1.5").draft.amplitude_ma == 3.0


def test_steering_shares_and_locks_keep_the_amplitude(session):
    two = replace(contacts.set_sign(replace(session, keep_amplitude=True), "1.2", -1), keep_amplitude=False)
    for done in (
        contacts.steer(session, "up", 1),
        contacts.set_percent(two, "1.2", 30),
        contacts.equalise(two),
        contacts.toggle_lock(two, "1.2"),
    ):
        assert done.draft.amplitude_ma == 3.0


def test_no_change_is_the_same_session(session):
    assert contacts.set_sign(session, "1.3", -1) == session
    assert contacts.set_percent(session, "1.3", 100) == session


def test_share_steps_stop_at_what_others_can_give_and_then_say_so(session):
    two = contacts.set_sign(session, "1.2", -1)
    most = contacts.change_percent(contacts.set_percent(two, "1.2", 95), "1.2", 10)
    assert most.draft.share_of("1.2").percent == 99
    with pytest.raises(InvalidValueError, match="between 1 and 99"):
        contacts.change_percent(most, "1.2", 10)


def test_a_contact_that_is_not_there_is_refused(session):
    with pytest.raises(UnknownNameError, match=r"1\.9"):
        contacts.cycle(session, "1.9")


def test_the_generator_can_be_an_anode(session):
    assert contacts.set_sign(session, "case", 1).draft.contacts == "case+50 1.3-100 1.4+50"


def test_a_steered_session_survives_its_file_and_steers_back(session):
    steered = contacts.steer(contacts.steer(session, "up", 3), "spread", 2)
    again = files.decode(Session, files.encode(steered), where="session")
    assert again == steered
    assert contacts.steer(contacts.steer(again, "spread", -2), "up", -3).draft.shares == session.draft.shares


def test_a_lead_goes_where_it_is_put_and_names_the_nearest_vertebra(session):
    done = leads.put(session, 1, vertebra_mid_z_mm("T10") + 3.0, -1.5)
    assert done.case.leads[0] == LeadPlacement("octet-7mm", "T10", 3.0, -1.5)
    assert leads.put(done, 1, 32.5, -0.5).case.leads[0] == session.case.leads[0]


def test_a_lead_stops_at_its_neighbour_and_says_so(session):
    touching = leads.put(session, 1, 32.5, 6.0)
    gap_mm = touching.case.leads[1].x_mm - touching.case.leads[0].x_mm
    assert gap_mm == pytest.approx(1.3, abs=0.16), "two bodies of 1.3 mm lie side by side"
    with pytest.raises(InvalidValueError, match="further to the right"):
        leads.move(touching, 1, 0.0, 0.2)


PLACES = st.tuples(st.integers(1, 2), st.floats(-260.0, 330.0), st.floats(-20.0, 20.0), st.floats(-15.0, 15.0))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(catalogue())), st.lists(PLACES, max_size=4))
def test_wherever_a_lead_is_dragged_the_model_reaches_it(lead_id, places):
    case = builtin_case("back-and-left-leg")
    session = session_of(replace(case, patient=replace(case.patient, cord_offset_mm=1.0)))
    with suppress(InvalidValueError):  # a wide paddle finds no room beside the other lead
        session = leads.change_type(session, 1, lead_id)
    for number, edge_mm, x_mm, tilt_mm in places:
        session = leads.turn(leads.put(session, number, edge_mm, x_mm), number, tilt_mm)
    for plan in contact_plans(session.case):
        require_reachable(plan.name, plan.x_mm, plan.place.width_mm)
    assert [lead.x_mm for lead in session.case.leads] == sorted(lead.x_mm for lead in session.case.leads)


def test_turning_leaves_the_tip_or_the_middle_where_it_was(session):
    assert leads.turn(session, 1, 1.2).case.leads[0] == replace(session.case.leads[0], tilt_mm=1.2)
    turned = leads.turn_by(session, 1, -0.5).case.leads[0]
    assert (turned.x_mm, turned.tilt_mm) == (-1.0, 1.0), "the tip goes left, the tail right"


def test_exact_places_are_taken_or_refused(session):
    given = LeadPlacement("octet-7mm", "T9", 5.0, -1.0, 0.4, 0.3)
    assert leads.place(session, 1, given).case.leads[0] == given
    with pytest.raises(InvalidValueError, match="order"):
        leads.place(session, 1, replace(given, x_mm=4.0))


@pytest.fixture
def used(session) -> Session:
    """Both leads in use, with a scar, a short, a migration and a second program."""
    case = replace(
        session.case,
        scars=(Scar("1.2 2.7"),),
        migrations=(Migration(2, rostral_mm=-3.0),),
        contact_faults=(ContactFault("1.1", "short", "2.1"), ContactFault("2.7", "open")),
    )
    found = replace(session, case=case)
    return contacts.set_sign(replace(found, keep_amplitude=True), "2.7", -1)


def test_without_lead_1_the_other_becomes_lead_1_everywhere(used):
    done = leads.remove(used, 1)
    assert len(done.case.leads) == 1
    assert done.draft.contacts == "1.7-100"
    assert done.case.scars == (Scar("1.7"),)
    assert done.case.migrations == (Migration(1, rostral_mm=-3.0),)
    assert done.case.contact_faults == (ContactFault("1.7", "open"),)
    assert leads.remove(replace(used, keep_amplitude=False), 1).draft.amplitude_ma == 0.0
    with pytest.raises(InvalidValueError, match="last one"):
        leads.remove(done, 1)


def test_a_shorter_lead_loses_the_contacts_it_does_not_have(used):
    done = leads.change_type(used, 2, "quad-7mm")
    assert done.case.leads[1].lead == "quad-7mm"
    assert done.draft.contacts == "1.3-100 1.4+100"
    assert done.case.scars == (Scar("1.2"),)
    assert done.case.contact_faults == (ContactFault("1.1", "short", "2.1"),)


def test_a_lead_added_on_the_left_moves_the_numbers_up(used):
    done = leads.add(used, "octet-4mm")
    assert [lead.lead for lead in done.case.leads] == ["octet-4mm", "octet-7mm", "octet-7mm"]
    assert done.draft.contacts == "2.3-50 2.4+100 3.7-50"
    assert done.case.scars == (Scar("2.2 3.7"),)
    four = leads.add(done, "octet-4mm")
    with pytest.raises(InvalidValueError, match="4 at most"):
        leads.add(four, "octet-4mm")


def test_an_unknown_lead_type_is_refused(session):
    with pytest.raises(UnknownNameError, match="no-such"):
        leads.change_type(session, 1, "no-such")
