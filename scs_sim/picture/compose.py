"""Lay out the body map picture: heading, the drawing with pain and paresthesia, legend, footer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.percept.body_map import BodyMap, dissolved
from scs_models.percept.dermatomes import VIEWS
from scs_models.values import FloatArray
from scs_sim import DISCLAIMER
from scs_sim.picture.looks import Theme
from scs_sim.picture.scene import Box, Fill, Item, Lines, Scene, Shade, Text, hatch

SHOWN = 0.02
"""A felt share below this leaves the region its own colour."""
ROOT_SHOWN = 0.05

MARGIN, HEAD, LINE, FOOT = 40.0, 74.0, 22.0, 56.0
ROOT_GAP, ROOT_ANGLE = 6.5, 45.0
PAIN_GAP, PAIN_ANGLE = 9.0, -45.0


def scene(
    body_map: BodyMap,
    *,
    pain_scores: Mapping[str, float],
    pain_polygons: Sequence[tuple[float, Sequence[tuple[float, float]]]],
    felt_dc: FloatArray,
    felt_dr: FloatArray,
    title: str,
    lines: Sequence[str],
    theme: Theme,
) -> Scene:
    """Return the picture of a result, ready for a writer; see draw_svg for the arguments.

    Raises InvalidValueError for arrays that are not (R,), UnknownNameError for an unknown region.
    """
    count = len(body_map.regions)
    for name, values in (("felt_dc", felt_dc), ("felt_dr", felt_dr)):
        if np.shape(values) != (count,) or not np.all(np.isfinite(values)):
            problem = f"{name} has shape {np.shape(values)}; it must hold {count} finite shares, one per region"
            raise InvalidValueError(problem)
    top = HEAD + LINE * len(lines)
    shift = np.array([MARGIN, top])
    width, height = body_map.width + 2 * MARGIN, top + body_map.height + FOOT
    items: list[Item] = [Box(0, 0, width, height, theme.paper), Text(MARGIN, 52, title, 28, theme.text, bold=True)]
    items += [Text(MARGIN, 56 + LINE * (k + 1), line, 15.5, theme.muted) for k, line in enumerate(lines)]
    items += _body(body_map, felt_dc, felt_dr, shift, theme)
    items += _pain(body_map, pain_scores, pain_polygons, shift, theme)
    items += _captions(body_map, shift, theme)
    items += _legend(shift[0] + body_map.width / 2, shift[1] + 66.0, theme)
    items.append(Text(width / 2, height - 20, DISCLAIMER, 13.5, theme.muted, anchor="middle"))
    return Scene(width, height, title, description(body_map, pain_scores, felt_dc, felt_dr), tuple(items))


def description(body_map: BodyMap, pain_scores: Mapping[str, float], felt_dc: FloatArray, felt_dr: FloatArray) -> str:
    """Return in words what the picture shows, for those who cannot see it."""
    total = 1.0 - (1.0 - np.asarray(felt_dc)) * (1.0 - np.asarray(felt_dr))
    strong = [body_map.regions[k].title for k in np.argsort(-total, kind="stable")[:8] if total[k] >= 0.25]
    hurts = [body_map.region(name).title for name, score in pain_scores.items() if score > 0]
    felt = (
        f"Paresthesia is felt most in: {', '.join(strong)}."
        if strong
        else "Paresthesia is felt in no region by a quarter."
    )
    return f"{felt} Pain: {', '.join(hurts) if hurts else 'none in whole regions'}."


def _body(body_map: BodyMap, felt_dc: FloatArray, felt_dr: FloatArray, shift: FloatArray, theme: Theme) -> list[Item]:
    outlines = [stroke.points + shift for stroke in body_map.outlines]
    items: list[Item] = [Fill(outlines, theme.body)]
    for region, share in zip(body_map.regions, felt_dc, strict=True):
        fill = theme.felt(float(share)) if share >= SHOWN else theme.body
        items.append(
            Fill([ring + shift for ring in region.polygons], fill, id=region.id, title=_hover(region.title, share))
        )
    items.append(Shade(outlines, theme.shade, theme.shade_opacity, 9.0))
    items.append(Lines([line + shift for line in body_map.borders], theme.border, 0.7, opacity=0.6))
    soft = [stroke.points + shift for stroke in body_map.details if not stroke.fold]
    folds = [stroke.points + shift for stroke in body_map.details if stroke.fold]
    items += [Lines(soft, theme.detail, 0.9, opacity=0.40), Lines(folds, theme.detail, 1.2, opacity=0.60)]
    for region, share in zip(body_map.regions, felt_dr, strict=True):
        if share >= ROOT_SHOWN:
            ticks = hatch([ring + shift for ring in region.polygons], ROOT_GAP, ROOT_ANGLE)
            wide, clear = 0.9 + 2.1 * min(float(share), 1.0), min(1.0, 0.45 + float(share))
            items.append(Lines(ticks, theme.casing, wide + 1.1, opacity=0.4 * clear))
            items.append(Lines(ticks, theme.root, wide, opacity=clear, id=f"root_{region.id}"))
    items.append(Lines(outlines, theme.outline, 1.5, closed=True))
    return items


def _hover(title: str, share: float) -> str:
    return f"{title}: felt in {100 * float(share):.0f} %"


def _pain(
    body_map: BodyMap,
    scores: Mapping[str, float],
    polygons: Sequence[tuple[float, Sequence[tuple[float, float]]]],
    shift: FloatArray,
    theme: Theme,
) -> list[Item]:
    hurts = {name: score for name, score in scores.items() if score > 0}
    drawn = [(score, np.asarray(points, dtype=float) + shift) for score, points in polygons if score > 0]
    areas = [(score, [ring + shift for ring in body_map.region(name).polygons]) for name, score in hurts.items()]
    areas += [(score, [ring]) for score, ring in drawn]
    items: list[Item] = []
    for score, rings in areas:
        ticks = hatch(rings, PAIN_GAP, PAIN_ANGLE)
        wide = 0.8 + 0.1 * score
        items.append(Lines(ticks, theme.casing, wide + 1.4, opacity=0.30))
        items.append(Lines(ticks, theme.pain, wide, opacity=0.45 + 0.045 * score))
    rims = [ring + shift for ring in body_map.outline_of(hurts)]
    rims += [rim for _, ring in drawn for rim in dissolved([ring])]  # holes hang on slits, which vanish
    if rims:
        items.append(Lines(rims, theme.casing, 4.4, opacity=0.6, closed=True))
        items.append(Lines(rims, theme.pain, 2.5, closed=True, dash=(9.0, 5.5), id="pain"))
    return items


def _captions(body_map: BodyMap, shift: FloatArray, theme: Theme) -> list[Item]:
    items: list[Item] = []
    for letter in body_map.letters:
        size = 19.0 if letter.view == "sole" else 25.0
        items.append(
            Text(letter.x + shift[0], letter.y + shift[1], letter.text, size, theme.muted, bold=True, anchor="middle")
        )
    for view, name in zip(VIEWS, ("FRONT", "BACK", "SOLES"), strict=True):
        x0, _, x1, y1 = body_map.frame(view)
        below = y1 + 20 if view == "sole" else body_map.height + 2
        items.append(Text((x0 + x1) / 2 + shift[0], below + shift[1], name, 12.5, theme.muted, anchor="middle"))
    return items


def _legend(centre: float, top: float, theme: Theme) -> list[Item]:
    """Return the legend in the free space between the two figures."""
    wide, high, left = 196.0, 190.0, centre - 98.0
    x, bar, y = left + 16.0, wide - 32.0, top + 26.0
    items: list[Item] = [
        Box(left, top, wide, high, theme.card, 10.0),
        Text(x, y, "Paresthesia", 13.5, theme.text, bold=True),
    ]
    items.append(Text(x + bar, y, "intensity", 12, theme.muted, anchor="end"))
    steps = 41
    edges = np.linspace(x, x + bar, steps + 1)
    for k, a in enumerate(edges[:-1]):
        items.append(Box(float(a), y + 10, float(edges[-1] - a), 13, theme.felt(k / (steps - 1))))
    items.append(Text(x, y + 39, "0 %", 11.5, theme.muted))
    items.append(Text(x + bar / 2, y + 39, "50 %", 11.5, theme.muted, anchor="middle"))
    items.append(Text(x + bar, y + 39, "100 %", 11.5, theme.muted, anchor="end"))
    for place, (kind, words, more) in enumerate(
        (("root", "Dorsal root", "side-effect band"), ("pain", "Pain", "as reported"))
    ):
        y0 = y + 58 + 50 * place
        swatch = np.array([[x, y0], [x + 38, y0], [x + 38, y0 + 30], [x, y0 + 30]])
        items.append(Fill([swatch], theme.body))
        if kind == "root":
            ticks = hatch([swatch], ROOT_GAP, ROOT_ANGLE)
            items += [Lines(ticks, theme.casing, 3.2, opacity=0.35), Lines(ticks, theme.root, 2.1, opacity=0.95)]
        else:
            items.append(Lines(hatch([swatch], PAIN_GAP, PAIN_ANGLE), theme.pain, 1.3, opacity=0.65))
            items.append(Lines([swatch], theme.pain, 2.5, closed=True, dash=(9.0, 5.5)))
        items.append(Text(x + 52, y0 + 12, words, 13.5, theme.text, bold=True))
        items.append(Text(x + 52, y0 + 27, more, 11.5, theme.muted))
    return items
