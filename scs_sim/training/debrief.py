"""Debrief: all that a finished session comes to, gathered once; page, PDF and JSON say it.

debrief_of(recorded) -> Debriefing. It tells what is hidden, so there is none of a session that goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

from scs_models.errors import InvalidValueError
from scs_sim.case import Case
from scs_sim.result import Result
from scs_sim.setting import Progress
from scs_sim.simulate import Request
from scs_sim.training.body import renumbered, true_case
from scs_sim.training.case import TrainingCase
from scs_sim.training.clinic import PatientSide
from scs_sim.training.debrief_course import Course, course_of
from scs_sim.training.draw import Hidden
from scs_sim.training.events import TrainingEvent
from scs_sim.training.evidence import NoteTruth, evidence_of
from scs_sim.training.final import ENDINGS, FinalUse, at_the_end
from scs_sim.training.record import Recorded, SessionHead
from scs_sim.training.reference import own_places
from scs_sim.training.score import Score, scored
from scs_sim.training.session import patient_of
from scs_sim.training.situation import Situation
from scs_sim.training.truth import Truth


@dataclass(frozen=True, slots=True, eq=False)
class Felt:
    """A program on the true patient as the model answers, without noise; `contacts` named as the room names them."""

    case: Case
    result: Result
    contacts: str


@dataclass(frozen=True, slots=True, eq=False)
class Debriefing:
    """A finished session with everything that was hidden.

    situation: when the trainee left; truth: after the last visit, whether or not the trainee came to it. at_end: what
    is in use sitting, None where nothing is saved; own: the best program that the search finds with the leads as they
    lie; good: with leads at good places; both None where stimulation is wrong or nothing is felt.
    """

    head: SessionHead
    case: TrainingCase
    events: tuple[TrainingEvent, ...]
    situation: Situation
    hidden: Hidden
    truth: Truth
    course: Course
    score: Score
    notes: tuple[NoteTruth, ...]
    uses: tuple[FinalUse, ...]
    at_end: Felt | None
    own: Felt | None
    good: Felt | None


def debrief_of(found: Recorded, patient: PatientSide | None = None, progress: Progress | None = None) -> Debriefing:
    """Return the debriefing of a finished session.

    patient: the patient's side of an exam, which its instructor has; default: that of a practice session. Raises
    InvalidValueError where the session goes on, or as `patient_of`.
    """
    require_over(found)
    side = patient or patient_of(found)
    case, seed, events = side.case, side.seed, found.events
    seen = evidence_of(case, seed, events, progress)
    after, unseen = at_the_end(case, seed, events)
    stopped = bool(seen.last.declined) or case.unsuitable is not None
    own = None if stopped else own_places(case, after, progress)
    good = seen.reference
    return Debriefing(
        head=found.head,
        case=case,
        events=events,
        situation=seen.last,
        hidden=after.hidden,
        truth=after.truth,
        course=course_of(PatientSide(case, seed), events, () if stopped else unseen),
        score=scored(found.head.id, seen),
        notes=seen.notes,
        uses=seen.uses,
        at_end=_in_use(after, seen.uses, progress),
        own=None if own is None else _felt(own.case, progress, after.truth),
        good=None if good is None else _felt(good.case, progress),
    )


def require_over(found: Recorded) -> None:
    """Raise InvalidValueError unless the session is finished or was declined: what is hidden stays so until then."""
    if not is_over(found):
        raise InvalidValueError(
            f"session {found.head.id} goes on; its debrief tells what is hidden, so finish it first:"
            f" scs-sim train act {found.head.id} finish"
        )


def is_over(found: Recorded) -> bool:
    """Return whether a session is finished or was declined."""
    return any(event.action.name in ENDINGS and event.outcome.done for event in found.events)


def _in_use(side: PatientSide, uses: tuple[FinalUse, ...], progress: Progress | None) -> Felt | None:
    """Return what the patient feels sitting, at the amplitude that he ends up with."""
    use = next((use for use in uses if use.posture == "sitting"), None)
    if use is None or not side.truth.leads:
        return None
    case = true_case(side.case, side.hidden, side.truth, use.posture, use.program)
    return Felt(case, Request(case, amplitude_ma=use.used_ma)(progress), use.program.contacts)


def _felt(case: Case, progress: Progress | None, truth: Truth | None = None) -> Felt:
    """Return what the program of a reference does; its contacts as placed where it uses the leads of `truth`."""
    program = case.program
    if truth is not None:
        ordered = sorted(truth.leads, key=lambda lead: lead.x_mm)
        program = renumbered(program, {place: lead.number for place, lead in enumerate(ordered, start=1)})
    return Felt(case, Request(case)(progress), program.contacts)
