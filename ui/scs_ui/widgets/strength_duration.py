"""StrengthDurationPanel: thresholds of the edited area over the pulse width, with rheobase and chronaxie by two laws.

The curves are computed in a worker when the user rests; a pulse width or an amplitude moves the dial's point alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPen
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

from scs_sim.strength_duration import StrengthDuration
from scs_ui.state.looks.field_scale import short_number
from scs_ui.state.looks.strength_duration import (
    StrengthLine,
    StrengthLook,
    StrengthRequest,
    dial_point,
    refusal,
    request_key,
    strength_look,
    strength_request,
    train_words,
)
from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.state.view import StrengthUnit
from scs_ui.theme import Theme
from scs_ui.widgets.plot_labels import EndLabels, Readout

REST_MS = 250
"""How long the user must pause before the curves are computed."""
END_US = 1000.0
_STYLES = {
    "solid": Qt.PenStyle.SolidLine,
    "dash": Qt.PenStyle.DashLine,
    "dashdot": Qt.PenStyle.DashDotLine,
    "dot": Qt.PenStyle.DotLine,
    "dashdotdot": Qt.PenStyle.DashDotDotLine,
}
_UNITS: tuple[tuple[StrengthUnit, str, str], ...] = (
    ("amplitude", "mA", "Thresholds as amplitudes, mA"),
    ("charge", "µC", "Thresholds as charge per pulse, µC: Weiss' law is a straight line"),
)


class _Ears(QObject):
    """Hands key presses and the leaving pointer of the plot to the panel."""

    def __init__(self, panel: StrengthDurationPanel) -> None:
        super().__init__()
        self._panel = panel

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Return whether the panel took the event."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F:
            self._panel.fit()
            return True
        if event.type() == QEvent.Type.Leave:
            self._panel.hover(None)
        return False


class StrengthDurationPanel:
    """The panel; see `help`."""

    is_plot = True
    title = "Strength and duration"
    help = (
        "How the thresholds of the edited area alone fall as the pulse gets wider: perception (PT, with dots), "
        "discomfort (DT) and motor (MT), at its rate and waveform. The ring is what the dials say now.\n"
        "Two laws are fitted to perception, because papers use either: Weiss I = Ir (1 + c/w) and Lapicque "
        "I = Ir / (1 - 2^(-w/c)). Rheobase Ir is the least amplitude of a very wide pulse, chronaxie c the width at "
        "which twice that is needed; on the same thresholds Weiss' chronaxie is 1.5 to 2 times Lapicque's.\n"
        "µC shows the charge of a pulse instead: short pulses need less of it. The wheel zooms, F or a double-click "
        "fits, the pointer reads values. Thresholds are of predicted paresthesia, not of relief."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._theme = store, theme
        self._asked: object = None
        self._have: object = None
        self._found: StrengthDuration | None = None
        self._key: object = None
        self._look = StrengthLook("")
        self._pointer: tuple[float, float] | None = None
        self._dial: tuple[float, float] | None = None
        self._is_pending = False
        self.rebuilds = 0
        self.widget = QWidget()
        self._plot, self._ends, self._readout = pg.PlotWidget(), EndLabels(), Readout()
        self._message, self._train = QLabel(), QLabel()
        self._lines: list[Any] = []
        self._marks, self._ring = pg.ScatterPlotItem(), pg.ScatterPlotItem()
        self._buttons: dict[StrengthUnit, QToolButton] = {}
        self._ears = _Ears(self)
        self._build()
        self.set_theme(theme)

    def show(self, moment: Moment) -> None:
        """Draw what changed, and ask for curves that are not there."""
        request = strength_request(moment)
        key, message, unit = request_key(request), refusal(moment), moment.view.strength_unit
        if request is not None and not message and key not in (self._have, self._asked):
            self._ask(request, key)
        self._is_pending = request is not None and not message and key != self._have
        shown = (message, unit, id(self._found))
        if shown != self._key:
            self._key = shown
            self._buttons[unit].setChecked(True)
            self._rebuild(strength_look(self._found, unit, message))
        words = train_words(moment)
        if self._train.text() != words:
            self._train.setText(words)
        self._move_ring(dial_point(moment, unit))
        self._say()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self._plot.setBackground(theme.color("panel"))
        for side in ("left", "bottom"):
            axis = self._plot.getPlotItem().getAxis(side)
            axis.setPen(theme.color("line"))
            axis.setTextPen(theme.color("muted"))
        self._ring.setData(size=11, pen=pg.mkPen(theme.color("text"), width=2), brush=pg.mkBrush(None))
        self._rebuild(self._look)

    def fit(self) -> None:
        """Show all widths, from 0 to just above discomfort."""
        box = self._plot.getPlotItem().getViewBox()
        box.setLimits(xMin=0.0, xMax=1.02 * END_US, yMin=0.0, yMax=5.0 * self._look.y_top)
        box.setRange(xRange=(0.0, 1.02 * END_US), yRange=(0.0, self._look.y_top), padding=0.0)

    def hover(self, at: QPointF | None) -> None:
        """Read the curves at a point of the scene, None: the fits' words."""
        box = self._plot.getPlotItem().getViewBox()
        inside = at is not None and box.sceneBoundingRect().contains(at)
        place = box.mapSceneToView(at) if inside else None
        self._pointer = None if place is None else (place.x(), place.y())
        self._say()

    def _ask(self, request: StrengthRequest, key: object) -> None:
        self._asked = key
        self._store.ask("strength", request, lambda found: self._accept(found, key), delay_ms=REST_MS)

    def _accept(self, found: StrengthDuration, key: object) -> None:
        self._found, self._have = found, key

    def _rebuild(self, look: StrengthLook) -> None:
        self.rebuilds += 1
        self._look = look
        self._stack.setCurrentIndex(1 if look.message else 0)
        self._message.setText(look.message)
        for line in self._lines:
            self._plot.removeItem(line)
        self._lines = []
        for line in look.lines:
            item = pg.PlotDataItem(
                line.pulse_width_us, line.value, pen=self._pen(line), antialias=True,
                symbol="o" if line.dots else None, symbolSize=5, symbolPen=None,
                symbolBrush=self._theme.color(line.token),
            )  # fmt: skip
            self._plot.addItem(item)
            self._lines.append(item)
        self._marks.setData(
            x=[x for _, x, _ in look.marks], y=[y for _, _, y in look.marks], symbol="+", size=9,
            pen=None, brush=self._theme.color("text"),
        )  # fmt: skip
        self._plot.getPlotItem().setLabel("left", look.y_title)
        self._plot.setAccessibleName(f"Thresholds over pulse width, µs; {look.words}")
        self.fit()
        self._place_labels()

    def _move_ring(self, dial: tuple[float, float] | None) -> None:
        if dial != self._dial:
            self._dial = dial
            self._ring.setData(x=[] if dial is None else [dial[0]], y=[] if dial is None else [dial[1]])

    def _pen(self, line: StrengthLine) -> QPen:
        pen = QPen(self._theme.color(line.token), 1.6 if line.token != "muted" else 1.2, _STYLES[line.style])
        pen.setCosmetic(True)
        return pen

    def _place_labels(self) -> None:
        box = self._plot.getPlotItem().getViewBox()
        (_, right), (bottom, top) = box.viewRange()
        frame = box.sceneBoundingRect()
        labels = []
        for line in self._look.lines:
            value = float(np.interp(min(right, END_US), line.pulse_width_us, line.value))
            share = min(max((value - bottom) / max(top - bottom, 1e-9), 0.0), 1.0)
            labels.append((line.name, self._pen(line), frame.bottom() - share * frame.height()))
        half = self._ends.fontMetrics().height() / 2.0
        self._ends.set_labels(labels, frame.top() + half, frame.bottom() - half)

    def _say(self) -> None:
        look = self._look
        if self._pointer is None or not look.lines:
            self._readout.set_text("Computing …" if self._is_pending else look.words)
            return
        width, _ = self._pointer
        unit = "µC" if self._store.view.strength_unit == "charge" else "mA"
        values = [
            f"{line.name} {short_number(float(np.interp(width, line.pulse_width_us, line.value)))}"
            for line in look.lines
            if line.name in ("PT", "DT", "MT") and line.pulse_width_us[0] <= width <= line.pulse_width_us[-1]
        ]
        self._readout.set_text(f"{width:.0f} µs: {', '.join(values)} {unit}" if values else f"{width:.0f} µs")

    def _clicked(self, event: Any) -> None:
        if event.double() and event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def _build(self) -> None:
        item = self._plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setLabel("bottom", "Pulse width (µs)")
        for side in ("left", "bottom"):
            item.getAxis(side).enableAutoSIPrefix(False)
            item.getAxis(side).setStyle(tickLength=-4, maxTickLevel=1)
        item.getAxis("left").setWidth(52)
        item.layout.setContentsMargins(0, 7, 0, 5)
        box = item.getViewBox()
        box.setDefaultPadding(0.0)
        box.disableAutoRange()
        for above, mark in ((15, self._marks), (20, self._ring)):
            mark.setZValue(above)
            self._plot.addItem(mark)
        box.sigRangeChanged.connect(lambda *_: self._place_labels())
        box.sigResized.connect(lambda *_: self._place_labels())
        self._plot.scene().sigMouseMoved.connect(self.hover)
        self._plot.scene().sigMouseClicked.connect(self._clicked)
        self._plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._plot.setToolTip("Thresholds, mA or µC, over pulse width, 60–1000 µs; F or double-click fits")
        self._plot.setMinimumSize(150, 110)
        self._plot.installEventFilter(self._ears)
        self._plot.viewport().installEventFilter(self._ears)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._message.setProperty("role", "muted")
        drawn = QWidget()
        grid = QGridLayout(drawn)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self._plot, 0, 0)
        grid.addWidget(self._ends, 0, 1)
        grid.setColumnStretch(0, 1)
        self._stack = QStackedLayout()
        self._stack.addWidget(drawn)
        self._stack.addWidget(self._message)
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(self._top_row())
        layout.addLayout(self._stack, 1)
        layout.addWidget(self._readout)
        self.widget.setProperty("surface", "panel")
        self.widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _top_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(3)
        self._train.setProperty("role", "muted")
        row.addWidget(self._train)
        row.addStretch(1)
        self._group = QButtonGroup(self.widget)
        for unit, text, tip in _UNITS:
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setCheckable(True)
            button.setMinimumSize(34, 24)
            button.clicked.connect(lambda _checked, unit=unit: self._store.look(strength_unit=unit))
            self._group.addButton(button)
            self._buttons[unit] = button
            row.addWidget(button)
        return row
