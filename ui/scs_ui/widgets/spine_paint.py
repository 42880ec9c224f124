"""Paints the contacts of the spine view with sign and share, their marks and rings; numbers and handles of leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QLinearGradient,
    QPaintEngine,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from scs_ui.state.looks.contacts import ContactRow
from scs_ui.state.looks.spine import LeadMark, SpineLook
from scs_ui.state.looks.spine_layout import TIP_MM, Box, ContactBox, Projection, handle_point, lead_ends_mm
from scs_ui.theme import Theme
from scs_ui.widgets.spine_backdrop import halo_text

HANDLE_PX = 7.0
_TOKENS = {-1: "cathode", 0: "contact", 1: "anode"}
_CENTRE = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True, slots=True)
class Palette:
    """What painting needs besides the look: colours, the font, whether the view has the focus, what is under the mouse.

    hovered: the name of a contact; grasped: the number of a lead whose handle shows.
    """

    theme: Theme
    font: QFont
    has_focus: bool = False
    hovered: str = ""
    grasped: int = 0


def label_size_px(font: QFont) -> tuple[float, float]:
    """Return width and height of a share with its lock."""
    metrics = QFontMetricsF(_bold(font))
    return metrics.horizontalAdvance("100 %") + 16.0, metrics.height()


def paint_contacts(
    painter: QPainter, look: SpineLook, projection: Projection, boxes: Sequence[ContactBox], palette: Palette
) -> None:
    """Paint all contacts, then what is written beside them."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_shorts(painter, boxes, palette.theme)
    for item in boxes:
        _paint_contact(painter, item, palette)
    for item in boxes:
        _paint_label(painter, item, palette)
    for lead in look.leads:
        _paint_number(painter, lead, projection, palette)
        if palette.grasped == lead.number:
            _paint_handle(painter, QPointF(*handle_point(lead, projection)), palette.theme)


def paint_generator(painter: QPainter, row: ContactRow, box: Box, selected: bool, palette: Palette) -> None:
    """Paint the generator's case as one more contact: a small can with its sign and share."""
    theme, rect = palette.theme, _rect(box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    fill = theme.color(_TOKENS[row.sign]) if row.sign else theme.color("panel", 0.85)
    painter.setPen(QPen(theme.color("muted", 0.7), 1.0))
    painter.setBrush(fill)
    painter.drawRoundedRect(rect, 8.0, 8.0)
    painter.setFont(_bold(palette.font))
    painter.setPen(_ink(theme, row.sign))
    if row.sign:
        _paint_sign(painter, row.sign, QPointF(rect.left() + 14.0, rect.center().y()), 5.0, _ink(theme, row.sign))
        painter.setPen(_ink(theme, row.sign))
        painter.drawText(rect.adjusted(24.0, 0.0, -8.0, 0.0), _CENTRE, f"Case {row.percent} %")
    else:
        painter.drawText(rect, _CENTRE, "Case")
    if selected:
        _paint_ring(painter, rect, palette)


def _paint_contact(painter: QPainter, item: ContactBox, palette: Palette) -> None:
    theme, rect, row = palette.theme, _rect(item.box), item.mark.row
    radius = min(4.0, rect.width() * 0.28)
    if row.scarred:
        pen = QPen(theme.color("warn", 0.9), 1.3)
        pen.setDashPattern([2.0, 2.0])
        painter.setPen(pen)
        painter.setBrush(theme.color("warn", 0.12))
        painter.drawRoundedRect(rect.adjusted(-4.0, -4.0, 4.0, 4.0), radius + 4.0, radius + 4.0)
    _paint_metal(painter, rect, theme.color(_TOKENS[row.sign]), theme.color("film", 0.95))
    if palette.hovered == row.name:
        painter.setPen(QPen(theme.color("text", 0.8), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, radius, radius)
    _paint_inside(painter, item, rect, palette)
    if row.fault:
        _paint_badge(painter, rect, item.side, row.fault[0].upper(), palette)
    if item.mark.selected:
        _paint_ring(painter, rect, palette)


def _paint_metal(painter: QPainter, rect: QRectF, color: QColor, edge: QColor) -> None:
    """Paint the metal of a contact; on screens as a picture that is kept, since sixteen of them cost 4 ms."""
    if painter.paintEngine().type() != QPaintEngine.Type.Raster:
        _draw_metal(painter, rect, color, edge)
        return
    ratio = painter.deviceTransform().m11()
    width, height = round(rect.width() * ratio) + 4, round(rect.height() * ratio) + 4
    left, top = (round((edge_px - 2.0 / ratio) * ratio) / ratio for edge_px in (rect.left(), rect.top()))
    painter.drawImage(QPointF(left, top), _metal_picture(width, height, ratio, color.rgba(), edge.rgba()))


@lru_cache(maxsize=64)
def _metal_picture(width: int, height: int, ratio: float, color: int, edge: int) -> QImage:
    """Return a contact of a size in device pixels, 2 of them free all round."""
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    free = 2.0 / ratio
    rect = QRectF(free, free, width / ratio - 2.0 * free, height / ratio - 2.0 * free)
    _draw_metal(painter, rect, QColor.fromRgba(color), QColor.fromRgba(edge))
    painter.end()
    return image


def _draw_metal(painter: QPainter, rect: QRectF, color: QColor, edge: QColor) -> None:
    radius = min(4.0, rect.width() * 0.28)
    painter.setPen(QPen(edge, 1.4))
    painter.setBrush(_metal(color, rect))
    painter.drawRoundedRect(rect, radius, radius)


def _paint_inside(painter: QPainter, item: ContactBox, rect: QRectF, palette: Palette) -> None:
    """Paint the sign of a contact, or its number, or what other areas do with it."""
    theme, row = palette.theme, item.mark.row
    ink = _ink(theme, row.sign)
    if row.sign:
        inside = item.side == 0 and rect.height() >= 28.0
        centre = rect.center() - QPointF(0.0, rect.height() * 0.2 if inside else 0.0)
        _paint_sign(painter, row.sign, centre, min(rect.width() * 0.3, rect.height() * 0.3, 6.0), ink)
        if inside:
            painter.setFont(_sized(palette.font, 0.75))
            painter.setPen(ink)
            painter.drawText(rect.adjusted(-8.0, rect.height() * 0.42, 8.0, 0.0), _CENTRE, f"{row.percent}")
        return
    text = row.others.split(" ")[0] if row.others else row.label.split(".")[-1]
    font = _sized(palette.font, 0.78)
    metrics = QFontMetricsF(font)
    if rect.height() >= metrics.height() * 0.9 and rect.width() >= metrics.horizontalAdvance(text):
        painter.setFont(font)
        painter.setPen(theme.color("text", 0.95 if row.others else 0.75))
        painter.drawText(rect, _CENTRE, text)


def _paint_label(painter: QPainter, item: ContactBox, palette: Palette) -> None:
    """Write the share beside a contact, with its lock, and the impedance beyond it."""
    theme, row = palette.theme, item.mark.row
    if item.side == 0:
        if row.locked:
            _paint_lock(painter, QPointF(item.box.right - 3.0, item.box.top + 1.0), theme.color("text"), theme)
        return
    rect = _rect(item.label)
    align = Qt.AlignmentFlag.AlignVCenter | (
        Qt.AlignmentFlag.AlignRight if item.side < 0 else Qt.AlignmentFlag.AlignLeft
    )
    if row.sign:
        painter.setFont(_bold(palette.font))
        text = f"{row.percent} %"
        halo_text(painter, rect, align, text, theme.color("text"), theme.color("film"))
        if row.locked:
            width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 8.0
            x = rect.right() - width if item.side < 0 else rect.left() + width
            _paint_lock(painter, QPointF(x, rect.center().y()), theme.color("text"), theme)
    if item.mark.impedance:
        painter.setFont(_sized(palette.font, 0.88))
        width = QFontMetricsF(painter.font()).horizontalAdvance(item.mark.impedance) + 4.0
        shift = rect.width() + 2.0 if row.sign else 0.0
        left = rect.right() - width - shift if item.side < 0 else rect.left() + shift
        place = QRectF(left, rect.top(), width, rect.height())
        token = "warn" if row.flag else "muted"
        halo_text(painter, place, align, item.mark.impedance, theme.color(token), theme.color("film"))


def _paint_number(painter: QPainter, lead: LeadMark, projection: Projection, palette: Palette) -> None:
    """Write a lead's number above its tip."""
    theme = palette.theme
    x, y = projection.point(*lead_ends_mm(lead, TIP_MM)[0])
    font = _bold(palette.font)
    painter.setFont(font)
    height = QFontMetricsF(font).height()
    y -= max(lead.half_width_mm * projection.px_per_mm, 3.0) if lead.kind == "percutaneous" else 0.0
    rect = QRectF(x - 40.0, y - height - 5.0, 80.0, height)
    halo_text(painter, rect, _CENTRE, f"{lead.number}", theme.color("text"), theme.color("film"))


def _paint_handle(painter: QPainter, centre: QPointF, theme: Theme) -> None:
    """Paint the handle that turns a lead: a ring with arrows to both sides."""
    painter.setPen(QPen(theme.color("accent"), 1.6))
    painter.setBrush(theme.color("film", 0.85))
    painter.drawEllipse(centre, HANDLE_PX, HANDLE_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent"))
    for way in (-1.0, 1.0):
        tip = centre + QPointF(way * (HANDLE_PX + 6.0), 0.0)
        base = centre + QPointF(way * (HANDLE_PX + 2.0), 0.0)
        painter.drawPolygon(QPolygonF([tip, base + QPointF(0.0, -3.5), base + QPointF(0.0, 3.5)]))


def _paint_shorts(painter: QPainter, boxes: Sequence[ContactBox], theme: Theme) -> None:
    """Join contacts that are shorted by a dotted line beside them."""
    places = {item.mark.row.name: item for item in boxes}
    for item in boxes:
        kind, _, partner = item.mark.row.fault.partition(" ")
        if kind == "short" and partner in places and item.mark.row.name < partner:
            start, end = item.box.centre, places[partner].box.centre
            pen = QPen(theme.color("warn"), 2.0)
            pen.setDashPattern([1.0, 2.0])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            path = QPainterPath(QPointF(*start))
            bow = 22.0 if start[0] == end[0] or item.side >= 0 else -22.0
            path.quadTo(QPointF((start[0] + end[0]) / 2.0 + bow, (start[1] + end[1]) / 2.0), QPointF(*end))
            painter.drawPath(path)


def _paint_badge(painter: QPainter, rect: QRectF, side: int, letter: str, palette: Palette) -> None:
    """Mark a contact with a fault: O open, H high, S short."""
    theme = palette.theme
    centre = rect.topLeft() if side < 0 else rect.topRight()
    painter.setPen(QPen(theme.color("film"), 1.0))
    painter.setBrush(theme.color("warn"))
    painter.drawEllipse(centre, 6.5, 6.5)
    font = _sized(palette.font, 0.68)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(theme.color("film"))
    painter.drawText(QRectF(centre.x() - 8.0, centre.y() - 8.0, 16.0, 16.0), _CENTRE, letter)


def _paint_ring(painter: QPainter, rect: QRectF, palette: Palette) -> None:
    strong = palette.has_focus
    painter.setPen(QPen(palette.theme.color("accent", 1.0 if strong else 0.7), 2.4 if strong else 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(-4.0, -4.0, 4.0, 4.0), 6.5, 6.5)


def _paint_sign(painter: QPainter, sign: int, centre: QPointF, half_px: float, ink: QColor) -> None:
    painter.setPen(QPen(ink, max(half_px * 0.42, 1.6), Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLine(centre - QPointF(half_px, 0.0), centre + QPointF(half_px, 0.0))
    if sign > 0:
        painter.drawLine(centre - QPointF(0.0, half_px), centre + QPointF(0.0, half_px))


def _paint_lock(painter: QPainter, centre: QPointF, ink: QColor, theme: Theme) -> None:
    body = QRectF(centre.x() - 4.0, centre.y() - 1.0, 8.0, 6.5)
    painter.setPen(QPen(ink, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(centre.x() - 2.6, centre.y() - 5.5, 5.2, 9.0), 0, 180 * 16)
    painter.setPen(QPen(theme.color("film", 0.8), 0.8))
    painter.setBrush(ink)
    painter.drawRoundedRect(body, 1.5, 1.5)


def _metal(color: QColor, rect: QRectF) -> QLinearGradient:
    """Return the shading of a cylinder in a colour."""
    ramp = QLinearGradient(rect.left(), 0.0, rect.right(), 0.0)
    for place, factor in ((0.0, 86), (0.3, 112), (0.55, 102), (1.0, 80)):
        ramp.setColorAt(place, color.lighter(factor))
    return ramp


def _ink(theme: Theme, sign: int) -> QColor:
    """Return what is legible on a contact of a sign."""
    return theme.color("film") if sign else theme.color("text")


def _rect(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.width, box.height)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold


def _sized(font: QFont, factor: float) -> QFont:
    sized = QFont(font)
    sized.setPointSizeF(max(font.pointSizeF() * factor, 6.0))
    return sized
