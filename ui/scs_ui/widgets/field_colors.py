"""Colours of field pictures, made of the theme's tokens, and the scale that stands beside a picture.

The middle of every map is transparent: where there is no field, the tissues show, dark on dark and light on light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from scs_sim.field_view import FieldKind
from scs_ui.state.looks.field_scale import SCALES, Scale
from scs_ui.theme import Theme

Lut = NDArray[np.uint8]

_BAR_PX, _TICK_PX, _GAP_PX = 12, 4, 4
_CLEAR, _STRONG = 0.05, 0.9


def mixed(theme: Theme, low: str, high: str, share: float) -> QColor:
    """Return the colour a share (0-1) of the way from one token to another."""
    first, last = theme.color(low), theme.color(high)
    pairs = zip((first.red(), first.green(), first.blue()), (last.red(), last.green(), last.blue()), strict=True)
    return QColor(*(round(a + (b - a) * share) for a, b in pairs))


def tissue_colors(theme: Theme) -> dict[str, QColor]:
    """Return the fill of each curve of an outline, and of tissues that take part of a layer."""
    warm = theme.curves[0]
    return {
        "bone": mixed(theme, "panel", "text", 0.14 if theme.is_dark else 0.10),
        "canal": mixed(theme, "panel", warm, 0.10 if theme.is_dark else 0.14),
        "dura_outer": mixed(theme, "panel", "text", 0.45),
        "dura_inner": mixed(theme, "panel", "accent", 0.10),
        "cord": mixed(theme, "panel", "text", 0.10 if theme.is_dark else 0.05),
        "grey": mixed(theme, "panel", "text", 0.24 if theme.is_dark else 0.20),
        "scar": mixed(theme, "panel", "text", 0.05),
        "paddle": mixed(theme, "panel", "lead", 0.45),
    }


def color_map(theme: Theme, kind: FieldKind) -> Lut:
    """Return the colours (256, 4) of places -1 to 1 of a kind of picture, the middle transparent."""
    ends = {
        "potential": (theme.cathode, theme.anode),
        "field": (theme.curves[2], theme.curves[2]),
        "activating": (theme.curves[5], theme.curves[0]),
    }[kind]
    place = np.linspace(-1.0, 1.0, 256)
    size = np.abs(place)
    ink = theme.color("text")
    toward = np.array([ink.red(), ink.green(), ink.blue()], dtype=np.float64)
    lut = np.zeros((256, 4))
    for sign, token in ((-1.0, ends[0]), (1.0, ends[1])):
        color = theme.color(token)
        base = np.array([color.red(), color.green(), color.blue()], dtype=np.float64)
        here = np.sign(place) == sign
        pale = np.clip((size[here] - 0.7) / 0.3, 0.0, 1.0)[:, None] * 0.45  # the strongest stand out from the strong
        lut[here, :3] = base + pale * (toward - base)
    lut[:, 3] = 255.0 * _STRONG * np.clip((size - _CLEAR) / (1.0 - _CLEAR), 0.0, 1.0) ** 0.8
    return np.round(lut).astype(np.uint8)


class FieldScaleBar(QWidget):
    """The scale: colours of the map with round values at the present amplitude beside them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._scale, self._kind, self._amplitude_ma = SCALES["potential"], "potential", 0.0
        self._theme = theme
        self._lut = color_map(theme, "potential")
        self._pixmap: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Return a width for the longest number."""
        words = max(self._small_metrics_px("\N{MINUS SIGN}10000"), self._small_metrics_px("per mA"))
        return QSize(_BAR_PX + _TICK_PX + 2 * _GAP_PX + words, 120)

    def set_map(self, theme: Theme, kind: FieldKind) -> None:
        """Show another kind of picture, or other colours."""
        self._theme, self._kind, self._scale = theme, kind, SCALES[kind]
        self._lut, self._pixmap = color_map(theme, kind), None
        self.update()

    def set_amplitude(self, amplitude_ma: float) -> None:
        """Show the numbers of another amplitude; per mA at 0."""
        if amplitude_ma != self._amplitude_ma:
            self._amplitude_ma = amplitude_ma
            self.update()

    @property
    def words(self) -> tuple[str, str]:
        """Return the unit and what it is at."""
        return self._scale.unit, f"{self._amplitude_ma:.1f} mA" if self._amplitude_ma > 0.0 else "per mA"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bar, ticks, numbers and unit."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small())
        line = painter.fontMetrics().height()
        bar = QRectF(_GAP_PX, 2.5 * line, _BAR_PX, self.height() - 3.2 * line)
        painter.drawPixmap(bar.toAlignedRect().topLeft(), self._bar_pixmap(bar))
        painter.setPen(self._theme.color("muted"))
        room = QRectF(_GAP_PX, 0.0, self.width() - _GAP_PX, line)
        for row, word in enumerate(self.words):
            painter.drawText(room.translated(0.0, row * line), int(Qt.AlignmentFlag.AlignLeft), word)
        last = -1e9
        for place, text in sorted(self._scale.ticks(self._amplitude_ma), key=lambda tick: -tick[0]):
            y = bar.bottom() - _height(self._scale, place) * bar.height()
            if y - last < 0.95 * line:
                continue
            last = y
            painter.setPen(QPen(self._theme.color("muted"), 1.0))
            painter.drawLine(QPointF(bar.right() + 1.0, y), QPointF(bar.right() + 1.0 + _TICK_PX, y))
            left = bar.right() + _TICK_PX + _GAP_PX
            painter.drawText(QRectF(left, y - line / 2.0, 80.0, line), int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()

    def _bar_pixmap(self, bar: QRectF) -> QPixmap:
        """Return the bar as it is until size, kind or theme change."""
        size, ratio = bar.toAlignedRect().size(), self.devicePixelRatioF()
        if self._pixmap is None or self._pixmap.deviceIndependentSize().toSize() != size:
            self._pixmap = QPixmap(size * ratio)
            self._pixmap.setDevicePixelRatio(ratio)
            painter = QPainter(self._pixmap)
            _paint_bar(painter, QRectF(0.0, 0.0, size.width(), size.height()), self._lut, self._scale, self._theme)
            painter.end()
        return self._pixmap

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(0.88 * font.pointSizeF())
        return font

    def _small_metrics_px(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)


def _height(scale: Scale, place: float) -> float:
    """Return how far up the bar (0-1) a place stands."""
    return (place + 1.0) / 2.0 if scale.signed else place


def _paint_bar(painter: QPainter, bar: QRectF, lut: Lut, scale: Scale, theme: Theme) -> None:
    rows = lut if scale.signed else lut[128:]
    pixels = np.ascontiguousarray(rows[::-1][:, None, :])
    image = QImage(pixels.data, 1, len(pixels), 4, QImage.Format.Format_RGBA8888)
    painter.fillRect(bar, theme.color("panel"))
    painter.drawImage(bar, image)
    painter.setPen(QPen(theme.color("line"), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar.adjusted(0.0, 0.0, -1.0, -1.0))
