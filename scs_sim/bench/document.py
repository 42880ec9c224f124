"""What a run found, as a value and as a file: rows of scenario and stage, the machine, what could not be measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from scs_models.errors import InvalidValueError
from scs_models.values import require_between
from scs_sim.bench.machine import Machine
from scs_sim.bench.scenario import Clock

_FORBID: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class BenchRow:
    """One stage of a scenario: the times (s) of its calls, what it did, and its memory as measure.py defines it.

    sgemm_share: of the machine's rate, of the products that the stage's size asks for; None where those are not its
    work. The bytes are None where memory was not measured.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    scenario: str
    stage: str
    clock: Clock
    wall_s: tuple[float, ...]
    cpu_s: tuple[float, ...]
    programs_count: int = 1
    sgemm_share: float | None = None
    allocated_bytes: int | None = None
    process_bytes: int | None = None

    def __post_init__(self) -> None:
        if not self.wall_s or len(self.wall_s) != len(self.cpu_s):
            raise InvalidValueError("wall_s and cpu_s must hold the same number of times, one at least")
        for name in ("wall_s", "cpu_s"):
            for value in getattr(self, name):
                require_between(name, value, 0.0, 1e6, "s")

    @property
    def key(self) -> str:
        """Return the name under which rows of two runs are compared."""
        return f"{self.scenario}: {self.stage}"

    @property
    def times_s(self) -> tuple[float, ...]:
        """Return the times of the clock that the stage is judged by."""
        return self.wall_s if self.clock == "wall" else self.cpu_s

    @property
    def best_s(self) -> float:
        """Return the shortest time: what else a machine does only ever adds to it."""
        return min(self.times_s)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A scenario that gave nothing, or not all of it: missing from this code, or failed, and the words for it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    scenario: str
    kind: Literal["missing", "failed"]
    why: str


@dataclass(frozen=True, slots=True)
class BenchDocument:
    """One run of scenarios; commit is the checked out one, "+" at its end where files differ, "" where unknown."""

    FORMAT: ClassVar[str] = "scs-sim benchmarks"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    product_version: str
    commit: str
    date: str
    quick: bool
    machine: Machine
    rows: tuple[BenchRow, ...]
    troubles: tuple[Trouble, ...] = ()
