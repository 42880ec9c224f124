"""Actions on tested settings: back to one, out of the list."""

from __future__ import annotations

from dataclasses import replace

from scs_models.errors import InvalidValueError
from scs_models.fibres.waveforms import burst
from scs_sim.program import parse_contacts
from scs_ui.state.session import Session, Tested


def restore(session: Session, index: int) -> Session:
    """Return the session with contacts, pulse and amplitude of tested setting `index` in the edited area.

    Locks of contacts go; leads and posture stay as they are. Raises InvalidValueError where the leads have no such
    contacts any more.
    """
    tested = _tested(session, index)
    known = session.case.contact_names()
    shares = tuple(sorted(parse_contacts(tested.contacts)))
    for share in shares:
        if share.lead and share.name not in known:
            raise InvalidValueError(
                f"contact {share.name} of this setting is not there any more; the leads have {known[0]} to {known[-1]}"
            )
    waveform = session.draft.waveform
    if waveform == "burst" and tested.pulse_width_us != burst().pulse_width_us:
        waveform = "recharge"
    return session.with_draft(
        replace(
            session.draft,
            shares=shares,
            locked=(),
            amplitude_ma=tested.amplitude_ma,
            pulse_width_us=tested.pulse_width_us,
            rate_hz=tested.rate_hz,
            waveform=waveform,
        )
    )


def remove(session: Session, index: int) -> Session:
    """Return the session without tested setting `index`."""
    _tested(session, index)
    return replace(session, tested=session.tested[:index] + session.tested[index + 1 :])


def _tested(session: Session, index: int) -> Tested:
    if not 0 <= index < len(session.tested):
        raise InvalidValueError(f"there is no tested setting {index + 1}; {len(session.tested)} are noted")
    return session.tested[index]
