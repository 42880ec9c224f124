"""Current through the closed interfaces of a cross-section, from the consistent (weak) flux of a solution.

A judge of the solver: what leaves through a curve plus what flows off along z inside it must be the source inside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.conductor.primary import Primary
from scs_models.conductor.solve import solve_k
from scs_models.conductor.sources import SourceGroup, System, border_lift
from scs_models.errors import InvalidValueError
from scs_models.values import FloatArray

_POINTS = 16


@dataclass(frozen=True, slots=True, eq=False)
class InterfaceCurrents:
    """Currents at one wavenumber, mA per mA of the source; arrays (curves, J), from the inside out.

    through: outward through each curve. along: flowing off along z inside each curve (zero at k = 0). enclosed: 1
    where the source lies inside the curve. Conservation: through + along = enclosed.
    """

    through: FloatArray
    along: FloatArray
    enclosed: FloatArray


def interface_currents(system: System, k_per_mm: float) -> InterfaceCurrents:
    """Return the currents through all curves of a section without sectors, for sources within one tissue.

    At a curve the flux is the residual of the equations of one adjacent layer, summed over the curve's nodes: the
    flux that the elements themselves exchange. Raises InvalidValueError for sections with sectors and
    for sources across an interface.
    """
    mesh = system.mesh
    if mesh.section.sectors:
        raise InvalidValueError("the section has sectors; currents are defined for sections of closed rings only")
    elements = system.stiffness + (k_per_mm * k_per_mm) * system.mass
    curves = len(mesh.section.curves)
    through, along, enclosed = (np.zeros((curves, system.sources)) for _ in range(3))
    for group, nodal in zip(system.groups, solve_k(system, k_per_mm), strict=True):
        if group.primary is None:
            raise InvalidValueError("a source lies across an interface; it has no current balance per curve")
        lift = border_lift(system, group, k_per_mm)
        in_patch = np.logical_and.reduce(group.patch, axis=1)
        lost = np.zeros(len(group.xy))
        for curve in range(curves):
            region = np.flatnonzero(mesh.layer_region == curve)
            for layer in region:
                values = _layer_values(system, nodal, lift, int(layer), bool(in_patch[layer]))
                mass = np.einsum("snm,smj->j", system.mass[layer], values)
                lost = lost + k_per_mm * k_per_mm * mass
            last = int(region[-1])
            inside = _inside(system, group, curve)
            home = inside - (_inside(system, group, curve - 1) if curve else 0.0)
            if in_patch[last] and group.primary is not None:
                outer = _primary_flux(system, group, group.primary, last + 1, k_per_mm)
                inner = _primary_flux(system, group, group.primary, int(region[0]), k_per_mm) if curve else 0.0
                lost = lost + home - (outer - inner)
            # the side of the curve that is not in the patch, else the inner one plus the primary field's own flux
            side, local, sign = last, slice(12, 16), -1.0
            extra = np.zeros(len(group.xy))
            if in_patch[last]:
                if last + 1 < mesh.layers and not in_patch[last + 1]:
                    side, local, sign = last + 1, slice(0, 4), 1.0
                elif group.primary is not None:
                    extra = _primary_flux(system, group, group.primary, last + 1, k_per_mm)
            values = _layer_values(system, nodal, lift, side, bool(in_patch[side]))
            residual = np.einsum("snm,smj->j", elements[side][:, local], values)
            through[curve, group.index] = sign * residual + extra
            along[curve, group.index] = lost
            enclosed[curve, group.index] = inside
    return InterfaceCurrents(through, along, enclosed)


def _layer_values(system: System, nodal: FloatArray, lift: FloatArray, layer: int, in_patch: bool) -> FloatArray:
    """Return the element values (sectors, 16, J) of what the elements of one layer represent."""
    sector = np.arange(system.mesh.sectors)
    row, column = system.mesh.element_nodes(np.full_like(sector, layer), sector)
    values = nodal[row, column]
    return values - lift[row, column] if in_patch else values


def _inside(system: System, group: SourceGroup, curve: int) -> FloatArray:
    """Return 1.0 where a source's centre lies inside a curve, else 0.0."""
    angle = np.arctan2(group.xy[:, 1], group.xy[:, 0])
    radius, _ = system.mesh.section.region_radii(angle)
    return np.asarray(np.hypot(*group.xy.T) < radius[curve + 1], dtype=np.float64)


def _primary_flux(system: System, group: SourceGroup, primary: Primary, bound: int, k_per_mm: float) -> FloatArray:
    """Return the outward current (J,) of the primary field through one layer boundary, by Gauss quadrature."""
    mesh = system.mesh
    point, weight = np.polynomial.legendre.leggauss(_POINTS)
    width = np.diff(mesh.breaks_rad)[:, None]
    theta = mesh.breaks_rad[:-1, None] + 0.5 * width * (point + 1.0)
    radius, slope = (array[bound] for array in mesh.boundary_radii(theta))
    cos, sin = np.cos(theta), np.sin(theta)
    xy = np.stack([radius * cos, radius * sin], axis=-1)
    normal = (
        np.stack([radius * cos + slope * sin, radius * sin - slope * cos], axis=-1) * (0.5 * width * weight)[..., None]
    )
    away = xy[:, :, None, :] - group.xy[None, None]
    distance = np.sqrt((away**2).sum(axis=-1))
    _, gradient = primary.at_k(k_per_mm, distance)
    flux = gradient * (away * normal[:, :, None, :]).sum(axis=-1) / distance
    return np.asarray(-primary.sigma_t_s_per_m * flux.sum(axis=(0, 1)), dtype=np.float64)
