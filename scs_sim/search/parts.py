"""Body parts that hurt: the regions of the body map put together, for sentences that a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scs_models.percept.body_map import load_body_map
from scs_sim.result import RegionCoverage, Result

# The first word that stands in a region's id names its part, alone and on both sides.
_PARTS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("low_back", "lumbar"), "low back", "low back on both sides"),
    (("upper_back", "middle_back"), "upper back", "upper back on both sides"),
    (("foot", "sole", "toe", "heel", "ankle"), "foot", "both feet"),
    (("thigh", "knee", "calf", "lower_leg"), "leg", "both legs"),
    (("buttock",), "buttock", "both buttocks"),
    (("hip",), "hip", "both hips"),
    (("groin", "pubic", "perineum"), "groin", "groin on both sides"),
    (("flank", "abdomen"), "abdomen", "abdomen on both sides"),
    (("chest",), "chest", "chest on both sides"),
    (("neck",), "neck", "neck on both sides"),
    (("forearm", "arm", "elbow"), "arm", "both arms"),
    (("shoulder",), "shoulder", "both shoulders"),
    (("wrist", "palm", "hand"), "hand", "both hands"),
    (("forehead", "face", "jaw", "crown", "occiput"), "head", "head on both sides"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One painful body part: its name, region ids, the felt share of its painful area, and its weight.

    weight is the painful area (mm2) times the pain score.
    """

    title: str
    region_ids: tuple[str, ...]
    felt_percent: float
    weight: float


def painful(result: Result) -> tuple[RegionCoverage, ...]:
    """Return the regions that hurt."""
    return tuple(region for region in result.regions if region.pain_score > 0.0 and region.painful_percent > 0.0)


def weight_of(region: RegionCoverage) -> float:
    """Return the painful area of a region (mm2) times its pain score, as coverage by score weighs it."""
    body = load_body_map()
    area_mm2 = body.regions[body.region_ids.index(region.id)].area_mm2
    return area_mm2 * 0.01 * region.painful_percent * region.pain_score


def parts_of(result: Result, alike_percent: float) -> tuple[Part, ...]:
    """Return the painful body parts, heaviest first.

    Left and right are one part where both hurt and both are felt over at least alike_percent of their painful area, or
    both are not.
    """
    sided: dict[tuple[str, str, str], list[RegionCoverage]] = {}
    for region in painful(result):
        alone, both = _names_of(region.id)
        sided.setdefault((alone, both, region.id.split("_", 1)[0]), []).append(region)
    found = []
    for (alone, both, side), regions in sided.items():
        other = sided.get((alone, both, "right" if side == "left" else "left"))
        part = _part(f"{side} {alone}", regions)
        if other is None or (part.felt_percent >= alike_percent) != (_part("", other).felt_percent >= alike_percent):
            found.append(part)
        elif side == "left":
            found.append(_part(both, [*regions, *other]))
    return tuple(sorted(found, key=lambda part: (-part.weight, part.title)))


def _names_of(region_id: str) -> tuple[str, str]:
    for words, alone, both in _PARTS:
        if any(word in region_id for word in words):
            return alone, both
    raise AssertionError(f"{region_id} belongs to no body part")


def _part(title: str, regions: Sequence[RegionCoverage]) -> Part:
    weights = [weight_of(region) for region in regions]
    felt = sum(weight * region.felt_percent for weight, region in zip(weights, regions, strict=True))
    return Part(title, tuple(region.id for region in regions), felt / sum(weights), sum(weights))
