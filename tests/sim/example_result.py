"""A Result with made-up figures, for tests of what is printed; no claim about any model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.percept.dermatomes import COLUMNS
from scs_sim.battery import battery_cell, cell_names, drain
from scs_sim.case import Case
from scs_sim.program import Area, Program
from scs_sim.result import (
    AreaState,
    ContactState,
    Coverage,
    DermatomeFelt,
    Recruitment,
    RegionCoverage,
    Result,
    Safety,
    SideEffect,
    Thresholds,
)


def example_result(case: Case, program: Program | None = None, amplitude_ma: float | None = None) -> Result:
    """Return a made-up Result for `case`; the same arguments give the same figures."""
    program = program or case.program
    amplitude = amplitude_ma if amplitude_ma is not None else program.amplitude_ma or 3.4705882
    origin = "comfort" if program.amplitude_ma is None else "program"
    origin = origin if amplitude_ma is None else "given"
    amplitudes = np.linspace(0.0, 12.0, 25)
    thresholds = 2.0 + 0.2 * np.arange(len(COLUMNS))
    dc_fibres = np.maximum(0.0, 8.0 * (amplitudes[:, None] - thresholds[None, :]))
    dr_fibres = np.maximum(0.0, 3.0 * (amplitudes[:, None] - 1.4 * thresholds[None, :]))
    dc_now = np.maximum(0.0, 8.0 * (amplitude - thresholds))
    dr_now = np.maximum(0.0, 3.0 * (amplitude - 1.4 * thresholds))
    regions = tuple(
        RegionCoverage(
            id=region.id,
            title=region.title,
            pain_score=float(case.pain.scores.get(region.id, 0.0)),
            painful_percent=100.0 if case.pain.scores.get(region.id) else 0.0,
            felt_percent=float((index * 13) % 101),
            felt_dc_percent=float((index * 13) % 101),
            felt_dr_percent=float((index * 7) % 11),
            dc_intensity=float((index * 13) % 101) / 120.0,
            dr_intensity=float((index * 7) % 11) / 20.0,
            first_felt_ma=None if index % 9 == 0 else 2.5 + index / 50,
        )
        for index, region in enumerate(load_body_map().regions)
    )
    painful = [region for region in regions if region.pain_score]
    worst = min(painful, key=lambda region: region.felt_percent)
    covered = sum(region.felt_percent for region in painful) / len(painful)
    applicable = program.rate_hz < 5000.0
    coverage = Coverage(
        True, covered, covered - 1.0, worst.id, worst.title, worst.felt_percent,
        41.23456789, 88.0, 70.0, 30.0, 4.5, 4.2, 1.1, 80.0, covered >= 80.0,
    )  # fmt: skip
    safety = Safety(
        amplitude * program.pulse_width_us * 1e-3, "1.3", 0.6, 5.1, 30.0, 0.49 if amplitude else None, 1.85, 542.0,
        amplitude * 0.542, 15.0, 52.1,
    )  # fmt: skip
    return Result(
        case_id=case.id,
        case_title=case.title,
        posture=case.posture,
        forbidden="infection: stop" if case.patient.infection else "",
        contacts=program.contacts,
        pulse_width_us=program.pulse_width_us,
        rate_hz=program.rate_hz,
        waveform=program.waveform,
        amplitude_ma=amplitude,
        amplitude_from=origin,
        reached_ma=amplitude,
        delivered_ma=amplitude,
        rate_factor=1.0,
        perception_layer="phenomenological",
        gain=case.patient.gain,
        felt_fibres=case.patient.felt_fibres,
        thresholds=Thresholds(
            3.0,
            "DC",
            "left L3",
            2.7,
            3.3,
            3.4705882,
            4.0,
            "root",
            "left T11 root",
            5.5,
            9.25,
            "left L2 ventral root",
            None,
            1.0,
            4.0 / 3.0,
        ),
        coverage=coverage if applicable else Coverage(False, *[None] * 12, 80.0, None),
        regions=regions,
        dermatomes=tuple(
            DermatomeFelt(
                f"{side}_{name}", name, side, float(dc_now[i]), float(dr_now[i]), 0.5, 0.1, float(thresholds[i])
            )
            for i, (name, side) in enumerate(COLUMNS)
        ),
        side_effects=(
            SideEffect("band of the left T11 root", "left abdominal wall and flank", 3.4, amplitude >= 3.4),
            SideEffect("muscle twitch", "left L2 ventral root", 9.25, amplitude >= 9.25),
        ),
        safety=safety,
        areas=tuple(
            AreaState(
                name,
                area.name,
                area.contacts,
                area.pulse_width_us,
                area.rate_hz,
                area.waveform,
                area.amplitude_ma or amplitude,
                origin,
                area.amplitude_ma or amplitude,
                25.0,
                1.0,
                3.0,
                "DC",
                "left L3",
                3.47,
                4.0,
                None,
                covered,
                safety,
            )
            for name, area in zip("ABCD", program.areas, strict=False)
        ),
        contact_states=tuple(
            ContactState(
                name, tuple(0.0 for _ in program.areas), tuple(0.0 for _ in program.areas), 1150.0, "", 0.0, 0.0
            )
            for name in case.contact_names()
        ),
        battery=tuple(
            drain([Area("1.3- 1.4+", amplitude_ma=amplitude)], [542.0], battery_cell(name)) for name in cell_names()
        ),
        profile="",
        findings=(),
        recruitment=Recruitment(
            amplitudes, tuple(f"{side} {name}" for name, side in COLUMNS), dc_fibres, dr_fibres, dr_fibres[:, 0]
        ),
        warnings=("A root is felt first (left T11): expect a segmental band.",),
        notes=("A made-up note.",),
    )


def without_motor_threshold(result: Result) -> Result:
    """Return `result` with no motor threshold and a region that is never felt."""
    return replace(result, thresholds=replace(result.thresholds, mt_ma=None, dc_load_dt_ma=None))
