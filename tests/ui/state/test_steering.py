"""Steering, judged by where the current lies: its middle moves as asked, and steps back undo steps."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scs_models.errors import InvalidValueError
from scs_models.leads import LeadPlacement
from scs_sim.case import builtin_case
from scs_sim.program import format_contacts, parse_contacts
from scs_ui.state.steering import Steering, columns_of, drawn, moved


def columns(*leads: LeadPlacement):
    case = dataclasses.replace(
        builtin_case("low-back"),
        leads=leads,
        program=dataclasses.replace(builtin_case("low-back").program, contacts="1.1- case+"),
        scars=(),
        migrations=(),
        contact_faults=(),
    )
    return columns_of(case)


ONE = columns(LeadPlacement("octet-7mm", "T8", 8.0))
TWO = columns(LeadPlacement("octet-7mm", "T8", 8.0, -1.5), LeadPlacement("octet-7mm", "T8", 5.0, 1.5))
PADDLE = columns(LeadPlacement("paddle-565", "T9", 10.0))
CROWDED = columns(LeadPlacement("octet-crowded", "T8", 8.0))


def middle(shares, layout, sign, axis):
    """Return the current-weighted middle of one sign, mm: an independent sum."""
    value = {
        (column.lead, contact): (column.x_mm[place], column.z_mm[place])[axis]
        for column in layout
        for place, contact in enumerate(column.contacts)
    }
    own = [share for share in shares if share.sign == sign and share.lead]
    return sum(value[share.lead, share.contact] * share.percent for share in own) / sum(s.percent for s in own)


def go(shares, layout, *moves):
    steering = None
    for move, steps in moves:
        shares, steering = moved(shares, (), steering, layout, move, steps)
    return shares


@pytest.mark.parametrize("start", ["1.4- 1.6+", "1.4-60 1.5-40 1.7+", "1.4-20 1.5-60 1.6-20 1.3+50 1.7+50"])
def test_ten_steps_are_one_contact_and_ten_back_return_exactly(start):
    shares = tuple(sorted(parse_contacts(start)))
    there = go(shares, ONE, *[("up", 1)] * 10)
    assert [(s.contact, s.sign, s.percent) for s in there] == [(s.contact - 1, s.sign, s.percent) for s in shares]
    assert go(shares, ONE, *[("up", 1)] * 10, *[("up", -1)] * 10) == shares


@pytest.mark.parametrize(("layout", "tolerance_mm"), [(ONE, 0.1), (CROWDED, 0.1)])
@pytest.mark.parametrize("steps", [-3, 1, 4, 7])
def test_cathodes_and_anodes_move_by_tenths_of_the_spacing(layout, steps, tolerance_mm):
    shares = parse_contacts("1.4-70 1.5-30 1.7+")
    spacing_mm = sorted(a - b for a, b in zip(layout[0].z_mm, layout[0].z_mm[1:], strict=False))[3]
    there = go(shares, layout, ("up", steps))
    for sign in (-1, 1):
        way_mm = middle(there, layout, sign, 1) - middle(shares, layout, sign, 1)
        assert way_mm == pytest.approx(steps * spacing_mm / 10.0, abs=tolerance_mm)


def test_sideways_goes_from_one_lead_to_the_other_at_the_same_height():
    shares = parse_contacts("1.4- 1.6+")
    half = go(shares, TWO, ("right", 5))
    assert middle(half, TWO, -1, 0) == pytest.approx(0.0, abs=0.05)
    assert middle(half, TWO, -1, 1) == pytest.approx(TWO[0].z_mm[3], abs=0.1)
    there = go(shares, TWO, *[("right", 1)] * 10)
    assert {share.lead for share in there} == {2}
    assert middle(there, TWO, -1, 1) == pytest.approx(TWO[0].z_mm[3], abs=0.1)
    assert go(shares, TWO, *[("right", 1)] * 10, *[("right", -1)] * 10) == shares


def test_paddle_columns_are_steered_across():
    shares = parse_contacts("1.2- 1.4+")
    there = go(shares, PADDLE, ("right", 10))
    assert middle(there, PADDLE, -1, 0) == pytest.approx(PADDLE[1].x_mm[0])
    assert middle(there, PADDLE, -1, 1) == pytest.approx(PADDLE[0].z_mm[1], abs=0.1)


@pytest.mark.parametrize(
    ("start", "layout", "move", "steps", "words"),
    [
        ("1.1- 1.3+", ONE, "up", 1, "lead 1 ends here: no contact above"),
        ("1.6- 1.8+", ONE, "up", -1, "no contact below"),
        ("1.4- 1.6+", ONE, "right", 1, "no contact further right"),
        ("1.4- 1.6+", TWO, "right", -1, "no contact further left"),
        ("1.4- 1.6+", ONE, "spread", -1, "as narrow as they get"),
        ("1.4- 1.6+", ONE, "spread", 7, "as wide as they get"),
        ("1.4- 1.5+", ONE, "anodes", -1, "as near"),
        ("1.4- case+", ONE, "anodes", 1, "no anode above or below"),
        ("1.4- 1.7+", ONE, "anodes", 11, "no contact below"),
    ],
)
def test_ends_are_said_in_words(start, layout, move, steps, words):
    with pytest.raises(InvalidValueError, match=words):
        moved(parse_contacts(start), (), None, layout, move, steps)


def test_a_lock_stops_steering():
    with pytest.raises(InvalidValueError, match=r"1\.4 is locked"):
        moved(parse_contacts("1.4- 1.6+"), ("1.4",), None, ONE, "up", 1)


def test_neighbours_of_opposite_sign_cancel_where_they_meet_and_part_again():
    """The shares are the moved pattern by superposition: first moment of the currents per mA stays what it was."""
    shares = parse_contacts("1.4- 1.5+")
    assert format_contacts(go(shares, ONE, ("up", 5))) == "1.3-100 1.5+100"
    assert format_contacts(go(shares, ONE, *[("up", 1)] * 10)) == "1.3-100 1.4+100"


def test_wider_shares_the_cathode_with_its_neighbours_and_narrower_takes_it_back():
    shares = parse_contacts("1.4- 1.7+")
    wide = go(shares, ONE, ("spread", 4))
    assert format_contacts(wide) == "1.3-20 1.4-60 1.5-20 1.7+100"
    assert go(shares, ONE, ("spread", 4), ("spread", -4)) == shares
    broad = parse_contacts("1.3-50 1.5-50 1.8+")
    assert format_contacts(go(broad, ONE, ("spread", -10))) == "1.4-100 1.8+100"


def test_anodes_on_both_sides_go_away_and_come_back():
    shares = parse_contacts("1.3+50 1.4- 1.6+50")
    away = go(shares, ONE, ("anodes", 10))
    assert format_contacts(away) == "1.2+50 1.4-100 1.7+50"
    assert go(shares, ONE, *[("anodes", 1)] * 10, *[("anodes", -1)] * 10) == shares


def test_a_changed_contact_begins_a_new_pattern():
    shares, steering = moved(parse_contacts("1.4- 1.6+"), (), None, ONE, "up", 3)
    other = parse_contacts("1.2- 1.6+")
    _, anew = moved(other, (), steering, ONE, "up", 1)
    assert anew == Steering(other, up=1)
    _, further = moved(shares, (), steering, ONE, "up", 1)
    assert further.up == 4


MOVES = st.tuples(st.sampled_from(("up", "right", "spread", "anodes")), st.sampled_from((-1, 1, 3)))
STARTS = st.sampled_from(("1.4- 1.5+", "1.4-60 1.5-40 1.6+", "1.3+50 1.4- 1.5+50", "1.4-50 2.4-50 2.6+ ", "1.5- case+"))


@settings(max_examples=150, deadline=None)
@given(STARTS, st.lists(MOVES, max_size=15))
def test_any_steps_keep_whole_hundreds_and_their_reverse_returns(start, moves):
    shares, steering = parse_contacts(start), None
    now, done = shares, []
    for move, steps in moves:
        try:
            now, steering = moved(now, (), steering, TWO, move, steps)
        except InvalidValueError:
            continue
        done.append((move, steps))
        for sign in (-1, 1):
            own = [share.percent for share in now if share.sign == sign]
            assert sum(own) == 100
            assert min(own) >= 1
        assert len({share.name for share in now}) == len(now)
    if steering is not None:
        back = Steering(steering.base)
        assert drawn(back, TWO) == tuple(sorted(shares))
        for name in ("up", "right", "spread", "anodes"):
            total = sum(steps for move, steps in done if move == name)
            assert getattr(steering, name) == total
