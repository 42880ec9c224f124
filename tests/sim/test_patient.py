"""Patient and pain map: bounds, and values that cannot be changed from outside."""

from __future__ import annotations

import dataclasses
import math

import pytest

from scs_models.errors import InvalidValueError
from scs_sim.patient import InjuredRoot, PainMap, PainPolygon, Patient


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("dorsal_csf_factor", 0.4, 1.8), ("cord_offset_mm", -2.5, 2.5), ("segment_shift", -1.0, 1.0), ("gain", 0.2, 5.0)],
)
def test_anatomy_outside_what_people_have_is_refused(name: str, low: float, high: float) -> None:
    for value in (low, high):
        assert getattr(Patient(**{name: value}), name) == value
    for value in (low - 0.01, high + 0.01, math.nan, math.inf):
        with pytest.raises(InvalidValueError, match=name):
            Patient(**{name: value})


def test_injured_roots_are_checked() -> None:
    root = InjuredRoot("L5", "right", 0.5)
    assert Patient(injured_roots=(root,)).injured_roots == (root,)
    with pytest.raises(InvalidValueError, match="right L5 root stands twice"):
        Patient(injured_roots=(root, InjuredRoot("L5", "right", 0.2)))
    for bad in (("L6", "left", 0.5), ("L5", "middle", 0.5), ("L5", "left", 1.5)):
        with pytest.raises(InvalidValueError):
            InjuredRoot(*bad)


def test_pain_scores_run_from_0_to_10_and_stay_as_they_are() -> None:
    scores = {"left_low_back": 7.0}
    pain = PainMap(scores)
    scores["left_low_back"] = 0.0
    assert pain.scores["left_low_back"] == 7.0
    assert not pain.is_empty
    with pytest.raises(TypeError):
        pain.scores["left_low_back"] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        pain.scores = {}
    for bad in (-1.0, 10.5, math.nan):
        with pytest.raises(InvalidValueError, match=r"scores\.left_low_back"):
            PainMap({"left_low_back": bad})


def test_polygon_needs_three_points_and_counts_as_pain() -> None:
    corner = (0.0, 0.0)
    with pytest.raises(InvalidValueError, match="3 points or more"):
        PainPolygon("back", 5.0, (corner, corner))
    assert not PainMap(polygons=(PainPolygon("back", 5.0, (corner,) * 3),)).is_empty
    assert PainMap(polygons=(PainPolygon("back", 0.0, (corner,) * 3),)).is_empty
