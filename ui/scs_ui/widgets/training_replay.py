"""The replay bar: plays a record event by event, at simulated time or faster, forwards and back."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from scs_ui.icons import icon
from scs_ui.state.looks.training import clock_text, deed_words
from scs_ui.state.training import TrainingRoom
from scs_ui.theme import Theme
from scs_ui.widgets.controls import ElidedLabel
from scs_ui.widgets.training_parts import choice

SPEEDS = {"1": "1 ×", "10": "10 ×", "60": "60 ×", "300": "300 ×"}
LEAST_MS, LONGEST_MS = 350, 5000
"""An event is shown at least this long, and waited for at most this long: pauses of minutes teach nothing."""


class ReplayBar:
    """Play or pause, frame back and forward, speed, and a slider over the events."""

    def __init__(self, room: TrainingRoom, theme: Theme) -> None:
        self._room, self._theme = room, theme
        self.widget = QWidget()
        self.play, self.back, self.forward = QToolButton(), QToolButton(), QToolButton()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Event of the replay")
        self.slider.setToolTip("Event: arrow keys go one on, PgUp and PgDown ten")
        self.slider.setMinimumHeight(24)
        self.speed = choice("Speed of the replay, times simulated time", SPEEDS)
        self.speed.setCurrentIndex(2)
        self.words, self.place = ElidedLabel(), QLabel()
        self._timer = QTimer(self.widget)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)
        layout = QHBoxLayout(self.widget)
        layout.setContentsMargins(10, 4, 10, 6)
        layout.setSpacing(6)
        for button, name, action in (
            (self.back, "Frame back, key ,", lambda: self.step(-1)),
            (self.play, "Play or pause, key Space", self.toggle),
            (self.forward, "Frame forward, key .", lambda: self.step(1)),
        ):
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.setMinimumSize(30, 28)
            button.setIconSize(QSize(16, 16))
            button.clicked.connect(action)
            layout.addWidget(button)
        layout.addWidget(self.slider, 2)
        layout.addWidget(self.place)
        layout.addWidget(self.words, 2)
        layout.addWidget(self.speed)
        self.slider.valueChanged.connect(room.go)
        self.set_theme(theme)

    @property
    def is_playing(self) -> bool:
        """Return whether it runs by itself."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play, from the beginning where the end is reached, or pause."""
        room = self._room
        if not room.is_replay:
            return
        if self.is_playing:
            self._timer.stop()
        else:
            if room.place == len(room.events):
                room.go(0)
            self._wait()
        self._show_icon()

    def step(self, by: int) -> None:
        """Go some events on; stops playing."""
        self._timer.stop()
        self._room.go(self._room.place + by)
        self._show_icon()

    def show(self) -> None:
        """Show where the replay stands; the bar is there for replays alone."""
        room = self._room
        self.widget.setVisible(room.is_replay)
        if not room.is_replay:
            self._timer.stop()
            return
        now = room.situation
        assert now is not None
        self.slider.blockSignals(True)
        self.slider.setRange(0, len(room.events))
        self.slider.setPageStep(10)
        self.slider.setValue(room.place)
        self.slider.blockSignals(False)
        self.place.setText(f"{room.place} of {len(room.events)} · {clock_text(now.clock_s)}")
        self.words.setText(deed_words(room.shown[-1]) if room.shown else "The patient comes in")
        self.back.setEnabled(room.place > 0)
        self.forward.setEnabled(room.place < len(room.events))
        self._show_icon()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.back.setIcon(icon("arrow_left", theme))
        self.forward.setIcon(icon("arrow_right", theme))
        self._show_icon()

    def _show_icon(self) -> None:
        self.play.setIcon(icon("pause" if self.is_playing else "play", self._theme))

    def _next(self) -> None:
        self._room.go(self._room.place + 1)
        if self._room.place < len(self._room.events):
            self._wait()
        self._show_icon()

    def _wait(self) -> None:
        room = self._room
        if room.place < len(room.events):
            wait_ms = 1000.0 * room.events[room.place].outcome.cost_s / float(self.speed.currentData())
            self._timer.start(round(min(max(wait_ms, LEAST_MS), LONGEST_MS)))
