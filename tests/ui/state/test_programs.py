"""Programs and areas: adding, choosing, ordering, comparing; settings noted with the place of their cathodes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scs_models.errors import InvalidValueError
from scs_sim.case import builtin_case
from scs_sim.contact_plan import lead_places
from scs_sim.program import parse_contacts
from scs_sim.simulate import Request
from scs_ui.state.actions import faults, programs, stimulation
from scs_ui.state.draft import ProgramDraft
from scs_ui.state.live import Frame, Live
from scs_ui.state.looks.impedance import impedance_look
from scs_ui.state.looks.programs import programs_look
from scs_ui.state.moment import Moment
from scs_ui.state.program_coverage import Coverages
from scs_ui.state.session import Session, session_of
from scs_ui.state.view import View


def nothing(fraction: float, what: str) -> None:
    pass


def frame_of(session: Session) -> Frame:
    live = Live()
    while (request := live.wanted(session)) is not None:
        live.accept(request, request(nothing))
    frame = live.frame(session)
    assert frame is not None
    return frame


@pytest.fixture
def session() -> Session:
    return session_of(replace(builtin_case("foot"), posture="supine"))


def named(session: Session, *names: str) -> Session:
    return replace(session, programs=tuple(ProgramDraft(name=name) for name in names), chosen=0, area=0)


def names(session: Session) -> list[str]:
    return [program.name for program in session.programs]


def test_areas_come_and_go_with_the_edited_one_kept(session):
    grown = programs.add_area(programs.add_area(session))
    assert grown.area == 2
    assert grown.draft.amplitude_ma == 0.0
    assert grown.draft.pulse_width_us == session.draft.pulse_width_us
    full = programs.add_area(grown)
    with pytest.raises(InvalidValueError, match="4 areas; there is no room"):
        programs.add_area(full)
    assert programs.remove_area(full, 0).area == 2
    assert programs.remove_area(programs.choose_area(full, 1), 3).area == 1
    with pytest.raises(InvalidValueError, match="last one"):
        programs.remove_area(session, 0)
    with pytest.raises(InvalidValueError, match="no area C; it has A"):
        programs.choose_area(session, 2)


def test_an_area_that_cannot_take_turns_is_refused_in_words(session):
    fast = stimulation.set_rate(stimulation.set_amplitude(stimulation.set_pulse_width(session, 60.0), 1.0), 900.0)
    two = programs.add_area(fast)
    other = replace(two.draft, shares=parse_contacts("1.5- 1.6+"), on=False, amplitude_ma=1.0)
    two = two.with_draft(other)
    with pytest.raises(InvalidValueError, match="1800 Hz together"):
        programs.toggle_area(two, 1)


def test_copies_follow_the_original_and_saving_keeps_it_in_hand(session):
    begun = programs.rename(session, 0, "  Left   foot ")
    copied = programs.duplicate(begun)
    assert (names(copied), copied.chosen) == (["Left foot", "Left foot, copy"], 1)
    saved = programs.save_as_program(begun)
    assert (names(saved), saved.chosen) == (["Left foot", "Left foot, copy"], 0)
    assert saved.programs[1].areas == begun.program.areas
    crowded = replace(begun, programs=begun.programs * 32)
    with pytest.raises(InvalidValueError, match="32 programs and no room"):
        programs.duplicate(crowded)


def test_deleting_and_ordering_keep_the_same_programs_chosen_and_compared(session):
    four = replace(named(session, "a", "b", "c", "d"), chosen=2, compared=3)
    fewer = programs.delete(four, 0)
    assert (fewer.program.name, fewer.programs[fewer.compared].name) == ("c", "d")
    assert programs.delete(four, 3).compared is None
    gone = programs.delete(four, 2)
    assert gone.program.name == "d"
    assert gone.compared is None
    for index in range(4):
        for to in range(4):
            moved = programs.reorder(four, index, to)
            assert (moved.program.name, moved.programs[moved.compared].name) == ("c", "d")
            assert names(moved)[to] == "abcd"[index]
            assert sorted(names(moved)) == list("abcd")
    with pytest.raises(InvalidValueError, match="last one"):
        programs.delete(named(session, "a"), 0)


def test_comparing_swaps_there_and_back(session):
    three = named(session, "a", "b", "c")
    compared = programs.compare(three, 2)
    swapped = programs.swap_compared(compared)
    assert (swapped.program.name, swapped.programs[swapped.compared].name) == ("c", "a")
    assert programs.swap_compared(swapped) == compared
    assert programs.swap_compared(three).program.name == "b"
    assert programs.choose(compared, 2).compared is None
    assert programs.next_program(replace(three, chosen=2)).chosen == 0
    with pytest.raises(InvalidValueError, match="itself"):
        programs.compare(three, 0)
    with pytest.raises(InvalidValueError, match="one program only"):
        programs.swap_compared(named(session, "a"))


def test_a_tested_setting_lies_at_the_middle_of_its_cathodes(session):
    shares = parse_contacts("1.2-75 1.6-25 1.4+")
    session = session.with_draft(replace(session.draft, shares=shares, amplitude_ma=2.0))
    frame = frame_of(session)
    tested = programs.tested_now(session, frame)
    heights = [place.z_mm for place in lead_places(session.case, 1)]
    assert tested.height_mm == pytest.approx(0.75 * heights[1] + 0.25 * heights[5], abs=0.006)
    assert tested.contacts == "1.2-75 1.4+100 1.6-25"
    assert tested.amplitude_ma == 2.0
    assert tested.covered_percent == frame.result.coverage.pain_covered_percent
    noted = programs.add_tested(session, tested)
    assert noted.tested == (tested,)
    assert programs.clear_tested(noted).tested == ()
    with pytest.raises(InvalidValueError, match="no answer for this setting yet"):
        programs.tested_now(programs.rename(session, 0, "changed"), frame)


def test_the_comparison_names_a_and_b_by_place_and_the_better_of_them(session):
    loud = stimulation.set_amplitude(session, 2.2)
    two = stimulation.set_amplitude(programs.duplicate(loud), 0.5)
    two = programs.compare(two, 0)
    frame = frame_of(two)
    assert frame.compared is not None
    look = programs_look(Moment(two, View(), frame))
    assert [row.tag for row in look.rows] == ["A", "B"]
    assert [row.is_chosen for row in look.rows] == [False, True]
    by_name = {row.what: row for row in look.compared}
    assert (by_name["A amplitude"].a, by_name["A amplitude"].b) == ("2.2 mA", "0.5 mA")
    assert by_name["Pain covered"].better == "A"
    assert by_name["Pain covered"].b == "0 %"
    swapped = programs.swap_compared(two)
    again = programs_look(Moment(swapped, View(), frame_of(swapped)))
    assert [row.tag for row in again.rows] == ["A", "B"]
    assert again.compared == look.compared


def test_programs_that_are_not_in_hand_are_answered_once_and_as_the_engine_does(session):
    loud = stimulation.set_amplitude(session, 2.2)
    three = programs.duplicate(programs.duplicate(loud))
    three = stimulation.set_amplitude(three, 1.4)
    three = programs.duplicate(programs.choose(three, 0))
    three = three.with_program(ProgramDraft())
    coverages, frame = Coverages(), frame_of(three)
    moment = Moment(three, View(), frame)
    question = coverages.question(moment)
    assert len(question.drafts) == 3
    assert coverages.question(moment) is None, "it is on its way"
    assert coverages.take(question, question(nothing))
    direct = Request(loud.case, loud.program.program())().coverage.pain_covered_percent
    assert coverages.known[loud.program] == pytest.approx(direct, abs=1e-3)
    rows = programs_look(moment, coverages.known).rows
    assert [row.covered for row in rows] == [f"{direct:.0f} %", "", rows[2].covered, rows[3].covered]
    assert rows[2].covered.endswith("%")
    louder = stimulation.set_amplitude(programs.choose(three, 0), 2.3)
    assert coverages.question(Moment(louder, View(), frame)).drafts == (ProgramDraft(),)
    painful = replace(
        three, case=replace(three.case, contact_faults=faults.inject_open(three, "1.8").case.contact_faults)
    )
    assert len(coverages.question(Moment(painful, View(), frame)).drafts) == 3
    assert not coverages.take(question, {}), "an answer to an older question"


def test_marks_stand_beside_the_models(session):
    noted = stimulation.mark(session, "pt", 2.0)
    frame = frame_of(noted)
    row = programs_look(Moment(noted, View(), frame)).marks[0]
    model = frame.solo.thresholds.pt_ma
    assert (row.noted, row.model) == ("2.00 mA", f"{model:.2f} mA")
    assert row.difference == f"{2.0 - model:+.2f} mA"


def test_faults_show_in_the_impedance_check_with_words(session):
    bad = faults.inject_open(session, "1.2")
    bad = faults.inject_high(bad, "1.7", 5000.0)
    bad = faults.inject_short(bad, "1.4", faults.neighbour(bad, "1.4"))
    frame = frame_of(bad)
    hidden = impedance_look(Moment(bad, View(), frame))
    assert {cell.ohm for cell in hidden.columns[0]} == {"–"}
    look = impedance_look(Moment(bad, View(show_impedance=True), frame))
    flags = {cell.name: cell.flag for cell in look.columns[0]}
    assert flags == {
        "1.1": "", "1.2": "open", "1.3": "", "1.4": "short", "1.5": "short", "1.6": "", "1.7": "open", "1.8": "",
    }  # fmt: skip
    cells = {cell.name: cell for cell in look.columns[0]}
    assert cells["1.2"].ohm == "no current"
    assert cells["1.7"].fault == "5000 Ω in series"
    assert cells["1.5"].fault == "shorted to 1.4"
    assert look.summary.startswith("1.2 open; 1.4 short")
    assert not impedance_look(Moment(session, View(show_impedance=True), frame)).has_problems
    assert faults.clear(bad, "1.5").case.contact_faults == bad.case.contact_faults[:2]
    assert faults.clear_all(bad).case == session.case
    with pytest.raises(InvalidValueError, match="no fault"):
        faults.clear(bad, "1.8")
    assert faults.neighbour(session, "1.8") == "1.7"
    assert faults.inject_open(faults.inject_high(session, "1.1"), "1.1").case.contact_faults[0].kind == "open"
