"""Lead types and where a lead lies: from a catalogue entry and a placement to the centres of its contacts.

Contacts are numbered from the tip, which is rostral; on a paddle column by column from the patient's left, each column
from its rostral end. Leads of one patient are numbered from the patient's left. docs/leads.md explains.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np

from scs_models import files
from scs_models.anatomy import vertebra_mid_z_mm
from scs_models.conductor import Paddle
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.tables import read_table
from scs_models.values import FloatArray, Status, read_only, require_between, require_one_of

LeadKind = Literal["percutaneous", "paddle"]
LEAD_KINDS: tuple[LeadKind, ...] = ("percutaneous", "paddle")
# What a lead of each kind is described by; lengths end in _mm as fields.
LEAD_DIMENSIONS: Mapping[LeadKind, tuple[str, ...]] = MappingProxyType(
    {
        "percutaneous": ("column_contacts", "contact_length", "gap", "diameter"),
        "paddle": (
            *("column_contacts", "contact_length", "contact_width", "gap", "column_x", "column_start"),
            *("body_width", "body_thickness"),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class DimensionSource:
    """Where one dimension of a lead is from; `verified`: the number was read in that source itself."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    dimension: str
    source: str
    status: Status = "assumed"
    verified: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead type: equal contacts (mm) in one column (percutaneous) or several (paddle), and the body behind them.

    column_contacts counts the contacts of each column from the patient's left; gap_mm: edge to edge along a column,
    one value for all or one per gap; column_x_mm: each column's middle, right of the lead's axis; column_start_mm: how
    far caudal of the lead's rostral edge each column starts. diameter_mm is a cylinder's; contact_width_mm,
    body_width_mm and body_thickness_mm are a paddle's.
    """

    FORMAT: ClassVar[str] = "scs-sim lead"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    id: str
    title: str
    column_contacts: tuple[int, ...]
    contact_length_mm: float
    gap_mm: tuple[float, ...]
    kind: LeadKind = "percutaneous"
    diameter_mm: float = 0.0
    contact_width_mm: float = 0.0
    column_x_mm: tuple[float, ...] = (0.0,)
    column_start_mm: tuple[float, ...] = (0.0,)
    body_width_mm: float = 0.0
    body_thickness_mm: float = 0.0
    similar_to: str = ""
    confidence: str = ""
    sources: tuple[DimensionSource, ...] = ()

    def __post_init__(self) -> None:
        if not self.id or not all(c.isascii() and (c.isalnum() or c in "-_") for c in self.id):
            raise InvalidValueError(f"id is {self.id!r}; it must be letters, digits, - and _ only")
        require_one_of("kind", self.kind, LEAD_KINDS)
        self._require_counts()
        limits = read_table("leads")["limits"]
        for name in ("contact_length", "diameter", "contact_width", "body_width", "body_thickness"):
            value = getattr(self, f"{name}_mm")
            if name in LEAD_DIMENSIONS[self.kind]:
                require_between(f"{name}_mm", value, limits[f"{name}_low_mm"], limits[f"{name}_high_mm"], "mm")
            elif value != 0.0:
                raise InvalidValueError(f"{name}_mm is {value!r}; a {self.kind} lead has none")
        for gap in self.gap_mm:
            require_between("gap_mm", gap, limits["gap_low_mm"], limits["gap_high_mm"], "mm")
        for start in self.column_start_mm:
            require_between("column_start_mm", start, 0.0, limits["column_start_high_mm"], "mm")
        self._require_columns_fit()

    def _require_counts(self) -> None:
        limits = read_table("leads")["limits"]
        columns = len(self.column_contacts)
        require_between("the number of columns", columns, 1, limits["column_count_high"])
        if self.kind == "percutaneous" and columns > 1:
            raise InvalidValueError(f"column_contacts has {columns} columns; a percutaneous lead has one")
        for count in self.column_contacts:
            if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                raise InvalidValueError(f"column_contacts has {count!r}; it must hold whole numbers from 1")
        require_between("the number of contacts", self.contact_count, 1, limits["contact_count_high"])
        gaps = max(self.column_contacts) - 1
        if len(self.gap_mm) not in (1, gaps):
            raise InvalidValueError(
                f"gap_mm has {len(self.gap_mm)} values; it must have 1 for all, or {gaps}: one per gap, from the tip"
            )
        for name in ("column_x_mm", "column_start_mm"):
            if len(getattr(self, name)) != columns:
                raise InvalidValueError(
                    f"{name} has {len(getattr(self, name))} values; it must have {columns}, one per column"
                )

    def _require_columns_fit(self) -> None:
        if self.kind == "percutaneous":
            if self.column_x_mm != (0.0,) or self.column_start_mm != (0.0,):
                raise InvalidValueError("column_x_mm and column_start_mm belong to paddles; a percutaneous lead has 0")
            return
        if min(self.column_start_mm) != 0.0:
            raise InvalidValueError(f"column_start_mm is {self.column_start_mm}; the most rostral column must have 0")
        steps = np.diff(self.column_x_mm)
        if len(steps) and float(steps.min()) <= self.contact_width_mm:
            raise InvalidValueError(
                f"column_x_mm is {self.column_x_mm}; columns must go from the patient's left to right, "
                f"more than contact_width_mm, {self.contact_width_mm:g} mm, apart"
            )
        reach = float(np.abs(self.column_x_mm).max()) + self.contact_width_mm / 2.0
        if 2.0 * reach > self.body_width_mm + 1e-9:
            raise InvalidValueError(
                f"body_width_mm is {self.body_width_mm:g} mm; the contacts reach {reach:g} mm to a side, so it must be "
                f"{2.0 * reach:g} mm or more"
            )

    @property
    def contact_count(self) -> int:
        """Return the number of contacts."""
        return sum(self.column_contacts)

    @property
    def pitch_mm(self) -> float | None:
        """Return the distance from contact to contact along a column (mm); None where the gaps differ."""
        return self.contact_length_mm + self.gap_mm[0] if len(set(self.gap_mm)) == 1 else None

    @property
    def contact_xz_mm(self) -> FloatArray:
        """Return each contact's centre (contacts, 2) in mm: right of the axis, above the rostral edge (negative)."""
        gaps = self.gap_mm if len(self.gap_mm) > 1 else self.gap_mm * (max(self.column_contacts) - 1)
        down = np.concatenate([[0.0], np.cumsum(np.add(gaps, self.contact_length_mm))]) + self.contact_length_mm / 2.0
        columns = zip(self.column_contacts, self.column_x_mm, self.column_start_mm, strict=True)
        return read_only(
            np.concatenate([np.stack([np.full(n, x), -start - down[:n]], axis=-1) for n, x, start in columns])
        )

    @property
    def span_mm(self) -> float:
        """Return the length from the rostral edge of the first contact to the caudal edge of the last, mm."""
        return float(-self.contact_xz_mm[:, 1].min() + self.contact_length_mm / 2.0)

    @property
    def contact_area_mm2(self) -> float:
        """Return the surface of one contact, mm2."""
        if self.kind == "paddle":
            return self.contact_width_mm * self.contact_length_mm
        return float(np.pi * self.diameter_mm * self.contact_length_mm)

    @property
    def verified(self) -> bool:
        """Return whether every dimension was read in its source."""
        return bool(self.sources) and all(item.verified for item in self.sources)


@dataclass(frozen=True, slots=True)
class LeadPlacement:
    """Where a lead lies: its rostral edge (of its uppermost contact) from a vertebra's mid-height (rostral +), mm.

    x_mm is where the axis lies at the uppermost contact (right +); tilt_mm is how much further right it lies at the
    lowest one; bow_mm is how far right of the straight line between both the middle lies (a parabola).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    lead: str
    tip_level: str
    tip_offset_mm: float = 0.0
    x_mm: float = 0.0
    tilt_mm: float = 0.0
    bow_mm: float = 0.0

    def __post_init__(self) -> None:
        limits = read_table("leads")["limits"]
        vertebra_mid_z_mm(self.tip_level)
        for name in ("tip_offset", "x", "tilt", "bow"):
            high = limits[f"{name}_high_mm"]
            require_between(f"{name}_mm", getattr(self, f"{name}_mm"), -high, high, "mm")


@dataclass(frozen=True, slots=True)
class ContactPlace:
    """One contact of a placed lead: its centre and size, mm.

    A cylindrical contact has a radius; a flat one has a width, and behind it the lead's backing, whose middle lies at
    axis_x_mm.
    """

    x_mm: float
    z_mm: float
    length_mm: float
    radius_mm: float
    width_mm: float = 0.0
    axis_x_mm: float = 0.0
    backing_half_width_mm: float = 0.0
    thickness_mm: float = 0.0

    @property
    def area_mm2(self) -> float:
        """Return the surface of the contact, mm2."""
        return self.width_mm * self.length_mm if self.width_mm else 2.0 * np.pi * self.radius_mm * self.length_mm


@cache
def catalogue() -> Mapping[str, Lead]:
    """Return the built-in leads by id: percutaneous ones first, by number of contacts, then length."""
    found = [_from_record(name, row) for name, row in read_table("leads")["leads"].items()]
    found.sort(key=lambda lead: (lead.kind == "paddle", lead.contact_count, lead.span_mm, lead.diameter_mm))
    return MappingProxyType({lead.id: lead for lead in found})


def lead(lead_id: str) -> Lead:
    """Return a built-in lead; raise UnknownNameError with the list of ids for another one."""
    known = catalogue()
    if lead_id not in known:
        raise UnknownNameError("lead", lead_id, tuple(known))
    return known[lead_id]


def load_lead(name_or_path: str | os.PathLike[str]) -> Lead:
    """Return a lead: a built-in id, the path of a .toml or .json file, or "-" for standard input.

    Raises UnknownNameError for a name that is neither, InvalidFileError for a bad file.
    """
    text = os.fspath(name_or_path)
    if text == "-" or Path(text).suffix.lower() in (".toml", ".json") or os.sep in text:
        return files.read_value(Lead, text)
    if text not in catalogue():
        raise UnknownNameError("lead", text, (*catalogue(), "or the path of a .toml or .json file"))
    return catalogue()[text]


def contact_places(placement: LeadPlacement, lead_type: Lead | None = None) -> tuple[ContactPlace, ...]:
    """Return the contacts of a placed lead in their order; `lead_type`: a user's own lead instead of the catalogue's.

    A tilted paddle turns as a whole, so that its columns stay side by side.
    """
    chosen = lead(placement.lead) if lead_type is None else lead_type
    edge_mm = vertebra_mid_z_mm(placement.tip_level) + placement.tip_offset_mm
    first_mm = chosen.contact_length_mm / 2.0
    length_mm = max(chosen.span_mm - chosen.contact_length_mm, 1e-9)
    places = []
    for column_x_mm, below_mm in chosen.contact_xz_mm.tolist():
        along = (-below_mm - first_mm) / length_mm
        axis_x_mm = placement.x_mm + placement.tilt_mm * along + 4.0 * placement.bow_mm * along * (1.0 - along)
        slope = (placement.tilt_mm + 4.0 * placement.bow_mm * (1.0 - 2.0 * along)) / length_mm if column_x_mm else 0.0
        places.append(
            ContactPlace(
                x_mm=axis_x_mm + column_x_mm,
                z_mm=edge_mm + below_mm + column_x_mm * slope,
                length_mm=chosen.contact_length_mm,
                radius_mm=chosen.diameter_mm / 2.0,
                width_mm=chosen.contact_width_mm,
                axis_x_mm=axis_x_mm,
                backing_half_width_mm=chosen.body_width_mm / 2.0,
                thickness_mm=chosen.body_thickness_mm,
            )
        )
    return tuple(places)


def migrated(
    places: Sequence[ContactPlace], rostral_mm: float = 0.0, right_mm: float = 0.0, rotation_deg: float = 0.0
) -> tuple[ContactPlace, ...]:
    """Return the contacts of one lead after it moved as a rigid body in the coronal plane.

    The lead turns about its middle (halfway between its outermost contacts), then shifts; a positive rotation turns
    the tip to the patient's right: clockwise seen from behind. Contacts keep their own upright shape.
    """
    x = np.array([place.x_mm for place in places])
    z = np.array([place.z_mm for place in places])
    axis = np.array([place.axis_x_mm for place in places])
    middle_x, middle_z = (x.min() + x.max()) / 2.0, (z.min() + z.max()) / 2.0
    cos, sin = np.cos(np.radians(rotation_deg)), np.sin(np.radians(rotation_deg))

    def turned_x(at_x: FloatArray) -> FloatArray:
        return np.asarray(middle_x + right_mm + (at_x - middle_x) * cos + (z - middle_z) * sin, dtype=np.float64)

    turned_z = middle_z + rostral_mm + (z - middle_z) * cos - (x - middle_x) * sin
    return tuple(
        replace(place, x_mm=float(new_x), z_mm=float(new_z), axis_x_mm=float(new_axis))
        for place, new_x, new_z, new_axis in zip(places, turned_x(x), turned_z, turned_x(axis), strict=True)
    )


def paddle_behind(place: ContactPlace, cord_offset_mm: float = 0.0, lead_lift_mm: float = 0.0) -> Paddle | None:
    """Return the paddle that a flat contact is part of, as the conductor wants it; None for a cylindrical one.

    The backing is symmetric about the cord's midline, so it is drawn as wide as needed to lie behind the paddle where
    that is off it, in whole mm. lead_lift_mm: scar in front of the face.
    """
    if not place.width_mm:
        return None
    table = read_table("leads")["paddle"]
    aside_mm = np.ceil(abs(place.axis_x_mm - cord_offset_mm) - 1e-6)
    return Paddle(
        half_width_mm=place.backing_half_width_mm + float(aside_mm),
        thickness_mm=place.thickness_mm,
        gap_mm=table["face_gap"]["value_mm"] + lead_lift_mm,
        conductivity_s_per_m=table["backing"]["conductivity_s_per_m"],
        least_canal_mm=table["canal"]["least_depth_mm"]
        + place.thickness_mm
        - table["canal"]["for_thickness_mm"]
        + lead_lift_mm,
    )


def order_from_left(placements: Sequence[LeadPlacement]) -> tuple[int, ...]:
    """Return the indices of `placements` from the patient's left to right (by the middle of the lead, stable)."""
    middles = [placement.x_mm + placement.tilt_mm / 2.0 + placement.bow_mm for placement in placements]
    return tuple(sorted(range(len(placements)), key=lambda index: middles[index]))


def _from_record(lead_id: str, row: Mapping[str, Any]) -> Lead:
    """Return the lead of one entry of leads.toml, where each dimension is a record with its own source."""
    known = {field.name for field in fields(Lead)}
    values: dict[str, Any] = {}
    sources: list[DimensionSource] = []
    for name, entry in row.items():
        if not isinstance(entry, Mapping):
            values[name] = entry
            continue
        key, value = next((key, value) for key, value in entry.items() if key in ("counts", "value_mm", "values_mm"))
        values[name if key == "counts" else f"{name}_mm"] = value
        sources.append(
            DimensionSource(name, entry["source"], entry["status"], entry["verified"], entry.get("note", ""))
        )
    if unknown := [name for name in values if name not in known]:
        raise InvalidValueError(f"lead {lead_id!r} has {', '.join(unknown)}; allowed: {', '.join(sorted(known))}")
    return Lead(id=lead_id, sources=tuple(sources), **values)
