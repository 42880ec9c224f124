"""What the body map shows: intensities by region, pain, layers, the tool in hand, and what is said of one region."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from scs_models.percept.body_map import CHOIR_CODES, choir_rollup, load_body_map
from scs_models.percept.dermatomes import DERMATOMES
from scs_models.values import FloatArray, read_only
from scs_sim.answers import pain_field
from scs_sim.patient import PainMap
from scs_ui.state.moment import Moment
from scs_ui.state.pain_paint import BRUSH_MAX_UNITS
from scs_ui.state.view import PainTool

if TYPE_CHECKING:
    from scs_sim.result import RegionCoverage, Result

LAYERS = {
    "paresthesia": "Paresthesia, predicted",
    "roots": "Roots: side-effect bands",
    "pain": "Pain, as reported",
    "borders": "Borders of regions",
    "dermatomes": "Dermatomes",
    "points": "Key points (ISNCSCI)",
}
BRUSH_MIN_UNITS = 4.0
_BRUSH_TURN = 1.25
# A dermatome is named with a region from this share of its area on, a CHOIR segment is ticked likewise.
_NAMED_SHARE, _TICKED_SHARE = 0.1, 0.25
_HINTS: dict[PainTool, str] = {
    "none": "Point at a region, or move to it with the arrow keys, for its numbers.",
    "brush": "Brush: press and drag to paint pain. [ ] size, 1 to 9 and 0 score, Space paints the whole region.",
    "eraser": "Eraser: press and drag to rub pain out. [ ] size, Space rubs out the whole region.",
    "region": "Region: click, or press Space, to paint it whole. 1 to 9 and 0 set the score.",
    "polygon": "Polygon: click corners, or drag an outline; Enter or a double click closes it, Backspace goes back.",
}


@dataclass(frozen=True, slots=True, eq=False)
class BodyLook:
    """The body map's content: dc and dr (regions,) mean intensity 0-1 by dorsal columns and by roots.

    layers: names of LAYERS; brush_units: the brush's width; hint: what stands below while no region is pointed at.
    """

    dc: FloatArray = field(default_factory=lambda: nothing_felt())
    dr: FloatArray = field(default_factory=lambda: nothing_felt())
    pain: PainMap = field(default_factory=PainMap)
    layers: frozenset[str] = frozenset({"paresthesia", "roots", "pain", "borders"})
    mirrored: bool = False
    tool: PainTool = "none"
    brush_units: float = 24.0
    score: float = 6.0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class RegionLook:
    """What is said of one region: its name, and its numbers in one line."""

    id: str
    title: str
    numbers: str


def body_look(moment: Moment) -> BodyLook:
    """Return the body map of what runs."""
    return _look(moment, None if moment.frame is None else moment.frame.result)


def compared_look(moment: Moment) -> BodyLook | None:
    """Return the body map of the program beside it, None where none is compared or its answer is not there."""
    frame = moment.frame
    if moment.session.compared is None or frame is None or frame.compared is None:
        return None
    return replace(_look(moment, frame.compared), tool="none")  # pain is painted on the first map


def program_titles(moment: Moment) -> tuple[str, str]:
    """Return the headings of the two maps: the edited program and the one compared, "" without one."""
    session = moment.session
    own = f"A  {session.program.name or f'Program {session.chosen + 1}'}"
    if session.compared is None:
        return own, ""
    other = session.programs[session.compared]
    return own, f"B  {other.name or f'Program {session.compared + 1}'}"


def region_look(moment: Moment, region_id: str) -> RegionLook:
    """Return what is said of a region: dermatomes, pain, felt share, intensity, threshold, and B's where compared."""
    body = load_body_map()
    index = body.index(region_id)
    region, row = body.regions[index], body.shares[index]
    named = [DERMATOMES[k] for k in np.argsort(-row, kind="stable") if row[k] >= _NAMED_SHARE]
    parts = [" ".join(named) if named else "no dermatome"]
    pain = pain_field(moment.session.case.pain)
    if pain.hurts[index]:
        share = "" if pain.painful[index] > 0.995 else f" in {100.0 * pain.painful[index]:.0f} % of it"
        parts.append(f"pain {pain.score[index]:.3g} of 10{share}")
    else:
        parts.append("no pain")
    frame = moment.frame
    result = None if frame is None else frame.result
    if frame is not None and result is not None and result.coverage.applicable:
        parts += _felt_words(result.regions[index])
        if moment.session.compared is not None and frame.compared is not None:
            parts.append(f"B: felt in {frame.compared.regions[index].felt_percent:.0f} %")
    return RegionLook(region.id, region.title[:1].upper() + region.title[1:], "  ·  ".join(parts))


def turned(brush_units: float, steps: int) -> float:
    """Return the brush's width after `steps` up or down."""
    return round(min(max(brush_units * _BRUSH_TURN**steps, BRUSH_MIN_UNITS), BRUSH_MAX_UNITS), 1)


def region_scores_text(pain: PainMap) -> str:
    """Return the pain by region as lines of text: region, score, painful share; free patches count by area."""
    body, found = load_body_map(), pain_field(pain)
    lines = ["region\tscore of 10\tpainful percent"]
    lines += [
        f"{body.regions[k].id}\t{found.score[k]:.3g}\t{100.0 * found.painful[k]:.0f}"
        for k in np.flatnonzero(found.hurts).tolist()
    ]
    return "\n".join(lines) + "\n"


def choir_codes(pain: PainMap) -> tuple[str, ...]:
    """Return the segments of the CHOIR body map of which a quarter or more hurts (source CHOIR)."""
    found = pain_field(pain)
    shares = choir_rollup(load_body_map(), found.painful * found.hurts)
    return tuple(code for code, share in zip(CHOIR_CODES, shares, strict=True) if share >= _TICKED_SHARE)


def nothing_felt() -> FloatArray:
    """Return zeros (regions,)."""
    return read_only(np.zeros(len(load_body_map().regions)))


def _look(moment: Moment, result: Result | None) -> BodyLook:
    view = moment.view
    dc, dr = _intensities(result) if result is not None else (nothing_felt(), nothing_felt())
    return BodyLook(
        dc=dc,
        dr=dr,
        pain=moment.session.case.pain,
        layers=view.layers,
        mirrored=view.mirror,
        tool=view.tool,
        brush_units=view.brush_size,
        score=view.brush_score,
        hint=_hint(moment, result),
    )


@lru_cache(maxsize=4)
def _intensities(result: Result) -> tuple[FloatArray, FloatArray]:
    if not result.coverage.applicable:
        return nothing_felt(), nothing_felt()
    dc = np.array([region.dc_intensity for region in result.regions])
    return read_only(dc), read_only(np.array([region.dr_intensity for region in result.regions]))


def _hint(moment: Moment, result: Result | None) -> str:
    """Return what stands below the map: why nothing is shown, else what the tool in hand does."""
    if moment.view.tool != "none":
        return _HINTS[moment.view.tool]
    if moment.frame is None:
        return "Computing the first lead field …"
    if result is None:
        return "No stimulation: the program needs a cathode and an anode."
    if result.forbidden:
        return f"Forbidden: {result.forbidden}."
    if not result.coverage.applicable:
        return f"Paresthesia-free at {result.rate_hz:g} Hz: nothing is meant to be felt, coverage does not apply."
    if not moment.session.on:
        return "Stimulation is off."
    if moment.frame.stale:
        return "Computing: the map is still that of the placement before."
    return _HINTS["none"]


def _felt_words(region: RegionCoverage) -> list[str]:
    first = "never felt" if region.first_felt_ma is None else f"from {region.first_felt_ma:.2f} mA"
    if region.felt_percent < 0.5:
        return ["not felt", first]
    roots = f", {region.felt_dr_percent:.0f} % by roots" if region.felt_dr_percent >= 0.5 else ""
    strength = 1.0 - (1.0 - region.dc_intensity) * (1.0 - region.dr_intensity)
    return [f"felt in {region.felt_percent:.0f} %{roots}", f"intensity {100.0 * strength:.0f} %", first]
