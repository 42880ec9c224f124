"""Drawings of a debrief, as scenes: the course over time, points by item, thresholds, leads among what was hidden."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.values import FloatArray
from scs_sim.contact_plan import lead_places
from scs_sim.picture.compose import scene as body_scene
from scs_sim.picture.looks import LIGHT, colour
from scs_sim.picture.scene import Box, Fill, Item, Lines, Scene, Text, hatch
from scs_sim.program import parse_contacts
from scs_sim.report.figures import (
    ANODE,
    CATHODE,
    GOOD,
    GREY,
    HAIR,
    INK,
    PAPER,
    QUIET,
    WARN,
    Axis,
    line,
    sign_items,
    vertebra_items,
)
from scs_sim.training.debrief import Debriefing, Felt
from scs_sim.training.debrief_course import STOP, Course, Mark, Stay, finite
from scs_sim.training.evidence import NoteTruth
from scs_sim.training.score import Score

CORD = colour("#8a3ea8")
NOTE_LETTERS = {"pt": "P", "comfort": "C", "dt": "D"}
_SIDE_MM, _SHOWN_MA = 9.0, 25.5
_BAND = colour("#f4f6f8")


def timeline_scene(course: Course) -> Scene:
    """Return the amplitude over simulated time, with visits, postures, notes, slips and cries of stop."""
    width, height, left, right, top, bottom = 900.0, 400.0, 58.0, 16.0, 40.0, 84.0
    wide, high = width - left - right, height - top - bottom
    end_s = max(course.visits[-1].to_s, 60.0)
    top_ma = max([1.0, *(ma for _, ma in course.line), *(mark.amplitude_ma for mark in course.marks)]) * 1.12

    def x_of(clock_s: float) -> float:
        return left + wide * clock_s / end_s

    def y_of(amplitude_ma: float) -> float:
        return top + high * (1.0 - amplitude_ma / top_ma)

    items: list[Item] = [Box(0, 0, width, height, PAPER)]
    for place, stay in enumerate(course.visits):
        if place % 2 == 0:
            items.append(Box(x_of(stay.from_s), top, x_of(stay.to_s) - x_of(stay.from_s), high, _BAND))
        items += _label(stay, x_of, top - 10.0, bold=True)
    items += _grid(top_ma, left, wide, y_of)
    step_s = next((s for s in (300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0) if end_s / s <= 9), 14400.0)
    for k in range(math.floor(end_s / step_s) + 1):
        x = x_of(k * step_s)
        items.append(Lines([line(x, top + high, x, top + high + 4)], GREY, 0.8))
        items.append(Text(x, top + high + 17, f"{k * step_s / 60.0:g}", 12, GREY, anchor="middle"))
    items.append(
        Text(left + wide / 2, height - 8, "Simulated time at the visits (minutes)", 12.5, INK, anchor="middle")
    )
    y = top + high + 25.0
    for stay in course.postures:
        items += [
            Box(x_of(stay.from_s) + 0.7, y, max(x_of(stay.to_s) - x_of(stay.from_s) - 1.4, 0.6), 17.0, QUIET, 2.0),
            *_label(stay, x_of, y + 12.5),
        ]
    items.append(Text(left - 8, y + 12.5, "posture", 11, GREY, anchor="end"))
    path = np.array([[x_of(clock_s), y_of(ma)] for clock_s, ma in course.line])
    items.append(Lines([path], CATHODE, 1.7))
    for mark in course.marks:
        items += _mark(mark, x_of(mark.clock_s), y_of(mark.amplitude_ma))
    return Scene(width, height, "Course of the session", _course_words(course), tuple(items))


def score_scene(score: Score) -> Scene:
    """Return the points of each item of the rubric as bars, what was not reached left pale."""
    width, left, right, row = 760.0, 300.0, 104.0, 26.0
    height = 12.0 + row * len(score.items) + 8.0
    most = max((item.greatest for item in score.items), default=1.0)
    per_point = (width - left - right) / most
    items: list[Item] = [Box(0, 0, width, height, PAPER)]
    for place, item in enumerate(score.items):
        y = 8.0 + row * place
        share = item.points / item.greatest if item.greatest else 1.0
        tone = GOOD if share >= 0.75 else CATHODE if share >= 0.4 else WARN
        items += [
            Text(left - 12, y + 15, item.title, 13, INK, anchor="end"),
            Box(left, y + 3, max(item.greatest * per_point, 1.0), 15.0, HAIR, 2.0),
            Box(left, y + 3, max(item.points * per_point, 0.5), 15.0, tone, 2.0),
            Text(left + item.greatest * per_point + 8, y + 15, f"{item.points:.1f} of {item.greatest:.1f}", 12.5, INK),
        ]
    words = "; ".join(f"{item.title} {item.points:.1f} of {item.greatest:.1f}" for item in score.items)
    return Scene(width, height, "Points by item", f"{words}.", tuple(items))


def thresholds_scene(noted: Sequence[NoteTruth]) -> Scene:
    """Return each noted threshold (filled) beside the true one (open) of that program in that posture."""
    width, left, right, row, top = 760.0, 258.0, 24.0, 25.0, 26.0
    height = top + row * len(noted) + 44.0
    values = [v for one in noted for v in (one.note.value_ma, one.pt_ma, one.dt_ma) if v <= _SHOWN_MA]
    end_ma = max([1.0, *values]) * 1.08
    wide = width - left - right

    def x_of(amplitude_ma: float) -> float:
        return left + wide * min(amplitude_ma, end_ma) / end_ma

    items: list[Item] = [Box(0, 0, width, height, PAPER)]
    step_ma = next(s for s in (0.5, 1.0, 2.0, 5.0, 10.0) if end_ma / s <= 10)
    for k in range(math.floor(end_ma / step_ma) + 1):
        x = x_of(k * step_ma)
        items.append(Lines([line(x, top - 6, x, height - 40)], HAIR, 0.7))
        items.append(Text(x, height - 24, f"{k * step_ma:g}", 12, GREY, anchor="middle"))
    items.append(Text(left + wide / 2, height - 6, "Amplitude (mA)", 12.5, INK, anchor="middle"))
    for place, one in enumerate(noted):
        y, note, true_ma = top + row * place + 8.0, one.note, true_of(one)
        words = f"event {note.serial}: {note.threshold}, {note.posture}, {note.contacts}"
        items.append(Text(8.0, y + 4, words if len(words) <= 42 else words[:41] + "…", 12, INK))
        if math.isfinite(one.pt_ma):
            items.append(Box(x_of(one.pt_ma), y - 4, max(x_of(one.dt_ma) - x_of(one.pt_ma), 1.0), 8.0, HAIR, 2.0))
        if true_ma is not None:
            items.append(Lines([line(x_of(note.value_ma), y, x_of(true_ma), y)], WARN, 1.6))
            items.append(Lines([ring(x_of(true_ma), y, 5.5)], INK, 1.5, closed=True))
        items.append(Fill([ring(x_of(note.value_ma), y, 4.0)], CATHODE))
    words = "; ".join(f"event {one.note.serial}: {difference_in_words(one)}" for one in noted)
    return Scene(width, height, "Noted and true thresholds", f"{words}.", tuple(items))


def true_of(one: NoteTruth) -> float | None:
    """Return what should have been noted (mA): PT or DT, None where never reached or for comfort, between both."""
    return finite({"pt": one.pt_ma, "dt": one.dt_ma}.get(one.note.threshold, math.inf))


def difference_in_words(one: NoteTruth) -> str:
    """Return how far a note is from the truth."""
    if one.note.threshold == "comfort":
        return "in between" if one.pt_ma <= one.note.value_ma < one.dt_ma else "outside"
    true_ma = true_of(one)
    return "never reached" if true_ma is None else f"{one.note.value_ma - true_ma:+.2f} mA"


def ap_scene(told: Debriefing) -> Scene:
    """Return leads from behind between both midlines, with scar, where they lay on the table, and better places."""
    better = [] if told.good is None else _places(told.good)
    lying = [(lead.number, list(lead.contacts())) for lead in told.truth.leads]
    heights = [z for _, places in lying for _, z in places] + [z for places in better for _, z in places]
    heights += [z for scar in told.hidden.scars for z in (scar.top_z_mm, scar.bottom_z_mm)]
    top_mm, low_mm = max(heights, default=30.0) + 14.0, min(heights, default=-30.0) - 14.0
    width, left, right, head, foot = 520.0, 56.0, 16.0, 44.0, 34.0
    high = min(max(2.6 * (top_mm - low_mm), 300.0), 620.0)
    per_mm, per_side_mm = high / (top_mm - low_mm), (width - left - right) / (2 * _SIDE_MM)
    height = head + high + foot

    def at(z_mm: float) -> float:
        return head + (top_mm - z_mm) * per_mm

    def x_of(x_mm: float) -> float:
        return left + (min(max(x_mm, -_SIDE_MM), _SIDE_MM) + _SIDE_MM) * per_side_mm

    items: list[Item] = [Box(0, 0, width, height, PAPER)]
    for scar in told.hidden.scars:
        x0, x1 = (x_of(-_SIDE_MM if scar.side != "right" else 0.0), x_of(_SIDE_MM if scar.side != "left" else 0.0))
        patch = np.array(
            [(x0, at(scar.top_z_mm)), (x1, at(scar.top_z_mm)), (x1, at(scar.bottom_z_mm)), (x0, at(scar.bottom_z_mm))]
        )
        items += [Lines(hatch([patch], 8.0, 45.0), WARN, 0.9, opacity=0.55), Lines([patch], WARN, 1.0, closed=True)]
    items += vertebra_items(low_mm, top_mm, at, 8.0, width - 16.0)
    cord_mm = told.hidden.patient.cord_offset_mm
    items += [
        Lines([line(x_of(0.0), head, x_of(0.0), head + high)], GREY, 1.4),
        Lines([line(x_of(cord_mm), head, x_of(cord_mm), head + high)], CORD, 2.0, dash=(7.0, 4.0)),
    ]
    spine_left = cord_mm >= 0.0
    items += [
        Text(
            x_of(0.0) + (-6 if spine_left else 6), head - 8, "spine", 12, GREY, anchor="end" if spine_left else "start"
        ),
        Text(
            x_of(cord_mm) + (6 if spine_left else -6),
            head - 8,
            f"cord {cord_mm:+.1f} mm",
            12,
            CORD,
            bold=True,
            anchor="start" if spine_left else "end",
        ),
    ]
    for lead in told.course.at_table:
        items.append(Lines([_path(lead.contacts(), x_of, at)], HAIR, 5.0))
    for places in better:
        items.append(Lines([_path(places, x_of, at)], GOOD, 2.0, dash=(5.0, 4.0)))
        items += [Lines([ring(x_of(x), at(z), 5.0)], GOOD, 1.4, closed=True) for x, z in places]
    shares = {} if told.at_end is None else {share.name: share for share in parse_contacts(told.at_end.contacts)}
    for number, places in lying:
        items.append(Lines([_path(places, x_of, at)], INK, 1.6))
        for contact, (x_mm, z_mm) in enumerate(places, start=1):
            share = shares.get(f"{number}.{contact}")
            if share is None:
                items.append(Box(x_of(x_mm) - 7, at(z_mm) - 4, 14, 8, GREY, 2.0))
            else:
                items += sign_items(x_of(x_mm), at(z_mm), 14.0, share, 22.0)
        tip_x, tip_z = places[0]
        items.append(Text(x_of(tip_x), at(tip_z) - 12, f"lead {number}", 12, INK, bold=True, anchor="middle"))
    for x_mm in (-8, -4, 4, 8):
        items.append(
            Text(
                x_of(x_mm), height - 18, f"{abs(x_mm)} mm {'left' if x_mm < 0 else 'right'}", 11, GREY, anchor="middle"
            )
        )
    times = per_side_mm / per_mm
    items.append(
        Text(width / 2, height - 4, f"from behind; sideways drawn {times:.0f} times larger", 11, GREY, anchor="middle")
    )
    return Scene(width, height, "Leads, the spine's midline and the cord's", _ap_words(told), tuple(items))


def pain_scene(told: Debriefing) -> Scene:
    """Return the body map of the pain before anything was done."""
    return _body(told, None, "Before: the pain", ())


def felt_scene(told: Debriefing, felt: Felt, title: str) -> Scene:
    """Return the body map of what is truly felt with a program, over the pain."""
    found, result = felt.result.coverage, felt.result
    lines = (
        f"{felt.contacts}   {result.amplitude_ma:.2f} mA   {result.pulse_width_us:g} us   {result.rate_hz:g} Hz",
        f"{found.pain_covered_by_score_percent or 0.0:.0f} % of the pain covered (weighed by score);"
        f" unwanted {found.unwanted_of_felt_percent or 0.0:.0f} % of what is felt",
    )
    return _body(told, felt, title, lines)


def _body(told: Debriefing, felt: Felt | None, title: str, lines: tuple[str, ...]) -> Scene:
    none = np.zeros(len(load_body_map().regions))
    return body_scene(
        load_body_map(),
        pain_scores=dict(told.case.pain.scores),
        pain_polygons=[(polygon.score, polygon.points) for polygon in told.case.pain.polygons],
        felt_dc=none if felt is None else np.array([region.dc_intensity for region in felt.result.regions]),
        felt_dr=none if felt is None else np.array([region.dr_intensity for region in felt.result.regions]),
        title=title,
        lines=lines,
        theme=LIGHT,
    )


def _grid(top_ma: float, left: float, wide: float, y_of: Axis) -> list[Item]:
    """Return horizontal lines with amplitudes on the left."""
    step_ma = next(s for s in (0.5, 1.0, 2.0, 5.0, 10.0) if top_ma / s <= 7)
    items: list[Item] = [Text(left - 46, y_of(top_ma) - 10, "mA", 12.5, INK)]
    for k in range(math.floor(top_ma / step_ma) + 1):
        y = y_of(k * step_ma)
        items.append(Lines([line(left, y, left + wide, y)], HAIR, 0.7))
        items.append(Text(left - 8, y + 4, f"{k * step_ma:g}", 12, GREY, anchor="end"))
    return items


def _label(stay: Stay, x_of: Axis, y: float, bold: bool = False) -> list[Item]:
    """Return the name of a stay in its middle, shortened to what fits, nothing where nothing does."""
    x0, x1 = x_of(stay.from_s), x_of(stay.to_s)
    fits = int((x1 - x0 - 4.0) / 6.4)
    if fits < 3:
        return []
    words = stay.name if len(stay.name) <= fits else stay.name[: fits - 1] + "…"
    return [Text((x0 + x1) / 2, y, words, 11.5, INK, bold=bold, anchor="middle")]


def _mark(mark: Mark, x: float, y: float) -> list[Item]:
    """Return a mark: a letter in a ring for a note, a cross where the patient cried stop, a triangle for a slip."""
    if mark.kind in NOTE_LETTERS:
        return [
            Fill([ring(x, y, 7.5)], PAPER),
            Lines([ring(x, y, 7.5)], INK, 1.1, closed=True),
            Text(x, y + 4, NOTE_LETTERS[mark.kind], 10.5, INK, bold=True, anchor="middle"),
        ]
    if mark.kind == STOP:
        return [Lines([line(x - 5, y - 5, x + 5, y + 5), line(x - 5, y + 5, x + 5, y - 5)], ANODE, 2.2)]
    corners = np.array([[x, y - 19.0], [x - 6.0, y - 8.5], [x + 6.0, y - 8.5]])
    return [Fill([corners], WARN), Text(x, y - 22.0, str(mark.serial), 9.5, WARN, anchor="middle")]


def _course_words(course: Course) -> str:
    slips = [f"{mark.kind} at event {mark.serial}" for mark in course.marks if mark.kind not in (STOP, *NOTE_LETTERS)]
    most_ma = max(ma for _, ma in course.line)
    visits = ", ".join(stay.name for stay in course.visits)
    return f"Amplitude up to {most_ma:g} mA over the visits {visits}. Slips: {', '.join(slips) or 'none'}."


def _ap_words(told: Debriefing) -> str:
    leads = "; ".join(f"lead {lead.number}: tip {lead.x_mm:+.1f} mm" for lead in told.truth.leads) or "no lead"
    return (
        f"The cord's midline lies {told.hidden.patient.cord_offset_mm:+.1f} mm from the spine's; right is +. {leads}."
    )


def _places(felt: Felt) -> list[list[tuple[float, float]]]:
    """Return (x_mm, z_mm) of the contacts of each lead of a program's case."""
    return [
        [(place.x_mm, place.z_mm) for place in lead_places(felt.case, number)]
        for number in range(1, len(felt.case.leads) + 1)
    ]


def _path(places: Sequence[tuple[float, float]], x_of: Axis, at: Axis) -> FloatArray:
    return np.array([[x_of(x_mm), at(z_mm)] for x_mm, z_mm in places])


def ring(x: float, y: float, radius: float) -> FloatArray:
    """Return a circle as a ring of points."""
    turn = np.linspace(0.0, 2.0 * np.pi, 20, endpoint=False)
    return np.stack([x + radius * np.sin(turn), y - radius * np.cos(turn)], axis=-1)
