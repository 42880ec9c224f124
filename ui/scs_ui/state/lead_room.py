"""Where a lead may lie: behind levels that have a section, within reach of the kernels, in order from the left."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scs_models.anatomy import sections_span_mm, vertebra_mid_z_mm, vertebra_names, vertebra_span_mm
from scs_models.lead_field import reach_mm
from scs_models.leads import LeadPlacement
from scs_models.tables import read_table
from scs_sim.case import Case
from scs_sim.contact_plan import lead_places

_MARGIN_MM = 0.051  # from an end: places are rounded to 0.1 mm and must not step over it


@dataclass(frozen=True, slots=True)
class Room:
    """How far a lead may move from where it is: down (negative) to up and left (negative) to right, mm.

    Where a lead lies outside, both ends of a range are on one side of 0.
    """

    down_mm: float
    up_mm: float
    left_mm: float
    right_mm: float


def edge_z_mm(placement: LeadPlacement) -> float:
    """Return the height (mm) of a lead's rostral edge as it was placed."""
    return vertebra_mid_z_mm(placement.tip_level) + placement.tip_offset_mm


def greatest_mm(name: str) -> float:
    """Return the limit (mm) of "x", "tilt", "bow" or "tip_offset" of a placement."""
    return float(read_table("leads")["limits"][f"{name}_high_mm"])


def room_of(case: Case, number: int) -> Room:
    """Return the room of lead `number` as it lies now; neighbours that lie beside it are in the way."""
    placement, places, kind = case.leads[number - 1], lead_places(case, number), case.lead_type(number)
    low, high = sections_span_mm()
    heights = [place.z_mm for place in places]
    top_mm = vertebra_span_mm(vertebra_names()[0])[1] - edge_z_mm(placement)
    aside = [place.x_mm - case.patient.cord_offset_mm for place in places]
    reach, limit = reach_mm(kind.contact_width_mm), greatest_mm("x")
    left = max(-reach - min(aside), -limit - placement.x_mm)
    right = min(reach - max(aside), limit - placement.x_mm)
    if number > 1:
        left = max(left, -_gap_mm(case, number - 1, number))
    if number < len(case.leads):
        right = min(right, _gap_mm(case, number, number + 1))
    return Room(
        low - min(heights) + _MARGIN_MM,
        min(high - max(heights), top_mm) - _MARGIN_MM,
        left + _MARGIN_MM,
        right - _MARGIN_MM,
    )


def fits(case: Case, number: int, placement: LeadPlacement) -> bool:
    """Return whether lead `number` may lie at `placement`: in order, and all its contacts within what is modelled."""
    lateral = [other.x_mm for other in case.leads]
    lateral[number - 1] = placement.x_mm
    if lateral != sorted(lateral):
        return False
    leads = (*case.leads[: number - 1], placement, *case.leads[number:])
    places = lead_places(replace(case, leads=leads), number)
    low, high = sections_span_mm()
    reach, middle = reach_mm(case.lead_type(number).contact_width_mm), case.patient.cord_offset_mm
    return all(low <= place.z_mm <= high and abs(place.x_mm - middle) <= reach for place in places)


def _gap_mm(case: Case, left: int, right: int) -> float:
    """Return the room (mm, not below 0) between two neighbouring leads before they touch, or change their order."""
    apart = case.leads[right - 1].x_mm - case.leads[left - 1].x_mm
    spans = [[place.z_mm for place in lead_places(case, number)] for number in (left, right)]
    are_beside = min(map(max, spans)) > max(map(min, spans))
    kinds = (case.lead_type(left), case.lead_type(right))
    bodies = sum(max(kind.diameter_mm, kind.body_width_mm) / 2.0 for kind in kinds) if are_beside else 0.0
    return max(apart - bodies, 0.0)
