"""FieldScene: the items of a field picture on a plot. Tissues below, the field over them, contours, outlines, fibres,
leads and words on top; each group is set only when it changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from contourpy import contour_generator
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from scs_models.values import FloatArray
from scs_ui.state.looks.field import FieldLook, LeadLook
from scs_ui.theme import Theme
from scs_ui.widgets.field_colors import color_map, tissue_colors
from scs_ui.widgets.field_dots import PictureDots
from scs_ui.widgets.field_words import PictureWords, Word, place_words, tissue_words

ROOM_MM, AROUND_MM = 30.0, 0.8
_CONTOUR_STRIDE = 2
_SIGNS = {-1: "\N{MINUS SIGN}", 0: "", 1: "+"}
_SCALE_BAR_MM = {"cross": 5.0, "sagittal": 10.0}


class FieldScene:
    """Draws looks on a plot; `plot` is what the panel places."""

    def __init__(self, theme: Theme) -> None:
        self.plot = pg.PlotWidget()
        self.theme = theme
        self._box = self.plot.getPlotItem().getViewBox()
        self._image = pg.ImageItem(axisOrder="row-major")
        self._add(self._image, 0)
        self._fills: list[QGraphicsPathItem] = []
        self._contours, self._lines, self._bar = (self._path(level) for level in (5, 10, 24))
        # Fibres are painted at every step of the amplitude, lines are not: half of the time to paint was theirs.
        for item in (self._contours, self._lines):
            item.setCacheMode(QGraphicsPathItem.CacheMode.DeviceCoordinateCache)
        self._leads: list[QGraphicsPathItem] = []
        self._words = PictureWords(self._box)
        self._dots = PictureDots(self._box)
        self._look: FieldLook | None = None
        self._set_up()

    @property
    def box(self) -> pg.ViewBox:
        """Return the view box."""
        return self._box

    def show(self, look: FieldLook, mirror: bool) -> None:
        """Draw another look; fibres follow with `fire`."""
        fit = self._look is None or _span(self._look) != _span(look)
        self._look = look
        if look.image is None:
            return
        cross = look.plane == "cross"
        self._box.setAspectLocked(cross)
        self._box.invertX(mirror and cross)
        shades = np.round(127.5 * (look.image + 1.0)).astype(np.uint8)
        rect = QRectF(look.left_mm, look.bottom_mm, look.right_mm - look.left_mm, look.top_mm - look.bottom_mm)
        self._image.setImage(shades, autoLevels=False, levels=(0, 255), rect=rect)
        self._image.setLookupTable(color_map(self.theme, look.scale.kind))
        self._contours.setPath(_contour_path(look))
        self._lines.setPath(_closed_path([polygon for _, polygon in (*look.outlines, *look.parts)]))
        self._show_fills(look)
        self._show_leads(look)
        self._show_words(look, mirror and cross)
        self._pens()
        axis = self.plot.getPlotItem().getAxis("bottom")
        self.plot.getPlotItem().showAxis("bottom", not cross)
        axis.setTicks([[(place, name) for name, place in look.vertebrae]])
        if fit:
            self.fit()
        self._dots.set_fibres(look.fibres, self.theme)

    def fire(self, single_pulse_ma: float) -> None:
        """Fill the fibres that fire at an amplitude of a single pulse."""
        self._dots.fire(single_pulse_ma)

    @property
    def fired_count(self) -> int:
        """Return how many of the picture's fibres fire."""
        return sum(int(mask.sum()) for mask in self._dots.fired.values())

    def set_theme(self, theme: Theme, mirror: bool) -> None:
        """Take other colours."""
        self.theme = theme
        self.plot.setBackground(theme.color("panel"))
        axis = self.plot.getPlotItem().getAxis("bottom")
        axis.setPen(theme.color("line"))
        axis.setTextPen(theme.color("muted"))
        if self._look is not None:
            self.show(self._look, mirror)

    def fit(self) -> None:
        """Show the whole picture."""
        look = self._look
        if look is None:
            return
        x, y = (look.left_mm, look.right_mm), (look.bottom_mm, look.top_mm)
        cross = look.plane == "cross"
        room = ROOM_MM if cross else 0.0
        self._box.setLimits(xMin=x[0] - room, xMax=x[1] + room, yMin=y[0] - room, yMax=y[1] + room)
        if cross:  # the canal fills the view; what is wider than that shows bone at the sides
            canal = dict(look.outlines)["canal"]
            (left, low), (right, high) = canal.min(axis=0) - AROUND_MM, canal.max(axis=0) + AROUND_MM
            x, y = (left, right), (low, high)
        self._box.setRange(xRange=x, yRange=y, padding=0.0)

    def zoom(self, factor: float) -> None:
        """Show `factor` times as much, about the middle."""
        self._box.scaleBy((factor, factor))

    def place(self, scene: QPointF) -> tuple[float, float, float] | None:
        """Return x, y (mm) and the place on the scale under a point of the scene, None outside the picture."""
        look = self._look
        if look is None or look.image is None or not self._box.sceneBoundingRect().contains(scene):
            return None
        at = self._box.mapSceneToView(scene)
        rows, columns = look.image.shape
        column = int((at.x() - look.left_mm) / (look.right_mm - look.left_mm) * columns)
        row = int((at.y() - look.bottom_mm) / (look.top_mm - look.bottom_mm) * rows)
        if not (0 <= row < rows and 0 <= column < columns):
            return None
        return at.x(), at.y(), float(look.image[row, column])

    def _set_up(self) -> None:
        item = self.plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.hideAxis("left")
        item.layout.setContentsMargins(0, 0, 0, 0)
        item.getAxis("bottom").setStyle(tickLength=-3)
        self._box.setDefaultPadding(0.0)
        self._box.sigRangeChanged.connect(lambda *_: self._follow())
        self._box.sigResized.connect(lambda *_: self._follow())
        self.set_theme(self.theme, mirror=False)

    def _follow(self) -> None:
        """Let words and fibres follow the view; more fibres are drawn where there is room."""
        self._words.follow()
        self._dots.follow()

    def _add(self, item: object, level: int) -> None:
        item.setZValue(level)  # type: ignore[attr-defined]  # every graphics item has it
        self.plot.addItem(item, ignoreBounds=True)

    def _path(self, level: int) -> QGraphicsPathItem:
        item = QGraphicsPathItem()
        self._add(item, level)
        return item

    def _pens(self) -> None:
        theme = self.theme
        for item, color, width in (
            (self._contours, theme.color("text", 0.28), 0.8),
            (self._lines, theme.color("text", 0.55), 1.1),
            (self._bar, theme.color("text", 0.9), 2.0),
        ):
            item.setPen(_cosmetic(QPen(color, width)))

    def _show_fills(self, look: FieldLook) -> None:
        colors = tissue_colors(self.theme)
        wanted = [*look.outlines[::-1], *look.parts]
        while len(self._fills) < len(wanted):
            self._fills.append(self._path(-20))
            self._fills[-1].setCacheMode(QGraphicsPathItem.CacheMode.DeviceCoordinateCache)
            self._fills[-1].setPen(QPen(Qt.PenStyle.NoPen))
        for place, item in enumerate(self._fills):
            item.setVisible(place < len(wanted))
            if place < len(wanted):
                name, polygon = wanted[place]
                item.setPath(_closed_path([polygon]))
                item.setBrush(QBrush(colors.get(name, colors["canal"])))
                item.setZValue(8 if name == "paddle" else place - 20)  # there is no field to see inside a paddle

    def _show_leads(self, look: FieldLook) -> None:
        while len(self._leads) < len(look.leads):
            self._leads.append(self._path(20))
        tokens = {-1: "cathode", 0: "contact", 1: "anode"}
        for place, item in enumerate(self._leads):
            item.setVisible(place < len(look.leads))
            if place < len(look.leads):
                lead = look.leads[place]
                item.setPath(_lead_path(lead, look.plane == "cross"))
                bare = look.plane == "cross" and not lead.name
                item.setBrush(self.theme.color("lead" if bare else tokens[lead.sign]))
                item.setPen(_cosmetic(QPen(self.theme.color("panel"), 1.2)))

    def _show_words(self, look: FieldLook, mirrored: bool) -> None:
        words = [*place_words(look, mirrored), *tissue_words(look)]
        words += [
            Word(_SIGNS[lead.sign], lead.x_mm, lead.y_mm, token="on_accent", strong=True)
            for lead in look.leads
            if lead.sign
        ]
        long = _SCALE_BAR_MM[look.plane]
        left, low = look.left_mm + 0.03 * (look.right_mm - look.left_mm), look.bottom_mm
        if look.plane == "cross":
            left, low = (float(edge) for edge in dict(look.outlines)["canal"].min(axis=0) - 0.5 * AROUND_MM)
        low += (0.035 if look.plane == "cross" else 0.1) * (look.top_mm - look.bottom_mm)
        path = QPainterPath(QPointF(left, low))
        path.lineTo(left + long, low)
        self._bar.setPath(path)
        words.append(Word(f"{long:g} mm", left, low, 0.0, 1.1))
        self._words.set_words(words, self.theme)


def _span(look: FieldLook) -> tuple[object, ...]:
    return look.plane, look.left_mm, look.right_mm, look.bottom_mm, look.top_mm


def _cosmetic(pen: QPen) -> QPen:
    pen.setCosmetic(True)
    return pen


def _closed_path(polygons: Sequence[FloatArray]) -> QPainterPath:
    """Return closed polygons (n, 2) as one path."""
    path = QPainterPath()
    for polygon in polygons:
        path.addPath(pg.arrayToQPath(polygon[:, 0], polygon[:, 1], connect="all"))
    return path


def _contour_path(look: FieldLook) -> QPainterPath:
    """Return the contours of the look's image at the values of its scale, as one path."""
    if look.image is None:
        return QPainterPath()
    rows, columns = look.image.shape
    x = look.left_mm + (np.arange(columns) + 0.5) * (look.right_mm - look.left_mm) / columns
    y = look.bottom_mm + (np.arange(rows) + 0.5) * (look.top_mm - look.bottom_mm) / rows
    thin = slice(None, None, _CONTOUR_STRIDE)
    generator = contour_generator(x[thin], y[thin], look.image[thin, thin])
    lines: list[FloatArray] = []
    for value in look.scale.contours():
        lines += [np.asarray(line) for line in generator.lines(float(look.scale.place(value)))]
    if not lines:
        return QPainterPath()
    points = np.concatenate(lines)
    connect = np.ones(len(points), dtype=np.int32)
    connect[np.cumsum([len(line) for line in lines]) - 1] = 0
    path: QPainterPath = pg.arrayToQPath(points[:, 0], points[:, 1], connect=connect)
    return path


def _lead_path(lead: LeadLook, cross: bool) -> QPainterPath:
    """Return a lead's body or contact: a disc, a slab along the dura, or a plate from the side."""
    path = QPainterPath()
    if not cross:
        half = lead.radius_mm or _SLAB_MM / 2.0
        path.addRoundedRect(
            QRectF(lead.x_mm - lead.half_long_mm, lead.y_mm - half, 2.0 * lead.half_long_mm, 2.0 * half), 0.3, 0.3
        )
    elif lead.radius_mm:
        path.addEllipse(QPointF(lead.x_mm, lead.y_mm), lead.radius_mm, lead.radius_mm)
    else:
        out = np.array([lead.x_mm, lead.y_mm]) / np.hypot(lead.x_mm, lead.y_mm)
        along = np.array([out[1], -out[0]]) * lead.width_mm / 2.0
        middle, deep = np.array([lead.x_mm, lead.y_mm]), out * _SLAB_MM
        corners = [middle - along, middle + along, middle + along + deep, middle - along + deep]
        path.moveTo(*corners[0])
        for corner in corners[1:]:
            path.lineTo(*corner)
        path.closeSubpath()
    return path


_SLAB_MM = 0.6
