"""The cross-section of the spinal canal: nested star-shaped curves about the cord centre and the tissue between them.

Curves are periodic cubic splines of radius against angle; the section is a frozen value with a content key. Theta is
measured from +x (the patient's right) counter-clockwise, so that dorsal is +pi/2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scs_models.conductor.outlines import THETA_RAD, ellipse_outline, grey_outline, offset_ellipse_outline
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.values import FloatArray, read_only, require_between

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline

Sigma = float | tuple[float, float]
TISSUES = ("white_matter", "grey_matter", "csf", "dura", "fat", "bone", "bulk")
_LEAST_GAP_MM = 1e-3
_LEAST_SIGMA, _MOST_SIGMA = 1e-12, 1e9


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One closed curve and the tissue on its inner side.

    theta_rad, radius_mm: (n,) ascending angles in [-pi, pi) and radii; sigma_t, sigma_z: S/m across and along z.
    """

    name: str
    tissue: str
    theta_rad: FloatArray
    radius_mm: FloatArray
    sigma_t_s_per_m: float
    sigma_z_s_per_m: float

    def spline(self) -> CubicSpline[np.float64]:
        """Return the periodic cubic spline of radius against angle."""
        from scipy.interpolate import CubicSpline

        theta = np.append(self.theta_rad, self.theta_rad[0] + 2.0 * np.pi)
        return CubicSpline(theta, np.append(self.radius_mm, self.radius_mm[0]), bc_type="periodic")


@dataclass(frozen=True, slots=True)
class Sector:
    """Another tissue inside one curve (and outside the next inner one) between two angles, counter-clockwise."""

    curve: str
    theta_from_rad: float
    theta_to_rad: float
    tissue: str
    sigma_t_s_per_m: float
    sigma_z_s_per_m: float


@dataclass(frozen=True, slots=True, eq=False)
class CrossSection:
    """A cross-section that is the same at every z: curves from the inside out, a grounded circle around them.

    curves[i].tissue fills the region between curves[i - 1] and curves[i]; the last curve is the circle of
    `outer_radius_mm`, where the potential is zero. `sectors` replace the tissue of one region over a range of angles.
    """

    curves: tuple[Curve, ...]
    outer_radius_mm: float
    sectors: tuple[Sector, ...] = ()
    _splines: tuple[CubicSpline[np.float64], ...] = field(default=(), repr=False)
    _key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_splines", tuple(curve.spline() for curve in self.curves))
        object.__setattr__(self, "_key", _digest(self))
        theta = np.linspace(-np.pi, np.pi, 1441)
        radius, _ = self.region_radii(theta)
        gap = np.diff(radius, axis=0).min(axis=1)
        for curve, least in zip(self.curves, gap, strict=True):
            if not least >= _LEAST_GAP_MM:
                raise InvalidValueError(
                    f"curve {curve.name!r} comes within {least:.3g} mm of the curve inside it (or of the centre); "
                    f"curves must be nested from the inside out, {_LEAST_GAP_MM:g} mm apart or more"
                )

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, CrossSection) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    @classmethod
    def from_dimensions(
        cls,
        *,
        cord_half_width_mm: float,
        cord_half_depth_mm: float,
        sac_half_width_mm: float,
        dorsal_csf_mm: float,
        ventral_csf_mm: float,
        dura_mm: float,
        fat_dorsal_mm: float,
        fat_ventral_mm: float,
        fat_lateral_mm: float,
        bone_lateral_mm: float,
        bone_dorsal_mm: float,
        bone_ventral_mm: float,
        outer_radius_mm: float,
        tissues: Mapping[str, Sigma],
        grey_fraction: float = 0.2,
    ) -> CrossSection:
        """Return the section of an elliptic cord in an elliptic sac in a bony canal.

        Thicknesses (mm) hold exactly on the dorsal and ventral midline and at the sides; the dura is `dura_mm`
        thick all round. tissues: the seven names of TISSUES -> S/m or (across, along z) S/m. grey_fraction: grey
        share of the cord's area (physics.md 2b). Raises InvalidValueError for sizes that do not fit,
        UnknownNameError for a tissue.
        """
        require_between("cord_half_width_mm", cord_half_width_mm, 1.0, 20.0, "mm")
        require_between("cord_half_depth_mm", cord_half_depth_mm, 1.0, 20.0, "mm")
        require_between("sac_half_width_mm", sac_half_width_mm, 1.0, 30.0, "mm")
        thin = {
            "dorsal_csf_mm": dorsal_csf_mm,
            "ventral_csf_mm": ventral_csf_mm,
            "dura_mm": dura_mm,
            "fat_dorsal_mm": fat_dorsal_mm,
            "fat_ventral_mm": fat_ventral_mm,
            "fat_lateral_mm": fat_lateral_mm,
            "bone_lateral_mm": bone_lateral_mm,
            "bone_dorsal_mm": bone_dorsal_mm,
            "bone_ventral_mm": bone_ventral_mm,
        }
        for name, value in thin.items():
            require_between(name, value, 0.02, 60.0, "mm")
        for name in tissues:
            if name not in TISSUES:
                raise UnknownNameError("tissue", name, TISSUES)
        for name in TISSUES:
            if name not in tissues:
                raise InvalidValueError(f"tissues has no {name!r}; it must have {', '.join(TISSUES)}")
        half_depth = 0.5 * (2.0 * cord_half_depth_mm + dorsal_csf_mm + ventral_csf_mm)
        centre_y = 0.5 * (dorsal_csf_mm - ventral_csf_mm)

        def grown(lateral_mm: float, dorsal_mm: float, ventral_mm: float) -> FloatArray:
            return offset_ellipse_outline(sac_half_width_mm, half_depth, centre_y, lateral_mm, dorsal_mm, ventral_mm)

        cord = ellipse_outline(cord_half_width_mm, cord_half_depth_mm)
        canal = (dura_mm + fat_lateral_mm, dura_mm + fat_dorsal_mm, dura_mm + fat_ventral_mm)
        outlines = (
            ("grey", "grey_matter", grey_outline(cord, grey_fraction)),
            ("cord", "white_matter", cord),
            ("dura_inner", "csf", grown(0.0, 0.0, 0.0)),
            ("dura_outer", "dura", grown(dura_mm, dura_mm, dura_mm)),
            ("canal", "fat", grown(*canal)),
            ("bone", "bone", grown(canal[0] + bone_lateral_mm, canal[1] + bone_dorsal_mm, canal[2] + bone_ventral_mm)),
        )
        curves = [
            _curve(name, tissue, THETA_RAD, radius, *_sigma_pair(tissue, tissues[tissue]))
            for name, tissue, radius in outlines
        ]
        return cls(*_closed(curves, outer_radius_mm, ("bulk", *_sigma_pair("bulk", tissues["bulk"]))))

    @classmethod
    def from_curves(cls, curves: Iterable[tuple[str, Any, Any, float, float]], outer_radius_mm: float) -> CrossSection:
        """Return the section of any nested curves, from the inside out.

        curves: (tissue, theta_rad (n,), radius_mm (n,) or one number, sigma_t S/m, sigma_z S/m); the tissue fills
        the region inside its curve and outside the one before. Angles may be unsorted and may close the turn; radii
        between them are a periodic cubic spline. Outside the last curve its tissue continues to `outer_radius_mm`,
        where the potential is zero: a homogeneous medium is one entry. A curve carries the name of its tissue.
        Raises InvalidValueError.
        """
        entries = list(curves)
        if not entries:
            raise InvalidValueError("curves is empty; it must hold one curve or more")
        made: list[Curve] = []
        for index, entry in enumerate(entries):
            if len(entry) != 5:
                raise InvalidValueError(f"curves[{index}] must be (tissue, theta_rad, radius_mm, sigma_t, sigma_z)")
            tissue, theta, radius, sigma_t, sigma_z = entry
            name = str(tissue)
            if any(curve.name == name for curve in made):
                name = f"{name}#{index}"
            made.append(_curve(name, str(tissue), theta, radius, *_sigma_pair(str(tissue), (sigma_t, sigma_z))))
        return cls(*_closed(made, outer_radius_mm, None))

    def content_key(self) -> str:
        """Return the SHA-256 (hex) of every number of the section: equal keys mean equal sections."""
        return self._key

    def with_sector(
        self, curve: str, theta_from_rad: float, theta_to_rad: float, tissue: str, sigma: Sigma
    ) -> CrossSection:
        """Return the section with another tissue inside `curve`, from one angle counter-clockwise to the other.

        A missing lamina is `with_sector("bone", pi / 2 - a, pi / 2 + a, "scar", 0.15)`. Raises InvalidValueError.
        """
        self._index(curve)
        low = require_between("theta_from_rad", theta_from_rad, -4.0 * np.pi, 4.0 * np.pi, "rad")
        high = require_between("theta_to_rad", theta_to_rad, -4.0 * np.pi, 4.0 * np.pi, "rad")
        if not 0.01 <= high - low <= 2.0 * np.pi - 0.01:
            raise InvalidValueError(f"the sector spans {high - low:g} rad; it must span between 0.01 and 6.27 rad")
        return replace(self, sectors=(*self.sectors, Sector(curve, low, high, tissue, *_sigma_pair(tissue, sigma))))

    def curve_xy_mm(self, name: str, theta_rad: FloatArray | float) -> FloatArray:
        """Return the points (..., 2) in mm of the curve `name` at angles `theta_rad` (...)."""
        theta = np.asarray(theta_rad, dtype=np.float64)
        radius = np.asarray(self._splines[self._index(name)](theta), dtype=np.float64)
        return np.stack([radius * np.cos(theta), radius * np.sin(theta)], axis=-1)

    def curve_names(self) -> tuple[str, ...]:
        """Return the names of the curves from the inside out."""
        return tuple(curve.name for curve in self.curves)

    def epidural_xy_mm(self, x_mm: float, clearance_mm: float, lead_radius_mm: float = 0.65) -> tuple[float, float]:
        """Return the centre (x, y) in mm of a lead at lateral `x_mm` that lies `clearance_mm` off the outer dura,
        dorsally.

        clearance_mm: distance of the lead's axis from the outer dura. Raises InvalidValueError where the lead (its
        radius `lead_radius_mm`) does not fit between dura and canal.
        """
        from scipy.optimize import brentq

        require_between("x_mm", x_mm, -30.0, 30.0, "mm")
        require_between("clearance_mm", clearance_mm, 0.0, 20.0, "mm")
        theta = np.linspace(-np.pi, np.pi, 2881)
        dura, canal = self.curve_xy_mm("dura_outer", theta), self.curve_xy_mm("canal", theta)
        middle_y = 0.5 * float(dura[:, 1].min() + dura[:, 1].max())

        def signed(y_mm: float) -> float:
            inside = np.hypot(x_mm, y_mm) < float(self._radius("dura_outer", np.arctan2(y_mm, x_mm)))
            distance = _distance(dura, x_mm, y_mm)
            return (-distance if inside else distance) - clearance_mm

        top = float(canal[:, 1].max()) + clearance_mm + 1.0
        if signed(middle_y) > 0.0:
            raise InvalidValueError(f"x_mm is {x_mm:g} mm; a lead there does not lie behind the dura")
        y_mm = float(brentq(signed, middle_y, top, xtol=1e-10))
        inside = np.hypot(x_mm, y_mm) < float(self._radius("canal", np.arctan2(y_mm, x_mm)))
        room = _distance(canal, x_mm, y_mm) if inside else 0.0
        if room < lead_radius_mm - 1e-6:
            raise InvalidValueError(
                f"a lead of radius {lead_radius_mm:g} mm at x = {x_mm:g} mm, {clearance_mm:g} mm off the dura, has "
                f"{room:.3g} mm to the canal wall; it must have {lead_radius_mm:g} mm"
            )
        return float(x_mm), y_mm

    def region_radii(self, theta_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return radii (mm) and slopes (mm per rad) at angles (...) of centre and curves, each (curves + 1, ...)."""
        theta = np.asarray(theta_rad, dtype=np.float64)
        zero = np.zeros_like(theta)
        radius = np.stack([zero, *(np.asarray(spline(theta)) for spline in self._splines)])
        slope = np.stack([zero, *(np.asarray(spline(theta, 1)) for spline in self._splines)])
        return radius, slope

    def region_sigma(self, theta_rad: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return sigma_t and sigma_z (S/m) of every region at angles (n,), each (regions, n)."""
        theta = np.asarray(theta_rad, dtype=np.float64)
        sigma_t = np.repeat(np.array([curve.sigma_t_s_per_m for curve in self.curves])[:, None], len(theta), axis=1)
        sigma_z = np.repeat(np.array([curve.sigma_z_s_per_m for curve in self.curves])[:, None], len(theta), axis=1)
        for sector in self.sectors:
            index = self._index(sector.curve)
            inside = np.mod(theta - sector.theta_from_rad, 2.0 * np.pi) < sector.theta_to_rad - sector.theta_from_rad
            sigma_t[index, inside] = sector.sigma_t_s_per_m
            sigma_z[index, inside] = sector.sigma_z_s_per_m
        return sigma_t, sigma_z

    def sector_bounds_rad(self) -> tuple[float, ...]:
        """Return the angles at which a tissue changes."""
        return tuple(bound for sector in self.sectors for bound in (sector.theta_from_rad, sector.theta_to_rad))

    def mirrored(self) -> CrossSection:
        """Return the section with left and right exchanged."""
        curves = [
            _curve(c.name, c.tissue, np.pi - c.theta_rad, c.radius_mm, c.sigma_t_s_per_m, c.sigma_z_s_per_m)
            for c in self.curves
        ]
        sectors = tuple(
            replace(s, theta_from_rad=np.pi - s.theta_to_rad, theta_to_rad=np.pi - s.theta_from_rad)
            for s in self.sectors
        )
        return CrossSection(tuple(curves), self.outer_radius_mm, sectors)

    def is_symmetric(self) -> bool:
        """Return whether left mirrors right to 1e-9 mm, tissues included."""
        theta = np.linspace(-np.pi, np.pi, 1441)
        radius, _ = self.region_radii(theta)
        other, _ = self.region_radii(np.pi - theta)
        middle = 0.5 * (theta[1:] + theta[:-1]) + 1e-7
        here, there = self.region_sigma(middle), self.region_sigma(np.pi - middle)
        return bool(
            np.abs(radius - other).max() < 1e-9
            and np.array_equal(here[0], there[0])
            and np.array_equal(here[1], there[1])
        )

    def _index(self, name: str) -> int:
        names = self.curve_names()
        if name not in names:
            raise UnknownNameError("curve", name, names)
        return names.index(name)

    def _radius(self, name: str, theta_rad: float) -> float:
        return float(self._splines[self._index(name)](theta_rad))


def _distance(curve_xy: FloatArray, x_mm: float, y_mm: float) -> float:
    """Return the distance in mm of a point from a closed polyline (n, 2)."""
    a, b = curve_xy[:-1], curve_xy[1:]
    along = b - a
    offset = np.array([x_mm, y_mm]) - a
    share = np.clip((offset * along).sum(axis=1) / (along * along).sum(axis=1), 0.0, 1.0)
    return float(np.hypot(*(offset - share[:, None] * along).T).min())


def _sigma_pair(tissue: str, sigma: Sigma) -> tuple[float, float]:
    pair = tuple(sigma) if isinstance(sigma, Sequence) else (sigma, sigma)
    if len(pair) != 2:
        raise InvalidValueError(f"the conductivity of {tissue!r} must be one number or (sigma_t, sigma_z), in S/m")
    for value in pair:
        require_between(f"the conductivity of {tissue!r}", value, _LEAST_SIGMA, _MOST_SIGMA, "S/m")
    return float(pair[0]), float(pair[1])


def _curve(name: str, tissue: str, theta_rad: Any, radius_mm: Any, sigma_t: float, sigma_z: float) -> Curve:
    """Return a checked curve with angles sorted into [-pi, pi) and a closing duplicate dropped."""
    theta = np.atleast_1d(np.asarray(theta_rad, dtype=np.float64))
    radius = np.asarray(radius_mm, dtype=np.float64)
    radius = np.full(theta.shape, float(radius)) if radius.ndim == 0 else radius
    if theta.ndim != 1 or radius.shape != theta.shape:
        raise InvalidValueError(
            f"curve {name!r} has {theta.shape} angles and {radius.shape} radii; both must be equal lists"
        )
    if not (np.isfinite(theta).all() and np.isfinite(radius).all()):
        raise InvalidValueError(f"curve {name!r} holds a number that is not finite")
    if np.any(radius <= 0.0):
        raise InvalidValueError(f"curve {name!r} has a radius of {radius.min():g} mm; radii must be above 0 mm")
    wrapped = np.mod(theta + np.pi, 2.0 * np.pi) - np.pi
    wrapped[np.pi - wrapped < 1e-9] = -np.pi
    order = np.argsort(wrapped, kind="stable")
    wrapped, radius = wrapped[order], radius[order]
    keep = np.append(True, np.diff(wrapped) > 1e-9)
    if np.any(np.abs(np.diff(radius))[~keep[1:]] > 1e-6):
        raise InvalidValueError(f"curve {name!r} has two radii at one angle")
    wrapped, radius = wrapped[keep], radius[keep]
    if len(wrapped) < 3:
        raise InvalidValueError(f"curve {name!r} has {len(wrapped)} different angles; it must have 3 or more")
    return Curve(name, tissue, read_only(wrapped.copy()), read_only(radius.copy()), sigma_t, sigma_z)


def _closed(
    curves: list[Curve], outer_radius_mm: float, bulk: tuple[str, float, float] | None
) -> tuple[tuple[Curve, ...], float]:
    """Return `curves` with the grounded circle as the last one; `bulk` (else the last tissue) fills the gap."""
    require_between("outer_radius_mm", outer_radius_mm, 1.0, 1000.0, "mm")
    last = curves[-1]
    widest = float(np.max(last.spline()(np.linspace(-np.pi, np.pi, 1441))))
    if widest > outer_radius_mm * (1.0 + 1e-9):
        raise InvalidValueError(
            f"outer_radius_mm is {outer_radius_mm:g} mm; it must lie beyond the last curve, {widest:.4g} mm"
        )
    circle = np.full(8, float(outer_radius_mm))
    theta = np.linspace(-np.pi, np.pi, 8, endpoint=False)
    if bulk is None and np.allclose(last.radius_mm, outer_radius_mm, rtol=1e-9):
        closed = replace(last, theta_rad=read_only(theta), radius_mm=read_only(circle))
        return (*curves[:-1], closed), float(outer_radius_mm)
    tissue, sigma_t, sigma_z = bulk or (last.tissue, last.sigma_t_s_per_m, last.sigma_z_s_per_m)
    name = "outer"
    return (*curves, _curve(name, tissue, theta, circle, sigma_t, sigma_z)), float(outer_radius_mm)


def _digest(section: CrossSection) -> str:
    """Return the SHA-256 of everything a solution depends on."""
    digest = hashlib.sha256(b"cross-section 1")
    numbers = [section.outer_radius_mm]
    for curve in section.curves:
        digest.update(f"|{curve.name}|{curve.tissue}|{len(curve.theta_rad)}".encode())
        numbers += [curve.sigma_t_s_per_m, curve.sigma_z_s_per_m, *curve.theta_rad, *curve.radius_mm]
    for sector in section.sectors:
        digest.update(f"|{sector.curve}|{sector.tissue}".encode())
        numbers += [sector.theta_from_rad, sector.theta_to_rad, sector.sigma_t_s_per_m, sector.sigma_z_s_per_m]
    digest.update(np.array(numbers, dtype="<f8").tobytes())
    return digest.hexdigest()
