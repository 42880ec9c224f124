"""HistoryPanel: every undoable step by name; a click goes back to it, what was undone stands below and pale."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.theme import Theme

START = "As opened"
_NOW, _DONE, _UNDONE = "▸", "\N{EN SPACE}", "·"
_TOKENS = {_NOW: "text", _DONE: "muted", _UNDONE: "faint"}


class HistoryPanel:
    """The panel; see `help`."""

    title = "History"
    help = (
        "Every step since the session was opened, oldest first; a drag is one step. The mark ▸ stands at the state you "
        "see. Click a step, or choose it with ↑ ↓ and press Enter, to go back to it; the steps below it stay, pale, "
        "until you do something else. Ctrl+Z and Ctrl+Shift+Z go one step."
    )

    def __init__(self, store: Store, theme: Theme, stack: QUndoStack) -> None:
        self._store, self._theme, self._stack = store, theme, stack
        self._list = QListWidget()
        self.widget = QWidget()
        self._list.setAccessibleName("History of steps")
        self._list.setToolTip("Click or Enter: back to this step")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setUniformItemSizes(True)
        self._list.setFrameShape(QListWidget.Shape.NoFrame)
        self._list.itemClicked.connect(self._go)
        self._list.itemActivated.connect(self._go)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.addWidget(self._list)
        self._shown: list[tuple[str, str]] = []
        self._is_old = True
        stack.indexChanged.connect(lambda _index: self._age())

    def show(self, moment: Moment) -> None:
        """Bring the list in line with the undo stack, once per frame."""
        if self._is_old:
            self._is_old = False
            self._refresh()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._shown = []
        self._list.clear()
        self._refresh()

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what the list says, line by line."""
        return tuple(self._list.item(row).text() for row in range(self._list.count()))

    def _age(self) -> None:
        self._is_old = True

    def _refresh(self) -> None:
        """Touch the lines that differ from the stack's, and no others."""
        now = self._stack.index()
        names = [START, *(self._stack.text(step) for step in range(self._stack.count()))]
        states = [_NOW if row == now else _DONE if row < now else _UNDONE for row in range(len(names))]
        wanted = list(zip(names, states, strict=True))
        blocked = QSignalBlocker(self._list)
        if len(wanted) == len(self._shown) > 2 and names[1:-1] == [name for name, _ in self._shown[2:]]:
            self._list.takeItem(1)  # the stack is full: its oldest step went
            del self._shown[1]
        while len(self._shown) > len(wanted):
            self._list.takeItem(self._list.count() - 1)
            self._shown.pop()
        high = QSize(10, max(26, self._list.fontMetrics().height() + 8))
        while len(self._shown) < len(wanted):
            item = QListWidgetItem()
            item.setSizeHint(high)
            self._list.addItem(item)
            self._shown.append(("", ""))
        for row, line in enumerate(wanted):
            if line != self._shown[row]:
                self._paint(self._list.item(row), *line)
        self._shown = wanted
        if self._list.currentRow() != now:
            self._list.setCurrentRow(now)
            for row in (min(now + 2, len(names) - 1), now):
                self._list.scrollToItem(self._list.item(row))
        blocked.unblock()

    def _paint(self, item: QListWidgetItem, name: str, state: str) -> None:
        item.setText(f"{state} {name}")
        item.setForeground(self._theme.color(_TOKENS[state]))
        font = item.font()
        font.setBold(state == _NOW)
        item.setFont(font)

    def _go(self, item: QListWidgetItem) -> None:
        row = self._list.row(item)
        if row != self._stack.index():
            self._store.end_merge()
            self._stack.setIndex(row)
            self._store.say(f"Back at: {self._stack.text(row - 1) if row else START}")
