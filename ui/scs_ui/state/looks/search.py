"""The look of the search panel's words and cards: refusals, progress, what changed since, suggestions with small bars.

Coverage is of predicted paresthesia, never of relief.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from scs_sim.describe import why_forbidden
from scs_sim.limits import paresthesia_applicable
from scs_sim.objective import LESS_IS_BETTER, builtin_objective, objective_names
from scs_sim.objective_words import FIGURE_WORDS, figure_text
from scs_sim.program import Program
from scs_sim.search.result import SearchResult, Suggestion, Variant
from scs_ui.state.search import OWN, Run, SearchSpec, program_at, selectable
from scs_ui.state.session import Session

MINUS = "\N{MINUS SIGN}"
BARS: tuple[str, ...] = (
    "pain_covered_by_score_percent",
    "worst_region_percent",
    "unwanted_of_felt_percent",
    "headroom_percent",
    "robust_covered_percent",
)
"""The figures that a card shows as bars, all percents."""
_WHOLE = re.compile(r"(?<=[-+])100\b")
_UNITS = {"uC/cm2": "µC/cm²", "uA": "µA", "us": "µs"}
_UNIT_WORDS = re.compile(r"(?<=\d )(uC/cm2|uA|us)\b")


@dataclass(frozen=True, slots=True)
class SmallBar:
    """One figure as a bar: its name, share 0-1 of the length, number; less: less of it is better."""

    name: str
    share: float
    text: str
    less: bool


@dataclass(frozen=True, slots=True)
class CardLook:
    """One suggestion: rank, contacts, dose, kind, points, gain over the starting program, bars; is_current: it is what
    is dialled; spoken: all of it as a sentence."""

    rank: str
    contacts: str
    dose: str
    kind: str
    points: str
    gain: str
    bars: tuple[SmallBar, ...]
    is_current: bool
    spoken: str


@dataclass(frozen=True, slots=True)
class VariantLook:
    """One posture or migration: its name, share of the pain covered 0-1, and that in words."""

    name: str
    share: float
    text: str


@dataclass(frozen=True, slots=True)
class WhyLook:
    """Why the chosen program: its title, sentences, and how it does when something moves."""

    title: str
    sentences: tuple[str, ...]
    variants: tuple[VariantLook, ...]


@dataclass(frozen=True, slots=True)
class ProgressLook:
    """How far the search is: share 0-1 or None where none runs, and words."""

    share: float | None
    words: str


def refusal(session: Session) -> str:
    """Return why there is nothing to search in this session, "" where there is."""
    forbidden = why_forbidden(session.case.patient)
    if forbidden:
        return f"No search: {forbidden}."
    if session.case.pain.is_empty:
        return "No search: the pain map is empty. Paint where it hurts on the body map first."
    free = [area.rate_hz for area in session.program.areas if not paresthesia_applicable(area.rate_hz)]
    if free:
        return (
            f"No search: {free[0]:g} Hz is a paresthesia-free mode. A search weighs what is felt against the pain map;"
            " choose a felt rate first."
        )
    return ""


def progress_look(run: Run) -> ProgressLook:
    """Return the stage in words with the time it took, and how much is done."""
    result = run.result
    if run.state == "none":
        return ProgressLook(None, "")
    if run.state == "failed":
        return ProgressLook(None, "The search ended with an error.")
    seconds = f"{run.elapsed_s:.{0 if run.elapsed_s >= 10.0 else 1}f} s"
    step = run.step
    counts = "" if result is None else f" · {_grouped(step.screened)} screened"
    if run.state == "running":
        return ProgressLook(step.fraction, f"{_sentence(step.stage)} · {seconds}{counts}")
    return ProgressLook(None, f"{run.state.capitalize()} after {seconds}{counts}")


def stale_words(run: Run, session: Session, spec: SearchSpec) -> str:
    """Return what changed since the search, "" for nothing."""
    changes = run.changes(session, spec) if run.result is not None or run.state == "running" else ()
    if not changes:
        return ""
    one_or_two = " and ".join(changes) if len(changes) < 3 else f"{', '.join(changes[:-1])} and {changes[-1]}"
    return f"{_sentence(one_or_two)} changed since this search: search again."


def message(run: Run, session: Session) -> str:
    """Return what stands in place of suggestions, "" where there are some."""
    why = refusal(session)
    if run.state == "failed" and run.result is None:
        return _sentence(run.error)
    if run.result is not None and (run.result.suggestions or run.result.front):
        return ""
    if why:
        return why
    if run.state == "running":
        return "Searching …\nThe first suggestions appear while the search goes on."
    if run.result is not None:
        notes = "\n".join(run.result.notes)
        return f"No program was found that covers any of the pain within the limits.\n{notes}".strip()
    if run.state == "stopped":
        return "Stopped before there was a suggestion."
    return (
        "No search yet. It looks for programs whose predicted paresthesia meets the pain map, within the limit profile;"
        " it does not predict relief."
    )


def notice(run: Run, session: Session, spec: SearchSpec) -> str:
    """Return the one line of warning above suggestions, "" for none."""
    if run.result is None or message(run, session):
        return ""
    if run.error:
        return _sentence(run.error)
    return refusal(session) or stale_words(run, session, spec)


def summary(spec: SearchSpec, session: Session) -> str:
    """Return what is searched for in one line: what stands where the settings are folded."""
    widths = ", ".join(f"{width:g}" for width in spec.pulse_widths_us)
    parts = [
        objective_title(spec.objective.name),
        f"{widths} µs" if widths else f"from {session.draft.pulse_width_us:g} µs",
        f"{spec.max_active} contacts at most",
        f"{spec.areas_count} area{'s' if spec.areas_count > 1 else ''}",
        f"limits: {session.profile}" if session.profile else "no limit profile",
        "robust" if spec.robust else "not robust",
    ]
    return " · ".join(parts)


def objective_title(name: str) -> str:
    """Return an objective's name as the chooser shows it."""
    return "Own weights" if name == OWN else name.capitalize()


def objective_choices() -> tuple[tuple[str, str, str], ...]:
    """Return the built-in objectives as (name, what the chooser shows, title)."""
    return tuple((name, objective_title(name), _sentence(builtin_objective(name).title)) for name in objective_names())


def unit_of(name: str) -> str:
    """Return a figure's unit as the window writes it."""
    unit = FIGURE_WORDS[name].unit
    return _UNITS.get(unit, unit)


def figure_words(name: str, value: float | None) -> str:
    """Return a figure's value with its unit as the window writes it."""
    text = figure_text(name, value)
    return "–" if text == "-" else with_units(text)


def with_units(text: str) -> str:
    """Return a text of the engine with its units as the window writes them."""
    return _UNIT_WORDS.sub(lambda found: _UNITS[found.group()], text)


def signed(points: float) -> str:
    """Return points with their sign and one decimal."""
    return f"{points:+.1f}".replace("-", MINUS)


def contacts_words(contacts: str) -> str:
    """Return contacts as cards and lists show them: whole shares left out, a true minus."""
    return re.sub(r"-(?=[\s\d]|$)", MINUS, _WHOLE.sub("", contacts))


def cards(result: SearchResult | None, session: Session) -> tuple[CardLook, ...]:
    """Return the suggestions as cards, best first."""
    if result is None:
        return ()
    now = session.program.program()
    return tuple(
        _card(result, place, suggestion, now is not None and is_same(now, suggestion.program))
        for place, suggestion in enumerate(result.suggestions)
    )


def is_same(one: Program, other: Program) -> bool:
    """Return whether two programs dial the same, their names apart."""

    def dialled(program: Program) -> list[tuple[object, ...]]:
        return [(area.amplitude_ma, area.pulse_width_us, area.rate_hz, area.waveform) for area in program.areas]

    return dialled(one) == dialled(other) and [sorted(area.shares) for area in one.areas] == [
        sorted(area.shares) for area in other.areas
    ]


def why_look(result: SearchResult | None, index: int | None) -> WhyLook:
    """Return the reasons for one of `selectable`; of a point that is no suggestion, its figures."""
    if result is None or index is None:
        return WhyLook("", (), ())
    point = selectable(result)[index]
    if index < len(result.suggestions):
        suggestion = result.suggestions[index]
        later = () if result.finished else ("Reasons come when the search is done.",)
        sentences = tuple(with_units(sentence) for sentence in suggestion.why) or later
        variants = tuple(_variant(item, point.amplitude_ma) for item in suggestion.variants)
        return WhyLook(f"Why {index + 1}: {contacts_words(point.contacts)}", sentences, variants)
    told = [f"{_sentence(FIGURE_WORDS[name].title)}: {figure_words(name, value)}." for name, value in point.figures]
    head = "On the front, but too much like a suggestion, or beaten in points."
    own = "" if program_at(result, index) is not None else " It has several areas and cannot be applied from here."
    return WhyLook(
        f"{contacts_words(point.contacts)}, {point.amplitude_ma:.2f} mA, {point.pulse_width_us:g} µs",
        (f"{head}{own}", f"{point.score:.1f} points.", *told),
        (),
    )


def start_words(result: SearchResult) -> str:
    """Return what gains are counted from."""
    start = result.start.point
    return (
        f"Gains are over the program that was dialled: {contacts_words(start.contacts)}, {start.amplitude_ma:.2f} mA,"
        f" {start.score:.1f} points"
    )


def copied_text(result: SearchResult, index: int) -> str:
    """Return one of `selectable` as text for the clipboard."""
    point, why = selectable(result)[index], why_look(result, index)
    program = program_at(result, index)
    rate = "" if program is None else f", {program.rate_hz:g} Hz, {program.waveform}"
    figures = [f"{FIGURE_WORDS[name].title}: {figure_words(name, value)}" for name, value in point.figures]
    lines = [
        f"{point.contacts}; {point.amplitude_ma:.2f} mA, {point.pulse_width_us:g} µs{rate}",
        f"{point.score:.1f} points ({result.objective.name}), {signed(point.score - result.start.point.score)} over the"
        f" starting program; case {result.case_title}",
        *figures,
        *why.sentences,
        *(f"{variant.name}: {variant.text}" for variant in why.variants),
        "Predicted paresthesia, not pain relief. Not for patient care.",
    ]
    return "\n".join(lines) + "\n"


def _card(result: SearchResult, place: int, suggestion: Suggestion, is_current: bool) -> CardLook:
    point = suggestion.point
    gain = point.score - result.start.point.score
    high = result.objective.headroom_high_percent
    contacts, dose = contacts_words(point.contacts), _dose(suggestion)
    bars = tuple(_bar(name, point.figure(name), high) for name in BARS)
    told = ", ".join(f"{bar.name} {bar.text}" for bar in bars)
    return CardLook(
        rank=f"{place + 1}",
        contacts=contacts,
        dose=dose,
        kind=point.kind,
        points=f"{point.score:.1f}",
        gain=signed(gain),
        bars=bars,
        is_current=is_current,
        spoken=f"Suggestion {place + 1}: {point.contacts}, {dose}, {point.kind}, {point.score:.1f} points, {gain:+.1f}"
        f" over the starting program; {told}{'; dialled now' if is_current else ''}",
    )


def _dose(suggestion: Suggestion) -> str:
    areas = suggestion.program.areas
    if len(areas) == 1:
        point = suggestion.point
        return f"{point.amplitude_ma:.2f} mA · {point.pulse_width_us:g} µs · {areas[0].rate_hz:g} Hz"
    amplitudes = " + ".join(f"{area.amplitude_ma:.2f}" for area in suggestion.result.areas)
    return f"{len(areas)} areas · {amplitudes} mA · {suggestion.point.pulse_width_us:g} µs"


def _bar(name: str, value: float | None, headroom_high_percent: float) -> SmallBar:
    words, less = FIGURE_WORDS[name].short, name in LESS_IS_BETTER
    if value is None or math.isnan(value):
        return SmallBar(words, 0.0, "–", less)
    high = (headroom_high_percent or 100.0) if name == "headroom_percent" else 100.0
    text = f"> {high:.0f} %" if math.isinf(value) or value > 999.0 else f"{value:.0f} %".replace("-", MINUS)
    return SmallBar(words, min(max(value / high, 0.0), 1.0), text, less)


def _variant(variant: Variant, dialled_ma: float) -> VariantLook:
    covered = variant.pain_covered_by_score_percent
    turned_down = f" at {variant.amplitude_ma:.2f} mA" if variant.amplitude_ma < dialled_ma - 5e-3 else ""
    return VariantLook(_sentence(variant.name), min(max(covered / 100.0, 0.0), 1.0), f"{covered:.0f} %{turned_down}")


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
