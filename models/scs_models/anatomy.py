"""Where things lie along the spine: vertebrae, cord segments, foramina; and the cross-section of the canal by level.

z is rostral positive with 0 at mid-height of T9. A vertebra coordinate counts vertebrae (C7 = 0, T1 = 1 ... L1 = 13),
a segment index counts cord segments (C8 = 0, T1 = 1 ... S1 = 18); whole numbers are middles. docs/anatomy.md explains.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from scs_models.conductor import CrossSection
from scs_models.errors import InvalidValueError
from scs_models.tables import read_table
from scs_models.values import FloatArray, read_only, require_between, require_one_of

Conductivity = float | tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Spine:
    """The stack of vertebrae from rostral to caudal: coordinates and mid-heights (n,), borders (n + 1,), mm."""

    vertebrae: tuple[str, ...]
    coordinate: FloatArray
    mid_z_mm: FloatArray
    border_z_mm: FloatArray
    body_share: float

    def index(self, vertebra: str) -> int:
        """Return the place of `vertebra` in the stack; raise UnknownNameError for another name."""
        return self.vertebrae.index(require_one_of("vertebra", vertebra, self.vertebrae))

    def z_of_coordinate_mm(self, coordinate: ArrayLike) -> FloatArray:
        """Return the height (mm) at vertebra coordinates (any shape), linear between mid-heights."""
        return _interpolated(coordinate, self.coordinate, self.mid_z_mm)


@dataclass(frozen=True, slots=True, eq=False)
class SegmentMap:
    """Cord segment index against height: knots with z falling as the index rises; `shift` was added to the index."""

    z_mm: FloatArray
    index: FloatArray
    shift: float = 0.0

    def position(self, z_mm: ArrayLike) -> FloatArray:
        """Return the real-valued segment index under heights `z_mm` (mm, any shape)."""
        return _interpolated(-np.asarray(z_mm, dtype=np.float64), -self.z_mm, self.index) + self.shift

    def height_mm(self, index: ArrayLike) -> FloatArray:
        """Return the height (mm) of real-valued segment indices (any shape), the inverse of `position`."""
        return _interpolated(np.asarray(index, dtype=np.float64) - self.shift, self.index, self.z_mm)


def _interpolated(x: ArrayLike, knots: FloatArray, values: FloatArray) -> FloatArray:
    """Return the piecewise linear curve through (knots, values), with the end slopes beyond the ends."""
    x = np.asarray(x, dtype=np.float64)
    inside = np.interp(x, knots, values)
    below = (values[1] - values[0]) / (knots[1] - knots[0]) * np.minimum(x - knots[0], 0.0)
    above = (values[-1] - values[-2]) / (knots[-1] - knots[-2]) * np.maximum(x - knots[-1], 0.0)
    return np.asarray(inside + below + above, dtype=np.float64)


@cache
def spine() -> Spine:
    """Return the stack of vertebrae of anatomy.toml."""
    table = read_table("anatomy")
    names: tuple[str, ...] = table["order"]["vertebrae"]
    pitch = np.array([table["vertebra_pitch"][name]["value_mm"] for name in names], dtype=np.float64)
    border = np.concatenate([[0.0], -np.cumsum(pitch)])
    mid = (border[1:] + border[:-1]) / 2.0
    zero = mid[names.index(table["order"]["z_zero"])]
    coordinate = table["order"]["first_vertebra_coordinate"] + np.arange(len(names), dtype=np.float64)
    return Spine(
        names,
        read_only(coordinate),
        read_only(mid - zero),
        read_only(border - zero),
        float(table["body_share"]["value"]),
    )


@cache
def segment_map(shift: float = 0.0) -> SegmentMap:
    """Return the segment map of anatomy.toml for a patient whose cord lies `shift` segments higher."""
    table = read_table("anatomy")["segment_map"]
    high = table["shift"]["high"]
    require_between("shift", shift, -high, high, "segments")
    z = spine().z_of_coordinate_mm(table["vertebra"])
    return SegmentMap(read_only(z), read_only(np.array(table["segment"], dtype=np.float64)), float(shift))


def dermatome_names() -> tuple[str, ...]:
    """Return the dermatomes C2 ... S4-5 in the order used for every dermatome axis."""
    names: tuple[str, ...] = read_table("anatomy")["order"]["segments"]
    return names


def segment_span(segment: str) -> tuple[float, float]:
    """Return the segment indices of the rostral and caudal border of `segment`; S4-5 spans two segments."""
    names = dermatome_names()
    require_one_of("segment", segment, names)
    centre = read_table("anatomy")["order"]["first_segment_index"] + names.index(segment)
    return float(centre - 0.5), float(centre + 0.5 + segment.count("-"))


def segment_position(z_mm: ArrayLike, shift: float = 0.0) -> FloatArray:
    """Return the cord segment index (real numbers, T1 = 1) under heights `z_mm` (mm, any shape)."""
    return segment_map(shift).position(z_mm)


def segment_z_mm(index: ArrayLike, shift: float = 0.0) -> FloatArray:
    """Return the heights (mm) of real-valued cord segment indices, the inverse of `segment_position`."""
    return segment_map(shift).height_mm(index)


def conus_end_z_mm(shift: float = 0.0) -> float:
    """Return the height (mm) where the cord ends (SAIFUDDIN98)."""
    return float(segment_map(shift).height_mm(segment_map().index[-1]))


def foramen_z_mm(segment: str) -> float:
    """Return the height (mm) at which the root of `segment` leaves the canal (rule of anatomy.toml)."""
    stack = spine()
    first, last = segment_span(segment)
    centre = first + 0.5
    vertebra = int(centre) - int(stack.coordinate[0])
    if centre <= 0:  # C2 to C8: above the vertebra after the one whose coordinate is the root's index
        return float(stack.border_z_mm[vertebra + 1])
    if vertebra < len(stack.vertebrae):
        return float(stack.border_z_mm[vertebra + 1])
    pitch = float(read_table("anatomy")["vertebra_pitch"]["sacral_foramen"]["value_mm"])
    return float(stack.border_z_mm[-1]) - pitch * ((first + last) / 2.0 - float(stack.coordinate[-1]))


def vertebra_span_mm(vertebra: str) -> tuple[float, float]:
    """Return the caudal and rostral border (mm) of a vertebra with half a disc on either side."""
    index = spine().index(vertebra)
    return float(spine().border_z_mm[index + 1]), float(spine().border_z_mm[index])


def body_span_mm(vertebra: str) -> tuple[float, float]:
    """Return the caudal and rostral edge (mm) of a vertebral body, without the discs."""
    low, high = vertebra_span_mm(vertebra)
    half = (high - low) * spine().body_share / 2.0
    return (low + high) / 2.0 - half, (low + high) / 2.0 + half


def vertebra_mid_z_mm(vertebra: str) -> float:
    """Return the height (mm) of the middle of a vertebra."""
    return float(spine().mid_z_mm[spine().index(vertebra)])


def vertebra_at(z_mm: float) -> str:
    """Return the vertebra (with half a disc on either side) at height `z_mm`; InvalidValueError beyond C2-L5."""
    stack = spine()
    require_between("z_mm", z_mm, float(stack.border_z_mm[-1]), float(stack.border_z_mm[0]), "mm")
    place = int(np.searchsorted(-stack.border_z_mm, -z_mm, side="right")) - 1
    return stack.vertebrae[min(max(place, 0), len(stack.vertebrae) - 1)]


# --- cross-sections ---------------------------------------------------------------------------------------------------


def section_levels() -> tuple[str, ...]:
    """Return the vertebrae that have a cross-section, from rostral to caudal."""
    levels: tuple[str, ...] = read_table("anatomy")["order"]["sections"]
    return levels


def sections_span_mm() -> tuple[float, float]:
    """Return the caudal and rostral end (mm) of the stretch that has cross-sections: where contacts may lie."""
    levels = section_levels()
    return vertebra_span_mm(levels[-1])[0], vertebra_span_mm(levels[0])[1]


def level_weights(z_mm: ArrayLike) -> tuple[tuple[str, ...], FloatArray]:
    """Return the section levels and their weights (..., levels) at heights `z_mm` (..., mm); they sum to 1.

    A weight is 1 inside a vertebra and passes linearly to the next within +-5 mm (anatomy.toml) of their border.
    Raises InvalidValueError beyond the levels that have a section.
    """
    levels = section_levels()
    z = np.asarray(z_mm, dtype=np.float64)
    low, high = sections_span_mm()
    for extreme in (z.min(initial=low), z.max(initial=high)):
        if not low <= extreme <= high:
            raise InvalidValueError(
                f"z_mm is {extreme:g} mm; sections exist from {low:g} to {high:g} mm ({levels[0]} to {levels[-1]})"
            )
    return levels, _weights(z)


def _weights(z: FloatArray) -> FloatArray:
    """Return the level weights (..., levels); beyond the end levels the end level has all the weight."""
    half = read_table("anatomy")["blend"]["half_width_mm"]
    borders = np.array([vertebra_span_mm(level)[0] for level in section_levels()[:-1]])
    below = np.clip((borders - z[..., None] + half) / (2.0 * half), 0.0, 1.0)  # share of what lies caudal of a border
    ones, zeros = np.ones((*z.shape, 1)), np.zeros((*z.shape, 1))
    weights = np.concatenate([ones, below], axis=-1) - np.concatenate([below, zeros], axis=-1)
    return np.asarray(weights, dtype=np.float64)


def column_half_width_mm(level: str) -> float:
    """Return the half width (mm) of the dorsal columns along the surface at a section level (FE02 at T9-T12)."""
    require_one_of("level", level, section_levels())
    return float(read_table("anatomy")["dorsal_column_half_width"][level]["value_mm"])


def column_half_width_at_mm(z_mm: ArrayLike) -> FloatArray:
    """Return the half width (mm) of the dorsal columns at heights (any shape), blended as the sections are."""
    widths = np.array([column_half_width_mm(level) for level in section_levels()])
    return np.asarray(_weights(np.asarray(z_mm, dtype=np.float64)) @ widths, dtype=np.float64)


def dorsal_csf_mm(level: str) -> float:
    """Return the supine dorsal CSF thickness (mm) of the canonical patient at a section level (HO94)."""
    require_one_of("level", level, section_levels())
    return float(read_table("anatomy")["dorsal_csf"][level]["value_mm"])


def vertebra_names() -> tuple[str, ...]:
    """Return the vertebrae from rostral to caudal."""
    return spine().vertebrae


def scar_thickness_mm() -> tuple[float, float]:
    """Return the least and greatest thickness (mm) of scar under a contact."""
    row = read_table("tissues")["scar"]["thickness"]
    return float(row["low_mm"]), float(row["high_mm"])


def scar_tissues() -> tuple[str, ...]:
    """Return the kinds of scar under a contact."""
    return tuple(name for name, row in read_table("tissues")["scar"].items() if row.get("under_contact", False))


def scar_conductivity_s_per_m(tissue: str) -> float:
    """Return the conductivity (S/m) of a kind of scar; UnknownNameError for another name."""
    row = read_table("tissues")["scar"][require_one_of("scar tissue", tissue, scar_tissues())]
    return float(row["conductivity_s_per_m"])


def pocket() -> tuple[float, float]:
    """Return the thickness (mm) and conductivity (S/m) of the shell round a contact that is no fat."""
    row = read_table("tissues")["pocket"]
    return float(row["thickness_mm"]), float(row["conductivity_s_per_m"])


def postures() -> tuple[str, ...]:
    """Return the names of the postures of anatomy.toml."""
    return tuple(read_table("anatomy")["posture"])


def greatest_shift_mm(level: str) -> float:
    """Return how far (mm) the cord can move ventrally at a section level before the ventral dura stops it."""
    table = read_table("anatomy")["ventral_csf"]
    return float(table[require_one_of("level", level, section_levels())]["value_mm"] - table["minimum"]["value_mm"])


def posture_shift_mm(level: str, posture: str, supine_dorsal_csf_mm: float | None = None) -> tuple[float, bool]:
    """Return how far (mm) the cord lies further ventral than supine, and whether the ventral dura stopped it.

    Raises UnknownNameError for an unknown level or posture. Source: HO94 (prone), DESIGN (the others).
    """
    table = read_table("anatomy")
    supine = dorsal_csf_mm(level) if supine_dorsal_csf_mm is None else supine_dorsal_csf_mm
    row = table["posture"][require_one_of("posture", posture, postures())]
    wanted = (row["factor"] - 1.0) * supine if "factor" in row else row[level]["shift_mm"]
    room = greatest_shift_mm(level)
    return float(min(wanted, room)), bool(wanted > room)


def conductivity_sets() -> tuple[str, ...]:
    """Return the names of the conductivity sets of tissues.toml."""
    return tuple(read_table("tissues")["sets"])


def conductivities(name: str = "default") -> dict[str, tuple[float, float]]:
    """Return tissue -> (across, along the cord) in S/m for a named set; UnknownNameError for another name."""
    table = read_table("tissues")
    require_one_of("conductivity set", name, conductivity_sets())
    changes: Mapping[str, Any] = table["sets"][name]
    result = {}
    for tissue, row in table["default"].items():
        along, across = row["longitudinal_s_per_m"], row["transverse_s_per_m"]
        changed = changes.get(f"{tissue}_s_per_m")
        result[tissue] = (float(across), float(along)) if changed is None else (float(changed), float(changed))
    return result


def section_for(
    level: str,
    *,
    dorsal_csf_mm: float | None = None,
    cord_shift_mm: float = 0.0,
    lead_lift_mm: float = 0.0,
    laminectomy: bool = False,
    tissues: Mapping[str, Conductivity] | None = None,
) -> CrossSection:
    """Return the cross-section of the canal at a section level.

    dorsal_csf_mm is the patient's supine thickness (default: canonical; the sac grows or shrinks with it),
    cord_shift_mm moves the cord ventrally in that fixed sac (posture), lead_lift_mm thickens the dorsal epidural space
    (scar under the lead), laminectomy puts scar where the lamina was, tissues replaces conductivities of the default
    set (S/m; one number or (across, along)).
    Raises UnknownNameError for another level or tissue, InvalidValueError for a cord that does not fit.
    """
    require_one_of("level", level, section_levels())
    table = read_table("anatomy")
    layers = {name: float(row["value_mm"]) for name, row in table["layers"].items()}
    csf_range = table["dorsal_csf"]["range"]
    supine = float(table["dorsal_csf"][level]["value_mm"]) if dorsal_csf_mm is None else dorsal_csf_mm
    require_between("dorsal_csf_mm", supine, csf_range["low_mm"], csf_range["high_mm"], "mm")
    ventral = float(table["ventral_csf"][level]["value_mm"])
    least = float(table["ventral_csf"]["minimum"]["value_mm"])
    require_between("cord_shift_mm", cord_shift_mm, least - supine, ventral - least, "mm")
    require_between(
        "lead_lift_mm", lead_lift_mm, 0.0, float(read_table("tissues")["scar"]["thickness"]["high_mm"]), "mm"
    )
    chosen: dict[str, Conductivity] = {**conductivities()}
    for tissue, sigma in (tissues or {}).items():
        chosen[require_one_of("tissue", tissue, tuple(chosen))] = sigma
    section = CrossSection.from_dimensions(
        cord_half_width_mm=float(table["cord_width"][level]["value_mm"]) / 2.0,
        cord_half_depth_mm=float(table["cord_depth"][level]["value_mm"]) / 2.0,
        sac_half_width_mm=float(table["sac_half_width"][level]["value_mm"]),
        dorsal_csf_mm=supine + cord_shift_mm,
        ventral_csf_mm=ventral - cord_shift_mm,
        dura_mm=layers["dura"],
        fat_dorsal_mm=float(table["fat_dorsal"][level]["value_mm"]) + lead_lift_mm,
        fat_ventral_mm=layers["fat_ventral"],
        fat_lateral_mm=layers["fat_lateral"],
        bone_lateral_mm=layers["bone_lateral"],
        bone_dorsal_mm=layers["bone_dorsal"],
        bone_ventral_mm=layers["bone_ventral"],
        outer_radius_mm=layers["outer_radius"],
        tissues=chosen,
        grey_fraction=float(table["grey_fraction"][level]["value"]),
    )
    if not laminectomy:
        return section
    row = read_table("tissues")["scar"]["laminectomy_sector"]
    half = math.radians(float(row["half_angle_deg"]))
    middle = math.pi / 2.0
    return section.with_sector("bone", middle - half, middle + half, "scar", float(row["conductivity_s_per_m"]))
