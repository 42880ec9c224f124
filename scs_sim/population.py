"""A program over many patients: what coverage and thresholds may be, given what is known of the one at hand.

Patients are drawn (people.py), kernels come from the finite grid, missing ones are built first and said so. Each one
is evaluated by itself, in several processes; percentiles over the patients are the band.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np

from scs_models.canal import KernelSpec
from scs_models.errors import InvalidValueError
from scs_models.percept.body_map import load_body_map
from scs_models.values import FloatArray, read_only, require_between
from scs_sim import store
from scs_sim.answers import pain_field
from scs_sim.case import Case
from scs_sim.contact_plan import contact_plans
from scs_sim.describe import why_forbidden
from scs_sim.limits import paresthesia_applicable, program_ranges, safety_limits
from scs_sim.patient import Patient
from scs_sim.people import draw_patients, known_fields
from scs_sim.processes import Report, default_workers, run_all
from scs_sim.program import Program
from scs_sim.setting import prepare
from scs_sim.simulate import calibrated, evaluate

Progress = Callable[[float, str], None]

PERCENTILES = (5.0, 50.0, 95.0)
FIGURES = (
    "pain_covered_percent",
    "pain_covered_by_score_percent",
    "worst_region_percent",
    "unwanted_of_felt_percent",
    "amplitude_ma",
    "pt_ma",
    "comfort_ma",
    "dt_ma",
    "usage_ratio",
)
# Handing a patient to a process costs little; uneven patients even out over small chunks.
_CHUNKS_PER_WORKER = 4


@dataclass(frozen=True, slots=True)
class Band:
    """One figure over the patients: 5th, 50th and 95th percentile, in the unit that its name ends in.

    patients: of how many it is a figure (those in whom nothing is felt have no unwanted share).
    """

    name: str
    low: float
    middle: float
    high: float
    patients: int


@dataclass(frozen=True, slots=True)
class RegionBand:
    """The felt share of one painful region over the patients, in percent, and how many feel it at all."""

    id: str
    title: str
    low_percent: float
    middle_percent: float
    high_percent: float
    felt_in_percent: float


@dataclass(frozen=True, slots=True, eq=False)
class PopulationResult:
    """One program over `count` patients drawn with `seed` who agree with what is known.

    amplitude_from: "given" or "program" (the same amplitude in all) or "comfort" (each patient's own). measured_pt_ma
    set every patient's gain, where given; those in whom no gain does it do not count, agreeing is how many are left.
    passes_percent: share of those above the pass line, 0 where stimulation is forbidden. values (patients, figures) in
    the order of FIGURES, nan in those who do not count; patients are all drawn. kernels_built: how many were missing.
    """

    case_id: str
    case_title: str
    contacts: str
    posture: str
    forbidden: str
    count: int
    agreeing: int
    seed: int
    known: tuple[str, ...]
    measured_pt_ma: float | None
    amplitude_from: str
    bands: tuple[Band, ...]
    regions: tuple[RegionBand, ...]
    pass_line_percent: float
    passes_percent: float
    kernels_built: int
    patients: tuple[Patient, ...]
    values: FloatArray

    def band(self, name: str) -> Band:
        """Return the band of one figure of FIGURES."""
        return next(band for band in self.bands if band.name == name)


@dataclass(frozen=True, slots=True)
class PopulationRequest:
    """The question: a case with a program, over `count` patients of `seed`.

    known: fields of people.DRAWN that are known of this patient (None: those in which the case differs from usual);
    measured_pt_ma: a measured perception threshold of this program sets the gain of every patient drawn. Raises
    InvalidValueError for a program without paresthesia.
    """

    case: Case
    program: Program
    count: int
    seed: int = 0
    amplitude_ma: float | None = None
    known: tuple[str, ...] | None = None
    measured_pt_ma: float | None = None

    def __post_init__(self) -> None:
        require_between("count", self.count, 2, 100_000)
        if not bool(paresthesia_applicable(self.program.rate_hz)):
            raise InvalidValueError(
                f"rate_hz is {self.program.rate_hz:g} Hz, a paresthesia-free mode: coverage over a population does not"
                " apply to it"
            )
        for name, value in (("amplitude_ma", self.amplitude_ma), ("measured_pt_ma", self.measured_pt_ma)):
            if value is not None:
                require_between(name, value, *program_ranges().amplitude_ma, "mA")

    def __call__(self, progress: Progress | None = None, workers: int | None = None) -> PopulationResult:
        """Return the bands; `progress(fraction, what)` first tells of kernels that are built, then of patients."""
        known = known_fields(self.case.patient) if self.known is None else self.known
        patients = draw_patients(self.count, self.seed, self.case.patient, known)
        processes = default_workers() if workers is None else workers
        built = _build_kernels(self.case, patients, self._contacts(), progress, processes)
        values, felt = self._evaluated(patients, processes, progress)
        return self._result(patients, known, built, values, felt)

    def _contacts(self) -> tuple[str, ...] | None:
        """Return the contacts that take part; all where a fault may bring others in."""
        if self.case.contact_faults:
            return None
        return tuple(share.name for area in self.program.areas for share in area.shares if share.lead)

    def _evaluated(
        self, patients: tuple[Patient, ...], workers: int, progress: Progress | None
    ) -> tuple[FloatArray, FloatArray]:
        order = sorted(range(len(patients)), key=lambda index: patients[index].segment_shift)
        parts = [part for part in np.array_split(order, max(1, workers) * _CHUNKS_PER_WORKER) if len(part)]
        own = [tuple(patients[index] for index in part) for part in parts]
        rest = (self.program, self._contacts(), self.amplitude_ma, self.measured_pt_ma)
        tasks = [_Chunk(self.case, some, *rest) for some in own]
        found: dict[int, tuple[FloatArray, FloatArray]] = {}
        finished = 0

        def on_done(index: int, answer: tuple[FloatArray, FloatArray]) -> None:
            nonlocal finished
            found[index] = answer
            finished += len(parts[index])
            if progress is not None:
                progress(finished / len(patients), f"{finished} of {len(patients)} patients")

        run_all(tasks, workers=max(1, workers), on_progress=_say_nothing, on_done=on_done)
        back = np.argsort(np.concatenate(parts))
        values = np.concatenate([found[index][0] for index in range(len(parts))])[back]
        felt = np.concatenate([found[index][1] for index in range(len(parts))])[back]
        return read_only(values), read_only(felt)

    def _result(
        self, patients: tuple[Patient, ...], known: tuple[str, ...], built: int, values: FloatArray, felt: FloatArray
    ) -> PopulationResult:
        line = safety_limits().pass_line_percent
        agree = np.isfinite(values[:, 0])
        if not agree.any():
            raise InvalidValueError(
                f"measured_pt_ma is {self.measured_pt_ma:g} mA; none of {self.count} patients drawn can have it"
            )
        forbidden = why_forbidden(self.case.patient)
        given = "given" if self.amplitude_ma is not None else "program"
        return PopulationResult(
            case_id=self.case.id,
            case_title=self.case.title,
            contacts=self.program.contacts,
            posture=self.case.posture,
            forbidden=forbidden,
            count=self.count,
            agreeing=int(agree.sum()),
            seed=self.seed,
            known=known,
            measured_pt_ma=self.measured_pt_ma,
            amplitude_from="comfort" if self.amplitude_ma is None and self.program.amplitude_ma is None else given,
            bands=tuple(_band(name, values[:, index]) for index, name in enumerate(FIGURES)),
            regions=_region_bands(self.case, felt[agree]),
            pass_line_percent=line,
            passes_percent=0.0 if forbidden else 100.0 * float(np.mean(values[agree, 0] >= line)),
            kernels_built=built,
            patients=patients,
            values=values,
        )


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some patients, for one process: returns (patients, figures) and the felt shares (patients, regions)."""

    case: Case
    patients: tuple[Patient, ...]
    program: Program
    contacts: tuple[str, ...] | None
    amplitude_ma: float | None
    measured_pt_ma: float | None

    def __call__(self, report: Report, /) -> tuple[FloatArray, FloatArray]:
        # Held to the end, so that no kernel is read and checked again for the next patient.
        cases = [replace(self.case, patient=patient) for patient in self.patients]
        kernels = store.load(_specs(cases, self.contacts))
        rows = [self._one(case) for case in cases]
        del kernels
        return np.array([row for row, _ in rows]), np.array([felt for _, felt in rows])

    def _one(self, case: Case) -> tuple[list[float], FloatArray]:
        setting = prepare(case, contacts=self.contacts)
        program = self.program
        if self.amplitude_ma is not None:
            program = replace(program, amplitude_ma=self.amplitude_ma)
        if self.measured_pt_ma is not None:
            try:
                case = calibrated(setting, case, program, self.measured_pt_ma)
            except InvalidValueError:  # no gain makes this patient the one who was measured
                return [np.nan] * len(FIGURES), np.full(len(load_body_map().regions), np.nan)
        answers = evaluate(setting, case, [program])
        figures, person = answers.figures, answers.person
        row = (
            figures.by_area, figures.by_score, figures.worst, figures.unwanted_of_felt, answers.amplitude_ma,
            person.perception_ma, person.comfort_ma, person.discomfort_ma, person.discomfort_ma / person.perception_ma,
        )  # fmt: skip
        return [float(value[0]) for value in row], answers.felt.total[0]


def _build_kernels(
    case: Case,
    patients: Collection[Patient],
    contacts: tuple[str, ...] | None,
    progress: Progress | None,
    workers: int,
) -> int:
    """Build the kernels that are missing and return how many those were."""
    specs = _specs([replace(case, patient=patient) for patient in patients], contacts)
    missing = [spec for spec in specs if not store.default_store().has(spec.key)]
    if missing:
        store.load(missing, workers=workers, progress=progress)
    return len(missing)


def _specs(cases: Collection[Case], contacts: tuple[str, ...] | None) -> list[KernelSpec]:
    plans = (plan for case in cases for plan in contact_plans(case) if contacts is None or plan.name in contacts)
    return list({spec.key: spec for plan in plans for spec in plan.specs()}.values())


def _band(name: str, values: FloatArray) -> Band:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Band(name, np.nan, np.nan, np.nan, 0)
    low, middle, high = np.percentile(finite, PERCENTILES).tolist()
    return Band(name, low, middle, high, len(finite))


def _region_bands(case: Case, felt: FloatArray) -> tuple[RegionBand, ...]:
    """Return the bands of the regions that hurt, the worst covered first."""
    hurts = pain_field(case.pain).hurts
    found = []
    for index in np.flatnonzero(hurts).tolist():
        region, percent = load_body_map().regions[index], 100.0 * felt[:, index]
        low, middle, high = np.percentile(percent, PERCENTILES).tolist()
        found.append(RegionBand(region.id, region.title, low, middle, high, 100.0 * float(np.mean(percent > 0.0))))
    return tuple(sorted(found, key=lambda band: (band.middle_percent, band.low_percent, band.id)))


def _say_nothing(index: int, fraction: float) -> None:
    pass
