"""The frame clock: whatever changed, the engine is asked once and the panels painted once, in the next free moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from scs_models.errors import ScsError
from scs_ui.state.live import Live, Prepared, SettingRequest
from scs_ui.state.moment import Moment
from scs_ui.state.session import Session
from scs_ui.state.store import Store, Topic
from scs_ui.theme import Theme

REST_MS = 350
"""How long the user must pause before the contacts that are not in use are computed too."""


class Panel(Protocol):
    """What the window needs of a panel."""

    title: str
    help: str

    @property
    def widget(self) -> QWidget:
        """Return the widget that stands in the dock."""
        ...

    def show(self, moment: Moment) -> None:
        """Paint what changed since the last moment."""
        ...

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        ...


class FrameClock(QObject):
    """Runs frames: `tick` once per event-loop turn in which something changed.

    frames and frame_ms count and time them, for the status bar and for tests.
    """

    def __init__(self, store: Store, panels: Callable[[], Sequence[Panel]]) -> None:
        super().__init__()
        self.live = Live()
        self.frames = 0
        self.frame_ms = 0.0
        self._store, self._panels = store, panels
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.tick)
        self._answered: Session | None = None
        self._asked: SettingRequest | None = None
        store.subscribe(self._on_change)

    def schedule(self) -> None:
        """Run a frame in the next free moment."""
        if not self._timer.isActive():
            self._timer.start()

    def tick(self) -> None:
        """Answer the session, then paint the panels that can be seen."""
        self._timer.stop()
        start = time.perf_counter()
        self._answer()
        self._timer.stop()  # what was just answered is in this frame
        moment = self._store.moment()
        for panel in self._panels():
            panel.show(moment)
        self.frames += 1
        self.frame_ms = 1e3 * (time.perf_counter() - start)

    def _on_change(self, topic: Topic) -> None:
        if topic == "file":
            self._answered = None
        self.schedule()

    def _answer(self) -> None:
        session = self._store.session
        wanted = self.live.wanted(session)
        if wanted is not None and wanted != self._asked:
            self._asked = wanted
            self._store.ask(
                "placement",
                wanted,
                lambda prepared: self._accept(wanted, prepared),
                delay_ms=0 if wanted.contacts is not None else REST_MS,
                label="Computing the lead field" if wanted.contacts is not None else "",
                overtaken=True,
            )
        if session is self._answered:
            return
        self._answered = session
        try:
            self._store.show_frame(self.live.frame(session))
        except ScsError as error:
            self._store.say(f"{str(error)[:1].upper()}{str(error)[1:]}", "error")

    def _accept(self, request: SettingRequest, prepared: Prepared) -> None:
        self.live.accept(request, prepared)
        self._answered = None
        self.schedule()
