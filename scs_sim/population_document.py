"""The documented JSON of a population: what `scs-sim evaluate --population N --json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import scs_sim
from scs_sim.document import CaseName, plain_document, status_counts, tables_sha256
from scs_sim.patient import Patient
from scs_sim.population import FIGURES, Band, PopulationResult, RegionBand


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One patient drawn, and the figures of the program in this patient; null where a figure does not apply."""

    patient: Patient
    figures: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class PopulationDocument:
    """One program over many patients: bands hold the 5th, 50th and 95th percentile. known: what was not drawn;
    agreeing: patients in whom the measured perception threshold can be."""

    FORMAT: ClassVar[str] = "scs-sim population"
    VERSION: ClassVar[int] = 1

    product_version: str
    tables_sha256: str
    disclaimer: str
    assumed_values: Mapping[str, int]
    case: CaseName
    contacts: str
    posture: str
    forbidden: str
    count: int
    agreeing: int
    seed: int
    known: tuple[str, ...]
    measured_pt_ma: float | None
    amplitude_from: str
    pass_line_percent: float
    passes_percent: float
    bands: tuple[Band, ...]
    regions: tuple[RegionBand, ...]
    kernels_built: int
    people: tuple[PersonRow, ...]


def population_document(result: PopulationResult) -> dict[str, Any]:
    """Return the document of one population as plain JSON data."""
    rows = tuple(
        PersonRow(patient, dict(zip(FIGURES, values, strict=True)))
        for patient, values in zip(result.patients, result.values.tolist(), strict=True)
    )
    document = PopulationDocument(
        product_version=scs_sim.__version__,
        tables_sha256=tables_sha256(),
        disclaimer=scs_sim.DISCLAIMER,
        assumed_values=status_counts(),
        case=CaseName(result.case_id, result.case_title),
        contacts=result.contacts,
        posture=result.posture,
        forbidden=result.forbidden,
        count=result.count,
        agreeing=result.agreeing,
        seed=result.seed,
        known=result.known,
        measured_pt_ma=result.measured_pt_ma,
        amplitude_from=result.amplitude_from,
        pass_line_percent=result.pass_line_percent,
        passes_percent=result.passes_percent,
        bands=result.bands,
        regions=result.regions,
        kernels_built=result.kernels_built,
        people=rows,
    )
    return plain_document(document)
