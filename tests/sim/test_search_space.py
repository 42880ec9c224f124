"""Space: counted against the combinatorial formula, written as programs are read, kinds by hand-made geometry."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import comb

import numpy as np
import pytest

from scs_models.errors import InvalidValueError
from scs_models.leads import LeadPlacement
from scs_sim.case import builtin_case
from scs_sim.lead_state import ContactFault
from scs_sim.program import parse_contacts
from scs_sim.search.space import contacts_text, geometry_of, kind_of_shares, space_of


def formula(contacts: int, max_active: int = 5) -> int:
    with_anodes = sum(
        comb(contacts, cathodes) * comb(contacts - cathodes, anodes)
        for cathodes in (1, 2)
        for anodes in (1, 2, 3)
        if cathodes + anodes <= max_active
    )
    return with_anodes + sum(comb(contacts, cathodes) for cathodes in (1, 2) if cathodes <= max_active)


def test_two_leads_of_eight_give_as_many_as_the_formula_says_and_none_twice():
    space = space_of(builtin_case("low-back"))
    with_case = int((space.anodes < 0).all(axis=1).sum())
    assert len(space) - with_case == 65_480
    assert len(space) == formula(16) == 65_480 + 16 + 120
    rows = np.concatenate([np.sort(space.cathodes, axis=1), np.sort(space.anodes, axis=1)], axis=1)
    assert len(np.unique(rows, axis=0)) == len(rows)


@pytest.mark.parametrize("max_active", [1, 2, 3, 4, 5, 9])
def test_one_lead_of_eight_with_fewer_contacts(max_active):
    assert len(space_of(builtin_case("foot"), max_active)) == formula(8, max_active)


def test_weights_are_what_the_program_of_the_same_text_asks_for():
    case = builtin_case("low-back")
    space = space_of(case)
    rows = np.random.default_rng(3).choice(len(space), 300, replace=False)
    for row, weights in zip(rows.tolist(), space.weights(rows), strict=True):
        asked = {share.name: share.sign * share.percent for share in parse_contacts(space.contacts(row)) if share.lead}
        assert {name: value for name, value in zip(space.geometry.names, 100.0 * weights, strict=True) if value} == (
            pytest.approx(asked)
        )


def test_open_and_shorted_contacts_take_no_part_and_high_ones_do():
    case = replace(
        builtin_case("foot"),
        contact_faults=(
            ContactFault("1.2", "open"),
            ContactFault("1.4", "short", partner="1.5"),
            ContactFault("1.7", "high", ohm=3000.0),
        ),
    )
    space = space_of(case)
    assert len(space) == formula(5)
    used = {share.name for row in range(len(space)) for share in parse_contacts(space.contacts(row))}
    assert used == {"1.1", "1.3", "1.6", "1.7", "1.8", "case"}


def test_no_sound_contact_is_an_error_in_words():
    case = builtin_case("foot")
    faults = tuple(ContactFault(name, "open") for name in case.contact_names())
    with pytest.raises(InvalidValueError, match="every contact is open or shorted"):
        space_of(replace(case, contact_faults=faults))


def test_of_many_contacts_only_neighbours_are_combined_and_all_have_a_part():
    placement = LeadPlacement("paddle-4x8-6mm", "T9", tip_offset_mm=10.0)
    case = builtin_case("low-back")
    case = replace(case, leads=(placement,), program=replace(case.program, contacts="1.1- 1.2+"))
    space = space_of(case)
    assert 20_000 < len(space) <= 100_000
    assert space.near_count < 32
    assert set(space.cathodes.ravel().tolist()) >= set(range(32))
    place = np.stack([space.geometry.x_mm, space.geometry.z_mm], axis=1)
    apart = np.linalg.norm(place[:, None] - place[None], axis=2)
    reach = np.sort(apart, axis=1)[:, space.near_count - 1]
    for cathodes, anodes in zip(space.cathodes[::977].tolist(), space.anodes[::977].tolist(), strict=True):
        for anode in (index for index in anodes if index >= 0):
            assert apart[cathodes[0], anode] <= reach[cathodes[0]] + 1e-9


KINDS = {
    "1.3- case+": "monopole",
    "1.3- 2.3- case+": "split monopole",
    "1.3- 1.4+": "bipole",
    "1.3- 2.3+": "transverse bipole",
    "1.3- 2.6+": "oblique bipole",
    "1.2+ 1.3- 1.4+": "guarded cathode",
    "1.3- 1.4+ 1.5+": "tripole",
    "1.3- 1.4- 1.5+": "split cathode",
    "1.2+ 1.3- 1.4- 1.5+": "guarded split cathode",
    "1.3- 1.4+ 2.5- 2.6+": "two bipoles",
    "1.3- 1.4- 2.5+ 2.6+": "split cathode, two anodes",
    "1.2+ 1.3- 1.4+ 2.3+": "one cathode, three anodes",
    "1.2+20 1.3- 1.4+80".replace("-", "-100"): "guarded cathode, unequal shares",
    "1.1- 1.2- 1.3- 1.4+": "3 cathodes, 1 anode",
}


@pytest.mark.parametrize(("contacts", "kind"), KINDS.items())
def test_kinds_are_what_the_field_calls_them(contacts, kind):
    assert kind_of_shares(geometry_of(builtin_case("low-back")), parse_contacts(contacts)) == kind


def test_an_anode_on_either_side_of_a_paddles_middle_column_guards_it_across():
    placement = LeadPlacement("paddle-5x4", "T9", tip_offset_mm=10.0)
    case = builtin_case("low-back")
    case = replace(case, leads=(placement,), program=replace(case.program, contacts="1.1- 1.2+"))
    geometry = geometry_of(case)
    space = space_of(case)
    kinds = {space.contacts(row): space.kind_of(row) for row in range(0, len(space), 3)}
    across = [text for text, kind in kinds.items() if kind == "transverse guarded cathode"]
    assert across
    for text in across:
        by_sign = {sign: [share for share in parse_contacts(text) if share.sign == sign] for sign in (-1, 1)}
        middle = geometry.x_mm[geometry.names.index(by_sign[-1][0].name)]
        sides = sorted(np.sign(geometry.x_mm[geometry.names.index(share.name)] - middle) for share in by_sign[1])
        assert sides == [-1.0, 1.0]


@pytest.mark.parametrize("percent", [(-100, 100, 0), (-60, -40, 100), (-34, -33, -33), (-50, -50, 0), (-100, 30, 70)])
def test_whole_percents_are_written_so_that_they_are_read_again(percent):
    text = contacts_text(("1.1", "1.2", "2.1"), np.array(percent))
    found = {share.name: share.sign * share.percent for share in parse_contacts(text)}
    left = -sum(percent)
    wanted = {name: value for name, value in zip(("1.1", "1.2", "2.1"), percent, strict=True) if value}
    assert found == wanted | ({"case": left} if left else {})


def test_the_space_holds_every_pair_of_contacts_both_ways():
    space = space_of(builtin_case("foot"), 2)
    names = space.geometry.names
    texts = {space.contacts(row) for row in range(len(space))}
    for one, other in combinations(names, 2):
        assert {f"{one}- {other}+", f"{one}+ {other}-"} <= texts
