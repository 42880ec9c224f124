"""The path of the roots in the cross-section: from a branch in the cord over the entry, around the cord, to the side.

All rootlets of one kind and side share one path. A place on it is a fraction u in [0, 1]: 0 where the branch runs in
the cord, ENTRY_FRACTION at the cord's surface, 1 at the side of the sac. The same u is the same place in every section.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scs_models.conductor import CrossSection
from scs_models.errors import InvalidValueError
from scs_models.fibres.population import surface_points_xy_mm
from scs_models.tables import Table, read_table
from scs_models.values import FloatArray, require_one_of

KINDS = ("dorsal", "ventral")

# Where the entry stands on the path: near its true place, so that the path is spaced evenly on either side of it.
ENTRY_FRACTION = 0.09

_TRACE_STEP_MM = 0.01
_TRACE_SAMPLES = 801


@dataclass(frozen=True, slots=True)
class PathLengths:
    """How long the path is in the cross-section: in the cord (branch to entry) and in the CSF (entry to side), mm."""

    cord_mm: float
    csf_mm: float


def path_fractions(n_points: int) -> FloatArray:
    """Return the evenly spaced u (n_points,) of `transverse_path_xy_mm`."""
    return np.linspace(0.0, 1.0, n_points)


def transverse_path_xy_mm(
    section: CrossSection, kind: str, n_points: int, column_half_width_mm: float
) -> tuple[FloatArray, FloatArray]:
    """Return u (n_points,) and the right-hand path (n_points, 2) in mm; the left one is its mirror image in x.

    Raises UnknownNameError for another kind than dorsal or ventral, InvalidValueError where the path does not fit.
    Source: DESIGN.
    """
    if n_points < 2:
        raise InvalidValueError(f"n_points is {n_points}; it must be 2 or more")
    trace, arc, entry = _trace(section, require_one_of("kind", kind, KINDS), column_half_width_mm)
    u = path_fractions(n_points)
    wanted = np.interp(u, [0.0, ENTRY_FRACTION, 1.0], [0.0, entry, arc[-1]])
    return u, np.stack([np.interp(wanted, arc, trace[:, axis]) for axis in range(2)], axis=-1)


@lru_cache(maxsize=256)
def path_lengths(section: CrossSection, kind: str, column_half_width_mm: float) -> PathLengths:
    """Return the lengths of the path of `transverse_path_xy_mm` before and behind the entry, mm."""
    _, arc, entry = _trace(section, require_one_of("kind", kind, KINDS), column_half_width_mm)
    return PathLengths(float(entry), float(arc[-1] - entry))


def _trace(section: CrossSection, kind: str, column_half_width_mm: float) -> tuple[FloatArray, FloatArray, float]:
    """Return the smoothed path (n, 2) on a fine arc (n,), both mm, and the arc where it leaves the cord."""
    roots = read_table("anatomy")["roots"]
    branch, entry = _ends_along_mm(roots, kind, column_half_width_mm)
    depth = float(roots[kind]["branch_depth_mm"])
    ventral = kind == "ventral"
    ends = surface_points_xy_mm(section, [branch, entry], [depth, 0.0], ventral=ventral)
    corner = np.concatenate(
        [ends, _around_the_cord(section, ends[1], float(roots["path"]["lateral_clearance_mm"]))[1:]]
    )
    arc, line = _resampled(corner)
    smooth = _smoothed(line, float(roots["path"]["smoothing_mm"]))
    arc, line = _resampled(smooth)
    outside = _radius(line) - _radius(section.curve_xy_mm("cord", _angle(line)))
    last_inside = int(np.flatnonzero(outside <= 0.0)[-1])
    crossing = arc[last_inside] + _TRACE_STEP_MM * outside[last_inside] / (
        outside[last_inside] - outside[last_inside + 1]
    )
    return line, arc, float(crossing)


def _ends_along_mm(roots: Table, kind: str, column_half_width_mm: float) -> tuple[float, float]:
    """Return where branch and entry lie along the surface from the midline, mm."""
    row = roots[kind]
    if kind == "dorsal":
        return (
            column_half_width_mm + float(row["branch_from_column_edge_mm"]),
            column_half_width_mm + float(row["entry_from_column_edge_mm"]),
        )
    return float(row["entry_mm"]) + float(row["branch_from_entry_mm"]), float(row["entry_mm"])


def _around_the_cord(section: CrossSection, entry_xy_mm: FloatArray, clearance_mm: float) -> FloatArray:
    """Return the corner-free course (samples, 2) from the entry through the CSF to the side of the sac at y = 0.

    The share of the gap between cord and dura grows evenly with the angle, so the course touches neither.
    """
    start = float(np.arctan2(entry_xy_mm[1], entry_xy_mm[0]))
    theta = np.linspace(start, 0.0, _TRACE_SAMPLES)
    cord = _radius(section.curve_xy_mm("cord", theta))
    dura = _radius(section.curve_xy_mm("dura_inner", theta))
    gap = float(dura[-1] - cord[-1])
    if not gap > clearance_mm:
        raise InvalidValueError(
            f"the CSF beside the cord is {gap:.3g} mm wide; roots need more than {clearance_mm:g} mm"
        )
    share = (1.0 - clearance_mm / gap) * np.linspace(0.0, 1.0, _TRACE_SAMPLES)
    radius = cord + share * (dura - cord)
    return np.stack([radius * np.cos(theta), radius * np.sin(theta)], axis=-1)


def _resampled(line: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return arc (n,) and points (n, 2) of a polyline at even steps of about _TRACE_STEP_MM."""
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    even = np.linspace(0.0, arc[-1], int(np.ceil(arc[-1] / _TRACE_STEP_MM)) + 1)
    return even, np.stack([np.interp(even, arc, line[:, axis]) for axis in range(2)], axis=-1)


def _smoothed(line: FloatArray, sigma_mm: float) -> FloatArray:
    """Return an even polyline smoothed by a Gaussian; odd reflection holds both ends where they are."""
    from scipy.ndimage import gaussian_filter1d

    sigma = sigma_mm / _TRACE_STEP_MM
    pad = min(int(4.0 * sigma) + 1, len(line) - 1)
    before = 2.0 * line[0] - line[pad:0:-1]
    behind = 2.0 * line[-1] - line[-2 : -pad - 2 : -1]
    padded = np.concatenate([before, line, behind])
    return np.asarray(gaussian_filter1d(padded, sigma, axis=0)[pad : pad + len(line)], dtype=np.float64)


def _radius(points: FloatArray) -> FloatArray:
    return np.asarray(np.hypot(points[..., 0], points[..., 1]), dtype=np.float64)


def _angle(points: FloatArray) -> FloatArray:
    return np.asarray(np.arctan2(points[..., 1], points[..., 0]), dtype=np.float64)
