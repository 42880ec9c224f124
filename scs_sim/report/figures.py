"""Drawings of a report, as scenes: body map, leads with contacts, curves, tested settings. Made for white paper.

Signs, line styles and shapes say what colours say, so that a grey print loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from scs_models.anatomy import vertebra_at, vertebra_names, vertebra_span_mm
from scs_models.percept.body_map import load_body_map
from scs_models.percept.intensity import intensity
from scs_models.percept.perception import SIDED_DERMATOMES
from scs_models.percept.regions import load_region_weights
from scs_models.values import FloatArray
from scs_sim.answers import rules_of
from scs_sim.case import Case
from scs_sim.contact_plan import lead_places
from scs_sim.picture.looks import Colour, colour, mix
from scs_sim.picture.scene import Box, Fill, Item, Lines, Scene, Shade, Text
from scs_sim.program import GENERATOR, ContactShare, parse_contacts
from scs_sim.report.content import Matter
from scs_sim.result import AreaState, Result

INK, GREY, HAIR, PAPER = colour("#000000"), colour("#55606c"), colour("#c3cad2"), colour("#ffffff")
QUIET = colour("#eef1f4")
CATHODE, ANODE, GOOD, WARN = colour("#1f5fae"), colour("#b8352f"), colour("#2f8a5b"), colour("#b45f00")
CURVES = tuple(map(colour, ("#0072b2", "#b87400", "#008a63", "#a8558a")))
_PAINFUL_SHOWN = 4
_NARROW, _TWO_LINES = 100.0, 27.0
Axis = Callable[[float], float]
"""From a value to its place in the drawing."""


def leads_scene(matter: Matter) -> Scene:
    """Return the leads from behind with signs and shares, and vertebrae beside them."""
    width = 130.0 * _columns(matter.case) + 90.0
    items = leads_items(matter.case, matter.result.areas, 0.0, 0.0, width, 360.0)
    active = ", ".join(f"area {area.name}: {area.contacts}" for area in matter.result.areas)
    return Scene(width, 360.0, "Leads and contacts", f"Contacts in use: {active}.", tuple(items))


def leads_items(case: Case, areas: Sequence[AreaState], x: float, y: float, width: float, height: float) -> list[Item]:
    """Return the leads drawn into a box: heights to scale, columns side by side from the patient's left."""
    shares = [(area.name, share) for area in areas for share in parse_contacts(area.contacts)]
    columns = _lead_columns(case)
    heights = [z for _, column in columns for _, z, _ in column]
    length = max(size for _, column in columns for _, _, size in column)
    foot = 34.0 if any(share.lead == 0 for _, share in shares) else 8.0
    top_mm, low_mm = max(heights) + length, min(heights) - length
    per_mm = (height - foot - 26.0) / (top_mm - low_mm)

    def at(z_mm: float) -> float:
        return y + 22.0 + (top_mm - z_mm) * per_mm

    items = vertebra_items(low_mm, top_mm, at, x, width)
    room = (width - 40.0) / len(columns)
    narrow = room < _NARROW
    middles = [x + 40.0 + room * (place + (0.5 if narrow else 0.36)) for place in range(len(columns))]
    for number in range(1, len(case.leads) + 1):
        own = [place for place, (lead, _) in enumerate(columns) if lead == number]
        tall = [z for place in own for _, z, _ in columns[place][1]]
        top, bottom = at(max(tall) + length * 0.9), at(min(tall) - length * 0.9)
        left, right = middles[own[0]], middles[own[-1]]
        aside = 6.0 if len(own) == 1 else 0.42 * room
        items.append(Box(left - aside, top, right - left + 2 * aside, bottom - top, colour("#dfe4e9"), aside))
        items.append(Text((left + right) / 2, y + 12.0, f"lead {number}", 11.5, GREY, anchor="middle"))
    for middle, (_, column) in zip(middles, columns, strict=True):
        apart = min((abs(at(b) - at(a)) for (_, a, _), (_, b, _) in pairwise(column)), default=100.0)
        for name, z_mm, size_mm in column:
            used = [(area, share) for area, share in shares if share.name == name]
            size = min(size_mm * per_mm, apart - _TWO_LINES) if narrow else size_mm * per_mm
            items += _contact(middle, at(z_mm), max(11.0, size), name, used, len(areas) > 1, narrow)
    case_shares = [(area, share) for area, share in shares if share.name == GENERATOR]
    if case_shares:
        items += _contact(x + width / 2 - 20.0, y + height - 15.0, 18.0, "generator", case_shares, len(areas) > 1)
    return items


def curves_scene(matter: Matter) -> Scene:
    """Return the intensity of the painful dermatomes and of the first root over the amplitude, with thresholds."""
    result = matter.result
    width, height, left, right, top, bottom = 640.0, 300.0, 56.0, 120.0, 30.0, 44.0
    at = result.thresholds
    last = float(result.recruitment.amplitude_ma[-1])
    end = last if at.dt_ma is None else max(1.6 * at.dt_ma, 1.15 * result.reached_ma)
    wide, high = width - left - right, height - top - bottom

    def x_of(amplitude_ma: float) -> float:
        return left + wide * amplitude_ma / end

    def y_of(share: float) -> float:
        return top + high * (1.0 - share)

    items: list[Item] = [Box(0, 0, width, height, PAPER)]
    for tick in range(0, 101, 20):
        y = y_of(tick / 100.0)
        items += [
            Lines([line(left, y, left + wide, y)], HAIR, 0.7),
            Text(left - 8, y + 4, f"{tick}", 12, GREY, anchor="end"),
        ]
    step = next(s for s in (0.5, 1.0, 2.0, 5.0) if end / s <= 10)
    for k in range(math.floor(end / step) + 1):
        x = x_of(k * step)
        items += [
            Lines([line(x, top + high, x, top + high + 4)], GREY, 0.8),
            Text(x, top + high + 18, f"{k * step:g}", 12, GREY, anchor="middle"),
        ]
    items.append(Text(left + wide / 2, height - 6, "Amplitude (mA)", 12.5, INK, anchor="middle"))
    items.append(Text(left - 46, top - 14, "Intensity (%)", 12.5, INK))
    spans: list[tuple[float, float]] = []
    for label, value in (("PT", at.pt_ma), ("comfort", at.comfort_ma), ("DT", at.dt_ma), ("MT", at.mt_ma)):
        if value is not None and value <= end:
            x = x_of(value)
            items.append(Lines([line(x, top, x, top + high)], GREY, 0.9, dash=(2.0, 3.0)))
            half = 3.6 * len(label) + 3.0
            row = 0 if all(x - half > b or x + half < a for a, b in spans) else 1
            spans.append((x - half, x + half))
            items.append(Text(x, top - 4 - 12 * row, label, 11.5, GREY, anchor="middle"))
    items.append(Lines([line(x_of(result.reached_ma), top, x_of(result.reached_ma), top + high)], INK, 1.8))
    items += _curves(result, x_of, y_of, end, left + wide)
    return Scene(width, height, "Recruitment curves", _curves_words(result), tuple(items))


def tried_scene(matter: Matter) -> Scene:
    """Return the map of tested settings."""
    width, height, left, top, bottom = 560.0, 300.0, 52.0, 14.0, 44.0
    wide, high = width - left - 20.0, height - top - bottom
    heights = [item.height_mm for item in matter.tried]
    low_mm, top_mm = min(heights) - 12.0, max(heights) + 12.0
    end = max(4.0, 1.1 * max(item.amplitude_ma for item in matter.tried))

    def at(z_mm: float) -> float:
        return top + high * (top_mm - z_mm) / (top_mm - low_mm)

    items: list[Item] = [Box(0, 0, width, height, PAPER), *vertebra_items(low_mm, top_mm, at, 0.0, left + wide)]
    step = next(s for s in (1.0, 2.0, 5.0) if end / s <= 8)
    for k in range(math.floor(end / step) + 1):
        x = left + wide * k * step / end
        items.append(Lines([line(x, top, x, top + high)], HAIR, 0.7))
        items.append(Text(x, top + high + 18, f"{k * step:g}", 12, GREY, anchor="middle"))
    items.append(Text(left + wide / 2, height - 6, "Amplitude (mA)", 12.5, INK, anchor="middle"))
    for item in matter.tried:
        x, y = left + wide * item.amplitude_ma / end, at(item.height_mm)
        fill = mix(PAPER, colour("#1d5f86"), (item.covered_percent or 0.0) / 100.0)
        corners = 4 if item.side_effects else 24
        radius = 8.5 if item.side_effects else 6.5
        turn = np.linspace(0.0, 2.0 * np.pi, corners, endpoint=False)
        ring = np.stack([x + radius * np.sin(turn), y - radius * np.cos(turn)], axis=-1)
        items.append(Fill([ring], fill))
        items.append(Lines([ring], WARN if item.side_effects else INK, 2.2 if item.side_effects else 1.0, closed=True))
    words = "; ".join(f"{i.contacts} at {i.amplitude_ma:.1f} mA, {vertebra_at(i.height_mm)}" for i in matter.tried[:20])
    return Scene(width, height, "Tested settings", words, tuple(items))


def opaque(scene: Scene) -> Scene:
    """Return a scene without soft shading, its lines in the colour that they have on white paper.

    For PDF: Qt writes the outline of every translucent stroke, megabytes of it.
    """
    items = tuple(
        replace(item, colour=mix(PAPER, item.colour, item.opacity), opacity=1.0) if isinstance(item, Lines) else item
        for item in scene.items
        if not isinstance(item, Shade)
    )
    return replace(scene, items=items)


def painful_dermatomes(result: Result) -> tuple[int, ...]:
    """Return the sided dermatomes (indices) that serve the painful regions most, four at most."""
    weights, areas = load_region_weights(), load_body_map().area_mm2
    painful = np.array([region.painful_percent for region in result.regions])
    hurts = (areas * painful) @ (weights.cutaneous + weights.rami)
    order = [int(i) for i in np.argsort(-hurts, kind="stable")[:_PAINFUL_SHOWN]]
    return tuple(sorted(i for i in order if hurts[i] > 0.1 * hurts.max()))


def sign_items(x: float, y: float, size: float, share: ContactShare, wide: float = 0.0) -> list[Item]:
    """Return a contact in use as a box with its sign, about (x, y): filled a cathode, framed an anode."""
    tone, wide = (CATHODE, wide or size) if share.sign < 0 else (ANODE, wide or size)
    items: list[Item] = [Box(x - wide / 2, y - size / 2, wide, size, tone, 3.0)]
    ink = PAPER
    if share.sign > 0:
        items.append(Box(x - wide / 2 + 1.8, y - size / 2 + 1.8, wide - 3.6, size - 3.6, PAPER, 2.0))
        ink = ANODE
    arm = min(size, wide) * 0.28
    strokes = [line(x - arm, y, x + arm, y)] + ([line(x, y - arm, x, y + arm)] if share.sign > 0 else [])
    items.append(Lines(strokes, ink, 2.0))
    return items


def _contact(
    x: float,
    y: float,
    size: float,
    name: str,
    own: list[tuple[str, ContactShare]],
    several: bool,
    narrow: bool = False,
) -> list[Item]:
    """Return one contact with its name and shares, left and right of it, or where narrow above and below it."""
    items: list[Item]
    if own:
        items = sign_items(x, y, size, own[0][1], 24.0)
    else:
        items = [
            Box(x - 10.0, y - size / 2, 20.0, size, HAIR, 3.0),
            Box(x - 9.0, y - size / 2 + 1, 18.0, size - 2, QUIET, 2.5),
        ]
    tone = CATHODE if own and own[0][1].sign < 0 else ANODE
    words = ", ".join(f"{f'{area} ' if several else ''}{share.percent} %" for area, share in own)
    if narrow:
        items.append(Text(x, y - size / 2 - 3.0, name, 10.0, INK if own else GREY, anchor="middle"))
        items.append(Text(x, y + size / 2 + 11.0, words, 11.0, tone, bold=True, anchor="middle"))
    else:
        items.append(Text(x - 17.0, y + 4.0, name, 11.0, INK if own else GREY, anchor="end"))
        items.append(Text(x + 18.0, y + 4.5, words, 13.0, tone, bold=True))
    return items if own else items[:-1]


def _columns(case: Case) -> int:
    return len(_lead_columns(case))


def _lead_columns(case: Case) -> list[tuple[int, list[tuple[str, float, float]]]]:
    """Return the columns of contacts from the patient's left: lead number, (name, z_mm, length_mm) from the tip."""
    found = []
    for number in range(1, len(case.leads) + 1):
        places, first = lead_places(case, number), 0
        for count in case.lead_type(number).column_contacts:
            column = [(f"{number}.{i + 1}", places[i].z_mm, places[i].length_mm) for i in range(first, first + count)]
            found.append((number, column))
            first += count
    return found


def vertebra_items(low_mm: float, top_mm: float, at: Axis, x: float, width: float) -> list[Item]:
    """Return the borders and names of the vertebrae between two heights, as lines `width` long from `x`."""
    items: list[Item] = []
    for name in vertebra_names():
        caudal, rostral = vertebra_span_mm(name)
        if rostral <= low_mm or caudal >= top_mm:
            continue
        high, low = at(min(rostral, top_mm)), at(max(caudal, low_mm))
        if caudal > low_mm:
            items.append(Lines([line(x, low, x + width, low)], HAIR, 0.8))
        if low - high > 14.0:
            items.append(Text(x + 4.0, (high + low) / 2 + 4.0, name, 12.5, GREY))
    return items


def _curves(result: Result, x_of: Axis, y_of: Axis, end: float, edge: float) -> list[Item]:
    curves, rules = result.recruitment, rules_of(result.felt_fibres)
    chosen: list[tuple[str, FloatArray, Colour, tuple[float, float] | None]] = [
        (SIDED_DERMATOMES[i], curves.dc_fibres[:, i], CURVES[k % len(CURVES)], None)
        for k, i in enumerate(painful_dermatomes(result))
    ]
    first = next((effect for effect in result.side_effects if effect.what.startswith("band of the ")), None)
    if first is not None:
        name = first.what.removeprefix("band of the ").removesuffix(" root")
        chosen.append((f"{name} root", curves.dr_fibres[:, SIDED_DERMATOMES.index(name)], WARN, (6.0, 4.0)))
    shown = curves.amplitude_ma <= end
    items: list[Item] = []
    ends = []
    for label, fibres, tone, dash in chosen:
        x = [x_of(value) for value in curves.amplitude_ma[shown]]
        y = [y_of(value) for value in intensity(fibres[shown], rules)]
        items.append(Lines([np.stack([x, y], axis=-1)], tone, 1.8, dash=dash))
        ends.append((y[-1], x[-1], label, tone))
    place = -math.inf
    for y_end, x_end, label, tone in sorted(ends):
        place = max(y_end, place + 15.0)
        items.append(Lines([line(x_end, y_end, edge + 12.0, place)], tone, 0.8))
        items.append(Text(edge + 15.0, place + 4.0, label, 12.0, INK))
    return items


def _curves_words(result: Result) -> str:
    names = ", ".join(SIDED_DERMATOMES[i] for i in painful_dermatomes(result))
    return f"Intensity over amplitude of {names or 'no dermatome'}; the amplitude is {result.reached_ma:.2f} mA."


def line(x0: float, y0: float, x1: float, y1: float) -> FloatArray:
    """Return a straight stroke as a path (2, 2)."""
    return np.array([[x0, y0], [x1, y1]])
