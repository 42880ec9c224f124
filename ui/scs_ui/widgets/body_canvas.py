"""BodyCanvas: the body map as a widget: painted by BodyDrawing, with pointer, brush and keyboard.

What is painted by hand shows here at once; what a finished stroke means is decided by whoever listens.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from scs_models.percept.body_map import load_body_map
from scs_models.percept.dermatomes import VIEWS
from scs_ui.state.looks.body import BodyLook
from scs_ui.state.looks.body_layout import first_region, neighbour, region_anchors
from scs_ui.theme import Theme
from scs_ui.widgets.body_drawing import LIVE_LAYERS, BodyDrawing
from scs_ui.widgets.body_hand import STEP_PX, BodyHand, outline
from scs_ui.widgets.body_paint import rgb

# Drawing anew takes 70 ms: while an edge is dragged, the last drawing is stretched until the size lasts this long.
_SETTLES_S = 0.15
# How far a key moves the next corner of an outline, pixels.
_CORNER_STEP_PX = 8.0
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_USE = (Qt.Key.Key_Space, *_ENTER)


class BodyCanvas(QWidget):
    """Paints a BodyLook and turns mouse and keys into regions, strokes and outlines.

    hovered: id of the region under the pointer or in the keyboard's ring, "" for none. stroked: view and path (drawing
    units) of a finished brush stroke. region_used: id of a region clicked with the region tool, or used by key.
    outlined: view and points of a finished free polygon. brush_turned: -1 or 1 (wheel). score_typed: 1 to
    10, by the digits while a tool is in hand.
    """

    hovered = Signal(str)
    stroked = Signal(str, list)
    region_used = Signal(str)
    outlined = Signal(str, list)
    brush_turned = Signal(int)
    score_typed = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("bodyCanvas")
        self.setAccessibleName("Body map: predicted paresthesia and reported pain, intensity in percent")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme, self._look = theme, BodyLook()
        self._kept: BodyDrawing | None = None
        self._drawn_count, self._drawn_at_s = 0, 0.0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(round(1000 * _SETTLES_S))
        self._settle.timeout.connect(self.update)
        self._under = self._ring = -1
        self._hand = BodyHand()

    @property
    def drawn_count(self) -> int:
        """Return how often everything was drawn anew: for a size, a theme, layers; never for an amplitude."""
        return self._drawn_count

    @property
    def ring(self) -> str:
        """Return the id of the region in the keyboard's ring, "" before there is one."""
        return load_body_map().regions[self._ring].id if self._ring >= 0 else ""

    def sizeHint(self) -> QSize:
        """Return a size at which toes are told apart."""
        return QSize(620, 640)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(140, 150)

    def show_look(self, look: BodyLook) -> None:
        """Show another look; only what changed is painted again."""
        before, self._look = self._look, look
        if look.tool != before.tool:
            self._hand.end()
            self.setCursor(Qt.CursorShape.ArrowCursor if look.tool == "none" else Qt.CursorShape.CrossCursor)
            self.update()
        if look.mirrored != before.mirrored or look.layers - LIVE_LAYERS != before.layers - LIVE_LAYERS:
            self._forget()
        elif self._kept is not None:
            self._update_part(self._kept.take(look))
        if look.brush_units != before.brush_units:
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take another theme."""
        self._theme = theme
        self._forget()

    def region_at(self, at: QPointF) -> str:
        """Return the id of the region at a place of the widget, "" outside the body."""
        index = self._index_at(self._device(at))
        return load_body_map().regions[index].id if index >= 0 else ""

    def place_of(self, view: str, units: tuple[float, float]) -> QPointF:
        """Return where a point of the drawing lies in the widget."""
        drawing = self._drawing()
        x, y = (drawing.layout.view(view).to_px(units) / drawing.ratio).tolist()
        return QPointF(x, y)

    def put_ring(self, region_id: str) -> None:
        """Put the keyboard's ring on a region."""
        self._move_ring(load_body_map().index(region_id))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the map, then what pointer and keyboard are about."""
        if self._is_being_resized():
            self._paint_stretched()
            return
        drawing = self._drawing()
        ratio, layout, dirty = drawing.ratio, drawing.layout, event.rect()
        whole = QRect(0, 0, layout.width_px, layout.height_px)
        part = QRectF(dirty.x() * ratio, dirty.y() * ratio, dirty.width() * ratio, dirty.height() * ratio)
        painter = QPainter(self)
        painter.scale(1.0 / ratio, 1.0 / ratio)
        drawing.paint(painter, whole & part.toAlignedRect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, colour, wide in (
            (self._under, rgb(self._theme.picture.text, 0.7), 1.2),
            (self._ring if self.hasFocus() else -1, self._theme.color("accent"), 2.4),
        ):
            if index >= 0:
                outline(painter, drawing.path(index), colour, wide * ratio, self._theme, ratio)
        self._hand.paint(painter, layout, self._look, self._theme, ratio)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), ratio))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(whole).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _is_being_resized(self) -> bool:
        """Return whether a size that does not last is asked for: soon after the last drawing, another size."""
        kept, now = self._kept, time.monotonic()
        if kept is None or not self.isVisible() or kept.ratio != self.devicePixelRatioF():
            return False
        fits = (kept.layout.width_px, kept.layout.height_px) == self._size_px()
        return not fits and now - self._drawn_at_s < _SETTLES_S

    def _paint_stretched(self) -> None:
        """Paint the last drawing in the new size, and draw it anew when the size lasts."""
        kept = self._kept
        assert kept is not None
        layout = kept.layout
        whole = QRect(0, 0, layout.width_px, layout.height_px)
        times = min(self.width() / layout.width_px, self.height() / layout.height_px)
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        painter.translate(
            (self.width() - layout.width_px * times) / 2.0, (self.height() - layout.height_px * times) / 2.0
        )
        painter.scale(times, times)
        kept.paint(painter, whole)
        painter.end()
        self._settle.start()

    def _drawing(self) -> BodyDrawing:
        """Return the drawing at the present size, made anew where it was forgotten."""
        ratio, size = self.devicePixelRatioF(), self._size_px()
        kept = self._kept
        if kept is None or (kept.layout.width_px, kept.layout.height_px, kept.ratio) != (*size, ratio):
            kept = self._kept = BodyDrawing(*size, ratio, self._look, self._theme, self.font())
            self._drawn_count += 1
            self._drawn_at_s = time.monotonic()
        return kept

    def _size_px(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def _forget(self) -> None:
        self._kept = None
        self.update()

    def _update_part(self, box: QRect) -> None:
        """Ask for a repaint of a rectangle of device pixels."""
        ratio = self.devicePixelRatioF()
        if not box.isEmpty():
            place = QRectF(box.x() / ratio, box.y() / ratio, box.width() / ratio, box.height() / ratio)
            self.update(place.toAlignedRect())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer: the region under it, the brush's circle, a stroke under way."""
        at, tool, hand = self._device(event.position()), self._look.tool, self._hand
        hand.pointer = at
        self._point_at(self._index_at(at))
        if tool in STEP_PX:
            if hand.is_down and hand.is_drawing:
                hand.drag(self._drawing().layout, at, STEP_PX[tool] * self.devicePixelRatioF())
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke, set a corner, or use a region."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        at, tool, hand, drawing = self._device(event.position()), self._look.tool, self._hand, self._drawing()
        index = self._index_at(at)
        hand.is_down = True
        if index >= 0:
            self._move_ring(index)
        if tool == "region" and index >= 0:
            self.region_used.emit(self.ring)
        elif tool == "polygon" and hand.closes(drawing.layout, at, drawing.ratio):
            self._finish()
        elif tool == "polygon":
            hand.add(drawing.layout, at)
        elif tool in STEP_PX:
            hand.begin(drawing.layout, at)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a stroke, or an outline that was drawn in one go."""
        if event.button() == Qt.MouseButton.LeftButton and self._hand.is_down:
            self._hand.is_down = False
            if self._look.tool != "polygon" or self._hand.is_freehand:
                self._finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Close a polygon; else a second press like the first."""
        if self._look.tool == "polygon":
            self._finish()
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the brush wider or narrower while one is in hand."""
        turned = event.angleDelta().y()
        if self._look.tool in ("brush", "eraser") and turned:
            self.brush_turned.emit(1 if turned > 0 else -1)
        else:
            event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._hand.pointer = None
        self._point_at(-1)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Take Tab for the next view; it leaves the map after the last, Shift+Tab before the first.

        While something is being drawn, Esc is for that: it would stop stimulation otherwise.
        """
        is_override = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._hand.is_drawing:
            event.accept()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._ring >= 0:
            step = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()), 0)
            at = VIEWS.index(load_body_map().regions[self._ring].view) + step
            if step and 0 <= at < len(VIEWS):
                self._move_ring(first_region(VIEWS[at]))
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the ring, Space or Enter use the tool on it; with Shift they move the brush and dab with it.

        With the polygon tool Shift+Space sets a corner, Enter closes the outline, Backspace takes a corner back, Esc
        all of them.
        """
        key, shift = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        hand, draws = self._hand, self._look.tool in STEP_PX
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            event.ignore()
        elif key in _ARROWS and shift and draws:
            self._move_pointer(*_ARROWS[key])
        elif key in _ARROWS:
            right, down = _ARROWS[key]
            turned = -right if self._look.mirrored else right
            self._move_ring(first_region("front") if self._ring < 0 else neighbour(self._ring, turned, down))
        elif key == Qt.Key.Key_Space and shift and draws and hand.pointer is not None:
            hand.add(self._drawing().layout, hand.pointer)
            if self._look.tool != "polygon":
                self._finish()
        elif key == Qt.Key.Key_Backspace and hand.is_drawing:
            hand.take_back()
        elif key == Qt.Key.Key_Escape and hand.is_drawing:
            hand.end()
        elif key in _ENTER and hand.is_drawing:
            self._finish()
        elif key in _USE and self._ring >= 0 and self._look.tool != "none":
            self.region_used.emit(self.ring)
        elif event.text().isdecimal() and self._look.tool != "none":
            self.score_typed.emit(int(event.text()) or 10)
        else:
            event.ignore()
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring; one who comes by key begins in the first view, or backwards in the last."""
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._move_ring(first_region(VIEWS[0] if event.reason() == Qt.FocusReason.TabFocusReason else VIEWS[-1]))
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Draw letters anew in another font."""
        if event.type() == QEvent.Type.FontChange:
            self._forget()
        super().changeEvent(event)

    def _finish(self) -> None:
        view, path = self._hand.end()
        if self._look.tool == "polygon" and len(path) >= 3:
            self.outlined.emit(view, path)
        elif self._look.tool in ("brush", "eraser") and path:
            self.stroked.emit(view, path)
        self.update()

    def _move_ring(self, index: int) -> None:
        if index != self._ring:
            region = load_body_map().regions[index]
            self._ring = index
            self.setAccessibleDescription(region.title)
            self.hovered.emit(region.id)
            self.update()

    def _move_pointer(self, right: int, down: int) -> None:
        """Move the brush by half its width, or the next corner a little; it begins on the ring."""
        hand, drawing = self._hand, self._drawing()
        if hand.pointer is None:
            at = max(self._ring, 0)
            placed = drawing.layout.view(load_body_map().regions[at].view)
            hand.pointer = QPointF(*placed.to_px(region_anchors()[at]).tolist())
            return
        step = _CORNER_STEP_PX * drawing.ratio
        if self._look.tool != "polygon":
            step = max(2.0, self._look.brush_units * drawing.layout.px_per_unit / 2.0)
        hand.pointer += QPointF(right * step, down * step)
        self._point_at(self._index_at(hand.pointer))

    def _point_at(self, index: int) -> None:
        if index != self._under:
            for region in (self._under, index):
                if region >= 0:
                    self._update_part(self._drawing().box(region))
            self._under = index
            self.hovered.emit(load_body_map().regions[index].id if index >= 0 else "")

    def _device(self, at: QPointF) -> QPointF:
        return at * self.devicePixelRatioF()

    def _index_at(self, at: QPointF) -> int:
        return self._drawing().layout.region_at(at.x(), at.y())
