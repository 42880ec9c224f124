"""Paints what leads look like without their contacts: bodies, paddles, cables, and ghosts of where a lead was."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from scs_ui.state.looks.spine import LeadMark, SpineLook
from scs_ui.state.looks.spine_layout import TIP_MM, Projection, body_line_mm, lead_ends_mm
from scs_ui.theme import Theme
from scs_ui.widgets.spine_shapes import smooth


def paint_bodies(painter: QPainter, look: SpineLook, projection: Projection, theme: Theme) -> None:
    """Paint the bodies of all leads, and over them where they were when the numbers on screen were computed."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for lead in look.leads:
        _paint_body(painter, lead, projection, theme)
    for ghost in look.ghosts:
        _paint_ghost(painter, ghost, projection, theme)


def bodies_key(look: SpineLook) -> tuple[object, ...]:
    """Return what the bodies depend on besides projection and theme."""
    return tuple((lead.kind, lead.axis_mm, lead.half_width_mm) for lead in (*look.leads, *look.ghosts)), len(
        look.ghosts
    )


def _paint_body(painter: QPainter, lead: LeadMark, projection: Projection, theme: Theme) -> None:
    _paint_cable(painter, lead, projection, theme)
    outline, fill = theme.color("film", 0.9), theme.color("lead", 0.75)
    if lead.kind == "paddle":
        shape = _paddle_shape(lead, projection)
        painter.setPen(QPen(theme.color("lead"), 1.4))
        painter.setBrush(theme.color("lead", 0.32))
        painter.drawPath(shape)
        return
    path = _axis_path(lead, projection)
    width = _lead_width_px(lead, projection)
    for color, size in ((outline, width + 2.4), (fill, width), (theme.color("text", 0.22), width * 0.34)):
        painter.setPen(QPen(color, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)


def _paint_cable(painter: QPainter, lead: LeadMark, projection: Projection, theme: Theme) -> None:
    """Paint the cable that leaves the lead caudally and goes aside, out of the picture."""
    body_mm = TIP_MM + (0.4 * lead.half_width_mm if lead.kind == "paddle" else 0.0)
    start = projection.point(*lead_ends_mm(lead, body_mm)[1])
    towards = projection.point(*lead_ends_mm(lead, body_mm + 10.0)[1])
    x_mm, z_mm = lead.axis_mm[-1]
    aside = 7.0 if x_mm >= 0.0 else -7.0
    end = projection.point(x_mm + aside, z_mm - 110.0)
    bend = projection.point(x_mm + aside * 0.25, z_mm - 60.0)
    path = QPainterPath(QPointF(*start))
    path.cubicTo(QPointF(*towards), QPointF(*bend), QPointF(*end))
    width = _lead_width_px(lead, projection) if lead.kind == "percutaneous" else max(1.2 * projection.px_per_mm, 4.0)
    for color, size in ((theme.color("film", 0.85), width + 2.0), (theme.color("lead", 0.6), width * 0.9)):
        painter.setPen(QPen(color, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)


def _paint_ghost(painter: QPainter, lead: LeadMark, projection: Projection, theme: Theme) -> None:
    pen = QPen(theme.color("warn", 0.75), 1.4)
    pen.setDashPattern([3.0, 3.0])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if lead.kind == "paddle":
        painter.drawPath(_paddle_shape(lead, projection))
        return
    for mark in lead.contacts:
        x, y = projection.point(mark.x_mm, mark.z_mm)
        half = max(mark.length_mm * projection.px_per_mm / 2.0, 4.0)
        painter.drawRoundedRect(QRectF(x - 5.0, y - half, 10.0, 2.0 * half), 3.0, 3.0)


def _axis_path(lead: LeadMark, projection: Projection) -> QPainterPath:
    line = [projection.point(x, z) for x, z in body_line_mm(lead)]
    (x0, y0), (x1, y1) = line[0], line[-1]
    if all(abs((x - x0) * (y1 - y0) - (x1 - x0) * (y - y0)) < 0.3 * abs(y1 - y0) for x, y in line):
        path = QPainterPath(QPointF(x0, y0))  # straight: a fifth of the cost
        path.lineTo(QPointF(x1, y1))
        return path
    return smooth(line, closed=False)


def _paddle_shape(lead: LeadMark, projection: Projection) -> QPainterPath:
    """Return the outline of a paddle: rounded at its tip, tapering into the cable at its end."""
    top, end = (QPointF(*projection.point(*place)) for place in lead_ends_mm(lead, TIP_MM))
    along = end - top
    length = max((along.x() ** 2 + along.y() ** 2) ** 0.5, 1.0)
    ahead = QPointF(along.x() / length, along.y() / length)
    aside = QPointF(ahead.y(), -ahead.x())
    half = lead.half_width_mm * projection.px_per_mm

    def at(down: float, across: float) -> QPointF:
        return top + ahead * down + aside * across

    bulge, taper = half * 0.55, half * 0.8
    path = QPainterPath(at(half * 0.7, half))
    path.cubicTo(at(-bulge * 0.2, half), at(-bulge, half * 0.6), at(-bulge, 0.0))
    path.cubicTo(at(-bulge, -half * 0.6), at(-bulge * 0.2, -half), at(half * 0.7, -half))
    path.lineTo(at(length - taper * 0.4, -half))
    path.cubicTo(at(length + taper * 0.4, -half), at(length + taper, -half * 0.55), at(length + taper, 0.0))
    path.cubicTo(at(length + taper, half * 0.55), at(length + taper * 0.4, half), at(length - taper * 0.4, half))
    path.closeSubpath()
    return path


def _lead_width_px(lead: LeadMark, projection: Projection) -> float:
    return max(2.0 * lead.half_width_mm * projection.px_per_mm, 4.5)
