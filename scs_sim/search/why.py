"""In words: what a suggestion covers, what limits it, and what it gains and costs beside other programs.

Every sentence is read off Results, figures and variants; nothing is said that no number of theirs says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.percept.intensity import extent
from scs_models.percept.regions import felt_share, load_region_weights
from scs_sim.answers import rules_of
from scs_sim.explain import Source, sources_of
from scs_sim.objective import LESS_IS_BETTER, Objective, why_unfit
from scs_sim.objective_words import FIGURE_WORDS, figure_text
from scs_sim.program import Program
from scs_sim.result import RegionCoverage, Result
from scs_sim.search.parts import painful, parts_of, weight_of
from scs_sim.search.result import Point, Suggestion, Variant

# From which share on a body part counts as covered in words; from which differences on something is told.
COVERED_PERCENT = 85.0
_SAME_PERCENT, _SAME_POINTS, _MOVED_PERCENT, _TOLD_COUNT = 5.0, 0.05, 5.0, 2
_NEAR = 1.05  # amplitudes so close to discomfort leave no room worth the name


def reasons(
    suggestion: Suggestion, start: Suggestion, others: Sequence[Suggestion], objective: Objective
) -> tuple[str, ...]:
    """Return sentences on a suggestion; its own `why` is not read.

    start: the case's own program; others: all suggestions, best first (this one may be among them). Where variants are
    () nothing is said of robustness.
    """
    return tuple(
        line
        for part in (
            _covers(suggestion.result),
            _limited(suggestion.result),
            _gains(suggestion, start, objective),
            _costs(suggestion.point, start.point, objective),
            _rank(suggestion.point, [other.point for other in others], objective),
            _moves(suggestion.result, suggestion.variants),
            _besides(suggestion.result),
        )
        for line in part
    )


def points_by_figure(point: Point, objective: Objective) -> dict[str, float]:
    """Return the points that each figure with a weight gives; they add up to the score."""
    return {name: float(objective.score({name: value})) for name, value in point.figures if objective.counts(name)}


def felt_up_to(result: Result, high_ma: float) -> tuple[float, dict[str, float]]:
    """Return the last amplitude (mA) of the recruitment curves that is not above high_ma, and the felt shares there.

    Shares (%) are by region id. The curves are exact at their amplitudes, and counts may jump between them.
    """
    curves, rules = result.recruitment, rules_of(result.felt_fibres)
    place = max(int(np.searchsorted(curves.amplitude_ma, high_ma, side="right")) - 1, 0)
    column, root = curves.dc_fibres[place], curves.dr_fibres[place]
    parts = (extent(column, rules), extent(column * rules.rami_share, rules), extent(root, rules))
    felt = felt_share(*parts, load_region_weights()).total
    shares = dict(zip(load_body_map().region_ids, (100.0 * felt).tolist(), strict=True))
    return float(curves.amplitude_ma[place]), shares


def _covers(result: Result) -> Iterator[str]:
    parts = parts_of(result, COVERED_PERCENT)
    whole = [part for part in parts if part.felt_percent >= COVERED_PERCENT]
    rest = [f"{part.title} {part.felt_percent:.0f} %" for part in parts if part not in whole]
    if whole:
        covered = _listed([f"{part.title} {part.felt_percent:.0f} %" for part in whole])
        yield f"Covers the {covered}".replace("the both", "both") + (f"; {_listed(rest)}." if rest else ".")
    else:
        yield f"Covers no painful part whole: {_listed(rest)}."


def _limited(result: Result) -> Iterator[str]:
    """Say what keeps the painful region that is covered least from being covered."""
    region = next((item for item in painful(result) if item.id == result.coverage.worst_region), None)
    dt_ma = result.thresholds.dt_ma
    if region is None or region.felt_percent >= COVERED_PERCENT:
        return
    title = f"The {region.title}"
    if region.first_felt_ma is None:
        yield f"{title} is not felt at any amplitude of this program."
        return
    if dt_ma is None:
        yield f"{title} is felt from {region.first_felt_ma:.2f} mA on, and nothing limits it but the amplitude."
        return
    limit = f"{_of_discomfort(result)} at {dt_ma:.2f} mA"
    late = [item for item in sources_of(result, region.id) if item.kind != "dorsal root" and item.from_ma > dt_ma]
    at_ma, shares = felt_up_to(result, dt_ma)
    now, there = (f"{share:.0f} %" for share in (region.felt_percent, max(shares[region.id], region.felt_percent)))
    if region.first_felt_ma > dt_ma:
        yield f"{title} is limited by {limit}: it is first felt at {region.first_felt_ma:.2f} mA."
    elif dt_ma < _NEAR * result.reached_ma or at_ma <= result.reached_ma:
        yield f"{title} is limited by {limit}: {now} of it is felt at {result.reached_ma:.2f} mA."
    elif shares[region.id] - region.felt_percent < _SAME_PERCENT:
        missing = f"; the fibres of {_listed(_names(late))} need more" if late else ""
        yield f"{title} is limited by {limit}: {there} of it is felt even at {at_ma:.2f} mA{missing}."
    else:
        yield (
            f"{title} is limited by {limit}: {now} of it is felt at {result.reached_ma:.2f} mA, {there} at"
            f" {at_ma:.2f} mA."
        )


def _of_discomfort(result: Result) -> str:
    if result.thresholds.dt_rule == "root":
        return f"the {result.thresholds.dt_where}, which sets discomfort"
    return f"discomfort ({result.thresholds.dt_rule})"


def _names(sources: Sequence[Source]) -> list[str]:
    return list(dict.fromkeys(source.name for source in sources))


def _gains(suggestion: Suggestion, start: Suggestion, objective: Objective) -> Iterator[str]:
    gain = suggestion.point.score - start.point.score
    now_ma, before_ma = (f"{item.point.amplitude_ma:.2f} mA" for item in (suggestion, start))
    if _dialled(suggestion.program) == _dialled(start.program):
        at = ", pulse and amplitude" if now_ma == before_ma else f" and pulse, at {now_ma} instead of {before_ma}"
        yield f"It has the starting program's own contacts{at}."
    if gain >= _SAME_POINTS:
        yield f"Beats the starting program by {gain:.1f} points: {_because(suggestion, start, objective)}."
    elif gain > -_SAME_POINTS:
        yield f"As good as the starting program: {_shares(suggestion, start)}."
    else:
        yield f"{-gain:.1f} points below the starting program: {_shares(suggestion, start)}."
    if unfit := why_unfit(start.result):
        yield f"The starting program is {unfit}; points do not count that, a suggestion never is."


def _dialled(program: Program) -> list[tuple[object, ...]]:
    """Return what tells programs apart but for their amplitudes, in whatever words it is written."""
    return [(sorted(area.shares), area.pulse_width_us, area.rate_hz, area.waveform) for area in program.areas]


def _shares(suggestion: Suggestion, start: Suggestion) -> str:
    now, before = (
        figure_text(name, item.point.figure(name))
        for name in ("pain_covered_by_score_percent",)
        for item in (suggestion, start)
    )
    return (
        f"{now} of the pain by score, as before" if now == before else f"{now} of the pain by score instead of {before}"
    )


def _because(suggestion: Suggestion, start: Suggestion, objective: Objective) -> str:
    """Say which painful regions gain most and which fibres bring it; or which figures, where no region does."""
    before = {region.id: region for region in start.result.regions}
    changes = [
        (weight_of(region) * (region.felt_percent - before[region.id].felt_percent), region)
        for region in painful(suggestion.result)
    ]
    one_percent_of_all = sum(weight_of(region) for _, region in changes)
    told = sorted((item for item in changes if item[0] >= one_percent_of_all), key=lambda item: (-item[0], item[1].id))
    by_cause: dict[str, list[str]] = {}
    for _, region in told[:_TOLD_COUNT]:
        shares = f"{region.title} {region.felt_percent:.0f} % instead of {before[region.id].felt_percent:.0f} %"
        by_cause.setdefault(_more_fibres(suggestion.result, start.result, region), []).append(shares)
    words = [_listed(regions) + cause for cause, regions in by_cause.items()]
    words = words or _ahead_and_behind(suggestion.point, start.point, objective)[0]
    return "; ".join([_shares(suggestion, start), *([_listed(words)] if words else [])])


def _more_fibres(result: Result, before: Result, region: RegionCoverage) -> str:
    """Say which dermatome's fibres make most of a region's difference, and by how many."""
    earlier = {(item.name, item.kind): item for item in sources_of(before, region.id)}
    rows = [
        (item.share * (item.extent - earlier[item.name, item.kind].extent), item, earlier[item.name, item.kind])
        for item in sources_of(result, region.id)
        if (item.name, item.kind) in earlier
    ]
    gained, now, then = max(rows, key=lambda row: row[0], default=(0.0, None, None))
    if now is None or then is None or gained <= 0.0:
        return ""
    kind = "root" if now.kind == "dorsal root" else "dorsal column"
    return f" ({now.name} {kind}: {now.recruited:.0f} fibres instead of {then.recruited:.0f})"


def _costs(point: Point, before: Point, objective: Objective) -> Iterator[str]:
    worse = []
    for name, words in FIGURE_WORDS.items():
        now, then = (_counted(item, name, objective) for item in (point, before))
        if now is None or then is None or name == "pain_covered_by_score_percent":
            continue
        lost = now - then if name in LESS_IS_BETTER else then - now
        if lost >= words.told_from:
            shown = f"{figure_text(name, point.figure(name))} instead of {figure_text(name, before.figure(name))}"
            worse.append(f"{words.worse} ({shown})")
    if worse:
        yield f"What it costs beside the starting program: {_listed(worse)}."


def _counted(point: Point, name: str, objective: Objective) -> float | None:
    """Return a figure as far as the objective can tell it apart: room up to discomfort counts up to a limit."""
    value = point.figure(name)
    if value is None or math.isnan(value):
        return None
    return min(value, objective.headroom_high_percent) if name == "headroom_percent" else value


def _rank(point: Point, others: Sequence[Point], objective: Objective) -> Iterator[str]:
    rivals = [other for other in others if other != point]
    if not rivals:
        return
    first = point.score >= rivals[0].score
    rival = rivals[0]
    apart = point.score - rival.score
    ahead, behind = _ahead_and_behind(point, rival, objective)
    what = f"{'the next' if first else 'the best'} suggestion ({rival.contacts})"
    if abs(apart) < _SAME_POINTS:
        head = f"Level with {what}"
    else:
        head = f"{abs(apart):.1f} points {'ahead of' if first else 'behind'} {what}"
    parts = [_listed(words) for words in ((ahead, behind) if first else (behind, ahead)) if words]
    yield head + (f": {'; but '.join(parts)}." if parts else ".")


def _ahead_and_behind(point: Point, rival: Point, objective: Objective) -> tuple[list[str], list[str]]:
    """Return in words which figures of the objective speak for `point` and which for `rival`, the weightiest first."""
    mine, theirs = points_by_figure(point, objective), points_by_figure(rival, objective)
    changes = [(mine[name] - theirs[name], name) for name in mine if name in theirs]
    changes.sort(key=lambda item: (-abs(item[0]), item[1]))
    ahead = [_in_points(name, change) for change, name in changes if change >= _SAME_POINTS]
    behind = [_in_points(name, change) for change, name in changes if change <= -_SAME_POINTS]
    return ahead[:_TOLD_COUNT], behind[:_TOLD_COUNT]


def _in_points(name: str, change: float) -> str:
    words = FIGURE_WORDS[name]
    return f"{words.better if change > 0.0 else words.worse} ({change:+.1f})"


def _moves(result: Result, variants: Sequence[Variant]) -> Iterator[str]:
    if not variants:
        return
    own = result.coverage.pain_covered_by_score_percent or 0.0
    ordered = sorted(variants, key=lambda item: (item.pain_covered_by_score_percent, item.name))
    worst, best = ordered[0], ordered[-1]
    low, high = worst.pain_covered_by_score_percent, best.pain_covered_by_score_percent
    if high < 1.0:
        return
    if own - low < _MOVED_PERCENT:
        yield f"Robust: {low:.0f} to {high:.0f} % of the pain in every posture and migration looked at."
        return
    lost = [item for item in ordered if own - item.pain_covered_by_score_percent >= _MOVED_PERCENT]
    words = [
        f"{item.name} {item.pain_covered_by_score_percent:.0f} %{_turned_down(item, result)}"
        for item in lost[:_TOLD_COUNT]
    ]
    others = ordered[len(words) :]
    least = others[0].pain_covered_by_score_percent if others else own
    rest = "" if not others else "; else as much" if own - least < 1.0 else f"; else {least:.0f} % or more"
    yield f"Covers less of the pain when something moves ({own:.0f} % now): {_listed(words)}{rest}."


def _turned_down(variant: Variant, result: Result) -> str:
    if variant.amplitude_ma < result.reached_ma * (1.0 - 1e-6):
        return f" (turned down to {variant.amplitude_ma:.2f} mA, where discomfort begins)"
    return ""


def _besides(result: Result) -> Iterator[str]:
    dt_ma = result.thresholds.dt_ma
    if dt_ma is not None and result.reached_ma <= dt_ma < _NEAR * result.reached_ma:
        yield f"Hardly any room: discomfort begins {dt_ma - result.reached_ma:.2f} mA above this amplitude."
    now = [f"{effect.what} ({effect.where})" for effect in result.side_effects if effect.at_evaluated_amplitude]
    if now:
        yield f"Felt besides at this amplitude: {_listed(now)}."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
