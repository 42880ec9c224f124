"""The coverage panel: figures by mouse and by key, sources, population, and how little an amplitude touches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from scs_sim.case import builtin_case
from scs_sim.population import FIGURES, Band, PopulationResult
from scs_ui.state.session import session_of
from scs_ui.state.store import Store
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets.coverage import CoveragePanel


@pytest.fixture
def store(answer):
    made = Store(session_of(builtin_case("back-and-left-leg")))
    answer(made)
    return made


@pytest.fixture
def panel(qtbot, store, answer):
    made = CoveragePanel(store, DARK)
    qtbot.addWidget(made.widget)
    made.widget.resize(600, 260)
    store.subscribe(lambda topic: made.show(answer(store) if topic == "session" else store.moment()))
    made.show(store.moment())
    with qtbot.waitExposed(made.widget):
        made.widget.show()
    return made


def answered(case) -> PopulationResult:
    """Return an answer as if 20 patients had been asked."""
    bands = tuple(Band(name, 10.0, 50.0, 90.0, 20) for name in FIGURES)
    return PopulationResult(
        case.id, case.title, "1.3- 1.4+", case.posture, "", 20, 20, 0, (), None, "comfort", bands, (), 80.0, 40.0, 0,
        (), np.zeros((20, len(FIGURES))),
    )  # fmt: skip


def tile(panel, name: str) -> QWidget:
    return panel.widget.findChild(QWidget, f"figure.{name}")


def louder(store, amplitude_ma: float) -> None:
    store.replace(store.session.with_draft(replace(store.session.draft, amplitude_ma=amplitude_ma)))


def test_figures_follow_the_amplitude_and_are_spoken(panel, store):
    louder(store, 3.2)
    found = store.frame.result.coverage
    assert tile(panel, "covered").accessibleName().startswith(f"Pain covered: {found.pain_covered_percent:.0f} %")
    louder(store, 0.5)
    assert "Pain covered: 0 %" in tile(panel, "covered").accessibleName()


def test_a_figure_that_stays_is_not_painted_again(panel, store, qtbot, monkeypatch):
    louder(store, 2.4)
    painted = []
    for item in panel._tiles:
        monkeypatch.setattr(item, "update", lambda item=item: painted.append(item.look.id))
    panel.show(store.moment())
    assert painted == []
    louder(store, 2.45)
    assert 0 < len(painted) <= 6


def test_where_a_figure_comes_from_opens_by_key_and_by_click_and_links_go_on(panel, store, qtbot):
    asked: list[str] = []
    for open_it in (
        lambda: QTest.keyClick(tile(panel, "covered"), Qt.Key.Key_Return),
        lambda: QTest.mouseClick(tile(panel, "covered"), Qt.MouseButton.LeftButton),
    ):
        open_it()
        assert panel._popup.isVisible()
        assert "NORTH06" in panel._popup.label.text()
        assert "look up" not in panel._popup.label.text()
        QTest.keyClick(panel._popup, Qt.Key.Key_Escape)
    panel.on_source = asked.append
    QTest.keyClick(tile(panel, "worst"), Qt.Key.Key_Space)
    assert "look up" in panel._popup.label.text()
    panel._popup.label.linkActivated.emit("NORTH06")
    assert asked == ["NORTH06"]


def test_the_population_is_asked_for_and_dropped_when_the_session_has_moved_on(panel, store):
    asked = []
    store.asker = lambda channel, question, then, **rest: asked.append((channel, question, then, rest))
    panel._ask.click()
    (channel, question, then, rest) = asked[0]
    assert channel == "population"
    assert "patients" in rest["label"]
    assert (question.case, question.program) == (store.session.case, store.session.program.program())
    small = answered(question.case)
    then(small)
    assert store.moment().population is small
    assert "patients" in panel._population.text()
    store.show_population(None)
    louder(store, 3.0)
    then(small)
    assert store.moment().population is None


def test_figures_stand_side_by_side_as_the_width_allows(panel, qtbot):
    for wide, least in ((200, 1), (300, 2), (420, 2), (600, 3), (1500, 6)):
        panel.widget.resize(wide, 400)
        qtbot.wait(1)
        first = {item.y() for item in panel._tiles}
        assert len(first) == 6 // least
        for item in panel._tiles:
            assert item.width() >= item.least_width(wide == 300)
            assert item.height() >= item.sizeHint().height()


def test_everything_that_takes_the_focus_has_a_name_and_both_themes_show(panel):
    for theme in (LIGHT, DARK):
        panel.set_theme(theme)
        assert not panel.widget.grab().isNull()
    for widget in panel.widget.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            assert widget.accessibleName(), widget
            assert widget.height() >= 24 or not widget.isVisible()
