"""Judges the conductor's numerics: convergence rate, current conservation, reciprocity, mirror symmetry, k, sectors.

The section is the T9 stack of the thoracic canal with its grey butterfly; the direct solution is compared with SciPy's.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from scs_models.conductor import CrossSection, potential_mv_per_ma
from scs_models.conductor.currents import interface_currents
from scs_models.conductor.dissection import factorise
from scs_models.conductor.elements import element_matrices
from scs_models.conductor.mesh import Resolution, make_mesh
from scs_models.conductor.solve import make_probe, probe_k, solve_k, spectral_range, spectrum, synthesise
from scs_models.conductor.sources import make_system
from scs_models.conductor.transform import wavenumbers_per_mm
from scs_models.errors import InvalidValueError

Array = NDArray[np.float64]
COARSE = Resolution(finest_rad=0.11, coarsest_rad=0.2, height_mm=1.4, growth=0.5, stretch=0.4)


def _t9(**changes: object) -> CrossSection:
    tissues = {
        "white_matter": (0.083, 0.6),
        "grey_matter": 0.23,
        "csf": 1.7,
        "dura": 0.03,
        "fat": 0.04,
        "bone": 0.04,
        "bulk": 0.25,
    }
    sizes: dict[str, object] = {
        "cord_half_width_mm": 4.15,
        "cord_half_depth_mm": 3.0,
        "sac_half_width_mm": 7.0,
        "dorsal_csf_mm": 4.1,
        "ventral_csf_mm": 2.0,
        "dura_mm": 0.3,
        "fat_dorsal_mm": 2.0,
        "fat_ventral_mm": 0.6,
        "fat_lateral_mm": 2.0,
        "bone_lateral_mm": 6.0,
        "bone_dorsal_mm": 6.0,
        "bone_ventral_mm": 20.0,
        "outer_radius_mm": 60.0,
        "tissues": tissues,
    }
    return CrossSection.from_dimensions(**(sizes | changes))


def test_the_elements_converge_at_fourth_order() -> None:
    """A smooth solution of the homogeneous equation on the curved grid of the T9 section; cubic elements: order 4."""
    outline = _t9()
    curves = [(c.name, c.theta_rad, c.radius_mm, 0.083, 0.6) for c in outline.curves[:-2]]
    section = CrossSection.from_curves(curves, 12.0)
    k = 0.3
    wave = k * np.sqrt(0.6 / 0.083) * np.array([np.cos(0.7), np.sin(0.7)])
    turn = np.random.default_rng(5).uniform(0.0, 2.0 * np.pi, 4000)
    points = (
        11.9 * np.sqrt(np.random.default_rng(6).uniform(size=4000))[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1)
    )
    errors, sizes = [], []
    for factor in (1.0, 1.5, 2.0, 3.0):
        mesh = make_mesh(section, Resolution(0.14, 0.14, 1.2, 0.2, 2, 0.0).refined(factor))
        nodes = mesh.node_xy()
        outer = np.exp(nodes[-1] @ wave - 8.0)[:, None]
        solved = factorise(mesh, element_matrices(mesh).at(k)).solve(np.zeros((*nodes.shape[:2], 1)), outer)
        probe = make_probe(mesh, points)
        got = np.einsum("pn,pn->p", probe.basis, solved[probe.row, probe.column, 0])
        errors.append(np.sqrt(np.mean((got - np.exp(points @ wave - 8.0)) ** 2)))
        sizes.append(1.0 / np.sqrt(mesh.unknowns))
    rate = np.polyfit(np.log(sizes), np.log(errors), 1)[0]
    assert rate == pytest.approx(4.0, abs=0.5), (rate, errors)


def test_the_factorisation_agrees_with_a_general_sparse_solver() -> None:
    mesh = make_mesh(_t9(), COARSE)
    assert mesh.sectors % 2 == 0
    elements = element_matrices(mesh).at(0.4)
    layer, sector = np.indices((mesh.layers, mesh.sectors))
    row, column = mesh.element_nodes(layer, sector)
    number = np.where(row == 0, 0, 1 + (row - 1) * mesh.columns + column)
    i = np.broadcast_to(number[..., :, None], elements.shape).ravel()
    j = np.broadcast_to(number[..., None, :], elements.shape).ravel()
    kept = (i < mesh.unknowns) & (j < mesh.unknowns)
    size = (mesh.unknowns, mesh.unknowns)
    matrix = coo_array((elements.ravel()[kept], (i[kept], j[kept])), shape=size).tocsc()
    load = np.zeros((mesh.rows, mesh.columns, 2))
    load[1:-1] = np.random.default_rng(3).normal(size=(mesh.rows - 2, mesh.columns, 2))
    load[0, 0] = 0.7
    flat = np.concatenate([load[0, :1], load[1:-1].reshape(-1, 2)])
    want = spsolve(matrix, flat)
    got = factorise(mesh, elements).solve(load)
    found = np.concatenate([got[0, :1], got[1:-1].reshape(-1, 2)])
    assert np.abs(found - want).max() < 1e-9 * np.abs(want).max()


@pytest.mark.parametrize("k_per_mm", [0.0, 0.05, 1.0])
def test_current_is_conserved_through_every_interface(k_per_mm: float) -> None:
    """Consistent flux through each of the seven curves, for contacts in the fat, the CSF and the white matter."""
    section = _t9()
    sources = np.array([section.epidural_xy_mm(0.0, 0.75), section.epidural_xy_mm(3.0, 0.75), (0.5, 5.0), (0.0, 2.0)])
    system = make_system(make_mesh(section, Resolution()), sources, 0.5)
    currents = interface_currents(system, k_per_mm)
    assert currents.through.shape == (7, 4)
    assert np.abs(currents.through + currents.along - currents.enclosed).max() < 1e-8
    assert np.array_equal(currents.enclosed[:, 0], [0, 0, 0, 0, 1, 1, 1])
    if k_per_mm == 0.0:
        assert np.abs(currents.through - currents.enclosed).max() < 1e-8


def test_source_and_point_may_be_exchanged() -> None:
    section = _t9()
    z = np.array([0.0, 1.0, 4.0, 15.0])
    lead, fibre = section.epidural_xy_mm(1.5, 0.75), (0.8, 2.7)
    there = potential_mv_per_ma(section, lead, 0.0, np.array([fibre]), z, 0.0)
    back = potential_mv_per_ma(section, fibre, 0.0, np.array([lead]), z, 0.0)
    assert np.abs(there - back).max() < 2e-5 * there.max()


def test_left_mirrors_right() -> None:
    section = _t9()
    assert section.is_symmetric()
    assert section.mirrored().is_symmetric()
    x, y = section.epidural_xy_mm(2.0, 0.75)
    points, z, flip = np.array([[0.4, 2.9], [2.0, 2.0], [-4.5, 1.0]]), np.arange(0.0, 21.0), np.array([-1.0, 1.0])
    right = potential_mv_per_ma(section, (x, y), 3.0, points, z)
    left = potential_mv_per_ma(section, (-x, y), 3.0, points * flip, z)
    assert np.abs(right - left).max() < 1e-9 * right.max()


def _second_differences(section: CrossSection, mesh_of: Resolution, step: float, k_max: float | None) -> Array:
    source = np.array([section.epidural_xy_mm(0.0, 0.75)])
    points = np.array([[0.0, 2.97], [0.0, 2.4], [2.0, 2.5], [2.7, 2.0], [5.5, 1.0]])
    system = make_system(make_mesh(section, mesh_of, source), source, 0.65)
    probe = make_probe(system.mesh, points)
    k0, chosen = spectral_range(system, probe, points)
    k = wavenumbers_per_mm(k_max or chosen, k0, step)
    z = np.arange(-1.0, 61.0)
    field = synthesise(system, probe, points, spectrum(system, probe, k), k, k0, 3.0, z)[0]
    return np.diff(field, 2, axis=-1)


def test_wavenumbers_are_converged() -> None:
    """Twice as many wavenumbers, and a larger cut-off, change second differences by less than 5e-5 of their peak."""
    section = _t9()
    base = _second_differences(section, COARSE, 0.2, None)
    peak = np.abs(base).max(axis=1, keepdims=True)
    assert np.abs((_second_differences(section, COARSE, 0.1, None) - base) / peak).max() < 5e-5
    assert np.abs((_second_differences(section, COARSE, 0.2, 7.0) - base) / peak).max() < 5e-5


@pytest.mark.slow
def test_the_working_grids_are_converged() -> None:
    """Kernel and public grids against one with several times their unknowns: 3e-4 on second differences."""
    section = _t9()
    fine = _second_differences(section, Resolution(0.035, 0.07, 0.5, 0.25, 2, 0.8), 0.2, None)
    peak = np.abs(fine).max(axis=1, keepdims=True)
    from scs_models.conductor.kernels import KERNEL_RESOLUTION
    from scs_models.conductor.solve import PUBLIC_RESOLUTION

    for resolution in (KERNEL_RESOLUTION, PUBLIC_RESOLUTION):
        assert np.abs((_second_differences(section, resolution, 0.2, None) - fine) / peak).max() < 3e-4


def test_a_source_across_an_interface_is_the_limit_of_sources_beside_it() -> None:
    """A ring across dura and fat (plain load) lies between rings of the same size inwards and outwards of it."""
    mesh, points = make_mesh(_t9(), COARSE), np.array([[0.0, 2.5], [1.5, 2.0]])
    system = make_system(mesh, np.array([(0.0, 8.3), (0.0, 7.5), (0.0, 6.5)]), 0.3)
    assert sorted(group.primary is None for group in system.groups) == [False, False, True]
    field = probe_k(system, make_probe(mesh, points), solve_k(system, 0.3), 0.3)
    assert np.all(np.diff(field, axis=0) > 0.0)


def test_a_sector_of_another_tissue_acts_like_that_tissue() -> None:
    """A sector of the same tissue changes nothing; a conducting gap in the lamina lowers the field below the lead."""
    section = _t9()
    mesh_args = (np.array([[0.0, 8.15]]), 0.65)
    points = np.array([[0.0, 2.9], [1.5, 2.0]])

    def solved(of: CrossSection) -> Array:
        system = make_system(make_mesh(of, Resolution()), *mesh_args)
        return probe_k(system, make_probe(system.mesh, points), solve_k(system, 0.2), 0.2)[0]

    plain = solved(section)
    same = section.with_sector("bone", 1.2, np.pi - 1.2, "bone", 0.04)
    gap = section.with_sector("bone", 1.2, np.pi - 1.2, "scar", 0.15)
    assert same.content_key() != section.content_key()
    assert np.abs(solved(same) - plain).max() < 1e-5 * plain.max()
    assert np.all(solved(gap) < 0.995 * plain)
    system = make_system(make_mesh(gap, Resolution()), *mesh_args)
    with pytest.raises(InvalidValueError, match="sectors"):
        interface_currents(system, 0.0)
