"""The fibres of a field picture as dots, squares and triangles: filled where they fire, small rings where they do not.

Painted as one item in the pixels of the view box: an amplitude step then costs two tenths of a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from scs_models.values import BoolArray
from scs_ui.state.looks.field import FibreDots, FibreKind
from scs_ui.theme import Theme

FIRED_PX, QUIET_PX, APART_PX, STAMP_PX = 6.5, 4.5, 6.5, 10.0


class PictureDots(QGraphicsItem):
    """Fibres at places of a view box, of one size however the picture is zoomed."""

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self._box = box
        self._theme: Theme | None = None
        self._groups: Sequence[FibreDots] = ()
        self._drawn: list[tuple[FibreKind, BoolArray, list[list[float]]]] | None = None
        self._stamps: dict[tuple[FibreKind, bool, float], QPixmap] = {}
        self._single_pulse_ma = 0.0
        self.fired: Mapping[int, BoolArray] = {}
        self.setZValue(15)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_fibres(self, groups: Sequence[FibreDots], theme: Theme) -> None:
        """Show other fibres."""
        if theme is not self._theme:
            self._stamps.clear()
        self._groups, self._theme = groups, theme
        self.fired = {}
        self.follow()
        self.fire(self._single_pulse_ma)

    def fire(self, single_pulse_ma: float) -> None:
        """Fill the fibres that fire at an amplitude of a single pulse; paint only where that changes something."""
        self._single_pulse_ma = single_pulse_ma
        fired = {place: fibres.recruited(single_pulse_ma) for place, fibres in enumerate(self._groups)}
        same = len(fired) == len(self.fired) and all(np.array_equal(fired[key], self.fired[key]) for key in fired)
        if not same:
            self.fired = fired
            self.update()

    def follow(self) -> None:
        """Take the range and the size of the view box."""
        self.prepareGeometryChange()
        self._drawn = None

    def boundingRect(self) -> QRectF:
        """Return the view box."""
        return QRectF(self._box.rect())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint quiet fibres, then those that fire."""
        theme = self._theme
        if theme is None or not self._groups:
            return
        if self._drawn is None:
            self._drawn = self._placed()
        ratio = painter.device().devicePixelRatio()
        half = STAMP_PX / 2.0
        for wanted in (False, True):
            for place, (kind, chosen, points) in enumerate(self._drawn):
                stamp = self._stamp(kind, wanted, ratio)
                for (x, y), fired in zip(points, self.fired[place][chosen].tolist(), strict=True):
                    if fired == wanted:
                        painter.drawPixmap(QPointF(x - half, y - half), stamp)

    def _stamp(self, kind: FibreKind, fired: bool, ratio: float) -> QPixmap:
        """Return the picture of one fibre, made once for each kind, state, theme and scale of the screen."""
        key = kind, fired, ratio
        if key not in self._stamps and self._theme is not None:
            self._stamps[key] = _stamp(kind, fired, ratio, self._theme)
        return self._stamps[key]

    def _placed(self) -> list[tuple[FibreKind, BoolArray, list[list[float]]]]:
        """Return for each group which fibres to draw, so that dots do not touch, and where (px)."""
        rect = self.boundingRect()
        (left, right), (low, high) = self._box.viewRange()
        across, up = rect.width() / max(right - left, 1e-9), rect.height() / max(high - low, 1e-9)
        turned = self._box.xInverted()
        found = []
        for fibres in self._groups:
            chosen = fibres.drawn((APART_PX / max(across, 1e-9), APART_PX / max(up, 1e-9)))
            xy = fibres.xy_mm[chosen]
            x = (right - xy[:, 0] if turned else xy[:, 0] - left) * across + rect.left()
            y = rect.bottom() - (xy[:, 1] - low) * up
            found.append((fibres.kind, chosen, np.stack([x, y], axis=-1).tolist()))
        return found


def _stamp(kind: FibreKind, fired: bool, ratio: float, theme: Theme) -> QPixmap:
    """Return a dot, a square or a triangle: filled and larger where the fibre fires, a ring where it does not."""
    fills = {"column": _hex(theme.picture.ramp[-1]), "dorsal root": _hex(theme.picture.root)}
    fill, edge = (fills.get(kind, "mt"), "panel") if fired else ("panel", "muted")
    half = (FIRED_PX if fired else QUIET_PX) / 2.0
    pixmap = QPixmap(round(STAMP_PX * ratio), round(STAMP_PX * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(STAMP_PX / 2.0, STAMP_PX / 2.0)
    painter.setPen(QPen(theme.color(edge), 1.0))
    painter.setBrush(theme.color(fill))
    if kind == "column":
        painter.drawEllipse(QPointF(0.0, 0.0), half, half)
    elif kind == "dorsal root":
        painter.drawRect(QRectF(-0.9 * half, -0.9 * half, 1.8 * half, 1.8 * half))
    else:
        painter.drawPolygon(
            QPolygonF([QPointF(0.0, -1.1 * half), QPointF(1.1 * half, half), QPointF(-1.1 * half, half)])
        )
    painter.end()
    return pixmap


def _hex(color: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
