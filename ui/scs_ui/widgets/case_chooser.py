"""What to begin with: a built-in case, one from scratch, a recent file, or any file."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scs_sim.case import Case, builtin_case
from scs_ui.icons import icon
from scs_ui.state.looks.case_cards import case_cards, found_cards, recent_files
from scs_ui.state.new_case import scratch_case
from scs_ui.theme import Theme
from scs_ui.widgets.case_cards import CaseCards

SIZE_PX = (1120, 690)


class CaseChooser:
    """A window of cards. Up and Down go from the search into the cards, Enter opens, Esc leaves.

    on_case: called with the chosen case; on_file: with the path of a recent file; on_browse: to pick any file.
    """

    def __init__(
        self,
        theme: Theme,
        on_case: Callable[[Case], object],
        on_file: Callable[[str], object],
        on_browse: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        self._on_case, self._on_file, self._on_browse = on_case, on_file, on_browse
        self.widget = QDialog(parent)
        self.widget.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, parent is not None)
        self.widget.setWindowTitle("Begin with")
        self.widget.resize(*SIZE_PX)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search: foot, low back, T9, fusion …")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search the cases")
        self._lens = self.search.addAction(icon("search", theme, "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.cards = CaseCards(theme)
        self._nothing = QLabel("No case has these words.")
        self._nothing.setProperty("role", "muted")
        self.recent = QListWidget()
        self.recent.setAccessibleName("Recent files")
        self.open_button = QPushButton("Open case")
        self.scratch_button = QPushButton("Start from scratch")
        self.browse_button = QPushButton("Open a file…")
        self.cancel_button = QPushButton("Cancel")
        self._lay_out()
        self._connect()
        self.set_theme(theme)
        self.show_recent(())
        self._find("")

    def open(self) -> None:
        """Show the window with the cards in focus."""
        self.widget.open()
        self.cards.widget.setFocus()

    def show_recent(self, paths: Iterable[str]) -> None:
        """List recent files; those that are gone are grey and say so."""
        self.recent.clear()
        for file in recent_files(paths):
            item = QListWidgetItem(file.name if file.there else f"{file.name} (gone)")
            item.setToolTip(f"{file.folder}/{file.name}")
            item.setData(Qt.ItemDataRole.UserRole, file.path)
            if not file.there:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.recent.addItem(item)
        has_any = self.recent.count() > 0
        self.recent.setVisible(has_any)
        self._recent_title.setVisible(has_any)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.cards.set_theme(theme)
        self.recent.setStyleSheet(
            f"QListWidget::item {{ padding: 5px 8px; }} QListWidget::item:disabled {{ color: {theme.faint}; }}"
        )
        self._lens.setIcon(icon("search", theme, "muted"))

    def _lay_out(self) -> None:
        self._recent_title = QLabel("Recent files")
        self._recent_title.setProperty("role", "title")
        title = QLabel("Built-in cases")
        title.setProperty("role", "title")
        self.open_button.setProperty("kind", "primary")
        self.open_button.setDefault(True)
        self.recent.setFixedWidth(self.widget.fontMetrics().averageCharWidth() * 34)
        hint = QLabel("Invented patients. Do not type names, birth dates or record numbers anywhere.")
        hint.setProperty("role", "muted")
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self._recent_title)
        left.addWidget(self.recent, 1)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(title)
        right.addWidget(self.cards.widget, 1)
        right.addWidget(self._nothing)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addLayout(left)
        middle.addLayout(right, 1)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        bottom.addWidget(self.scratch_button)
        bottom.addWidget(self.browse_button)
        bottom.addWidget(hint, 1, Qt.AlignmentFlag.AlignCenter)
        bottom.addWidget(self.cancel_button)
        bottom.addWidget(self.open_button)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(self.search)
        layout.addLayout(middle, 1)
        layout.addLayout(bottom)
        for button, tip in (
            (self.open_button, "Opens the chosen case (Enter)"),
            (self.scratch_button, "Usual anatomy, one lead, low back pain: change everything from there"),
            (self.browse_button, "A session (.scsx) or a case file (.toml, .json)"),
        ):
            button.setToolTip(tip)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._find)
        keys = _Keys(self)
        self._keys = keys
        for widget in (self.search, self.cards.widget, self.recent):
            widget.installEventFilter(keys)
        self.cards.widget.doubleClicked.connect(lambda index: self.open_chosen())
        self.recent.itemActivated.connect(self._open_recent)
        self.open_button.clicked.connect(self.open_chosen)
        self.scratch_button.clicked.connect(lambda: self._take(scratch_case()))
        self.browse_button.clicked.connect(self._browse)
        self.cancel_button.clicked.connect(self.widget.reject)

    def open_chosen(self) -> None:
        """Open the case of the chosen card."""
        case = self.cards.chosen
        if case is not None:
            self._take(case)

    def open_recent(self) -> None:
        """Open the chosen recent file."""
        item = self.recent.currentItem()
        if item is not None:
            self._open_recent(item)

    def _take(self, case: Case) -> None:
        self.widget.accept()
        self._on_case(case)

    def _open_recent(self, item: QListWidgetItem) -> None:
        self.widget.accept()
        self._on_file(str(item.data(Qt.ItemDataRole.UserRole)))

    def _browse(self) -> None:
        self.widget.accept()
        self._on_browse()

    def _find(self, text: str) -> None:
        cards = found_cards(case_cards(), text)
        self.cards.show(tuple(builtin_case(card.id) for card in cards))
        self._nothing.setVisible(not cards)
        self.open_button.setEnabled(bool(cards))


class _Keys(QObject):
    """Arrows from the search into the cards, Enter opens where it stands."""

    def __init__(self, chooser: CaseChooser) -> None:
        super().__init__(chooser.widget)
        self._chooser = chooser

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys that mean something here."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        chooser, key = self._chooser, event.key()
        if watched is chooser.search and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            chooser.cards.widget.setFocus()
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if watched is chooser.recent:
                chooser.open_recent()
            else:
                chooser.open_chosen()
            return True
        return False
