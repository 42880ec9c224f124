"""Setting: a patient with leads in place. What no program changes: lead field, fibres, contacts, channels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scs_models import anatomy, lead_field
from scs_models.canal import KernelSpec
from scs_models.errors import InvalidValueError
from scs_models.fibres.population import DorsalColumns, dorsal_columns
from scs_models.fibres.roots import RootFibres, root_fibres
from scs_models.lead_field import ContactSite, LeadField
from scs_models.leads import ContactPlace, contact_places
from scs_models.percept.perception import Channels, channels_of, percept_rules
from scs_models.recruitment import FoldedField, fold
from scs_models.values import Float32Array, FloatArray
from scs_sim import store
from scs_sim.case import Case
from scs_sim.patient import Patient
from scs_sim.program import Program

Progress = Callable[[float, str], None]

# Column nodes beyond the outermost contact. tests/sim/test_setting.py measures what a wider margin changes.
MARGIN_MM = 20.0
KEPT_FOLDS = 3  # some 100 MB each


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """The lead field of all contacts of a case, with what is needed to read percepts from it.

    contact_names are "1.1", ... in the order of every contact axis; levels are the vertebrae whose sections took part.
    """

    contact_names: tuple[str, ...]
    contact_area_mm2: FloatArray
    contact_z_mm: FloatArray
    field: LeadField
    columns: DorsalColumns
    column_diameters: slice
    roots: RootFibres
    channels: Channels
    levels: tuple[str, ...]
    _folds: dict[tuple[float, str], FoldedField] = dataclasses.field(default_factory=dict, repr=False)

    def weights(self, program: Program) -> FloatArray:
        """Return the current (contacts,) per mA of the program; cathodes negative, the generator left out."""
        weights = np.zeros(len(self.contact_names))
        for share in program.shares:
            if share.lead:
                weights[self.contact_names.index(share.name)] = share.sign * share.percent / 100.0
        return weights

    def folded(self, pulse_width_us: float, waveform: str) -> FoldedField:
        """Return the lead field folded for one pulse; the last few are kept."""
        pulse = (pulse_width_us, waveform)
        if pulse not in self._folds:
            while len(self._folds) >= KEPT_FOLDS:
                self._folds.pop(next(iter(self._folds)))
            self._folds[pulse] = fold(self.field, pulse_width_us, waveform)
        return self._folds[pulse]

    def cathode_height_mm(self, weights: FloatArray) -> FloatArray:
        """Return the current-weighted mean height (programs,) of the cathodes of `weights` (programs, contacts)."""
        share = np.maximum(-weights, 0.0)
        total = share.sum(axis=1)
        middle = float(self.contact_z_mm.mean())
        return np.where(total > 0.0, share @ self.contact_z_mm / np.where(total > 0.0, total, 1.0), middle)

    def column_count(self, height_mm: FloatArray) -> FloatArray:
        """Return the real fibres (programs, lines, depths, diameters) that the columns hold at heights (programs,)."""
        distinct, place = np.unique(np.round(height_mm, 6), return_inverse=True)
        counts = self.columns.fibre_count(distinct, anatomy.column_half_width_at_mm(distinct))
        return counts[place][..., self.column_diameters]


def prepare(case: Case, *, progress: Progress | None = None, workers: int | None = None) -> Setting:
    """Return the setting of `case`, building and storing the kernels that are missing.

    Raises InvalidValueError where a contact does not lie behind the modelled part of the spine.
    """
    patient = case.patient
    placed = [
        (f"{number}.{index}", place)
        for number, placement in enumerate(case.leads, start=1)
        for index, place in enumerate(contact_places(placement), start=1)
    ]
    for name, place in placed:
        lead_field.require_reachable(name, place.x_mm - patient.cord_offset_mm)
    levels = [_levels(name, place) for name, place in placed]
    specs = {
        (level, place.length_mm, place.radius_mm): None
        for (_, place), weights in zip(placed, levels, strict=True)
        for level, _ in weights
    }
    jobs = {key: kernel_spec(patient, *key) for key in specs}
    kernels = dict(zip(jobs, store.load(list(jobs.values()), workers=workers, progress=progress), strict=True))
    sites = [_site(place, weights, kernels, patient) for (_, place), weights in zip(placed, levels, strict=True)]
    heights = np.array([site.z_mm for site in sites])
    rules = percept_rules()
    injured: dict[tuple[str, str], float] = {
        (root.segment, root.side): root.fibres_left for root in patient.injured_roots
    }
    columns = dorsal_columns(segment_shift=patient.segment_shift, fibres_left=injured).entered_below(heights.max())
    first = int(np.searchsorted(columns.diameter_um, rules.counted_from_um))
    roots = root_fibres(
        heights.min() - MARGIN_MM, heights.max() + MARGIN_MM, segment_shift=patient.segment_shift, fibres_left=injured
    )
    return Setting(
        contact_names=tuple(name for name, _ in placed),
        contact_area_mm2=np.array([2.0 * np.pi * place.radius_mm * place.length_mm for _, place in placed]),
        contact_z_mm=heights,
        field=lead_field.build(
            sites, columns, roots, diameter_um=columns.diameter_um[first:].tolist(), margin_mm=MARGIN_MM
        ),
        columns=columns,
        column_diameters=slice(first, None),
        roots=roots,
        channels=channels_of(columns, len(columns.diameter_um) - first, roots, frozenset(injured), rules),
        levels=tuple(dict.fromkeys(level for level, _, _ in jobs)),
    )


@lru_cache(maxsize=64)
def kernel_spec(patient: Patient, level: str, contact_length_mm: float, contact_radius_mm: float) -> KernelSpec:
    """Return what the kernel of one vertebral level of `patient` is built from."""
    section = anatomy.section_for(
        level,
        dorsal_csf_mm=anatomy.dorsal_csf_mm(level) * patient.dorsal_csf_factor,
        tissues=anatomy.conductivities(patient.conductivities),
    )
    return KernelSpec(
        title=f"section {level}",
        section=section,
        column_half_width_mm=anatomy.column_half_width_mm(level),
        depth_mm=tuple(dorsal_columns().depth_mm.tolist()),
        contact_length_mm=contact_length_mm,
        contact_radius_mm=contact_radius_mm,
    )


def _levels(name: str, place: ContactPlace) -> list[tuple[str, float]]:
    low, high = anatomy.sections_span_mm()
    if not low <= place.z_mm <= high:
        known = anatomy.section_levels()
        raise InvalidValueError(
            f"contact {name} lies at {anatomy.vertebra_at(place.z_mm)}; contacts must lie at {known[0]} to {known[-1]}"
        )
    levels, weights = anatomy.level_weights(place.z_mm)
    return [(level, float(weight)) for level, weight in zip(levels, weights, strict=True) if weight > 0.0]


def _site(
    place: ContactPlace,
    weights: list[tuple[str, float]],
    kernels: dict[tuple[str, float, float], Float32Array],
    patient: Patient,
) -> ContactSite:
    parts = tuple((weight, kernels[level, place.length_mm, place.radius_mm]) for level, weight in weights)
    return ContactSite(place.x_mm - patient.cord_offset_mm, place.z_mm, place.length_mm, parts)
