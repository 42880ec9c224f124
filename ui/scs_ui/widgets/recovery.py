"""The recovery bar: unsaved work that a crash left behind, offered at the top of the window without a dialog.

Restore opens it, Discard (asked twice, in place) removes it, Later leaves it for the next start.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from scs_models.errors import ScsError
from scs_sim.journal import discard
from scs_ui.state.autosave import Autosave
from scs_ui.state.looks.recovery import HEADING, OfferLook, offer_looks
from scs_ui.state.recovery import LeftWork, left_work
from scs_ui.state.store import Store
from scs_ui.widgets.controls import ElidedLabel

SURE_MS = 5000
ROWS_SEEN = 3


class RecoveryBar:
    """Offers what `autosave`'s folder holds of windows that died. `offers` is what stands there now."""

    def __init__(self, store: Store, autosave: Autosave) -> None:
        self._store, self._autosave = store, autosave
        self._put_off: set[Path] = set()
        self.offers: tuple[LeftWork, ...] = ()
        self.widget = QFrame()
        self.widget.setProperty("surface", "banner")
        self.widget.setAccessibleName(HEADING)
        heading = QLabel(HEADING)
        heading.setProperty("role", "title")
        self._later = QPushButton("Later")
        self._later.setToolTip("Leave everything as it is; it is offered again at the next start")
        self._later.setAccessibleName("Later: offer unsaved work again at the next start")
        self._later.clicked.connect(self._put_all_off)
        top = QHBoxLayout()
        top.addWidget(heading, 1)
        top.addWidget(self._later)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(14, 8, 10, 10)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self._scroll)
        self.widget.hide()
        self._set_visible = self.widget.setVisible

    def place_in(self, window: QMainWindow) -> None:
        """Stand in a row of its own under the menu bar of `window`, shown only while there is something to offer."""
        bar = QToolBar("Unsaved work")
        bar.setObjectName("recovery")
        bar.setMovable(False)
        bar.setFloatable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.setStyleSheet("QToolBar { border: none; padding: 0; spacing: 0; }")
        self.widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(self.widget).setVisible(True)  # it was hidden, and its action with it
        self._set_visible = bar.setVisible
        window.addToolBarBreak(Qt.ToolBarArea.TopToolBarArea)
        window.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)
        bar.hide()
        # A restored arrangement of the window may show the bar: not without an offer.
        bar.visibilityChanged.connect(lambda shown: bar.hide() if shown and not self.offers else None)

    def offer(self, wanted: bool = True) -> None:
        """Look for unsaved work and show it; nothing where it is not wanted or there is none."""
        found = left_work(self._autosave.folder) if wanted else ()
        self.offers = tuple(work for work in found if work.path not in self._put_off)
        rows = offer_looks(self.offers, datetime.now().astimezone())
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for place, row in enumerate(rows):
            self._add(grid, place, row)
        self._scroll.setWidget(inside)
        seen = range(min(len(rows), ROWS_SEEN))
        high = [max(_item_height(grid, place, column) for column in range(3)) for place in seen]
        self._scroll.setFixedHeight(sum(high) + grid.verticalSpacing() * (len(high) - 1) if high else 0)
        self._set_visible(bool(rows))

    def _add(self, grid: QGridLayout, place: int, look: OfferLook) -> None:
        words = QVBoxLayout()
        words.setSpacing(1)
        for text, role in ((look.title, "big"), (look.details, "muted"), (look.problem, "warn")):
            if text:
                label = ElidedLabel()
                label.setText(text)
                label.setProperty("role", role)
                label.setToolTip(text)
                words.addWidget(label)
        restore, drop = QPushButton("Restore"), QPushButton("Discard")
        restore.setProperty("kind", "" if place else "primary")
        restore.setAccessibleName(f"Restore: {look.spoken}")
        restore.setToolTip("Open it here, unsaved; unsaved work in this window is set aside and offered too")
        restore.clicked.connect(lambda: self._restore(look.path))
        drop.setAccessibleName(f"Discard: {look.spoken}")
        drop.setToolTip("Remove it for good, after a second click")
        drop.clicked.connect(lambda: self._drop(drop, look))
        grid.addLayout(words, place, 0)
        grid.addWidget(restore, place, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(drop, place, 2, Qt.AlignmentFlag.AlignVCenter)

    def _restore(self, path: Path) -> None:
        try:
            self._autosave.restore(path)
        except ScsError as error:
            self._store.say(f"Not restored: {error}", "error")
        self._refresh()

    def _drop(self, button: QPushButton, look: OfferLook) -> None:
        if not button.property("sure"):
            button.setProperty("sure", True)
            button.setText("Discard for good?")
            button.setAccessibleName(f"Discard for good, press again: {look.spoken}")
            QTimer.singleShot(SURE_MS, button, lambda: _calm(button, look))
            return
        try:
            discard(look.path)
            self._store.say(f"Discarded: {look.title}")
        except ScsError as error:
            self._store.say(f"Not discarded: {error}", "error")
        self._refresh()

    def _put_all_off(self) -> None:
        self._put_off |= {work.path for work in self.offers}
        self._refresh()

    def _refresh(self) -> None:
        """Show what is left in the next free moment: the button that was pressed is among what is replaced."""
        QTimer.singleShot(0, self.widget, self.offer)


def _item_height(grid: QGridLayout, row: int, column: int) -> int:
    item = grid.itemAtPosition(row, column)
    return 0 if item is None else item.sizeHint().height()


def _calm(button: QPushButton, look: OfferLook) -> None:
    button.setProperty("sure", False)
    button.setText("Discard")
    button.setAccessibleName(f"Discard: {look.spoken}")
