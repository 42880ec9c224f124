"""The situation: what the room sees, folded from events made by hand. No patient, no model."""

from __future__ import annotations

from typing import Any

import pytest
from training_helpers import training_case

from scs_models.errors import InvalidValueError
from scs_sim.training.actions import action, action_kinds
from scs_sim.training.case import Kit, Visit
from scs_sim.training.events import Outcome, TrainingEvent, event_document, event_from
from scs_sim.training.rules import require_possible
from scs_sim.training.situation import Situation, after, begin, opening_of


class Room:
    """A session whose outcomes are made up."""

    def __init__(self, **changes: Any) -> None:
        table, clinic = training_case().visits
        kit = Kit(lead_types=("quad-7mm",), leads_count_high=2, tip_levels=("T9", "T10"))
        usual = {"kit": kit, "visits": (table, clinic)}
        self.now: Situation = begin(opening_of(training_case(**(usual | changes))))

    def do(self, what: str, data: dict[str, Any] | None = None, *, done: bool = True, **parameters: Any) -> Situation:
        """Add one event with made-up outcome `data`, if it is possible; return the situation after it."""
        own = action(what, parameters)
        require_possible(self.now, own)
        self.now = after(self.now, TrainingEvent(self.now.serial + 1, 0.0, own, Outcome(done, 5.0, "", "", data or {})))
        return self.now

    def lead(self, number: int = 1, **more: Any) -> Situation:
        """Place lead `number`."""
        given = {"lead_type": "quad-7mm", "tip_level": "T10"} | more
        return self.do("place-lead", {"lead": number, "entry_level": "L1"}, **given)

    def to(self, to_ma: float, step_ma: float = 0.1, **more: Any) -> Situation:
        """Ramp without anything being felt."""
        data = {"from_ma": self.now.amplitude_ma, "reached_ma": to_ma, "amplitude_ma": to_ma} | more
        return self.do("amplitude", data, to_ma=to_ma, step_ma=step_ma)


def test_other_contacts_send_the_amplitude_to_zero_another_pulse_does_not() -> None:
    room = Room()
    room.lead()
    room.do("program", contacts="1.2- 1.3+")
    room.to(2.0)
    assert room.do("program", contacts="1.2- 1.3+", pulse_width_us=200).amplitude_ma == 2.0
    assert room.do("program", contacts="1.2- 1.4+").amplitude_ma == 0.0
    assert room.now.slips == ()


def test_turning_a_contact_over_above_zero_is_a_slip() -> None:
    room = Room()
    room.lead()
    room.do("program", contacts="1.2- 1.3+")
    room.do("program", contacts="1.2+ 1.3-")
    assert room.now.slips == ()
    room.to(2.0)
    room.do("program", contacts="1.2- 1.3+")
    assert [slip.kind for slip in room.now.slips] == ["polarity-above-zero"]
    assert room.now.amplitude_ma == 0.0


@pytest.mark.parametrize(
    ("from_ma", "to_ma", "step_ma", "jumps"),
    [
        (0.0, 2.0, 0.1, 0),
        (0.0, 2.0, 0.3, 0),
        (0.0, 2.0, 0.4, 1),
        (0.0, 0.2, 5.0, 0),
        (2.0, 0.0, 5.0, 0),
        (2.0, 2.6, 5.0, 1),
    ],
)
def test_a_jump_is_a_step_that_is_taken_not_one_that_was_asked_for(
    from_ma: float, to_ma: float, step_ma: float, jumps: int
) -> None:
    room = Room()
    room.lead()
    room.do("program", contacts="1.2- 1.3+")
    if from_ma:
        room.to(from_ma)
    room.to(to_ma, step_ma)
    assert len(room.now.slips) == jumps


def test_moving_a_lead_undoes_measuring_anchoring_and_seeing() -> None:
    room = Room()
    room.lead()
    places = [{"lead": 1, "tip_level": "T10", "tip_offset_mm": 1.5, "tip_x_mm": -0.5}]
    room.do("impedance")
    room.do("xray", {"view": "ap", "leads": places}, view="ap")
    assert room.now.leads[0].seen
    assert room.do("anchor").reference == {"view": "ap", "leads": places}
    assert room.now.measured
    moved = room.do("drive-lead", rostral_mm=3.0)
    assert (moved.measured, moved.anchored, moved.leads[0].seen) == (False, False, False)
    assert moved.leads[0].tip_offset_mm == 4.5
    assert room.do("anchor").reference is None  # the image is older than the movement


def test_a_removed_lead_takes_its_programs_along_and_frees_its_number() -> None:
    room = Room()
    room.lead(1)
    room.lead(2)
    room.do("program", contacts="1.2- 1.3+")
    room.to(2.0)
    room.do("save", name="a")
    now = room.do("remove-lead", lead=1)
    assert now.program is None
    assert not now.saved
    assert [lead.number for lead in now.leads] == [2]
    assert [slip.kind for slip in now.slips] == ["moved-under-current"]
    assert [lead.number for lead in room.lead(1).leads] == [2, 1]


def test_a_program_is_saved_with_its_amplitude_and_loaded_at_zero() -> None:
    room = Room()
    room.lead()
    room.do("program", contacts="1.2- 1.3+", pulse_width_us=200)
    room.to(2.0)
    room.do("save", name="a")
    room.do("program", contacts="1.1- 1.4+")
    now = room.do("load", name="a")
    assert now.saved["a"].program.amplitude_ma == 2.0
    assert now.amplitude_ma == 0.0
    assert now.program is not None
    assert (now.program.contacts, now.program.pulse_width_us) == ("1.2- 1.3+", 200.0)


def test_the_next_visit_begins_at_zero_with_what_was_saved() -> None:
    room = Room()
    room.lead()
    room.do("program", contacts="1.2- 1.3+")
    room.to(2.0)
    room.do("save", name="a")
    room.do("note", threshold="pt", value_ma=1.5)
    now = room.do("next-visit", {})
    assert (now.visit, now.posture, now.amplitude_ma, now.measured) == (1, "supine", 0.0, False)
    assert list(now.saved) == ["a"]
    assert (now.notes[0].visit, now.notes[0].posture, now.notes[0].contacts) == (0, "supine", "1.2- 1.3+")


IMPOSSIBLE = [
    ("impedance", {}, "none is in place"),
    ("drive-lead", {"rostral_mm": 3}, "none is in place"),
    ("amplitude", {"to_ma": 2}, "none is set"),
    ("program", {"contacts": "1.1- 1.2+"}, "none is in place"),
    ("note", {"threshold": "pt", "value_ma": 2}, "none is set"),
    ("save", {"name": "a"}, "an amplitude above 0"),
    ("load", {"name": "a"}, "none is saved"),
    ("posture", {"to": "standing"}, "must be one of supine"),
    ("posture", {"to": "supine"}, "supine already"),
    ("place-lead", {"lead_type": "octet-7mm", "tip_level": "T10"}, "lead_type in the kit"),
    ("place-lead", {"lead_type": "quad-7mm", "tip_level": "T3"}, "tip_level in the kit"),
    ("place-lead", {"lead_type": "quad-7mm", "tip_level": "T9", "entry_level": "T9"}, "entry_level in the kit"),
]


@pytest.mark.parametrize(("what", "given", "said"), IMPOSSIBLE)
def test_what_cannot_be_done_yet_is_said(what: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidValueError, match=said):
        Room().do(what, **given)


def test_what_cannot_be_done_any_more_is_said() -> None:
    room = Room()
    room.lead(1)
    room.lead(2)
    with pytest.raises(InvalidValueError, match="no more than 2"):
        room.lead(3)
    for contacts, said in (("3.1- 1.2+", "there is no lead 3"), ("1.1- 1.5+", "has no contact 5: it has 4")):
        with pytest.raises(InvalidValueError, match=said):
            room.do("program", contacts=contacts)
    with pytest.raises(InvalidValueError, match="both 0"):
        room.do("drive-lead", lead=1)
    room.do("anchor")
    with pytest.raises(InvalidValueError, match="anchored already"):
        room.do("anchor")
    room.do("conclude", cause="none")
    with pytest.raises(InvalidValueError, match="each visit has one conclusion"):
        room.do("conclude", cause="root")
    room.do("next-visit", {})
    for what in ("anchor", "remove-lead", "drive-lead"):
        with pytest.raises(InvalidValueError, match="in the clinic"):
            room.do(what, **({"rostral_mm": 1.0} if what == "drive-lead" else {}))
    with pytest.raises(InvalidValueError, match="last visit"):
        room.do("next-visit", {})
    room.do("finish")
    for what in action_kinds():
        if what in ("xray", "impedance", "finish", "anchor"):
            with pytest.raises(InvalidValueError, match="session is finished"):
                room.do(what)


def test_the_generator_of_the_kit_bounds_what_can_be_dialled() -> None:
    room = Room(kit=Kit(lead_types=("quad-7mm",), tip_levels=("T10",), profile="conventional-tonic"))
    room.lead()
    with pytest.raises(InvalidValueError, match="the generator does not take it"):
        room.do("program", contacts="1.1-70 1.2-30 1.3+")
    room.do("program", contacts="1.1- 1.2+")
    with pytest.raises(InvalidValueError, match="nearest that can be dialled"):
        room.to(2.03)


def test_an_event_survives_the_journal_s_form() -> None:
    own = action("program", {"contacts": "1.2- 1.3+"})
    event = TrainingEvent(4, 1.5, own, Outcome(False, 20.0, "r", "s", {"a": [1, None, {"b": "ü"}]}))
    assert event_from(event_document(event)) == event


def test_one_visit_may_be_all() -> None:
    room = Room(visits=(Visit("table", "table", 0.0, ("prone", "supine")),))
    assert room.now.posture == "prone"
    assert room.do("posture", {"to": "supine"}, to="supine").posture == "supine"
    with pytest.raises(InvalidValueError, match="last visit"):
        room.do("next-visit", {})


def test_a_pulse_that_hurts_when_it_is_changed_under_current_is_a_slip() -> None:
    room = Room()
    room.lead()
    room.do("program", contacts="1.2- 1.3+")
    room.to(2.0)
    hurts = {"strength": 9, "uncomfortable": True, "twitch": ""}
    room.do("program", hurts, contacts="1.2- 1.3+", pulse_width_us=600)
    assert [slip.kind for slip in room.now.slips] == ["beyond-discomfort"]
    assert room.now.amplitude_ma == 2.0
