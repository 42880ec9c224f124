"""The comparer of benchmarks, on invented figures whose verdict is known beforehand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scs_models.errors import InvalidValueError
from scs_sim.bench.compare import Compared, Figures, Limits, Side, compare, limits

RULE = Limits(time_ratio=1.5, memory_ratio=1.15, time_floor_s=0.0002, memory_floor_bytes=2_000_000)
MB = 1_000_000
TIMES = st.lists(st.one_of(st.none(), st.floats(), st.integers(-3, 3).map(float)), max_size=6).map(tuple)
SIZES = st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), max_size=6).map(tuple)
FIGURES = st.builds(Figures, times_s=TIMES, allocated_bytes=SIZES, process_bytes=SIZES)
SIDES = st.builds(Side, st.dictionaries(st.sampled_from("abcd"), FIGURES))


def side(times_s: tuple[float | None, ...], allocated: int = 50 * MB, process: int = 200 * MB, name: str = "a") -> Side:
    return Side({name: Figures(times_s, (allocated,), (process,))})


def row(base: Side, head: Side) -> Compared:
    (only,) = compare(base, head, RULE).rows
    return only


def outcome(base: Side, head: Side) -> tuple[str, bool]:
    return row(base, head).verdict, compare(base, head, RULE).passes


def test_the_rule_of_the_product_is_the_projects() -> None:
    assert (limits().time_ratio, limits().memory_ratio) == (1.5, 1.15)
    assert limits().time_floor_s > 0.0
    assert limits().memory_floor_bytes > 0


def test_the_same_figures_pass() -> None:
    assert outcome(side((0.1, 0.2)), side((0.1, 0.2))) == ("same", True)


@pytest.mark.parametrize(("factor", "verdict"), [(1.49, "same"), (1.51, "slower"), (0.6, "faster"), (0.7, "same")])
def test_a_regression_of_time_fails_from_the_ratio_on(factor: float, verdict: str) -> None:
    base = (0.100, 0.120, 0.110)
    expected = (verdict, verdict != "slower")
    assert outcome(side(base), side(tuple(factor * value for value in base))) == expected


def test_a_machine_that_slows_down_for_both_is_no_regression() -> None:
    """Each round is slower than the one before by more than the limit; within a round both are alike."""
    assert outcome(side((0.1, 0.2, 0.4)), side((0.11, 0.21, 0.41))) == ("same", True)


def test_one_disturbed_round_is_no_regression_and_hides_none() -> None:
    assert outcome(side((0.1, 0.1, 0.1)), side((0.1, 0.9, 0.1))) == ("same", True)
    assert outcome(side((0.1, 0.9, 0.1)), side((0.2, 0.2, 0.2))) == ("slower", False)


def test_microseconds_do_not_fail_however_large_their_ratio() -> None:
    assert outcome(side((10e-6,)), side((150e-6,))) == ("same", True)
    assert outcome(side((300e-6,)), side((550e-6,))) == ("slower", False)


def test_more_memory_of_either_kind_fails_beyond_its_floor() -> None:
    base = side((0.1,))
    assert outcome(base, side((0.1,), allocated=57 * MB)) == ("same", True)
    assert outcome(base, side((0.1,), allocated=58 * MB)) == ("more memory", False)
    assert outcome(base, side((0.1,), process=231 * MB)) == ("more memory", False)
    assert outcome(base, side((0.2,), process=231 * MB)) == ("slower, more memory", False)
    assert outcome(base, side((0.1,), allocated=20 * MB)) == ("less memory", True)
    assert outcome(side((0.1,), allocated=MB), side((0.1,), allocated=3 * MB)) == ("same", True)


def test_faster_with_more_memory_still_fails() -> None:
    assert outcome(side((0.1,)), side((0.01,), allocated=90 * MB)) == ("more memory", False)


@pytest.mark.parametrize("bad", [math.nan, 0.0, math.inf, -1.0, None])
def test_a_time_that_is_no_time_is_not_compared(bad: float | None) -> None:
    """Nothing else is there, so the comparison fails; in one of several rounds it only leaves that round out."""
    for base, head in ((side((bad,)), side((0.1,))), (side((0.1,)), side((bad,)))):
        assert outcome(base, head) == ("not comparable", False)
    assert outcome(side((0.1, 0.1, 0.1)), side((bad, 0.2, 0.2))) == ("slower", False)
    assert outcome(side((0.1, 0.1, 0.1)), side((bad, 0.1, 0.1))) == ("same", True)


def test_memory_beyond_the_limit_fails_where_no_time_was_taken() -> None:
    assert outcome(side((), allocated=10 * MB), side((), allocated=50 * MB)) == ("more memory", False)


def test_nothing_comparable_fails() -> None:
    for base, head in ((Side({}), Side({})), (side((0.1,), name="a"), side((0.1,), name="b")), (side(()), side(()))):
        found = compare(base, head, RULE)
        assert found.failures == ("nothing could be compared",)


def test_what_one_side_lacks_is_listed_and_fails_nothing() -> None:
    more = Figures((0.1,))
    base, head = side((0.1,)), side((0.1,))
    base = replace(base, stages={**base.stages, "old": more}, missing={"new scenario": "no search"})
    head = replace(head, stages={**head.stages, "new": more})
    found = compare(base, head, RULE)
    assert (found.only_base, found.only_head) == (("old",), ("new",))
    assert found.notes == ("new scenario is missing on base: no search",)
    assert found.passes


def test_a_scenario_that_raises_fails_on_head_alone() -> None:
    base, head = side((0.1,)), side((0.1,))
    on_head = compare(base, replace(head, failed={"drag": "ValueError: no"}), RULE)
    assert on_head.failures == ("drag fails on head: ValueError: no",)
    on_base = compare(replace(base, failed={"drag": "ValueError: no"}), head, RULE)
    assert on_base.passes
    assert on_base.notes == ("drag fails on base: ValueError: no",)


@given(SIDES, SIDES)
def test_whatever_comes_in_every_stage_is_listed_once(base: Side, head: Side) -> None:
    found = compare(base, head, RULE)
    listed = [*(item.stage for item in found.rows), *found.only_base, *found.only_head]
    assert sorted(listed) == sorted({*base.stages, *head.stages})
    for item in found.rows:
        assert item.time_ratio is None or item.time_ratio > 0.0
        assert (item.verdict == "not comparable") <= (item.time_ratio is None)


@given(SIDES)
def test_nothing_is_worse_than_itself(one: Side) -> None:
    found = compare(one, one, RULE)
    assert {item.verdict for item in found.rows} <= {"same", "not comparable"}
    assert found.passes == any(item.verdict == "same" for item in found.rows)


TIMED = st.builds(Side, st.dictionaries(st.sampled_from("abcd"), st.builds(Figures, times_s=TIMES)))
TURNED = {"slower": "faster", "faster": "slower", "same": "same", "not comparable": "not comparable"}


@given(TIMED, TIMED)
def test_swapping_the_sides_turns_the_verdicts(base: Side, head: Side) -> None:
    there, back = compare(base, head, RULE).rows, compare(head, base, RULE).rows
    assert {item.stage: TURNED[item.verdict] for item in there} == {item.stage: item.verdict for item in back}


@given(st.floats(1e-3, 10.0), st.lists(st.floats(0.67, 1.49), min_size=1, max_size=9))
def test_noise_within_the_limit_never_fails(time_s: float, noise: list[float]) -> None:
    base = side(tuple(time_s for _ in noise))
    assert outcome(base, side(tuple(time_s * factor for factor in noise)))[1]


@given(st.floats(1e-3, 10.0), st.lists(st.floats(0.9, 1.1), min_size=1, max_size=9))
def test_twice_the_time_always_fails_under_a_tenth_of_noise(time_s: float, noise: list[float]) -> None:
    base = side(tuple(time_s * factor for factor in noise))
    assert outcome(base, side(tuple(2.0 * time_s for _ in noise))) == ("slower", False)


@pytest.mark.parametrize(
    ("field", "value"), [("time_ratio", 0.9), ("memory_ratio", math.nan), ("time_floor_s", -1.0), ("time_ratio", 1e9)]
)
def test_a_rule_that_makes_no_sense_is_refused(field: str, value: float) -> None:
    with pytest.raises(InvalidValueError, match=field):
        replace(RULE, **{field: value})
