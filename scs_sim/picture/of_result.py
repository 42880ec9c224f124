"""The body map of a result as a scene: what was felt, the case's pain, the program and its coverage in words above."""

from __future__ import annotations

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_sim.case import Case
from scs_sim.picture.compose import scene
from scs_sim.picture.looks import LIGHT, Theme
from scs_sim.picture.scene import Scene
from scs_sim.result import Result


def result_scene(case: Case, result: Result, theme: Theme = LIGHT) -> Scene:
    """Return the picture of `result` with the pain of `case`, ready for a writer (svg, png) or a painter."""
    found, dt_ma = result.coverage, result.thresholds.dt_ma
    covered = "coverage does not apply" if found.pain_covered_percent is None else f"{found.pain_covered_percent:.0f} %"
    above = dt_ma is not None and result.reached_ma > dt_ma
    worst = "" if found.worst_region_percent is None else f", least in the {found.worst_region_title}"
    program = (
        f"{result.contacts}   {result.amplitude_ma:.2f} mA   {result.pulse_width_us:g} us   {result.rate_hz:g} Hz"
        + "".join(f"   and {area.contacts}   {area.amplitude_ma:.2f} mA" for area in result.areas[1:])
    )
    coverage = (
        (covered if found.pain_covered_percent is None else f"{covered} of the painful area covered{worst}")
        + (f"; above discomfort ({dt_ma:.2f} mA)" if above else "")
        + (f"; forbidden: {result.forbidden}" if result.forbidden else "")
    )
    return scene(
        load_body_map(),
        pain_scores=dict(case.pain.scores),
        pain_polygons=[(polygon.score, polygon.points) for polygon in case.pain.polygons],
        felt_dc=np.array([region.dc_intensity for region in result.regions]),
        felt_dr=np.array([region.dr_intensity for region in result.regions]),
        title=result.case_title,
        lines=(program, coverage),
        theme=theme,
    )
