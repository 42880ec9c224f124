"""The pain map in numbers: scores of regions, free polygons, and both together."""

from __future__ import annotations

import numpy as np
import pytest

from scs_models.percept.body_map import load_body_map
from scs_sim.answers import pain_field
from scs_sim.patient import PainMap, PainPolygon

REGION = "left_low_back"


def around(region_id):
    body = load_body_map()
    region = body.regions[body.index(region_id)]
    points = np.concatenate(region.polygons)
    (x0, y0), (x1, y1) = points.min(axis=0) - 1.0, points.max(axis=0) + 1.0
    return region.view, ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def test_a_polygon_round_a_region_makes_all_of_it_painful_on_its_view_only():
    body = load_body_map()
    view, points = around(REGION)
    pain = pain_field(PainMap({}, (PainPolygon(view, 6.0, points),)))
    at = body.index(REGION)
    assert pain.painful[at] == pytest.approx(1.0)
    assert pain.score[at] == 6.0
    other = np.array([region.view != view for region in body.regions])
    assert pain.painful[other].max() == 0.0


def test_where_polygon_and_score_overlap_the_higher_score_counts():
    view, points = around(REGION)
    at = load_body_map().index(REGION)
    for scored, drawn in ((8.0, 3.0), (3.0, 8.0)):
        pain = pain_field(PainMap({REGION: scored}, (PainPolygon(view, drawn, points),)))
        assert pain.painful[at] == 1.0
        assert pain.score[at] == 8.0


def test_half_a_region_drawn_is_half_painful():
    view, points = around(REGION)
    middle = (points[0][0] + points[1][0]) / 2.0
    half = (points[0], (middle, points[1][1]), (middle, points[2][1]), points[3])
    other = (points[1], points[2], (middle, points[2][1]), (middle, points[1][1]))
    at = load_body_map().index(REGION)
    shares = [pain_field(PainMap({}, (PainPolygon(view, 5.0, part),))).painful[at] for part in (half, other)]
    assert min(shares) > 0.05
    assert sum(shares) == pytest.approx(1.0, abs=0.02)


def test_a_patch_on_a_scored_region_raises_the_score_by_its_share():
    view, points = around(REGION)
    middle = (points[0][1] + points[2][1]) / 2.0
    upper = (points[0], points[1], (points[1][0], middle), (points[0][0], middle))
    at = load_body_map().index(REGION)
    share = pain_field(PainMap({}, (PainPolygon(view, 8.0, upper),))).painful[at]
    assert 0.3 < share < 0.7
    pain = pain_field(PainMap({REGION: 4.0}, (PainPolygon(view, 8.0, upper),)))
    assert pain.painful[at] == 1.0
    assert pain.score[at] == pytest.approx(4.0 + 4.0 * share)


@pytest.mark.parametrize("corner", [(-60.0, -60.0), (2000.0, 300.0), (300.0, 2000.0), (-60.0, 500.0)])
def test_a_patch_beside_the_drawing_makes_nothing_painful(corner):
    x, y = corner
    pain = pain_field(PainMap({}, (PainPolygon("front", 6.0, ((x, y), (x + 50.0, y), (x + 50.0, y + 50.0))),)))
    assert pain.painful.max() == 0.0


def test_a_patch_far_larger_than_the_drawing_makes_its_view_painful_all_over():
    pain = pain_field(PainMap({}, (PainPolygon("back", 6.0, ((-9e3, -9e3), (9e3, -9e3), (9e3, 9e3), (-9e3, 9e3))),)))
    back = np.array([region.view == "back" for region in load_body_map().regions])
    assert pain.painful[back].min() == 1.0
    assert pain.painful[~back].max() == 0.0
