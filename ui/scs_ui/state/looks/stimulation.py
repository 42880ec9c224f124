"""What the stimulation strip shows: three rulers, areas, readouts, verdicts on limits, and the sentence read aloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scs_sim.limit_profiles import profile, profile_names
from scs_sim.limits import paresthesia_applicable, program_ranges
from scs_sim.program import AREA_NAMES, Waveform
from scs_ui.state.actions.stimulation import (
    THRESHOLD_TITLES,
    THRESHOLDS,
    fastest_hz,
    longest_us,
    threshold_ma,
)
from scs_ui.state.ceiling import ceiling
from scs_ui.state.dials import amplitude_now
from scs_ui.state.looks.ruler import (
    NotedMark,
    RulerFace,
    RulerLook,
    RulerMark,
    Scale,
    linear_scale,
    linear_ticks,
    rounded_up,
)
from scs_ui.state.moment import Moment, Tone

if TYPE_CHECKING:
    from scs_sim.result import Result, Safety
    from scs_ui.state.draft import AreaDraft
    from scs_ui.state.live import Frame

Part = Literal["off", "on", "absent"]

WAVEFORM_TITLES: dict[Waveform, str] = {
    "monophasic": "monophasic (models only)",
    "biphasic": "biphasic",
    "recharge": "recharge 1 : 5",
    "biphasic-gap": "biphasic, 100 µs gap",
    "recharge-10": "recharge 1 : 10",
    "passive": "passive recharge",
    "burst": "burst, 5 × 500 Hz",
}
SHORT = {"pt": "PT", "comfort": "comfort", "dt": "DT", "mt": "MT"}
# Of the discomfort threshold: how far the amplitude scale reaches usually, and at least; what it leaves beyond MT.
_SCALE_FAR, _SCALE_NEAR, _PAST_MOTOR = 2.8, 1.8, 1.06
# Of that far end: how much further it goes for the motor threshold.
_SCALE_MOST = 1.4
_WIDER_FROM, _WIDER_BY = 0.97, 1.25
_USAGE_AT = 0.8
_PULSE_TICKS = (30.0, 40.0, 50.0, 60.0, 80.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0, 600.0, 800.0, 1000.0)
_PULSE_NUMBERS = (30.0, 60.0, 100.0, 200.0, 300.0, 500.0, 1000.0)
_RATE_TICKS = (
    *(2.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0),
    *(200.0, 300.0, 500.0, 800.0, 1200.0, 5000.0, 10000.0),
)
_RATE_NUMBERS = (2.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1200.0, 5000.0, 10000.0)
_FELT_PART, _FREE_PART = 0.86, 0.1


@dataclass(frozen=True, slots=True)
class AreaButton:
    """One of the places for areas: absent, off or on; chosen: it is edited; hint: its setting in words."""

    name: str
    part: Part
    is_chosen: bool
    hint: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that was checked: in words, with its tone."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class StimulationLook:
    """All that the strip shows.

    under_amplitude: lines beneath the dial's name; readouts: (name, value) pairs; verdicts: what was checked, worst
    first; spoken: the sentence for screen readers; details: all warnings, findings and notes, one a line.
    """

    amplitude: RulerLook
    pulse_width: RulerLook
    rate: RulerLook
    is_on: bool
    can_run: bool
    is_coarse: bool
    waveform: Waveform
    posture: str
    profile: str
    keep_amplitude: bool
    can_calibrate: bool
    areas: tuple[AreaButton, ...]
    under_amplitude: tuple[str, ...]
    readouts: tuple[tuple[str, str], ...]
    verdicts: tuple[Verdict, ...]
    details: str
    spoken: str


def stimulation_look(moment: Moment) -> StimulationLook:
    """Return what the strip shows at `moment`."""
    session, view, draft = moment.session, moment.view, moment.session.draft
    result = None if moment.frame is None else moment.frame.result
    thresholds = model_thresholds(moment.frame)
    now = amplitude_now(moment)
    where = "" if now is None else place_in_words(now, thresholds)
    readouts = _readouts(result)
    shown = "amplitude not known yet" if now is None else f"Amplitude {now:g} mA"
    spoken = ", ".join(part for part in (shown, where) if part)
    verdicts, details = _verdicts(moment, result)
    covered = f"; {readouts[0][0].lower()} {readouts[0][1]}" if readouts else ""
    return StimulationLook(
        amplitude=RulerLook(
            "Amplitude",
            "mA",
            _amplitude_face(moment, thresholds, now),
            now,
            spoken,
            "amplitude" in view.locks,
            session.on and draft.on,
        ),
        pulse_width=RulerLook(
            "Pulse width",
            "µs",
            _pulse_face(draft),
            draft.pulse_width_us,
            f"Pulse width {draft.pulse_width_us:g} µs",
            "pulse_width" in view.locks or draft.waveform == "burst",
        ),
        rate=RulerLook(
            "Rate", "Hz", _rate_face(draft), draft.rate_hz, f"Rate {draft.rate_hz:g} Hz", "rate" in view.locks
        ),
        is_on=session.on,
        can_run=bool(session.program.running),
        is_coarse=view.coarse,
        waveform=draft.waveform,
        posture=session.case.posture,
        profile=session.profile,
        keep_amplitude=session.keep_amplitude,
        can_calibrate=draft.marks.pt_ma is not None and draft.is_complete,
        areas=_areas(moment),
        under_amplitude=_under(thresholds, now, draft),
        readouts=readouts,
        verdicts=verdicts,
        details=details,
        spoken=(spoken if session.on else f"Stimulation off; {spoken}") + covered,
    )


def model_thresholds(frame: Frame | None) -> dict[str, float]:
    """Return the thresholds (mA) that the model has for the edited area, by name; those it has not are left out."""
    answers = None if frame is None else frame.solo_answers
    found = ((name, threshold_ma(answers, name)) for name in THRESHOLDS)
    return {name: value for name, value in found if value is not None}


def place_in_words(amplitude_ma: float, thresholds: dict[str, float]) -> str:
    """Return where an amplitude lies among the thresholds, "" where there are none."""
    ladder = sorted((value, THRESHOLD_TITLES[name]) for name, value in thresholds.items())
    if not ladder:
        return ""
    at = [title for value, title in ladder if abs(value - amplitude_ma) < 0.0051]
    if at:
        return f"at the {at[-1]}"
    below = [title for value, title in ladder if value < amplitude_ma]
    above = [title for value, title in ladder if value > amplitude_ma]
    if not below:
        return f"below the {above[0]}"
    return f"between {below[-1]} and {above[0]}" if above else f"above the {below[-1]}"


def profile_choices() -> tuple[tuple[str, str], ...]:
    """Return the limit profiles as (name, title), none first."""
    return (("", "no limit profile"), *((name, f"{name}: {profile(name).title}") for name in profile_names()))


def _amplitude_face(moment: Moment, thresholds: dict[str, float], now: float | None) -> RulerFace:
    frame, session = moment.frame, moment.session
    limit = ceiling(frame, session.profile)
    top = _scale_top(thresholds, limit.amplitude_ma, now)
    marks = [
        RulerMark(name, thresholds[name], f"{SHORT[name]} {thresholds[name]:.1f}", _meaning(name, thresholds[name]))
        for name in ("pt", "dt", "comfort", "mt")
        if name in thresholds
    ]  # fmt: skip
    marks.append(
        RulerMark(
            "limit",
            limit.amplitude_ma,
            f"limit {limit.amplitude_ma:.1f}",
            f"safety limit {limit.amplitude_ma:.2f} mA, set by {limit.why}; only a typed value passes it",
        )
    )
    volts = _deliverable_ma(frame)
    if volts is not None and volts < program_ranges().amplitude_ma[1]:
        limit_v = frame.solo.safety.compliance_limit_v if frame is not None and frame.solo is not None else 0.0
        marks.append(
            RulerMark(
                "voltage",
                volts,
                f"{limit_v:g} V {volts:.1f}",
                f"the generator's {limit_v:g} V are used up at {volts:.2f} mA; beyond it no more is delivered",
            )
        )
    pt, dt = thresholds.get("pt"), thresholds.get("dt")
    usage = None if pt is None or dt is None else (pt, dt, pt + _USAGE_AT * (dt - pt))
    noted = tuple(
        NotedMark(name, value, _NOTED[name], f"noted {THRESHOLD_TITLES[name]} {value:g} mA")
        for name in THRESHOLDS
        if (value := getattr(session.draft.marks, f"{name}_ma")) is not None
    )
    closed = ((limit.amplitude_ma, top),) if limit.amplitude_ma < top else ()
    return RulerFace(
        scale=linear_scale(top),
        ticks=linear_ticks(top),
        marks=tuple(marks),
        noted=noted,
        usage=usage,
        warn_from=dt,
        danger_from=thresholds.get("mt"),
        closed=closed,
        closed_text=limit.why if closed else "",
    )


_NOTED = {"pt": "PT", "comfort": "C", "dt": "DT", "mt": "MT"}


def _scale_top(thresholds: dict[str, float], limit_ma: float, now: float | None) -> float:
    """Return where the amplitude scale ends: past DT, past MT where that is near; further where the dial is there."""
    greatest = program_ranges().amplitude_ma[1]
    top = min(limit_ma * 1.05, greatest)
    if "dt" in thresholds:
        far, near = _SCALE_FAR * thresholds["dt"], _SCALE_NEAR * thresholds["dt"]
        motor = thresholds.get("mt")
        top = far if motor is None or _PAST_MOTOR * motor > _SCALE_MOST * far else max(_PAST_MOTOR * motor, near)
    elif "pt" in thresholds:
        top = _SCALE_FAR * thresholds["pt"]
    top = min(rounded_up(min(max(top, 0.5), greatest)), greatest)
    while now is not None and now > _WIDER_FROM * top and top < greatest:
        top = min(rounded_up(_WIDER_BY * top), greatest)
    return top


def _meaning(name: str, value: float) -> str:
    return f"{THRESHOLD_TITLES[name]} of the model, {value:.2f} mA"


def _deliverable_ma(frame: Frame | None) -> float | None:
    return None if frame is None or frame.solo is None else frame.solo.areas[0].deliverable_ma


def _pulse_face(draft: AreaDraft) -> RulerFace:
    low, high = program_ranges().pulse_width_us
    ticks = tuple((value, f"{value:g}" if value in _PULSE_NUMBERS else "") for value in _PULSE_TICKS)
    longest = longest_us(draft)
    closed = ((max(longest, low), high),) if longest < high and draft.waveform != "burst" else ()
    why = f"does not fit between pulses at {draft.rate_hz:g} Hz" if closed else ""
    return RulerFace(Scale(((low, high, 1.0),), is_log=True), ticks, closed=closed, closed_text=why)


def _rate_face(draft: AreaDraft) -> RulerFace:
    ranges = program_ranges()
    scale = Scale(((*ranges.rate_hz, _FELT_PART), (*ranges.paresthesia_free_rate_hz, _FREE_PART)), is_log=True)
    ticks = tuple((value, _hertz(value) if value in _RATE_NUMBERS else "") for value in _RATE_TICKS)
    fastest = fastest_hz(draft)
    free_low, free_high = ranges.paresthesia_free_rate_hz
    high = ranges.rate_hz[1]
    if fastest >= free_high:
        closed: tuple[tuple[float, float], ...] = ((high, free_low),)
    elif fastest >= free_low:
        closed = ((high, free_low), (fastest, free_high))
    else:
        closed = ((min(fastest, high), free_high),)
    why = "" if fastest >= free_high else f"too fast for a pulse of {draft.pulse_width_us:g} µs"
    return RulerFace(scale, ticks, closed=closed, closed_text=why)


def _hertz(value: float) -> str:
    return f"{value / 1000.0:g}k" if value >= 5000.0 else f"{value:g}"


def _under(thresholds: dict[str, float], now: float | None, draft: AreaDraft) -> tuple[str, ...]:
    lines = []
    if draft.amplitude_ma is None and now is not None:
        lines.append("follows comfort")
    if "pt" in thresholds and "dt" in thresholds:
        span = thresholds["dt"] - thresholds["pt"]
        lines.append(f"usage {span:.1f} mA")
        lines.append(f"80 %: {thresholds['pt'] + _USAGE_AT * span:.1f} mA")
    elif not draft.is_complete:
        lines.append(f"needs {_missing(draft)}")
    return tuple(lines[:2])


def _missing(draft: AreaDraft) -> str:
    signs = {share.sign for share in draft.shares}
    if not signs:
        return "contacts"
    return "an anode" if -1 in signs else "a cathode"


def _areas(moment: Moment) -> tuple[AreaButton, ...]:
    session = moment.session
    buttons = []
    for index, name in enumerate(AREA_NAMES):
        if index >= len(session.program.areas):
            buttons.append(AreaButton(name, "absent", False, f"Area {name}: add it"))
            continue
        area = session.program.areas[index]
        buttons.append(
            AreaButton(name, "on" if area.on else "off", index == session.area, f"Area {name}: {area_in_words(area)}")
        )
    return tuple(buttons)


def area_in_words(area: AreaDraft) -> str:
    """Return contacts and pulse of an area on one line, for instance "1.3- 1.5+  3.4 mA, 300 µs, 50 Hz"."""
    amplitude = "at comfort" if area.amplitude_ma is None else f"{area.amplitude_ma:g} mA"
    parts = [contacts_in_words(area), f"{amplitude}, {area.pulse_width_us:g} µs, {area.rate_hz:g} Hz"]
    if area.waveform != "recharge":
        parts.append(WAVEFORM_TITLES[area.waveform])
    return "  ".join(parts) + ("" if area.on else ", off")


def contacts_in_words(area: AreaDraft) -> str:
    """Return the contacts with a true minus, percents only where a sign is shared: "1.3−60 1.4−40 1.6+"."""
    counts = {sign: sum(share.sign == sign for share in area.shares) for sign in (-1, 1)}
    words = (
        f"{share.name}{'−' if share.sign < 0 else '+'}{share.percent if counts[share.sign] > 1 else ''}"
        for share in area.shares
    )
    return " ".join(words) or "no contacts"


def _readouts(result: Result | None) -> tuple[tuple[str, str], ...]:
    if result is None:
        return ()
    coverage = result.coverage
    if not coverage.applicable:
        return (("Pain covered", "not applicable"), ("Unwanted", "–"), ("Left / right", "–"))
    sides = "–"
    if coverage.left_percent_of_felt is not None and coverage.right_percent_of_felt is not None:
        sides = f"{coverage.left_percent_of_felt:.0f} / {coverage.right_percent_of_felt:.0f} %"
    return (
        ("Pain covered", _percent(coverage.pain_covered_percent)),
        ("Unwanted", _percent(coverage.unwanted_of_felt_percent)),
        ("Left / right", sides),
    )


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} %"


def _verdicts(moment: Moment, result: Result | None) -> tuple[tuple[Verdict, ...], str]:
    """Return the verdicts, worst first, and all that is to be said at length."""
    if result is None:
        missing = "" if moment.session.program.running else f"; the area needs {_missing(moment.session.draft)}"
        return (Verdict(f"nothing runs{missing}", "info"),), ""
    found = []
    if result.forbidden:
        found.append(Verdict(result.forbidden, "error"))
    found += [Verdict(_dotless(warning), "warn") for warning in result.warnings]
    found += [Verdict(f"{result.profile}: {finding}", "warn") for finding in result.findings]
    found += _charge_verdicts(result.safety)
    if result.profile and not result.findings:
        found.append(Verdict(f"{result.profile} allows it", "good"))
    if not paresthesia_applicable(result.rate_hz):
        found.append(Verdict("paresthesia-free rate: coverage not applicable", "info"))
    lines = [*result.warnings, *(str(finding) for finding in result.findings), *result.notes]
    return tuple(found), "\n".join(lines)


def _charge_verdicts(safety: Safety) -> list[Verdict]:
    found = [
        _against("charge density", safety.charge_density_uc_per_cm2, safety.charge_density_limit_uc_per_cm2, "µC/cm²")
    ]
    if safety.shannon_k is not None:
        found.append(_against("Shannon k", safety.shannon_k, safety.shannon_k_limit, "", digits=2))
    found.append(_against("voltage", safety.compliance_v, safety.compliance_limit_v, "V"))
    return [verdict for verdict in found if verdict.tone == "good"]


def _against(what: str, value: float, limit: float, unit: str, digits: int = 1) -> Verdict:
    """Return the verdict on one figure; beyond its limit the engine's warning has said so already."""
    tail = f" {unit}" if unit else ""
    text = f"{what} {value:.{digits}f}{tail}"
    return Verdict(f"{text} ok", "good") if value <= limit else Verdict(f"{text}, above {limit:g}{tail}", "warn")


def _dotless(text: str) -> str:
    return text.rstrip(".")
