"""What lies behind the leads in the spine view, kept as one pixmap: the spine, names of vertebrae, ruler, L and R.

It is painted anew only when the view moves, the theme or the patient's spine changes. Stretches of spine are made one
by one when first seen, so that no frame waits long.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from scs_models.anatomy import vertebra_mid_z_mm, vertebra_names, vertebra_span_mm
from scs_ui.state.looks.spine import SpineLook
from scs_ui.state.looks.spine_layout import Projection
from scs_ui.theme import Theme
from scs_ui.widgets.spine_art import stretch_at, stretch_image, stretch_rect

_KEPT = 64
_MARGIN_PX = 10.0

KEPT_FREE_PX = 52.0
"""Height at the lower end that stays free of names and numbers: generator and zoom buttons stand there."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    number: int
    theme: str
    laminectomy_levels: tuple[str, ...]
    hardware_levels: tuple[str, ...]


class Backdrop:
    """Keeps the stretches of spine of one view and the pixmap made of them.

    painted: how often the pixmap was made; tests see that amplitudes and contacts do not make it anew.
    """

    def __init__(self) -> None:
        self.painted = 0
        self._images: dict[_Stretch, QImage] = {}
        self._pixmap = QPixmap()
        self._key: tuple[object, ...] = ()

    def pixmap(self, look: SpineLook, projection: Projection, theme: Theme, font: QFont, ratio: float) -> QPixmap:
        """Return the backdrop of a view at a device pixel ratio; stretches that are missing are left empty."""
        there = tuple(stretch for stretch in _stretches(look, projection, theme) if stretch in self._images)
        key = (projection, theme.name, font.key(), ratio, there, look.midline_mm)
        if key != self._key:
            self._key = key
            self._pixmap = QPixmap(round(projection.width_px * ratio), round(projection.height_px * ratio))
            self._pixmap.setDevicePixelRatio(ratio)
            painter = QPainter(self._pixmap)
            self.paint(painter, look, projection, theme, font)
            painter.end()
            self.painted += 1
        return self._pixmap

    def make_next(self, look: SpineLook, projection: Projection, theme: Theme) -> bool:
        """Make one stretch that is seen and missing, the middle first; return whether there was one."""
        missing = [stretch for stretch in _stretches(look, projection, theme) if stretch not in self._images]
        if not missing:
            return False
        middle = stretch_at(projection.z_mm)
        stretch = min(missing, key=lambda stretch: abs(stretch.number - middle))
        while len(self._images) >= _KEPT:
            self._images.pop(next(iter(self._images)))
        self._images[stretch] = stretch_image(
            stretch.number, theme, stretch.laminectomy_levels, stretch.hardware_levels
        )
        return True

    def make_all(self, look: SpineLook, projection: Projection, theme: Theme) -> None:
        """Make every stretch that is seen: for pictures."""
        while self.make_next(look, projection, theme):
            pass

    def paint(self, painter: QPainter, look: SpineLook, projection: Projection, theme: Theme, font: QFont) -> None:
        """Paint the backdrop itself, what is written on it as vectors."""
        whole = QRectF(0.0, 0.0, projection.width_px, projection.height_px)
        painter.fillRect(whole, theme.color("film"))
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        for stretch in _stretches(look, projection, theme):
            image = self._images.get(stretch)
            if image is not None:
                painter.drawImage(_whole_pixels(stretch_rect(stretch.number), projection), image)
        _paint_midline(painter, look, projection, theme, font)
        _paint_levels(painter, projection, theme, font)
        _paint_ruler(painter, projection, theme, font)
        _paint_sides(painter, projection, theme, font)


def _whole_pixels(place: QRectF, projection: Projection) -> QRectF:
    """Return where a stretch is drawn, its upper and lower edge on whole pixels so that none shows a seam."""
    left, top = projection.point(-place.left() if projection.mirrored else place.left(), -place.top())
    _, bottom = projection.point(0.0, -place.bottom())
    width = place.width() * projection.px_per_mm
    return QRectF(left, round(top), width, round(bottom) - round(top))


def _stretches(look: SpineLook, projection: Projection, theme: Theme) -> list[_Stretch]:
    """Return the stretches that a view shows."""
    _, high_mm = projection.place(0.0, 0.0)
    _, low_mm = projection.place(0.0, projection.height_px)
    return [
        _Stretch(number, theme.name, look.laminectomy_levels, look.hardware_levels)
        for number in range(stretch_at(high_mm), stretch_at(low_mm) + 1)
    ]


def halo_text(
    painter: QPainter, rect: QRectF, flags: Qt.AlignmentFlag, text: str, color: QColor, ground: QColor
) -> None:
    """Draw text that stays legible over bone: with a soft edge of the ground's colour."""
    ground = QColor(ground)
    ground.setAlphaF(0.75)
    painter.setPen(ground)
    for dx, dy in ((-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)):
        painter.drawText(rect.translated(dx, dy), flags, text)
    painter.setPen(color)
    painter.drawText(rect, flags, text)


def _paint_midline(painter: QPainter, look: SpineLook, projection: Projection, theme: Theme, font: QFont) -> None:
    x_px, _ = projection.point(look.midline_mm, 0.0)
    pen = QPen(theme.color("accent", 0.8), 1.2)
    pen.setDashPattern([5.0, 5.0])
    painter.setPen(pen)
    painter.drawLine(QPointF(x_px, 0.0), QPointF(x_px, projection.height_px))
    if abs(look.midline_mm) >= 0.05:
        side = "right" if look.midline_mm > 0 else "left"
        painter.setFont(_sized(font, 0.85))
        metrics = QFontMetricsF(painter.font())
        right, bottom = projection.width_px - 48.0, projection.height_px - KEPT_FREE_PX  # clear of ruler and buttons
        for line, text in enumerate((f"{abs(look.midline_mm):.1f} mm {side}", "cord midline")):
            rect = QRectF(right - 120.0, bottom - (line + 1) * metrics.height(), 120.0, metrics.height())
            halo_text(painter, rect, _RIGHT, text, theme.color("accent"), theme.color("film"))


def _paint_levels(painter: QPainter, projection: Projection, theme: Theme, font: QFont) -> None:
    """Print the names of vertebrae at the left edge, with hairlines where one ends."""
    painter.setFont(_sized(font, 1.0))
    metrics = QFontMetricsF(painter.font())
    hairline = QPen(theme.color("muted", 0.35), 1.0)
    for name in vertebra_names():
        low, high = vertebra_span_mm(name)
        if (high - low) * projection.px_per_mm < metrics.height():
            continue
        _, y_px = projection.point(0.0, vertebra_mid_z_mm(name))
        if y_px > projection.height_px - KEPT_FREE_PX:
            continue
        rect = QRectF(_MARGIN_PX, y_px - metrics.height() / 2.0, 44.0, metrics.height())
        halo_text(painter, rect, _LEFT, name, theme.color("text", 0.85), theme.color("film"))
        _, border_px = projection.point(0.0, low)
        painter.setPen(hairline)
        painter.drawLine(QPointF(0.0, round(border_px) + 0.5), QPointF(8.0, round(border_px) + 0.5))


def _paint_ruler(painter: QPainter, projection: Projection, theme: Theme, font: QFont) -> None:
    """Print a ruler at the right edge: heights in mm above (below: -) the middle of T9."""
    painter.setFont(_sized(font, 0.8))
    metrics = QFontMetricsF(painter.font())
    step = next((step for step in (5, 10, 20, 50, 100) if step * projection.px_per_mm >= 2.2 * metrics.height()), 100)
    _, high = projection.place(0.0, 0.0)
    _, low = projection.place(0.0, projection.height_px)
    right = projection.width_px
    tick = QPen(theme.color("muted", 0.55), 1.0)
    minor = max(step // 5, 1)
    for value in range(int(low // minor) * minor, int(high) + minor, minor):
        _, y_px = projection.point(0.0, float(value))
        y_px = round(y_px) + 0.5
        is_major = value % step == 0
        painter.setPen(tick)
        painter.drawLine(QPointF(right - (9.0 if is_major else 5.0), y_px), QPointF(right, y_px))
        top = y_px - metrics.height() / 2.0
        if is_major and 38.0 < top < projection.height_px - KEPT_FREE_PX:
            text = f"{value} mm" if value == 0 else f"{value}".replace("-", "\N{MINUS SIGN}")
            rect = QRectF(right - 60.0, top, 48.0, metrics.height())
            halo_text(painter, rect, _RIGHT, text, theme.color("muted"), theme.color("film"))


def _paint_sides(painter: QPainter, projection: Projection, theme: Theme, font: QFont) -> None:
    """Print the patient's L and R at the top."""
    bold = _sized(font, 1.15)
    bold.setBold(True)
    painter.setFont(bold)
    metrics = QFontMetricsF(bold)
    size = metrics.height() + 4.0
    left, right = ("R", "L") if projection.mirrored else ("L", "R")
    for text, x_px in ((left, _MARGIN_PX), (right, projection.width_px - _MARGIN_PX - size)):
        rect = QRectF(x_px, 8.0, size, size)
        painter.setPen(QPen(theme.color("muted", 0.5), 1.0))
        painter.setBrush(theme.color("film", 0.7))
        painter.drawRoundedRect(rect, 5.0, 5.0)
        painter.setPen(theme.color("text"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def _sized(font: QFont, factor: float) -> QFont:
    sized = QFont(font)
    sized.setPointSizeF(max(font.pointSizeF() * factor, 6.0))
    return sized


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
