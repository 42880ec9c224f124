"""The report of a finished training in pages: score, course, what was hidden, a better path; and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QPixmap
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from scs_models.errors import ScsError
from scs_sim.report import report_html
from scs_sim.report.content import Report
from scs_sim.setting import Progress
from scs_sim.training.debrief import debrief_of
from scs_sim.training.debrief_sections import debrief_report
from scs_sim.training.record import SessionHead, recorded
from scs_ui.report_pdf import page_images, report_pdf
from scs_ui.state.exports import write_file
from scs_ui.theme import Theme
from scs_ui.widgets.paper import PAGE_WIDTH_PX
from scs_ui.widgets.training_worker import TrainingWorker

SIZE_PX = (860, 900)
_Made = tuple[SessionHead, Report]


class ReportWindow(QWidget):
    """Pages of one session's report. on_replay, on_again(case): what its buttons do; on_closed: when it goes."""

    def __init__(self, session: str, profile: str, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("trainingReport")
        self.setWindowTitle(f"Report: {session} ({profile}) - scs-sim")
        self.on_closed: Callable[[], None] = lambda: None
        self.on_replay: Callable[[], None] = lambda: None
        self.on_again: Callable[[str], None] = lambda case: None
        self._session = session
        self._report: Report | None = None
        self._case = ""
        self.worker = TrainingWorker()
        self.words = QLabel("The search looks for what was possible; this takes half a minute the first time …")
        self.words.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Progress in percent")
        self._inside = QWidget()
        self._pages = QVBoxLayout(self._inside)
        self._pages.setContentsMargins(18, 18, 18, 18)
        self._pages.setSpacing(18)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self._inside)
        area.setAccessibleName("Report, pages")
        self.replay, self.again = QPushButton("Replay"), QPushButton("Try again with another patient")
        self.save = {ending: QPushButton(f"Save as {ending[1:].upper()}…") for ending in (".html", ".pdf")}
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        self.replay.clicked.connect(lambda: self.on_replay())
        self.again.clicked.connect(lambda: self.on_again(self._case))
        self.again.setProperty("kind", "primary")
        buttons = QHBoxLayout()
        for button in (self.again, self.replay):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for ending, button in self.save.items():
            button.clicked.connect(lambda _checked=False, ending=ending: self._ask_path(ending))
            buttons.addWidget(button)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(10)
        layout.addWidget(self.words)
        layout.addWidget(self._bar)
        layout.addWidget(area, 1)
        layout.addLayout(buttons)
        for button in (self.again, *self.save.values()):
            button.setEnabled(False)
        self.resize(*SIZE_PX)
        self.set_theme(theme)
        self.worker.progressed.connect(lambda fraction: self._bar.setValue(round(100.0 * fraction)))
        self.worker.ask(lambda progress: _made(session, profile, progress), self._show, self._fail)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours: of the window alone, pages are paper."""
        self.setStyleSheet(f"#trainingReport {{ background: {theme.window}; }}")

    def write(self, path: str, ending: str) -> None:
        """Write the report to a file; what is wrong is said above the pages."""
        assert self._report is not None
        try:
            content = report_html(self._report).encode() if ending == ".html" else report_pdf(self._report)
            write_file(path, content, replace=True)
        except ScsError as error:
            self.words.setText(str(error))
        else:
            self.words.setText(f"Written: {Path(path).name}")

    def closeEvent(self, event: QCloseEvent) -> None:
        """End what runs and close."""
        self.worker.close()
        self.on_closed()
        super().closeEvent(event)
        QTimer.singleShot(0, lambda: self.deleteLater())  # whoever forgets the window now, Qt is not done with it yet

    def _show(self, made: _Made) -> None:
        head, report = made
        self._case, self._report = head.case_source, report
        self._bar.hide()
        self.words.setText("The score is about predicted paresthesia and careful work, not pain relief.")
        for number, image in enumerate(page_images(report, PAGE_WIDTH_PX, self.devicePixelRatioF())):
            page = QLabel()
            page.setPixmap(QPixmap.fromImage(image))
            page.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            page.setAccessibleName(f"Page {number + 1}")
            self._pages.addWidget(page)
        for button in (self.again, *self.save.values()):
            button.setEnabled(True)

    def _fail(self, error: Exception | None) -> None:
        self._bar.hide()
        self.words.setText(f"No report: {error}" if error is not None else "No report.")

    def _ask_path(self, ending: str) -> None:
        self._dialog = QFileDialog(self, "Write to", f"{self._session}{ending}", f"{ending[1:].upper()} (*{ending})")
        self._dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self._dialog.setDefaultSuffix(ending[1:])
        self._dialog.fileSelected.connect(lambda path: self.write(path, ending))
        self._dialog.open()


def _made(session: str, profile: str, progress: Progress) -> _Made:
    found = recorded(session, profile)
    return found.head, debrief_report(debrief_of(found, progress=progress))
