"""A whole search: what it may be asked, that it obeys, that it is the same for any number of threads, that it stops.

How good its answers are is for the rivals: test_search_rivals.py.
"""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_sim.case import builtin_case, builtin_case_ids
from scs_sim.lead_state import ContactFault
from scs_sim.limit_profiles import profile_names
from scs_sim.objective import builtin_objective, figures_of, why_unfit
from scs_sim.search import run
from scs_sim.search.request import SearchRequest
from scs_sim.simulate import Request, simulate

QUICK = replace(builtin_objective(), robust_covered_percent=0.0)


def sound(prepared, case, answer):
    """Assert that every suggestion stands up to `simulate`, and that its points are those of its Result."""
    for one in answer.suggestions:
        result = simulate(prepared, Request(case, one.program, profile=answer.profile))
        assert why_unfit(result) == ""
        assert result.findings == ()
        for area in result.areas:
            assert area.pt_ma <= area.amplitude_ma
        assert result.thresholds.pt_ma <= result.reached_ma < result.thresholds.dt_ma
        figures = figures_of(result) | {name: value for name, value in one.point.figures if "robust" in name}
        assert dict(one.point.figures) == pytest.approx(figures, rel=1e-3, abs=1e-3)
        assert one.point.score == pytest.approx(float(answer.objective.score(figures)), abs=0.02)
        assert one.why


@pytest.fixture(scope="module")
def steps():
    return list(
        SearchRequest(
            builtin_case("foot"), QUICK, "multi-source", max_active=2, pulse_widths_us=(250.0,), threads=2
        ).steps()
    )


def test_answers_grow_and_the_last_is_finished(steps):
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert [step.finished for step in steps] == [False] * (len(steps) - 1) + [True]
    assert fractions[-1] == 1.0
    assert all(step.suggestions for step in steps)
    scores = [step.suggestions[0].point.score for step in steps]
    assert scores == sorted(scores)
    assert steps[0].screened == 0
    assert steps[-1].screened == 8 + 28 + 56  # monopoles, split monopoles, bipoles


def test_suggestions_are_sound_differ_and_beat_the_start(steps, prepared):
    case, last = builtin_case("foot"), steps[-1]
    sound(prepared("foot"), case, last)
    scores = [one.point.score for one in last.suggestions]
    assert scores == sorted(scores, reverse=True)
    assert len({one.program for one in last.suggestions}) == len(scores) == 5
    assert last.gain == scores[0] - last.start.point.score > 0.0
    assert last.start.program == case.program
    start = simulate(prepared("foot"), Request(case, profile="multi-source"))
    assert dict(last.start.point.figures) == pytest.approx(figures_of(start))


def test_nothing_on_the_front_is_beaten(steps):
    last = steps[-1]
    weighed = [name for name, value in last.front[0].figures if last.objective.weight(name)]
    assert last.suggestions[0].point in last.front

    def good(point):
        figures = dict(point.figures) | {"headroom_percent": min(point.figure("headroom_percent"), 20.0)}
        return [figures[name] * (1.0 if last.objective.weight(name) > 0.0 else -1.0) for name in weighed]

    for one in last.front:
        for other in last.front:
            if one is not other:
                assert any(own > theirs + 1e-9 for own, theirs in zip(good(one), good(other), strict=True))


def test_the_number_of_threads_changes_nothing(steps):
    alone = SearchRequest(
        builtin_case("foot"), QUICK, "multi-source", max_active=2, pulse_widths_us=(250.0,), threads=1
    )()
    last = steps[-1]
    assert [one.point for one in alone.suggestions] == [one.point for one in last.suggestions]
    assert alone.front == last.front
    assert (alone.screened, alone.judged, alone.notes) == (last.screened, last.judged, last.notes)


def test_closed_in_the_middle_it_leaves_no_thread():
    before = set(threading.enumerate())
    work = SearchRequest(builtin_case("foot"), QUICK, max_active=3, threads=2).steps()
    next(work)
    next(work)
    work.close()
    assert set(threading.enumerate()) <= before


def test_progress_is_told_and_never_falls():
    told = []
    request = SearchRequest(builtin_case("foot"), QUICK, max_active=1, pulse_widths_us=(250.0,))
    request(lambda fraction, what: told.append((fraction, what)))
    assert told[-1] == (1.0, "finished")
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)


def test_one_sound_contact_leaves_monopoles_and_says_so(prepared):
    faults = tuple(ContactFault(f"1.{contact}", "open") for contact in (1, 2, 3, 5, 6, 7, 8))
    case = replace(builtin_case("foot"), contact_faults=faults)
    answer = SearchRequest(case, QUICK, pulse_widths_us=(250.0,))()
    assert {one.point.contacts for one in answer.suggestions} == {"1.4- case+"}
    assert any("One sound contact" in note for note in answer.notes)
    assert any("starting program is not among" in note and "1.3 is open" in note for note in answer.notes)
    sound(prepared("foot"), replace(case, contact_faults=()), replace(answer, profile=""))


def test_one_source_for_all_contacts_gets_equal_shares_only(prepared):
    case = builtin_case("foot")
    answer = SearchRequest(case, QUICK, "conventional-tonic", max_active=3, pulse_widths_us=(250.0,))()
    sound(prepared("foot"), case, answer)
    for one in answer.suggestions:
        assert "unequal" not in one.point.kind
        assert one.program.pulse_width_us == 250.0


def test_a_rate_that_cannot_be_dialled_is_moved_to_the_nearest_and_said():
    case = builtin_case("foot")
    odd = replace(case, program=replace(case.program, rate_hz=33.5))
    answer = SearchRequest(odd, QUICK, "multi-source", max_active=1, pulse_widths_us=(250.0,))()
    assert {one.program.rate_hz for one in answer.suggestions} == {33.0}
    assert any("33.5 Hz" in note for note in answer.notes)
    free = SearchRequest(odd, QUICK, max_active=1, pulse_widths_us=(250.0,))()
    assert {one.program.rate_hz for one in free.suggestions} == {33.5}


def test_areas_that_may_not_run_together_are_left_out_and_said():
    case = builtin_case("foot")
    fast = replace(case, program=replace(case.program, rate_hz=150.0))
    answer = SearchRequest(fast, QUICK, "multi-source", max_active=1, areas_count=2, pulse_widths_us=(250.0,))()
    assert all(len(one.program.areas) == 1 for one in answer.suggestions)
    assert any("No suggestion has several areas: area A: rate is 150 Hz" in note for note in answer.notes)


def test_areas_take_turns_where_two_cover_more_than_one(prepared):
    case = replace(builtin_case("foot"), pain=replace(builtin_case("foot").pain, scores=WIDE))
    objective = replace(QUICK, active_contacts_count=0.0, average_current_ua=0.0, worst_region_percent=1.0)
    answer = SearchRequest(case, objective, "multi-source", max_active=2, areas_count=2, pulse_widths_us=(250.0,))()
    best = answer.suggestions[0]
    assert len(best.program.areas) == 2
    assert best.point.origin == "combined"
    sound(prepared("foot"), case, answer)


WIDE = {
    "left_foot_lateral_front": 7,
    "right_foot_lateral_front": 7,
    "left_thigh_anterior_upper": 7,
    "right_calf_medial": 5,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", profile_names())
def test_every_limit_profile_is_obeyed(name, prepared):
    case = builtin_case("foot")
    answer = SearchRequest(case, QUICK, name, max_active=2)()
    assert answer.suggestions
    sound(prepared("foot"), case, answer)


def test_what_cannot_be_searched_is_said(prepared):
    case = builtin_case("foot")
    with pytest.raises(InvalidValueError, match="infection"):
        SearchRequest(replace(case, patient=replace(case.patient, infection=True)))
    fast = replace(case.program, rate_hz=10_000.0, pulse_width_us=30.0, waveform="biphasic")
    with pytest.raises(InvalidValueError, match="paresthesia-free"):
        SearchRequest(replace(case, program=fast))
    faults = tuple(ContactFault(name, "open") for name in case.contact_names())
    with pytest.raises(InvalidValueError, match="every contact"):
        SearchRequest(replace(case, contact_faults=faults))
    with pytest.raises(UnknownNameError):
        SearchRequest(case, profile="best")
    with pytest.raises(InvalidValueError, match=r"the nearest is 500 us"):
        SearchRequest(case, profile="conventional-tonic", pulse_widths_us=(800.0,))
    for bad in ({"max_active": 0}, {"top_count": 0}, {"areas_count": 9}, {"seed": -1}, {"threads": 0}):
        with pytest.raises(InvalidValueError, match=next(iter(bad))):
            SearchRequest(case, **bad)
    with pytest.raises(InvalidValueError, match="population_count"):
        SearchRequest(case, population_count=1)


def test_a_gain_that_puts_all_out_of_reach_leaves_no_suggestion_and_a_note(monkeypatch):
    case = builtin_case("foot")
    deaf = replace(
        case,
        patient=replace(case.patient, gain=5.0, dorsal_csf_factor=1.0),
        program=replace(case.program, pulse_width_us=60.0),
    )
    answer = SearchRequest(deaf, QUICK, "conventional-tonic", max_active=2, pulse_widths_us=(60.0,))()
    assert answer.finished
    assert answer.suggestions == () or answer.gain is not None
    assert answer.suggestions or any("No program" in note for note in answer.notes)


@pytest.mark.slow
def test_robustness_is_looked_at_and_people_are_drawn(prepared, monkeypatch):
    usual = run._limits

    def few(name):
        return usual(name) | ({"robust_count": 12} if name == "judged" else {})

    monkeypatch.setattr(run, "_limits", few)
    case = builtin_case("foot")
    answer = SearchRequest(case, builtin_objective(), max_active=2, top_count=2, population_count=3)()
    sound(prepared("foot"), case, answer)
    for one in answer.suggestions:
        assert {variant.name for variant in one.variants} >= {"sitting", "standing", "lead 1 3 mm up"}
        worst = min(variant.pain_covered_by_score_percent for variant in one.variants)
        assert one.point.figure("robust_covered_percent") == pytest.approx(worst, abs=0.05)
        assert one.population.count == 3
    assert answer.start.point.figure("robust_covered_percent") is not None


@pytest.mark.slow
@pytest.mark.parametrize("case_id", builtin_case_ids())
def test_two_contacts_are_enough_to_beat_the_starting_program(case_id, prepared):
    case = builtin_case(case_id)
    answer = SearchRequest(case, QUICK, max_active=2, pulse_widths_us=(case.program.pulse_width_us,))()
    sound(prepared(case_id), case, answer)
    now, before = answer.suggestions[0].point, answer.start.point
    assert answer.gain > 5.0
    assert now.figure("pain_covered_by_score_percent") > before.figure("pain_covered_by_score_percent")
