"""The program card: one A5 page to lay beside the programmer. Contacts, dials, thresholds, coverage, limits, notes.

Drawn once as a scene, 5 units to the millimetre; HTML, PDF and PNG are made from it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

import scs_sim
from scs_sim import DISCLAIMER
from scs_sim.picture.looks import Colour
from scs_sim.picture.scene import Box, Fill, Item, Lines, Scene, Text
from scs_sim.report.content import Matter, Noted
from scs_sim.report.figures import ANODE, GOOD, GREY, HAIR, INK, PAPER, QUIET, WARN, leads_items
from scs_sim.report.page import rendered
from scs_sim.report.sections import limit_rows, noted_of, percent
from scs_sim.result import AreaState, Result

WIDTH, HEIGHT = 1050.0, 740.0  # A5, lying: 210 x 148 mm
_MARGIN, _MIDDLE = 40.0, 384.0
_RIGHT = WIDTH - _MARGIN
_LETTER, _BOLD_LETTER = 0.54, 0.58  # mean width of a letter of a sans-serif font, in sizes
NOTES_LINES = 3


def card_html(matter: Matter, *, notes: bool = False) -> str:
    """Return the card as a self-contained HTML page that prints on one A5 page."""
    return rendered("card.html.j2", scene=card_scene(matter, notes=notes))


def card_scene(matter: Matter, *, notes: bool = False) -> Scene:
    """Return the card; `notes`: with what people wrote, else with empty lines for a pen."""
    result = matter.result
    name = matter.program_name or "Program"
    items: list[Item] = [Box(0, 0, WIDTH, HEIGHT, PAPER), *_head(matter, name)]
    items += leads_items(matter.case, result.areas, _MARGIN, 122.0, _MIDDLE - _MARGIN - 36.0, 456.0)
    items.append(_rule(_MIDDLE - 20.0, 128.0, _MIDDLE - 20.0, 574.0))
    items += _dials(result)
    items += _ruler(result, noted_of(matter, 0))
    items += _coverage(result)
    items += _limits(result)
    items += _notes(matter, notes)
    items.append(Text(WIDTH / 2, HEIGHT - 16.0, DISCLAIMER, 13.0, INK, bold=True, anchor="middle"))
    return Scene(WIDTH, HEIGHT, f"Program card: {name}", card_words(matter), tuple(items))


def card_words(matter: Matter) -> str:
    """Return in words what the card shows."""
    result, at = matter.result, matter.result.thresholds
    areas = "; ".join(
        f"area {a.name}: {a.contacts}, {a.amplitude_ma:.2f} mA, {a.pulse_width_us:g} µs, {a.rate_hz:g} Hz, {a.waveform}"
        for a in result.areas
    )
    found = ", ".join(
        f"{label} {value:.2f} mA"
        for label, value in (("PT", at.pt_ma), ("comfort", at.comfort_ma), ("DT", at.dt_ma), ("MT", at.mt_ma))
        if value is not None
    )
    covered = percent(result.coverage.pain_covered_percent)
    return f"{areas}. Predicted: {found or 'nothing felt'}; pain covered: {covered}. {DISCLAIMER}"


def fitted(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Return `text` cut with an ellipsis where it would be wider than `width` units."""
    most = int(width / (size * (_BOLD_LETTER if bold else _LETTER)))
    return text if len(text) <= most else text[: max(most - 1, 1)].rstrip() + "…"


def _head(matter: Matter, name: str) -> list[Item]:
    result = matter.result
    room = _RIGHT - _MARGIN - 250.0
    items: list[Item] = [
        Box(0, 0, WIDTH, 9.0, INK),
        Text(_MARGIN, 60.0, fitted(name, 30.0, room, bold=True), 30.0, INK, bold=True),
        Text(_MARGIN, 88.0, fitted(f"{result.case_title}, {result.posture}", 15.5, room + 80.0), 15.5, GREY),
        Text(_RIGHT, 46.0, "PROGRAM CARD", 13.0, INK, bold=True, anchor="end"),
        Text(_RIGHT, 67.0, matter.date, 13.5, GREY, anchor="end"),
        Text(_RIGHT, 88.0, f"scs-sim {scs_sim.__version__}", 13.5, GREY, anchor="end"),
        _rule(_MARGIN, 106.0, _RIGHT, 106.0, INK, 1.2),
    ]
    if result.forbidden:
        items += [
            Box(_MARGIN, 112.0, _RIGHT - _MARGIN, 24.0, ANODE, 3.0),
            Text(_MARGIN + 10.0, 129.0, fitted(f"Forbidden: {result.forbidden}", 14.0, 920.0), 14.0, PAPER, bold=True),
        ]
    return items


def _dials(result: Result) -> list[Item]:
    if len(result.areas) > 1:
        return _several(result.areas)
    area, items = result.areas[0], _title("Dials", 146.0)
    values = (
        ("Amplitude, mA", f"{area.amplitude_ma:.2f}"),
        ("Pulse width, µs", f"{area.pulse_width_us:g}"),
        ("Rate, Hz", f"{area.rate_hz:g}"),
    )
    for place, (label, value) in enumerate(values):
        x = _MIDDLE + 160.0 * place
        items += [Text(x, 198.0, value, 40.0, INK, bold=True), Text(x, 219.0, label, 13.5, GREY)]
    items.append(Text(_MIDDLE + 480.0, 198.0, area.waveform, 18.0, INK, bold=True))
    items.append(Text(_MIDDLE + 480.0, 219.0, "Waveform", 13.5, GREY))
    return items


def _several(areas: Sequence[AreaState]) -> list[Item]:
    items = _title("Dials, area by area", 140.0)
    for row, area in enumerate(areas):
        y = 163.0 + 20.0 * row
        cells = (
            (0.0, area.name, True), (24.0, f"{area.amplitude_ma:.2f} mA", True),
            (112.0, f"{area.pulse_width_us:g} µs", False), (182.0, f"{area.rate_hz:g} Hz", False),
            (250.0, fitted(area.waveform, 15.0, 90.0), False),
            (345.0, fitted(area.contacts, 13.0, 280.0), False),
        )  # fmt: skip
        items += [
            Text(_MIDDLE + x, y, words, 13.0 if x > 340 else 15.5, GREY if x > 340 else INK, bold=bold)
            for x, words, bold in cells
        ]
    return items


def _ruler(result: Result, noted: Noted) -> list[Item]:
    at, y = result.thresholds, 300.0
    items = _title("Thresholds, predicted" + (" (area A, all raised together)" if len(result.areas) > 1 else ""), 256.0)
    if at.pt_ma is None or at.dt_ma is None or at.comfort_ma is None:
        return [*items, Text(_MIDDLE, y, "Not felt anywhere at any amplitude.", 15.0, INK)]
    wide = _RIGHT - _MIDDLE
    motor_near = at.mt_ma is not None and at.mt_ma <= 2.6 * at.dt_ma
    end = 1.15 * max(result.reached_ma, at.dt_ma, at.mt_ma if motor_near and at.mt_ma is not None else 0.0)

    def x_of(amplitude_ma: float) -> float:
        return _MIDDLE + wide * amplitude_ma / end

    items.append(Box(_MIDDLE, y - 3.0, wide, 6.0, QUIET, 3.0))
    items.append(Box(x_of(at.pt_ma), y - 5.0, max(x_of(at.dt_ma) - x_of(at.pt_ma), 2.0), 10.0, GOOD, 3.0))
    for value in (at.pt_ma, at.comfort_ma, at.dt_ma, *((at.mt_ma,) if motor_near and at.mt_ma is not None else ())):
        items.append(_rule(x_of(value), y - 9.0, x_of(value), y + 9.0, INK, 1.6))
    now = x_of(result.reached_ma)
    items.append(Fill([np.array([[now, y + 6.0], [now - 8.0, y + 20.0], [now + 8.0, y + 20.0]])], INK))
    items += [
        Text(x_of(at.pt_ma) + 5.0, y - 14.0, f"PT {at.pt_ma:.2f}", 14.5, INK, bold=True, anchor="end"),
        Text(x_of(at.dt_ma) - 5.0, y - 14.0, f"DT {at.dt_ma:.2f}", 14.5, INK, bold=True),
    ]
    if motor_near and at.mt_ma is not None:
        items.append(Text(x_of(at.mt_ma), y - 14.0, f"MT {at.mt_ma:.2f}", 14.5, INK, bold=True, anchor="middle"))
        motor = ""
    else:
        motor = "MT not reached, " if at.mt_ma is None else f"MT {at.mt_ma:.2f}, "
    words = (
        f"comfort {at.comfort_ma:.2f}, {motor}now {result.reached_ma:.2f} mA;"
        f" usage range {at.dt_ma - at.pt_ma:.2f} mA, DT/PT {at.dt_ma / at.pt_ma:.2f}"
    )
    items.append(Text(_MIDDLE, y + 40.0, words, 14.0, INK))
    own = [
        f"{label} {value:.2f}"
        for label, value in (
            ("PT", noted.pt_ma), ("comfort", noted.comfort_ma), ("DT", noted.dt_ma), ("MT", noted.mt_ma),
        )
        if value is not None
    ]  # fmt: skip
    if own:
        items.append(Text(_MIDDLE, y + 59.0, f"Noted by a person: {', '.join(own)} mA", 14.0, INK, bold=True))
    return items


def _coverage(result: Result) -> list[Item]:
    found, top = result.coverage, 392.0
    items = _title("Coverage, predicted", top)
    if found.pain_covered_percent is None:
        return [*items, Text(_MIDDLE, top + 34.0, "Not applicable: a paresthesia-free program.", 15.0, INK)]
    covered, wide = found.pain_covered_percent, 290.0
    items += [
        Text(_MIDDLE, top + 50.0, f"{covered:.0f} %", 38.0, INK, bold=True),
        Text(_MIDDLE, top + 71.0, "of the painful area", 13.5, GREY),
        Box(_MIDDLE, top + 84.0, wide, 10.0, QUIET, 3.0),
    ]
    if covered >= 0.5:
        items.append(
            Box(_MIDDLE, top + 84.0, max(wide * covered / 100.0, 4.0), 10.0, GOOD if found.passes else WARN, 3.0)
        )
    x = _MIDDLE + wide * found.pass_line_percent / 100.0
    items.append(_rule(x, top + 79.0, x, top + 99.0, INK, 1.6))
    items.append(Text(x, top + 113.0, f"pass {found.pass_line_percent:g} %", 12.0, GREY, anchor="middle"))
    rows = [f"least: {found.worst_region_title}, {percent(found.worst_region_percent)}"]
    if found.unwanted_of_felt_percent is not None:
        rows.append(f"unwanted: {found.unwanted_of_felt_percent:.0f} % of what is felt")
    if found.left_percent_of_felt is not None and found.right_percent_of_felt is not None:
        rows.append(f"left / right: {found.left_percent_of_felt:.0f} / {found.right_percent_of_felt:.0f} %")
    y = top + 135.0
    for place, words in enumerate(rows):
        items.append(Text(_MIDDLE, y + 18.0 * place, fitted(words, 14.0, wide), 14.0, INK))
    return items


def _limits(result: Result) -> list[Item]:
    x, top = _MIDDLE + 330.0, 392.0
    items = _title("Safety and limits", top, x)
    for row, (what, value, limit, verdict) in enumerate(limit_rows(result.safety)):
        y = top + 29.0 + 21.0 * row
        tone = ANODE if verdict == "above" else INK
        against = f"{'above' if verdict == 'above' else 'of'} {limit.split()[0]}" if limit else ""
        items += [
            Text(x, y, what.replace("Charge density, contact", "Density at"), 13.5, GREY),
            Text(_RIGHT - 74.0, y, value, 13.5, tone, bold=verdict == "above", anchor="end"),
            Text(_RIGHT, y, against, 12.5, tone if verdict == "above" else GREY, anchor="end"),
        ]
    active = [effect for effect in result.side_effects if effect.at_evaluated_amplitude]
    words = ", ".join(effect.what for effect in active) or "none at this amplitude"
    lines = textwrap.wrap(f"Side effects: {words}", 38)[:2]
    for row, line in enumerate(lines):
        items.append(Text(x, top + 163.0 + 18.0 * row, line, 13.5, ANODE if active else INK, bold=bool(active)))
    return items


def _notes(matter: Matter, notes: bool) -> list[Item]:
    top, step = 612.0, 28.0
    items: list[Item] = [_rule(_MARGIN, 588.0, _RIGHT, 588.0, INK, 1.2), *_title("Notes", top - 4.0, _MARGIN)]
    items += [_rule(_MARGIN + 70.0, top + step * row, _RIGHT, top + step * row) for row in range(NOTES_LINES)]
    written = " / ".join(text.strip() for _, text in matter.notes if text.strip()) if notes else ""
    if written:
        most = int((_RIGHT - _MARGIN - 70.0) / (14.0 * _LETTER))
        lines = textwrap.wrap(written, most, max_lines=NOTES_LINES, placeholder=" …")
        items += [Text(_MARGIN + 72.0, top - 6.0 + step * row, line, 14.0, INK) for row, line in enumerate(lines)]
    return items


def _title(text: str, y: float, x: float = _MIDDLE) -> list[Item]:
    return [Text(x, y, text, 13.5, INK, bold=True)]


def _rule(x0: float, y0: float, x1: float, y1: float, tone: Colour = HAIR, width: float = 1.0) -> Lines:
    return Lines([np.array([[x0, y0], [x1, y1]])], tone, width)
