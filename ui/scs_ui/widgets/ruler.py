"""ThresholdRuler: a dial with its ruler. One widget paints groove, handle and marks, so that they cannot disagree.

All but the handle is painted once into a pixmap and kept until face, size, font or theme change.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from scs_ui.state.looks.ruler import PlacedLabel, RulerFace, RulerLook, RulerMark
from scs_ui.theme import Theme
from scs_ui.widgets.ruler_paint import HANDLE_WIDTH_PX, FacePainter, RulerPlan, paint_handle

_NEAR_PX = 5.0
_WHEEL_STEP = 120


class ThresholdRuler(QWidget):
    """A dial for one quantity.

    moved(value): dragged, clicked or sent to an end; released(): the drag is over; stepped(steps, coarse): keys and
    wheel; default_asked() and lock_asked(): double click or Backspace, and L.
    """

    moved = Signal(float)
    released = Signal()
    stepped = Signal(int, bool)
    default_asked = Signal()
    lock_asked = Signal()

    def __init__(self, theme: Theme, *, has_labels: bool) -> None:
        super().__init__()
        self._theme, self._has_labels = theme, has_labels
        self._look: RulerLook | None = None
        self._face: RulerFace | None = None
        self._still: QPixmap | None = None
        self._grip_px: float | None = None
        self._wheel = 0
        self.paints_of_face = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(False)

    @property
    def is_dragged(self) -> bool:
        """Return whether the mouse holds the handle."""
        return self._grip_px is not None

    def show_look(self, look: RulerLook) -> None:
        """Show another look; the scale stands still while the handle is dragged."""
        before, self._look = self._look, look
        if before == look:
            return
        if before is None or before.spoken != look.spoken:
            self.setAccessibleName(look.spoken)
        face = look.face
        if self._face is None or face != self._face:
            if self.is_dragged and self._face is not None and face.scale != self._face.scale:
                self.update()
                return
            self._face, self._still = face, None
            self.update()
        elif before is None or before.is_locked != look.is_locked or before.is_live != look.is_live:
            self.update()
        else:
            plan = self._plan()
            places = [plan.handle_rect(face, one.value) for one in (before, look) if one.value is not None]
            changed = QRectF()
            for place in places:
                changed = changed.united(place)
            self.update(changed.adjusted(-4.0, -4.0, 4.0, 4.0).toAlignedRect())

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme, self._still = theme, None
        self.update()

    def value_px(self, value: float) -> float:
        """Return the place of a value: of handle, mark and tick alike."""
        assert self._face is not None
        return self._plan().value_px(self._face, value)

    def labels(self) -> tuple[tuple[RulerMark, PlacedLabel], ...]:
        """Return the marks whose labels are painted, and where."""
        return () if self._face is None else tuple(self._plan().placed_marks(self._face))

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(420, self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return the least size: rows of labels, groove, pennants, numbers."""
        return QSize(220, round(self._plan().least_height_px))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the kept face, and the handle on it."""
        if self._look is None or self._face is None:
            return
        if self._still is None:
            self._still = self._painted_face(self._face)
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        painter.drawPixmap(0, 0, self._still)
        paint_handle(painter, self._plan(), self._theme, self._face, self._look, has_focus=self.hasFocus())
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Forget the kept face."""
        self._still = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Forget the kept face when the font changes."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.EnabledChange):
            self._still = None
            self.updateGeometry()
            self.update()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what the mark under the mouse means; sharpen the face for another screen."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._still = None
            self.update()
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            meaning = self.meaning_at(float(event.pos().x()))
            if meaning:
                QToolTip.showText(event.globalPos(), meaning, self)
                return True
        return super().event(event)

    def meaning_at(self, x_px: float) -> str:
        """Return what the marks near a place mean, or why it is closed; "" where there is nothing."""
        face, plan = self._face, self._plan()
        if face is None:
            return ""
        labels = {mark.kind: label for mark, label in plan.placed_marks(face)}
        found = [
            mark.meaning
            for mark in face.marks
            if abs(self.value_px(mark.value) - x_px) <= _NEAR_PX
            or (mark.kind in labels and labels[mark.kind].left_px <= x_px <= labels[mark.kind].right_px)
        ]
        found += [noted.meaning for noted in face.noted if abs(self.value_px(noted.value) - x_px) <= _NEAR_PX]
        if face.usage is not None and abs(self.value_px(face.usage[2]) - x_px) <= _NEAR_PX:
            found.append(f"80 % of the usage range, {face.usage[2]:.2f} mA")
        if not found and any(self.value_px(low) <= x_px <= self.value_px(high) for low, high in face.closed):
            found.append(face.closed_text)
        return "\n".join(found)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle, or send it to the place that was clicked."""
        if event.button() != Qt.MouseButton.LeftButton or self._look is None:
            return
        x_px = event.position().x()
        value = self._look.value
        handle_px = x_px if value is None else self.value_px(value)
        on_handle = abs(handle_px - x_px) <= HANDLE_WIDTH_PX / 2.0 + 2.0
        self._grip_px = handle_px - x_px if on_handle else 0.0
        if not on_handle:
            self._move_to(x_px)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle."""
        if self._grip_px is not None:
            self._move_to(event.position().x() + self._grip_px)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the handle; the scale may change now."""
        if event.button() != Qt.MouseButton.LeftButton or self._grip_px is None:
            return
        self._grip_px = None
        if self._look is not None and self._look.face != self._face:
            self._face, self._still = self._look.face, None
            self.update()
        self.released.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go to the default."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip_px = None
            self.default_asked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step, coarsely with Ctrl."""
        self._wheel += event.angleDelta().y()
        steps = int(self._wheel / _WHEEL_STEP)
        self._wheel -= steps * _WHEEL_STEP
        if steps:
            self.stepped.emit(steps, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step, go to an end or the default, lock."""
        key, scale = event.key(), None if self._face is None else self._face.scale
        steps = _STEPS.get(Qt.Key(key))
        if steps is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.stepped.emit(*steps)
        elif key == Qt.Key.Key_Home and scale is not None:
            self.moved.emit(scale.low)
        elif key == Qt.Key.Key_End and scale is not None:
            self.moved.emit(scale.high)
        elif key == Qt.Key.Key_Backspace:
            self.default_asked.emit()
        elif key == Qt.Key.Key_L and not event.modifiers():
            self.lock_asked.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus has gone."""
        super().focusOutEvent(event)
        self.update()

    def _move_to(self, x_px: float) -> None:
        if self._face is not None:
            self.moved.emit(self._face.scale.value_at(x_px, *self._plan().groove_px()))

    def _plan(self) -> RulerPlan:
        return RulerPlan(QSizeF(self.size()), self.font(), self._has_labels)

    def _painted_face(self, face: RulerFace) -> QPixmap:
        ratio = self.devicePixelRatioF()
        still = QPixmap(self.size() * ratio)
        still.setDevicePixelRatio(ratio)
        still.fill(Qt.GlobalColor.transparent)
        painter = QPainter(still)
        FacePainter(self._plan(), self._theme, face).paint(painter)
        painter.end()
        self.paints_of_face += 1
        return still


_STEPS = {
    Qt.Key.Key_Up: (1, False),
    Qt.Key.Key_Right: (1, False),
    Qt.Key.Key_Down: (-1, False),
    Qt.Key.Key_Left: (-1, False),
    Qt.Key.Key_PageUp: (1, True),
    Qt.Key.Key_PageDown: (-1, True),
}
