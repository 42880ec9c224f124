"""Exam room: the instructor's side of an exam. Who sits where, what is true, and the record that counts.

Its folder holds a journal of seats, kept open (a second invigilator of the same exam is kept out), and one journal per
trainee. Neither token nor key nor seed nor the case is in any of them, only digests.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from scs_models import files
from scs_models.errors import InUseError, InvalidValueError, UnknownNameError
from scs_sim.journal import Journal, state_folder
from scs_sim.setting import Progress
from scs_sim.training.actions import Action, action
from scs_sim.training.clinic import PatientSide
from scs_sim.training.events import Outcome, TrainingEvent, event_document
from scs_sim.training.exam_wire import digest_of
from scs_sim.training.record import EXAM, Recorded, begin_record, profile_path, profiles, recorded_sessions
from scs_sim.training.seal import ExamContent
from scs_sim.training.session import Clock, Session

KIND = "exam"
SECRET_BYTES = 32
_SEAT, _SAT, _PORT = "seat", "sat", "port"
_UNKNOWN = "this token is not one of the exam, or has been used by somebody else; ask the instructor"


class _InTurn:
    """A patient who answers one question at a time, whoever asks: the model's work is not to be multiplied."""

    def __init__(self, patient: PatientSide, turn: Lock) -> None:
        self._patient, self._turn = patient, turn

    def answer(self, own: Action, progress: Progress | None = None) -> Outcome:
        with self._turn:
            return self._patient.answer(own, progress)

    def follow(self, event: TrainingEvent) -> None:
        with self._turn:
            self._patient.follow(event)


class Seat:
    """One trainee's session on the instructor's side; every answer is given once and can be heard again."""

    def __init__(self, trainee: str, session: Session) -> None:
        self.trainee = trainee
        self._session, self._busy = session, Lock()

    @property
    def opening(self) -> dict[str, Any]:
        """Return what everybody knows when the session begins."""
        document: dict[str, Any] = files.encode(self._session.head.opening)
        return document

    def act(self, serial: int, name: str, parameters: dict[str, Any], progress: Progress | None) -> dict[str, Any]:
        """Do action `serial` and return its event; where it has been done, return what came of it then.

        Raises as Session.act; InUseError where `serial` was another action, or one in between is missing.
        """
        with self._busy:
            events = self._session.events
            if 1 <= serial <= len(events):
                if events[serial - 1].action != action(name, parameters):
                    raise InUseError(f"action {serial} has been done in another window; resume shows it")
                return event_document(events[serial - 1])
            if serial != len(events) + 1:
                raise InUseError(f"action {serial} cannot follow action {len(events)}; resume the session")
            return event_document(self._session.act(name, parameters, progress))

    def events_after(self, serial: int) -> list[dict[str, Any]]:
        """Return the events after `serial`; raise InvalidValueError where there are fewer."""
        with self._busy:
            events = self._session.events
        if not 0 <= serial <= len(events):
            raise InvalidValueError(
                f"the instructor's record of {self.trainee} has {len(events)} actions and yours {serial};"
                " tell the instructor"
            )
        return [event_document(event) for event in events[serial:]]


@dataclass(slots=True)
class _Place:
    """What the journal of seats says of one trainee; digests "" before there is a token or a key."""

    token_sha256: str = ""
    key_sha256: str = ""


class ExamRoom:
    """An exam that is being held: made by one thread, which also calls its methods; seats may be used by others.

    Raises InUseError where the exam is held by another process already, OutputError where `folder` cannot be written.
    """

    def __init__(self, exam: str, content: ExamContent, folder: Path | None = None, clock: Clock | None = None) -> None:
        self.folder = folder or exam_folder(exam)
        self.exam = exam
        self._content, self._clock, self._turn = content, clock, Lock()
        with contextlib.suppress(OSError):  # the journal says what is wrong
            self.folder.mkdir(0o700, parents=True, exist_ok=True)  # trainees may have an account on this machine
        self._journal = Journal.open_or_create(self.folder / "seats.exam", KIND, 0.5)
        self._places: dict[str, _Place] = {}
        self._seats: dict[str, Seat] = {}
        self.port = 0
        for event in self._journal.events():
            if event.kind == _PORT:
                self.port = int(event.data["port"])
            elif event.kind == _SEAT:
                self._places[event.data["trainee"]] = _Place(event.data["token_sha256"])
            else:
                self._places[event.data["trainee"]].key_sha256 = event.data["key_sha256"]

    def close(self) -> None:
        """Let go of the exam; it can be held again."""
        self._journal.close(finished=False)

    def use_port(self, port: int) -> None:
        """Keep in mind where the exam is held, so that it is found there again."""
        if port != self.port:
            self._journal.append(_PORT, {"port": port})
            self.port = port

    def tokens(self, trainees: Iterable[str]) -> dict[str, str]:
        """Return a new token for each of `trainees` and of the former ones who do not sit yet; older ones end."""
        names = list(dict.fromkeys(trainees))
        for name in names:
            profile_path(name, self.folder)
            same = [other for other in (*self._places, *names) if other != name and other.casefold() == name.casefold()]
            if same:  # one file to Windows and macOS, so one of them would get the other's session
                raise InvalidValueError(f"trainee is {name!r}; there is {same[0]!r} already: choose another name")
        waiting = [name for name, place in self._places.items() if not place.key_sha256 and name not in names]
        issued = {}
        for name in (*names, *waiting):
            if self._places.get(name, _Place()).key_sha256:
                continue
            issued[name] = secrets.token_urlsafe(SECRET_BYTES)
            self._journal.append(_SEAT, {"trainee": name, "token_sha256": digest_of(issued[name])})
            self._places[name] = _Place(digest_of(issued[name]))
        return issued

    def seated(self) -> tuple[str, ...]:
        """Return who sits, in order of names."""
        return tuple(sorted(name for name, place in self._places.items() if place.key_sha256))

    def sit(self, token: str, key: str) -> Seat:
        """Return the seat of a token, from now on that of `key`; the same pair again is the same seat.

        Raises InvalidValueError for a token that is unknown or was used with another key.
        """
        found = _found(digest_of(token), {name: place.token_sha256 for name, place in self._places.items()})
        if found is None or len(key) < SECRET_BYTES:
            raise InvalidValueError(_UNKNOWN)
        place = self._places[found]
        if not place.key_sha256:
            self._journal.append(_SAT, {"trainee": found, "key_sha256": digest_of(key)})
            place.key_sha256 = digest_of(key)
        elif not hmac.compare_digest(place.key_sha256, digest_of(key)):
            raise InvalidValueError(_UNKNOWN)
        return self._seat(found)

    def seat(self, key: str) -> Seat:
        """Return the seat of a key; raise InvalidValueError for one that nobody has."""
        keys = {name: place.key_sha256 for name, place in self._places.items() if place.key_sha256}
        if (found := _found(digest_of(key), keys)) is None:
            raise InvalidValueError("nobody sits here with this key; begin with the token from the instructor")
        return self._seat(found)

    def _seat(self, trainee: str) -> Seat:
        if trainee not in self._seats:
            case, seed = self._content.case, int(self._content.seed)
            found = recorded_sessions(trainee, self.folder)
            patient = PatientSide(case, seed, found[0].events if found else ())
            begun = found[0] if found else self._begun(trainee, patient)
            self._seats[trainee] = Seat(trainee, Session(begun, _InTurn(patient, self._turn), self.folder, self._clock))
        return self._seats[trainee]

    def _begun(self, trainee: str, patient: PatientSide) -> Recorded:
        return begin_record(
            trainee,
            patient.opening,
            case_source=f"exam {self.exam}",
            case_digest=self.exam,
            mode=EXAM,
            seed=None,
            folder=self.folder,
        )


def exam_folder(exam: str) -> Path:
    """Return where the record of the exam named `exam` is kept on the instructor's side."""
    return state_folder() / "exams" / exam


def exam_record(
    exam: str, content: ExamContent, trainee: str, folder: Path | None = None
) -> tuple[Recorded, PatientSide]:
    """Return what one trainee did and the patient as that left him: for score and debrief on the instructor's side.

    Raises UnknownNameError with those who took part.
    """
    where = folder or exam_folder(exam)
    found = recorded_sessions(trainee, where) if trainee in profiles(where) else ()
    if not found:
        raise UnknownNameError("trainee of this exam", trainee, profiles(where) or ("nobody has begun",))
    return found[0], PatientSide(content.case, int(content.seed), found[0].events)


def _found(digest: str, digests: dict[str, str]) -> str | None:
    """Return the name whose digest it is; every one is compared, so that the time tells nothing."""
    same = [name for name, kept in digests.items() if hmac.compare_digest(kept, digest)]
    return same[0] if same else None
