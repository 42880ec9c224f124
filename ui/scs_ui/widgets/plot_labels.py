"""Labels beside a plot that cover neither its curves nor each other: at the ends of curves, above marks, below.

Places are computed by scs_ui.state.looks.placing; these widgets only paint, and none of them moves the layout when its
words change.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from scs_ui.state.looks.placing import spread

_SAMPLE_PX, _LEADER_PX, _GAP_PX = 16.0, 11.0, 5.0
_TICK_PX, _APART_PX = 8, 10.0
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


class EndLabels(QWidget):
    """The gutter right of a plot: for each curve a leader, a sample of its line and its words."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[tuple[str, QPen, float, float]] = []
        self._wide = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Return a width for the longest label."""
        return QSize(self._wide, 60)

    def set_labels(self, labels: list[tuple[str, QPen, float]], low_px: float, high_px: float) -> None:
        """Show labels: words, pen, height (px from the top) where the curve ends; all between low_px and high_px.

        Where there is no room for them all, they stand in the whole height of the gutter.
        """
        metrics = self.fontMetrics()
        wanted, half = [at for _, _, at in labels], metrics.height() / 2.0
        if 2.0 * half * len(labels) > high_px - low_px + 2.0 * half:
            low_px, high_px = half, max(high_px, self.height() - half)
        places = spread(wanted, [2.0 * half] * len(labels), low_px - half, high_px + half)
        self._items = [(text, pen, at, place) for (text, pen, at), place in zip(labels, places, strict=True)]
        words = max((metrics.horizontalAdvance(text) for text, _, _ in labels), default=0)
        wide = round(_LEADER_PX + _SAMPLE_PX + 2 * _GAP_PX + words) + 4 if labels else 0
        if wide != self._wide:
            self._wide = wide
            self.updateGeometry()
        self.update()

    @property
    def places_px(self) -> tuple[float, ...]:
        """Return the heights of the labels, px from the top."""
        return tuple(place for *_, place in self._items)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint leaders, samples and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self.palette().windowText().color()
        x = _LEADER_PX
        for text, pen, at, place in self._items:
            thin = QColor(pen.color())
            thin.setAlphaF(0.55)
            painter.setPen(QPen(thin, 1.0))
            painter.drawLine(QPointF(1.0, at), QPointF(x, place))
            painter.setPen(pen)
            painter.drawLine(QPointF(x, place), QPointF(x + _SAMPLE_PX, place))
            painter.setPen(ink)
            painter.drawText(QRectF(x + _SAMPLE_PX + _GAP_PX, place - 20.0, self.width(), 40.0), _LEFT, text)
        painter.end()


class MarkLabels(QWidget):
    """The strip above a plot: words over vertical marks in one row, moved aside where they would collide."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[tuple[str, QColor, float, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the height of a line and its leaders."""
        return QSize(60, self.fontMetrics().height() + _TICK_PX)

    def set_labels(self, labels: list[tuple[str, QColor, float]], low_px: float, high_px: float) -> None:
        """Show labels: words, colour, place (px from the left) of the mark; none outside low_px to high_px."""
        shown = [item for item in labels if low_px - 0.5 <= item[2] <= high_px + 0.5]
        metrics = self.fontMetrics()
        sizes = [float(metrics.horizontalAdvance(text)) + _APART_PX for text, _, _ in shown]
        places = spread([at for *_, at in shown], sizes, 0.0, float(self.width()))
        self._items = [(text, color, at, place) for (text, color, at), place in zip(shown, places, strict=True)]
        self.update()

    @property
    def places_px(self) -> tuple[float, ...]:
        """Return the middles of the labels, px from the left."""
        return tuple(place for *_, place in self._items)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words and a leader from each to its mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = self.fontMetrics().height()
        for text, color, at, place in self._items:
            painter.setPen(QPen(color, 1.0))
            painter.drawLine(QPointF(place, high + 1.0), QPointF(at, self.height()))
            painter.drawText(QRectF(place - 100.0, 0.0, 200.0, high), int(Qt.AlignmentFlag.AlignCenter), text)
        painter.end()


class Readout(QWidget):
    """Two lines (or as many as asked for) of words that change often: painted, so that no layout is computed anew."""

    def __init__(self, lines: int = 2) -> None:
        super().__init__()
        self._text, self._lines = "", lines
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the height of its lines."""
        return QSize(80, self._lines * self.fontMetrics().lineSpacing() + 2)

    @property
    def text(self) -> str:
        """Return the words."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show other words."""
        if text != self._text:
            self._text = text
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words, wrapped."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop), self._text)
        painter.end()
