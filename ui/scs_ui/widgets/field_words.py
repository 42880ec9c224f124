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


@dataclass(frozen=True, slots=True)
class Word:
    """A word at a place (mm): `across` and `down` say which part of it stands there, 0-1 from its left and its top."""

    text: str
    x_mm: float
    y_mm: float
    across: float = 0.5
    down: float = 0.5
    token: str = "text"
    strong: bool = False


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
        for word in self._words:
            painter.setFont(strong if word.strong else font)
            at = self._box.mapFromView(QPointF(word.x_mm, word.y_mm))
            size = QFontMetricsF(painter.font()).size(0, word.text)
            place = QRectF(QPointF(at.x() - word.across * size.width(), at.y() - word.down * size.height()), size)
            if not box.contains(at) and not box.intersects(place):
                continue
            place.moveLeft(min(max(place.left(), box.left()), box.right() - place.width()))
            place.moveTop(min(max(place.top(), box.top()), box.bottom() - place.height()))
            painter.setPen(self._theme.color(word.token))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), word.text)


def place_words(look: FieldLook, mirrored: bool) -> list[Word]:
    """Return the words that say which way is which."""
    wide, high = look.right_mm - look.left_mm, look.top_mm - look.bottom_mm
    cross = look.plane == "cross"
    middle_x = look.left_mm + wide / 2.0
    y = look.bottom_mm + high / 2.0 if cross else look.top_mm
    up = 0.5 if cross else 0.0
    first, last = (1.0, 0.0) if mirrored else (0.0, 1.0)
    return [
        Word("L" if cross else "\N{LEFTWARDS ARROW} rostral", look.left_mm, y, first, up),
        Word("R" if cross else "caudal \N{RIGHTWARDS ARROW}", look.right_mm, y, last, up),
        Word("dorsal", middle_x, look.top_mm, 0.5, 0.0, "muted"),
        Word("ventral", middle_x, look.bottom_mm, 0.5, 1.0, "muted"),
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
    missing = [Word("no lamina", float(polygon[:, 0].mean()), look.top_mm, 0.5, -1.2, "muted") for _, polygon in scar]
    return [
        *missing,
        Word("grey", 0.0, 0.0),
        Word("white", 0.0, 0.5 * (low["cord"] + low["grey"])),
        Word("CSF", *csf.tolist()),
        Word("fat", 0.5 * (abs(side["dura_outer"]) + abs(side["canal"])), 0.0),
        Word("dura", 0.0, low["dura_outer"], 0.5, 0.0),
        Word("bone", 0.8 * look.right_mm, look.bottom_mm + 0.12 * (look.top_mm - look.bottom_mm), token="muted"),
    ]


_OBLIQUE = 50
"""The point of an outline at which CSF is written: dorsolateral, on the left."""
