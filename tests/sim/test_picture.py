"""The body map picture: what the SVG says, what the PNG shows where, escaping, themes, errors."""

from __future__ import annotations

import io
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.percept.body_map import load_body_map
from scs_sim import DISCLAIMER
from scs_sim.picture import THEMES, draw_png, draw_svg
from scs_sim.picture.compose import HEAD, LINE, MARGIN
from scs_sim.picture.looks import code
from scs_sim.picture.scene import dashes, hatch

BODY = load_body_map()
NOTHING = np.zeros(len(BODY.regions))
SVG = "{http://www.w3.org/2000/svg}"


def felt(**shares: float) -> np.ndarray:
    values = NOTHING.copy()
    for region_id, share in shares.items():
        values[BODY.index(region_id)] = share
    return values


def svg(**changes: object) -> str:
    arguments: dict[str, object] = {"pain_scores": {}, "felt_dc": NOTHING, "felt_dr": NOTHING, "title": "A case"}
    return draw_svg(BODY, **{**arguments, **changes})


def png(**changes: object) -> Image.Image:
    arguments: dict[str, object] = {"pain_scores": {}, "felt_dc": NOTHING, "felt_dr": NOTHING, "title": "A case"}
    return Image.open(io.BytesIO(draw_png(BODY, **{**arguments, **changes})))


def pixel(image: Image.Image, point: tuple[float, float], lines: int = 0) -> np.ndarray:
    """The median colour of a few pixels round a point of the drawing (the figure's fine lines do not count)."""
    scale = image.width / (BODY.width + 2 * MARGIN)
    x, y = (point[0] + MARGIN) * scale, (point[1] + HEAD + LINE * lines) * scale
    patch = np.asarray(image)[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4]
    return np.median(patch.reshape(-1, 3), axis=0)


def distance(a: np.ndarray, b: tuple[int, int, int]) -> float:
    return float(np.abs(a - np.array(b)).max())


def middle(region_id: str) -> tuple[float, float]:
    x, y = np.concatenate(BODY.region(region_id).polygons).mean(axis=0)
    return float(x), float(y)


def test_svg_is_xml_with_title_description_letters_and_the_footer() -> None:
    root = ElementTree.fromstring(svg(lines=("one", "two")))
    assert root.findtext(f"{SVG}title") == "A case"
    assert "Paresthesia is felt in no region" in str(root.findtext(f"{SVG}desc"))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert DISCLAIMER in texts
    assert {"one", "two", "FRONT", "BACK", "SOLES"} <= set(texts)
    assert texts.count("R") == texts.count("L") == 3


def test_text_is_escaped_and_forbidden_characters_are_dropped() -> None:
    title = 'A & B <script> "q" \x00\x1f\ud800\uffff µ'
    root = ElementTree.fromstring(svg(title=title, lines=(title,)))
    assert root.findtext(f"{SVG}title") == 'A & B <script> "q"  µ'
    assert not list(root.iter(f"{SVG}script"))
    assert png(title=title.replace("\ud800", ""), lines=(title.replace("\ud800", ""),), height_px=300).size[1] == 300


def test_every_region_is_one_path_with_its_share_in_words_and_its_colour() -> None:
    root = ElementTree.fromstring(svg(felt_dc=felt(left_low_back=0.5), theme="dark"))
    paths = {path.get("id"): path for path in root.iter(f"{SVG}path") if path.get("id") in BODY.region_ids}
    assert set(paths) == set(BODY.region_ids)
    assert paths["left_low_back"].findtext(f"{SVG}title") == "left low back: felt in 50 %"
    assert paths["left_low_back"].get("fill") == code(THEMES["dark"].felt(0.5))
    assert paths["right_low_back"].get("fill") == code(THEMES["dark"].body)


def test_pain_is_a_dashed_outline_and_a_root_percept_a_hatch_only_where_there_is_one() -> None:
    assert 'id="pain"' not in svg()
    assert 'id="root_' not in svg()
    drawn = svg(pain_scores={"left_calf_lateral": 7.0, "right_great_toe": 0.0}, felt_dr=felt(left_flank_back=0.4))
    root = ElementTree.fromstring(drawn)
    pain = next(path for path in root.iter(f"{SVG}path") if path.get("id") == "pain")
    assert pain.get("stroke-dasharray")
    assert pain.get("d", "").count("M") == 1
    assert [p.get("id") for p in root.iter(f"{SVG}path") if str(p.get("id")).startswith("root_")] == [
        "root_left_flank_back"
    ]
    assert "Pain: left outer calf." in drawn


def test_neighbouring_painful_regions_share_one_outline_and_free_polygons_are_drawn_too() -> None:
    both = svg(pain_scores={"left_low_back": 5.0, "right_low_back": 5.0})
    assert _pain(both).count("M") == 1
    patch = [(200.0, 440.0), (240.0, 440.0), (220.0, 480.0)]
    assert _pain(svg(pain_scores={"left_low_back": 5.0}, pain_polygons=[(4.0, patch)])).count("M") == 2


def _pain(text: str) -> str:
    return next(str(p.get("d")) for p in ElementTree.fromstring(text).iter(f"{SVG}path") if p.get("id") == "pain")


@pytest.mark.parametrize("theme", THEMES)
def test_png_shows_paresthesia_on_the_patients_left_only(theme: str) -> None:
    look = THEMES[theme]
    shares = felt(left_low_back=0.8, left_calf_lateral=0.8, left_foot_dorsum=0.8, left_heel_sole=0.8)
    image = png(felt_dc=shares, theme=theme, height_px=1000, lines=("x",))
    for part in ("low_back", "calf_lateral", "heel_sole"):
        on_left, on_right = (pixel(image, middle(f"{side}_{part}"), 1) for side in ("left", "right"))
        assert distance(on_left, look.felt(0.8)) < distance(on_left, look.body)
        assert distance(on_right, look.body) < distance(on_right, look.felt(0.8))
    # front view: the patient's left is on the right of the picture; back view: on the left
    assert middle("left_foot_dorsum")[0] > 270.0
    assert middle("left_low_back")[0] < 810.0


def test_png_has_the_asked_height_and_is_the_same_each_time() -> None:
    arguments = {"felt_dc": felt(left_low_back=0.8), "pain_scores": {"left_low_back": 6.0}, "height_px": 400}
    first, second = png(**arguments), png(**arguments)
    assert first.size == (round(400 * (BODY.width + 2 * MARGIN) / (HEAD + BODY.height + 56.0)), 400)
    assert first.mode == "RGB"
    assert np.array_equal(np.asarray(first), np.asarray(second))
    assert svg() == svg()


def test_pain_stands_out_above_the_strongest_paresthesia() -> None:
    for theme, look in THEMES.items():
        shares = felt(left_thigh_posterior_upper=1.0)
        image = np.asarray(
            png(felt_dc=shares, pain_scores={"left_thigh_posterior_upper": 9.0}, theme=theme, height_px=900)
        )
        near = np.abs(image.astype(int) - np.array(look.pain)).max(axis=-1) < 40
        plain = np.asarray(png(felt_dc=shares, theme=theme, height_px=900))
        before = np.abs(plain.astype(int) - np.array(look.pain)).max(axis=-1) < 40
        assert near.sum() - before.sum() > 300


def test_ramps_run_one_way_in_lightness_and_are_not_the_body_colour() -> None:
    for name, look in THEMES.items():
        light = [np.dot((0.2126, 0.7152, 0.0722), look.felt(share)) for share in np.linspace(0.06, 1.0, 40)]
        steps = [b - a for a, b in pairwise(light)]
        assert all(step > 0 for step in steps) if name == "dark" else all(step < 0 for step in steps)
        assert look.felt(0.0) == look.body
        assert look.felt(1.0) == look.ramp[-1]
        assert max(abs(a - b) for a, b in zip(look.felt(0.06), look.body, strict=True)) >= 15


def test_hatch_lines_fill_a_square_at_the_asked_distance_and_stay_inside() -> None:
    square = np.array([(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)])
    lines = hatch([square], gap=5.0, degrees=30.0)
    total = sum(float(np.hypot(*(b - a))) for a, b in lines)
    assert total == pytest.approx(100 * 100 / 5, rel=0.02)
    assert np.concatenate(lines).min() > -1e-9
    assert np.concatenate(lines).max() < 100 + 1e-9


def test_dashes_cover_the_share_of_the_line_that_the_pattern_says() -> None:
    ring = np.array([(0.0, 0.0), (60.0, 0.0), (60.0, 45.0)])
    pieces = list(dashes(ring, (9.0, 6.0), closed=True))
    assert sum(float(np.hypot(*np.diff(piece, axis=0).T).sum()) for piece in pieces) == pytest.approx(0.6 * 180.0)
    assert len(pieces) == 12


def test_wrong_arguments_are_refused_in_words() -> None:
    with pytest.raises(UnknownNameError, match="dark, light"):
        svg(theme="sepia")
    with pytest.raises(UnknownNameError, match="left_low_back"):
        svg(pain_scores={"back": 3.0})
    with pytest.raises(InvalidValueError, match="felt_dc has shape"):
        svg(felt_dc=np.zeros(74))
    with pytest.raises(InvalidValueError, match="felt_dr"):
        svg(felt_dr=np.full(len(BODY.regions), np.nan))
    with pytest.raises(InvalidValueError, match="height_px"):
        png(height_px=10)
