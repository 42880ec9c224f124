"""The programs panel: the list, thresholds noted and predicted, two programs compared, notes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QFocusEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scs_ui.icons import icon
from scs_ui.state.actions import programs
from scs_ui.state.dials import Dials
from scs_ui.state.looks.programs import NO_NAMES, ComparedRow, MarkRow, ProgramsLook, program_name, programs_look
from scs_ui.state.moment import Moment
from scs_ui.state.program_coverage import CoverageQuestion, Coverages, Covered
from scs_ui.state.store import Action, Store
from scs_ui.theme import Theme
from scs_ui.widgets.program_list import ProgramDelegate, ProgramsModel
from scs_ui.widgets.tables import Cell, WordsModel, words_view

PAUSE_MS = 400
LOW_LINES = 26
"""Lines of text below which the list becomes a page of its own."""
_MARK_TOKENS = {"pt": "pt", "comfort": "comfort", "dt": "dt", "mt": "mt"}


class ProgramsPanel:
    """The programs of the session."""

    title = "Programs"
    help = (
        "The programs of this session, each with up to four areas. A click, or the arrows, takes a program in hand;"
        " F2 or a double click renames it.\n"
        "Compare puts another program beside the one in hand; F4 swaps the two, so that A and B can be felt in turn.\n"
        "Thresholds shows what was noted for the edited area beside the model's, and calibrates the patient to the"
        " noted PT.\n"
        "Notes are yours and stay out of exports unless asked for; write no names.\n"
        "Coverage is the share of the painful area with predicted paresthesia; it says nothing about relief."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._dials, self._theme = store, Dials(store), theme
        self._look: ProgramsLook | None = None
        self._coverages = Coverages()
        self._sizes: tuple[tuple[str, str, str], ...] | None = None
        self._icons: list[tuple[QToolButton | QPushButton, str]] = []
        self.widget = _Body(self._arrange)
        outer = QVBoxLayout(self.widget)
        outer.setContentsMargins(8, 6, 8, 8)
        outer.setSpacing(6)
        outer.addLayout(self._buttons())
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._list())
        self._split.addWidget(self._tabs())
        self._split.setSizes([300, 300])
        outer.addWidget(self._split, 1)
        self.set_theme(theme)

    def show(self, moment: Moment) -> None:
        """Show what changed."""
        question = self._coverages.question(moment)
        if question is not None:
            self._ask(question)
        look, before = programs_look(moment, self._coverages.known), self._look
        if look == before:
            return
        self._look = look
        if before is None or before.rows != look.rows:
            self.model.show_rows(look.rows)
            chosen = next(row.number - 1 for row in look.rows if row.is_chosen)
            if self.list.currentIndex().row() != chosen:
                self.list.setCurrentIndex(self.model.index(chosen))
            self._swap.setEnabled(len(look.rows) > 1)
            self._compare.setEnabled(len(look.rows) > 1)
        if before is None or before.marks != look.marks or before.marks_of != look.marks_of:
            self._marks_of.setText(look.marks_of)
            self._marks.show_rows([_mark_cells(row) for row in look.marks])
        self._calibrate.setEnabled(look.can_calibrate)
        self._show_comparison()
        if self.notes.toPlainText() != look.notes:
            self.notes.blockSignals(True)
            self.notes.setPlainText(look.notes)
            self.notes.blockSignals(False)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        for button, name in self._icons:
            button.setIcon(icon(name, theme))
        self._delegate.set_theme(theme)
        self.list.viewport().update()
        self._marks.set_theme(theme)
        self._comparison.set_theme(theme)

    def _arrange(self) -> None:
        """Put the list above the pages where there is room for both, else among them as the first."""
        is_low = self.widget.height() < LOW_LINES * self.widget.fontMetrics().lineSpacing()
        is_page = self.tabs.indexOf(self.list) >= 0
        if is_low and not is_page:
            self.tabs.insertTab(0, self.list, "List")
            self.tabs.setCurrentIndex(0)
        elif is_page and not is_low:
            self.tabs.removeTab(self.tabs.indexOf(self.list))
            self._split.insertWidget(0, self.list)
            self.list.show()
            half = self.widget.height() // 2
            self._split.setSizes([half, half])

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(3)
        for drawing, name, hint, deed in (
            ("add", "New program", "Ctrl+Shift+N", lambda: self._act("New program", programs.new_program)),
            ("copy", "Duplicate program", "Ctrl+D", lambda: self._act("Duplicate program", programs.duplicate)),
            ("arrow_up", "Move program up", "Alt+Up in the list", lambda: self._move(-1)),
            ("arrow_down", "Move program down", "Alt+Down in the list", lambda: self._move(1)),
            ("trash", "Delete program", "Ctrl+Shift+Del", self._delete),
        ):
            button = QToolButton()
            button.setAccessibleName(name)
            button.setToolTip(f"{name}. Key: {hint}")
            button.setMinimumSize(28, 28)
            button.clicked.connect(lambda checked=False, deed=deed: deed())
            self._icons.append((button, drawing))
            row.addWidget(button)
        row.addStretch(1)
        self._compare = QPushButton()
        self._icons.append((self._compare, "compare"))
        self._compare.setToolTip("Compare: put another program beside the one in hand")
        self._compare.setAccessibleName("Compare with another program")
        menu = QMenu(self._compare)
        menu.aboutToShow.connect(lambda: self._fill_compare(menu))
        self._compare.setMenu(menu)
        self._swap = QPushButton()
        self._swap.setText("A|B")
        self._swap.setToolTip("Swap the two compared programs: the other one runs. Key: F4")
        self._swap.setAccessibleName("Swap A and B")
        self._swap.clicked.connect(lambda: self._act("Compare A/B", programs.swap_compared))
        row.addWidget(self._compare)
        row.addWidget(self._swap)
        return row

    def _list(self) -> QListView:
        self.list, self.model = QListView(), ProgramsModel(self._rename)
        self._delegate = ProgramDelegate(self.list, self._theme)
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.setAccessibleName("Programs")
        self.list.setToolTip("Programs: arrows choose, F2 renames, Alt+arrows move, Del deletes")
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.list.setMinimumSize(QSize(220, 60))
        self.list.selectionModel().currentChanged.connect(self._on_current)
        for keys, deed in (
            ("Alt+Up", lambda: self._move(-1)),
            ("Alt+Down", lambda: self._move(1)),
            ("Del", self._delete),
        ):
            action = QAction(self.list)
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda checked=False, deed=deed: deed())
            self.list.addAction(action)
        return self.list

    def _tabs(self) -> QTabWidget:
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Pages about the program")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self._thresholds_page(), "Thresholds")
        self._comparison = WordsModel(self._theme, ("", "A", "B"))
        self._comparison_view = words_view(self._comparison, "Comparison of two programs")
        self._comparison_view.horizontalHeader().geometriesChanged.connect(self._comparison_view.resizeRowsToContents)
        self.tabs.addTab(self._comparison_view, "Comparison")
        self.tabs.addTab(self._notes_page(), "Notes")
        self.tabs.currentChanged.connect(lambda index: self._show_comparison())
        self.tabs.setMinimumHeight(120)
        return self.tabs

    def _thresholds_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        self._marks_of = QLabel()
        self._marks_of.setProperty("role", "muted")
        self._marks_of.setWordWrap(True)
        self._marks = WordsModel(self._theme, ("", "Noted", "Model", "Differs"))
        self._calibrate = QPushButton("Calibrate the patient to the noted PT")
        self._calibrate.setToolTip("Sets the patient's gain so that the model's PT of this area is the noted one")
        self._calibrate.clicked.connect(lambda: self._dials.calibrate())
        column.addWidget(self._marks_of)
        column.addWidget(words_view(self._marks, "Thresholds of the edited area, noted and of the model, mA"), 1)
        column.addWidget(self._calibrate)
        return page

    def _notes_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        self.notes = _Notes(self._store)
        self.notes.textChanged.connect(self._on_notes)
        reminder = QLabel(NO_NAMES)
        reminder.setProperty("role", "muted")
        reminder.setWordWrap(True)
        column.addWidget(self.notes, 1)
        column.addWidget(reminder)
        return page

    def _ask(self, question: CoverageQuestion) -> None:
        """Have the programs that are not in hand answered when the user pauses."""

        def take(answer: Covered) -> None:
            if self._coverages.take(question, answer):
                self.show(self._store.moment())

        self._store.ask("programs", question, take, delay_ms=PAUSE_MS)

    def _show_comparison(self) -> None:
        """Bring the comparison up to date where it can be seen."""
        if self._look is None or self.tabs.currentWidget() is not self._comparison_view:
            return
        rows, view = self._look.compared, self._comparison_view
        sizes = tuple((row.what, row.a, row.b) for row in rows if row.is_long)
        if rows:
            self._comparison.show_rows([_compared_cells(row) for row in rows], ("", *_headings(self._look)))
        else:
            self._comparison.show_hint("Press Compare, or F4, to put another program beside this one.")
        if sizes != self._sizes:  # measuring every row takes longer than painting them
            self._sizes = sizes
            view.clearSpans()
            if not rows:
                view.setSpan(0, 0, 1, 3)
            view.resizeColumnToContents(0)
            view.resizeRowsToContents()

    def _fill_compare(self, menu: QMenu) -> None:
        menu.clear()
        session = self._store.session
        for index in range(len(session.programs)):
            if index != session.chosen:
                menu.addAction(
                    f"{index + 1}  {program_name(session, index)}",
                    partial(self._compare_with, index),
                )
        if session.compared is not None:
            menu.addSeparator()
            menu.addAction(
                "End the comparison", lambda: self._act("End comparison", lambda now: programs.compare(now, None))
            )

    def _compare_with(self, index: int) -> None:
        self._act("Compare", lambda session: programs.compare(session, index))

    def _end_comparison(self) -> None:
        self._act("End comparison", lambda session: programs.compare(session, None))

    def _on_current(self, index: QModelIndex, before: QModelIndex) -> None:
        if index.isValid() and index.row() != self._store.session.chosen:
            row = index.row()
            self._act("Choose program", lambda session: programs.choose(session, row))

    def _on_notes(self) -> None:
        text, index = self.notes.toPlainText(), self._store.session.chosen
        self._store.act("Notes", lambda session: programs.set_notes(session, text, index), merge=f"notes {index}")

    def _rename(self, index: int, name: str) -> bool:
        return self._store.act("Rename program", lambda session: programs.rename(session, index, name))

    def _move(self, steps: int) -> None:
        chosen = self._store.session.chosen
        self._act("Move program", lambda session: programs.reorder(session, chosen, chosen + steps))

    def _delete(self) -> None:
        self._act("Delete program", lambda session: programs.delete(session, session.chosen))

    def _act(self, text: str, action: Action) -> None:
        self._store.end_merge()
        self._store.act(text, action)


class _Body(QWidget):
    """The panel's widget; tells when its height has changed."""

    def __init__(self, on_resize: Callable[[], None]) -> None:
        super().__init__()
        self._on_resize = on_resize

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell it."""
        super().resizeEvent(event)
        self._on_resize()


class _Notes(QPlainTextEdit):
    """An editor of notes; leaving it ends the step of undo."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.setAccessibleName("Notes of the program")
        self.setToolTip("Notes of the program. No names, birth dates or record numbers")
        self.setPlaceholderText("What the patient says, what was tried")
        self.setTabChangesFocus(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End the step of undo."""
        self._store.end_merge()
        super().focusOutEvent(event)


def _headings(look: ProgramsLook) -> tuple[str, str]:
    return f"A  {look.compared_names[0]}", f"B  {look.compared_names[1]}"


def _mark_cells(row: MarkRow) -> tuple[Cell, ...]:
    return (
        Cell(row.short, _MARK_TOKENS[row.threshold], is_bold=True, hint=row.title),
        Cell(row.noted),
        Cell(row.model),
        Cell(row.difference, "muted"),
    )


def _compared_cells(row: ComparedRow) -> tuple[Cell, ...]:
    cells = []
    for letter, text in (("A", row.a), ("B", row.b)):
        is_better = row.better == letter
        cells.append(
            Cell(f"{text} ▲" if is_better else text, is_bold=is_better, hint=f"{text}, better" if is_better else "")
        )
    return (Cell(row.what, "muted"), *cells)
