"""What every peer is asked: thresholds of the same fibres in the same fields, for the same pulses, in one JSON file.

A question holds `step_us`, `tail_us` (the run after the last edge), `quiet_mv` (a run may end earlier, when all inner
nodes are below this; not given where it may not), `tolerance` (relative width of the last bracket), `climb` (factor of
the first bracket) and `fibres`. A fibre has `diameter_um`, `geometry`, `nodes`, its `pulses` (name
of the waveform, pulse width, phases as [level, us]), `fields_mv_per_ma` (fields, compartments), `names` of those that
are judged (the first ones; the rest fill up a batch) and `start_ma` (pulses, judged fields), where a search begins.
An answer holds `version`, `setup_s` and `groups`, one for each pulse of each fibre: `threshold_ma` (judged fields),
`cpu_s` and `runs` per threshold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scs_models import anatomy
from scs_models.conductor import kernels
from scs_models.fibres import predictor
from scs_models.fibres.canal_fields import (
    COLUMN_POINTS,
    CONTACT_LENGTH_MM,
    CONTACT_RADIUS_MM,
    PATH_POINTS,
    RUN_MM,
    CanalTable,
)
from scs_models.fibres.fields import ends_matter
from scs_models.fibres.geometry import (
    COMPARTMENTS_PER_INTERNODE,
    compartment_positions_mm,
    fibre,
    internode_length_mm,
    odd_node_count,
)
from scs_models.fibres.population import points_xy_mm
from scs_models.fibres.root_path import path_lengths, transverse_path_xy_mm
from scs_models.fibres.roots import root_run
from scs_models.fibres.stepper import QUIET_BELOW_MV, TAIL_US
from scs_models.fibres.waveforms import named_waveform
from scs_models.values import FloatArray

SEED = 50_217
LEVEL, CLEARANCE_MM = "T10", 0.75  # the predictor was fitted in sections of T9 and T11
LATERAL_MM = (0.0, 2.5)  # where the lead lies: the midline, and over the entry of the roots
FRACTIONS, DEPTHS_MM = np.linspace(-0.8, 0.8, 5), np.array([0.03, 0.1, 0.2, 0.3, 0.6, 0.9])
CABLE_MM = 64.0
SIGMA_S_PER_M = 0.3
FORAMEN_MM = 25.0
DRAWS = 100
BIPOLE = ((0.0, -1.0), (7.0, 1.0))  # height mm, share of the current
GUARDED = ((-7.0, 0.5), (0.0, -1.0), (7.0, 0.5))


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked: fibre diameters, pulses (waveform, width), and the fields of a batch."""

    diameters_um: tuple[float, ...]
    pulses: tuple[tuple[str, float], ...]
    batch_count: int
    geometry: str = "interpolation"


FULL = Size((7.1, 12.8), (("monophasic", 210.0), ("biphasic", 60.0), ("recharge", 300.0)), 64)
QUICK = Size((12.8,), (("biphasic", 210.0), ("recharge", 60.0)), 8)


def discrete(size: Size) -> Size:
    """Return the same for the published table of geometries, at those of the diameters that it holds."""
    known = tuple(diameter for diameter in size.diameters_um if diameter in (5.7, 8.7, 12.8))
    return replace(size, diameters_um=known, geometry="discrete")


@dataclass(frozen=True, slots=True, eq=False)
class Canal:
    """One section of the canal with its contacts at LATERAL_MM; see CanalTable."""

    table: CanalTable

    def column(self, along_mm: FloatArray, fraction: int, depth: int, lead: int, contacts: Any) -> FloatArray:
        """Return mV per mA (points,) on a dorsal column fibre: indices of FRACTIONS, DEPTHS_MM and LATERAL_MM."""
        point = fraction * DEPTHS_MM.size + depth
        return np.asarray(sum(share * self.table.column(point, along_mm, lead, z) for z, share in contacts))

    def root(self, along_mm: FloatArray, foramen_mm: float, lead: int, contacts: Any) -> FloatArray:
        """Return mV per mA (points,) on a root that enters at z = 0, arc 0, and leaves `foramen_mm` further down."""
        lengths = path_lengths(self.table.section, "dorsal", self.table.half_width_mm)
        run = root_run(0.0, -foramen_mm, lengths, caudal_mm=RUN_MM)
        along = along_mm + max(0.0, float(run.arc_mm[0] + 0.1 - along_mm[0]))
        return np.asarray(sum(share * self.table.root(run, along, lead, z) for z, share in contacts))


def canal() -> Canal:
    """Return the solved section: COLUMN_POINTS places in the columns, then the path of the right dorsal root."""
    section = anatomy.section_for(LEVEL)
    half_width = anatomy.column_half_width_mm(LEVEL)
    fraction, depth = (axis.ravel() for axis in np.meshgrid(FRACTIONS, DEPTHS_MM, indexing="ij"))
    columns = points_xy_mm(section, fraction, depth, half_width)
    assert len(columns) == COLUMN_POINTS
    grid = kernels.z_grid_mm()
    potential = kernels.build(
        section,
        source_xy_mm=np.array([section.epidural_xy_mm(x, CLEARANCE_MM) for x in LATERAL_MM]),
        points_xy_mm=np.vstack((columns, transverse_path_xy_mm(section, "dorsal", PATH_POINTS, half_width)[1])),
        contact_length_mm=CONTACT_LENGTH_MM,
        contact_radius_mm=CONTACT_RADIUS_MM,
        z_mm=grid,
    )
    return Canal(CanalTable(LEVEL, section, half_width, potential.astype(np.float64), grid))


def named_fields(tissue: Canal, along_mm: FloatArray) -> dict[str, FloatArray]:
    """Return the judged fields (points,) mV per mA by name; `along_mm` is 0 at a node under the cathode."""
    near = -1000.0 / (4.0 * np.pi * SIGMA_S_PER_M * np.hypot(3.0, along_mm))
    return {
        "column near the midline, bipole": tissue.column(along_mm, 2, 1, 0, BIPOLE),
        "deep column at the side, guarded cathode": tissue.column(along_mm + 0.3, 4, 4, 0, GUARDED),
        "root, bipole over the midline": tissue.root(along_mm + 0.2, FORAMEN_MM, 0, BIPOLE),
        "root, guarded cathode above it": tissue.root(along_mm, FORAMEN_MM, 1, GUARDED),
        "point source at 3 mm": near,
    }


def batch_field(tissue: Canal, along_mm: FloatArray, pitch_mm: float, rng: np.random.Generator) -> FloatArray:
    """Return one random field (points,) of a batch: columns and roots, both leads, both programs, any node phase."""
    along, lead = along_mm + rng.uniform(-0.5, 0.5) * pitch_mm, int(rng.integers(len(LATERAL_MM)))
    contacts = (BIPOLE, GUARDED)[int(rng.integers(2))]
    if rng.random() < 0.5:
        return tissue.root(along, float(rng.uniform(5.0, 50.0)), lead, contacts)
    return tissue.column(along, int(rng.integers(FRACTIONS.size)), int(rng.integers(DEPTHS_MM.size)), lead, contacts)


def fields_of(tissue: Canal, diameter_um: float, size: Size) -> tuple[tuple[str, ...], FloatArray]:
    """Return the judged names and all fields (size.batch_count, compartments) of one diameter.

    A field that drives the cut ends of the cable is drawn again; a judged one must not.
    """
    rng = np.random.default_rng((SEED, round(1000 * diameter_um)))
    nodes = odd_node_count(diameter_um, CABLE_MM, size.geometry)
    along = compartment_positions_mm(fibre(diameter_um, size.geometry), nodes)
    along = along - along[(nodes // 2) * COMPARTMENTS_PER_INTERNODE]
    judged = named_fields(tissue, along)
    for name, row in judged.items():
        if ends_matter(row[::COMPARTMENTS_PER_INTERNODE]):
            raise SystemExit(f"{name}, {diameter_um:g} um: the field reaches the ends of the cable")
    pitch = internode_length_mm(diameter_um, size.geometry)
    drawn = (batch_field(tissue, along, pitch, rng) for _ in range(DRAWS * size.batch_count))
    usable = (row for row in drawn if not ends_matter(row[::COMPARTMENTS_PER_INTERNODE]))
    rest = [next(usable) for _ in range(size.batch_count - len(judged))]
    return tuple(judged), np.array([*judged.values(), *rest])


def question(size: Size, step_us: float, tolerance: float, tissue: Canal) -> dict[str, Any]:
    """Return the question of a size; searches begin where the predictor expects the threshold, for every peer alike."""
    rows = []
    for diameter in size.diameters_um:
        names, fields = fields_of(tissue, diameter, size)
        at_nodes = fields[: len(names), ::COMPARTMENTS_PER_INTERNODE]
        rows.append(
            {
                "diameter_um": diameter,
                "geometry": size.geometry,
                "nodes": at_nodes.shape[1],
                "names": names,
                "pulses": [
                    {"waveform": name, "pulse_width_us": width, "phases": named_waveform(name).levels(width)}
                    for name, width in size.pulses
                ],
                "fields_mv_per_ma": fields.tolist(),
                "start_ma": [
                    predictor.threshold_ma(at_nodes, diameter, width, name).tolist() for name, width in size.pulses
                ],
            }
        )
    return {
        "step_us": step_us,
        "tail_us": TAIL_US,
        "quiet_mv": QUIET_BELOW_MV,
        "tolerance": tolerance,
        "climb": 1.15,
        "fibres": rows,
    }
