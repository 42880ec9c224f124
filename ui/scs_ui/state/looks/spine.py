"""What the spine view shows: leads and contacts where they lie, with sign, share, marks; and which contact is next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scs_models.leads import ContactPlace, LeadKind
from scs_sim.case import Case
from scs_sim.contact_plan import lead_places
from scs_sim.program import GENERATOR
from scs_ui.state.looks.contacts import ContactRow, contact_rows, impedance_text
from scs_ui.state.moment import Moment
from scs_ui.state.session import Session
from scs_ui.state.steering import Column, columns_of

Way = Literal["up", "down", "left", "right"]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ContactMark:
    """One contact as it is drawn: its middle (x to the right, z rostral) and size in mm, and what is said of it.

    column: which of the lead's columns from the patient's left.
    """

    row: ContactRow
    x_mm: float
    z_mm: float
    length_mm: float
    width_mm: float
    column: int
    selected: bool = False
    impedance: str = ""


@dataclass(frozen=True, slots=True)
class LeadMark:
    """One lead as it is drawn: its axis from the first contact to the last (mm), half its width, and its contacts."""

    number: int
    title: str
    kind: LeadKind
    axis_mm: tuple[Point, ...]
    half_width_mm: float
    contacts: tuple[ContactMark, ...]
    has_migrated: bool = False


@dataclass(frozen=True, slots=True)
class SpineLook:
    """All that the spine view shows. ghosts: where leads lay when the numbers on screen were computed, if elsewhere.

    midline_mm: the cord's own midline; generator: the row of the generator as a contact.
    """

    leads: tuple[LeadMark, ...]
    ghosts: tuple[LeadMark, ...]
    generator: ContactRow
    generator_selected: bool
    midline_mm: float
    mirrored: bool
    laminectomy_levels: tuple[str, ...]
    hardware_levels: tuple[str, ...]

    @property
    def contacts(self) -> tuple[ContactMark, ...]:
        """Return the contacts of all leads."""
        return tuple(mark for lead in self.leads for mark in lead.contacts)


def spine_look(moment: Moment, answered: Case | None = None) -> SpineLook:
    """Return what the spine view shows; answered: the case that the numbers on screen are about, where it is older."""
    session, view = moment.session, moment.view
    *rows, generator = contact_rows(moment)
    by_name = {row.name: row for row in rows}
    case = session.case
    ghosts = () if answered is None else _ghosts(case, answered)
    return SpineLook(
        leads=tuple(
            _lead(case, number, by_name, view.selected, view.show_impedance) for number in range(1, len(case.leads) + 1)
        ),
        ghosts=ghosts,
        generator=generator,
        generator_selected=view.selected == GENERATOR,
        midline_mm=case.patient.cord_offset_mm,
        mirrored=view.mirror,
        laminectomy_levels=case.patient.laminectomy_levels,
        hardware_levels=case.patient.hardware_levels,
    )


def spine_key(moment: Moment, answered: Case | None = None) -> tuple[object, ...]:
    """Return what `spine_look` depends on but for currents, cheaply: equal keys look the same."""
    session, view, frame = moment.session, moment.view, moment.frame
    case, patient = session.case, session.case.patient
    result = None if frame is None or not view.show_impedance else frame.solo or frame.result
    measured = () if result is None else tuple((state.impedance_ohm, state.flag) for state in result.contact_states)
    areas = session.program.areas
    return (
        case.leads, case.migrations, case.scars, case.contact_faults, case.own_leads, session.area,
        tuple((area.shares, area.on) for area in areas), session.draft.locked,
        patient.cord_offset_mm, patient.laminectomy_levels, patient.hardware_levels,
        view.selected, view.mirror, view.count_from_zero, view.show_impedance, measured,
        None if answered is None else (answered.leads, answered.migrations),
    )  # fmt: skip


def neighbour(session: Session, name: str, way: Way, *, mirrored: bool = False) -> str:
    """Return the contact next to `name` on the screen, itself where there is none.

    The generator lies below the last contact of every column; from it, up leads to lead 1.
    """
    columns = columns_of(session.case)
    if name == GENERATOR:
        return _label(columns[0], len(columns[0].contacts) - 1) if way == "up" else name
    lead, contact = map(int, name.split("."))
    home = next(column for column in columns if column.lead == lead and contact in column.contacts)
    place = home.contacts.index(contact)
    if way in ("up", "down"):
        following = place + (1 if way == "down" else -1)
        if following == len(home.contacts):
            return GENERATOR
        return _label(home, max(following, 0))
    height_mm = home.z_mm[place]
    step = 1 if (way == "right") != mirrored else -1
    row = sorted(columns, key=lambda column: column.x_at_mm(height_mm))
    at = row.index(home) + step
    if not 0 <= at < len(row):
        return name
    beside = row[at]
    return _label(beside, min(range(len(beside.z_mm)), key=lambda i: abs(beside.z_mm[i] - height_mm)))


def _label(column: Column, place: int) -> str:
    return f"{column.lead}.{column.contacts[place]}"


def _ghosts(case: Case, answered: Case) -> tuple[LeadMark, ...]:
    """Return the leads as `answered` has them where they lie elsewhere than in `case`."""
    if (case.leads, case.migrations) == (answered.leads, answered.migrations):
        return ()
    both = range(1, min(len(case.leads), len(answered.leads)) + 1)
    return tuple(
        _lead(answered, number, {}, "", False)
        for number in both
        if lead_places(case, number) != lead_places(answered, number)
    )


def _lead(case: Case, number: int, rows: dict[str, ContactRow], selected: str, shows_impedance: bool) -> LeadMark:
    kind, places = case.lead_type(number), lead_places(case, number)
    columns = [column for column, count in enumerate(kind.column_contacts) for _ in range(count)]
    contacts = []
    for index, (place, column) in enumerate(zip(places, columns, strict=True), start=1):
        name = f"{number}.{index}"
        row = rows.get(name) or ContactRow(name, name, number, 0, 0, False)
        contacts.append(
            ContactMark(
                row=row,
                x_mm=place.x_mm,
                z_mm=place.z_mm,
                length_mm=place.length_mm,
                width_mm=place.width_mm or 2.0 * place.radius_mm,
                column=column,
                selected=name == selected,
                impedance=impedance_text(row) if shows_impedance else "",
            )
        )
    return LeadMark(
        number=number,
        title=kind.title,
        kind=kind.kind,
        axis_mm=_axis(places, columns),
        half_width_mm=(kind.body_width_mm or kind.diameter_mm) / 2.0,
        contacts=tuple(contacts),
        has_migrated=any(moved.lead == number for moved in case.migrations),
    )


def _axis(places: tuple[ContactPlace, ...], columns: list[int]) -> tuple[Point, ...]:
    """Return the line along the middle of the lead, from its rostral to its caudal contacts, mm."""
    if len(set(columns)) == 1:
        return tuple((place.axis_x_mm, place.z_mm) for place in places)
    outer = [[p for p, column in zip(places, columns, strict=True) if column == c] for c in (columns[0], columns[-1])]
    top, low = max(place.z_mm for place in places), min(place.z_mm for place in places)
    return tuple((sum(_x_at(column, z_mm) for column in outer) / 2.0, z_mm) for z_mm in (top, (top + low) / 2.0, low))


def _x_at(column: list[ContactPlace], z_mm: float) -> float:
    """Return where a straight column of contacts lies at a height, mm."""
    first, last = column[0], column[-1]
    if first is last:
        return first.x_mm
    return first.x_mm + (last.x_mm - first.x_mm) * (first.z_mm - z_mm) / (first.z_mm - last.z_mm)
