"""What the patient panel shows: numbers with range, unit and source; choices; levels; injured roots; measured CSF."""

from __future__ import annotations

from dataclasses import dataclass

from scs_models import anatomy
from scs_sim.patient import Patient, Side
from scs_ui.state.actions.patient import Flag, LevelList, Number, level_csf_range_mm
from scs_ui.state.session import Session


@dataclass(frozen=True, slots=True)
class NumberSpec:
    """One number: its name, unit ("" for a factor), range, step, decimals, where it comes from, what it does."""

    name: Number
    title: str
    unit: str
    low: float
    high: float
    step: float
    decimals: int
    source: str
    tip: str

    @property
    def usual(self) -> float:
        """Return the value of the usual patient."""
        return float(getattr(Patient(), self.name))

    @property
    def hint(self) -> str:
        """Return name, unit, range and step, and what it does."""
        unit = f", {self.unit}" if self.unit else ""
        return f"{self.title}{unit}, {self.low:g} to {self.high:g}, step {self.step:g}\n{self.tip}"


NUMBERS: tuple[NumberSpec, ...] = (
    NumberSpec(
        "dorsal_csf_factor", "Dorsal CSF", "times usual", 0.4, 1.8, 0.05, 2, "populations:people.dorsal_csf_factor",
        "Fluid between lead and cord, at every level. The thicker, the higher all thresholds and the less range.",
    ),
    NumberSpec(
        "cord_offset_mm", "Cord offset", "mm to the right", -2.5, 2.5, 0.1, 1, "populations:people.cord_offset",
        "Where the cord lies from the middle of the vertebrae: the physiological midline is not the one on the X-ray.",
    ),
    NumberSpec(
        "segment_shift", "Segment shift", "segments", -1.0, 1.0, 0.05, 2, "anatomy:segment_map.shift",
        "Added to the cord segment under each vertebra: cords end at different heights.",
    ),
    NumberSpec(
        "gain", "Threshold gain", "times", 0.2, 5.0, 0.05, 2, "populations:patient_gain",
        "Multiplies every threshold. Calibrate it to a perception threshold that was measured.",
    ),
    NumberSpec(
        "felt_fibres", "Felt fibres", "fibres", 1.0, 30.0, 1.0, 1, "populations:people.felt_fibres",
        "How many fibres of a dermatome must fire before it is felt.",
    ),
)  # fmt: skip

FLAGS: tuple[tuple[Flag, str, str, str], ...] = (
    ("arachnoiditis", "Arachnoiditis", "populations:arachnoiditis",
     "Halves the dorsal CSF and makes thresholds of roots erratic."),
    ("infection", "Infection", "", "Stimulation is out of the question: the result says so."),
)  # fmt: skip
"""(name, title, source, tip)."""

LEVEL_LISTS: tuple[tuple[LevelList, str, str, str], ...] = (
    ("laminectomy_levels", "Laminectomy", "tissues:scar.laminectomy_sector", "Levels where scar stands in place of the"
     " lamina."),
    ("hardware_levels", "Hardware", "", "Levels with screws or cages: no physics, they restrict where leads can go."),
)  # fmt: skip

POSTURE_SOURCE = "anatomy:posture.supine"
CONDUCTIVITY_SOURCE = "tissues:sets.default"
ROOT_SOURCE = "populations:injured_root"
CSF_SOURCE = "anatomy:dorsal_csf"


@dataclass(frozen=True, slots=True)
class RootRow:
    """One injured root; `left_percent` of its large fibres are left."""

    segment: str
    side: Side
    left_percent: int


@dataclass(frozen=True, slots=True)
class CsfRow:
    """The measured dorsal CSF of one level, mm, with the usual one and the range that is modelled."""

    level: str
    value_mm: float
    usual_mm: float
    low_mm: float
    high_mm: float


@dataclass(frozen=True, slots=True)
class PatientLook:
    """The patient as the panel shows it; numbers and flags by name, levels in words."""

    numbers: tuple[tuple[Number, float], ...]
    posture: str
    conductivities: str
    flags: tuple[tuple[Flag, bool], ...]
    levels: tuple[tuple[LevelList, tuple[str, ...]], ...]
    roots: tuple[RootRow, ...]
    csf: tuple[CsfRow, ...]
    summary: str

    def is_usual(self, spec: NumberSpec) -> bool:
        """Return whether a number is that of the usual patient."""
        return dict(self.numbers)[spec.name] == spec.usual


def patient_look(session: Session) -> PatientLook:
    """Return what the panel shows for a session."""
    patient = session.case.patient
    return PatientLook(
        numbers=tuple((spec.name, float(getattr(patient, spec.name))) for spec in NUMBERS),
        posture=session.case.posture,
        conductivities=patient.conductivities,
        flags=tuple((name, bool(getattr(patient, name))) for name, *_ in FLAGS),
        levels=tuple((name, getattr(patient, name)) for name, *_ in LEVEL_LISTS),
        roots=tuple(RootRow(root.segment, root.side, round(100 * root.fibres_left)) for root in patient.injured_roots),
        csf=tuple(
            CsfRow(row.level, row.dorsal_csf_mm, anatomy.dorsal_csf_mm(row.level), *level_csf_range_mm(row.level))
            for row in patient.levels_csf
        ),
        summary=_summary(patient),
    )


def levels_words(levels: tuple[str, ...]) -> str:
    """Return levels for a button: "T9 to T11, L1", or "none"."""
    order = anatomy.vertebra_names()
    places = [order.index(level) for level in levels]
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    words = [order[run[0]] if len(run) == 1 else f"{order[run[0]]} to {order[run[-1]]}" for run in runs]
    return ", ".join(words) or "none"


def conductivity_words(name: str) -> str:
    """Return a set of conductivities for people: "dura 0.03, fat 0.25 S/m"."""
    if name == "default":
        return "usual"
    parts = name.split("-")
    return ", ".join(f"{what} {value}" for what, value in zip(parts[::2], parts[1::2], strict=True)) + " S/m"


def _summary(patient: Patient) -> str:
    usual = Patient()
    titles = {spec.name: _inside(spec.title) for spec in NUMBERS}
    differs = [title for name, title in titles.items() if getattr(patient, name) != getattr(usual, name)]
    differs += [_inside(title) for name, title, *_ in FLAGS if getattr(patient, name)]
    differs += [_inside(title) for name, title, *_ in LEVEL_LISTS if getattr(patient, name)]
    differs += ["injured roots"] if patient.injured_roots else []
    differs += ["measured CSF"] if patient.levels_csf else []
    differs += ["conductivities"] if patient.conductivities != usual.conductivities else []
    differs += ["somatotopy"] if patient.band_weights else []
    return f"Differs from usual in {', '.join(differs)}" if differs else "The usual anatomy"


def _inside(title: str) -> str:
    """Return a title as it stands inside a sentence."""
    return title[:1].lower() + title[1:]
