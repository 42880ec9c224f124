"""What became of implanted leads: scar under contacts, migration, faults of contacts and wires."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from scs_models.anatomy import scar_thickness_mm, scar_tissues
from scs_models.errors import InvalidValueError
from scs_models.values import require_between, require_one_of

FaultKind = Literal["open", "short", "high"]
FAULT_KINDS: tuple[FaultKind, ...] = ("open", "short", "high")
GREATEST_MIGRATION_MM = 60.0
GREATEST_ASIDE_MM = 6.0
GREATEST_ROTATION_DEG = 30.0
GREATEST_SERIES_OHM = 1e6

_NAME = re.compile(r"[1-9]\d?\.[1-9]\d?")


@dataclass(frozen=True, slots=True)
class Scar:
    """Epidural scar under some contacts ("1.3 1.4"): it lifts them by its thickness and adds to their impedance.

    tissue names a kind of scar of tissues.toml.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    contacts: str
    thickness_mm: float = 0.5
    tissue: str = "usual"

    def __post_init__(self) -> None:
        if not self.names:
            raise InvalidValueError("contacts is empty; name the contacts over the scar, for example '1.3 1.4'")
        for name in self.names:
            require_contact_name("contacts", name)
            if self.names.count(name) > 1:
                raise InvalidValueError(f"contacts is {self.contacts!r}; {name} stands twice")
        require_between("thickness_mm", self.thickness_mm, *scar_thickness_mm(), "mm")
        require_one_of("tissue", self.tissue, scar_tissues())

    @property
    def names(self) -> tuple[str, ...]:
        """Return the contacts' names."""
        return tuple(self.contacts.split())


@dataclass(frozen=True, slots=True)
class Migration:
    """How far a lead moved since it was placed: rostral and to the patient's right (mm), and turned about its middle.

    rotation_deg is in the coronal plane; positive turns the tip to the patient's right.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    lead: int
    rostral_mm: float = 0.0
    right_mm: float = 0.0
    rotation_deg: float = 0.0

    def __post_init__(self) -> None:
        if self.lead < 1:
            raise InvalidValueError(f"lead is {self.lead}; leads are numbered from 1, the patient's left")
        require_between("rostral_mm", self.rostral_mm, -GREATEST_MIGRATION_MM, GREATEST_MIGRATION_MM, "mm")
        require_between("right_mm", self.right_mm, -GREATEST_ASIDE_MM, GREATEST_ASIDE_MM, "mm")
        require_between("rotation_deg", self.rotation_deg, -GREATEST_ROTATION_DEG, GREATEST_ROTATION_DEG, "deg")


@dataclass(frozen=True, slots=True)
class ContactFault:
    """A contact that carries no current (open), is joined to its partner (short), or has `ohm` in series (high)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    contact: str
    kind: FaultKind
    partner: str = ""
    ohm: float = 0.0

    def __post_init__(self) -> None:
        require_contact_name("contact", self.contact)
        require_one_of("kind", self.kind, FAULT_KINDS)
        require_between("ohm", self.ohm, 0.0, GREATEST_SERIES_OHM, "ohm")
        if self.kind == "short":
            if not self.partner:
                raise InvalidValueError(
                    f"partner is empty; a short of {self.contact} needs the contact it is joined to"
                )
            require_contact_name("partner", self.partner)
            if self.partner == self.contact:
                raise InvalidValueError(f"partner is {self.partner!r}; a contact cannot be shorted to itself")
        elif self.partner:
            raise InvalidValueError(f"partner is {self.partner!r}; only a short has a partner")
        if (self.kind == "high") != (self.ohm > 0.0):
            raise InvalidValueError(f"ohm is {self.ohm:g}; it must be more than 0 for kind 'high' and 0 for others")


def require_contact_name(name: str, value: str) -> str:
    """Return `value` if it reads LEAD.CONTACT; raise InvalidValueError otherwise."""
    if not _NAME.fullmatch(value):
        raise InvalidValueError(f"{name} has {value!r}; write LEAD.CONTACT, for example 1.3")
    return value
