"""Setting: a patient with leads in place. What no program changes: lead field, fibres, contacts, channels."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scs_models import anatomy, lead_field
from scs_models.fibres.population import DorsalColumns, dorsal_columns
from scs_models.fibres.roots import RootFibres, root_fibres
from scs_models.lead_field import LeadField
from scs_models.percept.perception import Channels, PerceptRules, channels_of, percept_rules
from scs_models.recruitment import FoldedField, fold
from scs_models.tables import read_table
from scs_models.values import FloatArray, read_only
from scs_sim import contact_plan, store
from scs_sim.case import Case
from scs_sim.contact_plan import ContactPlan, contact_plans
from scs_sim.patient import Patient
from scs_sim.program import Area

Progress = Callable[[float, str], None]

# Column nodes beyond the outermost contact. tests/sim/test_setting.py measures what a wider margin changes.
MARGIN_MM = 20.0
KEPT_FOLDS = 3  # some 100 MB each
_FOLDING = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """The lead field of the contacts of a case, with what is needed to read percepts from it.

    contact_names are "1.1", ... in the order of every contact axis; levels are the vertebrae whose sections took part;
    shell_ohm (contacts,) is what moist pocket and scar add in series; root_factor (root fibres,) multiplies thresholds;
    rules are this patient's; notes say in words what was bent to fit.
    """

    contact_names: tuple[str, ...]
    contact_area_mm2: FloatArray
    contact_z_mm: FloatArray
    shell_ohm: FloatArray
    field: LeadField
    columns: DorsalColumns
    column_diameters: slice
    roots: RootFibres
    root_factor: FloatArray
    channels: Channels
    rules: PerceptRules
    levels: tuple[str, ...]
    notes: tuple[str, ...]
    _folds: dict[tuple[float, str], FoldedField] = dataclasses.field(default_factory=dict, repr=False)

    def weights(self, area: Area) -> FloatArray:
        """Return the current (contacts,) per mA of the area; cathodes negative, the generator left out."""
        weights = np.zeros(len(self.contact_names))
        for share in area.shares:
            if share.lead:
                weights[self.contact_names.index(share.name)] = share.sign * share.percent / 100.0
        return weights

    def folded(self, pulse_width_us: float, waveform: str) -> FoldedField:
        """Return the lead field folded for one pulse; the last few are kept."""
        pulse = (pulse_width_us, waveform)
        with _FOLDING:  # threads that ask for one pulse wait for one fold
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


def prepare(
    case: Case,
    *,
    contacts: Collection[str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Setting:
    """Return the setting of `case`, building and storing the kernels that are missing.

    contacts: the names of those that take part (default: all). Raises InvalidValueError where a contact does not lie
    behind the modelled part of the spine.
    """
    patient = case.patient
    plans = [plan for plan in contact_plans(case) if contacts is None or plan.name in contacts]
    for plan in plans:
        lead_field.require_reachable(plan.name, plan.x_mm, plan.place.width_mm)
    jobs = {spec.key: spec for plan in plans for spec in plan.specs()}
    kernels = dict(zip(jobs, store.load(list(jobs.values()), workers=workers, progress=progress), strict=True))
    heights = np.array([plan.place.z_mm for plan in plans])
    rules = dataclasses.replace(percept_rules(), felt_fibres=patient.felt_fibres)
    injured: dict[tuple[str, str], float] = {
        (root.segment, root.side): root.fibres_left for root in patient.injured_roots
    }
    columns = patient_columns(patient).entered_below(heights.max())
    first = int(np.searchsorted(columns.diameter_um, rules.counted_from_um))
    roots = _roots(
        heights.min() - MARGIN_MM, heights.max() + MARGIN_MM, patient.segment_shift, tuple(sorted(injured.items()))
    )
    return Setting(
        contact_names=tuple(plan.name for plan in plans),
        contact_area_mm2=read_only(np.array([plan.place.area_mm2 for plan in plans])),
        contact_z_mm=read_only(heights),
        shell_ohm=read_only(np.array([plan.shell_ohm for plan in plans])),
        field=lead_field.build(
            [plan.site(kernels) for plan in plans],
            columns,
            roots,
            diameter_um=columns.diameter_um[first:].tolist(),
            margin_mm=MARGIN_MM,
        ),
        columns=columns,
        column_diameters=slice(first, None),
        roots=roots,
        root_factor=_root_factor(patient, roots),
        channels=channels_of(columns, len(columns.diameter_um) - first, roots, frozenset(injured), rules),
        rules=rules,
        levels=tuple(dict.fromkeys(section.level for plan in plans for _, section in plan.sections)),
        notes=_notes(case, plans),
    )


@lru_cache(maxsize=8)
def _roots(
    low_z_mm: float, high_z_mm: float, segment_shift: float, fibres_left: tuple[tuple[tuple[str, str], float], ...]
) -> RootFibres:
    return root_fibres(low_z_mm, high_z_mm, segment_shift=segment_shift, fibres_left=dict(fibres_left))


def patient_columns(patient: Patient) -> DorsalColumns:
    """Return the patient's dorsal-column fibre lines."""
    return dorsal_columns(
        segment_shift=patient.segment_shift,
        fibres_left={(root.segment, root.side): root.fibres_left for root in patient.injured_roots},
        weight_factors={row.dermatome: row.factor for row in patient.band_weights},
    )


def _root_factor(patient: Patient, roots: RootFibres) -> FloatArray:
    """Return the factor (root fibres,) on root thresholds: 1, or one draw per rootlet where roots are clumped."""
    if not patient.arachnoiditis:
        return read_only(np.ones(len(roots.count)))
    names, rootlets = len(anatomy.dermatome_names()), int(roots.rootlet.max(initial=0)) + 1
    drawn = np.random.default_rng([patient.seed, 1]).normal(size=(2, 2, names, rootlets))
    own = drawn[roots.is_dorsal.astype(np.int64), roots.side, roots.dermatome, roots.rootlet]
    return read_only(np.exp(float(read_table("populations")["arachnoiditis"]["threshold_log_sd"]) * own))


def _notes(case: Case, plans: list[ContactPlan]) -> tuple[str, ...]:
    """Return what was bent to fit, and what of the anatomy a person should know, in words."""
    thin = float(read_table("anatomy")["dorsal_csf"]["thin"]["value_mm"])
    said = []
    levels = {section.level for plan in plans for _, section in plan.sections}
    if any(level.startswith("C") for level in levels):
        said.append(
            "Cervical contacts: the model reaches leg fibres first, in people hand and arm are felt (Barolat 1993); the"
            " order of regions there is not to be trusted."
        )
    for level in dict.fromkeys(section.level for plan in plans for _, section in plan.sections):
        wanted, csf = contact_plan.wanted_csf_mm(case.patient, level), contact_plan.dorsal_csf_mm(case.patient, level)
        if abs(wanted - csf) > 1e-9:
            said.append(f"Dorsal CSF of {wanted:.1f} mm at {level} is held at {csf:.1f} mm, where sections end.")
        if csf < thin:
            said.append(
                f"Dorsal CSF at {level} is thin, {csf:.1f} mm: expect a low perception threshold and a narrow usage"
                " range; caution when a lead passes."
            )
        if anatomy.posture_shift_mm(level, case.posture, csf)[1]:
            said.append(
                f"{case.posture.capitalize()} at {level}: the ventral dura stops the cord before the table does."
            )
        if level in case.patient.hardware_levels:
            said.append(f"Metal at {level}, where contacts lie: it is not in the field of this model.")
    return tuple(said)
