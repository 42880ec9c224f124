"""About: what the app is not for, where every number comes from, whose work is in it, diagnostics for a report."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelection, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from scs_ui.icons import icon
from scs_ui.state.looks.about import about_look
from scs_ui.state.looks.sources import STATUS_WORDS, STATUSES, SourceRow, place_of, source_rows, sources_look
from scs_ui.theme import Theme

SIZE_PX = (860, 620)
_HEADERS = ("Record", "Value", "Status", "Source")
_SIGNS = {"published": "●", "derived": "◐", "assumed": "○"}
_Index = QModelIndex | QPersistentModelIndex


class AboutWindow:
    """One window with three pages: About, Sources of numbers, Licences. `open_source` answers "where is this from?"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.widget = QDialog(parent)
        self.widget.setWindowTitle("About scs-sim")
        self.widget.resize(*SIZE_PX)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Pages of About")
        self.sources = _Sources(theme)
        for page, title in (
            (_about_page(self._copy_diagnostics, self.open_source), "About"),
            (self.sources.widget, "Sources of numbers"),
            (_licences_page(), "Licences"),
        ):
            self.tabs.addTab(page, title)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(self.tabs)

    def open_about(self) -> None:
        """Show the first page."""
        self._open(0)

    def open_source(self, key: str = "") -> bool:
        """Show the table of numbers at `key` ("table:record", a record or a reference); False where it has none."""
        self._open(1)
        return self.sources.select(key)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.sources.set_theme(theme)

    def _open(self, page: int) -> None:
        self.tabs.setCurrentIndex(page)
        self.widget.show()
        self.widget.raise_()
        self.widget.activateWindow()
        if page == 1:
            self.sources.search.setFocus()

    def _copy_diagnostics(self) -> None:
        QGuiApplication.clipboard().setText(diagnostics())


def diagnostics() -> str:
    """Return versions, display, libraries and folders as text for a problem report; no names, no private paths."""
    from scs_ui.doctor import Asked, checkup
    from scs_ui.preflight import this_machine
    from scs_ui.qt_facts import qt_facts

    return checkup(this_machine(), lambda name: Asked(qt_facts())).text()


def _about_page(on_diagnostics: Callable[[], None], on_sources: Callable[[], object]) -> QWidget:
    look = about_look()
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(28, 26, 28, 20)
    layout.setSpacing(10)
    title = QLabel(look.title)
    title.setProperty("role", "big")
    font = title.font()
    font.setPointSizeF(font.pointSizeF() * 1.9)
    font.setBold(True)
    title.setFont(font)
    summary = QLabel(look.summary)
    summary.setProperty("role", "muted")
    layout.addWidget(title)
    layout.addWidget(summary)
    layout.addSpacing(8)
    card = QFrame()
    card.setProperty("surface", "banner")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(18, 14, 18, 14)
    inside.setSpacing(8)
    for place, text in enumerate(look.notice):
        line = QLabel(text)
        line.setWordWrap(True)
        line.setProperty("role", "warn" if place == 0 else "")
        if place == 0:
            bold = line.font()
            bold.setBold(True)
            line.setFont(bold)
        inside.addWidget(line)
    layout.addWidget(card)
    licence = QLabel(look.licence)
    licence.setWordWrap(True)
    layout.addWidget(licence)
    counts = QLabel(f"Every number of the model is on record. {sources_look().summary}.")
    counts.setWordWrap(True)
    layout.addWidget(counts)
    layout.addStretch(1)
    row = QHBoxLayout()
    where = QPushButton("Where do the numbers come from?")
    where.clicked.connect(lambda: on_sources())
    row.addWidget(where)
    copy = QPushButton("Copy diagnostics")
    copy.setToolTip("Copies versions, display and folders as text, for a problem report")
    copy.clicked.connect(on_diagnostics)
    copy.clicked.connect(lambda: copy.setText("Copied"))
    row.addWidget(copy)
    row.addStretch(1)
    layout.addLayout(row)
    return page


def _licences_page() -> QWidget:
    look = about_look()
    page = QTextBrowser()
    page.setAccessibleName("Licences")
    page.setFrameShape(QFrame.Shape.NoFrame)
    page.setOpenExternalLinks(True)
    page.document().setDocumentMargin(18)
    rows = "".join(
        f"<tr><td style='padding:5px 18px 5px 0'><b>{escape(item.name)}</b> {escape(item.version)}</td>"
        f"<td style='padding:5px 18px 5px 0'>{escape(item.licence)}</td>"
        f"<td style='padding:5px 0'>{escape(item.use)}</td></tr>"
        for item in look.libraries
    )
    page.setHtml(
        f"<p>{escape(look.licence)}</p><p>It stands on the work of others, each under its own licence:</p>"
        f"<table>{rows}</table>"
        "<p>Qt is used under the GNU Lesser General Public License, version 3"
        " (<a href='https://www.gnu.org/licenses/lgpl-3.0.html'>text</a>): its libraries are separate files that you"
        " may replace, and its source is at <a href='https://download.qt.io/official_releases/QtForPython/'>download.qt.io"
        "</a>. Licence texts lie in each library's folder of this installation.</p>"
    )
    return page


class _Sources:
    """The searchable table of all records, and the whole of the chosen one below it."""

    def __init__(self, theme: Theme) -> None:
        self.widget = QWidget()
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search record, value, source, citation")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search in the sources of numbers")
        self.status = QComboBox()
        self.status.setAccessibleName("Status of the numbers")
        self.status.addItem("Any status", "")
        for name in STATUSES:
            self.status.addItem(f"{_SIGNS[name]}  {name}: {STATUS_WORDS[name]}", name)
        self.model = _SourcesModel()
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Sources of numbers")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setStyleSheet("QTableView::item { padding: 0 6px; }")
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(max(26, self.table.fontMetrics().height() + 10))
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        letter = self.table.fontMetrics().averageCharWidth()
        for column, letters in ((0, 34), (2, 15), (3, 13)):
            self.table.setColumnWidth(column, letter * letters)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.detail = QTextBrowser()
        self.detail.setAccessibleName("The chosen record in full")
        self.detail.setOpenExternalLinks(True)
        self.detail.setMinimumHeight(7 * self.table.fontMetrics().height())
        self.summary = QLabel()
        self.summary.setProperty("role", "muted")
        row = QHBoxLayout()
        row.addWidget(self.search, 3)
        row.addWidget(self.status, 2)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(14, 14, 14, 12)
        layout.setSpacing(10)
        layout.addLayout(row)
        layout.addWidget(self.table, 3)
        layout.addWidget(self.detail, 1)
        layout.addWidget(self.summary)
        self.search.textChanged.connect(self._filter)
        self.status.currentIndexChanged.connect(self._filter)
        self.table.selectionModel().selectionChanged.connect(self._chosen)
        self.set_theme(theme)
        self._filter()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        for action in self.search.actions():
            if action.objectName() == "search":
                action.setIcon(icon("search", theme, "muted"))
                return
        action = self.search.addAction(icon("search", theme, "muted"), QLineEdit.ActionPosition.LeadingPosition)
        action.setObjectName("search")

    def select(self, key: str) -> bool:
        """Show all rows and choose the first that `key` means; False where there is none."""
        self.search.clear()
        self.status.setCurrentIndex(0)
        place = place_of(key) if key else None
        if place is None:
            return False
        self.table.selectRow(place)
        self.table.scrollTo(self.model.index(place, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
        return True

    def _filter(self) -> None:
        look = sources_look(self.search.text(), str(self.status.currentData()))
        self.model.show(look.rows)
        self.summary.setText(look.summary)
        if look.rows:
            self.table.selectRow(0)
        else:
            self.detail.setPlainText("No record has these words.")

    def _chosen(self, _selected: QItemSelection, _before: QItemSelection) -> None:
        rows = self.table.selectionModel().selectedRows()
        if rows:
            self.detail.setHtml(_detail_html(self.model.rows[rows[0].row()]))


def _detail_html(row: SourceRow) -> str:
    head, *lines = row.detail.split("\n")
    shown = []
    for line in lines:
        if line == row.link:
            where = line if "://" in line else f"https://doi.org/{line}" if line.startswith("10.") else ""
            shown.append(f"<a href='{escape(where)}'>{escape(line)}</a>" if where else escape(line))
        else:
            shown.append(escape(line))
    return f"<p><b>{escape(head)}</b></p><p>{'<br>'.join(shown)}</p>"


class _SourcesModel(QAbstractTableModel):
    """The rows as a table of four columns."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[SourceRow, ...] = source_rows()

    def show(self, rows: tuple[SourceRow, ...]) -> None:
        """Take other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, or the whole record as its tooltip."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            texts = (row.record, row.values, f"{_SIGNS[row.status]}  {row.status}", row.source)
            return texts[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.detail
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the title of a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADERS[section]
        return None
