"""The recovery bar: unsaved work that a crash left behind, offered in one line at the top of the window.

Restore opens it, Discard (asked twice, in place) removes it, Later leaves all of it for the next start.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMainWindow, QPushButton, QSizePolicy, QToolBar, QToolButton

from scs_models.errors import ScsError
from scs_sim.journal import discard
from scs_ui.state.autosave import Autosave
from scs_ui.state.looks.recovery import HEADING, SHORT_HEADING, OfferLook, offer_looks
from scs_ui.state.recovery import LeftWork, left_work
from scs_ui.state.store import Store
from scs_ui.widgets.controls import ElidedLabel

SURE_MS = 5000


class RecoveryBar:
    """Offers what `autosave`'s folder holds of windows that died, one at a time. `offers` is what there is now."""

    def __init__(self, store: Store, autosave: Autosave) -> None:
        self._store, self._autosave = store, autosave
        self._put_off: set[Path] = set()
        self.offers: tuple[LeftWork, ...] = ()
        self._looks: tuple[OfferLook, ...] = ()
        self._at = 0
        self._is_sure = False
        self._calm = QTimer(singleShot=True)
        self._calm.timeout.connect(self._show)
        self.widget = QFrame()
        self.widget.setProperty("surface", "banner")
        self.widget.setAccessibleName(HEADING)
        heading = QLabel(SHORT_HEADING)
        heading.setProperty("role", "muted")
        heading.setToolTip(HEADING)
        self._title, self._details = ElidedLabel(), ElidedLabel()
        self._title.setProperty("role", "big")
        self._details.setProperty("role", "muted")
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        for label in (self._title, self._details):
            label.setMinimumWidth(80)
        self._before, self._place, self._next = QToolButton(), QLabel(), QToolButton()
        for button, text, name, step in (
            (self._before, "‹", "Newer unsaved work", -1),
            (self._next, "›", "Older unsaved work", 1),
        ):
            button.setText(text)
            button.setProperty("kind", "flat")
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.clicked.connect(lambda _checked=False, step=step: self._turn(step))
        self._place.setProperty("role", "muted")
        self._restore_button, self._drop_button = QPushButton("Restore"), QPushButton("Discard")
        self._restore_button.setProperty("kind", "primary")
        self._restore_button.setToolTip(
            "Open it here, unsaved; unsaved work in this window is set aside and offered too"
        )
        self._restore_button.clicked.connect(self._restore)
        self._drop_button.setToolTip("Remove it for good, after a second click")
        self._drop_button.clicked.connect(self._drop)
        later = QPushButton("Later")
        later.setToolTip("Leave everything as it is; it is offered again at the next start")
        later.setAccessibleName("Later: offer unsaved work again at the next start")
        later.clicked.connect(self._put_all_off)
        line = QHBoxLayout(self.widget)
        line.setContentsMargins(14, 5, 8, 5)
        line.setSpacing(8)
        line.addWidget(heading)
        line.addSpacing(6)
        line.addWidget(self._title)
        line.addWidget(self._details, 1)
        for item in (self._before, self._place, self._next, self._restore_button, self._drop_button, later):
            line.addWidget(item)
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
        self._looks = offer_looks(self.offers, datetime.now().astimezone())
        self._show()

    def _show(self) -> None:
        self._is_sure = False
        self._calm.stop()
        self._at = max(0, min(self._at, len(self._looks) - 1))
        self._set_visible(bool(self._looks))
        if not self._looks:
            return
        look, count = self._looks[self._at], len(self._looks)
        for label, text in ((self._title, look.title), (self._details, look.details)):
            label.setText(text)
            label.setToolTip(look.problem or text)
        self._place.setText(f"{self._at + 1} of {count}")
        for item in (self._before, self._place, self._next):
            item.setVisible(count > 1)
        self._before.setEnabled(self._at > 0)
        self._next.setEnabled(self._at < count - 1)
        self._restore_button.setAccessibleName(f"Restore: {look.spoken}")
        self._drop_button.setText("Discard")
        self._drop_button.setAccessibleName(f"Discard: {look.spoken}")

    def _turn(self, step: int) -> None:
        self._at += step
        self._show()

    def _restore(self) -> None:
        try:
            self._autosave.restore(self._looks[self._at].path)
        except ScsError as error:
            self._store.say(f"Not restored: {error}", "error")
        self.offer()

    def _drop(self) -> None:
        look = self._looks[self._at]
        if not self._is_sure:
            self._is_sure = True
            self._drop_button.setText("Discard for good?")
            self._drop_button.setAccessibleName(f"Discard for good, press again: {look.spoken}")
            self._calm.start(SURE_MS)
            return
        try:
            discard(look.path)
            self._store.say(f"Discarded: {look.title}")
        except ScsError as error:
            self._store.say(f"Not discarded: {error}", "error")
        self.offer()

    def _put_all_off(self) -> None:
        self._put_off |= {work.path for work in self.offers}
        self.offer()
