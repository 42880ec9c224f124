"""When leads come, go or change their type: programs, scars, migrations and faults follow the contacts they name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scs_models.leads import LeadPlacement
from scs_sim.case import Case
from scs_sim.lead_state import ContactFault, Migration, Scar
from scs_sim.program import Area, Program, format_contacts
from scs_ui.state.contacts import Shares, apportioned
from scs_ui.state.draft import AreaDraft, ProgramDraft
from scs_ui.state.session import Session

Renumber = Callable[[int, int], tuple[int, int] | None]
"""(lead, contact) -> its new numbers, None where it is gone."""

_STARTING_CONTACTS = "1.1- case+"


def renumbered(
    session: Session, leads: tuple[LeadPlacement, ...], follow: Renumber, changed: frozenset[int]
) -> Session:
    """Return the session with other leads, everything that names contacts following them.

    changed: the leads (old numbers) whose areas fall to 0 mA, unless the session keeps amplitudes.
    """
    case = session.case
    new = replace(
        case,
        leads=leads,
        program=_program(case.program, follow),
        scars=_scars(case, follow),
        migrations=_migrations(case, follow),
        contact_faults=_faults(case, follow),
    )

    def draft(area: AreaDraft) -> AreaDraft:
        is_changed = any(share.lead in changed for share in area.shares)
        amplitude_ma = 0.0 if is_changed and not session.keep_amplitude else area.amplitude_ma
        shares = followed(area.shares, follow)
        locked = tuple(name for name in (_name(name, follow) for name in area.locked) if name)
        return replace(area, shares=shares, locked=locked, amplitude_ma=amplitude_ma, steering=None)

    programs = tuple(_with_areas(program, draft) for program in session.programs)
    return replace(session, case=new, programs=programs)


def followed(shares: Shares, follow: Renumber) -> Shares:
    """Return shares with their new numbers; what is gone gives its share to the others of its sign in proportion."""
    kept = []
    for share in shares:
        numbers = (0, 0) if share.lead == 0 else follow(share.lead, share.contact)
        if numbers is not None:
            kept.append(replace(share, lead=numbers[0], contact=numbers[1]))
    found = []
    for sign in (-1, 1):
        own = [share for share in kept if share.sign == sign]
        percents = apportioned([share.percent for share in own], 100) if own else []
        found += [replace(share, percent=percent) for share, percent in zip(own, percents, strict=True)]
    return tuple(sorted(found))


def _with_areas(program: ProgramDraft, draft: Callable[[AreaDraft], AreaDraft]) -> ProgramDraft:
    return replace(program, areas=tuple(draft(area) for area in program.areas))


def _name(name: str, follow: Renumber) -> str:
    """Return the new name of a contact, "" where it is gone; the generator keeps its own."""
    if "." not in name:
        return name
    lead, contact = map(int, name.split("."))
    numbers = follow(lead, contact)
    return "" if numbers is None else f"{numbers[0]}.{numbers[1]}"


def _program(program: Program, follow: Renumber) -> Program:
    """Return the case's starting program on the new numbers; areas left without a sign go, the first begins anew."""

    def contacts(area: Area) -> str:
        shares = followed(area.shares, follow)
        return format_contacts(shares) if {share.sign for share in shares} == {-1, 1} else ""

    others = ((area, contacts(area)) for area in program.more_areas)
    more = tuple(replace(area, contacts=text) for area, text in others if text)
    return replace(program, contacts=contacts(program) or _STARTING_CONTACTS, more_areas=more)


def _scars(case: Case, follow: Renumber) -> tuple[Scar, ...]:
    named = ((scar, " ".join(filter(None, (_name(name, follow) for name in scar.names)))) for scar in case.scars)
    return tuple(replace(scar, contacts=names) for scar, names in named if names)


def _migrations(case: Case, follow: Renumber) -> tuple[Migration, ...]:
    moved = ((migration, follow(migration.lead, 1)) for migration in case.migrations)
    return tuple(replace(migration, lead=numbers[0]) for migration, numbers in moved if numbers)


def _faults(case: Case, follow: Renumber) -> tuple[ContactFault, ...]:
    found = []
    for fault in case.contact_faults:
        contact, partner = _name(fault.contact, follow), _name(fault.partner, follow) if fault.partner else ""
        if contact and bool(partner) == bool(fault.partner):
            found.append(replace(fault, contact=contact, partner=partner))
    return tuple(found)
