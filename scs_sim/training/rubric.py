"""Rubric: the items of a score and their weights (data/rubric.toml), and what the reference program is best at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, get_args

from scs_models.tables import read_table
from scs_models.values import require_one_of
from scs_sim.objective import FIGURES, Objective

Group = Literal["decision", "coverage", "unwanted", "safety", "method", "economy"]
GROUPS: tuple[Group, ...] = get_args(Group)
_WORDS = ("title", "group", "points", "note", "source", "status")


@dataclass(frozen=True, slots=True)
class RubricItem:
    """One item: its title, group, weight in points, why it is there, and the numbers that it judges by."""

    name: str
    title: str
    group: Group
    points: float
    note: str
    numbers: Mapping[str, float]

    def __post_init__(self) -> None:
        require_one_of("group", self.group, GROUPS)


@dataclass(frozen=True, slots=True)
class ReferenceRules:
    """Where and how the reference is looked for. See rubric.toml."""

    contacts_count: int
    judged_count: int
    one_lead_aside_mm: tuple[float, ...]
    two_leads_aside_mm: float
    least_possible_percent: float
    objective: Objective


@cache
def rubric(suitable: bool = True) -> Mapping[str, RubricItem]:
    """Return the items by name for a patient for whom stimulation is right, or is not."""
    rows: Mapping[str, Any] = read_table("rubric", "scs_sim")["suitable" if suitable else "unsuitable"]
    return MappingProxyType({name: _item(name, row) for name, row in rows.items()})


def _item(name: str, row: Mapping[str, Any]) -> RubricItem:
    numbers = {key: float(value) for key, value in row.items() if key not in _WORDS}
    return RubricItem(
        name, row["title"], row["group"], float(row["points"]), row.get("note", ""), MappingProxyType(numbers)
    )


@cache
def earned_in_full_at_share() -> float:
    """Return the share of the possible coverage from which safety and economy count in full."""
    return float(read_table("rubric", "scs_sim")["earned"]["full_at_share"])


@cache
def unseen_share() -> float:
    """Return what coverage is worth in a posture in which nobody looked, 0-1."""
    return float(read_table("rubric", "scs_sim")["earned"]["unseen_share"])


@cache
def reference_rules() -> ReferenceRules:
    """Return how the reference is looked for."""
    row = read_table("rubric", "scs_sim")["reference"]
    weights = {name: float(row["objective"][name]) for name in FIGURES if name in row["objective"]}
    high_percent = float(row["objective"]["headroom_high_percent"])
    return ReferenceRules(
        contacts_count=row["contacts_count"],
        judged_count=row["judged_count"],
        one_lead_aside_mm=tuple(row["one_lead_aside_mm"]),
        two_leads_aside_mm=row["two_leads_aside_mm"],
        least_possible_percent=row["least_possible_percent"],
        objective=Objective("reference", "all painful regions", headroom_high_percent=high_percent, **weights),
    )
