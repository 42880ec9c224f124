"""The dorsal columns as fibre lines: which dermatome, where across the column at any height, how many real fibres.

A line keeps its dermatome, its side and its place in the order of bands (caudal medial, rostral lateral) over its whole
length. As bands enter further up it is pushed medially, so moving a lead changes everything continuously. Counts are
those of FE02. docs/anatomy.md explains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from scs_models.anatomy import (
    SegmentMap,
    column_half_width_mm,
    dermatome_names,
    segment_map,
    segment_span,
    vertebra_mid_z_mm,
)
from scs_models.conductor import CrossSection
from scs_models.errors import InvalidValueError
from scs_models.tables import read_table
from scs_models.values import BoolArray, FloatArray, IntArray, read_only, require_one_of

SIDES = ("left", "right")

_SURFACE_SAMPLES = 1441
_DERIVATIVE_STEP_RAD = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """The dermatomes' bands in one dorsal column, from the midline outward (bands,): weights and where they enter.

    dermatome: index C2 = 0 ... S4-5 = 27; enters_index, full_index: segment index at which the band begins to enter and
    is complete (real numbers, falling rostrally); gracile_count: how many of the first bands are gracile.
    """

    dermatome: IntArray
    weight: FloatArray
    enters_index: FloatArray
    full_index: FloatArray
    gracile_count: int
    gracile_least_share: float

    def entered_weight(self, segment_index: ArrayLike) -> FloatArray:
        """Return the weight of each band that has entered at segment indices (...,): shape (..., bands)."""
        index = np.asarray(segment_index, dtype=np.float64)[..., None]
        share = (self.enters_index - index) / (self.enters_index - self.full_index)
        return np.asarray(self.weight * np.clip(share, 0.0, 1.0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class DiameterLaw:
    """Log-normal fibre diameters (um), cut at the top; the median grows across the column by `gradient`."""

    median_um: float
    log_sd: float
    cut_um: float
    weight_factor: float
    gradient: float

    def share_above(self, diameter_um: ArrayLike, x_fraction: ArrayLike) -> FloatArray:
        """Return the share of all fibres above `diameter_um` and up to the cut at `x_fraction` (they broadcast)."""
        from scipy.special import ndtr

        median = self.median_um * (1.0 + self.gradient * (np.asarray(x_fraction, dtype=np.float64) - 0.5))
        top = np.log(self.cut_um / median) / self.log_sd
        low = np.log(np.minimum(diameter_um, self.cut_um) / median) / self.log_sd
        return np.asarray(self.weight_factor * (ndtr(top) - ndtr(low)), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class DorsalColumns:
    """The fibre lines of both dorsal columns, and how many real fibres each stands for.

    Per line (L,): dermatome (C2 = 0 ... S4-5 = 27), side (0 left, 1 right), xi and xi_width (place and width in units
    of band weight, from the midline), count_factor (1, less for an injured root). depth_mm (D,) below the surface, each
    for depth_thickness_mm (D,); diameter_um (K,), each for the fibres between its diameter_edge_um (K + 1,).
    """

    dermatome: IntArray
    side: IntArray
    xi: FloatArray
    xi_width: FloatArray
    count_factor: FloatArray
    depth_mm: FloatArray
    depth_thickness_mm: FloatArray
    diameter_um: FloatArray
    diameter_edge_um: FloatArray
    bands: Bands
    law: DiameterLaw
    segments: SegmentMap
    fibres_per_mm2: float

    def entered_below(self, z_mm: float) -> DorsalColumns:
        """Return the population without the lines that enter the cord only above `z_mm`."""
        _, entered = self.lateral_fraction(z_mm)
        names = ("dermatome", "side", "xi", "xi_width", "count_factor")
        return replace(self, **{name: read_only(getattr(self, name)[entered]) for name in names})

    def lateral_fraction(self, z_mm: ArrayLike) -> tuple[FloatArray, BoolArray]:
        """Return x over the column's half width, in [0, 1], and whether the line has entered, at heights z_mm (...,).

        Both are (..., lines), without the sign of the side. A line that has not entered yet stands at the edge, 1.
        """
        fraction, _, entered = self._place(z_mm)
        return read_only(fraction), read_only(entered > 0.0)

    def fibre_count(self, z_mm: ArrayLike, half_width_mm: ArrayLike) -> FloatArray:
        """Return the real fibres at heights z_mm (...,): shape (..., lines, depths, diameters).

        half_width_mm: of the dorsal column there, (...,) or one number. Source: FE02 (totals), DESIGN (law).
        """
        fraction, width, entered = self._place(z_mm)
        width_mm = width * entered * self.count_factor * np.asarray(half_width_mm, dtype=np.float64)[..., None]
        share = -np.diff(self.law.share_above(self.diameter_edge_um, fraction[..., None]), axis=-1)
        area_mm2 = width_mm[..., None] * self.depth_thickness_mm
        return read_only(self.fibres_per_mm2 * area_mm2[..., None] * share[..., None, :])

    def _place(self, z_mm: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return fraction, width as a fraction of the half width, and the entered share of each line, (..., lines)."""
        by_band = self.bands.entered_weight(self.segments.position(z_mm))
        total = by_band.sum(axis=-1)[..., None]
        gracile = by_band[..., : self.bands.gracile_count].sum(axis=-1)[..., None]
        safe_total, safe_gracile = np.maximum(total, _LEAST_WEIGHT), np.maximum(gracile, _LEAST_WEIGHT)
        gracile_share = np.maximum(gracile / safe_total, self.bands.gracile_least_share)
        cuneate = np.maximum(total - gracile, _LEAST_WEIGHT)
        medial = self.xi <= self.bands.weight[: self.bands.gracile_count].sum()
        scale = np.where(medial, gracile_share / safe_gracile, (1.0 - gracile_share) / cuneate)
        fraction = np.where(medial, self.xi * scale, gracile_share + (self.xi - gracile) * scale)
        entered = np.clip((total - (self.xi - self.xi_width / 2.0)) / self.xi_width, 0.0, 1.0)
        return np.where(entered > 0.0, np.clip(fraction, 0.0, 1.0), 1.0), self.xi_width * scale, entered


_LEAST_WEIGHT = 1e-9


def bands(weight_factors: Mapping[str, float] | None = None) -> Bands:
    """Return the bands of anatomy.toml; `weight_factors` (dermatome -> factor) widen or narrow a patient's bands.

    Raises UnknownNameError for an unknown dermatome, InvalidValueError for a factor that is not positive.
    """
    table = read_table("anatomy")
    names = dermatome_names()
    factors = dict(weight_factors or {})
    for name, factor in factors.items():
        require_one_of("dermatome", name, names)
        if not factor > 0.0:
            raise InvalidValueError(f"weight factor of {name} is {factor:g}; it must be more than 0")
    outward = names[::-1]
    spans = np.array([segment_span(name) for name in outward])
    weight = [table["band_weight"][name]["value"] * factors.get(name, 1.0) for name in outward]
    gracile = table["gracile"]
    return Bands(
        dermatome=read_only(np.arange(len(names), dtype=np.int64)[::-1].copy()),
        weight=read_only(np.array(weight, dtype=np.float64)),
        enters_index=read_only(spans[:, 1].copy()),
        full_index=read_only(spans[:, 0].copy()),
        gracile_count=outward.index(gracile["last_segment"]) + 1,
        gracile_least_share=float(gracile["least_share"]),
    )


def dorsal_columns(
    *,
    segment_shift: float = 0.0,
    fibres_left: Mapping[tuple[str, str], float] | None = None,
    weight_factors: Mapping[str, float] | None = None,
    count_factor: float = 1.0,
) -> DorsalColumns:
    """Return the fibre lines of both dorsal columns from anatomy.toml and populations.toml.

    segment_shift: of the patient's cord, segments; fibres_left: (dermatome, side) -> share that an injured root has
    left; weight_factors: as in `bands`; count_factor: on every count. Raises UnknownNameError, InvalidValueError.
    """
    table = read_table("populations")["dorsal_column"]
    classes, count, law, lines = table["classes"], table["count"], table["diameter"], table["lines"]
    column = bands(weight_factors)
    number = _lines_per_band(
        lines["reference_vertebra"], float(lines["spacing_mm"]), int(lines["least_per_band"]), column
    )
    start = np.concatenate([[0.0], np.cumsum(column.weight)[:-1]])
    width = np.repeat(column.weight / number, number)
    within = np.concatenate([np.arange(n) + 0.5 for n in number])
    dermatome = np.repeat(column.dermatome, number)
    factor = np.full((len(SIDES), len(dermatome)), float(count_factor))
    for (name, side), share in (fibres_left or {}).items():
        require_one_of("dermatome", name, dermatome_names())
        row = SIDES.index(require_one_of("side", side, SIDES))
        factor[row, dermatome == dermatome_names().index(name)] *= share
    both = len(SIDES)
    return DorsalColumns(
        dermatome=read_only(np.tile(dermatome, both)),
        side=read_only(np.repeat(np.arange(both, dtype=np.int64), len(dermatome))),
        xi=read_only(np.tile(np.repeat(start, number) + within * width, both)),
        xi_width=read_only(np.tile(width, both)),
        count_factor=read_only(factor.ravel()),
        depth_mm=_array(classes["depth_mm"]),
        depth_thickness_mm=read_only(np.diff(_array(classes["depth_edge_mm"]))),
        diameter_um=_array(classes["diameter_um"]),
        diameter_edge_um=_array(classes["edge_um"]),
        bands=column,
        law=DiameterLaw(
            median_um=float(law["median_um"]),
            log_sd=float(law["log_sd"]),
            cut_um=float(law["cut_um"]),
            weight_factor=float(law["weight_factor"]),
            gradient=float(table["gradient"]["relative"]),
        ),
        segments=segment_map(segment_shift),
        fibres_per_mm2=float(count["fibres"] / (count["reference_width_mm"] * count["reference_depth_mm"])),
    )


def _array(values: ArrayLike) -> FloatArray:
    return read_only(np.array(values, dtype=np.float64))


def _lines_per_band(vertebra: str, spacing_mm: float, least: int, column: Bands) -> IntArray:
    """Return the lines of each band (bands,), at most `spacing_mm` apart at the reference vertebra."""
    index = segment_map().position(vertebra_mid_z_mm(vertebra))
    total = float(column.entered_weight(index).sum())
    width_mm = column.weight / total * column_half_width_mm(vertebra)
    return np.asarray(np.maximum(least, np.ceil(width_mm / spacing_mm)), dtype=np.int64)


# --- points of the cord's surface -------------------------------------------------------------------------------------


def surface_points_xy_mm(
    section: CrossSection, along_mm: ArrayLike, depth_mm: ArrayLike, *, ventral: bool = False
) -> FloatArray:
    """Return points (..., 2) in mm below the cord's surface, by arc length along it and depth along the inward normal.

    along_mm (...): from the dorsal (or ventral) midline, positive to the right; depth_mm (...), they broadcast.
    Raises InvalidValueError where along_mm goes beyond the side of the cord.
    """
    along, depth = np.broadcast_arrays(np.asarray(along_mm, dtype=np.float64), np.asarray(depth_mm, dtype=np.float64))
    sign = -1.0 if ventral else 1.0
    turn = np.linspace(-np.pi / 2.0, np.pi / 2.0, _SURFACE_SAMPLES)  # from left to right; 0 is the midline
    curve = section.curve_xy_mm("cord", sign * (np.pi / 2.0 - turn))
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    length -= length[_SURFACE_SAMPLES // 2]
    if along.size and np.abs(along).max() > length[-1]:
        worst = np.abs(along).max()
        raise InvalidValueError(
            f"along_mm reaches {worst:g} mm; the side of the cord is {length[-1]:.3g} mm from the midline"
        )
    theta = sign * (np.pi / 2.0 - np.interp(along, length, turn))
    on_curve = section.curve_xy_mm("cord", theta.ravel())
    ahead = section.curve_xy_mm("cord", theta.ravel() + _DERIVATIVE_STEP_RAD)
    behind = section.curve_xy_mm("cord", theta.ravel() - _DERIVATIVE_STEP_RAD)
    tangent = ahead - behind
    tangent /= np.hypot(*tangent.T)[:, None]
    inward = np.stack([-tangent[:, 1], tangent[:, 0]], axis=-1)
    return np.asarray((on_curve + depth.ravel()[:, None] * inward).reshape(*along.shape, 2), dtype=np.float64)


def points_xy_mm(section: CrossSection, x_fraction: ArrayLike, depth_mm: ArrayLike, half_width_mm: float) -> FloatArray:
    """Return dorsal-column points (..., 2) in mm at signed fractions of the half width (right positive) and depths.

    x_fraction and depth_mm broadcast; x runs along the surface, depth along the inward normal.
    """
    fraction = np.asarray(x_fraction, dtype=np.float64)
    return surface_points_xy_mm(section, fraction * half_width_mm, depth_mm)
