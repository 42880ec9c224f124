"""BodyTools: the row above the body map: painting tools, score and size, layers, mirror, copies of the pain map."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from scs_models.percept.body_map import load_body_map
from scs_ui.handlers.body import TOOLS, take_tool, toggle_layer
from scs_ui.icons import icon
from scs_ui.keys import tooltip
from scs_ui.state.looks.body import BRUSH_MIN_UNITS, LAYERS, choir_codes, region_scores_text
from scs_ui.state.pain_paint import BRUSH_MAX_UNITS
from scs_ui.state.store import Store
from scs_ui.state.view import View
from scs_ui.theme import Theme

Shape = Literal["row", "rows", "column"]

_ICON_PX, _BUTTON_PX, _SIZE_STEPS = 20, 30, 40
_SIZE_PX, _UPRIGHT_SIZE_PX = 130, 70


class BodyTools:
    """Buttons and dials that change the view; score and size show only while a tool is in hand."""

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._shown = store, View()
        self._shape: Shape = "row"
        self.widget = QWidget()
        self._grid = QGridLayout(self.widget)
        self._grid.setContentsMargins(8, 6, 8, 2)
        self._grid.setSpacing(6)
        self._tools = {tool: self._tool_button(tool) for tool in TOOLS}
        self._score, self._size = self._score_box(), self._size_slider()
        self._size_words = QLabel()
        self._size_words.setProperty("role", "muted")
        self._size_words.setMinimumWidth(self._size_words.fontMetrics().horizontalAdvance("280 mm"))
        score_words = QLabel("Score")
        score_words.setProperty("role", "muted")
        score_words.setBuddy(self._score)
        self._layers, self._layer_actions = self._layers_button()
        self._mirror = _button("Mirror left and right", tooltip("view.mirror"), checkable=True)
        self._mirror.clicked.connect(lambda checked: store.look(mirror=checked))
        self._more = self._copies_button()
        self._hands, self._hands_row = _group(self._tools.values())
        self._dials, self._dials_row = _group((score_words, self._score, self._size, self._size_words))
        self._ends, self._ends_row = _group((self._layers, self._mirror, self._more))
        self._place()
        self.set_theme(theme)
        self.show(store.view, force=True)

    def show(self, view: View, *, force: bool = False) -> None:
        """Show the view's tool, score, size, layers and mirroring; touch nothing where all are as before."""
        before, self._shown = self._shown, view
        if not force and _facts(before) == _facts(view):
            return
        for tool, button in self._tools.items():
            button.setChecked(view.tool == tool)
        self._dials.setVisible(view.tool != "none")
        self._score.setEnabled(view.tool != "eraser")
        self._size.setVisible(view.tool in ("brush", "eraser"))
        self._size_words.setVisible(view.tool in ("brush", "eraser") and self._shape != "column")
        self._score.blockSignals(True)
        self._score.setValue(round(view.brush_score))
        self._score.blockSignals(False)
        self._size.blockSignals(True)
        self._size.setValue(_step_of(view.brush_size))
        self._size.blockSignals(False)
        self._size_words.setText(f"{view.brush_size * load_body_map().mm_per_unit:.0f} mm")
        for name, action in self._layer_actions.items():
            action.setChecked(name in view.layers)
        self._mirror.setChecked(view.mirror)

    def row_width(self) -> int:
        """Return the width (pixels) from which everything stands in one row."""
        return sum(group.sizeHint().width() for group in (self._hands, self._dials, self._ends)) + 40

    def set_shape(self, shape: Shape) -> None:
        """Stand in a row, in two rows, or in a column."""
        if shape != self._shape:
            self._shape = shape
            self._place()
            self.show(self._shown, force=True)

    def _place(self) -> None:
        upright, way = self._shape == "column", QBoxLayout.Direction
        for row in (self._hands_row, self._dials_row, self._ends_row):
            row.setDirection(way.TopToBottom if upright else way.LeftToRight)
        self._size.setMaximumWidth(_UPRIGHT_SIZE_PX if upright else _SIZE_PX)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        places = {
            "row": ((0, 0, 1, 1, left), (0, 1, 1, 1, left), (0, 2, 1, 1, right)),
            "rows": ((0, 0, 1, 2, left), (1, 0, 1, 3, left), (0, 2, 1, 1, right)),
            "column": ((0, 0, 1, 1, left), (1, 0, 1, 1, left), (3, 0, 1, 1, left)),
        }
        for group, place in zip((self._hands, self._dials, self._ends), places[self._shape], strict=True):
            self._grid.addWidget(group, *place)
        # Lying down, the tools ask for no width: a narrower panel gives them two rows.
        policy = QSizePolicy.Policy
        self.widget.setSizePolicy(policy.Preferred if upright else policy.Ignored, policy.Preferred)
        self.widget.setMinimumWidth(
            0 if upright else self._hands.sizeHint().width() + self._ends.sizeHint().width() + 24
        )
        self._grid.setColumnStretch(1, 0 if upright else 1)
        self._grid.setRowStretch(2, 1 if upright else 0)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's icons."""
        for tool, button in self._tools.items():
            button.setIcon(icon(tool, theme))
        self._mirror.setIcon(icon("mirror", theme))
        self._layers.setIcon(icon("layers", theme))

    def _tool_button(self, tool: str) -> QToolButton:
        button = _button(f"{tool.capitalize()}: paint pain", tooltip(f"pain.{tool}"), checkable=True)
        button.setObjectName(f"pain.{tool}")
        chosen = next(known for known in TOOLS if known == tool)
        button.clicked.connect(lambda checked=False: take_tool(self._store, chosen))
        return button

    def _score_box(self) -> QSpinBox:
        box = QSpinBox()
        box.setRange(0, 10)
        box.setMinimumHeight(26)
        box.setAccessibleName("Pain score of what is painted, 0 to 10")
        box.setToolTip("Pain score, 0 to 10, step 1; 0 rubs out\nKeys on the map: 1 to 9, and 0 for 10")
        box.valueChanged.connect(lambda value: self._store.look(brush_score=float(value)))
        return box

    def _size_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, _SIZE_STEPS)
        slider.setPageStep(5)
        slider.setMinimumWidth(_UPRIGHT_SIZE_PX)
        slider.setMaximumWidth(_SIZE_PX)
        slider.setMinimumHeight(24)
        mm = load_body_map().mm_per_unit
        low, high = BRUSH_MIN_UNITS * mm, BRUSH_MAX_UNITS * mm
        slider.setAccessibleName("Width of the brush, mm")
        slider.setToolTip(f"Width of the brush, mm, {low:.0f} to {high:.0f}, step 10 %\nKeys on the map: [ and ]")
        slider.valueChanged.connect(lambda step: self._store.look(brush_size=_size_of(step)))
        return slider

    def _layers_button(self) -> tuple[QToolButton, dict[str, QAction]]:
        menu = QMenu(self.widget)
        actions = {}
        for name, words in LAYERS.items():
            action = menu.addAction(words)
            action.setCheckable(True)
            action.triggered.connect(lambda checked=False, name=name: toggle_layer(self._store, name))
            actions[name] = action
        button = _menu_button("", "Layers: what the body map shows\nKeys on the map: P pain, O paresthesia", menu)
        return button, actions

    def _copies_button(self) -> QToolButton:
        menu = QMenu(self.widget)
        for words, text in (
            ("Copy pain as list of CHOIR segments", self._choir_text),
            ("Copy pain by region as table", lambda: region_scores_text(self._store.session.case.pain)),
        ):
            menu.addAction(words).triggered.connect(
                lambda checked=False, text=text, words=words: self._copy(words, text)
            )
        return _menu_button("⋯", "More: copies of the pain map as text", menu)

    def _choir_text(self) -> str:
        return ", ".join(choir_codes(self._store.session.case.pain))

    def _copy(self, words: str, text: Callable[[], str]) -> None:
        QGuiApplication.clipboard().setText(text())
        self._store.say(f"{words}: done", "good")


def _group(items: Iterable[QWidget]) -> tuple[QWidget, QBoxLayout]:
    """Return controls that stay together, and their row."""
    group = QWidget()
    row = QBoxLayout(QBoxLayout.Direction.LeftToRight, group)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for item in items:
        row.addWidget(item)
    return group, row


def _facts(view: View) -> tuple[object, ...]:
    return view.tool, view.brush_score, view.brush_size, view.layers, view.mirror


def _step_of(size_units: float) -> int:
    """Return the slider's step of a width: equal steps are equal ratios."""
    ratio = BRUSH_MAX_UNITS / BRUSH_MIN_UNITS
    low = min(max(size_units / BRUSH_MIN_UNITS, 1.0), ratio)
    steps = 0
    while steps < _SIZE_STEPS and ratio ** (steps / _SIZE_STEPS) < low - 1e-9:
        steps += 1
    return steps


def _size_of(step: int) -> float:
    times: float = (BRUSH_MAX_UNITS / BRUSH_MIN_UNITS) ** (step / _SIZE_STEPS)
    return round(BRUSH_MIN_UNITS * times, 1)


def _button(name: str, tip: str, *, checkable: bool = False) -> QToolButton:
    button = QToolButton()
    button.setCheckable(checkable)
    button.setIconSize(QSize(_ICON_PX, _ICON_PX))
    button.setMinimumSize(_BUTTON_PX, _BUTTON_PX)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    return button


def _menu_button(words: str, tip: str, menu: QMenu) -> QToolButton:
    button = _button(tip.split("\n", maxsplit=1)[0], tip)
    button.setText(words)
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button
