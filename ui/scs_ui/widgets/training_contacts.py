"""The contacts of the leads in place, as the trainee dials them: off, −, +, percent, and what was measured."""

from __future__ import annotations

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QScrollArea, QSpinBox, QWidget

from scs_models.errors import ScsError
from scs_models.leads import lead as lead_type_of
from scs_sim.program import GENERATOR
from scs_ui.state.contacts import percent_of, sign_of
from scs_ui.state.looks.training import impedances
from scs_ui.state.training import TrainingRoom
from scs_ui.state.training_draft import cycle, set_percent
from scs_ui.theme import Theme

_MARKS = {-1: "−", 0: "", 1: "+"}
_SHOWN_ROWS, _ROW_PX = 4, 28
_WORDS = {-1: "cathode", 0: "off", 1: "anode"}


class ContactGrid:
    """One column of contacts per lead, in the order of ports, and the generator's case below."""

    def __init__(self, room: TrainingRoom, theme: Theme) -> None:
        self._room, self._theme = room, theme
        self._names: tuple[str, ...] = ()
        self.buttons: dict[str, _ContactButton] = {}
        self.percents: dict[str, QSpinBox] = {}
        self._ohms: dict[str, QLabel] = {}
        self.widget = QScrollArea()
        self.widget.setWidgetResizable(True)
        self.widget.setAccessibleName("Contacts")

    def show(self) -> None:
        """Show contacts, signs, shares and impedances."""
        now = self._room.situation
        if now is None:
            return
        columns = tuple(
            tuple(f"{lead.number}.{k}" for k in range(1, lead_type_of(lead.lead_type).contact_count + 1))
            for lead in now.leads
        )
        names = (*(name for lead in columns for name in lead), GENERATOR)
        if names != self._names or not self.buttons:
            self._names = names
            self._build(columns)
        shares, found = self._room.draft.shares, impedances(now, self._room.shown)
        counts = {sign: sum(share.sign == sign for share in shares) for sign in (-1, 1)}
        for name, button in self.buttons.items():
            sign = sign_of(shares, name)
            button.show_sign(sign, self._theme)
            button.setEnabled(not self._room.is_replay and not now.finished)
            percent = self.percents[name]
            percent.setVisible(sign != 0 and counts[sign] > 1)
            percent.blockSignals(True)
            percent.setValue(percent_of(shares, name))
            percent.blockSignals(False)
            ohms, flag = found.get(name, ("", ""))
            label = self._ohms[name]
            label.setText(f"{ohms}!" if flag else ohms)
            label.setToolTip(f"Impedance of {name}: {ohms} Ω {flag}" if ohms else "")
            label.setProperty("role", "warn" if flag else "muted")
            label.style().polish(label)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        self.show()

    def cycle(self, name: str, *, backwards: bool = False) -> None:
        """Take a contact from off to cathode, anode and off."""
        self._room.change(cycle(self._room.draft, name, backwards=backwards))

    def _share(self, name: str, percent: int) -> None:
        try:
            self._room.change(set_percent(self._room.draft, name, percent))
        except ScsError as error:
            self._room.say(str(error), "warn")
        self.show()

    def _build(self, columns: tuple[tuple[str, ...], ...]) -> None:
        self.buttons, self.percents, self._ohms = {}, {}, {}
        body = QWidget()
        body.setProperty("surface", "panel")
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(3)
        for place, names in enumerate(columns):
            head = QLabel(f"Lead {names[0].split('.')[0]}: %, Ω")
            head.setProperty("role", "muted")
            grid.addWidget(head, 0, 3 * place, 1, 3)
            for row, name in enumerate(names, start=1):
                self._add(grid, name, row, 3 * place)
        deepest = max((len(names) for names in columns), default=0)
        if columns:
            self._add(grid, GENERATOR, deepest + 1, 0)
        else:
            hint = QLabel("No lead is in place.")
            hint.setProperty("role", "muted")
            grid.addWidget(hint, 0, 0)
        grid.setColumnStretch(3 * max(len(columns), 1), 1)
        grid.setRowStretch(deepest + 2, 1)
        self.widget.setWidget(body)
        self.widget.setMinimumHeight(min(body.sizeHint().height(), _SHOWN_ROWS * (_ROW_PX)))

    def _add(self, grid: QGridLayout, name: str, row: int, place: int) -> None:
        button = self.buttons[name] = _ContactButton(name)
        button.clicked.connect(lambda _checked=False: self.cycle(name))
        percent = self.percents[name] = QSpinBox()
        percent.setRange(1, 99)
        percent.setFixedWidth(percent.fontMetrics().horizontalAdvance("99") + 38)
        percent.setKeyboardTracking(False)
        percent.setAccessibleName(f"Share of {name}, percent of the current of its sign")
        percent.setToolTip("Share: 1 to 99 %, step 1 %; the others of its sign take the rest")
        percent.valueChanged.connect(lambda value: self._share(name, value))
        kept = percent.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        percent.setSizePolicy(kept)
        percent.hide()
        ohm = self._ohms[name] = QLabel()
        ohm.setMinimumWidth(ohm.fontMetrics().horizontalAdvance("1000!"))
        for offset, widget in enumerate((button, percent, ohm)):
            grid.addWidget(widget, row, place + offset)


class _ContactButton(QPushButton):
    """One contact: its name and sign; a click or Space goes on to the next sign, the keys -, + and 0 set one."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._name, self._sign = name, 0
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(f"{name} +") + 20)
        self.setMinimumHeight(25)

    def show_sign(self, sign: int, theme: Theme) -> None:
        """Show the sign in colour and as a mark."""
        self._sign = sign
        self.setText(f"{self._name} {_MARKS[sign]}" if sign else self._name)
        self.setAccessibleName(f"Contact {self._name}: {_WORDS[sign]}")
        self.setToolTip(f"{self._name}: {_WORDS[sign]}. Click, Space: off, cathode −, anode +. Keys −, + and 0")
        fill = {-1: theme.cathode, 1: theme.anode}.get(sign)
        ink = theme.on_accent if not theme.is_dark else theme.text
        self.setStyleSheet(
            "" if fill is None else f"background: {fill}; color: {ink}; border-color: {fill}; font-weight: 600;"
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the signs by key."""
        wanted = {"-": -1, "+": 1, "=": 1, "0": 0}.get(event.text())
        if wanted is None:
            super().keyPressEvent(event)
            return
        for _ in range(_clicks(self._sign, wanted)):
            self.click()


def _clicks(sign: int, wanted: int) -> int:
    """Return how many clicks lead from one sign to another: off, cathode, anode, off."""
    order = (0, -1, 1)
    return (order.index(wanted) - order.index(sign)) % 3
