"""Actions on what a search suggests: dial it, put it into the list of programs, put it beside the program in hand."""

from __future__ import annotations

from dataclasses import replace

from scs_models.errors import InvalidValueError
from scs_sim.program import GENERATOR, Program
from scs_ui.state.draft import ProgramDraft
from scs_ui.state.session import PROGRAMS_MAX, Session


def apply(session: Session, program: Program) -> Session:
    """Return the session with a suggested program in place of the chosen one, at the suggested amplitudes.

    Name and notes stay; locks and noted thresholds go, they were of other contacts. Unlike a direct change of a contact
    this does not take the amplitude to 0: who applies a suggestion has read its amplitude. Raises InvalidValueError
    where the leads have no such contacts any more.
    """
    _require_contacts(session, program)
    suggested, old = ProgramDraft.of(program), session.program
    areas = tuple(
        replace(area, name=old.areas[place].name if place < len(old.areas) else area.name)
        for place, area in enumerate(suggested.areas)
    )
    return replace(session.with_program(replace(old, areas=areas)), area=0)


def keep(session: Session, program: Program, name: str) -> Session:
    """Return the session with a suggested program at the end of the list; the chosen one stays in hand."""
    return _kept(session, program, name)[0]


def compare(session: Session, program: Program, name: str) -> Session:
    """Return the session with a suggested program beside the chosen one, put into the list where it is not there."""
    kept, at = _kept(session, program, name)
    if at == session.chosen:
        raise InvalidValueError("this is the program in hand; choose another suggestion to compare it with")
    return replace(kept, compared=at)


def _kept(session: Session, program: Program, name: str) -> tuple[Session, int]:
    """Return the session with the program in its list, and where it stands there."""
    _require_contacts(session, program)
    draft = replace(ProgramDraft.of(program), name=name)
    for place, other in enumerate(session.programs):
        if _dialled(other) == _dialled(draft):
            return session, place
    if len(session.programs) >= PROGRAMS_MAX:
        raise InvalidValueError(f"there are {len(session.programs)} programs and no room for another; delete one first")
    return replace(session, programs=(*session.programs, draft)), len(session.programs)


def _dialled(draft: ProgramDraft) -> list[tuple[object, ...]]:
    return [(area.shares, area.amplitude_ma, area.pulse_width_us, area.rate_hz, area.waveform) for area in draft.areas]


def _require_contacts(session: Session, program: Program) -> None:
    known = (*session.case.contact_names(), GENERATOR)
    for area in program.areas:
        for share in area.shares:
            if share.name not in known:
                raise InvalidValueError(
                    f"contact {share.name} of this suggestion is not there any more; the leads have {known[0]} to"
                    f" {known[-2]}"
                )
