"""The top of the training window: visit, posture, simulated time, what is wrong so far; going on, and Stop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from scs_sim.training.case import REASONS
from scs_ui.state.looks.training import REASON_TITLES, SLIP_TITLES, clock_text, titled, visit_text
from scs_ui.state.training import TrainingRoom
from scs_ui.theme import Theme
from scs_ui.widgets.controls import ElidedLabel, StopButton
from scs_ui.widgets.training_parts import show_reason


class CourseBar:
    """Where the session stands, and how it goes on. on_sure: asked before a step that ends the session."""

    def __init__(self, room: TrainingRoom, theme: Theme) -> None:
        self._room = room
        self.on_sure: Callable[[str, Callable[[], None]], None] = lambda question, then: then()
        self.widget = QWidget()
        self.widget.setObjectName("course")
        self.title = ElidedLabel()
        self.title.setProperty("role", "big")
        self.visit, self.clock, self.slips = QLabel(), QLabel(), QLabel()
        self.visit.setProperty("role", "muted")
        self.clock.setProperty("role", "muted")
        self.slips.setProperty("role", "warn")
        self._postures = QHBoxLayout()
        self._postures.setSpacing(4)
        self.postures: dict[str, QPushButton] = {}
        self.decline = QPushButton("Decline…")
        self.decline.setAccessibleName("Decline: stimulation is wrong for this patient")
        self._reasons = QMenu(self.decline)
        for reason in REASONS:
            self._reasons.addAction(titled(reason, REASON_TITLES)).triggered.connect(
                lambda _checked=False, reason=reason: self.refuse(reason)
            )
        self.decline.setMenu(self._reasons)
        self.next = QPushButton("Next visit")
        self.finish = QPushButton("Finish")
        self.next.setProperty("kind", "primary")
        self.next.clicked.connect(lambda: room.act("next-visit"))
        self.finish.clicked.connect(self.end)
        self.stop = StopButton(theme)
        self.stop.clicked.connect(room.stop)
        self._lay_out()

    def show(self) -> None:
        """Show where the session stands."""
        room, now = self._room, self._room.situation
        if now is None:
            self.title.setText("No session is open")
            return
        self.title.setText(now.opening.title)
        self.visit.setText(visit_text(now))
        self.clock.setText(f"{clock_text(now.clock_s)} simulated")
        kinds = [titled(slip.kind, SLIP_TITLES) for slip in now.slips]
        self.slips.setText(f"! {kinds[-1]}" if kinds else "")
        self.slips.setToolTip("\n".join(kinds))
        self._show_postures()
        show_reason(self.next, room.why_not("next-visit"), "Sends the patient home, to meet again at the next visit")
        show_reason(self.finish, room.why_not("finish"), "Ends the session; the report can be read then")
        reason = room.why_not("decline", reason=REASONS[0])
        show_reason(self.decline, reason, "Stimulation is wrong for this patient; ends the session")
        self.stop.setVisible(not room.is_replay)
        self.stop.setEnabled(not now.finished)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.stop.set_theme(theme)

    def go_on(self) -> None:
        """Go on to the next visit, or finish after the last one."""
        now = self._room.situation
        if now is not None and now.visit + 1 < len(now.opening.visits):
            self._room.act("next-visit")
        else:
            self.end()

    def end(self) -> None:
        """Finish, once the user is sure."""
        if not self._room.why_not("finish"):
            self.on_sure("Finish the session? Nothing can be added to it afterwards.", lambda: self._room.act("finish"))

    def refuse(self, reason: str) -> None:
        """Decline, once the user is sure."""
        words = titled(reason, REASON_TITLES).lower()
        question = f"Decline stimulation for this patient: {words}? This ends the session."
        self.on_sure(question, lambda: self._room.act("decline", reason=reason))

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self.widget)
        layout.setContentsMargins(10, 6, 10, 4)
        layout.setSpacing(10)
        layout.addWidget(self.title, 1)
        for item in (self.visit, self.clock, self.slips):
            layout.addWidget(item)
        layout.addLayout(self._postures)
        for button in (self.decline, self.finish, self.next):
            button.setMinimumHeight(28)
            layout.addWidget(button)
        layout.addWidget(self.stop)

    def _show_postures(self) -> None:
        room, now = self._room, self._room.situation
        assert now is not None
        names = now.open_visit.postures
        if tuple(self.postures) != names:
            for button in self.postures.values():
                self._postures.removeWidget(button)
                button.deleteLater()
            self.postures = {}
            for name in names:
                button = self.postures[name] = QPushButton(name.capitalize())
                button.setCheckable(True)
                button.setMinimumHeight(28)
                button.setAccessibleName(f"Posture: {name}")
                button.clicked.connect(lambda _checked=False, name=name: self._take(name))
                self._postures.addWidget(button)
        for name, button in self.postures.items():
            button.setChecked(name == now.posture)
            reason = "" if name == now.posture else room.why_not("posture", to=name)
            show_reason(button, reason, f"The patient is {name}" if name == now.posture else f"Asks to be {name}")

    def _take(self, name: str) -> None:
        now = self._room.situation
        if now is not None and name != now.posture:
            self._room.act("posture", to=name)
        self.show()
