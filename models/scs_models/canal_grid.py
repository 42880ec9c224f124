"""The finite grid of cross-sections that kernels are built for, and how a patient's own section is made of them.

Axes of the grid: level, supine dorsal CSF, shift of the cord (posture), lift of the lead (scar), missing lamina,
conductivity set. A patient between the grid's values gets a weighted sum of kernels: cubic in the logarithm of the
distance to the cord for the CSF, quadratic in it for the shift and the lift. docs/anatomy.md gives the errors.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scs_models import anatomy
from scs_models.conductor import CrossSection
from scs_models.tables import read_table
from scs_models.values import require_between

# Potentials of a contact fall with its distance to the cord about with this power: weights are for what is left after
# that is taken out. Lead axis to outer dura and dura are in the distance, dorsal CSF comes on top.
_POWER = 1.25
_CONTACT_TO_CSF_MM = 0.6
_STENCIL = 4
_SAME_MM = 1e-9
_NEARLY_MM = 0.25


@dataclass(frozen=True, slots=True)
class GridSection:
    """One cross-section of the grid; lengths in mm as in `anatomy.section_for`."""

    level: str
    dorsal_csf_mm: float
    cord_shift_mm: float = 0.0
    lead_lift_mm: float = 0.0
    laminectomy: bool = False
    conductivities: str = "default"

    @property
    def title(self) -> str:
        """Return what a person reads of it in progress and in listings."""
        parts = [f"section {self.level}", f"dorsal CSF {self.dorsal_csf_mm:.2f} mm"]
        parts += [f"cord {self.cord_shift_mm:.2f} mm ventral"] if self.cord_shift_mm else []
        parts += [f"lead lifted {self.lead_lift_mm:.1f} mm"] if self.lead_lift_mm else []
        parts += ["no lamina"] if self.laminectomy else []
        parts += [self.conductivities] if self.conductivities != "default" else []
        return ", ".join(parts)

    def section(self) -> CrossSection:
        """Return the cross-section."""
        return anatomy.section_for(
            self.level,
            dorsal_csf_mm=self.dorsal_csf_mm,
            cord_shift_mm=self.cord_shift_mm,
            lead_lift_mm=self.lead_lift_mm,
            laminectomy=self.laminectomy,
            tissues=anatomy.conductivities(self.conductivities),
        )


def csf_values_mm(level: str) -> tuple[float, ...]:
    """Return the supine dorsal CSF thicknesses (mm, ascending) of the grid at a section level."""
    row = read_table("anatomy")["dorsal_csf"]
    grid, high = row["grid"], float(row["range"]["high_mm"])
    usual = anatomy.dorsal_csf_mm(level)
    low = float(grid["low_mm"])
    values = [min(float(factor) * usual, high) for factor in grid["factor"]]
    return (low, *values[1:]) if values[0] - low < _NEARLY_MM else (low, *values)


def shift_values_mm(level: str) -> tuple[float, ...]:
    """Return the shifts of the cord (mm) of the grid at a section level: none, half, and as far as the sac allows."""
    most = anatomy.greatest_shift_mm(level)
    return 0.0, most / 2.0, most


def lift_values_mm() -> tuple[float, ...]:
    """Return the lifts of the lead (mm) of the grid: none, half, and the thickest scar."""
    most = anatomy.scar_thickness_mm()[1]
    return 0.0, most / 2.0, most


def weighted_sections(
    level: str,
    *,
    dorsal_csf_mm: float,
    cord_shift_mm: float = 0.0,
    lead_lift_mm: float = 0.0,
    laminectomy: bool = False,
    conductivities: str = "default",
) -> tuple[tuple[float, GridSection], ...]:
    """Return the grid's sections whose kernels, weighted and summed, are that of one patient's section at a level.

    On a grid value one section stands for its axis, so the canonical patient, supine, is one section of weight 1.
    Weights need not sum to 1: they hold the growth of potentials with the distance. Raises UnknownNameError for a level
    or conductivity set, InvalidValueError for a thickness, shift or lift beyond the grid.
    """
    csf = csf_values_mm(level)
    shift, lift = shift_values_mm(level), lift_values_mm()
    require_between(f"dorsal CSF at {level}", dorsal_csf_mm, csf[0] - _SAME_MM, csf[-1] + _SAME_MM, "mm")
    require_between(f"shift of the cord at {level}", cord_shift_mm, 0.0, shift[-1] + _SAME_MM, "mm")
    require_between("lift of the lead", lead_lift_mm, 0.0, lift[-1] + _SAME_MM, "mm")
    across = _lagrange(csf, dorsal_csf_mm, [_place(value) for value in csf], _place(dorsal_csf_mm))
    own_mm = dorsal_csf_mm + cord_shift_mm
    moves = _lagrange(shift, cord_shift_mm, [_place(dorsal_csf_mm + value) for value in shift], _place(own_mm))
    lifts = _lagrange(lift, lead_lift_mm, [_place(own_mm + value) for value in lift], _place(own_mm + lead_lift_mm))
    result = []
    for (thick, by_csf), (moved, by_shift), (lifted, by_lift) in itertools.product(across, moves, lifts):
        grown = (_distance(thick + moved + lifted) / _distance(own_mm + lead_lift_mm)) ** _POWER
        place = GridSection(level, thick, moved, lifted, laminectomy, conductivities)
        result.append((by_csf * by_shift * by_lift * grown, place))
    return tuple(result)


def all_sections(levels: tuple[str, ...], conductivity_sets: tuple[str, ...] = ("default",)) -> list[GridSection]:
    """Return every section without scar of some levels and conductivity sets, the likeliest needed first.

    All shifts, so that every posture is there. Raises UnknownNameError for a level.
    """
    found = [
        GridSection(level, csf, shift, conductivities=name)
        for name in conductivity_sets
        for level in levels
        for shift in shift_values_mm(level)
        for csf in csf_values_mm(level)
    ]
    return sorted(found, key=lambda one: (one.cord_shift_mm > 0.0, conductivity_sets.index(one.conductivities)))


def _distance(csf_mm: float) -> float:
    return csf_mm + _CONTACT_TO_CSF_MM


def _place(csf_mm: float) -> float:
    return float(np.log(_distance(csf_mm)))


def _lagrange(values: Sequence[float], at: float, places: Sequence[float], own: float) -> list[tuple[float, float]]:
    """Return (value, weight) of Lagrange interpolation at `own` between the `places` of up to four values around `at`.

    A value that `at` meets stands alone.
    """
    for value in values:
        if abs(value - at) <= _SAME_MM:
            return [(value, 1.0)]
    count = min(_STENCIL, len(values))
    first = min(max(int(np.searchsorted(values, at)) - _STENCIL // 2, 0), len(values) - count)
    near = places[first : first + count]
    weights = [float(np.prod([(own - other) / (here - other) for other in near if other != here])) for here in near]
    return list(zip(values[first : first + count], weights, strict=True))
