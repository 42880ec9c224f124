"""The arithmetic of shares: signs, whole percents that sum to 100 per sign, locks.

Shares are tuples of ContactShare, sorted by lead and contact; `locked` names the contacts whose share must stay. A sign
may have no contact while a program is put together. Nothing here knows an amplitude: changing shares never changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from scs_models.errors import InvalidValueError
from scs_sim.lead_state import require_contact_name
from scs_sim.program import GENERATOR, ContactShare

Shares = tuple[ContactShare, ...]
Names = tuple[str, ...]
Sign = Literal[-1, 1]

_CYCLE: dict[int, int] = {0: -1, -1: 1, 1: 0}
_WORDS = {-1: "cathode", 1: "anode"}


def sign_of(shares: Shares, name: str) -> int:
    """Return -1 for a cathode, 1 for an anode, 0 for a contact that is off."""
    return next((share.sign for share in shares if share.name == name), 0)


def percent_of(shares: Shares, name: str) -> int:
    """Return a contact's share in percent of the current of its sign, 0 where it is off."""
    return next((share.percent for share in shares if share.name == name), 0)


def cycled(shares: Shares, locked: Names, name: str, *, backwards: bool = False) -> Shares:
    """Return the shares after contact `name` went off -> cathode -> anode -> off, or the other way round.

    Raises InvalidValueError as `with_sign` does.
    """
    now = sign_of(shares, name)
    following = {after: before for before, after in _CYCLE.items()} if backwards else _CYCLE
    return with_sign(shares, locked, name, following[now])


def with_sign(shares: Shares, locked: Names, name: str, sign: int) -> Shares:
    """Return the shares with contact `name` a cathode (-1), an anode (1) or off (0).

    A contact that comes in takes an equal part of what is not locked; a contact that leaves gives its share to the
    others of its sign in proportion. Raises InvalidValueError where a lock stands in the way.
    """
    if sign not in (-1, 0, 1):
        raise InvalidValueError(f"sign is {sign!r}; it must be -1 (cathode), 1 (anode) or 0 (off)")
    now = sign_of(shares, name)
    if now == sign:
        return shares
    _require_unlocked(locked, name)
    if now:
        shares = _without(shares, locked, name)
    return _with(shares, locked, name, sign) if sign else shares


def percent_range(shares: Shares, locked: Names, name: str) -> tuple[int, int]:
    """Return the least and greatest whole percent that contact `name` may take; both are its share where it is fixed.

    Raises InvalidValueError for a contact that is off.
    """
    sign, now = _require_on(shares, name), percent_of(shares, name)
    free = [share for share in _others(shares, name, sign) if share.name not in locked]
    if name in locked or not free:
        return now, now
    return 1, now + sum(share.percent for share in free) - len(free)


def with_percent(shares: Shares, locked: Names, name: str, percent: int) -> Shares:
    """Return the shares with contact `name` at `percent`; the others of its sign that are not locked take the rest.

    They take it in proportion, whole percents to the largest remainders. Raises InvalidValueError where it cannot be.
    """
    sign, now = _require_on(shares, name), percent_of(shares, name)
    if percent == now:
        return shares
    _require_unlocked(locked, name)
    low, high = percent_range(shares, locked, name)
    if low == high:
        raise InvalidValueError(
            f"the share of {name} is {now} %; no other {_WORDS[sign]} is free to take or give the difference"
        )
    if not low <= percent <= high:
        raise InvalidValueError(f"the share of {name} is {percent} %; it must lie between {low} and {high} %")
    free = [share for share in _others(shares, name, sign) if share.name not in locked]
    given = apportioned([share.percent for share in free], sum(share.percent for share in free) + now - percent)
    return _replaced(shares, {name: percent, **{share.name: part for share, part in zip(free, given, strict=True)}})


def equalised(shares: Shares, locked: Names, sign: Sign | None = None) -> Shares:
    """Return the shares with the unlocked contacts of `sign` (None: of either sign) sharing equally what is not locked.

    What does not divide goes by single percents to the most rostral contacts of the leftmost lead.
    """
    for one in (-1, 1) if sign is None else (sign,):
        free = [share for share in shares if share.sign == one and share.name not in locked]
        if free:
            parts = apportioned([1] * len(free), sum(share.percent for share in free))
            shares = _replaced(shares, {share.name: part for share, part in zip(free, parts, strict=True)})
    return shares


def lock_toggled(shares: Shares, locked: Names, name: str) -> Names:
    """Return the locked names with `name` locked or unlocked; raise InvalidValueError for a contact that is off."""
    _require_on(shares, name)
    return tuple(kept for kept in locked if kept != name) if name in locked else tuple(sorted((*locked, name)))


def locks_left(shares: Shares, locked: Names) -> Names:
    """Return the locks of contacts that are still on."""
    return tuple(name for name in locked if sign_of(shares, name))


def apportioned(weights: Sequence[float], total: int) -> list[int]:
    """Return whole numbers of 1 or more that sum to `total`, in proportion to `weights` (all above 0).

    Floors first; what is left goes one by one to the largest remainders, among equals to the larger weight, then to
    the first. Raises InvalidValueError where `total` is less than the number of weights.
    """
    if total < len(weights):
        raise InvalidValueError(f"{total} % cannot be shared by {len(weights)} contacts; each needs 1 % or more")
    whole = sum(weights)
    exact = [round(weight * total / whole, 9) for weight in weights]
    parts = [max(1, int(value)) for value in exact]
    while sum(parts) > total:  # some were lifted to 1: the largest give
        parts[max(range(len(parts)), key=lambda i: (parts[i], parts[i] - exact[i]))] -= 1
    order = sorted(range(len(parts)), key=lambda i: (exact[i] - parts[i], weights[i]), reverse=True)
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts


def _with(shares: Shares, locked: Names, name: str, sign: int) -> Shares:
    lead, contact = (0, 0) if name == GENERATOR else map(int, require_contact_name("contact", name).split("."))
    word: Sign = -1 if sign < 0 else 1
    others = _others(shares, name, sign)
    free = [share for share in others if share.name not in locked]
    room = 100 - sum(share.percent for share in others if share.name in locked)
    if room < len(free) + 1:
        raise InvalidValueError(
            f"{name} cannot become {_a(sign)}: {100 - room} % of the {_WORDS[sign]} current is locked, nothing is left"
            " to share; unlock a contact first"
        )
    own = room if not free else max(1, min(room - len(free), round(room / (len(free) + 1))))
    given = apportioned([share.percent for share in free], room - own) if free else []
    smaller = _replaced(shares, {share.name: part for share, part in zip(free, given, strict=True)})
    return tuple(sorted((*smaller, ContactShare(lead, contact, word, own))))


def _without(shares: Shares, locked: Names, name: str) -> Shares:
    sign = sign_of(shares, name)
    others = _others(shares, name, sign)
    free = [share for share in others if share.name not in locked]
    if others and not free:
        raise InvalidValueError(
            f"{name} cannot be taken out: the other {_WORDS[sign]}s are locked and cannot take its share; unlock one"
        )
    given = apportioned([share.percent for share in free], sum(s.percent for s in free) + percent_of(shares, name))
    kept = tuple(share for share in shares if share.name != name)
    return _replaced(kept, {share.name: part for share, part in zip(free, given, strict=True)})


def _others(shares: Shares, name: str, sign: int) -> list[ContactShare]:
    return [share for share in shares if share.sign == sign and share.name != name]


def _replaced(shares: Shares, percents: dict[str, int]) -> Shares:
    return tuple(sorted(replace(s, percent=percents[s.name]) if s.name in percents else s for s in shares))


def _require_on(shares: Shares, name: str) -> int:
    sign = sign_of(shares, name)
    if not sign:
        raise InvalidValueError(f"contact {name} is off; make it a cathode or an anode first")
    return sign


def _require_unlocked(locked: Names, name: str) -> None:
    if name in locked:
        raise InvalidValueError(f"contact {name} is locked; unlock it first (key L)")


def _a(sign: int) -> str:
    return "a cathode" if sign < 0 else "an anode"
