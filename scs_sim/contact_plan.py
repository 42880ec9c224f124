"""Contact plans: where every contact of a case lies, and which kernels of the grid make its field in this patient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scs_models import anatomy, canal_grid
from scs_models.canal import KernelSpec
from scs_models.canal_grid import GridSection
from scs_models.conductor import Paddle
from scs_models.errors import InvalidValueError
from scs_models.fibres.population import dorsal_columns
from scs_models.lead_field import ContactSite
from scs_models.leads import ContactPlace, contact_places, migrated, paddle_behind
from scs_models.tables import read_table
from scs_models.values import Float32Array
from scs_sim.case import Case
from scs_sim.patient import Patient

WeightedSections = tuple[tuple[float, GridSection], ...]


@dataclass(frozen=True, slots=True)
class ContactPlan:
    """One contact before kernels are there: place, offset of the cord, weighted grid sections, those for impedances.

    Impedance does not follow posture (ABEJON07), so its sections are the supine ones.
    """

    name: str
    place: ContactPlace
    cord_offset_mm: float
    sections: WeightedSections
    supine: WeightedSections
    shell_ohm: float

    def specs(self) -> list[KernelSpec]:
        """Return what the contact's kernels are built from."""
        return [self._spec(section) for _, section in (*self.sections, *self.supine)]

    @property
    def x_mm(self) -> float:
        """Return the lateral place in the cord's frame, mm."""
        return self.place.x_mm - self.cord_offset_mm

    def site(self, kernels: dict[str, Float32Array]) -> ContactSite:
        """Return the contact in the cord's frame with its kernels, which are given by key."""
        pairs, supine = (
            tuple((weight, kernels[self._spec(section).key]) for weight, section in chosen)
            for chosen in (self.sections, self.supine)
        )
        return ContactSite(
            self.x_mm,
            self.place.z_mm,
            self.place.length_mm,
            pairs,
            width_mm=self.place.width_mm,
            impedance_kernels=None if self.supine == self.sections else supine,
        )

    def _spec(self, section: GridSection) -> KernelSpec:
        return kernel_spec(section, self.place, self.cord_offset_mm)


def contact_plans(case: Case) -> list[ContactPlan]:
    """Return the plans of all contacts, lead by lead; raise InvalidValueError beyond the levels that have a section."""
    scars = {name: scar for scar in case.scars for name in scar.names}
    plans = []
    for number in range(1, len(case.leads) + 1):
        for index, place in enumerate(lead_places(case, number), start=1):
            name = f"{number}.{index}"
            scar = scars.get(name)
            lift = 0.0 if scar is None else scar.thickness_mm
            levels = _levels(name, place)
            sections = _blend(case.patient, levels, case.posture, lift)
            supine = sections if case.posture == "supine" else _blend(case.patient, levels, "supine", lift)
            ohm = pocket_ohm(place, case.patient.conductivities)
            ohm += 0.0 if scar is None else scar_ohm(place, scar.thickness_mm, scar.tissue)
            plans.append(ContactPlan(name, place, case.patient.cord_offset_mm, sections, supine, ohm))
    return plans


def lead_places(case: Case, number: int) -> tuple[ContactPlace, ...]:
    """Return where the contacts of lead `number` lie now: as placed, and migrated where the case says so."""
    places = contact_places(case.leads[number - 1], case.lead_type(number))
    for moved in case.migrations:
        if moved.lead == number:
            places = migrated(places, moved.rostral_mm, moved.right_mm, moved.rotation_deg)
    return places


def scar_ohm(place: ContactPlace, thickness_mm: float, tissue: str) -> float:
    """Return the resistance (ohm) of a shell of scar round a contact, in series with the tissue outside.

    A cylindrical shell: ln(1 + t / r) / (2 pi s L); in front of a flat contact a layer: t / (s A). Source: DESIGN.
    """
    return _shell_per_m(place, thickness_mm) / anatomy.scar_conductivity_s_per_m(tissue)


def pocket_ohm(place: ContactPlace, conductivities: str) -> float:
    """Return what the moist shell round a contact adds (ohm) to the resistance of fat in its place; mostly negative.

    In front of a flat contact it fills the gap to the dura, no more. Source: LEMPKA (thickness, conductivity).
    """
    thickness_mm, sigma = anatomy.pocket()
    paddle = paddle_behind(place)
    if paddle is not None:
        thickness_mm = min(thickness_mm, paddle.gap_mm)
    fat = anatomy.conductivities(conductivities)["fat"][0]
    return _shell_per_m(place, thickness_mm) * (1.0 / sigma - 1.0 / fat)


def _shell_per_m(place: ContactPlace, thickness_mm: float) -> float:
    """Return the resistance of a shell round or in front of a contact times its conductivity, 1/m."""
    if place.width_mm:
        return thickness_mm * 1e3 / place.area_mm2
    return float(np.log1p(thickness_mm / place.radius_mm) / (2.0 * np.pi * place.length_mm * 1e-3))


@lru_cache(maxsize=512)
def kernel_spec(section: GridSection, place: ContactPlace, cord_offset_mm: float = 0.0) -> KernelSpec:
    """Return what the kernel of one section of the grid is built from, for a contact like that at `place`."""
    paddle = paddle_behind(place, cord_offset_mm, section.lead_lift_mm)
    return _kernel_spec(section, place.length_mm, place.radius_mm, paddle)


@lru_cache(maxsize=192)
def _kernel_spec(
    section: GridSection, contact_length_mm: float, contact_radius_mm: float, paddle: Paddle | None
) -> KernelSpec:
    return KernelSpec(
        title=section.title if paddle is None else f"{section.title}, paddle",
        section=section.section(),
        column_half_width_mm=anatomy.column_half_width_mm(section.level),
        depth_mm=tuple(dorsal_columns().depth_mm.tolist()),
        contact_length_mm=contact_length_mm,
        contact_radius_mm=contact_radius_mm,
        lead_lift_mm=section.lead_lift_mm if paddle is None else 0.0,
        paddle=paddle,
    )


def _levels(name: str, place: ContactPlace) -> tuple[tuple[str, float], ...]:
    low, high = anatomy.sections_span_mm()
    if not low <= place.z_mm <= high:
        known = anatomy.section_levels()
        raise InvalidValueError(
            f"contact {name} lies at {place.z_mm:g} mm from T9; contacts must lie at {known[0]} to {known[-1]},"
            f" {low:g} to {high:g} mm"
        )
    levels, weights = anatomy.level_weights(place.z_mm)
    return tuple((level, float(weight)) for level, weight in zip(levels, weights, strict=True) if weight > 0.0)


@lru_cache(maxsize=4096)
def _blend(
    patient: Patient, levels: tuple[tuple[str, float], ...], posture: str, lead_lift_mm: float
) -> WeightedSections:
    """Return the weighted grid sections of a contact that lies at `levels` (level, weight)."""
    found = []
    for level, share in levels:
        csf = dorsal_csf_mm(patient, level)
        sections = canal_grid.weighted_sections(
            level,
            dorsal_csf_mm=csf,
            cord_shift_mm=anatomy.posture_shift_mm(level, posture, csf)[0],
            lead_lift_mm=lead_lift_mm,
            laminectomy=level in patient.laminectomy_levels,
            conductivities=patient.conductivities,
        )
        found += [(share * weight, section) for weight, section in sections]
    return tuple(found)


def wanted_csf_mm(patient: Patient, level: str) -> float:
    """Return the supine dorsal CSF thickness (mm) that the patient's values ask for at a level, unclipped."""
    own = {row.level: row.dorsal_csf_mm for row in patient.levels_csf}
    thick = own.get(level, anatomy.dorsal_csf_mm(level) * patient.dorsal_csf_factor)
    return (
        thick * float(read_table("populations")["arachnoiditis"]["dorsal_csf_factor"])
        if patient.arachnoiditis
        else thick
    )


def dorsal_csf_mm(patient: Patient, level: str) -> float:
    """Return the patient's supine dorsal CSF thickness (mm) at a level, held within the grid of sections."""
    values = canal_grid.csf_values_mm(level)
    return min(max(wanted_csf_mm(patient, level), values[0]), values[-1])
