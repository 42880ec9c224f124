"""One chunk of a sweep: one patient in one posture, some configurations, every pulse, rate and amplitude.

Thresholds do not depend on amplitude, and on the rate by a factor: one pass per configuration and pulse serves every
rate and every amplitude, whose fibres are read off the sorted thresholds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scs_models.percept.body_map import load_body_map
from scs_models.percept.intensity import extent
from scs_models.percept.perception import PersonThresholds
from scs_models.percept.rate import rate_factors
from scs_models.percept.regions import FeltShare, felt_share, load_region_weights
from scs_models.values import FloatArray
from scs_sim import coverage, limits
from scs_sim.answers import Answers, at_rate
from scs_sim.case import Case
from scs_sim.hardware import generator_of
from scs_sim.processes import Report
from scs_sim.program import Program, Waveform
from scs_sim.setting import Setting, prepare
from scs_sim.simulate import evaluate
from scs_sim.sweep.figures import AXES, COVERAGE, FELT, SETTING_AXES, WHOLE_NUMBERS, figures_of
from scs_sim.sweep.plan import AmplitudePoint

Values = dict[str, NDArray[Any]]
"""Figures by name; the dtype is float64, or int16 of what is counted."""
# Programs whose thresholds are held at once, and evaluations whose felt regions are: bounds of a worker's memory.
_PROGRAMS_AT_ONCE = 64
_EVALUATIONS_AT_ONCE = 4096

_last: list[tuple[Case, Setting]] = []


@dataclass(frozen=True, slots=True)
class Chunk:
    """The task of one worker; calling it returns the figures by name, along their axes from the configuration on."""

    case: Case
    contacts: tuple[str, ...]
    waveforms: tuple[Waveform, ...]
    pulse_widths_us: tuple[float, ...]
    rates_hz: tuple[float, ...]
    amplitudes: tuple[AmplitudePoint, ...]
    profile: str
    regions: bool

    @property
    def evaluations_count(self) -> int:
        """Return how many evaluations the chunk has."""
        return int(np.prod(self._sizes()))

    def __call__(self, report: Report, /) -> Values:
        """Return the arrays; builds kernels that are missing. One BLAS thread, so that every run has the same bits."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(limits=1, user_api="blas"):
            return self._values(_setting_of(self.case), report)

    def _sizes(self) -> tuple[int, ...]:
        return tuple(
            len(values)
            for values in (self.contacts, self.waveforms, self.pulse_widths_us, self.rates_hz, self.amplitudes)
        )

    def _values(self, setting: Setting, report: Report) -> Values:
        sizes = dict(zip(AXES[SETTING_AXES:], self._sizes(), strict=True)) | {"region": len(load_body_map().regions)}
        values: Values = {
            figure.name: np.full(
                tuple(sizes[axis] for axis in figure.axes[SETTING_AXES:]),
                -1 if figure.name in WHOLE_NUMBERS else np.nan,
                dtype=np.int16 if figure.name in WHOLE_NUMBERS else np.float64,
            )
            for figure in figures_of(self.regions)
        }
        pulses = [
            (form, width, waveform, width_us)
            for form, waveform in enumerate(self.waveforms)
            for width, width_us in enumerate(self.pulse_widths_us)
        ]
        for done, (form, width, waveform, width_us) in enumerate(pulses):
            for start in range(0, len(self.contacts), _PROGRAMS_AT_ONCE):
                rows = slice(start, start + _PROGRAMS_AT_ONCE)
                found = self._of_pulse(setting, self.contacts[rows], width_us, waveform)
                for name, array in found.items():
                    values[name][rows, form, width] = array
            report(done + 1, len(pulses))
        return values

    def _of_pulse(self, setting: Setting, contacts: Sequence[str], width_us: float, waveform: Waveform) -> Values:
        """Return the figures of some configurations with one pulse, (programs, rates, amplitudes) or less."""
        # At the lowest rate and a gain of 1 every factor is 1: what comes back are thresholds of single pulses.
        lowest_hz = limits.program_ranges().rate_hz[0]
        programs = [Program(text, width_us, lowest_hz, waveform) for text in contacts]
        usual = replace(self.case, patient=replace(self.case.patient, gain=1.0))
        answers = evaluate(setting, usual, programs, generator_of(self.profile))
        factors, gain = rate_factors(np.array(self.rates_hz)), self.case.patient.gain
        person = at_rate(_along_rates(answers.person), factors, gain, setting.rules)
        delivery = answers.areas.delivery
        asked_ma = self._asked_ma(person)
        reached_ma = np.minimum(asked_ma, delivery.deliverable_ma[:, None, None])
        with np.errstate(invalid="ignore"):
            ratio = person.discomfort_ma / person.perception_ma
        values: Values = {
            "pt_ma": _finite(person.perception_ma),
            "comfort_ma": _finite(person.comfort_ma),
            "dt_ma": _finite(person.discomfort_ma),
            "usage_ratio": _finite(ratio),
            "mt_ma": _finite(person.motor_ma[:, 0]),
            "deliverable_ma": _finite(delivery.deliverable_ma),
            "load_ohm": delivery.load_ohm,
            "amplitude_ma": asked_ma,
            "reached_ma": reached_ma,
        }
        pulses_hz = np.array([Program(contacts[0], width_us, rate, waveform).pulses_hz for rate in self.rates_hz])
        values |= _safety(setting, answers, asked_ma, reached_ma, width_us, pulses_hz)
        factor = factors.perception * gain
        values |= self._coverage(answers, reached_ma / factor[None, :, None])
        free = ~limits.paresthesia_applicable(np.array(self.rates_hz))
        for name in COVERAGE & values.keys():
            values[name][:, free] = -1 if name in WHOLE_NUMBERS else np.nan
        return values

    def _asked_ma(self, person: PersonThresholds) -> FloatArray:
        """Return the amplitudes asked for (programs, rates, amplitudes); as in `evaluate`, what is too much is held."""
        top_ma = limits.program_ranges().amplitude_ma[1]
        of = {"PT": person.perception_ma, "comfort": person.comfort_ma, "DT": person.discomfort_ma}
        columns = [
            np.full_like(person.perception_ma, point.factor)
            if point.of == "mA"
            else np.minimum(of[point.of] * point.factor, top_ma)
            for point in self.amplitudes
        ]
        return np.stack(columns, axis=-1)

    def _coverage(self, answers: Answers, single_ma: FloatArray) -> Values:
        """Return coverage at amplitudes (programs, rates, amplitudes) of single pulses."""
        programs, per_program = len(single_ma), single_ma[0].size
        at_once = max(1, _EVALUATIONS_AT_ONCE // per_program)
        parts = [
            self._covered(answers, range(start, min(start + at_once, programs)), single_ma)
            for start in range(0, programs, at_once)
        ]
        joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        return {name: array.reshape(*single_ma.shape, *array.shape[1:]) for name, array in joined.items()}

    def _covered(self, answers: Answers, rows: range, single_ma: FloatArray) -> Values:
        felt = _felt(answers, rows, single_ma)
        found = coverage.figures(answers.pain, felt.total, felt.dc)
        values: Values = {
            "pain_covered_percent": found.by_area,
            "pain_covered_by_score_percent": found.by_score,
            "worst_region_percent": found.worst,
            "worst_region": found.worst_region,
            "unwanted_of_felt_percent": found.unwanted_of_felt,
            "unwanted_of_painful_percent": found.unwanted_of_painful,
            "left_percent_of_felt": found.left,
            "right_percent_of_felt": found.right,
            "dr_share_percent": found.root_share,
        }
        return values | ({FELT.name: 100.0 * felt.total} if self.regions else {})


def _setting_of(case: Case) -> Setting:
    """Return the setting of `case`; that of the last chunk is kept, since the next may differ in contacts only."""
    for known, setting in _last:
        if known == case:
            return setting
    setting = prepare(case)
    _last[:] = [(case, setting)]
    return setting


def _along_rates(person: PersonThresholds) -> PersonThresholds:
    """Return the thresholds (programs,) as (programs, 1), to be multiplied by factors (rates,)."""
    return PersonThresholds(*(getattr(person, field.name)[:, None] for field in dataclasses.fields(person)))


def _felt(answers: Answers, rows: range, single_ma: FloatArray) -> FeltShare:
    """Return what is felt (evaluations, regions) by some programs at amplitudes (programs, rates, amplitudes)."""
    recruited, rules = answers.recruited, answers.rules
    column = np.concatenate([recruited.column.curve(single_ma[row].ravel(), row) for row in rows])
    root = np.concatenate([recruited.root.curve(single_ma[row].ravel(), row) for row in rows])
    rami = column * rules.rami_share
    return felt_share(extent(column, rules), extent(rami, rules), extent(root, rules), load_region_weights())


def _safety(
    setting: Setting,
    answers: Answers,
    asked_ma: FloatArray,
    reached_ma: FloatArray,
    width_us: float,
    pulses_hz: FloatArray,
) -> Values:
    """Return what programs ask of contacts and generator at (programs, rates, amplitudes), as hardware.safety_of."""
    delivery = answers.areas.delivery
    per_ma_uc = limits.charge_per_phase_uc(1.0, width_us, delivery.weights)
    worst = np.argmax(limits.charge_density_uc_per_cm2(per_ma_uc, setting.contact_area_mm2), axis=1)
    share = np.take_along_axis(delivery.weights, worst[:, None], axis=1)[:, :, None]
    area_mm2 = setting.contact_area_mm2[worst][:, None, None]
    worst_uc = limits.charge_per_phase_uc(reached_ma, width_us, share)
    given = delivery.source_share[:, None, None]
    given_uc = limits.charge_per_phase_uc(reached_ma * given, width_us)
    delivered_ma = reached_ma * delivery.delivered_share[:, None, None]
    return {
        "charge_per_phase_uc": limits.charge_per_phase_uc(delivered_ma, width_us),
        "charge_density_uc_per_cm2": limits.charge_density_uc_per_cm2(worst_uc, area_mm2),
        "shannon_k": _finite(limits.shannon_k(worst_uc, area_mm2)),
        "compliance_v": limits.compliance_voltage_v(asked_ma * given, delivery.load_ohm[:, None, None]),
        "average_current_ua": limits.average_current_ua(given_uc, pulses_hz[None, :, None]),
    }


def _finite(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, np.nan)
