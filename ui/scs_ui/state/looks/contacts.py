"""What is said of every contact: the rows of the contact table, and the line under the spine."""

from __future__ import annotations

from dataclasses import dataclass

from scs_sim.program import AREA_NAMES, GENERATOR
from scs_sim.result import ContactState
from scs_ui.state.moment import Moment

SIGN_WORDS = {-1: "cathode", 0: "off", 1: "anode"}
SIGN_GLYPHS = {-1: "\N{MINUS SIGN}", 0: "", 1: "+"}
_CASE = "Case"


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact of the edited area; numbers that the engine has not given are None.

    label is the name as shown, contacts counted from 1 or from 0; current_ma: what it delivers, without sign; fault:
    what was put in ("open", "high", "short 2.1"); others: what other areas do with it ("B−"); charge density in
    uC/cm2 per phase.
    """

    name: str
    label: str
    lead: int
    sign: int
    percent: int
    locked: bool
    current_ma: float | None = None
    impedance_ohm: float | None = None
    flag: str = ""
    density_uc_per_cm2: float | None = None
    fault: str = ""
    scarred: bool = False
    others: str = ""


def contact_rows(moment: Moment, names: tuple[str, ...] | None = None) -> tuple[ContactRow, ...]:
    """Return the rows of the contacts `names`; by default of all, lead by lead, and of the generator at the end."""
    session, view, frame = moment.session, moment.view, moment.frame
    draft = session.draft
    result = None if frame is None else frame.solo or frame.result
    states = {} if result is None else {state.name: state for state in result.contact_states}
    is_alone = frame is not None and result is frame.solo
    faults = faults_of(moment)
    scarred = {name for scar in session.case.scars for name in scar.names}
    found = []
    for name in names if names is not None else (*session.case.contact_names(), GENERATOR):
        share, state = draft.share_of(name), states.get(name)
        found.append(
            ContactRow(
                name=name,
                label=shown_name(name, view.count_from_zero),
                lead=0 if name == GENERATOR else int(name.split(".")[0]),
                sign=0 if share is None else share.sign,
                percent=0 if share is None else share.percent,
                locked=name in draft.locked,
                current_ma=_current_ma(state) if is_alone and share is not None else None,
                impedance_ohm=None if state is None else state.impedance_ohm,
                flag="" if state is None else state.flag,
                density_uc_per_cm2=_density(state) if is_alone and share is not None else None,
                fault=faults.get(name, ""),
                scarred=name in scarred,
                others=other_areas(moment, name),
            )
        )
    return tuple(found)


def shown_name(name: str, from_zero: bool) -> str:
    """Return a contact's name for people, counted from 1 or from 0 within its lead."""
    if name == GENERATOR:
        return _CASE
    lead, contact = name.split(".")
    return f"{lead}.{int(contact) - 1}" if from_zero else name


def described(row: ContactRow) -> str:
    """Return a contact in one line: name, sign, share, current, impedance, and what is wrong with it."""
    parts = [f"{row.label} {SIGN_WORDS[row.sign]}"]
    if row.sign:
        parts[0] += f" {row.percent} %{', locked' if row.locked else ''}"
        if row.current_ma is not None:
            parts.append(f"{row.current_ma:.2f} mA")
    if text := impedance_text(row):
        parts.append(text)
    if row.fault:
        parts.append(f"fault put in: {row.fault}")
    if row.scarred:
        parts.append("over scar")
    if row.others:
        parts.append(f"other areas: {row.others}")
    return " · ".join(parts)


def impedance_text(row: ContactRow) -> str:
    """Return an impedance with its unit and what it suggests, "" where there is none."""
    if row.flag == "open":
        return "open circuit"
    if row.impedance_ohm is None:
        return ""
    return f"{row.impedance_ohm:.0f} Ω{f', {row.flag}' if row.flag else ''}"


COLUMNS = (
    "Lead",
    "Contact",
    "Sign",
    "Share, %",
    "Current, mA",
    "Lock",
    "Impedance, Ω",
    "Density, µC/cm²",
    "Marks",
)
"""The columns of the contact table, with their units."""


def cells(row: ContactRow) -> tuple[str, ...]:
    """Return a row of the contact table in words, as COLUMNS says; empty where there is nothing to say."""
    lead, _, contact = row.label.rpartition(".")
    marks = [row.fault and f"{row.fault} (put in)", "scar" if row.scarred else "", row.others]
    return (
        lead or row.label,
        contact if lead else "",
        f"{SIGN_GLYPHS[row.sign]} {SIGN_WORDS[row.sign]}".strip(),
        f"{row.percent}" if row.sign else "",
        "" if row.current_ma is None else f"{row.current_ma:.2f}",
        "locked" if row.locked else "",
        impedance_text(row).replace(" Ω", ""),
        "" if row.density_uc_per_cm2 is None else f"{row.density_uc_per_cm2:.1f}",
        ", ".join(mark for mark in marks if mark),
    )


def faults_of(moment: Moment) -> dict[str, str]:
    """Return by contact what fault was put in; a short names the contact it is joined to."""
    found: dict[str, str] = {}
    for fault in moment.session.case.contact_faults:
        found[fault.contact] = f"{fault.kind} {fault.partner}".strip()
        if fault.partner:
            found[fault.partner] = f"{fault.kind} {fault.contact}"
    return found


def other_areas(moment: Moment, name: str) -> str:
    """Return what the other areas of the program do with a contact: "B− C+"."""
    shares = (
        (AREA_NAMES[index], area.share_of(name))
        for index, area in enumerate(moment.session.program.areas)
        if index != moment.session.area and area.on
    )
    return " ".join(f"{letter}{SIGN_GLYPHS[share.sign]}" for letter, share in shares if share is not None)


def _current_ma(state: ContactState | None) -> float | None:
    return None if state is None else abs(state.current_ma[0])


def _density(state: ContactState | None) -> float | None:
    return None if state is None else abs(state.charge_density_uc_per_cm2)
