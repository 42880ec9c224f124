"""Where the spine view puts things on the screen: millimetres to pixels, boxes of contacts, their labels, what is hit.

Contacts lie where they are; only where they would be too small to press are they drawn larger, as far as neighbours
leave room. Pure arithmetic in logical pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

from scs_ui.state.looks.spine import ContactMark, LeadMark, SpineLook

CONTACT_PX = (18.0, 30.0)
TARGET_PX = 24.0
LABEL_GAP_PX = 7.0
TIP_MM = 2.0
"""How far a lead's body goes on beyond its outermost contacts."""
HANDLE_MM = 7.0
"""How far below its last contact the handle lies that a lead is turned with."""

_ABOVE_MM, _BELOW_MM = 7.0, 9.0  # of spine shown round the leads
_CLOSEST_PX_PER_MM = (10.5, 14.0)  # closer than the first only where leads lie side by side
_BESIDE_PX = 21.0  # from lead to lead, for contacts of full width
_LEAST_PX_PER_MM, _MOST_PX_PER_MM = 0.8, 40.0

Side = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in logical pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return its lower edge."""
        return self.top + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """Return its middle."""
        return self.left + self.width / 2.0, self.top + self.height / 2.0

    def has(self, x_px: float, y_px: float) -> bool:
        """Return whether a point lies in it."""
        return self.left <= x_px <= self.right and self.top <= y_px <= self.bottom


@dataclass(frozen=True, slots=True)
class Projection:
    """From mm (x to the patient's right, z rostral) to pixels of a view of width x height and back.

    x_mm and z_mm: what lies in the middle of the view; mirrored: the patient's right is on the left.
    """

    px_per_mm: float
    x_mm: float
    z_mm: float
    width_px: float
    height_px: float
    mirrored: bool = False

    @property
    def _way(self) -> float:
        return -1.0 if self.mirrored else 1.0

    def point(self, x_mm: float, z_mm: float) -> tuple[float, float]:
        """Return the pixels of a place."""
        across = self.width_px / 2.0 + self._way * (x_mm - self.x_mm) * self.px_per_mm
        return across, self.height_px / 2.0 - (z_mm - self.z_mm) * self.px_per_mm

    def place(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Return the place (x, z in mm) of a pixel."""
        across = self.x_mm + self._way * (x_px - self.width_px / 2.0) / self.px_per_mm
        return across, self.z_mm - (y_px - self.height_px / 2.0) / self.px_per_mm

    def zoomed(self, factor: float, x_px: float, y_px: float) -> Projection:
        """Return the projection enlarged about a pixel that stays where it is."""
        scale = min(max(self.px_per_mm * factor, _LEAST_PX_PER_MM), _MOST_PX_PER_MM)
        x_mm, z_mm = self.place(x_px, y_px)
        closer = Projection(scale, self.x_mm, self.z_mm, self.width_px, self.height_px, self.mirrored)
        new_x_mm, new_z_mm = closer.place(x_px, y_px)
        return closer.panned(x_mm - new_x_mm, z_mm - new_z_mm)

    def panned(self, right_mm: float, up_mm: float) -> Projection:
        """Return the projection with another place in the middle."""
        return Projection(
            self.px_per_mm,
            min(max(self.x_mm + right_mm, -60.0), 60.0),
            min(max(self.z_mm + up_mm, -330.0), 300.0),
            self.width_px,
            self.height_px,
            self.mirrored,
        )


@dataclass(frozen=True, slots=True)
class ContactBox:
    """One contact on the screen: its box, where its percent stands (inside it where side is 0), on which side."""

    mark: ContactMark
    box: Box
    label: Box
    side: Side


def fitted(look: SpineLook, width_px: float, height_px: float) -> Projection:
    """Return the projection that shows all leads with some spine round them, in the middle of the vertebrae."""
    heights = [mark.z_mm + way * mark.length_mm / 2.0 for mark in look.contacts for way in (-1.0, 1.0)]
    low, high = min(heights) - _BELOW_MM, max(heights) + _ABOVE_MM
    wide = 2.0 * max(max(abs(mark.x_mm) + mark.width_mm for mark in look.contacts) + 4.0, 9.0)
    scale = min(height_px / (high - low), width_px / wide, _closest(look))
    return Projection(scale, 0.0, (low + high) / 2.0, width_px, height_px, look.mirrored)


def _closest(look: SpineLook) -> float:
    """Return how far (px/mm) to zoom in at most: until contacts have their full width, and not much further."""
    low, high = _CLOSEST_PX_PER_MM
    gaps = [
        abs(one.x_mm - other.x_mm)
        for one, other in combinations(look.contacts, 2)
        if (one.row.lead, one.column) != (other.row.lead, other.column) and abs(one.z_mm - other.z_mm) < one.length_mm
    ]
    return min(max(_BESIDE_PX / max(min(gaps), 0.1), low), high) if gaps else low


def contact_boxes(look: SpineLook, projection: Projection, label_px: tuple[float, float]) -> tuple[ContactBox, ...]:
    """Return the boxes of all contacts; label_px: width and height of "100 %"."""
    columns: dict[tuple[int, int], list[ContactMark]] = {}
    for lead in look.leads:
        for mark in lead.contacts:
            columns.setdefault((lead.number, mark.column), []).append(mark)
    found = []
    for key, marks in columns.items():
        others = [other for other_key, other in columns.items() if other_key != key]
        step_px = _step_px(marks, projection)
        for mark in marks:
            x_px, y_px = projection.point(mark.x_mm, mark.z_mm)
            left_px, right_px = _room_beside(mark, others, projection, step_px)
            room_px = min(left_px, right_px)
            width = max(mark.width_mm * projection.px_per_mm, min(CONTACT_PX[0], room_px - 3.0), 4.0)
            height = max(mark.length_mm * projection.px_per_mm, min(CONTACT_PX[1], step_px - 4.0), 4.0)
            box = Box(x_px - width / 2.0, y_px - height / 2.0, width, height)
            side = _side(left_px, right_px, width, label_px[0])
            found.append(ContactBox(mark, box, _label_box(box, side, step_px, label_px), side))
    return tuple(found)


def contact_at(boxes: Sequence[ContactBox], x_px: float, y_px: float) -> ContactBox | None:
    """Return the contact that a press at a pixel means: the nearest one, whose target is 24 px or more each way.

    Beside a neighbouring lead the target reaches further out on the free side.
    """
    near = []
    for item in boxes:
        cx, cy = item.box.centre
        dx, dy = abs(x_px - cx), abs(y_px - cy)
        if (
            dx <= max(item.box.width / 2.0 + 4.0, TARGET_PX * 0.75)
            and dy <= max(item.box.height, TARGET_PX) / 2.0 + 1.0
        ):
            near.append((dx / item.box.width + dy / item.box.height, item))
    return min(near, key=lambda pair: pair[0])[1] if near else None


def label_at(boxes: Sequence[ContactBox], x_px: float, y_px: float) -> ContactBox | None:
    """Return the contact whose percent stands at a pixel."""
    return next((item for item in boxes if item.mark.row.sign and item.side and item.label.has(x_px, y_px)), None)


def handle_point(lead: LeadMark, projection: Projection) -> tuple[float, float]:
    """Return the pixels of the handle that turns a lead."""
    (_, _), end = lead_ends_mm(lead, HANDLE_MM)
    return projection.point(*end)


def lead_ends_mm(lead: LeadMark, beyond_mm: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the places (x, z) on a lead's axis `beyond_mm` past the ends of its outermost contacts."""
    half = lead.contacts[0].length_mm / 2.0 + beyond_mm
    return _past(lead.axis_mm[1:2] or ((lead.axis_mm[0][0], lead.axis_mm[0][1] - 1.0),), lead.axis_mm[0], half), _past(
        lead.axis_mm[-2:-1] or ((lead.axis_mm[0][0], lead.axis_mm[0][1] + 1.0),), lead.axis_mm[-1], half
    )


def lead_at(look: SpineLook, projection: Projection, x_px: float, y_px: float) -> LeadMark | None:
    """Return the lead whose body lies under a pixel, with a margin that makes thin ones easy to grasp."""
    for lead in look.leads:
        reach = max(lead.half_width_mm * projection.px_per_mm, TARGET_PX / 2.0)
        line = [projection.point(x, z) for x, z in body_line_mm(lead)]
        if any(_distance(x_px, y_px, *start, *end) <= reach for start, end in pairwise(line)):
            return lead
    return None


def body_line_mm(lead: LeadMark) -> tuple[tuple[float, float], ...]:
    """Return the axis of a lead's stiff part with its tip, from rostral to caudal, mm."""
    top, end = lead_ends_mm(lead, TIP_MM)
    return (top, *lead.axis_mm, end)


def _past(before: tuple[tuple[float, float], ...], end: tuple[float, float], by_mm: float) -> tuple[float, float]:
    dx, dz = end[0] - before[0][0], end[1] - before[0][1]
    length = max((dx * dx + dz * dz) ** 0.5, 1e-9)
    return end[0] + dx / length * by_mm, end[1] + dz / length * by_mm


def _step_px(marks: list[ContactMark], projection: Projection) -> float:
    """Return the distance (px) from contact to contact in a column; plenty for a column of one."""
    steps = [above.z_mm - below.z_mm for above, below in pairwise(marks)]
    return min(steps) * projection.px_per_mm if steps else 60.0


def _room_beside(
    mark: ContactMark, others: list[list[ContactMark]], projection: Projection, step_px: float
) -> tuple[float, float]:
    """Return the distances (px) to the next column on the left and on the right of the screen at a contact's height."""
    x_px, _ = projection.point(mark.x_mm, mark.z_mm)
    beyond_mm = step_px / projection.px_per_mm
    left_px = right_px = float("inf")
    for column in others:
        if not column[-1].z_mm - beyond_mm <= mark.z_mm <= column[0].z_mm + beyond_mm:
            continue
        near = min(column, key=lambda other: abs(other.z_mm - mark.z_mm))
        distance = projection.point(near.x_mm, near.z_mm)[0] - x_px
        if distance > 0.0:
            right_px = min(right_px, distance)
        else:
            left_px = min(left_px, -distance)
    return left_px, right_px


def _side(left_px: float, right_px: float, width_px: float, label_px: float) -> Side:
    """Return on which side of a contact its percent stands: where nothing is, else where it fits, else inside (0)."""
    if left_px == float("inf"):
        return -1
    if right_px == float("inf"):
        return 1
    needed = width_px + 2.0 * LABEL_GAP_PX + label_px
    return -1 if left_px >= needed else 1 if right_px >= needed else 0


def _label_box(box: Box, side: Side, step_px: float, label_px: tuple[float, float]) -> Box:
    if side == 0:
        return box
    height = max(min(step_px, TARGET_PX), label_px[1])
    left = box.left - LABEL_GAP_PX - label_px[0] if side < 0 else box.right + LABEL_GAP_PX
    return Box(left, box.centre[1] - height / 2.0, label_px[0], height)


def _distance(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> float:
    """Return how far a point lies from a stretch of line, px."""
    dx, dy = x1 - x0, y1 - y0
    along = ((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-9)
    along = min(max(along, 0.0), 1.0)
    return float(((x - x0 - along * dx) ** 2 + (y - y0 - along * dy) ** 2) ** 0.5)
