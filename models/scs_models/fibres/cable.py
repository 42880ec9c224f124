"""The passive part of the MRG double cable, condensed onto the nodes of Ranvier.

Between two nodes nothing depends on voltage: ten compartments with an intracellular and a periaxonal unknown each are
a constant linear system. Its twenty modes are found once per fibre; the node currents then need the slow ten as
running sums and the fast ten (below half a microsecond) as a conductance and a capacitance.
Units: conductance uS, capacitance pF, time us, potential mV, current nA.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import eigh

from scs_models.fibres.geometry import COMPARTMENTS_PER_INTERNODE, FibreGeometry
from scs_models.fibres.membrane import node_membrane
from scs_models.tables import read_table
from scs_models.values import FloatArray, read_only

FAST_US = 1.0
"""Modes quicker than this follow the nodes at once; the gap in the spectrum lies between 0.4 and 30 us."""


@dataclass(frozen=True, slots=True, eq=False)
class Internode:
    """One internode between two nodes held at given potentials, in modes; even modes first, slow ones first in each.

    `rate` (20,) 1/us; `reach` (20,) coupling of a mode to the left node; `sign` (20,) +1 for even modes, -1 for odd;
    `drive` (20, 12) input of a mode per mV outside at node, ten compartments, next node; `axial_us` conductance from a
    node to its neighbour; `slow` (20,) bool; node area values: `capacitance_pf`, `area_factor` (S/cm2 -> uS).
    """

    rate: FloatArray
    reach: FloatArray
    sign: FloatArray
    slow: FloatArray
    drive: FloatArray
    axial_us: float
    capacitance_pf: float
    area_factor: float


@lru_cache(maxsize=64)
def internode(shape: FibreGeometry) -> Internode:
    """Return the condensed internode of a fibre. Source: MRG02 (circuit), own arithmetic (modes)."""
    row = read_table("fibres")["passive"]
    axon, node, outer = shape.axon_diameter_um, shape.node_diameter_um, shape.diameter_um
    length = np.array(
        [shape.mysa_length_um, shape.flut_um] + [shape.stin_um] * 6 + [shape.flut_um, shape.mysa_length_um]
    )
    core = np.array([node] + [axon] * 8 + [node])
    gap = np.array([shape.gap_mysa_um] + [shape.gap_internode_um] * 8 + [shape.gap_mysa_um])
    leak = np.array(
        [row["mysa_conductance_s_per_cm2"]]
        + [row["internode_conductance_s_per_cm2"]] * 8
        + [row["mysa_conductance_s_per_cm2"]]
    )
    inner_area = np.pi * core * length * 1e-2
    outer_area = np.pi * outer * length * 1e-2 / (2.0 * shape.lamellae)
    g_membrane, c_membrane = leak * inner_area, row["membrane_capacitance_uf_per_cm2"] * inner_area
    g_myelin = row["myelin_conductance_s_per_cm2"] * outer_area
    c_myelin = row["myelin_capacitance_uf_per_cm2"] * outer_area
    resistivity = float(row["resistivity_ohm_cm"])
    inside = _links(resistivity, length, _disc(core), shape.node_length_um, _disc(np.array(node)))
    sleeve = _links(
        resistivity,
        length,
        _disc(core + 2.0 * gap) - _disc(core),
        shape.node_length_um,
        _disc(np.array(node + 2.0 * shape.gap_mysa_um)) - _disc(np.array(node)),
    )
    across, stored = np.diag(g_membrane), np.diag(c_membrane)
    stiffness = np.block([[_chain(inside) + across, -across], [-across, _chain(sleeve) + across + np.diag(g_myelin)]])
    mass = np.block([[stored, -stored], [-stored, stored + np.diag(c_myelin)]])
    even, odd = _mirrored_modes(stiffness, mass, 1.0), _mirrored_modes(stiffness, mass, -1.0)
    rate, vectors = np.concatenate((even[0], odd[0])), np.hstack((even[1], odd[1]))
    sign = np.repeat([1.0, -1.0], 10)
    drive = vectors.T @ np.vstack([_gather(inside), _gather(sleeve)])
    area_factor = np.pi * node * shape.node_length_um * 1e-2
    return Internode(
        rate=read_only(rate),
        reach=read_only(inside[0] * vectors[0]),
        sign=read_only(sign),
        slow=read_only((rate * FAST_US < 1.0).astype(np.float64)),
        drive=read_only(drive),
        axial_us=float(inside[0]),
        capacitance_pf=node_membrane().capacitance_uf_per_cm2 * area_factor,
        area_factor=area_factor,
    )


@dataclass(frozen=True, slots=True, eq=False)
class StepCoefficients:
    """How the condensed cable moves by one time step; see `step_coefficients`.

    For the slow modes of one parity, `history` is the sum of weight * y with y <- decay * y + s, s the sum (even) or
    difference (odd) of the two node potentials. `direct` and `previous` (even, odd) act on s at the new and old time.
    """

    decay: tuple[FloatArray, FloatArray]
    weight: tuple[FloatArray, FloatArray]
    direct: tuple[float, float]
    previous: tuple[float, float]


def step_coefficients(parts: Internode, time_step_us: float, scheme: str) -> StepCoefficients:
    """Return the coefficients of one step of `time_step_us` for "backward-euler" or "exponential".

    "exponential" is exact for node potentials that run straight within a step (second order).
    """
    decay, weight, direct, previous = [], [], [], []
    h = time_step_us
    for parity in (1.0, -1.0):
        chosen = parts.sign == parity
        slow, fast = chosen & (parts.slow > 0.0), chosen & (parts.slow == 0.0)
        rate, reach = parts.rate[slow], parts.reach[slow]
        alpha, old, new = mode_step(rate, h, scheme)
        decay.append(read_only(alpha))
        weight.append(read_only(reach**2 * (alpha * new + old)))
        quick, grip = parts.rate[fast], parts.reach[fast] ** 2
        delay = float(np.sum(grip / quick**2)) / h
        direct.append(float(np.sum(reach**2 * new)) + float(np.sum(grip / quick)) - delay)
        previous.append(delay)
    return StepCoefficients(
        (decay[0], decay[1]), (weight[0], weight[1]), (direct[0], direct[1]), (previous[0], previous[1])
    )


def mode_step(rate: FloatArray, h: float, scheme: str) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (alpha, old, new): a mode z' = -rate z + u goes to alpha z + old u(t) + new u(t + h).

    `rate` in 1/us, `h` in us.
    """
    if scheme == "backward-euler":
        alpha = 1.0 / (1.0 + rate * h)
        return alpha, np.zeros_like(rate), h * alpha
    a = rate * h
    alpha = np.exp(-a)
    once = -np.expm1(-a) / rate
    new = (1.0 - once / h) / rate
    small = a < 1e-3
    new = np.where(small, h * (0.5 - a / 6.0), new)
    return alpha, once - new, new


def drive_modes(parts: Internode, compartments_mv: FloatArray) -> FloatArray:
    """Return how the potentials outside drive the nodes: (11, batch, nodes) nA per mV of `compartments_mv`.

    `compartments_mv` is (batch, (nodes - 1) * 11 + 1). Row 0 acts at once; row k follows slow mode k - 1's response.
    """
    batch, count = compartments_mv.shape
    internodes = (count - 1) // COMPARTMENTS_PER_INTERNODE
    window = np.arange(internodes)[:, None] * COMPARTMENTS_PER_INTERNODE + np.arange(COMPARTMENTS_PER_INTERNODE + 1)
    outside = compartments_mv[:, window]
    forces = outside @ parts.drive.T
    scaled = forces * parts.reach
    slow = np.flatnonzero(parts.slow > 0.0)
    fast = np.flatnonzero(parts.slow == 0.0)
    result = np.zeros((1 + slow.size, batch, internodes + 1))
    to_left = scaled[:, :, fast] / parts.rate[fast]
    to_right = to_left * parts.sign[fast]
    result[0, :, :-1] += to_left.sum(axis=2) + parts.axial_us * (outside[:, :, 1] - outside[:, :, 0])
    result[0, :, 1:] += to_right.sum(axis=2) + parts.axial_us * (outside[:, :, -2] - outside[:, :, -1])
    for row, mode in enumerate(slow, start=1):
        result[row, :, :-1] += scaled[:, :, mode]
        result[row, :, 1:] += scaled[:, :, mode] * parts.sign[mode]
    return result


def _mirrored_modes(stiffness: FloatArray, mass: FloatArray, sign: float) -> tuple[FloatArray, FloatArray]:
    """Return rates (10,) and vectors (20, 10) of the modes even (+1) or odd (-1) about the internode's middle."""
    half = np.zeros((20, 10))
    for block in (0, 1):
        index = np.arange(5)
        half[block * 10 + index, block * 5 + index] = np.sqrt(0.5)
        half[block * 10 + 9 - index, block * 5 + index] = sign * np.sqrt(0.5)
    rate, vectors = eigh(half.T @ stiffness @ half, half.T @ mass @ half)
    return rate, half @ vectors


def _disc(diameter: FloatArray) -> FloatArray:
    return np.asarray(np.pi / 4.0 * diameter**2)


def _links(
    resistivity_ohm_cm: float, length: FloatArray, area: FloatArray, node_length: float, node_area: FloatArray
) -> FloatArray:
    """Return the 11 conductances (uS) from node to node through ten compartments (um, um2), half of each in series."""
    half = np.concatenate(([node_length / float(node_area)], length / area, [node_length / float(node_area)]))
    return np.asarray(100.0 / (resistivity_ohm_cm * 0.5 * (half[:-1] + half[1:])))


def _chain(links: FloatArray) -> FloatArray:
    return np.diag(links[:-1] + links[1:]) - np.diag(links[1:-1], 1) - np.diag(links[1:-1], -1)


def _gather(links: FloatArray) -> FloatArray:
    """Return (10, 12): axial current into each compartment per mV outside at node, compartments, next node."""
    rows = np.zeros((10, 12))
    index = np.arange(10)
    rows[index, index] = links[:-1]
    rows[index, index + 1] = -(links[:-1] + links[1:])
    rows[index, index + 2] = links[1:]
    return rows
