"""The two verbs of the package: a result's body map as SVG text and as PNG bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scs_models.errors import UnknownNameError
from scs_models.percept.body_map import BodyMap
from scs_models.values import FloatArray
from scs_sim.picture.compose import scene
from scs_sim.picture.looks import THEMES
from scs_sim.picture.scene import Scene


def draw_svg(
    body_map: BodyMap,
    *,
    pain_scores: Mapping[str, float],
    pain_polygons: Sequence[tuple[float, Sequence[tuple[float, float]]]] = (),
    felt_dc: FloatArray,
    felt_dr: FloatArray,
    title: str,
    lines: Sequence[str] = (),
    theme: str = "light",
) -> str:
    """Return the body map with pain and paresthesia as a complete SVG document.

    pain_scores: region id -> score 0-10; pain_polygons: (score, points in drawing units); felt_dc, felt_dr: (R,) mean
    intensity 0-1 in each region, dorsal column and dorsal root fibres; lines: rows under the title; theme "light" or
    "dark".
    Raises UnknownNameError for an unknown theme or region, InvalidValueError for arrays of another shape.
    """
    from scs_sim.picture.svg import write_svg

    return write_svg(_scene(body_map, pain_scores, pain_polygons, felt_dc, felt_dr, title, lines, theme))


def draw_png(
    body_map: BodyMap,
    *,
    pain_scores: Mapping[str, float],
    pain_polygons: Sequence[tuple[float, Sequence[tuple[float, float]]]] = (),
    felt_dc: FloatArray,
    felt_dr: FloatArray,
    title: str,
    lines: Sequence[str] = (),
    theme: str = "light",
    height_px: int = 1300,
) -> bytes:
    """Return the same picture as PNG bytes, `height_px` high (200 to 6000); arguments and errors as draw_svg."""
    from scs_sim.picture.png import write_png

    return write_png(_scene(body_map, pain_scores, pain_polygons, felt_dc, felt_dr, title, lines, theme), height_px)


def _scene(
    body_map: BodyMap,
    pain_scores: Mapping[str, float],
    pain_polygons: Sequence[tuple[float, Sequence[tuple[float, float]]]],
    felt_dc: FloatArray,
    felt_dr: FloatArray,
    title: str,
    lines: Sequence[str],
    theme: str,
) -> Scene:
    if theme not in THEMES:
        raise UnknownNameError("theme", theme, tuple(THEMES))
    return scene(
        body_map,
        pain_scores=pain_scores,
        pain_polygons=pain_polygons,
        felt_dc=felt_dc,
        felt_dr=felt_dr,
        title=title,
        lines=lines,
        theme=THEMES[theme],
    )
