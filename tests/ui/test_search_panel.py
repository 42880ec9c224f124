"""The search panel by mouse and keyboard, with an invented search; once in the whole window with the real one."""

from __future__ import annotations

import multiprocessing
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

sys.path.insert(0, str(Path(__file__).parent / "state"))

from search_desk import CASE, invented, two_parts

from scs_sim.case import builtin_case
from scs_ui import style
from scs_ui.app import Desk, application
from scs_ui.history import History
from scs_ui.start import Start
from scs_ui.state.actions import stimulation
from scs_ui.state.looks.search import with_units
from scs_ui.state.session import session_of
from scs_ui.state.store import Store
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.search import SearchPanel
from scs_ui.widgets.search_board import SearchBoard

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
Key = Qt.Key


def wait(ms: int) -> None:
    loop = QEventLoop()  # unlike QTest.qWait it lets worker threads run
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


@pytest.fixture
def store() -> Store:
    return Store(session_of(builtin_case(CASE)))


@pytest.fixture
def panel(qtbot: QtBot, store: Store) -> SearchPanel:
    made = SearchPanel(store, DARK)
    qtbot.addWidget(made.widget)
    made.widget.resize(540, 700)
    made.show(store.moment())
    made.board.searcher._worker = two_parts
    made.widget.show()
    return made


@pytest.fixture
def board(panel: SearchPanel, qtbot: QtBot) -> SearchBoard:
    """The panel with suggestions in it."""
    QTest.mouseClick(panel.board.button, LEFT)
    qtbot.waitUntil(lambda: panel.board.searcher.run.state == "finished")
    QGuiApplication.processEvents()
    return panel.board


def test_nothing_is_made_before_the_panel_is_seen(store: Store, qtbot: QtBot):
    panel = SearchPanel(store, DARK)
    qtbot.addWidget(panel.widget)
    panel.set_theme(LIGHT)
    assert panel._board is None
    panel.show(store.moment())
    assert panel._board is not None


def test_one_click_dials_a_suggestion_in_one_step_that_undo_takes_back(board: SearchBoard, store: Store):
    history, before = History(store), store.session
    board.cards.widget.scrollToItem(board.cards.widget.item(1))
    where = board.cards.button_rect(1).center().toPoint()
    QTest.mouseClick(board.cards.widget.viewport(), LEFT, pos=where)
    wanted = invented(2).suggestions[1].program
    assert store.session.program.program() == replace(wanted, name=store.session.program.program().name,
                                                      contacts=store.session.draft.contacts)  # fmt: skip
    assert sorted(store.session.draft.shares) == sorted(wanted.shares)
    assert store.session.draft.amplitude_ma == wanted.amplitude_ma > 0.0
    assert history.stack.count() == 1
    history.undo()
    assert store.session == before
    assert board.searcher.run.state == "finished", "undo does not touch what was found"


def test_a_click_beside_the_button_only_chooses(board: SearchBoard, store: Store):
    before = store.session
    rect = board.cards.widget.visualItemRect(board.cards.widget.item(1))
    QTest.mouseClick(board.cards.widget.viewport(), LEFT, pos=rect.topLeft() + QPoint(60, 15))
    assert board.searcher.chosen == 1
    assert store.session == before
    assert board.why._look.sentences == tuple(with_units(line) for line in invented(2).suggestions[1].why)


def test_arrows_choose_and_enter_dials(board: SearchBoard, panel: SearchPanel, store: Store):
    board.cards.widget.setFocus()
    QTest.keyClick(board.cards.widget, Key.Key_Down)
    QTest.keyClick(board.cards.widget, Key.Key_Down)
    assert board.searcher.chosen == 2
    QTest.keyClick(board.cards.widget, Key.Key_Return)
    assert sorted(store.session.draft.shares) == sorted(invented(2).suggestions[2].program.shares)
    panel.show(store.moment())
    assert [card.is_current for card in board.cards._cards] == [False, False, True]


def test_in_the_plot_arrows_go_along_the_axes_and_a_click_chooses(board: SearchBoard, store: Store):
    marks = [mark for mark in board.plot._look.marks if mark.index is not None]
    by_x = [mark.index for mark in sorted(marks, key=lambda mark: (mark.x, mark.y))]
    board.searcher.choose(by_x[0])
    for index in by_x[1:]:
        QTest.keyClick(board.plot.plot, Key.Key_Right)
        assert board.searcher.chosen == index
    alone = next(mark for mark in marks if mark.role == "front")
    QTest.mouseClick(board.plot.plot.viewport(), LEFT, pos=board.plot.place_px(alone).toPoint())
    assert board.searcher.chosen == alone.index
    QTest.keyClick(board.plot.plot, Key.Key_Return)
    point = board.searcher.points[alone.index]
    assert store.session.draft.amplitude_ma == pytest.approx(point.amplitude_ma)
    assert store.session.draft.pulse_width_us == point.pulse_width_us


def test_the_pointer_tells_what_lies_under_it(board: SearchBoard):
    mark = next(mark for mark in board.plot._look.marks if mark.role == "start")
    box = board.plot.plot.getPlotItem().getViewBox()
    board.plot.hover(box.mapViewToScene(QPointF(mark.x, mark.y)))
    assert board.plot.readout.text.startswith("Start: ")
    board.plot.hover(None)
    assert board.plot.readout.text.startswith("1: ")


def test_other_axes_move_the_marks(board: SearchBoard):
    board.plot.x.setCurrentIndex(board.plot.x.findData("active_contacts_count"))
    assert {mark.x for mark in board.plot._look.marks} == {2.0, 3.0}


def test_compare_keep_and_copy(board: SearchBoard, panel: SearchPanel, store: Store):
    QTest.mouseClick(board.deeds["compare"], LEFT)
    assert store.session.compared == 1
    QTest.mouseClick(board.deeds["keep"], LEFT)
    assert len(store.session.programs) == 2, "it is in the list already"
    QTest.mouseClick(board.deeds["copy"], LEFT)
    assert "Not for patient care" in QGuiApplication.clipboard().text()
    QTest.mouseClick(board.deeds["apply"], LEFT)
    panel.show(store.moment())
    assert board.cards._cards[0].is_current


def test_what_changed_since_is_said_and_a_new_search_clears_it(board: SearchBoard, panel: SearchPanel, store: Store):
    assert not board.notice.isVisible()
    store.act("Standing", lambda session: stimulation.set_posture(session, "standing"))
    panel.show(store.moment())
    assert board.notice.isVisible()
    assert "posture" in board.notice.text()
    QTest.mouseClick(board.button, LEFT)
    QGuiApplication.processEvents()
    panel.show(store.moment())
    assert not board.notice.isVisible()


def test_settings_are_what_is_searched_for(panel: SearchPanel, store: Store):
    settings, searcher = panel.board.settings, panel.board.searcher
    settings.objective.setCurrentIndex(settings.objective.findData("focused"))
    settings.objective.activated.emit(settings.objective.currentIndex())
    assert searcher.spec.objective.name == "focused"
    settings.weights["headroom_percent"].setValue(0.75)
    assert (searcher.spec.objective.name, searcher.spec.objective.headroom_percent) == ("own", 0.75)
    assert settings.objective.currentText() == "Own weights"
    settings.reset.click()
    assert searcher.spec.objective.name == "focused"
    assert settings.objective.findData("own") < 0
    settings.active.setValue(3)
    settings.areas.setValue(2)
    settings.robust.click()
    settings.pulse_widths.setFocus()
    settings.pulse_widths.setText("300 210")
    settings.pulse_widths.editingFinished.emit()
    spec = searcher.spec
    assert (spec.max_active, spec.areas_count, spec.robust, spec.pulse_widths_us) == (3, 2, False, (210.0, 300.0))
    settings.pulse_widths.setText("wide")
    settings.pulse_widths.editingFinished.emit()
    assert "write numbers" in store.moment().message.text
    assert searcher.spec == spec
    for name in ("worst_region_percent", "pain_covered_by_score_percent"):
        settings.weights[name].setValue(0.0)
    assert "one must count" in store.moment().message.text
    assert settings.weights["pain_covered_by_score_percent"].value() > 0.0, "what was refused is not shown"
    settings.profile.setCurrentIndex(settings.profile.findData("union"))
    settings.profile.activated.emit(settings.profile.currentIndex())
    assert store.session.profile == "union"


def test_where_nothing_can_be_searched_the_button_is_off_and_the_reason_stands_there(panel: SearchPanel, store: Store):
    case = store.session.case
    store.replace(replace(store.session, case=replace(case, patient=replace(case.patient, infection=True))))
    panel.show(store.moment())
    assert not panel.board.button.isEnabled()
    shown = [label.text() for label in panel.widget.findChildren(QLabel) if label.isVisible()]
    assert any("infection" in text for text in shown)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("look", ["540x700 100", "460x640 100", "600x430 100", "600x430 150", "1000x560 100"])
def test_no_text_of_a_button_is_cut(panel: SearchPanel, board: SearchBoard, qapp, theme, look):
    size, percent = look.split()
    base = QFont(qapp.font())
    style.apply(qapp, theme, base, int(percent))
    panel.set_theme(theme)
    panel.widget.resize(*(int(px) for px in size.split("x")))
    cut = []
    for folded in (True, False):
        board._fold(folded)
        board.settings.unfold.setChecked(not folded)
        wait(30)
        for widget in panel.widget.findChildren(QAbstractButton):
            needed = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", ""))
            if widget.isVisible() and needed > widget.width():
                cut.append(f"{widget.text()!r} needs {needed} px and has {widget.width()}")
    qapp.setStyleSheet("")
    qapp.setFont(base)
    assert not cut, "\n".join(cut)


@pytest.fixture
def desk(qtbot: QtBot):
    made = Desk(application(), Start(session_of(builtin_case(CASE)), theme="dark", layout="programming", recover=False))
    made.open()
    made.menus.tour.hide()
    made.window.resize(1600, 950)
    made.window.arrange()
    made.window.activateWindow()
    qtbot.waitUntil(lambda: made.store.frame is not None, timeout=120_000)
    yield made
    made.window.may_close = lambda: True
    made.window.close()
    made.app.setStyleSheet("")
    made.app.setFont(made.base_font)


def endless(request, on_news, on_wait) -> None:
    """Stand in for a search that never ends by itself."""
    on_news(invented(1, request.objective))
    while True:
        on_wait()
        time.sleep(0.01)


def opened(desk: Desk) -> SearchBoard:
    QTest.keyClick(desk.window, Key.Key_F, CONTROL)
    panel = desk.window.panels["search"]
    assert isinstance(panel, SearchPanel)
    return panel.board


def test_in_the_window_a_search_stops_by_key_and_ends_with_the_window(desk: Desk, qtbot: QtBot):
    board = opened(desk)
    assert board.button.hasFocus()
    board.searcher._worker = endless
    QTest.keyClick(board.button, Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: len(board.searcher.points) == 1, timeout=20_000)
    qtbot.waitUntil(board.progress.isVisible)
    assert board.button.text() == "Stop"
    board.searcher.start()
    qtbot.waitUntil(lambda: len(board.searcher.points) == 1, timeout=20_000)
    QTest.keyClick(board.button, Key.Key_Return, CONTROL)
    assert board.searcher.run.state == "stopped"
    qtbot.waitUntil(lambda: not desk.window.runner.is_running("search"), timeout=20_000)
    opened(desk)
    assert board.cards.widget.hasFocus()
    before = desk.store.session
    QTest.keyClick(board.cards.widget, Key.Key_Return)
    assert desk.store.session != before
    QTest.keyClick(board.cards.widget, Key.Key_Z, CONTROL)
    assert desk.store.session == before, "Undo works from the list"
    board.toggle()
    qtbot.waitUntil(lambda: len(board.searcher.points) == 1, timeout=20_000)
    desk.window.may_close = lambda: True
    assert desk.window.close(), "closing waits for the thread, which ends at its next question"
    wait(10)
    assert board.searcher.run.state == "stopped"


@pytest.mark.slow
def test_the_real_search_goes_on_beside_a_drag_and_is_dialled_by_enter(desk: Desk, qtbot: QtBot):
    board = opened(desk)
    board.settings.robust.setChecked(False)
    board.toggle()
    qtbot.waitUntil(lambda: bool(board.searcher.points), timeout=120_000)
    for step in range(10):
        before = desk.window.clock.frames
        desk.store.act("Amplitude", lambda s, to=0.1 * step: stimulation.set_amplitude(s, to), merge="drag")
        qtbot.waitUntil(lambda before=before: desk.window.clock.frames > before)
    assert board.searcher.run.state in ("running", "finished")
    board.searcher.stop()
    qtbot.waitUntil(lambda: not desk.window.runner.is_running("search"), timeout=20_000)
    assert not multiprocessing.active_children()
    opened(desk)
    QTest.keyClick(board.cards.widget, Key.Key_Return)
    first = board.searcher.run.result.suggestions[0]
    assert desk.store.session.draft.amplitude_ma == first.program.amplitude_ma
    qtbot.waitUntil(
        lambda: desk.store.frame is not None and desk.store.frame.session is desk.store.session, timeout=60_000
    )
    covered = desk.store.frame.result.coverage.pain_covered_by_score_percent
    assert covered == pytest.approx(first.point.figure("pain_covered_by_score_percent"), abs=0.1)
