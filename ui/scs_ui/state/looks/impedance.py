"""What an impedance check shows: every contact against the case, what is remarkable about it, and faults put in."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from scs_sim.delivery import contact_flags, contact_ohm
from scs_sim.hardware import generator_of, wiring_of
from scs_sim.lead_state import ContactFault
from scs_sim.limits import safety_limits
from scs_ui.state.moment import Moment

Flag = Literal["", "short", "high", "open"]
FLAG_SIGNS: dict[Flag, str] = {"": "", "short": "⧓", "high": "▲", "open": "⊘"}


@dataclass(frozen=True, slots=True)
class ContactCell:
    """One contact: "1.3", its impedance in words, what is remarkable, the fault put in, all of it as a sentence."""

    name: str
    ohm: str
    flag: Flag
    fault: str
    spoken: str


@dataclass(frozen=True, slots=True)
class ImpedanceLook:
    """The grid: columns of contacts with headings; is_checked: values show; summary: what was found, in words.

    selected: the contact with the focus; has_faults: some were put in.
    """

    headings: tuple[str, ...]
    columns: tuple[tuple[ContactCell, ...], ...]
    is_checked: bool
    selected: str
    summary: str
    has_problems: bool
    has_faults: bool


def impedance_key(moment: Moment) -> Hashable:
    """Return what the look depends on: equal keys, equal looks."""
    case, frame = moment.session.case, moment.frame
    setting = None if frame is None else id(frame.setting)
    shown = (moment.view.show_impedance, moment.view.selected)
    return setting, frame is not None and frame.stale, case.leads, case.own_leads, case.contact_faults, shown


def impedance_look(moment: Moment) -> ImpedanceLook:
    """Return the impedance check at `moment`; contacts that are not computed yet say so."""
    case, view = moment.session.case, moment.view
    measured = _measured(moment) if view.show_impedance else {}
    headings, columns = [], []
    for lead in range(1, len(case.leads) + 1):
        kind, first = case.lead_type(lead), 1
        for column, count in enumerate(kind.column_contacts, start=1):
            names = [f"{lead}.{contact}" for contact in range(first, first + count)]
            first += count
            side = f", column {column}" if len(kind.column_contacts) > 1 else ""
            headings.append(f"Lead {lead}{side}")
            columns.append(
                tuple(_cell(name, measured, case.contact_faults, checked=view.show_impedance) for name in names)
            )
    bad = [cell for column in columns for cell in column if cell.flag]
    return ImpedanceLook(
        headings=tuple(headings),
        columns=tuple(columns),
        is_checked=view.show_impedance,
        selected=view.selected,
        summary=_summary(view.show_impedance, bad, len(measured), sum(len(column) for column in columns)),
        has_problems=bool(bad),
        has_faults=bool(case.contact_faults),
    )


def _measured(moment: Moment) -> dict[str, tuple[float, Flag]]:
    """Return (ohm, flag) of the contacts that the setting holds."""
    frame = moment.frame
    if frame is None or frame.stale:
        return {}
    circuit = wiring_of(frame.setting, moment.session.case, generator_of(""))
    flags = contact_flags(circuit)
    return {
        name: (float(ohm), flag)
        for name, ohm, flag in zip(frame.setting.contact_names, contact_ohm(circuit), flags, strict=True)
    }


def _cell(
    name: str, measured: dict[str, tuple[float, Flag]], faults: tuple[ContactFault, ...], *, checked: bool
) -> ContactCell:
    own = [fault for fault in faults if name in (fault.contact, fault.partner)]
    fault = "; ".join(_in_words(one, name) for one in own)
    ohm, flag = measured.get(name, (math.nan, ""))
    if not checked:
        words = "–"
    elif name not in measured:
        words = "…"
    else:
        words = "no current" if math.isinf(ohm) else f"{ohm:.0f} Ω"
    parts = [f"Contact {name}", "not checked" if not checked else "being computed" if words == "…" else words]
    parts += [flag] if flag else []
    parts += [f"fault put in: {fault}"] if fault else []
    return ContactCell(name, words, flag if checked else "", fault, ", ".join(parts))


def _in_words(fault: ContactFault, name: str) -> str:
    if fault.kind == "short":
        return f"shorted to {fault.partner if name == fault.contact else fault.contact}"
    return "open" if fault.kind == "open" else f"{fault.ohm:g} Ω in series"


def _summary(checked: bool, bad: list[ContactCell], known: int, count: int) -> str:
    limits = safety_limits()
    if not checked:
        return "Not checked yet. Press Impedance check (I): it comes before anything else."
    if bad:
        return "; ".join(f"{cell.name} {cell.flag}" for cell in bad) + (
            "; * put in" if any(c.fault for c in bad) else ""
        )
    if known < count:
        return f"{known} of {count} contacts are computed; the others follow."
    return f"All {count} contacts between {limits.short_below_ohm:g} and {limits.high_from_ohm:g} Ω."
