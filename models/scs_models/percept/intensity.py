"""How strong paresthesia is felt in a dermatome: from the number of recruited fibres to an intensity between 0 and 1.

Dorsal column and dorsal root fibres are counted apart and never added here; the columns of every array are sided
dermatomes, 2 * dermatome + (0 left, 1 right). All values are assumed (populations.toml says why).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from scs_models.tables import read_table
from scs_models.values import BoolArray, FloatArray, require_between

_HIGHEST = 1.0 - 1e-9


@dataclass(frozen=True, slots=True)
class IntensityRules:
    """Felt from `felt_fibres` of N; I = (N - offset) / (N - offset + half); drawn from `shown_from`.

    whole_fibres: from here on the paresthesia fills its dermatome.

    rami_share: share of a band's dorsal column fibres that come from the dorsal rami and serve the low back.
    """

    felt_fibres: float
    offset_fibres: float
    half_fibres: float
    shown_from: float
    rami_share: float
    whole_fibres: float

    def fibres_for(self, intensity_of: float) -> float:
        """Return the number of fibres at which the intensity reaches `intensity_of` in [0, 1)."""
        require_between("intensity_of", intensity_of, 0.0, _HIGHEST)
        return max(self.felt_fibres, self.offset_fibres + self.half_fibres * intensity_of / (1.0 - intensity_of))


@cache
def intensity_rules() -> IntensityRules:
    """Return the rules of populations.toml."""
    table = read_table("populations")
    row = table["intensity"]
    return IntensityRules(
        felt_fibres=float(table["felt"]["fibres"]),
        offset_fibres=float(row["offset"]),
        half_fibres=float(row["half"]),
        shown_from=float(row["shown_from"]),
        rami_share=float(table["dorsal_rami"]["share"]),
        whole_fibres=float(table["extent"]["whole_fibres"]),
    )


def felt(fibres: ArrayLike, rules: IntensityRules) -> BoolArray:
    """Return where enough fibres are recruited to be felt: fibres (..., sided dermatomes) -> same shape, bool."""
    return np.asarray(np.asarray(fibres, dtype=np.float64) >= rules.felt_fibres, dtype=np.bool_)


def intensity(fibres: ArrayLike, rules: IntensityRules) -> FloatArray:
    """Return the intensity in [0, 1) of each count: fibres (..., sided dermatomes) -> same shape; 0 where not felt.

    It starts at 1 / (1 + half) with the third fibre, is 1/2 at offset + half fibres, and saturates. Source: DESIGN.
    """
    count = np.asarray(fibres, dtype=np.float64)
    above = np.maximum(count - rules.offset_fibres, 0.0)
    return np.where(felt(count, rules), above / (above + rules.half_fibres), 0.0)


def extent(fibres: ArrayLike, rules: IntensityRules) -> FloatArray:
    """Return the share in [0, 1] of a dermatome in which it is felt: fibres (..., sided dermatomes) -> same shape.

    0 where not felt, then (N - offset) / (whole - offset) up to 1: area fills soon, intensity goes on growing.
    Source: DESIGN, after CHANDRASEKARAN20 (area constant while intensity grows).
    """
    count = np.asarray(fibres, dtype=np.float64)
    share = (count - rules.offset_fibres) / (rules.whole_fibres - rules.offset_fibres)
    return np.where(felt(count, rules), np.clip(share, 0.0, 1.0), 0.0)


def shown(intensity_of: ArrayLike, rules: IntensityRules) -> FloatArray:
    """Return the intensities that a body map shows: those below `shown_from` become 0; any shape."""
    value = np.asarray(intensity_of, dtype=np.float64)
    return np.where(value >= rules.shown_from, value, 0.0)
