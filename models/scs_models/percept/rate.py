"""What the rate of pulses does to perception: a phenomenological layer, not a property of axons.

The threshold of an axon hardly changes between 40 and 1200 Hz (0.96-1.00), a person's falls to a fifth. So amplitudes
of perception, comfort and discomfort are multiplied by measured factors, and fibres are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from scs_models.errors import InvalidValueError
from scs_models.tables import read_table
from scs_models.values import BoolArray, FloatArray, IntArray, read_only, require_one_of

THRESHOLDS = ("perception", "comfort", "discomfort")


@dataclass(frozen=True, slots=True)
class RateRule:
    """Amplitude over that at the lowest measured rate: 1 at `low_hz`, the factor of each threshold at `high_hz`."""

    low_hz: float
    high_hz: float
    factor_at_high: tuple[tuple[str, float], ...]

    def at_high(self, threshold: str) -> float:
        """Return the factor of a threshold at `high_hz`; raise UnknownNameError for another name."""
        factors = dict(self.factor_at_high)
        return factors[require_one_of("threshold", threshold, tuple(factors))]


@cache
def rate_rule() -> RateRule:
    """Return the rule of populations.toml (AB16: 40 and 1200 Hz, 300 us; the shape between is assumed)."""
    table = read_table("populations")["rate"]
    low, high = table["rate_hz"]
    factors = tuple((name, table[name]["amplitude_ma"][1] / table[name]["amplitude_ma"][0]) for name in THRESHOLDS)
    return RateRule(float(low), float(high), factors)


@dataclass(frozen=True, slots=True, eq=False)
class RateFactors:
    """Amplitude at some rates over amplitude at the lowest measured rate, per threshold, any shape, in (0, 1].

    measured: whether the rate lies between the two measured ones; outside, the factor is a constant guess.
    """

    perception: FloatArray
    comfort: FloatArray
    discomfort: FloatArray
    measured: BoolArray

    def of(self, rows: IntArray) -> RateFactors:
        """Return the factors of some rates, by their indices."""
        return RateFactors(self.perception[rows], self.comfort[rows], self.discomfort[rows], self.measured[rows])


def amplitude_factor(rate_hz: ArrayLike, threshold: str, rule: RateRule) -> FloatArray:
    """Return amplitude at `rate_hz` over amplitude at the lowest measured rate: any shape, in (0, 1].

    Linear in the logarithm of the rate between the two measured rates, constant outside. threshold: perception, comfort
    or discomfort. Raises UnknownNameError for another threshold, InvalidValueError for a rate that is not positive.
    Source: AB16 (ends).
    """
    rate = np.asarray(rate_hz, dtype=np.float64)
    if rate.size and not np.all(rate > 0.0):
        raise InvalidValueError(f"rate_hz is {float(rate.min()):g} Hz; it must be more than 0 Hz")
    knots = np.log([rule.low_hz, rule.high_hz])
    return np.asarray(np.interp(np.log(rate), knots, [1.0, rule.at_high(threshold)]), dtype=np.float64)


def rate_factors(rate_hz: ArrayLike, rule: RateRule | None = None) -> RateFactors:
    """Return the factors of all thresholds at `rate_hz` (any shape), by default with populations.toml's rule.

    Errors as in `amplitude_factor`.
    """
    chosen = rate_rule() if rule is None else rule
    rate = np.asarray(rate_hz, dtype=np.float64)
    perception, comfort, discomfort = (read_only(amplitude_factor(rate, name, chosen)) for name in THRESHOLDS)
    measured = np.asarray((rate >= chosen.low_hz) & (rate <= chosen.high_hz), dtype=np.bool_)
    return RateFactors(perception, comfort, discomfort, read_only(measured))
