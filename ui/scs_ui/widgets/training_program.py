"""The third column of the training window: contacts, pulse, ramp, notes, saved programs, the patient's limit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from scs_sim.limits import program_ranges
from scs_sim.program import WAVEFORMS
from scs_sim.training.actions import MAX_TEXT, NOTES
from scs_ui.state.looks.training import NOTE_TITLES, note_lines, program_text, suggested_note_ma
from scs_ui.state.training import COARSE_MA, FINE_MA, STEPS_MA, USUAL_STEP_MA, TrainingRoom
from scs_ui.theme import Theme
from scs_ui.widgets.training_contacts import ContactGrid
from scs_ui.widgets.training_parts import (
    DoButton,
    caption,
    choice,
    column,
    muted,
    number,
    refill,
    row,
    show_reason,
)

_SHOWN_NOTES = 3


class ProgramPanel:
    """What a clinician's programmer has on its screen."""

    def __init__(self, room: TrainingRoom, theme: Theme) -> None:
        self._room, self._noted_for = room, -1
        self.widget, layout = column()
        ranges = program_ranges()
        self.measure = DoButton(room, "Measure impedances", "impedance")
        self.contacts = ContactGrid(room, theme)
        self.pulse_width = number("Pulse width", *ranges.pulse_width_us, 10.0, "µs", 0)
        self.rate = number("Rate", *ranges.rate_hz, 10.0, "Hz", 0)
        self.waveform = choice("Waveform", {name: name for name in WAVEFORMS})
        self.set = QPushButton("Set program")
        self.set.setAccessibleName("Set the program")
        self.set.setMinimumHeight(26)
        self.set.clicked.connect(room.set_program)
        self.now = QLabel()
        self.now.setWordWrap(True)
        self.amplitude = QLabel()
        self.amplitude.setProperty("role", "big")
        self.amplitude.setAccessibleName("Amplitude, mA")
        self.by = {by: QPushButton(f"{'+' if by > 0 else '−'}{abs(by):g}") for by in
                   (-COARSE_MA, -FINE_MA, FINE_MA, COARSE_MA)}  # fmt: skip
        for by, button in self.by.items():
            button.setAccessibleName(f"Ramp {'up' if by > 0 else 'down'} by {abs(by):g} mA")
            button.setMinimumSize(44, 28)
            button.clicked.connect(lambda _checked=False, by=by: room.ramp_by(by))
        self.to = number("Amplitude to ramp to", 0.0, ranges.amplitude_ma[1], 0.1, "mA")
        self.step = choice("Step of the ramp, mA a second", {f"{step:g}": f"{step:g} mA/s" for step in STEPS_MA})
        self.step.setCurrentIndex(STEPS_MA.index(USUAL_STEP_MA))
        self.step.setToolTip("How fast a ramp goes: a step a second; the patient can cry stop between steps")
        self.ramp = DoButton(room, "Ramp", "amplitude", self._ramping)
        self.note_ma = number("Amplitude to note", 0.0, ranges.amplitude_ma[1], 0.1, "mA", 2)
        self.notes = {
            name: DoButton(
                room,
                NOTE_TITLES[name],
                "note",
                partial(self._noting, name),
                f"Note {NOTE_TITLES[name]}, mA",
            )
            for name in NOTES
        }
        self.noted = muted()
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the program")
        self.name.setPlaceholderText("name")
        self.name.setMaxLength(MAX_TEXT)
        self.save = DoButton(room, "Save", "save", lambda: {"name": self.name.text().strip() or "1"})
        self.saved = choice("Saved program")
        self.load = DoButton(room, "Load", "load", lambda: {"name": self.saved.currentData() or ""})
        self.limit_ma = number("How far the patient may turn it up", 0.0, ranges.amplitude_ma[1], 0.1, "mA")
        self.limit = DoButton(room, "Limit", "limit", lambda: {"to_ma": self.limit_ma.value()}, "Limit, mA")
        self.limited = muted()
        head = row(caption("Program"), stretch=True)
        head.addWidget(self.measure)
        layout.addLayout(head)
        layout.addWidget(self.contacts.widget, 1)
        layout.addLayout(row(self.pulse_width, self.rate, self.waveform))
        layout.addWidget(self.set)
        layout.addWidget(self.now)
        amplitude = row(self.amplitude, stretch=True)
        for button in self.by.values():
            amplitude.addWidget(button)
        layout.addLayout(amplitude)
        layout.addLayout(row(self.to, self.step, self.ramp))
        layout.addWidget(caption("Note thresholds of this program and posture"))
        layout.addLayout(row(self.note_ma, *self.notes.values()))
        layout.addWidget(self.noted)
        layout.addWidget(caption("For home"))
        layout.addLayout(row(self.name, self.save, self.saved, self.load))
        layout.addLayout(row(self.limit_ma, self.limit, self.limited))
        self._connect()

    def show(self) -> None:
        """Show program, amplitude and notes, and what is possible."""
        room, now = self._room, self._room.situation
        if now is None:
            return
        self.contacts.show()
        for box, value in ((self.pulse_width, room.draft.pulse_width_us), (self.rate, room.draft.rate_hz)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        self.waveform.blockSignals(True)
        self.waveform.setCurrentIndex(self.waveform.findData(room.draft.waveform))
        self.waveform.blockSignals(False)
        for item in (self.pulse_width, self.rate, self.waveform):
            item.setEnabled(not room.is_replay and not now.finished)
        is_set = room.draft.is_set(now)
        self.set.setText("Program is set" if is_set else "Set program")
        reason = "this is what the generator gives now" if is_set else room.why_no_program()
        show_reason(self.set, reason, "Sets contacts and pulse; other contacts begin at 0 mA")
        self.now.setText(program_text(now.program, now.amplitude_ma))
        self.amplitude.setText(f"{now.amplitude_ma:g} mA")
        for by, button in self.by.items():
            to_ma = room.dialled(now.amplitude_ma + by)
            words = f"Ramps {'up' if by > 0 else 'down'} to {to_ma:g} mA"
            reason = "the amplitude is there already" if to_ma == now.amplitude_ma else ""
            show_reason(button, room.why_not("amplitude", to_ma=to_ma, step_ma=room.step_ma) or reason, words)
        self._show_notes(now.serial, now.amplitude_ma)
        refill(self.saved, {name: name for name in now.saved})
        if not self.name.isModified():
            self.name.setText(f"program {len(now.saved) + 1}")
        self.limited.setText("no limit set" if now.limit_ma is None else f"now {now.limit_ma:g} mA")
        for button in (self.measure, self.ramp, self.save, self.load, self.limit, *self.notes.values()):
            button.refresh()
        if not now.saved:
            show_reason(self.load, "no program is saved yet", "Sets a saved program; the amplitude is 0 mA then")

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.contacts.set_theme(theme)

    def note(self, threshold: str) -> None:
        """Note a threshold at what the last ramp met, or at the present amplitude."""
        now = self._room.situation
        if now is not None:
            value_ma = suggested_note_ma(self._room.shown, threshold, now.amplitude_ma)
            self._room.act("note", threshold=threshold, value_ma=value_ma)

    def _connect(self) -> None:
        room = self._room
        self.pulse_width.valueChanged.connect(lambda value: room.change(replace(room.draft, pulse_width_us=value)))
        self.rate.valueChanged.connect(lambda value: room.change(replace(room.draft, rate_hz=value)))
        self.waveform.currentIndexChanged.connect(
            lambda _index: room.change(replace(room.draft, waveform=self.waveform.currentData()))
        )
        self.to.valueChanged.connect(lambda _value: self.ramp.refresh())
        self.step.currentIndexChanged.connect(self._take_step)
        self.to.lineEdit().returnPressed.connect(self._ramp_by_key)
        self.name.textEdited.connect(lambda _text: self.save.refresh())
        self.save.clicked.connect(lambda: self.name.setModified(False))
        self.saved.currentIndexChanged.connect(lambda _index: self.load.refresh())

    def _noting(self, threshold: str) -> dict[str, object]:
        return {"threshold": threshold, "value_ma": round(self.note_ma.value(), 2)}

    def _take_step(self, _index: int) -> None:
        self._room.step_ma = float(self.step.currentData())
        self.ramp.refresh()

    def _ramp_by_key(self) -> None:
        self.to.interpretText()
        self._room.act("amplitude", **self._ramping())

    def _ramping(self) -> dict[str, object]:
        return {"to_ma": round(self.to.value(), 2), "step_ma": self._room.step_ma}

    def _show_notes(self, serial: int, amplitude_ma: float) -> None:
        now = self._room.situation
        assert now is not None
        lines = note_lines(now)
        self.noted.setText("\n".join(lines[:_SHOWN_NOTES]) or "Nothing noted yet.")
        self.noted.setToolTip("\n".join(lines))
        if serial != self._noted_for:
            self._noted_for = serial
            ramp = self._room.shown[-1] if self._room.shown else None
            if ramp is not None and ramp.action.name == "amplitude":
                self.note_ma.setValue(suggested_note_ma(self._room.shown, "pt", amplitude_ma))
