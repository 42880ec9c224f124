"""The score against what a person would say of it, and against attempts to beat the rubric."""

from __future__ import annotations

import dataclasses
import statistics

import numpy as np
import pytest
from training_attempts import ATTEMPTS, SEED, Attempt, clicking, declining, events_of, honest, leg_case
from training_helpers import do

from scs_models.percept.body_map import load_body_map
from scs_sim.objective import figures_of
from scs_sim.setting import prepare
from scs_sim.simulate import Request, simulate
from scs_sim.training.body import true_case
from scs_sim.training.case import DOCUMENTS, Complication, TrainingCase, Unsuitable, Visit
from scs_sim.training.clinic import PatientSide
from scs_sim.training.events import TrainingEvent
from scs_sim.training.evidence import evidence_of, named
from scs_sim.training.final import at_the_end, final_uses
from scs_sim.training.reference import good_places, own_places
from scs_sim.training.rubric import GROUPS, reference_rules, rubric
from scs_sim.training.score import Score, ScoreItem, scored

CLEARLY = 25.0
"""An attempt must stay as many points below an honest ordinary session: more than coverage-worst, the heaviest item."""


def score_of(events: tuple[TrainingEvent, ...], case: TrainingCase | None = None, seed: int = SEED) -> Score:
    """Return the score of events on a case."""
    return scored("test", evidence_of(leg_case() if case is None else case, seed, events))


def item(found: Score, name: str) -> ScoreItem:
    """Return one item of a score."""
    return next(one for one in found.items if one.name == name)


@pytest.fixture(scope="module")
def ordinary() -> Score:
    """Return the score of an honest ordinary session."""
    return score_of(events_of(honest))


@pytest.mark.parametrize("suitable", [True, False])
def test_the_weights_of_a_rubric_add_up_to_a_hundred(suitable: bool) -> None:
    """Both rubrics, and each item says why it is there or what it is called."""
    items = rubric(suitable)
    assert sum(one.points for one in items.values()) == pytest.approx(100.0)
    assert {one.group for one in items.values()} <= set(GROUPS)
    assert all(one.title and one.points > 0.0 for one in items.values())


def test_an_honest_session_has_most_points_and_evidence_for_each(ordinary: Score) -> None:
    """A hundred can be had, an ordinary session has most of it, every item says why, events exist."""
    assert ordinary.greatest == pytest.approx(100.0)
    assert 60.0 < ordinary.points < 100.0
    last = len(events_of(honest))
    for one in ordinary.items:
        assert one.evidence, one.name
        assert all(1 <= serial <= last for serial in one.serials), one.name
    assert item(ordinary, "thresholds").points == item(ordinary, "thresholds").greatest


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
def test_an_attempt_to_beat_the_rubric_scores_clearly_below_an_honest_session(
    attempt: Attempt, ordinary: Score
) -> None:
    """Each attempt of training_attempts.py."""
    found = score_of(events_of(attempt))
    assert found.points < ordinary.points - CLEARLY, [(one.name, round(one.points, 1)) for one in found.items]


def test_doing_nothing_and_declining_a_suitable_patient_are_worth_nothing() -> None:
    """No item gives points for what was not done."""
    assert score_of(events_of(ATTEMPTS[0])).points == 0.0
    assert score_of(events_of(declining)).points == 0.0


@pytest.mark.slow
def test_a_random_clicker_gains_nothing_by_length(ordinary: Score) -> None:
    """Mean over seeds: more clicks are not worth more, and none comes near."""
    short, long = ([score_of(events_of(clicking(clicks, seed))).points for seed in range(4)] for clicks in (25, 100))
    assert statistics.mean(long) < statistics.mean(short) + 5.0
    assert max(short + long) < ordinary.points - CLEARLY


def test_the_last_programs_do_at_home_what_simulate_says() -> None:
    """Coverage, unwanted paresthesia, current and charge density of the last programs, by the other way to them."""
    case = leg_case()
    side, _ = at_the_end(case, SEED, events_of(honest))
    uses = final_uses(side)
    assert [use.posture for use in uses] == ["sitting", "supine", "standing"]
    for use in uses:
        true = true_case(case, side.hidden, side.truth, use.posture, use.program)
        result = simulate(prepare(true), Request(true, amplitude_ma=use.used_ma))
        assert use.covered_by_score_percent == pytest.approx(result.coverage.pain_covered_by_score_percent, abs=0.01)
        assert use.unwanted_of_felt_percent == pytest.approx(result.coverage.unwanted_of_felt_percent, abs=0.01)
        assert use.average_current_ua == pytest.approx(result.safety.average_current_ua, rel=1e-6)
        if use.used_ma == use.set_ma:
            assert use.charge_density_uc_per_cm2 == pytest.approx(result.safety.charge_density_uc_per_cm2, rel=1e-6)
        felt = {region.id: region.felt_percent / 100.0 for region in result.regions}
        assert all(use.felt[name] == pytest.approx(felt[name], abs=1e-3) for name in case.pain.scores)


def test_the_reference_is_what_simulate_says_and_no_bipole_at_its_places_is_better() -> None:
    """Figures by simulate; brute force over all bipoles and amplitudes with the rubric's own objective."""
    case = leg_case()
    found = good_places(case, SEED)
    assert found is not None
    setting = prepare(found.case)
    result = simulate(setting, Request(found.case, profile=case.kit.profile))
    figures = figures_of(result)
    for name in ("pain_covered_by_score_percent", "worst_region_percent", "unwanted_of_felt_percent"):
        assert found.figures[name] == pytest.approx(figures[name], abs=0.01)
    objective = reference_rules().objective
    best = float(objective.score(found.figures))
    for first in range(1, 5):
        for second in range(1, 5):
            if first == second:
                continue
            own = dataclasses.replace(found.case.program, contacts=f"1.{first}- 1.{second}+", amplitude_ma=None)
            thresholds = simulate(setting, Request(found.case, own)).thresholds
            if thresholds.pt_ma is None or thresholds.dt_ma is None:
                continue
            for at_ma in np.linspace(thresholds.pt_ma, 0.999 * thresholds.dt_ma, 4).tolist():
                tried = simulate(setting, Request(found.case, own, amplitude_ma=at_ma))
                assert float(objective.score(figures_of(tried))) < best + 0.5


def test_the_reference_is_kept_and_the_same_again() -> None:
    """From the file and from the search; it has a program at the trainee's own leads too."""
    case = leg_case()
    assert good_places(case, SEED) == good_places(case, SEED)
    side = PatientSide(case, SEED, events_of(honest)[:6])
    own = own_places(case, side)
    assert own is not None
    assert set(own.felt) == set(load_body_map().region_ids)
    assert own_places(case, PatientSide(case, SEED)) is None


def test_a_slip_costs_what_the_rubric_says_and_nothing_else_changes(ordinary: Score) -> None:
    """One jump: a quarter of the ramps' points; everything else as before."""
    events = list(events_of(honest))
    place = next(number for number, event in enumerate(events) if event.action.name == "amplitude")
    jump = dataclasses.replace(events[place].action, parameters={**events[place].action.parameters, "step_ma": 0.4})
    events[place] = dataclasses.replace(events[place], action=jump)
    found = score_of(tuple(events))
    slips = rubric()["ramps"].numbers["slips_count"]
    ramps = item(ordinary, "ramps")
    assert item(found, "ramps").points == pytest.approx(ramps.points - ramps.greatest / slips)
    assert events[place].serial in item(found, "ramps").serials
    others = {one.name: one.points for one in ordinary.items if one.name not in ("ramps", "time")}
    assert {one.name: one.points for one in found.items if one.name in others} == others


def open_contact_case() -> TrainingCase:
    """Return the case with a contact that breaks before the second visit."""
    table, clinic = leg_case().visits
    broken = Complication("open-contact", lead=1, contact=4)
    return leg_case(visits=(table, dataclasses.replace(clinic, complications=(broken,))))


@pytest.mark.parametrize(
    ("measured", "cause", "share"),
    [(True, "open-contact", 1.0), (False, "open-contact", 0.5), (True, "short", 0.0), (True, "", 0.0)],
)
def test_a_complication_counts_in_full_only_where_it_was_looked_for(measured: bool, cause: str, share: float) -> None:
    """Measured and concluded, guessed, wrong, not concluded."""
    side = PatientSide(open_contact_case(), SEED)
    events = [
        do(side, "place-lead", lead_type="quad-7mm", tip_level="T10"),
        do(side, "next-visit"),
    ]
    if measured:
        events.append(do(side, "impedance"))
    if cause:
        events.append(do(side, "conclude", cause=cause))
    found = item(score_of(tuple(events), open_contact_case()), "complications")
    assert found.points == pytest.approx(share * found.greatest)


def test_what_did_not_happen_is_not_asked_for_and_cannot_be_made_up(ordinary: Score) -> None:
    """Without a complication the item is gone, and a conclusion out of the blue brings it back with nothing."""
    assert "complications" not in {one.name for one in ordinary.items}
    events = events_of(honest)
    side = PatientSide(leg_case(), SEED, events[:-1])
    made_up = score_of((*events[:-1], do(side, "conclude", cause="short")))
    assert item(made_up, "complications").points == 0.0


def unsuitable_case() -> TrainingCase:
    """Return the case of a patient who must not be stimulated."""
    return leg_case(unsuitable=Unsuitable("infection", ("history", "imaging"), "An infection."))


@pytest.mark.parametrize(
    ("documents", "reason", "low", "high"),
    [
        (DOCUMENTS, "infection", 100.0, 100.0),
        (DOCUMENTS, "instability", 70.0, 80.0),
        (("history",), "infection", 45.0, 55.0),
        ((), "infection", 0.0, 0.0),
        (DOCUMENTS, "", 0.0, 0.0),
    ],
)
def test_declining_counts_as_far_as_the_evidence_was_read(
    documents: tuple[str, ...], reason: str, low: float, high: float
) -> None:
    """All read and right, wrong reason, half read, a blind guess, all read and nothing decided."""
    side = PatientSide(unsuitable_case(), SEED)
    events = [do(side, "read", item=name) for name in documents]
    events.append(do(side, "decline", reason=reason) if reason else do(side, "finish"))
    assert low <= score_of(tuple(events), unsuitable_case()).points <= high


def test_a_needle_costs_points_where_none_belongs() -> None:
    """Declined for the right reason, but after the lead was in: nothing was read in time, and it was harm."""
    side = PatientSide(unsuitable_case(), SEED)
    events = [do(side, "read", item="history"), do(side, "place-lead", lead_type="quad-7mm", tip_level="T10")]
    events += [do(side, "read", item="imaging"), do(side, "decline", reason="infection")]
    found = score_of(tuple(events), unsuitable_case())
    assert item(found, "unharmed").points == 0.0
    assert item(found, "evidence").points == pytest.approx(0.5 * item(found, "evidence").greatest)


def test_a_session_that_ends_early_goes_on_without_the_trainee() -> None:
    """Leads that nobody anchored have slipped by the last visit, at home as in the score."""
    side, unseen = at_the_end(leg_case(), SEED, events_of(ATTEMPTS[-1]))
    before = PatientSide(leg_case(), SEED, events_of(ATTEMPTS[-1])[:-1])
    assert side.situation.visit == 1
    assert len(unseen) == 1
    assert side.truth.leads[0].tip_z_mm < before.truth.leads[0].tip_z_mm - 2.9


def test_a_visit_of_one_posture_does_not_ask_for_others() -> None:
    """Where the clinic has no room to lie down, nobody loses points for it."""
    table, clinic = leg_case().visits
    case = leg_case(visits=(table, Visit(clinic.name, "clinic", clinic.days, ("sitting",))))
    assert "postures" not in {one.name for one in score_of((), case).items}


def test_events_are_named_as_a_person_would() -> None:
    """One, three, more than fit into a sentence."""
    assert named([3]) == "event 3"
    assert named([3, 7, 9]) == "events 3, 7 and 9"
    assert named(range(1, 10)) == "events 1, 2, 3, 4, 5, 6 and 3 more"
