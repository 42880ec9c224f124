"""The X-ray film: bones, leads and contacts as light on a dark film in both themes, and the aim for the next lead."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from scs_ui.state.looks.training_xray import Bone, FilmLead, FilmLook, film_look
from scs_ui.theme import DARK, Theme

_ARROWS = {
    Qt.Key.Key_Up: (1, 0),
    Qt.Key.Key_Down: (-1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class FilmCanvas(QWidget):
    """Paints a FilmLook. driven(rostral, right): an arrow key, steps of 1; aimed(x_mm, z_mm): a click on the film.

    A film is dark in a light room too: its colours are those of the dark theme.
    """

    driven = Signal(int, int)
    aimed = Signal(float, float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._look = theme, film_look(None)
        self._chosen = 1
        self._aim: tuple[float, float] | None = None
        self.setAccessibleName("X-ray: leads and contacts over the vertebrae, mm from the anatomical midline")
        self.setToolTip("X-ray film. Arrow keys drive the chosen lead by the step; a click aims the next lead.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        """Return a size at which contacts are told apart."""
        return QSize(320, 460)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(180, 200)

    def show_look(self, look: FilmLook, chosen: int, aim: tuple[float, float] | None) -> None:
        """Show another film; chosen: the number of the lead that arrow keys drive; aim: x and z of the next tip."""
        if (look, chosen, aim) != (self._look, self._chosen, self._aim):
            self._look, self._chosen, self._aim = look, chosen, aim
            self.setAccessibleDescription(look.words)
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours: of the focus alone."""
        self._theme = theme
        self.update()

    def place_px(self, x_mm: float, z_mm: float) -> QPointF:
        """Return where a place of the spine lies on the film."""
        scale = self._scale
        return QPointF(self.width() / 2.0 + scale * x_mm, scale * (self._look.high_mm - z_mm))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Aim the next lead."""
        if event.button() == Qt.MouseButton.LeftButton and self._look.view == "ap":
            at, scale = event.position(), self._scale
            self.aimed.emit((at.x() - self.width() / 2.0) / scale, self._look.high_mm - at.y() / scale)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Drive the chosen lead."""
        if event.key() in _ARROWS and not event.modifiers():
            self.driven.emit(*_ARROWS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the film."""
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), DARK.color("film"))
        if look.view:
            self._paint_glow(painter)
            for bone in look.bones:
                if look.low_mm - 30.0 < bone.mid_z_mm < look.high_mm + 30.0:
                    (self._paint_bone if look.view == "ap" else self._paint_side)(painter, bone)
            if look.view == "ap":
                self._paint_midline(painter)
            for lead in look.ghosts:
                self._paint_lead(painter, lead, ghost=True)
            for lead in look.leads:
                self._paint_lead(painter, lead, ghost=False)
            if self._aim is not None and look.view == "ap":
                self._paint_aim(painter)
            self._paint_letters(painter)
        else:
            painter.setPen(DARK.color("muted"))
            painter.drawText(
                self.rect().adjusted(20, 20, -20, -20),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                "No X-ray yet.\nBones show before any lead lies: take one from behind to aim.",
            )
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1.0, 1.0, -1.0, -1.0))
        painter.end()

    @property
    def _scale(self) -> float:
        return self.height() / (self._look.high_mm - self._look.low_mm)

    def _paint_glow(self, painter: QPainter) -> None:
        """Soft tissue: brighter in the middle of the film."""
        glow = QLinearGradient(0.0, 0.0, float(self.width()), 0.0)
        for place, alpha in ((0.0, 0.02), (0.5, 0.12), (1.0, 0.02)):
            glow.setColorAt(place, DARK.color("bone", alpha))
        painter.fillRect(self.rect(), glow)

    def _paint_bone(self, painter: QPainter, bone: Bone) -> None:
        """A vertebra from behind: body with bright end plates, pedicles, spinous process."""
        scale = self._scale
        wide, high = scale * bone.width_mm, scale * bone.height_mm
        middle = self.place_px(0.0, bone.mid_z_mm)
        box = QRectF(middle.x() - wide / 2.0, middle.y() - high / 2.0, wide, high)
        light = QLinearGradient(box.topLeft(), box.bottomLeft())
        for place, alpha in ((0.0, 0.34), (0.14, 0.16), (0.86, 0.16), (1.0, 0.34)):
            light.setColorAt(place, _bone_ink(alpha))
        painter.setPen(QPen(_bone_ink(0.4), 1.0))
        painter.setBrush(light)
        painter.drawRoundedRect(box, 0.12 * wide, 0.16 * high)
        painter.setBrush(_bone_ink(0.05))
        painter.setPen(QPen(_bone_ink(0.45), 1.2))
        for side in (-1.0, 1.0):
            painter.drawEllipse(
                QPointF(middle.x() + side * 0.3 * wide, middle.y() - 0.14 * high), 0.07 * wide, 0.16 * high
            )
        painter.setBrush(_bone_ink(0.22))
        painter.setPen(QPen(_bone_ink(0.5), 1.0))
        painter.drawEllipse(QPointF(middle.x(), middle.y() + 0.3 * high), 0.045 * wide, 0.3 * high)
        self._name_bone(painter, bone.name, middle.y())

    def _paint_side(self, painter: QPainter, bone: Bone) -> None:
        """A vertebra from the side: the body in front, the spinous process behind."""
        scale = self._scale
        wide, high = scale * bone.width_mm * 0.8, scale * bone.height_mm
        middle = self.place_px(0.0, bone.mid_z_mm)
        box = QRectF(middle.x() - wide, middle.y() - high / 2.0, wide, high)
        painter.setPen(QPen(_bone_ink(0.45), 1.0))
        painter.setBrush(_bone_ink(0.2))
        painter.drawRoundedRect(box, 0.1 * wide, 0.14 * high)
        painter.save()
        painter.translate(middle.x() + scale * 16.0, middle.y() + 0.35 * high)
        painter.rotate(38.0)
        painter.setBrush(_bone_ink(0.16))
        painter.drawRoundedRect(QRectF(0.0, -0.13 * high, scale * 20.0, 0.26 * high), 0.1 * high, 0.1 * high)
        painter.restore()
        self._name_bone(painter, bone.name, middle.y())

    def _name_bone(self, painter: QPainter, name: str, y_px: float) -> None:
        """Name a vertebra, below the letters of the sides."""
        if y_px < 0.0:
            return
        painter.setPen(_bone_ink(0.75))
        box = QRectF(8.0, max(y_px - 10.0, 24.0), 60.0, 20.0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_midline(self, painter: QPainter) -> None:
        painter.setPen(QPen(DARK.color("accent", 0.5), 1.0, Qt.PenStyle.DashLine))
        x_px = self.width() / 2.0
        painter.drawLine(QPointF(x_px, 22.0), QPointF(x_px, float(self.height())))

    def _paint_lead(self, painter: QPainter, lead: FilmLead, *, ghost: bool) -> None:
        scale, metal = self._scale, DARK.color("warn" if ghost else "metal", 0.95)
        points = [self.place_px(one.x_mm, one.z_mm) for one in lead.contacts]
        last, before = points[-1], points[-2] if len(points) > 1 else points[-1]
        slope = (last.x() - before.x()) / max(last.y() - before.y(), 1.0)
        tail = QPointF(last.x() + slope * (self.height() - last.y()), float(self.height()))
        chosen = lead.number == self._chosen
        style = Qt.PenStyle.DotLine if ghost else Qt.PenStyle.SolidLine
        painter.setPen(QPen(DARK.color("lead", 0.35 if ghost else 0.7), 1.0 if ghost else max(1.2, 0.5 * scale), style))
        painter.drawPolyline([*points, tail])
        wide = max(1.3 * scale, 4.0)
        for one, at in zip(lead.contacts, points, strict=True):
            high = max(2.0 * one.half_mm * scale, 4.0)
            box = QRectF(at.x() - wide / 2.0, at.y() - high / 2.0, wide, high)
            painter.setPen(QPen(metal, 1.0) if ghost else Qt.PenStyle.NoPen)
            painter.setBrush(Qt.BrushStyle.NoBrush if ghost else metal)
            painter.drawRoundedRect(box, 1.5, 1.5)
        if not ghost:
            self._name_contacts(painter, lead, points, wide, chosen)

    def _name_contacts(
        self, painter: QPainter, lead: FilmLead, points: list[QPointF], wide: float, chosen: bool
    ) -> None:
        font = QFont(self.font())
        font.setPointSizeF(0.86 * font.pointSizeF())
        font.setBold(chosen)
        painter.setFont(font)
        painter.setPen(DARK.color("accent" if chosen else "text"))
        room_px = abs(points[1].y() - points[0].y()) if len(points) > 1 else 99.0
        left = lead.contacts[0].x_mm < 0.0
        lies_behind = self._look.view != "ap" and not chosen  # from the side, leads lie on one another
        for place, (one, at) in enumerate(zip(lead.contacts, points, strict=True)):
            if lies_behind:
                continue
            if place and place != len(points) - 1 and room_px < 11.0:
                continue
            box = QRectF(at.x() - wide - 40.0 if left else at.x() + wide, at.y() - 9.0, 40.0, 18.0)
            side = Qt.AlignmentFlag.AlignRight if left else Qt.AlignmentFlag.AlignLeft
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | side, one.name)
        painter.setFont(self.font())

    def _paint_aim(self, painter: QPainter) -> None:
        assert self._aim is not None
        at = self.place_px(*self._aim)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(DARK.color("good"), 1.4))
        painter.drawEllipse(at, 6.0, 6.0)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            out = QPointF(dx, dy)
            painter.drawLine(at + out * 4.0, at + out * 11.0)

    def _paint_letters(self, painter: QPainter) -> None:
        ends = ("L", "R") if self._look.view == "ap" else ("front", "back")
        painter.setPen(DARK.color("text"))
        for text, side in zip(ends, (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight), strict=True):
            painter.drawText(QRectF(self.rect()).adjusted(8.0, 4.0, -8.0, 0.0), side | Qt.AlignmentFlag.AlignTop, text)


def _bone_ink(alpha: float) -> QColor:
    return DARK.color("bone", alpha)
