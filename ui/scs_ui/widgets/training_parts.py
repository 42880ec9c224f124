"""Parts of the training window: buttons that know whether their action is possible now, captions, columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from scs_sim.training.actions import action_kinds
from scs_ui.state.training import TrainingRoom

Given = Callable[[], dict[str, object]]


class DoButton(QPushButton):
    """Does one action; it is off while that is impossible, and its tooltip says why."""

    def __init__(
        self, room: TrainingRoom, text: str, name: str, given: Given = dict, spoken: str = "", hint: str = ""
    ) -> None:
        super().__init__(text)
        self._room, self._name, self._given = room, name, given
        self._hint = hint or action_kinds()[name].help
        self.setAccessibleName(spoken or action_kinds()[name].title)
        self.setMinimumHeight(26)
        self.clicked.connect(lambda: room.act(name, **given()))

    def refresh(self) -> None:
        """Ask again whether the action is possible."""
        show_reason(self, self._room.why_not(self._name, **self._given()), self._hint)


def show_reason(button: QWidget, reason: str, hint: str) -> None:
    """Switch a control on or, where there is a reason, off; the tooltip says what it does and why it cannot."""
    button.setEnabled(not reason)
    button.setToolTip(f"{hint}\nNot now: {reason}" if reason else hint)


def caption(text: str) -> QLabel:
    """Return a quiet heading."""
    label = QLabel(text)
    label.setProperty("role", "title")
    return label


def muted(text: str = "") -> QLabel:
    """Return a quiet line that wraps."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label


def row(*items: QWidget, stretch: bool = False) -> QHBoxLayout:
    """Return widgets side by side; stretch: what is left over stands at the right."""
    layout = QHBoxLayout()
    layout.setSpacing(6)
    fill(layout, items)
    if stretch:
        layout.addStretch(1)
    return layout


def column(margin_px: int = 10) -> tuple[QWidget, QVBoxLayout]:
    """Return a panel-coloured column and its layout."""
    widget = QWidget()
    widget.setProperty("surface", "panel")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(margin_px, margin_px, margin_px, margin_px)
    layout.setSpacing(7)
    return widget, layout


def fill(layout: QBoxLayout, items: Iterable[QWidget]) -> None:
    """Put widgets into a layout."""
    for item in items:
        layout.addWidget(item)


def choice(name: str, words: Mapping[str, str] | None = None) -> QComboBox:
    """Return a box to choose from, named for screen readers, with `words` by key."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setMinimumHeight(26)
    for key, text in (words or {}).items():
        box.addItem(text, key)
    return box


def refill(box: QComboBox, words: Mapping[str, str]) -> None:
    """Give a box other entries where they changed; the chosen one stays if it is still there."""
    if [box.itemData(place) for place in range(box.count())] == list(words):
        return
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    for key, text in words.items():
        box.addItem(text, key)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    box.blockSignals(False)


def number(name: str, low: float, high: float, step: float, unit: str, decimals: int = 1) -> QDoubleSpinBox:
    """Return a number box whose tooltip tells name, range, step and unit."""
    box = QDoubleSpinBox()
    box.setDecimals(decimals)
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setSuffix(f" {unit}")
    box.setMinimumHeight(26)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setAccessibleName(f"{name}, {unit}")
    box.setToolTip(f"{name}: {low:g} to {high:g} {unit}, step {step:g} {unit} (arrow keys)")
    return box
