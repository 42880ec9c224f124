"""The journal: every event of a session on disk the moment it happens, so that a crash costs nothing but that moment.

One SQLite file per session of the app, or per trainee (WAL, synchronous=FULL), one row per event, never rewritten. The
process that uses a journal holds the database's own exclusive lock, which the system takes back however that process
ends: a journal that can be locked and is not marked finished belongs to a process that died. Never open() such a file
beside SQLite: on POSIX, closing any handle of a file drops the process's locks on it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from scs_models.errors import InUseError, InvalidFileError, InvalidValueError, OutputError

FORMAT = "scs-sim journal"
VERSION = 1
SUFFIX = ".journal"
MAX_EVENT_BYTES = 20_000_000

_MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {}
_SCHEMA = (
    "CREATE TABLE head (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE event (serial INTEGER PRIMARY KEY, time_s REAL NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL,"
    " crc32 INTEGER NOT NULL)",
)
_COLUMNS = "serial, time_s, kind, data, crc32"
_ROWS = f"SELECT {_COLUMNS} FROM event"
_FINISH = "UPDATE head SET value = '1' WHERE name = 'finished'"
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_NOTADB: "it is damaged or no journal",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
}
_CREATE_WAIT_S, _OPEN_WAIT_S = 5.0, 0.3  # a window that lists the folder holds each journal for a moment
_EMPTY_FOR_S = 3600.0
_CHECKPOINT_PAGES = 256
_KIND = re.compile(r"[a-z][a-z-]*")


@dataclass(frozen=True, slots=True)
class Event:
    """One row: `serial` counts from 1 without gaps, `time_s` is seconds since the epoch, `data` plain JSON data."""

    serial: int
    time_s: float
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A journal whose process died: when its last event came (seconds since the epoch), and how many it holds.

    `problem` says what is wrong with a damaged file, "" if nothing is; kind and count may be unknown then ("", 0).
    """

    path: Path
    kind: str
    last_event_s: float
    count: int
    problem: str = ""


class Journal:
    """One open journal. No other process can read or write it until it is closed or this process ends.

    Made by `create` and `open`; used by the thread that made it. last_serial is that of the last event, 0 before it;
    appended_bytes counts the data appended through this object.
    """

    def __init__(self, path: Path, kind: str, finished: bool, connection: sqlite3.Connection) -> None:
        self.path, self.kind, self.finished = path, kind, finished
        self._connection, self._closed = connection, False
        self.appended_bytes = 0
        self.last_serial = int(connection.execute("SELECT coalesce(max(serial), 0) FROM event").fetchone()[0])
        self._identity = _identity(path)

    @classmethod
    def create(cls, folder: str | os.PathLike[str], kind: str) -> Journal:
        """Return a new journal in `folder`, which is made if need be; `kind` says what it is for, as "session".

        Raises InvalidValueError for a bad kind, OutputError where the folder cannot be written.
        """
        _require_kind(kind)
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        path = Path(folder) / f"{kind}-{stamp}-{secrets.token_hex(4)}{SUFFIX}"
        connection = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = _locked(path, _CREATE_WAIT_S)
            _fill(connection, kind)
            return cls(path, kind, False, connection)
        except (OSError, sqlite3.Error) as error:
            if connection is not None:
                connection.close()
            with contextlib.suppress(OSError):
                _remove(path)
            raise OutputError(f"{path}: cannot be written: {_why(error)}") from error

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Journal:
        """Return the journal at `path`, whole and for this process alone; an older version is migrated.

        Raises InUseError while another window or process has it; InvalidFileError where it is missing, damaged, written
        by a newer version or no journal.
        """
        return cls._opened(Path(path), _OPEN_WAIT_S)

    @classmethod
    def open_or_create(cls, path: str | os.PathLike[str], kind: str, wait_s: float = _CREATE_WAIT_S) -> Journal:
        """Return the journal at `path`, made if there is none, for this process alone; waits for others up to wait_s.

        Raises InUseError where another process keeps it longer, InvalidFileError as `open` and for one of another kind,
        OutputError where it cannot be made.
        """
        file = Path(path)
        _require_kind(kind)
        try:
            journal = cls._opened(file, wait_s) if file.is_file() else None
        except _EmptyFileError:
            journal = None
        if journal is None:
            _make(file, kind, wait_s)
            journal = cls._opened(file, wait_s)
        if journal.kind != kind:
            journal.close(finished=False)
            raise InvalidFileError(str(file), [f"is a journal of kind {journal.kind!r}; it must be {kind!r}"])
        return journal

    @classmethod
    def _opened(cls, path: Path, wait_s: float) -> Journal:
        with _lock_of(path, wait_s) as connection:
            head = _head(connection, path)
            for step in range(int(head["version"]), VERSION):
                _MIGRATIONS[step](connection)
                connection.execute("UPDATE head SET value = ? WHERE name = 'version'", (str(step + 1),))
            connection.execute("COMMIT")
            if (verdict := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise InvalidFileError(str(path), [f"is damaged: {verdict}"])
            return cls(path, head["kind"], head["finished"] == "1", connection)

    def append(self, kind: str, data: Mapping[str, Any]) -> int:
        """Write one event and return its serial; once this has returned, the event is on the disk.

        Raises InvalidValueError where `data` is no JSON data or larger than MAX_EVENT_BYTES, OutputError where it
        cannot be written (full disk, folder gone): what was there is untouched then, and trying again is allowed.
        """
        text = _text(data)
        serial, now_s = self.last_serial + 1, time.time()
        row = (serial, now_s, kind, text, _crc32(serial, now_s, kind, text))
        self._write(f"INSERT INTO event ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)", row)
        self.last_serial = serial
        self.appended_bytes += len(text)
        return serial

    def events(self, since: str = "", after: int = 0) -> tuple[Event, ...]:
        """Return the events in order; with `since`, from the last event of that kind on (all, if there is none).

        after: leave out those up to this serial.
        Raises InvalidFileError that names the place of the first event which is damaged or missing.
        """
        found: list[Event] = []
        try:
            first = self._connection.execute("SELECT max(serial) FROM event WHERE kind = ?", (since,)).fetchone()[0]
            bounds = (first or 0, after)
            for row in self._connection.execute(_ROWS + " WHERE serial >= ? AND serial > ? ORDER BY serial", bounds):
                event = _event(row)
                if found and event.serial != found[-1].serial + 1:
                    raise ValueError("an event is missing")
                found.append(event)
        except (sqlite3.Error, ValueError) as error:
            place = f"after event {found[-1].serial}" if found else "at its first event"
            raise InvalidFileError(str(self.path), [f"is damaged {place}: {_why(error)}"]) from error
        return tuple(found)

    def compact(self, keep_from: int) -> None:
        """Forget the events before serial `keep_from`; their space is used again. Raises as `append` does."""
        if not 1 <= keep_from <= self.last_serial:
            raise InvalidValueError(f"keep_from is {keep_from}; it must lie between 1 and {self.last_serial}")
        self._write("DELETE FROM event WHERE serial < ?", (keep_from,))

    def close(self, finished: bool = True) -> None:
        """Close the file and let go of it; a journal that is not finished counts as abandoned.

        Closing twice is allowed. Raises OutputError where the mark "finished" cannot be written; the file is closed
        all the same.
        """
        try:
            if finished and not self.finished and not self._closed:
                self._write(_FINISH, ())
                self.finished = True
        finally:
            self._closed = True
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(finished=kind is None)

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        if self._closed:
            raise OutputError(f"{self.path}: cannot be written: the journal is closed")
        if _identity(self.path) != self._identity:  # SQLite would go on writing to a deleted file
            raise OutputError(f"{self.path}: cannot be written: the file is gone")
        try:
            self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise OutputError(f"{self.path}: cannot be written: {_why(error)}") from error


def state_folder() -> Path:
    """Return where journals are kept: SCS_SIM_STATE_DIR, else the user's state directory."""
    if given := os.environ.get("SCS_SIM_STATE_DIR", ""):
        return Path(given)
    from platformdirs import user_state_path

    return user_state_path("scs-sim", appauthor=False)


def abandoned(folder: str | os.PathLike[str]) -> tuple[Abandoned, ...]:
    """Return the journals in `folder` whose process died before finishing them, the latest first.

    Those of running processes are left alone; damaged ones are listed with their problem. A folder that is missing or
    cannot be read has none. Journals without an event are left out, and removed once they are an hour old.
    """
    try:
        paths = sorted(path for path in Path(folder).glob(f"*{SUFFIX}") if path.is_file())
    except OSError:
        return ()
    found = [entry for path in paths if (entry := _looked_at(path)) is not None]
    return tuple(sorted(found, key=lambda entry: (-entry.last_event_s, entry.path.name)))


def salvage(path: str | os.PathLike[str]) -> tuple[Event, ...]:
    """Return every whole event of a damaged journal in order, perhaps with gaps in their serials.

    Raises InUseError while another process has it, InvalidFileError where nothing can be read.
    """
    file = Path(path)
    found: dict[int, Event] = {}
    with _lock_of(file, _OPEN_WAIT_S) as connection, contextlib.closing(connection):
        _head(connection, file)
        for order in ("ASC", "DESC"):  # from both ends up to the damage
            with contextlib.suppress(sqlite3.Error):
                for row in connection.execute(f"{_ROWS} ORDER BY serial {order}"):
                    with contextlib.suppress(ValueError):
                        event = _event(row)
                        found[event.serial] = event
    return tuple(found[serial] for serial in sorted(found))


def discard(path: str | os.PathLike[str]) -> None:
    """Remove the journal at `path`, whatever is in it; one that is already gone is no error.

    Raises InUseError while another process has it, OutputError where it cannot be removed.
    """
    file = Path(path)
    with contextlib.suppress(InvalidFileError), _lock_of(file, _OPEN_WAIT_S) as connection:
        connection.execute(_FINISH)  # a window that has listed it and opens it just now sees that it was dealt with
        connection.execute("COMMIT")
        connection.close()
    try:
        _remove(file)
    except OSError as error:
        raise OutputError(f"{file}: cannot be removed: {_why(error)}") from error


class _EmptyFileError(InvalidFileError):
    """The process died, or still is, between making the file and writing its head."""


def _looked_at(path: Path) -> Abandoned | None:
    """Return what stands in the list for `path`: None for one in use, finished or empty."""
    try:
        state = path.stat()
        journal = Journal._opened(path, wait_s=0.0)
    except (InUseError, FileNotFoundError):
        return None
    except _EmptyFileError:
        _remove_old(path, state.st_mtime)
        return None
    except InvalidFileError as error:
        return Abandoned(path, "", state.st_mtime, 0, str(error))
    try:
        query = "SELECT count(*), coalesce(max(time_s), 0) FROM event"
        count, last_s = map(float, journal._connection.execute(query).fetchone())
    except (sqlite3.Error, ValueError, TypeError) as error:
        return Abandoned(path, journal.kind, state.st_mtime, 0, f"{path}: is damaged: {_why(error)}")
    finally:
        journal.close(finished=False)
    if not count and not journal.finished:
        _remove_old(path, state.st_mtime)
    return Abandoned(path, journal.kind, last_s, int(count)) if count and not journal.finished else None


def _remove_old(path: Path, changed_s: float) -> None:
    if time.time() - changed_s > _EMPTY_FOR_S:
        with contextlib.suppress(OSError):
            _remove(path)


def _require_kind(kind: str) -> None:
    if not _KIND.fullmatch(kind):
        raise InvalidValueError(f"kind is {kind!r}; it must be lower-case letters and -")


def _fill(connection: sqlite3.Connection, kind: str) -> None:
    """Make an empty file, which `connection` holds in a transaction, a journal."""
    head = {"format": FORMAT, "version": VERSION, "kind": kind, "created_s": time.time(), "finished": 0}
    for statement in _SCHEMA:
        connection.execute(statement)
    connection.executemany("INSERT INTO head VALUES (?, ?)", [(name, str(item)) for name, item in head.items()])
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


def _make(path: Path, kind: str, wait_s: float) -> None:
    """Make a journal at `path` unless another process has just made one."""
    connection = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _locked(path, wait_s)
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            _fill(connection, kind)
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and _code(error) == sqlite3.SQLITE_BUSY:
            raise InUseError(f"{path}: is in use by another window or process") from error
        raise OutputError(f"{path}: cannot be written: {_why(error)}") from error
    finally:
        if connection is not None:
            connection.close()


def _locked(path: Path, wait_s: float) -> sqlite3.Connection:
    """Return a connection in a transaction that keeps every other one out until it is closed; raise sqlite3.Error."""
    connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None)
    try:
        for pragma in (
            "locking_mode=EXCLUSIVE",
            "synchronous=FULL",
            "trusted_schema=OFF",
            f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _lock_of(path: Path, wait_s: float) -> Iterator[sqlite3.Connection]:
    """Give what `_locked` returns for an existing file; what goes wrong inside closes it and is said in words."""
    if not path.is_file():
        raise InvalidFileError(str(path), ["cannot be read: there is no such file"])
    connection = None
    try:
        connection = _locked(path, wait_s)
        yield connection
    except BaseException as error:
        if connection is not None:
            connection.close()
        if not isinstance(error, sqlite3.Error):
            raise
        if _code(error) == sqlite3.SQLITE_BUSY:
            raise InUseError(f"{path}: is in use by another window or process") from error
        raise InvalidFileError(str(path), [f"cannot be read: {_why(error)}"]) from error


def _head(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    """Return the head of a journal after checking it: format, version (not newer), kind, finished."""
    where = str(path)
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        raise _EmptyFileError(where, ["is empty"])
    if not {"head", "event"} <= tables:
        raise InvalidFileError(where, [f"format is unknown; it must be {FORMAT!r}"])
    head = {str(name): str(value) for name, value in connection.execute("SELECT name, value FROM head")}
    if head.get("format") != FORMAT:
        raise InvalidFileError(where, [f"format is {head.get('format')!r}; it must be {FORMAT!r}"])
    version = head.get("version", "")
    if not re.fullmatch(r"[1-9][0-9]{0,8}", version):
        raise InvalidFileError(where, [f"version is {version!r}; it must be a whole number from 1 to {VERSION}"])
    if int(version) > VERSION:
        raise InvalidFileError(
            where, [f"version is {version}, written by a newer scs-sim; this one reads versions up to {VERSION}"]
        )
    if not _KIND.fullmatch(head.get("kind", "")) or head.get("finished") not in ("0", "1"):
        raise InvalidFileError(where, ["is damaged: its head is incomplete"])
    return head


def _event(row: tuple[Any, ...]) -> Event:
    serial, time_s, kind, data, crc32 = row
    if not (isinstance(time_s, float) and isinstance(kind, str) and isinstance(data, str)):
        raise ValueError("an event is not readable")
    if _crc32(serial, time_s, kind, data) != crc32:
        raise ValueError(f"event {serial} does not match its checksum")
    return Event(serial, time_s, kind, json.loads(data))


def _crc32(serial: int, time_s: float, kind: str, text: str) -> int:
    return zlib.crc32(f"{serial} {time_s!r} {kind} {text}".encode("utf-8", "surrogatepass"))


def _text(data: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidValueError(f"the event cannot be written as JSON: {error}") from error
    if len(text) > MAX_EVENT_BYTES:
        raise InvalidValueError(f"the event has {len(text)} bytes; it must have at most {MAX_EVENT_BYTES}")
    return text


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF  # the low byte; the others tell details


def _why(error: Exception) -> str:
    if isinstance(error, sqlite3.Error):
        return _REASONS.get(_code(error), str(error))
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
