"""Rulers: one scale for all, there and back; labels keep off each other whatever the thresholds are."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scs_ui.state.looks.ruler import (
    LABEL_GAP_PX,
    Scale,
    linear_scale,
    linear_ticks,
    placed_labels,
    rounded_up,
)

RATES = Scale(((2.0, 1200.0, 0.86), (5000.0, 10000.0, 0.1)), is_log=True)


def test_a_linear_scale_is_a_rule_of_three():
    scale = linear_scale(8.0)
    assert [scale.px(value, 10.0, 410.0) for value in (-1.0, 0.0, 2.0, 8.0, 9.0)] == [10.0, 10.0, 110.0, 410.0, 410.0]
    assert scale.value_at(110.0, 10.0, 410.0) == 2.0


def test_equal_ratios_are_equally_long_on_a_logarithmic_scale():
    scale = Scale(((30.0, 1000.0, 1.0),), is_log=True)
    steps = [scale.fraction(value) for value in (50.0, 100.0, 200.0, 400.0, 800.0)]
    lengths = [after - before for before, after in pairwise(steps)]
    assert lengths == pytest.approx([math.log(2.0) / math.log(1000.0 / 30.0)] * 4)


@given(st.one_of(st.floats(2.0, 1200.0), st.floats(5000.0, 10000.0)))
def test_there_and_back_across_the_gap(rate_hz: float):
    assert RATES.value(RATES.fraction(rate_hz)) == pytest.approx(rate_hz, rel=1e-9)


@given(st.floats(0.0, 1.0))
def test_no_place_of_the_rate_scale_means_a_forbidden_rate(fraction: float):
    value = RATES.value(fraction)
    assert 2.0 <= value <= 1200.0 or 5000.0 <= value <= 10000.0


def test_a_rate_in_the_gap_lies_between_its_ends():
    assert RATES.fraction(1200.0) < RATES.fraction(3000.0) < RATES.fraction(5000.0)


@given(
    st.lists(st.tuples(st.floats(0.0, 700.0), st.floats(20.0, 95.0)), min_size=1, max_size=6),
    st.floats(150.0, 720.0),
)
def test_labels_never_overlap_nor_leave_the_widget_nor_are_struck_by_a_line(labels, width_px):
    labels = [(min(line, width_px), width) for line, width in labels]
    placed = placed_labels(labels, 0.0, width_px)
    assert len(placed) == len(labels)
    shown = [(line, label) for (line, _), label in zip(labels, placed, strict=True) if label is not None]
    for (line, width), label in zip(labels, placed, strict=True):
        if label is None:
            continue
        assert label.right_px - label.left_px == pytest.approx(width)
        assert label.left_px >= 0.0
        assert label.right_px <= width_px
        assert min(abs(label.left_px - line), abs(label.right_px - line)) < 6.0, "a label stands beside its line"
    for (one_line, one), (other_line, other) in combinations(shown, 2):
        if one.row == other.row:
            assert one.right_px + LABEL_GAP_PX <= other.left_px or other.right_px + LABEL_GAP_PX <= one.left_px
        for line, row, text in ((one_line, one.row, other), (other_line, other.row, one)):
            assert row < text.row or not text.left_px < line < text.right_px


def test_the_first_label_is_kept_and_a_later_one_may_stay_where_an_earlier_has_no_room():
    crowded = [(100.0 + step, 60.0) for step in range(5)] + [(300.0, 60.0)]
    placed = placed_labels(crowded, 0.0, 400.0)
    assert placed[0] is not None
    assert None in placed[1:5]
    assert placed[5] is not None


def test_labels_with_room_stand_in_the_lower_row_to_the_right():
    placed = placed_labels([(50.0, 40.0), (200.0, 40.0)], 0.0, 400.0)
    assert [(label.row, label.side, label.left_px) for label in placed] == [(0, "right", 54.0), (0, "right", 204.0)]


@pytest.mark.parametrize(("value", "expected"), [(0.9, 1.0), (1.0, 1.0), (3.01, 4.0), (8.2, 10.0), (11.0, 12.0)])
def test_round_numbers(value, expected):
    assert rounded_up(value) == expected


@pytest.mark.parametrize("top", [0.5, 1.0, 1.2, 4.0, 5.0, 8.0, 10.0, 12.0, 15.0, 25.5])
def test_ticks_are_evenly_spaced_with_some_numbers(top):
    ticks = linear_ticks(top)
    values = [value for value, _ in ticks]
    assert values[0] == 0.0
    assert values[-1] <= top
    assert len({round(b - a, 6) for a, b in pairwise(values)}) == 1
    numbers = [text for _, text in ticks if text]
    assert 3 <= len(numbers) <= 12
    assert all(float(text) == value for value, text in ticks if text)
