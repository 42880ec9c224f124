"""The drawn figure: regions that divide the body, mirror symmetry, sides, CHOIR segments, drawings against regions."""

from __future__ import annotations

import json
from importlib.resources import files
from xml.etree import ElementTree

import numpy as np
import pytest

from scs_models.errors import InvalidFileError, InvalidValueError, UnknownNameError
from scs_models.percept import flatten
from scs_models.percept.body_map import (
    CHOIR_CODES,
    choir_code,
    choir_members,
    choir_number,
    choir_rollup,
    dissolved,
    inside,
    load_body_map,
)

BODY = load_body_map()
DATA = files("scs_models").joinpath("data")

# The CHOIR segments as the REDCap form names them: right and left in front, left and right on the back; and the words
# of which one must stand in the id of every region of that segment.
SEGMENTS = [
    ("f01", "f02", "forehead"), ("f03", "f04", "face|jaw"), ("f05", "f06", "neck"), ("f07", "f10", "shoulder"),
    ("f08", "f09", "chest"), ("f11", "f12", "upper_arm"), ("f13", "f14", "elbow"), ("f15", "f18", "forearm"),
    ("f16", "f17", "abdomen|flank"), ("f19", "f24", "wrist"), ("f20", "f23", "hip"),
    ("f21", "f22", "groin|pubic|perineum"), ("f25", "f28", "palm"), ("f26", "f27", "thigh"), ("f29", "f30", "knee"),
    ("f31", "f32", "lower_leg"), ("f33", "f34", "ankle"), ("f35", "f36", "foot|toe"), ("b01", "b02", "crown"),
    ("b03", "b04", "occiput"), ("b05", "b06", "neck"), ("b07", "b10", "shoulder"), ("b08", "b09", "upper_back"),
    ("b11", "b14", "upper_arm"), ("b12", "b13", "middle_back"), ("b15", "b16", "elbow"), ("b17", "b20", "forearm"),
    ("b18", "b19", "low_back|upper_lumbar|flank"), ("b21", "b26", "wrist"), ("b22", "b25", "hip"),
    ("b23", "b24", "buttock|perineum"), ("b27", "b30", "hand"), ("b28", "b29", "thigh"), ("b31", "b32", "knee"),
    ("b33", "b34", "calf"), ("b35", "b36", "ankle"), ("b37", "b38", "foot|heel|sole"),
]  # fmt: skip


def area(ring: np.ndarray) -> float:
    x, y = ring.T
    return 0.5 * abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)))


def sample_points() -> np.ndarray:
    """A raster over the whole drawing, random points, and random points close to borders."""
    x, y = np.meshgrid(np.arange(0.5, BODY.width, 7.0), np.arange(0.5, BODY.height, 7.0))
    random = np.random.default_rng(5)
    corners = np.concatenate([ring for region in BODY.regions for ring in region.polygons])
    near = corners[random.integers(0, len(corners), 4000)] + random.normal(0, 0.4, (4000, 2))
    anywhere = random.uniform((0, 0), (BODY.width, BODY.height), (8000, 2))
    return np.concatenate([np.column_stack([x.ravel(), y.ravel()]), anywhere, near])


def in_figure(points: np.ndarray) -> np.ndarray:
    return np.any([inside([outline.points], points) for outline in BODY.outlines], axis=0)


@pytest.fixture(scope="module")
def points() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, and whether they lie well (0.1 units) inside or outside the outline, which is a path of its own."""
    p = sample_points()
    around = [in_figure(p + step) for step in ((0, 0), (0.1, 0), (-0.1, 0), (0, 0.1), (0, -0.1))]
    return p, np.all(around, axis=0), ~np.any(around, axis=0)


def test_every_point_of_the_body_lies_in_exactly_one_region(points: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    p, deep, outside = points
    count = np.sum([inside(region.polygons, p) for region in BODY.regions], axis=0)
    assert deep.sum() > 5000
    assert set(count[deep]) == {1}
    assert set(count[outside]) == {0}
    assert count.max() == 1


def test_every_point_of_the_body_lies_in_exactly_one_dermatome_area(
    points: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    p, deep, outside = points
    count = np.sum([inside(dermatome.polygons, p) for dermatome in BODY.dermatomes], axis=0)
    assert set(count[deep]) == {1}
    assert set(count[outside]) == {0}
    assert count.max() == 1


def test_regions_and_dermatomes_each_fill_the_area_of_the_outline() -> None:
    whole = sum(area(outline.points) for outline in BODY.outlines)
    for parts in (BODY.regions, BODY.dermatomes):
        assert sum(area(ring) for part in parts for ring in part.polygons) == pytest.approx(whole, rel=2e-4)


def test_area_is_that_of_the_polygons_in_square_millimetres() -> None:
    for region in BODY.regions:
        units = sum(area(ring) for ring in region.polygons)
        assert region.area_mm2 == pytest.approx(units * BODY.mm_per_unit**2, abs=0.1)


def test_left_is_the_mirror_of_right() -> None:
    centre = {"front": 270.0, "back": 810.0, "sole": 540.0}
    for part in (*BODY.regions, *BODY.dermatomes):
        if part.side == "right":
            continue
        twin = next(
            other
            for other in (*BODY.regions, *BODY.dermatomes)
            if type(other) is type(part)
            and (other.side, other.view) == ("right", part.view)
            and name(other) == name(part)
        )
        mine = np.concatenate(part.polygons)
        mirrored = np.concatenate(twin.polygons) * (-1, 1) + (2 * centre[part.view], 0)
        gap = np.abs(mine[:, None, :] - mirrored[None, :, :]).sum(axis=-1).min(axis=1)
        assert gap.max() < 0.05


def name(part: object) -> str:
    return getattr(part, "part", "") or getattr(part, "dermatome", "")


def test_patients_right_is_on_the_left_of_the_front_view_and_on_the_right_of_the_back_view() -> None:
    centre = {"front": 270.0, "back": 810.0, "sole": 540.0}
    for region in BODY.regions:
        x = np.concatenate(region.polygons)[:, 0]
        on_left = (region.side == "right") == (region.view != "back")
        assert np.all(x <= centre[region.view] + 1e-9) if on_left else np.all(x >= centre[region.view] - 1e-9)
    for letter in BODY.letters:
        assert (letter.text == "R") == ((letter.x < centre[letter.view]) == (letter.view != "back"))


def test_ids_are_unique_and_carry_the_side_and_titles_read_as_words() -> None:
    ids = BODY.region_ids
    assert len(set(ids)) == len(ids) < 255
    assert len({region.title for region in BODY.regions}) == len(ids)
    for region in BODY.regions:
        assert region.id == f"{region.side}_{region.part}"
        assert region.title.startswith(region.side)
        assert "_" not in region.title


def test_every_choir_segment_is_covered_by_regions_of_its_side_view_and_body_part() -> None:
    members = choir_members(BODY)
    assert tuple(members) == CHOIR_CODES
    assert sorted(code for first, second, _ in SEGMENTS for code in (first, second)) == sorted(CHOIR_CODES)
    assert len(CHOIR_CODES) == 74
    for first, second, words in SEGMENTS:
        sides = ("right", "left") if first[0] == "f" else ("left", "right")
        for code, side in zip((first, second), sides, strict=True):
            assert members[code]
            for region in map(BODY.region, members[code]):
                assert region.side == side
                assert (region.view == "front") == (code[0] == "f")
                assert any(word in region.part for word in words.split("|")), (code, region.id)
    assert sum(map(len, members.values())) == len(BODY.regions)


def test_both_lumbar_regions_roll_up_to_the_lower_back() -> None:
    for side, code in (("left", "b18"), ("right", "b19")):
        assert {f"{side}_low_back", f"{side}_upper_lumbar"} <= set(choir_members(BODY)[code])


def test_choir_codes_convert_both_ways_and_wrong_ones_are_refused() -> None:
    assert [choir_number(code) for code in ("f01", "f36", "b01", "b38")] == [101, 136, 201, 238]
    assert all(choir_code(choir_number(code)) == code for code in CHOIR_CODES)
    for wrong in (100, 137, 200, 239, 301, 18):
        with pytest.raises(UnknownNameError):
            choir_code(wrong)
    with pytest.raises(UnknownNameError):
        choir_number("f37")


def test_choir_rollup_is_the_area_weighted_mean_of_the_regions() -> None:
    assert choir_rollup(BODY, np.full((3, len(BODY.regions)), 0.4)) == pytest.approx(np.full((3, 74), 0.4))
    values = np.random.default_rng(1).uniform(size=len(BODY.regions))
    rows = [k for k, region in enumerate(BODY.regions) if region.choir == "b18"]
    expected = sum(values[k] * BODY.area_mm2[k] for k in rows) / sum(BODY.area_mm2[k] for k in rows)
    assert choir_rollup(BODY, values)[CHOIR_CODES.index("b18")] == pytest.approx(expected)


def test_landmarks_lie_in_the_regions_an_anatomist_expects() -> None:
    expected = {
        "nipple": "chest_lower", "third_intercostal_space": "chest_upper", "axilla_apex": "shoulder_front",
        "antecubital_radial": "elbow_front", "medial_femoral_condyle": "knee_medial_front",
        "medial_malleolus": "ankle_medial_front", "third_metatarsophalangeal_joint": "foot_dorsum",
        "popliteal_fossa": "knee_medial_back", "lateral_heel": "heel_back", "ischial_tuberosity": "buttock_medial",
        "thumb_proximal_phalanx": "hand_dorsum_thumb", "little_finger_proximal_phalanx": "hand_dorsum_little",
    }  # fmt: skip
    for landmark, part in expected.items():
        for side in ("left", "right"):
            assert BODY.region_at(BODY.landmark(landmark, side)) == f"{side}_{part}"
    assert BODY.region_at((5.0, 5.0)) is None


def test_the_figure_is_about_seven_and_a_half_heads_tall() -> None:
    front = np.concatenate([o.points for o in BODY.outlines if o.view == "back"])
    face = np.concatenate(BODY.region("left_face").polygons)
    height = front[:, 1].max() - front[:, 1].min()
    assert height / (face[:, 1].max() - front[:, 1].min()) == pytest.approx(7.5, abs=0.2)
    assert height * BODY.mm_per_unit == pytest.approx(1750, rel=0.02)


def test_borders_between_regions_are_curved() -> None:
    """Apart from the midline no border runs straight for more than 20 mm (its chord equals its length)."""
    for line in BODY.borders:
        if np.ptp(line[:, 0]) < 0.05:
            continue
        length = np.hypot(*np.diff(line, axis=0).T).sum()
        chord = np.hypot(*(line[-1] - line[0]))
        assert length < 12.0 or length > 1.00002 * chord


def test_json_is_what_the_drawing_gives() -> None:
    made = json.loads(flatten.as_text(flatten.flattened(DATA.joinpath("body_map.svg").read_text(encoding="utf-8"))))
    kept = json.loads(DATA.joinpath("body_map.json").read_text(encoding="utf-8"))
    shares, kept_shares = made.pop("shares"), kept.pop("shares")
    assert made == kept
    assert shares.keys() == kept_shares.keys()
    for part, row in shares.items():
        names = row.keys() | kept_shares[part].keys()
        assert all(row.get(n, 0.0) == pytest.approx(kept_shares[part].get(n, 0.0), abs=2e-3) for n in names), part


def test_the_drawing_is_an_svg_with_one_path_per_region() -> None:
    root = ElementTree.fromstring(DATA.joinpath("body_map.svg").read_text(encoding="utf-8"))
    space = "{http://www.w3.org/2000/svg}"
    paths = [p for g in root.findall(f"{space}g") if g.get("id") == "regions" for p in g.findall(f"{space}path")]
    assert [p.get("id") for p in paths] == list(BODY.region_ids)
    curves = sum(p.get("d", "").count("C") for p in paths)
    assert curves > 1500
    assert curves > 8 * sum(p.get("d", "").count("L") for p in paths)


def test_a_border_is_flattened_alike_from_both_sides_and_close_to_the_curve() -> None:
    there = flatten.flatten_path("M3 4C10 -6 40 30 52.5 7.25")[0]
    back = flatten.flatten_path("M52.5 7.25C40 30 10 -6 3 4")[0]
    assert there == back[::-1]
    t = np.linspace(0, 1, 2000)[:, None]
    p = np.array([(3, 4), (10, -6), (40, 30), (52.5, 7.25)])
    curve = (1 - t) ** 3 * p[0] + 3 * (1 - t) ** 2 * t * p[1] + 3 * (1 - t) * t**2 * p[2] + t**3 * p[3]
    a, b = np.array(there[:-1]), np.array(there[1:])
    s = np.clip(((curve[:, None] - a) * (b - a)).sum(-1) / ((b - a) ** 2).sum(-1), 0, 1)[..., None]
    assert np.hypot(*(curve[:, None] - a - s * (b - a)).transpose(2, 0, 1)).min(axis=1).max() < 0.03


def test_flatten_refuses_commands_it_does_not_know_and_drawings_without_their_groups() -> None:
    with pytest.raises(InvalidFileError, match="path command 'Q'"):
        flatten.flatten_path("M0 0Q1 1 2 2")
    with pytest.raises(InvalidFileError, match="no group 'regions'"):
        flatten.flattened('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>')


def test_label_image_has_no_hole_and_its_pixel_counts_follow_the_areas() -> None:
    labels = BODY.label_image(1638)
    scale = labels.shape[0] / BODY.height
    rows, columns = np.mgrid[0 : labels.shape[0] : 5, 0 : labels.shape[1] : 5]
    p = np.column_stack([columns.ravel() + 0.5, rows.ravel() + 0.5]) / scale
    assert np.array_equal(labels[rows.ravel(), columns.ravel()], BODY.regions_at(p) + 1)
    counts = np.bincount(labels.ravel(), minlength=len(BODY.regions) + 1)[1:] / (scale / BODY.mm_per_unit) ** 2
    assert counts == pytest.approx(BODY.area_mm2, rel=0.02)
    assert counts.sum() == pytest.approx(BODY.area_mm2.sum(), rel=1e-4)
    for view in ("front", "back", "sole"):
        seen = {BODY.regions[k - 1].view for k in np.unique(BODY.label_image(512, view)) if k}
        assert view in seen


def test_painful_fraction_of_a_regions_own_outline_is_that_region_alone() -> None:
    for region_id in ("left_low_back", "right_thigh_posterior_upper", "left_sole_medial", "right_palm_thumb"):
        region = BODY.region(region_id)
        share = BODY.painful_fraction([[tuple(p) for p in ring] for ring in region.polygons])
        expected = np.zeros(len(BODY.regions))
        expected[BODY.index(region_id)] = 1.0
        assert np.array_equal(share, expected)


def test_painful_fraction_agrees_with_counting_random_points() -> None:
    polygon = [(700.0, 380.0), (860.0, 400.0), (880.0, 520.0), (740.0, 610.0)]
    p = np.random.default_rng(3).uniform((690, 370), (890, 620), (20000, 2))
    where, hit = BODY.regions_at(p), inside([np.array(polygon)], p)
    share = BODY.painful_fraction([polygon])
    for k in np.unique(where[where >= 0]):
        if (inner := np.concatenate(BODY.regions[k].polygons)).min() > 0 and (where == k).sum() > 500:
            whole = np.all((inner > (690, 370)) & (inner < (890, 620)))
            if whole:
                assert share[k] == pytest.approx(hit[where == k].mean(), abs=0.05)


def test_overlapping_polygons_count_once_and_nothing_drawn_is_no_pain() -> None:
    square = [(760.0, 400.0), (860.0, 400.0), (860.0, 480.0), (760.0, 480.0)]
    assert BODY.painful_fraction([square, square]) == pytest.approx(BODY.painful_fraction([square]))
    assert BODY.painful_fraction([]).max() == 0.0
    assert BODY.share_inside("back", square) == pytest.approx(BODY.painful_fraction([square]))
    assert BODY.share_inside("front", square).max() == 0.0


def test_bad_polygons_and_names_are_refused_in_words() -> None:
    with pytest.raises(InvalidValueError, match="3 or more"):
        BODY.painful_fraction([[(0.0, 0.0), (1.0, 1.0)]])
    with pytest.raises(InvalidValueError, match="finite"):
        BODY.painful_fraction([[(0.0, 0.0), (1.0, float("nan")), (2.0, 0.0)]])
    with pytest.raises(UnknownNameError, match="left_low_back"):
        BODY.region("low_back")
    with pytest.raises(UnknownNameError, match="umbilicus"):
        BODY.landmark("navel", "left")
    with pytest.raises(UnknownNameError, match="front, back, sole"):
        BODY.share_inside("side", [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)])


def test_outline_of_neighbours_has_the_sum_of_their_areas_and_no_inner_border() -> None:
    both = BODY.outline_of(["left_low_back", "right_low_back"])
    assert len(both) == 1
    assert area(both[0]) * BODY.mm_per_unit**2 == pytest.approx(2 * BODY.region("left_low_back").area_mm2, rel=1e-3)
    apart = BODY.outline_of(["left_low_back", "left_heel_back"])
    assert len(apart) == 2
    assert BODY.outline_of([]) == ()


def test_dissolving_two_squares_gives_their_rectangle() -> None:
    left = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
    right = np.array([(1.0, 0.0), (1.0, 1.0), (2.0, 1.0), (2.0, 0.0)])
    (ring,) = dissolved([left, right])
    assert area(ring) == 2.0
    assert {tuple(p) for p in ring} == {(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1)}
