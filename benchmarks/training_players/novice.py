"""The novice: follows the steps of the manual, with the usual mistakes of beginners.

Reads everything and puts nothing together; maps the anatomical midline and does not look for the other one; big steps;
stores no reference image; one posture; no discomfort threshold, so that the limit is a guess; whatever has changed is
a migration.
"""

from __future__ import annotations

from room import Data, Room, dialled

_STEP_MA = 0.5
_TOP_MA = 12.0
_GOOD_POINTS, _UNPLEASANT_POINTS = 4, 8
_CHANGED = {"wandered", "gone", "band", "pain-back", "faint"}


def play(room: Room, seed: int) -> None:
    """Play a whole session; `seed` is not used: a novice follows the book."""
    room.do("read", item="referral")
    pain = room.do("read", item="pain-map")
    room.do("read", item="history")
    room.do("read", item="imaging")
    levels = room.kit["tip_levels"]
    for entry in room.kit["entry_levels"]:
        placed = room.do(
            "place-lead", lead_type=room.kit["lead_types"][0], tip_level=levels[len(levels) // 2], entry_level=entry
        )
        if placed is not None and placed["done"]:
            break
    room.do("impedance")
    _map(room, pain)
    room.do("anchor")
    while room.has_more_visits:
        arrived = room.do("next-visit")
        _look_after(room, arrived)
    room.do("finish")


def _map(room: Room, pain: Data | None) -> None:
    """Try the middle of the array and the contacts at its ends; keep what is felt in most of what hurts."""
    hurts = set() if pain is None else set(pain["data"].get("scores", {}))
    best, kept = -1, "1.2- 1.3+"
    for contacts in ("1.2- 1.3+", "1.3- 1.4+", "1.1- 1.2+"):
        room.do("program", contacts=contacts)
        _, at_ma = _up(room)
        told = room.do("ask", about="where")
        met = 0 if told is None else len(hurts & set(told["data"]["felt"]))
        if met > best and at_ma > 0.0:
            best, kept = met, contacts
        room.do("amplitude", to_ma=0)
    room.do("program", contacts=kept)
    _keep(room)


def _keep(room: Room) -> float:
    """Turn the program up, note where it was felt and what is comfortable, and save it; return the amplitude."""
    felt_ma, at_ma = _up(room)
    if at_ma > 0.0:
        room.do("note", threshold="pt", value_ma=felt_ma)
        room.do("note", threshold="comfort", value_ma=at_ma)
        room.do("save", name="main")
    return at_ma


def _up(room: Room) -> tuple[float, float]:
    """Turn it up in big steps until it is clearly felt; return where it was first felt, and the amplitude; 0: never."""
    at_ma, felt_ma = 0.0, 0.0
    while at_ma < _TOP_MA:
        ramp = room.do("amplitude", to_ma=dialled(at_ma + 2 * _STEP_MA), step_ma=_STEP_MA)
        if ramp is None:
            break
        at_ma = float(ramp["data"]["amplitude_ma"])
        felt_ma = felt_ma or float(ramp["data"]["felt_from_ma"] or 0.0)
        if ramp["data"]["stopped"]:
            return felt_ma or at_ma, _down(room, at_ma)
        if (ramp["data"]["strength"] or 0) >= _GOOD_POINTS:
            return felt_ma or at_ma, at_ma
    return 0.0, 0.0


def _down(room: Room, at_ma: float) -> float:
    """Turn it down by fifths until the patient no longer complains."""
    for _ in range(4):
        back = room.do("amplitude", to_ma=dialled(0.8 * at_ma))
        if back is None:
            break
        at_ma = float(back["data"]["amplitude_ma"])
        if (back["data"]["strength"] or 0) < _UNPLEASANT_POINTS:
            break
    return at_ma


def _look_after(room: Room, arrived: Data | None) -> None:
    """Turn the program on again in the posture in which the patient happens to be, and save it."""
    complaints = [] if arrived is None else arrived["data"]["complaints"]
    if _CHANGED & set(complaints):
        room.do("conclude", cause="migration")
    if room.do("load", name="main") is None:
        _map(room, None)
        return
    room.do("impedance")
    at_ma = _keep(room)
    if at_ma > 0.0:
        room.do("limit", to_ma=dialled(1.5 * at_ma))
