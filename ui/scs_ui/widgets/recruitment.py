"""RecruitmentPanel: recruitment curves of the edited area with the amplitude as a cursor to drag.

Curves change with contacts, pulse, patient or choice; an amplitude moves the cursor alone. Labels stand in a gutter
right of the plot, at the height where their curve leaves it, so that nothing covers a curve.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scs_ui.state.dials import Dials
from scs_ui.state.looks.recruitment import (
    Curve,
    CurveKind,
    RecruitmentLook,
    cursor_ma,
    readout,
    recruitment_key,
    recruitment_look,
)
from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.state.view import CurveUnit
from scs_ui.theme import Theme
from scs_ui.widgets.curve_chooser import CurveChooser
from scs_ui.widgets.plot_labels import EndLabels, MarkLabels, Readout

LINES: dict[CurveKind, Qt.PenStyle] = {
    "DC": Qt.PenStyle.SolidLine,
    "DR": Qt.PenStyle.DashLine,
    "motor": Qt.PenStyle.DashDotLine,
}
_STEPS = {  # key: direction, coarse (None: as the view says)
    Qt.Key.Key_Left: (-1, None), Qt.Key.Key_Right: (1, None),
    Qt.Key.Key_PageDown: (-1, True), Qt.Key.Key_PageUp: (1, True),
}  # fmt: skip
_ZOOMS = {Qt.Key.Key_Plus: 0.8, Qt.Key.Key_Equal: 0.8, Qt.Key.Key_Minus: 1.25}


class _Keys(QObject):
    """Hands key presses and the leaving pointer of the plot to the panel."""

    def __init__(self, panel: RecruitmentPanel) -> None:
        super().__init__()
        self._panel = panel

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Return whether the panel took the event."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._panel.press(event)
        if event.type() == QEvent.Type.Leave:
            self._panel.hover(None)
        return False


class RecruitmentPanel:
    """The panel; see `help`."""

    is_plot = True
    title = "Recruitment"
    help = (
        "How many fibres each pulse recruits as the amplitude rises, for the edited area alone. Solid lines are dorsal "
        "column fibres of a dermatome, dashed ones a dorsal root, the dash-dotted one motor roots. At first the "
        "painful dermatomes, the root felt first and motor are drawn; Curves chooses others. Thin vertical lines are "
        "the predicted thresholds.\n"
        "Drag the amplitude cursor, click, or press ← → (PgUp, PgDn: coarse) to set the amplitude. The wheel zooms, a "
        "double-click or F fits. Intensity is how strongly the model expects paresthesia, not relief; motor fibres "
        "have no intensity and count in percent of all ventral root fibres there."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._theme = store, theme
        self._dials = Dials(store)
        self._key: object = None
        self._look: RecruitmentLook | None = None
        self._at: float | None = None
        self._hover_ma: float | None = None
        self._before_click: float | None = None
        self._fit_ma = 0.0
        self._is_fitted = True
        self._marks: list[Any] = []
        self._lines: list[Any] = []
        self._y_title = ""
        self.rebuilds = 0
        self.widget = QWidget()
        self._plot = pg.PlotWidget()
        self._box = self._plot.getPlotItem().getViewBox()
        self._ends, self._tops, self._readout = EndLabels(), MarkLabels(), Readout()
        self._message = QLabel()
        self._filter = _Keys(self)
        self._unit_buttons: dict[CurveUnit, QToolButton] = {}
        self._chooser = CurveChooser(store)
        self._cursor = pg.InfiniteLine(0.0, angle=90, movable=True)
        self._build()
        self.set_theme(theme)

    def show(self, moment: Moment) -> None:
        """Show the moment: curves where they changed, else the cursor alone."""
        key = recruitment_key(moment)
        if key != self._key:
            self._key = key
            self._rebuild(recruitment_look(moment))
            self._unit_buttons[moment.view.curves_unit].setChecked(True)
        at = cursor_ma(moment.frame)
        if at != self._at:
            self._at = at
            self._cursor.setVisible(at is not None)
            if at is not None:
                if not self._cursor.moving:
                    self._cursor.setPos(at)
                self._follow(at)
            self._say()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, and the size of texts."""
        self._theme = theme
        self._measure()
        quiet = self._readout.palette()
        quiet.setColor(QPalette.ColorRole.WindowText, theme.color("muted"))
        self._readout.setPalette(quiet)
        self._plot.setBackground(theme.color("panel"))
        for side in ("left", "bottom"):
            axis = self._plot.getPlotItem().getAxis(side)
            axis.setPen(pg.mkPen(theme.color("line")))
            axis.setTextPen(pg.mkPen(theme.color("muted")))
            axis.setTickPen(pg.mkPen(theme.color("line"), width=1))
        self._cursor.setPen(pg.mkPen(theme.color("accent"), width=2))
        self._cursor.setHoverPen(pg.mkPen(theme.color("accent"), width=4))
        self._plot.setStyleSheet(f"QGraphicsView {{ border: 1px solid {theme.panel}; }}"
                                 f"QGraphicsView:focus {{ border: 1px solid {theme.accent}; }}")  # fmt: skip
        if self._look is not None:
            self._rebuild(self._look)

    def _measure(self) -> None:
        """Give the axes the room that their words need."""
        item, font = self._plot.getPlotItem(), self._readout.font()
        metrics = QFontMetrics(font)
        for side in ("left", "bottom"):
            item.getAxis(side).setStyle(tickFont=font)
            item.getAxis(side).label.setFont(font)
        item.getAxis("left").setWidth(metrics.horizontalAdvance("1000") + metrics.height() + 10)
        item.getAxis("bottom").setHeight(round(2.1 * metrics.height()) + 2)

    @property
    def cursor_ma(self) -> float:
        """Return where the cursor stands, mA."""
        return float(self._cursor.value())

    def press(self, event: QKeyEvent) -> bool:
        """Take a key on the plot: steps of the amplitude, zoom, fit; return whether it was one of them."""
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            return False
        if event.key() == Qt.Key.Key_F:
            self.fit()
            return True
        if event.key() in _ZOOMS:
            self._zoom(_ZOOMS[Qt.Key(event.key())])
            return True
        found = _STEPS.get(Qt.Key(event.key()))
        if found is None or self._at is None:
            return False
        direction, coarse = found
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._dials.step_amplitude(direction, coarse=True if shifted else coarse)
        return True

    def hover(self, amplitude_ma: float | None) -> None:
        """Read the curves at an amplitude under the pointer, None: at the cursor."""
        self._hover_ma = amplitude_ma
        self._say()

    def fit(self) -> None:
        """Fit the view: 0 mA to past discomfort."""
        if self._look is None or not self._look.curves:
            return
        self._is_fitted, self._fit_ma = True, max(self._look.fit_ma, 1.05 * (self._at or 0.0))
        end_ma = max(float(self._look.amplitude_ma[-1]), self._fit_ma)
        self._box.setLimits(xMin=0.0, xMax=end_ma, yMin=0.0, yMax=self._look.y_top)
        self._box.setRange(xRange=(0.0, self._fit_ma), yRange=(0.0, self._look.y_top), padding=0.0)

    def _build(self) -> None:
        item = self._plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setLabel("bottom", "Amplitude (mA)")
        for side in ("left", "bottom"):
            item.getAxis(side).enableAutoSIPrefix(False)
            item.getAxis(side).setStyle(tickLength=-4, maxTickLevel=1)
        item.layout.setContentsMargins(0, 7, 0, 5)
        self._box.setMouseEnabled(x=True, y=False)
        self._box.setDefaultPadding(0.0)
        self._cursor.setZValue(20)
        self._cursor.addMarker("v", position=1.0, size=9.0)
        self._plot.addItem(self._cursor)
        self._cursor.sigDragged.connect(self._dragged)
        self._cursor.sigPositionChangeFinished.connect(lambda _line: self._let_go())
        self._plot.scene().sigMouseClicked.connect(self._clicked)
        self._plot.scene().sigMouseMoved.connect(self._moved)
        self._box.sigRangeChanged.connect(lambda *_: self._place_labels())
        self._box.sigResized.connect(lambda *_: self._place_labels())
        self._box.sigRangeChangedManually.connect(self._zoomed)
        self._plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._plot.setAccessibleName("Recruitment curves over amplitude, mA")
        self._plot.setToolTip(
            "Amplitude, mA, 0–25.5, step 0.1 (← →), 0.5 (PgUp PgDn); F or double-click fits, + − zoom"
        )
        self._plot.installEventFilter(self._filter)
        self._plot.viewport().installEventFilter(self._filter)
        self._plot.setMinimumSize(150, 110)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)

        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._chooser.button)
        top.addStretch(1)
        group = QButtonGroup(self.widget)
        for unit, words, tip in (
            ("intensity", "Intensity", "How strongly a dermatome is felt, 0–100 %"),
            ("fibres", "Fibres", "Recruited fibres of 8.7 µm and more"),
        ):
            button = QToolButton()
            button.setText(words)
            button.setToolTip(tip)
            button.setAccessibleName(f"Curves as {words.lower()}")
            button.setCheckable(True)
            button.setMinimumHeight(24)
            which: CurveUnit = "fibres" if unit == "fibres" else "intensity"
            button.clicked.connect(lambda _checked, which=which: self._store.look(curves_unit=which))
            group.addButton(button)
            self._unit_buttons[which] = button
            top.addWidget(button)
        self._group = group
        drawn = QWidget()
        grid = QGridLayout(drawn)
        grid.setSpacing(0)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self._tops, 0, 0)
        grid.addWidget(self._plot, 1, 0)
        grid.addWidget(self._ends, 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(1, 1)
        self._stack = QStackedLayout()
        self._stack.addWidget(drawn)
        self._stack.addWidget(self._message)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(8, 6, 8, 6)
        self.widget.setProperty("surface", "panel")
        self.widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._message.setProperty("role", "muted")
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addLayout(self._stack, 1)
        layout.addWidget(self._readout)

    def _rebuild(self, look: RecruitmentLook) -> None:
        self.rebuilds += 1
        self._look = look
        self._stack.setCurrentIndex(1 if look.message else 0)
        self._message.setText(look.message)
        self._readout.setVisible(not look.message)
        self._draw(look)
        if look.y_title != self._y_title:
            self._y_title = look.y_title
            self._plot.getPlotItem().setLabel("left", look.y_title)
        if self._is_fitted:
            self.fit()
        elif look.curves:
            self._box.setYRange(0.0, look.y_top, padding=0.0)
        self._place_labels()
        self._say()

    def _draw(self, look: RecruitmentLook) -> None:
        """Put the look on as many lines as it has; lines that are there already take other values."""
        for kept, wanted, make in (
            (self._marks, len(look.marks), self._new_mark),
            (self._lines, len(look.curves), self._new_line),
        ):
            while len(kept) < wanted:
                kept.append(make())
                self._plot.addItem(kept[-1], ignoreBounds=True)
            for spare, item in enumerate(kept):
                item.setVisible(spare < wanted)
        for line, mark in zip(self._marks, look.marks, strict=False):
            line.setPos(mark.amplitude_ma)
            line.setPen(pg.mkPen(self._theme.color(mark.token, 0.75), width=1, style=Qt.PenStyle.DotLine))
        for line, curve in zip(self._lines, look.curves, strict=False):
            line.setData(look.amplitude_ma, curve.values, pen=self._pen(curve))

    @staticmethod
    def _new_mark() -> Any:
        line = pg.InfiniteLine(0.0, 90)
        line.setZValue(5)
        return line

    @staticmethod
    def _new_line() -> Any:
        return pg.PlotCurveItem(antialias=True)

    def _pen(self, curve: Curve) -> QPen:
        color = self._theme.color(self._theme.curves[curve.color % len(self._theme.curves)])
        pen = QPen(color, 1.6 if curve.kind == "DC" else 1.3, LINES[curve.kind])
        pen.setCosmetic(True)
        return pen

    def _place_labels(self) -> None:
        look = self._look
        if look is None or not look.curves:
            self._ends.set_labels([], 0.0, 1.0)
            self._tops.set_labels([], 0.0, 1.0)
            return
        (left, right), (bottom, top) = self._box.viewRange()
        frame = self._box.sceneBoundingRect()
        ends = []
        for curve in look.curves:
            value = float(np.interp(right, look.amplitude_ma, curve.values))
            share = min(max((value - bottom) / max(top - bottom, 1e-9), 0.0), 1.0)
            ends.append((curve.label, self._pen(curve), frame.bottom() - share * frame.height()))
        half = self._ends.fontMetrics().height() / 2.0
        self._ends.set_labels(ends, frame.top() + half, frame.bottom() - half)
        scale = frame.width() / max(right - left, 1e-9)
        tops = [
            (
                f"{mark.label} {mark.amplitude_ma:.1f}",
                self._theme.color(mark.token),
                frame.left() + (mark.amplitude_ma - left) * scale,
            )
            for mark in look.marks
        ]
        self._tops.set_labels(tops, frame.left(), frame.right())

    def _say(self) -> None:
        look, at = self._look, self._hover_ma if self._hover_ma is not None else self._at
        self._readout.set_text("" if look is None or at is None else readout(look, at))

    def _follow(self, at: float) -> None:
        """Let a fitted view grow where the cursor would leave it."""
        if self._is_fitted and self._look is not None and at > 0.98 * self._fit_ma:
            self.fit()

    def _set(self, amplitude_ma: float) -> None:
        self._dials.drag_amplitude(round(max(0.0, amplitude_ma), 1))

    def _dragged(self, line: Any) -> None:
        self._set(float(line.value()))

    def _let_go(self) -> None:
        """End the step; where a limit or a lock held the amplitude, the cursor goes back to it."""
        self._store.end_merge()
        if self._at is not None:
            self._cursor.setPos(self._at)

    def _moved(self, at: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(at)
        self.hover(max(0.0, float(self._box.mapSceneToView(at).x())) if inside else None)

    def _clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._box.sceneBoundingRect().contains(event.scenePos()):
            return
        if event.double():
            if self._before_click is not None:  # its first half has set the amplitude
                self._set(self._before_click)
            self._store.end_merge()
            self.fit()
            return
        self._store.end_merge()
        self._before_click = self._at
        self._set(float(self._box.mapSceneToView(event.scenePos()).x()))

    def _zoom(self, factor: float) -> None:
        """Show `factor` times as much of the amplitude axis, about the cursor."""
        (left, right), _ = self._box.viewRange()
        middle = self._at if self._at is not None and left < self._at < right else (left + right) / 2.0
        self._is_fitted = False
        self._box.setXRange(middle - factor * (middle - left), middle + factor * (right - middle), padding=0.0)

    def _zoomed(self, *_: object) -> None:
        self._is_fitted = False
