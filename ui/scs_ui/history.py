"""Undo and redo of everything: Qt's undo stack with one command, a session before and after."""

from __future__ import annotations

from PySide6.QtGui import QUndoCommand, QUndoStack

from scs_ui.state.store import Change, Store

STEPS_KEPT = 400
_MERGING, _SINGLE = 1, -1


class Step(QUndoCommand):
    """One undoable step; changes of one row (a drag) merge into one."""

    def __init__(self, store: Store, change: Change) -> None:
        super().__init__(change.text)
        self._store = store
        self.change = change

    def id(self) -> int:
        """Return which commands may merge at all."""
        return _MERGING if self.change.merge else _SINGLE

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in the next change of the same row; a row that ends where it began is no step."""
        if not isinstance(other, Step) or other.change.merge != self.change.merge:
            return False
        self.change = Change(other.change.text, self.change.before, other.change.after, self.change.merge)
        self.setText(other.change.text)
        self.setObsolete(self.change.after == self.change.before)
        return True

    def redo(self) -> None:
        """Put the session after the step in place."""
        self._store.replace(self.change.after)

    def undo(self) -> None:
        """Put the session before the step in place."""
        self._store.replace(self.change.before)


class History:
    """The undo stack of one store; opening another session empties it."""

    def __init__(self, store: Store) -> None:
        self.stack = QUndoStack()
        self.stack.setUndoLimit(STEPS_KEPT)
        self._store = store
        store.recorder = self._record
        store.subscribe(lambda topic: self.stack.clear() if topic == "file" and not self._is_about_session() else None)

    def undo(self) -> None:
        """Take one step back and say which."""
        if self.stack.canUndo():
            text = self.stack.undoText()
            self._store.end_merge()
            self.stack.undo()
            self._store.say(f"Undone: {text}")

    def redo(self) -> None:
        """Take one step forward again and say which."""
        if self.stack.canRedo():
            text = self.stack.redoText()
            self._store.end_merge()
            self.stack.redo()
            self._store.say(f"Redone: {text}")

    def _record(self, change: Change) -> None:
        self.stack.push(Step(self._store, change))

    def _is_about_session(self) -> bool:
        """Return whether the newest step leads to the session in place: then it was saved, not replaced by another."""
        index = self.stack.index()
        if index == 0:
            command = self.stack.command(0)
            return isinstance(command, Step) and command.change.before is self._store.session
        command = self.stack.command(index - 1)
        return isinstance(command, Step) and command.change.after is self._store.session
