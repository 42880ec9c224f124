"""The spinal canal in 3D, meshed with tetrahedra and solved with NGSolve: nothing is shared with the 2.5D solver but
the outlines and conductivities of the cross-section. Half of the width and half of the length are meshed (x and z
from 0 up); the contact lies on the midline at z = 0.

The current leaves uniformly through the side of the contact's cylinder, an inner surface of the mesh. Nothing is
subtracted from the potential. Far heights are compressed: the mesh is made in a coordinate t with z = t + a t^3, and
the elements are stretched afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import netgen.occ as occ
import ngsolve as ng
import numpy as np
from numpy.typing import NDArray

from scs_models.conductor import CrossSection

Array = NDArray[np.float64]

LENGTH_MM = 90.0
MESHED_MM = 30.0
STRETCH_PER_MM2 = (LENGTH_MM - MESHED_MM) / MESHED_MM**3
CURVE_ORDER = 4
OUTLINE_POINTS = 161
CONTACT = "contact"
# Largest element edges in mm (in the coordinate t) by curve, for a mesh of size 1.
EDGES_MM = {"grey": 0.9, "cord": 0.9, "dura_inner": 1.2, "dura_outer": 1.2, "canal": 1.5, "bone": 5.0, "outer": 15.0}
CONTACT_EDGE_MM = 0.35


@dataclass(frozen=True, slots=True)
class Contact:
    """A cylinder along z at (0, y_mm), centred at z = 0, uniform current through its side."""

    y_mm: float
    length_mm: float = 3.0
    radius_mm: float = 0.65


@dataclass(frozen=True, slots=True)
class Discs:
    """Where the ring of bone is disc instead: between the heights of `spans_mm` (z >= 0), within `half_angle_rad` of
    the ventral midline (pi: the whole ring).
    """

    spans_mm: tuple[tuple[float, float], ...]
    half_angle_rad: float


@dataclass(frozen=True, slots=True)
class Solution:
    """Potentials (P, Z) in mV per mA with the cost of getting them."""

    potential_mv_per_ma: Array
    unknowns: int
    iterations: int


def slowest_decay_per_mm(section: CrossSection) -> float:
    """Return k of the mode exp(-k z) that reaches furthest: the lowest eigenvalue of the plane problem, here from
    triangles of order 4 and ten steps of inverse iteration.
    """
    faces, inner = [], None
    for curve in section.curves:
        face = _half_face(section, curve.name)
        ring = face if inner is None else face - inner
        inner = face
        ring.faces.name = curve.tissue
        faces.append(ring)
    shape = occ.Glue(faces)
    radius = section.outer_radius_mm
    for edge in shape.edges:
        middle = edge.center
        edge.name = "ground" if np.hypot(middle.x, middle.y) > 0.5 * radius and middle.x > 1e-3 else "inner"
    mesh = ng.Mesh(occ.OCCGeometry(shape, dim=2).GenerateMesh(maxh=5.0))
    mesh.Curve(CURVE_ORDER)
    sigma = conductivities(section)
    across, along = (mesh.MaterialCF({name: pair[i] for name, pair in sigma.items()}) for i in range(2))
    space = ng.H1(mesh, order=4, dirichlet="ground")
    u, v = space.TnT()
    stiffness = ng.BilinearForm(across * ng.grad(u) * ng.grad(v) * ng.dx).Assemble()
    mass = ng.BilinearForm(along * u * v * ng.dx).Assemble()
    inverse = stiffness.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky")
    mode = ng.GridFunction(space)
    mode.Set(1.0)
    square = 0.0
    for _ in range(10):
        mode.vec.data = inverse * (mass.mat * mode.vec)
        energy = ng.InnerProduct(stiffness.mat * mode.vec, mode.vec)
        square = energy / ng.InnerProduct(mass.mat * mode.vec, mode.vec)
        mode.vec.data = (1.0 / np.sqrt(energy)) * mode.vec
    return float(np.sqrt(square))


def meshed_height_mm(z_mm: Array | float) -> Array:
    """Return t of heights z (any shape), the inverse of z = t + a t^3, by Newton steps from above."""
    z = np.asarray(z_mm, dtype=np.float64)
    t = z.copy()
    for _ in range(60):
        t = t - (t + STRETCH_PER_MM2 * t**3 - z) / (1.0 + 3.0 * STRETCH_PER_MM2 * t**2)
    return t


def make_mesh(section: CrossSection, contact: Contact, size: float = 1.0, discs: Discs | None = None) -> ng.Mesh:
    """Return the curved and stretched mesh; materials are tissues, `disc` and `contact` (fat inside the contact)."""
    solids, inner = [], None
    for curve in section.curves:
        face = _half_face(section, curve.name)
        ring = face if inner is None else face - inner
        inner = face
        solid = ring.Extrude(MESHED_MM * occ.Vec(0, 0, 1))
        parts = _with_discs(solid, discs) if curve.tissue == "bone" and discs else {curve.tissue: solid}
        for tissue, part in parts.items():
            part.mat(tissue)
            part.maxh = EDGES_MM[curve.name] * size
        solids.append(parts)
    top = float(meshed_height_mm(0.5 * contact.length_mm))
    side = occ.Box(occ.Pnt(0, -100, 0), occ.Pnt(100, 100, 100))
    whole = occ.Cylinder(occ.Pnt(0, contact.y_mm, -1.0), occ.Vec(0, 0, 1), contact.radius_mm, 1.0 + top)
    cylinder = whole * side
    cylinder.maxh = CONTACT_EDGE_MM * size
    for parts in solids:
        if "fat" in parts:
            parts["fat"] = parts["fat"] - cylinder
            parts["fat"].mat("fat")
    cylinder.mat(CONTACT)
    shape = occ.Glue([part for parts in solids for part in parts.values()] + [cylinder])
    for face in shape.faces:
        face.name = _face_name(face, contact, top, section.outer_radius_mm)
    made = occ.OCCGeometry(shape).GenerateMesh(
        maxh=EDGES_MM["outer"] * size, grading=0.35, curvaturesafety=1.0, segmentsperedge=0.5
    )
    mesh = ng.Mesh(made)
    mesh.Curve(CURVE_ORDER)
    stretch = ng.GridFunction(ng.VectorH1(mesh, order=3))
    stretch.Set(ng.CF((0.0, 0.0, STRETCH_PER_MM2 * ng.z**3)))
    mesh.SetDeformation(stretch)
    return mesh


def conductivities(section: CrossSection, disc_s_per_m: float | None = None) -> dict[str, tuple[float, float]]:
    """Return material -> (across, along z) S/m; the disc is bone unless `disc_s_per_m` is given."""
    table = {curve.tissue: (curve.sigma_t_s_per_m, curve.sigma_z_s_per_m) for curve in section.curves}
    disc = table["bone"] if disc_s_per_m is None else (disc_s_per_m, disc_s_per_m)
    return table | {CONTACT: table["fat"], "disc": disc}


def solve(
    mesh: ng.Mesh,
    contact: Contact,
    sigma_s_per_m: Mapping[str, tuple[float, float]],
    points_xy_mm: Array,
    z_mm: Array,
    order: int,
    end_decay_per_mm: float,
) -> Solution:
    """Return the potential of +1 mA at points (P, 2) with x >= 0 and heights (Z,) from 0 up, elements of `order`.

    end_decay_per_mm: decay of the mode that the end lets out.
    """
    across = mesh.MaterialCF({name: pair[0] for name, pair in sigma_s_per_m.items()})
    along = mesh.MaterialCF({name: pair[1] for name, pair in sigma_s_per_m.items()})
    sigma = ng.CF((across, 0, 0, 0, across, 0, 0, 0, along), dims=(3, 3))
    # a small coarse problem of the vertices alone keeps the memory low
    space = ng.H1(mesh, order=order, dirichlet="ground", wb_withedges=False)
    u, v = space.TnT()
    form = ng.BilinearForm(space, symmetric=True, condense=True)
    form += (sigma * ng.grad(u)) * ng.grad(v) * ng.dx(bonus_intorder=2)
    form += end_decay_per_mm * ng.BoundaryFromVolumeCF(along) * u * v * ng.ds("end", bonus_intorder=2)
    load = ng.LinearForm(space)
    area_mm2 = 2.0 * np.pi * contact.radius_mm * contact.length_mm
    load += 1.0 / area_mm2 * v * ng.ds(CONTACT, bonus_intorder=2)
    preconditioner = ng.Preconditioner(form, "bddc")
    potential = ng.GridFunction(space)
    with ng.TaskManager():
        form.Assemble()
        load.Assemble()
        load.vec.data += form.harmonic_extension_trans * load.vec
        inverse = ng.CGSolver(form.mat, preconditioner.mat, maxiter=2000, tol=1e-10)
        potential.vec.data = inverse * load.vec
        potential.vec.data += form.harmonic_extension * potential.vec
        potential.vec.data += form.inner_solve * load.vec
    if inverse.iterations >= 2000:
        raise RuntimeError("conjugate gradients did not converge in 2000 steps")
    # a point on the mirror plane is looked up a hair inside
    x = np.repeat(np.maximum(points_xy_mm[:, 0], 1e-9), len(z_mm))
    y = np.repeat(points_xy_mm[:, 1], len(z_mm))
    at = mesh(x, y, np.tile(meshed_height_mm(z_mm), len(points_xy_mm)))
    values = 1000.0 * np.asarray(potential(at)).reshape(len(points_xy_mm), len(z_mm))
    return Solution(values, int(space.ndof), int(inverse.iterations))


def second_difference_mv_per_ma(potential_mv_per_ma: Array, step: int) -> Array:
    """Return second differences (P, Z - step) over `step` places of a field that is even in z, given from z = 0 up."""
    even = np.concatenate([potential_mv_per_ma[:, step:0:-1], potential_mv_per_ma], axis=1)
    return np.asarray(even[:, 2 * step :] - 2.0 * even[:, step:-step] + even[:, : -2 * step])


def _half_face(section: CrossSection, name: str) -> occ.Face:
    """Return the half x >= 0 of what lies inside a curve."""
    points = section.curve_xy_mm(name, np.linspace(-0.5 * np.pi, 0.5 * np.pi, OUTLINE_POINTS))
    points[[0, -1], 0] = 0.0
    corners = [occ.Pnt(float(x), float(y), 0.0) for x, y in points]
    return occ.Face(occ.Wire([occ.SplineInterpolation(corners), occ.Segment(corners[-1], corners[0])]))


def _with_discs(bone: occ.Solid, discs: Discs) -> dict[str, occ.Solid]:
    """Return the ring of bone cut into bone and disc."""
    reach, turn = 200.0, np.linspace(-0.5 * np.pi, discs.half_angle_rad - 0.5 * np.pi, 9)
    corners = [occ.Pnt(0, 0, 0), *(occ.Pnt(reach * float(np.cos(a)), reach * float(np.sin(a)), 0) for a in turn)]
    edges = [occ.Segment(a, b) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)]
    wedge = occ.Face(occ.Wire(edges))
    disc = None
    for low, high in discs.spans_mm:
        bottom, top = (float(t) for t in meshed_height_mm(np.array([low, min(high, LENGTH_MM)])))
        part = wedge.Extrude((top - bottom) * occ.Vec(0, 0, 1)).Move(occ.Vec(0, 0, bottom))
        disc = part if disc is None else disc + part
    return {"bone": bone - disc, "disc": bone * disc}


def _face_name(face: occ.Face, contact: Contact, top_mm: float, outer_radius_mm: float) -> str:
    """Return `contact`, `ground`, `end` or `inner` by where a face lies."""
    low, high = face.bounding_box
    if high.z - low.z < 1e-5:
        return "end" if low.z > MESHED_MM - 1e-3 else "inner"
    if high.x < 1e-5:
        return "inner"
    if high.z < top_mm + 1e-3 and low.y > contact.y_mm - contact.radius_mm - 1e-3 and high.x < contact.radius_mm + 1e-3:
        return CONTACT
    return "ground" if high.x > outer_radius_mm - 1e-2 or low.y < 1e-2 - outer_radius_mm else "inner"
