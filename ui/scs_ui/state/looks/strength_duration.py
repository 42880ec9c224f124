"""The look of the strength-duration panel: threshold curves over the pulse width, both fitted laws, the dial's point.

Curves depend on contacts, rate and waveform; a pulse width or an amplitude moves the point alone.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from scs_models.values import FloatArray, read_only
from scs_sim.case import Case
from scs_sim.program import Area
from scs_sim.pulse_train import in_words
from scs_sim.setting import Progress, Setting
from scs_sim.strength_duration import Fit, StrengthDuration, strength_duration
from scs_ui.state.looks.field_scale import short_number
from scs_ui.state.moment import Moment
from scs_ui.state.view import StrengthUnit

FIT_POINTS = 81
_TOP_OVER_DISCOMFORT = 1.05
_NICE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
Y_TITLES: dict[StrengthUnit, str] = {"amplitude": "Amplitude (mA)", "charge": "Charge (µC)"}


@dataclass(frozen=True, slots=True)
class StrengthRequest:
    """The question for the curves of one area; its own pulse width and amplitude are no matter. A callable."""

    case: Case
    area: Area
    setting: Setting = field(repr=False)

    def __call__(self, progress: Progress) -> StrengthDuration:
        """Return the curves; InvalidValueError where the area has none."""
        progress(0.0, "Computing the strength-duration curve")
        return strength_duration(self.setting, self.case, self.area)


@dataclass(frozen=True, slots=True, eq=False)
class StrengthLine:
    """One curve: words, token of its colour, how it is drawn, pulse_width_us and value (n,) in the unit of the look."""

    name: str
    token: str
    style: str
    pulse_width_us: FloatArray
    value: FloatArray
    dots: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class StrengthLook:
    """What the panel draws; message: why nothing is, or "". marks: (words, pulse width us, value) of the chronaxies."""

    y_title: str
    lines: tuple[StrengthLine, ...] = ()
    marks: tuple[tuple[str, float, float], ...] = ()
    y_top: float = 1.0
    words: str = ""
    message: str = ""


def strength_request(moment: Moment) -> StrengthRequest | None:
    """Return the question of the edited area; None where it is incomplete or its lead field is under way."""
    frame = moment.frame
    if frame is None or frame.stale or frame.solo_answers is None:
        return None
    return StrengthRequest(frame.session.case, frame.solo_answers.areas.areas[0], frame.setting)


def request_key(request: StrengthRequest | None) -> Hashable:
    """Return what the answer depends on."""
    if request is None:
        return None
    area, case = request.area, request.case
    return area.contacts, area.rate_hz, area.waveform, id(request.setting), case.patient.gain, case.contact_faults


def train_words(moment: Moment) -> str:
    """Return waveform and rate of the edited area, which its curves are for."""
    frame = moment.frame
    if frame is None or frame.solo_answers is None:
        return ""
    area = frame.solo_answers.areas.areas[0]
    return f"{in_words(area)}, {area.rate_hz:g} Hz"


def refusal(moment: Moment) -> str:
    """Return why the edited area has no curve, "" where it has one."""
    frame = moment.frame
    if frame is None:
        return "Computing the field of the leads …"
    if frame.solo_answers is None:
        return "This area needs a cathode and an anode."
    if frame.solo_answers.areas.areas[0].waveform == "burst":
        return "The pulses of a burst have one width: there is no strength-duration curve."
    return ""


def strength_look(found: StrengthDuration | None, unit: StrengthUnit, message: str = "") -> StrengthLook:
    """Return what to draw of some curves in a unit."""
    if found is None or message:
        return StrengthLook(Y_TITLES[unit], message=message or "Computing the strength-duration curve …")
    width = found.pulse_width_us
    lines = []
    for name, token, style, amplitude in (
        ("PT", "pt", "solid", found.perception_ma),
        ("DT", "dt", "dash", found.discomfort_ma),
        ("MT", "mt", "dashdot", found.motor_ma),
    ):
        reached = np.isfinite(amplitude)
        if reached.any():
            value = in_unit(amplitude[reached], width[reached], unit)
            lines.append(StrengthLine(name, token, style, width[reached], value, dots=name == "PT"))
    fine = np.linspace(width[0], width[-1], FIT_POINTS)
    for fit, style in zip(found.fits, ("dot", "dashdotdot"), strict=False):
        value = in_unit(fit.amplitude_ma(fine), fine, unit)
        lines.append(StrengthLine(fit.form, "muted", style, read_only(fine), value))
    highest = [float(line.value.max()) for line in lines if line.name in ("PT", "DT")]
    return StrengthLook(
        Y_TITLES[unit],
        tuple(lines),
        tuple(_mark(fit, unit) for fit in found.fits),
        _nice(_TOP_OVER_DISCOMFORT * max(highest, default=1.0)),
        _words(found.fits),
    )


def in_unit(amplitude_ma: FloatArray, pulse_width_us: FloatArray, unit: StrengthUnit) -> FloatArray:
    """Return amplitudes (n,) of pulse widths (n,) in mA, or as charge per pulse in microcoulomb."""
    charge = np.asarray(amplitude_ma * pulse_width_us * 1e-3, dtype=np.float64)
    return read_only(charge) if unit == "charge" else amplitude_ma


def dial_point(moment: Moment, unit: StrengthUnit) -> tuple[float, float] | None:
    """Return the pulse width (us) and the amplitude (mA, or its charge in uC) on the dial of the edited area."""
    frame = moment.frame
    if frame is None or frame.solo_answers is None:
        return None
    width = frame.solo_answers.areas.areas[0].pulse_width_us
    amplitude = float(frame.solo_answers.reached_ma[0])
    return width, amplitude * width * 1e-3 if unit == "charge" else amplitude


def _mark(fit: Fit, unit: StrengthUnit) -> tuple[str, float, float]:
    value = 2.0 * fit.rheobase_ma * (fit.chronaxie_us * 1e-3 if unit == "charge" else 1.0)
    return f"{fit.form}: {fit.chronaxie_us:.0f} µs", fit.chronaxie_us, value


def _words(fits: tuple[Fit, ...]) -> str:
    if not fits:
        return "Perception is not reached at enough pulse widths for a fit."
    each = [
        f"{fit.form}: rheobase {short_number(fit.rheobase_ma)} mA, chronaxie {fit.chronaxie_us:.0f} µs"
        f" (within {fit.worst_percent:.0f} %)"
        for fit in fits
    ]
    return " · ".join(each)


def _nice(value: float) -> float:
    decade = 10.0 ** np.floor(np.log10(value))
    return float(decade * next(step for step in _NICE if step * decade >= value * (1.0 - 1e-9)))
