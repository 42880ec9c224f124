"""Case: a patient, the leads in place and what became of them, the reported pain, a starting program, a posture."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any, ClassVar

from scs_models import files
from scs_models.anatomy import postures
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.leads import Lead, LeadPlacement, catalogue
from scs_models.percept.body_map import load_body_map
from scs_models.values import require_one_of
from scs_sim.lead_state import ContactFault, Migration, Scar
from scs_sim.patient import PainMap, Patient
from scs_sim.program import Program

MAX_LEADS = 4


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `story` is what a referral letter would say, `notes` are the user's and stay out of exports.

    own_leads are lead types that are not in the catalogue; scars, migrations and contact_faults say what became of the
    leads since they were placed.
    """

    FORMAT: ClassVar[str] = "scs-sim case"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    id: str
    title: str
    leads: tuple[LeadPlacement, ...]
    pain: PainMap
    program: Program
    patient: Patient = field(default_factory=Patient)
    posture: str = "supine"
    scars: tuple[Scar, ...] = ()
    migrations: tuple[Migration, ...] = ()
    contact_faults: tuple[ContactFault, ...] = ()
    own_leads: tuple[Lead, ...] = ()
    story: str = ""
    notes: str = ""

    def __post_init__(self) -> None:
        if not self.id or not all(c.isascii() and (c.isalnum() or c in "-_") for c in self.id):
            raise InvalidValueError(f"id is {self.id!r}; it must be letters, digits, - and _ only")
        if not 1 <= len(self.leads) <= MAX_LEADS:
            raise InvalidValueError(f"leads is a list of {len(self.leads)}; it must hold 1 to {MAX_LEADS} leads")
        self._require_lead_types()
        lateral = [placement.x_mm for placement in self.leads]
        if lateral != sorted(lateral):
            raise InvalidValueError(
                f"leads is in the order x_mm {lateral}; leads are numbered from the patient's left (-)"
            )
        require_one_of("posture", self.posture, postures())
        require_contacts_exist(self.program, self)
        self._require_state_fits()
        known = load_body_map().region_ids
        for region in self.pain.scores:
            if region not in known:
                raise InvalidValueError(f"pain.scores.{region} is not a region of the body map; {_near(region, known)}")
        if self.pain.is_empty:
            raise InvalidValueError("pain is empty; at least one region or polygon must have a score above 0")

    def lead_type(self, number: int) -> Lead:
        """Return the type of lead `number` (from 1 = the patient's left): the case's own, or the catalogue's."""
        name = self.leads[number - 1].lead
        own = {lead.id: lead for lead in self.own_leads}
        return own[name] if name in own else catalogue()[name]

    def contact_names(self) -> tuple[str, ...]:
        """Return the names "1.1" ... of all contacts, lead by lead."""
        return tuple(
            f"{number}.{contact}"
            for number in range(1, len(self.leads) + 1)
            for contact in range(1, self.lead_type(number).contact_count + 1)
        )

    def _require_lead_types(self) -> None:
        own = [lead.id for lead in self.own_leads]
        for lead in own:
            if lead in catalogue() or own.count(lead) > 1:
                raise InvalidValueError(f"own_leads has {lead!r}, which is the id of another lead; choose another id")
        for index, placement in enumerate(self.leads):
            if placement.lead not in (*own, *catalogue()):
                raise InvalidValueError(
                    f"leads[{index}].lead is {placement.lead!r}; it must be one of {', '.join((*own, *catalogue()))}"
                )

    def _require_state_fits(self) -> None:
        names = self.contact_names()
        given = [(f"scars[{i}].contacts", name) for i, scar in enumerate(self.scars) for name in scar.names]
        for i, fault in enumerate(self.contact_faults):
            given.append((f"contact_faults[{i}].contact", fault.contact))
            given += [(f"contact_faults[{i}].partner", fault.partner)] if fault.partner else []
        for where, name in given:
            if name not in names:
                raise InvalidValueError(f"{where} has {name}; the case has {names[0]} to {names[-1]}")
        scarred = [name for scar in self.scars for name in scar.names]
        moved = [migration.lead for migration in self.migrations]
        for name in scarred:
            if scarred.count(name) > 1:
                raise InvalidValueError(f"scars is wrong; contact {name} stands twice")
        for lead in moved:
            if lead > len(self.leads) or moved.count(lead) > 1:
                raise InvalidValueError(f"migrations has lead {lead}; each of the {len(self.leads)} leads moves once")


def require_contacts_exist(program: Program, case: Case) -> None:
    """Raise InvalidValueError where `program` names a lead or contact that the leads of `case` do not have."""
    for area in program.areas:
        for share in area.shares:
            if share.lead > len(case.leads):
                raise InvalidValueError(
                    f"contacts is {area.contacts!r}; there is no lead {share.lead}: the case has {len(case.leads)}"
                )
            if share.lead and share.contact > (count := case.lead_type(share.lead).contact_count):
                raise InvalidValueError(
                    f"contacts is {area.contacts!r}; lead {share.lead} has no contact {share.contact}: it has {count}"
                )


@cache
def builtin_case_ids() -> tuple[str, ...]:
    """Return the ids of the built-in cases, sorted."""
    folder = package_files("scs_sim").joinpath("data", "cases")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def builtin_case(case_id: str) -> Case:
    """Return a built-in case; raise UnknownNameError with the list of them."""
    if case_id not in builtin_case_ids():
        raise UnknownNameError("case", case_id, builtin_case_ids())
    text = package_files("scs_sim").joinpath("data", "cases", f"{case_id}.toml").read_text(encoding="utf-8")
    return files.decode(Case, files.parse(text, ".toml", case_id), where=f"{case_id}.toml")


def load_case(name_or_path: str | os.PathLike[str]) -> Case:
    """Return a case: a built-in id, the path of a .toml or .json file, or "-" for standard input.

    Raises UnknownNameError for a name that is neither, InvalidFileError for a bad file.
    """
    text = os.fspath(name_or_path)
    if text in builtin_case_ids():
        return builtin_case(text)
    if text == "-" or Path(text).suffix.lower() in (".toml", ".json") or os.sep in text:
        return files.read_value(Case, text)
    raise UnknownNameError("case", text, (*builtin_case_ids(), "or the path of a .toml or .json file"))


def _near(name: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=3, cutoff=0.4)
    return f"close to it: {', '.join(close)}" if close else "scs-sim schema --regions lists them"
