"""From counts to intensity: the anchor points of the rule, order, and arrays of any shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scs_models.errors import InvalidValueError
from scs_models.percept.intensity import felt, intensity, intensity_rules, shown

RULES = intensity_rules()


def test_intensity_starts_with_the_third_fibre_and_is_half_at_twenty_two() -> None:
    np.testing.assert_allclose(intensity([0, 2, 2.99, 3, 22, 82], RULES), [0, 0, 0, 1 / 21, 0.5, 0.8])


def test_felt_means_three_fibres() -> None:
    assert felt([0.0, 2.9, 3.0, 100.0], RULES).tolist() == [False, False, True, True]


def test_intensity_keeps_the_shape_of_programs_and_sided_dermatomes() -> None:
    counts = np.arange(5 * 56, dtype=float).reshape(5, 56)
    together = intensity(counts, RULES)
    assert together.shape == (5, 56)
    np.testing.assert_array_equal(together, np.stack([intensity(row, RULES) for row in counts]))


@given(st.lists(st.floats(0.0, 1e6), min_size=2, max_size=50))
def test_more_fibres_never_feel_weaker_and_intensity_stays_below_one(counts: list[float]) -> None:
    value = intensity(np.sort(counts), RULES)
    assert np.all(np.diff(value) >= 0.0)
    assert np.all((value >= 0.0) & (value < 1.0))


@given(st.floats(0.05, 0.99))
def test_number_of_fibres_for_an_intensity_is_its_inverse(wanted: float) -> None:
    assert intensity(RULES.fibres_for(wanted), RULES) == pytest.approx(wanted, rel=1e-9)


def test_number_of_fibres_is_never_below_what_is_felt() -> None:
    assert RULES.fibres_for(0.0) == 3.0
    with pytest.raises(InvalidValueError, match="intensity_of"):
        RULES.fibres_for(1.0)


def test_the_body_map_shows_from_five_percent() -> None:
    np.testing.assert_array_equal(shown([0.0, 0.049, 0.05, 0.7], RULES), [0.0, 0.0, 0.05, 0.7])
