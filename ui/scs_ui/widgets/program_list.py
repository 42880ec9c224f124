"""The list of programs: a model over the look's rows, and the painting of one row with its areas as chips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from scs_ui.state.draft import NAME_MAX
from scs_ui.state.looks.programs import AreaChip, ProgramRow
from scs_ui.theme import Theme

AnyIndex = QModelIndex | QPersistentModelIndex
ROW_ROLE = int(Qt.ItemDataRole.UserRole)
_PAD_PX = 10.0


class ProgramsModel(QAbstractListModel):
    """The rows of a look; renaming goes to `on_rename(index, name)`, which says whether it was done."""

    def __init__(self, on_rename: Callable[[int, str], bool]) -> None:
        super().__init__()
        self._rows: tuple[ProgramRow, ...] = ()
        self._on_rename = on_rename

    def show_rows(self, rows: tuple[ProgramRow, ...]) -> None:
        """Show other rows."""
        old = self._rows
        if [len(row.areas) for row in old] != [len(row.areas) for row in rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
            return
        self._rows = rows
        for place, (before, after) in enumerate(zip(old, rows, strict=True)):
            if before != after:
                self.dataChanged.emit(self.index(place), self.index(place))

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:
        """Return the number of programs."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the sentence, the name for editing, or the row itself."""
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.spoken.replace("; ", "\n")
        if role == Qt.ItemDataRole.EditRole:
            return row.name
        return row if role == ROW_ROLE else None

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename a program."""
        return role == Qt.ItemDataRole.EditRole and self._on_rename(index.row(), str(value))

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Return that programs can be chosen and renamed."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable


class ProgramDelegate(QStyledItemDelegate):
    """Paints one program: number, name, tag and coverage; below it a line or two for each area."""

    def __init__(self, view: QListView, theme: Theme) -> None:
        super().__init__(view)
        self._view, self._theme = view, theme

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return the height of the row at the width of the list."""
        row: ProgramRow = index.data(ROW_ROLE)
        line, width = self._line_px(), float(self._view.viewport().width())
        lines = sum(1 if self._fits(area, width) else 2 for area in row.areas)
        return QSize(round(width), round(line * (1.25 + lines) + 2.0 * _PAD_PX * 0.8 + 2.0 * len(row.areas)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint a row."""
        row: ProgramRow = index.data(ROW_ROLE)
        color, place = self._theme.color, QRectF(option.rect).adjusted(3.0, 2.0, -3.0, -2.0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(color("accent" if has_focus else "line"), 1.0) if row.is_chosen else Qt.PenStyle.NoPen)
        painter.setBrush(color("raised") if row.is_chosen else color("sunken", 0.0))
        painter.drawRoundedRect(place, 6.0, 6.0)
        if row.is_chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("accent"))
            painter.drawRoundedRect(QRectF(place.left() + 1.0, place.top() + 6.0, 3.0, place.height() - 12.0), 1.5, 1.5)
        bold = QFont(self._view.font())
        bold.setWeight(QFont.Weight.DemiBold)
        metrics, line = QFontMetricsF(bold), self._line_px()
        base = place.top() + _PAD_PX * 0.8 + metrics.ascent()
        right = place.right() - _PAD_PX
        painter.setFont(bold)
        if row.covered:
            right -= metrics.horizontalAdvance(row.covered)
            painter.setPen(color("text"))
            painter.drawText(QPointF(right, base), row.covered)
            right -= 8.0
        if row.tag:
            right -= self._pill_px()
            self._pill(painter, QRectF(right, base - metrics.ascent(), self._pill_px(), line), row.tag, row.is_chosen)
            right -= 8.0
        x_px = place.left() + _PAD_PX
        painter.setFont(self._view.font())
        painter.setPen(color("muted"))
        number = f"{row.number}"
        painter.drawText(QPointF(x_px, base), number)
        x_px += QFontMetricsF(self._view.font()).horizontalAdvance("00") + 4.0
        painter.setFont(bold)
        painter.setPen(color("text"))
        painter.drawText(QPointF(x_px, base), metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, right - x_px))
        top = base + metrics.descent() + line * 0.25
        for area in row.areas:
            top = self._paint_area(painter, area, place.left() + _PAD_PX, place.right() - _PAD_PX, top) + 2.0
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> QWidget:
        """Return a line to rename the program in."""
        editor = QLineEdit(parent)
        editor.setMaxLength(NAME_MAX)
        editor.setAccessibleName("Name of the program; no names of people")
        return editor

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        """Put the name into the line."""
        assert isinstance(editor, QLineEdit)
        editor.setText(index.data(Qt.ItemDataRole.EditRole))
        editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: AnyIndex) -> None:
        """Take the name from the line."""
        assert isinstance(editor, QLineEdit)
        model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Lay the line over the name."""
        rect = option.rect
        editor.setGeometry(rect.left() + 30, rect.top() + 4, rect.width() - 40, editor.sizeHint().height())

    def _paint_area(self, painter: QPainter, area: AreaChip, left: float, right: float, top: float) -> float:
        """Paint one area from `top` on; return where it ends."""
        color, line = self._theme.color, self._line_px()
        metrics = QFontMetricsF(self._view.font())
        base = top + metrics.ascent()
        painter.setFont(self._view.font())
        self._pill(painter, QRectF(left, top, self._pill_px(), line), area.letter, area.is_on)
        x_px = left + self._pill_px() + 8.0
        painter.setPen(color("text" if area.is_on else "faint"))
        contacts = metrics.elidedText(area.contacts, Qt.TextElideMode.ElideRight, right - x_px)
        painter.drawText(QPointF(x_px, base), contacts)
        painter.setPen(color("muted" if area.is_on else "faint"))
        if self._fits(area, float(self._view.viewport().width())):
            painter.drawText(QPointF(x_px + metrics.horizontalAdvance(f"{contacts}   "), base), area.dose)
            return top + line
        dose = metrics.elidedText(area.dose, Qt.TextElideMode.ElideRight, right - x_px)
        painter.drawText(QPointF(x_px, base + line), dose)
        return top + 2.0 * line

    def _fits(self, area: AreaChip, width_px: float) -> bool:
        needed = QFontMetricsF(self._view.font()).horizontalAdvance(f"{area.contacts}   {area.dose}")
        return needed <= width_px - 2.0 * _PAD_PX - self._pill_px() - 8.0 - 6.0

    def _line_px(self) -> float:
        return QFontMetricsF(self._view.font()).lineSpacing()

    def _pill_px(self) -> float:
        return 1.25 * self._line_px()

    def _pill(self, painter: QPainter, place: QRectF, letter: str, is_strong: bool) -> None:
        color = self._theme.color
        painter.setPen(QPen(color("accent" if is_strong else "line"), 1.0))
        painter.setBrush(color("accent", 0.18 if is_strong else 0.0))
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 4.0, 4.0)
        painter.setPen(color("text" if is_strong else "muted"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, letter)
