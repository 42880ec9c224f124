"""BodyHand: what pointer or keys are drawing on the body map before it counts: a brush stroke or a free outline."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from scs_ui.state.looks.body import BodyLook
from scs_ui.state.looks.body_layout import BodyLayout
from scs_ui.theme import Theme
from scs_ui.widgets.body_paint import rgb, silhouette, transform_of

Path = list[tuple[float, float]]

# Points closer than this to the last one add nothing, pixels; tools that draw a path are those named here.
STEP_PX = {"brush": 2.0, "eraser": 2.0, "polygon": 5.0}
# An outline drawn in one go has more corners than anybody sets by clicking; how close to its first corner closes it.
_FREEHAND_CORNERS, _CLOSE_PX = 12, 9.0


class BodyHand:
    """A path under way in one view, drawing units; `pointer` and all places asked for are device pixels."""

    def __init__(self) -> None:
        self.pointer: QPointF | None = None
        self.is_down = False
        self._view = ""
        self._path: Path = []

    @property
    def is_drawing(self) -> bool:
        """Return whether a path has begun."""
        return bool(self._path)

    @property
    def is_freehand(self) -> bool:
        """Return whether the path has so many points that it was drawn, not clicked."""
        return len(self._path) > _FREEHAND_CORNERS

    def begin(self, layout: BodyLayout, at: QPointF) -> None:
        """Put the first point of a new path; the view under it is where it stays."""
        self._view, self._path = layout.view_near(at.x(), at.y()).view, []
        self.add(layout, at)

    def add(self, layout: BodyLayout, at: QPointF) -> None:
        """Put the next point; the first begins a path."""
        if not self._view:
            self.begin(layout, at)
        else:
            self._path.append(layout.view(self._view).to_units(at.x(), at.y()))

    def drag(self, layout: BodyLayout, at: QPointF, least_px: float) -> None:
        """Put the next point where it is at least so far from the last."""
        x, y = layout.view(self._view).to_px(self._path[-1]).tolist()
        if math.hypot(at.x() - x, at.y() - y) >= least_px:
            self.add(layout, at)

    def take_back(self) -> None:
        """Take the last point away."""
        if self._path:
            self._path.pop()
        self._view = self._view if self._path else ""

    def end(self) -> tuple[str, Path]:
        """Return view and path, and forget them."""
        view, path = self._view, self._path
        self._view, self._path = "", []
        return view, path

    def closes(self, layout: BodyLayout, at: QPointF, ratio: float) -> bool:
        """Return whether a corner here would be the first one again."""
        if len(self._path) < 3:
            return False
        x, y = layout.view(self._view).to_px(self._path[0]).tolist()
        return math.hypot(at.x() - x, at.y() - y) <= _CLOSE_PX * ratio

    def paint(self, painter: QPainter, layout: BodyLayout, look: BodyLook, theme: Theme, ratio: float) -> None:
        """Paint the path, and the brush's circle where the pointer is."""
        colour = theme.color("text") if look.tool == "eraser" else rgb(theme.picture.pain)
        if self._path and look.tool == "polygon":
            path = self._path_px(layout)
            if self.pointer is not None:
                path.lineTo(self.pointer)
            outline(painter, path, colour, 1.8 * ratio, theme, ratio, dashed=True)
            first = layout.view(self._view).to_px(self._path[0]).tolist()
            painter.setPen(QPen(rgb(theme.picture.casing), ratio))
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(*first), 4.0 * ratio, 4.0 * ratio)
        elif self._path:
            self._paint_stroke(painter, layout, colour, look.brush_units * layout.px_per_unit)
        if look.tool in ("brush", "eraser") and self.pointer is not None:
            circle, radius = QPainterPath(), look.brush_units * layout.px_per_unit / 2.0
            circle.addEllipse(self.pointer, radius, radius)
            outline(painter, circle, colour, 1.6 * ratio, theme, ratio, dashed=look.tool == "eraser")

    def _paint_stroke(self, painter: QPainter, layout: BodyLayout, colour: QColor, wide_px: float) -> None:
        placed, path = layout.view(self._view), self._path_px(layout)
        path.lineTo(path.currentPosition() + QPointF(0.01, 0.0))  # a single point paints too
        soft = QColor(colour)
        soft.setAlphaF(0.42)
        painter.save()
        painter.setClipPath(transform_of(placed).map(silhouette(placed.view)))
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.strokePath(path, QPen(soft, wide_px, Qt.PenStyle.SolidLine, cap, join))
        painter.restore()

    def _path_px(self, layout: BodyLayout) -> QPainterPath:
        points = layout.view(self._view).to_px(self._path).tolist()
        path = QPainterPath(QPointF(*points[0]))
        for x, y in points[1:]:
            path.lineTo(x, y)
        return path


def outline(
    painter: QPainter,
    path: QPainterPath,
    colour: QColor,
    wide_px: float,
    theme: Theme,
    ratio: float,
    *,
    dashed: bool = False,
) -> None:
    """Stroke a path on a casing, so that it shows on any colour."""
    painter.strokePath(path, QPen(rgb(theme.picture.casing, 0.7), wide_px + 1.8 * ratio))
    painter.strokePath(path, QPen(colour, wide_px, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
