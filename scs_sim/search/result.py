"""What a search answers: suggestions that differ, the Pareto front, and what they gain over the starting program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scs_sim.objective import Objective
from scs_sim.population import PopulationResult
from scs_sim.program import Program
from scs_sim.result import Result

Origin = Literal["start", "exhaustive", "refined", "combined"]
"""Where a program comes from: the case's own, the exhaustive part, the refinement, areas put together."""


@dataclass(frozen=True, slots=True)
class Variant:
    """How a program does when something moves: which posture or migration, and what is covered there.

    The patient turns the amplitude down to the discomfort threshold where it would exceed it, never up: amplitude_ma is
    what is left of it.
    """

    name: str
    amplitude_ma: float
    pain_covered_by_score_percent: float
    worst_region_percent: float


@dataclass(frozen=True, slots=True)
class Point:
    """One program among those judged: what it is called, its kind, amplitude, figures (names of FIGURES) and points."""

    contacts: str
    kind: str
    pulse_width_us: float
    amplitude_ma: float
    figures: tuple[tuple[str, float], ...]
    score: float
    origin: Origin

    def figure(self, name: str) -> float | None:
        """Return one figure, None where it was not found."""
        return dict(self.figures).get(name)


@dataclass(frozen=True, slots=True, eq=False)
class Suggestion:
    """A program worth trying: dialled as the limit profile allows, judged by `simulate`, explained in words.

    point: figures of the whole program; `why` are sentences; variants: other postures and migrated
    leads, () until they were looked at; population: bands over drawn patients, where asked for.
    """

    program: Program
    point: Point
    result: Result
    variants: tuple[Variant, ...]
    why: tuple[str, ...]
    population: PopulationResult | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SearchResult:
    """The answer of a search, or how far it got: `stage` in words, `fraction` done, `finished` at the end.

    start: the case's own program, its amplitude kept; suggestions: best first, no two alike; front: the judged programs
    that no other one beats in every figure that the objective weighs. screened: how many programs were looked at, each
    at every amplitude that can be dialled; judged: how many times `simulate` was asked.
    """

    case_id: str
    case_title: str
    objective: Objective
    profile: str
    stage: str
    fraction: float
    finished: bool
    screened: int
    judged: int
    start: Suggestion
    suggestions: tuple[Suggestion, ...]
    front: tuple[Point, ...]
    notes: tuple[str, ...]

    @property
    def gain(self) -> float | None:
        """Return the points that the best suggestion has over the starting program; None before there is one."""
        return self.suggestions[0].point.score - self.start.point.score if self.suggestions else None
