"""Hiding: what a training case keeps from the trainee. Each quantity is fixed, or drawn between two bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from scs_models import anatomy
from scs_models.errors import InvalidValueError
from scs_models.values import require_between, require_one_of
from scs_sim.patient import InjuredRoot, LevelCsf, Patient, Side

Drawn = float | tuple[float, float]
"""A fixed value, or the bounds between which it is drawn evenly."""
DRAWN_NUMBERS = ("dorsal_csf_factor", "cord_offset_mm", "segment_shift", "gain", "felt_fibres")
"""The fields of Hiding that are one number of the Patient."""


@dataclass(frozen=True, slots=True)
class HiddenCsf:
    """The dorsal CSF thickness of one level, drawn: a stenosis, or a wide canal."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    level: str
    dorsal_csf_mm: Drawn

    def __post_init__(self) -> None:
        for value in bounds(self.dorsal_csf_mm):
            LevelCsf(self.level, value)
        _require_rising("dorsal_csf_mm", self.dorsal_csf_mm)


@dataclass(frozen=True, slots=True)
class HiddenRoot:
    """A damaged root whose share of large fibres left is drawn."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    segment: str
    side: Side
    fibres_left: Drawn

    def __post_init__(self) -> None:
        for value in bounds(self.fibres_left):
            InjuredRoot(self.segment, self.side, value)
        _require_rising("fibres_left", self.fibres_left)


@dataclass(frozen=True, slots=True)
class HiddenScar:
    """Epidural scar from one vertebra down to another, on one side or both; it lifts the contacts that lie on it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    from_level: str
    to_level: str
    side: Literal["left", "right", "both"] = "both"
    thickness_mm: Drawn = (0.3, 1.0)
    tissue: str = "usual"

    def __post_init__(self) -> None:
        require_level("from_level", self.from_level)
        require_level("to_level", self.to_level)
        if anatomy.vertebra_mid_z_mm(self.from_level) < anatomy.vertebra_mid_z_mm(self.to_level):
            raise InvalidValueError(
                f"to_level is {self.to_level!r}; it must be from_level, {self.from_level}, or a level below it"
            )
        require_one_of("side", self.side, ("left", "right", "both"))
        require_one_of("tissue", self.tissue, anatomy.scar_tissues())
        require_drawn("thickness_mm", self.thickness_mm, *anatomy.scar_thickness_mm(), "mm")


@dataclass(frozen=True, slots=True)
class Hiding:
    """What the trainee cannot read anywhere: how this patient differs from what imaging and history show.

    The fields are those of Patient, each a number or [low, high]; band_log_sd is the spread of the dermatomes' widths;
    scars lie at levels, so that it matters where a lead is placed. Levels and roots that stand here replace known ones.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    dorsal_csf_factor: Drawn = 1.0
    cord_offset_mm: Drawn = 0.0
    segment_shift: Drawn = 0.0
    gain: Drawn = 1.0
    felt_fibres: Drawn = 3.0
    band_log_sd: float = 0.0
    levels_csf: tuple[HiddenCsf, ...] = ()
    injured_roots: tuple[HiddenRoot, ...] = ()
    scars: tuple[HiddenScar, ...] = ()
    arachnoiditis: bool = False
    infection: bool = False

    def __post_init__(self) -> None:
        for name in DRAWN_NUMBERS:
            for value in bounds(getattr(self, name)):
                replace(Patient(), **_one(name, value))
            _require_rising(name, getattr(self, name))
        require_between("band_log_sd", self.band_log_sd, 0.0, 1.0)


def bounds(value: Drawn) -> tuple[float, float]:
    """Return the bounds between which a quantity is drawn; both are the value where it is fixed."""
    return value if isinstance(value, tuple) else (float(value), float(value))


def require_level(name: str, level: str) -> None:
    """Raise UnknownNameError unless `level` is a vertebra."""
    require_one_of(name, level, anatomy.vertebra_names())


def _require_rising(name: str, value: Drawn) -> None:
    low, high = bounds(value)
    if low > high:
        raise InvalidValueError(f"{name} is [{low:g}, {high:g}]; write the lower bound first")


def require_drawn(name: str, value: Drawn, low: float, high: float, unit: str = "") -> None:
    """Raise InvalidValueError unless `value` lies between low and high, and its bounds rise."""
    for end in bounds(value):
        require_between(name, end, low, high, unit)
    _require_rising(name, value)


def _one(name: str, value: float) -> dict[str, Any]:
    return {name: value}
