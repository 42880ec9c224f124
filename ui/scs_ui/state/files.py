"""Files of the window: sessions on disk, and whatever a user opens or drops, recognised by what is in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from scs_models import files
from scs_models.errors import InvalidFileError, InvalidValueError, OutputError
from scs_sim.case import Case
from scs_sim.patient import Patient
from scs_sim.program import Program
from scs_ui.state.draft import ProgramDraft
from scs_ui.state.session import Session, session_of

ENDING = ".scsx"
BACKUP = ".bak"
IMAGE_ENDING = ".png"
MIGRATIONS: dict[int, files.Migration] = {}
"""MIGRATIONS[n] turns a session document of version n into one of version n + 1."""

Kind = Literal["session", "case", "patient", "program", "pain"]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file turned out to be, and the session it leads to.

    A "session" or a "case" begins anew; what else can be dropped changes the session in place, as one undoable step.
    text: one sentence that says what was read; path: where a session is saved to from now on, "" for the others.
    """

    kind: Kind
    session: Session
    text: str
    path: str = ""

    @property
    def is_new(self) -> bool:
        """Return whether it takes the place of the session that is open."""
        return self.kind in ("session", "case")


def opened(path: str | os.PathLike[str], session: Session) -> Opened:
    """Return what the file at `path` is (session, case, patient, program, pain drawing) and what it makes of `session`.

    Raises InvalidFileError with every problem: unknown keys, values out of range, newer version, no such file, another
    format, contacts that the case does not have, a picture that is no pain drawing.
    """
    file = Path(path)
    if file.suffix.lower() == IMAGE_ENDING:
        from scs_ui.state.pain_sheet import read_pain_sheet

        pain = read_pain_sheet(file)
        return Opened("pain", _changed(session, str(file), pain=pain), f"Pain drawing read: {file.name}")
    if file.suffix.lower() not in files.ENDINGS:
        raise InvalidFileError(
            str(file),
            [f"the file name ends in {file.suffix!r}; it must end in {', '.join((*files.ENDINGS, IMAGE_ENDING))}"],
        )
    try:
        where, document = files.read_document(file)
        reader = _READERS.get(str(document.get("format")))
        if reader is None:
            known = ", ".join(repr(name) for name in _READERS)
            raise InvalidFileError(where, [f"format is {document.get('format')!r}; it must be one of {known}"])
        return reader(document, file, session)
    except InvalidFileError as error:
        backup = backup_of(file)
        if file.suffix.lower() != ENDING or not backup.is_file():
            raise
        hint = f"the version saved before it is {backup.name}; copy it to a name that ends in {ENDING}"
        raise InvalidFileError(error.where, [*error.problems, hint]) from error


def read_session(path: str | os.PathLike[str]) -> Session:
    """Return the session in the file at `path`; raise InvalidFileError with every problem."""
    return files.read_value(Session, path, MIGRATIONS)


def write_session(path: str | os.PathLike[str], session: Session) -> None:
    """Write `session` to `path`, atomically; another session that was there before stays beside it as .bak.

    Raises OutputError; then what was at `path` is still there.
    """
    target, text = Path(path), files.json_text(session)
    try:
        before = target.read_bytes() if target.exists() else None
    except OSError as error:
        raise OutputError(f"{target}: cannot be written: {error.strerror or error}") from error
    if before is not None and before != text.encode("utf-8"):
        files.write_bytes(backup_of(target), before)
    files.write_text(target, text)


def backup_of(path: Path) -> Path:
    """Return where the version before the last one is kept."""
    return path.with_name(path.name + BACKUP)


def _session(document: Mapping[str, Any], file: Path, session: Session) -> Opened:
    found = files.decode(Session, document, where=str(file), migrations=MIGRATIONS)
    return Opened("session", found, f"Session opened: {file.name}", str(file))


def _case(document: Mapping[str, Any], file: Path, session: Session) -> Opened:
    found = files.decode(Case, document, where=str(file))
    return Opened("case", session_of(found), f"Case opened: {file.name}")


def _patient(document: Mapping[str, Any], file: Path, session: Session) -> Opened:
    found = files.decode(Patient, document, where=str(file))
    return Opened("patient", _changed(session, str(file), patient=found), f"Patient read: {file.name}")


def _program(document: Mapping[str, Any], file: Path, session: Session) -> Opened:
    found = ProgramDraft.of(files.decode(Program, document, where=str(file)))
    found = found if found.name else replace(found, name=file.stem[:40])
    programs = (*session.programs, found)
    try:
        after = replace(session, programs=programs, chosen=len(programs) - 1, area=0)
    except InvalidValueError as error:
        raise InvalidFileError(str(file), [str(error)]) from error
    return Opened("program", after, f"Program added: {found.name}")


def _changed(session: Session, where: str, **changes: Any) -> Session:
    try:
        return replace(session, case=replace(session.case, **changes))
    except InvalidValueError as error:
        raise InvalidFileError(where, [str(error)]) from error


_READERS: dict[str, Callable[[Mapping[str, Any], Path, Session], Opened]] = {
    Session.FORMAT: _session,
    Case.FORMAT: _case,
    Patient.FORMAT: _patient,
    Program.FORMAT: _program,
}
