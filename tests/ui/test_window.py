"""Window, clock, runner, undo: with panels that only count, on the real engine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from scs_models.errors import InvalidValueError
from scs_ui import layouts
from scs_ui.theme import DARK, LIGHT
from scs_ui.window import MainWindow

NAMES = sorted({panel for layout in layouts.LAYOUTS.values() for panel in layout.panels})


class Counter:
    help = "counts"

    def __init__(self, name: str) -> None:
        self.title, self.widget, self.moments, self.theme = name.title(), QLabel(name), [], DARK

    def show(self, moment) -> None:
        self.moments.append(moment)

    def set_theme(self, theme) -> None:
        self.theme = theme


@pytest.fixture
def window(qtbot, store):
    made = MainWindow(store, DARK, {name: lambda s, t, h, name=name: Counter(name) for name in NAMES})
    qtbot.addWidget(made)
    made.resize(1600, 950)
    made.show()
    made.arrange("programming")
    qtbot.waitUntil(lambda: store.frame is not None and not store.frame.stale, timeout=60_000)
    return made


def louder(amplitude_ma: float):
    return lambda session: session.with_draft(replace(session.draft, amplitude_ma=amplitude_ma))


def lower(mm: float):
    def action(session):
        first, *others = session.case.leads
        moved = replace(first, tip_offset_mm=first.tip_offset_mm - mm)
        return replace(session, case=replace(session.case, leads=(moved, *others)))

    return action


def test_a_burst_of_slider_steps_is_one_frame_and_one_undo_step(window, store, qtbot):
    qtbot.wait(30)
    before, painted = window.clock.frames, len(window.panels["body"].moments)
    for step in range(300):
        store.act("Amplitude", louder(1.0 + step / 100), merge="amplitude")
    qtbot.waitUntil(lambda: store.frame.result.amplitude_ma == 3.99)
    assert window.clock.frames == before + 1
    assert len(window.panels["body"].moments) == painted + 1
    assert window.history.stack.count() == 1
    window.history.undo()
    assert store.session.draft.amplitude_ma is None
    window.history.redo()
    assert store.session.draft.amplitude_ma == 3.99


def test_a_row_that_ends_where_it_began_is_no_step(window, store):
    start = store.session
    store.act("Amplitude", louder(1.0))
    store.act("Amplitude", louder(2.0), merge="a")
    store.act("Amplitude", louder(1.0), merge="a")
    assert window.history.stack.count() == 1
    window.history.undo()
    assert store.session == start


def test_a_dragged_lead_is_answered_on_the_way_and_whole_at_rest(window, store, qtbot):
    for step in range(1, 6):
        store.act("Lead", lower(1.0), merge="lead")
        qtbot.wait(60)
        assert store.session.case.leads[0].tip_offset_mm == pytest.approx(
            window.history.stack.command(0).change.before.case.leads[0].tip_offset_mm - step
        )
    qtbot.waitUntil(lambda: not store.frame.stale, timeout=5000)
    assert store.frame.session is store.session
    everything = len(store.session.case.contact_names())
    qtbot.waitUntil(lambda: len(store.frame.setting.contact_names) == everything, timeout=10_000)


def test_the_newest_question_of_a_channel_wins(window, store, qtbot):
    found = []
    for number in range(20):
        store.ask("numbers", lambda progress, number=number: number, found.append)
    qtbot.waitUntil(lambda: bool(found) and not window.runner.is_running("numbers"), timeout=5000)
    assert found == [19]


def test_a_question_is_cancelled_at_its_next_progress_and_its_error_is_said(window, store, qtbot):
    steps = []

    def long(progress):
        for step in range(10_000):
            progress(step / 10_000, "counting")
            steps.append(step)
            import time

            time.sleep(0.001)

    store.ask("long", long, lambda answer: None)
    qtbot.waitUntil(lambda: store.moment().busy is not None and len(steps) > 3, timeout=5000)
    qtbot.mouseClick(window.status._cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.runner.is_running("long"), timeout=300)
    assert len(steps) < 9000

    def wrong(progress):
        raise InvalidValueError("the lead is made of cheese")

    store.ask("wrong", wrong, lambda answer: None)
    qtbot.waitUntil(lambda: "cheese" in (store.moment().message.text if store.moment().message else ""), timeout=5000)
    assert store.moment().message.tone == "error"


@pytest.mark.parametrize("name", layouts.LAYOUTS)
@pytest.mark.parametrize("size", [(1600, 950), (1366, 768), (1920, 1080)])
def test_every_layout_shows_its_panels_and_comes_back(window, qtbot, name, size):
    window.resize(*size)
    window.arrange(name)
    qtbot.wait(30)
    placed = set(layouts.LAYOUTS[name].fit_for(*size).panels)
    shown = {panel for panel, item in window.docks.items() if not item.dock.isHidden()}
    assert shown == placed
    state = window.arrangement()
    window.arrange("teaching" if name != "teaching" else "analysis")
    assert window.restore(state)
    assert {panel for panel, item in window.docks.items() if not item.dock.isHidden()} == placed
    assert not window.restore(b"damaged")


def test_a_small_window_has_more_panels_in_tabs(window, qtbot):
    programs, body = window.docks["programs"].dock, window.docks["body"].dock
    assert programs not in window.tabifiedDockWidgets(body)
    window.resize(1366, 768)
    qtbot.waitUntil(lambda: programs in window.tabifiedDockWidgets(body))
    window.resize(1600, 950)
    qtbot.waitUntil(lambda: programs not in window.tabifiedDockWidgets(body))


def test_themes_reach_every_panel_and_hidden_panels_are_not_painted(window, store, qtbot):
    window.set_theme(LIGHT)
    assert all(panel.theme is LIGHT for panel in window.panels.values())
    window.docks["coverage"].dock.close()
    qtbot.wait(50)
    painted = len(window.panels["coverage"].moments)
    store.act("Amplitude", louder(2.5))
    qtbot.waitUntil(lambda: store.frame.result.amplitude_ma == 2.5)
    assert len(window.panels["coverage"].moments) == painted


def test_opening_another_session_forgets_undo_and_saving_does_not(window, store):
    from scs_sim.case import builtin_case
    from scs_ui.state.session import session_of

    store.act("Amplitude", louder(2.5))
    assert not store.is_saved
    store.mark_saved(store.session, "x.scsx")
    assert store.is_saved
    assert window.history.stack.canUndo()
    store.open(session_of(builtin_case("foot")))
    assert not window.history.stack.canUndo()
