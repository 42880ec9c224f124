"""Help, tour, About, preferences and case chooser by keyboard alone, with names for screen readers, in both themes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QDialog,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QWidget,
)

from scs_sim.case import builtin_case_ids
from scs_ui.state.keys import DEEDS
from scs_ui.state.looks.sources import source_rows
from scs_ui.state.preferences import Preferences
from scs_ui.state.tour import STEPS
from scs_ui.style import set_motion
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.about import AboutWindow
from scs_ui.widgets.case_cards import thumbnail
from scs_ui.widgets.case_chooser import CaseChooser
from scs_ui.widgets.help import HelpPopover, HelpWindow
from scs_ui.widgets.preferences import PreferencesWindow
from scs_ui.widgets.tour import TourOverlay

KEY = Qt.Key
PANELS = (("Spine", "From behind.\nClick a contact."), ("Coverage", "How much of the pain is covered."))


def unnamed(widget: QWidget) -> list[str]:
    """Return what takes the keyboard focus and has neither a name nor a text of its own."""
    found = []
    for child in widget.findChildren(QWidget):
        takes_focus = child.focusPolicy() != Qt.FocusPolicy.NoFocus and child.isVisibleTo(widget)
        inner = child.objectName().startswith("qt_") or child.metaObject().className() in (
            "QTabBar",
            "QExpandingLineEdit",
        )
        own_text = getattr(child, "text", lambda: "")() if isinstance(child, QPushButton) else ""
        if takes_focus and not inner and not (child.accessibleName() or own_text):
            found.append(f"{child.metaObject().className()} {child.objectName()}")
    return found


@pytest.fixture
def chooser(qtbot):
    done: list[tuple[str, str]] = []
    made = CaseChooser(
        DARK,
        lambda case: done.append(("case", case.id)),
        lambda path: done.append(("file", path)),
        lambda: done.append(("browse", "")),
    )
    qtbot.addWidget(made.widget)
    made.done = done
    return made


def test_a_case_is_opened_by_keyboard_alone(chooser: CaseChooser, qtbot):
    chooser.open()
    chooser.search.setFocus()
    QTest.keyClicks(chooser.search, "left foot sole")
    assert [card.id for card in chooser.cards.model.cards] == ["foot"]
    QTest.keyClick(chooser.search, KEY.Key_Down)
    assert chooser.widget.focusWidget() is chooser.cards.widget
    QTest.keyClick(chooser.cards.widget, KEY.Key_Return)
    assert chooser.done == [("case", "foot")]
    assert not chooser.widget.isVisible()


def test_arrows_go_from_card_to_card_and_escape_leaves(chooser: CaseChooser):
    chooser.open()
    assert chooser.cards.chosen.id == builtin_case_ids()[0]
    QTest.keyClick(chooser.cards.widget, KEY.Key_Right)
    assert chooser.cards.chosen.id == builtin_case_ids()[1]
    QTest.keyClick(chooser.cards.widget, KEY.Key_Escape)
    assert not chooser.widget.isVisible()
    assert chooser.done == []


def test_recent_files_open_and_those_that_are_gone_do_not(chooser: CaseChooser, tmp_path):
    there = tmp_path / "visit.scsx"
    there.write_text("x")
    chooser.show_recent([str(tmp_path / "gone.scsx"), str(there)])
    chooser.open()
    assert not chooser.recent.item(0).flags() & Qt.ItemFlag.ItemIsEnabled
    chooser.recent.setFocus()
    chooser.recent.setCurrentRow(1)
    QTest.keyClick(chooser.recent, KEY.Key_Return)
    assert chooser.done == [("file", str(there))]


def test_from_scratch_and_any_file_have_buttons(chooser: CaseChooser):
    chooser.open()
    QTest.keyClick(chooser.scratch_button, KEY.Key_Space)
    chooser.open()
    QTest.keyClick(chooser.browse_button, KEY.Key_Space)
    assert chooser.done == [("case", "new-case"), ("browse", "")]


def test_windows_that_are_opened_again_and_again_do_not_pile_up(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    for _ in range(3):
        chooser = CaseChooser(DARK, lambda case: None, lambda path: None, lambda: None, window)
        chooser.open()
        chooser.open_chosen()
        preferences = PreferencesWindow(Preferences(), lambda p: None, lambda p: None, window)
        preferences.open()
        preferences.widget.accept()
    qtbot.waitUntil(lambda: window.findChildren(QDialog) == [])


def test_nothing_found_opens_nothing(chooser: CaseChooser):
    chooser.open()
    chooser.search.setText("no such words")
    assert chooser.cards.chosen is None
    QTest.keyClick(chooser.search, KEY.Key_Return)
    assert chooser.done == []


def test_cards_speak_and_their_thumbnail_is_sharp(chooser: CaseChooser):
    model = chooser.cards.model
    words = model.data(model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert model.cards[0].title in words
    assert "Pain" in words
    for ratio in (1.0, 1.5, 2.0):
        picture = thumbnail(model.cases[0].pain, LIGHT, 120, ratio)
        assert picture.width() == round(120 * ratio)
        assert picture.devicePixelRatio() == ratio
    pain = thumbnail(model.cases[0].pain, LIGHT, 120, 1.0).toImage()
    none = thumbnail(replace(model.cases[0].pain, scores={}), LIGHT, 120, 1.0).toImage()
    assert magenta(pain) > 60
    assert magenta(none) == 0


def magenta(image: QImage) -> int:
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(pixel.alpha() > 200 and pixel.red() - pixel.green() > 90 for pixel in pixels)


def test_help_finds_pages_and_keys(qtbot):
    window = HelpWindow(PANELS, DARK)
    qtbot.addWidget(window.widget)
    window.open("Coverage")
    assert "How much of the pain" in window.page.toPlainText()
    QTest.keyClicks(window.search, "equalise")
    titles = [window.list.item(row).text() for row in range(window.list.count())]
    assert "Keys: spine and contact table" in titles
    window.list.setCurrentRow(titles.index("Keys: spine and contact table"))
    assert "Equalise" in window.page.toPlainText()
    assert "Impedance" not in window.page.toPlainText(), "rows that do not fit the search are left out"
    window.set_theme(LIGHT)
    window.search.setText("nonsense")
    assert "Nothing has these words" in window.page.toPlainText()


def test_the_shortcuts_window_lists_every_key(qtbot):
    window = HelpWindow(PANELS, LIGHT)
    qtbot.addWidget(window.widget)
    window.open_shortcuts()
    told = ""
    for row in range(window.list.count()):
        window.list.setCurrentRow(row)
        told += window.page.toPlainText()
    for item in DEEDS:
        if item.keys or item.mouse:
            assert item.help in " ".join(told.split()), item.id


def test_the_popover_stays_on_the_screen_and_esc_closes_it(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    anchor = QPushButton("?", window)
    window.show()
    popover = HelpPopover(window)
    room = anchor.screen().availableGeometry()
    for corner in (room.topLeft(), room.bottomRight() - QPoint(30, 30)):
        window.move(corner)
        popover.open("Spine", "From behind.\nClick a contact.", anchor)
        assert room.contains(popover.widget.geometry())
    assert popover.widget.focusWidget() is popover.more
    asked = []
    popover.on_more = asked.append
    QTest.keyClick(popover.more, KEY.Key_Space)
    assert asked == ["Spine"]
    popover.open("Spine", "From behind.", anchor)
    QTest.keyClick(popover.widget, KEY.Key_Escape)
    assert not popover.widget.isVisible()


class Toured:
    """A window with the panels of the tour, and a note of when it was over."""

    def __init__(self, qtbot, size: tuple[int, int] = (1200, 800)) -> None:
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.window.resize(*size)
        centre = QWidget()
        row = QHBoxLayout(centre)
        self.panels = {name: QLabel(name) for name in ("spine", "stimulation", "body")}
        for panel in self.panels.values():
            row.addWidget(panel)
        self.window.setCentralWidget(centre)
        self.stopped: list[int] = []
        stop = QAction("stop", self.window)
        stop.setShortcut("Esc")
        stop.triggered.connect(lambda: self.stopped.append(1))
        self.window.addAction(stop)
        self.over: list[int] = []
        self.tour = TourOverlay(self.window, self.panels.get, DARK, lambda: self.over.append(1))
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.tour.start()

    def press(self, key) -> None:
        QTest.keyClick(QApplication.focusWidget(), key)


def test_the_tour_is_walked_with_arrows(qtbot):
    toured = Toured(qtbot)
    seen = [toured.tour.tour.step.title]
    for _ in range(4):
        toured.press(KEY.Key_Right)
        seen.append(toured.tour.tour.step.title)
    assert seen == [step.title for step in STEPS]
    toured.press(KEY.Key_Left)
    assert toured.tour.tour.place == 3
    assert STEPS[3].title in QApplication.focusWidget().accessibleName()
    toured.press(KEY.Key_Right)
    toured.press(KEY.Key_Space)
    assert toured.over == [1]
    assert not toured.tour.isVisible()


def test_tab_stays_on_the_card(qtbot):
    toured = Toured(qtbot)
    toured.press(KEY.Key_Right)
    names = []
    for _ in range(4):
        names.append(QApplication.focusWidget().text())
        toured.press(KEY.Key_Tab)
    assert names == ["Next", "Skip", "Back", "Next"]
    toured.press(KEY.Key_Backtab)
    assert QApplication.focusWidget().text() == "Next"


def test_escape_ends_the_tour_and_does_nothing_else(qtbot):
    toured = Toured(qtbot)
    toured.press(KEY.Key_Escape)
    assert toured.over == [1]
    assert toured.stopped == []
    QTest.keyClick(toured.window, KEY.Key_Escape)
    assert toured.stopped == [1], "afterwards the key is the window's again"


def test_the_panel_shines_through_and_the_rest_is_dim(qtbot):
    toured = Toured(qtbot)
    toured.tour._card.hide()
    panel = toured.panels["spine"]
    at = panel.mapTo(toured.window, panel.rect().center())
    dim = toured.panels["body"].mapTo(toured.window, toured.panels["body"].rect().center())
    image = toured.window.grab().toImage()
    toured.tour.hide()
    plain = toured.window.grab().toImage()
    assert image.pixelColor(at) == plain.pixelColor(at)
    assert image.pixelColor(dim) != plain.pixelColor(dim)


def test_the_tour_follows_docks_that_are_put_elsewhere(qtbot):
    toured = Toured(qtbot)
    dock = QDockWidget("late", toured.window)
    dock.setWidget(QLabel("late"))
    toured.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    dock.show()
    dock.raise_()
    spine = toured.panels["spine"]

    def shines() -> bool:
        corner = spine.mapTo(toured.window, QPoint(0, 0))
        at = toured.tour._hole
        return at is not None and abs(at.left() - corner.x()) <= 4 and abs(at.width() - spine.width()) <= 8

    qtbot.waitUntil(lambda: dock.width() > 0 and shines())
    widgets = [child for child in toured.window.children() if isinstance(child, QWidget)]
    assert widgets[-1] is toured.tour, "nothing lies above it"


def test_the_tour_follows_the_window_and_can_begin_again(qtbot):
    toured = Toured(qtbot)
    toured.window.resize(900, 620)
    qtbot.waitUntil(lambda: toured.tour.size() == toured.window.size())
    toured.press(KEY.Key_Escape)
    toured.tour.set_theme(LIGHT)
    toured.tour.start()
    assert toured.tour.tour.place == 0
    assert toured.tour.isVisible()


def test_about_says_what_it_is_not_for_and_copies_diagnostics(qtbot):
    window = AboutWindow(DARK)
    qtbot.addWidget(window.widget)
    window.open_about()
    texts = " ".join(label.text() for label in window.widget.findChildren(QLabel))
    assert "Not for patient care" in texts
    assert "not whether pain is relieved" in texts
    copy = next(b for b in window.widget.findChildren(QPushButton) if b.text() == "Copy diagnostics")
    QTest.keyClick(copy, KEY.Key_Space)
    copied = QGuiApplication.clipboard().text()
    assert "PySide6" in copied
    assert "Python" in copied


def test_where_a_number_comes_from_is_one_call_away(qtbot):
    window = AboutWindow(LIGHT)
    qtbot.addWidget(window.widget)
    assert window.open_source("populations:dorsal_column.large")
    assert window.tabs.currentIndex() == 1
    assert "Feirabend" in window.sources.detail.toPlainText()
    QTest.keyClicks(window.sources.search, "FE02")
    assert 0 < window.sources.model.rowCount() < len(source_rows())
    window.sources.status.setCurrentIndex(1)
    assert {row.status for row in window.sources.model.rows} == {"published"}
    assert not window.open_source("nonsense")
    assert window.sources.model.rowCount() == len(source_rows())
    window.set_theme(DARK)


def test_preferences_are_seen_at_once_kept_or_put_back(qtbot):
    previews, kept = [], []
    before = Preferences(seen_tour=True, theme="dark")
    window = PreferencesWindow(before, previews.append, kept.append)
    qtbot.addWidget(window.widget)
    window.open()
    assert previews == [], "showing them changes nothing"
    QTest.keyClick(window.theme, KEY.Key_Down)
    assert previews[-1] == replace(before, theme="light")
    QTest.keyClick(window.text_slider, KEY.Key_Right)
    assert previews[-1].text_percent == 110
    assert window.text.value() == 110
    QTest.keyClick(window.flags["count_from_zero"], KEY.Key_Space)
    assert previews[-1].count_from_zero
    QTest.keyClick(window.widget, KEY.Key_Escape)
    assert previews[-1] == before
    assert kept == []


def test_preferences_are_kept_with_ok_and_defaults_leave_the_tour_seen(qtbot):
    previews, kept = [], []
    window = PreferencesWindow(Preferences("dark", 150, "analysis", True), previews.append, kept.append)
    qtbot.addWidget(window.widget)
    window.open()
    restore = window.buttons.button(window.buttons.StandardButton.RestoreDefaults)
    QTest.keyClick(restore, KEY.Key_Space)
    assert previews[-1] == Preferences(seen_tour=True)
    QTest.keyClick(window.buttons.button(window.buttons.StandardButton.Ok), KEY.Key_Space)
    assert kept == [Preferences(seen_tour=True)]


def test_everything_that_takes_the_focus_has_a_name(qtbot, chooser):
    about, help_window = AboutWindow(DARK), HelpWindow(PANELS, DARK)
    preferences = PreferencesWindow(Preferences(), lambda p: None, lambda p: None)
    about.open_source()
    help_window.open()
    for window in (about, help_window, preferences):
        qtbot.addWidget(window.widget)
    preferences.open()
    chooser.open()
    for window in (about, help_window, preferences, chooser):
        assert unnamed(window.widget) == []


def test_scroll_areas_do_not_scroll_sideways(qtbot, chooser):
    window = HelpWindow(PANELS, DARK)
    qtbot.addWidget(window.widget)
    window.open()
    chooser.open()
    QApplication.processEvents()
    for area in (window.list, window.page, chooser.cards.widget):
        assert isinstance(area, QAbstractScrollArea)
        assert area.horizontalScrollBar().maximum() == 0


def test_reduced_motion_reaches_docks_and_menus(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    before = QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu)
    set_motion(window, True)
    assert not window.isAnimated()
    assert not QApplication.isEffectEnabled(Qt.UIEffect.UI_AnimateMenu)
    set_motion(window, False)
    assert window.isAnimated()
    QApplication.setEffectEnabled(Qt.UIEffect.UI_AnimateMenu, before)
