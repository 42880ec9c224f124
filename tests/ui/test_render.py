"""Pictures of panels without a display: sizes, vectors, equal bytes, what is on them."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from scs_models.errors import InvalidValueError
from scs_sim.case import builtin_case
from scs_sim.picture.of_result import result_scene
from scs_sim.picture.svg import write_svg
from scs_sim.simulate import Request
from scs_ui.commands import PICTURES
from scs_ui.render import Picture, drawn
from scs_ui.state.session import session_of
from scs_ui.theme import THEMES

CASE = "back-and-left-leg"
SVG = "{http://www.w3.org/2000/svg}"
PANELS = [name for name in PICTURES if name != "window"]


def picture(panel: str, ending: str, theme: str = "light", amplitude_ma: float | None = None) -> bytes:
    case = builtin_case(CASE)
    program = replace(case.program, amplitude_ma=amplitude_ma)
    size = (1200, 800) if panel == "window" else (600, 560)
    asked = Picture(panel, *size, theme)
    return drawn(session_of(replace(case, program=program)), asked, ending, lambda fraction, what: None)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.int16)


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_as_png_has_its_size_and_its_theme(qapp, panel):
    light, dark = picture(panel, ".png"), picture(panel, ".png", "dark")
    assert pixels(light).shape == (560, 600, 3)
    assert pixels(dark).mean() < 90 < 170 < pixels(light).mean()


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_as_svg_is_well_formed_vectors_and_text(qapp, panel):
    svg = picture(panel, ".svg")
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    shapes = [item for item in root.iter() if item.tag.removeprefix(SVG) in ("path", "polyline", "rect", "circle")]
    assert len(shapes) > 20
    words = " ".join("".join(item.itertext()) for item in root.iter(f"{SVG}text"))
    assert "Predicted paresthesia, not pain relief" in " ".join(words.split())
    names = re.findall(rb'\bid="([^"]+)"', svg)
    assert len(names) == len(set(names))
    assert set(re.findall(rb"url\(#([^)]+)\)", svg)) <= set(names)


def test_the_body_map_as_svg_is_the_picture_that_evaluate_draws(qapp):
    case = builtin_case(CASE)
    result = Request(case, case.program, 2.0)()
    ours = re.sub(r"(?<=[-+])100\b", "", picture("body", ".svg", amplitude_ma=2.0).decode())  # a session says percents
    assert ours == write_svg(result_scene(case, result))


def test_curves_end_at_the_axes_also_where_svg_knows_no_clipping(qapp):
    root = ElementTree.fromstring(picture("recruitment", ".svg"))
    curves = list(root.iter(f"{SVG}polyline"))
    right = max(float(pair.split(",")[0]) for item in curves for pair in item.get("points", "").split())
    assert right < 600


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
@pytest.mark.parametrize("panel", PICTURES)
def test_equal_input_gives_equal_bytes(qapp, panel, ending):
    assert picture(panel, ending) == picture(panel, ending)


@pytest.mark.parametrize("panel", ["body", "spine"])
def test_a_panel_as_pdf_is_one_page_of_its_size_with_fonts_and_without_the_time(qapp, panel):
    pdf = picture(panel, ".pdf")
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 1
    (box,) = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)", pdf)
    assert [float(value) for value in box] == pytest.approx(
        [450, 420], abs=1
    )  # points: 600 and 560 pixels of 96 an inch
    assert b"/Font" in pdf
    assert re.findall(rb"/CreationDate \(D:(\d+)", pdf) == [b"0" * 14]


def test_what_is_felt_more_changes_the_picture_where_the_body_is(qapp):
    quiet, loud = (pixels(picture("body", ".png", amplitude_ma=value)) for value in (0.0, 2.5))
    assert 0.02 < np.mean(np.any(quiet != loud, axis=2)) < 0.5


def test_contacts_have_their_colours_on_the_spine(qapp):
    image = pixels(picture("spine", ".png"))
    for token in ("cathode", "anode"):
        code = getattr(THEMES["light"], token)
        wanted = np.array([int(code[start : start + 2], 16) for start in (1, 3, 5)])
        assert np.sum(np.all(np.abs(image - wanted) < 12, axis=2)) > 30, token


def test_a_program_without_an_anode_has_no_picture(qapp):
    session = session_of(builtin_case(CASE))
    silent = session.with_draft(replace(session.draft, shares=()))
    with pytest.raises(InvalidValueError, match="nothing to draw"):
        drawn(silent, Picture("spine", 400, 400, "light"), ".png", lambda fraction, what: None)


def test_the_window_is_a_picture_with_its_menus_and_panels(qapp):
    image = pixels(picture("window", ".png", "dark"))
    assert image.shape == (800, 1200, 3)
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 500


def command(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    hidden = ("QT_", "DISPLAY", "WAYLAND")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return subprocess.run(
        [sys.executable, "-m", "scs_sim", "render", *words],
        env=kept | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))} | environ,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_needs_no_display_and_takes_scale_size_and_another_program(tmp_path: Path):
    file = tmp_path / "eine Kurve λ.png"
    done = command(CASE, "--panel", "recruitment", "-o", str(file), "--size", "400x300", "--scale", "1.5", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert f'"size_bytes": {file.stat().st_size}' in done.stdout
    assert pixels(file.read_bytes()).shape == (450, 600, 3)
    other = tmp_path / "b.svg"
    words = ("--contacts", "1.2- 1.5+", "--amplitude-ma", "1.5", "--pulse-width-us", "210", "--theme", "dark")
    done = command(CASE, "-o", str(other), *words, QT_SCALE_FACTOR="3", QT_QPA_PLATFORM="xcb")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    assert "1.2- 1.5+   1.50 mA   210 us" in re.sub(r"(-|\+)100", r"\1", other.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((CASE, "-o", "a.gif"), 2, "must end in .png, .svg or .pdf"),
        ((CASE, "-o", "a.png", "--size", "big"), 2, "is not a size"),
        ((CASE, "-o", "a.png", "--contacts", "1.3-"), 2, "1.3"),
        ((CASE, "-o", "missing/a.svg", "--size", "300x300"), 1, "missing"),
        (("nobody", "-o", "a.png"), 2, "nobody"),
        (("none.toml", "-o", "a.png"), 3, "none.toml: cannot be read"),
    ],
)
def test_a_wrong_command_line_draws_nothing(tmp_path: Path, words, code, says):
    done = command(*words)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
