"""The stimulation strip: STOP, the three dials, steering, areas, waveform, posture, limit profile, verdicts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scs_models.anatomy import postures
from scs_sim.limits import program_ranges
from scs_sim.program import WAVEFORMS
from scs_ui.icons import icon
from scs_ui.state.actions import programs, stimulation
from scs_ui.state.actions.stimulation import THRESHOLD_TITLES, THRESHOLDS
from scs_ui.state.dials import Dials
from scs_ui.state.exports import settings_text
from scs_ui.state.looks.stimulation import WAVEFORM_TITLES, StimulationLook, profile_choices, stimulation_look
from scs_ui.state.moment import Moment
from scs_ui.state.store import Store
from scs_ui.theme import Theme
from scs_ui.widgets.areas_bar import AreasBar
from scs_ui.widgets.controls import Deeds, Dial, ElidedLabel, NumberBox, StopButton, VerdictLine
from scs_ui.widgets.steering_pad import SteeringPad

PAUSE_MS = 900
"""Steps by key and wheel with shorter pauses between them are one step of undo."""


class StimulationPanel:
    """The strip along the bottom of the window."""

    title = "Stimulation"
    help = (
        "What is dialled for the edited area. STOP (Esc) takes every area to 0 mA.\n"
        "The ruler shows the model's thresholds: PT, comfort level, DT and MT; green is the usage range with its 80 %"
        " mark, hatched is beyond discomfort. Small pennants are the thresholds that you noted.\n"
        "Drag, click, use the wheel or type. Arrows are fine steps, PgUp and PgDn coarse ones, Home and End the ends,"
        " L locks, a double click goes to comfort.\n"
        "Dragging and stepping end at the first safety limit; a typed value may pass it and is then reported.\n"
        "Steering moves the pattern by tenths of a contact and keeps the amplitude.\n"
        "Thresholds and coverage are predictions of paresthesia, not of relief."
    )

    def __init__(self, store: Store, theme: Theme) -> None:
        self._store, self._dials, self._theme = store, Dials(store), theme
        self._look: StimulationLook | None = None
        self._icons: list[tuple[QPushButton | QToolButton, str]] = []
        self.widget = QWidget()
        self._rest = QTimer(self.widget, singleShot=True, interval=PAUSE_MS)
        self._rest.timeout.connect(store.end_merge)
        self._make_dials()
        self.pad = SteeringPad(store, theme)
        self.areas = AreasBar(store, theme)
        self.verdicts = VerdictLine(theme)
        outer = QVBoxLayout(self.widget)
        outer.setContentsMargins(12, 8, 12, 6)
        outer.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addLayout(self._stop_column())
        row.addLayout(self._dial_grid(), 1)
        self._lines = (_hairline(), _hairline())
        row.addWidget(self._lines[0])
        row.addWidget(self.pad.widget)
        row.addWidget(self._lines[1])
        row.addLayout(self._setup_column())
        outer.addLayout(row, 1)
        outer.addLayout(self._bottom_row())
        self.set_theme(theme)

    def show(self, moment: Moment) -> None:
        """Show what changed."""
        look, before = stimulation_look(moment), self._look
        if look == before:
            return
        self._look = look
        if before is not None and self._has_stepped(before, look):
            self._rest.start()
        self.amplitude.show_look(look.amplitude, "\n".join(look.under_amplitude))
        self.pulse_width.show_look(look.pulse_width)
        self.rate.show_look(look.rate)
        self.verdicts.show_verdicts(look.verdicts, look.readouts, look.details)
        if before is None or before.spoken != look.spoken:
            self.spoken.setText(look.amplitude.spoken if look.is_on else f"Off. {look.amplitude.spoken}")
            self.spoken.setAccessibleName(look.spoken)
        if before is None or before.areas != look.areas:
            self.areas.show_areas(look.areas)
        self.pad.show_coarse(look.is_coarse)
        if self.power.isChecked() != look.is_on or before is None:
            self._show_power(look.is_on)
        for box, value in ((self.waveform, look.waveform), (self.posture, look.posture), (self.profile, look.profile)):
            if box.currentData() != value:
                box.setCurrentIndex(box.findData(value))
        self._keep.setChecked(look.keep_amplitude)
        self._calibrate.setEnabled(look.can_calibrate)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        for part in (self.stop, self.amplitude, self.pulse_width, self.rate, self.pad, self.areas, self.verdicts):
            part.set_theme(theme)
        for line in self._lines:
            line.setStyleSheet(f"background: {theme.line};")
        for button, name in self._icons:
            button.setIcon(icon(name, theme))
        if self._look is not None:
            self._show_power(self._look.is_on)

    def copy_settings(self) -> None:
        """Put the settings as text on the clipboard."""
        QGuiApplication.clipboard().setText(settings_text(self._store.session, self._store.frame))
        self._store.say("Copied: settings as text, without notes.", "good")

    def _has_stepped(self, before: StimulationLook, look: StimulationLook) -> bool:
        """Return whether a dial moved by steps, from here or by a shortcut: neither held by the mouse nor typed in."""
        if any(dial.is_held for dial in (self.amplitude, self.pulse_width, self.rate)):
            return False
        return any(
            one.value != other.value
            for one, other in (
                (before.amplitude, look.amplitude),
                (before.pulse_width, look.pulse_width),
                (before.rate, look.rate),
            )
        )

    def _make_dials(self) -> None:
        dials, ranges = self._dials, program_ranges()
        self.amplitude = Dial(
            self._theme,
            NumberBox(*ranges.amplitude_ma, decimals=3, least_decimals=1, unit="mA"),
            Deeds(
                dials.drag_amplitude,
                _stepping(dials.step_amplitude),
                dials.type_amplitude,
                lambda: dials.ramp("comfort"),
                lambda: dials.toggle_lock("amplitude"),
                self._store.end_merge,
            ),
            name="Amplitude",
            has_labels=True,
            hint="Amplitude, mA, 0–25.5, step 0.1 (coarse 0.5). Keys: Ctrl+] and Ctrl+[; double click: comfort",
        )
        self.pulse_width = Dial(
            self._theme,
            NumberBox(*ranges.pulse_width_us, decimals=1, least_decimals=0, unit="µs"),
            Deeds(
                dials.drag_pulse_width,
                _stepping(dials.step_pulse_width),
                dials.set_pulse_width,
                lambda: dials.set_pulse_width(ranges.default_pulse_width_us),
                lambda: dials.toggle_lock("pulse_width"),
                self._store.end_merge,
            ),
            name="Pulse width",
            has_labels=False,
            hint=_hint("Pulse width", "µs", ranges.pulse_width_us, "10 (coarse 50)", ranges.default_pulse_width_us),
        )
        self.rate = Dial(
            self._theme,
            NumberBox(ranges.rate_hz[0], ranges.paresthesia_free_rate_hz[1], decimals=1, least_decimals=0, unit="Hz"),
            Deeds(
                dials.drag_rate,
                _stepping(dials.step_rate),
                dials.set_rate,
                lambda: dials.set_rate(ranges.default_rate_hz),
                lambda: dials.toggle_lock("rate"),
                self._store.end_merge,
            ),
            name="Rate",
            has_labels=False,
            hint=_hint("Rate", "Hz", ranges.rate_hz, "1, from 100 Hz 10 (coarse tenfold)", ranges.default_rate_hz)
            + "; 5000–10000 Hz: paresthesia-free",
        )

    def _stop_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        self.stop = StopButton(self._theme)
        self.stop.clicked.connect(self._dials.stop)
        self.power = QPushButton()
        self.power.setCheckable(True)
        self.power.setToolTip("Stimulation on or off; amplitudes stay on the dial. Key: Ctrl+Space")
        self.power.setMinimumHeight(30)
        self.power.clicked.connect(self._dials.toggle)
        column.addWidget(self.stop, 1)
        column.addWidget(self.power)
        return column

    def _dial_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, dial in enumerate((self.amplitude, self.pulse_width, self.rate)):
            names = QVBoxLayout()
            names.setSpacing(0)
            names.addWidget(dial.title)
            side = QVBoxLayout()
            side.setSpacing(4)
            line = QHBoxLayout()
            line.setSpacing(4)
            line.addWidget(dial.box)
            line.addWidget(dial.lock)
            line.addStretch(1)
            side.addLayout(line)
            if dial is self.amplitude:
                names.addWidget(dial.under)
                side.addLayout(self._threshold_menus())
            align = Qt.AlignmentFlag.AlignVCenter if dial is self.amplitude else Qt.AlignmentFlag.AlignTop
            grid.addLayout(names, row, 0, align)
            grid.addWidget(dial.ruler, row, 1, align)
            grid.addLayout(side, row, 2, align)
        grid.setRowStretch(0, 1)
        return grid

    def _threshold_menus(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.ramp, self.note = QToolButton(), QToolButton()
        for button, text, hint in (
            (self.ramp, "Ramp ▾", "Ramp to a threshold of the model. Keys: Alt+1 to Alt+4"),
            (self.note, "Note ▾", "Note the amplitude as a threshold of the patient. Keys: Ctrl+1 to Ctrl+4"),
        ):
            button.setText(text)
            button.setToolTip(hint)
            button.setAccessibleName(hint)
            button.setMinimumHeight(26)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        ramps, notes = QMenu(self.ramp), QMenu(self.note)
        for number, threshold in enumerate(THRESHOLDS, start=1):
            title = THRESHOLD_TITLES[threshold]
            ramps.addAction(f"{title.capitalize()}\tAlt+{number}", partial(self._dials.ramp, threshold))
            notes.addAction(f"{title.capitalize()} here\tCtrl+{number}", partial(self._dials.mark, threshold))
        notes.addSeparator()
        for threshold in THRESHOLDS:
            notes.addAction(f"Clear {THRESHOLD_TITLES[threshold]}", partial(self._dials.unmark, threshold))
        notes.addSeparator()
        self._calibrate = notes.addAction("Calibrate the patient to the noted PT", self._dials.calibrate)
        self.ramp.setMenu(ramps)
        self.note.setMenu(notes)
        return row

    def _setup_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(5)
        column.addWidget(self.areas.widget)
        self.waveform = _choice("Waveform", [(name, WAVEFORM_TITLES[name]) for name in WAVEFORMS])
        self.posture = _choice("Posture", [(name, name) for name in postures()])
        self.profile = _choice("Limit profile", list(profile_choices()))
        self.waveform.activated.connect(lambda index: self._dials.set_waveform(self.waveform.itemData(index)))
        self.posture.activated.connect(lambda index: self._choose_posture(self.posture.itemData(index)))
        self.profile.activated.connect(lambda index: self._choose_profile(self.profile.itemData(index)))
        pair = QHBoxLayout()
        pair.setSpacing(5)
        pair.addWidget(self.waveform, 3)
        pair.addWidget(self.posture, 2)
        column.addLayout(pair)
        column.addWidget(self.profile)
        buttons = QGridLayout()
        buttons.setSpacing(5)
        for place, (text, drawing, hint, deed) in enumerate(
            (
                ("Copy settings", "copy", "Copy settings as text. Key: Ctrl+Alt+C", self.copy_settings),
                ("Save program", "save", "Save program: a copy of it at the end of the list", self._save_program),
                (
                    "Note tested setting",
                    "add",
                    "Note tested setting on its map. Key: Ctrl+T",
                    self._note_setting,
                ),
            )
        ):
            button = QPushButton(text)
            button.setToolTip(hint)
            button.setAccessibleName(hint.split(".")[0])
            button.setMinimumHeight(26)
            button.clicked.connect(lambda checked=False, deed=deed: deed())
            self._icons.append((button, drawing))
            buttons.addWidget(button, place // 2, place % 2, 1, 2 if place == 2 else 1)
        column.addStretch(1)
        column.addLayout(buttons)
        return column

    def _bottom_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(18)
        self.spoken = ElidedLabel()
        self.spoken.setObjectName("live_region")
        row.addWidget(self.spoken, 2)
        row.addWidget(self.verdicts, 3)
        more = QToolButton()
        more.setText("⋯")
        more.setProperty("kind", "flat")
        more.setToolTip("Options of the strip")
        more.setMinimumSize(28, 24)
        more.setAccessibleName("Options of the strip")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        self._keep = menu.addAction("Keep the amplitude when contacts are changed directly")
        self._keep.setCheckable(True)
        self._keep.triggered.connect(self._toggle_keep)
        more.setMenu(menu)
        row.addWidget(more)
        return row

    def _show_power(self, on: bool) -> None:
        self.power.setChecked(on)
        self.power.setText("On" if on else "Off")
        self.power.setAccessibleName(f"Stimulation {'on' if on else 'off'}")
        self.power.setIcon(icon("play" if on else "pause", self._theme))

    def _choose_posture(self, posture: str) -> None:
        self._store.act(f"Posture {posture}", lambda session: stimulation.set_posture(session, posture))

    def _choose_profile(self, name: str) -> None:
        self._store.act(f"Limit profile {name or 'none'}", lambda session: stimulation.set_profile(session, name))

    def _toggle_keep(self) -> None:
        keep = not self._store.session.keep_amplitude
        self._store.act("Keep the amplitude", lambda session: stimulation.set_keep_amplitude(session, keep))

    def _save_program(self) -> None:
        if self._store.act("Save program", programs.save_as_program):
            self._store.say(f"Saved as program {len(self._store.session.programs)}.", "good")

    def _note_setting(self) -> None:
        frame = self._store.frame
        done = self._store.act(
            "Note setting", lambda session: programs.add_tested(session, programs.tested_now(session, frame))
        )
        if done:
            self._store.say("Noted on the map of tested settings.", "good")


class _Step(Protocol):
    """A step of a dial; coarse None: as the strip says."""

    def __call__(self, steps: int, *, coarse: bool | None) -> bool: ...


def _stepping(step: _Step) -> Callable[[int, bool], bool]:
    """Return what keys and wheel call: coarse steps where they ask for them, else as the strip says."""
    return lambda steps, coarse: step(steps, coarse=True if coarse else None)


def _hint(name: str, unit: str, span: tuple[float, float], steps: str, default: float) -> str:
    return f"{name}, {unit}, {span[0]:g}–{span[1]:g}, step {steps}; double click: {default:g} {unit}"


def _choice(name: str, items: list[tuple[str, str]]) -> QComboBox:
    box = QComboBox()
    for value, text in items:
        box.addItem(text, value)
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setMinimumHeight(26)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box


def _hairline() -> QFrame:
    line = QFrame()
    line.setFixedWidth(1)
    return line
