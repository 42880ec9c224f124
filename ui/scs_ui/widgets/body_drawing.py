"""BodyDrawing: the body map in the pixels of one surface. Colours change with the amplitude, all else is drawn once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QBrush, QFont, QImage, QPainter, QPainterPath, QPixmap

from scs_models.percept.body_map import load_body_map
from scs_models.percept.dermatomes import VIEWS
from scs_sim.picture.looks import Theme as PictureTheme
from scs_ui.state.looks.body import BodyLook
from scs_ui.state.looks.body_layout import BodyLayout, body_layout
from scs_ui.theme import Theme
from scs_ui.widgets.body_paint import (
    ROOT_LEVELS,
    PainHere,
    overlay_of,
    pain_here,
    pain_of,
    region_path,
    root_brush,
    transform_of,
)

ROOT_SHOWN = 0.05
LIVE_LAYERS = frozenset({"paresthesia", "roots", "pain"})
_MARGIN_PX = 10.0
_RAMP_STEPS = 255


class BodyDrawing:
    """The figures at width_px x height_px device pixels (`ratio` per pixel), ready to be painted in parts.

    One label image colours the regions and says what is under the pointer. `look` may change by `take`; another size,
    theme or mirroring needs another drawing.
    """

    def __init__(self, width_px: int, height_px: int, ratio: float, look: BodyLook, theme: Theme, font: QFont) -> None:
        high = QFont(font).pixelSize() if font.pixelSize() > 0 else round(font.pointSizeF() * 4 / 3)
        self.layout: BodyLayout = body_layout(
            width_px, height_px, mirrored=look.mirrored, margin_px=_MARGIN_PX * ratio, caption_px=1.7 * high * ratio
        )
        self.ratio = ratio
        self._look, self._theme = look, theme
        labels = self.layout.labels()
        self._boxes = _boxes(labels, len(load_body_map().regions))
        under = _grown(labels)
        self._fill = QImage(under.data, width_px, height_px, width_px, QImage.Format.Format_Indexed8).copy()
        self._overlay = overlay_of(self.layout, theme, look.layers, font, ratio)
        self._pain: dict[str, tuple[PainHere, QPixmap, QRect]] = {}
        self._brushes: list[QBrush] = []
        self._ramp = _ramp(theme.picture)
        self._paper = theme.color("panel").rgba()
        self._colours, self._roots = self._levels(look)
        self._colour_table()

    def take(self, look: BodyLook) -> QRect:
        """Show another look, equal but for LIVE_LAYERS, colours and pain; return what to paint again, maybe empty."""
        before, self._look = self._look, look
        dirty = self._ready_pain() if look.pain is not before.pain else QRect()
        if look.layers != before.layers:
            dirty = QRect(0, 0, self.layout.width_px, self.layout.height_px)
        colours, roots = self._levels(look)
        changed = np.flatnonzero((colours != self._colours) | (roots != self._roots))
        for index in changed.tolist():
            dirty = dirty.united(self._boxes[index])
        if len(changed):
            self._colours, self._roots = colours, roots
            self._colour_table()
        return dirty

    def paint(self, painter: QPainter, part: QRect) -> None:
        """Paint one part, in device pixels: colours, line work, roots, pain."""
        painter.drawImage(part, self._fill, part)
        painter.drawPixmap(part, self._overlay, part)
        if self._roots.any():
            self._paint_roots(painter, part)
        if "pain" in self._look.layers:
            if not self._pain:
                self._ready_pain()
            for _, pixmap, box in self._pain.values():
                patch = part & box
                if not patch.isEmpty():
                    painter.drawPixmap(patch, pixmap, patch.translated(-box.topLeft()))

    def box(self, index: int) -> QRect:
        """Return the rectangle of a region."""
        return self._boxes[index]

    def path(self, index: int) -> QPainterPath:
        """Return the area of a region in device pixels."""
        return transform_of(self.layout.view(load_body_map().regions[index].view)).map(region_path(index))

    def _levels(self, look: BodyLook) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the step of the ramp and the level of the root hatch of each region, int64 (regions,)."""
        colours = np.rint(_RAMP_STEPS * np.clip(look.dc, 0.0, 1.0)).astype(np.int64)
        strength = np.clip(look.dr, 0.0, 1.0)
        roots = np.where(strength >= ROOT_SHOWN, np.ceil(ROOT_LEVELS * strength), 0.0).astype(np.int64)
        return colours * ("paresthesia" in look.layers), roots * ("roots" in look.layers)

    def _colour_table(self) -> None:
        self._fill.setColorTable([self._paper, *self._ramp[self._colours].tolist()])

    def _paint_roots(self, painter: QPainter, part: QRect) -> None:
        if not self._brushes:
            scale, colours = self.layout.px_per_unit, self._theme.picture
            self._brushes = [root_brush(level, scale, self.ratio, colours) for level in range(1, ROOT_LEVELS + 1)]
        for index in np.flatnonzero(self._roots).tolist():
            if self._boxes[index].intersects(part):
                painter.fillPath(self.path(index), self._brushes[int(self._roots[index]) - 1])

    def _ready_pain(self) -> QRect:
        """Draw the pain of the views in which it changed; return the rectangle that it filled and fills."""
        dirty = QRect()
        for view in VIEWS:
            here = pain_here(self._look.pain, view)
            before = self._pain.get(view)
            if before is None or before[0] != here:
                pixmap, box = pain_of(self.layout, view, here, self._theme, self.ratio)
                self._pain[view] = (here, pixmap, box)
                dirty = dirty.united(box) if before is None else dirty.united(box).united(before[2])
        return dirty


def _ramp(colours: PictureTheme) -> NDArray[np.uint32]:
    """Return the ramp as 0xffrrggbb, uint32 (steps + 1,)."""
    rows = np.array([colours.felt(step / _RAMP_STEPS) for step in range(_RAMP_STEPS + 1)], dtype=np.uint32)
    return np.asarray((0xFF << 24) | (rows[:, 0] << 16) | (rows[:, 1] << 8) | rows[:, 2], dtype=np.uint32)


def _grown(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return labels one pixel beyond the outline, where the smooth edge of the overlay lies."""
    grown = labels.copy()
    for target, source in (
        (np.s_[1:], np.s_[:-1]),
        (np.s_[:-1], np.s_[1:]),
        (np.s_[:, 1:], np.s_[:, :-1]),
        (np.s_[:, :-1], np.s_[:, 1:]),
    ):
        np.copyto(grown[target], labels[source], where=grown[target] == 0)
    return np.ascontiguousarray(grown)


def _boxes(labels: NDArray[np.uint8], count: int) -> list[QRect]:
    """Return the rectangle of each region with a small edge for lines."""
    from scipy.ndimage import find_objects

    found = find_objects(labels, max_label=count)
    return [
        QRect(x.start - 3, y.start - 3, x.stop - x.start + 6, y.stop - y.start + 6)
        for y, x in (item if item is not None else (slice(0, 0), slice(0, 0)) for item in found)
    ]
