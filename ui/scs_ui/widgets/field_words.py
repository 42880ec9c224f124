"""The words on a field picture: which way is which, the tissues, the signs of contacts. Painted as one item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QApplication, QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from scs_ui.state.looks.field import FieldLook
from scs_ui.theme import Theme

_SMALL = 0.9
_EDGE_PX = 4.0
_FAR_MM = 100.0  # outside any view: pinned words then stand at its edge


@dataclass(frozen=True, slots=True)
class Word:
    """A word at a place (mm): `across` and `down` say which part of it stands there, 0-1 from its left and its top.

    pinned: it stays at the edge of the view where its place is outside.
    """

    text: str
    x_mm: float
    y_mm: float
    across: float = 0.5
    down: float = 0.5
    token: str = "text"
    strong: bool = False
    pinned: bool = False


class PictureWords(QGraphicsItem):
    """Words at places of a view box, upright and of one size however the picture is zoomed."""

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self._box = box
        self._words: Sequence[Word] = ()
        self._theme: Theme | None = None
        self.setZValue(100)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_words(self, words: Sequence[Word], theme: Theme) -> None:
        """Show other words."""
        if tuple(words) != tuple(self._words) or theme is not self._theme:
            self._words, self._theme = words, theme
            self.update()

    def follow(self) -> None:
        """Take the range and the size of the view box."""
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the view box."""
        return QRectF(self._box.rect())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint every word that stands inside the box."""
        if self._theme is None:
            return
        font, strong = QFont(QApplication.font()), QFont(QApplication.font())
        font.setPointSizeF(_SMALL * font.pointSizeF())
        strong.setBold(True)
        box = self.boundingRect().adjusted(_EDGE_PX, 1.0, -_EDGE_PX, -1.0)
        taken: list[QRectF] = []
        for word in self._words:
            painter.setFont(strong if word.strong else font)
            metrics = QFontMetricsF(painter.font())
            text = metrics.elidedText(word.text, Qt.TextElideMode.ElideRight, box.width())
            at, size = self._box.mapFromView(QPointF(word.x_mm, word.y_mm)), metrics.size(0, text)
            place = QRectF(QPointF(at.x() - word.across * size.width(), at.y() - word.down * size.height()), size)
            if not word.pinned and not box.intersects(place):
                continue
            place.moveLeft(min(max(place.left(), box.left()), box.right() - place.width()))
            place.moveTop(min(max(place.top(), box.top()), box.bottom() - place.height()))
            if word.token == "muted" and any(place.intersects(other) for other in taken):
                continue
            taken.append(place)
            painter.setPen(self._theme.color(word.token))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)


def place_words(look: FieldLook, mirrored: bool) -> list[Word]:
    """Return the words that say where the picture is and which way is which."""
    if look.plane == "sagittal":
        return [
            Word("\N{LEFTWARDS ARROW} rostral", look.left_mm, look.top_mm, 0.0, 0.0, pinned=True),
            Word("caudal \N{RIGHTWARDS ARROW}", look.right_mm, look.top_mm, 1.0, 0.0, pinned=True),
            Word("dorsal \N{UPWARDS ARROW}", look.left_mm, look.top_mm, 0.0, -1.1, "muted", pinned=True),
            Word(look.title, look.right_mm, look.bottom_mm, 1.0, 1.0, "muted", pinned=True),
        ]
    near, far = (1.0, 0.0) if mirrored else (0.0, 1.0)
    left, right = look.left_mm - _FAR_MM, look.right_mm + _FAR_MM
    start, end = (right, left) if mirrored else (left, right)
    top, middle, bottom = look.top_mm + _FAR_MM, (look.bottom_mm + look.top_mm) / 2.0, look.bottom_mm - _FAR_MM
    return [
        Word(look.title, start, top, 0.0, 0.0, pinned=True),
        Word("dorsal \N{UPWARDS ARROW}", end, top, 1.0, 0.0, "muted", pinned=True),
        Word("ventral \N{DOWNWARDS ARROW}", end, bottom, 1.0, 1.0, "muted", pinned=True),
        Word("L", left, middle, near, 0.5, strong=True, pinned=True),
        Word("R", right, middle, far, 0.5, strong=True, pinned=True),
    ]


def tissue_words(look: FieldLook) -> list[Word]:
    """Return the tissues' names, where the picture is quiet and there is room."""
    if look.plane == "sagittal":
        edges = {name: polygon[len(polygon) // 2 - 3 : len(polygon) // 2 + 3, 1] for name, polygon in look.outlines}
        if not {"cord", "dura_inner", "canal"} <= set(edges):
            return []
        x = look.right_mm
        ends = {name: (float(values.max()), float(values.min())) for name, values in edges.items()}
        return [
            Word("CSF", x, (ends["cord"][0] + ends["dura_inner"][0]) / 2.0, 1.0),
            Word("cord", x, sum(ends["cord"]) / 2.0, 1.0),
            Word("fat", x, (ends["dura_inner"][0] + ends["canal"][0]) / 2.0, 1.0),
        ]
    curves = dict(look.outlines)
    side = {name: float(polygon[np.abs(polygon[:, 1]).argmin(), 0]) for name, polygon in curves.items()}
    low = {name: float(polygon[:, 1].min()) for name, polygon in curves.items()}
    csf = 0.35 * curves["cord"][_OBLIQUE] + 0.65 * curves["dura_inner"][_OBLIQUE]
    scar = [(name, polygon) for name, polygon in look.parts if name == "scar"]
    high = float(dict(look.outlines)["canal"][:, 1].max())
    missing = [Word("no lamina", 0.0, high, 0.5, 1.0, "muted") for _ in scar]
    return [
        *missing,
        Word("grey", 0.0, 0.0),
        Word("white", 0.0, 0.5 * (low["cord"] + low["grey"])),
        Word("CSF", *csf.tolist()),
        Word("fat", 0.5 * (abs(side["dura_outer"]) + abs(side["canal"])), 0.0),
        Word("dura", 0.0, low["dura_outer"], 0.5, 0.0),
        Word("bone", 0.72 * abs(side["canal"]), 0.95 * low["canal"], token="muted"),
    ]


_OBLIQUE = 50
"""The point of an outline at which CSF is written: dorsolateral, on the left."""
