"""Recruitment against the predictor fibre by fibre, and tallies against counting one fibre after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scs_models import recruitment
from scs_models.fibres import predictor
from scs_models.lead_field import LeadField, NodeBlock

PULSES = [(210.0, "recharge"), (60.0, "biphasic"), (450.0, "monophasic")]


def invented_field(seed: int) -> LeadField:
    """Return a lead field of smooth invented potentials: 3 contacts, two column diameters, one group of root fibres."""
    rng = np.random.default_rng(seed)

    def bumps(step, nodes, fibres):
        z = np.arange(nodes)[None, :, None] * step
        centre, width = rng.uniform(5, 35, (3, 1, fibres)), rng.uniform(3, 7, (3, 1, fibres))
        return (200.0 * rng.uniform(0.3, 1.0, (3, 1, fibres)) / (1.0 + ((z - centre) / width) ** 2)).astype(np.float32)

    def block(diameter, nodes, fibres, **more):
        return NodeBlock(
            diameter, np.arange(nodes) * 1.0, bumps(diameter / 10.0, nodes, fibres), slice(0, fibres), **more
        )

    columns = tuple((block(d, 40, 6), block(d, 41, 6)) for d in (8.7, 12.8))
    real, branch = np.ones((35, 4), bool), np.zeros((35, 4), bool)
    real[30:, 1] = False
    branch[:12] = True
    return LeadField(columns, (block(14.0, 35, 4, real=real, branch=branch),), np.zeros((3, 3)), np.zeros(3))


WEIGHTS = np.array([[-1.0, 1.0, 0.0], [0.5, -1.0, 0.5], [0.0, -0.6, 0.0], [1.0, -0.7, -0.3]])


@pytest.mark.parametrize("pulse", PULSES)
@pytest.mark.parametrize("way", ["few", "batch"])
def test_thresholds_are_the_predictors_fibre_by_fibre(pulse, way):
    field = invented_field(1)
    if way == "few":
        found = recruitment.thresholds(field, WEIGHTS, *pulse)
    else:
        found = recruitment.thresholds_of_batch(recruitment.fold(field, *pulse), WEIGHTS)
    for row, weights in enumerate(WEIGHTS):
        for number, phases in enumerate(field.column_blocks):
            each = [
                predictor.threshold_ma(np.tensordot(weights, b.potential_mv_per_ma, 1).T, b.diameter_um, *pulse)
                for b in phases
            ]
            np.testing.assert_allclose(found.column_ma[row, :, number], np.mean(each, axis=0), rtol=2e-4)


@pytest.mark.parametrize("pulse", PULSES)
def test_root_and_branch_share_the_nodes_of_a_fibre(pulse):
    field = invented_field(2)
    found = recruitment.thresholds(field, WEIGHTS, *pulse)
    block = field.root_blocks[0]
    whole = [0, 2, 3]  # fibre 1 has padded nodes
    for row, weights in enumerate(WEIGHTS):
        total = np.tensordot(weights, block.potential_mv_per_ma, 1).T[whole]
        lower = np.minimum(found.root_ma, found.branch_ma)[row, whole]
        np.testing.assert_allclose(lower, predictor.threshold_ma(total, block.diameter_um, *pulse), rtol=2e-4)


def test_few_and_batch_agree():
    field = invented_field(3)
    few = recruitment.thresholds(field, WEIGHTS, 300.0, "recharge")
    batch = recruitment.thresholds_of_batch(recruitment.fold(field, 300.0, "recharge"), WEIGHTS)
    for name in recruitment.THRESHOLD_NAMES:
        np.testing.assert_allclose(getattr(few, name), getattr(batch, name), rtol=2e-4)


def test_twice_the_potential_halves_the_threshold():
    field = invented_field(4)
    once = recruitment.thresholds(field, WEIGHTS, 210.0, "recharge").column_ma
    twice = recruitment.thresholds(field, 2.0 * WEIGHTS, 210.0, "recharge").column_ma
    np.testing.assert_allclose(once, 2.0 * twice, rtol=1e-5)


fibre_lists = st.lists(
    st.tuples(st.floats(0.1, 30.0), st.floats(0.01, 9.0), st.integers(-1, 3)), min_size=1, max_size=30
)


@settings(max_examples=150, deadline=None)
@given(fibres=fibre_lists, amplitude=st.floats(0.05, 35.0), wanted=st.floats(0.005, 40.0))
def test_tally_counts_as_one_would_by_hand(fibres, amplitude, wanted):
    threshold, count = (np.array([[item[i] for item in fibres]]) for i in (0, 1))
    channel = np.array([item[2] for item in fibres])
    tally = recruitment.tally(threshold, count, recruitment.grouping(channel, 4))
    for index in range(4):
        own = sorted((t, n) for t, n, c in fibres if c == index)
        by_hand = sum(n for t, n in own if t <= amplitude)
        assert tally.count(np.array([amplitude]))[0, index] == pytest.approx(by_hand, abs=1e-9)
        assert tally.curve(np.array([0.0, amplitude]))[1, index] == pytest.approx(by_hand, abs=1e-9)
        running, reached = 0.0, np.inf
        for t, n in own:
            running += n
            if running >= wanted - 1e-9:
                reached = t
                break
        assert tally.amplitude_ma(wanted)[0, index] == reached
