"""The steering pad: move the pattern, focus the cathodes, move the anodes, equalise, fine or coarse steps."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scs_ui.icons import icon
from scs_ui.state.actions import contacts
from scs_ui.state.steering import Move
from scs_ui.state.store import Store
from scs_ui.theme import Theme

COARSE_STEPS = 5
"""Half a contact: what a coarse step steers by."""

# Name, move, sign, icon or sign, tooltip, place on the pad.
_ARROWS: tuple[tuple[str, Move, int, str, str, tuple[int, int]], ...] = (
    ("Steer up", "up", 1, "arrow_up", "towards the head, 10 % of the spacing. Key on the spine: Ctrl+Up", (0, 1)),
    ("Steer left", "right", -1, "arrow_left", "to the patient's left. Key on the spine: Ctrl+Left", (1, 0)),
    ("Steer right", "right", 1, "arrow_right", "to the patient's right. Key on the spine: Ctrl+Right", (1, 2)),
    (
        "Steer down",
        "up",
        -1,
        "arrow_down",
        "towards the feet, 10 % of the spacing. Key on the spine: Ctrl+Down",
        (2, 1),
    ),
)
_PAIRS: tuple[tuple[str, Move, str, str], ...] = (
    ("Focus", "spread", "draw the cathodes together. Key on the spine: [", "spread the cathodes. Key on the spine: ]"),
    ("Anode", "anodes", "bring the anodes nearer. Key on the spine: A", "take them farther. Key on the spine: Shift+A"),
)


class SteeringPad:
    """Buttons that steer the edited area; the amplitude stays."""

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store = store
        self.widget = QWidget()
        self._icons: list[tuple[QToolButton | QPushButton, str]] = []
        row = QHBoxLayout(self.widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addLayout(self._arrows())
        row.addLayout(self._others())
        self.set_theme(theme)

    def show_coarse(self, coarse: bool) -> None:
        """Show which steps are on."""
        button = self._coarse if coarse else self._fine
        if not button.isChecked():
            button.setChecked(True)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        for button, name in self._icons:
            button.setIcon(icon(name, theme))

    def _arrows(self) -> QVBoxLayout:
        around, grid = QVBoxLayout(), QGridLayout()
        grid.setSpacing(3)
        for name, move, sign, drawing, hint, (row, column) in _ARROWS:
            button = self._button(name, f"{name}: {hint}", move, sign)
            button.setFixedSize(32, 30)
            self._icons.append((button, drawing))
            grid.addWidget(button, row, column)
        around.addStretch(1)
        around.addLayout(grid)
        around.addStretch(1)
        return around

    def _others(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        pairs = QGridLayout()
        pairs.setSpacing(3)
        for row, (name, move, less, more) in enumerate(_PAIRS):
            label = QLabel(name)
            label.setProperty("role", "muted")
            pairs.addWidget(label, row, 0)
            for place, (sign, text, hint) in enumerate(((-1, "−", less), (1, "+", more)), start=1):
                button = self._button(f"{name} {'nearer' if sign < 0 else 'farther'}", f"{name}: {hint}", move, sign)
                button.setText(text)
                button.setFixedSize(32, 26)
                pairs.addWidget(button, row, place)
        column.addLayout(pairs)
        equalise = QPushButton("Equalise")
        equalise.setToolTip("Equalise: equal shares for the contacts of each sign that are not locked. Key: E")
        equalise.setMinimumHeight(26)
        equalise.setAccessibleName("Equalise shares")
        equalise.clicked.connect(lambda: self._store.act("Equalise", contacts.equalise))
        self._icons.append((equalise, "equalise"))
        column.addWidget(equalise)
        column.addLayout(self._steps())
        return column

    def _steps(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(0)
        self._group = QButtonGroup(self.widget)
        self._fine, self._coarse = QPushButton("Fine"), QPushButton("Coarse")
        for button, coarse, hint in (
            (self._fine, False, "Fine steps: 0.1 mA, 10 µs, 1 Hz, 10 % of a contact"),
            (self._coarse, True, "Coarse steps: 0.5 mA, 50 µs, 10 Hz, half a contact"),
        ):
            button.setCheckable(True)
            button.setMinimumHeight(26)
            button.setToolTip(hint)
            button.setAccessibleName(hint)
            button.clicked.connect(lambda checked=False, coarse=coarse: self._store.look(coarse=coarse))
            self._group.addButton(button)
            row.addWidget(button)
        self._fine.setChecked(True)
        return row

    def _button(self, name: str, hint: str, move: Move, sign: int) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(hint)
        button.setAutoRepeat(True)
        button.setAutoRepeatDelay(450)
        button.setAutoRepeatInterval(140)
        button.clicked.connect(lambda checked=False: self._steer(name, move, sign))
        return button

    def _steer(self, name: str, move: Move, sign: int) -> None:
        steps = sign * (COARSE_STEPS if self._store.view.coarse else 1)
        self._store.act(name, lambda session: contacts.steer(session, move, steps), merge="steer")
