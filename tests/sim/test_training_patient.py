"""The patient's side: what it says against what the model says, what bends the answer, what happens between visits."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from training_helpers import HIDDEN, do, on_table, training_case, with_complications

from scs_models.anatomy import vertebra_mid_z_mm
from scs_models.errors import InvalidValueError
from scs_models.leads import LeadPlacement
from scs_models.percept.body_map import load_body_map
from scs_sim.case import Case
from scs_sim.contact_plan import contact_plans
from scs_sim.lead_state import Scar
from scs_sim.patient import Patient
from scs_sim.program import Program
from scs_sim.setting import prepare
from scs_sim.simulate import Request, evaluate, simulate
from scs_sim.training.actions import action
from scs_sim.training.body import prepare_kernels, true_case
from scs_sim.training.case import Complication, Kit, Manner, TrainingCase, Visit
from scs_sim.training.clinic import PatientSide
from scs_sim.training.hiding import HiddenCsf, Hiding
from scs_sim.training.percepts import Stamina, ear_of, feeling

STEP_MA = 0.1


def model_case(side: PatientSide, program: str = "1.2- 1.3+", posture: str = "supine") -> Case:
    """Return what is true, built here from the truth's numbers and not by the code under test; one lead."""
    (lead,) = side.truth.leads
    z_of_t10_mm = vertebra_mid_z_mm("T10")
    placement = LeadPlacement(lead.lead_type, "T10", lead.tip_z_mm - z_of_t10_mm, lead.x_mm, lead.tilt_mm)
    scarred = [
        f"1.{number}"
        for number, (_, z_mm) in enumerate(lead.contacts(), start=1)
        for scar in side.hidden.scars
        if scar.bottom_z_mm <= z_mm <= scar.top_z_mm
    ]
    scars = (Scar(" ".join(scarred), side.hidden.scars[0].thickness_mm),) if scarred else ()
    return Case(
        id="model", title="", leads=(placement,), pain=side.case.pain, program=Program(program),
        patient=side.hidden.patient, posture=posture, scars=scars,
    )  # fmt: skip


def test_what_a_patient_without_noise_says_is_what_the_model_says() -> None:
    """First felt, unpleasant and the regions, against simulate on a case put together by hand."""
    side = on_table(training_case())
    case = model_case(side)
    assert case.scars, "the lead lies on scar, or this test does not see whether scar counts"
    result = simulate(prepare(case), Request(case, amplitude_ma=1.0))
    pt_ma, dt_ma = result.thresholds.pt_ma, result.thresholds.dt_ma
    assert pt_ma is not None
    assert dt_ma is not None
    data = do(side, "amplitude", to_ma=20.0, step_ma=STEP_MA).outcome.data
    assert pt_ma <= data["felt_from_ma"] < pt_ma + STEP_MA
    assert dt_ma <= data["uncomfortable_from_ma"] < dt_ma + STEP_MA
    assert data["stopped"]
    assert side.situation.amplitude_ma == data["uncomfortable_from_ma"]

    at_ma = round(0.5 * (pt_ma + dt_ma), 1)
    do(side, "amplitude", to_ma=at_ma)
    coloured = set(do(side, "colour").outcome.data["regions"])
    felt = {
        row.id for row in simulate(prepare(case), Request(case, amplitude_ma=at_ma)).regions if row.felt_percent >= 20.0
    }
    assert coloured == felt
    assert coloured


def test_posture_and_gain_change_what_is_felt() -> None:
    side = on_table(training_case(visits=(Visit("table", "table", 0.0, ("supine", "prone")),)))
    supine_ma = do(side, "amplitude", to_ma=15.0).outcome.data["felt_from_ma"]
    do(side, "amplitude", to_ma=0.0)
    do(side, "posture", to="prone")
    prone_ma = do(side, "amplitude", to_ma=20.0).outcome.data["felt_from_ma"]
    assert prone_ma > supine_ma + 2 * STEP_MA  # HO94: prone dorsal CSF is thicker
    usual = training_case()
    twice = training_case(hiding=dataclasses.replace(usual.hiding, gain=2.0 * 1.13579))
    one, two = (do(on_table(case), "amplitude", to_ma=20.0).outcome.data["felt_from_ma"] for case in (usual, twice))
    assert two == pytest.approx(2.0 * one, abs=2.5 * STEP_MA)


def test_leads_are_numbered_as_placed_wherever_they_lie() -> None:
    """The first lead on the right, the second on the left: a program on lead 1 is felt on the right."""
    case = training_case(kit=Kit(lead_types=("quad-7mm",), tip_levels=("T10",)), hiding=Hiding())
    side = PatientSide(case, 3)
    do(side, "place-lead", lead_type="quad-7mm", tip_level="T10", x_mm=3.0)
    do(side, "place-lead", lead_type="quad-7mm", tip_level="T10", x_mm=-3.0)
    body = load_body_map()
    for lead, expected in ((1, "right"), (2, "left")):
        do(side, "program", contacts=f"{lead}.2- {lead}.3+")
        where = do(side, "amplitude", to_ma=15.0).outcome.data["felt_where"]
        assert where
        assert {body.region(region).side for region in where} == {expected}
        do(side, "amplitude", to_ma=0.0)
    seen = do(side, "xray", view="ap").outcome.data["leads"]
    assert [row["tip_x_mm"] > 0.0 for row in seen] == [True, False]


def test_an_image_shows_the_leads_and_never_the_cord() -> None:
    side = on_table(training_case())
    (true,) = side.truth.leads
    (row,) = do(side, "xray", view="ap").outcome.data["leads"]
    assert row["tip_x_mm"] == pytest.approx(true.x_mm, abs=1.0)
    seen = dataclasses.replace(side.situation.leads[0])
    assert seen.seen
    assert vertebra_mid_z_mm(seen.tip_level) + seen.tip_offset_mm == pytest.approx(true.tip_z_mm, abs=1.0)
    other = on_table(training_case(hiding=dataclasses.replace(side.case.hiding, cord_offset_mm=-1.5)))
    assert do(other, "xray", view="ap").outcome.data["leads"] == [row]


def test_noise_spreads_what_mood_widens() -> None:
    """The spread of first felt over many ramps, in logs, is the table's, times what the mood makes of it."""
    side = on_table(training_case())
    percept = side.percept("supine", Program("1.2- 1.3+"))
    spread = {}
    for mood in ("even", "low", "anxious"):
        ear = ear_of(Manner(mood=mood), Stamina(), 0.0)
        found = [feeling(percept, ear, np.random.default_rng(seed)).pt_ma for seed in range(4000)]
        spread[mood] = float(np.std(np.log(found)))
        assert np.median(found) == pytest.approx(percept.pt_ma, rel=0.01)
    assert spread["even"] == pytest.approx(0.04, rel=0.05)
    assert spread["even"] < spread["low"] < spread["anxious"]


def test_repeated_ramping_habituates_and_rest_brings_it_back() -> None:
    side = on_table(training_case(manner=Manner(noise=0.0, habituation=5.0)))
    felt = []
    for _ in range(6):
        felt.append(do(side, "amplitude", to_ma=20.0, step_ma=0.05).outcome.data["felt_from_ma"])
        do(side, "amplitude", to_ma=0.0, step_ma=1.0)
    assert felt == sorted(felt)
    assert felt[-1] > 1.1 * felt[0]
    for _ in range(60):
        do(side, "read", item="history")
    rested = do(side, "amplitude", to_ma=20.0, step_ma=0.05).outcome.data["felt_from_ma"]
    assert rested < felt[0] + 0.2 * (felt[-1] - felt[0]) + 0.05


def test_attention_runs_out_and_is_back_at_the_next_visit() -> None:
    side = on_table(training_case(manner=Manner(attention=0.2)))
    fresh = ear_of(side.case.manner, Stamina(), 0.0)
    for _ in range(8):
        do(side, "colour")
    spent = ear_of(side.case.manner, side._stamina, side.situation.clock_s)
    assert not fresh.tired
    assert spent.tired
    assert spent.noise > 1.5 * fresh.noise
    do(side, "next-visit")
    assert not ear_of(side.case.manner, side._stamina, side.situation.clock_s).tired


def test_a_jump_hurts_sooner_than_a_slow_ramp() -> None:
    slow = do(on_table(training_case()), "amplitude", to_ma=20.0, step_ma=0.05).outcome
    side = on_table(training_case())
    just_below = slow.data["uncomfortable_from_ma"] - 0.1
    assert do(side, "amplitude", to_ma=just_below, step_ma=5.0).outcome.data["stopped"]
    assert [slip.kind for slip in side.situation.slips] == ["amplitude-jump", "beyond-discomfort"]
    assert [slip.kind for slip in on_table_after_slow(just_below)] == []


def on_table_after_slow(to_ma: float) -> tuple[object, ...]:
    side = on_table(training_case())
    assert not do(side, "amplitude", to_ma=to_ma, step_ma=0.1).outcome.data["stopped"]
    return side.situation.slips


def test_an_open_contact_is_silent_until_impedances_are_measured() -> None:
    broken = Complication("open-contact", contact=2)
    side = on_table(training_case(visits=(Visit("table", "table", 0.0, ("supine",), "", (broken,)),)))
    assert do(side, "amplitude", to_ma=10.0).outcome.data["felt_from_ma"] is None
    rows = {row["name"]: row for row in do(side, "impedance").outcome.data["contacts"]}
    assert rows["1.2"]["flag"] == "open"
    assert not rows["1.3"]["flag"]
    do(side, "amplitude", to_ma=0.0)
    do(side, "program", contacts="1.3- 1.4+")
    assert do(side, "amplitude", to_ma=15.0).outcome.data["felt_from_ma"]


def test_a_loose_connector_can_be_reseated_and_a_short_dried() -> None:
    for kind, useless, helps in (
        ("short", "reseat-connector", "dry-connector"),
        ("open-contact", "dry-connector", "exchange-cable"),
    ):
        visits = (Visit("table", "table", 0.0, ("supine",), "", (Complication(kind, contact=2),)),)
        seed = next(
            seed for seed in range(50) if on_table(training_case(visits=visits), seed).truth.faults[0].mended_by
        )
        side = on_table(training_case(visits=visits), seed)
        flags = []
        for what in (useless, helps):
            do(side, "repair", what=what)
            flags.append({row["name"]: row["flag"] for row in do(side, "impedance").outcome.data["contacts"]}["1.2"])
        assert flags[0]
        assert not flags[1]


def at_home(case: TrainingCase, *, anchor: bool = True, limit: bool = True, seed: int = 4) -> PatientSide:
    """Return a patient sent home with a program at a strength that is comfortable lying down."""
    side = on_table(case, seed)
    found = do(side, "amplitude", to_ma=20.0, step_ma=0.05).outcome.data
    comfort_ma = round(0.6 * found["felt_from_ma"] + 0.4 * found["uncomfortable_from_ma"], 2)
    do(side, "amplitude", to_ma=round(comfort_ma / 0.05) * 0.05)
    do(side, "save", name="one")
    if anchor:
        do(side, "anchor")
    if limit:
        do(side, "limit", to_ma=side.situation.amplitude_ma)
    return side


def complaints_of(side: PatientSide) -> tuple[list[str], str]:
    event = do(side, "next-visit")
    return event.outcome.data["complaints"], event.outcome.said


def test_leads_that_were_not_anchored_slip_down_and_others_stay() -> None:
    fixed, loose = at_home(training_case()), at_home(training_case(), anchor=False)
    before = {side: side.truth.leads[0].tip_z_mm for side in (fixed, loose)}
    do(fixed, "next-visit")
    do(loose, "next-visit")
    assert fixed.truth.leads[0].tip_z_mm == before[fixed]
    assert loose.truth.leads[0].tip_z_mm < before[loose] - 2.9


def test_a_migration_moves_the_lead_by_what_was_drawn_and_more_if_it_was_loose() -> None:
    case = with_complications(Complication("migration", rostral_mm=(-9.0, -7.0)))
    fixed, loose = at_home(case), at_home(case, anchor=False)
    before = fixed.truth.leads[0].tip_z_mm
    do(fixed, "next-visit")
    moved_mm = fixed.truth.leads[0].tip_z_mm - before
    assert -9.0 <= moved_mm <= -7.0
    do(loose, "next-visit")
    assert loose.truth.leads[0].tip_z_mm - before < moved_mm


def test_without_a_limit_the_patient_turns_it_right_up() -> None:
    assert "overturned" in complaints_of(at_home(training_case(), limit=False))[0]
    assert "overturned" not in complaints_of(at_home(training_case()))[0]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("tolerance", "pain-back"), ("infection", "fever"), ("rib-stimulation", "band"), ("open-contact", "gone")],
)
def test_complications_are_heard_in_the_words_of_a_patient(kind: str, expected: str) -> None:
    more = {"right_mm": 2.0} if kind == "rib-stimulation" else {"contact": 2} if kind == "open-contact" else {}
    codes, said = complaints_of(at_home(with_complications(Complication(kind, **more))))  # type: ignore[arg-type]
    assert expected in codes
    for word in ("tolerance", "infection", "migration", "root", "impedance", "contact", "dorsal", "threshold"):
        assert word not in said.lower()


def test_the_instructor_s_words_replace_the_engine_s() -> None:
    own = Complication("tolerance", complaint="It tingles, and it hurts as it always did.")
    assert "It tingles, and it hurts as it always did." in complaints_of(at_home(with_complications(own)))[1]


def test_jolts_lying_down_come_from_a_program_turned_up_upright() -> None:
    """Found prone, used upright, no program for lying down: jolts; a limit below what hurts lying down prevents it."""
    usual = with_complications(Complication("positional-jolts"))
    case = dataclasses.replace(usual, visits=(Visit("table", "table", 0.0, ("prone",)), usual.visits[1]))
    assert "jolts" in complaints_of(at_home(case, limit=False))[0]
    careful = at_home(case)
    lying = careful.percept("supine", Program("1.2- 1.3+"))
    do(careful, "limit", to_ma=round(0.97 * lying.dt_ma, 2))
    assert "jolts" not in complaints_of(careful)[0]


def test_fever_is_measured() -> None:
    side = at_home(with_complications(Complication("infection")))
    assert do(side, "next-visit").outcome.data["temperature_c"] >= 38.0
    well = at_home(training_case())
    assert do(well, "next-visit").outcome.data["temperature_c"] < 37.5


def test_a_needle_finds_no_way_through_scar_or_metal() -> None:
    case = training_case(known=Patient(laminectomy_levels=("L1",), hardware_levels=("T12",)))
    side = PatientSide(case, 1)
    for entry, obstacle in (("L1", "scar"), ("T12", "metal")):
        outcome = do(side, "place-lead", lead_type="quad-7mm", tip_level="T10", entry_level=entry).outcome
        assert not outcome.done
        assert outcome.data["obstacle"] == obstacle
    assert side.situation.leads == ()
    assert side.truth.leads == ()
    assert side.situation.clock_s > 0.0


def test_answering_changes_nothing() -> None:
    side = on_table(training_case(manner=Manner()))
    own = action("amplitude", {"to_ma": 12.0})
    first, second = side.answer(own), side.answer(own)
    assert first == second
    assert side.situation.amplitude_ma == 0.0
    with pytest.raises(InvalidValueError, match="in place are: 1"):
        side.answer(action("drive-lead", {"lead": 2, "rostral_mm": 3}))


def test_driving_moves_the_lead_about_as_far_as_asked_and_stays_in_the_canal() -> None:
    side = on_table(training_case())
    before = side.truth.leads[0]
    do(side, "drive-lead", rostral_mm=8.0)
    assert side.truth.leads[0].tip_z_mm - before.tip_z_mm == pytest.approx(8.0, abs=3.5)
    for _ in range(4):
        do(side, "drive-lead", right_mm=12.0)
    assert side.truth.leads[0].x_mm <= 6.0
    assert do(side, "amplitude", to_ma=20.0).outcome.data["reached_ma"] > 0.0


def test_true_case_can_be_evaluated_as_any_case() -> None:
    side = on_table(training_case())
    mine, theirs = model_case(side), true_case(side.case, side.hidden, side.truth, "supine", Program("1.2- 1.3+"))
    asked = [Program("1.2- 1.3+", amplitude_ma=3.0)]
    found = [evaluate(prepare(case), case, asked).person.perception_ma[0] for case in (mine, theirs)]
    assert found[0] == pytest.approx(found[1], rel=1e-6)


def test_a_wider_pulse_under_current_is_felt_at_once() -> None:
    """YEARWOOD10: the same amplitude with a wider pulse is stronger."""
    side = on_table(training_case())
    assert do(side, "program", contacts="1.2- 1.3+").outcome.data["strength"] is None
    felt_ma = do(side, "amplitude", to_ma=20.0).outcome.data["felt_from_ma"]
    do(side, "amplitude", to_ma=felt_ma)
    wider = do(side, "program", contacts="1.2- 1.3+", pulse_width_us=1000).outcome
    assert wider.data["uncomfortable"]
    assert wider.said
    narrower = do(side, "program", contacts="1.2- 1.3+", pulse_width_us=100).outcome
    assert narrower.data["strength"] == 0


@pytest.mark.slow
def test_what_is_prepared_is_what_any_patient_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kernel of whoever may be drawn, wherever the lead ends up, is among those built beforehand."""
    built: set[str] = set()
    monkeypatch.setattr("scs_sim.store.load", lambda jobs, progress=None: built.update(job.key for job in jobs))
    hiding = dataclasses.replace(HIDDEN, dorsal_csf_factor=(0.7, 1.3), levels_csf=(HiddenCsf("T11", (2.2, 4.4)),))
    kit = Kit(lead_types=("quad-7mm",), tip_levels=("T10",), entry_levels=("L1",))
    case = training_case(hiding=hiding, kit=kit, visits=(Visit("table", "table", 0.0, ("supine", "prone")),))
    count = prepare_kernels(case)
    assert count == len(built) > 20
    for seed in range(8):
        side = PatientSide(case, seed)
        do(side, "place-lead", lead_type="quad-7mm", tip_level="T10", x_mm=-1.0)
        for posture in ("supine", "prone"):
            needed = true_case(case, side.hidden, side.truth, posture, Program("1.2- 1.3+"))
            assert {spec.key for plan in contact_plans(needed) for spec in plan.specs()} <= built
