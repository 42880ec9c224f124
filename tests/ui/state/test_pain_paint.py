"""Painting pain: the saved regions and polygons against the painted pixels, and against the engine's own areas."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from scs_models.errors import InvalidValueError
from scs_models.percept.body_map import load_body_map
from scs_models.percept.dermatomes import VIEWS
from scs_sim.answers import pain_field
from scs_sim.case import builtin_case
from scs_sim.patient import PainMap, PainPolygon
from scs_ui.state.actions import pain as actions
from scs_ui.state.pain_paint import (
    PATCHES_MAX,
    POINTS_MAX,
    brush_patch,
    grid_of,
    painted,
    polygon_patch,
    region_patch,
    score_image,
)
from scs_ui.state.session import session_of

pytest.importorskip("contourpy", reason="of the extra `ui`")

BODY = load_body_map()
EMPTY = PainMap()


def on_body(patch) -> int:
    return int(np.count_nonzero(patch.mask & (grid_of(patch.view).labels > 0)))


def painful_mm2(pain: PainMap) -> float:
    """Return the painful area as the engine counts it."""
    found = pain_field(pain)
    return float(np.sum(found.area * found.painful * found.hurts))


def walk(rng: np.random.Generator, view: str) -> list[tuple[float, float]]:
    grid = grid_of(view)
    rows, columns = np.nonzero(grid.labels)
    at = rng.integers(len(rows))
    x, y, angle = grid.x0 + float(columns[at]), grid.y0 + float(rows[at]), rng.uniform(0, 2 * math.pi)
    points = [(x, y)]
    for _ in range(rng.integers(1, 60)):
        angle += rng.normal(0, 0.3)
        x, y = x + 4 * math.cos(angle), y + 4 * math.sin(angle)
        points.append((x, y))
    return points


def test_the_grid_is_the_body_map_one_pixel_per_unit():
    for view in VIEWS:
        grid = grid_of(view)
        for index, region in enumerate(BODY.regions):
            if region.view == view:
                units2 = region.area_mm2 / BODY.mm_per_unit**2
                counted = np.count_nonzero(grid.labels == index + 1)
                assert counted == pytest.approx(units2, rel=0.05, abs=6), region.id


def test_a_dab_is_a_disc_and_a_straight_stroke_a_stadium():
    """Areas by the closed form; the place is inside the trunk, so nothing is cut off."""
    for width in (10.0, 30.0, 60.0):
        dab = brush_patch("back", [(810.0, 300.0)], width)
        assert on_body(dab) == pytest.approx(math.pi * width**2 / 4, rel=0.02)
        stroke = brush_patch("back", [(770.0, 300.0), (790.0, 300.0), (850.0, 300.0)], width)
        assert on_body(stroke) == pytest.approx(math.pi * width**2 / 4 + 80.0 * width, rel=0.02)


def test_the_engine_counts_what_was_painted():
    """The engine's painful area against the disc's closed form in mm2, polygons and fill of its own in between."""
    pain = painted(EMPTY, brush_patch("back", [(810.0, 300.0)], 60.0), 7.0)
    assert not pain.scores
    assert painful_mm2(pain) == pytest.approx(math.pi * (30.0 * BODY.mm_per_unit) ** 2, rel=0.01)
    assert {polygon.score for polygon in pain.polygons} == {7.0}


@pytest.mark.parametrize("seed", range(6))
def test_many_strokes_leave_what_a_plain_raster_would(seed: int):
    """Strokes of many scores and the eraser, against a plain array of scores painted over; then the engine's areas."""
    rng = np.random.default_rng(seed)
    pain = builtin_case("back-and-left-leg").pain
    plain = {view: score_image(pain, view).copy() for view in VIEWS}
    for _ in range(12):
        view = ("front", "back", "back", "sole")[rng.integers(4)]
        patch = brush_patch(view, walk(rng, view), rng.uniform(6, 60))
        score = float(rng.integers(0, 11))
        pain = painted(pain, patch, score)
        plain[view][patch.mask & (grid_of(view).labels > 0)] = score
    for view in VIEWS:
        wrong = np.count_nonzero(score_image(pain, view) != plain[view])
        assert wrong <= max(12, 0.01 * np.count_nonzero(plain[view])), view
    units2 = sum(np.count_nonzero(plain[view]) for view in VIEWS)
    load = sum(plain[view].sum() for view in VIEWS)
    field, mm2 = pain_field(pain), BODY.mm_per_unit**2
    assert painful_mm2(pain) == pytest.approx(units2 * mm2, rel=0.01)
    assert float(np.sum(field.area * field.painful * field.score)) == pytest.approx(load * mm2, rel=0.01)
    for polygon in pain.polygons:
        assert len(polygon.points) <= 2 * POINTS_MAX
        assert len(polygon.points) >= 3


def test_what_a_stroke_does_not_touch_stays_point_for_point():
    pain = painted(EMPTY, brush_patch("back", [(810.0, 300.0)], 40.0), 5.0)
    far = painted(pain, brush_patch("front", [(250.0, 300.0), (250.0, 340.0)], 30.0), 8.0)
    assert pain.polygons[0] in far.polygons
    assert painted(pain, brush_patch("back", [(560.0, 40.0)], 10.0), 8.0) is pain  # beside the body


def test_a_region_painted_all_over_becomes_a_score_and_one_half_rubbed_out_a_polygon():
    whole = painted(EMPTY, region_patch("left_low_back"), 6.0)
    assert dict(whole.scores) == {"left_low_back": 6.0}
    assert whole.polygons == ()
    by_brush = painted(EMPTY, brush_patch("back", [(770.0, 400.0), (770.0, 470.0)], 160.0), 4.0)
    assert by_brush.scores["left_low_back"] == 4.0
    half = painted(whole, polygon_patch("back", [(0, 0), (780.0, 0), (780.0, 1000.0), (0, 1000.0)]), 0.0)
    assert "left_low_back" not in half.scores
    share = pain_field(half).painful[BODY.index("left_low_back")]
    assert 0.1 < share < 0.9
    assert painted(half, region_patch("left_low_back"), 0.0) == EMPTY


def test_a_ring_keeps_its_hole():
    """A disc with a smaller disc rubbed out of its middle: the area of the annulus, and nothing in the middle."""
    disc = painted(EMPTY, brush_patch("back", [(810.0, 300.0)], 80.0), 7.0)
    ring = painted(disc, brush_patch("back", [(810.0, 300.0)], 40.0), 0.0)
    mm2 = BODY.mm_per_unit**2
    assert painful_mm2(ring) == pytest.approx(math.pi * (40.0**2 - 20.0**2) * mm2, rel=0.015)
    grid = grid_of("back")
    image = score_image(ring, "back")
    assert image[round(300 - grid.y0), round(810 - grid.x0)] == 0.0
    assert image[round(300 - grid.y0), round(840 - grid.x0)] == 7.0


def test_a_stroke_on_a_neighbour_does_not_raise_a_scored_region():
    """A dab of 9 that ends at the border of a region of 3 leaves the 3 alone: no sliver lifts a whole region."""
    pain = PainMap({"left_low_back": 3.0})
    at = BODY.index("left_low_back")
    grid = grid_of("back")
    patch = brush_patch("back", [(810.0, 420.0)], 50.0)
    beyond = patch.mask & (grid.labels != at + 1)
    found = pain_field(painted(pain, type(patch)("back", beyond), 9.0))
    assert found.score[at] == pytest.approx(3.0, abs=0.1)
    assert found.painful[at] == 1.0


def test_too_many_patches_are_refused_in_words():
    dots = tuple(
        PainPolygon("back", 5.0, ((x, y), (x + 2, y), (x + 2, y + 2), (x, y + 2)))
        for x in range(720, 900, 12)
        for y in range(220, 340, 12)
    )
    with pytest.raises(InvalidValueError, match=f"{PATCHES_MAX} at most"):
        painted(PainMap({}, dots[: PATCHES_MAX + 5]), brush_patch("front", [(250.0, 300.0)], 20.0), 5.0)


def test_actions_change_the_case_and_refuse_a_case_without_pain():
    session = session_of(builtin_case("low-back"))
    stroke = actions.paint_stroke(session, "front", [(230.0, 300.0), (230.0, 330.0)], 24.0, 6.0)
    assert len(stroke.case.pain.polygons) == len(session.case.pain.polygons) + 1
    assert actions.paint_stroke(session, "front", [(20.0, 40.0)], 10.0, 6.0) is session
    outline = actions.paint_outline(session, "front", [(230, 300), (260, 300), (260, 340)], 4.0)
    assert outline.case.pain.polygons[-1].score == 4.0
    only = replace(session, case=replace(session.case, pain=PainMap({"left_low_back": 5.0})))
    with pytest.raises(InvalidValueError, match="pain is empty"):
        actions.paint_region(only, "left_low_back", 0.0)
    with pytest.raises(InvalidValueError, match="3 points"):
        actions.paint_outline(session, "front", [(230, 300), (260, 300)], 4.0)
