"""The predictor's form: linear functionals of the second difference of node potentials, fitted as one table.

With x_n the second difference at node n and E_rho x = sum_k rho^|k| x_(n-k), a kernel's drive is
F = E_rho x + q2 x + q3 (x_(n-1) + x_(n+1)) / 2, and a fibre's threshold is the least of exp(q0) / max_n F over the
kernels of its waveform: one or two for the pulse itself and one or two of opposite sign for the phase that recovers
its charge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.values import FloatArray

PARAMETERS = ("q0", "logit_rho", "q2", "q3")
DEGREE = 4
WIDTH_LOW_US, WIDTH_HIGH_US = 30.0, 1000.0


@dataclass(frozen=True, slots=True)
class Kernel:
    """One linear functional at one diameter and pulse width; `polarity` -1 acts on the reversed phase."""

    polarity: float
    q0: float
    rho: float
    q2: float
    q3: float


def width_basis(pulse_width_us: float) -> FloatArray:
    """Return (5,) powers 0-4 of ln PW, scaled so that the range of pulse widths is -1 to 1."""
    low, high = np.log(WIDTH_LOW_US), np.log(WIDTH_HIGH_US)
    return np.asarray(((2.0 * np.log(pulse_width_us) - low - high) / (high - low)) ** np.arange(DEGREE + 1))


def second_difference(nodes_mv: FloatArray) -> FloatArray:
    """Return the second difference along the last axis, 0 at both ends, same shape."""
    result = np.zeros_like(nodes_mv, dtype=np.float64)
    result[..., 1:-1] = nodes_mv[..., 2:] - 2.0 * nodes_mv[..., 1:-1] + nodes_mv[..., :-2]
    return result


def smear(x: FloatArray, rho: float) -> FloatArray:
    """Return E_rho x along the last axis: sum over k of rho^|k| x_(n-k), over the nodes present."""
    nodes = np.moveaxis(np.asarray(x, dtype=np.float64), -1, 0)
    ahead, back = nodes.copy(), nodes.copy()
    for node in range(1, len(nodes)):  # two recursions, a node at a time for all fibres
        ahead[node] += rho * ahead[node - 1]
        back[-1 - node] += rho * back[-node]
    return np.asarray(np.moveaxis(ahead + back - nodes, 0, -1))


def neighbours(x: FloatArray) -> FloatArray:
    """Return the mean of both neighbours along the last axis, 0 taken beyond the ends."""
    result = np.zeros_like(x)
    result[..., 1:] += 0.5 * x[..., :-1]
    result[..., :-1] += 0.5 * x[..., 1:]
    return result


def drive(kernel: Kernel, x: FloatArray) -> FloatArray:
    """Return exp(-q0) F of `kernel` at every node for second differences `x` (..., nodes); 1/mA."""
    total = smear(x, kernel.rho) + kernel.q2 * x + kernel.q3 * neighbours(x)
    return np.asarray(kernel.polarity * np.exp(-kernel.q0) * total)


def operator(kernel: Kernel, n_nodes: int) -> FloatArray:
    """Return (n_nodes, n_nodes): `drive` of the second difference, as a matrix on node potentials."""
    by_distance = kernel.rho ** np.arange(n_nodes)
    by_distance[0] += kernel.q2
    by_distance[1:2] += 0.5 * kernel.q3
    both_ways = np.concatenate([by_distance[:0:-1], by_distance]) * (kernel.polarity * np.exp(-kernel.q0))
    weights = np.lib.stride_tricks.sliding_window_view(both_ways, n_nodes)[::-1].copy()
    weights[:, [0, -1]] = 0.0  # the second difference is 0 at both ends
    matrix = -2.0 * weights
    matrix[:, 1:] += weights[:, :-1]
    matrix[:, :-1] += weights[:, 1:]
    return matrix
