"""From arrays to a Result: names, percents, side effects and warnings in words."""

from __future__ import annotations

import math

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.percept.perception import SIDED_DERMATOMES, percept_rules
from scs_models.percept.rate import rate_rule
from scs_models.values import FloatArray, read_only
from scs_sim import limits
from scs_sim.answers import Answers, first_felt_ma
from scs_sim.case import Case
from scs_sim.result import (
    Coverage,
    DermatomeFelt,
    Recruitment,
    RegionCoverage,
    Result,
    Safety,
    SideEffect,
    Thresholds,
)
from scs_sim.setting import Setting

CURVE_POINTS = 101
# How far the curves reach beyond discomfort and motor threshold; which root bands are worth telling.
_CURVES_PAST_DISCOMFORT, _CURVES_PAST_MOTOR = 2.2, 1.15
_BANDS_TOLD, _TOLD_UP_TO_DISCOMFORT = 6, 1.5
_RULES = ("root", "held at the greatest ratio to perception", "held at the least ratio to perception")


def result_of(setting: Setting, case: Case, answers: Answers, amplitude_from: str) -> Result:
    """Return the Result of the first program of `answers`; amplitude_from: "given", "program" or "comfort"."""
    program = answers.programs[0]
    applicable = bool(limits.paresthesia_applicable(program.rate_hz))
    thresholds = _thresholds(answers)
    safety = _safety(setting, answers)
    first = first_felt_ma(answers.recruited, answers.factor)[0]
    side_effects = _side_effects(answers, thresholds) if applicable else ()
    return Result(
        case_id=case.id,
        case_title=case.title,
        contacts=program.contacts,
        pulse_width_us=program.pulse_width_us,
        rate_hz=program.rate_hz,
        waveform=program.waveform,
        amplitude_ma=float(answers.amplitude_ma[0]),
        amplitude_from=amplitude_from,
        rate_factor=float(answers.factor[0] / case.patient.gain),
        thresholds=thresholds,
        coverage=_coverage(answers, thresholds, first, applicable),
        regions=_regions(answers, first),
        dermatomes=_dermatomes(answers),
        side_effects=side_effects,
        safety=safety,
        recruitment=recruitment_curves(answers, case.patient.gain),
        warnings=_warnings(answers, thresholds, safety, applicable),
    )


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
    perception, discomfort = float(person.perception_ma[0]), float(person.discomfort_ma[0])
    return Thresholds(
        pt_ma=perception,
        pt_origin="DR" if person.perception_is_root[0] else "DC",
        pt_where=SIDED_DERMATOMES[int(person.perception_sided[0])],
        pt_one_fibre_ma=float(person.one_fibre_ma[0]),
        pt_ten_fibres_ma=_finite(person.ten_fibres_ma[0]),
        comfort_ma=float(person.comfort_ma[0]),
        dt_ma=discomfort,
        dt_rule=_RULES[int(person.discomfort_rule[0])],
        dt_where=f"{SIDED_DERMATOMES[int(person.discomfort_sided[0])]} root",
        dc_load_dt_ma=_finite(person.column_load_ma[0]),
        mt_ma=_finite(person.motor_ma[0]),
        mt_where=f"{SIDED_DERMATOMES[int(person.motor_sided[0])]} ventral root",
        trunk_twitch_ma=_finite(person.trunk_twitch_ma[0]),
        usage_range_ma=discomfort - perception,
        usage_ratio=discomfort / perception,
    )


def _coverage(answers: Answers, thresholds: Thresholds, first: FloatArray, applicable: bool) -> Coverage:
    pass_line = limits.safety_limits().pass_line_percent
    if not applicable:
        nothing = (None,) * 12
        return Coverage(False, *nothing, pass_line, None)
    found, regions = answers.figures, load_body_map().regions
    worst = regions[int(found.worst_region[0])]
    low_back = min(float(first[index]) for index, region in enumerate(regions) if region.id.endswith("low_back"))
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
        passes=covered >= pass_line,
    )


def _regions(answers: Answers, first: FloatArray) -> tuple[RegionCoverage, ...]:
    felt, pain = answers.felt, answers.pain
    return tuple(
        RegionCoverage(
            id=region.id,
            title=region.title,
            pain_score=float(pain.score[index]),
            painful_percent=100.0 * float(pain.painful[index]),
            felt_percent=100.0 * float(felt.total[0, index]),
            felt_dc_percent=100.0 * float(felt.column[0, index]),
            felt_dr_percent=100.0 * float(felt.root[0, index]),
            dc_intensity=float(felt.column_strength[0, index]),
            dr_intensity=float(felt.root_strength[0, index]),
            first_felt_ma=_finite(first[index]),
        )
        for index, region in enumerate(load_body_map().regions)
    )


def _dermatomes(answers: Answers) -> tuple[DermatomeFelt, ...]:
    felt = answers.felt
    felt_fibres = percept_rules().felt_fibres
    by_kind = [tally.amplitude_ma(felt_fibres)[0] for tally in (answers.recruited.column, answers.recruited.root)]
    lowest = np.minimum(*by_kind) * answers.factor[0]
    return tuple(
        DermatomeFelt(
            id=name.replace(" ", "_"),
            dermatome=name.split(" ", 1)[1],
            side=name.split(" ", 1)[0],
            dc_fibres=float(felt.column_fibres[0, index]),
            dr_fibres=float(felt.root_fibres[0, index]),
            dc_intensity=float(felt.column_intensity[0, index]),
            dr_intensity=float(felt.root_intensity[0, index]),
            first_felt_ma=_finite(lowest[index]),
        )
        for index, name in enumerate(SIDED_DERMATOMES)
    )


def _side_effects(answers: Answers, thresholds: Thresholds) -> tuple[SideEffect, ...]:
    amplitude = float(answers.amplitude_ma[0])
    felt_from = answers.recruited.root.amplitude_ma(percept_rules().felt_fibres)[0] * answers.factor[0]
    found = []
    for index in np.argsort(felt_from, kind="stable")[:_BANDS_TOLD]:
        if felt_from[index] <= max(_TOLD_UP_TO_DISCOMFORT * thresholds.dt_ma, amplitude):
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


def _safety(setting: Setting, answers: Answers) -> Safety:
    program, amplitude = answers.programs[0], float(answers.amplitude_ma[0])
    weights = answers.weights[0]
    bounds = limits.safety_limits()
    charge = limits.charge_per_phase_uc(amplitude, program.pulse_width_us, np.abs(weights))
    density = limits.charge_density_uc_per_cm2(charge, setting.contact_area_mm2)
    worst = int(np.argmax(density))
    with np.errstate(divide="ignore"):
        shannon = float(limits.shannon_k(charge[worst], setting.contact_area_mm2[worst]))
    volts_per_ma = setting.field.transfer_mv_per_ma @ weights / 1000.0
    active = volts_per_ma[weights != 0.0]
    ends = (*active, 0.0) if any(share.lead == 0 for share in program.shares) else tuple(active)
    load = 1000.0 * (max(ends) - min(ends))
    total = float(limits.charge_per_phase_uc(amplitude, program.pulse_width_us))
    return Safety(
        charge_per_phase_uc=total,
        worst_contact=setting.contact_names[worst],
        contact_charge_per_phase_uc=float(charge[worst]),
        charge_density_uc_per_cm2=float(density[worst]),
        charge_density_limit_uc_per_cm2=bounds.charge_density_uc_per_cm2,
        shannon_k=_finite(shannon),
        shannon_k_limit=bounds.shannon_k,
        load_ohm=float(load),
        compliance_v=float(limits.compliance_voltage_v(amplitude, load)),
        compliance_limit_v=bounds.compliance_v,
        average_current_ua=float(limits.average_current_ua(total, program.rate_hz)),
    )


def _warnings(answers: Answers, thresholds: Thresholds, safety: Safety, applicable: bool) -> tuple[str, ...]:
    amplitude, program = float(answers.amplitude_ma[0]), answers.programs[0]
    top = limits.program_ranges().amplitude_ma[1]
    said = []
    if not applicable:
        said.append(
            f"{program.rate_hz:g} Hz is a paresthesia-free mode: coverage is not applicable, and the thresholds are"
            f" guesses: nothing was measured above {rate_rule().high_hz:g} Hz."
        )
    if thresholds.pt_origin == "DR":
        said.append(f"A root is felt first ({thresholds.pt_where}): expect a segmental band and a narrow usage range.")
    if amplitude > thresholds.dt_ma:
        said.append(f"{amplitude:.2f} mA is above the discomfort threshold of {thresholds.dt_ma:.2f} mA.")
    if thresholds.mt_ma is not None and amplitude >= thresholds.mt_ma:
        said.append(f"{amplitude:.2f} mA is above the motor threshold of {thresholds.mt_ma:.2f} mA.")
    if thresholds.comfort_ma > top:
        said.append(f"Comfort would need {thresholds.comfort_ma:.1f} mA; the generator gives {top:g} mA at most.")
    if safety.charge_density_uc_per_cm2 > safety.charge_density_limit_uc_per_cm2:
        said.append(
            f"Charge density at contact {safety.worst_contact} is {safety.charge_density_uc_per_cm2:.1f} uC/cm2"
            f" per phase, above {safety.charge_density_limit_uc_per_cm2:g}."
        )
    if safety.shannon_k is not None and safety.shannon_k > safety.shannon_k_limit:
        said.append(f"Shannon k is {safety.shannon_k:.2f}, above {safety.shannon_k_limit:g}.")
    if safety.compliance_v > safety.compliance_limit_v:
        said.append(
            f"The pulse needs {safety.compliance_v:.1f} V, above the {safety.compliance_limit_v:g} V of the generator."
        )
    if program.waveform == "monophasic":
        said.append("A monophasic pulse returns no charge: for comparison with models, never for tissue.")
    return tuple(said)


def _finite(value: float | np.floating) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
