"""Actions on leads: move, turn, change the type, add, remove.

A moved lead stays in order from the patient's left and within what is modelled: it stops there. Where contacts go,
programs, scars and faults that named them go with them; numbers follow.
"""

from __future__ import annotations

import math
from dataclasses import replace

from scs_models.anatomy import vertebra_at, vertebra_mid_z_mm
from scs_models.errors import InvalidValueError
from scs_models.leads import Lead, LeadPlacement, catalogue
from scs_models.values import require_between, require_one_of
from scs_sim.case import MAX_LEADS, Case
from scs_ui.state.lead_numbers import renumbered
from scs_ui.state.lead_room import edge_z_mm, fits, greatest_mm, room_of
from scs_ui.state.session import Session

BESIDE_MM = 2.4
"""How far from its neighbour's axis a new lead is put."""

_DIGITS = 3


def put(session: Session, number: int, edge_mm: float, x_mm: float) -> Session:
    """Return the session with the rostral edge of lead `number` at `edge_mm` and its axis at `x_mm`, as far as it goes.

    Places are kept to 0.1 mm; tilt and bow stay.
    """
    placement, room = _placement(session, number), room_of(session.case, number)
    up_mm = _held(edge_mm - edge_z_mm(placement), min(room.down_mm, 0.0), max(room.up_mm, 0.0))
    aside_mm = _held(x_mm - placement.x_mm, min(room.left_mm, 0.0), max(room.right_mm, 0.0))
    return _placed(session, number, _shifted(placement, up_mm, aside_mm))


def move(session: Session, number: int, up_mm: float, right_mm: float) -> Session:
    """Return the session with lead `number` moved; raise InvalidValueError where it cannot go that way at all."""
    placement = _placement(session, number)
    after = put(session, number, edge_z_mm(placement) + up_mm, placement.x_mm + right_mm)
    if after == session:
        way = "up" if up_mm > 0 else "down" if up_mm < 0 else "to the right" if right_mm > 0 else "to the left"
        raise InvalidValueError(f"lead {number} cannot go further {way}: a neighbour or the end of the model is there")
    return after


def turn(session: Session, number: int, tilt_mm: float, *, about_middle: bool = False) -> Session:
    """Return the session with lead `number` tilted: its lowest contact lies `tilt_mm` further right than its tip.

    It stops, in tenths of a mm, where a contact would leave what is modelled. about_middle: the middle stays
    where it is, otherwise the tip.
    """
    placement, limit = _placement(session, number), greatest_mm("tilt")
    change_mm = round(_held(tilt_mm, -limit, limit) - placement.tilt_mm, 1)
    while change_mm:
        aside_mm = -change_mm / 2.0 if about_middle else 0.0
        tilt, x_mm = round(placement.tilt_mm + change_mm, _DIGITS), round(placement.x_mm + aside_mm, _DIGITS)
        tilted = replace(placement, tilt_mm=_held(tilt, -limit, limit), x_mm=x_mm)
        if fits(session.case, number, tilted):
            return _placed(session, number, tilted)
        change_mm = round(change_mm - math.copysign(0.1, change_mm), 1)
    return session


def turn_by(session: Session, number: int, tip_right_mm: float) -> Session:
    """Return the session with the tip of lead `number` turned to the right about its middle; say where it cannot."""
    after = turn(session, number, _placement(session, number).tilt_mm - 2.0 * tip_right_mm, about_middle=True)
    if after == session:
        raise InvalidValueError(f"lead {number} cannot turn further: a contact would leave what is modelled")
    return after


def place(session: Session, number: int, placement: LeadPlacement) -> Session:
    """Return the session with lead `number` placed exactly so; raise InvalidValueError where it may not lie there."""
    if placement.lead != _placement(session, number).lead:
        raise InvalidValueError(f"lead {number} is a {session.case.leads[number - 1].lead}; change its type apart")
    if not fits(session.case, number, placement):
        raise InvalidValueError(
            f"lead {number} cannot lie there: leads keep their order from the patient's left, and contacts stay within"
            " what is modelled"
        )
    return _placed(session, number, placement)


def change_type(session: Session, number: int, lead_id: str) -> Session:
    """Return the session with lead `number` of another type, its rostral edge where it was or as near as it may lie.

    Contacts that the new type does not have leave programs, scars and faults; areas that used the lead fall to 0 mA.
    Raises UnknownNameError for a lead that is neither in the catalogue nor the case's own.
    """
    placement, count = _placement(session, number), _lead_type(session.case, lead_id).contact_count
    if placement.lead == lead_id:
        return session
    leads = _replaced(session.case, number, replace(placement, lead=lead_id))

    def follow(lead: int, contact: int) -> tuple[int, int] | None:
        return None if lead == number and contact > count else (lead, contact)

    return _settled(renumbered(session, leads, follow, frozenset({number})), number)


def add(session: Session, lead_id: str) -> Session:
    """Return the session with one more lead beside the others, on the side where there is more room; numbers follow.

    Raises InvalidValueError where there are four already.
    """
    case = session.case
    _lead_type(case, lead_id)
    if len(case.leads) >= MAX_LEADS:
        raise InvalidValueError(f"there are {len(case.leads)} leads; a case has {MAX_LEADS} at most")
    goes_right = case.leads[-1].x_mm <= -case.leads[0].x_mm
    beside, way = (case.leads[-1], 1.0) if goes_right else (case.leads[0], -1.0)
    x_mm = _held(beside.x_mm + way * BESIDE_MM, -greatest_mm("x"), greatest_mm("x"))
    new = LeadPlacement(lead_id, beside.tip_level, beside.tip_offset_mm, round(x_mm, 1))
    leads = (*case.leads, new) if goes_right else (new, *case.leads)

    def follow(lead: int, contact: int) -> tuple[int, int]:
        return (lead if goes_right else lead + 1), contact

    return _settled(renumbered(session, leads, follow, frozenset()), len(leads) if goes_right else 1)


def remove(session: Session, number: int) -> Session:
    """Return the session without lead `number`; what was about its contacts goes too, numbers follow.

    Raises InvalidValueError for the last one left.
    """
    _placement(session, number)
    leads = session.case.leads
    if len(leads) == 1:
        raise InvalidValueError("a case has one lead or more; this is the last one")

    def follow(lead: int, contact: int) -> tuple[int, int] | None:
        return None if lead == number else (lead - (lead > number), contact)

    return renumbered(session, (*leads[: number - 1], *leads[number:]), follow, frozenset({number}))


def _placement(session: Session, number: int) -> LeadPlacement:
    require_between("lead", number, 1, len(session.case.leads))
    return session.case.leads[number - 1]


def _lead_type(case: Case, lead_id: str) -> Lead:
    known = {**catalogue(), **{lead.id: lead for lead in case.own_leads}}
    return known[require_one_of("lead", lead_id, tuple(known))]


def _held(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _shifted(placement: LeadPlacement, up_mm: float, right_mm: float) -> LeadPlacement:
    """Return `placement` elsewhere, on tenths of a mm, its height told from the vertebra that its edge then lies at."""
    if up_mm:
        edge_mm = edge_z_mm(placement) + up_mm
        level = vertebra_at(edge_mm)
        offset_mm = round(edge_mm - vertebra_mid_z_mm(level), 1)
        placement = replace(placement, tip_level=level, tip_offset_mm=offset_mm)
    return replace(placement, x_mm=round(placement.x_mm + right_mm, 1)) if right_mm else placement


def _settled(session: Session, number: int) -> Session:
    """Return the session with lead `number` brought to where it may lie, if it does not."""
    placement, room = _placement(session, number), room_of(session.case, number)
    up_mm = _held(0.0, room.down_mm, max(room.up_mm, room.down_mm))
    aside_mm = _held(0.0, room.left_mm, max(room.right_mm, room.left_mm))
    settled = _shifted(placement, up_mm, aside_mm)
    if not fits(session.case, number, settled):
        raise InvalidValueError(f"there is no room for a {placement.lead} there: move the leads apart first")
    return _placed(session, number, settled)


def _replaced(case: Case, number: int, placement: LeadPlacement) -> tuple[LeadPlacement, ...]:
    return (*case.leads[: number - 1], placement, *case.leads[number:])


def _placed(session: Session, number: int, placement: LeadPlacement) -> Session:
    if placement == session.case.leads[number - 1]:
        return session
    return replace(session, case=replace(session.case, leads=_replaced(session.case, number, placement)))
