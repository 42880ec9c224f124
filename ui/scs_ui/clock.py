"""The frame clock: whatever changed, the engine is asked once and the panels painted once, in the next free moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from typing import Literal, Protocol

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from scs_models.errors import ScsError
from scs_ui.state.live import Frame, Live, Prepared, SettingRequest
from scs_ui.state.moment import Moment
from scs_ui.state.session import Session
from scs_ui.state.store import Store, Topic
from scs_ui.theme import Theme

REST_MS = 350
"""How long the user must pause before the contacts that are not in use are computed too."""


PATIENCE_MS = 60
"""How long the panels wait for a worker's answer before they show the session with the old one."""
PLOTS_MS = 15
"""Where thresholds changed, plots (panels with `is_plot`) are redrawn in a frame of their own, this much later."""
LOST_S = 5.0
"""When a worker's answer counts as lost: it failed, which was said."""


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
        self._late = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._late.timeout.connect(self._paint)
        self._plots = QTimer(self, singleShot=True, interval=PLOTS_MS)
        self._plots.timeout.connect(self._paint_plots)
        self._shape: Hashable = None
        self._answered: Session | None = None
        self._asked: SettingRequest | None = None
        self._working, self._asked_s = False, 0.0
        self._stopped = False
        self._unsubscribe = store.subscribe(self._on_change)

    def schedule(self) -> None:
        """Run a frame in the next free moment."""
        if not self._timer.isActive() and not self._stopped:
            self._timer.start()

    def stop(self) -> None:
        """Run no more frames: the window closes, its panels go."""
        self._stopped = True
        self._unsubscribe()
        for timer in (self._timer, self._late, self._plots):
            timer.stop()

    def tick(self) -> None:
        """Answer the session, then paint the panels that can be seen; a worker's answer is waited for, not long."""
        self._timer.stop()
        self._answer()
        self._timer.stop()  # what was just answered is in this frame
        if not self._working:
            self._paint()
        elif not self._late.isActive():
            self._late.start()

    def _paint(self) -> None:
        self._late.stop()
        start = time.perf_counter()
        moment, panels = self._store.moment(), self._panels()
        shape = None if moment.frame is None else moment.frame.shape
        can_wait = shape != self._shape and self._shape is not None
        self._shape = shape
        for panel in panels:
            if not (can_wait and getattr(panel, "is_plot", False)):
                panel.show(moment)
        if can_wait and not self._plots.isActive():
            self._plots.start()
        self.frames += 1
        self.frame_ms = 1e3 * (time.perf_counter() - start)

    def _paint_plots(self) -> None:
        moment = self._store.moment()
        for panel in self._panels():
            if getattr(panel, "is_plot", False):
                panel.show(moment)

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
        lost = time.perf_counter() - self._asked_s > LOST_S
        if session is self._answered or (self._working and not lost):
            return
        self._answered = session
        if self.live.is_quick(session):
            self._show(self._asked_engine(session))
            return
        self._working, self._asked_s = True, time.perf_counter()
        self._store.ask("frame", lambda progress: self._asked_engine(session), self._show_late, overtaken=True)

    def _asked_engine(self, session: Session) -> Frame | ScsError | Literal[""]:
        """Return the engine's frame, what it refuses the session with, or "" before there is any."""
        try:
            return self.live.frame(session) or ""
        except ScsError as error:
            return error

    def _show(self, answer: Frame | ScsError | Literal[""]) -> None:
        if isinstance(answer, ScsError):
            self._store.say(f"{str(answer)[:1].upper()}{str(answer)[1:]}", "error")
        elif not isinstance(answer, str):
            self._store.show_frame(answer)

    def _show_late(self, answer: Frame | ScsError | Literal[""]) -> None:
        self._working = False
        if not isinstance(answer, Frame) or answer.session.case.contact_names() == self._contacts():
            self._show(answer)  # another case may have been opened meanwhile
        self.schedule()

    def _contacts(self) -> tuple[str, ...]:
        return self._store.session.case.contact_names()

    def _accept(self, request: SettingRequest, prepared: Prepared) -> None:
        self.live.accept(request, prepared)
        self._answered = None
        self.schedule()
