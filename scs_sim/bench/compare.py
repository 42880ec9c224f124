"""The comparer: two sides' figures in, verdicts out. A pure function on data; who measured, and how, is no matter here.

Figures come in rounds, the two sides' n-th rounds measured next to each other: a ratio is taken within a round, so that
what slows the machine for a while slows both, and the median over rounds is judged.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package_files
from typing import Any, ClassVar, Literal

from scs_models import files
from scs_models.values import Status, require_between

Verdict = Literal["slower", "more memory", "slower, more memory", "faster", "less memory", "same", "not comparable"]
FAILING: frozenset[str] = frozenset(("slower", "more memory", "slower, more memory"))
_FORBID: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on a ratio of head over base fails; below a floor of the difference it never does."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    time_ratio: float
    memory_ratio: float
    time_floor_s: float
    memory_floor_bytes: int
    source: str = ""
    status: Status = "assumed"
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("time_ratio", "memory_ratio"):
            require_between(name, getattr(self, name), 1.0, 100.0)
        require_between("time_floor_s", self.time_floor_s, 0.0, 60.0, "s")
        require_between("memory_floor_bytes", self.memory_floor_bytes, 0, 10**12)


@dataclass(frozen=True, slots=True)
class _Budgets:
    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    stages: dict[str, float]
    source: str
    status: Status


@dataclass(frozen=True, slots=True)
class _Rules:
    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    limits: Limits
    budgets_s: _Budgets


@dataclass(frozen=True, slots=True)
class Figures:
    """One side's figures of one stage, one value per round: times_s, and bytes of either kind of memory.

    None, nan, infinite and 0 or less stand for a round without a figure.
    """

    times_s: tuple[float | None, ...] = ()
    allocated_bytes: tuple[int | None, ...] = ()
    process_bytes: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One side: figures by stage; missing: scenarios it does not have, failed: scenarios that raised, with words."""

    stages: Mapping[str, Figures]
    missing: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """One stage on both sides: medians over rounds, and medians of the rounds' ratios; None where there are none."""

    stage: str
    verdict: Verdict
    base_s: float | None
    head_s: float | None
    time_ratio: float | None
    allocated_ratio: float | None
    process_ratio: float | None
    base_allocated_bytes: int | None
    head_allocated_bytes: int | None
    base_process_bytes: int | None
    head_process_bytes: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome; only_base, only_head: stages of one side alone; failures: why it fails, empty where it passes."""

    rows: tuple[Compared, ...]
    only_base: tuple[str, ...]
    only_head: tuple[str, ...]
    notes: tuple[str, ...]
    failures: tuple[str, ...]

    @property
    def passes(self) -> bool:
        """Return whether nothing failed."""
        return not self.failures


@cache
def _rules() -> _Rules:
    text = package_files("scs_sim").joinpath("bench", "bench.toml").read_text(encoding="utf-8")
    return files.decode(_Rules, files.parse(text, ".toml", "bench.toml"), where="bench.toml")


def limits() -> Limits:
    """Return the limits of bench.toml."""
    return _rules().limits


def budget_s(stage: str) -> float | None:
    """Return the budget (s) of a stage, by its key, None where it has none."""
    return _rules().budgets_s.stages.get(stage)


def compare(base: Side, head: Side, rule: Limits) -> Comparison:
    """Return the verdicts on `head` against `base`.

    It fails where a stage is slower or takes more memory than `rule` allows, where a scenario raises on head, and where
    no stage at all could be compared. What one side alone has, and scenarios that raise on base, are listed.
    """
    shared = [stage for stage in head.stages if stage in base.stages]
    rows = tuple(_compared(stage, base.stages[stage], head.stages[stage], rule) for stage in shared)
    failures = [f"{row.stage}: {row.verdict}" for row in rows if row.verdict in FAILING]
    failures += [f"{name} fails on head: {why}" for name, why in head.failed.items()]
    if all(row.verdict == "not comparable" for row in rows):
        failures.append("nothing could be compared")
    return Comparison(
        rows=rows,
        only_base=tuple(stage for stage in base.stages if stage not in head.stages),
        only_head=tuple(stage for stage in head.stages if stage not in base.stages),
        notes=(
            *(f"{name} fails on base: {why}" for name, why in base.failed.items()),
            *(f"{name} is missing on base: {why}" for name, why in base.missing.items()),
            *(f"{name} is missing on head: {why}" for name, why in head.missing.items()),
        ),
        failures=tuple(failures),
    )


def _compared(stage: str, base: Figures, head: Figures, rule: Limits) -> Compared:
    time = _Pair.of(base.times_s, head.times_s)
    allocated = _Pair.of(base.allocated_bytes, head.allocated_bytes)
    process = _Pair.of(base.process_bytes, head.process_bytes)
    is_slower = time.is_beyond(rule.time_ratio, rule.time_floor_s)
    takes_more = any(pair.is_beyond(rule.memory_ratio, rule.memory_floor_bytes) for pair in (allocated, process))
    if time.ratio is None:
        verdict: Verdict = "more memory" if takes_more else "not comparable"
    elif is_slower or takes_more:
        verdict = "slower, more memory" if is_slower and takes_more else "slower" if is_slower else "more memory"
    elif time.turned.is_beyond(rule.time_ratio, rule.time_floor_s):
        verdict = "faster"
    elif any(pair.turned.is_beyond(rule.memory_ratio, rule.memory_floor_bytes) for pair in (allocated, process)):
        verdict = "less memory"
    else:
        verdict = "same"
    return Compared(
        stage, verdict, time.base, time.head, time.ratio, allocated.ratio, process.ratio,
        *(None if size is None else round(size) for pair in (allocated, process) for size in (pair.base, pair.head)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pair:
    """The rounds in which both sides have a finite figure above 0."""

    rounds: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, base: Sequence[float | None], head: Sequence[float | None]) -> _Pair:
        pairs = ((_figure(one), _figure(other)) for one, other in zip(base, head, strict=False))
        return cls(tuple((one, other) for one, other in pairs if one is not None and other is not None))

    @property
    def turned(self) -> _Pair:
        return _Pair(tuple((head, base) for base, head in self.rounds))

    @property
    def ratio(self) -> float | None:
        return statistics.median(head / base for base, head in self.rounds) if self.rounds else None

    @property
    def base(self) -> float | None:
        return statistics.median(base for base, _ in self.rounds) if self.rounds else None

    @property
    def head(self) -> float | None:
        return statistics.median(head for _, head in self.rounds) if self.rounds else None

    def is_beyond(self, ratio: float, floor: float) -> bool:
        """Return whether the median ratio and the median difference are both beyond what is allowed."""
        if not self.rounds:
            return False
        more = statistics.median(head - base for base, head in self.rounds)
        return statistics.median(head / base for base, head in self.rounds) > ratio and more > floor


def _figure(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) and value > 0.0 else None
