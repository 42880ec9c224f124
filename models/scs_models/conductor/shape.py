"""The one-dimensional cubic Lagrange basis on the Gauss-Lobatto points of [0, 1]."""

from __future__ import annotations

import numpy as np

from scs_models.values import FloatArray, read_only

NODES: FloatArray = read_only(np.array([0.0, 0.5 - 0.5 / np.sqrt(5.0), 0.5 + 0.5 / np.sqrt(5.0), 1.0]))


def shape_1d(points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return values and slopes, each (..., 4), of the four basis functions at `points` (...) in [0, 1]."""
    x = np.asarray(points, dtype=np.float64)[..., None]
    values, slopes = [], []
    for i in range(4):
        others = [j for j in range(4) if j != i]
        scale = 1.0 / np.prod(NODES[i] - NODES[others])
        a, b, c = (x[..., 0] - NODES[j] for j in others)
        values.append(scale * a * b * c)
        slopes.append(scale * (a * b + a * c + b * c))
    return np.stack(values, axis=-1), np.stack(slopes, axis=-1)
