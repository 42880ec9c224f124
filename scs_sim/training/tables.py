"""The numbers of training.toml as values: what counts as a slip in the room, and how a usual patient answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from scs_models.tables import read_table


@dataclass(frozen=True, slots=True)
class RoomRules:
    """Rules of the room. jump_ma: a step of the amplitude beyond which it counts as a jump."""

    jump_ma: float


@cache
def room_rules() -> RoomRules:
    """Return the rules of the room of training.toml."""
    rows = read_table("training", "scs_sim")["room"]
    return RoomRules(jump_ma=float(rows["jump"]["low_ma"]))
