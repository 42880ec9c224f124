"""Map of tested settings and history: a click goes back and can be undone, keys do what the mouse does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from scs_sim.case import builtin_case
from scs_sim.program import format_contacts
from scs_ui.history import History
from scs_ui.state import session as sessions
from scs_ui.state.actions.stimulation import set_amplitude
from scs_ui.state.session import session_of
from scs_ui.state.store import Store
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets import tested
from scs_ui.widgets.history import START, HistoryPanel

NOTED = (
    sessions.Tested("Program 1", "1.2-100 1.4+100", 2.5, 250.0, 40.0, 8.0, 0.0, 62.0, 20.0),
    sessions.Tested("Program 1", "1.5-100 1.7+100", 4.5, 210.0, 50.0, -12.0, 0.0, 90.0, 20.0, ("muscle twitch",)),
    sessions.Tested("Program 1", "1.3-100 1.4+100", 1.0, 210.0, 50.0, 0.0, 0.0, None, None),
)


@pytest.fixture
def store() -> Store:
    return Store(replace(session_of(builtin_case("back-and-left-leg")), tested=NOTED))


@pytest.fixture
def panel(qtbot: QtBot, store: Store) -> tested.TestedPanel:
    made = tested.TestedPanel(store, DARK)
    qtbot.addWidget(made.widget)
    made.widget.resize(520, 430)
    made.widget.show()
    made.show(store.moment())
    return made


def test_a_click_on_a_dot_goes_back_to_its_setting_in_one_step(panel: tested.TestedPanel, store: Store):
    history = History(store)
    dot = panel._map._look.dots[1]
    QTest.mouseClick(panel._map, Qt.MouseButton.LeftButton, pos=panel._map.place_of(dot).toPoint())
    assert format_contacts(store.session.draft.shares) == "1.5-100 1.7+100"
    assert store.session.draft.amplitude_ma == 4.5
    assert panel._map.selected == 1
    assert panel._list.currentRow() == 1
    history.undo()
    assert format_contacts(store.session.draft.shares) != "1.5-100 1.7+100"


def test_the_keyboard_goes_from_dot_to_dot_and_back_to_a_setting(panel: tested.TestedPanel, store: Store):
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(panel._map, key)
    assert store.session.draft.amplitude_ma == 4.5
    panel._list.setCurrentCell(0, 0)
    panel._list.activated.emit(panel._list.currentIndex())
    assert store.session.draft.amplitude_ma == 2.5
    panel._list.setFocus()
    QTest.keyClick(panel._list, Qt.Key.Key_Delete)
    panel.show(store.moment())
    assert len(store.session.tested) == panel._list.rowCount() == 2


def test_strength_is_coverage_in_both_themes(panel: tested.TestedPanel):
    for theme in (DARK, LIGHT):
        panel.set_theme(theme)
        ground, full = theme.color("panel"), theme.color("usage")
        shares = [
            (panel._map.fill_of(dot).blueF() - ground.blueF()) / (full.blueF() - ground.blueF())
            for dot in panel._map._look.dots
        ]
        assert shares == pytest.approx([0.62, 0.9, 0.0], abs=0.02)
        assert not panel.widget.grab().isNull()


def test_history_names_steps_marks_the_present_one_and_goes_back(qtbot: QtBot, store: Store):
    history = History(store)
    panel = HistoryPanel(store, DARK, history.stack)
    qtbot.addWidget(panel.widget)
    panel.show(store.moment())
    assert panel.lines == (f"▸ {START}",)
    for amplitude_ma in (1.0, 2.0, 3.0):
        store.act(f"Amplitude {amplitude_ma:g} mA", lambda s, to=amplitude_ma: set_amplitude(s, to))
    panel.show(store.moment())
    assert [line[2:] for line in panel.lines] == [START, "Amplitude 1 mA", "Amplitude 2 mA", "Amplitude 3 mA"]
    assert [line[0] for line in panel.lines].index("▸") == 3
    panel._list.itemClicked.emit(panel._list.item(1))
    panel.show(store.moment())
    assert store.session.draft.amplitude_ma == 1.0
    assert [line[0] for line in panel.lines] == ["\N{EN SPACE}", "▸", "·", "·"]
    panel._list.setCurrentRow(3)
    QTest.keyClick(panel._list, Qt.Key.Key_Return)
    assert store.session.draft.amplitude_ma == 3.0
    panel._list.itemClicked.emit(panel._list.item(0))
    store.act("Rate 60 Hz", lambda s: s.with_draft(replace(s.draft, rate_hz=60.0)))
    panel.show(store.moment())
    assert [line[2:] for line in panel.lines] == [START, "Rate 60 Hz"]
    panel.set_theme(LIGHT)
    assert [line[2:] for line in panel.lines] == [START, "Rate 60 Hz"]


def test_a_full_history_touches_two_lines_a_step(qtbot: QtBot, store: Store, monkeypatch: pytest.MonkeyPatch):
    history = History(store)
    history.stack.setUndoLimit(20)
    panel = HistoryPanel(store, DARK, history.stack)
    qtbot.addWidget(panel.widget)
    painted: list[str] = []
    real = HistoryPanel._paint

    def count(self: HistoryPanel, item: object, name: str, state: str) -> None:
        painted.append(name)
        real(self, item, name, state)

    monkeypatch.setattr(HistoryPanel, "_paint", count)
    for step in range(40):
        store.act(f"Step {step}", lambda s, to=step / 10.0: set_amplitude(s, to))
        painted.clear()
        panel.show(store.moment())
        assert len(painted) <= 2
    assert [line[2:] for line in panel.lines] == [START, *(f"Step {step}" for step in range(20, 40))]
