"""Cards of cases in a list: a small body map with the pain, title, how the story begins, leads and level."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF, QTextLayout, QTextOption
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from scs_models.percept.body_map import load_body_map
from scs_models.percept.dermatomes import VIEWS
from scs_sim.case import Case
from scs_sim.patient import PainMap
from scs_ui.state.looks.case_cards import CaseCard, card_of
from scs_ui.theme import Theme
from scs_ui.widgets.body_paint import path_of, region_path, rgb, silhouette

_Index = QModelIndex | QPersistentModelIndex
_PAD_PX, _GAP_PX = 14, 8
_LEAST_LETTERS, _HEIGHT_LINES = 56, 9.6
_EXCERPT_LINES = 4


def thumbnail(pain: PainMap, theme: Theme, side_px: int, ratio: float) -> QPixmap:
    """Return all views of the body with the pain, `side_px` square, sharp at the device ratio."""
    body, colours = load_body_map(), theme.picture
    pixmap = QPixmap(round(side_px * ratio), round(side_px * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scale = side_px / max(body.width, body.height)
    painter.scale(scale, scale)
    for view in VIEWS:
        painter.fillPath(silhouette(view), rgb(colours.body))
    areas = [(score, region_path(body.index(name))) for name, score in pain.scores.items() if score > 0]
    for patch in pain.polygons:
        polygon = QPolygonF([QPointF(x, y) for x, y in patch.points])
        path = path_of([])
        path.addPolygon(polygon)
        areas.append((patch.score, path))
    for score, path in areas:
        painter.fillPath(path, rgb(colours.pain, 0.3 + 0.06 * score))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(rgb(colours.outline, 0.75), 1.0 / scale))
    for view in VIEWS:
        painter.drawPath(silhouette(view))
    painter.end()
    return pixmap


class CaseCards:
    """A list of cards in columns; arrows move, typing a letter jumps, Enter or a double click opens."""

    def __init__(self, theme: Theme) -> None:
        self.model = _CardsModel()
        self.widget = QListView()
        self.widget.setModel(self.model)
        self.widget.setViewMode(QListView.ViewMode.IconMode)
        self.widget.setMovement(QListView.Movement.Static)
        self.widget.setResizeMode(QListView.ResizeMode.Adjust)
        self.widget.setUniformItemSizes(True)
        self.widget.setSpacing(_GAP_PX // 2)
        self.widget.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.widget.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.widget.setAccessibleName("Cases to begin with")
        self._painter = _CardPainter(theme, self.widget)
        self.widget.setItemDelegate(self._painter)

    @property
    def chosen(self) -> Case | None:
        """Return the case that is selected."""
        index = self.widget.currentIndex()
        return self.model.cases[index.row()] if index.isValid() else None

    def show(self, cases: tuple[Case, ...]) -> None:
        """Show these cases and select the first."""
        self.model.show(cases)
        if cases:
            self.widget.setCurrentIndex(self.model.index(0, 0))

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._painter.set_theme(theme)
        self.widget.viewport().update()


class _CardsModel(QAbstractListModel):
    """Cases as rows; the display text is what a screen reader says."""

    def __init__(self) -> None:
        super().__init__()
        self.cases: tuple[Case, ...] = ()
        self.cards: tuple[CaseCard, ...] = ()

    def show(self, cases: tuple[Case, ...]) -> None:
        """Take other cases."""
        self.beginResetModel()
        self.cases, self.cards = cases, tuple(map(card_of, cases))
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """Return how many cards there are."""
        return 0 if parent.isValid() else len(self.cases)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the title, or all words of the card."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cards[index.row()].title
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self.cards[index.row()].words
        if role == Qt.ItemDataRole.ToolTipRole:
            return " ".join(self.cases[index.row()].story.split())
        return None


class _CardPainter(QStyledItemDelegate):
    """Paints a card; thumbnails are kept until the theme, size or screen changes."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__()
        self._theme, self._view = theme, view
        self._thumbnails: dict[tuple[str, int, float], QPixmap] = {}

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._thumbnails.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the size of every card: as many columns as fit, equally wide, a height by the font."""
        metrics = QFontMetricsF(_font_of(option))
        room = self._view.viewport().width() - self._view.spacing()
        columns = max(1, int(room // (metrics.averageCharWidth() * _LEAST_LETTERS)))
        height = round(metrics.height() * _HEIGHT_LINES + 2 * _PAD_PX)
        return QSize(room // columns - self._view.spacing() - 1, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint one card."""
        model, theme = index.model(), self._theme
        if not isinstance(model, _CardsModel):
            return
        card, case = model.cards[index.row()], model.cases[index.row()]
        box, state = _rect_of(option), _state_of(option)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(box).adjusted(3.0, 3.0, -3.0, -3.0)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(
            QPen(theme.color("accent" if chosen else "faint" if hovered else "line"), 2.0 if chosen else 1.0)
        )
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(frame, 8.0, 8.0)
        inside = frame.adjusted(_PAD_PX, _PAD_PX, -_PAD_PX, -_PAD_PX)
        side = round(inside.height())
        painter.drawPixmap(inside.topLeft(), self._thumbnail(case, side, painter.device().devicePixelRatioF()))
        text = inside.adjusted(side + _PAD_PX, 0, 0, 0)
        font = _font_of(option)
        bold = QFont(font)
        bold.setBold(True)
        y = _draw_lines(painter, text, card.title, bold, theme, "text", 2) + 4.0
        below = text.adjusted(0, y - text.top(), 0, 0)
        _draw_lines(painter, below, card.excerpt, font, theme, "muted", _EXCERPT_LINES)
        line = QFontMetricsF(font).height()
        foot = QRectF(text.left(), text.bottom() - 2 * line, text.width(), 2 * line)
        _draw_lines(painter, foot, card.pain, font, theme, "text", 1)
        _draw_lines(painter, foot.adjusted(0, line, 0, 0), f"{card.leads} · {card.level}", font, theme, "text", 1)
        painter.restore()

    def _thumbnail(self, case: Case, side_px: int, ratio: float) -> QPixmap:
        key = (case.id, side_px, ratio)
        if key not in self._thumbnails:
            self._thumbnails[key] = thumbnail(case.pain, self._theme, side_px, ratio)
        return self._thumbnails[key]


def _draw_lines(painter: QPainter, box: QRectF, text: str, font: QFont, theme: Theme, token: str, most: int) -> float:
    """Draw text in at most `most` lines, the last one cut with dots; return where it ends (px)."""
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(theme.color(token))
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    y = box.top()
    for number in range(most):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(box.width())
        start, end = line.textStart(), line.textStart() + line.textLength()
        words = text[start:end]
        if number == most - 1 and end < len(text):
            words = metrics.elidedText(text[start:], Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(QPointF(box.left(), y + metrics.ascent()), words.rstrip())
        y += metrics.height()
    layout.endLayout()
    return y


# PySide6's stubs do not know the public fields of style options.
def _font_of(option: Any) -> QFont:
    font: QFont = option.font
    return font


def _rect_of(option: Any) -> QRect:
    rect: QRect = option.rect
    return rect


def _state_of(option: Any) -> QStyle.StateFlag:
    state: QStyle.StateFlag = option.state
    return state
