"""How far paresthesia fills a dermatome and a region: published directions and sums done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scs_models.percept.intensity import extent, intensity, intensity_rules
from scs_models.percept.regions import felt_share, load_region_weights

RULES = intensity_rules()


def test_area_is_complete_long_before_intensity_is():
    """Chandrasekaran 2020: the area stays while the intensity goes on growing with amplitude."""
    counts = np.array([0.0, 2.9, 3.0, 6.0, 10.0, 50.0, 100.0])
    area, strength = extent(counts, RULES), intensity(counts, RULES)
    np.testing.assert_allclose(area, [0.0, 0.0, 0.125, 0.5, 1.0, 1.0, 1.0])
    assert np.all(np.diff(strength[2:]) > 0.0)
    assert strength[-1] < 0.9


def test_a_region_whose_dermatomes_are_all_felt_is_fully_felt():
    weights = load_region_weights()
    everything = np.ones(weights.cutaneous.shape[1])
    share = felt_share(everything, everything, 0.0 * everything, weights)
    np.testing.assert_allclose(share.total, weights.cutaneous.sum(axis=1) + weights.rami.sum(axis=1))


amounts = st.lists(st.floats(0.0, 1.0), min_size=56, max_size=56).map(np.array)


@settings(max_examples=50, deadline=None)
@given(column=amounts, more=amounts, root=amounts)
def test_share_lies_between_its_parts_and_one_and_grows_with_each(column, more, root):
    weights = load_region_weights()
    found = felt_share(column, column, root, weights)
    assert np.all(found.total <= 1.0 + 1e-12)
    assert np.all(found.total >= np.maximum(found.dc, found.dr) - 1e-12)
    larger = felt_share(np.maximum(column, more), np.maximum(column, more), root, weights)
    assert np.all(larger.total >= found.total - 1e-12)


def test_low_back_is_reached_through_the_dorsal_rami_only():
    weights = load_region_weights()
    nothing, full = np.zeros(56), np.ones(56)
    from scs_models.percept.body_map import load_body_map

    low_back = [i for i, name in enumerate(load_body_map().region_ids) if name.endswith("low_back")]
    assert len(low_back) == 2
    assert felt_share(full, nothing, nothing, weights).dc[low_back] == pytest.approx(0.0)
    assert felt_share(nothing, full, nothing, weights).dc[low_back] == pytest.approx(1.0)
