"""ContactTablePanel: every contact in words and numbers, the accessible twin of the spine view, all by keyboard."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QMenu,
    QSpinBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from scs_sim.program import GENERATOR
from scs_ui.state.actions import contacts
from scs_ui.state.looks.contacts import COLUMNS, SIGN_WORDS, ContactRow, cells, contact_rows, described
from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.spine_menu import spine_menu

Index = QModelIndex | QPersistentModelIndex

LEAD, CONTACT, SIGN, SHARE, CURRENT, LOCK, IMPEDANCE, DENSITY, MARKS = range(len(COLUMNS))
ROW_PX = 27
NOTHING = "–"
_WIDEST = ("Case", "16", "− cathode", "100", "20.00", "locked", "12345, high", "100.0", "B− C− D−")
_NUMBERS = (SHARE, CURRENT, IMPEDANCE, DENSITY)
_CHOICES = {
    SIGN: tuple((sign, SIGN_WORDS[sign].capitalize()) for sign in (0, -1, 1)),
    LOCK: ((0, "Free"), (1, "Locked")),
}
_TOKENS = {-1: "cathode", 1: "anode"}
_Role = Qt.ItemDataRole


class ContactModel(QAbstractTableModel):
    """The rows of the table; editing a cell acts on the store."""

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__()
        self._store, self._theme = store, theme
        self._rows: tuple[ContactRow, ...] = ()
        self._cells: tuple[tuple[str, ...], ...] = ()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Return the number of contacts, with the generator."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    @property
    def rows(self) -> tuple[ContactRow, ...]:
        """Return the rows that are shown."""
        return self._rows

    def row_of(self, name: str) -> int:
        """Return the row of a contact, -1 where it is not there."""
        return next((index for index, row in enumerate(self._rows) if row.name == name), -1)

    def set_rows(self, rows: tuple[ContactRow, ...]) -> None:
        """Show other rows; views hear of those alone that changed."""
        if [row.name for row in rows] != [row.name for row in self._rows]:
            self.beginResetModel()
            self._rows, self._cells = rows, tuple(cells(row) for row in rows)
            self.endResetModel()
            return
        before, shown = self._rows, self._cells
        self._rows = rows
        self._cells = tuple(shown[index] if row == before[index] else cells(row) for index, row in enumerate(rows))
        for index, (old, new) in enumerate(zip(shown, self._cells, strict=True)):
            changed = [column for column, text in enumerate(new) if text != old[column]]
            if changed:
                self.dataChanged.emit(self.index(index, changed[0]), self.index(index, changed[-1]))

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        """Return what a cell says, its value to edit, its colour, its words for a screen reader."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        text = self._cells[index.row()][column]
        if role == _Role.DisplayRole:
            return text or NOTHING
        if role == _Role.EditRole:
            return {SIGN: row.sign, SHARE: row.percent, LOCK: int(row.locked)}.get(column, text)
        if role == _Role.TextAlignmentRole:
            return _side(column)
        if role == _Role.ForegroundRole:
            if column in (SIGN, SHARE) and row.sign:
                return self._theme.color(_TOKENS[row.sign])
            return self._theme.color("faint" if not text else "text" if row.sign else "muted")
        if role == _Role.FontRole and column in (SIGN, SHARE) and row.sign:
            bold = QFont()
            bold.setBold(True)
            return bold
        if role == _Role.AccessibleTextRole:
            return f"{row.label}, {COLUMNS[column]}: {text or 'none'}"
        if role == _Role.ToolTipRole:
            return described(row)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> Any:
        """Return the name and unit of a column."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Role.TextAlignmentRole:
            return _side(section)
        if role == _Role.DisplayRole:
            return COLUMNS[section].replace(", ", "\n")
        return COLUMNS[section] if role in (_Role.AccessibleTextRole, _Role.ToolTipRole) else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a cell."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if not index.isValid():
            return flags
        if index.column() == SIGN or (index.column() in (SHARE, LOCK) and self._rows[index.row()].sign):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        """Act on the store: sign, share, lock."""
        row = self._rows[index.row()]
        if index.column() == SIGN:
            word = SIGN_WORDS[int(value)].capitalize()
            return self._store.act(f"{word} {row.label}", lambda s: contacts.set_sign(s, row.name, int(value)))
        if index.column() == SHARE:
            return self._store.act(f"Share {row.label}", lambda s: contacts.set_percent(s, row.name, int(value)))
        if index.column() == LOCK and bool(value) != row.locked:
            return self._store.act(f"Lock {row.label}", lambda s: contacts.toggle_lock(s, row.name))
        return False


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class _Editors(QStyledItemDelegate):
    """The editors of cells: a list for sign and lock, a number box for the share."""

    def __init__(self, store: Store, model: ContactModel) -> None:
        super().__init__()
        self._store, self._model = store, model

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return the editor of a cell."""
        row = self._model.rows[index.row()]
        if index.column() in (SIGN, LOCK):
            box = QComboBox(parent)
            for value, word in _CHOICES[index.column()]:
                box.addItem(word, value)
            box.setAccessibleName(f"{COLUMNS[index.column()]} of {row.label}")
            box.activated.connect(lambda _index: self.commitData.emit(box))
            return box
        spin = QSpinBox(parent)
        spin.setRange(*contacts.percent_limits(self._store.session, row.name))
        spin.setSuffix(" %")
        spin.setAccessibleName(f"Share of {row.label}, percent")
        return spin

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Keep keys for an open editor that mean something else in the panel: Return ends the editing."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().eventFilter(editor, event)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Put the cell's value into its editor."""
        value = int(index.data(_Role.EditRole))
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(value))
        elif isinstance(editor, QSpinBox):
            editor.setValue(value)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Put the editor's value into the cell."""
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentData())
        elif isinstance(editor, QSpinBox):
            editor.interpretText()
            model.setData(index, editor.value())


class ContactTablePanel:
    """The contact table; its current row is the selected contact of the spine view."""

    title = "Contact table"
    help = (
        "Every contact of every lead, and the generator's case, in words and numbers: sign, share of the current of its"
        " sign, current, lock, impedance, charge density. It is the spine view for those who prefer a table or a screen"
        " reader: the same keys act in both. Space goes through off, cathode and anode; − + 0 choose; F2 edits a sign"
        " or a share; PgUp and PgDn change a share by 10 %, Alt with arrows by 1 %; L locks, E equalises; Ctrl with"
        " arrows steers. Numbers are the model's for the placement on screen."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store = store
        self._menu: QMenu | None = None
        self._moment_key: tuple[object, ...] = ()
        self._follows = False
        self._fitted_for: QFont | None = None
        self.model = ContactModel(store, theme)
        self._editors = _Editors(store, self.model)
        self.table = QTableView()
        self.widget: QWidget = self.table
        self._set_up()

    def show(self, moment: Moment) -> None:
        """Show the session; cells that did not change are not touched."""
        frame = moment.frame
        key = (moment.session, moment.view.selected, moment.view.count_from_zero, None if frame is None else id(frame))
        if key == self._moment_key:
            return
        self._moment_key = key
        self._follows = True
        self.model.set_rows(contact_rows(moment))
        self._fit_columns()
        at = self.model.row_of(moment.view.selected)
        now = self.table.currentIndex()
        if at >= 0 and now.row() != at:
            self.table.setCurrentIndex(self.model.index(at, now.column() if now.isValid() else SIGN))
        self._follows = False

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.model.set_theme(theme)
        self.table.viewport().update()

    def _set_up(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(self._editors)
        table.setAccessibleName("Contacts: sign, share in percent, current in mA, lock, impedance in Ω, charge density")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        table.setTabKeyNavigation(False)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setStyleSheet("QTableView::item { padding: 0 8px; }")
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        table.selectionModel().currentChanged.connect(self._select)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)

    def _fit_columns(self) -> None:
        """Make columns wide enough for their widest words, when the font is another one."""
        font = self.table.font()
        if font == self._fitted_for:
            return
        self._fitted_for = font
        bold = QFont(font)
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        for column, widest in enumerate(_WIDEST):
            words = (widest, *COLUMNS[column].split(", "))
            self.table.setColumnWidth(column, max(metrics.horizontalAdvance(word) for word in words) + 22)
        self.table.verticalHeader().setDefaultSectionSize(max(ROW_PX, metrics.height() + 10))

    def _select(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and not self._follows:
            self._store.look(selected=self.model.rows[current.row()].name)

    def _open_menu(self, at: QPoint) -> None:
        index = self.table.indexAt(at)
        name = self.model.rows[index.row()].name if index.isValid() else self._store.view.selected
        lead = 0 if name == GENERATOR else int(name.split(".")[0])
        self._menu = spine_menu(self._store, self.table, name, lead)
        self._menu.popup(self.table.viewport().mapToGlobal(at))
