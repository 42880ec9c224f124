"""The honest list of what was fitted: constants, the targets they were fitted on, and what was changed later."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from typing import Any, ClassVar

from scs_models import files
from scs_models.errors import InvalidValueError
from scs_models.tables import read_table

MOST_CONSTANTS, MOST_TARGETS = 5, 3
_FORBID: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class FittedTarget:
    """A published figure that constants were chosen to meet; `rows` are the protocols that show it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    id: str
    title: str
    source: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FittedConstant:
    """A constant of a table, by its path of keys and places, with the value it was given and when."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    name: str
    table: str
    path: tuple[str | int, ...]
    value: float
    target: str
    when: str
    note: str

    def in_table(self) -> float:
        """Return the value that the table holds now."""
        node: Any = read_table(self.table)
        for key in self.path:
            node = node[key]
        return float(node)


@dataclass(frozen=True, slots=True)
class LaterChange:
    """Something changed after results had been looked at."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    what: str
    why: str
    rows: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """All that was fitted: at most five constants on at most three targets, and what was changed later."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    targets: tuple[FittedTarget, ...]
    constants: tuple[FittedConstant, ...]
    changes: tuple[LaterChange, ...]

    def __post_init__(self) -> None:
        if len(self.constants) > MOST_CONSTANTS or len(self.targets) > MOST_TARGETS:
            raise InvalidValueError(
                f"constants is a list of {len(self.constants)} on {len(self.targets)} targets;"
                f" at most {MOST_CONSTANTS} on {MOST_TARGETS} are allowed"
            )
        known = [target.id for target in self.targets]
        for constant in self.constants:
            if constant.target not in known:
                raise InvalidValueError(f"target is {constant.target!r}; it must be one of {', '.join(known)}")


@cache
def load_calibration() -> Calibration:
    """Return the content of calibration.toml."""
    text = package_files("scs_sim.validate").joinpath("calibration.toml").read_text(encoding="utf-8")
    return files.decode(Calibration, files.parse(text, ".toml", "calibration.toml"), where="calibration.toml")
