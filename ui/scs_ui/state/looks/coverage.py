"""What the coverage panel shows: six figures with where each comes from, side effects, what was bent or overstepped.

Coverage is never one number; it predicts paresthesia, not relief.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scs_models.tables import read_table
from scs_ui.state.looks.sources import place_of, source_rows
from scs_ui.state.moment import Moment, Tone

if TYPE_CHECKING:
    from scs_sim.population import PopulationResult
    from scs_sim.result import Coverage, Result, SideEffect

NONE = "–"
# The scale of the bar for the low back's scaled amplitude: PT at 0, DT at 1.
_SCALED_END = 1.5
# A left share from here to there counts as on both sides (percent of the felt area).
_BOTH_SIDES = (35.0, 65.0)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure comes from: in words, and the keys of records (`table:record`) or references."""

    words: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BarLook:
    """A bar, all in shares 0-1 of its length: filled up to `value`, or for a balance from the middle to both sides.

    mark: a line across, with its word; band: low, middle and high over a population.
    """

    value: float
    other: float | None = None
    mark: float | None = None
    mark_word: str = ""
    band: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class FigureLook:
    """One figure: its name, the number, one or two lines beside it, a verdict in words, lines below (B, patients)."""

    id: str
    name: str
    value: str
    details: tuple[str, ...]
    origin: Origin
    verdict: str = ""
    tone: Tone = "info"
    bar: BarLook | None = None
    lines: tuple[str, ...] = ()

    @property
    def spoken(self) -> str:
        """Return the figure as a sentence for screen readers."""
        parts = (f"{self.name}: {self.value}", *self.details, self.verdict, *self.lines)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class EffectLook:
    """One side effect: what, where, from which amplitude, and whether it is felt now."""

    what: str
    where: str
    start: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class CoverageLook:
    """All that the panel shows.

    notice: why there are no figures, or why stimulation is forbidden; population: a line about the patients asked for;
    can_ask: a population may be asked for; warnings and notes in sentences; is_stale: of an older placement.
    """

    figures: tuple[FigureLook, ...]
    effects: tuple[EffectLook, ...]
    notice: str = ""
    tone: Tone = "info"
    population: str = ""
    can_ask: bool = False
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_stale: bool = False


ORIGINS = {
    "covered": Origin(
        "The part of the painful area in which paresthesia is predicted, over the whole painful area as drawn. Inside"
        " one region pain and paresthesia count as independent of each other. By score: each painful area counts with"
        " its score. Pass line: a trial that covered less than 80 % was no ground for an implant in one study."
        " Paresthesia is predicted, never relief.",
        ("NORTH06", "limits:coverage.pass_line", "populations:extent"),
    ),
    "worst": Origin(
        "Of all regions that hurt, the one with the smallest share in which paresthesia is predicted. A good mean can"
        " hide a region that is missed; most often it is the low back.",
        ("NORTH06", "dermatomes:areas", "dermatomes:rami.low_back"),
    ),
    "unwanted": Origin(
        "Felt area outside the pain, as a share of all that is felt; beside it the same area over the painful one,"
        " which may exceed 100 %.",
        ("NORTH06", "dermatomes:growth"),
    ),
    "balance": Origin(
        "The felt area on the patient's left and right, each over the whole felt area, as drawn.",
        ("dermatomes:areas",),
    ),
    "roots": Origin(
        "The part of the felt area that dorsal roots alone give: felt area less the area felt by the dorsal columns,"
        " over the felt area. Such bands are early discomfort. Root first: what is felt first of all comes by a root.",
        ("dermatomes:root_bands", "populations:dorsal_root", "populations:discomfort"),
    ),
    "low_back": Origin(
        "(Amplitude from which the low back is felt − PT) / (DT − PT): 0 at perception, 1 at discomfort. Above 1 the"
        " low back is out of reach with these contacts. It is felt through dorsal rami alone, of 30 % of the fibres.",
        ("NORTH06", "dermatomes:rami.low_back", "populations:dorsal_rami"),
    ),
}
_NAMES = {
    "covered": "Pain covered",
    "worst": "Least covered",
    "unwanted": "Unwanted",
    "balance": "Left / right",
    "roots": "By roots alone",
    "low_back": "Low back from",
}


def coverage_look(moment: Moment) -> CoverageLook:
    """Return the coverage of what runs; with B's figures where a program is compared, and the population's bands."""
    frame = moment.frame
    if frame is None or frame.result is None:
        words = "Computing the first lead field …" if frame is None else "No stimulation: a cathode and an anode first."
        return CoverageLook(_empty_figures(), (), notice=words)
    result = frame.result
    beside = frame.compared if moment.session.compared is not None else None
    notice, tone = _notice(moment, result)
    population = moment.population
    return CoverageLook(
        figures=_figures(result, beside, population) if result.coverage.applicable else _empty_figures(),
        effects=tuple(_effect(effect) for effect in result.side_effects),
        notice=notice,
        tone=tone,
        population="" if population is None else _population_line(population),
        can_ask=result.coverage.applicable,
        warnings=result.warnings,
        notes=result.notes,
        is_stale=frame.stale,
    )


def origin_lines(origin: Origin) -> tuple[tuple[str, str], ...]:
    """Return the sources of a figure as (key, words): what was taken from where, and how sure it is."""
    references, lines = read_table("references"), []
    for key in origin.keys:
        place = place_of(key)
        if key in references:
            lines.append((key, f"{key}: {references[key]['citation']}"))
        elif place is not None:
            row = source_rows()[place]
            lines.append((key, f"{row.record} ({row.table}), {row.status}: {row.source}, {row.citation}"))
    return tuple(lines)


def _notice(moment: Moment, result: Result) -> tuple[str, Tone]:
    if result.forbidden:
        return f"Forbidden: {result.forbidden}.", "error"
    if not result.coverage.applicable:
        return (
            f"Coverage not applicable: at {result.rate_hz:g} Hz the program is paresthesia-free, nothing is meant to be"
            " felt.",
            "info",
        )
    if not moment.session.on:
        return "Stimulation is off.", "info"
    return "", "info"


def _empty_figures() -> tuple[FigureLook, ...]:
    return tuple(FigureLook(id, name, NONE, (), ORIGINS[id]) for id, name in _NAMES.items())


def _figures(result: Result, beside: Result | None, population: PopulationResult | None) -> tuple[FigureLook, ...]:
    found = result.coverage
    other = beside.coverage if beside is not None and beside.coverage.applicable else None
    line, is_forbidden = found.pass_line_percent, bool(result.forbidden)
    passes = bool(found.passes)
    worst = found.worst_region_title or ""
    scaled = found.low_back_scaled_amplitude
    left, right = found.left_percent_of_felt, found.right_percent_of_felt
    verdict = "forbidden" if is_forbidden else "passes" if passes else "too little"
    return (
        FigureLook(
            "covered", _NAMES["covered"], _percent(found.pain_covered_percent),
            (f"{_percent(found.pain_covered_by_score_percent)} by score", f"pass line {line:g} %"), ORIGINS["covered"],
            verdict, "error" if is_forbidden else "good" if passes else "warn",
            _bar(found.pain_covered_percent, population, "pain_covered_percent", line / 100.0, f"{line:g}"),
            _lines(found, other, population, "pain_covered_percent"),
        ),
        FigureLook(
            "worst", _NAMES["worst"], _percent(found.worst_region_percent), (worst,), ORIGINS["worst"],
            bar=_bar(found.worst_region_percent, population, "worst_region_percent"),
            lines=_lines(found, other, population, "worst_region_percent"),
        ),
        FigureLook(
            "unwanted", _NAMES["unwanted"], _percent(found.unwanted_of_felt_percent),
            ("of the felt area", f"{_percent(found.unwanted_of_painful_percent)} of pain"), ORIGINS["unwanted"],
            bar=_bar(found.unwanted_of_felt_percent, population, "unwanted_of_felt_percent"),
            lines=_lines(found, other, population, "unwanted_of_felt_percent"),
        ),
        FigureLook(
            "balance", _NAMES["balance"], NONE if left is None or right is None else f"{left:.0f}/{right:.0f}",
            ("% of felt", _sides(left)), ORIGINS["balance"],
            bar=None if left is None or right is None else BarLook(left / 100.0, right / 100.0),
            lines=_balance_lines(other),
        ),
        FigureLook(
            "roots", _NAMES["roots"], _percent(found.dr_share_percent), ("of the felt area",), ORIGINS["roots"],
            *_first(result),
            bar=_bar(found.dr_share_percent, None, ""), lines=_lines(found, other, None, "dr_share_percent"),
        ),
        FigureLook(
            "low_back", _NAMES["low_back"], "never" if scaled is None else f"{scaled:.2f}",
            () if found.low_back_first_felt_ma is None else (f"{found.low_back_first_felt_ma:.2f} mA", "PT 0, DT 1"),
            ORIGINS["low_back"],
            *_reach(scaled),
            bar=BarLook(min((1.0 if scaled is None else max(scaled, 0.0) / _SCALED_END), 1.0), mark=1.0 / _SCALED_END,
                        mark_word="DT"),
            lines=_scaled_lines(scaled, other),
        ),
    )  # fmt: skip


def _percent(value: float | None) -> str:
    return NONE if value is None else f"{round(value)} %"


def _bar(
    value: float | None, population: PopulationResult | None, name: str, mark: float | None = None, word: str = ""
) -> BarLook | None:
    if value is None:
        return None
    band = None
    if population is not None:
        own = population.band(name)
        band = None if own.patients == 0 else (own.low / 100.0, own.middle / 100.0, own.high / 100.0)
    return BarLook(min(value / 100.0, 1.0), mark=mark, mark_word=word, band=band)


def _lines(found: Coverage, other: Coverage | None, population: PopulationResult | None, name: str) -> tuple[str, ...]:
    """Return B's figure with its difference from A, and the population's range."""
    lines = []
    if other is not None:
        own, beside = getattr(found, name), getattr(other, name)
        apart = "" if own is None or beside is None else f" ({beside - own:+.0f})".replace("-", "−")
        lines.append(f"B {_percent(beside)}{apart}")
    if population is not None:
        band = population.band(name)
        if band.patients:
            lines.append(f"patients {band.low:.0f} – {band.middle:.0f} – {band.high:.0f} %")
    return tuple(lines)


def _balance_lines(other: Coverage | None) -> tuple[str, ...]:
    if other is None:
        return ()
    left, right = other.left_percent_of_felt, other.right_percent_of_felt
    return (f"B {NONE if left is None or right is None else f'{left:.0f}/{right:.0f} %'}",)


def _scaled_lines(scaled: float | None, other: Coverage | None) -> tuple[str, ...]:
    if other is None:
        return ()
    beside = other.low_back_scaled_amplitude
    apart = "" if scaled is None or beside is None else f" ({beside - scaled:+.2f})".replace("-", "−")
    return (f"B {'never' if beside is None else f'{beside:.2f}'}{apart}",)


def _sides(left: float | None) -> str:
    if left is None:
        return "nothing is felt"
    low, high = _BOTH_SIDES
    return "mostly left" if left > high else "mostly right" if left < low else "both sides"


def _first(result: Result) -> tuple[str, Tone]:
    is_root_first = result.thresholds.pt_origin == "DR" and result.thresholds.pt_ma is not None
    return ("root first", "warn") if is_root_first else ("", "info")


def _reach(scaled: float | None) -> tuple[str, Tone]:
    if scaled is None:
        return "out of reach", "warn"
    return ("below DT", "good") if scaled < 1.0 else ("above DT", "warn")


def _effect(effect: SideEffect) -> EffectLook:
    what = effect.what.removeprefix("band of the ")
    words, start = what[:1].upper() + what[1:], f"{effect.from_ma:.2f} mA"
    return EffectLook(words, effect.where, start, effect.at_evaluated_amplitude)


def _population_line(population: PopulationResult) -> str:
    """Return in one line what the patients' bands are about."""
    count, agreeing = population.count, population.agreeing
    who = f"{count} patients" if agreeing == count else f"{agreeing} of {count} patients agree"
    pt, comfort = population.band("pt_ma"), population.band("comfort_ma")
    at = "at each one's comfort" if population.amplitude_from == "comfort" else "at this amplitude"
    return (
        f"{who}, {at}: {population.passes_percent:.0f} % of them pass {population.pass_line_percent:g} %. 5th, 50th and"
        f" 95th percentile below the bars; PT {pt.low:.1f} – {pt.high:.1f}, comfort {comfort.low:.1f} –"
        f" {comfort.high:.1f} mA."
    )
