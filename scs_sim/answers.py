"""Answers: what the model says of some programs, in arrays with a leading program axis; tallies to felt regions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.percept.intensity import extent, intensity_rules
from scs_models.percept.intensity import intensity as intensity_of
from scs_models.percept.perception import PersonThresholds, Recruited, percept_rules
from scs_models.percept.rate import RateFactors
from scs_models.percept.regions import felt_share, load_region_weights
from scs_models.values import FloatArray
from scs_sim import coverage
from scs_sim.case import Case
from scs_sim.patient import PainMap
from scs_sim.program import Program


@dataclass(frozen=True, slots=True, eq=False)
class Felt:
    """What is felt at some amplitudes: fibres and intensity per sided dermatome, share 0-1 of each region.

    column_fibres, root_fibres, column_intensity, root_intensity (programs, 56); column, root and total (programs,
    regions): the share of the region's area in which the dorsal columns alone, the roots alone, both are felt;
    column_strength, root_strength (programs, regions): mean intensity over the region, for shading.
    """

    column_fibres: FloatArray
    root_fibres: FloatArray
    column_intensity: FloatArray
    root_intensity: FloatArray
    column: FloatArray
    root: FloatArray
    total: FloatArray
    column_strength: FloatArray
    root_strength: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The model's answer to some programs for one case; amplitudes in mA at the program's rate and for this patient.

    `factor` (programs,) is what the rate and the patient's gain make of a single-pulse threshold of perception;
    amplitude_ma (programs,) is where `felt` and `figures` were read off.
    """

    programs: tuple[Program, ...]
    weights: FloatArray
    recruited: Recruited
    person: PersonThresholds
    factor: FloatArray
    amplitude_ma: FloatArray
    pain: coverage.PainField
    felt: Felt
    figures: coverage.CoverageFigures


def answers_of(
    case: Case,
    programs: tuple[Program, ...],
    weights: FloatArray,
    recruited: Recruited,
    person: PersonThresholds,
    factor: FloatArray,
    amplitude_ma: FloatArray,
) -> Answers:
    """Return the Answers read off the tallies `recruited` at `amplitude_ma` (programs,)."""
    pain = pain_field(case.pain)
    felt = felt_at(recruited, amplitude_ma / factor)
    figures = coverage.figures(pain, felt.total, felt.column)
    return Answers(programs, weights, recruited, person, factor, amplitude_ma, pain, felt, figures)


def felt_at(recruited: Recruited, single_pulse_ma: FloatArray) -> Felt:
    """Return what is felt at amplitudes (programs,) in mA, already divided by the factor of rate and gain."""
    rules = intensity_rules()
    column, root = recruited.column.count(single_pulse_ma), recruited.root.count(single_pulse_ma)
    rami, weights = column * rules.rami_share, load_region_weights()
    share = felt_share(extent(column, rules), extent(rami, rules), extent(root, rules), weights)
    in_column, in_root = intensity_of(column, rules), intensity_of(root, rules)
    strength = felt_share(in_column, intensity_of(rami, rules), in_root, weights)
    return Felt(column, root, in_column, in_root, share.dc, share.dr, share.total, strength.dc, strength.dr)


def first_felt_ma(recruited: Recruited, factor: FloatArray) -> FloatArray:
    """Return the amplitude (programs, regions) in mA from which each region is felt at all; inf where it never is."""
    rules, weights = intensity_rules(), load_region_weights()
    shown = rules.felt_fibres
    lowest = [
        np.where(part[None, :, :] > 0.0, tally.amplitude_ma(fibres)[:, None, :], np.inf).min(axis=-1)
        for tally, fibres, part in (
            (recruited.column, shown, weights.cutaneous),
            (recruited.column, shown / rules.rami_share, weights.rami),
            (recruited.root, shown, weights.root),
        )
    ]
    return np.asarray(np.min(lowest, axis=0) * factor[:, None], dtype=np.float64)


def at_rate(person: PersonThresholds, factors: RateFactors, gain: float) -> PersonThresholds:
    """Return single-pulse thresholds at the programs' rates and a patient's gain; motor ones follow the gain only."""
    rules = percept_rules()
    perception = person.perception_ma * factors.perception * gain
    least = perception * rules.least_over_perception
    discomfort = np.maximum(person.discomfort_ma * factors.discomfort * gain, least)
    return replace(
        person,
        perception_ma=perception,
        one_fibre_ma=person.one_fibre_ma * factors.perception * gain,
        ten_fibres_ma=person.ten_fibres_ma * factors.perception * gain,
        comfort_ma=perception + rules.comfort_share * (discomfort - perception),
        discomfort_ma=discomfort,
        column_load_ma=person.column_load_ma * factors.discomfort * gain,
        motor_ma=person.motor_ma * gain,
        trunk_twitch_ma=person.trunk_twitch_ma * gain,
    )


def pain_field(pain: PainMap) -> coverage.PainField:
    """Return the pain map in numbers, per region of the body map; polygons add to what the region scores say.

    Where polygons overlap a scored region, the region hurts as a whole and the higher score counts.
    """
    return _pain_field(tuple(sorted(pain.scores.items())), tuple((p.view, p.score, p.points) for p in pain.polygons))


@lru_cache(maxsize=64)
def _pain_field(
    scores: tuple[tuple[str, float], ...], polygons: tuple[tuple[str, float, tuple[tuple[float, float], ...]], ...]
) -> coverage.PainField:
    body = load_body_map()
    painful, score = np.zeros(len(body.regions)), np.zeros(len(body.regions))
    for region, value in scores:
        index = body.region_ids.index(region)
        painful[index], score[index] = float(value > 0.0), value
    for view, value, points in polygons:
        on_view = np.array([region.view == view for region in body.regions])
        share = np.where(on_view, body.painful_fraction([points]), 0.0)
        total = np.minimum(painful + share, 1.0)
        mean = np.where(total > 0.0, (painful * score + share * value) / np.maximum(painful + share, 1e-12), 0.0)
        score = np.where(painful >= 1.0, np.maximum(score, np.where(share > 0.0, value, 0.0)), mean)
        painful = total
    sides = {"left": -1, "right": 1}
    return coverage.PainField(
        area=body.area_mm2,
        painful=painful,
        score=score,
        side=np.array([sides.get(region.side, 0) for region in body.regions], dtype=np.int64),
    )
