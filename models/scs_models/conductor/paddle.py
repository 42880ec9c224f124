"""A paddle in a cross-section: its face on the dorsal dura, its insulating backing up to the lamina, its contacts.

The paddle follows the dura: lateral positions are lengths along its face from the cord's midline. Its backing is the
same at every z and symmetric about the cord, so that the section stays a mirrored one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from scs_models.conductor.outlines import THETA_RAD, parallel_outline
from scs_models.conductor.section import CrossSection, Curve
from scs_models.errors import InvalidValueError
from scs_models.values import FloatArray, read_only, require_between

FACE = "face"
LEAST_GAP_MM = 0.1
_DORSAL_RAD = 0.5 * np.pi
_FINE = 4001


@dataclass(frozen=True, slots=True)
class Paddle:
    """The body of a paddle: half its width and its thickness, the gap between dura and face (mm), its conductivity.

    least_canal_mm: how deep a canal must be, front to back, to take it.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    half_width_mm: float
    thickness_mm: float
    gap_mm: float
    conductivity_s_per_m: float
    least_canal_mm: float = 0.0

    def __post_init__(self) -> None:
        require_between("half_width_mm", self.half_width_mm, 0.25, 15.0, "mm")
        require_between("thickness_mm", self.thickness_mm, 0.1, 5.0, "mm")
        require_between("gap_mm", self.gap_mm, 0.02, 5.0, "mm")
        require_between("conductivity_s_per_m", self.conductivity_s_per_m, 1e-9, 10.0, "S/m")
        require_between("least_canal_mm", self.least_canal_mm, 0.0, 40.0, "mm")


def with_paddle(section: CrossSection, paddle: Paddle) -> CrossSection:
    """Return `section` with a paddle on the dorsal dura: a curve "face" and an insulating sector behind it.

    Where the epidural space is thinner than gap and paddle, canal and lamina give way dorsally by what is missing.
    Raises InvalidValueError where the canal is not deep enough (RAGEL) or the paddle would reach past the side.
    """
    radius = {name: np.hypot(*section.curve_xy_mm(name, THETA_RAD).T) for name in section.curve_names()}
    depth = float(sum(np.hypot(*section.curve_xy_mm("canal", angle)) for angle in (_DORSAL_RAD, -_DORSAL_RAD)))
    if depth < paddle.least_canal_mm:
        raise InvalidValueError(
            f"the canal is {depth:.3g} mm deep; a paddle of {paddle.thickness_mm:g} mm with {paddle.gap_mm:g} mm in "
            f"front of it needs {paddle.least_canal_mm:g} mm or more"
        )
    edge = _angle_rad(_face(section, parallel_outline(radius["dura_outer"], paddle.gap_mm)), paddle.half_width_mm)
    made = _face(section, parallel_outline(radius["dura_outer"], _gap_mm(paddle.gap_mm, edge)))
    growth = _growth(radius["canal"], parallel_outline(radius["dura_outer"], paddle.gap_mm + paddle.thickness_mm), edge)
    curves: list[Curve] = []
    for curve in section.curves:
        if curve.name == "canal":
            curves.append(made)
        if curve.name in ("canal", "bone"):
            grown = read_only(radius[curve.name] + growth)
            curve = replace(curve, theta_rad=made.theta_rad, radius_mm=grown)
        curves.append(curve)
    return replace(section, curves=tuple(curves)).with_sector(
        "canal", _DORSAL_RAD - edge, _DORSAL_RAD + edge, "paddle", paddle.conductivity_s_per_m
    )


def face_xy_mm(section: CrossSection, along_mm: FloatArray) -> FloatArray:
    """Return the points (..., 2) mm on the face of a section's paddle at lengths `along_mm` (...) right of the middle.

    Raises InvalidValueError beyond the side of the canal.
    """
    face = section.curves[section.curve_names().index(FACE)]
    along = np.asarray(along_mm, dtype=np.float64)
    return section.curve_xy_mm(FACE, _DORSAL_RAD - np.sign(along) * _angle_rad(face, np.abs(along)))


def _face(section: CrossSection, radius_mm: FloatArray) -> Curve:
    """Return the curve of the face, with the epidural fat inside it."""
    fat = section.curves[section.curve_names().index("canal")]
    return replace(fat, name=FACE, theta_rad=read_only(THETA_RAD.copy()), radius_mm=read_only(radius_mm))


def _gap_mm(gap_mm: float, edge_rad: float) -> FloatArray:
    """Return the distance of the face's curve from the dura: the gap behind the paddle, no more than LEAST_GAP_MM
    ventrally, where there is little room."""
    away = np.clip((np.abs(_turned_from_dorsal()) - edge_rad) / (np.pi - edge_rad), 0.0, 1.0)
    least = min(gap_mm, LEAST_GAP_MM)
    return np.asarray(least + (gap_mm - least) * np.cos(0.5 * np.pi * away) ** 2, dtype=np.float64)


def _turned_from_dorsal() -> FloatArray:
    return np.asarray(np.mod(THETA_RAD - _DORSAL_RAD + np.pi, 2.0 * np.pi) - np.pi, dtype=np.float64)


def _angle_rad(face: Curve, along_mm: Any) -> Any:
    """Return the angle from the dorsal midline at a length along the face, on either side of a symmetric section."""
    from scipy.integrate import cumulative_trapezoid

    turn = np.linspace(0.0, _DORSAL_RAD, _FINE)
    spline = face.spline()
    radius, slope = spline(_DORSAL_RAD - turn), spline(_DORSAL_RAD - turn, 1)
    length = cumulative_trapezoid(np.hypot(radius, slope), turn, initial=0)
    if np.max(along_mm) > length[-1]:
        raise InvalidValueError(
            f"a paddle that reaches {np.max(along_mm):g} mm to a side does not lie behind the dura; its face has "
            f"{length[-1]:.3g} mm there"
        )
    return np.interp(along_mm, length, turn)


def _growth(canal_mm: FloatArray, needed_mm: FloatArray, edge_rad: float) -> FloatArray:
    """Return by how much (mm) the canal's radius grows at each angle so that it holds `needed_mm` within the edges."""
    sine = np.sin(THETA_RAD)
    share = 0.25 * (2.0 + 3.0 * sine - sine**3)  # 1 dorsally, 0 ventrally, smooth between
    behind = np.abs(_turned_from_dorsal()) <= edge_rad
    missing = np.max((needed_mm - canal_mm)[behind] / share[behind])
    return np.asarray(max(float(missing), 0.0) * share, dtype=np.float64)
