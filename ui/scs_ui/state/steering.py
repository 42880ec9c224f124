"""Steering (e-troll): a pattern of contacts moved, spread or its anodes drawn nearer in tenths of the contact spacing.

A pattern remembers what it began as and how many steps it has made; the shares are drawn anew from both each time, so
that ten steps are exactly one contact and steps back return exactly. A share that falls between contacts is split
between its neighbours by distance; where a cathode and an anode fall on one contact they cancel, as their fields do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, ClassVar, Literal

from scs_models.errors import InvalidValueError
from scs_models.values import require_between
from scs_sim.case import Case
from scs_sim.contact_plan import lead_places
from scs_sim.program import ContactShare
from scs_ui.state.contacts import Names, Shares, apportioned

STEPS_PER_CONTACT = 10
MOST_STEPS = 10_000
WIDEST = 6  # tenths of a cathode's current that go to its neighbours; beyond 2/3 the middle would be a hole
NARROWEST = -10  # all cathodes at their middle
_TOUCH = 1e-6
_NOTHING = 1e-9

Move = Literal["up", "right", "spread", "anodes"]


@dataclass(frozen=True, slots=True)
class Steering:
    """A pattern of contacts and the steps it has made from there, each a tenth of the contact spacing.

    up: rostral; right: to the patient's right, a tenth of the way to the next column of contacts; spread: cathodic
    current shared with neighbours (+) or drawn together (-); anodes: further from the cathodes (+) or nearer (-).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    base: Shares
    up: int = 0
    right: int = 0
    spread: int = 0
    anodes: int = 0

    def __post_init__(self) -> None:
        for name in ("up", "right", "spread", "anodes"):
            require_between(name, getattr(self, name), -MOST_STEPS, MOST_STEPS, "steps")


@dataclass(frozen=True, slots=True)
class Column:
    """The contacts of one column of one lead from its tip: their names' numbers, x and z in mm (z falls)."""

    lead: int
    contacts: tuple[int, ...]
    x_mm: tuple[float, ...]
    z_mm: tuple[float, ...]

    @property
    def spacing_mm(self) -> float:
        """Return the usual distance from contact to contact, mm; 7 for a column of one."""
        steps = [above - below for above, below in zip(self.z_mm, self.z_mm[1:], strict=False)]
        return median(steps) if steps else 7.0

    def reaches(self, z_mm: float, beyond_mm: float) -> bool:
        """Return whether height `z_mm` lies between the end contacts, or at most `beyond_mm` outside."""
        return self.z_mm[-1] - beyond_mm - _TOUCH <= z_mm <= self.z_mm[0] + beyond_mm + _TOUCH

    def split(self, z_mm: float) -> list[tuple[int, float]]:
        """Return the contacts (places in the column) that a share at `z_mm` is split between, with their parts."""
        z = min(max(z_mm, self.z_mm[-1]), self.z_mm[0])
        below = next((place for place, height in enumerate(self.z_mm) if height <= z + _TOUCH), len(self.z_mm) - 1)
        if below == 0 or abs(self.z_mm[below] - z) <= _TOUCH:
            return [(below, 1.0)]
        above = below - 1
        part = (z - self.z_mm[below]) / (self.z_mm[above] - self.z_mm[below])
        return [(above, part), (below, 1.0 - part)]

    def x_at_mm(self, z_mm: float) -> float:
        """Return where the column lies at a height, mm."""
        return sum(part * self.x_mm[place] for place, part in self.split(z_mm))


def columns_of(case: Case) -> tuple[Column, ...]:
    """Return the columns of all leads of a case as they lie now, lead by lead."""
    found = []
    for number in range(1, len(case.leads) + 1):
        places, first = lead_places(case, number), 0
        for count in case.lead_type(number).column_contacts:
            part = places[first : first + count]
            contacts = tuple(range(first + 1, first + count + 1))
            found.append(Column(number, contacts, tuple(p.x_mm for p in part), tuple(p.z_mm for p in part)))
            first += count
    return tuple(found)


def pattern_of(shares: Shares, steering: Steering | None, columns: tuple[Column, ...]) -> Steering:
    """Return the pattern that `shares` are drawn from: `steering` where they still are, otherwise a new one."""
    shares = tuple(sorted(shares))
    if steering is not None and _is_from(shares, steering, columns):
        return steering
    return Steering(shares)


def moved(
    shares: Shares, locked: Names, steering: Steering | None, columns: tuple[Column, ...], move: Move, steps: int
) -> tuple[Shares, Steering]:
    """Return the shares and their pattern after `steps` tenths of a contact of one kind of move.

    Raises InvalidValueError at the ends of the leads, without a pattern to move, and where a contact is locked.
    """
    if locked:
        raise InvalidValueError(f"contact {locked[0]} is locked and stays where it is; unlock it to steer (key L)")
    if not any(share.lead for share in shares):
        raise InvalidValueError("there is nothing to steer; choose a cathode first")
    shares = tuple(sorted(shares))
    pattern = pattern_of(shares, steering, columns)
    asked = replace(pattern, **{move: getattr(pattern, move) + steps})
    if not NARROWEST <= asked.spread <= WIDEST:
        raise InvalidValueError(f"the cathodes are as {'wide' if steps > 0 else 'narrow'} as they get")
    found = drawn(asked, columns)
    if found == shares and move == "spread" and drawn(replace(asked, spread=NARROWEST), columns) == shares:
        raise InvalidValueError("the cathodes are as narrow as they get")
    if found == shares and move == "anodes":
        raise InvalidValueError("there is no anode above or below the cathodes to move")
    return found, asked


def drawn(pattern: Steering, columns: tuple[Column, ...]) -> Shares:
    """Return the shares of a pattern after its steps, whole percents per sign; InvalidValueError at the ends."""
    if pattern == Steering(pattern.base):
        return pattern.base
    pieces = list(_pieces(pattern, columns))
    net: dict[tuple[int, int], float] = {}
    for key, amount in pieces:
        net[key] = net.get(key, 0.0) + amount
    found: list[ContactShare] = []
    for sign in (-1, 1):
        found += _whole(net, sign)
    if {share.sign for share in found} != {share.sign for share in pattern.base}:
        raise InvalidValueError("cathode and anode fall on the same contacts and cancel; move the anodes further first")
    return tuple(sorted(found))


def _whole(net: dict[tuple[int, int], float], sign: Literal[-1, 1]) -> list[ContactShare]:
    """Return the contacts of one sign with percents that sum to 100, without those that round to nothing."""
    keys = sorted(key for key, amount in net.items() if amount * sign > _NOTHING)
    total = sum(abs(net[key]) for key in keys)
    keys = [key for key in keys if round(abs(net[key]) / total * 100.0, 6) >= 0.5]
    percents = apportioned([abs(net[key]) for key in keys], 100) if keys else []
    return [ContactShare(*key, sign, percent) for key, percent in zip(keys, percents, strict=True)]


def _pieces(pattern: Steering, columns: tuple[Column, ...]) -> Iterable[tuple[tuple[int, int], float]]:
    """Yield ((lead, contact), signed percent) of every piece of every share after the steps."""
    homes = {(c.lead, contact): (c, place) for c in columns for place, contact in enumerate(c.contacts)}
    used = [homes[share.lead, share.contact][0] for share in pattern.base if share.lead]
    step_mm = min(column.spacing_mm for column in used) / STEPS_PER_CONTACT
    middle_mm = _middle_mm(pattern.base, homes)
    for share in pattern.base:
        if not share.lead:
            yield (0, 0), float(share.sign * share.percent)
            continue
        home, place = homes[share.lead, share.contact]
        for away_mm, part in _spreads(share, home.z_mm[place], pattern, middle_mm, step_mm):
            up_mm = pattern.up * step_mm + away_mm
            for key, amount in _landed(home, place, up_mm, pattern.right / STEPS_PER_CONTACT, columns):
                yield key, share.sign * share.percent * part * amount


def _middle_mm(base: Shares, homes: dict[tuple[int, int], tuple[Column, int]]) -> float | None:
    """Return the current-weighted mean height of the cathodes, mm; None where there is none on a lead."""
    placed = [(homes[s.lead, s.contact], s.percent) for s in base if s.lead and s.sign < 0]
    total = sum(percent for _, percent in placed)
    return sum(home.z_mm[place] * percent for (home, place), percent in placed) / total if total else None


def _spreads(
    share: ContactShare, z_mm: float, pattern: Steering, middle_mm: float | None, step_mm: float
) -> list[tuple[float, float]]:
    """Return where the parts of one share go: (mm upwards, part), before the pattern as a whole moves."""
    if middle_mm is None:
        return [(0.0, 1.0)]
    if share.sign > 0:
        return [(_anode_mm(z_mm - middle_mm, pattern.anodes, step_mm), 1.0)]
    if pattern.spread < 0:
        return [((z_mm - middle_mm) * pattern.spread / STEPS_PER_CONTACT, 1.0)]
    aside = pattern.spread / STEPS_PER_CONTACT / 2.0
    spacing_mm = step_mm * STEPS_PER_CONTACT
    return [(0.0, 1.0 - 2.0 * aside), (spacing_mm, aside), (-spacing_mm, aside)] if aside else [(0.0, 1.0)]


def _anode_mm(from_cathodes_mm: float, steps: int, step_mm: float) -> float:
    """Return how far up (mm) an anode goes in `steps` away from the cathodes; one beside them stays.

    Raises InvalidValueError where it would come nearer than one contact.
    """
    if abs(from_cathodes_mm) < step_mm or not steps:
        return 0.0
    away_mm = steps * step_mm
    nearest_mm = min(abs(from_cathodes_mm), step_mm * STEPS_PER_CONTACT)
    if abs(from_cathodes_mm) + away_mm < nearest_mm - _TOUCH:
        raise InvalidValueError("the anodes are as near to the cathodes as they get, one contact away")
    return away_mm if from_cathodes_mm > 0.0 else -away_mm


def _landed(
    home: Column, place: int, up_mm: float, right: float, columns: tuple[Column, ...]
) -> Iterable[tuple[tuple[int, int], float]]:
    """Yield ((lead, contact), part) of a share that stood at `place` of column `home` and moved.

    right: in columns; a column beside may end up to half a contact short. Raises InvalidValueError where there is no
    contact.
    """
    z_mm = home.z_mm[place] + up_mm
    row = [c for c in columns if c is home or c.reaches(z_mm, c.spacing_mm / 2.0)]
    row.sort(key=lambda c: c.x_at_mm(z_mm))
    chosen = _beside(row, row.index(home), right, home.lead)
    if any(column is home for column, _ in chosen) and not home.reaches(z_mm, 0.0):
        raise InvalidValueError(f"lead {home.lead} ends here: no contact {'above' if up_mm > 0 else 'below'} it")
    for column, part in chosen:
        for where, share in column.split(z_mm):
            yield (column.lead, column.contacts[where]), part * share


def _beside(row: list[Column], at: int, right: float, lead: int) -> list[tuple[Column, float]]:
    """Return the one or two columns of `row` that lie `right` columns from the one `at`, with their parts."""
    wanted = round(at + right, 9)
    if not 0.0 <= wanted <= len(row) - 1:
        side = "right" if right > 0 else "left"
        raise InvalidValueError(f"there is no contact further {side} at this height to steer to from lead {lead}")
    low = int(wanted)
    part = wanted - low
    return [(row[low], 1.0)] if part < _NOTHING else [(row[low], 1.0 - part), (row[low + 1], part)]


def _is_from(shares: Shares, steering: Steering, columns: tuple[Column, ...]) -> bool:
    """Return whether `shares` are what `steering` gives on these columns; not where the leads have changed too much."""
    known = {(c.lead, contact) for c in columns for contact in c.contacts}
    if any(share.lead and (share.lead, share.contact) not in known for share in steering.base):
        return False
    try:
        return drawn(steering, columns) == shares
    except InvalidValueError:
        return False
