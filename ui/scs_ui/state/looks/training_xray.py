"""The X-ray film of the training window: bones, leads and contacts of the last image, in mm. Never the cord.

x runs to the patient's right of the spinous processes (the anatomical midline), z rostral from the middle of T9. From
behind, the patient's left is on the left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scs_models.anatomy import body_span_mm
from scs_models.leads import lead as lead_type_of
from scs_sim.training.situation import Situation

_WIDTH_OF_HEIGHT = 1.45  # how wide a vertebra is drawn; nothing is measured by it
_MARGIN_MM, _LEAST_MM = 22.0, 120.0
_DORSAL_MM = 8.5  # where leads are drawn from the side, behind the bodies


@dataclass(frozen=True, slots=True)
class Bone:
    """One vertebra: its middle and height along the spine, the width of its body."""

    name: str
    mid_z_mm: float
    height_mm: float
    width_mm: float


@dataclass(frozen=True, slots=True)
class FilmContact:
    """One contact on the film: its middle and half its length."""

    name: str
    x_mm: float
    z_mm: float
    half_mm: float


@dataclass(frozen=True, slots=True)
class FilmLead:
    """One lead on the film, from the tip down."""

    number: int
    contacts: tuple[FilmContact, ...]


@dataclass(frozen=True, slots=True)
class FilmLook:
    """What the film shows: view ap, lateral or "" before the first image; low and high: the part of the spine on it.

    ghosts: the reference image that was stored when the leads were anchored; words: what stands below the film;
    is_old: the leads were moved, or a visit went by, since it was taken.
    """

    view: str
    bones: tuple[Bone, ...]
    leads: tuple[FilmLead, ...]
    ghosts: tuple[FilmLead, ...]
    low_mm: float
    high_mm: float
    words: str
    is_old: bool


def film_look(now: Situation | None, *, with_reference: bool = True) -> FilmLook:
    """Return the film of the last X-ray; without one, an empty film."""
    image = None if now is None else now.xray
    if now is None or image is None:
        return FilmLook("", (), (), (), -80.0, 80.0, "No X-ray yet", False)
    view = str(image["view"])
    bones = bones_of(image)
    leads = tuple(_lead(row, view) for row in image["leads"])
    reference = now.reference if with_reference and view == "ap" and now.reference is not image else None
    ghosts = () if reference is None else tuple(_lead(row, view) for row in reference["leads"])
    low_mm, high_mm = _part(now, bones, (*leads, *ghosts))
    is_old = {row["lead"] for row in image["leads"]} != {lead.number for lead in now.leads} or (
        view == "ap" and not all(lead.seen for lead in now.leads)
    )
    words = "From behind" if view == "ap" else "From the side"
    if is_old:
        words += ", taken before the leads were last moved or a visit went by"
    elif ghosts:
        words += "; outlined: where the leads lay when they were anchored"
    return FilmLook(view, bones, leads, ghosts, low_mm, high_mm, words, is_old)


def bones_of(image: Mapping[str, Any]) -> tuple[Bone, ...]:
    """Return the vertebrae of an image, from the head down."""
    return tuple(_bone(str(row["vertebra"]), float(row["mid_z_mm"])) for row in image["vertebrae"])


def nearest_place(look: FilmLook, z_mm: float, levels: tuple[str, ...]) -> tuple[str, float] | None:
    """Return the level of `levels` nearest to a place on the film and how far above its middle it lies."""
    bones = [bone for bone in look.bones if bone.name in levels]
    if not bones:
        return None
    bone = min(bones, key=lambda one: abs(one.mid_z_mm - z_mm))
    return bone.name, z_mm - bone.mid_z_mm


def _bone(name: str, mid_z_mm: float) -> Bone:
    low_mm, high_mm = body_span_mm(name)
    height_mm = high_mm - low_mm
    return Bone(name, mid_z_mm, height_mm, _WIDTH_OF_HEIGHT * height_mm)


def _lead(row: Mapping[str, Any], view: str) -> FilmLead:
    half_mm = lead_type_of(row["lead_type"]).contact_length_mm / 2.0
    contacts = tuple(
        FilmContact(str(one["name"]), float(one["x_mm"]) if view == "ap" else _DORSAL_MM, float(one["z_mm"]), half_mm)
        for one in row["contacts"]
    )
    return FilmLead(int(row["lead"]), contacts)


def _part(now: Situation, bones: tuple[Bone, ...], leads: tuple[FilmLead, ...]) -> tuple[float, float]:
    """Return the part of the spine that is worth looking at: the leads, else the levels of the kit."""
    places = [one.z_mm for lead in leads for one in lead.contacts]
    levels = now.opening.kit.tip_levels
    places += [bone.mid_z_mm for bone in bones if bone.name in levels] if not places else []
    low_mm, high_mm = min(places) - _MARGIN_MM, max(places) + _MARGIN_MM
    short_mm = max(_LEAST_MM - (high_mm - low_mm), 0.0) / 2.0
    return low_mm - short_mm, high_mm + short_mm
