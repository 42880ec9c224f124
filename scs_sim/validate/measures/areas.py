"""Measures of what is felt where: areas by pulse width, by arrangement of leads, by level, and over the amplitude."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.percept.intensity import extent, intensity_rules
from scs_models.values import FloatArray, require_one_of
from scs_sim.answers import Answers, felt_at, first_felt_ma
from scs_sim.case import Case, builtin_case, builtin_case_ids
from scs_sim.validate.canonical import BIPOLE, TRIPOLE, answers, canonical, drawn_geometries, pulse
from scs_sim.validate.figures import Computed, Figures

TWO_BIPOLES = "1.2- 1.3+ 2.2- 2.3+"
TRANSVERSE = "1.2+ 2.2-"


def felt_area_percent(found: Answers, amplitude_ma: FloatArray) -> FloatArray:
    """Return the felt share of the whole body in percent at amplitudes (programs,) in mA."""
    felt = felt_at(found.recruited, amplitude_ma / found.factor)
    return np.asarray(100.0 * felt.total @ found.pain.area / found.pain.area.sum())


def centre_of_dermatomes(found: Answers, amplitude_ma: FloatArray) -> FloatArray:
    """Return the mean index (C2 = 0, caudal up) of the dermatomes felt by the columns, weighed by their extent."""
    felt = felt_at(found.recruited, amplitude_ma / found.factor)
    weight = extent(felt.column_fibres, intensity_rules())
    index = np.arange(weight.shape[1]) // 2
    return np.asarray((weight @ index) / weight.sum(axis=1))


@dataclass(frozen=True, slots=True)
class WidthArea(Computed):
    """The area felt at discomfort by pulse width, in the canonical patient."""

    pulse_width_us: tuple[float, ...]

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case."""
        return (canonical(conductivities),)

    def __call__(self, conductivities: str) -> Figures:
        """Return area_WIDTH_percent of the body, and whether it grows with every step."""
        found = answers(self.cases(conductivities)[0], [pulse(BIPOLE, width) for width in self.pulse_width_us])
        area = felt_area_percent(found, found.person.discomfort_ma)
        named = {f"area_{width:g}_percent": float(a) for width, a in zip(self.pulse_width_us, area, strict=True)}
        return named | {"grows": float(np.all(np.diff(area) > 0.0))}


@dataclass(frozen=True, slots=True)
class WidthAreaOfPatients(Computed):
    """In how many drawn patients the felt area at discomfort grows with pulse width, and where it moves."""

    pulse_width_us: tuple[float, ...]
    patients: int
    seed: int

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case in each patient."""
        return tuple(
            canonical(conductivities, patient=patient) for patient in drawn_geometries(self.patients, self.seed)
        )

    def __call__(self, conductivities: str) -> Figures:
        """Return the share of patients whose area grows, and whose centre moves caudally, first to last width."""
        grows, caudal, shift = [], [], []
        for case in self.cases(conductivities):
            found = answers(case, [pulse(BIPOLE, width) for width in self.pulse_width_us])
            area = felt_area_percent(found, found.person.discomfort_ma)
            centre = centre_of_dermatomes(found, found.person.discomfort_ma)
            grows.append(area[-1] > area[0])
            caudal.append(centre[-1] > centre[0])
            shift.append(centre[-1] - centre[0])
        return {
            "grows_percent": 100.0 * float(np.mean(grows)),
            "caudal_percent": 100.0 * float(np.mean(caudal)),
            "median_shift_segments": float(np.median(shift)),
            "count": float(self.patients),
        }


@dataclass(frozen=True, slots=True)
class Arrangements(Computed):
    """Dorsal column fibres recruited at discomfort by arrangement: one lead or two, on the midline or beside it."""

    pair_x_mm: float
    offset_mm: float
    lateral_x_mm: float

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the case of each arrangement."""
        return tuple(self._arranged(conductivities).values())

    def _arranged(self, conductivities: str) -> dict[str, Case]:
        pair, apart = (-self.pair_x_mm, self.pair_x_mm), (self.offset_mm / 2.0, -self.offset_mm / 2.0)
        beside = (0.0, 0.0)
        return {
            "bipole": canonical(conductivities),
            "tripole": canonical(conductivities, contacts=TRIPOLE),
            "parallel": canonical(conductivities, x_mm=pair, rostral_mm=beside, contacts=TWO_BIPOLES),
            "offset": canonical(conductivities, x_mm=pair, rostral_mm=apart, contacts=TWO_BIPOLES),
            "lateral": canonical(conductivities, x_mm=(self.lateral_x_mm,)),
            "transverse": canonical(conductivities, x_mm=pair, rostral_mm=beside, contacts=TRANSVERSE),
        }

    def __call__(self, conductivities: str) -> Figures:
        """Return per arrangement fibres_*, right_*_percent of the felt area and dermatomes_* felt on either side."""
        figures: dict[str, float] = {}
        side = np.array([{"left": -1, "right": 1}.get(region.side, 0) for region in load_body_map().regions])
        for name, case in self._arranged(conductivities).items():
            found = answers(case, [case.program])
            at = found.person.discomfort_ma / found.factor
            felt = felt_at(found.recruited, at)
            area = felt.total[0] * found.pain.area
            figures[f"fibres_{name}"] = float(found.recruited.column_all.count(at)[0, 0])
            figures[f"right_{name}_percent"] = 100.0 * float(area[side > 0].sum() / area[side != 0].sum())
            count = np.maximum(felt.column_fibres, felt.root_fibres)[0]
            figures[f"dermatomes_{name}"] = float((count >= intensity_rules().felt_fibres).sum())
        midline = max(figures["fibres_bipole"], figures["fibres_tripole"])
        return figures | {
            "parallel_over_midline": figures["fibres_parallel"] / midline,
            "offset_over_midline": figures["fibres_offset"] / midline,
            "lateral_over_offset": figures["fibres_lateral"] / figures["fibres_offset"],
        }


def share_percent(found: Answers, felt_total: FloatArray, regions: tuple[str, ...]) -> float:
    """Return the felt share of some regions' area in percent, for the first program."""
    known = load_body_map().region_ids
    index = [known.index(require_one_of("region", name, known)) for name in regions]
    area = found.pain.area[index]
    return 100.0 * float(felt_total[0, index] @ area / area.sum())


@dataclass(frozen=True, slots=True)
class RegionsFelt(Computed):
    """How much of some groups of regions is felt at discomfort, with a lead at one level and side."""

    level: str
    contacts: str
    groups: Mapping[str, tuple[str, ...]]
    x_mm: float = 0.0

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case at that level and side."""
        return (canonical(conductivities, level=self.level, x_mm=(self.x_mm,), contacts=self.contacts),)

    def __call__(self, conductivities: str) -> Figures:
        """Return felt_GROUP_percent of each group, and the least of them."""
        found = answers(case := self.cases(conductivities)[0], [case.program])
        felt = felt_at(found.recruited, found.person.discomfort_ma / found.factor)
        shares = {f"felt_{name}_percent": share_percent(found, felt.total, rows) for name, rows in self.groups.items()}
        return shares | {"least_percent": min(shares.values())}


@dataclass(frozen=True, slots=True)
class FirstFelt(Computed):
    """From which amplitude regions that are hard to reach are felt, against those that are easy, at one level."""

    level: str
    hard: tuple[str, ...]
    easy: tuple[str, ...]

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the canonical case at that level."""
        return (canonical(conductivities, level=self.level),)

    def __call__(self, conductivities: str) -> Figures:
        """Return the median first-felt amplitude (mA) of both groups and their ratio."""
        found = answers(self.cases(conductivities)[0], [pulse(BIPOLE)])
        first = first_felt_ma(found.recruited, found.factor)[0]
        known = load_body_map().region_ids
        hard, easy = (
            float(np.median([first[known.index(require_one_of("region", name, known))] for name in names]))
            for names in (self.hard, self.easy)
        )
        return {"hard_ma": hard, "easy_ma": easy, "hard_over_easy": hard / easy}


@dataclass(frozen=True, slots=True)
class SingleAgainstDual(Computed):
    """The low back with one midline lead and with two leads beside the midline, both with longitudinal bipoles."""

    level: str
    pair_x_mm: float

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the case with one lead and that with two."""
        pair = (-self.pair_x_mm, self.pair_x_mm)
        return (
            canonical(conductivities, level=self.level),
            canonical(conductivities, level=self.level, x_mm=pair, rostral_mm=(0.0, 0.0), contacts=TWO_BIPOLES),
        )

    def __call__(self, conductivities: str) -> Figures:
        """Return the low back covered at discomfort (percent) and first felt (mA and scaled), single and dual."""
        figures: dict[str, float] = {}
        low_back = ("left_low_back", "right_low_back")
        index = [load_body_map().region_ids.index(name) for name in low_back]
        for name, case in zip(("single", "dual"), self.cases(conductivities), strict=True):
            found = answers(case, [case.program])
            perception, discomfort = float(found.person.perception_ma[0]), float(found.person.discomfort_ma[0])
            felt = felt_at(found.recruited, found.person.discomfort_ma / found.factor)
            first = float(first_felt_ma(found.recruited, found.factor)[0, index].max())
            figures[f"{name}_low_back_percent"] = share_percent(found, felt.total, low_back)
            figures[f"{name}_first_ma"] = first
            figures[f"{name}_scaled"] = (first - perception) / (discomfort - perception)
        return figures | {
            "coverage_gain_percent": figures["single_low_back_percent"] - figures["dual_low_back_percent"],
            "amplitude_ratio": figures["single_first_ma"] / figures["dual_first_ma"],
        }


@dataclass(frozen=True, slots=True)
class AmplitudeSweep(Computed):
    """Coverage and unwanted area of every built-in case over the amplitude."""

    steps: int
    to_discomfort_factor: float

    def cases(self, conductivities: str) -> tuple[Case, ...]:
        """Return the built-in cases."""
        return tuple(builtin_case(name) for name in builtin_case_ids())

    def __call__(self, conductivities: str) -> Figures:
        """Return the deepest fall of covered and of unwanted area between neighbouring amplitudes, percent points."""
        falls: dict[str, list[float]] = {"covered": [], "unwanted": []}
        for case in self.cases(conductivities):
            found = answers(case, [case.program])
            end = float(found.person.discomfort_ma[0]) * self.to_discomfort_factor
            totals = [
                felt_at(found.recruited, np.array([amplitude]) / found.factor).total[0]
                for amplitude in np.linspace(0.0, end, self.steps)
            ]
            painful = found.pain.painful * found.pain.area
            other = (1.0 - found.pain.painful) * found.pain.area
            for name, weight in (("covered", painful), ("unwanted", other)):
                curve = 100.0 * np.array(totals) @ weight / painful.sum()
                falls[name].append(float(np.maximum(-np.diff(curve), 0.0).max()))
        return {f"{name}_fall_percent": max(values) for name, values in falls.items()}
