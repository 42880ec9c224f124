"""The body map's panel: painting by mouse and by keys alone, hover, layers, what is drawn anew and what is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from scs_models.percept.body_map import load_body_map
from scs_sim.answers import pain_field
from scs_sim.case import builtin_case
from scs_ui.handlers.body import handlers
from scs_ui.history import History
from scs_ui.keys import build
from scs_ui.state.session import session_of
from scs_ui.state.store import Store
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.body import BodyPanel

BODY = load_body_map()


@pytest.fixture
def store(answer):
    made = Store(session_of(builtin_case("back-and-left-leg")))
    answer(made)
    return made


@pytest.fixture
def history(store):
    return History(store)


@pytest.fixture
def panel(qtbot, store, history, answer):
    made = BodyPanel(store, DARK)
    qtbot.addWidget(made.widget)
    made.widget.resize(600, 680)
    store.subscribe(lambda topic: made.show(answer(store) if topic == "session" else store.moment()))
    made.show(store.moment())
    with qtbot.waitExposed(made.widget):
        made.widget.show()
    made.canvas.grab()
    return made


@pytest.fixture
def keys(panel, store):
    """Return the actions of the keys, which act while the panel has the focus, as in the window."""
    return build(panel.widget, handlers(store), {"body": [panel.widget]})


def at(panel, view: str, units: tuple[float, float]):
    return panel.canvas.place_of(view, units).toPoint()


def drag(canvas, points) -> None:
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        QTest.mouseMove(canvas, point)
        QTest.qWait(1)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=points[-1])


def focus(canvas) -> None:
    canvas.activateWindow()
    canvas.setFocus(Qt.FocusReason.OtherFocusReason)


def test_a_stroke_by_mouse_is_one_step_of_undo_and_paints_what_the_brush_covered(panel, store, history):
    store.look(tool="brush", brush_size=40.0, brush_score=9.0)
    before = store.session.case.pain
    start, end = (250.0, 230.0), (250.0, 310.0)
    drag(panel.canvas, [at(panel, "front", (start[0], y)) for y in np.linspace(start[1], end[1], 12)])
    assert history.stack.count() == 1
    assert history.stack.undoText() == "Paint pain 9"
    found = pain_field(store.session.case.pain)
    new = found.painful * found.hurts * found.area - pain_field(before).painful * found.area
    wanted = (np.pi * 20.0**2 + 80.0 * 40.0) * BODY.mm_per_unit**2
    assert float(new.sum()) == pytest.approx(wanted, rel=0.04)  # the mouse goes in whole pixels
    history.undo()
    assert store.session.case.pain == before
    history.redo()
    assert store.session.case.pain != before


def test_the_eraser_and_the_region_tool_by_mouse(panel, store, history):
    store.look(tool="region", brush_score=3.0)
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=at(panel, "front", (250.0, 260.0)))
    region = BODY.region_at((250.0, 260.0))
    assert store.session.case.pain.scores[region] == 3.0
    store.look(tool="eraser", brush_size=160.0)
    place = at(panel, "front", (250.0, 260.0))
    drag(panel.canvas, [place, place + at(panel, "front", (270.0, 260.0)) - place])
    assert region not in store.session.case.pain.scores
    assert history.stack.count() == 2


def test_a_polygon_by_clicks_and_by_one_drag(panel, store, history):
    store.look(tool="polygon", brush_score=5.0)
    corners = [(230.0, 230.0), (270.0, 230.0), (270.0, 300.0)]
    for corner in corners:
        QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=at(panel, "front", corner))
    assert history.stack.count() == 0
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, pos=at(panel, "front", corners[0]))
    assert history.stack.count() == 1
    patch = store.session.case.pain.polygons[-1]
    x, y = np.array(patch.points).T
    area = abs(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    assert area == pytest.approx(0.5 * 40.0 * 70.0, rel=0.1)
    ring = [(870.0 + 30 * np.cos(a), 300.0 + 30 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 40)]
    drag(panel.canvas, [at(panel, "back", point) for point in ring])
    assert history.stack.count() == 2
    assert store.session.case.pain.polygons[-1].view == "back"


def test_painting_with_the_keyboard_alone(panel, store, history, keys, qtbot):
    canvas = panel.canvas
    focus(canvas)
    qtbot.waitUntil(canvas.hasFocus)
    QTest.keyClick(canvas, Qt.Key.Key_R)
    assert store.view.tool == "region"
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    first = canvas.ring
    assert first
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.ring != first
    QTest.keyClick(canvas, "4")
    assert store.view.brush_score == 4.0
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert store.session.case.pain.scores[canvas.ring] == 4.0
    assert "pain 4 of 10" in panel._numbers.text()
    QTest.keyClick(canvas, Qt.Key.Key_B)
    size = store.view.brush_size
    QTest.keyClick(canvas, Qt.Key.Key_BracketRight)
    assert store.view.brush_size > size
    QTest.keyClick(canvas, "8")
    shift = Qt.KeyboardModifier.ShiftModifier
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Space):
        QTest.keyClick(canvas, key, shift)
    assert history.stack.count() == 2
    QTest.keyClick(canvas, Qt.Key.Key_G)
    QTest.keyClick(canvas, "2")
    for key in (Qt.Key.Key_Space, *[Qt.Key.Key_Right] * 4, Qt.Key.Key_Space, *[Qt.Key.Key_Down] * 4, Qt.Key.Key_Space):
        QTest.keyClick(canvas, key, shift)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert history.stack.count() == 3
    QTest.keyClick(canvas, Qt.Key.Key_X)
    QTest.keyClick(canvas, Qt.Key.Key_X)
    assert store.view.tool == "none"
    QTest.keyClick(canvas, Qt.Key.Key_P)
    QTest.keyClick(canvas, Qt.Key.Key_O)
    assert not store.view.layers & {"pain", "paresthesia", "roots"}


def test_tab_goes_through_the_views_and_then_leaves(panel, qtbot):
    canvas = panel.canvas
    focus(canvas)
    qtbot.waitUntil(canvas.hasFocus)
    canvas.put_ring("left_low_back")
    QTest.keyClick(canvas, Qt.Key.Key_Tab)
    assert BODY.region(canvas.ring).view == "sole"
    assert canvas.hasFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Tab)
    assert not canvas.hasFocus()


def test_the_region_under_the_pointer_is_told_and_the_pixel_has_its_colour(panel, store):
    region = "left_calf_lateral"
    place = at(panel, "back", tuple(np.mean(np.concatenate(BODY.region(region).polygons), axis=0)))
    assert panel.canvas.region_at(QPointF(place)) == region
    QTest.mouseMove(panel.canvas, place)
    assert "Left outer calf" in panel._numbers.text()
    store.look(layers=frozenset({"paresthesia"}))
    QTest.mouseMove(panel.canvas, at(panel, "back", (1060.0, 60.0)))
    share = next(r.dc_intensity for r in store.frame.result.regions if r.id == region)
    wanted = DARK.picture.felt(share)
    seen = QColor(panel.canvas.grab().toImage().pixel(place))
    # shading darkens or lightens by a quarter at most; the hue is the ramp's
    assert abs(seen.hueF() - QColor(*wanted).hueF()) < 0.05
    assert abs(seen.lightnessF() - QColor(*wanted).lightnessF()) < 0.2


def test_an_amplitude_draws_nothing_anew(panel, store, answer):
    panel.canvas.grab()
    before = panel.canvas.drawn_count
    for amplitude in (1.5, 2.0, 2.5, 3.0):
        store.replace(store.session.with_draft(replace(store.session.draft, amplitude_ma=amplitude)))
        panel.canvas.grab()
    assert panel.canvas.drawn_count == before
    panel.set_theme(LIGHT)
    panel.canvas.grab()
    assert panel.canvas.drawn_count == before + 1
    store.look(mirror=True)
    panel.canvas.grab()
    assert panel.canvas.drawn_count == before + 2


def test_a_program_compared_has_a_map_of_its_own(panel, store):
    session = store.session
    store.replace(replace(session, programs=(*session.programs, session.programs[0]), compared=1))
    assert panel._other is not None
    assert panel._other.isVisible()
    assert panel._headings[1].text().startswith("B")
    store.replace(session)
    assert not panel._other.isVisible()
    assert not panel._headings[0].isVisible()


def test_tools_change_the_view_and_everything_that_takes_the_focus_has_a_name(panel, store, qtbot):
    tools = panel.tools.widget
    assert not panel.tools._dials.isVisible()
    tools.findChild(QWidget, "pain.brush").click()
    assert store.view.tool == "brush"
    assert panel.tools._dials.isVisible()
    panel.tools._score.setValue(2)
    assert store.view.brush_score == 2.0
    panel.tools._size.setValue(0)
    assert store.view.brush_size == pytest.approx(4.0)
    for widget in panel.widget.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not widget.objectName().startswith("qt_"):
            assert widget.accessibleName(), widget
            if widget.isVisible():
                assert widget.height() >= 24, widget


def test_the_copy_menu_copies_choir_segments(panel, store, qtbot):
    from PySide6.QtGui import QGuiApplication

    panel.tools._more.menu().actions()[0].trigger()
    assert BODY.region("left_low_back").choir in QGuiApplication.clipboard().text()


def test_tools_and_two_maps_stand_where_the_figures_are_largest(panel, store, qtbot):
    session = store.session
    store.replace(replace(session, programs=(*session.programs, session.programs[0]), compared=1))
    store.look(tool="brush")
    for wide, high, upright, beside in ((640, 430, True, True), (600, 680, False, True), (320, 900, False, False)):
        panel.widget.resize(wide, high)
        qtbot.wait(1)
        tools, maps = panel.tools.widget.geometry(), panel.canvas.geometry()
        assert (tools.right() < maps.left()) == upright
        assert (panel._other.x() > panel.canvas.x()) == beside
        assert (panel.widget.width(), panel.widget.height()) == (wide, high)  # nothing forces it wider
        assert not panel.tools._score.geometry().intersects(panel.tools._size.geometry())
        for button in panel.tools._tools.values():
            assert button.width() >= 24


def test_escape_drops_an_outline_in_hand_and_keeps_stimulation(panel, store, qtbot):
    store.look(tool="polygon")
    panel.show(store.moment())
    canvas = panel.canvas
    before = store.session
    canvas.setFocus()
    canvas._hand.begin(canvas._drawing().layout, QPointF(canvas.width() * 0.25, canvas.height() * 0.4))
    assert canvas._hand.is_drawing
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas._hand.is_drawing
    assert store.session is before
