"""A case with what a command line changes for one trial: posture, faults of contacts, migrated leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click

from scs_sim.case import Case
from scs_sim.lead_state import ContactFault, Migration


def tried(case: Case, posture: str | None, opens: Sequence[str], shorts: Sequence[str], moves: Sequence[str]) -> Case:
    """Return `case` with another posture, and with these faults and migrations beside its own.

    A lead that is named again moves as named here. Raises click.UsageError for words that are no such thing.
    """
    faults = [ContactFault(name, "open") for name in opens] + [_short(text) for text in shorts]
    migrations = [_migration(text) for text in moves]
    if posture is None and not faults and not migrations:
        return case
    moved = {migration.lead for migration in migrations}
    return replace(
        case,
        posture=case.posture if posture is None else posture,
        contact_faults=(*case.contact_faults, *faults),
        migrations=(*(own for own in case.migrations if own.lead not in moved), *migrations),
    )


def _short(text: str) -> ContactFault:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2:
        raise click.UsageError(f"--short {text!r} is not two contacts; write for example --short 1.3,1.4")
    return ContactFault(parts[0], "short", partner=parts[1])


def _migration(text: str) -> Migration:
    parts = text.split(",")
    try:
        lead, *rest = (int(parts[0]), *(float(part) for part in parts[1:]))
    except ValueError:
        rest = []
    if len(rest) not in (2, 3):
        raise click.UsageError(f"--migrate {text!r} is not LEAD,MM,MM[,DEG]; write for example --migrate 1,-6,0.5")
    return Migration(int(lead), *rest)
