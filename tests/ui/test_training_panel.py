"""The training window by mouse and keyboard: every click is one action on record, and nothing else is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

sys.path.insert(0, str(Path(__file__).parent / "state"))

from training_desk import CASE, NO_WAIT, plain_session

from scs_sim.case import builtin_case
from scs_sim.training.record import recorded
from scs_sim.training.session import resume, sessions
from scs_ui import style
from scs_ui.app import Desk, application
from scs_ui.handlers.training import TrainingDesk
from scs_ui.start import Start
from scs_ui.state.session import session_of
from scs_ui.state.training import AtOnce
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets import training_choosers
from scs_ui.widgets.training_choosers import ChooseSession, NewTraining, is_open
from scs_ui.widgets.training_report import ReportWindow
from scs_ui.widgets.training_window import TrainingWindow

LEFT, Key, CONTROL = Qt.MouseButton.LeftButton, Qt.Key, Qt.KeyboardModifier.ControlModifier
SESSION, PROFILE = f"{CASE}-1", "kim"


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[TrainingDesk]:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = TrainingDesk(parent, DARK, print)
    made.show_report = lambda session, profile: None
    yield made
    made.close()


@pytest.fixture
def window(desk: TrainingDesk) -> TrainingWindow:
    """A window on a session whose patient answers at once and in the window's own thread."""
    made = desk._opened()
    made.room._worker = AtOnce()
    made.room._clock = NO_WAIT
    made.room.take(plain_session(PROFILE))
    return made


def click(widget: QAbstractButton) -> None:
    assert widget.isEnabled(), f"{widget.text() or widget.accessibleName()}: {widget.toolTip()}"
    assert widget.isVisible(), widget.text()
    QTest.mouseClick(widget, LEFT)


def choose(box: QComboBox, data: str) -> None:
    place = box.findData(data)
    assert place >= 0, f"{data} is not in {box.accessibleName()}"
    box.setCurrentIndex(place)


def on_record() -> list[tuple[str, dict]]:
    return [(one.action.name, dict(one.action.parameters)) for one in recorded(SESSION, PROFILE).events]


def clicked_through(window: TrainingWindow, wait: Callable[[], None]) -> list[tuple[str, dict]]:
    """Click through a short whole session; return what was clicked, as actions."""
    papers, leads, program, patient = window.papers, window.leads, window.program, window.patient

    def press(button: QAbstractButton) -> None:
        click(button)
        wait()

    press(papers.buttons["referral"])
    press(papers.buttons["pain-map"])
    press(papers.buttons["referral"])  # open again: read already
    press(leads.ap)
    choose(leads.level, "T9")
    leads.aside.setValue(-1.5)
    press(leads.place)
    press(leads.ap)
    leads.film.setFocus()
    QTest.keyClick(leads.film, Key.Key_Up)
    wait()
    press(leads.ap)
    press(leads.anchor)
    press(program.measure)
    for name in ("1.4", "1.5", "1.5"):
        press(program.contacts.buttons[name])
    program.pulse_width.setValue(250.0)
    press(program.set)
    program.to.setValue(1.0)
    press(program.ramp)
    press(program.by[0.1])
    press(patient.questions["where"])
    press(patient.colour)
    program.note_ma.setValue(0.9)
    press(program.notes["pt"])
    program.name.setFocus()
    program.name.selectAll()
    QTest.keyClicks(program.name, "legs")
    press(program.save)
    program.limit_ma.setValue(2.0)
    press(program.limit)
    press(window.course.next)
    press(window.course.postures["standing"])
    press(program.load)
    choose(papers.cause, "none")
    press(papers.conclude)
    press(window.course.finish)
    window._question.button(QMessageBox.StandardButton.Yes).click()
    wait()
    return [
        ("read", {"item": "referral"}),
        ("read", {"item": "pain-map"}),
        ("xray", {"view": "ap"}),
        ("place-lead", {"lead_type": "octet-7mm", "tip_level": "T9", "tip_offset_mm": 0.0, "x_mm": -1.5,
                        "entry_level": "usual"}),
        ("xray", {"view": "ap"}),
        ("drive-lead", {"lead": 1, "rostral_mm": 2.0, "right_mm": 0.0}),
        ("xray", {"view": "ap"}),
        ("anchor", {}),
        ("impedance", {}),
        ("program", {"contacts": "1.4-100 1.5+100", "pulse_width_us": 250.0, "rate_hz": 50.0,
                     "waveform": "recharge"}),
        ("amplitude", {"to_ma": 1.0, "step_ma": 0.1}),
        ("amplitude", {"to_ma": 1.1, "step_ma": 0.1}),
        ("ask", {"about": "where"}),
        ("colour", {}),
        ("note", {"threshold": "pt", "value_ma": 0.9}),
        ("save", {"name": "legs"}),
        ("limit", {"to_ma": 2.0}),
        ("next-visit", {}),
        ("posture", {"to": "standing"}),
        ("load", {"name": "legs"}),
        ("conclude", {"cause": "none"}),
        ("finish", {}),
    ]  # fmt: skip


def test_a_whole_session_by_clicks_is_on_record_as_it_was_clicked(window: TrainingWindow):
    finished = []
    window.on_finished = lambda *which: finished.append(which)
    expected = clicked_through(window, application().processEvents)
    assert on_record() == expected
    assert finished == [(SESSION, PROFILE)]
    assert not window.course.finish.isEnabled()
    assert "finished" in window.course.finish.toolTip()


@pytest.mark.slow
def test_the_same_clicks_with_the_real_patient_in_a_worker(desk: TrainingDesk, qtbot: QtBot):
    desk.begin(training_choosers.Wanted(CASE, 7, PROFILE))
    window = desk.windows[0]

    def wait() -> None:
        qtbot.waitUntil(lambda: not window.room.busy, timeout=120_000)

    wait()
    expected = clicked_through(window, wait)
    found = recorded(SESSION, PROFILE)
    assert on_record() == expected
    assert window.room.situation == resume(SESSION, PROFILE).situation
    assert found.head.seed == 7
    again = plain_replay(expected)
    assert [one.outcome for one in found.events] == again, "the terminal's session answers word for word the same"


def plain_replay(deeds: list[tuple[str, dict]]) -> list:
    """Return what the engine answers to the same actions without the window."""
    from scs_sim.training.session import start

    session = start(CASE, seed=7, profile="terminal", clock=NO_WAIT)
    return [session.act(name, parameters).outcome for name, parameters in deeds]


def test_stop_is_always_there_and_escape_stops_from_everywhere(window: TrainingWindow, qtbot: QtBot):
    window.room.act("place-lead", lead_type="octet-7mm", tip_level="T9")
    for name in ("1.1", "1.2", "1.2"):
        window.program.contacts.cycle(name)
    window.room.set_program()
    for where in (window.program.to, window.leads.film, window.program.name, window.patient.talk):
        window.room.ramp_to(1.0)
        where.setFocus()
        QTest.keyClick(where, Key.Key_Escape)
        assert window.room.situation.amplitude_ma == 0.0, where.accessibleName()
    window.room.ramp_to(1.0)
    assert window.course.stop.isVisible()
    QTest.mouseClick(window.course.stop, LEFT)
    assert window.room.situation.amplitude_ma == 0.0


def test_what_is_impossible_is_off_and_its_tooltip_says_why(window: TrainingWindow):
    program, leads = window.program, window.leads
    for button, words in (
        (program.measure, "needs a lead"), (program.ramp, "needs a program"), (program.save, "above 0 mA"),
        (program.load, "no program is saved"), (leads.anchor, "needs a lead"), (leads.arrows["up"], "needs a lead"),
        (program.set, "needs a lead"),
    ):  # fmt: skip
        assert not button.isEnabled(), button.accessibleName()
        assert words in button.toolTip(), button.toolTip()
    assert leads.place.isEnabled()
    window.room.act("next-visit")
    assert not leads.place.isEnabled()
    assert "for the table" in leads.place.toolTip()


def test_keys_of_the_programmer(window: TrainingWindow):
    window.room.act("place-lead", lead_type="octet-7mm", tip_level="T9")
    first, second = (window.program.contacts.buttons[name] for name in ("1.1", "1.2"))
    first.setFocus()
    QTest.keyClick(first, Key.Key_Minus)
    QTest.keyClick(second, Key.Key_Plus)
    assert window.room.draft.contacts == "1.1-100 1.2+100"
    QTest.keyClick(second, Key.Key_0)
    assert window.room.draft.contacts == "1.1-100"
    second.setFocus()
    QTest.keyClick(second, Key.Key_Space)
    QTest.keyClick(second, Key.Key_Space)
    window.room.set_program()
    QTest.keyClick(first, Key.Key_BracketRight, CONTROL)
    assert window.room.situation.amplitude_ma == pytest.approx(0.1)
    QTest.keyClick(first, Key.Key_1, CONTROL)
    assert [note.threshold for note in window.room.situation.notes] == ["pt"]
    QTest.keyClick(window.program.to.lineEdit(), Key.Key_Return, CONTROL)
    assert window.room.situation.visit == 1


def test_a_click_on_the_film_aims_the_next_lead(window: TrainingWindow):
    click(window.leads.ap)
    film = window.leads.film
    at = film.place_px(-2.0, -25.8 + 4.0)
    QTest.mouseClick(film, LEFT, pos=QPoint(round(at.x()), round(at.y())))
    assert window.leads.level.currentData() == "T10"
    assert window.leads.offset.value() == pytest.approx(4.0, abs=0.5)
    assert window.leads.aside.value() == pytest.approx(-2.0, abs=0.5)
    assert [name for name, _ in on_record()] == ["xray"], "aiming is no action"


@pytest.mark.parametrize(
    ("way", "key", "up_mm", "right_mm"),
    [("up", Key.Key_Up, 5.0, 0.0), ("down", Key.Key_Down, -5.0, 0.0), ("left", Key.Key_Left, 0.0, -5.0),
     ("right", Key.Key_Right, 0.0, 5.0)],
)  # fmt: skip
def test_arrows_drive_the_chosen_lead_the_way_they_point(window: TrainingWindow, way, key, up_mm, right_mm):
    """From behind, the patient's left is on the left: x and the arrow agree."""
    for _ in range(2):
        window.room.act("place-lead", lead_type="octet-7mm", tip_level="T9")
    window.room.act("xray")
    choose(window.leads.lead, "2")
    choose(window.leads.step, "5")
    click(window.leads.arrows[way])
    window.leads.film.setFocus()
    QTest.keyClick(window.leads.film, key)
    asked = {"lead": 2, "rostral_mm": up_mm, "right_mm": right_mm}
    assert on_record()[-2:] == [("drive-lead", asked), ("drive-lead", asked)]
    film = window.leads.film
    before, after = film.place_px(0.0, 0.0), film.place_px(right_mm, up_mm)
    assert (after.x() - before.x(), before.y() - after.y()) == (
        pytest.approx(right_mm * film._scale), pytest.approx(up_mm * film._scale),
    )  # fmt: skip


def test_a_replay_plays_by_keys_and_shows_the_same_panels_read_only(desk: TrainingDesk, window: TrainingWindow):
    clicked_through(window, application().processEvents)
    replay = desk._opened()
    replay.room._worker = AtOnce()
    replay.room.watch(SESSION, PROFILE)
    application().processEvents()
    assert replay.replay.play.isVisible()
    assert replay.replay.play.hasFocus(), "keys work at once"
    QTest.keyClick(replay.replay.play, Key.Key_Period)
    assert replay.room.place == 1
    replay.leads.film.setFocus()
    for _ in range(3):
        QTest.keyClick(replay.leads.film, Key.Key_Period)
    QTest.keyClick(replay.leads.film, Key.Key_Comma)
    assert replay.room.place == 3
    replay.leads.film.setFocus()
    QTest.keyClick(replay.leads.film, Key.Key_Space)
    assert replay.replay.is_playing
    replay.replay._next()
    assert replay.room.place == 4
    QTest.keyClick(replay.leads.film, Key.Key_Space)
    assert not replay.replay.is_playing
    replay.replay.slider.setValue(12)
    assert replay.room.situation.amplitude_ma == pytest.approx(1.1)
    assert "1.1 mA" in replay.program.now.text()
    for button in (replay.leads.ap, replay.program.measure, replay.course.next, replay.patient.colour):
        assert not button.isEnabled()
        assert "replay" in button.toolTip()
    for contact in replay.program.contacts.buttons.values():
        assert not contact.isEnabled()
    count = len(on_record())
    QTest.keyClick(replay.leads.film, Key.Key_Escape)
    QTest.keyClick(replay.leads.film, Key.Key_Up)
    assert len(on_record()) == count


def test_closing_in_the_middle_loses_nothing_and_it_is_resumed(desk: TrainingDesk, window: TrainingWindow):
    click(window.papers.buttons["referral"])
    window.close()
    assert desk.windows == []
    again = desk._opened()
    again.room._worker = AtOnce()
    again.room.resume(SESSION, PROFILE)
    assert again.room.situation.documents == ("referral",)
    click(again.papers.buttons["history"])
    assert [parameters["item"] for _, parameters in on_record()] == ["referral", "history"]


def test_new_training_wants_a_fine_profile_and_seed(qtbot: QtBot):
    begun = []
    chooser = NewTraining(begun.append)
    qtbot.addWidget(chooser.widget)
    grades = [one.grade for one in chooser._openings]
    assert grades == sorted(grades)
    assert chooser._openings[0].goals[0] in chooser.about.toPlainText()
    chooser.profile.setText("../etc")
    chooser.take()
    assert "letters, digits" in chooser.problem.text()
    chooser.profile.setText("kim-2")
    for bad in ("-1", "1.5", "seven", "9" * 30):
        chooser.seed.setText(bad)
        chooser.take()
        assert "whole number" in chooser.problem.text()
    assert begun == []
    chooser.seed.setText("12")
    chooser.take()
    chooser.seed.setText("")
    chooser.take()
    first = chooser._openings[0].case_id
    assert [(one.case, one.seed, one.profile) for one in begun] == [(first, 12, "kim-2"), (first, None, "kim-2")]


def test_only_sessions_that_fit_can_be_chosen(qtbot: QtBot):
    plain_session(PROFILE).act("finish")
    plain_session(PROFILE)
    taken = []
    chooser = ChooseSession("Resume", "Resume", is_open, lambda *which: taken.append(which), PROFILE)
    qtbot.addWidget(chooser.widget)
    assert chooser.list.count() == len(sessions(PROFILE)) == 2
    chooser.take()
    assert taken == [(f"{CASE}-2", PROFILE)]
    chooser.list.setCurrentRow(1)
    chooser.take()
    assert len(taken) == 1, "a finished one is not taken up"


def test_a_report_that_cannot_be_made_says_why(qtbot: QtBot):
    plain_session(PROFILE)
    report = ReportWindow(SESSION, PROFILE, LIGHT)
    qtbot.addWidget(report)
    qtbot.waitUntil(lambda: "goes on" in report.words.text(), timeout=20_000)
    assert not report.save[".pdf"].isEnabled()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("size", ["1366x720", "1600x900"])
def test_every_control_has_a_name_and_a_tooltip_is_24_px_high_and_uncut(window: TrainingWindow, qtbot, theme, size):
    app, base = application(), QFont(application().font())
    style.apply(app, theme, base)
    window.set_theme(theme)
    window.resize(*(int(px) for px in size.split("x")))
    for number in range(2):
        window.room.act("place-lead", lead_type="octet-7mm", tip_level="T9", x_mm=float(number))
    window.room.act("impedance")
    qtbot.wait(60)
    problems = []
    for widget in window.middle.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QAbstractButton | QAbstractSpinBox | QComboBox):
            continue
        name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        problems += [f"{widget!r}: no name"] if not name else []
        problems += [f"{name}: no tooltip"] if not widget.toolTip() else []
        problems += [f"{name}: {widget.height()} px high"] if widget.height() < 24 else []
        if isinstance(widget, QAbstractButton):
            needed = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", ""))
            problems += [f"{name}: needs {needed} px, has {widget.width()}"] if needed > widget.width() else []
    app.setStyleSheet("")
    app.setFont(base)
    assert problems == []


def test_from_the_menu_of_the_app_and_gone_with_it(qtbot: QtBot):
    app_desk = Desk(application(), Start(session_of(builtin_case("foot")), theme="dark", recover=False))
    app_desk.open()
    app_desk.menus.tour.hide()
    actions, training = app_desk.menus.actions, app_desk.menus.training
    actions["training.answer"].trigger()
    assert "No training is open" in app_desk.store.moment().message.text
    actions["training.new"].trigger()
    chooser = training.chooser
    assert isinstance(chooser, NewTraining)
    chooser.cases.setCurrentRow([one.case_id for one in chooser._openings].index(CASE))
    chooser.profile.setText(PROFILE)
    QTest.keyClick(chooser.cases, Key.Key_Return)
    window = training.windows[0]
    qtbot.waitUntil(lambda: not window.room.busy, timeout=60_000)
    assert window.room.situation.opening.case_id == CASE
    actions["view.theme"].trigger()
    assert window.theme is LIGHT
    click(window.papers.buttons["referral"])
    qtbot.waitUntil(lambda: not window.room.busy, timeout=60_000)
    app_desk.window.may_close = lambda: True
    app_desk.window.close()
    assert training.windows == []
    assert on_record() == [("read", {"item": "referral"})], "closing in the middle loses nothing"
    app_desk.app.setStyleSheet("")
    app_desk.app.setFont(app_desk.base_font)
