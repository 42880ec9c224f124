"""The strip by mouse and keyboard: one drag one step, typing, locks, STOP; handle and marks at the same pixel."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from scs_sim.program import parse_contacts
from scs_ui.state.actions import stimulation
from scs_ui.state.dials import Dials
from scs_ui.state.live import Live
from scs_ui.state.looks.ruler import RulerFace, RulerLook, RulerMark, linear_scale, linear_ticks
from scs_ui.state.store import Change, Store
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.ruler import ThresholdRuler
from scs_ui.widgets.stimulation import StimulationPanel

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def live() -> Live:
    """Return one engine for all tests of this file: a placement is computed once."""
    return Live()


class Strip:
    """The panel on a store that records its changes, painted again after each."""

    def __init__(self, store: Store, live: Live, qtbot) -> None:
        self.store, self._live = store, live
        self.changes: list[Change] = []
        store.replace(stimulation.set_amplitude(store.session, 2.0))
        self.panel = StimulationPanel(store, DARK)
        qtbot.addWidget(self.panel.widget)
        self.panel.widget.resize(1366, 200)
        self.panel.widget.show()
        self.refresh()
        store.recorder = self._record
        store.subscribe(lambda topic: self.refresh() if topic in ("session", "view") else None)

    def refresh(self) -> None:
        while (request := self._live.wanted(self.store.session)) is not None:
            self._live.accept(request, request(lambda fraction, what: None))
        self.store.show_frame(self._live.frame(self.store.session))
        self.panel.show(self.store.moment())

    def _record(self, change: Change) -> None:
        self.changes.append(change)
        self.store.replace(change.after)

    @property
    def steps(self) -> int:
        """Return how many steps of undo the changes make."""
        merges = [change.merge for change in self.changes]
        return sum(1 for place, merge in enumerate(merges) if not merge or place == 0 or merges[place - 1] != merge)

    @property
    def amplitude_ma(self) -> float | None:
        return self.store.session.draft.amplitude_ma


@pytest.fixture
def strip(store, live, qtbot) -> Strip:
    return Strip(store, live, qtbot)


def drag(qtbot, ruler: ThresholdRuler, values: list[float]) -> None:
    places = [QPoint(round(ruler.value_px(value)), ruler.height() // 2) for value in values]
    qtbot.mousePress(ruler, LEFT, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(ruler, place)
    qtbot.mouseRelease(ruler, LEFT, pos=places[-1])


def test_a_drag_is_one_step_and_the_next_another(strip, qtbot):
    ruler = strip.panel.amplitude.ruler
    drag(qtbot, ruler, [2.0, 2.2, 2.4, 2.7, 2.6])
    assert strip.amplitude_ma == 2.6
    assert strip.steps == 1
    drag(qtbot, ruler, [2.6, 2.3])
    assert strip.amplitude_ma == 2.3
    assert strip.steps == 2


def test_a_click_on_the_groove_sends_the_handle_there(strip, qtbot):
    ruler = strip.panel.amplitude.ruler
    drag(qtbot, ruler, [3.5])
    assert strip.amplitude_ma == 3.5


def test_typing_counts_at_once_and_is_one_step(strip, qtbot):
    box = strip.panel.amplitude.box
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "3")
    assert strip.amplitude_ma == 3.0
    qtbot.keyClicks(box, ".4")
    assert strip.amplitude_ma == 3.4
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert strip.steps == 1
    assert box.text() == "3.4 mA"
    box.selectAll()
    qtbot.keyClicks(box, "1.25")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert strip.amplitude_ma == 1.25
    assert strip.steps == 2
    assert box.text() == "1.25 mA"


def test_a_step_after_typing_shows_in_the_box(strip, qtbot):
    box = strip.panel.amplitude.box
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "3")
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert strip.amplitude_ma == 3.1
    assert box.text() == "3.1 mA"
    assert strip.steps == 2


def test_a_rate_that_does_not_fit_is_told_and_the_box_goes_back(strip, qtbot):
    box = strip.panel.rate.box
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "1000")
    assert strip.store.session.draft.rate_hz == 100.0
    assert "lower the pulse width or the rate" in strip.store.moment().message.text
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.text() == "100 Hz"


@pytest.mark.parametrize(
    ("key", "expected_ma"),
    [
        (Qt.Key.Key_Right, 2.1),
        (Qt.Key.Key_Up, 2.1),
        (Qt.Key.Key_Left, 1.9),
        (Qt.Key.Key_Down, 1.9),
        (Qt.Key.Key_PageUp, 2.5),
        (Qt.Key.Key_PageDown, 1.5),
        (Qt.Key.Key_Home, 0.0),
    ],
)
def test_keys_of_the_ruler_and_of_the_box_agree(strip, qtbot, key, expected_ma):
    qtbot.keyClick(strip.panel.amplitude.ruler, key)
    assert strip.amplitude_ma == expected_ma
    if key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
        strip.store.replace(stimulation.set_amplitude(strip.store.session, 2.0))
        qtbot.keyClick(strip.panel.amplitude.box, key)
        assert strip.amplitude_ma == expected_ma


def test_end_stops_at_the_end_of_the_scale_or_the_limit(strip, qtbot):
    ruler = strip.panel.amplitude.ruler
    qtbot.keyClick(ruler, Qt.Key.Key_End)
    limit = min(mark.value for mark in strip.panel.amplitude.ruler._face.marks if mark.kind == "limit")
    assert strip.amplitude_ma <= limit
    assert strip.amplitude_ma >= limit - 0.1
    assert "Held at" in strip.store.moment().message.text


def test_the_wheel_steps_and_a_pause_ends_the_row(strip, qtbot):
    ruler = strip.panel.amplitude.ruler
    middle = QPointF(ruler.rect().center())
    for _ in range(3):
        event = QWheelEvent(
            middle, ruler.mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QGuiApplication.sendEvent(ruler, event)
    assert strip.amplitude_ma == 2.3
    assert strip.steps == 1
    assert strip.panel._rest.isActive()
    strip.panel._rest.timeout.emit()
    Dials(strip.store).step_amplitude(1)  # as a shortcut does
    assert strip.steps == 2
    assert strip.panel._rest.isActive()


def test_double_click_goes_to_comfort_and_backspace_too(strip, qtbot):
    comfort = round(strip.store.frame.solo.thresholds.comfort_ma, 2)
    ruler = strip.panel.amplitude.ruler
    qtbot.keyClick(ruler, Qt.Key.Key_Backspace)
    assert strip.amplitude_ma == comfort
    strip.panel.pulse_width.ruler.default_asked.emit()
    strip.store.replace(stimulation.set_amplitude(strip.store.session, 1.0))
    qtbot.mouseDClick(ruler, LEFT, pos=QPoint(30, ruler.height() // 2))
    assert strip.amplitude_ma == comfort


def test_a_locked_dial_stands_still_but_stop_works(strip, qtbot):
    ruler = strip.panel.amplitude.ruler
    qtbot.keyClick(ruler, Qt.Key.Key_L)
    assert strip.panel.amplitude.lock.isChecked()
    drag(qtbot, ruler, [2.0, 3.0])
    qtbot.keyClick(ruler, Qt.Key.Key_Right)
    assert strip.amplitude_ma == 2.0
    assert strip.panel.amplitude.box.isReadOnly()
    qtbot.mouseClick(strip.panel.stop, LEFT)
    assert strip.amplitude_ma == 0.0
    qtbot.mouseClick(strip.panel.amplitude.lock, LEFT)
    qtbot.keyClick(ruler, Qt.Key.Key_Right)
    assert strip.amplitude_ma == 0.1


def test_steering_keeps_the_amplitude_and_equalise_shares(strip, qtbot):
    before = strip.store.session.draft
    down = next(b for b in strip.panel.pad.widget.findChildren(QAbstractButton) if b.accessibleName() == "Steer down")
    qtbot.mouseClick(down, LEFT)
    after = strip.store.session.draft
    assert after.shares != before.shares
    assert after.amplitude_ma == before.amplitude_ma
    # A tenth of each goes one contact down: 1.3 -90, 1.4 -10 +90, 1.5 +10, of which 90 are anodic.
    signed = {share.name: share.sign * share.percent for share in after.shares}
    assert signed == {"1.3": -100, "1.4": 89, "1.5": 11}
    equalise = next(b for b in strip.panel.pad.widget.findChildren(QAbstractButton) if b.text() == "Equalise")
    qtbot.mouseClick(equalise, LEFT)
    assert [share.percent for share in strip.store.session.draft.shares] == [100, 50, 50]


def test_areas_are_added_chosen_switched_and_removed(strip, qtbot):
    bar = strip.panel.areas
    qtbot.mouseClick(bar.buttons[1], LEFT)
    assert strip.store.session.area == 1
    assert "needs contacts" in strip.panel.amplitude.under.text()
    assert not bar.buttons[3].isEnabled()
    strip.store.act("contacts", lambda s: s.with_draft(replace(s.draft, shares=parse_contacts("2.2- 2.4+"))))
    qtbot.keyClick(strip.panel.amplitude.ruler, Qt.Key.Key_PageUp)
    assert strip.store.session.program.running == (0, 1)
    qtbot.mouseClick(bar.switch, LEFT)
    assert strip.store.session.program.running == (0,)
    qtbot.mouseClick(bar.buttons[0], LEFT)
    assert strip.store.session.area == 0
    qtbot.mouseClick(bar.buttons[1], LEFT)
    qtbot.mouseClick(bar.bin, LEFT)
    assert len(strip.store.session.program.areas) == 1


def test_what_is_spoken_changes_with_the_amplitude(strip, qtbot):
    thresholds = strip.store.frame.solo.thresholds
    assert thresholds.pt_ma < 2.0 < thresholds.comfort_ma
    ruler = strip.panel.amplitude.ruler
    assert ruler.accessibleName() == "Amplitude 2 mA, between perception threshold and comfort level"
    strip.store.replace(stimulation.set_amplitude(strip.store.session, 1.0))
    assert ruler.accessibleName() == "Amplitude 1 mA, below the perception threshold"
    assert "pain covered" in strip.panel.spoken.accessibleName()


def test_everything_that_takes_the_focus_has_a_name_a_tooltip_and_room(strip):
    widgets = [
        widget
        for widget in strip.panel.widget.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisibleTo(strip.panel.widget)
    ]
    assert len(widgets) > 25
    for widget in widgets:
        if widget.objectName() == "qt_spinbox_lineedit":
            continue
        name = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        assert name, widget
        assert widget.toolTip(), name
        assert widget.height() >= 24, name
        assert widget.width() >= 24, name


def test_copied_settings_and_noted_ones(strip, qtbot):
    strip.panel.copy_settings()
    assert "2.00 mA" in QGuiApplication.clipboard().text()
    strip.panel._note_setting()
    assert strip.store.session.tested[-1].amplitude_ma == 2.0
    strip.panel._save_program()
    assert len(strip.store.session.programs) == 2


def test_an_amplitude_step_paints_no_face_anew(strip, qtbot):
    ruler = strip.panel.amplitude.ruler
    strip.panel.widget.grab()
    painted = [dial.ruler.paints_of_face for dial in (strip.panel.amplitude, strip.panel.pulse_width, strip.panel.rate)]
    for _ in range(5):
        qtbot.keyClick(ruler, Qt.Key.Key_Right)
        strip.panel.widget.grab()
    assert painted == [
        dial.ruler.paints_of_face for dial in (strip.panel.amplitude, strip.panel.pulse_width, strip.panel.rate)
    ]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("value", [1.0, 2.37, 5.5])
def test_handle_mark_and_tick_of_one_value_are_at_one_pixel(qtbot, theme, value):
    """Judged by the picture: columns with the mark's colour above the groove, and with the handle's below and above."""
    mark = RulerMark("mt", value, f"MT {value:.1f}", "")
    face = RulerFace(linear_scale(8.0), linear_ticks(8.0), (mark,))
    ruler = ThresholdRuler(theme, has_labels=True)
    qtbot.addWidget(ruler)
    ruler.resize(640, ruler.minimumSizeHint().height())
    ruler.show_look(RulerLook("Amplitude", "mA", face, None, "Amplitude"))
    alone = ruler.grab().toImage()
    ruler.show_look(RulerLook("Amplitude", "mA", face, value, "Amplitude"))
    both = ruler.grab().toImage()
    top = ruler._plan().groove_rect().top()
    row = round(top) - 2
    red = [x for x in range(640) if close(alone.pixelColor(x, row), theme.color("mt"), 60)]
    blue = [x for x in range(640) if close(both.pixelColor(x, row), theme.color("accent"), 60)]
    assert len(red) in (1, 2, 3)
    assert 8 <= len(blue) <= 14
    line, handle = sum(red) / len(red), (min(blue) + max(blue)) / 2.0
    assert line == pytest.approx(handle, abs=1.0)
    expected = 12.0 + value / 8.0 * (640.0 - 24.0)
    assert ruler.value_px(value) == pytest.approx(expected, abs=0.5)
    assert handle + 0.5 == pytest.approx(expected, abs=1.0)


def close(color, other, within: int) -> bool:
    return all(abs(a - b) <= within for a, b in zip(color.getRgb()[:3], other.getRgb()[:3], strict=True))
