"""The expert: one method for every patient, from what can be read, seen and asked.

Reads everything and declines where a checklist says so; aims the middle of the array at the level for the pain;
measures first; ramps by tenths; lets the patient colour and moves lead and contacts after the answers; notes
perception, comfort and discomfort; looks sitting, lying and standing; anchors with an image; looks for the cause when
something has changed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from room import Data, Room, dialled
from suitability import why_not

# Where a cathode reaches a part of the body from, by the books: first word of a region that fits, vertebra.
_LEVELS = (
    (r"low_back|upper_lumbar|middle_back|flank", "T9"),
    (r"buttock|hip|groin", "T10"),
    (r"foot|toe|sole|heel|ankle", "T11"),
    (r"knee|lower_leg|calf|shin", "T10"),
    (r"thigh", "T10"),
    (r"neck|head|occiput", "C3"),
    (r"shoulder|scapula", "C4"),
    (r"upper_arm|elbow", "C5"),
    (r"forearm|wrist|hand|palm|thumb|finger", "C5"),
)
_STEP_MA, _FIRST_GUESS_MA, _TOP_MA = 0.1, 3.0, 14.0
_GOOD_POINTS, _COMFORT_SHARE, _USUAL_RATIO, _NARROW_RATIO = 4, 0.7, 1.35, 1.15
_MOVED_MM, _ASIDE_MM, _ARM_ASIDE_MM = 4.0, 1.2, 1.5
_MIDDLE, _GOOD_VALUE = 4, 0.7
_ENOUGH_RATIO = 1.3
_NEAR, _OTHER_POSTURE, _OTHER_DAY = 0.85, 0.65, 0.5


@dataclass
class Dose:
    """What a ramp taught of a program in a posture (mA); 0: not found."""

    pt_ma: float = 0.0
    dt_ma: float = 0.0
    at_ma: float = 0.0
    strength: int = 0


@dataclass
class Plan:
    """What the expert knows of this patient so far."""

    pain: dict[str, float]
    pitch_mm: float = 7.0
    contacts_count: int = 8
    cathode: int = _MIDDLE
    guarded: bool = False
    guess_ma: float = _FIRST_GUESS_MA
    reference: Data | None = None
    bad: frozenset[int] = frozenset()
    doses: dict[str, Dose] = field(default_factory=dict)
    ratios: list[float] = field(default_factory=list)

    @property
    def side(self) -> int:
        """Return -1 where only the left hurts, 1 where only the right does, 0 where both do."""
        left, right = (any(name.startswith(side) for name in self.pain) for side in ("left", "right"))
        return int(right) - int(left)

    def contacts(self) -> str:
        """Return the program's contacts: a bipole, or a cathode between two anodes, without those that are broken."""
        up, down = self.cathode - 1, self.cathode + 1
        anodes = [name for name in ((up, down) if self.guarded else (down, up)) if self._sound(name)]
        anodes = anodes if self.guarded else anodes[:1]
        return (
            " ".join([f"1.{self.cathode}-", *(f"1.{name}+" for name in anodes)])
            if anodes
            else f"1.{self.cathode}- case+"
        )

    def _sound(self, name: int) -> bool:
        return 1 <= name <= self.contacts_count and name not in self.bad


def play(room: Room, seed: int) -> None:
    """Play a whole session; `seed` is not used: the method does not depend on chance."""
    read = {item: room.do("read", item=item) for item in ("referral", "pain-map", "history", "imaging")}
    texts = [room.complaint, *(event["report"] for name, event in read.items() if event and name != "pain-map")]
    reason = why_not(" . ".join(texts))
    if reason:
        room.do("decline", reason=reason)
        return
    pain = read["pain-map"]["data"].get("scores", {}) if read["pain-map"] else {}
    plan = Plan({name: score for name, score in pain.items() if score > 0})
    if not _place(room, plan, " ".join(texts)):
        room.do("finish")
        return
    _on_table(room, plan)
    while room.has_more_visits:
        arrived = room.do("next-visit")
        if arrived is not None:
            _visit(room, plan, arrived["data"])
    room.do("finish")


def _place(room: Room, plan: Plan, words: str) -> bool:
    """Bring the middle of the array to the level for the pain; the needle away from what was operated."""
    look = room.do("xray", view="ap")
    if look is None:
        return False
    heights = {row["vertebra"]: row["mid_z_mm"] for row in look["data"]["vertebrae"]}
    weights = [(score, heights[_level_of(name)]) for name, score in plan.pain.items()]
    target_mm = (
        sum(score * z for score, z in weights) / sum(score for score, _ in weights) if weights else heights["T9"]
    )
    lead_type = _longest(room.kit["lead_types"])
    plan.pitch_mm = float(found.group(1)) if (found := re.search(r"(\d+)mm", lead_type)) else 7.0
    plan.contacts_count = 4 if lead_type.startswith("quad") else 8
    plan.cathode = plan.contacts_count // 2
    tip_mm = target_mm + (plan.cathode - 0.5) * plan.pitch_mm
    level = min(room.kit["tip_levels"], key=lambda name: abs(heights[name] - tip_mm))
    offset_mm = round(min(max(tip_mm - heights[level], -12.0), 12.0), 1)
    for entry in room.kit["entry_levels"]:
        placed = room.do(
            "place-lead",
            lead_type=lead_type,
            tip_level=level,
            tip_offset_mm=offset_mm,
            x_mm=_ARM_ASIDE_MM * plan.side if level.startswith("C") else 0.0,
            entry_level=entry,
        )
        if placed is not None and placed["done"]:
            return True
    return False


def _level_of(region: str) -> str:
    return next((level for pattern, level in _LEVELS if re.search(pattern, region)), "T9")


def _longest(kinds: list[str]) -> str:
    return max(kinds, key=lambda kind: (kind.startswith("octet"), int("".join(re.findall(r"(\d+)mm", kind)) or 0)))


def _on_table(room: Room, plan: Plan) -> None:
    """Find the midline of the cord and the level by asking, then fix the lead with an image."""
    room.do("xray", view="ap")
    _measure(room, plan)
    (best, told), aside_mm = _try(room, plan), 0.0
    for _ in range(4):
        if told:  # else it was too faint to be coloured: once more
            aside_mm = 0.0 if best >= _GOOD_VALUE else _needed_aside_mm(plan, told)
            if not aside_mm or room.do("drive-lead", lead=1, right_mm=aside_mm) is None:
                break
        before, (best, told) = best, _try(room, plan)
        if told and aside_mm and best < before - 0.1:
            room.do("drive-lead", lead=1, right_mm=-aside_mm / 2.0)
            break
    look = room.do("xray", view="ap")
    plan.reference = look["data"] if look else None
    room.do("anchor")


def _measure(room: Room, plan: Plan) -> dict[int, str]:
    """Measure impedances and return the contacts that stand out; they are not used any more."""
    found = room.do("impedance")
    rows = found["data"]["contacts"] if found else []
    odd = {int(row["name"].split(".")[1]): row["flag"] for row in rows if row["flag"] in ("open", "short")}
    plan.bad = frozenset(odd)
    while plan.cathode in plan.bad:
        plan.cathode = plan.cathode + 1 if plan.cathode < plan.contacts_count else 1
    return odd


def _try(room: Room, plan: Plan, start_share: float = _NEAR) -> tuple[float, dict[str, int]]:
    """Set the program, turn it up to comfortable, let it be coloured; return how good it is and what was coloured."""
    room.do("program", contacts=plan.contacts())
    dose = _titrate(room, plan, start_share)
    if not dose.at_ma:
        return -1.0, {}
    regions: dict[str, int] = {}
    for more_ma in (0.0, 2 * _STEP_MA):  # now and then a faint one is not felt again
        if more_ma:
            room.do("amplitude", to_ma=dialled(dose.at_ma + more_ma), step_ma=_STEP_MA)
        coloured = room.do("colour")
        regions = coloured["data"]["regions"] if coloured else {}
        if regions:
            break
    room.do("amplitude", to_ma=0)
    return _value(plan, regions), regions


def _value(plan: Plan, coloured: dict[str, int]) -> float:
    """Return how much of what hurts is coloured, by score, less a little for what is coloured besides."""
    if not coloured or not plan.pain:
        return 0.0
    met = sum(
        score * (0.7 + 0.3 * min(coloured[name] / 5.0, 1.0)) for name, score in plan.pain.items() if name in coloured
    )
    besides = sum(name not in plan.pain for name in coloured) / len(coloured)
    return met / sum(plan.pain.values()) - 0.2 * besides


def _needed_aside_mm(plan: Plan, coloured: dict[str, int]) -> float:
    """Return how far to steer to the right: away from the only side that is felt, or to the one that hurts."""
    left = sum(value for name, value in coloured.items() if name.startswith("left"))
    right = sum(value for name, value in coloured.items() if name.startswith("right"))
    if not left + right:
        return 0.0
    lean = (right - left) / (right + left)
    met = sum(score for name, score in plan.pain.items() if name in coloured)
    if plan.side and (lean * plan.side < -0.2 or (met < 0.3 * sum(plan.pain.values()) and lean * plan.side < 0.6)):
        return _ASIDE_MM * plan.side
    return math.copysign(_ASIDE_MM, -lean) if abs(lean) > (0.8 if plan.side else 0.5) else 0.0


def _titrate(room: Room, plan: Plan, start_share: float) -> Dose:
    """Turn the program up by tenths until it is comfortably strong; where it hurts, down at once.

    The first ramp ends at start_share of where it was first felt last time.
    """
    dose, to_ma = Dose(), start_share * plan.guess_ma
    for _ in range(20):
        event = room.do("amplitude", to_ma=dialled(to_ma), step_ma=_STEP_MA)
        if event is None:
            break
        data = event["data"]
        if data["felt_from_ma"] is not None and not dose.pt_ma:
            dose.pt_ma = float(data["felt_from_ma"])
            plan.guess_ma = dose.pt_ma
        dose.at_ma, dose.strength = float(data["amplitude_ma"]), int(data["strength"] or 0)
        if data["stopped"]:
            dose.dt_ma = dose.at_ma
            dose.pt_ma = dose.pt_ma or round(dose.at_ma / _NARROW_RATIO, 1)
            plan.guess_ma = dose.pt_ma
            _down(room, dose)
            return dose
        if dose.pt_ma and (dose.strength >= _GOOD_POINTS or dose.at_ma >= _ENOUGH_RATIO * dose.pt_ma):
            return dose
        rise = 0.08 * dose.pt_ma if dose.pt_ma and dose.at_ma > 1.1 * dose.pt_ma else 0.15 * plan.guess_ma
        to_ma = max(dose.at_ma + rise, dose.at_ma + _STEP_MA, 1.18 * dose.pt_ma)
        if to_ma > _TOP_MA:
            break
    return dose if dose.strength else Dose()


def _down(room: Room, dose: Dose) -> None:
    """Go from where it hurts to where it should be comfortable."""
    pt_ma = dose.pt_ma or 0.8 * dose.dt_ma
    wanted_ma = pt_ma + _COMFORT_SHARE * (dose.dt_ma - pt_ma)
    back = room.do("amplitude", to_ma=dialled(min(math.floor(10.0 * wanted_ma + 1e-6) / 10.0, dose.dt_ma - _STEP_MA)))
    if back is not None:
        dose.at_ma, dose.strength = float(back["data"]["amplitude_ma"]), int(back["data"]["strength"] or 0)


def _to_discomfort(room: Room, dose: Dose) -> None:
    """Find the discomfort threshold, by tenths, and come back at once."""
    if dose.dt_ma or not dose.pt_ma:
        return
    event = room.do("amplitude", to_ma=dialled(2.0 * dose.pt_ma), step_ma=_STEP_MA)
    if event is not None and event["data"]["stopped"]:
        dose.dt_ma = float(event["data"]["amplitude_ma"])
    if event is not None:
        dose.dt_ma = dose.dt_ma or float(event["data"]["amplitude_ma"])
        _down(room, dose)


def _visit(room: Room, plan: Plan, arrived: Data) -> None:
    """Look for what has changed, then find the doses of the day in every posture."""
    look = room.do("xray", view="ap")
    odd = _measure(room, plan)
    changed = _cause(plan, arrived, look["data"] if look else None, odd)
    news = [word for word in arrived["complaints"] if word not in ("good", "nothing-to-try")]
    if changed == "posture":
        _feel_lying(room)
    if changed or news:
        room.do("conclude", cause=changed or "none")
    if changed in ("open-contact", "short"):
        _repair(room, plan, changed)
    if changed in ("migration", "root") and look is not None:
        _follow(plan, look["data"])
    if changed or news or not plan.doses:
        _choose(room, plan)
        _every_posture(room, plan)
    else:
        _once_more(room, plan)


def _choose(room: Room, plan: Plan) -> None:
    """Choose contacts anew in the posture of the day: the cathode, guarded or not, and its neighbours."""
    plan.guess_ma *= _OTHER_DAY / _NEAR
    at, other = plan.cathode, not plan.guarded
    _best_of(room, plan, ((at, plan.guarded), (at, other), (at - 1, plan.guarded)))


def _once_more(room: Room, plan: Plan) -> None:
    """Look whether what was found last time still holds in each posture; where it does not, find it again."""
    for place, (posture, dose) in enumerate(plan.doses.items()):
        room.do("amplitude", to_ma=0)
        if place:
            room.do("posture", to=posture)
        room.do("load", name=posture)
        event = room.do("amplitude", to_ma=dialled(dose.at_ma), step_ma=_STEP_MA)
        if event is None or event["data"]["stopped"] or not event["data"]["strength"]:
            _every_posture(room, plan)
            return
    room.do("amplitude", to_ma=0)


def _cause(plan: Plan, arrived: Data, look: Data | None, odd: dict[int, str]) -> str:
    """Return what is behind a complaint, "" for nothing."""
    said = set(arrived["complaints"])
    if arrived["temperature_c"] >= 38.0 or "fever" in said:
        return "infection"
    if odd:
        return "open-contact" if "open" in odd.values() else "short"
    down_mm, aside_mm = _moved(plan, look)
    if "band" in said and abs(aside_mm) >= 1.0:
        return "root"
    if abs(down_mm) >= _MOVED_MM or abs(aside_mm) >= 2.5:
        return "migration"
    if "band" in said:
        return "root"
    if "jolts" in said:
        return "posture"
    return "tolerance" if "pain-back" in said else ""


def _moved(plan: Plan, look: Data | None) -> tuple[float, float]:
    """Return how far down and to the right the lead has moved since the reference image, mm."""
    if look is None or plan.reference is None or not look["leads"] or not plan.reference["leads"]:
        return 0.0, 0.0
    then, now = plan.reference["leads"][0]["contacts"][0], look["leads"][0]["contacts"][0]
    return then["z_mm"] - now["z_mm"], now["x_mm"] - then["x_mm"]


def _follow(plan: Plan, look: Data) -> None:
    """Shift the cathode against the movement, so that it lies where it lay."""
    down_mm, _ = _moved(plan, look)
    plan.cathode = int(min(max(plan.cathode - round(down_mm / plan.pitch_mm), 2), plan.contacts_count - 1))
    plan.reference = look


def _best_of(room: Room, plan: Plan, choices: Iterable[tuple[int, bool]], known: float = -2.0) -> None:
    """Try (cathode, guarded) one after another and keep the best; `known`: the worth of the first, if it was tried."""
    best, kept = known, (plan.cathode, plan.guarded)
    for cathode, guarded in choices:
        if (cathode, guarded) == kept and known > -2.0:
            continue
        if not 2 <= cathode < plan.contacts_count or cathode in plan.bad:
            continue
        plan.cathode, plan.guarded = cathode, guarded
        value, _ = _try(room, plan)
        if value > best + 0.02:
            best, kept = value, (cathode, guarded)
    plan.cathode, plan.guarded = kept


def _repair(room: Room, plan: Plan, cause: str) -> None:
    """Do what helps most often, cheapest first, and measure after each."""
    for what in (
        ("reseat-connector", "exchange-cable") if cause == "open-contact" else ("dry-connector", "exchange-cable")
    ):
        room.do("repair", what=what, lead=1)
        if not _measure(room, plan):
            return


def _feel_lying(room: Room) -> None:
    """Feel what the patient feels on lying down, from a low amplitude."""
    if "supine" in room.postures[1:]:
        room.do("posture", to="supine")
        room.do("posture", to=room.postures[0])


def _every_posture(room: Room, plan: Plan) -> None:
    """Find and save a dose for each posture of the day, and limit what the patient can turn up."""
    plan.ratios, plan.doses = _ratios(plan.doses), {}
    now = room.posture
    for posture in (now, *(other for other in room.postures if other != now)):
        room.do("amplitude", to_ma=0)
        if posture != room.posture:
            room.do("posture", to=posture)
        room.do("program", contacts=plan.contacts())
        dose = _titrate(room, plan, _NEAR if posture == now else _OTHER_POSTURE)
        if not dose.pt_ma or not dose.at_ma:
            continue
        if posture in ("sitting", "supine") and not plan.ratios:
            _to_discomfort(room, dose)
        else:
            _settle(room, dose, plan.ratios or _ratios(plan.doses))
        room.do("note", threshold="pt", value_ma=dose.pt_ma)
        room.do("note", threshold="comfort", value_ma=dose.at_ma)
        if dose.dt_ma:
            room.do("note", threshold="dt", value_ma=dose.dt_ma)
        room.do("save", name=posture)
        plan.doses[posture] = dose
    room.do("amplitude", to_ma=0)
    _limit(room, plan.doses)


def _ratios(doses: dict[str, Dose]) -> list[float]:
    """Return how far discomfort lay above perception, wherever both were found."""
    return [dose.dt_ma / dose.pt_ma for dose in doses.values() if dose.dt_ma and dose.pt_ma]


def _settle(room: Room, dose: Dose, ratios: list[float]) -> None:
    """Choose the amplitude without looking for discomfort again: by the ratio found in other postures or before."""
    ratio = min(ratios) if ratios else _USUAL_RATIO
    if dose.dt_ma:
        return
    event: Any = room.do("amplitude", to_ma=dialled(dose.pt_ma * (1.0 + _COMFORT_SHARE * (ratio - 1.0))))
    if event is not None:
        dose.at_ma = float(event["data"]["amplitude_ma"])
        if event["data"]["stopped"]:
            dose.dt_ma = dose.at_ma
            _down(room, dose)


def _limit(room: Room, doses: dict[str, Dose]) -> None:
    if not doses:
        return
    most_ma = max(dose.at_ma for dose in doses.values())
    bounds = [dose.dt_ma or _USUAL_RATIO * dose.pt_ma for dose in doses.values()]
    room.do("limit", to_ma=dialled(max(most_ma, 0.97 * min(bounds))))
