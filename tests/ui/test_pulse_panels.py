"""The pulse-train and the strength-duration panel: dials move points and words, contacts and waveforms redraw."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

sys.path.insert(0, str(Path(__file__).parent / "state"))

from field_desk import FieldDesk

from scs_ui.state.actions import contacts
from scs_ui.state.actions.stimulation import set_amplitude, set_pulse_width
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.pulse_train import PulseTrainPanel
from scs_ui.widgets.strength_duration import StrengthDurationPanel


class Desk(FieldDesk):
    """One panel on a desk whose engine and questions answer at once."""

    def __init__(self, qtbot: QtBot, make) -> None:
        super().__init__()
        self.questions = 0
        self.store.asker = self._at_once
        self.panel = make(self.store, DARK)
        qtbot.addWidget(self.panel.widget)
        self.panel.widget.resize(430, 330)
        self.panel.widget.show()
        self.paint()

    def act(self, action) -> None:
        super().act(action)
        self.paint()

    def paint(self) -> None:
        self.panel.show(self.store.moment())

    def _at_once(self, channel, question, then, **_) -> None:
        self.questions += 1
        then(question(lambda fraction, what: None))


@pytest.fixture
def strength(qtbot: QtBot) -> Desk:
    return Desk(qtbot, StrengthDurationPanel)


@pytest.fixture
def pulse(qtbot: QtBot) -> Desk:
    return Desk(qtbot, PulseTrainPanel)


def test_dials_move_the_ring_alone(strength: Desk):
    before = strength.panel.rebuilds
    for tenths in range(1, 30):
        strength.act(lambda session, tenths=tenths: set_amplitude(session, tenths / 10.0))
    strength.act(lambda session: set_pulse_width(session, 500.0))
    assert strength.panel.rebuilds == before
    assert strength.questions == 1
    assert strength.panel._ring.getData()[0].tolist() == [500.0]
    assert strength.panel._ring.getData()[1].tolist() == pytest.approx([2.9])


def test_contacts_ask_for_new_curves_and_the_unit_only_redraws(strength: Desk, qtbot: QtBot):
    strength.act(lambda session: contacts.cycle(session, "1.4"))
    assert strength.questions == 2
    before = strength.panel.rebuilds
    qtbot.mouseClick(strength.panel._buttons["charge"], Qt.MouseButton.LeftButton)
    strength.paint()
    assert strength.panel.rebuilds == before + 1
    assert strength.questions == 2
    assert "charge" in strength.panel._look.y_title.lower()


def test_readout_tells_fits_and_values_under_the_pointer(strength: Desk):
    assert "chronaxie" in strength.panel._readout.text
    box = strength.panel._plot.getPlotItem().getViewBox()
    strength.panel.hover(box.mapViewToScene(QPointF(300.0, 2.0)))
    assert strength.panel._readout.text.startswith("300 µs: PT ")
    strength.panel.hover(None)
    assert "chronaxie" in strength.panel._readout.text


def test_zoom_is_undone_by_a_key(strength: Desk):
    box = strength.panel._plot.getPlotItem().getViewBox()
    whole = box.viewRange()
    box.setRange(xRange=(100.0, 200.0), yRange=(1.0, 2.0))
    QTest.keyClick(strength.panel._plot, Qt.Key.Key_F)
    np.testing.assert_allclose(box.viewRange(), whole)


def test_while_it_is_computed_the_panel_says_so(qtbot: QtBot):
    desk = Desk.__new__(Desk)
    FieldDesk.__init__(desk)
    later = []
    desk.store.asker = lambda channel, question, then, **_: later.append((question, then))
    desk.panel = StrengthDurationPanel(desk.store, LIGHT)
    qtbot.addWidget(desk.panel.widget)
    desk.paint()
    desk.paint()
    assert len(later) == 1
    assert "Computing" in desk.panel._message.text()
    question, then = later[0]
    then(question(lambda fraction, what: None))
    desk.paint()
    assert desk.panel._look.lines
    desk.act(lambda session: contacts.clear(session))
    assert "cathode" in desk.panel._message.text()


def test_an_amplitude_changes_words_of_the_pulse_alone(pulse: Desk):
    before = pulse.panel.rebuilds
    for tenths in range(1, 30):
        pulse.act(lambda session, tenths=tenths: set_amplitude(session, tenths / 10.0))
    assert pulse.panel.rebuilds == before
    assert pulse.panel._picture._words[0][0] == "−2.90 mA"
    assert pulse.panel._readout.text.startswith("0.87 µC")


@pytest.mark.parametrize("waveform", ["monophasic", "biphasic", "recharge", "passive", "burst"])
def test_every_waveform_is_painted_in_both_themes(pulse: Desk, waveform: str):
    draft = replace(pulse.store.session.draft, waveform=waveform, rate_hz=40.0,
                    pulse_width_us=1000.0 if waveform == "burst" else 300.0)  # fmt: skip
    pulse.act(lambda session: session.with_draft(draft))
    pictures = []
    for theme in (LIGHT, DARK):
        pulse.panel.set_theme(theme)
        pictures.append(pulse.panel.widget.grab().toImage())
        cathode = theme.color("cathode")
        seen = [pictures[-1].pixelColor(x, y) for x in range(0, 430, 1) for y in range(230, 300, 4)]
        assert cathode in seen  # the edited area's bars
    assert pictures[0] != pictures[1]


def test_controls_have_names_and_room(strength: Desk, pulse: Desk):
    for desk in (strength, pulse):
        for button in desk.panel.widget.findChildren(QAbstractButton):
            assert button.accessibleName()
            assert button.toolTip()
            assert min(button.width(), button.height()) >= 24
    assert "mA" in pulse.panel._picture.accessibleName()
    assert "µs" in strength.panel._plot.accessibleName()
