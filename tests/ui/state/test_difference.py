"""Differences: applied to the old JSON they give the new one, whatever changed; and they are short."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scs_models import files
from scs_models.errors import InvalidValueError, ScsError
from scs_sim.case import builtin_case
from scs_ui.state.difference import applied, difference
from scs_ui.state.session import Session, session_of

sys.path.insert(0, str(Path(__file__).parent))
from random_steps import random_steps


@dataclass(frozen=True)
class Leaf:
    number: float = 0.0
    word: str | None = None


@dataclass(frozen=True)
class Tree:
    leaf: Leaf
    row: tuple[Leaf, ...]
    points: tuple[tuple[float, float], ...]
    word: str | None = None


LEAVES = st.builds(Leaf, st.sampled_from((0.0, 1.0, 2.5)), st.sampled_from((None, "a", "b")))
TREES = st.builds(
    Tree,
    LEAVES,
    st.lists(LEAVES, max_size=4).map(tuple),
    st.lists(st.tuples(st.sampled_from((0.0, 1.0)), st.sampled_from((0.0, 1.0))), max_size=4).map(tuple),
    st.sampled_from((None, "x", "y")),
)


def through_json(value: object) -> object:
    return json.loads(json.dumps(value))


@given(before=TREES, after=TREES)
def test_any_two_trees(before: Tree, after: Tree) -> None:
    operations = through_json(difference(before, after))
    assert applied(files.encode(before), operations) == files.encode(after)
    assert bool(operations) == (before != after)


def test_random_actions_each_and_in_a_row() -> None:
    chance = random.Random(11)
    session = session_of(builtin_case("back-and-left-leg"))
    document = files.encode(session)
    done = 0
    while done < 250:
        for step in random_steps(session, chance):
            try:
                after = step.action(session)
            except ScsError:
                continue
            document = applied(document, through_json(difference(session, after)))
            assert document == files.encode(after)
            session, done = after, done + 1
    assert files.decode(Session, document, where="document") == session


def test_a_change_of_the_amplitude_is_a_line() -> None:
    before = session_of(builtin_case("back-and-left-leg"))
    after = before.with_draft(replace(before.draft, amplitude_ma=3.4))
    assert difference(before, after) == [["set", ["programs", 0, "areas", 0, "amplitude_ma"], 3.4]]
    again = before.with_draft(replace(before.draft, amplitude_ma=None))
    assert difference(after, again) == [["set", ["programs", 0, "areas", 0, "amplitude_ma"], None]]
    assert len(json.dumps(difference(before, replace(before, programs=(*before.programs, *before.programs))))) < 800


@pytest.mark.parametrize(
    "operation",
    [["set", ["row", 7, "word"], "x"], ["set", [], 1], ["splice", ["row"], 0, 3, []], ["splice", ["word"], 0, 0, [1]],
     ["turn", ["word"], 1], ["set"], [], ["set", "leaf", 1, 2], ["splice", ["row"], -1, 0, []], 7],
)  # fmt: skip
def test_what_does_not_fit_is_said(operation: list[object]) -> None:
    document = files.encode(Tree(Leaf(), (Leaf(),), ()))
    with pytest.raises(InvalidValueError, match="does not fit"):
        applied(document, [operation])
    with pytest.raises(InvalidValueError, match="alike"):
        difference(Leaf(), Tree(Leaf(), (), ()))
