"""The random clicker: valid-looking actions from `scs-sim train actions`, drawn evenly, and then the end.

It may fall on lead types, levels, contacts and postures of the room, or most clicks would be refused. `decline` and
`finish` are left out until the end: a clicker that stops after five clicks would be a weaker rival.
"""

from __future__ import annotations

import random
from typing import Any

from room import Data, Room, asked

CLICKS = 80
_NOT_YET = ("decline", "finish")


def play(room: Room, seed: int, clicks: int = CLICKS) -> None:
    """Click `clicks` times, then finish."""
    chance = random.Random(seed)
    kinds = [kind for kind in asked("train", "actions")["actions"] if kind["name"] not in _NOT_YET]
    for _ in range(clicks):
        kind = chance.choice(kinds)
        room.do(kind["name"], **{item["name"]: _value(item, room, chance) for item in kind["parameters"]})
    room.do("finish")


def _value(item: Data, room: Room, chance: random.Random) -> Any:
    name, kit = item["name"], room.kit
    if name == "lead_type":
        return chance.choice(kit["lead_types"])
    if name == "tip_level":
        return chance.choice(kit["tip_levels"])
    if name == "entry_level":
        return chance.choice(["usual", *kit["entry_levels"]])
    if name == "to" and item["kind"] == "choice":
        return chance.choice(room.postures)
    if name == "lead":
        return chance.randint(1, kit["leads_count_high"])
    if name == "contacts":
        first, second = chance.sample(range(1, 9), 2)
        return f"1.{first}- 1.{second}+"
    if name == "name":
        return chance.choice(["A", "B", "C"])
    if item["kind"] == "choice":
        return chance.choice(item["choices"])
    if name in ("to_ma", "value_ma"):
        return round(chance.uniform(0.0, 12.0), 1)
    if name == "step_ma":
        return chance.choice([0.1, 0.2, 0.5])
    if name in ("pulse_width_us", "rate_hz"):
        return item["default"]
    return round(chance.uniform(-6.0, 6.0), 1)
