"""The arithmetic of shares, judged by what must hold whatever is done: sums, signs, locks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scs_models.errors import InvalidValueError
from scs_sim.program import ContactShare, format_contacts, parse_contacts
from scs_ui.state import contacts

NAMES = ("case", *(f"{lead}.{contact}" for lead in (1, 2) for contact in range(1, 9)))
DOINGS = st.one_of(
    st.tuples(st.just("cycle"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("sign"), st.sampled_from(NAMES), st.sampled_from((-1, 0, 1))),
    st.tuples(st.just("percent"), st.sampled_from(NAMES), st.integers(-5, 105)),
    st.tuples(st.just("equalise"), st.just(""), st.sampled_from((-1, 1, None))),
    st.tuples(st.just("lock"), st.sampled_from(NAMES), st.none()),
)


def _do(shares, locked, doing):
    what, name, how = doing
    if what == "cycle":
        return contacts.cycled(shares, locked, name, backwards=how), locked
    if what == "sign":
        return contacts.with_sign(shares, locked, name, how), locked
    if what == "percent":
        return contacts.with_percent(shares, locked, name, how), locked
    if what == "equalise":
        return contacts.equalised(shares, locked, how), locked
    return shares, contacts.lock_toggled(shares, locked, name)


@settings(max_examples=150, deadline=None)
@given(st.lists(DOINGS, max_size=30))
def test_whatever_is_done_sums_stay_100_and_locks_hold(doings):
    shares, locked = parse_contacts("1.3- 1.4+"), ()
    for doing in doings:
        before = {name: (contacts.sign_of(shares, name), contacts.percent_of(shares, name)) for name in locked}
        try:
            shares, locked = _do(shares, locked, doing)
        except InvalidValueError:
            continue
        for sign in (-1, 1):
            percents = [share.percent for share in shares if share.sign == sign]
            assert not percents or (sum(percents) == 100 and min(percents) >= 1)
        assert len({share.name for share in shares}) == len(shares)
        if doing[0] != "lock":
            held = {name: (contacts.sign_of(shares, name), contacts.percent_of(shares, name)) for name in locked}
            assert held == before


def test_a_click_goes_off_cathode_anode_off():
    shares = parse_contacts("1.3- 1.4+")
    seen = []
    for _ in range(3):
        shares = contacts.cycled(shares, (), "2.5")
        seen.append(contacts.sign_of(shares, "2.5"))
    assert seen == [-1, 1, 0]
    assert format_contacts(shares) == "1.3-100 1.4+100"


@pytest.mark.parametrize("name", ["1.3", "1.4", "2.5", "case"])
def test_backwards_undoes_the_sign(name):
    shares = parse_contacts("1.3- 1.4+")
    there = contacts.cycled(shares, (), name)
    assert contacts.sign_of(contacts.cycled(there, (), name, backwards=True), name) == contacts.sign_of(shares, name)


def test_a_contact_that_comes_in_takes_an_equal_part_and_the_others_keep_their_proportion():
    shares = contacts.with_sign(parse_contacts("1.2-60 1.3-40 1.5+"), (), "1.4", -1)
    assert [contacts.percent_of(shares, name) for name in ("1.2", "1.3", "1.4")] == [40, 27, 33]


def test_others_take_the_rest_in_proportion_and_a_lock_stays():
    shares = parse_contacts("1.1-50 1.2-30 1.3-20 1.5+")
    assert format_contacts(contacts.with_percent(shares, ("1.2",), "1.1", 60)) == "1.1-60 1.2-30 1.3-10 1.5+100"
    assert format_contacts(contacts.with_percent(shares, (), "1.1", 0 + 75)) == "1.1-75 1.2-15 1.3-10 1.5+100"


@pytest.mark.parametrize(
    ("locked", "name", "percent", "words"),
    [
        (("1.2", "1.3"), "1.1", 60, "no other cathode is free"),
        (("1.1",), "1.1", 60, "1.1 is locked"),
        (("1.2",), "1.1", 70, "between 1 and 69 %"),
        ((), "1.5", 50, "no other anode"),
        ((), "1.8", 50, "is off"),
    ],
)
def test_what_cannot_be_is_said_in_words(locked, name, percent, words):
    with pytest.raises(InvalidValueError, match=words):
        contacts.with_percent(parse_contacts("1.1-50 1.2-30 1.3-20 1.5+"), locked, name, percent)


def test_equal_shares_leave_the_rest_to_the_first_and_locks_alone():
    shares = parse_contacts("1.1-50 1.2-30 1.3-20 1.5+")
    assert [share.percent for share in contacts.equalised(shares, ()) if share.sign < 0] == [34, 33, 33]
    assert [share.percent for share in contacts.equalised(shares, ("1.3",)) if share.sign < 0] == [40, 40, 20]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 100), min_size=1, max_size=8), st.integers(8, 100))
def test_apportioned_parts_are_within_one_of_exact_where_none_is_lifted(weights, total):
    parts = contacts.apportioned(weights, total)
    exact = [weight * total / sum(weights) for weight in weights]
    assert sum(parts) == total
    assert min(parts) >= 1
    if min(exact) >= 1.0:
        assert all(abs(part - value) < 1.0 for part, value in zip(parts, exact, strict=True))


def test_shares_are_in_order_of_lead_and_contact():
    shares = contacts.with_sign((), (), "2.1", -1)
    shares = contacts.with_sign(contacts.with_sign(shares, (), "1.7", 1), (), "case", 1)
    assert shares == (ContactShare(0, 0, 1, 50), ContactShare(1, 7, 1, 50), ContactShare(2, 1, -1, 100))
