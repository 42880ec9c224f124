"""Bone and disc in turn along the canal, in 3D: conjugate gradients with the 2.5D solver as preconditioner.

The unknown is the change of the potential against a uniform ring of bone, so that no source has to be represented:
A w = -(A - A0) u0, where u0 is the 2.5D potential and A0 the uniform medium. The elements are those of the 2.5D grid
times cubic ones along z. Modes along z that diagonalise A0 leave one plane problem per mode: that is the 2.5D solver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from canal import LENGTH_MM, Array, Contact, Discs, slowest_decay_per_mm
from numpy.typing import NDArray
from scipy.linalg import eigh

from scs_models.conductor import CrossSection, potential_mv_per_ma
from scs_models.conductor.dissection import factorise, product
from scs_models.conductor.elements import element_matrices
from scs_models.conductor.mesh import Mesh, Resolution, make_mesh
from scs_models.conductor.shape import NODES, shape_1d
from scs_models.conductor.solve import make_probe

FINEST_MM, COARSEST_MM, GROWTH = 1.0, 6.0, 0.12


@dataclass(frozen=True, slots=True)
class Change:
    """Change of the potential (P, Z) in mV per mA, with steps taken and unknowns."""

    potential_mv_per_ma: Array
    unknowns: int
    iterations: int


@dataclass(frozen=True, slots=True)
class Line:
    """Cubic elements along z from 0 to the end: nodes (n,), matrices (n, n) of the whole line and of the discs."""

    breaks_mm: Array
    node_mm: Array
    stiffness: Array
    mass: Array
    disc_stiffness: Array
    disc_mass: Array


def make_line(discs: Discs, end_decay_per_mm: float, refine: float = 1.0) -> Line:
    """Return the elements along z, with a node at every border of a disc and an end that lets one mode out."""
    fixed = sorted({0.0, LENGTH_MM, *(min(z, LENGTH_MM) for span in discs.spans_mm for z in span)})
    breaks = [0.0]
    for low, high in pairwise(fixed):
        size = min(FINEST_MM + GROWTH * low, COARSEST_MM) / refine
        breaks += list(np.linspace(low, high, int(np.ceil((high - low) / size)) + 1)[1:])
    edge = np.array(breaks)
    point, weight = np.polynomial.legendre.leggauss(5)
    value, slope = shape_1d(0.5 * (point + 1.0))
    count = 3 * (len(edge) - 1) + 1
    stiffness, mass, disc_stiffness, disc_mass = (np.zeros((count, count)) for _ in range(4))
    for index, (low, high) in enumerate(pairwise(edge)):
        at = np.ix_(range(3 * index, 3 * index + 4), range(3 * index, 3 * index + 4))
        half, size = 0.5 * weight[:, None, None], high - low
        k = (half * slope[:, :, None] * slope[:, None, :]).sum(axis=0) / size
        m = (half * value[:, :, None] * value[:, None, :]).sum(axis=0) * size
        stiffness[at] += k
        mass[at] += m
        if any(a <= 0.5 * (low + high) <= b for a, b in discs.spans_mm):
            disc_stiffness[at] += k
            disc_mass[at] += m
    stiffness[-1, -1] += end_decay_per_mm
    node = np.append((edge[:-1, None] + np.diff(edge)[:, None] * NODES[:3]).ravel(), LENGTH_MM)
    return Line(edge, node, stiffness, mass, disc_stiffness, disc_mass)


def change_mv_per_ma(
    section: CrossSection,
    contact: Contact,
    discs: Discs,
    disc_s_per_m: float,
    points_xy_mm: Array,
    z_mm: Array,
    refine: float = 1.0,
    tolerance: float = 1e-7,
) -> Change:
    """Return what the discs add to the potential of +1 mA at points (P, 2) and heights (Z,) from 0 up."""
    cut = section
    if discs.half_angle_rad < np.pi:  # the same bone twice, so that the wedge's edges are lines of the grid
        low, high = -0.5 * np.pi - discs.half_angle_rad, -0.5 * np.pi + discs.half_angle_rad
        bone = next(curve for curve in section.curves if curve.name == "bone")
        cut = section.with_sector("bone", low, high, "bone", (bone.sigma_t_s_per_m, bone.sigma_z_s_per_m))
    mesh = make_mesh(cut, Resolution().refined(refine))
    line = make_line(discs, slowest_decay_per_mm(section), refine)
    matrices = element_matrices(mesh)
    chosen = _disc_elements(mesh, discs)
    sigma = mesh.sigma_t_s_per_m[chosen][0]
    more = np.where(chosen, disc_s_per_m / sigma - 1.0, 0.0)[:, :, None, None]
    extra_stiffness, extra_mass = more * matrices.stiffness, more * matrices.mass

    def extra(nodal: Array) -> Array:
        out = product(mesh, extra_stiffness, nodal) @ line.disc_mass
        return np.asarray(out + product(mesh, extra_mass, nodal) @ line.disc_stiffness)

    def whole(nodal: Array) -> Array:
        out = product(mesh, matrices.stiffness, nodal) @ line.mass
        out = out + product(mesh, matrices.mass, nodal) @ line.stiffness + extra(nodal)
        out[-1] = 0.0
        return np.asarray(out)

    square, modes = eigh(line.stiffness, line.mass)
    factors = [factorise(mesh, matrices.stiffness + k2 * matrices.mass) for k2 in square]

    def solved_uniform(load: Array) -> Array:
        by_mode = load @ modes
        parts = [factor.solve(by_mode[:, :, j : j + 1]) for j, factor in enumerate(factors)]
        return np.asarray(np.concatenate(parts, axis=2) @ modes.T)

    field = np.zeros((mesh.rows, mesh.columns, len(line.node_mm)))
    used = np.zeros((mesh.rows, mesh.columns), dtype=np.bool_)
    used[mesh.element_nodes(*np.nonzero(chosen))] = True
    xy = mesh.node_xy()[used]
    field[used] = potential_mv_per_ma(
        section, (0.0, contact.y_mm), contact.length_mm, xy, line.node_mm, contact.radius_mm
    )
    load = -extra(field)
    load[-1] = 0.0
    answer, steps = _conjugate_gradients(whole, solved_uniform, load, tolerance)
    probe = make_probe(mesh, points_xy_mm)
    along = np.einsum("pn,pnz->pz", probe.basis, answer[probe.row, probe.column])
    element = np.clip(np.searchsorted(line.breaks_mm, z_mm, side="right") - 1, 0, len(line.breaks_mm) - 2)
    basis, _ = shape_1d((z_mm - line.breaks_mm[element]) / np.diff(line.breaks_mm)[element])
    values = np.einsum("zb,pzb->pz", basis, along[:, 3 * element[:, None] + np.arange(4)])
    return Change(values, mesh.unknowns * len(line.node_mm), steps)


def _disc_elements(mesh: Mesh, discs: Discs) -> NDArray[np.bool_]:
    """Return (layers, sectors), true where the ring of bone can be disc."""
    ring = mesh.section.curve_names().index("bone")
    middle = 0.5 * (mesh.breaks_rad[:-1] + mesh.breaks_rad[1:])
    away = np.abs(np.mod(middle + 0.5 * np.pi + np.pi, 2.0 * np.pi) - np.pi)
    return (mesh.layer_region == ring)[:, None] & (away < discs.half_angle_rad)[None, :]


def _conjugate_gradients(
    apply: Callable[[Array], Array], precondition: Callable[[Array], Array], load: Array, tolerance: float
) -> tuple[Array, int]:
    """Return the solution and the number of steps; the energy norm of the residual falls by `tolerance`."""
    answer = np.zeros_like(load)
    rest = load.copy()
    step = precondition(rest)
    step[0, 1:] = 0.0
    direction = step.copy()
    energy = start = float((rest * step).sum())
    for count in range(1, 201):
        image = apply(_spread(direction))
        length = energy / float((direction * image).sum())
        answer += length * direction
        rest -= length * image
        step = precondition(rest)
        step[0, 1:] = 0.0
        new = float((rest * step).sum())
        if new < tolerance**2 * start:
            return _spread(answer), count
        direction = step + new / energy * direction
        energy = new
    raise RuntimeError("conjugate gradients did not converge in 200 steps")


def _spread(nodal: Array) -> Array:
    """Return the nodal array with the centre's value, kept in column 0, in every column of row 0."""
    out = nodal.copy()
    out[0] = nodal[0, :1]
    return out
