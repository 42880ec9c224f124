"""From arrays to a Result: names, percents, side effects."""

from __future__ import annotations

import math

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.percept.perception import SIDED_DERMATOMES
from scs_models.values import FloatArray, read_only
from scs_sim import hardware, limits
from scs_sim.answers import Answers, covered_alone, first_felt_ma
from scs_sim.case import Case
from scs_sim.delivery import Wiring
from scs_sim.patient import Patient
from scs_sim.program import AREA_NAMES
from scs_sim.remarks import pulse_notes, warnings_of
from scs_sim.result import (
    AreaState,
    Coverage,
    DermatomeFelt,
    Recruitment,
    RegionCoverage,
    Result,
    SideEffect,
    Thresholds,
)
from scs_sim.setting import Setting

CURVE_POINTS = 101
# How far the curves reach beyond discomfort and motor threshold; which root bands are worth telling.
_CURVES_PAST_DISCOMFORT, _CURVES_PAST_MOTOR = 2.2, 1.15
_BANDS_TOLD, _TOLD_UP_TO_DISCOMFORT = 6, 1.5
PERCEPTION_LAYER = "phenomenological"
_FORBIDDEN = "infection: stop; stimulation is no question of programming"
_RULES = ("root", "held at the greatest ratio to perception", "held at the least ratio to perception")


def result_of(
    setting: Setting,
    case: Case,
    answers: Answers,
    amplitude_from: str,
    profile: str = "",
    curves: Recruitment | None = None,
) -> Result:
    """Return the Result of the one program of `answers`.

    amplitude_from: "given", "program" or "comfort" ("greatest" in the result where comfort is out of reach); profile:
    the limit profile that it was evaluated with, or none; curves: those of the program, where they are known.
    """
    program, alone = answers.programs[0], answers.areas
    applicable = all(bool(limits.paresthesia_applicable(area.rate_hz)) for area in program.areas)
    circuit = hardware.wiring_of(setting, case, hardware.generator_of(profile))
    thresholds = _thresholds(answers)
    areas = tuple(_area(setting, circuit, answers, row, amplitude_from) for row in range(len(program.areas)))
    safety = hardware.safety_of_all(tuple(area.safety for area in areas))
    first = first_felt_ma(answers.recruited, answers.factor, answers.rules)[0]
    forbidden = why_forbidden(case.patient)
    return Result(
        case_id=case.id,
        case_title=case.title,
        posture=case.posture,
        forbidden=forbidden,
        contacts=program.contacts,
        pulse_width_us=program.pulse_width_us,
        rate_hz=program.rate_hz,
        waveform=program.waveform,
        amplitude_ma=areas[0].amplitude_ma,
        amplitude_from=areas[0].amplitude_from,
        reached_ma=float(answers.reached_ma[0]),
        delivered_ma=areas[0].delivered_ma,
        rate_factor=areas[0].rate_factor,
        perception_layer=PERCEPTION_LAYER,
        gain=case.patient.gain,
        felt_fibres=setting.rules.felt_fibres,
        thresholds=thresholds,
        coverage=_coverage(answers, thresholds, first, applicable, forbidden),
        regions=_regions(answers, first),
        dermatomes=_dermatomes(answers),
        side_effects=_side_effects(answers, thresholds) if applicable else (),
        safety=safety,
        areas=areas,
        contact_states=hardware.contact_states(setting, circuit, alone),
        battery=hardware.battery_of(alone),
        profile=profile,
        findings=hardware.findings_of(profile, alone),
        recruitment=curves or recruitment_curves(answers, case.patient.gain),
        warnings=tuple(warnings_of(program, float(answers.reached_ma[0]), thresholds, safety, applicable)),
        notes=(
            *setting.notes,
            *hardware.delivery_notes(setting, circuit, alone),
            *pulse_notes(program),
        ),
    )


def why_forbidden(patient: Patient) -> str:
    """Return why stimulation is no question at all in this patient, "" where it is."""
    return _FORBIDDEN if patient.infection else ""


def recruitment_curves(answers: Answers, gain: float, points: int = CURVE_POINTS) -> Recruitment:
    """Return recruited fibres over amplitude, from 0 to past motor threshold (or the greatest amplitude).

    gain: the patient's; motor fibres follow it alone, sensory ones the rate too.
    """
    top = limits.program_ranges().amplitude_ma[1]
    person = answers.person
    ends = [_CURVES_PAST_DISCOMFORT * person.discomfort_ma[0], _CURVES_PAST_MOTOR * person.motor_ma[0]]
    last = min(top, max([end for end in ends if math.isfinite(end)], default=top))
    amplitude = np.linspace(0.0, last, points)
    single = amplitude / answers.factor[0]
    recruited = answers.recruited
    return Recruitment(
        amplitude_ma=read_only(amplitude),
        sided_dermatomes=SIDED_DERMATOMES,
        dc_fibres=read_only(recruited.column.curve(single)),
        dr_fibres=read_only(recruited.root.curve(single)),
        motor_fibres=read_only(recruited.ventral.curve(amplitude / gain).sum(axis=1)),
    )


def _thresholds(answers: Answers) -> Thresholds:
    person = answers.person
    perception, discomfort = _finite(person.perception_ma[0]), _finite(person.discomfort_ma[0])
    apart, ratio = None, None
    if perception is not None and discomfort is not None:
        apart, ratio = discomfort - perception, discomfort / perception
    return Thresholds(
        pt_ma=perception,
        pt_origin="DR" if person.perception_is_root[0] else "DC",
        pt_where=SIDED_DERMATOMES[int(person.perception_sided[0])],
        pt_one_fibre_ma=_finite(person.one_fibre_ma[0]),
        pt_ten_fibres_ma=_finite(person.ten_fibres_ma[0]),
        comfort_ma=_finite(person.comfort_ma[0]),
        dt_ma=discomfort,
        dt_rule=_RULES[int(person.discomfort_rule[0])],
        dt_where=f"{SIDED_DERMATOMES[int(person.discomfort_sided[0])]} root",
        dc_load_dt_ma=_finite(person.column_load_ma[0]),
        mt_ma=_finite(person.motor_ma[0]),
        mt_where=f"{SIDED_DERMATOMES[int(person.motor_sided[0])]} ventral root",
        trunk_twitch_ma=_finite(person.trunk_twitch_ma[0]),
        usage_range_ma=apart,
        usage_ratio=ratio,
    )


def _area(setting: Setting, circuit: Wiring, answers: Answers, row: int, amplitude_from: str) -> AreaState:
    alone, gain = answers.areas, answers.gain
    area, person = alone.areas[row], alone.person
    origin = amplitude_from if row == 0 else "comfort" if area.amplitude_ma is None else "program"
    if origin == "comfort" and person.comfort_ma[row] > limits.program_ranges().amplitude_ma[1]:
        origin = "greatest"
    covered: float | None = None
    if limits.paresthesia_applicable(area.rate_hz):
        covered = float(covered_alone(answers)[row])
    return AreaState(
        name=AREA_NAMES[row],
        title=area.name,
        contacts=area.contacts,
        pulse_width_us=area.pulse_width_us,
        rate_hz=area.rate_hz,
        waveform=area.waveform,
        amplitude_ma=float(alone.amplitude_ma[row]),
        amplitude_from=origin,
        delivered_ma=float(alone.delivered_ma[row]),
        deliverable_ma=_finite(alone.delivery.deliverable_ma[row]),
        rate_factor=float(alone.factor[row] / gain),
        pt_ma=_finite(person.perception_ma[row]),
        pt_origin="DR" if person.perception_is_root[row] else "DC",
        pt_where=SIDED_DERMATOMES[int(person.perception_sided[row])],
        comfort_ma=_finite(person.comfort_ma[row]),
        dt_ma=_finite(person.discomfort_ma[row]),
        mt_ma=_finite(person.motor_ma[row]),
        pain_covered_percent=covered,
        safety=hardware.safety_of(setting, circuit, alone, row),
    )


def _coverage(
    answers: Answers, thresholds: Thresholds, first: FloatArray, applicable: bool, forbidden: str
) -> Coverage:
    pass_line = limits.safety_limits().pass_line_percent
    if not applicable:
        nothing = (None,) * 12
        return Coverage(False, *nothing, pass_line, False if forbidden else None)
    found, regions = answers.figures, load_body_map().regions
    worst = regions[int(found.worst_region[0])]
    low_back = min(float(first[index]) for index, region in enumerate(regions) if region.id.endswith("low_back"))
    scaled = math.inf
    if thresholds.pt_ma is not None and thresholds.usage_range_ma is not None:
        scaled = (low_back - thresholds.pt_ma) / thresholds.usage_range_ma
    covered = float(found.by_area[0])
    return Coverage(
        applicable=True,
        pain_covered_percent=covered,
        pain_covered_by_score_percent=float(found.by_score[0]),
        worst_region=worst.id,
        worst_region_title=worst.title,
        worst_region_percent=float(found.worst[0]),
        unwanted_of_felt_percent=_finite(found.unwanted_of_felt[0]),
        unwanted_of_painful_percent=_finite(found.unwanted_of_painful[0]),
        left_percent_of_felt=_finite(found.left[0]),
        right_percent_of_felt=_finite(found.right[0]),
        dr_share_percent=_finite(found.root_share[0]),
        low_back_first_felt_ma=_finite(low_back),
        low_back_scaled_amplitude=_finite(scaled),
        pass_line_percent=pass_line,
        passes=covered >= pass_line and not forbidden,
    )


def _regions(answers: Answers, first: FloatArray) -> tuple[RegionCoverage, ...]:
    felt, pain = answers.felt, answers.pain
    columns = (
        pain.score, 100.0 * pain.painful, 100.0 * felt.total[0], 100.0 * felt.column[0], 100.0 * felt.root[0],
        felt.column_strength[0], felt.root_strength[0],
    )  # fmt: skip
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return tuple(
        RegionCoverage(
            id=region.id,
            title=region.title,
            pain_score=score,
            painful_percent=painful,
            felt_percent=total,
            felt_dc_percent=column,
            felt_dr_percent=root,
            dc_intensity=column_strength,
            dr_intensity=root_strength,
            first_felt_ma=at if math.isfinite(at) else None,
        )
        for region, (score, painful, total, column, root, column_strength, root_strength), at in zip(
            load_body_map().regions, rows, first.tolist(), strict=True
        )
    )


def _dermatomes(answers: Answers) -> tuple[DermatomeFelt, ...]:
    felt = answers.felt
    felt_fibres = answers.rules.felt_fibres
    by_kind = [tally.amplitude_ma(felt_fibres)[0] for tally in (answers.recruited.column, answers.recruited.root)]
    lowest = np.minimum(*by_kind) * answers.factor[0]
    columns = (felt.column_fibres[0], felt.root_fibres[0], felt.column_intensity[0], felt.root_intensity[0])
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return tuple(
        DermatomeFelt(
            id=name.replace(" ", "_"),
            dermatome=name.split(" ", 1)[1],
            side=name.split(" ", 1)[0],
            dc_fibres=in_column,
            dr_fibres=in_root,
            dc_intensity=column,
            dr_intensity=root,
            first_felt_ma=at if math.isfinite(at) else None,
        )
        for name, (in_column, in_root, column, root), at in zip(SIDED_DERMATOMES, rows, lowest.tolist(), strict=True)
    )


def _side_effects(answers: Answers, thresholds: Thresholds) -> tuple[SideEffect, ...]:
    amplitude = float(answers.reached_ma[0])
    felt_from = answers.recruited.root.amplitude_ma(answers.rules.felt_fibres)[0] * answers.factor[0]
    told_to = max(_TOLD_UP_TO_DISCOMFORT * (thresholds.dt_ma or 0.0), amplitude)
    found = []
    for index in np.argsort(felt_from, kind="stable")[:_BANDS_TOLD]:
        if felt_from[index] <= told_to:
            name, start = SIDED_DERMATOMES[int(index)], float(felt_from[index])
            found.append(SideEffect(f"band of the {name} root", band_of(name), start, start <= amplitude))
    if thresholds.mt_ma is not None:
        found.append(SideEffect("muscle twitch", thresholds.mt_where, thresholds.mt_ma, thresholds.mt_ma <= amplitude))
    if thresholds.trunk_twitch_ma is not None:
        where = f"{SIDED_DERMATOMES[int(answers.person.trunk_twitch_sided[0])]} ventral root"
        twitch = thresholds.trunk_twitch_ma
        found.append(SideEffect("trunk twitch", where, twitch, twitch <= amplitude))
    return tuple(sorted(found, key=lambda effect: effect.from_ma))


_BANDS = {
    "T1": "inner arm", "T2": "armpit and upper chest", "T3": "chest wall", "T4": "chest wall", "T5": "chest wall",
    "T6": "chest wall", "T7": "ribs", "T8": "ribs", "T9": "ribs and upper abdomen", "T10": "abdominal wall",
    "T11": "abdominal wall and flank", "T12": "lower abdomen and flank", "L1": "groin", "L2": "front of the thigh",
    "L3": "front of the thigh and knee", "L4": "knee and shin", "L5": "shin and foot", "S1": "heel and sole",
    "S2": "back of the thigh and calf", "S3": "inner buttock", "S4-5": "perineum",
}  # fmt: skip


def band_of(sided_dermatome: str) -> str:
    """Return where a person feels a sided dermatome ("left T11"), in plain words."""
    side, segment = sided_dermatome.split(" ", 1)
    return f"{side} {_BANDS.get(segment, 'neck or arm')}"


def _finite(value: float | np.floating) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
