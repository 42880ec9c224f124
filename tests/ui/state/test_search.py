"""The search of the window without Qt: what is asked, how news are taken, what changed since, what may be applied."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from search_desk import CASE, invented, two_parts

from scs_models.errors import InvalidValueError, ScsError
from scs_sim.case import builtin_case
from scs_sim.objective import builtin_objective
from scs_sim.program import Program
from scs_sim.search.result import SearchResult
from scs_ui.state.actions import contacts, leads, stimulation
from scs_ui.state.actions import search as actions
from scs_ui.state.looks.search import notice
from scs_ui.state.search import (
    CHANNEL,
    OWN,
    Run,
    Searcher,
    SearchSpec,
    SearchTask,
    Step,
    program_at,
    pulse_widths_of,
    request_of,
    selectable,
)
from scs_ui.state.session import Session, session_of
from scs_ui.state.store import Store

SUGGESTED = Program("1.4-60 1.5-40 1.7+", 250.0, 60.0, "recharge", 2.35)


@pytest.fixture
def session() -> Session:
    return session_of(builtin_case(CASE))


def test_a_suggestion_is_dialled_at_its_amplitude_though_contacts_change(session):
    session = session.with_program(replace(session.program, name="Mine", notes="n"))
    after = actions.apply(session, SUGGESTED)
    (area,) = after.program.areas
    assert (area.contacts, area.amplitude_ma, area.pulse_width_us, area.rate_hz) == (
        "1.4-60 1.5-40 1.7+100", 2.35, 250.0, 60.0,
    )  # fmt: skip
    assert (after.program.name, after.program.notes) == ("Mine", "n")
    assert contacts.cycle(session, "1.8").draft.amplitude_ma == 0.0, "a direct change is another matter"


def test_applying_to_a_program_of_several_areas_leaves_the_suggestion_alone(session):
    two = session.with_program(replace(session.program, areas=(session.draft, replace(session.draft, rate_hz=30.0))))
    after = actions.apply(replace(two, area=1), SUGGESTED)
    assert len(after.program.areas) == 1
    assert after.area == 0


def test_a_suggestion_of_contacts_that_are_gone_is_refused(session):
    with pytest.raises(
        InvalidValueError, match=r"4\.1 of this suggestion is not there any more; the leads have 1\.1 to"
    ):
        actions.apply(session, replace(SUGGESTED, contacts="4.1- 1.3+"))


def test_comparing_twice_keeps_one_copy_and_never_with_itself(session):
    once = actions.compare(session, SUGGESTED, "Suggestion 1")
    assert (len(once.programs), once.chosen, once.compared) == (2, 0, 1)
    assert once.programs[1].name == "Suggestion 1"
    assert actions.compare(once, replace(SUGGESTED, name="other"), "Suggestion 1") == once
    assert len(actions.keep(once, SUGGESTED, "again").programs) == 2
    with pytest.raises(InvalidValueError, match="in hand"):
        actions.compare(actions.apply(session, SUGGESTED), SUGGESTED, "Suggestion 1")


@pytest.mark.parametrize(
    ("text", "widths"),
    [("", ()), ("210", (210.0,)), ("300, 210 µs;210", (210.0, 300.0)), ("  90us 450 ", (90.0, 450.0))],
)
def test_pulse_widths_are_read_from_a_line(text, widths):
    assert pulse_widths_of(text) == widths


@pytest.mark.parametrize("text", ["210, wide", "2 1 0 x", "--"])
def test_what_is_no_pulse_width_is_named(text):
    with pytest.raises(InvalidValueError, match="pulse widths have '"):
        pulse_widths_of(text)


@pytest.mark.parametrize(
    "bad", [{"max_active": 1}, {"max_active": 17}, {"areas_count": 5}, {"areas_count": 0}, {"pulse_widths_us": (5.0,)},
            {"pulse_widths_us": (100.0, 150.0, 200.0, 250.0, 300.0, 350.0, 400.0)}]
)  # fmt: skip
def test_settings_out_of_range_are_refused(bad):
    with pytest.raises(InvalidValueError):
        SearchSpec(**bad)


def test_weights_become_ones_own_and_keep_their_sign():
    spec = SearchSpec()
    assert spec.with_weight("headroom_percent", spec.objective.headroom_percent) is spec
    changed = spec.with_weight("unwanted_of_felt_percent", -0.4)
    assert (changed.objective.name, changed.objective.unwanted_of_felt_percent) == (OWN, -0.4)
    with pytest.raises(InvalidValueError):
        spec.with_weight("unwanted_of_felt_percent", 0.4)
    with pytest.raises(InvalidValueError, match="one must count"):
        spec.with_weight("worst_region_percent", 0.0).with_weight("pain_covered_by_score_percent", 0.0)


def test_without_robustness_other_postures_do_not_count():
    assert builtin_objective("robust").robust_covered_percent > 0.0
    spec = SearchSpec(builtin_objective("robust"), robust=False)
    assert spec.judged_by.robust_covered_percent == 0.0
    assert spec.judged_by.pain_covered_by_score_percent == spec.objective.pain_covered_by_score_percent


def test_the_question_is_about_the_program_in_hand_and_leaves_the_window_a_processor(session, monkeypatch):
    monkeypatch.setenv("SCS_SIM_WORKERS", "2")
    dialled = stimulation.set_amplitude(stimulation.set_rate(session, 80.0), 1.7)
    request = request_of(SearchSpec(max_active=4, areas_count=2), replace(dialled, profile="union"))
    assert (request.case.program.amplitude_ma, request.case.program.rate_hz) == (1.7, 80.0)
    assert (request.max_active, request.areas_count, request.profile, request.threads) == (4, 2, "union", 1)
    assert request.pulse_widths_us == ()
    silent = session.with_draft(replace(session.draft, shares=()))
    assert request_of(SearchSpec(), silent).case.program == session.case.program


def test_news_come_as_they_are_found_and_the_last_one_ends_the_search(session):
    seen = []
    searcher = Searcher(Store(session), worker=two_parts)
    searcher.on_change = lambda: seen.append((searcher.run.state, len(searcher.points)))
    searcher.start()
    assert seen == [("running", 0), ("running", 1), ("finished", 5)]
    assert searcher.chosen == 0
    assert searcher.run.result is invented(2, searcher.spec.judged_by)


def test_kernels_that_are_built_first_are_told(session):
    told = []

    def builds(request, on_news, on_wait) -> None:
        on_news(Step("3 of 6 kernels built", 0.5))
        told.append(searcher.run.step)
        two_parts(request, on_news, on_wait)

    searcher = Searcher(Store(session), worker=builds)
    searcher.start()
    assert told == [Step("3 of 6 kernels built", 0.5)]


def test_what_is_told_again_is_not_sent_again():
    first, whole = invented(1), invented(2)
    again = replace(first, stage="still refining", fraction=0.5, judged=99)
    request = SimpleNamespace(steps=lambda progress: iter((first, again, replace(whole, finished=False), whole)))
    news = []
    SearchTask(request)(news.append)
    assert [type(one) for one in news] == [SearchResult, Step, SearchResult, SearchResult]
    assert news[1] == Step("still refining", 0.5, 1234, 99)


class Later:
    """A stand-in for the window's runner: questions wait until they are answered by hand."""

    def __init__(self, store: Store) -> None:
        self.questions, self.cancelled = [], []
        store.asker = lambda channel, question, then, **how: self.questions.append((channel, question))
        store.cancel = self.cancelled.append

    def answer(self, index: int) -> None:
        self.questions[index][1](lambda fraction, what: None)


def test_a_new_search_replaces_the_old_one_whose_news_are_not_taken(session):
    store = Store(session)
    later, searcher = Later(store), Searcher(store, worker=two_parts)
    searcher.start()
    searcher.start()
    assert [channel for channel, _ in later.questions] == [CHANNEL, CHANNEL]
    later.answer(0)
    assert (searcher.run.state, searcher.run.result) == ("running", None)
    later.answer(1)
    assert searcher.run.state == "finished"


def test_a_stopped_search_keeps_what_it_found_and_takes_nothing_more(session):
    store, wanted = Store(session), []

    def stops(request, on_news, on_wait) -> None:
        on_news(invented(1, request.objective))
        searcher.stop()
        on_news(invented(2, request.objective))

    searcher = Searcher(store, worker=stops)
    store.cancel = wanted.append
    searcher.start()
    assert (searcher.run.state, len(searcher.points)) == ("stopped", 1)
    assert wanted == [CHANNEL]


def test_a_search_that_fails_says_why(session):
    def fails(request, on_news, on_wait) -> None:
        raise ScsError("a worker process ended (exit code -9)")

    searcher = Searcher(Store(session), worker=fails)
    with pytest.raises(ScsError):
        searcher.start()
    assert (searcher.run.state, searcher.run.error) == ("failed", "a worker process ended (exit code -9)")


def test_what_cannot_be_searched_never_starts(session):
    infected = replace(session.case, patient=replace(session.case.patient, infection=True))
    store = Store(replace(session, case=infected))
    later, searcher = Later(store), Searcher(store, worker=two_parts)
    searcher.start()
    assert (searcher.run.state, later.questions) == ("failed", [])
    assert "infection" in searcher.run.error


def test_a_question_that_is_refused_loses_nothing_that_was_found(session):
    searcher = Searcher(Store(replace(session, profile="union")), worker=two_parts)
    searcher.start()
    found = searcher.run.result
    assert searcher.set_spec(lambda spec: replace(spec, pulse_widths_us=(213.0,)))
    searcher.start()
    assert (searcher.run.state, searcher.run.result) == ("failed", found)
    assert "213" in searcher.run.error
    assert "213" in notice(searcher.run, searcher._store.session, searcher.spec)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: leads.move(s, 1, 2.0, 0.0), "the leads"),
        (lambda s: stimulation.set_posture(s, "standing"), "the posture"),
        (lambda s: stimulation.set_profile(s, "union"), "the limit profile"),
        (lambda s: stimulation.calibrate(s, 1.2), "the patient"),
    ],
)
def test_what_changed_since_is_named(session, change, words):
    run = Run(1, "finished", session.case, session.profile, SearchSpec())
    assert run.changes(session, SearchSpec()) == ()
    assert run.changes(stimulation.set_amplitude(session, 0.5), SearchSpec()) == (), "dials are no matter of the search"
    assert run.changes(change(session), SearchSpec()) == (words,)
    assert run.changes(session, SearchSpec(robust=False)) == ("the weights",)
    assert run.changes(session, SearchSpec(areas_count=2)) == ("what to search",)


def test_another_case_forgets_the_search_and_undo_does_not(session):
    store = Store(session)
    searcher = Searcher(store, worker=two_parts)
    searcher.start()
    searcher.follow(stimulation.set_amplitude(session, 0.1))
    assert searcher.run.state == "finished"
    searcher.follow(session_of(builtin_case("foot")))
    assert (searcher.run.state, searcher.points) == ("none", ())


def test_the_chosen_program_stays_chosen_when_better_ones_come(session):
    searcher = Searcher(Store(session), worker=two_parts)
    first = invented(1, searcher.spec.judged_by)
    searcher.run = Run(1, "running", session.case, result=first)
    searcher.choose(0)
    point = searcher.points[0]
    searcher._take(1, invented(2, searcher.spec.judged_by))
    assert searcher.points[searcher.chosen] == point
    assert searcher.points[0].score == max(one.score for one in searcher.points[:3])


def test_points_stand_once_and_those_of_the_front_can_be_dialled_too():
    result = invented(2)
    points = selectable(result)
    assert len(points) == len(set(points)) == 5
    assert program_at(result, 0) is result.suggestions[0].program
    other = program_at(result, 4)
    assert (other.contacts, other.amplitude_ma, other.rate_hz) == (
        points[4].contacts, points[4].amplitude_ma, result.start.program.rate_hz,
    )  # fmt: skip
    several = replace(points[4], contacts="1.3- 1.5+ | 1.6- 1.8+")
    assert program_at(replace(result, front=(several,)), 3) is None
