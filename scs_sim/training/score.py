"""Score: what a session is worth by the rubric (data/rubric.toml, docs/training.md), item by item, with evidence.

    score(recorded) -> Score

Final programs are judged without noise on the true patient, in the postures of daily life. It says how well predicted
paresthesia meets the pain and how carefully the work was done, never how much relief to expect.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scs_models.errors import InvalidValueError

Group = Literal["decision", "coverage", "unwanted", "safety", "method", "economy"]


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One line of the rubric: points out of `greatest`, and why, in sentences that name events by serial ("event 12").

    name: of rubric.toml; serials: the events that the evidence names, ascending.
    """

    name: str
    title: str
    group: Group
    points: float
    greatest: float
    evidence: tuple[str, ...]
    serials: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.points <= self.greatest:
            raise InvalidValueError(f"points is {self.points:g}; it must be 0 to {self.greatest:g}")


@dataclass(frozen=True, slots=True)
class Score:
    """All items of one session; `greatest` of them add up to 100.

    suitable: whether stimulation is right for this patient; where it is not, only the decision counts.
    """

    session: str
    case_id: str
    suitable: bool
    items: tuple[ScoreItem, ...]

    @property
    def points(self) -> float:
        """Return the points of all items together, 0-100."""
        return sum(item.points for item in self.items)

    @property
    def greatest(self) -> float:
        """Return what could be had."""
        return sum(item.greatest for item in self.items)

    def of_group(self, group: Group) -> tuple[float, float]:
        """Return (points, greatest) of one group of items."""
        own = [item for item in self.items if item.group == group]
        return sum(item.points for item in own), sum(item.greatest for item in own)
