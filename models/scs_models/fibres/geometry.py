"""The MRG fibre's shape: lengths and diameters of its compartments from the fibre diameter.

Two geometries: "interpolation" (polynomials, any diameter of their range; the default of the whole product) and
"discrete" (the table of the papers, its own diameters only).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.tables import read_table
from scs_models.values import FloatArray, read_only, require_between, require_one_of

GEOMETRIES = ("interpolation", "discrete")
COMPARTMENTS_PER_INTERNODE = 11
"""Compartments from one node to the next, the node counted once: node, MYSA, FLUT, 6 STIN, FLUT, MYSA."""


@dataclass(frozen=True, slots=True)
class FibreGeometry:
    """Shape of one MRG fibre; all lengths and diameters in um, `lamellae` a count."""

    diameter_um: float
    internode_um: float
    flut_um: float
    axon_diameter_um: float
    node_diameter_um: float
    lamellae: float
    node_length_um: float
    mysa_length_um: float
    gap_mysa_um: float
    gap_internode_um: float

    @property
    def stin_um(self) -> float:
        """Length of one of the six STIN compartments, um."""
        rest = self.internode_um - self.node_length_um - 2.0 * self.mysa_length_um - 2.0 * self.flut_um
        return rest / 6.0


@lru_cache(maxsize=256)
def fibre(diameter_um: float, geometry: str = "interpolation") -> FibreGeometry:
    """Return the shape of a fibre of `diameter_um` (um) in `geometry`.

    Raises InvalidValueError for a diameter outside the polynomials' range or not in the discrete table,
    UnknownNameError for another geometry. Source: MUSSELMAN21 (interpolation), MRG02, MRG04, MRG1UM (discrete).
    """
    require_one_of("geometry", geometry, GEOMETRIES)
    table = read_table("fibres")
    if geometry == "discrete":
        rows = table["discrete"]
        known = rows["diameter_um"]
        if diameter_um not in known:
            names = ", ".join(f"{value:g}" for value in known)
            raise InvalidValueError(f"diameter_um is {diameter_um:g} um; the discrete geometry has only {names} um")
        row = known.index(diameter_um)
        sizes = {
            name: float(rows[name][row])
            for name in ("internode_um", "flut_um", "axon_diameter_um", "node_diameter_um", "lamellae")
        }
    else:
        rows = table["interpolation"]
        require_between("diameter_um", diameter_um, rows["diameter_low_um"], rows["diameter_high_um"], "um")
        small = diameter_um < rows["internode_knot_um"]
        sizes = {
            "internode_um": float(np.polyval(rows["internode_small_um" if small else "internode_um"], diameter_um)),
            **{
                name: float(np.polyval(rows[name], diameter_um))
                for name in ("flut_um", "axon_diameter_um", "node_diameter_um", "lamellae")
            },
        }
    fixed = table["compartments"]
    return FibreGeometry(
        diameter_um=float(diameter_um),
        node_length_um=fixed["node_length_um"],
        mysa_length_um=fixed["mysa_length_um"],
        gap_mysa_um=fixed["gap_mysa_um"],
        gap_internode_um=fixed["gap_internode_um"],
        **sizes,
    )


def internode_length_mm(diameter_um: float, geometry: str = "interpolation") -> float:
    """Return the distance from node to node (mm) of a fibre of `diameter_um` (um); errors as in `fibre`."""
    return fibre(float(diameter_um), geometry).internode_um * 1e-3


@lru_cache(maxsize=256)
def compartment_offsets_mm(shape: FibreGeometry) -> FloatArray:
    """Return the middles of the 11 compartments of one internode, from the node's middle on: (11,) float64, mm."""
    stin = shape.stin_um
    lengths = np.array(
        [shape.node_length_um, shape.mysa_length_um, shape.flut_um] + [stin] * 6 + [shape.flut_um, shape.mysa_length_um]
    )
    ends = np.cumsum(lengths) - 0.5 * shape.node_length_um
    return read_only((ends - 0.5 * lengths) * 1e-3)


def compartment_positions_mm(shape: FibreGeometry, n_nodes: int) -> FloatArray:
    """Return the distance of every compartment's middle from the first node: ((n_nodes - 1) * 11 + 1,) float64, mm."""
    starts = np.arange(n_nodes) * shape.internode_um * 1e-3
    return (starts[:, None] + compartment_offsets_mm(shape)[None, :]).ravel()[
        : (n_nodes - 1) * COMPARTMENTS_PER_INTERNODE + 1
    ]


def odd_node_count(diameter_um: float, length_mm: float, geometry: str = "interpolation") -> int:
    """Return the largest odd number of nodes of a fibre (um) whose first and last are at most `length_mm` apart."""
    internodes = int(length_mm / internode_length_mm(diameter_um, geometry) + 1e-9)
    return internodes // 2 * 2 + 1
