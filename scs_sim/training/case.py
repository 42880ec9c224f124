"""TrainingCase: what an instructor writes. What the trainee may read, what chance hides, what happens between visits.

A quantity that is hidden is a number, or [low, high]: then it is drawn evenly from the session's seed (draw.py).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal, get_args

from scs_models import anatomy, files
from scs_models.errors import InvalidFileError, InvalidValueError, UnknownNameError
from scs_models.leads import catalogue
from scs_models.percept.body_map import load_body_map
from scs_models.values import require_between, require_one_of
from scs_sim.case import MAX_LEADS
from scs_sim.lead_state import GREATEST_ASIDE_MM, GREATEST_MIGRATION_MM
from scs_sim.limit_profiles import DEFAULT_PROFILE, profile_names
from scs_sim.patient import PainMap, Patient
from scs_sim.training.hiding import DRAWN_NUMBERS, Drawn, Hiding, bounds, require_drawn, require_level

Mood = Literal["even", "low", "anxious"]
TreatmentKind = Literal[
    "surgery", "epidural-steroid", "nerve-block", "radiofrequency", "adhesiolysis", "physical-therapy", "medication",
    "intrathecal-pump", "psychology", "stimulation", "other",
]  # fmt: skip
Place = Literal["table", "clinic"]
ComplicationKind = Literal[
    "migration", "open-contact", "short", "rib-stimulation", "positional-jolts", "tolerance", "infection"
]
Cause = Literal["migration", "open-contact", "short", "root", "posture", "tolerance", "infection", "none"]
Reason = Literal["infection", "instability", "bleeding-risk", "untreated-mood", "no-neuropathic-pain", "surgery-needed"]
Document = Literal["referral", "pain-map", "history", "imaging"]

MOODS: tuple[Mood, ...] = get_args(Mood)
TREATMENTS: tuple[TreatmentKind, ...] = get_args(TreatmentKind)
PLACES: tuple[Place, ...] = get_args(Place)
COMPLICATIONS: tuple[ComplicationKind, ...] = get_args(ComplicationKind)
CAUSES: tuple[Cause, ...] = get_args(Cause)
REASONS: tuple[Reason, ...] = get_args(Reason)
DOCUMENTS: tuple[Document, ...] = get_args(Document)
CAUSES_OF: Mapping[ComplicationKind, tuple[Cause, ...]] = MappingProxyType(
    {
        "migration": ("migration",),
        "open-contact": ("open-contact",),
        "short": ("short",),
        "rib-stimulation": ("root", "migration"),
        "positional-jolts": ("posture",),
        "tolerance": ("tolerance",),
        "infection": ("infection",),
    }
)
"""What a trainee may conclude of each complication, the best answer first."""
_FORBID: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Treatment:
    """One earlier treatment, as the history lists it: kind, when, what came of it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    kind: TreatmentKind
    when: str
    outcome: str

    def __post_init__(self) -> None:
        require_one_of("kind", self.kind, TREATMENTS)
        _require_words("outcome", self.outcome)


@dataclass(frozen=True, slots=True)
class Manner:
    """How this patient answers: mood, and noise, habituation and attention in times the usual patient's.

    noise 0 always gives the same answer; habituation 0 never gets used to ramps; attention 2 lasts twice as long. Low
    mood and anxiety widen the noise (training.toml).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    mood: Mood = "even"
    noise: float = 1.0
    habituation: float = 1.0
    attention: float = 1.0

    def __post_init__(self) -> None:
        require_one_of("mood", self.mood, MOODS)
        require_between("noise", self.noise, 0.0, 5.0)
        require_between("habituation", self.habituation, 0.0, 5.0)
        require_between("attention", self.attention, 0.1, 10.0)


@dataclass(frozen=True, slots=True)
class Kit:
    """What lies ready: lead types, how many leads, levels a tip may be brought to and a needle may enter at, generator.

    The first entry level is the usual one.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    lead_types: tuple[str, ...] = ("octet-7mm", "octet-4mm", "quad-9mm")
    leads_count_high: int = 2
    tip_levels: tuple[str, ...] = ("T7", "T8", "T9", "T10", "T11", "T12")
    entry_levels: tuple[str, ...] = ("L1", "T12", "L2")
    profile: str = DEFAULT_PROFILE

    def __post_init__(self) -> None:
        for name in ("lead_types", "tip_levels", "entry_levels"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise InvalidValueError(f"{name} is {list(values)}; it must name one or more, each once")
        for lead in self.lead_types:
            if lead not in catalogue() or catalogue()[lead].kind != "percutaneous":
                known = tuple(item.id for item in catalogue().values() if item.kind == "percutaneous")
                raise UnknownNameError("percutaneous lead type", lead, known)
        for level in self.tip_levels:
            require_one_of("tip level", level, anatomy.section_levels())
        for level in self.entry_levels:
            require_level("entry level", level)
        require_between("leads_count_high", self.leads_count_high, 1, MAX_LEADS)
        require_one_of("profile", self.profile, profile_names())


@dataclass(frozen=True, slots=True)
class Complication:
    """What may have happened before a visit; `probability` says how often, drawn from the session's seed.

    migration: `lead` (0: drawn) moves by rostral_mm and right_mm. rib-stimulation: it moves outward by right_mm, to the
    side where it lies. open-contact, short: `contact` (0: one in use, if any) breaks, or touches the next one.
    tolerance: thresholds times threshold_factor, and relief is lost. positional-jolts: the patient turned the program
    up while standing, then lay down. infection: redness and fever. complaint: the patient's words, else the engine's.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    kind: ComplicationKind
    probability: float = 1.0
    lead: int = 0
    contact: int = 0
    rostral_mm: Drawn = 0.0
    right_mm: Drawn = 0.0
    threshold_factor: Drawn = 1.0
    complaint: str = ""

    def __post_init__(self) -> None:
        require_one_of("kind", self.kind, COMPLICATIONS)
        require_between("probability", self.probability, 0.0, 1.0)
        require_between("lead", self.lead, 0, MAX_LEADS)
        require_between("contact", self.contact, 0, 32)
        require_drawn("rostral_mm", self.rostral_mm, -GREATEST_MIGRATION_MM / 2, GREATEST_MIGRATION_MM / 2, "mm")
        require_drawn("right_mm", self.right_mm, -GREATEST_ASIDE_MM / 2, GREATEST_ASIDE_MM / 2, "mm")
        require_drawn("threshold_factor", self.threshold_factor, 0.5, 3.0)
        moves = bounds(self.rostral_mm) != (0.0, 0.0) or bounds(self.right_mm) != (0.0, 0.0)
        if (self.kind in ("migration", "rib-stimulation")) != moves:
            raise InvalidValueError(
                f"kind is {self.kind!r}; "
                + ("a migration and rib-stimulation need rostral_mm or right_mm" if not moves else "it moves no lead")
            )
        if self.kind == "rib-stimulation" and min(bounds(self.right_mm)) <= 0.0:
            raise InvalidValueError(
                f"right_mm is {self.right_mm}; for rib-stimulation it is how far outward the lead moves, above 0"
            )


@dataclass(frozen=True, slots=True)
class Visit:
    """One meeting with the patient: on the table, where leads can be moved, or in the clinic, where they cannot.

    postures: those that can be taken, the first is the one it begins in; days: since the first visit; words: what the
    patient says on arrival, before anything that complications add.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    name: str
    place: Place = "clinic"
    days: float = 0.0
    postures: tuple[str, ...] = ("sitting", "supine", "standing")
    words: str = ""
    complications: tuple[Complication, ...] = ()

    def __post_init__(self) -> None:
        _require_id("name", self.name)
        require_one_of("place", self.place, PLACES)
        require_between("days", self.days, 0.0, 3650.0)
        if not self.postures or len(set(self.postures)) < len(self.postures):
            raise InvalidValueError(f"postures is {list(self.postures)}; it must name one or more, each once")
        for posture in self.postures:
            require_one_of("postures", posture, anatomy.postures())


@dataclass(frozen=True, slots=True)
class Unsuitable:
    """Why the right answer is to stop, in which documents the evidence stands, and what it is, for the debrief."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    reason: Reason
    evidence: tuple[Document, ...]
    explanation: str

    def __post_init__(self) -> None:
        require_one_of("reason", self.reason, REASONS)
        for name in self.evidence:
            require_one_of("evidence", name, DOCUMENTS)
        if not self.evidence:
            raise InvalidValueError(f"evidence is empty; name one or more of {', '.join(DOCUMENTS)}")
        _require_words("explanation", self.explanation)


@dataclass(frozen=True, slots=True)
class Debrief:
    """The instructor's words for the debrief: what a good path looks like, and points to discuss."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    path: str
    points: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_words("path", self.path)


def _usual_visits() -> tuple[Visit, ...]:
    return (
        Visit("table", "table", 0.0, ("prone",)),
        Visit("programming", "clinic", 1.0),
    )


@dataclass(frozen=True, slots=True)
class TrainingCase:
    """One case to rehearse. The trainee reads referral, pain map, history and imaging; everything else is found or not.

    grade: 1 easy to 5 hard. known: the Patient as imaging and history show it; `hiding` says how the true one differs.
    The first visit is on the table. unsuitable: stimulation is wrong here, whatever the coverage.
    """

    FORMAT: ClassVar[str] = "scs-sim training case"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    id: str
    title: str
    grade: int
    goals: tuple[str, ...]
    referral: str
    complaint: str
    imaging: str
    pain: PainMap
    debrief: Debrief
    history: tuple[Treatment, ...] = ()
    known: Patient = field(default_factory=Patient)
    hiding: Hiding = field(default_factory=Hiding)
    manner: Manner = field(default_factory=Manner)
    kit: Kit = field(default_factory=Kit)
    visits: tuple[Visit, ...] = field(default_factory=_usual_visits)
    unsuitable: Unsuitable | None = None

    def __post_init__(self) -> None:
        _require_id("id", self.id)
        require_between("grade", self.grade, 1, 5)
        for name in ("title", "referral", "complaint", "imaging"):
            _require_words(name, getattr(self, name))
        if not self.goals or not all(goal.strip() for goal in self.goals):
            raise InvalidValueError("goals is empty; name one or more learning goals")
        known = load_body_map().region_ids
        for region in self.pain.scores:
            if region not in known:
                raise UnknownNameError("pain.scores: region", region, known)
        if self.pain.is_empty:
            raise InvalidValueError("pain is empty; at least one region or polygon must have a score above 0")
        for name in DRAWN_NUMBERS:
            if (given := getattr(self.known, name)) != getattr(Patient(), name):
                raise InvalidValueError(
                    f"known.{name} is {given:g}; nobody can read it in an image: write it in hiding"
                )
        if (self.known.infection or self.hiding.infection) and self.unsuitable is None:
            raise InvalidValueError("unsuitable is missing; a patient with an infection must not be stimulated")
        self._require_visits()

    def _require_visits(self) -> None:
        names, days = [visit.name for visit in self.visits], [visit.days for visit in self.visits]
        if not self.visits or self.visits[0].place != "table":
            raise InvalidValueError("visits[0].place is wrong; the first visit must be on the table")
        if len(set(names)) < len(names):
            raise InvalidValueError(f"visits has the names {names}; each must stand once")
        if days != sorted(days):
            raise InvalidValueError(f"visits has the days {days}; they must rise")
        for place, visit in enumerate(self.visits):
            for item, complication in enumerate(visit.complications):
                if complication.lead > self.kit.leads_count_high:
                    raise InvalidValueError(
                        f"visits[{place}].complications[{item}].lead is {complication.lead};"
                        f" kit.leads_count_high is {self.kit.leads_count_high}"
                    )


@cache
def training_case_ids() -> tuple[str, ...]:
    """Return the ids of the built-in training cases, sorted."""
    folder = package_files("scs_sim").joinpath("data", "training")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def builtin_training_case(case_id: str) -> TrainingCase:
    """Return a built-in training case; raise UnknownNameError with the list of them."""
    require_one_of("training case", case_id, training_case_ids())
    text = package_files("scs_sim").joinpath("data", "training", f"{case_id}.toml").read_text(encoding="utf-8")
    return files.decode(TrainingCase, files.parse(text, ".toml", case_id), where=f"{case_id}.toml")


def load_training_case(name_or_path: str | os.PathLike[str]) -> TrainingCase:
    """Return a training case: a built-in id, the path of a .toml or .json file, or "-" for standard input.

    Raises UnknownNameError for a name that is neither, InvalidFileError with every problem of a bad file.
    """
    text = os.fspath(name_or_path)
    if text in training_case_ids():
        return builtin_training_case(text)
    if text == "-" or Path(text).suffix.lower() in (".toml", ".json") or os.sep in text:
        case = files.read_value(TrainingCase, text)
        if case.id in training_case_ids() and case != builtin_training_case(case.id):
            raise InvalidFileError(text, [f"id is {case.id!r}, a built-in training case; choose another id"])
        return case
    raise UnknownNameError("training case", text, (*training_case_ids(), "or the path of a .toml or .json file"))


def _require_id(name: str, value: str) -> None:
    if not value or not all(c.isascii() and (c.isalnum() or c in "-_") for c in value):
        raise InvalidValueError(f"{name} is {value!r}; it must be letters, digits, - and _ only")


def _require_words(name: str, value: str) -> None:
    if not value.strip():
        raise InvalidValueError(f"{name} is empty; write what the trainee or the debrief is to say")
