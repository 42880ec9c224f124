"""The field panel: amplitudes rebuild nothing, keys and buttons, what is missing, both themes, both planes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

sys.path.insert(0, str(Path(__file__).parent / "state"))

from field_desk import FieldDesk

from scs_ui.state.actions import contacts
from scs_ui.state.actions.stimulation import set_amplitude, set_pulse_width
from scs_ui.state.moment import Busy
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.field import FieldPanel


class Desk(FieldDesk):
    """The field panel on a desk whose engine answers at once."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        self.panel = FieldPanel(self.store, DARK)
        qtbot.addWidget(self.panel.widget)
        self.panel.widget.resize(430, 400)
        self.panel.widget.show()
        self.paint()

    def act(self, action) -> None:
        super().act(action)
        self.paint()

    def paint(self) -> None:
        self.panel.show(self.store.moment())

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.panel._scene.plot, key)
        self.paint()


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def shown(desk: Desk):
    return desk.panel._look


def fired(desk: Desk) -> int:
    return desk.panel._scene.fired_count


def test_pictures_are_asked_for_once(desk: Desk):
    assert shown(desk).image is not None
    assert [request.contacts for request in desk.asked] == [("1.2", "1.3")]
    for _ in range(5):
        desk.paint()
    assert [request.contacts for request in desk.asked] == [("1.2", "1.3"), None]


def test_60_amplitudes_fill_fibres_and_rebuild_nothing(desk: Desk):
    before, counts = desk.panel.rebuilds, []
    for tenths in range(1, 61):
        desk.act(lambda session, tenths=tenths: set_amplitude(session, tenths / 10.0))
        counts.append(fired(desk))
        assert desk.panel._scale.words == ("mV", f"{tenths / 10.0:.1f} mA")
    assert desk.panel.rebuilds == before
    assert counts == sorted(counts)
    assert counts[0] == 0 < counts[-1]


def test_contacts_and_pulse_change_the_picture(desk: Desk):
    before = desk.panel.rebuilds
    desk.act(lambda session: set_pulse_width(session, 500.0))
    assert desk.panel.rebuilds == before + 1
    image = shown(desk).image
    desk.act(lambda session: contacts.set_sign(session, "1.3", -1))
    assert shown(desk).message != ""  # no anode
    desk.act(lambda session: contacts.set_sign(session, "1.3", 1))
    assert (shown(desk).image == image).all()


def test_keys_choose_kind_plane_and_level(desk: Desk):
    desk.press(Qt.Key.Key_E)
    assert desk.store.view.field_kind == "field"
    assert desk.panel._kinds["field"].isChecked()
    desk.press(Qt.Key.Key_A)
    assert shown(desk).scale.kind == "activating"
    desk.press(Qt.Key.Key_V)
    assert shown(desk).scale.kind == "potential"
    start = shown(desk).at_mm
    desk.press(Qt.Key.Key_Up)
    assert 0.0 < shown(desk).at_mm - start <= 1.5
    desk.press(Qt.Key.Key_PageDown)
    assert shown(desk).at_mm < start
    desk.press(Qt.Key.Key_Home)
    assert shown(desk).at_mm == start
    desk.press(Qt.Key.Key_S)
    assert shown(desk).plane == "sagittal"
    assert not any(button.isVisible() for button in desk.panel._level_buttons)
    assert desk.panel._scene.plot.getPlotItem().getAxis("bottom").isVisible()
    desk.press(Qt.Key.Key_S)
    assert shown(desk).plane == "cross"


def test_buttons_do_what_keys_do(desk: Desk, qtbot: QtBot):
    up, down, home = desk.panel._level_buttons
    start = shown(desk).at_mm
    for button, way in ((up, 1.0), (down, -1.0)):
        qtbot.mouseClick(home, Qt.MouseButton.LeftButton)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        desk.paint()
        assert 0.0 < way * (shown(desk).at_mm - start) <= 1.5
    qtbot.mouseClick(home, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(desk.panel._planes["sagittal"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(desk.panel._kinds["field"], Qt.MouseButton.LeftButton)
    desk.paint()
    assert (shown(desk).plane, shown(desk).scale.kind) == ("sagittal", "field")
    assert desk.store.view.field_z_mm is None


def test_a_level_that_lies_elsewhere_has_other_outlines_and_the_same_frame(desk: Desk):
    span = shown(desk).left_mm, shown(desk).right_mm
    desk.store.look(field_z_mm=30.0)
    desk.paint()
    assert shown(desk).title.startswith("T8")
    assert shown(desk).leads == ()
    assert shown(desk).right_mm - shown(desk).left_mm >= 0.9 * (span[1] - span[0])


def test_the_pointer_reads_tissue_and_value(desk: Desk):
    scene, box = desk.panel._scene, desk.panel._scene.box
    lead = shown(desk).leads[0]
    desk.panel.hover(box.mapViewToScene(QPointF(0.0, lead.y_mm - 2.4)))
    assert desk.panel._readout.text.startswith("CSF · \N{MINUS SIGN}")
    assert " mV · midline" in desk.panel._readout.text
    desk.panel.hover(box.mapViewToScene(QPointF(5.0, 0.0)))
    assert "5.0 mm right" in desk.panel._readout.text
    desk.panel.hover(None)
    assert "not relief" in desk.panel._readout.text
    assert scene.place(QPointF(-500.0, 0.0)) is None


def test_mirror_swaps_the_sides(desk: Desk):
    box = desk.panel._scene.box
    assert box.mapViewToScene(QPointF(5.0, 0.0)).x() > box.mapViewToScene(QPointF(-5.0, 0.0)).x()
    desk.store.look(mirror=True)
    desk.paint()
    assert box.mapViewToScene(QPointF(5.0, 0.0)).x() < box.mapViewToScene(QPointF(-5.0, 0.0)).x()


def test_without_pictures_the_panel_says_so_and_can_ask_again(qtbot: QtBot):
    desk = Desk.__new__(Desk)
    FieldDesk.__init__(desk)
    dropped = []
    desk.store.asker = lambda channel, question, then, **_: dropped.append(question)
    desk.panel = FieldPanel(desk.store, LIGHT)
    qtbot.addWidget(desk.panel.widget)
    desk.panel.widget.show()
    desk.store.show_busy("field", Busy("Computing the field's picture", 0.4))
    desk.paint()
    assert "picture" in desk.panel._message.text()
    assert len(dropped) == 1
    qtbot.mouseClick(desk.panel._compute, Qt.MouseButton.LeftButton)
    assert len(dropped) == 2
    desk.press(Qt.Key.Key_Up)  # nothing to move yet
    assert desk.store.view.field_z_mm is None


@pytest.mark.parametrize("plane", ["cross", "sagittal"])
def test_both_themes_paint_every_kind(desk: Desk, plane: str):
    for theme in (LIGHT, DARK):
        desk.panel.set_theme(theme)
        for kind in ("potential", "field", "activating"):
            desk.store.look(field_plane=plane, field_kind=kind)
            desk.paint()
            image = desk.panel.widget.grab().toImage()
            seen = {image.pixel(x, y) for x in range(20, 330, 7) for y in range(80, 340, 7)}
            assert len(seen) > 60


def test_every_control_has_a_name_and_room(desk: Desk):
    for child in desk.panel.widget.findChildren(QWidget):
        takes_focus = child.focusPolicy() != Qt.FocusPolicy.NoFocus and child.focusProxy() is None
        if takes_focus and child.isVisible():
            assert child.accessibleName(), child
            assert child.toolTip(), child
        if isinstance(child, QToolButton) and child.isVisible():
            assert child.height() >= 24
            assert child.width() >= 24


@pytest.mark.parametrize(("width_px", "words"), [(520, "Cross-section"), (320, "Cross")])
def test_planes_are_written_out_where_there_is_room(desk: Desk, width_px: int, words: str):
    desk.panel.widget.resize(width_px, 400)
    desk.panel.widget.layout().activate()
    button = desk.panel._planes["cross"]
    assert button.text() == words
    assert button.width() >= button.fontMetrics().horizontalAdvance(words)
    assert desk.panel.widget.minimumSizeHint().width() <= 400
