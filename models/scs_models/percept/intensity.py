"""How strong paresthesia is felt in a dermatome: from the number of recruited fibres to an intensity between 0 and 1.

Dorsal column and dorsal root fibres are counted apart and never added here; the columns of every array are sided
dermatomes, 2 * dermatome + (0 left, 1 right). All values are assumed (populations.toml says why).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from scs_models.anatomy import dermatome_names
from scs_models.tables import read_table
from scs_models.values import BoolArray, FloatArray, read_only


@dataclass(frozen=True, slots=True)
class IntensityRule:
    """Felt from `felt_fibres` of N; I = (N - offset) / (N - offset + half); drawn from `shown_from`."""

    felt_fibres: float
    offset_fibres: float
    half_fibres: float
    shown_from: float


@cache
def intensity_rule() -> IntensityRule:
    """Return the rule of populations.toml."""
    table = read_table("populations")
    row = table["intensity"]
    return IntensityRule(
        felt_fibres=float(table["felt"]["fibres"]),
        offset_fibres=float(row["offset"]),
        half_fibres=float(row["half"]),
        shown_from=float(row["shown_from"]),
    )


def felt(fibres: ArrayLike, rule: IntensityRule) -> BoolArray:
    """Return where enough fibres are recruited to be felt: fibres (..., sided dermatomes) -> same shape, bool."""
    return np.asarray(np.asarray(fibres, dtype=np.float64) >= rule.felt_fibres, dtype=np.bool_)


def intensity(fibres: ArrayLike, rule: IntensityRule) -> FloatArray:
    """Return the intensity in [0, 1) of each count: fibres (..., sided dermatomes) -> same shape; 0 where not felt.

    It starts at 1 / (1 + half) with the third fibre, is 1/2 at offset + half fibres, and saturates. Source: DESIGN.
    """
    count = np.asarray(fibres, dtype=np.float64)
    above = np.maximum(count - rule.offset_fibres, 0.0)
    return np.where(felt(count, rule), above / (above + rule.half_fibres), 0.0)


def shown(intensity_of: ArrayLike, rule: IntensityRule) -> FloatArray:
    """Return the intensities that a body map shows: those below `shown_from` become 0; any shape."""
    value = np.asarray(intensity_of, dtype=np.float64)
    return np.where(value >= rule.shown_from, value, 0.0)


@cache
def low_back_share() -> FloatArray:
    """Return the share of each sided dermatome's dorsal column fibres that serve the low back, (56,): dorsal rami."""
    row = read_table("populations")["dorsal_rami"]
    share = [float(row["share"]) if name in row["segments"] else 1.0 for name in dermatome_names()]
    return read_only(np.repeat(np.array(share, dtype=np.float64), 2))
