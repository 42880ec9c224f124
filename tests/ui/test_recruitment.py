"""The recruitment panel: the cursor is dragged in one step, amplitudes rebuild nothing, labels stay apart, keys."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from scs_sim.case import builtin_case
from scs_ui.history import History
from scs_ui.state.actions.stimulation import set_amplitude, set_pulse_width
from scs_ui.state.live import Live
from scs_ui.state.session import session_of
from scs_ui.state.store import Store
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.recruitment import RecruitmentPanel


class Desk:
    """A store with a live engine that answers at once, and one panel on it."""

    def __init__(self, qtbot: QtBot, make=RecruitmentPanel) -> None:
        self.live, self.store = Live(), Store(session_of(builtin_case("foot")))
        self.history = History(self.store)
        self.store.subscribe(self._heard)
        self._heard("session")
        self.panel = make(self.store, DARK)
        qtbot.addWidget(self.panel.widget)
        self.panel.widget.resize(420, 320)
        self.panel.widget.show()
        self.paint()

    def _heard(self, topic: str) -> None:
        if topic == "session":
            session = self.store.session
            while (request := self.live.wanted(session)) is not None:
                self.live.accept(request, request(lambda fraction, what: None))
            self.store.show_frame(self.live.frame(session))

    def paint(self) -> None:
        self.panel.show(self.store.moment())


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def send(viewport, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
    event = QMouseEvent(
        kind, QPointF(at), QPointF(viewport.mapToGlobal(at)), button, buttons, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(viewport, event)


def send_click(desk: Desk, amplitude_ma: float) -> None:
    QTest.mouseClick(desk.panel._plot.viewport(), Qt.MouseButton.LeftButton, pos=where(desk, amplitude_ma))
    desk.paint()


def where(desk: Desk, amplitude_ma: float):
    plot = desk.panel._plot
    box = plot.getPlotItem().getViewBox()
    middle = box.sceneBoundingRect().center().y()
    scene = QPointF(box.mapViewToScene(QPointF(amplitude_ma, 0.0)).x(), middle)
    return plot.mapFromScene(scene)


def test_300_amplitudes_rebuild_no_curve(desk: Desk):
    before = desk.panel.rebuilds
    for step in range(300):
        desk.store.act("Amplitude", lambda s, step=step: set_amplitude(s, 0.5 + (step % 20) / 10.0), merge="amplitude")
        desk.paint()
    assert desk.panel.rebuilds == before
    assert desk.panel.cursor_ma == desk.store.session.draft.amplitude_ma
    desk.store.act("Pulse width", lambda s: set_pulse_width(s, 400.0))
    desk.paint()
    assert desk.panel.rebuilds == before + 1


def test_a_drag_of_the_cursor_is_one_step(desk: Desk, qtbot: QtBot):
    desk.store.act("Amplitude", lambda s: set_amplitude(s, 1.0))
    desk.paint()
    steps, viewport = desk.history.stack.count(), desk.panel._plot.viewport()
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    send(viewport, QEvent.Type.MouseMove, where(desk, 1.0), none, none)
    send(viewport, QEvent.Type.MouseButtonPress, where(desk, 1.0), left, left)
    for amplitude_ma in (1.1, 1.2, 1.3, 1.4):
        qtbot.wait(15)  # pyqtgraph takes so many moves a second
        send(viewport, QEvent.Type.MouseMove, where(desk, amplitude_ma), none, left)
        desk.paint()
    send(viewport, QEvent.Type.MouseButtonRelease, where(desk, 1.4), left, none)
    desk.paint()
    assert desk.store.session.draft.amplitude_ma == pytest.approx(1.4, abs=0.051)
    assert desk.history.stack.count() == steps + 1
    desk.history.undo()
    assert desk.store.session.draft.amplitude_ma == 1.0


def test_a_click_sets_the_amplitude_and_a_double_click_fits_without_changing_it(desk: Desk):
    viewport = desk.panel._plot.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=where(desk, 1.2))
    desk.paint()
    assert desk.store.session.draft.amplitude_ma == pytest.approx(1.2, abs=0.051)
    kept = desk.store.session.draft.amplitude_ma
    box = desk.panel._plot.getPlotItem().getViewBox()
    fitted = box.viewRange()[0]
    box.setXRange(0.5, 1.5, padding=0.0)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
        send(viewport, kind, where(desk, 0.7), left, left)
        send(viewport, QEvent.Type.MouseButtonRelease, where(desk, 0.7), left, none)
        desk.paint()
    assert box.viewRange()[0] == pytest.approx(fitted)
    assert desk.store.session.draft.amplitude_ma == kept


def test_every_click_is_a_step_of_its_own(desk: Desk):
    steps = desk.history.stack.count()
    for amplitude_ma in (1.2, 0.8):
        send_click(desk, amplitude_ma)
    assert desk.history.stack.count() == steps + 2
    desk.history.undo()
    assert desk.store.session.draft.amplitude_ma == pytest.approx(1.2, abs=0.051)


def test_keys_step_the_amplitude(desk: Desk):
    desk.store.act("Amplitude", lambda s: set_amplitude(s, 1.0))
    desk.paint()
    for key, expected in ((Qt.Key.Key_Right, 1.1), (Qt.Key.Key_Left, 1.0), (Qt.Key.Key_PageUp, 1.5)):
        QTest.keyClick(desk.panel._plot, key)
        desk.paint()
        assert desk.store.session.draft.amplitude_ma == pytest.approx(expected)


def test_keys_zoom_about_the_cursor_and_fit(desk: Desk):
    box = desk.panel._plot.getPlotItem().getViewBox()
    fitted = box.viewRange()[0]
    QTest.keyClick(desk.panel._plot, Qt.Key.Key_Plus)
    left, right = box.viewRange()[0]
    assert left < desk.panel.cursor_ma < right
    assert right - left == pytest.approx(0.8 * (fitted[1] - fitted[0]))
    QTest.keyClick(desk.panel._plot, Qt.Key.Key_F)
    assert box.viewRange()[0] == pytest.approx(fitted)


@pytest.mark.parametrize("size", [(300, 240), (420, 320), (700, 500)])
def test_labels_do_not_overlap(desk: Desk, size: tuple[int, int], qtbot: QtBot):
    desk.panel.widget.resize(*size)
    qtbot.wait(20)
    ends = sorted(desk.panel._ends.places_px)
    high = desk.panel._ends.fontMetrics().height()
    assert len(ends) == 6
    assert all(after - before >= high - 0.01 for before, after in itertools.pairwise(ends))
    assert ends[0] - high / 2 >= 0
    assert ends[-1] + high / 2 <= desk.panel._ends.height() + 1
    assert len(desk.panel._tops.places_px) == 4


def test_theme_unit_and_choice(desk: Desk):
    desk.panel.set_theme(LIGHT)
    desk.store.look(curves_unit="fibres")
    desk.paint()
    assert desk.panel._unit_buttons["fibres"].isChecked()
    desk.panel._chooser.fill()
    desk.panel._chooser.choose("DC right L2", True)
    desk.paint()
    assert "DC right L2" in desk.store.view.curves
    assert "right L2" in desk.panel._readout.text.replace("\N{NO-BREAK SPACE}", " ")
