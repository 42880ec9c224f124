"""Speech: from regions and strengths to a patient's own words, which are those of patient_words.toml.

Which sentence is said is drawn from a generator that the caller gives, so that it is reproducible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.tables import read_table
from scs_models.values import FloatArray

_NUMBERS = ("nothing", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

_PLAIN = {"left": "in my left ", "right": "in my right ", "both": "in my "}


@dataclass(frozen=True, slots=True)
class BodyPart:
    """A part of the body that people have one word for; `both` is what they call both of them."""

    word: str
    both: str
    regions: frozenset[str]


@cache
def body_parts() -> tuple[BodyPart, ...]:
    """Return the body parts of patient_words.toml; together they hold every region of the body map once."""
    rows: Sequence[Mapping[str, object]] = read_table("patient_words", "scs_sim")["parts"]
    return tuple(BodyPart(str(row["word"]), str(row["both"]), frozenset(row["regions"])) for row in rows)  # type: ignore[call-overload]


@cache
def _part_of_region() -> tuple[int, ...]:
    """Return the place in `body_parts` of every region of the body map."""
    places = {region: place for place, part in enumerate(body_parts()) for region in part.regions}
    return tuple(places[region.part] for region in load_body_map().regions)


def say(roll: np.random.Generator, topic: str, **words: str) -> str:
    """Return one of the sentences of a topic with {words} filled in; {Words} stand at the beginning of a sentence."""
    sentences: Sequence[str] = read_table("patient_words", "scs_sim")[topic]
    capital = {name.capitalize(): value[:1].upper() + value[1:] for name, value in words.items()}
    return sentences[int(roll.integers(len(sentences)))].format(**words, **capital)


def sensation(roll: np.random.Generator) -> str:
    """Return what it feels like to this patient."""
    known: Sequence[str] = read_table("patient_words", "scs_sim")["sensations"]
    return known[int(roll.integers(len(known)))]


def points_in_words(points: float) -> str:
    """Return a strength on the scale of 0 to 10 as people say it."""
    return _NUMBERS[int(np.clip(round(points), 0, 10))]


def where_in_words(strength: FloatArray, count: int) -> tuple[str, tuple[str, ...]]:
    """Return where it is felt, "in my left calf and the back of my left thigh", and the ids of the regions named.

    strength (regions,): how strongly each region is felt, weighted as the patient weighs it; the `count` strongest
    body parts are named, "" and () for none.
    """
    regions, place = load_body_map().regions, _part_of_region()
    weight: dict[tuple[int, str], float] = {}
    for index in np.flatnonzero(strength > 0.0):
        key = place[index], regions[index].side
        weight[key] = max(weight.get(key, 0.0), float(strength[index]))
    strongest = sorted(weight, key=lambda key: (-weight[key], key))[:count]
    plain: dict[str, list[str]] = {}
    spoken: list[str] = []
    for part, side in strongest:
        sides = {other for known, other in strongest if known == part}
        own = side if len(sides) == 1 else "both"
        phrase = _with_my(body_parts()[part], own)
        if not phrase.startswith(_PLAIN[own]):
            spoken.append(phrase)
            continue
        if own not in plain:
            spoken.append(own)
        words = plain.setdefault(own, [])
        words += [word for word in (phrase.removeprefix(_PLAIN[own]),) if word not in words]
    chunks = tuple(_PLAIN[item] + _listed(tuple(plain[item])) if item in plain else item for item in spoken)
    named = tuple(
        region.id
        for index, region in enumerate(regions)
        if strength[index] > 0.0 and (place[index], region.side) in strongest
    )
    return _listed(tuple(dict.fromkeys(chunks))), named


def muscle_in_words(sided_dermatome: str) -> str:
    """Return what twitches when the ventral root "left L5" fires."""
    side, name = sided_dermatome.split()
    if name.startswith("C") or name == "T1":
        return f"{side} arm"
    if name.startswith("T"):
        return "belly" if name in ("T10", "T11", "T12") else "chest"
    return f"{side} {'foot' if name.startswith('S') else 'leg'}"


def _with_my(part: BodyPart, side: str) -> str:
    if side == "both":
        return f"in the {part.both}" if part.both.startswith(("front", "back")) else f"in my {part.both}"
    head, _, tail = part.word.partition(" of the ")
    if tail and tail in ("thigh",):
        return f"in the {head} of my {side} {tail}"
    if tail:
        return f"in the {side} {head} of my {tail}"
    return f"in my {side} {part.word}" if part.word != "low back" else f"on the {side} of my low back"


def _listed(words: tuple[str, ...]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
