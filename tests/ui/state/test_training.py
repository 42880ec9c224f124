"""The training room and its looks without Qt: what is possible, what is shown, a replay, two windows at once."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from training_desk import CASE, NO_WAIT, amplitude_data, event, plain_session, xray_data

from scs_models.percept.body_map import load_body_map
from scs_sim.program import parse_contacts
from scs_sim.training.actions import NOTES, QUESTIONS, REPAIRS
from scs_sim.training.case import CAUSES, DOCUMENTS, REASONS, builtin_training_case
from scs_sim.training.record import recorded
from scs_sim.training.session import resume
from scs_sim.training.situation import SLIPS, fold, opening_of
from scs_ui.state.looks import training as looks
from scs_ui.state.looks.training_xray import film_look, nearest_place
from scs_ui.state.training import AtOnce, TrainingRoom
from scs_ui.state.training_draft import TrainingDraft, cycle, draft_of, set_percent

OPENING = opening_of(builtin_training_case(CASE))
LEAD = {"lead_type": "octet-7mm", "tip_level": "T9"}


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCS_SIM_STATE_DIR", str(tmp_path))


@pytest.fixture
def room() -> TrainingRoom:
    made = TrainingRoom(AtOnce(), clock=NO_WAIT)
    made.take(plain_session())
    return made


def play(room: TrainingRoom) -> None:
    """Place, look, set, ramp, colour."""
    room.act("place-lead", **LEAD)
    room.act("xray")
    for name in ("1.3", "1.4", "1.4"):
        room.change(cycle(room.draft, name))
    room.set_program()
    room.ramp_to(2.0)
    room.act("colour")


def test_every_word_of_the_closed_lists_has_a_title():
    for names, titles in (
        (DOCUMENTS, looks.DOCUMENT_TITLES), (QUESTIONS, looks.QUESTION_TITLES), (NOTES, looks.NOTE_TITLES),
        (CAUSES, looks.CAUSE_TITLES), (REASONS, looks.REASON_TITLES), (REPAIRS, looks.REPAIR_TITLES),
        (SLIPS, looks.SLIP_TITLES),
    ):  # fmt: skip
        assert set(titles) == set(names)


def test_what_is_done_is_on_record_in_the_same_order_and_words(room: TrainingRoom):
    play(room)
    found = recorded("sciatica-left-leg-1", "kim")
    assert [(one.action.name, dict(one.action.parameters)) for one in found.events] == [
        ("place-lead", LEAD | {"tip_offset_mm": 0.0, "x_mm": 0.0, "entry_level": "usual"}),
        ("xray", {"view": "ap"}),
        ("program", {"contacts": "1.3-100 1.4+100", "pulse_width_us": 300.0, "rate_hz": 50.0, "waveform": "recharge"}),
        ("amplitude", {"to_ma": 2.0, "step_ma": 0.1}),
        ("colour", {}),
    ]
    assert room.situation == fold(OPENING, found.events)


def test_what_is_impossible_is_refused_with_the_reason_and_nothing_happens(room: TrainingRoom):
    assert "needs a lead" in room.why_not("impedance")
    room.act("impedance")
    assert room.message is not None
    assert "needs a lead" in room.message.text
    assert recorded("sciatica-left-leg-1", "kim").events == ()
    assert room.why_not("save", name="a").startswith("save needs a program")
    assert room.why_not("place-lead", **LEAD) == ""
    room.act("place-lead", **LEAD)
    assert "cathode" in room.why_no_program()


def test_amplitudes_are_dialled_to_what_the_generator_takes(room: TrainingRoom):
    play(room)
    room.ramp_by(0.1)
    assert room.situation.amplitude_ma == pytest.approx(2.1)
    room.ramp_by(-5.0)
    assert room.situation.amplitude_ma == 0.0
    room.stop()
    assert room.events[-1].action.parameters["to_ma"] == 0.0
    count = len(room.events)
    room.stop()
    assert len(room.events) == count, "at 0 mA there is nothing to stop"


class Waiting:
    """A worker that answers when told to; cancelling breaks the newest question off."""

    def __init__(self) -> None:
        self.questions: list = []

    def ask(self, question, then, failed) -> None:
        self.questions.append((question, then, failed))

    def cancel(self) -> None:
        self.questions.pop()[2](None)

    def answer(self) -> None:
        question, then, _ = self.questions.pop(0)
        then(question(lambda fraction, what: None))


def test_stop_breaks_off_an_answer_under_way_and_goes_to_zero():
    worker = Waiting()
    room = TrainingRoom(worker, clock=NO_WAIT)
    room.take(plain_session())
    room._worker = AtOnce()
    play(room)
    room._worker = worker
    room.ramp_to(3.0)
    room.act("colour")
    assert len(worker.questions) == 1, "one thing at a time"
    assert "still answering" in room.message.text
    room.stop()
    assert [len(worker.questions), room.situation.amplitude_ma] == [1, 2.0]
    worker.answer()
    assert room.events[-1].action.parameters["to_ma"] == 0.0
    assert [one.action.name for one in room.events].count("amplitude") == 2, "the ramp to 3 mA never happened"


def test_another_window_that_went_on_is_followed(room: TrainingRoom, monkeypatch: pytest.MonkeyPatch):
    other = TrainingRoom(AtOnce(), clock=NO_WAIT)
    other.resume("sciatica-left-leg-1", "kim")
    other.act("read", item="referral")
    room.act("read", item="history")
    assert "another window" in room.message.text
    assert [one.action.parameters["item"] for one in room.events] == ["referral"], "shown as it stands on record"
    room.act("read", item="history")
    assert len(resume("sciatica-left-leg-1", "kim").events) == 2


def test_a_replay_folds_the_record_needs_no_patient_and_does_nothing(room: TrainingRoom, monkeypatch):
    play(room)
    monkeypatch.setattr("scs_ui.state.training.resume", None)
    again = TrainingRoom(AtOnce())
    again.watch("sciatica-left-leg-1", "kim")
    assert [again.is_replay, again.place] == [True, 0]
    for place in (5, 2, 0, 4, 9, -3):
        again.go(place)
        place = min(max(place, 0), 5)
        assert again.situation == fold(OPENING, room.events[:place])
        assert again.shown == room.events[:place]
    again.act("xray")
    again.stop()
    assert "replay" in again.message.text
    assert len(recorded("sciatica-left-leg-1", "kim").events) == 5


def test_the_draft_follows_what_is_set_loaded_and_removed(room: TrainingRoom):
    play(room)
    assert room.draft.is_set(room.situation)
    room.act("save", name="one")
    room.change(cycle(room.draft, "1.5"))
    assert not room.draft.is_set(room.situation)
    room.act("load", name="one")
    assert room.draft.contacts == "1.3-100 1.4+100"
    room.act("remove-lead", lead=1)
    assert room.draft.shares == ()


def test_shares_stay_whole_percents_of_each_sign():
    draft = TrainingDraft(parse_contacts("1.3-60 1.4-40 1.5+"))
    assert set_percent(draft, "1.3", 30).contacts == "1.3-30 1.4-70 1.5+100"
    assert draft_of(type("P", (), {"shares": draft.shares, "pulse_width_us": 210.0, "rate_hz": 40.0,
                                   "waveform": "recharge"})()).pulse_width_us == 210.0  # fmt: skip


def test_the_conversation_tells_deeds_sights_and_words_with_the_simulated_time():
    lines = looks.conversation("It hurts.", [
        event(1, "xray", cost_s=30.0, report="bones only"),
        event(2, "amplitude", {"to_ma": 3.0}, done=False, cost_s=65.0, said="Stop!", **amplitude_data(0.0, 3.0)),
        event(3, "note", {"threshold": "dt", "value_ma": 2.9}, report="Noted."),
    ])  # fmt: skip
    assert [(line.clock, line.kind, line.text) for line in lines] == [
        ("0:00:00", "said", "It hurts."),
        ("0:00:30", "did", "X-ray from behind"),
        ("0:00:30", "seen", "bones only"),
        ("0:01:35", "did", "Ramp 0 to 3 mA, 0.1 mA a second: stopped"),
        ("0:01:35", "said", "Stop!"),
        ("0:02:35", "did", "Note DT 2.9 mA"),
    ]


def test_the_body_shows_what_was_coloured_and_says_when_that_is_old(room: TrainingRoom):
    play(room)
    look = looks.coloured(room.situation, room.shown)
    body = load_body_map()
    strength = dict(zip([region.id for region in body.regions], look.body.dc.tolist(), strict=True))
    assert {name: value for name, value in strength.items() if value} == {
        "left_calf_lateral": 0.5, "left_foot_dorsum": 0.2,
    }  # fmt: skip
    assert not np.any(look.body.dr)
    assert not look.is_old
    assert not look.body.pain.scores, "the pain map shows once it was read"
    room.act("read", item="pain-map")
    room.ramp_by(0.5)
    later = looks.coloured(room.situation, room.shown)
    assert [later.is_old, dict(later.body.pain.scores)] == [True, {"left_calf_lateral": 7.0}]


def test_impedances_are_those_of_the_leads_as_they_lie(room: TrainingRoom):
    assert looks.impedances(room.situation, room.shown) == {}
    room.act("place-lead", **LEAD)
    room.act("impedance")
    found = looks.impedances(room.situation, room.shown)
    assert [found["1.1"], found["1.2"]] == [("801", ""), ("open", "open")]
    room.act("drive-lead", lead=1, rostral_mm=2.0)
    assert looks.impedances(room.situation, room.shown) == {}


def test_a_note_is_suggested_where_the_patient_spoke_up():
    ramp = event(
        1, "amplitude", {"to_ma": 4.0}, **amplitude_data(0.0, 4.0, felt_from_ma=1.7, uncomfortable_from_ma=3.9)
    )
    assert looks.suggested_note_ma([ramp], "pt", 2.5) == 1.7
    assert looks.suggested_note_ma([ramp], "dt", 2.5) == 3.9
    assert looks.suggested_note_ma([ramp], "comfort", 2.5) == 2.5
    assert looks.suggested_note_ma([], "pt", 2.5) == 2.5


def test_the_film_shows_the_last_image_and_says_when_it_is_old():
    assert film_look(None).view == ""
    place = event(1, "place-lead", LEAD, lead=1, entry_level="L1")
    image = event(2, "xray", **xray_data((1, -1.5, -4.0)))
    look = film_look(fold(OPENING, [place, image]))
    assert [look.view, look.is_old, look.ghosts] == ["ap", False, ()]
    assert [(one.name, one.x_mm, one.z_mm) for one in look.leads[0].contacts[:2]] == [
        ("1.1", -1.5, -4.0), ("1.2", -1.5, -11.0),
    ]  # fmt: skip
    assert look.low_mm < -53.0 < -4.0 < look.high_mm, "the whole lead is on it"
    drive = event(3, "drive-lead", {"lead": 1, "rostral_mm": 5.0}, lead=1, rostral_mm=5.0, right_mm=0.0)
    assert film_look(fold(OPENING, [place, image, drive])).is_old
    assert "moved" in film_look(fold(OPENING, [place, image, drive])).words


def test_the_reference_image_is_outlined_beside_a_later_one():
    events = [
        event(1, "place-lead", LEAD, lead=1, entry_level="L1"),
        event(2, "xray", **xray_data((1, -1.5, -4.0))),
        event(3, "anchor", reference=True),
        event(4, "next-visit"),
        event(5, "xray", **xray_data((1, -1.5, -9.0))),
    ]
    look = film_look(fold(OPENING, events))
    assert [look.ghosts[0].contacts[0].z_mm, look.leads[0].contacts[0].z_mm] == [-4.0, -9.0]
    assert film_look(fold(OPENING, events[:3])).ghosts == (), "the image itself is no ghost"


def test_a_place_on_the_film_is_named_by_its_vertebra():
    look = film_look(fold(OPENING, [event(1, "xray", **xray_data())]))
    assert nearest_place(look, -20.8, OPENING.kit.tip_levels) == ("T10", pytest.approx(5.0))
    assert nearest_place(film_look(None), 0.0, OPENING.kit.tip_levels) is None


def test_nothing_of_the_window_can_reach_what_is_hidden():
    """The room asks the session alone; looks and widgets name neither the patient's side nor its truth."""
    folder = Path(looks.__file__).parents[2]
    files = [*folder.glob("state/**/training*.py"), *folder.glob("widgets/training*.py")]
    assert len(files) > 10
    for path in files:
        text = path.read_text(encoding="utf-8")
        for word in (
            "training.clinic",
            "training.truth",
            "training.draw",
            "training.body",
            ".patient.",
            "session.patient",
        ):
            assert word not in text, f"{path.name}: {word}"
