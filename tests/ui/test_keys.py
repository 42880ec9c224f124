"""Actions made from the table: where keys act, what typing keeps for itself, menus without the mouse, icons."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QMainWindow, QPushButton, QVBoxLayout, QWidget

from scs_models.errors import UnknownNameError
from scs_ui.icons import NAMES, SIZES_PX, icon
from scs_ui.keys import build, tooltip
from scs_ui.state.keys import DEEDS
from scs_ui.theme import DARK, LIGHT

KEY, MOD = Qt.Key, Qt.KeyboardModifier


class Bench:
    """A window with a spine canvas, a body canvas and controls, and a note of what was done."""

    def __init__(self, qtbot) -> None:
        self.done: list[str] = []
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.spine, self.body = QWidget(), QWidget()
        self.canvas, self.map = QWidget(self.spine), QWidget(self.body)
        self.button, self.combo = QPushButton("Fit", self.spine), QComboBox(self.spine)
        self.number, self.text = QDoubleSpinBox(self.spine), QLineEdit(self.spine)
        self.combo.addItems(["one", "two"])
        for widget in (self.canvas, self.map):
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QVBoxLayout()
        for widget in (self.canvas, self.button, self.combo, self.number, self.text):
            layout.addWidget(widget)
        self.spine.setLayout(layout)
        centre = QWidget()
        row = QVBoxLayout(centre)
        row.addWidget(self.spine)
        row.addWidget(self.body)
        self.window.setCentralWidget(centre)
        handlers = {item.id: (lambda name=item.id: self.done.append(name)) for item in DEEDS if not item.native}
        self.actions = build(self.window, handlers, {"spine": [self.spine], "body": [self.body]})
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)

    def press(self, widget: QWidget, key, modifiers=MOD.NoModifier) -> list[str]:
        self.done.clear()
        widget.setFocus()
        QTest.keyClick(widget, key, modifiers)
        return list(self.done)


@pytest.fixture
def bench(qtbot) -> Bench:
    return Bench(qtbot)


def test_keys_of_a_panel_act_only_where_the_panel_has_the_focus(bench: Bench):
    assert bench.press(bench.canvas, KEY.Key_Space) == ["contact.cycle"]
    assert bench.press(bench.map, KEY.Key_Space) == []
    assert bench.press(bench.map, KEY.Key_BracketLeft) == ["pain.smaller"]
    assert bench.press(bench.canvas, KEY.Key_BracketLeft) == ["steer.narrower"]


@pytest.mark.parametrize("where", ["canvas", "map", "number", "text", "button"])
def test_escape_stops_from_everywhere(bench: Bench, where: str):
    assert bench.press(getattr(bench, where), KEY.Key_Escape) == ["stim.stop"]


def test_typing_stays_typing(bench: Bench):
    assert bench.press(bench.text, KEY.Key_L) == []
    assert bench.press(bench.text, KEY.Key_Minus) == []
    assert bench.text.text() == "l-"
    bench.number.clear()
    for key in (KEY.Key_0, KEY.Key_Period, KEY.Key_5):
        assert bench.press(bench.number, key) == []
    assert bench.number.value() == 0.5


def test_controls_keep_the_keys_they_need(bench: Bench):
    pressed = []
    bench.button.clicked.connect(lambda: pressed.append(1))
    assert bench.press(bench.button, KEY.Key_Space) == []
    assert pressed == [1]
    assert bench.press(bench.combo, KEY.Key_Down) == []
    assert bench.combo.currentText() == "two"
    assert bench.press(bench.button, KEY.Key_Up, MOD.ControlModifier) == ["steer.up"], "with Ctrl the panel's key acts"


def test_undo_in_a_number_box_is_the_sessions_undo_and_in_a_text_the_texts(bench: Bench):
    assert bench.press(bench.number, KEY.Key_Z, MOD.ControlModifier) == ["edit.undo"]
    QTest.keyClicks(bench.text, "abc")
    assert bench.press(bench.text, KEY.Key_Z, MOD.ControlModifier) == []
    assert bench.text.text() == ""


def test_a_control_that_is_gone_harms_nothing(bench: Bench, qtbot):
    bench.button.setFocus()
    bench.button.deleteLater()
    qtbot.waitUntil(lambda: len(bench.spine.findChildren(QPushButton)) == 0)
    assert bench.press(bench.canvas, KEY.Key_Space) == ["contact.cycle"]


def test_every_deed_has_its_action_with_its_keys(bench: Bench):
    assert bench.actions.missing == ()
    for item in DEEDS:
        if not item.native:
            keys = [QKeySequence(key) for key in item.keys]
            assert bench.actions[item.id].shortcuts() == keys, item.id
            assert all(not key.isEmpty() for key in keys), item.id


def test_menus_hold_the_table_and_no_letter_twice(bench: Bench):
    menus = bench.actions.fill(bench.window.menuBar())
    assert [action.text().replace("&", "") for action in bench.window.menuBar().actions()] == [
        "File", "Edit", "View", "Stimulation", "Training", "Help",
    ]  # fmt: skip
    for path, menu in menus.items():
        letters = [text[text.index("&") + 1].lower() for action in menu.actions() if "&" in (text := action.text())]
        assert len(set(letters)) == len(letters), path
    in_menus = {action.objectName() for menu in menus.values() for action in menu.actions() if action.objectName()}
    assert {item.id for item in DEEDS if item.menu} == in_menus


def test_a_handler_for_nothing_is_refused(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    with pytest.raises(UnknownNameError):
        build(window, {"stim.go": lambda: None})


def test_tooltips_give_name_meaning_key_and_detail():
    assert tooltip("steer.up", "step 0.1 of the spacing").splitlines() == [
        "Steer up (Ctrl+↑)",
        "Moves the pattern 10 % of the contact spacing up; the amplitude stays.",
        "step 0.1 of the spacing",
    ]


def test_icons_of_the_table_exist_and_are_drawn(qtbot):
    assert {item.icon for item in DEEDS if item.icon} <= set(NAMES)
    for theme in (DARK, LIGHT):
        for name in NAMES:
            made = icon(name, theme)
            assert made is icon(name, theme), "made once"
            image = made.pixmap(48, 48).toImage()
            ink = [
                image.pixelColor(x, y)
                for x in range(image.width())
                for y in range(image.height())
                if image.pixelColor(x, y).alpha() > 250
            ]
            assert len(ink) > 60, name
            assert abs(ink[0].lightness() - theme.color("text").lightness()) < 12, name


def test_icons_are_drawn_at_each_scale_and_not_blown_up(qtbot):
    made = icon("lock", DARK)
    assert {size.width() for size in made.availableSizes()} == set(SIZES_PX)
    for scale in (1.0, 1.5, 2.0):
        assert made.pixmap(icon("lock", DARK).actualSize(made.availableSizes()[1]), scale).width() == 20 * scale
