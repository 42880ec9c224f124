"""Programs and impedance panels by mouse and keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from scs_ui.state.actions import faults, programs, stimulation
from scs_ui.state.live import Live
from scs_ui.state.store import Change
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.impedance import ImpedancePanel
from scs_ui.widgets.programs import ProgramsPanel

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def live() -> Live:
    """Return one engine for all tests of this file: a placement is computed once."""
    return Live()


class Bench:
    """A panel on a store that records, painted again after each change."""

    def __init__(self, kind, store, live, qtbot) -> None:
        self.store, self._live, self.changes = store, live, []
        store.replace(stimulation.set_amplitude(store.session, 2.0))
        self.panel = kind(store, DARK)
        qtbot.addWidget(self.panel.widget)
        self.panel.widget.resize(330, 600)
        self.panel.widget.show()
        self.refresh()
        store.recorder = self._record
        store.subscribe(lambda topic: self.refresh() if topic in ("session", "view") else None)

    def refresh(self) -> None:
        while (request := self._live.wanted(self.store.session)) is not None:
            self._live.accept(request, request(lambda fraction, what: None))
        self.store.show_frame(self._live.frame(self.store.session))
        self.panel.show(self.store.moment())

    def _record(self, change: Change) -> None:
        self.changes.append(change)
        self.store.replace(change.after)

    def press(self, name: str) -> None:
        found = next(b for b in self.panel.widget.findChildren(QAbstractButton) if b.accessibleName() == name)
        found.click()


@pytest.fixture
def bench(store, live, qtbot) -> Bench:
    return Bench(ProgramsPanel, store, live, qtbot)


def test_programs_are_made_chosen_by_key_moved_and_deleted(bench, qtbot):
    bench.press("Duplicate program")
    bench.press("New program")
    assert bench.store.session.chosen == 2
    assert bench.panel.list.currentIndex().row() == 2
    with qtbot.waitActive(bench.panel.widget):
        bench.panel.widget.activateWindow()
    bench.panel.list.setFocus()
    qtbot.keyClick(bench.panel.list, Qt.Key.Key_Up)
    assert bench.store.session.chosen == 1
    name = bench.store.session.program.name
    qtbot.keyClick(bench.panel.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert bench.store.session.chosen == 0
    assert bench.store.session.program.name == name
    bench.press("Delete program")
    assert bench.store.session.programs[0].name != name


def test_a_click_takes_a_program_in_hand(bench, qtbot):
    bench.press("Duplicate program")
    view = bench.panel.list
    place = view.visualRect(view.model().index(0)).center()
    qtbot.mouseClick(view.viewport(), LEFT, pos=place)
    assert bench.store.session.chosen == 0


def test_renaming_in_place(bench, qtbot):
    view = bench.panel.list
    view.setFocus()
    view.edit(view.model().index(0))
    editor = view.viewport().findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "Walking")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.store.session.program.name == "Walking")
    assert "Walking" in view.model().index(0).data()


def test_notes_are_one_step_and_follow_undo(bench, qtbot):
    bench.panel.tabs.setCurrentWidget(bench.panel.notes.parentWidget())
    bench.panel.notes.setFocus()
    qtbot.keyClicks(bench.panel.notes, "warm left foot")
    assert bench.store.session.program.notes == "warm left foot"
    assert len({change.merge for change in bench.changes}) == 1
    assert bench.changes[0].merge
    bench.store.replace(bench.changes[0].before)
    assert bench.panel.notes.toPlainText() == ""


def test_the_comparison_shows_where_it_can_be_seen(bench):
    bench.press("Duplicate program")
    bench.store.act("louder", lambda s: stimulation.set_amplitude(s, 2.6))
    bench.store.act("compare", lambda s: programs.compare(s, 0))
    model = bench.panel._comparison
    bench.panel.tabs.setCurrentIndex(1)
    words = [[model.index(row, column).data() for column in range(3)] for row in range(model.rowCount())]
    assert ["A amplitude", "2 mA", "2.6 mA"] in words
    assert any(row[0] == "Pain covered" and row[2].endswith("▲") for row in words)
    bench.press("Swap A and B")
    assert bench.store.session.chosen == 0
    assert bench.store.session.compared == 1
    bench.store.act("end", lambda s: programs.compare(s, None))
    assert model.rowCount() == 1
    assert "Press Compare" in model.index(0, 0).data()


def test_calibration_from_the_panel(bench):
    bench.store.act("note", lambda s: stimulation.mark(s, "pt", 2.2))
    assert bench.panel._calibrate.isEnabled()
    bench.panel._calibrate.click()
    assert bench.store.frame.solo.thresholds.pt_ma == pytest.approx(2.2, rel=1e-3)
    assert bench.panel._marks.index(0, 3).data() == "+0.00 mA"


@pytest.mark.parametrize("kind", [ProgramsPanel, ImpedancePanel])
def test_focusable_widgets_have_names_and_themes_change(kind, store, live, qtbot):
    bench = Bench(kind, store, live, qtbot)
    for widget in bench.panel.widget.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisibleTo(bench.panel.widget):
            continue
        if widget.metaObject().className() in ("QTabBar", "QScrollBar"):
            continue
        name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        assert name or widget.metaObject().className() == "QTabWidget", widget
    before = bench.panel.widget.grab().toImage()
    bench.panel.set_theme(LIGHT)
    assert bench.panel.widget.grab().toImage() != before


def test_the_impedance_check_and_faults_by_menu(store, live, qtbot):
    bench = Bench(ImpedancePanel, store, live, qtbot)
    grid = bench.panel.grid
    grid.setFocus()
    assert grid.currentIndex().data() == "1.3   –"
    qtbot.keyClick(grid, Qt.Key.Key_I)
    if not store.view.show_impedance:  # a shortcut needs an active window
        bench.panel.check.click()
    assert "Ω" in grid.currentIndex().data()
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert store.view.selected == "1.4"
    bench.panel.fault_menu.aboutToShow.emit()
    actions = {action.text(): action for action in bench.panel.fault_menu.actions()}
    actions["Short 1.4 to 1.5"].trigger()
    assert "short" in grid.currentIndex().data()
    assert "1.4 short; 1.5 short" in bench.panel.summary.text()
    actions["Open 1.4"].trigger()
    assert [fault.kind for fault in store.session.case.contact_faults] == ["open"]
    actions["Clear 1.4"].trigger()
    assert store.session.case.contact_faults == ()
    assert not bench.panel._clear_all.isEnabled()
    bench.panel._ask_ohm()
    bench.panel._dialog.intValueSelected.emit(2500)
    bench.panel._dialog.reject()
    assert store.session.case.contact_faults[0].ohm == 2500.0


def test_a_paddle_has_a_column_for_each_of_its_columns(store, live, qtbot):
    from dataclasses import replace

    from scs_models.leads import LeadPlacement, catalogue
    from scs_sim.case import builtin_case
    from scs_sim.program import Program
    from scs_ui.state.session import session_of

    paddle = next(name for name, lead in catalogue().items() if lead.kind == "paddle")
    case = builtin_case("foot")
    placed = replace(case.leads[0], lead=paddle)
    assert isinstance(placed, LeadPlacement)
    case = replace(case, leads=(placed,), program=Program("1.1- 1.2+"), contact_faults=())
    store.replace(session_of(case))
    panel = ImpedancePanel(store, DARK)
    qtbot.addWidget(panel.widget)
    panel.show(store.moment())
    assert panel.model.columnCount() == len(catalogue()[paddle].column_contacts)
    assert panel.model.headerData(0, Qt.Orientation.Horizontal) == "Lead 1, column 1"
    assert faults.neighbour(store.session, "1.1") == "1.2"
    assert panel.grid.indexAt(QPoint(-5, -5)).isValid() is False


def test_a_low_panel_has_the_list_as_a_page(bench, qtbot):
    tabs, view = bench.panel.tabs, bench.panel.list
    assert tabs.indexOf(view) == -1
    bench.panel.widget.resize(330, 240)
    assert tabs.tabText(0) == "List"
    assert tabs.currentWidget() is view
    bench.panel.widget.resize(330, 700)
    assert tabs.indexOf(view) == -1
    assert view.isVisible()
    assert view.height() > 100
