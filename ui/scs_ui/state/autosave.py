"""Autosave: undoable changes go to a journal until the session is saved, so that a crash costs one action at most.

The journal begins with the first change after opening or saving and is removed when the session is saved or closed.
Mostly only what a change changed is written; whole snapshots now and then keep journals short and restoring quick.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scs_models import files
from scs_models.errors import OutputError, ScsError
from scs_sim.journal import Journal, discard
from scs_ui.state.difference import difference
from scs_ui.state.recovery import CHANGE, KIND, SNAPSHOT, take
from scs_ui.state.session import Session
from scs_ui.state.store import Change, Store, Topic

SNAPSHOT_EVERY, SNAPSHOT_BYTES = 1000, 30_000
"""A snapshot follows so many changes, or changes as large as the last snapshot and at least so many bytes."""
DRAG_WRITE_MS = 250
"""A drag is written this often, and when the next action begins; single steps at once."""

Later = Callable[[int, Callable[[], None]], None]


class Autosave:
    """Keeps the journal of one store. Make it after whatever else records the store's changes (the undo stack).

    later(ms, function): calls a function after some time (Qt's single-shot timer); without one everything is written at
    once. `written` counts events, for tests and diagnostics.
    """

    def __init__(self, store: Store, folder: str | os.PathLike[str], later: Later | None = None) -> None:
        self.folder = Path(folder)
        self.written = 0
        self._store, self._later = store, later
        self._record_next = store.recorder
        self._journal: Journal | None = None
        self._known = self._seen = store.session  # what the journal has, or needs no journal; and what it should have
        self._row, self._text = "", ""
        self._changes = 0
        self._last: _Snapshot | None = None
        self._due = self._failing = self._recording = False
        store.recorder = self._record
        self._end = store.subscribe(self._on_change)

    def flush(self) -> None:
        """Write what is not written yet; say so, once, where that fails."""
        self._due = False
        session = self._seen
        if session is self._known:
            return
        if session is self._store.saved:  # undone as far as the file on the disk
            self._retire(session)
            return
        try:
            self._write(session)
        except ScsError as error:
            if not self._failing:
                self._store.say(f"Autosave does not work, so a crash would lose your changes: {error}.", "error")
            self._failing = True
            return
        self._known = session
        self.written += 1
        if self._failing:
            self._failing = False
            self._store.say("Autosave works again.", "good")

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Open the work that a crash left in the journal at `path`, unsaved; unsaved work of this window is set aside.

        What is set aside is offered again. Raises what `recovery.take` raises; the window keeps its session then.
        """
        journal, found = take(path)
        self.flush()
        if self._journal is not None and not self._store.is_saved:
            self._journal.close(finished=False)
            self._journal = None
        self._retire(found.session)
        self._journal, self._changes = journal, found.changes
        self._store.open(found.session, found.file, unsaved=True)
        try:
            self._snapshot(found.session)
        except ScsError as error:
            self._store.say(f"Restored, but autosave does not work: {error}.", "error")
            return
        if journal is None:  # what could not be read stays on the disk, but is not offered again
            with contextlib.suppress(OSError):
                Path(path).replace(f"{os.fspath(path)}.damaged")
        missing = "" if found.whole else " as far as it could be read; the newest changes may be missing"
        self._store.say(f"Restored: {found.session.case.title}{missing}.", "good" if found.whole else "warn")

    def close(self, keep: bool = False) -> None:
        """End: with `keep`, unsaved work stays and is offered at the next start; else the user has let go of it."""
        self._end()
        self._store.recorder = self._record_next
        if keep and not self._store.is_saved:
            self.flush()
            if self._journal is not None:
                self._journal.close(finished=False)
                self._journal = None
        else:
            self._retire(self._store.session)

    def _record(self, change: Change) -> None:
        if not change.merge or change.merge != self._row:
            self.flush()  # so that never more than one action is unwritten
            self._changes += 1
        self._row, self._text = change.merge, change.text
        self._recording = True
        try:
            (self._record_next or _apply_to(self._store))(change)
        finally:
            self._recording = False

    def _on_change(self, topic: Topic) -> None:
        if topic == "file" and self._store.is_saved:
            self._retire(self._store.session)
        elif topic == "session":
            if not self._recording:  # undo and redo are actions of their own
                self.flush()
                self._row, self._text = "", "Undo or redo"
            self._seen = self._store.session
            if self._later is None:
                self.flush()
            elif not self._due:
                self._due = True
                self._later(DRAG_WRITE_MS if self._row else 0, self._flush_due)

    def _flush_due(self) -> None:
        if self._due:
            self.flush()

    def _write(self, session: Session) -> None:
        if self._journal is None or self._last is None or self._last.is_outgrown(self._journal):
            self._snapshot(session)
            return
        operations = difference(self._known, session)
        try:
            self._journal.append(CHANGE, self._data(session) | {"operations": operations})
        except OutputError:  # its folder may have gone: then a new one helps
            self._start_over(session)

    def _snapshot(self, session: Session) -> None:
        """Write the whole session; what came before the last snapshot but one is forgotten."""
        if self._journal is None:
            self._start_over(session)
            return
        try:
            before, self._last = self._last, _written(self._journal, self._data(session), session)
            if before is not None:
                self._journal.compact(keep_from=before.serial)
        except OutputError:
            self._start_over(session)

    def _start_over(self, session: Session) -> None:
        """Begin a new journal with the whole session; the old one, if any, goes once that is on the disk."""
        journal = Journal.create(self.folder, KIND)
        try:
            snapshot = _written(journal, self._data(session), session)
        except ScsError:
            _let_go(journal)
            raise
        if self._journal is not None:
            _let_go(self._journal)
        self._journal, self._last = journal, snapshot

    def _data(self, session: Session) -> dict[str, Any]:
        case = session.case
        changes = max(1, self._changes)
        return {"text": self._text, "title": case.title or case.id, "file": self._store.path, "changes": changes}

    def _retire(self, session: Session) -> None:
        """Remove the journal: what it holds is saved, or not wanted; `session` needs none."""
        if self._journal is not None:
            _let_go(self._journal)
        self._journal, self._known, self._seen, self._row = None, session, session, ""
        self._changes, self._last = 0, None


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The last whole session in a journal: its serial, its size, and what the journal had taken in by then."""

    serial: int
    size_bytes: int
    appended_bytes: int

    def is_outgrown(self, journal: Journal) -> bool:
        grown = journal.appended_bytes - self.appended_bytes
        many = journal.last_serial - self.serial >= SNAPSHOT_EVERY
        return many or grown >= max(SNAPSHOT_BYTES, self.size_bytes)


def _written(journal: Journal, data: dict[str, Any], session: Session) -> _Snapshot:
    before = journal.appended_bytes
    serial = journal.append(SNAPSHOT, data | {"session": files.encode(session)})
    return _Snapshot(serial, journal.appended_bytes - before, journal.appended_bytes)


def _apply_to(store: Store) -> Callable[[Change], None]:
    return lambda change: store.replace(change.after)


def _let_go(journal: Journal) -> None:
    with contextlib.suppress(ScsError):
        journal.close(finished=True)
    with contextlib.suppress(ScsError):
        discard(journal.path)
