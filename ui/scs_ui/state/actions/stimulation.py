"""Actions on what is dialled: amplitude, pulse, rate, on and off, noted thresholds, posture, limit profile, gain.

Dials land on their steps: fine amplitudes on tenths of a mA. At an end they say so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, get_args

from scs_models.errors import InvalidValueError
from scs_models.fibres.waveforms import burst
from scs_models.values import require_between, require_one_of
from scs_sim.answers import Answers
from scs_sim.limits import program_ranges
from scs_sim.program import WAVEFORMS, Waveform, pulse_duration_us
from scs_sim.setting import Setting
from scs_sim.simulate import calibrated
from scs_ui.state.ceiling import Ceiling
from scs_ui.state.draft import AreaDraft, solo
from scs_ui.state.session import Session

Threshold = Literal["pt", "comfort", "dt", "mt"]
THRESHOLDS: tuple[Threshold, ...] = get_args(Threshold)
THRESHOLD_TITLES = {
    "pt": "perception threshold",
    "comfort": "comfort level",
    "dt": "discomfort threshold",
    "mt": "motor threshold",
}

FINE_MA, COARSE_MA = 0.1, 0.5
FINE_US, COARSE_US = 10.0, 50.0
# Of rates: (from Hz, fine step, coarse step).
RATE_STEPS_HZ = ((0.0, 1.0, 10.0), (100.0, 10.0, 100.0), (5000.0, 100.0, 1000.0))
_WHOLE: dict[Threshold, Callable[[float], float]] = {
    "pt": math.ceil,
    "comfort": round,
    "dt": math.floor,
    "mt": math.ceil,
}
_DIGITS = 3
"""Amplitudes are kept to 0.001 mA."""


def set_amplitude(session: Session, amplitude_ma: float) -> Session:
    """Return the session with the edited area at `amplitude_ma`, rounded to 0.001 mA; raise InvalidValueError."""
    require_between("amplitude", amplitude_ma, *program_ranges().amplitude_ma, "mA")
    return session.with_draft(replace(session.draft, amplitude_ma=round(amplitude_ma, _DIGITS)))


def drag_amplitude(session: Session, amplitude_ma: float, at_ma: float, *, coarse: bool, limit: Ceiling) -> Session:
    """Return the session with the step of amplitude nearest to a drag; a drag that began below ends at the limit."""
    low, high = program_ranges().amplitude_ma
    top = limit.held_ma if at_ma <= limit.amplitude_ma else high
    step = COARSE_MA if coarse else FINE_MA
    return set_amplitude(session, min(max(round(amplitude_ma / step) * step, low), top))


def step_amplitude(session: Session, at_ma: float, steps: int, *, coarse: bool, limit: Ceiling) -> Session:
    """Return the session with the amplitude `steps` fine or coarse steps from `at_ma`, on whole tenths.

    From below, steps end at the limit. Raises InvalidValueError where the amplitude is at an end already.
    """
    low, high = program_ranges().amplitude_ma
    if steps > 0 and limit.held_ma <= at_ma <= limit.amplitude_ma and at_ma < high:
        raise InvalidValueError(
            f"the amplitude is held at {at_ma:g} mA: {limit.why} allows {limit.amplitude_ma:.2f} mA;"
            " type a value to go beyond it"
        )
    top = limit.held_ma if at_ma < limit.held_ma else high
    step = COARSE_MA if coarse else FINE_MA
    return set_amplitude(session, _stepped("amplitude", at_ma, steps, step, FINE_MA, (low, top), "mA"))


def stop_all(session: Session) -> Session:
    """Return the session with every area of the program that runs at 0 mA; other programs keep their amplitudes."""
    silent = tuple(replace(area, amplitude_ma=0.0) for area in session.program.areas)
    return session.with_program(replace(session.program, areas=silent))


def set_on(session: Session, on: bool) -> Session:
    """Return the session with stimulation on or off; amplitudes stay on the dial."""
    return replace(session, on=on)


def ramp_to(session: Session, threshold: Threshold, amplitude_ma: float | None) -> Session:
    """Return the session with the amplitude at a threshold of the model, to 0.01 mA.

    PT and MT are just reached, DT is not passed. Raises InvalidValueError where the model has none, or none in range.
    """
    title, (low, high) = THRESHOLD_TITLES[threshold], program_ranges().amplitude_ma
    if amplitude_ma is None:
        raise InvalidValueError(f"the model has no {title} for these contacts")
    if not low <= amplitude_ma <= high:
        raise InvalidValueError(
            f"the {title} is {amplitude_ma:.1f} mA; the amplitude must lie between {low:g} and {high:g} mA"
        )
    hundredths = _WHOLE[threshold](round(amplitude_ma * 100.0, 4))
    return set_amplitude(session, min(hundredths / 100.0, high))


def set_pulse_width(session: Session, pulse_width_us: float) -> Session:
    """Return the session with the pulse width, rounded to 0.1 us; raise InvalidValueError where it does not fit."""
    require_between("pulse width", pulse_width_us, *program_ranges().pulse_width_us, "µs")
    return session.with_draft(replace(session.draft, pulse_width_us=round(pulse_width_us, 1)))


def step_pulse_width(session: Session, steps: int, *, coarse: bool) -> Session:
    """Return the session with the pulse width fine (10 us) or coarse (50 us) steps away."""
    step = COARSE_US if coarse else FINE_US
    now, span = session.draft.pulse_width_us, program_ranges().pulse_width_us
    return set_pulse_width(session, _stepped("pulse width", now, steps, step, FINE_US, span, "µs"))


def set_rate(session: Session, rate_hz: float) -> Session:
    """Return the session with the rate, rounded to 0.1 Hz; raise InvalidValueError where it does not fit."""
    return session.with_draft(replace(session.draft, rate_hz=round(rate_hz, 1)))


def step_rate(session: Session, steps: int, *, coarse: bool) -> Session:
    """Return the session with the rate fine or coarse steps away: 1 or 10 Hz below 100 Hz, tenfold from there on.

    Steps do not lead from felt to paresthesia-free rates or back: raises InvalidValueError at the edges.
    """
    ranges, now = program_ranges(), session.draft.rate_hz
    is_free = now >= ranges.paresthesia_free_rate_hz[0]
    span = ranges.paresthesia_free_rate_hz if is_free else ranges.rate_hz
    if (steps > 0 and now >= span[1] and not is_free) or (steps < 0 and now <= span[0] and is_free):
        low, high = ranges.rate_hz if is_free else ranges.paresthesia_free_rate_hz
        raise InvalidValueError(
            f"the rate is {now:g} Hz, at the edge of its range; type {low:g} to {high:g} Hz for"
            f" {'felt' if is_free else 'paresthesia-free'} rates"
        )
    _, fine, wide = max(row for row in RATE_STEPS_HZ if row[0] < now or (row[0] == now and steps > 0))
    return set_rate(session, _stepped("rate", now, steps, wide if coarse else fine, fine, span, "Hz"))


def longest_us(draft: AreaDraft) -> float:
    """Return the longest pulse width (us) that fits the rate; what a pulse takes is a line over its width."""
    if draft.waveform == "burst":
        return draft.pulse_width_us
    base_us = pulse_duration_us(0.0, draft.waveform)
    per_us = (pulse_duration_us(100.0, draft.waveform) - base_us) / 100.0
    return (1e6 / draft.rate_hz - base_us) / per_us


def fastest_hz(draft: AreaDraft) -> float:
    """Return the fastest rate (Hz) that leaves time for the pulse."""
    return 1e6 / pulse_duration_us(draft.pulse_width_us, draft.waveform)


def drag_pulse_width(session: Session, pulse_width_us: float, *, coarse: bool) -> Session:
    """Return the session with the step of pulse width nearest to a drag, as far as it fits the rate."""
    low, high = program_ranges().pulse_width_us
    step = COARSE_US if coarse else FINE_US
    top = min(high, math.floor(longest_us(session.draft) / FINE_US + 1e-6) * FINE_US)
    return set_pulse_width(session, max(min(round(pulse_width_us / step) * step, top), low))


def drag_rate(session: Session, rate_hz: float, *, coarse: bool) -> Session:
    """Return the session with the step of rate nearest to a drag, as far as the pulse leaves time for it."""
    ranges, fastest = program_ranges(), fastest_hz(session.draft)
    wanted = min(rate_hz, fastest)
    if wanted < ranges.paresthesia_free_rate_hz[0]:
        wanted = min(wanted, ranges.rate_hz[1])
    _, fine, wide = max(row for row in RATE_STEPS_HZ if row[0] <= wanted)
    step = wide if coarse else fine
    near = round(wanted / step) * step
    if near > fastest:
        near = math.floor(fastest / fine + 1e-9) * fine
    return set_rate(session, max(near, ranges.rate_hz[0]))


def set_waveform(session: Session, waveform: str) -> Session:
    """Return the session with another waveform; a burst brings its own pulse width, and its rate where it must.

    Raises InvalidValueError where the pulse does not fit between the pulses.
    """
    require_one_of("waveform", waveform, WAVEFORMS)
    draft, name = session.draft, _waveform(waveform)
    if name == draft.waveform:
        return session
    width_us = draft.pulse_width_us
    if name == "burst":
        width_us = burst().pulse_width_us
    elif draft.waveform == "burst":
        width_us = program_ranges().default_pulse_width_us
    rate_hz = draft.rate_hz
    if name == "burst" and pulse_duration_us(width_us, name) * rate_hz > 1e6:
        rate_hz = burst().burst_rate_hz
    return session.with_draft(replace(draft, waveform=name, pulse_width_us=width_us, rate_hz=rate_hz))


def moved_along(before: AreaDraft, after: AreaDraft) -> str:
    """Return in words what else changed with a waveform, "" for nothing."""
    parts = []
    if before.pulse_width_us != after.pulse_width_us:
        parts.append(f"pulse width {before.pulse_width_us:g} to {after.pulse_width_us:g} µs")
    if before.rate_hz != after.rate_hz:
        parts.append(f"rate {before.rate_hz:g} to {after.rate_hz:g} Hz")
    return f"With the waveform changed: {' and '.join(parts)}." if parts else ""


def mark(session: Session, threshold: Threshold, amplitude_ma: float | None) -> Session:
    """Return the session with `amplitude_ma` noted as the patient's threshold; None takes the note away."""
    given = None if amplitude_ma is None else round(amplitude_ma, _DIGITS)
    marks = replace(session.draft.marks, **{f"{threshold}_ma": given})
    return session.with_draft(replace(session.draft, marks=marks))


def set_profile(session: Session, name: str) -> Session:
    """Return the session judged by another limit profile, "" for none."""
    return replace(session, profile=name)


def set_posture(session: Session, posture: str) -> Session:
    """Return the session with the patient in another posture."""
    return replace(session, case=replace(session.case, posture=posture))


def set_keep_amplitude(session: Session, keep: bool) -> Session:
    """Return the session in which a direct change of a contact keeps the amplitude, or takes it to 0."""
    return replace(session, keep_amplitude=keep)


def calibrate(session: Session, gain: float) -> Session:
    """Return the session with the patient's gain on all thresholds; raise InvalidValueError out of range."""
    return replace(session, case=replace(session.case, patient=replace(session.case.patient, gain=round(gain, 6))))


def gain_for_noted_pt(session: Session, setting: Setting) -> float:
    """Return the gain at which the model's PT of the edited area is the noted one.

    setting: of the session's leads and patient. Raises InvalidValueError without a note, or where no gain does it.
    """
    noted_ma, program = session.draft.marks.pt_ma, solo(session.draft)
    if noted_ma is None:
        raise InvalidValueError("no perception threshold is noted for this area; note it first (Ctrl+1)")
    if noted_ma <= 0.0:
        raise InvalidValueError(f"the noted perception threshold is {noted_ma:g} mA; it must be more than 0 mA")
    if program is None:
        raise InvalidValueError("the area needs a cathode and an anode before the model can be calibrated")
    return calibrated(setting, session.case, program, noted_ma).patient.gain


def threshold_ma(answers: Answers | None, threshold: Threshold) -> float | None:
    """Return a threshold (mA) of the first area of `answers`; None where there is none."""
    if answers is None:
        return None
    person = answers.areas.person
    row = {
        "pt": person.perception_ma,
        "comfort": person.comfort_ma,
        "dt": person.discomfort_ma,
        "mt": person.motor_ma,
    }[threshold]
    value = float(row[0])
    return value if math.isfinite(value) else None


def _stepped(what: str, at: float, steps: int, step: float, grid: float, span: tuple[float, float], unit: str) -> float:
    """Return `at` plus steps, on the grid and never further than asked, held within span.

    Raises InvalidValueError where `at` is at that end already.
    """
    low, high = span
    if (steps > 0 and at >= high) or (steps < 0 and at <= low):
        end = "highest" if steps > 0 else "lowest"
        raise InvalidValueError(
            f"the {what} is {at:g} {unit}, the {end}; it must lie between {low:g} and {high:g} {unit}"
        )
    places = (at + steps * step) / grid
    whole = math.floor(places + 1e-6) if steps > 0 else math.ceil(places - 1e-6)
    return min(max(round(whole * grid, _DIGITS), low), high)


def _waveform(name: str) -> Waveform:
    return next(known for known in WAVEFORMS if known == name)
