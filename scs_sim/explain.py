"""In words: where the coverage of one body region comes from, dermatome by dermatome, and what limits it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.percept.dermatomes import COLUMNS
from scs_models.percept.intensity import extent, intensity
from scs_models.percept.regions import load_region_weights
from scs_models.values import FloatArray
from scs_sim.answers import rules_of
from scs_sim.result import RegionCoverage, Result

_SMALLEST_SHARE = 0.02
_NOWHERE = float("inf")


@dataclass(frozen=True, slots=True)
class Source:
    """One way into a region: a sided dermatome by its column or root fibres, with its share of the region.

    fibres are those that serve the region, of `recruited`; extent is the share of its part that is felt; from_ma is
    where it begins to be felt, inf if never.
    """

    name: str
    kind: str
    share: float
    recruited: float
    fibres: float
    extent: float
    intensity: float
    from_ma: float


def sources_of(result: Result, region_id: str) -> tuple[Source, ...]:
    """Return what serves a region, columns before roots, largest share first; ValueError for an unknown region."""
    row = load_body_map().region_ids.index(region_id)
    weights, rules, curves = load_region_weights(), rules_of(result.felt_fibres), result.recruitment
    sides = {(felt.dermatome, felt.side): felt for felt in result.dermatomes}
    found = []
    for kind, part, curve, passes in (
        ("dorsal column", weights.cutaneous, curves.dc_fibres, 1.0),
        ("dorsal column, dorsal rami", weights.rami, curves.dc_fibres, rules.rami_share),
        ("dorsal root", weights.root, curves.dr_fibres, 1.0),
    ):
        for column in np.flatnonzero(part[row] >= _SMALLEST_SHARE):
            felt = sides[COLUMNS[column]]
            recruited = felt.dr_fibres if kind == "dorsal root" else felt.dc_fibres
            found.append(
                Source(
                    name=f"{felt.side} {felt.dermatome}",
                    kind=kind,
                    share=float(part[row, column]),
                    recruited=recruited,
                    fibres=recruited * passes,
                    extent=float(extent(recruited * passes, rules)),
                    intensity=float(intensity(recruited * passes, rules)),
                    from_ma=_first_ma(curves.amplitude_ma, curve[:, column] * passes, rules.felt_fibres),
                )
            )
    return tuple(sorted(found, key=lambda source: (source.kind == "dorsal root", -source.share, source.name)))


def explain(result: Result, region_id: str) -> tuple[str, ...]:
    """Return sentences on how a region comes to be covered, or not; raise ValueError for an unknown region."""
    region = next(item for item in result.regions if item.id == region_id)
    if not result.coverage.applicable:
        return (f"{region.title}: at {result.rate_hz:g} Hz nothing is meant to be felt; coverage does not apply.",)
    if result.thresholds.pt_ma is None:
        return (f"{region.title}: not felt; this program is not felt anywhere at any amplitude.",)
    sources = sources_of(result, region_id)
    roots = [source for source in sources if source.kind == "dorsal root"]
    felt_roots = [source for source in roots if source.extent > 0.0]
    lines = [_headline(result, region)]
    lines += [_line(source, result) for source in sources if source.kind != "dorsal root"]
    lines += [_line(source, result) for source in felt_roots]
    if roots and not felt_roots:
        lines.append(f"Roots ({_names(roots)}): none is felt at this amplitude.")
    lines.append(_limit(result, region, sources))
    return tuple(lines)


def _headline(result: Result, region: RegionCoverage) -> str:
    pain = f"it hurts, {region.pain_score:g} of 10" if region.pain_score > 0 else "it does not hurt"
    title = region.title[:1].upper() + region.title[1:]
    return (
        f"{title} ({pain}): felt over {region.felt_percent:.0f} % of it at {result.reached_ma:.2f} mA,"
        f" {region.felt_dc_percent:.0f} % by the dorsal columns and {region.felt_dr_percent:.0f} % by roots."
    )


def _line(source: Source, result: Result) -> str:
    what = f"{source.name}, {source.kind}, {100 * source.share:.0f} % of the region"
    of = f" of {source.recruited:.0f}" if source.fibres != source.recruited else ""
    if source.extent > 0.0:
        return (
            f"{what}: felt in {100 * source.extent:.0f} % of that, intensity {source.intensity:.2f},"
            f" from {source.fibres:.0f}{of} recruited fibres."
        )
    if source.from_ma == _NOWHERE:
        return f"{what}: not felt within the range of the curves."
    dt_ma = result.thresholds.dt_ma or _NOWHERE
    where = "above" if source.from_ma > dt_ma else "below"
    return f"{what}: not felt; from about {source.from_ma:.1f} mA, {where} discomfort ({dt_ma:.1f} mA)."


def _limit(result: Result, region: RegionCoverage, sources: tuple[Source, ...]) -> str:
    dt_ma, dt_where = result.thresholds.dt_ma or _NOWHERE, result.thresholds.dt_where
    missing = [item for item in sources if item.kind != "dorsal root" and item.extent == 0.0]
    out_of_reach = [item for item in missing if item.from_ma > dt_ma]
    if not sources:
        return "What limits it: no dermatome of the model reaches this region."
    if out_of_reach:
        share = sum(item.share for item in out_of_reach)
        return (
            f"What limits it: {_names(out_of_reach)} ({100 * share:.0f} % of the region) need more than the discomfort"
            f" threshold of {dt_ma:.2f} mA, which the {dt_where} sets."
        )
    if missing:
        highest = max(item.from_ma for item in missing)
        return f"What limits it: the amplitude; {_names(missing)} are felt by {highest:.1f} mA, below discomfort."
    if region.felt_percent >= 99.5:
        return "What limits it: nothing; it is covered."
    weakest = min((item for item in sources if item.extent > 0.0), key=lambda item: item.extent)
    return (
        f"What limits it: how many fibres are recruited; all of its dermatomes are felt, {weakest.name} the least."
        f" More amplitude adds fibres until discomfort at {dt_ma:.2f} mA."
    )


def _names(sources: list[Source]) -> str:
    return ", ".join(dict.fromkeys(source.name for source in sources))


def _first_ma(amplitude_ma: FloatArray, fibres: FloatArray, wanted: float) -> float:
    """Return where a curve (amplitudes,) reaches `wanted` fibres, between its points; inf if never."""
    above = np.flatnonzero(fibres >= wanted)
    if above.size == 0:
        return _NOWHERE
    last = int(above[0])
    if last == 0:
        return float(amplitude_ma[0])
    return float(np.interp(wanted, fibres[last - 1 : last + 1], amplitude_ma[last - 1 : last + 1]))
