"""Strength and duration: how thresholds of one area fall as the pulse gets wider, with rheobase and chronaxie.

Two forms are fitted, because papers use either and often do not say which: on the same thresholds Weiss' chronaxie is
1.5 to 2 times Lapicque's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.values import FloatArray, read_only
from scs_sim.case import Case
from scs_sim.program import Area, Program, pulse_duration_us
from scs_sim.setting import Setting
from scs_sim.simulate import evaluate

WIDTHS_US = (60.0, 80.0, 100.0, 130.0, 170.0, 210.0, 260.0, 320.0, 400.0, 500.0, 620.0, 780.0, 1000.0)
LEAST_WIDTHS = 4
_CHRONAXIE_US = (1.0, 20000.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted law: rheobase (mA) and chronaxie (us); worst_percent: its greatest distance from a threshold."""

    form: str
    rheobase_ma: float
    chronaxie_us: float
    worst_percent: float

    def amplitude_ma(self, pulse_width_us: FloatArray) -> FloatArray:
        """Return the law's amplitude (n,) at pulse widths (n,)."""
        return np.asarray(self.rheobase_ma * _shape(self.form, pulse_width_us, self.chronaxie_us), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class StrengthDuration:
    """Thresholds (widths,) of one area alone at its rate, inf where none is reached; fits: of perception, by form.

    fits is empty where perception is not reached at LEAST_WIDTHS widths or more.
    """

    pulse_width_us: FloatArray
    perception_ma: FloatArray
    discomfort_ma: FloatArray
    motor_ma: FloatArray
    fits: tuple[Fit, ...]


def strength_duration(setting: Setting, case: Case, area: Area) -> StrengthDuration:
    """Return how the thresholds of one area depend on the pulse width, everything else as it is.

    Widths that do not fit the area's period are left out. Raises InvalidValueError for a burst, whose pulses have one
    width, and where fewer than LEAST_WIDTHS widths fit.
    """
    if area.waveform == "burst":
        raise InvalidValueError("waveform is 'burst'; its pulses have one width, there is no strength-duration curve")
    period_us = 1e6 / area.rate_hz
    widths = [width for width in WIDTHS_US if pulse_duration_us(width, area.waveform) <= period_us]
    if len(widths) < LEAST_WIDTHS:
        raise InvalidValueError(
            f"rate_hz is {area.rate_hz:g} Hz; {len(widths)} of {len(WIDTHS_US)} pulse widths fit into its period, a"
            f" curve needs {LEAST_WIDTHS}"
        )
    programs = [Program(area.contacts, width, area.rate_hz, area.waveform) for width in widths]
    person = evaluate(setting, case, programs).person
    width_us, perception = np.array(widths), person.perception_ma
    known = np.isfinite(perception)
    enough = int(known.sum()) >= LEAST_WIDTHS
    return StrengthDuration(
        read_only(width_us),
        read_only(perception),
        read_only(person.discomfort_ma),
        read_only(person.motor_ma),
        tuple(fitted(form, width_us[known], perception[known]) for form in ("Weiss", "Lapicque")) if enough else (),
    )


def fitted(form: str, pulse_width_us: FloatArray, threshold_ma: FloatArray) -> Fit:
    """Return the law of a form ("Weiss" or "Lapicque") through thresholds (n,), least squares of relative distances."""

    from scipy.optimize import minimize_scalar

    def at(chronaxie_us: float) -> tuple[float, FloatArray]:
        ratio = _shape(form, pulse_width_us, chronaxie_us) / threshold_ma
        rheobase_ma = float(ratio.sum() / (ratio @ ratio))
        return rheobase_ma, np.asarray(rheobase_ma * ratio - 1.0, dtype=np.float64)

    def distance(log_us: float) -> float:
        away = at(float(np.exp(log_us)))[1]
        return float(away @ away)

    best = minimize_scalar(distance, bounds=tuple(np.log(_CHRONAXIE_US)), method="bounded", options={"xatol": 1e-8})
    chronaxie_us = float(np.exp(best.x))
    rheobase_ma, away = at(chronaxie_us)
    return Fit(form, rheobase_ma, chronaxie_us, 100.0 * float(np.abs(away).max()))


def _shape(form: str, pulse_width_us: FloatArray, chronaxie_us: float) -> FloatArray:
    """Return the law over its rheobase: 1 + c / w, or 1 / (1 - 2 ** (-w / c))."""
    if form == "Weiss":
        return np.asarray(1.0 + chronaxie_us / pulse_width_us, dtype=np.float64)
    return np.asarray(1.0 / -np.expm1(-np.log(2.0) * pulse_width_us / chronaxie_us), dtype=np.float64)
