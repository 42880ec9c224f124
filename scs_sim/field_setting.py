"""What pictures of the field are made of: the contacts of a case with their pictures, and the canal at every height.

Unlike the lead field, which blends a grid of sections, pictures are built for the patient's own sections: one for each
vertebral level where contacts lie. Everything is in the cord's frame, x from the cord's midline.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scs_models import anatomy
from scs_models.canal import KernelSpec
from scs_models.canal_grid import GridSection
from scs_models.canal_picture import Outline, PictureSpec, blended_outline, outline_of
from scs_models.conductor import CrossSection, Paddle, face_xy_mm, with_paddle
from scs_models.values import Float32Array, FloatArray
from scs_sim import store
from scs_sim.case import Case
from scs_sim.contact_plan import ContactPlan, contact_plans, dorsal_csf_mm, kernel_spec
from scs_sim.patient import Patient
from scs_sim.setting import Progress

BEYOND_MM = 30.0
# Where two levels meet, outlines change by this share of a blend at a time: fewer interpolations to set up.
_BLEND_STEPS = 5


@dataclass(frozen=True, slots=True, eq=False)
class PicturedContact:
    """One contact with the (weight, picture) pairs of its sections; its middle and size in mm.

    lateral_mm: x, or on a paddle the length along its face; radius_mm is 0 for a flat contact, width_mm for others.
    """

    name: str
    lateral_mm: float
    x_mm: float
    y_mm: float
    z_mm: float
    length_mm: float
    radius_mm: float
    width_mm: float
    pictures: tuple[tuple[float, Float32Array], ...]

    @property
    def is_flat(self) -> bool:
        """Return whether it is part of a paddle."""
        return self.width_mm > 0.0


@dataclass(frozen=True, slots=True, eq=False)
class FieldSetting:
    """A case ready for pictures: all contacts in their order, those without pictures have none; the paddle if any.

    low_mm and high_mm: the heights between which pictures can be taken.
    """

    case: Case
    contacts: tuple[PicturedContact, ...]
    paddle: Paddle | None
    low_mm: float
    high_mm: float

    @property
    def ready(self) -> frozenset[str]:
        """Return the names of the contacts that have pictures."""
        return frozenset(contact.name for contact in self.contacts if contact.pictures)

    def section(self, z_mm: float) -> GridSection:
        """Return the section at a height, without lead: that of the level with the most weight there."""
        return _section_at(self.case.patient, self.case.posture, float(z_mm))

    def outline(self, z_mm: float, *, paddle: bool) -> Outline:
        """Return the outline of the section at a height, with the case's paddle in it or without."""
        return _outline(self.section(z_mm), self.paddle if paddle else None)

    def outlines(self, z_mm: FloatArray, *, paddle: bool) -> list[Outline]:
        """Return the outlines at heights (n,), blended where two levels meet; equal ones are one object."""
        low, high = anatomy.sections_span_mm()
        levels, weights = anatomy.level_weights(np.clip(z_mm, low, high))
        distinct, place = np.unique(np.round(weights * _BLEND_STEPS), axis=0, return_inverse=True)
        found = []
        for row in distinct.tolist():
            own = [(step / _BLEND_STEPS, level) for step, level in zip(row, levels, strict=True) if step]
            sections = tuple((w, _own_section(self.case.patient, level, self.case.posture)) for w, level in own)
            found.append(_blended(sections, self.paddle if paddle else None))
        return [found[index] for index in place.ravel().tolist()]

    def is_behind(self, z_mm: float) -> bool:
        """Return whether a paddle lies behind the cord at a height: within half a contact of its outermost ones."""
        flat = [contact for contact in self.contacts if contact.is_flat]
        return any(abs(contact.z_mm - z_mm) <= contact.length_mm for contact in flat) or (
            bool(flat) and min(c.z_mm for c in flat) <= z_mm <= max(c.z_mm for c in flat)
        )


def jobs(case: Case, names: Collection[str] | None = None) -> dict[str, PictureSpec]:
    """Return the pictures, by key, that the contacts `names` (default: all) of `case` need."""
    found: dict[str, PictureSpec] = {}
    for plan in contact_plans(case):
        if names is None or plan.name in names:
            found |= {spec.key: spec for _, spec in _specs(case, plan)}
    return found


def assemble(case: Case, pictures: Mapping[str, Float32Array]) -> FieldSetting:
    """Return the FieldSetting of `case`; a contact whose pictures are not all among `pictures` (by key) gets none."""
    contacts, paddle = [], None
    for plan in contact_plans(case):
        pairs, place = _specs(case, plan), plan.place
        paddle = paddle or pairs[0][1].kernel.paddle
        x_mm, y_mm = _lead_xy_mm(max(pairs, key=lambda pair: pair[0])[1].kernel, round(plan.x_mm, 6))
        have = all(spec.key in pictures for _, spec in pairs)
        contacts.append(
            PicturedContact(
                plan.name, plan.x_mm, x_mm, y_mm, place.z_mm, place.length_mm, place.radius_mm, place.width_mm,
                tuple((weight, pictures[spec.key]) for weight, spec in pairs) if have else (),
            )
        )  # fmt: skip
    heights = [contact.z_mm for contact in contacts]
    low, high = anatomy.sections_span_mm()
    return FieldSetting(
        case, tuple(contacts), paddle, max(low, min(heights) - BEYOND_MM), min(high, max(heights) + BEYOND_MM)
    )


def prepare(
    case: Case,
    *,
    contacts: Collection[str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> FieldSetting:
    """Return the FieldSetting of `case`, building and storing the pictures of some contacts (default: all) first."""
    wanted = jobs(case, contacts)
    found = store.load(list(wanted.values()), workers=workers, progress=progress)
    return assemble(case, dict(zip(wanted, found, strict=True)))


@lru_cache(maxsize=512)
def _section_at(patient: Patient, posture: str, z_mm: float) -> GridSection:
    low, high = anatomy.sections_span_mm()
    levels, weights = anatomy.level_weights(min(max(z_mm, low), high))
    return _own_section(patient, levels[int(weights.argmax())], posture)


@lru_cache(maxsize=512)
def _own_section(patient: Patient, level: str, posture: str, lead_lift_mm: float = 0.0) -> GridSection:
    """Return the patient's section at a level as it is, between the values of the grid or on them."""
    csf = dorsal_csf_mm(patient, level)
    return GridSection(
        level,
        round(csf, 6),
        round(anatomy.posture_shift_mm(level, posture, csf)[0], 6),
        lead_lift_mm,
        level in patient.laminectomy_levels,
        patient.conductivities,
    )


def _specs(case: Case, plan: ContactPlan) -> list[tuple[float, PictureSpec]]:
    lift = next((scar.thickness_mm for scar in case.scars if plan.name in scar.names), 0.0)
    levels, weights = anatomy.level_weights(plan.place.z_mm)
    found = []
    for level, weight in zip(levels, weights.tolist(), strict=True):
        if weight > 0.0:
            section = _own_section(case.patient, level, case.posture, lift)
            found.append((weight, _picture_spec(kernel_spec(section, plan.place, plan.cord_offset_mm))))
    return found


@lru_cache(maxsize=48)
def _picture_spec(kernel: KernelSpec) -> PictureSpec:
    return PictureSpec(kernel)


@lru_cache(maxsize=4096)
def _lead_xy_mm(kernel: KernelSpec, lateral_mm: float) -> tuple[float, float]:
    if kernel.paddle is None:
        return kernel.section.epidural_xy_mm(lateral_mm, kernel.contact_radius_mm + kernel.lead_lift_mm)
    x, y = face_xy_mm(kernel.section_with_lead(), np.array(lateral_mm))
    return float(x), float(y)


@lru_cache(maxsize=48)
def section_of(section: GridSection) -> CrossSection:
    """Return the cross-section of a place in the grid; kept."""
    return section.section()


@lru_cache(maxsize=48)
def _outline(section: GridSection, paddle: Paddle | None) -> Outline:
    bare = section_of(section)
    return outline_of(bare if paddle is None else with_paddle(bare, paddle))


@lru_cache(maxsize=48)
def _blended(sections: tuple[tuple[float, GridSection], ...], paddle: Paddle | None) -> Outline:
    return blended_outline([(weight, _outline(section, paddle)) for weight, section in sections])
