"""Fields from the product's own conductor that fit and judge the predictor: contacts over sections of the canal.

Dorsal column fibres run straight along the cord, root fibres on the simulator's own courses around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from scs_models import anatomy
from scs_models.conductor import CrossSection, kernels
from scs_models.fibres.population import points_xy_mm
from scs_models.fibres.root_path import path_fractions, path_lengths, transverse_path_xy_mm
from scs_models.fibres.roots import RootRun, root_run
from scs_models.values import FloatArray, read_only

SOURCES_X_MM = (-4.0, -2.5, -1.0, 0.0, 1.0, 2.5, 4.0)
PATH_POINTS = 48
COLUMN_POINTS = 30
CONTACT_LENGTH_MM, CONTACT_RADIUS_MM = 3.0, 0.65
RUN_MM = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class CanalTable:
    """Potential (sources, points, z) mV per mA of contacts at SOURCES_X_MM and z = 0 in one section.

    The first COLUMN_POINTS points are in the dorsal columns, the next PATH_POINTS on the right dorsal root's path.
    """

    level: str
    section: CrossSection
    half_width_mm: float
    potential: FloatArray
    z_mm: FloatArray

    def column(self, point: int, along_mm: FloatArray, source: int, z_mm: float) -> FloatArray:
        """Return mV per mA (points,) along a straight fibre through column point `point`."""
        return kernels.interpolate_z(self.potential[source, point], self.z_mm, along_mm - z_mm)

    def root(self, run: RootRun, along_mm: FloatArray, source: int, z_mm: float) -> FloatArray:
        """Return mV per mA (points,) at arc lengths `along_mm` of a root's course."""
        height = CubicSpline(run.arc_mm, run.z_mm)(along_mm)
        fraction = np.clip(CubicSpline(run.arc_mm, run.u_fraction)(along_mm), 0.0, 1.0)
        path = self.potential[source, COLUMN_POINTS:]
        values = kernels.interpolate_z(path, self.z_mm, np.asarray(height - z_mm))
        grid = path_fractions(PATH_POINTS)
        spline = CubicSpline(grid, values, axis=0)
        cell = np.clip(np.searchsorted(grid, fraction, side="right") - 1, 0, PATH_POINTS - 2)
        step = fraction - grid[cell]
        columns = np.arange(along_mm.size)
        result = np.zeros(along_mm.size)
        for power in spline.c:
            result = result * step + power[cell, columns]
        return result

    def random_run(self, rng: np.random.Generator) -> RootRun:
        """Return the course of a root that enters near z = 0 and leaves through a foramen 2-70 mm further down."""
        lengths = path_lengths(self.section, "dorsal", self.half_width_mm)
        return root_run(0.0, -rng.uniform(2.0, 70.0), lengths, caudal_mm=RUN_MM)


def canal_table(level: str, dorsal_csf_mm: float | None, clearance_mm: float, rng: np.random.Generator) -> CanalTable:
    """Return the table of one section: level and dorsal CSF (mm) as in `anatomy.section_for`, lead above the dura."""
    section = anatomy.section_for(level, dorsal_csf_mm=dorsal_csf_mm)
    half_width = anatomy.column_half_width_mm(level)
    columns = points_xy_mm(
        section, rng.uniform(-1.0, 1.0, COLUMN_POINTS), rng.uniform(0.03, 0.9, COLUMN_POINTS), half_width
    )
    path = transverse_path_xy_mm(section, "dorsal", PATH_POINTS, half_width)[1]
    sources = np.array([section.epidural_xy_mm(x, clearance_mm) for x in SOURCES_X_MM])
    grid = kernels.z_grid_mm()
    potential = kernels.build(
        section,
        source_xy_mm=sources,
        contact_length_mm=CONTACT_LENGTH_MM,
        contact_radius_mm=CONTACT_RADIUS_MM,
        points_xy_mm=np.concatenate((columns, path)),
        z_mm=grid,
    )
    return CanalTable(level, section, half_width, read_only(potential.astype(np.float64)), grid)
