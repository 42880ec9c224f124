"""What a sweep says of itself: in its data set, and in the JSON of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import scs_sim
from scs_models.tables import all_records, read_table
from scs_sim.document import PACKAGES, plain_document, status_counts
from scs_sim.sweep.design import Sweep
from scs_sim.sweep.figures import AXES, figures_of
from scs_sim.sweep.outcome import Outcome

FORMAT = "scs-sim sweep result"
TITLES = {
    "case": ("", "case"),
    "forbidden": ("", "why stimulation is forbidden in this case; empty: it is not"),
    "patient": ("", "patient: 0, 1, ... in the order drawn, or 0 for the case's own"),
    "posture": ("", "posture"),
    "configuration": ("", "contacts, or own: the program of each case"),
    "contacts": ("", "contacts of each configuration in each case; - cathode, + anode, percent of the current"),
    "waveform": ("", "waveform"),
    "pulse_width_us": ("us", "pulse width"),
    "rate_hz": ("Hz", "rate"),
    "amplitude": ("", "amplitude as the plan names it"),
    "dialled_ma": ("mA", "amplitude where it is the same for all; nan: depends on the patient's thresholds"),
    "region": ("", "region of the body map"),
    "region_title": ("", "the region in words"),
    "dorsal_csf_factor": ("1", "factor on the patient's dorsal CSF thickness"),
    "cord_offset_mm": ("mm", "where the patient's cord lies, to the right"),
    "segment_shift": ("segments", "shift of the patient's cord segments against the vertebrae"),
    "gain": ("1", "factor on all of the patient's thresholds"),
    "felt_fibres": ("fibres", "how many fibres of a dermatome the patient feels"),
    "conductivities": ("", "set of conductivities"),
}
"""Coordinates: (unit, what it is)."""
PATIENT_COORDINATES = ("dorsal_csf_factor", "cord_offset_mm", "segment_shift", "gain", "felt_fibres", "conductivities")


def description(sweep: Sweep) -> dict[str, Any]:
    """Return the description of the whole data set as plain JSON data; there is no time stamp in it."""
    references = read_table("references")
    used = sorted({record.source for record in all_records(PACKAGES)})
    return {
        "format": FORMAT,
        "version": 1,
        "title": sweep.plan.title or f"scs-sim sweep: {', '.join(sweep.axes.cases)}",
        "disclaimer": scs_sim.DISCLAIMER,
        "fingerprint": sweep.fingerprint,
        "seed": sweep.plan.seed,
        "evaluations_count": sweep.axes.evaluations_count,
        "assumed_values": dict(status_counts()),
        "sources": {name: references[name]["citation"] for name in used},
        "variables": {
            figure.name: {"unit": figure.unit, "title": figure.title, "axes": list(figure.axes)}
            for figure in figures_of(sweep.plan.regions)
        },
    } | sweep.document


@dataclass(frozen=True, slots=True)
class SweepRunDocument:
    """What `scs-sim sweep --json` prints: the plan, the length of every axis, and what the run did.

    plan is a whole plan file; outcome is null after --dry-run.
    """

    FORMAT: ClassVar[str] = "scs-sim sweep run"
    VERSION: ClassVar[int] = 1

    product_version: str
    tables_sha256: str
    disclaimer: str
    plan: Mapping[str, Any]
    axes: Mapping[str, int]
    evaluations_count: int
    chunks_count: int
    outcome: Outcome | None


def run_document(sweep: Sweep, outcome: Outcome | None) -> dict[str, Any]:
    """Return the document of one run as plain JSON data; its plan can be saved and run again."""
    document = SweepRunDocument(
        product_version=scs_sim.__version__,
        tables_sha256=sweep.document["tables_sha256"],
        disclaimer=scs_sim.DISCLAIMER,
        plan=sweep.document["plan"],
        axes=dict(zip(AXES, sweep.axes.shape, strict=True)),
        evaluations_count=sweep.axes.evaluations_count,
        chunks_count=sweep.chunks_count,
        outcome=outcome,
    )
    return plain_document(document)
