"""The documented JSON of results: what `scs-sim evaluate --json` prints and docs/json.md explains.

Numbers are rounded to nine significant digits, far finer than the model. Thresholds are single precision: their last
digits may change with the processor and with the number of BLAS threads. There is no time stamp. What does not apply is
null, never left out.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from itertools import zip_longest
from typing import Any, ClassVar

import numpy as np

import scs_sim
from scs_models.tables import all_records
from scs_sim.battery import BatteryEstimate
from scs_sim.limit_profiles import Finding
from scs_sim.result import (
    AreaState,
    ContactState,
    Coverage,
    DermatomeFelt,
    RegionCoverage,
    Result,
    Safety,
    SideEffect,
    Thresholds,
)

SIGNIFICANT_DIGITS = 9
PACKAGES = ("scs_models", "scs_sim")


@dataclass(frozen=True, slots=True)
class CaseName:
    """Which case was evaluated."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class PulseTrain:
    """The pulse that was evaluated, of area A, without its amplitude."""

    contacts: str
    pulse_width_us: float
    rate_hz: float
    waveform: str


@dataclass(frozen=True, slots=True)
class Curves:
    """Recruited fibres over amplitude_ma: one row per amplitude; columns are sided_dermatomes."""

    amplitude_ma: tuple[float, ...]
    sided_dermatomes: tuple[str, ...]
    dc_fibres: tuple[tuple[float, ...], ...]
    dr_fibres: tuple[tuple[float, ...], ...]
    motor_fibres: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where the coverage of one region comes from, in sentences."""

    region: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResultDocument:
    """One evaluation. tables_sha256 names the numbers it rests on; assumed_values counts their records by status."""

    FORMAT: ClassVar[str] = "scs-sim result"
    VERSION: ClassVar[int] = 1

    product_version: str
    tables_sha256: str
    seed: int
    assumed_values: Mapping[str, int]
    case: CaseName
    posture: str
    forbidden: str
    program: PulseTrain
    amplitude_ma: float
    amplitude_from: str
    reached_ma: float
    delivered_ma: float
    rate_factor: float
    perception_layer: str
    gain: float
    felt_fibres: float
    thresholds: Thresholds
    coverage: Coverage
    regions: tuple[RegionCoverage, ...]
    dermatomes: tuple[DermatomeFelt, ...]
    side_effects: tuple[SideEffect, ...]
    safety: Safety
    areas: tuple[AreaState, ...]
    contact_states: tuple[ContactState, ...]
    battery: tuple[BatteryEstimate, ...]
    profile: str
    findings: tuple[Finding, ...]
    recruitment: Curves
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class ResultsDocument:
    """Several evaluations, in the order asked for."""

    FORMAT: ClassVar[str] = "scs-sim results"
    VERSION: ClassVar[int] = 1

    results: tuple[ResultDocument, ...]


def result_document(result: Result, *, seed: int = 0, explanation: Explanation | None = None) -> dict[str, Any]:
    """Return the document of one result as plain JSON data."""
    curves = result.recruitment
    document = ResultDocument(
        product_version=scs_sim.__version__,
        tables_sha256=tables_sha256(),
        seed=seed,
        assumed_values=status_counts(),
        case=CaseName(result.case_id, result.case_title),
        posture=result.posture,
        forbidden=result.forbidden,
        program=PulseTrain(result.contacts, result.pulse_width_us, result.rate_hz, result.waveform),
        amplitude_ma=result.amplitude_ma,
        amplitude_from=result.amplitude_from,
        reached_ma=result.reached_ma,
        delivered_ma=result.delivered_ma,
        rate_factor=result.rate_factor,
        perception_layer=result.perception_layer,
        gain=result.gain,
        felt_fibres=result.felt_fibres,
        thresholds=result.thresholds,
        coverage=result.coverage,
        regions=result.regions,
        dermatomes=result.dermatomes,
        side_effects=result.side_effects,
        safety=result.safety,
        areas=result.areas,
        contact_states=result.contact_states,
        battery=result.battery,
        profile=result.profile,
        findings=result.findings,
        recruitment=Curves(
            amplitude_ma=tuple(curves.amplitude_ma.tolist()),
            sided_dermatomes=curves.sided_dermatomes,
            dc_fibres=tuple(map(tuple, curves.dc_fibres.tolist())),
            dr_fibres=tuple(map(tuple, curves.dr_fibres.tolist())),
            motor_fibres=tuple(curves.motor_fibres.tolist()),
        ),
        warnings=result.warnings,
        notes=result.notes,
        explanation=explanation,
    )
    return plain_document(document)


def results_document(
    results: Sequence[Result], *, seed: int = 0, explanations: Sequence[Explanation] = ()
) -> dict[str, Any]:
    """Return the document of one result, or of several under `results`."""
    parts = [
        result_document(result, seed=seed, explanation=explanation)
        for result, explanation in zip_longest(results, explanations)
    ]
    if len(parts) == 1:
        return parts[0]
    return {"format": ResultsDocument.FORMAT, "version": ResultsDocument.VERSION, "results": parts}


@cache
def tables_sha256() -> str:
    """Return the hash of every table and map that the numbers come from: names and contents, line ends made equal."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        folder = package_files(package).joinpath("data")
        for entry in sorted(folder.iterdir(), key=lambda item: item.name):
            if entry.name.endswith((".toml", ".json")):
                digest.update(f"{package}/{entry.name}\n".encode())
                digest.update(entry.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


@cache
def status_counts() -> Mapping[str, int]:
    """Return how many records of the tables are published, derived and assumed, and how many there are."""
    counts = Counter(record.status for record in all_records(PACKAGES))
    return {"assumed": 0, "derived": 0, "published": 0} | dict(counts) | {"records": counts.total()}


def plain_document(document: Any) -> dict[str, Any]:
    """Return a document (a dataclass with FORMAT and VERSION) as plain JSON data: rounded, null for not finite."""
    plain = plain_value(document)
    assert isinstance(plain, dict)
    return {"format": document.FORMAT, "version": document.VERSION} | plain


def plain_value(value: Any) -> Any:
    """Return a value as plain JSON data: rounded, null for not finite."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_value(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain_value(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
    return value
