"""From intensity per dermatome to the share of each body region in which paresthesia is felt.

Weights come from the drawn areas (body_map) and, for four back regions, from the dorsal rami (dermatomes.toml). A row
of weights sums to at most 1: it says how a region is divided among dermatomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.percept.body_map import BodyMap, load_body_map
from scs_models.percept.dermatomes import COLUMNS, DERMATOMES, column, rami_weights, root_exclusions
from scs_models.values import FloatArray, read_only

SHOWN = 0.05
"""An intensity below this is not drawn and not counted (design value, assumed)."""


@dataclass(frozen=True, slots=True, eq=False)
class RegionWeights:
    """How intensities of 56 dermatome columns fill R regions; each array (R, 56), values and row sums in [0, 1].

    cutaneous and rami serve dorsal column percepts (a region has a row in one of the two), root the dorsal root ones.
    """

    cutaneous: FloatArray
    rami: FloatArray
    root: FloatArray

    def __post_init__(self) -> None:
        for name in ("cutaneous", "rami", "root"):
            weights = getattr(self, name)
            if weights.shape != self.cutaneous.shape or weights.shape[1] != len(COLUMNS):
                raise InvalidValueError(
                    f"{name} has shape {weights.shape}; all three must be (regions, {len(COLUMNS)})"
                )
            if weights.min() < 0.0 or weights.sum(axis=1).max() > 1.0 + 1e-9:
                raise InvalidValueError(f"{name} must lie in [0, 1] with row sums of at most 1")


@dataclass(frozen=True, slots=True, eq=False)
class FeltShare:
    """Share of each region in which paresthesia is felt, (..., R) in [0, 1]: dorsal column, dorsal root, both."""

    dc: FloatArray
    dr: FloatArray
    total: FloatArray


def shown(intensity: FloatArray) -> FloatArray:
    """Return intensities (..., 56) with those below SHOWN set to 0."""
    return np.where(intensity >= SHOWN, intensity, 0.0)


def felt_share(
    extent_dc: FloatArray, extent_rami: FloatArray, extent_dr: FloatArray, weights: RegionWeights
) -> FeltShare:
    """Return the felt share of every region: the sum over its dermatomes of weight x extent.

    A row of weights divides a region into parts, so that a region whose dermatomes are all felt is fully felt (a
    product over dermatomes of 1 - weight x extent would stop at about 70 % where three share a region). Dorsal column
    and root add as independent: 1 - (1 - column)(1 - root).
    extent_dc, extent_rami, extent_dr: (..., 56) in [0, 1], dorsal column fibres of the skin, those of the dorsal rami
    (the caller has lowered their count), dorsal root fibres; leading axes (program) are kept. Given intensities
    instead, it returns the mean intensity over the region. Grows with every argument. Raises InvalidValueError where
    the last axis is not 56. Source DESIGN.
    """
    parts = (("extent_dc", extent_dc), ("extent_rami", extent_rami), ("extent_dr", extent_dr))
    for name, extent in parts:
        if extent.shape[-1] != len(COLUMNS):
            raise InvalidValueError(f"{name} has shape {extent.shape}; its last axis must be {len(COLUMNS)}")
    skin, rami, root = (shown(extent) for _, extent in parts)
    dc = skin @ weights.cutaneous.T + rami @ weights.rami.T
    dr = root @ weights.root.T
    return FeltShare(dc=read_only(dc), dr=read_only(dr), total=read_only(1.0 - (1.0 - dc) * (1.0 - dr)))


def region_weights(body_map: BodyMap) -> RegionWeights:
    """Return the weights of a body map's regions with the rules of dermatomes.toml."""
    rami, excluded = rami_weights(), root_exclusions()
    shape = (len(body_map.regions), len(COLUMNS))
    cutaneous, ramus, root = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for row, region in enumerate(body_map.regions):
        for place, name in enumerate(DERMATOMES):
            share = body_map.shares[row, place]
            at = column(name, region.side)
            if region.part in rami:
                ramus[row, at] = rami[region.part].get(name, 0.0)
            else:
                cutaneous[row, at] = share
            root[row, at] = 0.0 if (region.part, name) in excluded else share
    return RegionWeights(read_only(cutaneous), read_only(ramus), read_only(root))


@cache
def load_region_weights() -> RegionWeights:
    """Return the weights of the package's own body map, made once."""
    return region_weights(load_body_map())
