"""Controls of the stimulation strip: the STOP button, number boxes, dials with ruler and lock, the line of verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from scs_ui.icons import icon
from scs_ui.state.looks.ruler import RulerLook
from scs_ui.state.looks.stimulation import Verdict
from scs_ui.theme import Theme
from scs_ui.widgets.ruler import ThresholdRuler

PAGE_STEPS = 10
"""What Qt makes of PgUp, PgDn and Ctrl with the wheel in a number box: here one coarse step."""
_SIGNS = {"good": "✓", "warn": "!", "error": "✕", "info": "·"}


class StopButton(QPushButton):
    """The STOP button: orange and red, hatched, with a square; it looks like nothing else in the window."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("STOP")
        self._theme = theme
        self.setAccessibleName("STOP all stimulation, every amplitude to 0 mA")
        self.setToolTip("STOP: every area to 0 mA at once. Key: Esc")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size that is hard to miss."""
        return QSize(round(self.fontMetrics().height() * 5.9), round(self.fontMetrics().height() * 4.0))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint sign and word on a hatched field."""
        theme, body = self._theme, QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(body, 8.0, 8.0)
        painter.fillPath(shape, theme.color("danger", 0.95 if self.isDown() else 0.8))
        painter.setClipPath(shape)
        painter.setPen(QPen(theme.color("warn", 0.45), 5.0))
        x_px = body.left() - body.height()
        while x_px < body.right():
            painter.drawLine(QPointF(x_px, body.bottom()), QPointF(x_px + body.height(), body.top()))
            x_px += 16.0
        large = QFont(self.font())
        large.setPointSizeF(self.font().pointSizeF() * 1.35)
        large.setWeight(QFont.Weight.Bold)
        metrics, small = QFontMetricsF(large), QFontMetricsF(self.font())
        side = metrics.ascent() * 0.9
        width = side + 7.0 + metrics.horizontalAdvance("STOP")
        left, middle = body.center().x() - width / 2.0, body.center().y() - small.height() * 0.35
        top, height = middle - metrics.height() * 0.62, metrics.height() + small.height() + 2.0
        painter.fillRect(QRectF(body.left(), top, body.width(), height), theme.color("danger"))
        painter.setClipping(False)
        painter.setPen(Qt.PenStyle.NoPen)
        ink = theme.color("window")
        painter.setBrush(ink)
        painter.drawRect(QRectF(left, middle - side / 2.0, side, side))
        painter.setPen(ink)
        painter.setFont(large)
        base = middle + metrics.ascent() / 2.0 - metrics.descent() * 0.4
        painter.drawText(QPointF(left + side + 7.0, base), "STOP")
        painter.setFont(self.font())
        painter.drawText(
            QRectF(body.left(), base + 1.0, body.width(), small.height()), Qt.AlignmentFlag.AlignCenter, "Esc"
        )
        if self.hasFocus() or self.underMouse():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text"), 2.0 if self.hasFocus() else 1.0))
            painter.drawRoundedRect(body, 8.0, 8.0)
        painter.end()


class NumberBox(QDoubleSpinBox):
    """A number with its unit; what is typed counts at once, steps are left to whoever listens.

    typed(value) on every valid change by keyboard; finished() when the editing is over; asked(steps, coarse).
    """

    typed = Signal(float)
    finished = Signal()
    asked = Signal(int, bool)

    def __init__(self, low: float, high: float, decimals: int, least_decimals: int, unit: str) -> None:
        super().__init__()
        self._least, self._is_typing, self._is_quiet = least_decimals, False, False
        self._newest: float | None = None
        self.setDecimals(decimals)
        self.setRange(low, high)
        self.setSuffix(f" {unit}")
        self.setMinimumHeight(26)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.lineEdit().textEdited.connect(self._begin_typing)
        self.valueChanged.connect(self._on_value)
        self.editingFinished.connect(self._end_typing)

    @property
    def is_typed_in(self) -> bool:
        """Return whether the user is typing a value."""
        return self._is_typing

    def show_value(self, value: float | None) -> None:
        """Show a value, unless the user is typing one."""
        self._newest = value
        if value is None or self._is_typing or self.value() == value:
            return
        self._is_quiet = True
        self.setValue(value)
        self._is_quiet = False

    def sizeHint(self) -> QSize:
        """Return a size for the longest number of the strip, so that all boxes are equally wide."""
        width = QFontMetricsF(self.font()).horizontalAdvance("10000 Hz") + 34.0
        return QSize(round(width), max(26, super().sizeHint().height()))

    def minimumSizeHint(self) -> QSize:
        """Return the same size: numbers are never cut."""
        return self.sizeHint()

    def textFromValue(self, value: float) -> str:
        """Return the number with the decimals that it needs."""
        places = next(
            (n for n in range(self._least, self.decimals()) if abs(round(value, n) - value) < 1e-9), self.decimals()
        )
        return self.locale().toString(value, "f", places)

    def stepBy(self, steps: int) -> None:
        """Ask for steps rather than take them: locks and limits are not known here."""
        self._end_typing()
        if abs(steps) >= PAGE_STEPS:
            self.asked.emit(round(steps / PAGE_STEPS), True)
        else:
            self.asked.emit(steps, False)
        self.lineEdit().selectAll()

    def _begin_typing(self) -> None:
        self._is_typing = True

    def _on_value(self, value: float) -> None:
        if not self._is_quiet:
            self.typed.emit(value)

    def _end_typing(self) -> None:
        self._is_typing = False
        self.show_value(self._newest)
        self.finished.emit()


@dataclass(frozen=True, slots=True)
class Deeds:
    """What a dial does: follow a drag, take steps, take a typed value, go to its default, lock."""

    drag: Callable[[float], object]
    step: Callable[[int, bool], object]
    set: Callable[[float], object]
    default: Callable[[], object]
    lock: Callable[[], object]
    rest: Callable[[], object]


class _Lines(QLabel):
    """Quiet lines with room for a sample, so that a change of them moves nothing."""

    def __init__(self, sample: str) -> None:
        super().__init__()
        self._sample = sample
        self.setProperty("role", "muted")

    def sizeHint(self) -> QSize:
        """Return the size of two lines of the sample."""
        metrics = QFontMetricsF(self.font())
        return QSize(round(metrics.horizontalAdvance(self._sample)) + 8, round(2.0 * metrics.lineSpacing()))

    def minimumSizeHint(self) -> QSize:
        """Return the same size."""
        return self.sizeHint()


class ElidedLabel(QLabel):
    """One line of text that ends in an ellipsis where there is no room; its tooltip has the whole.

    Another text changes no size: Qt's own setText would lay the whole window out anew, in every frame of a drag.
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        """Return the whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text; it is the accessible name too where none of its own was given."""
        if text == self._text:
            return
        if self.accessibleName() in ("", self._text):
            self.setAccessibleName(text)
        self._text = text
        self.setToolTip(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.end()


class Dial:
    """Name, ruler, number box and lock of one quantity; the panel lays them out."""

    def __init__(self, theme: Theme, box: NumberBox, deeds: Deeds, *, name: str, has_labels: bool, hint: str) -> None:
        self._theme, self._look, self._is_locked = theme, None, False
        self.title, self.under = QLabel(name), _Lines("follows comfort")
        self.ruler, self.box, self.lock = ThresholdRuler(theme, has_labels=has_labels), box, QToolButton()
        self.title.setBuddy(box)
        self.lock.setCheckable(True)
        self.lock.setProperty("kind", "flat")
        self.lock.setMinimumSize(28, 28)
        self.lock.setAccessibleName(f"Lock {name.lower()}")
        self.lock.setToolTip(f"Lock {name.lower()}: keys, mouse and typing do not change it. Key on its dial: L")
        self.ruler.setToolTip(hint)
        box.setToolTip(hint)
        box.setAccessibleName(f"{name}, {box.suffix().strip()}")
        self.ruler.moved.connect(deeds.drag)
        self.ruler.stepped.connect(deeds.step)
        self.ruler.released.connect(deeds.rest)
        self.ruler.default_asked.connect(deeds.default)
        self.ruler.lock_asked.connect(deeds.lock)
        self.lock.clicked.connect(deeds.lock)
        box.typed.connect(deeds.set)
        box.asked.connect(deeds.step)
        box.finished.connect(deeds.rest)
        self.set_theme(theme)

    @property
    def is_held(self) -> bool:
        """Return whether the mouse holds the handle, or a value is being typed."""
        return self.ruler.is_dragged or self.box.is_typed_in

    def show_look(self, look: RulerLook, under: str = "") -> None:
        """Show another look; under: lines beneath the name."""
        self.ruler.show_look(look)
        self.box.show_value(look.value)
        if under != self.under.text():
            self.under.setText(under)
        if look.is_locked != self._is_locked:
            self._is_locked = look.is_locked
            self.lock.setChecked(look.is_locked)
            self.box.setReadOnly(look.is_locked)
            self._paint_lock()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.ruler.set_theme(theme)
        self._paint_lock()

    def _paint_lock(self) -> None:
        self.lock.setIcon(
            icon("lock" if self._is_locked else "unlock", self._theme, "text" if self._is_locked else "muted")
        )


class VerdictLine(QWidget):
    """One line: what was checked, each with a sign, and figures at the right end. What does not fit is counted."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._verdicts: tuple[Verdict, ...] = ()
        self._readouts: tuple[tuple[str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumHeight(24)

    def show_verdicts(self, verdicts: tuple[Verdict, ...], readouts: tuple[tuple[str, str], ...], details: str) -> None:
        """Show other verdicts and figures; details: at length, for the tooltip."""
        if (verdicts, readouts) == (self._verdicts, self._readouts):
            return
        self._verdicts, self._readouts = verdicts, readouts
        words = "; ".join(verdict.text for verdict in verdicts)
        self.setAccessibleName(words)
        self.setToolTip(details or words)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of a line."""
        return QSize(400, max(24, round(self.fontMetrics().height() * 1.4)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint figures from the right, verdicts from the left."""
        painter, theme = QPainter(self), self._theme
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        plain, strong = QFontMetricsF(self.font()), QFontMetricsF(bold)
        base = (self.height() + plain.ascent() - plain.descent()) / 2.0
        end = float(self.width())
        for name, value in reversed(self._readouts):
            end -= strong.horizontalAdvance(value)
            painter.setFont(bold)
            painter.setPen(theme.color("text"))
            painter.drawText(QPointF(end, base), value)
            end -= plain.horizontalAdvance(f"{name}  ")
            painter.setFont(self.font())
            painter.setPen(theme.color("muted"))
            painter.drawText(QPointF(end, base), name)
            end -= 22.0
        x_px, room = 0.0, plain.horizontalAdvance("+ 99 more")
        for index, verdict in enumerate(self._verdicts):
            left = len(self._verdicts) - index
            sign_px = strong.horizontalAdvance(f"{_SIGNS[verdict.tone]} ")
            space = end - x_px - sign_px - (room if left > 1 else 0.0)
            if space < 60.0:
                painter.setFont(self.font())
                painter.setPen(theme.color("muted"))
                painter.drawText(QPointF(x_px, base), f"+ {left} more")
                break
            painter.setFont(bold)
            painter.setPen(theme.color("muted" if verdict.tone == "info" else _TONE_TOKENS[verdict.tone]))
            painter.drawText(QPointF(x_px, base), _SIGNS[verdict.tone])
            text = plain.elidedText(verdict.text, Qt.TextElideMode.ElideRight, space)
            painter.setFont(self.font())
            painter.setPen(theme.color("muted" if verdict.tone in ("good", "info") else "text"))
            painter.drawText(QPointF(x_px + sign_px, base), text)
            x_px += sign_px + plain.horizontalAdvance(text) + 18.0
        painter.end()


_TONE_TOKENS = {"good": "good", "warn": "warn", "error": "danger"}
