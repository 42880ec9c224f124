"""Coverage figures against sums done by hand on three invented regions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scs_sim.coverage import PainField, figures

# 100 mm2 left, painful with 8; 300 mm2 right, half of it painful with 4; 600 mm2 left, no pain.
PAIN = PainField(
    area=np.array([100.0, 300.0, 600.0]),
    painful=np.array([1.0, 0.5, 0.0]),
    score=np.array([8.0, 4.0, 0.0]),
    side=np.array([-1, 1, -1]),
)


def test_figures_are_the_sums_done_by_hand():
    found = figures(PAIN, np.array([[0.6, 0.2, 0.1]]), np.array([[0.5, 0.2, 0.0]]))
    assert found.by_area[0] == pytest.approx(100 * (100 * 0.6 + 150 * 0.2) / 250)
    assert found.by_score[0] == pytest.approx(100 * (800 * 0.6 + 600 * 0.2) / 1400)
    assert (found.worst_region[0], found.worst[0]) == (1, pytest.approx(20.0))
    felt = 100 * 0.6 + 300 * 0.2 + 600 * 0.1
    unwanted = 150 * 0.2 + 600 * 0.1
    assert found.unwanted_of_felt[0] == pytest.approx(100 * unwanted / felt)
    assert found.unwanted_of_painful[0] == pytest.approx(100 * unwanted / 250)
    assert found.left[0] == pytest.approx(100 * 120 / felt)
    assert found.right[0] == pytest.approx(100 * 60 / felt)
    assert found.root_share[0] == pytest.approx(100 * (felt - (50 + 60)) / felt)


def test_everything_felt_covers_all_of_the_pain_and_nothing_felt_none():
    full = figures(PAIN, np.ones((1, 3)), np.ones((1, 3)))
    assert (full.by_area[0], full.by_score[0], full.worst[0]) == (100.0, 100.0, 100.0)
    none = figures(PAIN, np.zeros((1, 3)), np.zeros((1, 3)))
    assert (none.by_area[0], none.worst[0], none.unwanted_of_painful[0]) == (0.0, 0.0, 0.0)
    assert np.isnan(none.unwanted_of_felt[0])


shares = st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3).map(np.array)


@settings(max_examples=200, deadline=None)
@given(felt=shares, more=shares)
def test_coverage_and_unwanted_area_never_fall_when_more_is_felt(felt, more):
    larger = np.maximum(felt, more)
    before, after = (figures(PAIN, part[None], part[None]) for part in (felt, larger))
    for name in ("by_area", "by_score", "worst", "unwanted_of_painful"):
        assert getattr(after, name)[0] >= getattr(before, name)[0] - 1e-9
