"""HistoryPanel: every undoable step by name; a click goes back to it, what was undone stands below and pale."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget
from shiboken6 import isValid

from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.theme import Theme

START = "As opened"
_NOW, _DONE, _UNDONE = "▸", "\N{EN SPACE}", "·"


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
        stack.indexChanged.connect(lambda _index: self._refresh())
        self.set_theme(theme)

    def show(self, moment: Moment) -> None:
        """Nothing of a moment is shown here: the list follows the undo stack itself."""

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._refresh()

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what the list says, line by line."""
        return tuple(self._list.item(row).text() for row in range(self._list.count()))

    def _refresh(self) -> None:
        """Bring the list in line with the stack; only lines that changed are touched."""
        if not (isValid(self._stack) and isValid(self._list)):  # the last signal comes from the stack's own end
            return
        blocked = QSignalBlocker(self._list)
        high = QSize(10, max(26, self._list.fontMetrics().height() + 8))
        names = [START, *(self._stack.text(step) for step in range(self._stack.count()))]
        now = self._stack.index()
        while self._list.count() > len(names):
            self._list.takeItem(self._list.count() - 1)
        while self._list.count() < len(names):
            self._list.addItem(QListWidgetItem())
        for row, name in enumerate(names):
            mark = _NOW if row == now else _DONE if row < now else _UNDONE
            item, words = self._list.item(row), f"{mark} {name}"
            if item.text() != words:
                item.setText(words)
            item.setSizeHint(high)
            item.setForeground(self._theme.color("text" if row == now else "muted" if row < now else "faint"))
            font = item.font()
            if font.bold() != (row == now):
                font.setBold(row == now)
                item.setFont(font)
        self._list.setCurrentRow(now)
        for row in (min(now + 2, len(names) - 1), now):
            self._list.scrollToItem(self._list.item(row))
        blocked.unblock()

    def _go(self, item: QListWidgetItem) -> None:
        row = self._list.row(item)
        if row != self._stack.index():
            self._store.end_merge()
            self._stack.setIndex(row)
            self._store.say(f"Back at: {self._stack.text(row - 1) if row else START}")
