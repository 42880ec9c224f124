"""The recovery bar: offered, restored, discarded after a second click, put off; with mouse and with keys."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow, QPushButton, QToolButton

from scs_sim.case import builtin_case
from scs_sim.journal import Journal, state_folder
from scs_ui import style
from scs_ui.state.autosave import Autosave
from scs_ui.state.looks.recovery import offer_looks, when_text
from scs_ui.state.recovery import LeftWork, left_work
from scs_ui.state.session import session_of
from scs_ui.state.store import Store
from scs_ui.theme import DARK
from scs_ui.widgets.controls import ElidedLabel
from scs_ui.widgets.recovery import RecoveryBar

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def left_behind(case_id: str, changes: int = 1) -> Store:
    """Leave the journal of a window that died about a built-in case; return what it had."""
    store = Store(session_of(builtin_case(case_id)))
    autosave = Autosave(store, state_folder())
    for n in range(changes):
        store.act("Name", lambda s, n=n: s.with_program(replace(s.program, name=f"{n}")))
    assert autosave._journal is not None
    autosave._journal.close(finished=False)
    return store


@pytest.fixture
def window(qtbot, store: Store) -> QMainWindow:
    store.saved = store.session
    style.apply(QApplication.instance(), DARK, QFont("DejaVu Sans", 10))
    main = QMainWindow()
    main.resize(1366, 500)
    main.bar = RecoveryBar(store, Autosave(store, state_folder()))
    main.bar.place_in(main)
    qtbot.addWidget(main)
    with qtbot.waitExposed(main):
        main.show()
    return main


def offered(qtbot, window: QMainWindow) -> None:
    """Have the bar look for work, and wait until it stands in the window."""
    window.bar.offer()
    qtbot.waitUntil(window.bar.widget.isVisible)
    qtbot.waitUntil(lambda: all(item.height() > 20 for item in window.bar.widget.findChildren(QPushButton)))


def buttons(bar: RecoveryBar, word: str) -> list[QPushButton]:
    found = [item for item in bar.widget.findChildren(QPushButton) if item.text().startswith(word)]
    return sorted(found, key=lambda item: item.mapTo(bar.widget, item.rect().topLeft()).y())


def test_nothing_stands_there_where_nothing_was_left(window: QMainWindow) -> None:
    window.bar.offer()
    assert not window.bar.widget.isVisible()
    assert window.bar.offers == ()


def test_a_restored_arrangement_does_not_bring_an_empty_bar(qtbot, window: QMainWindow) -> None:
    left_behind("foot")
    offered(qtbot, window)
    arrangement = window.saveState()
    qtbot.mouseClick(buttons(window.bar, "Later")[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.bar.widget.isVisible())
    assert window.restoreState(arrangement)
    qtbot.waitUntil(lambda: not window.bar.widget.isVisible())


def test_restore_brings_the_work_back(qtbot, window: QMainWindow, store: Store) -> None:
    lost = left_behind("foot", 3)
    offered(qtbot, window)
    (button,) = buttons(window.bar, "Restore")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert store.session == lost.session
    assert not store.is_saved
    qtbot.waitUntil(lambda: not window.bar.widget.isVisible())
    assert window.bar.offers == ()


def test_the_keyboard_does_all_of_it(qtbot, window: QMainWindow, store: Store) -> None:
    left_behind("foot")
    newest = left_behind("low-back")
    offered(qtbot, window)
    assert window.bar.offers[0].title == newest.session.case.title
    first = buttons(window.bar, "Restore")[0]
    first.setFocus()
    assert first.hasFocus()
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    drop = QApplication.focusWidget()
    assert isinstance(drop, QPushButton)
    assert drop.text() == "Discard"
    qtbot.keyClick(drop, Qt.Key.Key_Space)
    assert drop.text() == "Discard for good?"
    assert len(left_work(state_folder())) == 2
    qtbot.keyClick(drop, Qt.Key.Key_Space)
    assert [work.title for work in window.bar.offers] == [builtin_case("foot").title]
    assert drop.text() == "Discard"
    assert newest.session.case.title not in {work.title for work in left_work(state_folder())}


def test_a_first_click_on_discard_is_forgotten_after_a_while(
    qtbot, window: QMainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scs_ui.widgets.recovery.SURE_MS", 20)
    left_behind("foot")
    offered(qtbot, window)
    (button,) = buttons(window.bar, "Discard")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "press again" in button.accessibleName()
    qtbot.waitUntil(lambda: button.text() == "Discard")
    assert len(left_work(state_folder())) == 1


def test_later_leaves_it_for_the_next_start(qtbot, window: QMainWindow) -> None:
    left_behind("foot")
    offered(qtbot, window)
    (later,) = buttons(window.bar, "Later")
    qtbot.mouseClick(later, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.bar.widget.isVisible())
    window.bar.offer()
    assert window.bar.offers == ()
    assert len(left_work(state_folder())) == 1


def test_it_can_be_switched_off(window: QMainWindow) -> None:
    left_behind("foot")
    window.bar.offer(wanted=False)
    assert not window.bar.widget.isVisible()
    assert len(left_work(state_folder())) == 1


def test_unsaved_work_of_this_window_is_offered_after_restoring(qtbot, window: QMainWindow, store: Store) -> None:
    left_behind("foot")
    store.act("Name", lambda s: s.with_program(replace(s.program, name="mine")))
    mine = store.session
    offered(qtbot, window)
    qtbot.mouseClick(buttons(window.bar, "Restore")[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [work.title for work in window.bar.offers] == [mine.case.title])


def test_what_another_window_has_taken_is_said(qtbot, window: QMainWindow, store: Store) -> None:
    left_behind("foot")
    for words, said in ((("Restore",), "Not restored"), (("Discard", "Discard for good?"), "Not discarded")):
        offered(qtbot, window)
        other = Journal.open(window.bar.offers[0].path)
        for word in words:
            qtbot.mouseClick(buttons(window.bar, word)[0], Qt.MouseButton.LeftButton)
        assert said in store.moment().message.text
        assert "in use by another window" in store.moment().message.text
        assert window.bar.offers == ()
        other.close(finished=False)


def test_more_than_one_are_leafed_through(qtbot, window: QMainWindow, store: Store) -> None:
    cases = ("foot", "low-back", "bilateral-legs")
    for case_id in cases:
        left_behind(case_id)
    (state_folder() / "session-x.journal").write_bytes(b"garbage" * 900)
    os.utime(state_folder() / "session-x.journal", (0.0, 0.0))
    offered(qtbot, window)
    before, after = (item for item in window.bar.widget.findChildren(QToolButton) if item.isVisible())
    seen = []
    for place in range(4):
        seen.append(buttons(window.bar, "Restore")[0].accessibleName().split(",")[0])
        assert before.isEnabled() == (place > 0)
        assert after.isEnabled() == (place < 3)
        qtbot.mouseClick(after, Qt.MouseButton.LeftButton)
    titles = [builtin_case(case_id).title.split(",")[0] for case_id in reversed(cases)]
    assert seen == [f"Restore: {title}" for title in (*titles, "Damaged record of a session")]
    qtbot.mouseClick(before, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(buttons(window.bar, "Restore")[0], Qt.MouseButton.LeftButton)
    assert store.session.case.id == "foot"
    assert len(window.bar.offers) == 3


@pytest.mark.parametrize("width", [900, 1366])
def test_names_sizes_and_room(qtbot, window: QMainWindow, width: int) -> None:
    """One line whatever there is to offer; every button says what it is about and is large enough."""
    for case_id in ("foot", "low-back", "bilateral-legs"):
        left_behind(case_id)
    window.resize(width, 500)
    offered(qtbot, window)
    assert window.bar.widget.height() < 44
    assert window.bar.widget.width() <= width
    every = [item for item in window.bar.widget.findChildren(QAbstractButton) if item.isVisible()]
    assert len(every) == 5
    assert all(item.width() >= 24 and item.height() >= 24 for item in every)
    wide = {item.text(): item.fontMetrics().horizontalAdvance(item.text()) for item in every}
    assert all(item.width() >= wide[item.text()] + 12 for item in every)  # nothing is cut
    names = [item.accessibleName() for item in every]
    assert len(set(names)) == len(names)
    assert all(item.toolTip() for item in every)
    for label in window.bar.widget.findChildren(ElidedLabel):
        assert label.width() > 60
        assert label.text() in label.toolTip()


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(minutes=5), "today 11:55"),
        (timedelta(hours=12), "today 00:00"),
        (timedelta(hours=13), "yesterday 23:00"),
        (timedelta(days=2), "19 Nov 2026, 12:00"),
        (timedelta(days=400), "17 Oct 2025, 12:00"),
    ],
)
def test_times_in_words(ago: timedelta, said: str) -> None:
    assert when_text((NOON - ago).timestamp(), NOON) == said


def test_offers_in_words() -> None:
    works = [
        LeftWork(Path("a.journal"), "Foot pain", NOON.timestamp(), 1),
        LeftWork(Path("b.journal"), "Back pain", NOON.timestamp(), 41, "/home/visit.scsx"),
        LeftWork(Path("c.journal"), "", NOON.timestamp(), 0, problem="c.journal: is damaged"),
    ]
    foot, back, bad = offer_looks(works, NOON)
    assert (foot.title, foot.details) == ("Foot pain", "today 12:00 · 1 change · never saved")
    assert back.details == "today 12:00 · 41 changes · not in visit.scsx"
    assert bad.problem
    assert back.spoken == "Back pain, today 12:00, 41 changes, not in visit.scsx"
