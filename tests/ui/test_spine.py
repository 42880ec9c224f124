"""Spine view and contact table under mouse and keys: what a user does becomes one undoable step, and both agree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox, QVBoxLayout, QWidget

from scs_ui import keys
from scs_ui.handlers import spine as spine_handlers
from scs_ui.state.actions import contacts, leads
from scs_ui.state.lead_room import edge_z_mm
from scs_ui.state.looks import spine_layout
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.contact_table import CURRENT, LOCK, SHARE, SIGN, ContactTablePanel
from scs_ui.widgets.spine import SpinePanel
from scs_ui.widgets.spine_menu import spine_menu


class Desk:
    """A spine view and a contact table about one store, with their keys, showing every change at once."""

    def __init__(self, store) -> None:
        self.store, self.steps = store, []
        self.spine, self.table = SpinePanel(store, DARK), ContactTablePanel(store, DARK)
        self.window = QWidget()
        column = QVBoxLayout(self.window)
        column.addWidget(self.spine.widget, 3)
        column.addWidget(self.table.widget, 1)
        self.window.resize(420, 1000)
        places = {"spine": [self.spine.widget, self.table.widget]}
        self.actions = keys.build(self.window, spine_handlers.handlers(store), places)
        store.recorder = self.record
        store.subscribe(lambda topic: self.show())
        self.window.show()
        self.show()

    def record(self, change) -> None:
        if self.steps and change.merge and self.steps[-1].merge == change.merge:
            self.steps[-1] = replace(self.steps[-1], after=change.after)
        else:
            self.steps.append(change)
        self.store.replace(change.after)

    def show(self) -> None:
        for panel in (self.spine, self.table):
            panel.show(self.store.moment())

    @property
    def canvas(self):
        return self.spine.canvas

    @property
    def draft(self):
        return self.store.session.draft

    def spot(self, name: str) -> QPoint:
        box = next(item.box for item in self.canvas.boxes if item.mark.row.name == name)
        return QPointF(*box.centre).toPoint()

    def label(self, name: str) -> QPoint:
        item = next(item for item in self.canvas.boxes if item.mark.row.name == name)
        return QPointF(*item.label.centre).toPoint()

    def drag(self, start: QPoint, *ways: tuple[int, int], modifier=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.mousePress(self.canvas, Qt.MouseButton.LeftButton, modifier, start)
        for dx, dy in ways:
            QTest.mouseMove(self.canvas, start + QPoint(dx, dy))
        QTest.mouseRelease(self.canvas, Qt.MouseButton.LeftButton, modifier, start + QPoint(*ways[-1]))


@pytest.fixture
def desk(qtbot, store):
    store.act("start", lambda s: s.with_draft(replace(s.draft, amplitude_ma=3.0)))
    made = Desk(store)
    qtbot.addWidget(made.window)
    qtbot.waitExposed(made.window)
    return made


def click(desk, name, button=Qt.MouseButton.LeftButton, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.mouseClick(desk.canvas, button, modifier, desk.spot(name))


def test_clicks_take_a_contact_through_its_signs_and_the_amplitude_to_zero(desk):
    signs = []
    for _ in range(3):
        click(desk, "1.6")
        signs.append(contacts.contacts.sign_of(desk.draft.shares, "1.6"))
    assert signs == [-1, 1, 0]
    assert desk.draft.amplitude_ma == 0.0
    assert desk.store.view.selected == "1.6"
    assert len(desk.steps) == 3


def test_the_generator_is_a_contact_too(desk):
    QTest.mouseClick(desk.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier,
                     QPointF(*desk.canvas.generator_box.centre).toPoint())  # fmt: skip
    assert desk.draft.share_of("case").sign == 1


def test_a_share_is_dragged_in_one_step_and_keeps_within_what_others_give(desk):
    desk.store.act("second", lambda s: contacts.set_sign(s, "1.2", -1))
    before = len(desk.steps)
    desk.drag(desk.label("1.3"), (0, -10), (0, -20), (0, -40))
    assert [desk.draft.share_of(name).percent for name in ("1.2", "1.3")] == [30, 70]
    desk.drag(desk.label("1.3"), (0, -400))
    assert desk.draft.share_of("1.3").percent == 99
    assert len(desk.steps) == before + 2


def test_the_wheel_over_a_share_changes_it_and_elsewhere_zooms(desk):
    desk.store.act("second", lambda s: contacts.set_sign(s, "1.2", -1))

    def wheel(at: QPoint, notches: int) -> None:
        event = QWheelEvent(
            QPointF(at), QPointF(desk.canvas.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(desk.canvas, event)

    wheel(desk.label("1.3"), 3)
    assert desk.draft.share_of("1.3").percent == 53
    scale = desk.canvas.projection.px_per_mm
    wheel(QPoint(40, 200), 1)
    assert desk.canvas.projection.px_per_mm > scale
    desk.spine.fit()
    assert desk.canvas.projection.px_per_mm == pytest.approx(scale)


def test_a_lead_is_dragged_live_in_one_step(desk):
    scale = desk.canvas.projection.px_per_mm
    before = desk.store.session.case.leads[0]
    desk.drag(desk.spot("1.7"), (-4, 10), (-8, 30), (-8, 40))
    after = desk.store.session.case.leads[0]
    assert edge_z_mm(after) == pytest.approx(edge_z_mm(before) - 40 / scale, abs=0.06)
    assert after.x_mm == pytest.approx(before.x_mm - 8 / scale, abs=0.06)
    assert len(desk.steps) == 1
    assert desk.draft.amplitude_ma == 3.0
    assert desk.steps[0].before.case.leads[0] == before


def test_alt_and_drag_turns_a_lead_about_its_tip(desk):
    scale = desk.canvas.projection.px_per_mm
    before = desk.store.session.case.leads[1]
    desk.drag(desk.spot("2.7"), (6, 0), (12, 0), modifier=Qt.KeyboardModifier.AltModifier)
    after = desk.store.session.case.leads[1]
    assert (after.x_mm, after.tip_offset_mm) == (before.x_mm, before.tip_offset_mm)
    assert after.tilt_mm == pytest.approx(12 / scale, abs=0.06)


def test_the_handle_below_a_lead_turns_it(desk):
    lead = spine_layout.handle_point(desk.canvas._look.leads[0], desk.canvas.projection)
    QTest.mouseMove(desk.canvas, desk.spot("1.8") + QPoint(0, 4))
    desk.drag(QPointF(*lead).toPoint(), (-10, 0))
    assert desk.store.session.case.leads[0].tilt_mm < 0.0


def test_dragging_the_empty_spine_pans_and_double_click_fits(desk):
    start = desk.canvas.projection
    desk.drag(QPoint(40, 200), (30, 60))
    assert desk.canvas.projection.z_mm == pytest.approx(start.z_mm + 60 / start.px_per_mm)
    QTest.mouseDClick(desk.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(40, 200))
    assert desk.canvas.projection == start
    assert not desk.steps


@pytest.mark.parametrize("where", ["canvas", "table"])
def test_everything_by_keyboard_in_either(desk, where, qtbot):
    target = desk.canvas if where == "canvas" else desk.table.table
    desk.window.activateWindow()
    target.setFocus()
    qtbot.waitUntil(target.hasFocus)
    key, mod = Qt.Key, Qt.KeyboardModifier

    def press(which, modifier=mod.NoModifier):
        QTest.keyClick(target, which, modifier)

    assert desk.store.view.selected == "1.3"
    press(key.Key_Up)
    press(key.Key_Minus)
    assert desk.draft.contacts == "1.2-50 1.3-50 1.4+100"
    press(key.Key_PageUp)
    assert desk.draft.share_of("1.2").percent == 60
    press(key.Key_Down, mod.AltModifier)
    assert desk.draft.share_of("1.2").percent == 59
    press(key.Key_L)
    assert desk.draft.locked == ("1.2",)
    press(key.Key_E)
    assert desk.draft.share_of("1.2").percent == 59
    press(key.Key_L)
    press(key.Key_E)
    assert desk.draft.share_of("1.2").percent == 50
    press(key.Key_Right)
    assert desk.store.view.selected == "2.2"
    press(key.Key_Space)
    press(key.Key_Space)
    assert desk.draft.share_of("2.2").sign == 1
    press(key.Key_0)
    press(key.Key_Down)
    press(key.Key_Plus)
    press(key.Key_E)
    assert desk.draft.contacts == "1.2-50 1.3-50 1.4+50 2.3+50"
    press(key.Key_Delete)
    press(key.Key_Up, mod.ControlModifier)
    assert desk.draft.steering.up == 1
    press(key.Key_Down, mod.ControlModifier)
    assert desk.draft.contacts == "1.2-50 1.3-50 1.4+100"
    press(key.Key_Up, mod.ShiftModifier)
    assert edge_z_mm(desk.store.session.case.leads[1]) > 32.5


def test_table_and_spine_always_agree(desk, answer):
    for action in (
        lambda s: contacts.set_sign(s, "2.5", 1),
        lambda s: contacts.steer(s, "up", 3),
        lambda s: leads.add(s, "octet-7mm"),
        lambda s: contacts.toggle_lock(contacts.set_sign(s, "3.1", -1), "3.1"),
        lambda s: leads.remove(s, 1),
    ):
        desk.store.act("change", action)
        answer(desk.store)
        drawn = {item.mark.row.name: item.mark.row for item in desk.canvas.boxes}
        drawn["case"] = desk.canvas._look.generator
        listed = {row.name: row for row in desk.table.model.rows}
        assert drawn.keys() == listed.keys()
        for name, row in drawn.items():
            twin = listed[name]
            assert (row.sign, row.percent, row.locked) == (twin.sign, twin.percent, twin.locked)
        current = desk.table.table.currentIndex().row()
        assert desk.table.model.rows[current].name == desk.store.view.selected


def test_currents_in_the_table_are_the_shares_of_the_amplitude(desk, answer):
    desk.store.act("second", lambda s: contacts.set_sign(replace(s, keep_amplitude=True), "1.2", -1))
    answer(desk.store)
    at = {row.name: index for index, row in enumerate(desk.table.model.rows)}
    says = {name: desk.table.model.index(at[name], CURRENT).data() for name in ("1.2", "1.3", "1.4", "1.5")}
    assert says == {"1.2": "1.50", "1.3": "1.50", "1.4": "3.00", "1.5": "–"}


def test_cells_are_edited_in_place(desk, qtbot):
    table, model = desk.table.table, desk.table.model

    def editor(name, column, kind):
        table.setCurrentIndex(model.index(model.row_of(name), column))
        table.edit(table.currentIndex())
        return qtbot.waitUntil(lambda: table.findChild(kind) is not None) or table.findChild(kind)

    box = editor("1.2", SIGN, QComboBox)
    box.setCurrentIndex(box.findText("Cathode"))
    box.activated.emit(box.currentIndex())
    assert desk.draft.share_of("1.2").sign == -1
    spin = editor("1.3", SHARE, QSpinBox)
    spin.setValue(80)
    QTest.keyClick(spin, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.draft.share_of("1.2").percent == 20)
    assert model.setData(model.index(model.row_of("1.2"), LOCK), 1)
    assert desk.draft.locked == ("1.2",)
    assert not model.flags(model.index(model.row_of("1.7"), SHARE)) & Qt.ItemFlag.ItemIsEditable


def test_menu_entries_do_what_they_say(desk):
    def entry(menu, *path):
        for text in path[:-1]:
            menu = next(action.menu() for action in menu.actions() if action.text() == text)
        return next(action for action in menu.actions() if action.text().split("\t")[0] == path[-1])

    def menu():
        return spine_menu(desk.store, desk.window, "1.5", 1)

    entry(menu(), "Anode (+)").trigger()
    assert desk.draft.share_of("1.5").sign == 1
    assert entry(menu(), "Anode (+)").isChecked()
    entry(menu(), "Lock share").trigger()
    assert desk.draft.locked == ("1.5",)
    entry(menu(), "Fault", "Open circuit").trigger()
    assert [fault.contact for fault in desk.store.session.case.contact_faults] == ["1.5"]
    entry(menu(), "Fault", "No fault").trigger()
    assert desk.store.session.case.contact_faults == ()
    types = next(action.menu() for action in menu().actions() if action.text() == "Lead type")
    assert sum(len(group.menu().actions()) for group in types.actions()) == 29
    entry(menu(), "Remove lead 1").trigger()
    assert len(desk.store.session.case.leads) == 1


def test_an_amplitude_neither_paints_the_spine_nor_makes_its_backdrop_anew(desk, answer):
    answer(desk.store)
    desk.canvas.make_whole()
    desk.canvas.grab()
    made, look = desk.canvas.backdrop.painted, desk.canvas._look
    for step in range(20):
        desk.store.act("louder", lambda s, step=step: s.with_draft(replace(s.draft, amplitude_ma=1.0 + step / 10)))
        answer(desk.store)
    assert desk.canvas._look is look
    desk.store.act("Cathode", lambda s: contacts.cycle(s, "1.6"))
    desk.canvas.grab()
    assert desk.canvas.backdrop.painted == made


def test_while_the_answer_is_older_its_place_stays_as_a_ghost(desk, answer):
    answer(desk.store)
    desk.store.act("move", lambda s: leads.put(s, 1, 20.0, -2.0))
    desk.store.show_frame(replace(desk.store.frame, stale=True))
    assert [ghost.number for ghost in desk.canvas._look.ghosts] == [1]
    answer(desk.store)
    assert desk.canvas._look.ghosts == ()


def test_both_themes_differ_and_paint_spine_and_leads(desk):
    images = []
    for theme in (DARK, LIGHT):
        desk.spine.set_theme(theme)
        desk.table.set_theme(theme)
        desk.canvas.make_whole()
        images.append(desk.canvas.grab().toImage())
    for image, theme in zip(images, (DARK, LIGHT), strict=True):
        spot = desk.spot("1.3") + QPoint(5, 9)
        found = image.pixelColor(spot * image.devicePixelRatio())
        wanted = theme.color("cathode")
        assert abs(found.hue() - wanted.hue()) < 12
    assert images[0].pixelColor(60, 60).lightness() < 128 < images[1].pixelColor(60, 60).lightness()


def test_every_control_has_a_name(desk):
    for widget in (desk.canvas, desk.table.table, *desk.spine._buttons.values()):
        assert widget.accessibleName()
        assert min(widget.width(), widget.height()) >= 24
