"""Dorsal and ventral roots as curves in space: from a branch in the cord over the entry, around the cord, down the sac.

In the cross-section all rootlets of one kind and side share the path of root_path.py; along the cord each has its own
course. A fibre is a list of (u, z), place on the path and height, at its nodes of Ranvier. docs/anatomy.md draws it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike

from scs_models.anatomy import (
    column_half_width_mm,
    dermatome_names,
    foramen_z_mm,
    level_weights,
    section_for,
    section_levels,
    sections_span_mm,
    segment_map,
    segment_span,
)
from scs_models.conductor import CrossSection
from scs_models.errors import InvalidValueError
from scs_models.fibres.geometry import internode_length_mm
from scs_models.fibres.population import SIDES
from scs_models.fibres.root_path import ENTRY_FRACTION, KINDS, PathLengths, path_lengths, transverse_path_xy_mm
from scs_models.tables import Table, read_table
from scs_models.values import BoolArray, FloatArray, IntArray, read_only, require_one_of

__all__ = ["KINDS", "RootFibres", "RootGroup", "RootRun", "root_fibres", "root_run", "transverse_path_xy_mm"]

_RUN_STEP_MM = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class RootRun:
    """One rootlet's course against arc length from the entry (samples,), mm: u and height; caudal is positive arc."""

    arc_mm: FloatArray
    u_fraction: FloatArray
    z_mm: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class RootGroup:
    """The root fibres of one diameter, nodes side by side: u_fraction, z_mm and the masks are (nodes, fibres).

    Nodes are consecutive nodes of Ranvier from rostral to caudal. Those that are not `real` have a potential but do not
    fire: a guard at either end of the stretch, and padding where a fibre has fewer nodes than the longest. `branch`
    marks nodes of the branch in the dorsal column: excited there, a fibre is a dorsal-column percept. path_index
    (fibres,): 0 dorsal right, 1 dorsal left, 2 ventral right, 3 ventral left. `first`: place of the group's first fibre
    in the arrays of RootFibres. `counts` marks the real nodes that may be the first to fire: all but those far up the
    branch, where the lines of the dorsal column stand for the same fibres.
    """

    diameter_um: float
    first: int
    path_index: IntArray
    u_fraction: FloatArray
    z_mm: FloatArray
    real: BoolArray
    branch: BoolArray
    counts: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class RootFibres:
    """All root fibres near some leads, group after group; per fibre (F,) what it is and what it stands for.

    is_dorsal; side (0 left, 1 right); dermatome (C2 = 0 ... S4-5 = 27); rootlet (0 rostral ...); diameter_um;
    count (real fibres that it stands for).
    """

    is_dorsal: BoolArray
    side: IntArray
    dermatome: IntArray
    rootlet: IntArray
    diameter_um: FloatArray
    count: FloatArray
    groups: tuple[RootGroup, ...]


# --- the course along the cord ----------------------------------------------------------------------------------------


def angle_to_axis_deg(entry_z_mm: float, foramen_z_mm: float, csf_mm: float) -> float:
    """Return the angle (deg) to the cord's axis at which a rootlet reaches its foramen, within the limits."""
    limits = read_table("anatomy")["roots"]["path"]
    angle = float(np.rad2deg(np.arctan2(csf_mm, entry_z_mm - foramen_z_mm)))
    return min(max(angle, float(limits["least_angle_deg"])), float(limits["greatest_angle_deg"]))


def root_run(entry_z_mm: float, foramen_z_mm: float, lengths: PathLengths, *, caudal_mm: float) -> RootRun:
    """Return the course of one rootlet: straight up in the cord, a bend, the CSF at one angle, then straight down.

    entry_z_mm, foramen_z_mm: heights, mm; caudal_mm: how far below the entry, along the fibre, the course is wanted.
    Corners are smoothed by a Gaussian in arc length; arc_mm is the true length of the smoothed course. Source: DESIGN.
    """
    path = read_table("anatomy")["roots"]["path"]
    bend, sigma = float(path["bend_mm"]), float(path["smoothing_mm"])
    beyond = float(path["guard_mm"]) + bend
    angle = np.deg2rad(angle_to_axis_deg(entry_z_mm, foramen_z_mm, lengths.csf_mm))
    slope = min(lengths.cord_mm / bend, 1.0)
    corners = np.array([-lengths.cord_mm / slope, 0.0, lengths.csf_mm / np.sin(angle)])
    rate_u = np.array([0.0, slope, np.sin(angle), 0.0])
    rate_z = -np.array([1.0, np.sqrt(1.0 - slope**2), np.cos(angle), 1.0])
    s = np.arange(-float(path["rostral_mm"]) - beyond, caudal_mm + beyond + _RUN_STEP_MM, _RUN_STEP_MM)
    along_u = _smooth_ramps(s, corners, rate_u, sigma)
    along_z = _smooth_ramps(s, corners, rate_z, sigma)
    speed = np.hypot(_smooth_steps(s, corners, rate_u, sigma), _smooth_steps(s, corners, rate_z, sigma))
    arc = np.concatenate([[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2.0 * _RUN_STEP_MM)])
    u_mm = np.clip(along_u + lengths.cord_mm, 0.0, lengths.cord_mm + lengths.csf_mm)
    at_entry = float(np.interp(lengths.cord_mm, u_mm, arc))
    u = np.interp(u_mm, [0.0, lengths.cord_mm, lengths.cord_mm + lengths.csf_mm], [0.0, ENTRY_FRACTION, 1.0])
    return RootRun(read_only(arc - at_entry), read_only(u), read_only(along_z + entry_z_mm))


def _smooth_ramps(s: FloatArray, corners: FloatArray, rate: FloatArray, sigma: float) -> FloatArray:
    """Return the polyline with slopes `rate` between `corners`, 0 at s = 0, smoothed by a Gaussian (closed form)."""
    from scipy.special import ndtr

    total = rate[0] * (s - corners[0])
    for corner, change in zip(corners, np.diff(rate), strict=True):
        t = (s - corner) / sigma
        total = total + change * sigma * (t * ndtr(t) + np.exp(-0.5 * t**2) / np.sqrt(2.0 * np.pi))
    sharp_at_zero = -rate[0] * corners[0] + float(np.sum(np.diff(rate) * np.maximum(-corners, 0.0)))
    return np.asarray(total - sharp_at_zero, dtype=np.float64)


def _smooth_steps(s: FloatArray, corners: FloatArray, rate: FloatArray, sigma: float) -> FloatArray:
    """Return the slope of `_smooth_ramps`."""
    from scipy.special import ndtr

    return np.asarray(rate[0] + np.diff(rate) @ ndtr((s[None, :] - corners[:, None]) / sigma), dtype=np.float64)


# --- all root fibres near some leads ----------------------------------------------------------------------------------


def root_fibres(
    low_z_mm: float,
    high_z_mm: float,
    *,
    segment_shift: float = 0.0,
    sections: Mapping[str, CrossSection] | None = None,
    fibres_left: Mapping[tuple[str, str], float] | None = None,
) -> RootFibres:
    """Return the root fibres that pass between two heights (mm), with the nodes there; 60 mm of cable at least.

    segment_shift: of the patient's cord; sections: level -> section, for the lengths of the paths (default: canonical);
    fibres_left: (segment, side) -> share of dorsal fibres an injured root has left. Raises InvalidValueError.
    """
    if not low_z_mm < high_z_mm:
        raise InvalidValueError(f"low_z_mm is {low_z_mm:g} mm; it must be less than high_z_mm, {high_z_mm:g} mm")
    anatomy, population = read_table("anatomy")["roots"], read_table("populations")
    rootlets = []
    for kind in KINDS:
        for course in _courses(kind, segment_shift, _lengths_by_level(kind, sections), (low_z_mm, high_z_mm)):
            kept = _kept(course, (low_z_mm, high_z_mm))
            if kept is not None:
                rootlets.append(_Rootlet(course, *kept))
    groups: list[RootGroup] = []
    rows: list[_Row] = []
    for kind, diameter, per_rootlet in _classes(population, int(anatomy["rootlets"]["count"])):
        members = [rootlet for rootlet in rootlets if rootlet.course.kind == kind]
        if members:
            groups.append(_group(diameter, members, len(rows), anatomy))
            rows += [_Row(rootlet, side, diameter, per_rootlet) for side in range(len(SIDES)) for rootlet in members]
    return _assembled(rows, tuple(groups), dict(fibres_left or {}))


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """One rootlet of the patient: what it is, how it runs, and the arc (mm) of its two ends."""

    kind: str
    dermatome: int
    number: int
    run: RootRun
    from_mm: float
    to_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class _Rootlet:
    """The stretch of a course that is kept, arc in mm."""

    course: _Course
    from_mm: float
    to_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    rootlet: _Rootlet
    side: int
    diameter_um: float
    count: float


def _classes(population: Table, rootlets: int) -> list[tuple[str, float, float]]:
    """Return (kind, diameter in um, fibres per rootlet) of every class of root fibres."""
    dorsal, ventral = population["dorsal_root"], population["ventral_root"]
    pairs = zip(dorsal["diameter_um"], dorsal["fibres_per_rootlet"], strict=True)
    classes = [("dorsal", float(diameter), float(count)) for diameter, count in pairs]
    return [*classes, ("ventral", float(ventral["diameter_um"]), float(ventral["fibres_per_root"]) / rootlets)]


def _lengths_by_level(kind: str, sections: Mapping[str, CrossSection] | None) -> tuple[tuple[float, float], ...]:
    """Return the path lengths (cord, CSF) in mm of every section level."""
    rows = []
    for level in section_levels():
        section = sections[level] if sections is not None and level in sections else _canonical_section(level)
        found = path_lengths(section, kind, column_half_width_mm(level))
        rows.append((found.cord_mm, found.csf_mm))
    return tuple(rows)


@cache
def _canonical_section(level: str) -> CrossSection:
    return section_for(level)


def _courses(
    kind: str, segment_shift: float, lengths: tuple[tuple[float, float], ...], window: tuple[float, float]
) -> list[_Course]:
    """Return the rootlets of one kind that may pass between two heights, from rostral to caudal."""
    rostral = float(read_table("anatomy")["roots"]["path"]["rostral_mm"])
    return [
        _course(kind, place)
        for place in _places(segment_shift, lengths)
        if place.entry_z_mm + rostral > window[0] and place.entry_z_mm - place.caudal_mm < window[1]
    ]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one rootlet enters and leaves (heights), its lengths in the cross-section and below the entry, mm."""

    dermatome: int
    number: int
    entry_z_mm: float
    foramen_z_mm: float
    cord_mm: float
    csf_mm: float
    caudal_mm: float


@lru_cache(maxsize=16)
def _places(segment_shift: float, lengths: tuple[tuple[float, float], ...]) -> tuple[_Place, ...]:
    """Return every rootlet's place, from rostral to caudal."""
    anatomy = read_table("anatomy")["roots"]
    segments = segment_map(segment_shift)
    number = int(anatomy["rootlets"]["count"])
    least = float(anatomy["path"]["least_cable_mm"])
    entries = []
    for segment in dermatome_names():
        first, last = segment_span(segment)
        top, middle, bottom = segments.height_mm([first, (first + last) / 2.0, last])
        spread = min(float(anatomy["rootlets"]["spread_mm"]), float(top - bottom))
        entries.append(middle + spread * np.linspace(0.5, -0.5, number))
    own_lengths = level_weights(np.clip(np.array(entries), *sections_span_mm()))[1] @ np.array(lengths)
    places = []
    for dermatome, segment in enumerate(dermatome_names()):
        foramen = foramen_z_mm(segment)
        for index, entry in enumerate(entries[dermatome].tolist()):
            cord_mm, csf_mm = own_lengths[dermatome, index].tolist()
            caudal = max(least, entry - foramen + csf_mm)
            places.append(_Place(dermatome, index, entry, foramen, cord_mm, csf_mm, caudal))
    return tuple(places)


@lru_cache(maxsize=4096)
def _course(kind: str, place: _Place) -> _Course:
    """Return the course of one rootlet."""
    rostral = float(read_table("anatomy")["roots"]["path"]["rostral_mm"])
    in_section = PathLengths(place.cord_mm, place.csf_mm)
    run = root_run(place.entry_z_mm, place.foramen_z_mm, in_section, caudal_mm=place.caudal_mm)
    return _Course(kind, place.dermatome, place.number, run, -rostral, place.caudal_mm)


def _kept(course: _Course, window: tuple[float, float]) -> tuple[float, float] | None:
    """Return the stretch of arc (mm) inside the window of heights, not below the least cable; None outside it."""
    least = float(read_table("anatomy")["roots"]["path"]["least_cable_mm"])
    run = course.run
    start = max(course.from_mm, float(np.interp(-window[1], -run.z_mm, run.arc_mm)))
    end = min(course.to_mm, float(np.interp(-window[0], -run.z_mm, run.arc_mm)))
    if not start < end:
        return None
    half = max(0.0, least - (end - start)) / 2.0
    start, end = max(course.from_mm, start - half), min(course.to_mm, end + half)
    missing = max(0.0, least - (end - start))
    return max(course.from_mm, start - missing), min(course.to_mm, end + missing)


def _group(diameter_um: float, rootlets: list[_Rootlet], first: int, anatomy: Table) -> RootGroup:
    """Return the group of one diameter: rootlets of the left, then the same of the right."""
    step = internode_length_mm(diameter_um)
    phases = read_table("populations")["node_phases"]["phases"]
    percept, guard = float(anatomy["path"]["column_percept_from_entry_mm"]), float(anatomy["path"]["guard_mm"])
    counted = float(anatomy["column_branch"]["counted_mm"])
    arcs = []
    for rootlet in rootlets:
        phase = phases[rootlet.course.number % len(phases)]
        low, high = np.ceil((rootlet.from_mm - guard) / step - phase), np.floor((rootlet.to_mm + guard) / step - phase)
        arcs.append((np.arange(low, high + 1.0) + phase) * step)
    nodes = max(len(arc) for arc in arcs)
    shape = (nodes, len(rootlets))
    u, z = np.empty(shape), np.empty(shape)
    real, branch, counts = (np.zeros(shape, np.bool_) for _ in range(3))
    for column, (rootlet, arc) in enumerate(zip(rootlets, arcs, strict=True)):
        count = len(arc)
        u[:count, column] = np.interp(arc, rootlet.course.run.arc_mm, rootlet.course.run.u_fraction)
        z[:count, column] = np.interp(arc, rootlet.course.run.arc_mm, rootlet.course.run.z_mm)
        u[count:, column] = u[count - 1, column]
        z[count:, column] = z[count - 1, column] - step * np.arange(1, nodes - count + 1)
        real[:count, column] = (arc >= rootlet.from_mm) & (arc <= rootlet.to_mm)
        counts[:count, column] = real[:count, column] & ((arc >= -counted) | (rootlet.course.kind == "ventral"))
        branch[:count, column] = (arc < -percept) & (rootlet.course.kind == "dorsal")
    kind = KINDS.index(rootlets[0].course.kind)
    right_of = [2 * kind + (1 if side == "left" else 0) for side in SIDES]
    sides = len(SIDES)
    return RootGroup(
        diameter_um=diameter_um,
        first=first,
        path_index=read_only(np.repeat(np.array(right_of, dtype=np.int64), len(rootlets))),
        u_fraction=read_only(np.tile(u, (1, sides))),
        z_mm=read_only(np.tile(z, (1, sides))),
        real=read_only(np.tile(real, (1, sides))),
        branch=read_only(np.tile(branch, (1, sides))),
        counts=read_only(np.tile(counts, (1, sides))),
    )


def _assembled(rows: list[_Row], groups: tuple[RootGroup, ...], left: Mapping[tuple[str, str], float]) -> RootFibres:
    names = dermatome_names()
    for segment, side in left:
        require_one_of("segment", segment, names)
        require_one_of("side", side, SIDES)
    shares = [left.get((names[row.rootlet.course.dermatome], SIDES[row.side]), 1.0) for row in rows]
    dorsal = np.array([row.rootlet.course.kind == "dorsal" for row in rows], dtype=np.bool_)
    count = np.array([row.count for row in rows], dtype=np.float64) * np.where(dorsal, shares, 1.0)
    return RootFibres(
        is_dorsal=read_only(dorsal),
        side=read_only(_integers([row.side for row in rows])),
        dermatome=read_only(_integers([row.rootlet.course.dermatome for row in rows])),
        rootlet=read_only(_integers([row.rootlet.course.number for row in rows])),
        diameter_um=read_only(np.array([row.diameter_um for row in rows], dtype=np.float64)),
        count=read_only(count),
        groups=groups,
    )


def _integers(values: ArrayLike) -> IntArray:
    return np.array(values, dtype=np.int64)
