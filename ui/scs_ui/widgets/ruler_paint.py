"""Painting of a dial's ruler: where things lie, the face without the handle, and the handle."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from scs_ui.state.looks.ruler import MarkKind, PlacedLabel, RulerFace, RulerLook, RulerMark, placed_labels
from scs_ui.theme import Theme

MARGIN_PX, GROOVE_PX, HANDLE_WIDTH_PX, HANDLE_HEIGHT_PX = 12.0, 12.0, 12.0, 24.0
_TICK_PX, _HATCH_PX = 4.0, 6.0
_TOKENS: dict[MarkKind, str] = {
    "pt": "pt", "comfort": "comfort", "dt": "dt", "mt": "mt", "limit": "danger", "voltage": "muted",
}  # fmt: skip


@dataclass(frozen=True)
class RulerPlan:
    """Where things lie on a ruler of `size` with `font`: rows of labels, groove, pennants and numbers."""

    size: QSizeF
    font: QFont
    has_labels: bool

    @property
    def row_px(self) -> float:
        """Return the height of one row of text."""
        return QFontMetricsF(self.fonts()[0]).height()

    @property
    def top_px(self) -> float:
        """Return where the handle begins: below the rows of labels."""
        return 2.0 * self.row_px + 2.0 if self.has_labels else 1.0

    @property
    def least_height_px(self) -> float:
        """Return the height that everything needs."""
        below = 2.0 * self.row_px - 3.0 if self.has_labels else self.row_px - 2.0
        return self.top_px + HANDLE_HEIGHT_PX + below

    def groove_px(self) -> tuple[float, float]:
        """Return where the groove begins and ends."""
        return MARGIN_PX, max(self.size.width() - MARGIN_PX, MARGIN_PX + 1.0)

    def value_px(self, face: RulerFace, value: float) -> float:
        """Return the place of a value: of handle, mark and tick alike."""
        return face.scale.px(value, *self.groove_px())

    def fonts(self) -> tuple[QFont, QFont]:
        """Return the fonts of numbers and of names."""
        plain = QFont(self.font)
        plain.setPointSizeF(self.font.pointSizeF() * 0.9)
        bold = QFont(plain)
        bold.setWeight(QFont.Weight.DemiBold)
        return plain, bold

    def groove_rect(self) -> QRectF:
        """Return the groove."""
        left, right = self.groove_px()
        middle = self.top_px + HANDLE_HEIGHT_PX / 2.0
        return QRectF(left, middle - GROOVE_PX / 2.0, right - left, GROOVE_PX)

    def handle_rect(self, face: RulerFace, value: float) -> QRectF:
        """Return the handle at `value`."""
        x_px = self.value_px(face, value)
        return QRectF(x_px - HANDLE_WIDTH_PX / 2.0, self.top_px, HANDLE_WIDTH_PX, HANDLE_HEIGHT_PX)

    def placed_marks(self, face: RulerFace) -> list[tuple[RulerMark, PlacedLabel]]:
        """Return the marks that have room for a label, with the label's place."""
        plain, bold = self.fonts()
        widths = [_label_width(_shown(mark, face), plain, bold) for mark in face.marks]
        lines = [self.value_px(face, mark.value) for mark in face.marks]
        placed = placed_labels(list(zip(lines, widths, strict=True)), 0.0, self.size.width())
        return [(mark, label) for mark, label in zip(face.marks, placed, strict=True) if label is not None]


@dataclass(frozen=True)
class FacePainter:
    """Paints a face: groove with zones, marks with labels, pennants, ticks."""

    plan: RulerPlan
    theme: Theme
    face: RulerFace

    def paint(self, painter: QPainter) -> None:
        """Paint all of it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_groove(painter)
        self._paint_marks(painter)
        self._paint_noted(painter)
        self._paint_ticks(painter)

    def _px(self, value: float) -> float:
        return self.plan.value_px(self.face, value)

    def _paint_groove(self, painter: QPainter) -> None:
        face = self.face
        groove, color = self.plan.groove_rect(), self.theme.color
        painter.setPen(QPen(color("line"), 1.0))
        painter.setBrush(color("sunken"))
        painter.drawRoundedRect(groove, 4.0, 4.0)
        painter.setPen(Qt.PenStyle.NoPen)
        high = face.scale.high
        if face.usage is not None:
            low, top, _ = face.usage
            self._fill(painter, low, min(top, high), color("usage", 0.75))
        if face.warn_from is not None and face.warn_from < high:
            end = high if face.danger_from is None else min(face.danger_from, high)
            self._hatch(painter, face.warn_from, end, color("warn", 0.8), crossed=False)
        if face.danger_from is not None and face.danger_from < high:
            self._hatch(painter, face.danger_from, high, color("danger", 0.85), crossed=False)
            self._fill(painter, face.danger_from, high, color("danger", 0.16))
        for low, end in face.closed:
            self._fill(painter, low, end, color("panel"))
            self._hatch(painter, low, end, color("faint", 0.9), crossed=True)
        if face.usage is not None and face.usage[2] <= high:
            x_px, middle = self._px(face.usage[2]), groove.center().y()
            painter.setPen(QPen(color("panel"), 1.2))
            painter.setBrush(color("comfort"))
            painter.drawPolygon(_diamond(x_px, middle, 4.0))

    def _fill(self, painter: QPainter, low: float, high: float, color: QColor) -> None:
        painter.fillRect(self._span_rect(low, high), color)

    def _span_rect(self, low: float, high: float) -> QRectF:
        groove = self.plan.groove_rect().adjusted(0.0, 1.0, 0.0, -1.0)
        left, right = self._px(low), self._px(high)
        return QRectF(left, groove.top(), max(right - left, 0.0), groove.height())

    def _hatch(self, painter: QPainter, low: float, high: float, color: QColor, *, crossed: bool) -> None:
        span = self._span_rect(low, high)
        if span.width() <= 0.0:
            return
        painter.save()
        painter.setClipRect(span)
        painter.setPen(QPen(color, 1.4))
        x_px = span.left() - span.height()
        while x_px < span.right():
            painter.drawLine(QPointF(x_px, span.bottom()), QPointF(x_px + span.height(), span.top()))
            if crossed:
                painter.drawLine(QPointF(x_px, span.top()), QPointF(x_px + span.height(), span.bottom()))
            x_px += _HATCH_PX
        painter.restore()

    def _paint_marks(self, painter: QPainter) -> None:
        face = self.face
        plain, bold = self.plan.fonts()
        metrics, groove, row_px = QFontMetricsF(plain), self.plan.groove_rect(), self.plan.row_px
        labels = {mark.kind: label for mark, label in self.plan.placed_marks(face)}
        for mark in face.marks:
            color, label = self.theme.color(_TOKENS[mark.kind]), labels.get(mark.kind)
            x_px, inside = self._px(mark.value), mark.value <= face.scale.high
            if inside:
                top = groove.top() - 4.0 if label is None else self.plan.top_px - (label.row + 1) * row_px + 3.0
                style = Qt.PenStyle.DashLine if mark.kind == "voltage" else Qt.PenStyle.SolidLine
                painter.setPen(QPen(color, 2.6 if mark.kind == "limit" else 1.6, style))
                painter.drawLine(QPointF(x_px, top), QPointF(x_px, groove.bottom() + 2.0))
                if mark.kind == "limit":
                    _paint_stop(painter, QPointF(x_px, groove.center().y()), color, self.theme.color("panel"))
            if label is None:
                continue
            base = self.plan.top_px - label.row * row_px - metrics.descent()
            name, _, number = _shown(mark, face).rpartition(" ")
            if not inside:
                name, _, number = _shown(mark, face)[:-2].rpartition(" ")
                number += " ›"
            painter.setFont(bold)
            painter.setPen(color)
            painter.drawText(QPointF(label.left_px, base), name)
            painter.setFont(plain)
            painter.setPen(self.theme.color("text"))
            offset = QFontMetricsF(bold).horizontalAdvance(name + " ")
            painter.drawText(QPointF(label.left_px + offset, base), number)

    def _paint_noted(self, painter: QPainter) -> None:
        """Paint the user's own thresholds as pennants below the groove."""
        face = self.face
        if not face.noted:
            return
        _, bold = self.plan.fonts()
        metrics, bottom = QFontMetricsF(bold), self.plan.top_px + HANDLE_HEIGHT_PX
        widths = [metrics.horizontalAdvance(noted.text) for noted in face.noted]
        lines = [self._px(noted.value) for noted in face.noted]
        placed = placed_labels(list(zip(lines, widths, strict=True)), 0.0, self.plan.size.width(), rows=1)
        painter.setFont(bold)
        groove = self.plan.groove_rect()
        for noted, x_px, label in zip(face.noted, lines, placed, strict=True):
            color = self.theme.color(_TOKENS[noted.kind])
            painter.setPen(QPen(color, 1.6))
            painter.drawLine(QPointF(x_px, groove.bottom()), QPointF(x_px, bottom + self.plan.row_px - 5.0))
            if label is None:
                continue
            way = 1.0 if label.side == "right" else -1.0
            painter.setBrush(color)
            painter.setPen(Qt.PenStyle.NoPen)
            top = bottom - 4.0
            painter.drawPolygon(
                QPolygonF([QPointF(x_px, top - 4.0), QPointF(x_px + way * 6.0, top - 1.0), QPointF(x_px, top + 2.0)])
            )
            painter.setPen(color)
            painter.drawText(QPointF(label.left_px, bottom + metrics.ascent() - 4.0), noted.text)

    def _paint_ticks(self, painter: QPainter) -> None:
        face = self.face
        plain, _ = self.plan.fonts()
        metrics, groove, color = QFontMetricsF(plain), self.plan.groove_rect(), self.theme.color
        base = self.plan.size.height() - metrics.descent() + 1.0
        painter.setFont(plain)
        taken: list[tuple[float, float]] = []
        if face.closed_text and face.closed and not self.plan.has_labels:
            taken.append(self._paint_closed_text(painter, base))
        right = -1e9
        for value, text in face.ticks:
            x_px = self._px(value)
            painter.setPen(QPen(color("muted" if text else "faint"), 1.0))
            length = _TICK_PX if text else _TICK_PX / 2.0
            painter.drawLine(QPointF(x_px, groove.bottom() + 2.0), QPointF(x_px, groove.bottom() + 2.0 + length))
            width = metrics.horizontalAdvance(text)
            start = min(max(x_px - width / 2.0, 0.0), self.plan.size.width() - width)
            span = (start, start + width)
            if (
                text
                and span[0] > right + 5.0
                and not any(span[0] < end + 5.0 and start - 5.0 < span[1] for start, end in taken)
            ):
                painter.drawText(QPointF(span[0], base), text)
                right = span[1]

    def _paint_closed_text(self, painter: QPainter, base: float) -> tuple[float, float]:
        """Paint why the dial ends, below what is closed; return from where to where, an empty span for no room."""
        face = self.face
        low, high = max(face.closed, key=lambda span: self._px(span[1]) - self._px(span[0]))
        left, right = self._px(low), self._px(high)
        groove, color = self.plan.groove_rect(), self.theme.color("warn")
        painter.setPen(QPen(color, 2.2))
        painter.drawLine(QPointF(left, groove.top() - 2.0), QPointF(left, groove.bottom() + 2.0))
        width = QFontMetricsF(painter.font()).horizontalAdvance(face.closed_text)
        if width + 8.0 > right - left:
            return (left, left)
        painter.setPen(color)
        painter.drawText(QPointF(left + 6.0, base), face.closed_text)
        return (left + 6.0, left + 6.0 + width)


def paint_handle(
    painter: QPainter, plan: RulerPlan, theme: Theme, face: RulerFace, look: RulerLook, *, has_focus: bool
) -> None:
    """Paint the handle of a look, and the groove filled up to it; nothing where there is no value."""
    if look.value is None:
        return
    color, handle, groove = theme.color, plan.handle_rect(face, look.value), plan.groove_rect()
    main = color("accent") if look.is_live and not look.is_locked else color("faint")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(main)
    painter.drawRoundedRect(
        QRectF(groove.left(), groove.center().y() - 1.5, handle.center().x() - groove.left(), 3.0), 1.5, 1.5
    )
    if has_focus:
        painter.setPen(QPen(color("text"), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(handle.adjusted(-2.5, -2.5, 2.5, 2.5), 7.0, 7.0)
    painter.setPen(QPen(color("panel"), 1.4))
    painter.setBrush(main)
    painter.drawRoundedRect(handle, 5.0, 5.0)
    painter.setPen(QPen(color("on_accent"), 1.4))
    x_px, middle = handle.center().x(), handle.center().y()
    if look.is_locked:
        painter.setBrush(color("on_accent"))
        painter.drawRect(QRectF(x_px - 2.5, middle, 5.0, 4.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawArc(QRectF(x_px - 2.0, middle - 4.0, 4.0, 7.0), 0, 180 * 16)
    else:
        painter.drawLine(QPointF(x_px, middle - 5.0), QPointF(x_px, middle + 5.0))


def _shown(mark: RulerMark, face: RulerFace) -> str:
    """Return what is written for a mark; one beyond the scale points there."""
    return mark.text if mark.value <= face.scale.high else f"{mark.text} ›"


def _label_width(text: str, plain: QFont, bold: QFont) -> float:
    return max(QFontMetricsF(bold).horizontalAdvance(text), QFontMetricsF(plain).horizontalAdvance(text)) + 1.0


def _diamond(x_px: float, y_px: float, size_px: float) -> QPolygonF:
    return QPolygonF(
        [
            QPointF(x_px, y_px - size_px),
            QPointF(x_px + size_px, y_px),
            QPointF(x_px, y_px + size_px),
            QPointF(x_px - size_px, y_px),
        ]
    )


def _paint_stop(painter: QPainter, middle: QPointF, color: QColor, inside: QColor) -> None:
    """Paint a small stop sign: an octagon with a bar."""
    angles = [math.radians(22.5 + 45.0 * corner) for corner in range(8)]
    corners = [QPointF(7.6 * math.cos(angle), 7.6 * math.sin(angle)) for angle in angles]
    painter.setPen(QPen(inside, 1.2))
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([middle + corner for corner in corners]))
    painter.setPen(QPen(inside, 2.0))
    painter.drawLine(middle - QPointF(3.4, 0.0), middle + QPointF(3.4, 0.0))
