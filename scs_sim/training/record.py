"""Record: the journal of a trainee's profile. Every session's opening and events, each on disk once it has happened.

One file per profile, opened for each action and closed again: two sessions at once write in turns. The case is named
and not written down, for what it hides does not belong into the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scs_models import files
from scs_models.errors import InUseError, InvalidFileError, InvalidValueError, UnknownNameError
from scs_sim.journal import SUFFIX, Event, Journal, state_folder
from scs_sim.training.actions import MAX_TEXT
from scs_sim.training.events import TrainingEvent, event_document, event_from
from scs_sim.training.situation import Opening

KIND = "training"
PRACTICE, EXAM = "practice", "exam"
USUAL_PROFILE = "trainee"
WAIT_S = 20.0
_START, _ACTION = "start", "action"


@dataclass(frozen=True, slots=True)
class SessionHead:
    """What a record says of a session before its events.

    id: "CASE-NUMBER" within the profile; case_source: a built-in id or the path of a file; case_digest: of the case, so
    that a session is not resumed on another one; seed None: only the instructor's side knows it (exam).
    """

    id: str
    profile: str
    case_id: str
    case_source: str
    case_digest: str
    mode: str
    seed: int | None
    started_s: float
    opening: Opening


@dataclass(frozen=True, slots=True)
class Recorded:
    """One session as recorded: its head, its events in order, and the last row of the journal that was looked at."""

    head: SessionHead
    events: tuple[TrainingEvent, ...]
    row: int


def training_folder() -> Path:
    """Return where the journals of profiles are kept."""
    return state_folder() / "training"


def profile_path(profile: str, folder: Path | None = None) -> Path:
    """Return the journal of a profile; raise InvalidValueError for a name that cannot be a file's."""
    fine = profile and len(profile) <= MAX_TEXT and all(c.isalnum() or c in "-_" for c in profile)
    if not fine:
        raise InvalidValueError(f"profile is {profile!r}; it must be letters, digits, - and _, {MAX_TEXT} at most")
    return (folder or training_folder()) / f"{profile}{SUFFIX}"


def profiles(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the profiles that have a record, sorted."""
    return tuple(sorted(path.stem for path in (folder or training_folder()).glob(f"*{SUFFIX}")))


def begin_record(
    profile: str,
    opening: Opening,
    *,
    case_source: str,
    case_digest: str,
    mode: str,
    seed: int | None,
    folder: Path | None = None,
) -> Recorded:
    """Write a new session into the record of `profile` and return it. Raises as `append_event`."""
    with _opened(profile_path(profile, folder)) as journal:
        taken = {event.data["session"] for event in journal.events() if event.kind == _START}
        number = next(n for n in range(1, len(taken) + 2) if f"{opening.case_id}-{n}" not in taken)
        data: dict[str, Any] = {
            "session": f"{opening.case_id}-{number}",
            "case": case_source,
            "case_sha256": case_digest,
            "mode": mode,
            "opening": files.encode(opening),
        }
        journal.append(_START, data if seed is None else data | {"seed": seed})
        row = journal.events(_START)[-1]
        return Recorded(_head(row, profile, journal.path), (), row.serial)


def append_event(
    head: SessionHead, event: TrainingEvent, row: int, folder: Path | None = None
) -> tuple[TrainingEvent, int]:
    """Write the next event of a session and return it as it stands in the record, with its row; it is on the disk then.

    row: the last row that was looked at. Raises InUseError where another window has gone on with the session since, or
    keeps the record; OutputError where it cannot be written. Nothing is written then.
    """
    with _opened(profile_path(head.profile, folder)) as journal:
        if _actions(journal.events(after=row), head.id):
            raise InUseError(f"session {head.id} has gone on in another window; nothing was done here: look again")
        document = event_document(event)
        del document["time_s"]  # the journal's own time counts
        serial = journal.append(_ACTION, {"session": head.id, "event": document})
        return _event(journal.events(after=serial - 1)[0]), serial


def recorded(session: str, profile: str, folder: Path | None = None) -> Recorded:
    """Return one session of a profile; raise UnknownNameError with those there are, InvalidFileError if damaged."""
    path = profile_path(profile, folder)
    rows = _rows(path)
    heads = {str(row.data["session"]): row for row in rows if row.kind == _START}
    if session not in heads:
        raise UnknownNameError(f"session of {profile}", session, tuple(heads) or ("none has begun",))
    events = tuple(_event(row) for row in _actions(rows, session))
    return Recorded(_head(heads[session], profile, path), events, rows[-1].serial)


def recorded_sessions(profile: str, folder: Path | None = None) -> tuple[Recorded, ...]:
    """Return all sessions of a profile, the oldest first; () where it has none."""
    path = profile_path(profile, folder)
    rows = _rows(path)
    heads = [_head(row, profile, path) for row in rows if row.kind == _START]
    return tuple(
        Recorded(head, tuple(_event(row) for row in _actions(rows, head.id)), rows[-1].serial) for head in heads
    )


def _rows(path: Path) -> tuple[Event, ...]:
    if not path.is_file():
        return ()
    with _opened(path) as journal:
        return journal.events()


class _Opened:
    """A journal of a profile, opened for a moment and never marked finished."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Journal:
        self._journal = Journal.open_or_create(self._path, KIND, WAIT_S)
        return self._journal

    def __exit__(self, *_: object) -> None:
        self._journal.close(finished=False)


def _opened(path: Path) -> _Opened:
    return _Opened(path)


def _actions(rows: Iterable[Event], session: str) -> list[Event]:
    return [row for row in rows if row.kind == _ACTION and row.data["session"] == session]


def _event(row: Event) -> TrainingEvent:
    document: Mapping[str, Any] = row.data["event"]
    return event_from({**document, "time_s": row.time_s})


def _head(row: Event, profile: str, path: Path) -> SessionHead:
    data = row.data
    try:
        opening = files.decode(Opening, data["opening"], where=f"{path}, event {row.serial}")
        return SessionHead(
            id=str(data["session"]),
            profile=profile,
            case_id=opening.case_id,
            case_source=str(data["case"]),
            case_digest=str(data["case_sha256"]),
            mode=str(data["mode"]),
            seed=data.get("seed"),
            started_s=row.time_s,
            opening=opening,
        )
    except KeyError as error:
        raise InvalidFileError(str(path), [f"event {row.serial} has no {error.args[0]!r}"]) from error
