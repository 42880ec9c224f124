"""Exam client: the trainee's side of an exam. It holds what the patient has said, and a key to its seat; nothing else.

The record here is a copy of the instructor's, who has the one that counts: what got lost on the way is fetched again.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from scs_models import files
from scs_models.errors import InvalidFileError, InvalidValueError, ScsError
from scs_sim.setting import Progress
from scs_sim.training.actions import Action
from scs_sim.training.events import Outcome, TrainingEvent, event_from
from scs_sim.training.exam_wire import (
    ANSWER_BYTES,
    KINDS,
    REQUEST_BYTES,
    VERSION,
    WAIT_S,
    address_of,
    address_text,
    digest_of,
    document_of,
    line_of,
)
from scs_sim.training.record import EXAM, Recorded, append_event, begin_record, recorded_sessions, training_folder
from scs_sim.training.situation import Opening

_CONNECT_S = 5.0
_SILENT_S = 10.0 * WAIT_S
_SOURCE = "exam "
_KEY_BYTES = 32


class LostConnectionError(ScsError):
    """The instructor's side cannot be reached, or went away before it had answered."""


@dataclass(frozen=True, slots=True)
class ExamPass:
    """What gets the trainee's side to its seat again: where the exam is, and the key that only this side has."""

    FORMAT: ClassVar[str] = "scs-sim exam pass"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    address: str
    key: str


class RemotePatient:
    """The patient at the other end of the line; `serial` is that of the last event on record."""

    def __init__(self, own: ExamPass, serial: int) -> None:
        self._pass, self._serial = own, serial

    def answer(self, own: Action, progress: Progress | None = None) -> Outcome:
        """Return what comes of an action. Asked again after a lost answer, it is the same answer.

        Raises InvalidValueError and InUseError as the instructor's side does, LostConnectionError.
        """
        request = {"do": "act", "key": self._pass.key, "serial": self._serial + 1, "action": own.name}
        answer = ask(self._pass.address, {**request, "parameters": dict(own.parameters)}, progress)
        return _event_in(answer, "event").outcome

    def follow(self, event: TrainingEvent) -> None:
        """Take over an event that is on record."""
        self._serial = event.serial


def begin_exam(address: str, token: str, profile: str, folder: Path | None = None) -> tuple[Recorded, RemotePatient]:
    """Sit down at the exam at `address` with the instructor's token and return the session on record and the patient.

    The token is used up by it; the same call again (after a crash, or where the exam has moved to another address)
    finds the same session. Raises InvalidValueError for a bad address or token, LostConnectionError, OutputError.
    """
    where = address_text(*address_of(address))
    path = _pass_path(token, folder)
    known = path.is_file()
    own = ExamPass(where, _pass_at(path).key if known else secrets.token_urlsafe(_KEY_BYTES))
    _keep(own, path)  # before the token is used up: a key that is lost is a seat that is lost
    try:
        found = ask(where, {"do": "sit", "token": token, "key": own.key})
    except InvalidValueError:
        if not known:
            path.unlink(missing_ok=True)
        raise
    if not isinstance(found.get("opening"), dict):
        raise _strange("opening")
    opening = files.decode(Opening, found["opening"], where=f"exam at {where}")
    source = _SOURCE + path.name
    sessions = [row for row in recorded_sessions(profile, folder) if row.head.case_source == source]
    begun = sessions[0] if sessions else _begun(profile, opening, source, str(found.get("exam", "")), folder)
    return _caught_up(begun, own, folder)


def resume_exam(found: Recorded, folder: Path | None = None) -> tuple[Recorded, RemotePatient]:
    """Return the record of an exam's session, caught up with the instructor's, and the patient.

    Raises InvalidFileError where the key to the seat is gone, LostConnectionError.
    """
    name = found.head.case_source.removeprefix(_SOURCE)
    return _caught_up(found, _pass_at((folder or training_folder()) / Path(name).name), folder)


def ask(address: str, request: Mapping[str, Any], progress: Progress | None = None) -> dict[str, Any]:
    """Return the answer to one request; raises what the other side says, and LostConnectionError."""
    line = line_of({"version": VERSION, **request})
    if len(line) > REQUEST_BYTES:
        raise InvalidValueError(f"the request has {len(line)} bytes; it must have at most {REQUEST_BYTES}")
    try:
        with socket.create_connection(address_of(address), _CONNECT_S) as connection:
            connection.settimeout(_SILENT_S)
            connection.sendall(line)
            with connection.makefile("rb") as stream:
                answer = _read(stream.readline(ANSWER_BYTES))
                while "wait" in answer:
                    if progress is not None and isinstance(answer["wait"], float):
                        progress(min(max(answer["wait"], 0.0), 1.0), "")
                    answer = _read(stream.readline(ANSWER_BYTES))
    except (OSError, UnicodeError, InvalidValueError) as error:
        why = getattr(error, "strerror", None) or str(error) or "no answer"
        raise LostConnectionError(
            f"the instructor's side at {address} cannot be reached ({why}); nothing is lost: try again, or resume later"
        ) from error
    if "error" in answer:
        raise KINDS.get(str(answer.get("kind")), ScsError)(str(answer["error"]))
    return answer


def _read(line: bytes) -> dict[str, Any]:
    if not line.endswith(b"\n"):
        raise InvalidValueError("it went away before it had answered")
    return document_of(line)


def _caught_up(found: Recorded, own: ExamPass, folder: Path | None) -> tuple[Recorded, RemotePatient]:
    answer = ask(own.address, {"do": "events", "key": own.key, "after": len(found.events)})
    missing = answer.get("events")
    if not isinstance(missing, list):
        raise _strange("events")
    events, row = found.events, found.row
    for document in missing:
        event, row = append_event(found.head, _event_in({"event": document}, "event"), row, folder)
        events = (*events, event)
    return Recorded(found.head, events, row), RemotePatient(own, len(events))


def _begun(profile: str, opening: Opening, source: str, exam: str, folder: Path | None) -> Recorded:
    return begin_record(profile, opening, case_source=source, case_digest=exam, mode=EXAM, seed=None, folder=folder)


def _event_in(answer: Mapping[str, Any], name: str) -> TrainingEvent:
    try:
        return event_from(answer[name])
    except (KeyError, TypeError, ValueError) as error:
        raise _strange(name) from error


def _strange(name: str) -> ScsError:
    return ScsError(f"the instructor's side gave no readable {name}; is it the same version of scs-sim?")


def _pass_path(token: str, folder: Path | None) -> Path:
    return (folder or training_folder()) / f"exam-{digest_of(token)[:16]}.json"


def _pass_at(path: Path) -> ExamPass:
    if not path.is_file():
        raise InvalidFileError(str(path), ["is gone; without it only the instructor can give the seat back"])
    return files.read_value(ExamPass, path)


def _keep(own: ExamPass, path: Path) -> None:
    """Write the pass so that only its owner can read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)  # writing keeps the mode of what is there
    files.write_text(path, files.json_text(own))
