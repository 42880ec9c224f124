"""The figures of an objective in words and with their units, wherever search shows them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scs_sim.objective import Objective
from scs_sim.search.result import Point


@dataclass(frozen=True, slots=True)
class FigureWords:
    """How one figure is called, in full and at the head of a column, its unit, and what a change of it means.

    told_from: the smallest difference worth a word; digits: decimals shown.
    """

    title: str
    short: str
    unit: str
    digits: int
    told_from: float
    better: str
    worse: str


FIGURE_WORDS: dict[str, FigureWords] = {
    "pain_covered_by_score_percent": FigureWords(
        "pain covered, by score", "covered", "%", 0, 1.0, "more of the pain covered", "less of the pain covered"
    ),
    "worst_region_percent": FigureWords(
        "worst region", "worst", "%", 0, 2.0, "its least covered region felt more", "its least covered region felt less"
    ),
    "unwanted_of_felt_percent": FigureWords(
        "unwanted, of what is felt", "unwanted", "%", 0, 2.0, "less unwanted paresthesia", "more unwanted paresthesia"
    ),
    "headroom_percent": FigureWords(
        "room up to discomfort", "room", "%", 0, 2.0, "more room up to discomfort", "less room up to discomfort"
    ),
    "charge_density_uc_per_cm2": FigureWords(
        "charge density", "density", "uC/cm2", 1, 1.0, "a lower charge density", "a higher charge density"
    ),
    "average_current_ua": FigureWords("average current", "current", "uA", 0, 3.0, "less current", "more current"),
    "robust_covered_percent": FigureWords(
        "covered at worst when something moves", "moved", "%", 0, 1.0, "more robust", "less robust"
    ),
    "active_contacts_count": FigureWords("active contacts", "contacts", "", 0, 1.0, "fewer contacts", "more contacts"),
}


def figure_text(name: str, value: float | None) -> str:
    """Return one figure with its unit; "-" where it was not found, "out of reach" where it is infinite."""
    words = FIGURE_WORDS[name]
    if value is None or math.isnan(value):
        return "-"
    if math.isinf(value):
        return "out of reach"
    return f"{value:.{words.digits}f} {words.unit}".rstrip()


def points_by_figure(point: Point, objective: Objective) -> dict[str, float]:
    """Return the points that each figure with a weight gives; they add up to the score."""
    return {
        name: float(objective.score({name: value})) for name, value in point.figures if objective.weight(name) != 0.0
    }
