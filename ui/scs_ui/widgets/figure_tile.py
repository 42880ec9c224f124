"""FigureTile: one figure, large and calm, with a bar; Enter or a click tells where it comes from."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from scs_ui.state.looks.coverage import BarLook, FigureLook, Origin
from scs_ui.theme import Theme

_SIDE_PX, _TOP_PX, _BAR_PX, _BAND_PX = 10.0, 8.0, 6.0, 5.0
# Letters of the small font that a tile needs in width: with details beside the number, and with them below it.
_WIDE_LETTERS, _NARROW_LETTERS = 25, 16
_VALUE_TIMES, _SMALL_TIMES = 1.75, 0.9
_SIGNS = {"good": "✓ ", "warn": "! ", "error": "✕ ", "info": ""}
_TONES = {"good": "good", "warn": "warn", "error": "danger", "info": "muted"}


class FigureTile(QWidget):
    """Paints a FigureLook; details stand beside the number, or below it in a narrow tile.

    asked: the tile wants to tell where its figure comes from.
    """

    asked = Signal()

    def __init__(self, look: FigureLook, theme: Theme) -> None:
        super().__init__()
        self._look, self._theme = look, theme
        self._is_under = self._is_narrow = self._is_faded = False
        self.setObjectName(f"figure.{look.id}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(f"{look.name}: where does this come from? Click, or press Enter.\n{look.origin.words}")
        self.setAccessibleName(look.spoken)

    @property
    def origin(self) -> Origin:
        """Return where the figure comes from."""
        return self._look.origin

    @property
    def look(self) -> FigureLook:
        """Return what is shown."""
        return self._look

    def show_look(self, look: FigureLook) -> None:
        """Show another figure; nothing is painted where it is the same."""
        if look == self._look:
            return
        lines, self._look = len(self._look.lines), look
        self.setAccessibleName(look.spoken)
        if len(look.lines) != lines:
            self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self.update()

    def set_narrow(self, narrow: bool) -> None:
        """Put the details below the number, or beside it."""
        if narrow != self._is_narrow:
            self._is_narrow = narrow
            self.updateGeometry()
            self.update()

    def set_faded(self, faded: bool) -> None:
        """Write the number faintly while it is an old one."""
        if faded != self._is_faded:
            self._is_faded = faded
            self.update()

    def least_width(self, narrow: bool) -> int:
        """Return the width (pixels) below which words are cut off."""
        letters = _NARROW_LETTERS if narrow else _WIDE_LETTERS
        return round(letters * QFontMetricsF(self._small()).averageCharWidth() + 2 * _SIDE_PX)

    def sizeHint(self) -> QSize:
        """Return the size that name, number, bar and lines need."""
        small, large = QFontMetricsF(self._small()), QFontMetricsF(self._large())
        number = large.height() if self._is_narrow else max(large.height(), 2 * small.height())
        lines = len(self._look.lines) + (2 if self._is_narrow else 0)
        high = 2 * _TOP_PX + small.height() * (1 + lines) + number + _BAR_PX + 4.0
        high += _BAND_PX if self._look.lines else 0.0
        return QSize(self.least_width(self._is_narrow), round(high))

    def minimumSizeHint(self) -> QSize:
        """Return the height of all lines; a tile may be narrower than its words."""
        return QSize(round(2 * _SIDE_PX), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint name, verdict, number, detail, bar, lines."""
        look, theme = self._look, self._theme
        small, large = self._small(), self._large()
        low, high = QFontMetricsF(small), QFontMetricsF(large)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._is_under or self.hasFocus():
            painter.setPen(QPen(theme.color("accent" if self.hasFocus() else "line"), 1.0))
            painter.setBrush(theme.color("raised", 0.5) if self._is_under else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5), 6.0, 6.0)
        x, y, wide = _SIDE_PX, _TOP_PX, self.width() - 2 * _SIDE_PX
        verdict = f"{_SIGNS[look.tone]}{look.verdict}" if look.verdict else ""
        head = QRectF(x, y, wide, low.height())
        row = QRectF(x, head.bottom(), wide, high.height() if self._is_narrow else max(high.height(), 2 * low.height()))
        value = high.horizontalAdvance(look.value)
        # The verdict stands beside the name; in a narrow tile, where both do not fit, beside the number.
        place = row.adjusted(value + 6.0, 0, 0, 0) if self._is_narrow else head
        taken = _line(painter, place, small, theme.color(_TONES[look.tone]), verdict, right=True)
        name = head if self._is_narrow else head.adjusted(0, 0, -taken - 6.0, 0)
        _line(painter, name, small, theme.color("muted"), look.name)
        _line(painter, row, large, theme.color("faint" if self._is_faded else "text"), look.value)
        if not self._is_narrow:
            top = row.center().y() - 0.5 * low.height() * len(look.details)
            self._paint_lines(painter, QRectF(x + value + 9.0, top, wide - value - 9.0, low.height()), look.details)
        y = row.bottom() + 2.0
        if look.bar is not None:
            self._paint_bar(painter, QRectF(x, y, wide, _BAR_PX), look.bar)
        y += _BAR_PX + 3.0 + (_BAND_PX if look.bar is not None and look.bar.band is not None else 0.0)
        lines = (*look.details, *look.lines) if self._is_narrow else look.lines
        self._paint_lines(painter, QRectF(x, y, wide, low.height()), lines)
        painter.end()

    def _paint_lines(self, painter: QPainter, first: QRectF, lines: tuple[str, ...]) -> None:
        for place, text in enumerate(lines):
            box = first.translated(0.0, place * first.height())
            _line(painter, box, self._small(), self._theme.color("muted"), text)

    def _paint_bar(self, painter: QPainter, box: QRectF, bar: BarLook) -> None:
        theme, round_px = self._theme, _BAR_PX / 2.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("line", 0.7))
        painter.drawRoundedRect(box, round_px, round_px)
        painter.setBrush(self._bar_colour())
        middle = box.center().x()
        if bar.other is not None:
            half = box.width() / 2.0
            painter.drawRect(QRectF(middle - half * bar.value, box.top(), half * (bar.value + bar.other), box.height()))
            painter.setPen(QPen(theme.color("panel"), 2.0))
            painter.drawLine(QPointF(middle, box.top()), QPointF(middle, box.bottom()))
        elif bar.value > 0.0:
            wide = max(box.width() * bar.value, _BAR_PX)
            painter.drawRoundedRect(QRectF(box.left(), box.top(), wide, box.height()), round_px, round_px)
        if bar.band is not None:
            start, at, end = (box.left() + box.width() * min(max(share, 0.0), 1.0) for share in bar.band)
            y = box.bottom() + _BAND_PX
            painter.setPen(QPen(theme.color("muted"), 1.6))
            painter.drawLine(QPointF(start, y), QPointF(end, y))
            for x, half in ((start, 2.0), (end, 2.0), (at, 3.5)):
                painter.drawLine(QPointF(x, y - half), QPointF(x, y + half))
        if bar.mark is not None:
            x = box.left() + box.width() * bar.mark
            for colour, pen in ((theme.color("panel"), 4.0), (theme.color("text"), 1.6)):
                painter.setPen(QPen(colour, pen))
                painter.drawLine(QPointF(x, box.top() - 3.0), QPointF(x, box.bottom() + 3.0))

    def _bar_colour(self) -> QColor:
        tone = self._look.tone
        return self._theme.color({"good": "good", "error": "danger"}.get(tone, "accent"))

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(_SMALL_TIMES * font.pointSizeF())
        return font

    def _large(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(_VALUE_TIMES * font.pointSizeF())
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask where the figure comes from."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask where the figure comes from."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.asked.emit()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the tile can be clicked."""
        self._is_under = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Be quiet again."""
        self._is_under = False
        self.update()


def _line(painter: QPainter, box: QRectF, font: QFont, colour: QColor, text: str, *, right: bool = False) -> float:
    """Write one line, cut with dots where the box is too narrow; return how wide it is."""
    if not text:
        return 0.0
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.setFont(font)
    painter.setPen(colour)
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, shown)
    return metrics.horizontalAdvance(shown)
