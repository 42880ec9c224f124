"""The pain drawing: pain painted on the sheet is read back as it was painted; what is no such drawing is refused.

Judged by a painter of its own (Pillow) and by areas of circles, not by the code that traces outlines.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from scs_models.errors import InvalidFileError, OutputError
from scs_models.percept.body_map import load_body_map
from scs_sim.case import builtin_case
from scs_sim.patient import PainMap, PainPolygon
from scs_ui.state.pain_paint import score_image
from scs_ui.state.pain_sheet import HEAD, MARGIN, SCORES, pain_sheet, read_pain_sheet, ruler_colour, write_pain_sheet
from scs_ui.state.session import session_of

pytest.importorskip("contourpy")

BELLY = (270.0, 400.0)
THIGH = (200.0, 600.0)
Painter = Callable[[ImageDraw.ImageDraw, float], None]


@pytest.fixture(scope="module")
def blank() -> bytes:
    return pain_sheet()


def loaded(source: Path | io.BytesIO) -> Image.Image:
    with Image.open(source) as image:
        return image.convert("RGB")


def painted_file(folder: Path, blank: bytes, painter: Painter, height_px: int | None = None) -> Path:
    """Return a file with the sheet after `painter(draw, pixels per unit)` has painted on it."""
    image = loaded(io.BytesIO(blank))
    if height_px is not None:
        image = image.resize((round(image.width * height_px / image.height), height_px), Image.Resampling.LANCZOS)
    painter(ImageDraw.Draw(image), image.width / (load_body_map().width + 2 * MARGIN))
    path = folder / "drawing.png"
    image.save(path)
    return path


def disc(draw: ImageDraw.ImageDraw, scale: float, centre: tuple[float, float], radius: float, fill: object) -> None:
    x, y = (centre[0] + MARGIN) * scale, (centre[1] + HEAD) * scale
    r = radius * scale
    draw.ellipse([x - r, y - r, x + r, y + r], fill=fill)


def area(pain: PainMap, view: str, score: float) -> int:
    return int(np.count_nonzero(score_image(pain, view) == score))


@pytest.mark.parametrize(("score", "height_px"), [(10, 1100), (1, 1500), (5, None), (9, 4000)])
def test_a_painted_disc_has_its_area_place_and_score(
    tmp_path: Path, blank: bytes, score: int, height_px: int | None
) -> None:
    path = painted_file(tmp_path, blank, lambda d, k: disc(d, k, BELLY, 20.0, ruler_colour(score)), height_px)
    pain = read_pain_sheet(path)
    paint = np.asarray(loaded(path))
    body = paint[round(paint.shape[0] * HEAD / (HEAD + load_body_map().height)) :]  # below the ruler
    pixels = np.count_nonzero(np.all(body == ruler_colour(score), axis=-1))
    units = pixels * ((load_body_map().width + 2 * MARGIN) / paint.shape[1]) ** 2
    assert units == pytest.approx(math.pi * 400.0, rel=0.1)
    assert area(pain, "front", score) == pytest.approx(units, rel=0.03)
    assert set(np.unique(score_image(pain, "front"))) == {0.0, float(score)}
    rows, columns = np.nonzero(score_image(pain, "front"))
    x0, y0, *_ = load_body_map().frame("front")
    assert columns.mean() + math.floor(x0) + 0.5 == pytest.approx(BELLY[0], abs=0.7)
    assert rows.mean() + math.floor(y0) + 0.5 == pytest.approx(BELLY[1], abs=0.7)
    assert not score_image(pain, "back").any()


def test_every_score_of_the_ruler_is_told_apart(tmp_path: Path, blank: bytes) -> None:
    def paint(draw: ImageDraw.ImageDraw, scale: float) -> None:
        for k, score in enumerate(SCORES):
            disc(draw, scale, (THIGH[0] + 12.0 * (k % 2), 300.0 + 22.0 * k), 8.0, ruler_colour(score))

    image = score_image(read_pain_sheet(painted_file(tmp_path, blank, paint)), "front")
    assert set(np.unique(image)) == {0.0, *map(float, SCORES)}
    # Their sizes too: nothing is added where strokes meet, except where a later disc covers an earlier one.
    assert np.count_nonzero(image) == pytest.approx(10 * math.pi * 64.0, rel=0.1)


@pytest.mark.parametrize("case_id", ["back-and-left-leg", "foot"])
def test_a_written_pain_map_is_read_back(tmp_path: Path, case_id: str) -> None:
    given = builtin_case(case_id).pain
    given = PainMap(
        {name: float(round(score)) for name, score in given.scores.items()},
        (*given.polygons, PainPolygon("back", 9.0, ((770.0, 300.0), (840.0, 300.0), (805.0, 380.0)))),
    )
    write_pain_sheet(tmp_path / "sheet.png", given)
    found = read_pain_sheet(tmp_path / "sheet.png")
    for view in ("front", "back", "sole"):
        before, after = score_image(given, view), score_image(found, view)
        painted = max(1, np.count_nonzero(before))
        assert np.count_nonzero(before != after) <= 0.02 * painted
    whole = {name for name, score in given.scores.items() if score}
    assert len(whole & set(found.scores)) >= len(whole) - 2


def test_transparent_paint_over_the_lines_counts(tmp_path: Path, blank: bytes) -> None:
    """A paint program may multiply: the sheet's lines then show through the paint."""
    image = loaded(io.BytesIO(blank))
    paint = Image.new("RGB", image.size, "white")
    disc(ImageDraw.Draw(paint), 2.0, (270.0, 330.0), 25.0, ruler_colour(7))
    product = np.asarray(image, dtype=float) * np.asarray(paint, dtype=float) / 255.0
    Image.fromarray(product.astype(np.uint8)).save(tmp_path / "drawing.png")
    assert area(read_pain_sheet(tmp_path / "drawing.png"), "front", 7) == pytest.approx(math.pi * 625.0, rel=0.08)


def test_soft_edges_belong_to_the_stroke(tmp_path: Path, blank: bytes) -> None:
    image = loaded(io.BytesIO(blank))
    big = image.resize((image.width * 2, image.height * 2))
    disc(ImageDraw.Draw(big), 4.0, BELLY, 15.0, ruler_colour(10))
    big.reduce(2).save(tmp_path / "drawing.png")
    pain = read_pain_sheet(tmp_path / "drawing.png")
    assert set(np.unique(score_image(pain, "front"))) == {0.0, 10.0}


def test_a_palette_and_an_alpha_channel_are_understood(tmp_path: Path, blank: bytes) -> None:
    path = painted_file(tmp_path, blank, lambda d, k: disc(d, k, BELLY, 20.0, ruler_colour(10)))
    image = loaded(path)
    for name, other in (("alpha", image.convert("RGBA")), ("palette", image.quantize(64))):
        other.save(tmp_path / f"{name}.png")
        assert area(read_pain_sheet(tmp_path / f"{name}.png"), "front", 10) == pytest.approx(1256.0, rel=0.06)


def _refused(path: Path, *said: str) -> None:
    with pytest.raises(InvalidFileError) as caught:
        read_pain_sheet(path)
    assert str(caught.value).startswith(str(path))
    assert all(text in str(caught.value) for text in said)


def test_a_blank_sheet_and_paint_beside_the_body_are_no_pain(tmp_path: Path, blank: bytes) -> None:
    (tmp_path / "drawing.png").write_bytes(blank)
    _refused(tmp_path / "drawing.png", "no pain is painted")
    _refused(painted_file(tmp_path, blank, lambda d, k: disc(d, k, (540.0, 100.0), 20.0, ruler_colour(8))), "no pain")


@pytest.mark.parametrize("fill", ["#2060ff", "#20a040", "#ffd000", "#ff6000"])
def test_other_colours_are_refused(tmp_path: Path, blank: bytes, fill: str) -> None:
    _refused(painted_file(tmp_path, blank, lambda d, k: disc(d, k, BELLY, 20.0, fill)), "no colour of the ruler")


@pytest.mark.parametrize("change", ["shift", "mirror", "turn", "stretch", "crop", "white", "small", "other"])
def test_pictures_that_are_not_the_sheet_are_refused(tmp_path: Path, blank: bytes, change: str) -> None:
    image = loaded(painted_file(tmp_path, blank, lambda d, k: disc(d, k, BELLY, 20.0, ruler_colour(8))))
    wide, high = image.size
    changed = {
        "shift": lambda: image.transform(image.size, Image.Transform.AFFINE, (1, 0, 12, 0, 1, 0), fillcolor="white"),
        "mirror": lambda: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        "turn": lambda: image.rotate(2, fillcolor="white"),
        "stretch": lambda: image.resize((wide, high + 100)),
        "crop": lambda: image.crop((0, 0, wide, high - 200)),
        "white": lambda: Image.new("RGB", image.size, "white"),
        "small": lambda: image.resize((wide // 5, high // 5)),
        "other": lambda: Image.new("RGB", (800, 600), "#304050"),
    }[change]()
    changed.save(tmp_path / "changed.png")
    _refused(tmp_path / "changed.png", "not cropped, turned or stretched")


def test_damaged_and_foreign_files_are_refused(tmp_path: Path, blank: bytes) -> None:
    path = tmp_path / "drawing.png"
    for data in (b"", b"no picture", blank[:3000], blank[: len(blank) // 2], blank[:40] + b"\0" * 100 + blank[140:]):
        path.write_bytes(data)
        _refused(path, "no PNG picture, or damaged")
    Image.new("RGB", (100, 100)).save(path, format="JPEG")
    _refused(path, "no PNG picture")
    _refused(tmp_path / "missing.png", "No such file")
    Image.new("1", (20_000, 20_000)).save(path)
    with pytest.raises(InvalidFileError):
        read_pain_sheet(path)


def test_it_is_one_step_of_a_session(tmp_path: Path, blank: bytes) -> None:
    from scs_ui.state.files import opened

    session = session_of(builtin_case("foot"))
    path = painted_file(tmp_path, blank, lambda d, k: disc(d, k, BELLY, 20.0, ruler_colour(8)))
    found = opened(path, session)
    assert (found.kind, found.is_new) == ("pain", False)
    assert found.session.case.pain == read_pain_sheet(path)
    assert found.session.programs == session.programs


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="must end in"):
        write_pain_sheet(tmp_path / "sheet.jpg")
    with pytest.raises(OutputError, match="cannot be written"):
        write_pain_sheet(tmp_path / "missing" / "sheet.png")
