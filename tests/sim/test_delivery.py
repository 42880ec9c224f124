"""What the generator delivers, against circuit laws: Kirchhoff, one potential at a short, Ohm, the two-source limit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scs_sim.delivery import (
    Delivery,
    Generator,
    Wiring,
    cathodic,
    contact_flags,
    contact_ohm,
    deliver,
    pair_ohm,
    wiring,
)
from scs_sim.limits import safety_limits

# Six contacts in a row: 1 kohm each against far away, less and less shared with distance; symmetric as tissue is.
APART = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
TRANSFER = 1000.0 * np.eye(6) + np.where(APART > 0, 150.0 / np.maximum(APART, 1), 0.0)
NONE = np.zeros(0, dtype=np.int64)


def circuit(opens=(), shorts=(), series=0.0, own_sources=True, limit_v=15.0) -> Wiring:
    return wiring(
        TRANSFER,
        np.broadcast_to(np.asarray(series, dtype=float), 6).copy(),
        opens=np.array(opens, dtype=np.int64),
        shorts=np.array(shorts, dtype=np.int64).reshape(-1, 2),
        generator=Generator(limit_v, own_sources),
    )


def case_current(found: Delivery) -> np.ndarray:
    return -found.weights.sum(axis=1)


@st.composite
def programs(draw) -> np.ndarray:
    """Draw one program on six contacts, shares per sign summing to 1; sometimes the case takes a sign's part."""
    signs = draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=6, max_size=6).filter(lambda s: any(s)))
    parts = np.array(draw(st.lists(st.integers(1, 100), min_size=6, max_size=6)), dtype=float)
    row = np.zeros(6)
    for sign in (-1, 1):
        of_sign = np.array(signs) == sign
        if of_sign.any():
            row[of_sign] = sign * parts[of_sign] / parts[of_sign].sum()
    return row[None]


faults = st.lists(st.integers(0, 5), max_size=3, unique=True)
shorted = st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=2, unique=True), max_size=3)


@given(programs())
def test_without_faults_nothing_changes(asked):
    found = deliver(asked, circuit(series=200.0))
    np.testing.assert_array_equal(found.weights, asked)
    assert found.delivered_share == pytest.approx(1.0)


@given(programs(), faults, shorted, st.booleans())
def test_what_goes_in_comes_out_and_open_contacts_carry_nothing(asked, opens, shorts, own_sources):
    found = deliver(asked, circuit(opens, shorts, own_sources=own_sources))
    case_asked = -asked.sum()
    assert not found.weights[:, opens].any()
    if abs(case_asked) < 1e-9:  # the case takes no part: the contacts balance among themselves
        assert abs(case_current(found)[0]) < 1e-8
    assert cathodic(found.weights)[0] == pytest.approx(found.delivered_share[0])
    assert found.source_share[0] <= 1.0 + 1e-9


@given(programs(), shorted.filter(bool))
def test_shorted_contacts_have_one_potential_and_the_others_keep_their_current(asked, shorts):
    own = circuit(shorts=shorts, series=[0.0, 300.0, 0.0, 50.0, 0.0, 0.0])
    found = deliver(asked, own)
    potential = found.weights[0] @ own.ohm.T
    for one, other in shorts:
        assert potential[one] == pytest.approx(potential[other], abs=1e-5)
    free = [index for index in range(6) if index not in {place for pair in shorts for place in pair}]
    np.testing.assert_allclose(found.weights[0, free], asked[0, free], atol=1e-9)
    assert found.weights.sum() == pytest.approx(asked.sum(), abs=1e-8)


def test_the_split_at_a_short_is_that_of_two_resistors_where_tissue_is_shared_by_none():
    apart = wiring(
        np.diag([1000.0, 1000.0, 1000.0]),
        np.array([0.0, 500.0, 0.0]),
        opens=NONE,
        shorts=np.array([[0, 1]]),
        generator=Generator(15.0, True),
    )
    found = deliver(np.array([[-1.0, 0.0, 1.0]]), apart)
    np.testing.assert_allclose(found.weights[0], [-0.6, -0.4, 1.0])  # 1500 : 1000 ohm
    assert found.load_ohm[0] == pytest.approx(600.0 + 1000.0)


def test_a_bipole_across_a_short_delivers_nothing():
    found = deliver(np.array([[0.0, -1.0, 1.0, 0.0, 0.0, 0.0]]), circuit(shorts=[(1, 2)]))
    assert not found.weights.any()
    assert found.delivered_share[0] == 0.0
    assert found.load_ohm[0] == pytest.approx(0.0, abs=1e-9)


def test_three_contacts_shorted_in_any_order_are_one_node():
    asked = np.array([[-1.0, 0.0, 0.0, 0.0, 0.0, 1.0]])
    ways = [((0, 1), (1, 2)), ((0, 1), (0, 2)), ((1, 2), (2, 0), (0, 1))]
    found = [deliver(asked, circuit(shorts=way)).weights for way in ways]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=1e-9)


def test_an_open_cathode_takes_its_part_with_own_sources_and_none_of_the_total_with_one():
    asked = np.array([[-0.6, -0.4, 0.0, 0.75, 0.25, 0.0]])
    own = deliver(asked, circuit(opens=[1]))
    np.testing.assert_allclose(own.weights[0], [-0.6, 0.0, 0.0, 0.45, 0.15, 0.0])
    assert own.delivered_share[0] == pytest.approx(0.6)
    one = deliver(asked, circuit(opens=[1], own_sources=False))
    np.testing.assert_allclose(one.weights[0], [-1.0, 0.0, 0.0, 0.75, 0.25, 0.0])
    assert one.delivered_share[0] == pytest.approx(1.0)


def test_the_weaker_sign_sets_the_total_where_both_have_lost_a_contact():
    found = deliver(np.array([[-0.6, -0.4, 0.0, 0.75, 0.25, 0.0]]), circuit(opens=[1, 3]))
    np.testing.assert_allclose(found.weights[0], [-0.25, 0.0, 0.0, 0.0, 0.25, 0.0])


@pytest.mark.parametrize("own_sources", [True, False])
def test_a_sign_without_contact_delivers_nothing_unless_the_case_has_it(own_sources):
    bipole, monopole = np.array([[-1.0, 1.0, 0, 0, 0, 0]]), np.array([[-0.5, -0.5, 0, 0, 0, 0]])
    assert not deliver(bipole, circuit(opens=[0], own_sources=own_sources)).weights.any()
    assert not deliver(bipole, circuit(opens=[1], own_sources=own_sources)).weights.any()
    found = deliver(monopole, circuit(opens=[0], own_sources=own_sources))
    assert found.weights[0, 1] == pytest.approx(-0.5 if own_sources else -1.0)


def test_a_fault_of_one_program_leaves_the_others_in_the_batch_alone():
    asked = np.array([[-0.6, -0.4, 1.0, 0, 0, 0], [0, 0, 0, -1 / 3, -2 / 3, 1.0]])
    found = deliver(asked, circuit(opens=[0]))
    np.testing.assert_array_equal(found.weights[1], asked[1])


def test_load_is_ohms_law_between_the_ends():
    bipole, monopole = np.array([[-1.0, 1.0, 0, 0, 0, 0]]), np.array([[-1.0, 0, 0, 0, 0, 0]])
    assert deliver(bipole, circuit(series=100.0)).load_ohm[0] == pytest.approx(2 * 1100.0 - 2 * 150.0)
    assert deliver(monopole, circuit(series=100.0)).load_ohm[0] == pytest.approx(1100.0)
    assert deliver(bipole, circuit(limit_v=10.0)).deliverable_ma[0] == pytest.approx(10e3 / 1700.0)
    half = deliver(np.array([[-0.5, -0.5, 0, 1.0, 0, 0]]), circuit(opens=[0]))  # the load is per mA that flows
    assert half.load_ohm[0] == pytest.approx(2000.0 - 2 * 75.0)
    assert half.deliverable_ma[0] == pytest.approx(2 * 15e3 / 1850.0)


def test_impedances_of_sound_open_and_shorted_contacts():
    own = circuit(opens=[5], shorts=[(0, 1)], series=[0, 0, 0, 3500.0, 0, 0])
    ohm = contact_ohm(own)
    assert contact_ohm(circuit())[2] == pytest.approx(1000.0)
    assert 990.0 < ohm[2] < 1000.0  # a wire between others makes the way a little easier
    assert ohm[3] == pytest.approx(4500.0, rel=2e-3)
    assert np.isinf(ohm[5])
    assert ohm[0] == pytest.approx((1000.0**2 - 150.0**2) / (2 * 1000.0 - 2 * 150.0))  # two in parallel, coupled
    assert ohm[0] == pytest.approx(ohm[1])
    across = pair_ohm(own)
    assert across[0, 1] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(across, across.T)  # reciprocity
    assert contact_flags(own) == ("short", "short", "", "open", "", "open")
    assert contact_flags(circuit(series=[0, 1500.0, 0, 0, 0, 0]))[1] == "high"
    assert safety_limits().high_from_ohm <= 2500.0 < safety_limits().open_from_ohm
