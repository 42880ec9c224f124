"""Actions on faults of contacts and wires, for teaching: a contact that is open, high, or shorted to another."""

from __future__ import annotations

from dataclasses import replace

from scs_models.errors import InvalidValueError
from scs_models.values import require_between
from scs_sim.lead_state import GREATEST_SERIES_OHM, ContactFault
from scs_ui.state.session import Session

USUAL_SERIES_OHM = 3000.0


def inject_open(session: Session, contact: str) -> Session:
    """Return the session in which no current passes `contact`, in place of what was wrong with it before."""
    return _with(session, ContactFault(contact, "open"))


def inject_high(session: Session, contact: str, ohm: float = USUAL_SERIES_OHM) -> Session:
    """Return the session with `ohm` in series with `contact`; raise InvalidValueError for none or too many."""
    require_between("resistance", ohm, 1.0, GREATEST_SERIES_OHM, "Ω")
    return _with(session, ContactFault(contact, "high", ohm=ohm))


def inject_short(session: Session, contact: str, partner: str) -> Session:
    """Return the session with `contact` joined to `partner`; raise InvalidValueError for one with itself."""
    if partner not in session.case.contact_names():
        raise InvalidValueError(f"contact {contact} has no neighbour {partner} to be shorted to")
    return _with(session, ContactFault(contact, "short", partner))


def clear(session: Session, contact: str) -> Session:
    """Return the session without faults that touch `contact`; raise InvalidValueError where there is none."""
    kept = tuple(fault for fault in session.case.contact_faults if contact not in (fault.contact, fault.partner))
    if len(kept) == len(session.case.contact_faults):
        raise InvalidValueError(f"contact {contact} has no fault that was put in")
    return replace(session, case=replace(session.case, contact_faults=kept))


def clear_all(session: Session) -> Session:
    """Return the session without faults of contacts and wires."""
    return replace(session, case=replace(session.case, contact_faults=()))


def neighbour(session: Session, contact: str) -> str:
    """Return the contact below `contact` on its lead, or above where it is the last; "" where it is alone."""
    names = [name for name in session.case.contact_names() if name.split(".")[0] == contact.split(".")[0]]
    if contact not in names or len(names) == 1:
        return ""
    at = names.index(contact)
    return names[at + 1] if at + 1 < len(names) else names[at - 1]


def _with(session: Session, fault: ContactFault) -> Session:
    """Return the session with `fault` as the only one of its contact."""
    kept = [known for known in session.case.contact_faults if fault.contact not in (known.contact, known.partner)]
    return replace(session, case=replace(session.case, contact_faults=(*kept, fault)))
