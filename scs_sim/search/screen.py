"""Screen: how good each of very many programs is at its best amplitude, fast; not exact, and in no way random.

Thresholds come from a coarse lattice of fibres (lattice.py), counts from steps of amplitude (screen_percept.py); what
is delivered, felt, bearable and allowed follows the same rules as in `simulate`. Whoever suggests a program judges it
there again: docs/performance.md says how far the two differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.percept.intensity import IntensityRules
from scs_models.percept.rate import RateFactors, rate_factors
from scs_models.tables import read_table
from scs_models.values import BoolArray, FloatArray, IntArray
from scs_sim import limit_profiles, limits
from scs_sim.answers import pain_field, rules_of
from scs_sim.case import Case
from scs_sim.delivery import Delivery, Wiring, deliver
from scs_sim.hardware import generator_of, wiring_of
from scs_sim.limit_profiles import LimitProfile
from scs_sim.objective import Objective
from scs_sim.program import Area
from scs_sim.search.lattice import NEVER, Lattice, Tile, lattice_of
from scs_sim.search.screen_percept import (
    RegionSums,
    Sorting,
    Steps,
    bounds_of,
    covered,
    felt_by,
    first_felt,
    region_sums,
    running,
    sorting_of,
    tally,
)
from scs_sim.setting import Setting

_STEPS, _MARGIN = 64, 8  # first try: steps, and how many of them below the lowest threshold of the columns
_SIFTED_FROM = 48  # programs with the same cathodes from which sifting pays
_REACH_SLACK = 1e-3
_WHOLE = 1e-9
_THRESHOLDS = ("pt_ma", "dt_ma", "cap_ma")
_NO_LEVELS = np.empty((0, 0))


@dataclass(frozen=True, slots=True, eq=False)
class ScreenCurves:
    """What some programs do at amplitudes between perception threshold and the lowest bound, (programs, A) each.

    amplitude_ma: of the dial, nan where a program has no such amplitude; figures: FIGURES of an objective as far as
    they are known here (all but robust_covered_percent). pt_ma, dt_ma, cap_ma (programs,): perception and
    discomfort threshold, inf where none, and the greatest amplitude that nothing speaks against: discomfort, muscle
    twitch, voltage, charge or the limit profile.
    """

    amplitude_ma: FloatArray
    figures: dict[str, FloatArray]
    pt_ma: FloatArray
    dt_ma: FloatArray
    cap_ma: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class BestOf:
    """Programs at their best amplitude: all (programs,). A program that nobody can use has score -inf, the rest nan."""

    score: FloatArray
    amplitude_ma: FloatArray
    pt_ma: FloatArray
    dt_ma: FloatArray
    figures: dict[str, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """A case with one pulse, ready to rank any number of programs. Made by `make_screen`.

    pulse: one area with the pulse width, waveform and rate; its contacts are not read. profile: None for the widest.
    """

    setting: Setting
    case: Case
    pulse: Area
    profile: LimitProfile | None
    circuit: Wiring
    lattice: Lattice
    sorting: Sorting
    regions: RegionSums
    rules: IntensityRules
    factors: RateFactors
    step: float
    full: bool

    def curves(self, weights: FloatArray, *, sift: bool = True) -> ScreenCurves:
        """Return the figures of programs `weights` (programs, contacts), per mA, cathodes negative, case left out.

        sift: leave out nodes that are proven not to matter, where many programs share their cathodes. It changes no
        figure, not even its last bit. Raises InvalidValueError for no program.
        """
        return _joined(list(self._parts(weights, sift)))

    def best(self, weights: FloatArray, objective: Objective) -> BestOf:
        """Return programs `weights`, as in `curves`, at the amplitude with the most points by `objective`."""
        parts = [(rows, best(curves, objective)) for rows, curves in self._parts(weights, True)]
        order = np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable")
        score, amplitude_ma, pt_ma, dt_ma = (
            np.concatenate([getattr(part, name) for _, part in parts])[order]
            for name in ("score", "amplitude_ma", "pt_ma", "dt_ma")
        )
        figures = {
            name: np.concatenate([part.figures[name] for _, part in parts])[order] for name in parts[0][1].figures
        }
        return BestOf(score, amplitude_ma, pt_ma, dt_ma, figures)

    def _parts(self, weights: FloatArray, sift: bool) -> Iterator[tuple[IntArray, ScreenCurves]]:
        """Yield the curves of some programs after others, with their rows in `weights`."""
        if not len(weights):
            raise InvalidValueError("weights is empty; give at least one program")
        delivery = deliver(weights, self.circuit)
        height_mm, height = np.unique(self.setting.cathode_height_mm(delivery.weights), return_inverse=True)
        counted = self.setting.column_count(height_mm).reshape(len(height_mm), -1)
        for rows, alike in _groups(delivery.weights):
            for tile in self.lattice.tiles(delivery.weights[rows], alike=alike, sift=sift):
                own = rows[tile.rows]
                yield own, self._tile(tile, _rows_of(delivery, own), counted[height[own]])

    def _tile(self, tile: Tile, delivery: Delivery, counted: FloatArray) -> ScreenCurves:
        """Return the curves of the programs of a tile; counted (programs, column fibres): real fibres of each."""
        channels, rules, gain = self.setting.channels, self.setting.rules, self.case.patient.gain
        root_counted = np.tile(channels.root_count, (len(counted), 2))
        column, scale, allowed_ma = tile.columns(), self.perception_scale, self._allowed_ma(delivery)
        margin, number = _MARGIN, _STEPS
        while True:
            steps = Steps(column.min(axis=1) - np.float32(margin * self.step), self.step, number)
            fibres = tally(column, self.sorting.column, counted, steps, self.sorting.count)
            felt_by_columns = np.minimum(felt_by(fibres, steps, rules.felt_fibres), float(NEVER))
            branch, root = tile.roots(felt_by_columns + self.log_reach)
            in_branch = branch < root
            both = np.concatenate([np.where(in_branch, branch, NEVER), np.where(in_branch, NEVER, root)], axis=1)
            fibres += tally(both, self._root_channel, root_counted, steps, self.sorting.count)
            running(fibres)
            bounds = bounds_of(both[:, branch.shape[1] :], channels, rules)
            single_ma = np.exp(first_felt(fibres, steps, rules.felt_fibres))
            discomfort = np.clip(
                bounds.rootlet_ma * rules.root_factor,
                single_ma * rules.least_over_perception,
                single_ma * rules.greatest_over_perception,
            )
            pt_ma = single_ma * scale
            dt_ma = np.maximum(discomfort * float(self.factors.discomfort) * gain, pt_ma * rules.least_over_perception)
            cap_ma = np.minimum(np.minimum(dt_ma, bounds.motor_ma * gain), allowed_ma)
            if (both.min(axis=1) < steps.log_first).any():
                margin *= 2
            elif (np.exp(steps.log_last) * scale < np.minimum(cap_ma, self._top_ma)).any():
                number *= 2
            else:
                return self._read(delivery, fibres, steps, ScreenCurves(_NO_LEVELS, {}, pt_ma, dt_ma, cap_ma))

    @property
    def _root_channel(self) -> IntArray:
        return np.concatenate([self.sorting.branch, self.sorting.root])

    @property
    def perception_scale(self) -> float:
        """Return what rate and gain make of a single pulse's perception threshold."""
        return float(self.factors.perception) * self.case.patient.gain

    @property
    def log_reach(self) -> float:
        """Return how far above perception (single pulse, logarithm) a root fibre may matter: felt, painful or motor."""
        rules, perception, discomfort = (
            self.setting.rules,
            float(self.factors.perception),
            float(self.factors.discomfort),
        )
        greatest, least = rules.greatest_over_perception, rules.least_over_perception
        felt = max(greatest * discomfort / perception, least)
        hurts = greatest / (rules.root_factor * min(rules.injured_discomfort_factor, 1.0))
        return float(np.log(max(felt, felt * perception, hurts, greatest))) + _REACH_SLACK

    @property
    def _top_ma(self) -> float:
        """Return the greatest amplitude that can be dialled at all."""
        top = limits.program_ranges().amplitude_ma[1]
        return top if self.profile is None else min(top, self.profile.amplitude_bands_ma[-1][1])

    def _allowed_ma(self, delivery: Delivery) -> FloatArray:
        """Return the greatest amplitude (programs,) within voltage, charge limits and limit profile; 0 for none."""
        bounds, area_mm2 = limits.safety_limits(), self.setting.contact_area_mm2
        charge = limits.charge_per_phase_uc(1.0, self.pulse.pulse_width_us, delivery.weights)
        density = limits.charge_density_uc_per_cm2(charge, area_mm2)
        rows, worst = np.arange(len(density)), density.argmax(axis=1)
        with np.errstate(divide="ignore"):
            by_density = bounds.charge_density_uc_per_cm2 / density[rows, worst]
            by_shannon = np.sqrt(10.0**bounds.shannon_k / (density[rows, worst] * charge[rows, worst]))
        allowed = np.minimum.reduce(
            [by_density, by_shannon, delivery.deliverable_ma, np.full(len(density), self._top_ma)]
        )
        if self.profile is not None:
            most = np.abs(delivery.asked_weights).max(axis=1, initial=_WHOLE)
            allowed = np.minimum(allowed, self.profile.contact_high_ma / most)
            allowed[~_can_be_set(delivery.asked_weights, self.profile)] = 0.0
        return np.asarray(allowed)

    def _read(self, delivery: Delivery, counts: FloatArray, steps: Steps, bare: ScreenCurves) -> ScreenCurves:
        """Return the curves with levels: the steps from perception threshold to the greatest amplitude."""
        scale = self.perception_scale
        felt = np.isfinite(bare.pt_ma) & (bare.cap_ma >= bare.pt_ma)
        low, high = (
            np.where(felt, (np.log(np.where(felt, ma, scale) / scale) - steps.log_first) / self.step, 0.0)
            for ma in (bare.pt_ma, bare.cap_ma)
        )
        first = np.ceil(low - _WHOLE).astype(np.int64)
        number = np.where(felt, np.floor(high + _WHOLE).astype(np.int64) - first + 1, 0)
        level = first[:, None] + np.arange(max(int(number.max(initial=0)), 0))
        there = level < (first + number)[:, None]
        amplitude = np.exp(steps.log_first[:, None].astype(np.float64) + self.step * level) * scale
        fibres = counts[np.minimum(level, steps.number - 1), np.arange(len(level))[:, None]].astype(np.float32)
        found = covered(fibres, self.sorting, self.regions, self.rules)
        amplitude = np.where(there, amplitude, np.nan)
        width_us, given = self.pulse.pulse_width_us, delivery.source_share[:, None]
        charge = limits.charge_per_phase_uc(1.0, width_us, delivery.weights)
        density = limits.charge_density_uc_per_cm2(charge, self.setting.contact_area_mm2).max(axis=1)
        average = limits.average_current_ua(limits.charge_per_phase_uc(given, width_us), self.pulse.pulses_hz)
        active = np.count_nonzero(delivery.asked_weights, axis=1)[:, None].astype(np.float64)
        figures = {
            "pain_covered_by_score_percent": found.by_score,
            "worst_region_percent": found.worst,
            "unwanted_of_felt_percent": found.unwanted_of_felt,
            "headroom_percent": 100.0 * (bare.dt_ma[:, None] / amplitude - 1.0),
            "charge_density_uc_per_cm2": density[:, None] * amplitude,
            "average_current_ua": average * amplitude,
            "active_contacts_count": active,
        }
        return replace(
            bare,
            amplitude_ma=amplitude,
            figures={name: np.where(there, value, np.nan) for name, value in figures.items()},
        )


def make_screen(setting: Setting, case: Case, pulse: Area, profile: str = "", *, full: bool = False) -> Screen:
    """Return the screen of a case for one pulse; some 50 ms.

    pulse: see Screen; whether the profile allows it is not asked here. profile: name of a limit profile, "" for the
    usual generator without limits; full: look at every fibre instead of the lattice. Raises UnknownNameError for
    another profile.
    """
    sorting = sorting_of(setting.channels)
    return Screen(
        setting=setting,
        case=case,
        pulse=pulse,
        profile=limit_profiles.profile(profile) if profile else None,
        circuit=wiring_of(setting, case, generator_of(profile)),
        lattice=lattice_of(setting, pulse.pulse_width_us, pulse.waveform, full=full),
        sorting=sorting,
        regions=region_sums(pain_field(case.pain), sorting),
        rules=rules_of(setting.rules.felt_fibres),
        factors=rate_factors(pulse.rate_hz),
        step=float(np.log1p(float(_rules()["levels"]["step_percent"]) / 100.0)),
        full=full,
    )


def best(curves: ScreenCurves, objective: Objective) -> BestOf:
    """Return each program at the amplitude with the most points by `objective`, the lower of two that are equal."""
    there = np.isfinite(curves.amplitude_ma)
    if not there.shape[1]:
        nothing = np.full(len(there), np.nan)
        return BestOf(
            np.full(len(there), -np.inf), nothing, curves.pt_ma, curves.dt_ma, dict.fromkeys(curves.figures, nothing)
        )
    score = np.where(there, objective.score(curves.figures), -np.inf)
    at = (np.arange(len(score)), score.argmax(axis=1))
    figures = {name: value[at] for name, value in curves.figures.items()}
    return BestOf(score[at], curves.amplitude_ma[at], curves.pt_ma, curves.dt_ma, figures)


def _can_be_set(asked: FloatArray, profile: LimitProfile) -> BoolArray:
    """Return whether a profile has contacts enough, and sources for unequal shares, for each program."""
    enough = np.count_nonzero(asked, axis=1) <= profile.contacts_count
    if profile.own_sources:
        return np.asarray(enough)
    for sign in (-1.0, 1.0):
        share = np.maximum(sign * asked, 0.0)
        least = np.where(share > 0.0, share, np.inf).min(axis=1, initial=np.inf)
        enough &= ~(share.max(axis=1, initial=0.0) - least > 0.01 + _WHOLE)
    return np.asarray(enough)


def _groups(weights: FloatArray) -> Iterator[tuple[IntArray, bool]]:
    """Yield the rows of programs that share their cathodes where they are many, then all others together."""
    _, group = np.unique(np.minimum(weights, 0.0), axis=0, return_inverse=True)
    number = np.bincount(group.ravel())
    for index in np.flatnonzero(number >= _SIFTED_FROM).tolist():
        yield np.flatnonzero(group.ravel() == index), True
    others = np.flatnonzero(number[group.ravel()] < _SIFTED_FROM)
    if len(others):
        yield others, False


def _rows_of(delivery: Delivery, rows: IntArray) -> Delivery:
    return Delivery(*(getattr(delivery, one.name)[rows] for one in fields(Delivery)))


def _joined(parts: list[tuple[IntArray, ScreenCurves]]) -> ScreenCurves:
    """Return the curves of all parts in the order of their rows, levels padded with nan."""
    levels = max(part.amplitude_ma.shape[1] for _, part in parts)
    order = np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable")

    def put(values: list[FloatArray]) -> FloatArray:
        wide = [np.pad(one, ((0, 0), (0, levels - one.shape[1])), constant_values=np.nan) for one in values]
        return np.asarray(np.concatenate(wide)[order])

    names = parts[0][1].figures
    scalars = (np.concatenate([getattr(part, name) for _, part in parts])[order] for name in _THRESHOLDS)
    return ScreenCurves(
        put([part.amplitude_ma for _, part in parts]),
        {name: put([part.figures[name] for _, part in parts]) for name in names},
        *scalars,
    )


def _rules() -> dict[str, Any]:
    rows: dict[str, Any] = dict(read_table("screen", "scs_sim"))
    return rows
