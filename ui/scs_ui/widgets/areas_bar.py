"""The bar of areas A to D: choose one, add the next, switch the chosen one on or off, take it out."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from scs_sim.program import AREA_NAMES
from scs_ui.icons import icon
from scs_ui.state.actions import programs
from scs_ui.state.looks.stimulation import AreaButton
from scs_ui.state.store import Store
from scs_ui.theme import Theme

_MARKS = {"on": "●", "off": "○", "absent": "+"}


class AreasBar:
    """Four buttons, a switch and a bin."""

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store = store
        self.widget = QWidget()
        row = QHBoxLayout(self.widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.buttons: list[QPushButton] = []
        for index, name in enumerate(AREA_NAMES):
            button = QPushButton(name)
            button.setCheckable(True)
            button.setMinimumSize(36, 26)
            button.setProperty("kind", "area")
            button.clicked.connect(lambda checked=False, index=index: self._press(index))
            self.buttons.append(button)
            row.addWidget(button)
        row.addStretch(1)
        self.switch = QPushButton("On")
        self.switch.setCheckable(True)
        self.switch.setMinimumHeight(26)
        self.switch.setToolTip("This area takes part, or not; it keeps its settings")
        self.switch.clicked.connect(self._toggle)
        row.addWidget(self.switch)
        self.bin = QToolButton()
        self.bin.setToolTip("Take this area out of the program; undo brings it back")
        self.bin.setAccessibleName("Remove area")
        self.bin.setMinimumSize(28, 26)
        self.bin.clicked.connect(self._remove)
        row.addWidget(self.bin)
        self.set_theme(theme)

    def show_areas(self, areas: tuple[AreaButton, ...]) -> None:
        """Show other areas."""
        present = [area for area in areas if area.part != "absent"]
        for index, (button, area) in enumerate(zip(self.buttons, areas, strict=True)):
            button.setText(f"{_MARKS[area.part]}\u2009{area.name}")
            button.setChecked(area.is_chosen)
            button.setEnabled(index <= len(present))
            button.setToolTip(f"{area.hint}. Key: Ctrl+Shift+{area.name}")
            button.setAccessibleName(f"{area.hint}{', chosen' if area.is_chosen else ''}")
            if area.is_chosen:
                self.switch.setChecked(area.part == "on")
                self.switch.setText("On" if area.part == "on" else "Off")
                self.switch.setAccessibleName(f"Area {area.name} {area.part}")
        self.bin.setEnabled(len(present) > 1)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.bin.setIcon(icon("trash", theme))

    def _press(self, index: int) -> None:
        session = self._store.session
        if index < len(session.program.areas):
            done = self._store.act(f"Area {AREA_NAMES[index]}", lambda now: programs.choose_area(now, index))
        else:
            done = self._store.act(f"Add area {AREA_NAMES[index]}", programs.add_area)
        if not done:  # a checkable button has changed by itself
            for place, button in enumerate(self.buttons):
                button.setChecked(place == session.area)

    def _toggle(self) -> None:
        index = self._store.session.area
        if not self._store.act(f"Area {AREA_NAMES[index]} on or off", lambda now: programs.toggle_area(now, index)):
            self.switch.setChecked(not self.switch.isChecked())

    def _remove(self) -> None:
        index = self._store.session.area
        self._store.act(f"Remove area {AREA_NAMES[index]}", lambda now: programs.remove_area(now, index))
