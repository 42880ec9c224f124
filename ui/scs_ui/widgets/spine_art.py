"""The picture behind the leads: the spine from behind as an X-ray (dark theme) or an anatomical print (light theme).

Bone is painted as three densities, mass, cortical edge and metal, into the colour channels of one image per stretch of
spine, blurred and grained once, then coloured by the theme. scs_ui.widgets.spine_backdrop keeps them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QRadialGradient,
)
from scipy.ndimage import gaussian_filter

from scs_models.anatomy import spine
from scs_ui.theme import Theme
from scs_ui.widgets import spine_shapes as shapes
from scs_ui.widgets.spine_shapes import Vertebra

FloatPlane = NDArray[np.floating[Any]]

HALF_WIDTH_MM = 66.0
STRETCH_MM = 24.0
PX_PER_MM = 8.0
TOP_MM = 300.0

_MARGIN_MM = 5.0
_OVERHANG_MM = 34.0  # how far ribs and processes hang over into another stretch
_BLUR_MM = (0.40, 0.15, 0.09)  # mass, edge, metal
_PRINT_BLUR_MM = (0.30, 0.09, 0.09)  # lines of a print are crisper
_FADE_MM = (30.0, 62.0)  # where ribs and processes begin to fade out, and where nothing is left

_MASS, _EDGE, _METAL, _SHADE = range(4)
_METAL_STEPS = 16


def stretch_at(z_mm: float) -> int:
    """Return the number of the stretch that height `z_mm` lies in; stretches count downwards from the skull."""
    return math.floor((TOP_MM - z_mm) / STRETCH_MM)


def stretch_rect(number: int) -> QRectF:
    """Return where stretch `number` lies: x to the right and downwards from z = 0, mm."""
    return QRectF(-HALF_WIDTH_MM, number * STRETCH_MM - TOP_MM, 2.0 * HALF_WIDTH_MM, STRETCH_MM)


def stretch_image(
    number: int, theme: Theme, laminectomy_levels: tuple[str, ...], hardware_levels: tuple[str, ...]
) -> QImage:
    """Return the picture of one stretch (PX_PER_MM), with what surgery took away and what it left."""
    planes = _planes(number, laminectomy_levels, hardware_levels, opaque=not theme.is_dark)
    tone = _film(planes) if theme.is_dark else _print(planes)
    index = (np.clip(tone, 0.0, 1.0) * 255.0).astype(np.intp) * _METAL_STEPS
    if hardware_levels:
        index += np.minimum(planes[_METAL] * _METAL_STEPS, _METAL_STEPS - 1).astype(np.intp)
    pixels = _ramp(theme)[index]
    height, width = pixels.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def _film(planes: list[FloatPlane]) -> FloatPlane:
    """Return the tone (rows, columns) of an X-ray: 0 film, 1 densest bone."""
    mass, edge = planes[_MASS], planes[_EDGE]
    light = 1.0 - np.exp(-0.66 * mass - 0.62 * edge - _soft_tissue(mass.shape))  # film saturates
    light += 0.10 * _speckle(1.1) * light * np.minimum(1.0, 2.0 * mass) + 0.016 * _speckle(0.12)
    return light


def _print(planes: list[FloatPlane]) -> FloatPlane:
    """Return the tone (rows, columns) of an anatomical print: 0 paper, 1/2 bone, 1 ink of edges and shading."""
    mass, edge, shade = planes[_MASS], planes[_EDGE], planes[_SHADE]
    ink = 1.25 * edge**0.7 + (shade + 0.035 * _speckle(1.1)) * np.minimum(1.0, 3.0 * mass)
    ink = 0.92 * (1.0 - np.exp(-ink))
    tone: FloatPlane = 0.5 - 0.5 * np.exp(-6.0 * mass)
    tone += (1.0 - tone) * np.maximum(ink, 0.0) + 0.006 * _speckle(0.12) + 0.12 * _soft_tissue(mass.shape)
    return tone


@lru_cache(maxsize=2)
def _ramp(theme: Theme) -> NDArray[np.uint32]:
    """Return the pixel for each of 256 tones times _METAL_STEPS densities of metal, flattened."""
    stops = ("film", "bone") if theme.is_dark else ("film", "bone", "cortex")
    colours = np.array([_rgb(theme, stop) for stop in stops])
    tones = np.linspace(0.0, 1.0, 256)
    bones = np.stack([np.interp(tones, np.linspace(0.0, 1.0, len(stops)), part) for part in colours.T], axis=-1)
    metal = np.linspace(0.0, 1.0, _METAL_STEPS)[:, None]
    mixed = np.rint(255.0 * (bones[:, None] * (1.0 - metal) + np.array(_rgb(theme, "metal")) * metal)).astype(np.uint32)
    return (0xFF000000 | mixed[..., 0] << 16 | mixed[..., 1] << 8 | mixed[..., 2]).astype(np.uint32).ravel()


def _rgb(theme: Theme, token: str) -> tuple[float, float, float]:
    colour = theme.color(token)
    return colour.redF(), colour.greenF(), colour.blueF()


@lru_cache(maxsize=1)
def _soft_tissue(shape: tuple[int, ...]) -> FloatPlane:
    """Return the faint density of muscle along the spine, the same at every height."""
    x_mm = (np.arange(shape[1], dtype=np.float32) + 0.5) / PX_PER_MM - HALF_WIDTH_MM
    across = 0.11 * np.exp(-((x_mm / 21.0) ** 2)) + 0.055 * np.exp(-((x_mm / 46.0) ** 4))
    return np.broadcast_to(across.astype(np.float32), shape)


@lru_cache(maxsize=4)
def _speckle(size_mm: float) -> FloatPlane:
    """Return noise of unit spread whose grains have about `size_mm`; it meets itself at top and bottom."""
    shape = (round(STRETCH_MM * PX_PER_MM), round(2.0 * HALF_WIDTH_MM * PX_PER_MM))
    noise = np.random.default_rng(7).standard_normal(shape, dtype=np.float32)
    blurred = gaussian_filter(noise, (size_mm * PX_PER_MM * 1.6, size_mm * PX_PER_MM), mode="wrap")
    return blurred / np.float32(blurred.std())


def _planes(
    number: int, laminectomy_levels: tuple[str, ...], hardware_levels: tuple[str, ...], *, opaque: bool
) -> list[FloatPlane]:
    """Return mass, edge, metal and shading, (rows, columns) 0-1 each, of one stretch.

    opaque: what lies nearer to the viewer covers what is behind, and edges cast shade.
    """
    rect = stretch_rect(number)
    margin = round(_MARGIN_MM * PX_PER_MM)
    width, height = round(rect.width() * PX_PER_MM), round(rect.height() * PX_PER_MM) + 2 * margin
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(PX_PER_MM, PX_PER_MM)
    painter.translate(-rect.left(), -rect.top() + _MARGIN_MM)
    painter.scale(1.0, -1.0)
    high_mm, low_mm = _OVERHANG_MM - rect.top(), -rect.bottom() - _OVERHANG_MM
    _paint_spine(_Brush(painter, opaque), low_mm, high_mm, laminectomy_levels, hardware_levels)
    painter.end()
    pixels = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(height, width, 4)
    planes = [
        gaussian_filter(pixels[..., 2 - plane] * np.float32(1 / 255), blur_mm * PX_PER_MM, truncate=3.0)
        for plane, blur_mm in enumerate(_PRINT_BLUR_MM if opaque else _BLUR_MM)
        if plane != _METAL or hardware_levels
    ]
    if not hardware_levels:
        planes.append(np.zeros_like(planes[0]))
    planes.append(gaussian_filter(planes[_EDGE], 1.3 * PX_PER_MM, truncate=2.5) if opaque else planes[_METAL])
    return [plane[margin:-margin] for plane in planes]


class _Brush:
    """Paints densities with one painter: fills and lines in a channel, both sides of the midline where asked."""

    def __init__(self, painter: QPainter, opaque: bool) -> None:
        self._painter = painter
        self._opaque = opaque
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)

    def cover(self, path: QPainterPath, *, both: bool = False) -> None:
        """Hide most of what lies behind `path`, where what is near covers what is far."""
        if self._opaque:
            self._painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            self._fill(path, QBrush(QColor(40, 0, 0, 175)), both)
            self._painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)

    def fill(self, path: QPainterPath, channel: int, amount: float, *, both: bool = False) -> None:
        """Add `amount` of a density inside `path`."""
        self._fill(path, QBrush(_ink(channel, amount)), both)

    def shade(self, path: QPainterPath, channel: int, middle: float, rim: float) -> None:
        """Add a density that grows from the middle of `path` to its sides."""
        box = path.boundingRect()
        ramp = QLinearGradient(box.left(), 0.0, box.right(), 0.0)
        for place, amount in ((0.0, rim), (0.16, middle * 1.1), (0.5, middle), (0.84, middle * 1.1), (1.0, rim)):
            ramp.setColorAt(place, _ink(channel, amount))
        self._fill(path, QBrush(ramp), False)

    def gradient(self, path: QPainterPath, ramp: QLinearGradient) -> None:
        """Add a density that `ramp` gives inside `path`."""
        self._fill(path, QBrush(ramp), False)

    def hollow(self, path: QPainterPath, channel: int, middle: float, rim: float, *, both: bool = False) -> None:
        """Add a density that grows from the middle of `path` all round to its rim."""
        box = path.boundingRect()
        ramp = QRadialGradient(box.center(), max(box.width(), box.height()) / 2.0)
        ramp.setColorAt(0.0, _ink(channel, middle))
        ramp.setColorAt(1.0, _ink(channel, rim))
        self._fill(path, QBrush(ramp), both)

    def line(
        self,
        path: QPainterPath,
        channel: int,
        amount: float,
        width_mm: float,
        *,
        both: bool = False,
        fades: bool = False,
        dashed: bool = False,
        ink: QLinearGradient | None = None,
    ) -> None:
        """Add a line along `path`; fades: out towards the sides; dashed: in short pieces; `ink`: a ramp instead."""
        gradient = ink or (_fading(channel, amount) if fades else None)
        brush = QBrush(_ink(channel, amount)) if gradient is None else QBrush(gradient)
        pen = QPen(brush, width_mm, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        if dashed:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([0.16, 0.22])
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        for one in (path, shapes.mirrored(path)) if both else (path,):
            self._painter.drawPath(one)

    def band(self, path: QPainterPath, mass: float, edge: float, width_mm: float) -> None:
        """Add a bone of even width along `path` on both sides: faint inside, its edges clearer, fading outwards."""
        self.line(path, _MASS, mass, width_mm, both=True, fades=True)
        outline = _stroked(path, width_mm)
        self.line(outline, _EDGE, edge, 0.55, both=True, fades=True)

    def _fill(self, path: QPainterPath, brush: QBrush, both: bool) -> None:
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(brush)
        self._painter.drawPath(path)
        if both:
            self._painter.save()
            self._painter.scale(-1.0, 1.0)
            self._painter.drawPath(path)
            self._painter.restore()


def _ink(channel: int, amount: float) -> QColor:
    red, green, blue = (255 if plane == channel else 0 for plane in (_MASS, _EDGE, _METAL))
    return QColor(red, green, blue, round(255 * min(amount, 1.0)))


def _fading(channel: int, amount: float) -> QLinearGradient:
    begin, end = _FADE_MM
    ramp = QLinearGradient(-end, 0.0, end, 0.0)
    inner = (end - begin) / (2.0 * end)
    for place, share in ((0.0, 0.0), (inner, 1.0), (1.0 - inner, 1.0), (1.0, 0.0)):
        ramp.setColorAt(place, _ink(channel, amount * share))
    return ramp


def _stroked(path: QPainterPath, width_mm: float) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(width_mm)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    stroker.setCurveThreshold(0.05)
    return stroker.createStroke(path).simplified()


def _paint_spine(
    brush: _Brush, low_mm: float, high_mm: float, laminectomy_levels: tuple[str, ...], hardware_levels: tuple[str, ...]
) -> None:
    seen = [v for v in shapes.vertebrae() if v.high_mm >= low_mm and v.low_mm <= high_mm]
    for v in seen:
        if v.is_thoracic:
            brush.band(shapes.rib(v, 74.0), 0.17, 0.24, shapes.rib_width_mm(v))
    if low_mm < float(spine().border_z_mm[-1]):
        _paint_sacrum(brush)
    for v in seen:
        _paint_body(brush, v)
    for v in seen:
        _paint_arch(brush, v, open_behind=v.name in laminectomy_levels)
    _paint_metal(brush, [v for v in shapes.vertebrae() if v.name in hardware_levels])


def _paint_body(brush: _Brush, v: Vertebra) -> None:
    outline = shapes.body(v)
    brush.cover(outline)
    brush.shade(outline, _MASS, 0.34, 0.50)
    brush.line(outline, _EDGE, 0.34, 0.75)
    for rim in shapes.end_plates(v):
        brush.line(rim, _EDGE, 0.22, 0.7)


def _paint_arch(brush: _Brush, v: Vertebra, *, open_behind: bool) -> None:
    wing = shapes.transverse(v)
    brush.cover(wing, both=True)
    brush.fill(wing, _MASS, 0.17, both=True)
    brush.line(wing, _EDGE, 0.22, 0.6, both=True, fades=True)
    if not v.is_cervical:
        ring = shapes.pedicle(v)
        brush.hollow(ring, _MASS, 0.02, 0.22, both=True)
        brush.line(ring, _EDGE, 0.42, 0.9, both=True)
    if open_behind:
        for stump in shapes.lamina_stumps(v):
            brush.cover(stump, both=True)
            brush.fill(stump, _MASS, 0.16, both=True)
            brush.line(stump, _EDGE, 0.24, 0.6, both=True)
        return
    butterfly = shapes.lamina(v)
    brush.cover(butterfly)
    brush.fill(butterfly, _MASS, 0.15)
    brush.line(butterfly, _EDGE, 0.19, 0.7)
    drop = shapes.spinous(v)
    brush.cover(drop)
    brush.hollow(drop, _MASS, 0.08, 0.26)
    brush.line(drop, _EDGE, 0.36, 0.8)


def _paint_sacrum(brush: _Brush) -> None:
    """Paint the upper edge of the sacrum, which fades downwards."""
    top = float(spine().border_z_mm[-1])
    fade = QLinearGradient(0.0, top + 2.0, 0.0, top - 62.0)
    for channel, amount in ((_MASS, 0.34), (_EDGE, 0.34)):
        for place, share in ((0.0, 1.0), (0.25, 0.75), (1.0, 0.0)):
            fade.setColorAt(place, _ink(channel, amount * share))
        if channel == _MASS:
            brush.gradient(shapes.sacrum(), fade)
            continue
        for line in (shapes.sacrum(), *shapes.sacral_lines()):
            brush.line(line, channel, 1.0, 0.8, ink=fade)
        for hole in shapes.sacral_foramina():
            brush.line(hole, channel, 1.0, 0.9, both=True, ink=fade)


def _paint_metal(brush: _Brush, levels: list[Vertebra]) -> None:
    """Paint a screw in every pedicle of `levels`, and a rod on each side along levels that are neighbours."""
    for v in levels:
        shaft = shapes.screw_shaft(v)
        brush.line(shaft, _METAL, 0.40, 2.4, both=True)
        brush.line(shaft, _METAL, 0.22, 4.4, both=True, dashed=True)
    for upper, lower in pairwise(levels):
        if upper.low_mm == lower.high_mm:
            rod = shapes.rod(upper, lower)
            brush.line(rod, _METAL, 0.52, 4.4, both=True)
            brush.line(rod, _METAL, 0.22, 1.8, both=True)
    for v in levels:
        head = shapes.screw_head(v)
        brush.hollow(head, _METAL, 0.25, 0.45, both=True)
        brush.line(head, _METAL, 0.30, 0.9, both=True)
