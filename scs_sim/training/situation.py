"""Situation: what the trainee can see and has been told, a pure fold over events. Nothing hidden is in it.

    begin(opening) -> Situation;  after(situation, event) -> Situation

So that a record replays without the patient's side, and a crash costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from scs_sim.program import Program, parse_contacts
from scs_sim.training.actions import Action
from scs_sim.training.case import Kit, TrainingCase
from scs_sim.training.events import TrainingEvent
from scs_sim.training.tables import room_rules

SLIPS = (
    "amplitude-jump",
    "polarity-above-zero",
    "moved-under-current",
    "repaired-under-current",
    "beyond-discomfort",
    "twitch",
)
"""What counts against safety the moment it happens: each is seen by everybody in the room."""


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """What is known of a visit beforehand: its name, where it is, on which day, which postures can be taken."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    name: str
    place: str
    days: float
    postures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """What everybody knows when a session begins: the case's title and goals, the kit, the visits planned.

    complaint is what the patient says by way of greeting. It is the first event of a record.
    """

    FORMAT: ClassVar[str] = "scs-sim training opening"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    case_id: str
    title: str
    grade: int
    goals: tuple[str, ...]
    complaint: str
    kit: Kit
    visits: tuple[OpenVisit, ...]


def opening_of(case: TrainingCase) -> Opening:
    """Return what everybody knows of `case`."""
    visits = tuple(OpenVisit(visit.name, visit.place, visit.days, visit.postures) for visit in case.visits)
    return Opening(case.id, case.title, case.grade, case.goals, case.complaint, case.kit, visits)


@dataclass(frozen=True, slots=True)
class SeenLead:
    """A lead as far as the room knows: its port (numbered as placed), type, and where the tip was aimed or last seen.

    seen: the last X-ray is from after the last movement; else the place is what was aimed at.
    """

    number: int
    lead_type: str
    entry_level: str
    tip_level: str
    tip_offset_mm: float
    x_mm: float
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A threshold that the trainee wrote down, of a program in a posture at a visit (0 the first)."""

    serial: int
    threshold: str
    value_ma: float
    contacts: str
    posture: str
    visit: int


@dataclass(frozen=True, slots=True)
class SavedProgram:
    """A program saved under a name, with its amplitude and the posture in which that was found."""

    program: Program
    posture: str
    serial: int


@dataclass(frozen=True, slots=True)
class Slip:
    """One of SLIPS, at an event."""

    serial: int
    kind: str


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the trainee concluded at a visit (0 the first) of its complaint."""

    serial: int
    visit: int
    cause: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything visible after `serial` events. Leads are numbered as placed; contacts in programs count so too.

    clock_s: simulated time at all visits together. program None: nothing is set. said: the patient's last words.
    limit_ma None: the generator's own limit. measured, anchored: since the leads were last moved. checked_postures:
    those in which something was asked, felt or noted at this visit. reference: what the last X-ray before anchoring
    showed. declined: a reason, or "".
    """

    opening: Opening
    serial: int = 0
    clock_s: float = 0.0
    visit: int = 0
    posture: str = ""
    documents: tuple[str, ...] = ()
    leads: tuple[SeenLead, ...] = ()
    measured: bool = False
    anchored: bool = False
    xray: Mapping[str, Any] | None = None
    reference: Mapping[str, Any] | None = None
    program: Program | None = None
    amplitude_ma: float = 0.0
    limit_ma: float | None = None
    saved: Mapping[str, SavedProgram] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    checked_postures: tuple[str, ...] = ()
    slips: tuple[Slip, ...] = ()
    conclusions: tuple[Conclusion, ...] = ()
    said: str = ""
    declined: str = ""
    finished: bool = False

    @property
    def open_visit(self) -> OpenVisit:
        """Return the visit that is going on."""
        return self.opening.visits[self.visit]

    def lead(self, number: int) -> SeenLead | None:
        """Return the lead at port `number`, None where there is none."""
        return next((lead for lead in self.leads if lead.number == number), None)


def begin(opening: Opening) -> Situation:
    """Return the situation before the first action."""
    return Situation(opening, posture=opening.visits[0].postures[0], said=opening.complaint)


def fold(opening: Opening, events: Iterable[TrainingEvent]) -> Situation:
    """Return the situation after all of `events`."""
    situation = begin(opening)
    for event in events:
        situation = after(situation, event)
    return situation


def after(situation: Situation, event: TrainingEvent) -> Situation:
    """Return the situation after one more event."""
    outcome = event.outcome
    now = replace(
        situation,
        serial=event.serial,
        clock_s=situation.clock_s + outcome.cost_s,
        said=outcome.said or situation.said,
    )
    change = _CHANGES.get(event.action.name)
    return now if change is None else change(now, event)


def _read(now: Situation, event: TrainingEvent) -> Situation:
    item = event.action.text("item")
    return now if item in now.documents else replace(now, documents=(*now.documents, item))


def _decline(now: Situation, event: TrainingEvent) -> Situation:
    return replace(now, declined=event.action.text("reason"), finished=True)


def _place(now: Situation, event: TrainingEvent) -> Situation:
    if not event.outcome.done:
        return now
    own = event.action
    lead = SeenLead(
        number=int(event.outcome.data["lead"]),
        lead_type=own.text("lead_type"),
        entry_level=str(event.outcome.data["entry_level"]),
        tip_level=own.text("tip_level"),
        tip_offset_mm=own.number("tip_offset_mm"),
        x_mm=own.number("x_mm"),
    )
    return _moved(now, event, (*now.leads, lead))


def _drive(now: Situation, event: TrainingEvent) -> Situation:
    own, number = event.action, int(event.action.number("lead"))
    leads = tuple(
        replace(
            lead,
            tip_offset_mm=lead.tip_offset_mm + own.number("rostral_mm"),
            x_mm=lead.x_mm + own.number("right_mm"),
            seen=False,
        )
        if lead.number == number
        else lead
        for lead in now.leads
    )
    return _moved(now, event, leads)


def _remove(now: Situation, event: TrainingEvent) -> Situation:
    number = int(event.action.number("lead"))
    kept = tuple(lead for lead in now.leads if lead.number != number)
    gone = now.program is not None and any(share.lead == number for share in now.program.shares)
    moved = _moved(now, event, kept)
    saved = {
        name: item for name, item in now.saved.items() if all(share.lead != number for share in item.program.shares)
    }
    return replace(moved, program=None if gone else now.program, amplitude_ma=0.0, saved=saved)


def _moved(now: Situation, event: TrainingEvent, leads: tuple[SeenLead, ...]) -> Situation:
    slips = (*now.slips, Slip(event.serial, "moved-under-current")) if now.amplitude_ma > 0.0 else now.slips
    return replace(now, leads=leads, measured=False, anchored=False, slips=slips)


def _xray(now: Situation, event: TrainingEvent) -> Situation:
    data = dict(event.outcome.data)
    if event.action.text("view") != "ap":
        return replace(now, xray=data)
    places = {int(row["lead"]): row for row in data["leads"]}
    leads = tuple(
        replace(
            lead,
            tip_level=str(places[lead.number]["tip_level"]),
            tip_offset_mm=float(places[lead.number]["tip_offset_mm"]),
            x_mm=float(places[lead.number]["tip_x_mm"]),
            seen=True,
        )
        if lead.number in places
        else lead
        for lead in now.leads
    )
    return replace(now, leads=leads, xray=data)


def _anchor(now: Situation, event: TrainingEvent) -> Situation:
    image = now.xray if now.xray and now.xray["view"] == "ap" and all(lead.seen for lead in now.leads) else None
    return replace(now, anchored=True, reference=image)


def _impedance(now: Situation, event: TrainingEvent) -> Situation:
    return replace(now, measured=True)


def _program(now: Situation, event: TrainingEvent) -> Situation:
    chosen = program_of(event.action)
    if now.program is None or now.program.shares == chosen.shares:
        return _hurt(replace(now, program=chosen), event)
    slips = now.slips
    if now.amplitude_ma > 0.0 and _turns_over(now.program, chosen):
        slips = (*slips, Slip(event.serial, "polarity-above-zero"))
    return replace(now, program=chosen, amplitude_ma=0.0, slips=slips)


def program_of(action: Action) -> Program:
    """Return the program that a `program` action sets."""
    waveform: Any = action.text("waveform")
    return Program(action.text("contacts"), action.number("pulse_width_us"), action.number("rate_hz"), waveform)


def _turns_over(before: Program, now: Program) -> bool:
    signs = {share.name: share.sign for share in before.shares}
    return any(signs.get(share.name, share.sign) != share.sign for share in parse_contacts(now.contacts))


def _amplitude(now: Situation, event: TrainingEvent) -> Situation:
    data, rules = event.outcome.data, room_rules()
    slips = now.slips
    rising = float(data["reached_ma"]) > float(data["from_ma"])
    if (
        rising
        and min(event.action.number("step_ma"), float(data["reached_ma"]) - float(data["from_ma"])) > rules.jump_ma
    ):
        slips = (*slips, Slip(event.serial, "amplitude-jump"))
    if data.get("uncomfortable_from_ma") is not None:
        slips = (*slips, Slip(event.serial, "beyond-discomfort"))
    if data.get("twitch_from_ma") is not None:
        slips = (*slips, Slip(event.serial, "twitch"))
    return _asked(replace(now, amplitude_ma=float(data["amplitude_ma"]), slips=slips), event)


def _asked(now: Situation, event: TrainingEvent) -> Situation:
    if now.posture in now.checked_postures or now.amplitude_ma <= 0.0:
        return now
    return replace(now, checked_postures=(*now.checked_postures, now.posture))


def _note(now: Situation, event: TrainingEvent) -> Situation:
    contacts = "" if now.program is None else now.program.contacts
    value_ma = event.action.number("value_ma")
    note = Note(event.serial, event.action.text("threshold"), value_ma, contacts, now.posture, now.visit)
    return replace(now, notes=(*now.notes, note))


def _save(now: Situation, event: TrainingEvent) -> Situation:
    if now.program is None:
        return now
    kept = SavedProgram(replace(now.program, amplitude_ma=now.amplitude_ma), now.posture, event.serial)
    return replace(now, saved={**now.saved, event.action.text("name"): kept})


def _load(now: Situation, event: TrainingEvent) -> Situation:
    chosen = now.saved[event.action.text("name")].program
    return replace(now, program=replace(chosen, amplitude_ma=None), amplitude_ma=0.0)


def _limit(now: Situation, event: TrainingEvent) -> Situation:
    return replace(now, limit_ma=event.action.number("to_ma"))


def _posture(now: Situation, event: TrainingEvent) -> Situation:
    return _asked(replace(now, posture=event.action.text("to")), event)


def _hurt(now: Situation, event: TrainingEvent) -> Situation:
    """Return the situation with the slips of a pulse that was changed under current."""
    slips = now.slips
    for kind, key in (("beyond-discomfort", "uncomfortable"), ("twitch", "twitch")):
        slips += (Slip(event.serial, kind),) if event.outcome.data.get(key) else ()
    return replace(now, slips=slips)


def _conclude(now: Situation, event: TrainingEvent) -> Situation:
    conclusion = Conclusion(event.serial, now.visit, event.action.text("cause"))
    return replace(now, conclusions=(*now.conclusions, conclusion))


def _repair(now: Situation, event: TrainingEvent) -> Situation:
    slips = (*now.slips, Slip(event.serial, "repaired-under-current")) if now.amplitude_ma > 0.0 else now.slips
    return replace(now, measured=False, amplitude_ma=0.0, slips=slips)


def _next_visit(now: Situation, event: TrainingEvent) -> Situation:
    visit = now.visit + 1
    return replace(
        now,
        visit=visit,
        posture=now.opening.visits[visit].postures[0],
        amplitude_ma=0.0,
        measured=False,
        checked_postures=(),
        leads=tuple(replace(lead, seen=False) for lead in now.leads),
    )


def _finish(now: Situation, event: TrainingEvent) -> Situation:
    return replace(now, finished=True, amplitude_ma=0.0)


_CHANGES: dict[str, Callable[[Situation, TrainingEvent], Situation]] = {
    "read": _read,
    "decline": _decline,
    "place-lead": _place,
    "drive-lead": _drive,
    "remove-lead": _remove,
    "xray": _xray,
    "anchor": _anchor,
    "impedance": _impedance,
    "program": _program,
    "amplitude": _amplitude,
    "ask": _asked,
    "colour": _asked,
    "note": _note,
    "save": _save,
    "load": _load,
    "limit": _limit,
    "posture": _posture,
    "conclude": _conclude,
    "repair": _repair,
    "next-visit": _next_visit,
    "finish": _finish,
}
