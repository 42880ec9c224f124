"""Limits: what a program may say, and what its pulse asks of contacts and generator. Pure functions on arrays.

The numbers are those of data/limits.toml. Exceeding a safety limit is a warning in words, never a changed result.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from scs_models.errors import InvalidValueError
from scs_models.tables import read_table
from scs_models.values import BoolArray, FloatArray, require_between

LoadFlag = Literal["", "short", "high", "open"]


@dataclass(frozen=True, slots=True)
class ProgramRanges:
    """What a program may hold: (lowest, highest) pairs and defaults."""

    amplitude_ma: tuple[float, float]
    pulse_width_us: tuple[float, float]
    rate_hz: tuple[float, float]
    paresthesia_free_rate_hz: tuple[float, float]
    default_pulse_width_us: float
    default_rate_hz: float


@dataclass(frozen=True, slots=True)
class SafetyLimits:
    """Where warnings begin; what the usual generator is: its voltage, whether each contact has a source of its own."""

    charge_density_uc_per_cm2: float
    shannon_k: float
    short_below_ohm: float
    high_from_ohm: float
    open_from_ohm: float
    compliance_v: float
    own_sources: bool
    pass_line_percent: float


@cache
def program_ranges() -> ProgramRanges:
    """Return the ranges of limits.toml."""
    rows = read_table("limits", "scs_sim")["program"]
    return ProgramRanges(
        amplitude_ma=(rows["amplitude"]["low_ma"], rows["amplitude"]["high_ma"]),
        pulse_width_us=(rows["pulse_width"]["low_us"], rows["pulse_width"]["high_us"]),
        rate_hz=(rows["rate"]["low_hz"], rows["rate"]["high_hz"]),
        paresthesia_free_rate_hz=(rows["paresthesia_free_rate"]["low_hz"], rows["paresthesia_free_rate"]["high_hz"]),
        default_pulse_width_us=rows["pulse_width"]["default_us"],
        default_rate_hz=rows["rate"]["default_hz"],
    )


@cache
def safety_limits() -> SafetyLimits:
    """Return the limits of limits.toml."""
    table = read_table("limits", "scs_sim")
    flags = table["load"]["flags"]
    return SafetyLimits(
        charge_density_uc_per_cm2=table["charge"]["density"]["limit_uc_per_cm2"],
        shannon_k=table["charge"]["shannon"]["k_limit"],
        short_below_ohm=flags["short_below_ohm"],
        high_from_ohm=flags["high_from_ohm"],
        open_from_ohm=flags["open_from_ohm"],
        compliance_v=table["compliance"]["limit_v"],
        own_sources=table["generator"]["sources"]["per_contact"],
        pass_line_percent=table["coverage"]["pass_line"]["pain_covered_percent"],
    )


def require_rate(rate_hz: float) -> float:
    """Return `rate_hz` if a program may have it; raise InvalidValueError that names both ranges otherwise."""
    ranges = program_ranges()
    (low, high), (free_low, free_high) = ranges.rate_hz, ranges.paresthesia_free_rate_hz
    try:
        require_between("rate_hz", rate_hz, low, free_high, "Hz")
    except InvalidValueError:
        in_gap = True
    else:
        in_gap = high < rate_hz < free_low
    if in_gap:
        given = f"{rate_hz:g} Hz" if isinstance(rate_hz, (int, float)) else repr(rate_hz)
        raise InvalidValueError(
            f"rate_hz is {given}; it must lie between {low:g} and {high:g} Hz,"
            f" or between {free_low:g} and {free_high:g} Hz (paresthesia-free)"
        )
    return rate_hz


def paresthesia_applicable(rate_hz: ArrayLike) -> BoolArray:
    """Return whether a program at `rate_hz` (...) is meant to be felt at all: below the paresthesia-free rates."""
    return np.asarray(np.asarray(rate_hz, dtype=np.float64) < program_ranges().paresthesia_free_rate_hz[0])


def charge_per_phase_uc(amplitude_ma: ArrayLike, pulse_width_us: ArrayLike, share: ArrayLike = 1.0) -> FloatArray:
    """Return the charge (uC) of one phase through a contact that carries `share` (0-1, sign ignored) of the amplitude.

    All arguments broadcast; mA x us = nC.
    """
    current_ma = np.asarray(amplitude_ma, dtype=np.float64) * np.abs(np.asarray(share, dtype=np.float64))
    return np.asarray(current_ma * np.asarray(pulse_width_us, dtype=np.float64) * 1e-3)


def charge_density_uc_per_cm2(charge_uc: ArrayLike, area_mm2: ArrayLike) -> FloatArray:
    """Return the charge density (uC/cm2) of `charge_uc` on a contact of `area_mm2`, spread evenly."""
    return np.asarray(np.asarray(charge_uc, dtype=np.float64) / (np.asarray(area_mm2, dtype=np.float64) * 1e-2))


def shannon_k(charge_uc: ArrayLike, area_mm2: ArrayLike) -> FloatArray:
    """Return Shannon's k = log10(charge density, uC/cm2) + log10(charge, uC); -inf without charge.

    Source: SHANNON92.
    """
    charge = np.asarray(charge_uc, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(charge_density_uc_per_cm2(charge, area_mm2)) + np.log10(charge))


def compliance_voltage_v(amplitude_ma: ArrayLike, load_ohm: ArrayLike) -> FloatArray:
    """Return the voltage (V) that drives `amplitude_ma` through `load_ohm`."""
    return np.asarray(np.asarray(amplitude_ma, dtype=np.float64) * np.asarray(load_ohm, dtype=np.float64) * 1e-3)


def average_current_ua(charge_uc: ArrayLike, rate_hz: ArrayLike) -> FloatArray:
    """Return the mean current (uA) of one phase of `charge_uc` repeated at `rate_hz`; uC x Hz = uA."""
    return np.asarray(np.asarray(charge_uc, dtype=np.float64) * np.asarray(rate_hz, dtype=np.float64))


def load_flag(load_ohm: float) -> LoadFlag:
    """Return what a load (ohm) suggests: "short", "high", "open" or nothing remarkable ("")."""
    limits = safety_limits()
    if load_ohm < limits.short_below_ohm:
        return "short"
    if load_ohm >= limits.open_from_ohm:
        return "open"
    return "high" if load_ohm >= limits.high_from_ohm else ""
