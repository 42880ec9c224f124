"""Paint a scene of scs_sim.picture with Qt: the body map as vector drawing in a PDF, in a report, on a printer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from scs_models.values import FloatArray
from scs_sim.picture.looks import Colour
from scs_sim.picture.scene import Box, Fill, Item, Lines, Scene, Shade, Text

_SHADE_STEPS = 6


def paint_scene(painter: QPainter, scene: Scene, into: QRectF) -> None:
    """Paint `scene` as large as it fits into the rectangle `into`, in its middle; the painter's state stays."""
    scale = min(into.width() / scene.width, into.height() / scene.height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(into.center())
    painter.scale(scale, scale)
    painter.translate(-scene.width / 2, -scene.height / 2)
    for item in scene.items:
        _paint(painter, item)
    painter.restore()


def _paint(painter: QPainter, item: Item) -> None:
    if isinstance(item, Box):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_color(item.colour))
        painter.drawRoundedRect(QRectF(item.x, item.y, item.width, item.height), item.radius, item.radius)
    elif isinstance(item, Fill):
        painter.fillPath(_path(item.rings, True), _color(item.colour))
    elif isinstance(item, Shade):
        _shade(painter, item)
    elif isinstance(item, Lines):
        pen = _pen(item.colour, item.width, item.opacity)
        if item.dash is not None:
            pen.setDashPattern([length / item.width for length in item.dash])
        painter.strokePath(_path(item.paths, item.closed), pen)
    else:
        _text(painter, item)


def _shade(painter: QPainter, item: Shade) -> None:
    """Darken towards the edge in steps: PDF knows no blur, and an image of it would be the only one in the drawing."""
    edge = _path(item.rings, True)
    painter.save()
    painter.setClipPath(edge, Qt.ClipOperation.IntersectClip)
    for step in range(_SHADE_STEPS, 0, -1):
        width = 2.0 * item.blur * step / _SHADE_STEPS
        painter.strokePath(edge, _pen(item.colour, width, item.opacity / _SHADE_STEPS))
    painter.restore()


def _text(painter: QPainter, item: Text) -> None:
    font = QFont(painter.font())
    font.setPixelSize(max(1, round(item.size)))
    font.setWeight(QFont.Weight.DemiBold if item.bold else QFont.Weight.Normal)
    wide = QFontMetricsF(font, painter.device()).horizontalAdvance(item.text)
    shift = {"start": 0.0, "middle": wide / 2, "end": wide}[item.anchor]
    painter.save()
    painter.setFont(font)
    painter.setPen(_color(item.colour))
    painter.drawText(QPointF(item.x - shift, item.y), item.text)
    painter.restore()


def _path(paths: Sequence[FloatArray], closed: bool) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for points in paths:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points.tolist()]))
        if closed:
            path.closeSubpath()
    return path


def _pen(colour: Colour, width: float, opacity: float) -> QPen:
    return QPen(
        _color(colour, opacity), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


def _color(colour: Colour, opacity: float = 1.0) -> QColor:
    made = QColor(*colour)
    made.setAlphaF(opacity)
    return made
