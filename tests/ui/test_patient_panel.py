"""The patient panel: by keyboard, one drag one step, and what it shows is what the session says."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from scs_sim.case import builtin_case
from scs_sim.patient import Patient
from scs_ui.state.session import session_of
from scs_ui.state.store import Change, Store
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.patient import PatientPanel

KEY = Qt.Key


class Edited:
    """A panel, its store and the steps that undo would take."""

    def __init__(self, qtbot) -> None:
        self.store = Store(session_of(builtin_case("injured-l5-root")))
        self.steps: list[Change] = []
        self.store.recorder = self._record
        self.panel = PatientPanel(self.store, DARK)
        qtbot.addWidget(self.panel.widget)
        self.panel.widget.resize(290, 900)
        self.panel.widget.show()
        self.refresh()

    def _record(self, change: Change) -> None:
        if self.steps and change.merge and change.merge == self.steps[-1].merge:
            self.steps.pop()
        self.steps.append(change)
        self.store.replace(change.after)

    def refresh(self) -> None:
        self.panel.show(self.store.moment())

    @property
    def patient(self) -> Patient:
        return self.store.session.case.patient


@pytest.fixture
def edited(qtbot) -> Edited:
    return Edited(qtbot)


def test_showing_changes_nothing(edited: Edited):
    edited.refresh()
    assert edited.steps == []
    assert edited.panel.numbers["dorsal_csf_factor"].box.value() == edited.patient.dorsal_csf_factor


def test_a_number_follows_slider_and_box_and_a_drag_is_one_step(edited: Edited):
    row = edited.panel.numbers["cord_offset_mm"]
    for _ in range(4):
        QTest.keyClick(row.slider, KEY.Key_Right)
    assert edited.patient.cord_offset_mm == pytest.approx(0.4)
    assert len(edited.steps) == 1
    edited.refresh()
    assert row.box.value() == pytest.approx(0.4)
    edited.store.end_merge()
    row.box.selectAll()
    QTest.keyClicks(row.box, "-1.5")
    assert edited.patient.cord_offset_mm == pytest.approx(0.4), "typing is not done yet"
    QTest.keyClick(row.box, KEY.Key_Return)
    assert edited.patient.cord_offset_mm == pytest.approx(-1.5)
    assert len(edited.steps) == 2
    edited.refresh()
    assert row.slider.value() == 10
    assert row.usual.isEnabled()
    QTest.keyClick(row.usual, KEY.Key_Space)
    assert edited.patient.cord_offset_mm == 0.0
    edited.refresh()
    assert not row.usual.isEnabled()


def test_values_from_files_that_lie_between_steps_are_kept(edited: Edited):
    from scs_ui.state.actions.patient import set_number

    edited.store.act("x", lambda s: set_number(s, "gain", 1.337))
    edited.refresh()
    edited.refresh()
    assert edited.patient.gain == 1.337
    assert len(edited.steps) == 1


def test_posture_conductivities_flags_and_levels(edited: Edited):
    panel = edited.panel
    panel.posture.box.setFocus()
    QTest.keyClick(panel.posture.box, KEY.Key_Down)
    assert edited.store.session.case.posture == "sitting"
    QTest.keyClick(panel.conductivities.box, KEY.Key_Down)
    assert edited.patient.conductivities != "default"
    QTest.keyClick(panel.flags["arachnoiditis"], KEY.Key_Space)
    assert edited.patient.arachnoiditis
    panel.levels["laminectomy_levels"].actions["T10"].trigger()
    assert edited.patient.laminectomy_levels == ("T10",)
    edited.refresh()
    assert panel.levels["laminectomy_levels"].button.text() == "T10"
    assert "arachnoiditis" in panel._summary.text()


def test_roots_come_change_and_go(edited: Edited):
    panel = edited.panel
    assert list(panel.roots.boxes) == ["L5 right"]
    panel.root_segment.setCurrentText("S1")
    QTest.keyClick(panel.add_root, KEY.Key_Space)
    edited.refresh()
    assert list(panel.roots.boxes) == ["L5 right", "S1 left"]
    QTest.keyClick(panel.roots.boxes["S1 left"], KEY.Key_Up)
    assert edited.patient.injured_roots[1].fibres_left == pytest.approx(0.55)
    QTest.keyClick(panel.roots.removers["L5 right"], KEY.Key_Space)
    edited.refresh()
    assert list(panel.roots.boxes) == ["S1 left"]


def test_measured_csf_comes_changes_and_goes(edited: Edited):
    panel = edited.panel
    QTest.keyClick(panel.add_csf, KEY.Key_Space)
    edited.refresh()
    before = edited.patient.levels_csf[0].dorsal_csf_mm
    QTest.keyClick(panel.csf.boxes["T9"], KEY.Key_Down)
    assert edited.patient.levels_csf[0].dorsal_csf_mm == pytest.approx(before - 0.1)
    QTest.keyClick(panel.csf.removers["T9"], KEY.Key_Space)
    assert edited.patient.levels_csf == ()


def test_calibration_needs_a_mark_and_then_meets_it(edited: Edited, answer):
    from scs_ui.state.actions import stimulation

    answer(edited.store)
    QTest.keyClick(edited.panel.calibrate, KEY.Key_Space)
    assert "no perception threshold is noted" in edited.store.moment().message.text.lower()
    model_ma = edited.store.frame.solo.thresholds.pt_ma
    edited.store.act("Mark", lambda s: stimulation.mark(s, "pt", 1.3 * model_ma))
    answer(edited.store)
    QTest.keyClick(edited.panel.calibrate, KEY.Key_Space)
    assert edited.patient.gain == pytest.approx(1.3, rel=2e-3)
    assert answer(edited.store).frame.solo.thresholds.pt_ma == pytest.approx(1.3 * model_ma, rel=2e-3)


def test_sources_are_asked_for_by_key(edited: Edited):
    asked = []
    edited.panel.on_source = asked.append
    QTest.keyClick(edited.panel.numbers["gain"].source, KEY.Key_Space)
    QTest.keyClick(edited.panel.posture.source, KEY.Key_Space)
    assert asked == ["populations:patient_gain", "anatomy:posture.supine"]


def test_all_back_to_usual(edited: Edited):
    QTest.keyClick(edited.panel.usual, KEY.Key_Space)
    assert edited.patient == Patient()


def test_targets_are_large_enough_named_and_themed(edited: Edited):
    edited.panel.set_theme(LIGHT)
    for button in edited.panel.widget.findChildren(QToolButton):
        if button.isVisibleTo(edited.panel.widget) and not button.objectName().startswith("qt_"):
            assert button.width() >= 24, button.accessibleName()
            assert button.height() >= 24, button.accessibleName()
            assert button.accessibleName()
            assert not button.icon().isNull() or button.text()
