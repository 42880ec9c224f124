"""Coverage: what of the pain the paresthesia reaches, and what it reaches besides. Pure functions on arrays.

All arrays have a leading program axis where they depend on the program; regions are the regions of the body map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.values import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class PainField:
    """The pain map in numbers: per region its area, the share of it that hurts, and the score 0-10 of that share."""

    area: FloatArray
    painful: FloatArray
    score: FloatArray
    side: IntArray

    @property
    def hurts(self) -> BoolArray:
        """Return which regions hurt at all, (regions,)."""
        return np.asarray((self.painful > 0.0) & (self.score > 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class CoverageFigures:
    """The coverage of some programs; percents 0-100, (programs,); worst_region is an index of the regions.

    unwanted_* are nan where nothing is felt; left and right are shares of the felt area.
    """

    by_area: FloatArray
    by_score: FloatArray
    worst_region: IntArray
    worst: FloatArray
    unwanted_of_felt: FloatArray
    unwanted_of_painful: FloatArray
    left: FloatArray
    right: FloatArray
    root_share: FloatArray


def figures(pain: PainField, felt: FloatArray, felt_column: FloatArray) -> CoverageFigures:
    """Return the figures for felt shares (programs, regions) in [0, 1]; felt_column: by the dorsal column alone.

    Area: sum of area x painful x felt over sum of area x painful (clinical.md section 3, North 2006 names it); by score
    each painful area counts with its score. Inside a region, pain and paresthesia are taken as independent.
    """
    painful = pain.area * pain.painful * pain.hurts
    scored = painful * pain.score
    felt_area = felt @ pain.area
    unwanted = felt @ (pain.area - painful)
    with np.errstate(invalid="ignore", divide="ignore"):
        worst = np.where(pain.hurts[None, :], felt, np.inf)
        worst_region = np.argmin(worst, axis=1)
        return CoverageFigures(
            by_area=100.0 * (felt @ painful) / painful.sum(),
            by_score=100.0 * (felt @ scored) / scored.sum(),
            worst_region=worst_region,
            worst=100.0 * np.take_along_axis(worst, worst_region[:, None], axis=1)[:, 0],
            unwanted_of_felt=100.0 * unwanted / felt_area,
            unwanted_of_painful=100.0 * unwanted / painful.sum(),
            left=100.0 * (felt @ (pain.area * (pain.side == -1))) / felt_area,
            right=100.0 * (felt @ (pain.area * (pain.side == 1))) / felt_area,
            root_share=100.0 * (felt_area - felt_column @ pain.area) / felt_area,
        )
