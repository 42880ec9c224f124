"""The documented JSON of a search: what `scs-sim search --json` prints and docs/json.md explains.

Rounded as results are; what was not looked at or does not apply is null, never left out. There is no time stamp.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import scs_sim
from scs_sim.battery import BatteryEstimate
from scs_sim.document import CaseName, plain_document, plain_value, status_counts, tables_sha256
from scs_sim.limit_profiles import Finding
from scs_sim.objective import FIGURES, Objective, why_unfit
from scs_sim.population import Band, PopulationResult
from scs_sim.program import Program
from scs_sim.result import Coverage, RegionCoverage, Safety, SideEffect, Thresholds
from scs_sim.search.parts import painful
from scs_sim.search.result import Origin, Point, SearchResult, Suggestion, Variant


@dataclass(frozen=True, slots=True)
class PointRow:
    """One judged program: its figures by name, null where one was not looked at or is out of reach, and its points."""

    contacts: str
    kind: str
    pulse_width_us: float
    amplitude_ma: float
    figures: Mapping[str, float | None]
    score: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """The program over drawn patients: 5th, 50th and 95th percentile of its figures."""

    count: int
    agreeing: int
    seed: int
    passes_percent: float
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """A program with what `simulate` says of it, at the amplitude of its point. unfit: why nobody should be left with
    it, empty where nothing speaks against it; regions: the painful ones."""

    program: Program
    point: PointRow
    unfit: str
    thresholds: Thresholds
    coverage: Coverage
    regions: tuple[RegionCoverage, ...]
    side_effects: tuple[SideEffect, ...]
    safety: Safety
    battery: tuple[BatteryEstimate, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    variants: tuple[Variant, ...]
    why: tuple[str, ...]
    population: PeopleRow | None


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """The answer of a search, or how far it got (`finished` is false). suggestions: best first; gain: what the best one
    has over start, in points of the objective."""

    FORMAT: ClassVar[str] = "scs-sim search"
    VERSION: ClassVar[int] = 1

    product_version: str
    tables_sha256: str
    disclaimer: str
    seed: int
    assumed_values: Mapping[str, int]
    case: CaseName
    posture: str
    objective: Objective
    profile: str
    stage: str
    fraction: float
    finished: bool
    screened: int
    judged: int
    gain: float | None
    start: SuggestionRow
    suggestions: tuple[SuggestionRow, ...]
    front: tuple[PointRow, ...]
    notes: tuple[str, ...]


def search_document(result: SearchResult, *, seed: int = 0) -> dict[str, Any]:
    """Return the document of one search as plain JSON data."""
    document = SearchDocument(
        product_version=scs_sim.__version__,
        tables_sha256=tables_sha256(),
        disclaimer=scs_sim.DISCLAIMER,
        seed=seed,
        assumed_values=status_counts(),
        case=CaseName(result.case_id, result.case_title),
        posture=result.start.result.posture,
        objective=result.objective,
        profile=result.profile,
        stage=result.stage,
        fraction=result.fraction,
        finished=result.finished,
        screened=result.screened,
        judged=result.judged,
        gain=result.gain,
        start=_suggestion(result.start),
        suggestions=tuple(_suggestion(item) for item in result.suggestions),
        front=tuple(_point(point) for point in result.front),
        notes=result.notes,
    )
    return plain_document(document)


def front_csv(result: SearchResult) -> str:
    """Return the Pareto front as CSV: one program a line, its dials, points, origin and figures; empty: not known."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    dials = ("contacts", "kind", "pulse_width_us", "amplitude_ma", "score", "origin")
    table.writerow((*dials, *FIGURES))
    for point in result.front:
        row = plain_value(_point(point))
        table.writerow([*(row[name] for name in dials), *(row["figures"][name] for name in FIGURES)])
    return text.getvalue()


def _suggestion(item: Suggestion) -> SuggestionRow:
    result = item.result
    return SuggestionRow(
        program=item.program,
        point=_point(item.point),
        unfit=why_unfit(result),
        thresholds=result.thresholds,
        coverage=result.coverage,
        regions=painful(result),
        side_effects=result.side_effects,
        safety=result.safety,
        battery=result.battery,
        findings=result.findings,
        warnings=result.warnings,
        variants=item.variants,
        why=item.why,
        population=None if item.population is None else _people(item.population),
    )


def _point(point: Point) -> PointRow:
    return PointRow(
        contacts=point.contacts,
        kind=point.kind,
        pulse_width_us=point.pulse_width_us,
        amplitude_ma=point.amplitude_ma,
        figures={name: point.figure(name) for name in FIGURES},
        score=point.score,
        origin=point.origin,
    )


def _people(found: PopulationResult) -> PeopleRow:
    return PeopleRow(found.count, found.agreeing, found.seed, found.passes_percent, found.bands)
