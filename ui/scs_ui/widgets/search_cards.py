"""The list of suggestions: a card for each, painted, with a button that dials it; arrows choose, Enter applies."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from scs_ui.state.looks.search import CardLook, SmallBar
from scs_ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_LOOK = Qt.ItemDataRole.UserRole
_PAD_PX, _GAP_PX, _BAR_PX, _RANK_PX, _BUTTON_PX = 9.0, 5.0, 5.0, 24.0, 25.0
_SMALL_TIMES, _NARROW_TIMES = 0.9, 0.82
_NARROW_LETTERS = 17.0
"""Below this many letters of room a bar's name and number stand in two lines."""
_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SuggestionList:
    """The cards; on_choose(index) when another one is chosen, on_apply(index) when one is to be dialled."""

    def __init__(self, theme: Theme, on_choose: Callable[[int], None], on_apply: Callable[[int], None]) -> None:
        self._on_choose, self._on_apply = on_choose, on_apply
        self._cards: tuple[CardLook, ...] = ()
        self._is_quiet = False
        self.widget = QListWidget()
        self.widget.setAccessibleName("Suggestions, best first, with points and percents")
        self.widget.setToolTip("Arrows choose a suggestion, Enter dials it with its amplitude")
        self.widget.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.widget.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.widget.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.widget.setMouseTracking(True)
        self.widget.setSpacing(2)
        self.widget.setMinimumSize(180, 96)
        self._painter = CardPainter(self.widget, theme, on_apply)
        self._ears = _Ears(self)
        self.widget.setItemDelegate(self._painter)
        self.widget.installEventFilter(self._ears)
        self.widget.currentRowChanged.connect(self._choose)

    def show(self, cards: tuple[CardLook, ...], chosen: int | None) -> None:
        """Show other cards, one of them chosen (None, or beyond them: none)."""
        row = -1 if chosen is None or chosen >= len(cards) else chosen
        self._is_quiet = True
        if cards != self._cards:
            self._cards = cards
            while self.widget.count() > len(cards):
                self.widget.takeItem(self.widget.count() - 1)
            for place, card in enumerate(cards):
                item = self.widget.item(place)
                if item is None:
                    item = QListWidgetItem()
                    self.widget.addItem(item)
                item.setData(_LOOK, card)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, card.spoken)
                item.setToolTip(_tip(card))
        if row != self.widget.currentRow():
            self.widget.setCurrentRow(row)
            if row < 0:
                self.widget.clearSelection()
        self._is_quiet = False

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._painter.theme = theme
        self.widget.viewport().update()

    def button_rect(self, row: int) -> QRectF:
        """Return where a card's button lies, in the viewport."""
        return self._painter.button_rect(QRectF(self.widget.visualItemRect(self.widget.item(row))))

    def press(self, event: QKeyEvent) -> bool:
        """Apply the chosen card where Enter was pressed; return whether it was."""
        if event.key() in _KEYS and self.widget.currentRow() >= 0:
            self._on_apply(self.widget.currentRow())
            return True
        return False

    def _choose(self, row: int) -> None:
        if row >= 0 and not self._is_quiet:
            self._on_choose(row)


class _Ears(QObject):
    """Hands Enter to the list of cards."""

    def __init__(self, cards: SuggestionList) -> None:
        super().__init__()
        self._cards = cards

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Return whether the list took the key."""
        return event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._cards.press(event)


class CardPainter(QStyledItemDelegate):
    """Paints a card and hears its button."""

    def __init__(self, parent: QListWidget, theme: Theme, on_apply: Callable[[int], None]) -> None:
        super().__init__(parent)
        self.theme = theme
        self._list, self._on_apply = parent, on_apply

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a card as wide as the list."""
        line, small = QFontMetricsF(self._list.font()).height(), QFontMetricsF(self._small()).height()
        bars = small * (2.0 if self._is_narrow() else 1.0) + 2.0 + _BAR_PX
        high = 2.0 * _PAD_PX + line + _GAP_PX + max(line, _BUTTON_PX) + _GAP_PX + bars
        return QSize(self._wide() - 6, round(high))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint ground, rank, contacts, points, dose, button and bars."""
        look: CardLook = index.data(_LOOK)
        theme, card = self.theme, QRectF(_rect(option)).adjusted(1.0, 1.0, -1.0, -1.0)
        state = _state(option)
        is_chosen, is_under = (
            bool(state & QStyle.StateFlag.State_Selected),
            bool(state & QStyle.StateFlag.State_MouseOver),
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        has_keys = is_chosen and self._list.hasFocus()
        painter.setPen(QPen(theme.color("accent" if is_chosen else "line"), 2.0 if has_keys else 1.0))
        painter.setBrush(theme.color("accent", 0.12) if is_chosen else theme.color("raised" if is_under else "panel"))
        painter.drawRoundedRect(card, 7.0, 7.0)
        inner = card.adjusted(_PAD_PX, _PAD_PX, -_PAD_PX, -_PAD_PX)
        self._paint_rank(painter, inner, look.rank, is_chosen)
        left = inner.left() + _RANK_PX + 9.0
        line = QFontMetricsF(self._list.font()).height()
        head = QRectF(left, inner.top(), inner.right() - left, line)
        self._paint_head(painter, head, look)
        row = QRectF(left, head.bottom() + _GAP_PX, head.width(), max(line, _BUTTON_PX))
        taken = self._paint_button(painter, self.button_rect(QRectF(_rect(option))), look, is_under or is_chosen)
        room = row.adjusted(0, 0, -taken - 8.0, 0)
        metrics, short = QFontMetricsF(self._list.font()), look.dose.rpartition(" · ")[0]
        shown = (f"{look.dose} · {look.kind}", look.dose, short)
        painter.setFont(self._list.font())
        fits = [words for words in shown if metrics.horizontalAdvance(words) <= room.width()]
        _write(painter, room, theme.color("muted"), fits[0] if fits else short)
        bars = QRectF(inner.left(), row.bottom() + _GAP_PX, inner.width(), inner.bottom() - row.bottom() - _GAP_PX)
        self._paint_bars(painter, bars, look.bars)
        painter.restore()

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """Apply where the button was clicked; return whether it was."""
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            inside = self.button_rect(QRectF(_rect(option))).contains(event.position())
            if inside and event.button() == Qt.MouseButton.LeftButton:
                self._on_apply(index.row())
                return True
        return super().editorEvent(event, model, option, index)

    def button_rect(self, card: QRectF) -> QRectF:
        """Return where the button of a card lies."""
        metrics = QFontMetricsF(self._list.font())
        wide = max(metrics.horizontalAdvance(word) for word in ("Apply", "✓ dialled")) + 18.0
        top = card.top() + 1.0 + _PAD_PX + metrics.height() + _GAP_PX
        return QRectF(card.right() - 1.0 - _PAD_PX - wide, top, wide, max(metrics.height(), _BUTTON_PX))

    def _paint_rank(self, painter: QPainter, inner: QRectF, rank: str, is_chosen: bool) -> None:
        theme, disc = self.theme, QRectF(inner.left(), inner.top(), _RANK_PX, _RANK_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent") if is_chosen else theme.color("line"))
        painter.drawEllipse(disc)
        painter.setFont(_bold(self._list.font()))
        painter.setPen(theme.color("on_accent" if is_chosen else "text"))
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, rank)

    def _paint_head(self, painter: QPainter, head: QRectF, look: CardLook) -> None:
        theme, strong = self.theme, _bold(self._list.font())
        gain_tone = "danger" if look.gain.startswith("\N{MINUS SIGN}") else "good"
        painter.setFont(strong)
        taken = 0.0
        points = look.points if self._is_narrow() else f"{look.points} points"
        for text, tone in ((look.gain, gain_tone), (points, "text")):
            taken += _write(painter, head.adjusted(0, 0, -taken, 0), theme.color(tone), text, right=True) + 9.0
        _write(painter, head.adjusted(0, 0, -taken, 0), theme.color("text"), look.contacts)

    def _paint_button(self, painter: QPainter, box: QRectF, look: CardLook, is_loud: bool) -> float:
        theme = self.theme
        painter.setFont(self._list.font())
        if look.is_current:
            return _write(painter, box, theme.color("good"), "✓ dialled", right=True)
        painter.setPen(QPen(theme.color("accent"), 1.0))
        painter.setBrush(theme.color("accent") if is_loud else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5.0, 5.0)
        painter.setPen(theme.color("on_accent" if is_loud else "accent"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "Apply")
        return box.width()

    def _paint_bars(self, painter: QPainter, area: QRectF, bars: tuple[SmallBar, ...]) -> None:
        theme, small = self.theme, self._small()
        high, gap = QFontMetricsF(small).height(), 5.0 if self._is_narrow() else 10.0
        wide = (area.width() - gap * (len(bars) - 1)) / max(len(bars), 1)
        painter.setFont(small)
        for place, bar in enumerate(bars):
            cell = QRectF(area.left() + place * (wide + gap), area.top(), wide, high)
            if self._is_narrow():
                _write(painter, cell, theme.color("muted"), bar.name)
                cell.translate(0.0, high)
                _write(painter, cell, theme.color("text"), bar.text)
            else:
                taken = _write(painter, cell, theme.color("text"), bar.text, right=True)
                _write(painter, cell.adjusted(0, 0, -taken - 4.0, 0), theme.color("muted"), bar.name)
            groove = QRectF(cell.left(), cell.bottom() + 2.0, wide, _BAR_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("line"))
            painter.drawRoundedRect(groove, 2.5, 2.5)
            if bar.share > 0.0:
                painter.setBrush(theme.color("warn" if bar.less else "accent"))
                painter.drawRoundedRect(QRectF(groove.topLeft(), groove.size()).adjusted(
                    0, 0, -(1.0 - bar.share) * wide, 0), 2.5, 2.5)  # fmt: skip

    def _wide(self) -> int:
        return self._list.viewport().width()

    def _is_narrow(self) -> bool:
        letters = QFontMetricsF(_times(self._list.font(), _SMALL_TIMES)).averageCharWidth()
        return (self._wide() - 2.0 * _PAD_PX - 40.0) / 5.0 < _NARROW_LETTERS * letters

    def _small(self) -> QFont:
        return _times(self._list.font(), _NARROW_TIMES if self._is_narrow() else _SMALL_TIMES)


def _times(font: QFont, times: float) -> QFont:
    other = QFont(font)
    other.setPointSizeF(times * font.pointSizeF())
    return other


def _rect(option: QStyleOptionViewItem) -> QRectF:
    return QRectF(option.rect)


def _state(option: QStyleOptionViewItem) -> QStyle.StateFlag:
    found: QStyle.StateFlag = option.state
    return found


def _bold(font: QFont) -> QFont:
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    return strong


def _write(painter: QPainter, box: QRectF, colour: QColor, text: str, *, right: bool = False) -> float:
    """Write one line, cut with dots where there is no room; return how wide it is."""
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.setPen(colour)
    painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, shown)
    return metrics.horizontalAdvance(shown)


def _tip(card: CardLook) -> str:
    lines = [
        f"{card.contacts}, {card.dose} ({card.kind})",
        f"{card.points} points, {card.gain} over the program that was dialled when the search began",
        "Apply (Enter) dials contacts, pulse and this amplitude at once, as one step that undo takes back.",
        "A direct change of a contact takes the amplitude to 0; this does not: you have read the amplitude.",
    ]
    return "\n".join(lines)
