"""The figures of an objective in words and with their units; an objective as a commented TOML file to edit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from scs_sim.case_file import toml_value
from scs_sim.objective import FIGURES, LESS_IS_BETTER, ROOM, Objective


@dataclass(frozen=True, slots=True)
class FigureWords:
    """How one figure is called, in full and at the head of a column, what it measures, and how it compares.

    unit, and decimals shown; told_from: the smallest difference worth a word, in that unit; best: what the best program
    is called; better and worse: what a change of it is.
    """

    title: str
    short: str
    unit: str
    decimals: int
    told_from: float
    best: str
    better: str
    worse: str
    meaning: str


ROOM_WORDS: dict[str, str] = {
    "headroom_high_percent": "room up to which headroom_percent counts",
    "headroom_low_percent": "room that a program should have at least",
    "missing_headroom_percent": "points for each percent that is missing up to there",
}
"""What an objective says of the room up to discomfort besides its weight."""
FIGURE_WORDS: dict[str, FigureWords] = {
    "pain_covered_by_score_percent": FigureWords(
        "pain covered, by score",
        "covered",
        "%",
        0,
        1.0,
        "most covered",
        "more of the pain covered",
        "less of the pain covered",
        "share of the pain that is felt, each painful area weighed by its score",
    ),
    "worst_region_percent": FigureWords(
        "worst region",
        "worst",
        "%",
        0,
        2.0,
        "best worst region",
        "the worst region felt more",
        "the worst region felt less",
        "felt share of the painful region that is covered least",
    ),
    "unwanted_of_felt_percent": FigureWords(
        "unwanted, of what is felt",
        "unwanted",
        "%",
        0,
        2.0,
        "least unwanted",
        "less unwanted paresthesia",
        "more unwanted paresthesia",
        "share of what is felt that lies outside the pain",
    ),
    "headroom_percent": FigureWords(
        "room up to discomfort",
        "room",
        "%",
        0,
        2.0,
        "most room",
        "more room up to discomfort",
        "less room up to discomfort",
        "how far discomfort lies above the amplitude, up to headroom_high_percent",
    ),
    "charge_density_uc_per_cm2": FigureWords(
        "charge density",
        "density",
        "uC/cm2",
        1,
        1.0,
        "least density",
        "a lower charge density",
        "a higher charge density",
        "charge density per phase of the worst contact, uC/cm2",
    ),
    "average_current_ua": FigureWords(
        "average current",
        "current",
        "uA",
        0,
        3.0,
        "least current",
        "less current",
        "more current",
        "average current, uA: what the battery gives",
    ),
    "robust_covered_percent": FigureWords(
        "covered at worst when something moves",
        "moved",
        "%",
        0,
        1.0,
        "most robust",
        "more robust",
        "less robust",
        "least pain covered, by score, in other postures and with migrated leads",
    ),
    "active_contacts_count": FigureWords(
        "active contacts", "active", "", 0, 1.0, "fewest contacts", "fewer contacts", "more contacts", "contacts in use"
    ),
}


def figure_text(name: str, value: float | None) -> str:
    """Return one figure with its unit; "-" where it was not looked at, "out of reach" where it is infinite."""
    words = FIGURE_WORDS[name]
    if value is None or math.isnan(value):
        return "-"
    if math.isinf(value):
        return "out of reach"
    return f"{value:.{words.decimals}f} {words.unit}".rstrip()


def objective_toml(objective: Objective) -> str:
    """Return the text of a .toml file that reads back as `objective`, with a comment at every figure."""
    return "\n".join(_lines(objective)) + "\n"


def _lines(objective: Objective) -> Iterator[str]:
    yield "# An objective for scs-sim: what a good program is, in points. Use it: scs-sim search CASE --objective FILE"
    yield "# A weight is points per unit of its figure; 0 leaves the figure out. Where less of a figure is better, its"
    yield "# weight is 0 or below; the others are 0 or above."
    yield f"format = {toml_value(Objective.FORMAT)}"
    yield f"version = {Objective.VERSION}"
    yield f"name = {toml_value(objective.name)}"
    yield f"title = {toml_value(objective.title)}"
    for name in FIGURES:
        less = "; less is better" if name in LESS_IS_BETTER else ""
        yield f"{name} = {toml_value(objective.weight(name))}  # {FIGURE_WORDS[name].meaning}{less}"
    for name in ROOM:
        yield f"{name} = {toml_value(float(getattr(objective, name)))}  # {ROOM_WORDS[name]}"
