"""Actions on contacts of the edited area: signs, shares, locks, steering.

Choosing other contacts or signs takes the area's amplitude to 0, unless the session keeps it; shares among contacts
that are on, locks and steering leave it. Names are "1.3", or "case" for the generator.
"""

from __future__ import annotations

from dataclasses import replace

from scs_models.values import require_one_of
from scs_sim.program import GENERATOR
from scs_ui.state import contacts
from scs_ui.state.contacts import Shares, Sign
from scs_ui.state.session import Session
from scs_ui.state.steering import Move, columns_of, moved

BIG_PERCENT, SMALL_PERCENT = 10, 1


def cycle(session: Session, name: str, *, backwards: bool = False) -> Session:
    """Return the session with contact `name` taken off -> cathode -> anode -> off, or backwards."""
    _require_contact(session, name)
    draft = session.draft
    return _chosen(session, contacts.cycled(draft.shares, draft.locked, name, backwards=backwards))


def set_sign(session: Session, name: str, sign: int) -> Session:
    """Return the session with contact `name` a cathode (-1), an anode (1) or off (0)."""
    _require_contact(session, name)
    draft = session.draft
    return _chosen(session, contacts.with_sign(draft.shares, draft.locked, name, sign))


def set_percent(session: Session, name: str, percent: int) -> Session:
    """Return the session with contact `name` at `percent` of its sign's current; the unlocked others take the rest."""
    draft = session.draft
    return _with_shares(session, contacts.with_percent(draft.shares, draft.locked, name, percent))


def drag_percent(session: Session, name: str, percent: int) -> Session:
    """Return the session with contact `name` at `percent`, or as near to it as the others let it, without a word."""
    low, high = percent_limits(session, name)
    return set_percent(session, name, min(max(percent, low), high))


def change_percent(session: Session, name: str, by: int) -> Session:
    """Return the session with the share of `name` changed by `by` percent, or as far as the others let it.

    Raises InvalidValueError where it cannot change at all.
    """
    draft = session.draft
    low, high = percent_limits(session, name)
    now = contacts.percent_of(draft.shares, name)
    at_end = now == (high if by > 0 else low)
    return set_percent(session, name, now + by if at_end else min(max(now + by, low), high))


def percent_limits(session: Session, name: str) -> tuple[int, int]:
    """Return the least and greatest whole percent that contact `name` may take while others keep their locks."""
    return contacts.percent_range(session.draft.shares, session.draft.locked, name)


def toggle_lock(session: Session, name: str) -> Session:
    """Return the session with the share of contact `name` locked or free again."""
    draft = session.draft
    return session.with_draft(replace(draft, locked=contacts.lock_toggled(draft.shares, draft.locked, name)))


def equalise(session: Session, sign: Sign | None = None) -> Session:
    """Return the session with equal shares for the unlocked contacts of `sign`, or of both signs."""
    draft = session.draft
    return _with_shares(session, contacts.equalised(draft.shares, draft.locked, sign))


def clear(session: Session) -> Session:
    """Return the session with all contacts of the area off."""
    return _chosen(session, ())


def steer(session: Session, move: Move, steps: int) -> Session:
    """Return the session with the pattern moved `steps` tenths of a contact; the amplitude stays.

    Raises InvalidValueError at the ends of the leads and where a contact is locked.
    """
    draft = session.draft
    shares, steering = moved(draft.shares, draft.locked, draft.steering, columns_of(session.case), move, steps)
    return session.with_draft(replace(draft, shares=shares, steering=steering))


def _chosen(session: Session, shares: Shares) -> Session:
    """Return the session with other contacts; the amplitude falls to 0 unless it is kept."""
    draft = session.draft
    if shares == draft.shares:
        return session
    amplitude_ma = draft.amplitude_ma if session.keep_amplitude else 0.0
    locked = contacts.locks_left(shares, draft.locked)
    changed = replace(draft, shares=shares, locked=locked, amplitude_ma=amplitude_ma, steering=None)
    return session.with_draft(changed)


def _with_shares(session: Session, shares: Shares) -> Session:
    return session.with_draft(replace(session.draft, shares=shares, steering=None))


def _require_contact(session: Session, name: str) -> None:
    require_one_of("contact", name, (*session.case.contact_names(), GENERATOR))
