"""Which training to begin, and which one to go on with, to watch again or to report: two windows to choose from."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from scs_models.errors import ScsError
from scs_sim.people import GREATEST_SEED
from scs_sim.training.case import builtin_training_case, training_case_ids
from scs_sim.training.record import USUAL_PROFILE, SessionHead, profile_path, profiles
from scs_sim.training.session import PRACTICE, sessions
from scs_sim.training.situation import Opening, Situation, opening_of
from scs_ui.state.looks.training import clock_text
from scs_ui.widgets.training_parts import caption, muted

NEW_SIZE_PX, SESSIONS_SIZE_PX = (1000, 600), (720, 480)
GRADES: Mapping[int, str] = {1: "easy", 2: "fair", 3: "demanding", 4: "hard", 5: "very hard"}
_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Wanted:
    """A training to begin: case, seed (None: a patient nobody has met), profile of the trainee."""

    case: str
    seed: int | None
    profile: str


def openings() -> tuple[Opening, ...]:
    """Return what everybody knows of the built-in cases, easy ones first."""
    found = [opening_of(builtin_training_case(name)) for name in training_case_ids()]
    return tuple(sorted(found, key=lambda one: (one.grade, one.title)))


class NewTraining:
    """Cases by grade and title, with goals; profile and seed. on_begin is called with what was chosen."""

    def __init__(
        self, on_begin: Callable[[Wanted], object], profile: str = USUAL_PROFILE, parent: QWidget | None = None
    ) -> None:
        self._on_begin = on_begin
        self._openings = openings()
        self.widget = QDialog(parent)
        self.widget.setWindowTitle("New training")
        self.widget.resize(*NEW_SIZE_PX)
        self.cases = QListWidget()
        self.cases.setAccessibleName("Training cases, easy ones first")
        _roomy(self.cases)
        self.about = QTextBrowser()
        self.about.setAccessibleName("What the case is about")
        self.profile, self.seed = QLineEdit(profile), QLineEdit()
        self.profile.setAccessibleName("Profile of the trainee")
        self.profile.setToolTip("Letters, digits, - and _: a pseudonym, no name. One record per profile")
        self.seed.setAccessibleName("Seed of the patient, optional")
        self.seed.setPlaceholderText("a patient nobody has met")
        self.seed.setToolTip(f"0 to {GREATEST_SEED}: the same number, the same patient for everybody")
        self.problem = QLabel()
        self.problem.setProperty("role", "warn")
        self.begin, self.cancel = QPushButton("Begin"), QPushButton("Cancel")
        self._lay_out()
        for one in self._openings:
            item = QListWidgetItem(f"{'●' * one.grade}{'○' * (5 - one.grade)}   {one.title}")
            item.setData(_ROLE, one.case_id)
            item.setToolTip(f"Grade {one.grade} of 5: {one.title}")
            self.cases.addItem(item)
        self.cases.currentRowChanged.connect(self._show)
        self.cases.itemActivated.connect(lambda _item: self.take())
        self.begin.clicked.connect(self.take)
        self.cancel.clicked.connect(self.widget.reject)
        self.cases.setCurrentRow(0)

    def open(self) -> None:
        """Show the window with the cases in focus."""
        self.widget.open()
        self.cases.setFocus()

    def take(self) -> None:
        """Begin with what is chosen, or say what is wrong with it."""
        try:
            profile_path(self.profile.text().strip())
        except ScsError as error:
            self.problem.setText(str(error))
            self.profile.setFocus()
            return
        text = self.seed.text().strip()
        if text and not (text.isascii() and text.isdigit() and int(text) <= GREATEST_SEED):
            self.problem.setText(f"seed is {text!r}; it must be a whole number from 0 to {GREATEST_SEED}, or nothing")
            self.seed.setFocus()
            return
        case = str(self.cases.currentItem().data(_ROLE))
        self.widget.accept()
        self._on_begin(Wanted(case, int(text) if text else None, self.profile.text().strip()))

    def _show(self, row: int) -> None:
        one = self._openings[row]
        goals = "".join(f"<li>{html.escape(goal)}</li>" for goal in one.goals)
        visits = ", ".join(f"{visit.name.replace('-', ' ')} (day {visit.days:g})" for visit in one.visits)
        self.about.setHtml(
            f"<h3>{html.escape(one.title)}</h3><p>Grade {one.grade} of 5, {GRADES[one.grade]}</p>"
            f"<p>“{html.escape(one.complaint)}”</p><p><b>To learn</b></p><ul>{goals}</ul>"
            f"<p><b>Visits</b>: {html.escape(visits)}<br><b>Leads</b>: {', '.join(one.kit.lead_types)},"
            f" {one.kit.leads_count_high} at most</p>"
        )

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("Profile", self.profile)
        form.addRow("Seed", self.seed)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.about, 1)
        right.addLayout(form)
        right.addWidget(muted("Choose a pseudonym: no names. Virtual patients; predicted paresthesia, not relief."))
        middle = QHBoxLayout()
        middle.setSpacing(14)
        middle.addWidget(self.cases, 11)
        middle.addLayout(right, 10)
        _finish(self.widget, middle, (self.problem, self.cancel, self.begin))


class ChooseSession:
    """The sessions of a profile, the newest first. on_take is called with the session's id and profile.

    wants: which sessions can be chosen; the others are grey.
    """

    def __init__(
        self,
        title: str,
        button: str,
        wants: Callable[[SessionHead, Situation], bool],
        on_take: Callable[[str, str], object],
        profile: str = USUAL_PROFILE,
        parent: QWidget | None = None,
    ) -> None:
        self._wants, self._on_take = wants, on_take
        self.widget = QDialog(parent)
        self.widget.setWindowTitle(title)
        self.widget.resize(*SESSIONS_SIZE_PX)
        self.profile = QComboBox()
        self.profile.setAccessibleName("Profile of the trainee")
        self.profile.setToolTip("Profile of the trainee: one record each")
        known = profiles()
        self.profile.addItems(known or (profile,))
        self.profile.setCurrentIndex(max(self.profile.findText(profile), 0))
        self.list = QListWidget()
        self.list.setAccessibleName("Sessions, the newest first")
        _roomy(self.list)
        self.hint = muted()
        self.take_button, self.cancel = QPushButton(button), QPushButton("Cancel")
        head = QHBoxLayout()
        head.addWidget(caption("Profile"))
        head.addWidget(self.profile, 1)
        middle = QVBoxLayout()
        middle.setSpacing(10)
        middle.addLayout(head)
        middle.addWidget(self.list, 1)
        _finish(self.widget, middle, (self.hint, self.cancel, self.take_button))
        self.profile.currentTextChanged.connect(lambda _text: self._fill())
        self.list.itemActivated.connect(lambda _item: self.take())
        self.list.currentItemChanged.connect(lambda item, _old: self.take_button.setEnabled(item is not None))
        self.take_button.clicked.connect(self.take)
        self.cancel.clicked.connect(self.widget.reject)
        self._fill()

    def open(self) -> None:
        """Show the window with the sessions in focus."""
        self.widget.open()
        self.list.setFocus()

    def take(self) -> None:
        """Take the chosen session."""
        item = self.list.currentItem()
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        profile = self.profile.currentText()
        self.widget.accept()
        self._on_take(str(item.data(_ROLE)), profile)

    def _fill(self) -> None:
        self.list.clear()
        self.take_button.setEnabled(False)
        try:
            rows = sessions(self.profile.currentText())
        except ScsError as error:
            self.hint.setText(str(error))
            return
        chosen = None
        for head, now in reversed(rows):
            item = QListWidgetItem(_session_words(head, now))
            item.setData(_ROLE, head.id)
            if self._wants(head, now):
                chosen = chosen or item
            else:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        if chosen is not None:
            self.list.setCurrentItem(chosen)
        self.hint.setText("" if chosen is not None else "This profile has no such session.")


def is_open(head: SessionHead, now: Situation) -> bool:
    """Return whether a session can be gone on with here."""
    return not now.finished and head.mode == PRACTICE


def _session_words(head: SessionHead, now: Situation) -> str:
    state = (
        f"declined: {now.declined}" if now.declined else "finished" if now.finished else f"open, {now.open_visit.name}"
    )
    begun = time.strftime("%d %b %Y %H:%M", time.localtime(head.started_s))
    done = f"{now.serial} actions, {clock_text(now.clock_s)}"
    return f"{head.id}   ·   {now.opening.title}\n{begun}   ·   {state}   ·   {done}"


def _roomy(items: QListWidget) -> None:
    """Give entries room; what is too long ends in dots, its tooltip has the whole."""
    items.setStyleSheet("QListWidget::item { padding: 6px 8px; }")
    items.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def _finish(
    dialog: QDialog, middle: QHBoxLayout | QVBoxLayout, bottom: tuple[QWidget, QPushButton, QPushButton]
) -> None:
    words, cancel, take = bottom
    take.setProperty("kind", "primary")
    take.setDefault(True)
    last = QHBoxLayout()
    last.addWidget(words, 1)
    last.addWidget(cancel)
    last.addWidget(take)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(18, 16, 18, 14)
    layout.setSpacing(12)
    layout.addLayout(middle, 1)
    layout.addLayout(last)
