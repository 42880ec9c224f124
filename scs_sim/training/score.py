"""Score: what a session is worth by the rubric (data/rubric.toml, docs/training.md), item by item, with evidence.

    score(recorded) -> Score

Final programs are judged without noise on the true patient, in the postures of daily life. It says how well predicted
paresthesia meets the pain and how carefully the work was done, never how much relief to expect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scs_models.errors import InvalidValueError
from scs_sim.setting import Progress
from scs_sim.training.clinic import PatientSide
from scs_sim.training.evidence import Evidence, Found, evidence_of
from scs_sim.training.record import Recorded
from scs_sim.training.rubric import Group, RubricItem, rubric
from scs_sim.training.score_care import CARE
from scs_sim.training.score_method import METHOD
from scs_sim.training.score_outcome import OUTCOME, Judge
from scs_sim.training.session import patient_of

_JUDGES: Mapping[str, Judge] = {**OUTCOME, **CARE, **METHOD}


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One line of the rubric: points out of `greatest`, and why, in sentences that name events by serial ("event 12").

    name: of rubric.toml; serials: the events that the evidence names, ascending.
    """

    name: str
    title: str
    group: Group
    points: float
    greatest: float
    evidence: tuple[str, ...]
    serials: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.points <= self.greatest:
            raise InvalidValueError(f"points is {self.points:g}; it must be 0 to {self.greatest:g}")


@dataclass(frozen=True, slots=True)
class Score:
    """All items of one session; `greatest` of them add up to 100.

    suitable: whether stimulation is right for this patient; where it is not, only the decision counts.
    """

    session: str
    case_id: str
    suitable: bool
    items: tuple[ScoreItem, ...]

    @property
    def points(self) -> float:
        """Return the points of all items together, 0-100."""
        return sum(item.points for item in self.items)

    @property
    def greatest(self) -> float:
        """Return what could be had."""
        return sum(item.greatest for item in self.items)

    def of_group(self, group: Group) -> tuple[float, float]:
        """Return (points, greatest) of one group of items."""
        own = [item for item in self.items if item.group == group]
        return sum(item.points for item in own), sum(item.greatest for item in own)


def score(found: Recorded, patient: PatientSide | None = None, progress: Progress | None = None) -> Score:
    """Return what a recorded session is worth; it need not be finished, but the score tells what is hidden.

    patient: the patient's side of an exam, from the instructor; by default that of a practice session (`patient_of`).
    progress: told of kernels that have to be built first. The first time for a case and seed takes half a minute.
    """
    side = patient_of(found) if patient is None else patient
    return scored(found.head.id, evidence_of(side.case, side.seed, found.events, progress))


def scored(session: str, seen: Evidence) -> Score:
    """Return the score of a session from its evidence."""
    suitable = seen.case.unsuitable is None
    judged = [(item, _JUDGES[name](seen, item)) for name, item in rubric(suitable).items()]
    applied = [(item, found) for item, found in judged if found is not None]
    scale = 100.0 / sum(item.points for item, _ in applied)
    items = tuple(_line(item, found, scale) for item, found in applied)
    return Score(session, seen.case.id, suitable, items)


def _line(item: RubricItem, found: Found, scale: float) -> ScoreItem:
    greatest = item.points * scale
    share = min(max(found.share, 0.0), 1.0)
    return ScoreItem(item.name, item.title, item.group, share * greatest, greatest, found.why, found.serials)
