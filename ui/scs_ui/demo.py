"""Plays the demonstration in a window: the timeline of scs_ui.state.demo with a caption; a key or a click ends it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel

from scs_ui.state.demo import LASTS_S, SCENES, opening
from scs_ui.window import MainWindow

TICK_MS = 40
CAPTION_ABOVE_PX = 10
_ENDING = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress)


class Demo(QObject):
    """One run of the demonstration; `show` is called with what a scene shows besides ("report").

    at_s: how far it is. advance: seconds of one tick, None for real time (pictures are made at a pace of their own).
    """

    def __init__(
        self,
        window: MainWindow,
        show: Callable[[str], None],
        on_over: Callable[[], None],
        advance_s: float | None = None,
    ) -> None:
        super().__init__(window)
        self.at_s, self.over = 0.0, False
        self._window, self._show, self._on_over, self._advance_s = window, show, on_over, advance_s
        self._done = [0] * len(SCENES)
        self._shown: set[int] = set()
        self._caption = QLabel(window)
        self._caption.setProperty("role", "caption")
        font = self._caption.font()
        font.setPointSizeF(1.3 * font.pointSizeF())
        self._caption.setFont(font)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._caption.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Begin: the demonstration's session takes the place of the present one, which must be settled before."""
        self._window.store.open(opening())
        self._caption.show()
        self._clock.start()
        app = QApplication.instance()
        if self._advance_s is None and app is not None:
            app.installEventFilter(self)
            self._timer.start()

    def tick(self) -> None:
        """Do what is due; wait while a lead field is being computed."""
        passed_s = self._clock.restart() / 1e3 if self._advance_s is None else self._advance_s
        store = self._window.store
        if store.frame is None or store.frame.stale:
            return
        self.at_s += min(passed_s, 0.5)
        for index, scene in enumerate(SCENES):
            if scene.start_s <= self.at_s < scene.end_s:
                self._say(scene.caption)
            while self._done[index] < scene.due(self.at_s):
                self._done[index] += 1
                self._act(index)
            if scene.shows and self.at_s >= scene.start_s and index not in self._shown:
                self._shown.add(index)
                self._show(scene.shows)
        if self.at_s >= LASTS_S:
            self.end()

    def _act(self, index: int) -> None:
        store, scene = self._window.store, SCENES[index]
        deed = scene.deed
        if deed is not None:
            moment = store.moment()
            store.act(scene.caption.split(":")[0], lambda session: deed(session, moment), merge=f"demo{index}")

    def end(self) -> None:
        """End here; the session stays as it is and counts as unsaved work of nobody."""
        if self.over:
            return
        self.over = True
        self._timer.stop()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        self._caption.hide()
        store = self._window.store
        store.mark_saved(store.session, "")
        self._on_over()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """End at the user's first key or click."""
        if event.type() in _ENDING and event.spontaneous():
            self.end()
        return False

    def _say(self, text: str) -> None:
        if self._caption.text() != text:
            self._caption.setText(text)
            self._caption.adjustSize()
        strip = self._window.docks["stimulation"].dock
        below = strip.mapTo(self._window, strip.rect().topLeft()).y()
        self._caption.move(
            (self._window.width() - self._caption.width()) // 2, below - self._caption.height() - CAPTION_ABOVE_PX
        )
        self._caption.raise_()
