"""Scenario: something a user does, in stages that can be run again and again; the nouns and the registry's shape.

A scenario prepares what the user has before beginning, then yields its stages. It reaches the product only inside its
functions, so that the same scenario can be run on the code of another commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Clock = Literal["cpu", "wall"]
"""What a stage is judged by: CPU time of its process, which a busy machine disturbs little; wall time where several
processes or a new interpreter work, because only that is what a person waits for."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One part of a scenario: `run` does it once, again at every call.

    flop_count: the floating-point operations of the matrix products that its size asks for, where these are its work;
    its share of the machine's sgemm rate is given then. programs_count: how many programs a call answers.
    """

    name: str
    run: Callable[[], object]
    flop_count: float = 0.0
    programs_count: int = 1


@dataclass(frozen=True, slots=True)
class Work:
    """What a scenario is given: whether to take the small sizes of a smoke run, and an empty folder of its own."""

    quick: bool
    folder: Path


Make = Callable[[Work], Iterator[Stage]]


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A named scenario; `stages` are the names that `make` yields, in order.

    thorough_only: stages that are left out of a smoke run; needs: modules without which a commit does not have the
    scenario at all, which is no failure.
    """

    name: str
    title: str
    stages: tuple[str, ...]
    make: Make
    clock: Clock = "cpu"
    thorough_only: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def stages_of(self, quick: bool) -> tuple[str, ...]:
        """Return the names of the stages that run."""
        return tuple(name for name in self.stages if not (quick and name in self.thorough_only))
