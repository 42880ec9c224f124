"""Objective: what a good program is. A sum of figures, each with a weight that anybody may change.

The figures are read from Results, so that whatever proposes programs (search, trainee, brute force) is judged by the
same yardstick. It says how well predicted paresthesia meets the pain map, never how much relief to expect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar

import numpy as np

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.files import read_value
from scs_models.tables import read_table
from scs_models.values import FloatArray, require_between
from scs_sim.result import Result

ROOM: tuple[str, ...] = ("headroom_high_percent", "headroom_low_percent", "missing_headroom_percent")
"""What an objective says of headroom_percent besides its weight."""
FIGURES: tuple[str, ...] = (
    "pain_covered_by_score_percent",
    "worst_region_percent",
    "unwanted_of_felt_percent",
    "headroom_percent",
    "charge_density_uc_per_cm2",
    "average_current_ua",
    "robust_covered_percent",
    "active_contacts_count",
)
"""The figures of an objective: of more is better, of unwanted, charge, current and contacts less is."""
LESS_IS_BETTER = frozenset(
    ("unwanted_of_felt_percent", "charge_density_uc_per_cm2", "average_current_ua", "active_contacts_count")
)
DEFAULT_OBJECTIVE = "balanced"
WEIGHT_HIGH = 100.0


@dataclass(frozen=True, slots=True)
class Objective:
    """Weights in points per unit of the figures that they are named after; 0 leaves a figure out.

    headroom_percent is how far DT lies above the amplitude, counted up to headroom_high_percent; each percent that
    is missing up to headroom_low_percent costs missing_headroom_percent (0 or below) besides. robust_covered_percent is
    the least pain covered (by score) over other postures and migrated leads. A weight with the wrong sign, which would
    reward what is worse, raises InvalidValueError.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    FORMAT: ClassVar[str] = "scs-sim objective"
    VERSION: ClassVar[int] = 1

    name: str = "own"
    title: str = ""
    pain_covered_by_score_percent: float = 0.0
    worst_region_percent: float = 0.0
    unwanted_of_felt_percent: float = 0.0
    headroom_percent: float = 0.0
    charge_density_uc_per_cm2: float = 0.0
    average_current_ua: float = 0.0
    robust_covered_percent: float = 0.0
    active_contacts_count: float = 0.0
    headroom_high_percent: float = 40.0
    headroom_low_percent: float = 0.0
    missing_headroom_percent: float = 0.0

    def __post_init__(self) -> None:
        for name in FIGURES:
            low, high = (-WEIGHT_HIGH, 0.0) if name in LESS_IS_BETTER else (0.0, WEIGHT_HIGH)
            require_between(name, getattr(self, name), low, high)
        require_between("headroom_high_percent", self.headroom_high_percent, 0.0, 1000.0, "%")
        require_between("headroom_low_percent", self.headroom_low_percent, 0.0, 1000.0, "%")
        require_between("missing_headroom_percent", self.missing_headroom_percent, -WEIGHT_HIGH, 0.0)
        if not self.pain_covered_by_score_percent + self.worst_region_percent > 0.0:
            raise InvalidValueError(
                "pain_covered_by_score_percent and worst_region_percent are both 0; one must count, or doing nothing"
                " would be the best program"
            )

    def weight(self, name: str) -> float:
        """Return the weight of one of FIGURES."""
        return float(getattr(self, name))

    def counts(self, name: str) -> bool:
        """Return whether one of FIGURES makes any difference."""
        return self.weight(name) != 0.0 or (name == "headroom_percent" and self.missing_headroom_percent != 0.0)

    def score(self, figures: Mapping[str, FloatArray | float]) -> FloatArray:
        """Return the points of figures (...,) that broadcast; a figure that is missing or nan counts nothing."""
        total: FloatArray = np.zeros(())
        for name in FIGURES:
            weight = self.weight(name)
            if name not in figures or not self.counts(name):
                continue
            value = np.asarray(figures[name], dtype=np.float64)
            if name == "headroom_percent":
                missing = np.maximum(self.headroom_low_percent - value, 0.0)
                total = total + self.missing_headroom_percent * np.nan_to_num(missing, nan=0.0)
                value = np.minimum(value, self.headroom_high_percent)
            total = total + weight * np.nan_to_num(value, nan=0.0, posinf=self.headroom_high_percent)
        return np.asarray(total, dtype=np.float64)


def figures_of(result: Result, others: Iterable[Result] = ()) -> dict[str, float]:
    """Return FIGURES of one Result; robust_covered_percent is there only where `others` are given.

    others: the same program in other postures and with migrated leads. Raises InvalidValueError for a program without
    paresthesia, or where stimulation is forbidden: nothing is to be maximised there.
    """
    coverage = result.coverage
    if result.forbidden or not coverage.applicable:
        why = result.forbidden or f"{result.rate_hz:g} Hz is a paresthesia-free mode"
        raise InvalidValueError(f"case {result.case_id}: {why}; an objective does not apply")
    found = {
        "pain_covered_by_score_percent": coverage.pain_covered_by_score_percent or 0.0,
        "worst_region_percent": coverage.worst_region_percent or 0.0,
        "unwanted_of_felt_percent": coverage.unwanted_of_felt_percent or 0.0,
        "headroom_percent": headroom_percent(result),
        "charge_density_uc_per_cm2": result.safety.charge_density_uc_per_cm2,
        "average_current_ua": result.safety.average_current_ua,
        "active_contacts_count": float(sum(any(state.share_percent) for state in result.contact_states)),
    }
    covered = [other.coverage.pain_covered_by_score_percent or 0.0 for other in others]
    return found | ({"robust_covered_percent": min(covered)} if covered else {})


def headroom_percent(result: Result) -> float:
    """Return how far (%) the discomfort threshold lies above the amplitude; inf where it is out of reach."""
    if result.thresholds.dt_ma is None or result.reached_ma <= 0.0:
        return float("inf")
    return 100.0 * (result.thresholds.dt_ma / result.reached_ma - 1.0)


def why_unfit(result: Result) -> str:
    """Return why nobody should be left with this program at this amplitude, "" where nothing speaks against it.

    Above the discomfort or motor threshold, above a charge limit, beyond the generator's voltage, or against the limit
    profile that it was evaluated with.
    """
    thresholds, safety = result.thresholds, result.safety
    bounds = (
        ("the discomfort threshold", result.reached_ma, thresholds.dt_ma),
        ("the motor threshold", result.reached_ma, thresholds.mt_ma),
        ("the charge density limit", safety.charge_density_uc_per_cm2, safety.charge_density_limit_uc_per_cm2),
        ("Shannon's k limit", safety.shannon_k, safety.shannon_k_limit),
        ("the generator's voltage", safety.compliance_v, safety.compliance_limit_v),
    )
    for name, value, limit in bounds:
        if value is not None and limit is not None and value > limit * (1.0 + 1e-9):
            return f"above {name}"
    return f"against the limit profile: {result.findings[0]}" if result.findings else ""


@cache
def objective_names() -> tuple[str, ...]:
    """Return the names of the built-in objectives."""
    return tuple(read_table("objectives", "scs_sim"))


@cache
def builtin_objective(name: str = DEFAULT_OBJECTIVE) -> Objective:
    """Return the objective `name` of objectives.toml; raise UnknownNameError for another name."""
    if name not in objective_names():
        raise UnknownNameError("objective", name, objective_names())
    rows: dict[str, Any] = read_table("objectives", "scs_sim")[name]
    known = {field.name for field in fields(Objective)}
    return Objective(name=name, **{key: value for key, value in rows.items() if key in known})


def load_objective(name: str) -> Objective:
    """Return a built-in objective, or the one of a .toml or .json file ("-": standard input)."""
    if name in objective_names():
        return builtin_objective(name)
    if name == "-" or name.endswith((".toml", ".json")):
        return read_value(Objective, name)
    raise UnknownNameError("objective", name, objective_names())
