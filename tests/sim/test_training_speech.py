"""A patient's words: every region has a word, sides are kept, sentences can all be said."""

from __future__ import annotations

import re

import numpy as np
import pytest

from scs_models.percept.body_map import load_body_map
from scs_models.tables import read_table
from scs_sim.training import speech

BODY = load_body_map()


def felt(**strength: float) -> np.ndarray:
    """Return the strength of every region, 0 but for those named."""
    found = np.zeros(len(BODY.regions))
    for region, value in strength.items():
        found[BODY.index(region)] = value
    return found


def test_every_region_belongs_to_one_word() -> None:
    parts = [region for part in speech.body_parts() for region in part.regions]
    assert len(parts) == len(set(parts))
    assert set(parts) == {region.part for region in BODY.regions}


def test_a_region_alone_is_told_with_its_side_and_nothing_else() -> None:
    for region in BODY.region_ids:
        words, named = speech.where_in_words(felt(**{region: 1.0}), 4)
        assert region.partition("_")[0] in words
        assert named == (region,)


@pytest.mark.parametrize(
    ("strength", "words"),
    [
        ({"left_calf_medial": 3.0, "left_foot_dorsum": 2.0, "left_heel_sole": 1.0}, "in my left calf, foot and sole"),
        ({"left_calf_medial": 3.0, "right_calf_lateral": 2.0}, "in my calves"),
        ({"left_calf_medial": 3.0, "right_foot_dorsum": 2.0}, "in my left calf and in my right foot"),
        ({"left_low_back": 3.0}, "on the left of my low back"),
        ({"left_low_back": 3.0, "right_low_back": 3.0}, "in my low back"),
        (
            {"right_thigh_posterior_upper": 3.0, "right_buttock_medial": 1.0},
            "in the back of my right thigh and in my right buttock",
        ),
        ({}, ""),
    ],
)
def test_where_it_is_felt_in_words(strength: dict[str, float], words: str) -> None:
    assert speech.where_in_words(felt(**strength), 4)[0] == words


def test_only_the_strongest_are_named() -> None:
    strength = felt(left_calf_medial=3.0, left_foot_dorsum=2.0, left_groin=1.0)
    words, named = speech.where_in_words(strength, 2)
    assert words == "in my left calf and foot"
    assert set(named) == {"left_calf_medial", "left_foot_dorsum"}


def test_every_sentence_can_be_said_and_leaves_no_brace() -> None:
    table = read_table("patient_words", "scs_sim")
    given = {
        "where": "in my left calf",
        "like": "a humming",
        "points": "three",
        "muscle": "left leg",
        "posture": "supine",
    }
    for topic, sentences in table.items():
        if topic == "parts":
            continue
        said = {speech.say(np.random.default_rng(seed), topic, **given) for seed in range(60)}
        assert len(said) == len(sentences), topic
        assert not any(re.search(r"[{}]|  ", sentence) for sentence in said)


@pytest.mark.parametrize(
    ("root", "muscle"),
    [
        ("left C6", "left arm"),
        ("right L4", "right leg"),
        ("left S1", "left foot"),
        ("left T11", "belly"),
        ("right T5", "chest"),
    ],
)
def test_a_twitch_is_told_by_the_muscle(root: str, muscle: str) -> None:
    assert speech.muscle_in_words(root) == muscle
