"""The look of the search panel: words for every state, cards that say what the engine says, the plot's places."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from search_desk import CASE, invented

from scs_sim.case import builtin_case
from scs_sim.objective import builtin_objective, figures_of
from scs_ui.state.actions import search as actions
from scs_ui.state.actions import stimulation
from scs_ui.state.looks import search as looks
from scs_ui.state.looks.search_plot import (
    DEFAULT_AXES,
    apart,
    axis_choices,
    current_figures,
    current_mark,
    nearest,
    plot_look,
)
from scs_ui.state.moment import Moment
from scs_ui.state.search import Run, SearchSpec, Step, selectable, step_of
from scs_ui.state.session import Session, session_of
from scs_ui.state.view import View


@pytest.fixture
def session() -> Session:
    return session_of(builtin_case(CASE))


def run_of(session: Session, **fields) -> Run:
    return Run(1, "finished", session.case, session.profile, SearchSpec(), 10.0, 14.5, **fields)


def test_where_there_is_nothing_to_search_the_panel_says_why(session):
    assert looks.refusal(session) == ""
    infected = replace(session, case=replace(session.case, patient=replace(session.case.patient, infection=True)))
    free = session.with_draft(replace(session.draft, rate_hz=10000.0, pulse_width_us=30.0, waveform="monophasic"))
    assert "infection" in looks.refusal(infected)
    assert "10000 Hz is a paresthesia-free mode" in looks.refusal(free)
    for refused in (infected, free):
        assert looks.message(Run(), refused) == looks.refusal(refused)
        assert looks.notice(run_of(session, result=invented(2)), refused, SearchSpec()) == looks.refusal(refused)


def test_every_state_has_words(session):
    said = {
        looks.message(Run(), session),
        looks.message(Run(1, "running", session.case), session),
        looks.message(Run(1, "stopped", session.case), session),
        looks.message(Run(1, "failed", error="every contact is open"), session),
        looks.message(run_of(session, result=replace(invented(2), suggestions=(), front=())), session),
    }
    assert len(said) == 5
    assert "" not in said
    assert "Every contact is open" in said
    assert looks.message(run_of(session, result=invented(2)), session) == ""


def test_progress_tells_stage_time_and_counts(session):
    assert looks.progress_look(Run()).share is None
    running = Run(1, "running", session.case, began_s=0.0, result=invented(1), step=step_of(invented(1)))
    look = looks.progress_look(running)
    assert look.share == pytest.approx(0.3)
    assert look.words.startswith("Refining · ")
    assert look.words.endswith("1\N{NARROW NO-BREAK SPACE}234 screened")
    building = looks.progress_look(Run(1, "running", step=Step("1 of 4 kernels built", 0.25)))
    assert (building.share, building.words.split(" · ")[0]) == (0.25, "1 of 4 kernels built")
    assert looks.progress_look(run_of(session, result=invented(2))).words.startswith("Finished after 4.5 s")


def test_changes_since_are_told_once_there_is_a_result(session):
    moved = stimulation.set_posture(stimulation.set_profile(session, "union"), "standing")
    run = run_of(session, result=invented(2))
    assert looks.notice(run, session, SearchSpec()) == ""
    words = looks.notice(run, moved, SearchSpec())
    assert words == "The posture and the limit profile changed since this search: search again."
    assert looks.notice(run_of(session), moved, SearchSpec()) == ""


def test_a_card_says_what_the_engine_says_of_its_program(session):
    result = invented(2)
    for card, suggestion in zip(looks.cards(result, session), result.suggestions, strict=True):
        found = figures_of(suggestion.result)
        assert card.bars[0].text == f"{found['pain_covered_by_score_percent']:.0f} %"
        assert card.bars[2].text == f"{found['unwanted_of_felt_percent']:.0f} %"
        assert card.bars[2].less
        assert card.bars[0].share == pytest.approx(found["pain_covered_by_score_percent"] / 100.0)
        assert f"{suggestion.program.amplitude_ma:.2f} mA" in card.dose
        gain = suggestion.point.score - result.start.point.score
        assert float(card.gain.replace(looks.MINUS, "-")) == pytest.approx(gain, abs=0.051)
        assert card.kind in card.spoken
    assert [card.rank for card in looks.cards(result, session)] == ["1", "2", "3"]


def test_figures_that_nobody_looked_at_are_a_dash_and_what_is_out_of_reach_fills_its_bar():
    result = invented(2)
    one = result.suggestions[0]
    bare = tuple((name, value) for name, value in one.point.figures if name != "robust_covered_percent")
    far = tuple((name, float("inf") if name == "headroom_percent" else value) for name, value in bare)
    changed = replace(result, suggestions=(replace(one, point=replace(one.point, figures=far)),))
    bars = looks.cards(changed, session_of(builtin_case(CASE)))[0].bars
    assert (bars[4].text, bars[4].share) == ("–", 0.0)
    assert (bars[3].text, bars[3].share) == (f"> {result.objective.headroom_high_percent:.0f} %", 1.0)


def test_the_card_that_is_dialled_says_so(session):
    result = invented(2)
    dialled = actions.apply(session, result.suggestions[1].program)
    assert [card.is_current for card in looks.cards(result, dialled)] == [False, True, False]
    louder = stimulation.set_amplitude(dialled, dialled.draft.amplitude_ma + 0.1)
    assert not any(card.is_current for card in looks.cards(result, louder))


def test_reasons_and_variants_are_of_the_chosen_program():
    result = invented(2)
    look = looks.why_look(result, 0)
    assert look.sentences == tuple(looks.with_units(line) for line in result.suggestions[0].why)
    assert [variant.name for variant in look.variants] == ["Standing", "Lead 1 3 mm down"]
    moved = result.suggestions[0].variants[1]
    assert look.variants[1].text == f"{moved.pain_covered_by_score_percent:.0f} % at {moved.amplitude_ma:.2f} mA"
    assert look.variants[0].text.endswith("%"), "the amplitude is told only where it was turned down"
    other = looks.why_look(result, 4)
    assert selectable(result)[4].contacts.split()[0].rstrip("-") in other.title
    assert any("Pain covered" in line for line in other.sentences)
    assert looks.why_look(None, None).title == ""


def test_what_is_copied_says_contacts_figures_and_what_it_is_not():
    text = looks.copied_text(invented(2), 1)
    assert invented(2).suggestions[1].point.contacts in text
    assert "Not for patient care" in text
    assert "not pain relief" in text


def test_the_plot_puts_every_program_at_its_figures_and_tells_them_apart(session):
    result = invented(2)
    look = plot_look(result, *DEFAULT_AXES)
    roles = [mark.role for mark in look.marks]
    assert [roles.count(role) for role in ("suggestion", "front", "start")] == [3, 2, 1]
    assert [mark.label for mark in look.marks if mark.role == "suggestion"] == ["1", "2", "3"]
    for mark, point in zip(look.marks, selectable(result), strict=False):
        assert mark.x == point.figure(DEFAULT_AXES[0])
        assert mark.y == point.figure(DEFAULT_AXES[1])
    for low, high, values in (
        (*look.x_range, [mark.x for mark in look.marks]),
        (*look.y_range, [mark.y for mark in look.marks]),
    ):
        assert low < min(values)
        assert max(values) < high


def test_what_is_dialled_now_is_marked_and_held_at_the_edge():
    look = plot_look(invented(2), *DEFAULT_AXES)
    x, y = (0.5 * sum(span) for span in (look.x_range, look.y_range))
    inside = current_mark(look, {DEFAULT_AXES[0]: x, DEFAULT_AXES[1]: y}, *DEFAULT_AXES)
    assert (inside.x, inside.y, inside.role) == (x, y, "current")
    beyond = current_mark(look, {DEFAULT_AXES[0]: -500.0, DEFAULT_AXES[1]: y}, *DEFAULT_AXES)
    assert (beyond.x, beyond.y) == (look.x_range[0], y)
    assert current_mark(look, {DEFAULT_AXES[0]: x}, *DEFAULT_AXES) is None


def test_every_figure_can_be_an_axis():
    for name, short, title in axis_choices():
        look = plot_look(invented(2), name, DEFAULT_AXES[1])
        assert look.x_titles[0] == title
        assert look.x_titles[1].startswith(short)
        assert all(np.isfinite((mark.x, mark.y)).all() for mark in look.marks)


def test_a_click_finds_the_nearest_mark_and_suggestions_first():
    look = plot_look(invented(2), *DEFAULT_AXES)
    scale = (300.0 / (look.x_range[1] - look.x_range[0]), 200.0 / (look.y_range[1] - look.y_range[0]))
    for mark in look.marks:
        at = ((mark.x - look.x_range[0]) * scale[0], (mark.y - look.y_range[0]) * scale[1])
        distances = [np.hypot((other.x - mark.x) * scale[0], (other.y - mark.y) * scale[1]) for other in look.marks]
        near = [other for other, apart in zip(look.marks, distances, strict=True) if apart <= 5.0]
        expected = [other for other in near if other.role == "suggestion"] or near
        assert nearest(look, None, *at, scale, 5.0) in expected
    assert nearest(look, None, 150.0, -50.0, scale, 5.0) is None


@given(
    st.lists(st.tuples(st.floats(0.0, 300.0), st.floats(0.0, 150.0)), max_size=5),
)
def test_numbered_discs_never_cover_each_other(places):
    found = apart(places, (300.0, 150.0), 21.0)
    assert all(math.dist(one, other) >= 20.999 for one, other in combinations(found, 2))
    assert found[:1] == places[:1]
    lonely = [at for at in places if all(math.dist(at, other) > 160.0 for other in places if other is not at)]
    assert {at for at in lonely if places.count(at) == 1} <= set(found), "where there is room a disc stays"


def test_units_are_written_as_the_window_writes_them():
    assert looks.with_units("18.7 uC/cm2, 115 uA at 350 us beside us") == "18.7 µC/cm², 115 µA at 350 µs beside us"


def test_what_is_dialled_now_has_no_place_while_there_is_no_answer(session):
    assert current_figures(Moment(session, View())) == {}


def test_the_summary_names_everything_that_is_asked(session):
    spec = SearchSpec(builtin_objective("focused"), 4, (210.0, 300.0), 2, robust=False)
    words = looks.summary(spec, replace(session, profile="union"))
    for part in ("Focused", "210, 300 µs", "4 contacts", "2 areas", "union", "not robust"):
        assert part in words
    assert {name for name, _, _ in looks.objective_choices()} >= {"balanced", "focused", "robust"}
