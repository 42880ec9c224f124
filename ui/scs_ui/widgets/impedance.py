"""The impedance panel: every contact against the case, flags in colour and words, faults put in for teaching."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QBrush, QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QInputDialog,
    QLabel,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from scs_sim.lead_state import GREATEST_SERIES_OHM
from scs_ui.icons import icon
from scs_ui.state.actions import faults
from scs_ui.state.looks.impedance import FLAG_SIGNS, ContactCell, ImpedanceLook, impedance_key, impedance_look
from scs_ui.state.moment import Moment
from scs_ui.state.store import Action, Store
from scs_ui.theme import Theme

AnyIndex = QModelIndex | QPersistentModelIndex
_TOKENS = {"": "text", "short": "warn", "high": "warn", "open": "danger"}


class ImpedancePanel:
    """A grid of contacts and the menu of faults."""

    title = "Impedance"
    help = (
        "Impedance of every contact against the generator's case. Impedance check (I) measures; in practice it comes"
        " before anything else.\n"
        "A contact is flagged short, high or open, by sign, colour and word. A short is found against its neighbour.\n"
        "For teaching, faults can be put in: an open contact, some ohms in series, a short to the neighbour; the model"
        " then delivers what the circuit lets through. Clear takes them out.\n"
        "The impedance is that of the model: tissue, moist pocket, scar and faults."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._theme = store, theme
        self._key: Hashable = None
        self._look: ImpedanceLook | None = None
        self._dialog: QInputDialog | None = None
        self.widget = QWidget()
        outer = QVBoxLayout(self.widget)
        outer.setContentsMargins(8, 6, 8, 8)
        outer.setSpacing(6)
        outer.addLayout(self._buttons())
        self.model = _GridModel(theme)
        self.grid = QTableView()
        self.grid.setModel(self.model)
        self.grid.setAccessibleName("Impedance of contacts, Ω")
        self.grid.setToolTip(
            "Impedance of contacts against the case, Ω. Arrows choose a contact; the menu key puts in faults"
        )
        self.grid.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.grid.setTabKeyNavigation(False)
        self.grid.setShowGrid(False)
        self.grid.verticalHeader().hide()
        self.grid.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.grid.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.grid.horizontalHeader().setHighlightSections(False)
        self.grid.selectionModel().currentChanged.connect(self._on_current)
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(
            lambda place: self.fault_menu.popup(self.grid.viewport().mapToGlobal(place))
        )
        outer.addWidget(self.grid, 1)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        outer.addWidget(self.summary)
        self.set_theme(theme)

    def show(self, moment: Moment) -> None:
        """Show what changed."""
        key = impedance_key(moment)
        if key == self._key and self._look is not None:
            return
        self._key = key
        look, before = impedance_look(moment), self._look
        self._look = look
        self.check.setChecked(look.is_checked)
        self.model.show_look(look)
        row = self.grid.fontMetrics().height() + 10
        if self.grid.verticalHeader().defaultSectionSize() != row:
            self.grid.verticalHeader().setDefaultSectionSize(row)
        place = self.model.place_of(look.selected)
        if place is not None and place != self.grid.currentIndex():
            self.grid.setCurrentIndex(place)
        if before is None or (before.summary, before.has_problems) != (look.summary, look.has_problems):
            self.summary.setText(f"! {look.summary}" if look.has_problems else look.summary)
            self.summary.setProperty("role", "warn" if look.has_problems else "muted")
            self.summary.style().unpolish(self.summary)
            self.summary.style().polish(self.summary)
        self._clear_all.setEnabled(look.has_faults)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.check.setIcon(icon("impedance", theme))
        self.model.set_theme(theme)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self.check = QPushButton("Impedance check")
        self.check.setCheckable(True)
        self.check.setToolTip("Measure every contact, and show it here and in the spine view. Key: I")
        self.check.clicked.connect(lambda checked: self._store.look(show_impedance=checked))
        self.fault_button = QPushButton("Fault")
        self.fault_button.setToolTip("Put a fault into the chosen contact, for teaching")
        self.fault_button.setAccessibleName("Put in a fault")
        self.fault_menu = QMenu(self.fault_button)
        self.fault_menu.aboutToShow.connect(self._name_menu)
        self._open = self._fault("Open", lambda: self._inject("Open", faults.inject_open))
        self._high = self._fault("", lambda: self._inject("High impedance", faults.inject_high))
        self._other_high = self._fault("High, other resistance…", self._ask_ohm)
        self._short = self._fault("", self._inject_short)
        self.fault_menu.addSeparator()
        self._clear = self._fault("Clear this contact", lambda: self._inject("Clear fault", faults.clear))
        self._clear_all = self._fault("Clear all faults", lambda: self._act("Clear faults", faults.clear_all))
        self.fault_button.setMenu(self.fault_menu)
        row.addWidget(self.check)
        row.addStretch(1)
        row.addWidget(self.fault_button)
        check = QAction(self.widget)
        check.setShortcut("I")
        check.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        check.triggered.connect(lambda: self._store.look(show_impedance=not self._store.view.show_impedance))
        self.widget.addAction(check)
        return row

    def _fault(self, text: str, deed: Callable[[], None]) -> QAction:
        action = QAction(text, self.fault_menu)
        action.triggered.connect(lambda checked=False: deed())
        self.fault_menu.addAction(action)
        return action

    def _name_menu(self) -> None:
        """Say which contact the menu is about."""
        name = self._store.view.selected
        partner = faults.neighbour(self._store.session, name)
        self._open.setText(f"Open {name}")
        self._high.setText(f"High {name}: {faults.USUAL_SERIES_OHM:g} Ω in series")
        self._short.setText(f"Short {name} to {partner}" if partner else "Short to the neighbour")
        self._short.setEnabled(bool(partner))
        self._clear.setText(f"Clear {name}")

    def _inject(self, text: str, deed: Callable[..., Any]) -> None:
        name = self._store.view.selected
        self._act(f"{text} {name}", lambda session: deed(session, name))

    def _inject_short(self) -> None:
        name = self._store.view.selected
        partner = faults.neighbour(self._store.session, name)
        self._act(f"Short {name} to {partner}", lambda session: faults.inject_short(session, name, partner))

    def _ask_ohm(self) -> None:
        """Ask for the resistance in series."""
        name = self._store.view.selected
        dialog = QInputDialog(self.widget)
        dialog.setInputMode(QInputDialog.InputMode.IntInput)
        dialog.setIntRange(1, int(GREATEST_SERIES_OHM))
        dialog.setIntStep(500)
        dialog.setIntValue(int(faults.USUAL_SERIES_OHM))
        dialog.setWindowTitle("High impedance")
        dialog.setLabelText(f"Resistance in series with contact {name}, Ω")
        dialog.intValueSelected.connect(
            lambda ohm: self._act(f"High {name}", lambda session: faults.inject_high(session, name, float(ohm)))
        )
        dialog.open()
        self._dialog = dialog

    def _on_current(self, index: QModelIndex, before: QModelIndex) -> None:
        cell = self.model.cell(index)
        if cell is not None and cell.name != self._store.view.selected:
            self._store.look(selected=cell.name)

    def _act(self, text: str, action: Action) -> None:
        self._store.end_merge()
        self._store.act(text, action)


class _GridModel(QAbstractTableModel):
    """The look's columns of contacts."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._look: ImpedanceLook | None = None
        self._bold = QFont()
        self._bold.setWeight(QFont.Weight.DemiBold)

    def show_look(self, look: ImpedanceLook) -> None:
        """Show another look; the place in the grid stays where the grid has the same shape."""
        before, self._look = self._look, look
        same = before is not None and [len(c) for c in before.columns] == [len(c) for c in look.columns]
        if not same or before is None or before.headings != look.headings:
            self.beginResetModel()
            self.endResetModel()
        elif before.columns != look.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def cell(self, index: AnyIndex) -> ContactCell | None:
        """Return the contact at a place, None below the end of a column."""
        if self._look is None or not index.isValid():
            return None
        column = self._look.columns[index.column()]
        return column[index.row()] if index.row() < len(column) else None

    def place_of(self, name: str) -> QModelIndex | None:
        """Return where a contact is."""
        columns = () if self._look is None else self._look.columns
        for place, column in enumerate(columns):
            for row, cell in enumerate(column):
                if cell.name == name:
                    return self.index(row, place)
        return None

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:
        """Return the number of contacts of the longest column."""
        if parent.isValid() or self._look is None:
            return 0
        return max(len(column) for column in self._look.columns)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() or self._look is None else len(self._look.columns)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Return that contacts can be chosen, and that the room below a column cannot."""
        return super().flags(index) if self.cell(index) is not None else Qt.ItemFlag.NoItemFlags

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what Qt asks of a contact."""
        cell = self.cell(index)
        if cell is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            flag = f"   {FLAG_SIGNS[cell.flag]} {cell.flag}" if cell.flag else ""
            return f"{cell.name}   {cell.ohm}{flag}{'  *' if cell.fault else ''}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell.spoken
        if role == Qt.ItemDataRole.ForegroundRole:
            return QBrush(self._theme.color(_TOKENS[cell.flag]))
        if role == Qt.ItemDataRole.FontRole and cell.flag:
            return self._bold
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a heading."""
        if self._look is None or orientation != Qt.Orientation.Horizontal:
            return None
        return self._look.headings[section] if role == Qt.ItemDataRole.DisplayRole else None
