"""Space: every electrode configuration of one or two cathodes and one to three anodes at equal shares, named by kind.

The generator's case may be the only anode (monopoles). Contacts that are open or shorted are left out. Of many contacts
only neighbours are combined, as many as keep the space small enough to be looked at in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.tables import read_table
from scs_models.values import FloatArray, IntArray, read_only
from scs_sim.case import Case
from scs_sim.contact_plan import lead_places
from scs_sim.program import ContactShare, format_contacts

CATHODES_HIGH, ANODES_HIGH = 2, 3
NOBODY = -1
"""Stands where a configuration has fewer contacts than the array has room for."""
_LEVEL_MM = 1.0  # contacts whose heights differ by less lie side by side


@dataclass(frozen=True, slots=True, eq=False)
class Geometry:
    """The contacts of a case: names, lateral and rostral place (mm), the column of a lead that each belongs to.

    usable (contacts,) says which may carry current: those without a fault that takes it away.
    """

    names: tuple[str, ...]
    x_mm: FloatArray
    z_mm: FloatArray
    column: IntArray
    usable: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Configurations: cathodes (programs, 2) and anodes (programs, 3) as contact indices, NOBODY where there is none.

    No anode means the generator's case. kind (programs,) are indices of `kinds`; near_count is how many neighbours of
    the cathodes were combined: all of them, or as many as the space has room for.
    """

    geometry: Geometry
    cathodes: IntArray
    anodes: IntArray
    kinds: tuple[str, ...]
    kind: IntArray
    near_count: int

    def __len__(self) -> int:
        return len(self.cathodes)

    def weights(self, rows: slice | IntArray = slice(None)) -> FloatArray:
        """Return the current (programs, contacts) per mA of some configurations, as whole percents share it."""
        cathodes, anodes = self.cathodes[rows], self.anodes[rows]
        found = np.zeros((len(cathodes), len(self.geometry.names) + 1))  # the last column takes what NOBODY carries
        for sign, members in ((-1.0, cathodes), (1.0, anodes)):
            count = (members != NOBODY).sum(axis=1)
            whole, rest = np.divmod(100, np.maximum(count, 1))
            for place in range(members.shape[1]):
                np.put_along_axis(
                    found, members[:, [place]], (sign * (whole + (place < rest)) / 100.0)[:, None], axis=1
                )
        return np.ascontiguousarray(found[:, :-1])

    def contacts(self, row: int) -> str:
        """Return one configuration in the field's notation, shared equally."""
        signs = dict.fromkeys(_present(self.cathodes[row]), "-") | dict.fromkeys(_present(self.anodes[row]), "+")
        words = [f"{self.geometry.names[index]}{signs[index]}" for index in sorted(signs)]
        return " ".join(words if "+" in signs.values() else [*words, "case+"])

    def kind_of(self, row: int) -> str:
        """Return the kind of one configuration, in words."""
        return self.kinds[int(self.kind[row])]


def geometry_of(case: Case) -> Geometry:
    """Return where the contacts of `case` lie now, and which of them are sound."""
    places = [place for number in range(1, len(case.leads) + 1) for place in lead_places(case, number)]
    columns, first = [], 0
    for number in range(1, len(case.leads) + 1):
        for count in case.lead_type(number).column_contacts:
            columns += [first] * count
            first += 1
    faulty = {
        name
        for fault in case.contact_faults
        if fault.kind in ("open", "short")
        for name in (fault.contact, fault.partner)
    }
    names = case.contact_names()
    return Geometry(
        names,
        read_only(np.array([place.x_mm for place in places])),
        read_only(np.array([place.z_mm for place in places])),
        read_only(np.array(columns, dtype=np.int64)),
        read_only(np.array([index for index, name in enumerate(names) if name not in faulty], dtype=np.int64)),
    )


def space_of(case: Case, max_active: int = CATHODES_HIGH + ANODES_HIGH) -> Space:
    """Return the configurations of `case` with `max_active` contacts at most, those of few contacts first.

    Raises InvalidValueError where no contact is sound.
    """
    geometry = geometry_of(case)
    if not len(geometry.usable):
        raise InvalidValueError(f"case {case.id}: every contact is open or shorted; there is nothing to search")
    high = int(_limits()["configurations_count"])
    near = len(geometry.usable)
    while near > 2 and _size_bound(len(geometry.usable), near, max_active) > high:
        near -= 1
    neighbours = _neighbours(geometry, near)
    parts = sorted(
        (
            (cathode_count, anode_count)
            for cathode_count in range(1, CATHODES_HIGH + 1)
            for anode_count in range(ANODES_HIGH + 1)
            if cathode_count + anode_count <= max_active
        ),
        key=lambda counts: (sum(counts), counts),
    )
    cathodes, anodes, kinds = [], [], []
    for counts in parts:
        rows = [
            (*pair, *([NOBODY] * (CATHODES_HIGH - len(pair))), *group, *([NOBODY] * (ANODES_HIGH - len(group))))
            for pair in _cathode_sets(geometry, neighbours, counts[0])
            for group in combinations(_pool(geometry, neighbours, pair, near), counts[1])
        ]
        both = np.array(rows, dtype=np.int64).reshape(-1, CATHODES_HIGH + ANODES_HIGH)
        cathodes.append(both[:, :CATHODES_HIGH])
        anodes.append(both[:, CATHODES_HIGH:])
        kinds.append(kind_names(geometry, both[:, : counts[0]], both[:, CATHODES_HIGH : CATHODES_HIGH + counts[1]]))
    names = np.concatenate(kinds)
    known = tuple(dict.fromkeys(names.tolist()))
    index = {name: place for place, name in enumerate(known)}
    return Space(
        geometry=geometry,
        cathodes=read_only(np.concatenate(cathodes)),
        anodes=read_only(np.concatenate(anodes)),
        kinds=known,
        kind=read_only(np.array([index[name] for name in names.tolist()], dtype=np.int64)),
        near_count=near,
    )


def kind_names(geometry: Geometry, cathodes: IntArray, anodes: IntArray) -> np.ndarray[Any, np.dtype[np.str_]]:
    """Return the kind in words of configurations that all have as many cathodes (n, C) and anodes (n, A); A 0: case."""
    x, z, column = geometry.x_mm, geometry.z_mm, geometry.column
    counts = (cathodes.shape[1], anodes.shape[1])
    anode_words = _some(counts[1], "anode") if counts[1] else "case"
    usual = _USUAL.get(counts, f"{_some(counts[0], 'cathode')}, {anode_words}")
    found = np.full(len(cathodes), usual, dtype="<U40")
    if not len(cathodes) or not counts[1]:
        return found
    dx, dz = (part[anodes] - part[cathodes].mean(axis=1)[:, None] for part in (x, z))
    own = (column[anodes] == column[cathodes[:, :1]]).all(axis=1)
    one_column = own & (column[cathodes] == column[cathodes[:, :1]]).all(axis=1)
    above = (z[anodes] > z[cathodes].max(axis=1)[:, None]).any(axis=1)
    below = (z[anodes] < z[cathodes].min(axis=1)[:, None]).any(axis=1)
    beside = np.abs(dz) <= np.maximum(np.abs(dx), _LEVEL_MM)
    if counts == (1, 1):
        found[~own] = "oblique bipole"
        found[~own & beside[:, 0]] = "transverse bipole"
    elif counts == (1, 2):
        found[own & above & below] = "guarded cathode"
        found[~own & beside.all(axis=1) & (dx.min(axis=1) < 0.0) & (dx.max(axis=1) > 0.0)] = (
            "transverse guarded cathode"
        )
    elif counts == (2, 2):
        found[_one_anode_each(column, cathodes, anodes)] = "two bipoles"
        found[one_column & above & below] = "guarded split cathode"
    return found


def kind_of_shares(geometry: Geometry, shares: Sequence[ContactShare]) -> str:
    """Return the kind of any configuration in words; shares of one sign that differ are said."""
    place = {name: index for index, name in enumerate(geometry.names)}
    members = {
        sign: np.array([[place[share.name] for share in shares if share.sign == sign and share.lead]], dtype=np.int64)
        for sign in (-1, 1)
    }
    if not members[-1].size:
        return "case as cathode"
    kind = str(kind_names(geometry, members[-1].reshape(1, -1), members[1].reshape(1, -1))[0])
    if any(share.lead == 0 for share in shares) and members[1].size:
        kind += ", case"
    percents = [[share.percent for share in shares if share.sign == sign] for sign in (-1, 1)]
    steered = any(part and max(part) - min(part) > 1 for part in percents)
    return f"{kind}, unequal shares" if steered else kind


def contacts_text(names: Sequence[str], percent: IntArray) -> str:
    """Return whole percents (contacts,), cathodes negative, in the field's notation; the case takes what is left over.

    Shares that are equal are left out of the text.
    """
    shares = []
    for index in np.flatnonzero(percent).tolist():
        lead, contact = (int(part) for part in names[index].split("."))
        own = int(percent[index])
        shares.append(ContactShare(lead, contact, -1 if own < 0 else 1, abs(own)))
    text = format_contacts(shares)
    if all(_is_equal([share.percent for share in shares if share.sign == sign]) for sign in (-1, 1)):
        text = " ".join(f"{share.name}{'-' if share.sign < 0 else '+'}" for share in shares)
        return text if (percent > 0).any() else f"{text} case+"
    left = -int(percent.sum())
    return f"{text} case+{left}" if left else text


_USUAL = {
    (1, 0): "monopole",
    (2, 0): "split monopole",
    (1, 1): "bipole",
    (1, 2): "tripole",
    (1, 3): "one cathode, three anodes",
    (2, 1): "split cathode",
    (2, 2): "split cathode, two anodes",
    (2, 3): "split cathode, three anodes",
}


def _some(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _limits() -> dict[str, Any]:
    rows: dict[str, Any] = read_table("search", "scs_sim")["space"]
    return rows


def _present(members: IntArray) -> list[int]:
    return [index for index in members.tolist() if index != NOBODY]


def _is_equal(percents: list[int]) -> bool:
    whole, rest = divmod(100, max(len(percents), 1))
    return percents == [whole + (place < rest) for place in range(len(percents))]


def _one_anode_each(column: IntArray, cathodes: IntArray, anodes: IntArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return where two cathodes lie in two columns and each has an anode in its own."""
    ours, theirs = np.sort(column[cathodes], axis=1), np.sort(column[anodes], axis=1)
    return np.asarray((ours[:, 0] != ours[:, 1]) & (ours == theirs).all(axis=1))


def _size_bound(usable: int, near: int, max_active: int) -> int:
    """Return at most how many configurations there are when each cathode meets `near` - 1 others."""
    total = 0
    for count in range(1, CATHODES_HIGH + 1):
        sets = usable if count == 1 else usable * (near - 1) // (2 if near == usable else 1)
        total += sets * sum(
            comb(near - count, anodes) for anodes in range(ANODES_HIGH + 1) if count + anodes <= max_active
        )
    return total


def _neighbours(geometry: Geometry, near: int) -> dict[int, list[int]]:
    """Return for each usable contact the `near` usable ones that lie nearest, itself first."""
    found = {}
    for index in geometry.usable.tolist():
        apart = np.hypot(
            geometry.x_mm[geometry.usable] - geometry.x_mm[index], geometry.z_mm[geometry.usable] - geometry.z_mm[index]
        )
        order = np.lexsort((geometry.usable, geometry.usable != index, apart.round(6)))
        found[index] = geometry.usable[order][:near].tolist()
    return found


def _cathode_sets(geometry: Geometry, neighbours: dict[int, list[int]], count: int) -> list[tuple[int, ...]]:
    if count == 1:
        return [(index,) for index in geometry.usable.tolist()]
    return sorted({tuple(sorted((one, other))) for one, near in neighbours.items() for other in near if one != other})


def _pool(geometry: Geometry, neighbours: dict[int, list[int]], cathodes: tuple[int, ...], near: int) -> list[int]:
    """Return the contacts that may be anodes of `cathodes`, in order: the nearest to the first of them."""
    if near == len(geometry.usable):
        return [index for index in geometry.usable.tolist() if index not in cathodes]
    return sorted(index for index in neighbours[cathodes[0]] if index not in cathodes)
