"""The drawn part of the spine view: paints the look, and turns mouse and wheel into actions on the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from scs_sim.program import GENERATOR
from scs_ui.state.actions import contacts, leads
from scs_ui.state.lead_room import edge_z_mm
from scs_ui.state.looks import spine_layout
from scs_ui.state.looks.spine import SpineLook
from scs_ui.state.looks.spine_layout import Box, ContactBox, Projection
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.spine_backdrop import Backdrop
from scs_ui.widgets.spine_bodies import bodies_key, paint_bodies
from scs_ui.widgets.spine_paint import HANDLE_PX, Palette, label_size_px, paint_contacts, paint_generator

_CLICK_PX = 5.0
_PX_PER_PERCENT = 2.0
_ZOOM_STEP = 1.2
_GENERATOR_PX = (104.0, 30.0)
_FINEST = 4.0  # device pixels of a pixel in pictures


@dataclass(slots=True)
class _Drag:
    """What the pressed mouse moves: a contact's share, a lead, a lead's tilt, the view; or it is still a click.

    kind: "click", "share", "lead", "turn" or "pan"; target: the contact or the lead's number; start: where it was
    pressed; from_: percent, or edge and x (mm), or tilt (mm), or the view's projection, when it was pressed.
    """

    kind: str
    target: str
    start: QPointF
    from_: tuple[float, ...] = ()
    view: Projection | None = None


class SpineCanvas(QWidget):
    """Paints a SpineLook. on_hover(name or ""), on_menu(contact name or "", lead number or 0, where) tell its panel."""

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__()
        self.backdrop = Backdrop()
        self.on_hover: Callable[[str], None] = lambda name: None
        self.on_menu: Callable[[str, int, QPoint], None] = lambda name, lead, where: None
        self.tip: Callable[[str], str] = lambda name: name
        self._store, self._theme = store, theme
        self._look: SpineLook | None = None
        self._view = Projection(8.0, 0.0, 0.0, 10.0, 10.0)
        self._is_fitted = True
        self._boxes: tuple[ContactBox, ...] = ()
        self._hovered, self._grasped = "", 0
        self._drag: _Drag | None = None
        self._ground_key: tuple[object, ...] = ()
        self._ground_pixmap = QPixmap()
        self._maker = QTimer(self, singleShot=True, interval=0)
        self._maker.timeout.connect(self._make_next)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(310, 260)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Spine from behind with leads and contacts; the contact table says the same in words")

    def sizeHint(self) -> QSize:
        """Return the size it likes best."""
        return QSize(360, 620)

    @property
    def boxes(self) -> tuple[ContactBox, ...]:
        """Return where the contacts are, in logical pixels."""
        return self._boxes

    @property
    def projection(self) -> Projection:
        """Return what part of the spine is seen."""
        return self._view

    @property
    def generator_box(self) -> Box:
        """Return where the generator is drawn."""
        width, height = _GENERATOR_PX
        return Box(10.0, self.height() - height - 10.0, width, height)

    def set_look(self, look: SpineLook) -> None:
        """Show another look."""
        first = self._look is None
        is_other = first or self._look is None or len(self._look.leads) != len(look.leads)
        self._look = look
        if self._is_fitted and is_other:
            self._view = spine_layout.fitted(look, self.width(), self.height())
        self._place()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.update()

    def fit(self) -> None:
        """Zoom to the leads."""
        self._is_fitted = True
        if self._look is not None:
            self._view = spine_layout.fitted(self._look, self.width(), self.height())
            self._place()

    def zoom(self, steps: float, at: QPointF | None = None) -> None:
        """Zoom in (steps above 0) or out, about a pixel or the middle."""
        at = at or QPointF(self.width() / 2.0, self.height() / 2.0)
        self._is_fitted = False
        self._view = self._view.zoomed(_ZOOM_STEP**steps, at.x(), at.y())
        self._place()

    def make_whole(self) -> None:
        """Make all of the spine's picture at once: for pictures."""
        if self._look is not None:
            self.backdrop.make_all(self._look, self._view, self._theme)

    def _place(self) -> None:
        """Work out where things are and paint."""
        if self._look is None:
            return
        if self._view.mirrored != self._look.mirrored:
            view = self._view
            self._view = Projection(
                view.px_per_mm, view.x_mm, view.z_mm, view.width_px, view.height_px, self._look.mirrored
            )
        self._boxes = spine_layout.contact_boxes(self._look, self._view, label_size_px(self.font()))
        self.update()

    def _make_next(self) -> None:
        if self._look is not None and self.backdrop.make_next(self._look, self._view, self._theme):
            self.update()

    # --- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint backdrop, leads, generator, focus."""
        painter = QPainter(self)
        if self._look is None:
            painter.fillRect(self.rect(), self._theme.color("film"))
            return
        if painter.paintEngine().type() == QPaintEngine.Type.Raster:
            painter.drawPixmap(0, 0, self._ground(self._look, min(painter.deviceTransform().m11(), _FINEST)))
        else:
            self.backdrop.paint(painter, self._look, self._view, self._theme, self.font())
            paint_bodies(painter, self._look, self._view, self._theme)
        palette = Palette(self._theme, self.font(), self.hasFocus(), self._hovered, self._grasped)
        paint_contacts(painter, self._look, self._view, self._boxes, palette)
        paint_generator(painter, self._look.generator, self.generator_box, self._look.generator_selected, palette)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        self._maker.start()

    def _ground(self, look: SpineLook, ratio: float) -> QPixmap:
        """Return spine and bodies of leads at a device pixel ratio: the same while contacts change."""
        backdrop = self.backdrop.pixmap(look, self._view, self._theme, self.font(), ratio)
        key = (backdrop.cacheKey(), bodies_key(look))
        if key != self._ground_key:
            self._ground_key = key
            self._ground_pixmap = QPixmap(backdrop)
            painter = QPainter(self._ground_pixmap)
            paint_bodies(painter, look, self._view, self._theme)
            painter.end()
        return self._ground_pixmap

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is in the middle there; fit again where it was fitted."""
        if self._is_fitted:
            self.fit()
            return
        view = self._view
        self._view = Projection(view.px_per_mm, view.x_mm, view.z_mm, self.width(), self.height(), view.mirrored)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._place()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus is elsewhere."""
        super().focusOutEvent(event)
        self.update()

    # --- mouse --------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of what is under the mouse."""
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) or self._look is None:
            return
        at = event.position()
        self._store.end_merge()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._drag = _Drag("pan", "", at, view=self._view)
            return
        turns = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        self._drag = self._grip(at, turns)
        if self._drag.kind in ("click", "share"):
            self._store.look(selected=self._drag.target)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Count a second click as a click; on the empty spine, fit."""
        self.mousePressEvent(event)
        if self._drag is not None and self._drag.kind == "pan" and event.button() == Qt.MouseButton.LeftButton:
            self._drag = None
            self.fit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held, or tell what is under the mouse."""
        drag, at = self._drag, event.position()
        if drag is None:
            self._hover(at)
            return
        moved = at - drag.start
        if drag.kind == "click":
            if max(abs(moved.x()), abs(moved.y())) < _CLICK_PX or drag.target == GENERATOR:
                return
            drag = self._drag = self._lead_drag(int(drag.target.split(".")[0]), drag.start, False)
        self._move(drag, moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go; what was only pressed is a click."""
        drag, self._drag = self._drag, None
        if drag is not None and drag.kind == "click":
            name, backwards = drag.target, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._store.act(f"Contact {name}", lambda s: contacts.cycle(s, name, backwards=backwards))
        self._store.end_merge()
        self._hover(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the share under the mouse, or zoom."""
        notches = event.angleDelta().y() / 120.0
        at = event.position()
        item = spine_layout.label_at(self._boxes, at.x(), at.y())
        event.accept()
        if item is None:
            self.zoom(notches, at)
            return
        name = item.mark.row.name
        percent = round(notches) or (1 if notches > 0 else -1)
        by = percent * (contacts.BIG_PERCENT if self._store.view.coarse else contacts.SMALL_PERCENT)
        self._store.look(selected=name)
        self._store.act(f"Share {name}", lambda s: contacts.change_percent(s, name, by), merge=f"wheel {name}")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask the panel for the menu of what is under the mouse, or of the selected contact by keyboard."""
        if self._look is None:
            return
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            name = self._store.view.selected
            self.on_menu(name, 0 if name == GENERATOR else int(name.split(".")[0]), self.mapToGlobal(self._spot(name)))
            return
        at = event.pos()
        item = spine_layout.contact_at(self._boxes, at.x(), at.y())
        lead = spine_layout.lead_at(self._look, self._view, at.x(), at.y())
        name = GENERATOR if self.generator_box.has(at.x(), at.y()) else "" if item is None else item.mark.row.name
        if name:
            self._store.look(selected=name)
        number = item.mark.row.lead if item is not None else 0 if lead is None else lead.number
        self.on_menu(name, number, event.globalPos())

    def leaveEvent(self, event: QEvent) -> None:
        """Forget what was under the mouse."""
        self._hover(QPointF(-1e6, -1e6))

    def event(self, event: QEvent) -> bool:
        """Show what a contact does as a tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            if self._hovered:
                QToolTip.showText(event.globalPos(), self.tip(self._hovered), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def _grip(self, at: QPointF, turns: bool) -> _Drag:
        """Return what a press at a pixel takes hold of."""
        assert self._look is not None
        x, y = at.x(), at.y()
        if self.generator_box.has(x, y):
            return _Drag("click", GENERATOR, at)
        item = spine_layout.label_at(self._boxes, x, y)
        if item is not None:
            return _Drag("share", item.mark.row.name, at, (float(item.mark.row.percent),))
        handle = self._handle_at(x, y)
        item = spine_layout.contact_at(self._boxes, x, y)
        if item is not None and not turns and not handle:
            return _Drag("click", item.mark.row.name, at)
        lead = spine_layout.lead_at(self._look, self._view, x, y)
        number = handle or (item.mark.row.lead if item is not None else 0 if lead is None else lead.number)
        if number:
            return self._lead_drag(number, at, turns or bool(handle))
        return _Drag("pan", "", at, view=self._view)

    def _lead_drag(self, number: int, at: QPointF, turns: bool) -> _Drag:
        placements = self._store.session.case.leads
        if number > len(placements):  # taken out since this was painted
            return _Drag("pan", "", at, view=self._view)
        placement = placements[number - 1]
        if turns:
            return _Drag("turn", str(number), at, (placement.tilt_mm,))
        return _Drag("lead", str(number), at, (edge_z_mm(placement), placement.x_mm))

    def _move(self, drag: _Drag, moved: QPointF) -> None:
        """Do what a drag of so many pixels means."""
        right_mm = moved.x() / self._view.px_per_mm * (-1.0 if self._view.mirrored else 1.0)
        up_mm = -moved.y() / self._view.px_per_mm
        if drag.kind == "pan" and drag.view is not None:
            self._is_fitted = False
            self._view = drag.view.panned(-right_mm, -up_mm)
            self._place()
        elif drag.kind == "share":
            name, percent = drag.target, round(drag.from_[0] - moved.y() / _PX_PER_PERCENT)
            self._store.act(f"Share {name}", lambda s: contacts.drag_percent(s, name, percent), merge=f"share {name}")
        elif drag.kind == "turn":
            number, tilt_mm = int(drag.target), drag.from_[0] + right_mm
            self._store.act(f"Turn lead {number}", lambda s: leads.turn(s, number, tilt_mm), merge=f"turn {number}")
        elif drag.kind == "lead":
            number, (edge_mm, x_mm) = int(drag.target), drag.from_
            self._store.act(
                f"Move lead {number}",
                lambda s: leads.put(s, number, edge_mm + up_mm, x_mm + right_mm),
                merge=f"lead {number}",
            )

    def _handle_at(self, x: float, y: float) -> int:
        """Return the number of the lead whose handle shows and lies under a pixel, 0 where there is none."""
        for lead in self._look.leads if self._look is not None else ():
            hx, hy = spine_layout.handle_point(lead, self._view)
            if lead.number == self._grasped and max(abs(x - hx) - HANDLE_PX, abs(y - hy)) <= HANDLE_PX + 5.0:
                return lead.number
        return 0

    def _hover(self, at: QPointF) -> None:
        """Tell what is under the mouse, and show the handle of the lead there."""
        if self._look is None:
            return
        x, y = at.x(), at.y()
        label = spine_layout.label_at(self._boxes, x, y)
        item = label or spine_layout.contact_at(self._boxes, x, y)
        name = GENERATOR if self.generator_box.has(x, y) else "" if item is None else item.mark.row.name
        lead = spine_layout.lead_at(self._look, self._view, x, y)
        grasped = lead.number if lead is not None else self._handle_at(x, y)
        shape = Qt.CursorShape
        if label is not None:
            cursor = shape.SizeVerCursor
        elif name:
            cursor = shape.PointingHandCursor
        elif self._handle_at(x, y):
            cursor = shape.SizeHorCursor
        else:
            cursor = shape.OpenHandCursor if lead is not None else shape.ArrowCursor
        self.setCursor(cursor)
        if (name, grasped) != (self._hovered, self._grasped):
            is_other = name != self._hovered
            self._hovered, self._grasped = name, grasped
            self.update()
            if is_other:
                self.on_hover(name)

    def _spot(self, name: str) -> QPoint:
        """Return a pixel on a contact."""
        for item in self._boxes:
            if item.mark.row.name == name:
                return QPointF(*item.box.centre).toPoint()
        return QPointF(*self.generator_box.centre).toPoint()
