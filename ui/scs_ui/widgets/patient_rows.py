"""Rows of the patient panel: a number with slider and box, a choice, a list of levels, rows that come and go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scs_ui.icons import icon
from scs_ui.state.looks.patient import NumberSpec
from scs_ui.theme import Theme

BUTTON_PX = 24


class NumberRow:
    """Title, box and slider of one number; `set(value)` while it changes, `rest()` once the hand is off it.

    usual(): puts it back; source(): tells where its range comes from.
    """

    def __init__(
        self,
        spec: NumberSpec,
        set_value: Callable[[float], object],
        rest: Callable[[], object],
        usual: Callable[[], object],
        source: Callable[[], object],
    ) -> None:
        self.spec, self._set, self._quiet = spec, set_value, False
        self.widget = QWidget()
        title = QLabel(spec.title)
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.box = QDoubleSpinBox()
        self.box.setDecimals(spec.decimals)
        self.box.setRange(spec.low, spec.high)
        self.box.setSingleStep(spec.step)
        self.box.setKeyboardTracking(False)
        self.box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, self._place(spec.high))
        self.slider.setPageStep(max(1, self.slider.maximum() // 10))
        self.slider.setMinimumHeight(BUTTON_PX)
        name = f"{spec.title}, {spec.unit}" if spec.unit else spec.title
        for control in (self.box, self.slider):
            control.setAccessibleName(name)
            control.setToolTip(spec.hint)
        title.setToolTip(spec.hint)
        title.setBuddy(self.box)
        unit = QLabel(spec.unit)
        unit.setProperty("role", "muted")
        self.usual = small_button("undo", f"{spec.title}: back to usual, {spec.usual:g}", usual)
        self.source = small_button("help", f"{spec.title}: where does this come from?", source)
        grid = QGridLayout(self.widget)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(1)
        grid.addWidget(title, 0, 0)
        grid.addWidget(self.usual, 0, 1)
        grid.addWidget(self.source, 0, 2)
        grid.addWidget(self.box, 0, 3)
        grid.addWidget(self.slider, 1, 0, 1, 3)
        grid.addWidget(unit, 1, 3, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(0, 1)
        self.box.valueChanged.connect(self._changed)
        self.box.editingFinished.connect(rest)
        self.slider.valueChanged.connect(lambda place: self._changed(spec.low + place * spec.step))
        self.slider.sliderReleased.connect(rest)

    def show(self, value: float, is_usual: bool) -> None:
        """Show a value without setting it."""
        self._quiet = True
        if self.box.value() != value:
            self.box.setValue(value)
        place = self._place(value)
        if self.slider.value() != place:
            self.slider.setValue(place)
        self._quiet = False
        self.usual.setEnabled(not is_usual)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.usual.setIcon(icon("undo", theme, "muted"))
        self.source.setIcon(icon("help", theme, "muted"))

    def _place(self, value: float) -> int:
        return round((value - self.spec.low) / self.spec.step)

    def _changed(self, value: float) -> None:
        if not self._quiet:
            self._set(value)


class ChoiceRow:
    """A title, a box with choices and a link to their source."""

    def __init__(
        self,
        title: str,
        choices: Sequence[tuple[str, str]],
        tip: str,
        choose: Callable[[str], object],
        source: Callable[[], object],
    ) -> None:
        self.widget = QWidget()
        label = QLabel(title)
        self.box = QComboBox()
        self.box.setAccessibleName(title)
        self.box.setToolTip(f"{title}\n{tip}")
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(9)
        for words, value in choices:
            self.box.addItem(words, value)
        label.setBuddy(self.box)
        self.source = small_button("help", f"{title}: where does this come from?", source)
        row = QHBoxLayout(self.widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        _share(label, row, 2)
        row.addWidget(self.source)
        _share(self.box, row, 3)
        self.box.activated.connect(lambda index: choose(str(self.box.itemData(index))))

    def show(self, value: str) -> None:
        """Show a value."""
        place = self.box.findData(value)
        if place != self.box.currentIndex():
            self.box.setCurrentIndex(place)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.source.setIcon(icon("help", theme, "muted"))


class LevelsRow:
    """A title and a button with a menu of levels that can be ticked; the menu stays open while ticking by keyboard."""

    def __init__(self, title: str, tip: str, levels: Sequence[str], toggle: Callable[[str, bool], object]) -> None:
        self.widget = QWidget()
        label = QLabel(title)
        self.button = QToolButton()
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setToolTip(f"{title}, levels\n{tip}")
        self.button.setMinimumHeight(BUTTON_PX)
        self._title = title
        menu = QMenu(self.button)
        self.actions: dict[str, QAction] = {}
        for level in levels:
            action = menu.addAction(level)
            action.setCheckable(True)
            action.triggered.connect(lambda on, level=level: toggle(level, on))
            self.actions[level] = action
        self.button.setMenu(menu)
        row = QHBoxLayout(self.widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        _share(label, row, 2)
        _share(self.button, row, 3)

    def show(self, chosen: Sequence[str], words: str) -> None:
        """Show which levels are chosen."""
        self.button.setText(words)
        self.button.setAccessibleName(f"{self._title}, levels: {words}")
        for level, action in self.actions.items():
            action.setChecked(level in chosen)


class RowList:
    """Rows that come and go, each with a number and a button that takes it away; a line to add one below."""

    def __init__(self, adder: QWidget) -> None:
        self.widget = QWidget()
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self.boxes: dict[str, QDoubleSpinBox] = {}
        self.removers: dict[str, QToolButton] = {}
        self._shown: tuple[str, ...] = ()
        self._holders: list[QWidget] = []
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(self._rows)
        layout.addWidget(adder)

    def fit(self, names: Sequence[str], make: Callable[[str], tuple[QDoubleSpinBox, QToolButton]]) -> None:
        """Have one row per name, in this order; rows that stay the same are left alone."""
        if tuple(names) == self._shown:
            return
        for holder in self._holders:
            self._rows.removeWidget(holder)
            holder.hide()
            holder.deleteLater()
        self._shown, self._holders = tuple(names), []
        self.boxes.clear()
        self.removers.clear()
        for name in names:
            box, remove = make(name)
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(6)
            row.addWidget(QLabel(name), 1)
            row.addWidget(box)
            row.addWidget(remove)
            self._rows.addWidget(holder)
            self._holders.append(holder)
            self.boxes[name], self.removers[name] = box, remove


def _share(widget: QWidget, row: QHBoxLayout, stretch: int) -> None:
    """Add a widget that takes its share of the width whatever it says: fields stand under each other."""
    widget.setSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())
    row.addWidget(widget, stretch)


def small_button(image: str, name: str, action: Callable[[], object]) -> QToolButton:
    """Return a flat button of 24 px; its icon comes with the theme."""
    button = QToolButton()
    button.setProperty("kind", "flat")
    button.setProperty("image", image)
    button.setFixedSize(QSize(BUTTON_PX, BUTTON_PX))
    side_px = BUTTON_PX - 2  # the border comes on top
    button.setStyleSheet(f"padding: 0; min-width: {side_px}px; min-height: {side_px}px;")
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.clicked.connect(lambda: action())
    return button
