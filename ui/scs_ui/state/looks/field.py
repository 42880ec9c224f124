"""The field panel's look: image, contours' values, tissues, leads and fibres of one plane, and words about a place.

Everything is per mA of the edited area's program, so that an amplitude changes only the numbers beside the scale and
which fibres are filled. The scale is the same for every program and level: linear near zero, logarithmic further out.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from scs_models import anatomy
from scs_models.errors import ScsError
from scs_models.fibres.geometry import internode_length_mm
from scs_models.values import BoolArray, Float32Array, FloatArray, read_only
from scs_sim.field_marks import column_marks, lead_marks, root_marks, sector_marks
from scs_sim.field_setting import FieldSetting
from scs_sim.field_view import FieldKind, FieldPlane, Slice
from scs_ui.state.field_pictures import FieldPictures
from scs_ui.state.live import Frame
from scs_ui.state.looks.field_scale import SCALES, Scale, short_number
from scs_ui.state.moment import Moment

DIAMETER_UM = 12.8
SIDE_STEP_MM = 0.25
SIDE_DEPTHS_MM = (0.03, 0.45, 0.9)  # of the fibres drawn from the side
ALONG_POINTS = 160
TOGETHER_MM = 0.1
FibreKind = Literal["column", "dorsal root", "ventral root"]
_ROOT_KINDS: tuple[tuple[FibreKind, bool], ...] = (("dorsal root", True), ("ventral root", False))
TISSUES = {"grey": "grey", "cord": "white", "dura_inner": "CSF", "dura_outer": "dura", "canal": "fat", "bone": "bone"}


@dataclass(frozen=True, slots=True, eq=False)
class FibreDots:
    """Fibres of one kind: xy_mm (n, 2) in the picture's axes and threshold_ma (n,) of a single pulse.

    in_line: they are the nodes of one fibre, evenly spaced from left to right, in a section from the side.
    """

    kind: FibreKind
    xy_mm: FloatArray
    threshold_ma: FloatArray
    in_line: bool = False

    def recruited(self, single_pulse_ma: float) -> BoolArray:
        """Return which fibres (n,) fire at an amplitude of a single pulse."""
        return np.asarray(self.threshold_ma <= single_pulse_ma, dtype=np.bool_)

    def drawn(self, cell_mm: tuple[float, float]) -> BoolArray:
        """Return which fibres (n,) to draw where dots within one cell (width, height) would touch: one of each."""
        if self.in_line:
            step_mm = abs(float(self.xy_mm[1, 0] - self.xy_mm[0, 0]))
            return np.asarray(np.arange(len(self.xy_mm)) % max(1, int(np.ceil(cell_mm[0] / step_mm))) == 0)
        cells = np.floor(self.xy_mm / np.array(cell_mm)).astype(np.int64)
        chosen = np.zeros(len(cells), dtype=np.bool_)
        chosen[np.unique(cells, axis=0, return_index=True)[1]] = True
        return chosen


@dataclass(frozen=True, slots=True)
class LeadLook:
    """A lead in the picture: its body and the contact in the plane, with sign -1, 0 or 1 and its percent.

    In a section from the side every contact has one of its own, half_long_mm to either side of its middle.
    """

    x_mm: float
    y_mm: float
    radius_mm: float
    width_mm: float
    half_long_mm: float
    name: str
    sign: int
    percent: int


@dataclass(frozen=True, slots=True, eq=False)
class FieldLook:
    """What the panel draws. image: places -1 to 1, (rows, columns), bottom row first; None with a message why.

    left to top: what the image spans, mm, in the plane's axes (from the side: distance caudal of the model's origin);
    outlines: (name of the curve, closed (n, 2) mm), from the inside out; parts: (tissue, closed (n, 2) mm) that take
    part of a layer; vertebrae: (name, place) along the bottom, from the side only.
    """

    plane: FieldPlane
    scale: Scale
    title: str
    message: str = ""
    image: Float32Array | None = None
    left_mm: float = 0.0
    right_mm: float = 1.0
    bottom_mm: float = 0.0
    top_mm: float = 1.0
    at_mm: float = 0.0
    outlines: tuple[tuple[str, FloatArray], ...] = ()
    parts: tuple[tuple[str, FloatArray], ...] = ()
    leads: tuple[LeadLook, ...] = ()
    fibres: tuple[FibreDots, ...] = ()
    vertebrae: tuple[tuple[str, float], ...] = ()


def needed(frame: Frame) -> tuple[str, ...]:
    """Return the contacts (sorted names) whose pictures the edited area needs; none where it is incomplete."""
    return tuple(sorted(_weights(frame)))


def field_key(moment: Moment, setting: FieldSetting | None) -> Hashable:
    """Return what the look depends on; an amplitude is not in it."""
    frame, view = moment.frame, moment.view
    if frame is None or setting is None or frame.solo_answers is None:
        return frame is None, setting is None, view.field_kind, view.field_plane, moment.busy
    weights = frame.solo_answers.areas.delivery.weights[0].tobytes()
    return id(setting), weights, frame.shape, view.field_kind, view.field_plane, view.field_z_mm


def field_look(moment: Moment, pictures: FieldPictures) -> FieldLook:
    """Return what to draw for the edited area alone; a message where something is missing."""
    frame, view = moment.frame, moment.view
    empty = FieldLook(view.field_plane, SCALES[view.field_kind], "")
    if frame is None:
        return _said(empty, "Computing the field of the leads …")
    if frame.solo_answers is None:
        return _said(empty, "This area needs a cathode and an anode.")
    try:
        setting = pictures.setting(moment.session.case)
    except ScsError as error:
        return _said(empty, f"{str(error)[:1].upper()}{str(error)[1:]}.")
    if not set(needed(frame)) <= setting.ready:
        return _said(empty, "Computing the field's picture …")
    contacts = {contact.name: contact for contact in setting.contacts}
    cathode = contacts[strongest_cathode(frame)]
    if view.field_plane == "cross":
        wanted = cathode.z_mm if view.field_z_mm is None else view.field_z_mm
        plane = pictures.slice(setting, "cross", float(np.clip(wanted, setting.low_mm, setting.high_mm)))
        return _across(frame, plane, view.field_kind)
    plane = pictures.slice(setting, "sagittal", round(cathode.x_mm / SIDE_STEP_MM) * SIDE_STEP_MM)
    return _along(frame, plane, view.field_kind)


def strongest_cathode(frame: Frame) -> str:
    """Return the contact of the edited area with the largest cathodic current, the first of equals."""
    weights = _weights(frame)
    return min(weights, key=lambda name: weights[name])


def single_pulse_ma(frame: Frame | None) -> float:
    """Return the amplitude of the edited area on the scale of fibre thresholds: without rate and gain."""
    if frame is None or frame.solo_answers is None:
        return 0.0
    return float(frame.solo_answers.reached_ma[0] / frame.solo_answers.factor[0])


def amplitude_ma(frame: Frame | None) -> float:
    """Return the amplitude of the edited area as far as the generator's voltage lets it, 0 where it is incomplete."""
    return 0.0 if frame is None or frame.solo_answers is None else float(frame.solo_answers.reached_ma[0])


def level_words(z_mm: float) -> str:
    """Return a height in words: the vertebra and how far above or below its middle."""
    low, high = anatomy.spine().border_z_mm[-1], anatomy.spine().border_z_mm[0]
    vertebra = anatomy.vertebra_at(min(max(z_mm, float(low)), float(high)))
    away = z_mm - anatomy.vertebra_mid_z_mm(vertebra)
    if abs(away) < 0.05:
        return f"{vertebra}, middle"
    return f"{vertebra}, {abs(away):.1f} mm {'above' if away > 0.0 else 'below'} its middle"


def stepped_mm(setting: FieldSetting, from_mm: float, step_mm: float) -> float:
    """Return another height of the cross-section, on whole steps, within what can be shown."""
    wanted = round((from_mm + step_mm) / abs(step_mm)) * abs(step_mm)
    return float(np.clip(wanted, setting.low_mm, setting.high_mm))


def words_at(look: FieldLook, x_mm: float, y_mm: float, value_per_ma: float, amplitude: float) -> str:
    """Return what is at a place of the picture: tissue, value, place."""
    tissue = tissue_at(look, x_mm, y_mm)
    unit = look.scale.unit if amplitude > 0.0 else f"{look.scale.unit} per mA"
    value = f"{short_number(value_per_ma * (amplitude or 1.0))} {unit}"
    if look.plane == "sagittal":
        return f"{tissue} · {value} · {level_words(-x_mm)} · y {y_mm:.1f} mm"
    side = "midline" if abs(x_mm) < 0.05 else f"{abs(x_mm):.1f} mm {'right' if x_mm > 0.0 else 'left'}"
    return f"{tissue} · {value} · {side} · y {y_mm:.1f} mm"


def tissue_at(look: FieldLook, x_mm: float, y_mm: float) -> str:
    """Return the tissue, "contact" or "lead", at a place of the picture."""
    for lead in look.leads:
        if np.hypot(x_mm - lead.x_mm, y_mm - lead.y_mm) <= lead.radius_mm and look.plane == "cross":
            return "contact" if lead.name else "lead"
    for name, polygon in look.parts:
        if _holds(polygon, x_mm, y_mm):
            return name
    for name, polygon in look.outlines:
        if _holds(polygon, x_mm, y_mm):
            return TISSUES.get(name, "fat")
    return "outside"


def _said(look: FieldLook, message: str) -> FieldLook:
    return replace(look, message=message)


def _weights(frame: Frame) -> dict[str, float]:
    """Return the delivered current per mA of every contact in use of the edited area."""
    if frame.solo_answers is None:
        return {}
    row = frame.solo_answers.areas.delivery.weights[0].tolist()
    return {name: weight for name, weight in zip(frame.setting.contact_names, row, strict=True) if weight != 0.0}


def _image(frame: Frame, plane: Slice, kind: FieldKind) -> Float32Array:
    values = plane.image(_weights(frame), kind, internode_length_mm(DIAMETER_UM))
    return read_only(SCALES[kind].place(values))


def _across(frame: Frame, plane: Slice, kind: FieldKind) -> FieldLook:
    setting, z_mm = plane.setting, plane.at_mm
    has_paddle = setting.paddle is not None and setting.is_behind(z_mm)
    outline = setting.outline(z_mm, paddle=has_paddle)
    leads = []
    for mark in lead_marks(setting, z_mm):
        sign, percent = _share(frame, mark.contact)
        leads.append(
            LeadLook(mark.x_mm, mark.y_mm, mark.radius_mm, mark.width_mm, mark.radius_mm, mark.contact, sign, percent)
        )
    return FieldLook(
        plane="cross",
        scale=SCALES[kind],
        title=level_words(z_mm),
        image=_image(frame, plane, kind),
        left_mm=plane.frame.left_mm,
        right_mm=plane.frame.right_mm,
        bottom_mm=plane.frame.bottom_mm,
        top_mm=plane.frame.top_mm,
        at_mm=z_mm,
        outlines=tuple((name, outline.curve_xy_mm(name)[::4]) for name in outline.names if name in TISSUES),
        parts=tuple(sector_marks(setting, z_mm)),
        leads=tuple(leads),
        fibres=_fibres_across(frame, setting, z_mm),
    )


def _along(frame: Frame, plane: Slice, kind: FieldKind) -> FieldLook:
    setting, span = plane.setting, plane.frame
    heights, edges = _edges(plane)
    leads = []
    for contact in setting.contacts:
        half_mm = contact.width_mm / 2.0 if contact.is_flat else contact.radius_mm
        if abs(contact.x_mm - plane.at_mm) <= half_mm + SIDE_STEP_MM:
            sign, percent = _share(frame, contact.name)
            leads.append(
                LeadLook(-contact.z_mm, contact.y_mm, contact.radius_mm, contact.width_mm, contact.length_mm / 2.0,
                         contact.name, sign, percent)
            )  # fmt: skip
    side = f"{abs(plane.at_mm):g} mm {'right' if plane.at_mm > 0.0 else 'left'} of midline"
    stack = anatomy.spine()
    inside = [
        (name, -float(z)) for name, z in zip(stack.vertebrae, stack.mid_z_mm, strict=True)
        if span.right_mm < z < span.left_mm
    ]  # fmt: skip
    return FieldLook(
        plane="sagittal",
        scale=SCALES[kind],
        title=f"{side if plane.at_mm else 'Midline'}, seen from the right",
        image=_image(frame, plane, kind),
        left_mm=-span.left_mm,
        right_mm=-span.right_mm,
        bottom_mm=span.bottom_mm,
        top_mm=span.top_mm,
        at_mm=plane.at_mm,
        outlines=tuple((name, _band(heights, *found)) for name, found in edges.items() if np.isfinite(found[0]).any()),
        leads=tuple(leads),
        fibres=_fibres_along(frame, setting, plane.at_mm, heights, edges),
        vertebrae=tuple(inside),
    )


@lru_cache(maxsize=8)
def _edges(plane: Slice) -> tuple[FloatArray, dict[str, tuple[FloatArray, FloatArray]]]:
    """Return heights (n,) and curve -> its (dorsal, ventral) edge (n,) there, nan where it does not reach the plane."""
    heights = np.linspace(plane.frame.left_mm, plane.frame.right_mm, ALONG_POINTS)
    outlines = plane.setting.outlines(heights, paddle=False)
    found: dict[str, tuple[FloatArray, FloatArray]] = {}
    for name in outlines[0].names:
        if name in TISSUES:
            crossings = {one: _crossings(one.curve_xy_mm(name), plane.at_mm) for one in dict.fromkeys(outlines)}
            rows = np.array([crossings[outline] for outline in outlines])
            found[name] = rows[:, 0], rows[:, 1]
    return heights, found


def _crossings(curve_xy_mm: FloatArray, x_mm: float) -> tuple[float, float]:
    """Return the highest and lowest y at which a closed polyline crosses a lateral place."""
    x, y = curve_xy_mm.T
    at = np.flatnonzero((x[1:] > x_mm) != (x[:-1] > x_mm))
    if not len(at):
        return np.nan, np.nan
    crossed = y[at] + (x_mm - x[at]) / (x[at + 1] - x[at]) * (y[at + 1] - y[at])
    return float(crossed.max()), float(crossed.min())


def _band(heights: FloatArray, upper: FloatArray, lower: FloatArray) -> FloatArray:
    """Return the closed polygon (n, 2) between two edges, where they are."""
    there = np.isfinite(upper)
    top, bottom = (np.stack([-heights[there], edge[there]], axis=-1) for edge in (upper, lower))
    return np.concatenate([top, bottom[::-1], top[:1]])


def _fibres_across(frame: Frame, setting: FieldSetting, z_mm: float) -> tuple[FibreDots, ...]:
    columns, roots = frame.setting.columns, frame.setting.roots
    column_ma, root_ma = _thresholds(frame)
    marks = column_marks(setting, columns, z_mm)
    found = [FibreDots("column", marks.xy_mm[marks.entered].reshape(-1, 2), column_ma[marks.entered].ravel())]
    crossing = root_marks(setting, roots, z_mm, DIAMETER_UM)
    for kind, dorsal in _ROOT_KINDS:
        own = roots.is_dorsal[crossing.index] == dorsal
        found.append(_merged(kind, crossing.xy_mm[own], root_ma[crossing.index[own]]))
    return tuple(found)


def _merged(kind: FibreKind, xy_mm: FloatArray, threshold_ma: FloatArray) -> FibreDots:
    """Return the fibres with those that run together in one place as one, at the lowest threshold."""
    cells, place = np.unique(np.round(xy_mm / TOGETHER_MM).astype(np.int64), axis=0, return_inverse=True)
    lowest = np.full(len(cells), np.inf)
    np.minimum.at(lowest, place.ravel(), threshold_ma)
    return FibreDots(kind, np.asarray(cells * TOGETHER_MM, dtype=np.float64), lowest)


def _fibres_along(
    frame: Frame,
    setting: FieldSetting,
    x_mm: float,
    heights: FloatArray,
    edges: dict[str, tuple[FloatArray, FloatArray]],
) -> tuple[FibreDots, ...]:
    """Return the nodes of the dorsal-column line nearest to the plane, at a few depths."""
    columns, cathode = frame.setting.columns, strongest_cathode(frame)
    z_mm = next(contact.z_mm for contact in setting.contacts if contact.name == cathode)
    marks = column_marks(setting, columns, z_mm)
    x = np.where(marks.entered, marks.xy_mm[:, 0, 0], np.inf)
    line = int(np.abs(x - x_mm).argmin())
    column_ma, _ = _thresholds(frame)
    step = internode_length_mm(DIAMETER_UM)
    node_z = np.arange(np.ceil(heights[-1] / step), np.floor(heights[0] / step) + 1.0) * step
    surface = np.interp(node_z, heights[::-1], edges["cord"][0][::-1])
    found = []
    for wanted in SIDE_DEPTHS_MM:
        depth = int(np.abs(columns.depth_mm - wanted).argmin())
        xy = np.stack([-node_z, surface - columns.depth_mm[depth]], axis=-1)
        found.append(FibreDots("column", xy, np.full(len(node_z), column_ma[line, depth]), True))
    return tuple(found)


def _thresholds(frame: Frame) -> tuple[FloatArray, FloatArray]:
    """Return the single-pulse thresholds in mA of the largest column fibres (lines, depths) and of roots (fibres,)."""
    setting, answers = frame.setting, frame.solo_answers
    if answers is None:
        raise ValueError("an incomplete area has no thresholds")
    found = frame.memo.thresholds(setting, answers.areas.delivery.weights[0], answers.areas.areas[0])
    diameter = int(np.abs(setting.columns.diameter_um - DIAMETER_UM).argmin()) - (setting.column_diameters.start or 0)
    by_line = found.column_ma[0, :, diameter].reshape(-1, len(setting.columns.depth_mm))
    return by_line, np.minimum(found.root_ma[0] * setting.root_factor, found.branch_ma[0])


def _share(frame: Frame, name: str) -> tuple[int, int]:
    share = frame.session.draft.share_of(name) if name else None
    return (0, 0) if share is None else (share.sign, share.percent)


def _holds(polygon: FloatArray, x_mm: float, y_mm: float) -> bool:
    """Return whether a closed polygon (n, 2) holds a place."""
    x, y = polygon.T
    crossed = (y[1:] > y_mm) != (y[:-1] > y_mm)
    if not crossed.any():
        return False
    at = np.flatnonzero(crossed)
    edge = x[at] + (y_mm - y[at]) / (y[at + 1] - y[at]) * (x[at + 1] - x[at])
    return bool((edge > x_mm).sum() % 2)
