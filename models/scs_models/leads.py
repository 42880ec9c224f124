"""Lead types and where a lead lies: from a catalogue entry and a placement to the centres of its contacts.

Contacts are numbered from the tip, which is rostral. Leads of one patient are numbered from the patient's left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from scs_models.anatomy import vertebra_mid_z_mm
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.tables import read_table
from scs_models.values import FloatArray, Status, read_only, require_between

_REQUIRED = ("title", "contact_count", "contact_length_mm", "pitch_mm", "diameter_mm")
_OPTIONAL = ("similar_to", "verified", "source", "status", "note")


@dataclass(frozen=True, slots=True)
class Lead:
    """A cylindrical lead: equal contacts (mm) at one pitch; contact 1 is the tip's."""

    id: str
    title: str
    contact_count: int
    contact_length_mm: float
    pitch_mm: float
    diameter_mm: float
    similar_to: str = ""
    verified: bool = False
    source: str = ""
    status: Status = "assumed"

    def __post_init__(self) -> None:
        limits = read_table("leads")["limits"]
        if not isinstance(self.contact_count, int) or isinstance(self.contact_count, bool):
            raise InvalidValueError(f"contact_count is {self.contact_count!r}; it must be a whole number")
        require_between("contact_count", self.contact_count, limits["contact_count_low"], limits["contact_count_high"])
        for name in ("contact_length", "pitch", "diameter"):
            value = getattr(self, f"{name}_mm")
            require_between(f"{name}_mm", value, limits[f"{name}_low_mm"], limits[f"{name}_high_mm"], "mm")
        if self.contact_count > 1 and self.pitch_mm <= self.contact_length_mm:
            raise InvalidValueError(
                f"pitch_mm is {self.pitch_mm:g} mm; "
                f"it must be more than contact_length_mm, {self.contact_length_mm:g} mm"
            )

    @property
    def contact_offset_mm(self) -> FloatArray:
        """Return the height of each contact's centre from the rostral edge of contact 1, (contacts,), 0 or less, mm."""
        steps = np.arange(self.contact_count, dtype=np.float64)
        return read_only(-(self.contact_length_mm / 2.0 + self.pitch_mm * steps))

    @property
    def span_mm(self) -> float:
        """Return the length from the rostral edge of the first contact to the caudal edge of the last, mm."""
        return self.contact_length_mm + self.pitch_mm * (self.contact_count - 1)

    @property
    def contact_area_mm2(self) -> float:
        """Return the surface of one contact, mm2."""
        return float(np.pi * self.diameter_mm * self.contact_length_mm)


@dataclass(frozen=True, slots=True)
class LeadPlacement:
    """Where a lead lies: the rostral edge of contact 1 from a vertebra's mid-height (rostral +), and x (right +).

    tilt_mm is how much further right the last contact lies than the first.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    lead: str
    tip_level: str
    tip_offset_mm: float = 0.0
    x_mm: float = 0.0
    tilt_mm: float = 0.0

    def __post_init__(self) -> None:
        limits = read_table("leads")["limits"]
        vertebra_mid_z_mm(self.tip_level)
        require_between(
            "tip_offset_mm", self.tip_offset_mm, -limits["tip_offset_high_mm"], limits["tip_offset_high_mm"], "mm"
        )
        require_between("x_mm", self.x_mm, -limits["lateral_high_mm"], limits["lateral_high_mm"], "mm")
        require_between("tilt_mm", self.tilt_mm, -limits["tilt_high_mm"], limits["tilt_high_mm"], "mm")


@dataclass(frozen=True, slots=True)
class ContactPlace:
    """One contact of a placed lead: its centre, length and radius, mm."""

    x_mm: float
    z_mm: float
    length_mm: float
    radius_mm: float


@cache
def catalogue() -> Mapping[str, Lead]:
    """Return the built-in leads by id, by number of contacts, then pitch."""
    leads = [lead_from_mapping(name, row) for name, row in read_table("leads")["leads"].items()]
    leads.sort(key=lambda lead: (lead.contact_count, lead.pitch_mm, lead.diameter_mm))
    return MappingProxyType({lead.id: lead for lead in leads})


def lead(lead_id: str) -> Lead:
    """Return a built-in lead; raise UnknownNameError with the list of ids for another one."""
    known = catalogue()
    if lead_id not in known:
        raise UnknownNameError("lead", lead_id, tuple(known))
    return known[lead_id]


def lead_from_mapping(lead_id: str, values: Mapping[str, Any]) -> Lead:
    """Return a Lead from a table as in leads.toml; raise InvalidValueError for a missing, unknown or bad key."""
    missing = [key for key in _REQUIRED if key not in values]
    unknown = [key for key in values if key not in (*_REQUIRED, *_OPTIONAL)]
    if missing:
        raise InvalidValueError(f"lead {lead_id!r} lacks {', '.join(missing)}; needed: {', '.join(_REQUIRED)}")
    if unknown:
        allowed = ", ".join((*_REQUIRED, *_OPTIONAL))
        raise InvalidValueError(f"lead {lead_id!r} has {', '.join(unknown)}; allowed: {allowed}")
    fields = {key: value for key, value in values.items() if key != "note"}
    return Lead(id=lead_id, **fields)


def contact_places(placement: LeadPlacement, lead_type: Lead | None = None) -> tuple[ContactPlace, ...]:
    """Return the contacts of a placed lead from the tip; `lead_type`: a user's own lead instead of the catalogue's."""
    chosen = lead(placement.lead) if lead_type is None else lead_type
    edge_mm = vertebra_mid_z_mm(placement.tip_level) + placement.tip_offset_mm
    last = max(chosen.contact_count - 1, 1)
    return tuple(
        ContactPlace(
            x_mm=placement.x_mm + placement.tilt_mm * number / last,
            z_mm=edge_mm + float(offset),
            length_mm=chosen.contact_length_mm,
            radius_mm=chosen.diameter_mm / 2.0,
        )
        for number, offset in enumerate(chosen.contact_offset_mm)
    )


def order_from_left(placements: Sequence[LeadPlacement]) -> tuple[int, ...]:
    """Return the indices of `placements` from the patient's left to right (by the middle of the lead, stable)."""
    middles = [placement.x_mm + placement.tilt_mm / 2.0 for placement in placements]
    return tuple(sorted(range(len(placements)), key=lambda index: middles[index]))
