"""Recruitment curves of the edited area: which are drawn, their lines, the threshold marks, the words of the readout.

Curves depend on contacts and pulse, never on the amplitude, which only moves the cursor. Paresthesia is drawn as its
intensity or as recruited fibres; motor fibres have no intensity and count in percent of all ventral root fibres there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scs_models.percept.intensity import intensity
from scs_models.percept.perception import SIDED_DERMATOMES
from scs_models.percept.regions import load_region_weights
from scs_models.recruitment import Tally
from scs_models.values import FloatArray, read_only
from scs_sim.answers import Answers
from scs_sim.result import Result, Thresholds
from scs_ui.state.live import Frame
from scs_ui.state.moment import Moment
from scs_ui.state.view import CurveUnit

CurveKind = Literal["DC", "DR", "motor"]
MOTOR = "motor"
PAINFUL_SHOWN = 4
POINTS = 241
_FIT_PAST_DISCOMFORT, _FIT_PAST_AMPLITUDE, _MOTOR_NEAR = 1.6, 1.15, 2.4
_TIED = "\N{NO-BREAK SPACE}"

Y_TITLES: dict[CurveUnit, str] = {"intensity": "Intensity (%)", "fibres": "Fibres"}


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve: `name` as the view keeps it ("DC left L5", "DR left T11", "motor"), its words, values (amplitudes,).

    color: index into the theme's curve colours; the kind tells solid, dashed and dash-dotted lines apart.
    """

    name: str
    label: str
    kind: CurveKind
    color: int
    values: FloatArray


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold as a thin vertical line; `token` names its colour in the theme."""

    label: str
    amplitude_ma: float
    token: str


@dataclass(frozen=True, slots=True, eq=False)
class RecruitmentLook:
    """What the panel draws: curves over amplitude_ma (amplitudes,), marks, how far a fitted view goes, both axes.

    message: why nothing is drawn, or "".
    """

    amplitude_ma: FloatArray
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...]
    fit_ma: float
    y_title: str
    y_top: float
    message: str = ""


def recruitment_key(moment: Moment) -> object:
    """Return what the look depends on: compared, not hashed; equal keys mean equal curves, whatever the amplitude."""
    frame, view = moment.frame, moment.view
    if frame is None or frame.solo is None:
        return frame is None, view.curves_unit
    pain = frame.session.case.pain if not view.curves else None
    place = frame.session.chosen, frame.session.area
    return frame.shape, place, view.curves, view.curves_unit, pain


def recruitment_look(moment: Moment) -> RecruitmentLook:
    """Return what to draw for the edited area alone; a message where it is incomplete."""
    frame, view = moment.frame, moment.view
    if frame is None:
        return _nothing("Computing the field of the leads …", view.curves_unit)
    if frame.solo is None or frame.solo_answers is None:
        return _nothing("This area needs a cathode and an anode.", view.curves_unit)
    result, answers = frame.solo, frame.solo_answers
    amplitude_ma = _amplitudes(result)
    names = view.curves or default_curves(answers)
    curves = _curves(result, answers, names, amplitude_ma, view.curves_unit)
    fit_ma = fitted_ma(result)
    seen = amplitude_ma <= fit_ma
    top = max([float(curve.values[seen].max(initial=0.0)) for curve in curves], default=0.0)
    return RecruitmentLook(
        amplitude_ma=amplitude_ma,
        curves=curves,
        marks=threshold_marks(result.thresholds),
        fit_ma=fit_ma,
        y_title=Y_TITLES[view.curves_unit],
        y_top=100.0 if view.curves_unit == "intensity" else _next_nice(max(10.0, top)),
    )


def cursor_ma(frame: Frame | None) -> float | None:
    """Return the amplitude (mA) of the edited area, None where it is incomplete."""
    return None if frame is None or frame.solo is None else frame.solo.amplitude_ma


def default_curves(answers: Answers) -> tuple[str, ...]:
    """Return the curves that show themselves: the painful dermatomes, the root felt first, motor."""
    weights, pain = load_region_weights(), answers.pain
    hurts = (pain.area * pain.painful) @ (weights.cutaneous + weights.rami)
    order = [int(i) for i in np.argsort(-hurts, kind="stable")[:PAINFUL_SHOWN] if hurts[i] > 0.1 * hurts.max()]
    root_ma = answers.recruited.root.amplitude_ma(answers.rules.felt_fibres)[0]
    first = [f"DR {SIDED_DERMATOMES[int(np.argmin(root_ma))]}"] if np.isfinite(root_ma).any() else []
    return (*(f"DC {SIDED_DERMATOMES[i]}" for i in sorted(order)), *first, MOTOR)


def curve_choices() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what can be chosen, in groups: (title, names)."""
    lists = [
        (f"{title}, {side}", tuple(f"{kind} {name}" for name in SIDED_DERMATOMES if name.startswith(f"{side} ")))
        for kind, title in (("DC", "Dorsal columns"), ("DR", "Dorsal roots"))
        for side in ("left", "right")
    ]
    return (*lists, ("Ventral roots", (MOTOR,)))


def curve_label(name: str) -> str:
    """Return a curve's words: "left L5", "left T11 root", "motor"."""
    if name == MOTOR:
        return MOTOR
    kind, where = name.split(" ", 1)
    return f"{where} root" if kind == "DR" else where


def threshold_marks(found: Thresholds) -> tuple[Mark, ...]:
    """Return the thresholds that are within any amplitude, in the order of the ruler."""
    values = (
        ("PT", found.pt_ma, "pt"),
        ("comfort", found.comfort_ma, "comfort"),
        ("DT", found.dt_ma, "dt"),
        ("MT", found.mt_ma, "mt"),
    )
    return tuple(Mark(label, at, token) for label, at, token in values if at is not None)


def fitted_ma(result: Result) -> float:
    """Return how far (mA) a fitted view goes: past discomfort and the amplitude, and past motor where that is near."""
    found, last = result.thresholds, float(result.recruitment.amplitude_ma[-1])
    if found.dt_ma is None:
        return last
    ends = [_FIT_PAST_DISCOMFORT * found.dt_ma, _FIT_PAST_AMPLITUDE * result.amplitude_ma]
    if found.mt_ma is not None and found.mt_ma <= _MOTOR_NEAR * found.dt_ma:
        ends.append(1.1 * found.mt_ma)
    return _next_nice(max(ends))


def readout(look: RecruitmentLook, amplitude_ma: float) -> str:
    """Return the values of all curves at an amplitude, in words."""
    if look.message:
        return look.message
    sign = " %" if look.y_title == Y_TITLES["intensity"] else ""
    parts = [
        f"{curve.label} {np.interp(amplitude_ma, look.amplitude_ma, curve.values):.0f}{sign}".replace(" ", _TIED)
        for curve in look.curves
    ]
    return f"{amplitude_ma:.1f}{_TIED}mA: {', '.join(parts)}"


def _amplitudes(result: Result) -> FloatArray:
    """Return amplitudes (POINTS,) to the end of the result's curves, two thirds of them in the fitted view."""
    fit = fitted_ma(result)
    last = max(float(result.recruitment.amplitude_ma[-1]), fit)
    dense = 2 * POINTS // 3
    rest = np.linspace(fit, max(last, 1.001 * fit), POINTS - dense + 1)[1:]
    return read_only(np.concatenate([np.linspace(0.0, fit, dense), rest]))


def _curves(
    result: Result, answers: Answers, names: Sequence[str], amplitude_ma: FloatArray, unit: CurveUnit
) -> tuple[Curve, ...]:
    single = amplitude_ma / answers.factor[0]
    curves = []
    for color, name in enumerate(names):
        if name == MOTOR:
            ventral = answers.recruited.ventral
            values = ventral.curve(amplitude_ma / answers.gain).sum(axis=1)
            if unit == "intensity":
                values = 100.0 * values / max(float(ventral.fibres[0, :, -1].sum()), 1.0)
            label = "motor, of fibres" if unit == "intensity" else MOTOR
            curves.append(Curve(name, label, "motor", color, read_only(values)))
            continue
        kind, where = name.split(" ", 1)
        tally = answers.recruited.root if kind == "DR" else answers.recruited.column
        values = _channel_curve(tally, SIDED_DERMATOMES.index(where), single)
        if unit == "intensity":
            values = 100.0 * intensity(values, answers.rules)
        which: CurveKind = "DR" if kind == "DR" else "DC"
        curves.append(Curve(name, curve_label(name), which, color, read_only(values)))
    return tuple(curves)


def _channel_curve(tally: Tally, channel: int, amplitude_ma: FloatArray) -> FloatArray:
    """Return the recruited fibres (amplitudes,) of one channel: what Tally.curve gives for all."""
    rows = np.flatnonzero(np.asarray(tally.grouping.filled) == channel)
    if not len(rows):
        return np.zeros(len(amplitude_ma))
    reached = np.searchsorted(tally.threshold_ma[0, rows[0]], amplitude_ma, side="right")
    return np.asarray(np.concatenate([[0.0], tally.fibres[0, rows[0]]])[reached], dtype=np.float64)


def _next_nice(value: float) -> float:
    """Return the next of 1, 1.2, 1.4 ... 2, 2.5 ... 10 times a power of ten: axes that rarely move."""
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0)
    return next(step for step in steps if step * power >= value * (1 - 1e-9)) * power


def _nothing(message: str, unit: CurveUnit) -> RecruitmentLook:
    empty = read_only(np.zeros(0))
    return RecruitmentLook(empty, (), (), 10.0, Y_TITLES[unit], 100.0, message)
