"""Measures of thresholds: what is felt first, at which amplitude, by pulse, configuration, level, side and posture."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares

from scs_models import anatomy
from scs_models.percept.perception import percept_rules
from scs_models.values import FloatArray
from scs_sim.answers import Answers
from scs_sim.case import Case, builtin_case, builtin_case_ids
from scs_sim.validate.canonical import (
    BIPOLE,
    MONOPOLE,
    TRIPOLE,
    answers,
    canonical,
    drawn_geometries,
    pulse,
    result,
)
from scs_sim.validate.figures import Computed, Figures

CONFIGURATIONS = {"mono": MONOPOLE, "bi": BIPOLE, "tri": TRIPOLE}


def strength_duration(width_us: FloatArray, threshold_ma: FloatArray) -> dict[str, tuple[float, float]]:
    """Return (rheobase mA, chronaxie us) by Weiss and by Lapicque, fitted with relative weights."""
    start = (threshold_ma[-1] * 0.8, 250.0)

    def weiss(p: FloatArray) -> FloatArray:
        return np.asarray(p[0] * (1.0 + p[1] / width_us) / threshold_ma - 1.0)

    def lapicque(p: FloatArray) -> FloatArray:
        return np.asarray(p[0] / (1.0 - 2.0 ** (-width_us / p[1])) / threshold_ma - 1.0)

    found = {form.__name__: least_squares(form, start, x_scale=(1.0, 100.0)).x for form in (weiss, lapicque)}
    return {name: (float(fit[0]), float(fit[1])) for name, fit in found.items()}


@dataclass(frozen=True, slots=True)
class StrengthDuration(Computed):
    """Rheobase and chronaxie of perception, by both forms."""

    contacts: str
    dorsal_csf_mm: float
    pulse_width_us: tuple[float, ...]

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case."""
        return (canonical(conductivities, dorsal_csf_mm=self.dorsal_csf_mm, contacts=self.contacts),)

    def __call__(self, conductivities: str) -> Figures:
        """Return rheobase (mA) and chronaxie (us) by form."""
        programs = [pulse(self.contacts, width) for width in self.pulse_width_us]
        found = answers(self.cases(conductivities)[0], programs).person.perception_ma
        fits = strength_duration(np.array(self.pulse_width_us), found)
        return {
            f"{quantity}_{form}_{unit}": fits[form][index]
            for form in fits
            for index, (quantity, unit) in enumerate((("rheobase", "ma"), ("chronaxie", "us")))
        }


@dataclass(frozen=True, slots=True)
class Thresholds(Computed):
    """A person's thresholds for one program of the canonical pulse."""

    contacts: str = BIPOLE
    level: str = "T9"
    dorsal_csf_mm: float | None = None
    x_mm: float = 0.0

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case."""
        return (
            canonical(
                conductivities,
                level=self.level,
                dorsal_csf_mm=self.dorsal_csf_mm,
                x_mm=(self.x_mm,),
                contacts=self.contacts,
            ),
        )

    def __call__(self, conductivities: str) -> Figures:
        """Return perception, also by ten fibres and by 10 % of the columns, discomfort, motor, and their ratios."""
        person = answers(self.cases(conductivities)[0], [pulse(self.contacts)]).person
        perception, discomfort, motor = (
            float(values[0]) for values in (person.perception_ma, person.discomfort_ma, person.motor_ma)
        )
        return {
            "pt_ma": perception,
            "ten_fibres_ma": float(person.ten_fibres_ma[0]),
            "column_load_ma": float(person.column_load_ma[0]),
            "dt_ma": discomfort,
            "dt_over_pt": discomfort / perception,
            "range_ma": discomfort - perception,
            "mt_over_pt": motor / perception,
        }


def root_over_column(found: Answers) -> FloatArray:
    """Return the first root percept over the first dorsal column percept, per program."""
    fibres = percept_rules().felt_fibres
    return np.asarray(
        found.recruited.root.amplitude_ma(fibres).min(axis=1) / found.recruited.column.amplitude_ma(fibres).min(axis=1)
    )


@dataclass(frozen=True, slots=True)
class Configurations(Computed):
    """Monopole, bipole and tripole on the midline: threshold, usage range, root against column."""

    dorsal_csf_mm: float = 4.1

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case."""
        return (canonical(conductivities, dorsal_csf_mm=self.dorsal_csf_mm, contacts=TRIPOLE),)

    def __call__(self, conductivities: str) -> Figures:
        """Return pt_*_ma, ratio_* (DT/PT), root_over_column_* and what they say of the order."""
        found = answers(self.cases(conductivities)[0], [pulse(text) for text in CONFIGURATIONS.values()])
        perception = found.person.perception_ma
        ratio, roots = found.person.discomfort_ma / perception, root_over_column(found)
        figures: dict[str, float] = {}
        for index, name in enumerate(CONFIGURATIONS):
            figures[f"pt_{name}_ma"] = float(perception[index])
            figures[f"ratio_{name}"] = float(ratio[index])
            figures[f"root_over_column_{name}"] = float(roots[index])
        return figures | {
            "tri_over_mono": float(perception[2] / perception[0]),
            "threshold_order": float(np.all(np.diff(perception) > 0.0)),
            "root_order": float(np.all(np.diff(roots) > 0.0)),
            "ratio_range": float(np.ptp(ratio)),
        }


@dataclass(frozen=True, slots=True)
class Levels(Computed):
    """Perception with the same lead at several levels; `groups` of levels from the highest threshold expected down."""

    groups: tuple[tuple[str, ...], ...]

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case at each level."""
        return tuple(canonical(conductivities, level=level) for group in self.groups for level in group)

    def __call__(self, conductivities: str) -> Figures:
        """Return pt_LEVEL_ma, range_LEVEL_ma (DT - PT), whether the groups are in order, and ranked as the CSF."""
        levels = [level for group in self.groups for level in group]
        people = [answers(case, [pulse(BIPOLE)]).person for case in self.cases(conductivities)]
        found = {level: float(person.perception_ma[0]) for level, person in zip(levels, people, strict=True)}
        ranges = {
            level: float(person.discomfort_ma[0] - person.perception_ma[0])
            for level, person in zip(levels, people, strict=True)
        }
        csf = [anatomy.dorsal_csf_mm(level) for level in levels]
        same_rank = list(np.argsort([found[level] for level in levels])) == list(np.argsort(csf))
        return (
            {f"pt_{level}_ma": value for level, value in found.items()}
            | {f"range_{level}_ma": value for level, value in ranges.items()}
            | {
                "groups_in_order": self._in_order(found),
                "ranges_in_order": self._in_order(ranges),
                "rank_of_csf": float(same_rank),
            }
        )

    def _in_order(self, found: Mapping[str, float]) -> float:
        """Return 1.0 where every level of a group lies above every level of the next one."""
        return float(
            all(
                min(found[level] for level in upper) > max(found[level] for level in lower)
                for upper, lower in itertools.pairwise(self.groups)
            )
        )


@dataclass(frozen=True, slots=True)
class MedialLateral(Computed):
    """Perception with the lead on the midline and to the side, at one level."""

    level: str
    x_mm: float
    contacts: str = BIPOLE

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case on the midline and to the side."""
        return tuple(
            canonical(conductivities, level=self.level, x_mm=(x,), contacts=self.contacts) for x in (0.0, self.x_mm)
        )

    def __call__(self, conductivities: str) -> Figures:
        """Return both thresholds and the lateral one over the medial."""
        found = (answers(case, [case.program]).person for case in self.cases(conductivities))
        medial, lateral = (float(person.perception_ma[0]) for person in found)
        return {"medial_ma": medial, "lateral_ma": lateral, "lateral_over_medial": lateral / medial}


@dataclass(frozen=True, slots=True)
class LateralSweep(Computed):
    """A lead moved to the side: what is felt first, and on which side at comfort."""

    x_mm: tuple[float, ...]

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case at each position."""
        return tuple(canonical(conductivities, x_mm=(x,)) for x in self.x_mm)

    def __call__(self, conductivities: str) -> Figures:
        """Return pt_X_ma, root_X (1: a root is felt first), right_X_percent of the felt area; where roots begin."""
        figures: dict[str, float] = {"first_root_mm": np.inf}
        for x, case in zip(self.x_mm, self.cases(conductivities), strict=True):
            found = result(case)
            is_root = found.thresholds.pt_origin == "DR"
            right = found.coverage.right_percent_of_felt
            figures[f"pt_{x:g}_ma"] = found.thresholds.pt_ma or np.inf
            figures[f"root_{x:g}"] = float(is_root)
            figures[f"right_{x:g}_percent"] = np.nan if right is None else right
            if is_root:
                figures["first_root_mm"] = min(figures["first_root_mm"], x)
        return figures


@dataclass(frozen=True, slots=True)
class RatioOfPatients(Computed):
    """DT/PT over patients drawn from the spread of anatomy, by configuration."""

    patients: int
    seed: int

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case in each patient."""
        patients = drawn_geometries(self.patients, self.seed)
        return tuple(canonical(conductivities, patient=patient, contacts=TRIPOLE) for patient in patients)

    def __call__(self, conductivities: str) -> Figures:
        """Return the median DT/PT by configuration, quartiles of the bipole's, and how far the medians differ."""
        programs = [pulse(text) for text in CONFIGURATIONS.values()]
        people = [answers(case, programs).person for case in self.cases(conductivities)]
        ratio = np.array([person.discomfort_ma / person.perception_ma for person in people])
        median = np.median(ratio, axis=0)
        low, high = np.percentile(ratio[:, 1], [25.0, 75.0])
        figures = {f"median_{name}": float(value) for name, value in zip(CONFIGURATIONS, median, strict=True)}
        return figures | {"low_bi": float(low), "high_bi": float(high), "median_range": float(np.ptp(median))}


@dataclass(frozen=True, slots=True)
class Rates(Computed):
    """Perception and discomfort over the rate: the phenomenological layer."""

    pulse_width_us: float
    rate_hz: tuple[float, float]

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case."""
        return (canonical(conductivities),)

    def __call__(self, conductivities: str) -> Figures:
        """Return perception at the second rate over the first, and DT/PT at both."""
        programs = [pulse(BIPOLE, self.pulse_width_us, rate_hz=rate, waveform="biphasic") for rate in self.rate_hz]
        person = answers(self.cases(conductivities)[0], programs).person
        ratio = person.discomfort_ma / person.perception_ma
        return {
            "fall": float(person.perception_ma[1] / person.perception_ma[0]),
            "ratio_low": float(ratio[0]),
            "ratio_high": float(ratio[1]),
            "ratio_growth": float(ratio[1] / ratio[0]),
        }


@dataclass(frozen=True, slots=True)
class Postures(Computed):
    """Perception and load in several postures at some levels."""

    levels: tuple[str, ...]
    postures: tuple[str, ...]

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case at each level in each posture."""
        return tuple(
            canonical(conductivities, level=level, posture=posture)
            for level in self.levels
            for posture in self.postures
        )

    def __call__(self, conductivities: str) -> Figures:
        """Return pt_LEVEL_POSTURE_ma, load_LEVEL_POSTURE_ohm; the least PT rise and the greatest change of load."""
        figures: dict[str, float] = {}
        rises, changes = [], []
        cases = iter(self.cases(conductivities))
        for level in self.levels:
            found = [result(case) for case in itertools.islice(cases, len(self.postures))]
            for posture, one in zip(self.postures, found, strict=True):
                figures[f"pt_{level}_{posture}_ma"] = one.thresholds.pt_ma or np.inf
                figures[f"load_{level}_{posture}_ohm"] = one.safety.load_ohm
                rises.append((one.thresholds.pt_ma or np.inf) / (found[0].thresholds.pt_ma or np.inf))
                changes.append(abs(one.safety.load_ohm / found[0].safety.load_ohm - 1.0))
        others = [rise for index, rise in enumerate(rises) if index % len(self.postures)]
        return figures | {"least_rise_factor": min(others), "load_change_percent": 100.0 * max(changes)}


@dataclass(frozen=True, slots=True)
class BuiltinCases(Computed):
    """Usage range, load and safety of every built-in case with its own program."""

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the built-in cases; their own conductivities are the default's."""
        cases = [builtin_case(name) for name in builtin_case_ids()]
        return tuple(replace(case, patient=replace(case.patient, conductivities=conductivities)) for case in cases)

    def __call__(self, conductivities: str) -> Figures:
        """Return ratio_CASE, their median, and the extremes of load (ohm), charge density, charge and Shannon's k."""
        results = [result(case) for case in self.cases(conductivities)]
        ratios = {f"ratio_{one.case_id}": one.thresholds.usage_ratio or np.inf for one in results}
        load = [one.safety.load_ohm for one in results]
        shannon = [one.safety.shannon_k for one in results if one.safety.shannon_k is not None]
        return ratios | {
            "median_ratio": float(np.median(list(ratios.values()))),
            "least_load_ohm": min(load),
            "greatest_load_ohm": max(load),
            "greatest_density_uc_per_cm2": max(one.safety.charge_density_uc_per_cm2 for one in results),
            "greatest_charge_uc": max(one.safety.charge_per_phase_uc for one in results),
            "greatest_k": max(shannon),
            "count": float(len(results)),
        }
