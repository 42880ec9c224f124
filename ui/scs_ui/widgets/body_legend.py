"""BodyLegend: what the colours and hatches of the body map mean, in one or two quiet lines."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from scs_ui.theme import Theme
from scs_ui.widgets.body_paint import ROOT_LEVELS, pain_brush, rgb, root_brush

_RAMP_STOPS = 24
_RAMP_PX, _SWATCH_PX, _GAP_PX, _BETWEEN_PX = 92.0, 26.0, 7.0, 22.0
_SWATCH_SCORE = 7


class BodyLegend(QWidget):
    """The ramp of intensity, the roots' hatch and the pain's; a second line where the first is too short."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName("Legend of the body map")
        self.setAccessibleDescription(
            "Colour: predicted paresthesia, intensity 0 to 100 percent. Orange hatch: dorsal root, a side effect."
            " Magenta dashed outline and hatch: pain as reported."
        )
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of one line."""
        return QSize(480, self.heightForWidth(480))

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(200, self._line_px())

    def heightForWidth(self, width: int) -> int:
        """Return the height of as many lines as are needed."""
        return self._line_px() * (1 + max(row for _, row in self._places(float(width))))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ramp and swatches with their words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        high, text = float(self._line_px()), QFontMetricsF(self._font())
        for (left, row), part in zip(self._places(float(self.width())), self._parts(), strict=True):
            mark, before, after = part
            x, top = left, row * high
            painter.setPen(self._theme.color("muted"))
            if before:
                wide = text.horizontalAdvance(before)
                painter.drawText(QRectF(x, top, wide + 1, high), Qt.AlignmentFlag.AlignVCenter, before)
                x += wide + _GAP_PX
            wide = _RAMP_PX if mark == "ramp" else _SWATCH_PX
            tall = round(0.72 * text.ascent() + 3)
            box = QRectF(x, top + (high - tall) / 2.0, wide, tall)
            self._paint_mark(painter, mark, box)
            painter.setPen(self._theme.color("muted"))
            after_box = QRectF(box.right() + _GAP_PX, top, text.horizontalAdvance(after) + 1, high)
            painter.drawText(after_box, Qt.AlignmentFlag.AlignVCenter, after)
        painter.end()

    def _paint_mark(self, painter: QPainter, mark: str, box: QRectF) -> None:
        colours, ratio = self._theme.picture, 1.0
        if mark == "ramp":
            ramp = QLinearGradient(box.topLeft(), box.topRight())
            for step in range(_RAMP_STOPS + 1):
                ramp.setColorAt(step / _RAMP_STOPS, rgb(colours.felt(step / _RAMP_STOPS)))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ramp)
            painter.drawRoundedRect(box, 2.5, 2.5)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(rgb(colours.body))
        painter.drawRoundedRect(box, 2.5, 2.5)
        if mark == "root":
            painter.setBrush(root_brush(ROOT_LEVELS - 2, 0.8, ratio, colours))
            painter.drawRoundedRect(box, 2.5, 2.5)
            return
        painter.setBrush(pain_brush(0.8, ratio, _SWATCH_SCORE, colours))
        pen = QPen(rgb(colours.pain), 1.8)
        pen.setDashPattern([3.4, 1.9])
        painter.setPen(pen)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _parts(self) -> tuple[tuple[str, str, str], ...]:
        """Return mark, words before it, words after it."""
        return (
            ("ramp", "Paresthesia 0", "100 %"),
            ("root", "", "root, a side effect"),
            ("pain", "", "pain reported"),
        )

    def _places(self, width: float) -> list[tuple[float, int]]:
        """Return the left edge and the line of each part; lines are centred."""
        text = QFontMetricsF(self._font())
        wides = []
        for mark, before, after in self._parts():
            own = _RAMP_PX if mark == "ramp" else _SWATCH_PX
            lead = text.horizontalAdvance(before) + _GAP_PX if before else 0.0
            wides.append(lead + own + _GAP_PX + text.horizontalAdvance(after))
        rows: list[list[float]] = [[]]
        for wide in wides:
            if rows[-1] and sum(rows[-1]) + wide + _BETWEEN_PX * len(rows[-1]) > width:
                rows.append([])
            rows[-1].append(wide)
        places = []
        for line, row in enumerate(rows):
            x = max(0.0, (width - sum(row) - _BETWEEN_PX * (len(row) - 1)) / 2.0)
            for wide in row:
                places.append((x, line))
                x += wide + _BETWEEN_PX
        return places

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(6.5, 0.92 * font.pointSizeF()))
        return font

    def _line_px(self) -> int:
        return round(QFontMetricsF(self._font()).height() + 6.0)
