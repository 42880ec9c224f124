"""Session: one rehearsal from start to finish. What the terminal, a script and the app all use.

session = start("sciatica-left-leg", seed=7);  event = session.act("place-lead", {...});  resume(session.id)
"""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scs_models import files
from scs_models.errors import InvalidValueError
from scs_sim.people import GREATEST_SEED
from scs_sim.setting import Progress
from scs_sim.training.actions import Action, action
from scs_sim.training.case import TrainingCase, load_training_case, training_case_ids
from scs_sim.training.clinic import PatientSide
from scs_sim.training.events import Outcome, TrainingEvent
from scs_sim.training.exam_client import begin_exam, resume_exam
from scs_sim.training.record import EXAM as EXAM
from scs_sim.training.record import PRACTICE as PRACTICE
from scs_sim.training.record import (
    USUAL_PROFILE,
    Recorded,
    SessionHead,
    append_event,
    begin_record,
    recorded,
    recorded_sessions,
)
from scs_sim.training.rules import require_possible
from scs_sim.training.situation import Situation, after, fold
from scs_sim.training.tables import answer_unit_s

TIMED = frozenset(("impedance", "program", "amplitude", "ask", "colour", "posture", "next-visit"))
"""The actions whose answers need the model: they take a whole multiple of answer_unit_s()."""


class Patient(Protocol):
    """Whoever answers: the PatientSide of this process, or the instructor's over a line."""

    def answer(self, own: Action, progress: Progress | None = None) -> Outcome:
        """Return what comes of an action; changes nothing."""

    def follow(self, event: TrainingEvent) -> None:
        """Take over an event that is on record."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as answers take it; tests put in their own."""

    now_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


_UNPADDED = Clock(sleep=lambda _seconds: None)
"""For exams: the instructor's side has waited already."""


class Session:
    """One session: what is on record, the situation that follows from it, and the patient who answers.

    Used by one thread. `situation` is the fold of `events`.
    """

    def __init__(
        self,
        found: Recorded,
        patient: Patient,
        folder: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.head: SessionHead = found.head
        self.events: tuple[TrainingEvent, ...] = found.events
        self.situation: Situation = fold(found.head.opening, found.events)
        self.patient = patient
        self._row, self._folder, self._clock = found.row, folder, clock or Clock()

    @property
    def id(self) -> str:
        """Return the session's id within its profile."""
        return self.head.id

    def act(
        self, name: str, parameters: Mapping[str, object] | None = None, progress: Progress | None = None
    ) -> TrainingEvent:
        """Do one action, put it on record and return it.

        Raises InvalidValueError where it is unknown, badly given or impossible now, InUseError where another window
        has gone on with the session, OutputError where the record cannot be written: nothing has happened then.
        """
        own = action(name, parameters)
        require_possible(self.situation, own)
        outcome = self._in_time(own, progress)
        event = TrainingEvent(self.situation.serial + 1, 0.0, own, outcome)
        event, self._row = append_event(self.head, event, self._row, self._folder)
        self.patient.follow(event)
        self.situation = after(self.situation, event)
        self.events = (*self.events, event)
        return event

    def _in_time(self, own: Action, progress: Progress | None) -> Outcome:
        began_s = self._clock.now_s()
        outcome = self.patient.answer(own, progress)
        if own.name in TIMED:
            taken_s, unit_s = self._clock.now_s() - began_s, answer_unit_s()
            self._clock.sleep(max(math.ceil(taken_s / unit_s), 1) * unit_s - taken_s)
        return outcome


def start(
    case: str,
    seed: int | None = None,
    profile: str = USUAL_PROFILE,
    folder: Path | None = None,
    clock: Clock | None = None,
) -> Session:
    """Begin a session of `case` (a built-in id or the path of a file) and return it; no seed: one is drawn.

    Raises InvalidValueError, InvalidFileError, InUseError and OutputError as case and record do.
    """
    if case == "-":
        raise InvalidValueError("case is '-'; a session can only be resumed on a case that is kept: give a file")
    found = load_training_case(case)
    chosen = secrets.randbelow(GREATEST_SEED + 1) if seed is None else seed
    patient = PatientSide(found, chosen)
    begun = begin_record(
        profile,
        patient.opening,
        case_source=case if case in training_case_ids() else str(Path(case).resolve()),
        case_digest=case_digest(found),
        mode=PRACTICE,
        seed=chosen,
        folder=folder,
    )
    return Session(begun, patient, folder, clock)


def start_exam(address: str, token: str, profile: str = USUAL_PROFILE, folder: Path | None = None) -> Session:
    """Sit down at the exam at `address` ("HOST:PORT") with the instructor's token; raises as exam_client.begin_exam."""
    return Session(*begin_exam(address, token, profile, folder), folder, _UNPADDED)


def resume(
    session: str, profile: str = USUAL_PROFILE, folder: Path | None = None, clock: Clock | None = None
) -> Session:
    """Return a session of the record as it stood after its last event; it goes on as it would have without a break.

    Raises UnknownNameError, InvalidFileError, InvalidValueError where the case has changed since, and in an exam
    LostConnectionError.
    """
    found = recorded(session, profile, folder)
    if found.head.mode == EXAM:
        return Session(*resume_exam(found, folder), folder, clock or _UNPADDED)
    return Session(found, patient_of(found), folder, clock)


def patient_of(found: Recorded) -> PatientSide:
    """Return the patient's side of a recorded practice session after its last event. Raises as `resume`."""
    head = found.head
    if head.mode != PRACTICE or head.seed is None:
        raise InvalidValueError(f"session {head.id} is an exam's; the instructor's side answers and opens it")
    case = load_training_case(head.case_source)
    if case_digest(case) != head.case_digest:
        raise InvalidValueError(f"session {head.id} began on another version of {head.case_source}; begin a new one")
    return PatientSide(case, head.seed, found.events)


def sessions(profile: str = USUAL_PROFILE, folder: Path | None = None) -> tuple[tuple[SessionHead, Situation], ...]:
    """Return the sessions of a profile, each with its situation, the oldest first."""
    return tuple((found.head, fold(found.head.opening, found.events)) for found in recorded_sessions(profile, folder))


def case_digest(case: TrainingCase) -> str:
    """Return the SHA-256 of a case's content, whatever file it came from."""
    return hashlib.sha256(files.json_text(case).encode("utf-8")).hexdigest()
