"""What of the body map is drawn once and kept: paths, soft shading, line work, hatches, pain.

All of it in device pixels of one layout, kept until size, theme, layers or pain change; an amplitude changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from scs_models.percept.body_map import dissolved, load_body_map
from scs_models.percept.dermatomes import SIDES, VIEWS, key_points
from scs_models.values import FloatArray
from scs_sim.patient import PainMap, PainPolygon
from scs_sim.picture.looks import Colour
from scs_sim.picture.looks import Theme as PictureTheme
from scs_ui.state.looks.body_layout import BodyLayout, Placed, dermatome_anchors
from scs_ui.state.pain_paint import grid_of
from scs_ui.theme import Theme

ROOT_LEVELS = 8
CAPTIONS = {"front": "FRONT", "back": "BACK", "sole": "SOLES"}
# Hatches, in units as in scs_sim.picture but no closer than this many pixels.
_ROOT_GAP, _PAIN_GAP, _GAP_MIN_PX = 6.5, 9.0, 6.0
_TRANSPARENT = QColor(0, 0, 0, 0)


def rgb(colour: Colour, alpha: float = 1.0) -> QColor:
    """Return a colour of the pictures as a QColor with `alpha` 0-1."""
    made = QColor(*colour)
    made.setAlphaF(min(max(alpha, 0.0), 1.0))
    return made


def transform_of(placed: Placed) -> QTransform:
    """Return the map from drawing units to device pixels of a view."""
    s, (x0, y0, x1, _) = placed.px_per_unit, placed.frame
    if placed.mirrored:
        return QTransform(-s, 0.0, 0.0, s, placed.x_px + x1 * s, placed.y_px - y0 * s)
    return QTransform(s, 0.0, 0.0, s, placed.x_px - x0 * s, placed.y_px - y0 * s)


def path_of(rings: Iterable[FloatArray], closed: bool = True) -> QPainterPath:
    """Return lines or rings, each float64 (N, 2), as one path, even-odd filled."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    for ring in rings:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in ring.tolist()]))
        if closed:
            path.closeSubpath()
    return path


@cache
def region_path(index: int) -> QPainterPath:
    """Return a region's area in drawing units."""
    return path_of(load_body_map().regions[index].polygons)


@cache
def silhouette(view: str) -> QPainterPath:
    """Return the outline of a view in drawing units."""
    return path_of(stroke.points for stroke in load_body_map().outlines if stroke.view == view)


def overlay_of(layout: BodyLayout, theme: Theme, layers: Collection[str], font: QFont, ratio: float) -> QPixmap:
    """Return the line work above the colours: shading, borders, details, outline, letters; outside the body the panel.

    layers: "borders", "dermatomes" and "points" are looked at; ratio: device pixels per pixel.
    """
    colours, panel = theme.picture, theme.color("panel")
    pixmap = QPixmap(layout.width_px, layout.height_px)
    pixmap.fill(_TRANSPARENT)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    outside = QPainterPath()
    outside.setFillRule(Qt.FillRule.OddEvenFill)
    outside.addRect(QRectF(0, 0, layout.width_px, layout.height_px))
    fine = max(0.8 * layout.px_per_unit, 0.7 * ratio)
    for placed in layout.placed:
        view, to_px = placed.view, transform_of(placed)
        painter.setTransform(to_px)
        grid = grid_of(view)
        painter.drawImage(QRectF(grid.x0, grid.y0, *reversed(grid.labels.shape)), _shade(view, colours))
        strong = "borders" in layers
        _stroke(painter, _border_path(view), rgb(colours.border, 0.6 if strong else 0.2), fine * 1.15)
        details = load_body_map().details
        for fold, alpha in ((False, 0.3), (True, 0.5)):
            lines = path_of([line.points for line in details if line.view == view and line.fold == fold], closed=False)
            _stroke(painter, lines, rgb(colours.detail, alpha), fine * (1.3 if fold else 1.0))
        if "dermatomes" in layers:
            _stroke(painter, _dermatome_path(view), rgb(colours.outline, 0.8), fine * 1.2, (4.0, 3.0))
        outside.addPath(to_px.map(silhouette(view)))
    painter.resetTransform()
    painter.fillPath(outside, panel)
    for placed in layout.placed:
        painter.setTransform(transform_of(placed))
        _stroke(
            painter, silhouette(placed.view), rgb(colours.outline, 0.9), max(1.3 * layout.px_per_unit, 1.15 * ratio)
        )
    painter.resetTransform()
    if "dermatomes" in layers:
        _dermatome_names(painter, layout, theme, font, ratio)
    if "points" in layers:
        _key_points(painter, layout, theme, ratio)
    _letters(painter, layout, theme, font, ratio)
    painter.end()
    return pixmap


PainHere = tuple[tuple[tuple[str, float], ...], tuple[PainPolygon, ...]]
"""What hurts in one view: regions with their scores, and polygons."""


def pain_here(pain: PainMap, view: str) -> PainHere:
    """Return what of a pain map is to be drawn in one view."""
    body = load_body_map()
    named = tuple((name, s) for name, s in sorted(pain.scores.items()) if s > 0.0 and body.region(name).view == view)
    return named, tuple(polygon for polygon in pain.polygons if polygon.score > 0.0 and polygon.view == view)


def pain_of(layout: BodyLayout, view: str, here: PainHere, theme: Theme, ratio: float) -> tuple[QPixmap, QRect]:
    """Return the pain of one view, hatch and dashed rim by score, and the rectangle of the surface that it fills."""
    body, colours, (named, polygons) = load_body_map(), theme.picture, here
    if not named and not polygons:
        return QPixmap(), QRect()
    to_px = transform_of(layout.view(view))
    rings = [dissolved([np.array(polygon.points)]) for polygon in polygons]
    areas = [(score, to_px.map(region_path(body.index(name)))) for name, score in named]
    areas += [(polygon.score, to_px.map(path_of(ring))) for polygon, ring in zip(polygons, rings, strict=True)]
    rim = to_px.map(path_of([*body.outline_of(name for name, _ in named), *(ring for some in rings for ring in some)]))
    edge = int(np.ceil(4 * max(layout.px_per_unit, ratio)))
    box = rim.boundingRect().toAlignedRect().adjusted(-edge, -edge, edge, edge)
    pixmap = QPixmap(box.size())
    pixmap.fill(_TRANSPARENT)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-box.topLeft())
    for score, path in areas:
        painter.fillPath(path, rgb(colours.pain, 0.03 + 0.008 * score))
        painter.fillPath(path, pain_brush(layout.px_per_unit, ratio, round(score), colours))
    wide = max(2.2 * layout.px_per_unit, 1.9 * ratio)
    _stroke(painter, rim, rgb(colours.casing, 0.5), 1.7 * wide)
    _stroke(painter, rim, rgb(colours.pain), wide, (3.8, 2.2))
    painter.end()
    return pixmap, box


def root_brush(level: int, px_per_unit: float, ratio: float, colours: PictureTheme) -> QBrush:
    """Return the hatch of roots, wider and clearer from level 1 to ROOT_LEVELS."""
    share = level / ROOT_LEVELS
    wide = (1.0 + 1.5 * share) * max(0.9 * px_per_unit, 0.9 * ratio)
    clear = min(1.0, 0.5 + share)
    gap = max(_ROOT_GAP * px_per_unit, _GAP_MIN_PX * ratio)
    return _hatch(gap, True, ((rgb(colours.casing, 0.4 * clear), wide * 1.7), (rgb(colours.root, clear), wide)))


@lru_cache(maxsize=24)
def pain_brush(px_per_unit: float, ratio: float, score: int, colours: PictureTheme) -> QBrush:
    """Return the hatch of pain, wider and clearer with the score 0-10."""
    wide = (0.7 + 0.08 * score) * max(px_per_unit, 0.95 * ratio)
    gap = max(_PAIN_GAP * px_per_unit, (_GAP_MIN_PX + 2.0) * ratio)
    pens = ((rgb(colours.casing, 0.25), wide * 2.0), (rgb(colours.pain, 0.45 + 0.045 * score), wide))
    return _hatch(gap, False, pens)


def _hatch(gap_px: float, falling: bool, pens: Sequence[tuple[QColor, float]]) -> QBrush:
    """Return parallel slanted lines as a tile, so that hatches of neighbours meet."""
    side = max(4, round(gap_px * np.sqrt(2.0)))
    tile = QPixmap(side, side)
    tile.fill(_TRANSPARENT)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in pens:
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        for shift in (-side, 0, side):
            if falling:
                painter.drawLine(QPointF(shift - side, -side), QPointF(shift + 2 * side, 2 * side))
            else:
                painter.drawLine(QPointF(shift - side, 2 * side), QPointF(shift + 2 * side, -side))
    painter.end()
    return QBrush(tile)


def _stroke(
    painter: QPainter,
    path: QPainterPath,
    colour: QColor,
    width_px: float,
    dash: tuple[float, float] | None = None,
) -> None:
    """Draw a path with a pen of so many device pixels, whatever the painter's scale; dash in widths."""
    pen = QPen(colour, width_px, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    if dash is not None:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern(list(dash))
    pen.setCosmetic(True)
    painter.strokePath(path, pen)


@cache
def _border_path(view: str) -> QPainterPath:
    grid = grid_of(view)

    def is_here(line: FloatArray) -> bool:
        x, y = line[len(line) // 2] - (grid.x0, grid.y0)
        around = grid.labels[max(int(y) - 1, 0) : int(y) + 2, max(int(x) - 1, 0) : int(x) + 2]
        return bool(around.any()) if x >= 0 and y >= 0 else False

    return path_of([line for line in _borders() if is_here(line)], closed=False)


@cache
def _borders() -> tuple[FloatArray, ...]:
    return load_body_map().borders


@cache
def _dermatome_path(view: str) -> QPainterPath:
    return path_of([ring for area in load_body_map().dermatomes if area.view == view for ring in area.polygons])


def _dermatome_names(painter: QPainter, layout: BodyLayout, theme: Theme, font: QFont, ratio: float) -> None:
    """Write each dermatome once per view, on the patient's right, where there is room."""
    painter.setFont(_sized(font, 0.75, ratio))
    high = painter.fontMetrics().ascent()
    taken: list[QRectF] = []
    for area, anchor in zip(load_body_map().dermatomes, dermatome_anchors(), strict=True):
        if area.dermatome == "none" or area.side == "left":
            continue
        x, y = layout.view(area.view).to_px(anchor).tolist()
        wide = painter.fontMetrics().horizontalAdvance(area.dermatome)
        box = QRectF(x - wide / 2, y - high / 2, wide, high)
        if not any(box.intersects(other) for other in taken):
            taken.append(box)
            _cased_text(painter, box, area.dermatome, rgb(theme.picture.text), rgb(theme.picture.casing, 0.85), ratio)


def _key_points(painter: QPainter, layout: BodyLayout, theme: Theme, ratio: float) -> None:
    body, colours = load_body_map(), theme.picture
    for point in key_points():
        for side in SIDES:
            x, y = layout.view(point.view).to_px(body.key_point(point, side))
            painter.setPen(QPen(rgb(colours.casing), 1.2 * ratio))
            painter.setBrush(rgb(colours.text))
            painter.drawEllipse(QPointF(x, y), 2.6 * ratio, 2.6 * ratio)


def _letters(painter: QPainter, layout: BodyLayout, theme: Theme, font: QFont, ratio: float) -> None:
    painter.setPen(theme.color("muted"))
    for letter in load_body_map().letters:
        placed = layout.view(letter.view)
        big = _sized(font, 1.0 if letter.view == "sole" else 1.35, ratio)
        big.setWeight(QFont.Weight.DemiBold)
        painter.setFont(big)
        x, y = placed.to_px([letter.x, letter.y])
        high, wide = painter.fontMetrics().height(), painter.fontMetrics().horizontalAdvance(letter.text)
        painter.drawText(QRectF(x - wide, y - high, 2 * wide, high), Qt.AlignmentFlag.AlignCenter, letter.text)
    small = _sized(font, 0.8, ratio)
    small.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 112)
    painter.setFont(small)
    high = painter.fontMetrics().height()
    for placed in layout.placed:
        words, middle = CAPTIONS[placed.view], placed.x_px + placed.width_px / 2.0
        wide = painter.fontMetrics().horizontalAdvance(words) + 4
        y = placed.bottom_px + 1.0 if placed.view == "sole" else layout.view("front").bottom_px + 2.0
        painter.drawText(QRectF(middle - wide / 2, y, wide, high), Qt.AlignmentFlag.AlignCenter, words)


def _cased_text(painter: QPainter, box: QRectF, text: str, colour: QColor, casing: QColor, ratio: float) -> None:
    painter.setPen(casing)
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawText(box.translated(dx * ratio, dy * ratio), Qt.AlignmentFlag.AlignCenter, text)
    painter.setPen(colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _sized(font: QFont, times: float, ratio: float) -> QFont:
    """Return the application's font for a painter in device pixels."""
    made = QFont(font)
    size = font.pixelSize() if font.pixelSize() > 0 else font.pointSizeF() * 96.0 / 72.0
    made.setPixelSize(max(7, round(size * times * ratio)))
    return made


@lru_cache(maxsize=2 * len(VIEWS))
def _shade(view: str, colours: PictureTheme) -> QImage:
    """Return the body's form as light and dark, half a pixel per unit: round edges, soft folds, both sides alike."""
    from scipy.ndimage import gaussian_filter

    grid = grid_of(view)
    mask = np.asarray(grid.labels[::2, ::2] > 0, dtype=np.float32)
    near, far = (np.clip(2.0 - 2.0 * gaussian_filter(mask, sigma), 0.0, 1.0) for sigma in (2.0, 6.5))
    folds = 1.2 * gaussian_filter(_fold_mask(view, False), 2.2) + 2.0 * gaussian_filter(_fold_mask(view, True), 2.2)
    dark = colours.shade_opacity * np.clip(0.45 * near**1.5 + 0.55 * far**1.4 + 0.4 * folds, 0.0, 0.8) * mask
    light = 0.11 * (1.0 - far) ** 2 * np.clip(1.0 - 1.2 * folds, 0.0, 1.0) * mask
    alpha = dark + light - dark * light
    image = np.empty((*mask.shape, 4), dtype=np.uint8)
    for channel, level in zip((2, 1, 0), colours.shade, strict=True):
        image[..., channel] = np.round(level * dark * (1.0 - light) + 255.0 * light)
    image[..., 3] = np.round(255.0 * alpha)
    image[..., :3] = np.minimum(image[..., :3], image[..., 3:])
    high, wide = mask.shape
    return QImage(image.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32_Premultiplied).copy()


def _fold_mask(view: str, fold: bool) -> FloatArray:
    """Return the detail lines of a view as an image 0-1, half a pixel per unit."""
    grid = grid_of(view)
    high, wide = grid.labels[::2, ::2].shape
    image = QImage(wide, high, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(0.5, 0.5)
    painter.translate(-grid.x0, -grid.y0)
    lines = [line.points for line in load_body_map().details if line.view == view and line.fold == fold]
    painter.strokePath(path_of(lines, closed=False), QPen(QColor(255, 255, 255), 2.5))
    painter.end()
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(high, image.bytesPerLine())
    return np.asarray(rows[:, :wide] / 255.0, dtype=np.float64)
