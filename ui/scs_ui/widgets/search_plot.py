"""The plot of what a search judged: two figures, suggestions by number, start and now; click or arrows choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from scs_ui.state.looks.search_plot import DEFAULT_AXES, Mark, PlotLook, apart, axis_choices, nearest
from scs_ui.theme import Theme
from scs_ui.widgets.plot_labels import Readout

_REACH_PX = 14.0
_DISC_PX, _DOT_PX, _DIAMOND_PX, _RING_PX = 20.0, 6.0, 12.0, 15.0
LEGEND = "Numbers: suggestions · dots: the rest of the front · ◆ program the search began with · ○ dialled now"
_STEPS = {
    Qt.Key.Key_Right: ("x", 1), Qt.Key.Key_Left: ("x", -1), Qt.Key.Key_Up: ("y", 1), Qt.Key.Key_Down: ("y", -1),
}  # fmt: skip


class SearchPlot:
    """The plot; on_choose(index), on_apply(index) and on_axes() tell what the user did; `axes` are the figures."""

    def __init__(
        self, theme: Theme, on_choose: Callable[[int], None], on_apply: Callable[[int], None],
        on_axes: Callable[[], None],
    ) -> None:  # fmt: skip
        self._theme, self._on_choose, self._on_apply = theme, on_choose, on_apply
        self._look: PlotLook | None = None
        self._chosen: int | None = None
        self.widget = QWidget()
        self.plot, self.readout = pg.PlotWidget(), Readout(2)
        self._scatter, self._ring = pg.ScatterPlotItem(), pg.ScatterPlotItem()
        self._leaders = pg.PlotCurveItem()
        self._now: Mark | None = None
        self._numbers: list[Any] = []
        self._ears = _Ears(self)
        self.x, self.y = QComboBox(), QComboBox()
        self._build(on_axes)
        self.set_theme(theme)

    @property
    def axes(self) -> tuple[str, str]:
        """Return the figures of x and y."""
        return self.x.currentData(), self.y.currentData()

    def show(self, look: PlotLook, chosen: int | None) -> None:
        """Draw other marks, one of them chosen."""
        if look == self._look and chosen == self._chosen:
            return
        self._look, self._chosen = look, chosen
        self._draw()

    def show_now(self, now: Mark | None) -> None:
        """Move the ring of what is dialled now: nothing else, this is done in every frame of a drag."""
        if now != self._now:
            self._now = now
            self._ring.setData(x=[] if now is None else [now.x], y=[] if now is None else [now.y])

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.plot.setBackground(theme.color("panel"))
        for side in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(side)
            axis.setPen(theme.color("line"))
            axis.setTextPen(theme.color("muted"))
        self._leaders.setPen(pg.mkPen(theme.color("accent"), width=1.2))
        ring = pg.mkPen(theme.color("good"), width=2.2)
        self._ring.setData(x=[], y=[], size=_RING_PX, pen=ring, brush=pg.mkBrush(None))
        now, self._now = self._now, None
        self.show_now(now)
        self._draw()

    def place_px(self, mark: Mark) -> QPointF:
        """Return where a mark lies in the plot's viewport."""
        box = self.plot.getPlotItem().getViewBox()
        return QPointF(self.plot.mapFromScene(box.mapViewToScene(QPointF(mark.x, mark.y))))

    def hover(self, at: QPointF | None) -> None:
        """Tell what lies at a point of the scene."""
        mark = None if at is None else self._mark_at(at)
        self.readout.set_text(self._rest() if mark is None else mark.words)

    def press(self, event: QKeyEvent) -> bool:
        """Choose the next mark where an arrow was pressed, dial the chosen one at Enter; return whether one was."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen is not None:
            self._on_apply(self._chosen)
            return True
        if key not in _STEPS or self._look is None:
            return False
        along, step = _STEPS[key]
        marks = [mark for mark in self._look.marks if mark.index is not None]
        marks.sort(key=lambda mark: (mark.x, mark.y) if along == "x" else (mark.y, mark.x))
        order = [mark.index for mark in marks]
        if order:
            at = order.index(self._chosen) + step if self._chosen in order else 0
            index = order[min(max(at, 0), len(order) - 1)]
            assert index is not None
            self._on_choose(index)
        return True

    def _clicked(self, event: Any) -> None:
        mark = self._mark_at(event.scenePos())
        if mark is not None and mark.index is not None and event.button() == Qt.MouseButton.LeftButton:
            self._on_choose(mark.index)

    def _mark_at(self, at: QPointF) -> Mark | None:
        box = self.plot.getPlotItem().getViewBox()
        frame = box.sceneBoundingRect()
        if self._look is None or frame.width() <= 0.0 or frame.height() <= 0.0:
            return None
        (low, right), (bottom, top) = self._look.x_range, self._look.y_range
        scale = frame.width() / (right - low), frame.height() / (top - bottom)
        return nearest(self._look, self._now, at.x() - frame.left(), frame.bottom() - at.y(), scale, _REACH_PX)

    def _draw(self) -> None:
        look, theme = self._look, self._theme
        for item in self._numbers:
            self.plot.removeItem(item)
        self._numbers = []
        if look is None:
            return
        self._label()
        self.plot.getPlotItem().getViewBox().setRange(xRange=look.x_range, yRange=look.y_range, padding=0.0)
        places = self._disc_places(look)
        order = {"front": 0, "start": 1, "suggestion": 2}
        marks = sorted(
            look.marks, key=lambda mark: (mark.index == self._chosen is not None, order[mark.role], -(mark.index or 0))
        )
        self._scatter.setData([self._spot(mark, places) for mark in marks])
        ends = [end for mark in look.marks if mark.index in places for end in ((mark.x, mark.y), places[mark.index])]
        self._leaders.setData(x=[x for x, _ in ends], y=[y for _, y in ends], connect="pairs")
        for mark in look.marks:
            if mark.role == "suggestion":
                is_chosen = mark.index == self._chosen
                text = pg.TextItem(
                    mark.label, color=theme.color("on_accent" if is_chosen else "text"), anchor=(0.5, 0.5)
                )
                strong = QFont(self.plot.font())
                strong.setWeight(QFont.Weight.DemiBold)
                text.setFont(strong)
                text.setPos(*places[mark.index or 0])
                text.setZValue(40 if is_chosen else 30 - (mark.index or 0))
                self.plot.addItem(text)
                self._numbers.append(text)
        self.plot.setAccessibleName(f"Judged programs: {look.y_titles[0]} over {look.x_titles[0]}; {self._rest()}")
        self.readout.set_text(self._rest())

    def _label(self) -> None:
        """Name the axes in full where there is room, else shortly."""
        if self._look is None:
            return
        item, metrics = self.plot.getPlotItem(), self.plot.fontMetrics()
        frame = item.getViewBox().sceneBoundingRect()
        for side, names, room in (
            ("left", self._look.y_titles, frame.height()),
            ("bottom", self._look.x_titles, frame.width()),
        ):
            fits = [name for name in names if metrics.horizontalAdvance(name) <= room]
            item.setLabel(side, fits[0] if fits else "")

    def _disc_places(self, look: PlotLook) -> dict[int, tuple[float, float]]:
        """Return where the numbered discs stand, by index: at their programs, or beside them where they would cover
        each other."""
        frame = self.plot.getPlotItem().getViewBox().sceneBoundingRect()
        marks = [mark for mark in look.marks if mark.role == "suggestion" and mark.index is not None]
        (left, right), (bottom, top) = look.x_range, look.y_range
        across, up = max(frame.width(), 1.0) / (right - left), max(frame.height(), 1.0) / (top - bottom)
        at_px = [((mark.x - left) * across, (mark.y - bottom) * up) for mark in marks]
        placed = apart(at_px, (frame.width(), frame.height()), _DISC_PX + 1.0)
        return {
            mark.index or 0: (left + x / across, bottom + y / up) for mark, (x, y) in zip(marks, placed, strict=True)
        }

    def _spot(self, mark: Mark, places: dict[int, tuple[float, float]]) -> dict[str, Any]:
        theme, is_chosen = self._theme, mark.index is not None and mark.index == self._chosen
        quiet = pg.mkBrush(theme.color("panel"))
        size, symbol, brush, pen = _DOT_PX, "o", pg.mkBrush(theme.color("faint")), pg.mkPen(None)
        if mark.role == "suggestion":
            size, brush, pen = _DISC_PX, pg.mkBrush(theme.color("raised")), pg.mkPen(theme.color("accent"), width=1.4)
        elif mark.role == "start":
            size, symbol, brush, pen = _DIAMOND_PX, "d", pg.mkBrush(theme.color("text")), pg.mkPen(quiet.color())
        if is_chosen:
            size = max(size, 12.0)
            brush, pen = pg.mkBrush(theme.color("accent")), pg.mkPen(theme.color("accent"), width=1.4)
        at = places[mark.index or 0] if mark.role == "suggestion" else (mark.x, mark.y)
        return {"pos": at, "size": size, "symbol": symbol, "brush": brush, "pen": pen}

    def _rest(self) -> str:
        if self._look is None or not self._look.marks:
            return LEGEND
        found = [mark.words for mark in self._look.marks if mark.index is not None and mark.index == self._chosen]
        return found[0] if found else LEGEND

    def _build(self, on_axes: Callable[[], None]) -> None:
        whole = self.plot.getPlotItem()
        whole.setMenuEnabled(False)
        whole.hideButtons()
        for side in ("left", "bottom"):
            whole.getAxis(side).enableAutoSIPrefix(False)
            whole.getAxis(side).setStyle(tickLength=-4, maxTickLevel=1)
        whole.getAxis("left").setWidth(46)
        whole.layout.setContentsMargins(0, 6, 8, 0)
        box = whole.getViewBox()
        box.setMouseEnabled(x=False, y=False)
        box.disableAutoRange()
        box.sigResized.connect(lambda *_: self._draw())
        for item, above in ((self._leaders, 5), (self._scatter, 10), (self._ring, 50)):
            item.setZValue(above)
            self.plot.addItem(item)
        self.plot.scene().sigMouseMoved.connect(self.hover)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self.plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot.setAccessibleName("Judged programs over two figures")
        self.plot.setToolTip(f"{LEGEND}.\nClick or arrows choose, Enter dials; the pointer tells")
        self.plot.setMinimumSize(150, 90)
        self.plot.installEventFilter(self._ears)
        self.plot.viewport().installEventFilter(self._ears)
        row = QHBoxLayout()
        row.setSpacing(4)
        for chooser, default, name in ((self.y, DEFAULT_AXES[1], "Upwards"), (self.x, DEFAULT_AXES[0], "Across")):
            for figure, short, title in axis_choices():
                chooser.addItem(short, figure)
                chooser.setItemData(chooser.count() - 1, title, Qt.ItemDataRole.ToolTipRole)
            chooser.setCurrentIndex(chooser.findData(default))
            chooser.setAccessibleName(f"{name}: which figure")
            chooser.setToolTip(f"{name}: which figure of the programs")
            chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            chooser.setMinimumContentsLength(6)
            chooser.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            chooser.setMinimumSize(QSize(60, 26))
            chooser.currentIndexChanged.connect(lambda _index: on_axes())
        over = QLabel("over")
        over.setProperty("role", "muted")
        for part in (self.y, over, self.x):
            row.addWidget(part)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(row)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.readout)


class _Ears(QObject):
    """Hands key presses and the leaving pointer of the plot to it."""

    def __init__(self, plot: SearchPlot) -> None:
        super().__init__()
        self._plot = plot

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Return whether the plot took the event."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._plot.press(event)
        if event.type() == QEvent.Type.Leave:
            self._plot.hover(None)
        return False
