"""Where fibres and leads cross a picture of the field: dorsal-column lines, root fibres, leads with their contacts.

Places are in the cord's frame, mm, in the section of the height. Fibres are named by their index, so that thresholds
are looked up, never found again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scs_models import anatomy
from scs_models.canal import PATH_POINTS
from scs_models.canal_grid import GridSection
from scs_models.conductor import with_paddle
from scs_models.fibres.population import DorsalColumns, points_xy_mm
from scs_models.fibres.roots import KINDS, RootFibres, transverse_path_xy_mm
from scs_models.values import BoolArray, FloatArray, IntArray, read_only
from scs_sim.field_setting import FieldSetting, PicturedContact, section_of

_ARC_POINTS = 121


@dataclass(frozen=True, slots=True, eq=False)
class ColumnMarks:
    """The dorsal-column lines at a height: xy_mm (lines, depths, 2), and which lines (lines,) have entered the cord."""

    xy_mm: FloatArray
    entered: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class RootMarks:
    """The root fibres of one diameter of each kind that cross a height: index (n,) in RootFibres, xy_mm (n, 2)."""

    index: IntArray
    xy_mm: FloatArray


@dataclass(frozen=True, slots=True)
class LeadMark:
    """A lead's body where it crosses a height: its middle, mm, and the contact there, "" between contacts.

    radius_mm: of a cylindrical lead; 0 for a column of a paddle, whose contact is width_mm wide.
    """

    lead: int
    x_mm: float
    y_mm: float
    radius_mm: float
    width_mm: float
    contact: str


def column_marks(setting: FieldSetting, columns: DorsalColumns, z_mm: float) -> ColumnMarks:
    """Return where the lines of the dorsal columns cross a height."""
    fraction, entered = columns.lateral_fraction(z_mm)
    signed = np.where(columns.side == 1, 1.0, -1.0) * np.minimum(fraction, 1.0)
    own = setting.section(z_mm)
    half_width_mm = anatomy.column_half_width_mm(own.level)
    xy = points_xy_mm(section_of(own), signed[:, None], columns.depth_mm, half_width_mm)
    return ColumnMarks(read_only(xy), entered)


def root_marks(setting: FieldSetting, roots: RootFibres, z_mm: float, diameter_um: float) -> RootMarks:
    """Return where root fibres cross a height: of each kind those whose diameter is nearest to `diameter_um`."""
    index, places = [], []
    for kind, _ in enumerate(KINDS):
        groups = [group for group in roots.groups if group.path_index[0] // 2 == kind]
        if not groups:
            continue
        group = min(groups, key=lambda one: abs(one.diameter_um - diameter_um))
        above = (group.z_mm > z_mm).sum(axis=0)
        column = np.flatnonzero((above > 0) & (above < len(group.z_mm)))
        upper, lower = group.z_mm[above[column] - 1, column], group.z_mm[above[column], column]
        share = (upper - z_mm) / (upper - lower)
        upper_u, lower_u = group.u_fraction[above[column] - 1, column], group.u_fraction[above[column], column]
        u = upper_u + share * (lower_u - upper_u)
        path = _path_xy_mm(setting.section(z_mm), KINDS[kind])
        at = np.linspace(0.0, 1.0, len(path))
        xy = np.stack([np.interp(u, at, path[:, axis]) for axis in range(2)], axis=-1)
        xy[group.path_index[column] % 2 == 1, 0] *= -1.0
        index.append(group.first + column)
        places.append(xy)
    if not index:
        return RootMarks(read_only(np.zeros(0, dtype=np.int64)), read_only(np.zeros((0, 2))))
    return RootMarks(read_only(np.concatenate(index)), read_only(np.concatenate(places)))


def lead_marks(setting: FieldSetting, z_mm: float) -> list[LeadMark]:
    """Return the leads' bodies at a height, a paddle's columns one by one; none beyond a lead's outermost contacts."""
    marks = []
    for lead, column in _columns_of_leads(setting.contacts):
        ends = column[0].z_mm + column[0].length_mm / 2.0, column[-1].z_mm - column[-1].length_mm / 2.0
        if not ends[1] <= z_mm <= ends[0]:
            continue
        heights = [contact.z_mm for contact in column][::-1]
        x, y = (float(np.interp(z_mm, heights, [getattr(c, name) for c in column][::-1])) for name in ("x_mm", "y_mm"))
        here = next((c.name for c in column if abs(c.z_mm - z_mm) <= c.length_mm / 2.0), "")
        marks.append(LeadMark(lead, x, y, column[0].radius_mm, column[0].width_mm, here))
    return marks


def _columns_of_leads(contacts: tuple[PicturedContact, ...]) -> list[tuple[int, list[PicturedContact]]]:
    """Return (lead, contacts from rostral to caudal) for every lead, and for every column of a paddle."""
    found: list[tuple[int, list[PicturedContact]]] = []
    for contact in contacts:
        lead = int(contact.name.split(".")[0])
        goes_on = found and found[-1][0] == lead and contact.z_mm < found[-1][1][-1].z_mm
        if goes_on:
            found[-1][1].append(contact)
        else:
            found.append((lead, [contact]))
    return found


@lru_cache(maxsize=64)
def _path_xy_mm(section: GridSection, kind: str) -> FloatArray:
    """Return the right-hand path (n, 2) of roots of a kind, mm."""
    half_width_mm = anatomy.column_half_width_mm(section.level)
    return read_only(transverse_path_xy_mm(section_of(section), kind, PATH_POINTS, half_width_mm)[1])


def sector_marks(setting: FieldSetting, z_mm: float) -> list[tuple[str, FloatArray]]:
    """Return (tissue, closed polygon (n, 2) mm) of what takes part of a layer: scar, a paddle's backing."""
    paddle = setting.paddle if setting.is_behind(z_mm) else None
    section = section_of(setting.section(z_mm))
    if paddle is not None:
        section = with_paddle(section, paddle)
    names, marks = section.curve_names(), []
    for sector in section.sectors:
        theta = np.linspace(sector.theta_from_rad, sector.theta_to_rad, _ARC_POINTS)
        inner = section.curve_xy_mm(names[names.index(sector.curve) - 1], theta)
        outer = section.curve_xy_mm(sector.curve, theta)
        marks.append((sector.tissue, read_only(np.concatenate([inner, outer[::-1], inner[:1]]))))
    return marks
