"""Judge: exactly, by the whole model, how good a program is at its best amplitude, for many programs at once.

The model gives recruitment at all amplitudes, so that each amplitude that the generator can be dialled to is weighed:
at or above perception, below discomfort and motor threshold, within charge limits and the generator's voltage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.values import FloatArray
from scs_sim import coverage, limits
from scs_sim.answers import Answers
from scs_sim.case import Case
from scs_sim.hardware import generator_of
from scs_sim.limit_profiles import DEFAULT_PROFILE, Bands, LimitProfile
from scs_sim.limit_profiles import profile as limit_profile
from scs_sim.objective import Objective
from scs_sim.program import Area, Program
from scs_sim.search.result import Origin, Point
from scs_sim.search.variants import Moved, felt_along
from scs_sim.setting import Setting
from scs_sim.simulate import evaluate

ItemT = TypeVar("ItemT")
FoundT = TypeVar("FoundT")

PROGRAMS_AT_ONCE = 48
"""Programs of one call of the model: fixed, so that sums come out the same whatever the number of threads."""
_BELOW, _ABOVE = 1.0 - 1e-5, 1.0 + 1e-5  # thresholds are of single precision


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One program at its best amplitude: figures, points, and the felt share (regions,) of each region, 0 to 1.

    centre_mm is the current-weighted centre of its cathodes, right and up. `program` has whole percents and an
    amplitude that can be dialled.
    """

    program: Program
    kind: str
    origin: Origin
    figures: tuple[tuple[str, float], ...]
    score: float
    felt_share: FloatArray
    centre_mm: tuple[float, float]

    @property
    def point(self) -> Point:
        """Return the program as a Point."""
        first = self.program
        contacts = " | ".join(area.contacts for area in first.areas)
        return Point(
            contacts, self.kind, first.pulse_width_us, first.amplitude_ma or 0.0, self.figures, self.score, self.origin
        )


@dataclass(frozen=True)
class Judge:
    """Who judges: a case in its setting, what counts, and the limit profile ("": grid of the widest one).

    moved: what may happen to the case; without it nothing is said of robustness.
    """

    setting: Setting
    case: Case
    objective: Objective
    profile: str
    x_mm: FloatArray
    moved: tuple[Moved, ...] = ()

    @cached_property
    def limits(self) -> LimitProfile:
        """Return what can be dialled."""
        return limit_profile(self.profile or DEFAULT_PROFILE)

    def best(self, programs: Sequence[Program], kinds: Sequence[str], origin: Origin) -> list[Judged | None]:
        """Return each program of one area at its best amplitude; None where none will do. Amplitudes are not read."""
        asked = [replace(program, amplitude_ma=None) for program in programs]
        answers = evaluate(self.setting, self.case, asked, generator_of(self.profile))
        amplitudes = [self._dialled_ma(answers, row) for row in range(len(asked))]
        robust = self._robust(asked, amplitudes)
        return [
            self._best_of(answers, row, amplitudes[row], robust[row], kind, origin) for row, kind in enumerate(kinds)
        ]

    def at(self, programs: Sequence[Program], kinds: Sequence[str], origin: Origin) -> list[Judged | None]:
        """Return each program at the amplitudes that it has; None where they are not within the bounds."""
        answers = evaluate(self.setting, self.case, programs, generator_of(self.profile))
        amplitudes = [answers.reached_ma[[row]] for row in range(len(programs))]
        robust = self._robust(programs, amplitudes)
        return [
            self._best_of(answers, row, amplitudes[row], robust[row], kind, origin)
            if self._is_within(answers, row)
            else None
            for row, kind in enumerate(kinds)
        ]

    def _robust(self, programs: Sequence[Program], amplitudes: Sequence[FloatArray]) -> list[dict[str, FloatArray]]:
        """Return the robust figure, if there is one, of programs at their amplitudes (A,)."""
        if not self.moved:
            return [{} for _ in programs]
        covered = [moved.covered(programs, amplitudes, generator_of(self.profile)) for moved in self.moved]
        return [{"robust_covered_percent": np.min(rows, axis=0)} for rows in zip(*covered, strict=True)]

    def _best_of(
        self,
        answers: Answers,
        row: int,
        amplitude: FloatArray,
        robust: dict[str, FloatArray],
        kind: str,
        origin: Origin,
    ) -> Judged | None:
        if not len(amplitude):
            return None
        figures, felt = self._figures(answers, row, amplitude)
        figures |= robust
        points = np.broadcast_to(self.objective.score(figures), amplitude.shape)
        best = int(np.argmax(points))
        program = answers.programs[row]
        if program.amplitude_ma is None:
            program = replace(program, amplitude_ma=float(amplitude[best]))
        chosen = tuple((name, float(np.broadcast_to(value, amplitude.shape)[best])) for name, value in figures.items())
        return Judged(program, kind, origin, chosen, float(points[best]), felt[best], self._centre(program))

    def _is_within(self, answers: Answers, row: int) -> bool:
        """Return whether a program's own amplitudes lie within all bounds."""
        alone, person, at = answers.areas, answers.person, answers.reached_ma[row]
        first = int(alone.first[row])
        highest = min(person.discomfort_ma[row], person.motor_ma[row]) * _BELOW
        return bool(person.perception_ma[row] * _ABOVE <= at <= highest) and all(
            alone.person.perception_ma[area] * _ABOVE <= alone.amplitude_ma[area] <= self._most_ma(answers, area)
            for area in range(first, first + len(answers.programs[row].areas))
        )

    def _dialled_ma(self, answers: Answers, row: int) -> FloatArray:
        """Return the amplitudes (A,) that may be dialled: felt, bearable, safe and within reach, ascending."""
        person, area = answers.person, int(answers.areas.first[row])
        high = min(self._most_ma(answers, area), float(person.motor_ma[row] * _BELOW))
        return dialled_ma(
            self.limits.amplitude_bands_ma,
            float(person.perception_ma[row]) * _ABOVE,
            min(high, float(person.discomfort_ma[row]) * _BELOW),
        )

    def _most_ma(self, answers: Answers, area: int) -> float:
        """Return the amplitude (mA) of one area up to which contacts and generator take it."""
        alone = answers.areas
        width_us = alone.areas[area].pulse_width_us
        share, asked = np.abs(alone.delivery.weights[area]), np.abs(alone.delivery.asked_weights[area])
        bounds, area_cm2 = limits.safety_limits(), self.setting.contact_area_mm2 * 1e-2
        by_density = bounds.charge_density_uc_per_cm2 * area_cm2
        by_shannon = np.sqrt(10.0**bounds.shannon_k * area_cm2)
        with np.errstate(divide="ignore"):
            by_charge = np.minimum(by_density, by_shannon) * 1e3 / (width_us * share)
            by_contact = self.limits.contact_high_ma / asked
        return float(
            min(
                by_charge.min(),
                by_contact.min(),
                alone.delivery.deliverable_ma[area],
                limits.program_ranges().amplitude_ma[1],
            )
        )

    def _figures(
        self, answers: Answers, row: int, amplitude_ma: FloatArray
    ) -> tuple[dict[str, FloatArray], FloatArray]:
        """Return the FIGURES (A,) of one program at amplitudes (A,) of area A's dial, and what is felt (A, regions)."""
        alone, first = answers.areas, int(answers.areas.first[row])
        areas = range(first, first + len(answers.programs[row].areas))
        total, column = felt_along(answers, row, amplitude_ma)
        found = coverage.figures(answers.pain, total, column)
        scale = amplitude_ma / answers.reached_ma[row]  # all areas rise together
        density, current = np.zeros_like(amplitude_ma), np.zeros_like(amplitude_ma)
        for area in areas:
            at_ma, pulse = alone.reached_ma[area] * scale, alone.areas[area]
            charge = limits.charge_per_phase_uc(at_ma[:, None], pulse.pulse_width_us, alone.delivery.weights[area])
            worst = limits.charge_density_uc_per_cm2(charge, self.setting.contact_area_mm2).max(axis=1)
            density = np.maximum(density, worst)
            given = limits.charge_per_phase_uc(at_ma * alone.delivery.source_share[area], pulse.pulse_width_us)
            current = current + limits.average_current_ua(given, pulse.pulses_hz)
        active = np.any(alone.delivery.asked_weights[areas.start : areas.stop] != 0.0, axis=0)
        figures = {
            "pain_covered_by_score_percent": found.by_score,
            "worst_region_percent": found.worst,
            "unwanted_of_felt_percent": np.nan_to_num(found.unwanted_of_felt, nan=0.0),
            "headroom_percent": 100.0 * (answers.person.discomfort_ma[row] / amplitude_ma - 1.0),
            "charge_density_uc_per_cm2": density,
            "average_current_ua": current,
            "active_contacts_count": np.full_like(amplitude_ma, float(active.sum())),
        }
        return figures, total

    def _centre(self, program: Program) -> tuple[float, float]:
        weights = sum(np.maximum(-self.setting.weights(area), 0.0) for area in program.areas)
        total = float(np.sum(weights))
        if total <= 0.0:
            return 0.0, float(self.setting.contact_z_mm.mean())
        return float(weights @ self.x_mm / total), float(weights @ self.setting.contact_z_mm / total)


def dialled_ma(bands: Bands, low_ma: float, high_ma: float) -> FloatArray:
    """Return the amplitudes (A,) above 0 that lie on the grid of `bands` between two bounds, both included."""
    points: list[float] = []
    if not np.isfinite(low_ma):
        return np.array(points)
    for low, high, step in bands:
        last = int(np.floor((min(high, high_ma) - low) / step + 1e-9))
        start = max(int(np.ceil((low_ma - low) / step - 1e-9)), 0)
        points += [round(low + index * step, 9) for index in range(start, last + 1)]
    return np.array([at for at in dict.fromkeys(points) if at > 0.0 and low_ma <= at <= high_ma])


def in_chunks(
    pool: ThreadPoolExecutor | None, work: Callable[[Sequence[ItemT]], Sequence[FoundT]], items: Sequence[ItemT]
) -> Iterator[list[FoundT]]:
    """Yield what `work` makes of `items`, in order, chunk by chunk of a fixed size; a pool shares the chunks out."""
    chunks = [items[first : first + PROGRAMS_AT_ONCE] for first in range(0, len(items), PROGRAMS_AT_ONCE)]
    found = map(work, chunks) if pool is None else pool.map(work, chunks)
    for part in found:
        yield list(part)


def felt_apart(one: FloatArray, other: FloatArray) -> float:
    """Return the share (0-1) of the area felt by either of two that only one of both lets feel; felt (regions,)."""
    area = load_body_map().area_mm2
    either = float(np.maximum(one, other) @ area)
    return float(np.abs(one - other) @ area) / either if either > 0.0 else 0.0


def same_pulse(template: Area, contacts: str, pulse_width_us: float) -> Program:
    """Return a program with other contacts and width, the rate and waveform of `template`, amplitude open."""
    return Program(
        contacts, pulse_width_us=pulse_width_us, rate_hz=template.rate_hz, waveform=template.waveform, amplitude_ma=None
    )
