"""Answers: what the model says of some programs, in arrays with a leading program axis; tallies to felt regions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.percept.intensity import IntensityRules, extent, intensity_rules
from scs_models.percept.intensity import intensity as intensity_of
from scs_models.percept.perception import PerceptRules, PersonThresholds, Recruited, comfort_between
from scs_models.percept.rate import RateFactors
from scs_models.percept.regions import felt_share, load_region_weights
from scs_models.values import FloatArray, IntArray, read_only
from scs_sim import coverage
from scs_sim.case import Case
from scs_sim.delivery import Delivery
from scs_sim.patient import PainMap
from scs_sim.program import Area, Program


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
class AreaAnswers:
    """What each area of some programs does alone; leading axis all areas, program by program.

    first (programs,): where each program's areas begin. person: its thresholds in mA of its own dial, at its rate and
    for this patient; factor: what rate and gain make of a single pulse's perception threshold; amplitude_ma as asked,
    reached_ma as far as the generator's voltage lets it.
    """

    areas: tuple[Area, ...]
    first: IntArray
    delivery: Delivery
    recruited: Recruited
    person: PersonThresholds
    factor: FloatArray
    amplitude_ma: FloatArray
    reached_ma: FloatArray

    @property
    def delivered_ma(self) -> FloatArray:
        """Return the cathodic current (areas,) that reaches the tissue."""
        return self.reached_ma * self.delivery.delivered_share


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """The model's answer to some programs for one case; amplitudes in mA of area A's dial, for this patient.

    Where a program has more areas, all amplitudes rise together with A's. `recruited` and `factor` (programs,): tallies
    on the scale of A's single pulse, and what A's rate and the patient's gain make of it; reached_ma (programs,): A's
    amplitude as far as the generator's voltage lets it, where `felt` and `figures` were read off.
    """

    programs: tuple[Program, ...]
    areas: AreaAnswers
    recruited: Recruited
    person: PersonThresholds
    factor: FloatArray
    amplitude_ma: FloatArray
    reached_ma: FloatArray
    gain: float
    rules: IntensityRules
    pain: coverage.PainField
    felt: Felt
    figures: coverage.CoverageFigures


def answers_of(
    case: Case,
    programs: tuple[Program, ...],
    areas: AreaAnswers,
    recruited: Recruited,
    person: PersonThresholds,
    rules: PerceptRules,
) -> Answers:
    """Return the Answers read off the tallies `recruited` where the generator gets to."""
    first = areas.first
    factor, reached_ma = areas.factor[first], areas.reached_ma[first]
    pain, own_rules = pain_field(case.pain), rules_of(rules.felt_fibres)
    felt = felt_at(recruited, reached_ma / factor, own_rules)
    figures = coverage.figures(pain, felt.total, felt.column)
    return Answers(
        programs=programs,
        areas=areas,
        recruited=recruited,
        person=person,
        factor=factor,
        amplitude_ma=areas.amplitude_ma[first],
        reached_ma=reached_ma,
        gain=case.patient.gain,
        rules=own_rules,
        pain=pain,
        felt=felt,
        figures=figures,
    )


def covered_alone(answers: Answers) -> FloatArray:
    """Return the share (areas,) of the painful area, in percent, that each area covers by itself."""
    alone = answers.areas
    if len(alone.areas) == len(answers.programs):
        return answers.figures.by_area
    felt = felt_at(alone.recruited, alone.reached_ma / alone.factor, answers.rules)
    return coverage.figures(answers.pain, felt.total, felt.column).by_area


@lru_cache(maxsize=256)
def rules_of(felt_fibres: float) -> IntensityRules:
    """Return the intensity rules of a patient who feels a dermatome from `felt_fibres` on: all counts move along."""
    usual = intensity_rules()
    more = felt_fibres - usual.felt_fibres
    return replace(
        usual,
        felt_fibres=felt_fibres,
        offset_fibres=usual.offset_fibres + more,
        whole_fibres=usual.whole_fibres + more,
    )


def felt_at(recruited: Recruited, single_pulse_ma: FloatArray, rules: IntensityRules | None = None) -> Felt:
    """Return what is felt at amplitudes (programs,) in mA, already divided by the factor of rate and gain.

    rules: the patient's (`rules_of`); by default the usual patient's.
    """
    rules = intensity_rules() if rules is None else rules
    column, root = recruited.column.count(single_pulse_ma), recruited.root.count(single_pulse_ma)
    rami, weights = column * rules.rami_share, load_region_weights()
    share = felt_share(extent(column, rules), extent(rami, rules), extent(root, rules), weights)
    in_column, in_root = intensity_of(column, rules), intensity_of(root, rules)
    strength = felt_share(in_column, intensity_of(rami, rules), in_root, weights)
    return Felt(column, root, in_column, in_root, share.dc, share.dr, share.total, strength.dc, strength.dr)


def first_felt_ma(recruited: Recruited, factor: FloatArray, rules: IntensityRules | None = None) -> FloatArray:
    """Return the amplitude (programs, regions) in mA from which each region is felt at all; inf where it never is.

    rules: as in `felt_at`.
    """
    rules, weights = intensity_rules() if rules is None else rules, load_region_weights()
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


def at_rate(person: PersonThresholds, factors: RateFactors, gain: float, rules: PerceptRules) -> PersonThresholds:
    """Return single-pulse thresholds at the programs' rates and a patient's gain; motor ones follow the gain only."""
    perception = person.perception_ma * factors.perception * gain
    least = perception * rules.least_over_perception
    discomfort = np.maximum(person.discomfort_ma * factors.discomfort * gain, least)
    return replace(
        person,
        perception_ma=perception,
        one_fibre_ma=person.one_fibre_ma * factors.perception * gain,
        ten_fibres_ma=person.ten_fibres_ma * factors.perception * gain,
        comfort_ma=comfort_between(perception, discomfort, rules),
        discomfort_ma=discomfort,
        column_load_ma=person.column_load_ma * factors.discomfort * gain,
        motor_ma=person.motor_ma * gain,
        trunk_twitch_ma=person.trunk_twitch_ma * gain,
    )


def pain_field(pain: PainMap) -> coverage.PainField:
    """Return the pain map in numbers, per region of the body map; polygons add to what the region scores say.

    A region with a score hurts as a whole; in the share of it that a polygon covers the higher score counts.
    """
    return _pain_field(tuple(sorted(pain.scores.items())), tuple((p.view, p.score, p.points) for p in pain.polygons))


@lru_cache(maxsize=512)  # a stroke changes a few of many patches
def _share_inside(view: str, points: tuple[tuple[float, float], ...]) -> FloatArray:
    body = load_body_map()
    on_view = np.array([region.view == view for region in body.regions])
    return read_only(np.where(on_view, body.painful_fraction([points]), 0.0))


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
        share = _share_inside(view, points)
        total = np.minimum(painful + share, 1.0)
        mean = np.where(total > 0.0, (painful * score + share * value) / np.maximum(painful + share, 1e-12), 0.0)
        score = np.where(painful >= 1.0, score + share * np.maximum(value - score, 0.0), mean)
        painful = total
    sides = {"left": -1, "right": 1}
    return coverage.PainField(
        area=body.area_mm2,
        painful=painful,
        score=score,
        side=np.array([sides.get(region.side, 0) for region in body.regions], dtype=np.int64),
    )
