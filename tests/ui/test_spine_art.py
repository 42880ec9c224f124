"""The picture of the spine: bone where the model has vertebrae, discs between, both sides alike, marks of surgery."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from PySide6.QtGui import QImage

from scs_models.anatomy import body_span_mm, vertebra_mid_z_mm, vertebra_names, vertebra_span_mm
from scs_ui.theme import DARK, LIGHT
from scs_ui.widgets import spine_art
from scs_ui.widgets.spine_shapes import vertebrae

stretch_image = cache(spine_art.stretch_image)


def column(z_mm: float, theme, laminectomy=(), hardware=()) -> np.ndarray:
    """Return the lightness (columns,) 0-255 along one height, and its mirror image's difference is a test."""
    number = spine_art.stretch_at(z_mm)
    image = stretch_image(number, theme, laminectomy, hardware)
    assert image.format() == QImage.Format.Format_RGB32
    row = int((-z_mm - spine_art.stretch_rect(number).top()) * spine_art.PX_PER_MM)
    return np.array([image.pixelColor(x, row).lightness() for x in range(image.width())], dtype=float)


def at(x_mm: float) -> int:
    return int((x_mm + spine_art.HALF_WIDTH_MM) * spine_art.PX_PER_MM)


@pytest.mark.parametrize("level", ["C5", "T3", "T9", "T12", "L3"])
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_bodies_are_bone_and_discs_are_not(level, theme):
    drawn = next(v for v in vertebrae() if v.name == level)
    low, high = body_span_mm(level)
    border = vertebra_span_mm(level)[0]
    aside = 0.72 * drawn.half_width_mm
    inside = column((low + high) / 2.0, theme)[at(-aside) : at(aside)].mean()
    between = column(border, theme)[at(-0.45 * drawn.half_width_mm) : at(0.45 * drawn.half_width_mm)]
    air = column((low + high) / 2.0, theme)[[at(-64.0), at(64.0)]].mean()
    way = 1.0 if theme.is_dark else -1.0
    assert way * (inside - air) > 8.0
    assert way * inside > (way * between).min() + 4.0, "beside the spinous process the disc lets light through"


@pytest.mark.parametrize("level", ["T12", "L1", "L3"])
def test_the_lower_edge_of_a_body_lies_where_the_model_has_it(level):
    """Going up from the disc, beside the spinous process, film turns to bone within 0.6 mm of the body's edge."""
    drawn = next(v for v in vertebrae() if v.name == level)
    low, _ = body_span_mm(level)
    heights = np.arange(vertebra_span_mm(level)[0], low + 5.0, 0.1)
    line = np.array([column(z_mm, DARK)[at(0.3 * drawn.half_width_mm)] for z_mm in heights])
    disc, bone = line[:4].mean(), line[-10:].mean()
    assert bone > disc + 10.0
    assert heights[np.argmax(line > (disc + bone) / 2.0)] == pytest.approx(low, abs=0.6)


def test_left_and_right_are_drawn_alike():
    line = column(vertebra_mid_z_mm("T9"), LIGHT)
    assert np.abs(line - line[::-1]).mean() < 4.0


def test_vertebrae_stand_at_the_heights_of_the_model():
    for v in vertebrae():
        assert (v.low_mm, v.high_mm) == vertebra_span_mm(v.name)
        assert (v.body_low_mm, v.body_high_mm) == body_span_mm(v.name)
    assert tuple(v.name for v in vertebrae()) == vertebra_names()


def test_without_a_lamina_the_midline_is_thinner():
    z_mm = vertebra_mid_z_mm("T9") - 6.0
    before = column(z_mm, DARK)[at(-2.0) : at(2.0)].mean()
    after = column(z_mm, DARK, ("T8", "T9"))[at(-2.0) : at(2.0)].mean()
    assert after < before - 8.0


def test_screws_stand_in_the_pedicles_of_levels_with_hardware():
    drawn = next(v for v in vertebrae() if v.name == "L1")
    for x_mm in (drawn.pedicle_x_mm, -drawn.pedicle_x_mm):
        assert column(drawn.pedicle_z_mm, DARK, (), ("L1",))[at(x_mm)] > 150.0
        assert column(drawn.pedicle_z_mm, DARK)[at(x_mm)] < 150.0


def test_stretches_meet_without_a_seam():
    z_mm = -spine_art.stretch_rect(13).top()
    above, below = column(z_mm + 0.05, LIGHT), column(z_mm - 0.05, LIGHT)
    assert np.abs(above - below).mean() < 3.0
