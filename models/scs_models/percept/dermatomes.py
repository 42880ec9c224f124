"""Dermatomes: their order, the 56 columns (dermatome and side) of every intensity array, and the ISNCSCI key points.

C1 has no dermatome, the face belongs to the trigeminal nerve. Side 0 is the patient's left, 1 the right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from scs_models.errors import UnknownNameError
from scs_models.tables import read_table

Side = Literal["left", "right"]
View = Literal["front", "back", "sole"]

SIDES: tuple[Side, Side] = ("left", "right")
VIEWS: tuple[View, View, View] = ("front", "back", "sole")
DERMATOMES: tuple[str, ...] = (
    *(f"C{n}" for n in range(2, 9)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    "S1",
    "S2",
    "S3",
    "S4-5",
)
COLUMNS: tuple[tuple[str, Side], ...] = tuple((name, side) for name in DERMATOMES for side in SIDES)


def column(dermatome: str, side: str) -> int:
    """Return the column of a dermatome and side in arrays (..., 56); raise UnknownNameError for an unknown one."""
    if dermatome not in DERMATOMES:
        raise UnknownNameError("dermatome", dermatome, DERMATOMES)
    if side not in SIDES:
        raise UnknownNameError("side", side, SIDES)
    return 2 * DERMATOMES.index(dermatome) + (side == "right")


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One ISNCSCI key sensory point, given by landmarks of the figure.

    `lateral` and `along` weigh landmarks: distance from the midline and height; offset_mm is (lateral, downwards).
    """

    dermatome: str
    view: View
    lateral: Mapping[str, float]
    along: Mapping[str, float]
    offset_mm: tuple[float, float]
    place: str


@dataclass(frozen=True, slots=True)
class Growth:
    """How far a dermatome reaches into its neighbours, as shares of its own height (source DESIGN, WIKIMSK)."""

    fraction_of_level: float
    thoracic_fraction_of_level: float
    thoracic: tuple[str, ...]


@cache
def key_points() -> tuple[KeyPoint, ...]:
    """Return the 28 key points of one side in dermatome order, from dermatomes.toml (source ISNCSCI)."""
    rows = read_table("dermatomes")["key_points"]
    return tuple(
        KeyPoint(
            dermatome=name,
            view=rows[name]["view"],
            lateral=rows[name]["lateral"],
            along=rows[name]["along"],
            offset_mm=tuple(rows[name].get("offset_mm", (0.0, 0.0))),
            place=rows[name]["place"],
        )
        for name in DERMATOMES
    )


@cache
def growth() -> Growth:
    """Return the growth of dermatomes into their neighbours, from dermatomes.toml."""
    table = read_table("dermatomes")["growth"]
    first, last = (DERMATOMES.index(table["thoracic"][key]) for key in ("first", "last"))
    return Growth(
        fraction_of_level=table["fraction_of_level"],
        thoracic_fraction_of_level=table["thoracic"]["fraction_of_level"],
        thoracic=DERMATOMES[first : last + 1],
    )


@cache
def rami_weights() -> Mapping[str, Mapping[str, float]]:
    """Return, for each back region (id without side) served by dorsal rami, its weight per dermatome."""
    rows = read_table("dermatomes")["rami"]
    return MappingProxyType({part: rows[part]["weights"] for part in rows})


@cache
def root_exclusions() -> tuple[tuple[str, str], ...]:
    """Return the pairs (region id without side, dermatome) that a dorsal root percept never fills."""
    table = read_table("dermatomes")["root_bands"]
    return tuple((part, band) for part in table["never_in"] for band in table["bands"])
