"""PulseTrainPanel: one pulse of the edited area with its parts, and below it two periods of every area's train.

Both have true time axes: the pulse in microseconds, the train in milliseconds, with the pulse's place in it marked.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from scs_ui.state.looks.placing import spread
from scs_ui.state.looks.pulse_train import PulseTrainLook, pulse_key, pulse_train_look, pulse_words, summary
from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.plot_labels import Readout

_SIDE_PX, _LEAD_SHARE, _GAP_PX, _TICK_PX = 22.0, 0.06, 10.0, 4.0
_TRAIN_SHARE, _ROW_PX = 0.42, 30.0
_CENTER = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class PulsePicture(QWidget):
    """Paints a pulse look; `describe` gives it words for those who do not see it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._look, self._theme = PulseTrainLook(), theme
        self._words: tuple[tuple[str, float, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(150, 110)
        self.setToolTip("Current of the cathodes over time: one pulse in µs above, the trains of all areas in ms below")

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(360, 260)

    def set_look(self, look: PulseTrainLook, theme: Theme) -> None:
        """Show another look, or other colours."""
        self._look, self._theme = look, theme
        self.setAccessibleName(f"Pulse train, current of the cathodes in mA over time: {look.title}")
        self.update()

    def set_words(self, words: tuple[tuple[str, float, float], ...]) -> None:
        """Show the currents of another amplitude."""
        if words != self._words:
            self._words = words
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pulse, its parts, the trains and what joins them."""
        look = self._look
        if look.time_us is None or look.level is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPointSizeF(0.92 * font.pointSizeF())
        painter.setFont(font)
        line = QFontMetricsF(font).height()
        train = min(max(_ROW_PX * len(look.rows), 1.4 * line) + 1.6 * line, _TRAIN_SHARE * self.height())
        above = QRectF(0.0, 0.0, self.width(), self.height() - train - _GAP_PX)
        below = QRectF(_SIDE_PX, self.height() - train, self.width() - _SIDE_PX - 8.0, train)
        self._paint_link(painter, above, below, line)
        self._paint_pulse(painter, above, line)
        self._paint_trains(painter, below, line)
        painter.end()

    def _paint_pulse(self, painter: QPainter, room: QRectF, line: float) -> None:
        look, theme = self._look, self._theme
        if look.time_us is None or look.level is None:
            return
        end_us = float(look.time_us[-1])
        x0, scale = _time_axis(room, end_us)
        top, bottom = room.top() + 1.3 * line, room.bottom() - 3.2 * line
        high, low = max(float(look.level.max()), 0.12), min(float(look.level.min()), -0.12)
        per_level = (bottom - top) / (high - low)
        zero = top + high * per_level
        painter.setPen(QPen(theme.color("line"), 1.0))
        painter.drawLine(QPointF(room.left(), zero), QPointF(room.right(), zero))
        points = [QPointF(x0 + t * scale, zero - v * per_level) for t, v in zip(look.time_us, look.level, strict=True)]
        curve = QPolygonF([QPointF(room.left(), zero), *points, QPointF(room.right(), zero)])
        for token, clip in (
            ("cathode", QRectF(room.left(), zero, room.width(), room.bottom() - zero)),
            ("anode", QRectF(room.left(), room.top(), room.width(), zero - room.top())),
        ):
            painter.save()
            painter.setClipRect(clip)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QBrush(theme.color(token, 0.28)))
            painter.drawPolygon(curve)
            painter.restore()
        painter.setPen(QPen(theme.color("text"), 1.6))
        painter.drawPolyline(curve)
        for text, from_us, level in self._words:
            x, y = x0 + from_us * scale, zero - level * per_level
            wide = QFontMetricsF(painter.font()).horizontalAdvance(text)
            left = min(max(x + 3.0, room.left() + 2.0), room.right() - wide - 2.0)
            place = QRectF(left, y - line - 1.0 if level > 0.0 else y + 1.0, wide, line)
            painter.setPen(theme.color("text"))
            painter.drawText(place, _LEFT, text)
        self._paint_parts(painter, room, x0, scale, line)

    def _paint_parts(self, painter: QPainter, room: QRectF, x0: float, scale: float, line: float) -> None:
        """Paint a bracket under every named part, and its words where they do not collide."""
        look, theme = self._look, self._theme
        metrics = QFontMetricsF(painter.font())
        y = room.bottom() - line - _TICK_PX - 2.0
        middles = [x0 + (part.from_us + part.to_us) / 2.0 * scale for part in look.parts]
        sizes = [metrics.horizontalAdvance(part.words) + 12.0 for part in look.parts]
        places = spread(middles, sizes, room.left(), room.right())
        for part, middle, size, place in zip(look.parts, middles, sizes, places, strict=True):
            left, right = x0 + part.from_us * scale, x0 + part.to_us * scale
            painter.setPen(QPen(theme.color("muted"), 1.0))
            painter.drawPolyline(
                [QPointF(left, y - _TICK_PX), QPointF(left, y), QPointF(right, y), QPointF(right, y - _TICK_PX)]
            )
            painter.drawLine(QPointF(middle, y), QPointF(place, y + _TICK_PX))
            painter.drawText(QRectF(place - size / 2.0, y + _TICK_PX, size, line), _CENTER, part.words)

    def _paint_trains(self, painter: QPainter, room: QRectF, line: float) -> None:
        look, theme = self._look, self._theme
        scale = room.width() / look.window_us
        axis = room.bottom() - 1.3 * line
        step = (axis - room.top()) / max(len(look.rows), 1)
        for place, row in enumerate(look.rows):
            base = room.top() + place * step + 4.0
            deep = (step - 8.0) * max(row.height, 0.12)
            ink = "text" if row.edited else "muted"
            painter.setPen(theme.color(ink))
            painter.drawText(QRectF(0.0, base, _SIDE_PX, step - 8.0), _CENTER, row.letter)
            painter.setPen(QPen(theme.color("line"), 1.0))
            painter.drawLine(QPointF(room.left(), base), QPointF(room.right(), base))
            painter.setPen(Qt.PenStyle.NoPen)
            for start in row.start_us.tolist():
                x = room.left() + start * scale
                painter.setBrush(theme.color("anode", 0.30))
                painter.drawRect(QRectF(x, base, max(row.busy_us * scale, 1.0), min(5.0, deep)))
                painter.setBrush(theme.color("cathode", 1.0 if row.edited else 0.6))
                for from_us, to_us in row.phases_us:
                    wide = max((to_us - from_us) * scale, 1.5)
                    painter.drawRect(QRectF(x + from_us * scale, base, wide, deep))
        painter.setPen(QPen(theme.color("line"), 1.0))
        painter.drawLine(QPointF(room.left(), axis), QPointF(room.right(), axis))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(theme.color("muted"))
        for at, words in look.ticks:
            x, wide = room.left() + at * scale, metrics.horizontalAdvance(words)
            painter.drawLine(QPointF(x, axis), QPointF(x, axis + _TICK_PX))
            left = min(max(x - wide / 2.0, 0.0), self.width() - wide)
            painter.drawText(QRectF(left, axis + _TICK_PX, wide, line), _CENTER, words)

    def _paint_link(self, painter: QPainter, above: QRectF, below: QRectF, line: float) -> None:
        """Paint the wedge that joins the first pulse of the edited area with its enlargement."""
        look, theme = self._look, self._theme
        row = next((row for row in look.rows if row.edited and len(row.start_us)), None)
        if row is None or look.time_us is None:
            return
        place = look.rows.index(row)
        scale = below.width() / look.window_us
        left = below.left() + float(row.start_us[0]) * scale
        right = left + max(row.busy_us * scale, 2.0)
        step = (below.bottom() - 1.3 * line - below.top()) / len(look.rows)
        top = below.top() + place * step
        x0, own = _time_axis(above, float(look.time_us[-1]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text", 0.05))
        painter.drawPolygon(
            QPolygonF(
                [QPointF(x0, above.bottom()), QPointF(x0 + float(look.time_us[-1]) * own, above.bottom()),
                 QPointF(right, top), QPointF(right, top + step - 4.0), QPointF(left, top + step - 4.0),
                 QPointF(left, top)]
            )
        )  # fmt: skip


def _time_axis(room: QRectF, end_us: float) -> tuple[float, float]:
    """Return where time 0 stands (px) and px per microsecond."""
    lead = _LEAD_SHARE * room.width()
    return room.left() + lead, (room.width() - 2.0 * lead) / end_us


class PulseTrainPanel:
    """The panel; see `help`."""

    is_plot = True
    title = "Pulse train"
    help = (
        "Above: the current of the cathodes during one pulse of the edited area (of a burst, the whole burst), to "
        "scale. The stimulating phase points down; what follows takes its charge back: at once, after a gap, or "
        "passively.\n"
        "Below: two periods of the slowest running area. Areas take turns; where pulses would coincide, the later "
        "letter waits until the pulse before it has recovered. Bars are the pulses, as deep as their amplitude, the "
        "pale strip behind them is recovery, when the generator is busy. Which area goes first is a choice of this "
        "drawing, not a device's."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._theme = theme
        self._key: object = None
        self._look = PulseTrainLook()
        self.rebuilds = 0
        self.widget = QWidget()
        self._picture, self._readout = PulsePicture(theme), Readout()
        self._title, self._message = QLabel(), QLabel()
        for label in (self._title, self._message):
            label.setProperty("role", "muted")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._picture)
        self._stack.addWidget(self._message)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addLayout(self._stack, 1)
        layout.addWidget(self._readout)
        self.widget.setProperty("surface", "panel")
        self.widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def show(self, moment: Moment) -> None:
        """Draw what changed; an amplitude changes words alone."""
        key = pulse_key(moment)
        if key != self._key:
            self._key = key
            self.rebuilds += 1
            self._look = pulse_train_look(moment)
            self._stack.setCurrentIndex(1 if self._look.message else 0)
            self._message.setText(self._look.message)
            self._title.setText(self._look.title)
            self._picture.set_look(self._look, self._theme)
        self._picture.set_words(pulse_words(moment, self._look))
        self._readout.set_text(summary(moment, self._look))

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._picture.set_look(self._look, theme)
