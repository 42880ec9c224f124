"""The training window: one session with a virtual patient, or a replay of one; a window of its own.

It holds a TrainingRoom and shows only what the engine's Situation holds: nothing here knows what is hidden. Closing it
loses nothing, for every action is on record once it is answered.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QMessageBox, QProgressBar, QSplitter, QVBoxLayout, QWidget

from scs_sim.training.events import TrainingEvent
from scs_sim.training.record import SessionHead
from scs_sim.training.session import Clock
from scs_ui.state.training import TrainingRoom
from scs_ui.theme import Theme
from scs_ui.widgets.frame import Banner
from scs_ui.widgets.training_course import CourseBar
from scs_ui.widgets.training_leads import LeadsPanel
from scs_ui.widgets.training_papers import PapersPanel
from scs_ui.widgets.training_patient import PatientPanel
from scs_ui.widgets.training_program import ProgramPanel
from scs_ui.widgets.training_replay import ReplayBar
from scs_ui.widgets.training_worker import TrainingWorker

SIZE_PX, LEAST_PX = (1600, 950), (1180, 640)
SHARES = (290, 380, 400, 440)
BANNER_PX, NOTICE = 640, "Virtual patient · predicted paresthesia, not relief · not for patient care"
BUSY_AFTER_MS = 400
"""Usual answers take a quarter of a second: only what takes longer is announced."""


class TrainingWindow(QMainWindow):
    """Four columns under a bar: papers, leads, program, patient. on_finished: called with session and profile."""

    def __init__(self, theme: Theme, clock: Clock | None = None) -> None:
        super().__init__()
        self.setObjectName("training")
        self.setWindowTitle("Training - scs-sim")
        self.worker = TrainingWorker()
        self.room = TrainingRoom(self.worker, clock=clock)
        self.theme = theme
        self.on_closed: Callable[[], None] = lambda: None
        self.on_finished: Callable[[str, str], None] = lambda session, profile: None
        self.course, self.replay = CourseBar(self.room, theme), ReplayBar(self.room, theme)
        self.papers, self.leads = PapersPanel(self.room, theme), LeadsPanel(self.room, theme)
        self.program, self.patient = ProgramPanel(self.room, theme), PatientPanel(self.room, theme)
        self.middle, self.banner = QWidget(), Banner()
        self._busy, self._bar = QLabel(), QProgressBar()
        self._busy_timer = QTimer(self)
        self._busy_timer.setSingleShot(True)
        self._busy_timer.setInterval(BUSY_AFTER_MS)
        self._busy_timer.timeout.connect(self._show_busy)
        self._head: SessionHead | None = None
        self._lay_out()
        self.course.on_sure = self._ask_sure
        self.room.on_event = self._notice
        self.room.subscribe(self.show_all)
        self.worker.progressed.connect(lambda fraction: self._bar.setValue(round(100.0 * fraction)))
        self.resize(*SIZE_PX)
        self.set_theme(theme)

    @property
    def parts(self) -> tuple[CourseBar, PapersPanel, LeadsPanel, ProgramPanel, PatientPanel, ReplayBar]:
        """Return everything that shows the session."""
        return self.course, self.papers, self.leads, self.program, self.patient, self.replay

    def show_all(self) -> None:
        """Show the session as it stands."""
        for part in self.parts:
            part.show()
        head = self.room.head
        if head is not None and head is not self._head:
            self._head = head
            self._begin_with_focus()
        if head is not None:
            kind = "Replay" if self.room.is_replay else "Training"
            self.setWindowTitle(f"{kind}: {head.id} ({head.profile}) - scs-sim")
        self.banner.show(self.room.message)
        if not self.room.busy:
            self._busy_timer.stop()
            self._show_busy()
        elif not self._busy_timer.isActive():
            self._busy_timer.start()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.theme = theme
        for part in self.parts:
            part.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the message where it floats."""
        super().resizeEvent(event)
        self._float_banner(self.banner.is_shown)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close; everything that was done is on record."""
        self.worker.close()
        self.on_closed()
        super().closeEvent(event)
        QTimer.singleShot(0, lambda: self.deleteLater())  # whoever forgets the window now, Qt is not done with it yet

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(7)
        splitter.setChildrenCollapsible(False)
        for part in (self.papers, self.leads, self.program, self.patient):
            splitter.addWidget(part.widget)
        splitter.setSizes([*SHARES])
        layout = QVBoxLayout(self.middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.course.widget)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.replay.widget)
        self.setCentralWidget(self.middle)
        self.setMinimumSize(*LEAST_PX)
        self._bar.setFixedWidth(150)
        self._bar.setAccessibleName("Progress in percent")
        status = self.statusBar()
        status.setSizeGripEnabled(False)
        status.setContentsMargins(10, 0, 10, 0)
        status.addWidget(self._busy, 1)
        status.addPermanentWidget(self._bar)
        status.addPermanentWidget(QLabel(NOTICE))
        self.banner.widget.setParent(self)
        self.banner.widget.hide()
        self.banner.on_visible = self._float_banner

    def _begin_with_focus(self) -> None:
        """Put the focus where one goes on: keys of a replay work at once."""
        first = self.replay.play if self.room.is_replay else self.papers.buttons["referral"]
        first.setFocus()

    def _show_busy(self) -> None:
        busy = self.room.busy
        words = "The patient is answering … (Esc breaks it off)" if busy == "…" else f"{busy} …" if busy else ""
        head = self.room.head
        self._busy.setText(words or ("" if head is None else f"{head.id} · every action is on record"))
        self._bar.setVisible(bool(busy))
        if not busy:
            self._bar.setValue(0)

    def _float_banner(self, shown: bool) -> None:
        bar, wide_px = self.banner.widget, min(BANNER_PX, self.width() // 2)
        if shown:
            top_px = self.menuBar().height() + self.course.widget.height() + 6
            bar.setGeometry((self.width() - wide_px) // 2, top_px, wide_px, max(bar.heightForWidth(wide_px), 34))
            bar.raise_()
        bar.setVisible(shown)

    def _ask_sure(self, question: str, then: Callable[[], None]) -> None:
        self._question = QMessageBox(
            QMessageBox.Icon.Question,
            "Training",
            question,
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel,
            self,
        )
        self._question.setDefaultButton(QMessageBox.StandardButton.Yes)
        self._question.accepted.connect(then)
        self._question.open()

    def _notice(self, event: TrainingEvent) -> None:
        head = self.room.head
        if event.action.name in ("finish", "decline") and head is not None:
            self.on_finished(head.id, head.profile)
        elif event.action.name == "next-visit":
            self.room.say(event.outcome.report)
