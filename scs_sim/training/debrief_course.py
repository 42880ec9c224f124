"""Course of a session for its debrief: the amplitude over time with marks, postures, visits and what they brought."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scs_sim.training.case import CAUSES_OF
from scs_sim.training.clinic import PatientSide
from scs_sim.training.events import TrainingEvent
from scs_sim.training.situation import OpenVisit, Situation
from scs_sim.training.truth import TrueLead, Truth

STOP = "stop"
_OF_POSTURE = {"jolts", "faint"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to see on the time line: kind STOP, the threshold that was noted or a slip of SLIPS, and its event."""

    kind: str
    serial: int
    clock_s: float
    amplitude_ma: float


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch of simulated time that was spent in one posture, or at one visit."""

    name: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a visit brought: complaints, what had happened (kinds of complications), what was concluded.

    serial: of the event that began the visit, 0 for the first, None where nobody came; slipped: leads that moved
    because nobody fixed them; moved_mm: (lead, rostral, to the right) of all that moved; accepted: causes that would
    have been right, the best first; concluded: "" for nothing.
    """

    serial: int | None
    visit: str
    days: float
    complaints: tuple[str, ...]
    happened: tuple[str, ...]
    slipped: tuple[int, ...]
    moved_mm: tuple[tuple[int, float, float], ...]
    accepted: tuple[str, ...]
    concluded: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """The whole course. line: corners (clock_s, amplitude_ma) of the amplitude; at_table: leads when visit 0 ended."""

    line: tuple[tuple[float, float], ...]
    marks: tuple[Mark, ...]
    visits: tuple[Stay, ...]
    postures: tuple[Stay, ...]
    arrivals: tuple[Arrival, ...]
    at_table: tuple[TrueLead, ...]


class _Walk:
    def __init__(self, side: PatientSide) -> None:
        self.side = side
        now = side.situation
        self.line: list[tuple[float, float]] = [(0.0, 0.0)]
        self.marks: list[Mark] = []
        self.visits: list[Stay] = [Stay(now.open_visit.name, 0.0, 0.0)]
        self.postures: list[Stay] = [Stay(now.posture, 0.0, 0.0)]
        self.arrivals = [_arrival(0, now.open_visit, side.truth, (), ())]
        self.at_table: tuple[TrueLead, ...] = ()

    def step(self, event: TrainingEvent) -> None:
        before, truth = self.side.situation, self.side.truth
        self.side.follow(event)
        now = self.side.situation
        self._draw(before, now, event)
        self._mark(before, now, event)
        if event.action.name == "next-visit":
            self.at_table = self.at_table or truth.leads
            complaints = complaints_of([event])
            moved_mm = _moves(truth, self.side.truth)
            self.arrivals.append(_arrival(event.serial, now.open_visit, self.side.truth, complaints, moved_mm))
            self.visits.append(Stay(now.open_visit.name, now.clock_s, now.clock_s))
        if now.posture != self.postures[-1].name or event.action.name == "next-visit":
            self.postures.append(Stay(now.posture, now.clock_s, now.clock_s))
        self.visits[-1] = Stay(self.visits[-1].name, self.visits[-1].from_s, now.clock_s)
        self.postures[-1] = Stay(self.postures[-1].name, self.postures[-1].from_s, now.clock_s)

    def _draw(self, before: Situation, now: Situation, event: TrainingEvent) -> None:
        if event.action.name == "amplitude":
            self.line.append((now.clock_s, float(event.outcome.data["reached_ma"])))
        else:
            self.line.append((now.clock_s, before.amplitude_ma))
        if self.line[-1][1] != now.amplitude_ma:
            self.line.append((now.clock_s, now.amplitude_ma))

    def _mark(self, before: Situation, now: Situation, event: TrainingEvent) -> None:
        top_ma = max(float(event.outcome.data.get("reached_ma", 0.0)), before.amplitude_ma)
        for slip in now.slips[len(before.slips) :]:
            self.marks.append(Mark(slip.kind, event.serial, now.clock_s, top_ma))
        if event.action.name == "amplitude" and not event.outcome.done:
            self.marks.append(Mark(STOP, event.serial, now.clock_s, top_ma))
        if event.action.name == "note":
            self.marks.append(
                Mark(event.action.text("threshold"), event.serial, now.clock_s, event.action.number("value_ma"))
            )


def course_of(side: PatientSide, events: Iterable[TrainingEvent], unseen: Sequence[Truth] = ()) -> Course:
    """Walk a patient's side that has not begun through `events` and return the course; `side` is at the end then.

    unseen: what was true at each later visit, to which the trainee did not come.
    """
    walk = _Walk(side)
    for event in events:
        walk.step(event)
    now, then = side.situation, side.truth
    concluded = {item.visit: item.cause for item in now.conclusions}
    arrivals = [replace(one, concluded=concluded.get(k, "")) for k, one in enumerate(walk.arrivals)]
    for visit, truth in zip(now.opening.visits[len(arrivals) :], unseen, strict=False):
        arrivals.append(_arrival(None, visit, truth, (), _moves(then, truth)))
        then = truth
    return Course(
        line=tuple(walk.line),
        marks=tuple(walk.marks),
        visits=tuple(walk.visits),
        postures=tuple(walk.postures),
        arrivals=tuple(arrivals),
        at_table=walk.at_table or side.truth.leads,
    )


def _arrival(
    serial: int | None,
    visit: OpenVisit,
    truth: Truth,
    complaints: tuple[str, ...],
    moved_mm: tuple[tuple[int, float, float], ...],
) -> Arrival:
    kinds = tuple(item.given.kind for item in truth.happened)
    accepted = accepted_causes(truth, complaints)
    return Arrival(serial, visit.name, visit.days, complaints, kinds, truth.slipped, moved_mm, accepted)


def accepted_causes(truth: Truth, complaints: Sequence[str]) -> tuple[str, ...]:
    """Return what may rightly be concluded at a visit, the best first, as the score judges it.

    Where nothing was planned, "none" is right too, whatever came of the trainee's own doing.
    """
    causes: list[str] = [cause for item in truth.happened for cause in CAUSES_OF[item.given.kind]]
    causes += ["migration"] if truth.slipped else []
    causes += ["posture"] if _OF_POSTURE & set(complaints) else []
    return tuple(dict.fromkeys(causes if truth.happened else [*causes, "none"]))


def complaints_of(events: Iterable[TrainingEvent]) -> tuple[str, ...]:
    """Return the complaints with which a visit began, by its events; () for the first visit."""
    began = next((event for event in events if event.action.name == "next-visit"), None)
    return () if began is None else tuple(map(str, began.outcome.data["complaints"]))


def _moves(then: Truth, now: Truth) -> tuple[tuple[int, float, float], ...]:
    """Return (lead, mm rostral, mm to the right) of each lead that is not where it was."""
    old = {lead.number: lead for lead in then.leads}
    return tuple(
        (lead.number, lead.tip_z_mm - old[lead.number].tip_z_mm, lead.x_mm - old[lead.number].x_mm)
        for lead in now.leads
        if lead.number in old and (lead.tip_z_mm, lead.x_mm) != (old[lead.number].tip_z_mm, old[lead.number].x_mm)
    )


def finite(value: float) -> float | None:
    """Return a threshold, None where it is never reached."""
    return value if math.isfinite(value) else None
