"""Rivals of the search: brute force and random restarts, which share `simulate` and the Objective with it, no more.

They know nothing of kinds of configurations, of the screen, of steps or of the search's tables. A program is judged at
every amplitude that the generator can be dialled to, by what the model answers there; the winner is a Result's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np

from scs_sim.answers import Answers
from scs_sim.case import Case
from scs_sim.hardware import generator_of
from scs_sim.limit_profiles import profile as limit_profile
from scs_sim.objective import Objective, figures_of, why_unfit
from scs_sim.program import Program
from scs_sim.setting import Setting
from scs_sim.simulate import Request, evaluate, simulate

AT_ONCE = 64
Shares = tuple[tuple[int, int], ...]
"""(contact index, percent) pairs, cathodes negative; what the anodes leave over goes to the generator's case."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Where rivals and search meet: a case in its setting, an objective without robustness, a limit profile."""

    setting: Setting
    case: Case
    objective: Objective
    profile: str

    def program(self, shares: Shares, pulse_width_us: float) -> Program:
        """Return the program of `shares` with the rate and waveform of the case's own."""
        names, own = self.setting.contact_names, self.case.program
        words = [f"{names[index]}{'-' if percent < 0 else '+'}{abs(percent)}" for index, percent in shares]
        left = -sum(percent for _, percent in shares)
        text = " ".join([*words, f"case+{left}"] if left else words)
        return Program(text, pulse_width_us, own.rate_hz, own.waveform)

    def answers(self, programs: Sequence[Program]) -> Answers:
        """Return what the model says, driven by the generator of the limit profile."""
        return evaluate(self.setting, self.case, programs, generator_of(self.profile))

    def points(self, program: Program) -> float:
        """Return the points of a program at its amplitude, by its Result; -inf where nobody should be left with it."""
        result = simulate(self.setting, Request(self.case, program, profile=self.profile))
        pt_ma = result.thresholds.pt_ma
        if why_unfit(result) or pt_ma is None or result.reached_ma < pt_ma:
            return -np.inf
        return float(self.objective.score(figures_of(result)))

    def ladders(self, programs: Sequence[Program], steps: int | None = None) -> list[np.ndarray]:
        """Return the amplitudes (A,) between PT and DT that can be dialled: all, or `steps` of them."""
        found = []
        (low, high, step), *_ = limit_profile(self.profile).amplitude_bands_ma
        for first in range(0, len(programs), AT_ONCE):
            person = self.answers(programs[first : first + AT_ONCE]).person
            for pt_ma, dt_ma in zip(person.perception_ma, person.discomfort_ma, strict=True):
                every = np.arange(low, min(high, 25.5) + step / 2, step).round(6)
                every = every[(every >= pt_ma) & (every < dt_ma)]
                if steps is not None and len(every) > steps:
                    every = every[np.linspace(0, len(every) - 1, steps).round().astype(int)]
                found.append(every)
        return found

    def best(self, programs: Sequence[Program], steps: int | None = None) -> tuple[np.ndarray, list[Program]]:
        """Return the points (programs,) of each at the best of its amplitudes, and each at that amplitude."""
        ladders = self.ladders(programs, steps)
        rungs = [
            (row, replace(program, amplitude_ma=float(at)))
            for row, (program, ladder) in enumerate(zip(programs, ladders, strict=True))
            for at in ladder
        ]
        points, chosen = np.full(len(programs), -np.inf), list(programs)
        for first in range(0, len(rungs), AT_ONCE):
            part = rungs[first : first + AT_ONCE]
            for (row, program), score in zip(part, self._at([program for _, program in part]), strict=True):
                if score > points[row]:
                    points[row], chosen[row] = score, program
        return points, chosen

    def _at(self, programs: Sequence[Program]) -> np.ndarray:
        """Return the points (programs,) at their amplitudes, from the arrays that Results are made of."""
        answers = self.answers(programs)
        alone, found = answers.areas, answers.figures
        at = alone.reached_ma
        width_us = np.array([program.pulse_width_us for program in programs])
        pulses_hz = np.array([program.pulses_hz for program in programs])
        charge_uc = np.abs(alone.delivery.weights) * (at * width_us * 1e-3)[:, None]
        density = (charge_uc / (self.setting.contact_area_mm2 * 1e-2)).max(axis=1)
        points = self.objective.score(
            {
                "pain_covered_by_score_percent": found.by_score,
                "worst_region_percent": found.worst,
                "unwanted_of_felt_percent": found.unwanted_of_felt,
                "headroom_percent": 100.0 * (answers.person.discomfort_ma / at - 1.0),
                "charge_density_uc_per_cm2": density,
                "average_current_ua": at * width_us * 1e-3 * pulses_hz,
                "active_contacts_count": np.count_nonzero(alone.delivery.asked_weights, axis=1).astype(float),
            }
        )
        with np.errstate(divide="ignore"):
            shannon = np.log10(density) + np.log10(charge_uc.max(axis=1))
        limits = limit_profile(self.profile)
        fits = (density <= 30.0) & (shannon <= 1.85) & (at * alone.delivery.load_ohm * 1e-3 <= limits.compliance_v)
        fits &= at * np.abs(alone.delivery.asked_weights).max(axis=1) <= limits.contact_high_ma
        fits &= at < answers.person.motor_ma
        return np.where(fits, points, -np.inf)


def every_share(contacts: int, step_percent: int, max_active: int) -> Iterator[Shares]:
    """Yield every program on a grid of shares: any cathodes, any anodes or the case, `max_active` contacts at most."""
    units = 100 // step_percent
    for cathode_count in range(1, max_active + 1):
        for cathodes in combinations(range(contacts), cathode_count):
            rest = [index for index in range(contacts) if index not in cathodes]
            for anode_count in range(min(max_active - cathode_count, len(rest)) + 1):
                for anodes in combinations(rest, anode_count):
                    for minus in _splits(units, cathode_count):
                        for plus in _splits(units, anode_count) if anode_count else [()]:
                            yield tuple(
                                (index, sign * part * step_percent)
                                for sign, members, parts in ((-1, cathodes, minus), (1, anodes, plus))
                                for index, part in zip(members, parts, strict=True)
                            )


def _splits(units: int, parts: int) -> list[tuple[int, ...]]:
    """Return every way to divide `units` into `parts` whole numbers from 1."""
    return [split for split in product(range(1, units + 1), repeat=parts) if sum(split) == units]


def brute_force(
    field: Field, step_percent: int, pulse_widths_us: Sequence[float], max_active: int
) -> tuple[float, Program, int]:
    """Return the points of the best of all programs on the grid, that program, and how many there were."""
    shares = list(every_share(len(field.setting.contact_names), step_percent, max_active))
    programs = [field.program(one, width_us) for width_us in pulse_widths_us for one in shares]
    points, chosen = field.best(programs)
    top = int(np.argmax(points))
    return field.points(chosen[top]), chosen[top], len(programs)


def random_restarts(
    field: Field, restarts: int, rounds: int, pulse_width_us: float, max_active: int, seed: int
) -> tuple[np.ndarray, Program]:
    """Return the points (restarts,) where independent local searches over shares end, and the best program.

    Each begins at random contacts with random shares; in each round all shares are shaken by a normal step that shrinks
    after failures and grows after successes, and now and then a contact is exchanged at random.
    """
    random = np.random.default_rng(seed)
    count = len(field.setting.contact_names)
    places = [_random_shares(random, count, max_active) for _ in range(restarts)]
    widths = np.full(restarts, 0.3)

    def judged(vectors: Sequence[np.ndarray]) -> tuple[np.ndarray, list[Program]]:
        return field.best([field.program(_whole_percents(one), pulse_width_us) for one in vectors], steps=8)

    points, chosen = judged(places)
    for _ in range(rounds):
        tried = [_shaken(random, one, width, max_active) for one, width in zip(places, widths, strict=True)]
        new, programs = judged(tried)
        for row in np.flatnonzero(new > points).tolist():
            places[row], points[row], chosen[row] = tried[row], new[row], programs[row]
        widths = np.clip(np.where(new >= points, widths * 1.5, widths * 0.85), 0.02, 0.6)
    points, chosen = field.best([replace(program, amplitude_ma=None) for program in chosen])
    top = int(np.argmax(points))
    assert abs(field.points(chosen[top]) - points[top]) < 0.05  # the arrays say what the Result says
    return points, chosen[top]


def _random_shares(random: np.random.Generator, count: int, max_active: int) -> np.ndarray:
    active = random.integers(2, max_active + 1)
    vector = np.zeros(count)
    members = random.permutation(count)[:active]
    vector[members] = random.uniform(0.1, 1.0, active) * random.choice([-1.0, 1.0], active)
    vector[members[0]], vector[members[1]] = -abs(vector[members[0]]), abs(vector[members[1]])
    return vector


def _shaken(random: np.random.Generator, vector: np.ndarray, width: float, max_active: int) -> np.ndarray:
    moved = vector.copy()
    active = np.flatnonzero(moved)
    moved[active] += random.normal(0.0, width, len(active))
    chance = random.uniform()
    if chance < 0.3:  # a contact goes to another place
        source, target = random.choice(active), random.integers(len(moved))
        moved[source], moved[target] = moved[target], moved[source]
    elif chance < 0.4 and len(active) < max_active:
        moved[random.integers(len(moved))] = random.uniform(-0.5, 0.5)
    moved[np.abs(moved) < 0.02] = 0.0
    whole = (moved < 0.0).any() and (moved > 0.0).any() and np.count_nonzero(moved) <= max_active
    return moved if whole else vector


def _whole_percents(vector: np.ndarray) -> Shares:
    shares = []
    for sign in (-1, 1):
        members = np.flatnonzero(vector * sign > 0.0)
        exact = 100.0 * np.abs(vector[members]) / np.abs(vector[members]).sum()
        percent = np.maximum(np.round(exact).astype(int), 1)
        percent[np.argmax(percent)] += 100 - percent.sum()
        shares += [(int(index), sign * int(part)) for index, part in zip(members, percent, strict=True)]
    return tuple(sorted(shares))
