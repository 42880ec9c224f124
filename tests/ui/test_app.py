"""The whole app as a user meets it: a case by keyboard alone, files and questions, papers, demonstration, names."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QScrollBar,
    QTabBar,
    QWidget,
)

from scs_ui.app import Desk, application
from scs_ui.demo import Demo
from scs_ui.start import Start
from scs_ui.state.demo import LASTS_S, SCENES
from scs_ui.state.files import read_session
from scs_ui.widgets.controls import ElidedLabel

CONTROL, SHIFT, ALT = (Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier,
                       Qt.KeyboardModifier.AltModifier)  # fmt: skip
NONE = Qt.KeyboardModifier.NoModifier
Key = Qt.Key


def wait(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    target = QApplication.activeModalWidget() or QApplication.focusWidget()
    inside = QApplication.focusWidget()
    if inside is not None and target is not None and target.isAncestorOf(inside):
        target = inside
    assert target is not None, "nothing has the keys"
    QTest.keyClick(target, key, modifier)
    wait(5)


def ready(desk: Desk) -> bool:
    frame = desk.store.frame
    return frame is not None and not frame.stale and frame.session is desk.store.session


@pytest.fixture
def desk(qtbot):
    made = Desk(application(), Start(theme="dark", layout="programming", recover=False))
    made.open()
    made.menus.tour.hide()
    made.window.resize(1600, 950)
    made.window.arrange()
    made.window.activateWindow()
    qtbot.waitUntil(lambda: ready(made), timeout=120_000)
    yield made
    made.window.may_close = lambda: True
    made.window.close()
    made.app.setStyleSheet("")
    made.app.setFont(made.base_font)


def focus_panel(desk: Desk, name: str) -> None:
    for _ in range(2 * len(desk.window.docks)):
        press(Key.Key_F6)
        widget = QApplication.focusWidget()
        if widget is not None and desk.window.docks[name].dock.isAncestorOf(widget):
            return
    raise AssertionError(f"F6 never comes to {name}")


def test_a_whole_case_by_keyboard_alone(desk, qtbot, tmp_path: Path):
    store = desk.store
    focus_panel(desk, "spine")
    before = store.session
    press(Key.Key_Down)
    chosen = store.view.selected
    press(Key.Key_Space)
    press(Key.Key_Space)
    assert store.session.draft.share_of(chosen) != before.draft.share_of(chosen)
    assert store.session.draft.amplitude_ma == 0.0, "another contact: no current until the user says so"
    for name in ("1.4", "1.5", "1.6"):
        store.look(selected=name)
        press(Key.Key_0)
    store.look(selected="1.3")
    press(Key.Key_Minus)
    store.look(selected="1.5")
    press(Key.Key_Plus)
    qtbot.waitUntil(lambda: ready(desk), timeout=60_000)
    assert store.session.draft.contacts == "1.3-100 1.5+100"
    for _ in range(3):
        press(Key.Key_BracketRight, CONTROL)
    assert store.session.draft.amplitude_ma == pytest.approx(0.3)
    press(Key.Key_2, ALT)
    qtbot.waitUntil(lambda: ready(desk))
    comfort_ma = store.session.draft.amplitude_ma
    assert comfort_ma == pytest.approx(store.frame.solo.thresholds.comfort_ma, abs=0.01)
    press(Key.Key_2, CONTROL)
    assert store.session.draft.marks.comfort_ma == pytest.approx(comfort_ma)
    press(Key.Key_Down, CONTROL)
    qtbot.waitUntil(lambda: ready(desk))
    assert store.session.draft.amplitude_ma == pytest.approx(comfort_ma), "steering keeps the amplitude"
    assert store.session.draft.contacts != "1.3-100 1.5+100"
    press(Key.Key_T, CONTROL)
    assert len(store.session.tested) == 1
    press(Key.Key_D, CONTROL)
    assert len(store.session.programs) == 2
    press(Key.Key_F4)
    assert store.session.compared is not None
    press(Key.Key_B, CONTROL | SHIFT)
    assert len(store.session.program.areas) == 2
    press(Key.Key_Escape)
    assert all(area.amplitude_ma == 0.0 for area in store.session.program.areas)
    steps = desk.window.history.stack.count()
    press(Key.Key_Z, CONTROL)
    press(Key.Key_Z, CONTROL | SHIFT)
    assert desk.window.history.stack.count() == steps
    path = tmp_path / "by keyboard.scsx"
    press(Key.Key_S, CONTROL)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QFileDialog)
    dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
    press(Key.Key_Return)
    qtbot.waitUntil(lambda: store.is_saved)
    assert read_session(path) == store.session
    assert str(path) in desk.settings.recent


def test_unsaved_work_is_asked_about_before_it_is_left(desk, qtbot, tmp_path: Path):
    press(Key.Key_T, CONTROL)
    assert not desk.store.is_saved
    assert not desk.window.close()
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    box.button(QMessageBox.StandardButton.Cancel).click()
    wait(10)
    assert desk.window.isVisible()
    desk.files.save_to(str(tmp_path / "kept.scsx"))
    assert desk.window.close()


def test_a_bad_file_is_told_and_changes_nothing(desk, tmp_path: Path):
    path = tmp_path / "bad.toml"
    path.write_text('format = "scs-sim case"\nversion = 1\nid = "x"\ntitel = "y"\n', encoding="utf-8")
    before = desk.store.session
    desk.files.drop([path])
    assert desk.store.session is before
    message = desk.store.moment().message
    assert message.tone == "error"
    assert "bad.toml" in message.text
    assert "titel" in message.text


def test_the_report_and_the_card_are_shown_and_written(desk, qtbot, tmp_path: Path):
    qtbot.waitUntil(lambda: ready(desk))
    for show, ending, start in (
        (desk.papers.show_report, ".pdf", b"%PDF"),
        (desk.papers.show_card, ".png", b"\x89PNG"),
    ):
        show()
        paper = desk.papers._paper
        qtbot.waitUntil(paper.widget.isVisible)
        paper.buttons[ending].click()
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        path = tmp_path / f"out{ending}"
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
        press(Key.Key_Return)
        qtbot.waitUntil(path.exists)
        assert path.read_bytes().startswith(start)
        paper.widget.close()
    desk.papers.copy_settings()
    assert "not pain relief" in QGuiApplication.clipboard().text()
    desk.papers.write(str(tmp_path / "no" / "folder.csv"), lambda: b"x")
    assert desk.store.moment().message.tone == "error"


def test_the_demonstration_runs_to_its_report(desk, qtbot):
    shown = []
    demo = Demo(desk.window, shown.append, lambda: shown.append("over"), advance_s=0.5)
    demo.start()
    captions = set()
    for _ in range(2000):
        if demo.over:
            break
        demo.tick()
        captions.add(demo._caption.text())
        wait(5 if ready(desk) else 50)
    assert shown == ["report", "over"]
    assert captions >= {scene.caption for scene in SCENES}
    assert demo.at_s >= LASTS_S
    assert desk.store.session.case.posture == "standing"
    tones = {desk.store.moment().message.tone} if desk.store.moment().message else set()
    assert "error" not in tones


def test_every_control_that_takes_the_focus_has_a_name_and_room_for_a_finger(desk):
    wrong = []
    for item in desk.window.docks.values():
        item.dock.show()
        item.dock.raise_()
        wait(20)
        for widget in item.panel.widget.findChildren(QWidget):
            if not widget.isVisible() or not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                continue
            around = widget.parentWidget()
            if isinstance(widget, QScrollBar) or (isinstance(around, QAbstractScrollArea) and around.accessibleName()):
                continue  # part of a named control
            if widget.objectName().startswith("qt_"):
                continue
            named = widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())
            if not named:
                wrong.append(f"{item.panel.title}: {widget} has no name")
            if isinstance(widget, QAbstractButton) and min(widget.width(), widget.height()) < 22:
                wrong.append(f"{item.panel.title}: {named} is too small to press, {widget.size().toTuple()}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("size", [(1600, 950), (1366, 768)])
def test_no_text_of_a_label_or_button_is_cut(desk, size, percent):
    from dataclasses import replace

    desk.apply(replace(desk.settings.preferences, text_percent=percent))
    desk.window.resize(*size)
    desk.window.arrange()
    wait(100)
    cut = []
    for item in desk.window.docks.values():
        if not item.is_seen:
            continue
        for widget in item.panel.widget.findChildren(QWidget):
            if not widget.isVisible() or widget.visibleRegion().isEmpty() or isinstance(widget, QTabBar):
                continue
            if isinstance(widget, ElidedLabel):  # ends in dots, and its tooltip has the whole
                assert widget.toolTip() == widget.text()
                continue
            if isinstance(widget, QLabel) and widget.text() and not widget.wordWrap() and "<" not in widget.text():
                needed = widget.fontMetrics().horizontalAdvance(max(widget.text().split("\n"), key=len))
            elif isinstance(widget, QAbstractButton) and widget.text():
                needed = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", ""))
            else:
                continue
            if needed > widget.width() + 1:
                cut.append(f"{item.panel.title}: {widget.text()!r} needs {needed} px and has {widget.width()}")
    assert not cut, "\n".join(cut)
