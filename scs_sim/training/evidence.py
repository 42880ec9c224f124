"""Evidence: everything a score looks at. The record, what was true at each visit, the last programs, the reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from scs_sim.program import Program
from scs_sim.setting import Progress
from scs_sim.training.body import HOME_POSTURES, Percept
from scs_sim.training.case import TrainingCase
from scs_sim.training.clinic import PatientSide
from scs_sim.training.events import TrainingEvent
from scs_sim.training.final import FinalUse, at_the_end, final_uses
from scs_sim.training.reference import Reference, good_places
from scs_sim.training.rubric import earned_in_full_at_share, reference_rules, unseen_share
from scs_sim.training.situation import Note, Situation
from scs_sim.training.truth import Truth

NAMED_HIGH = 6
"""So many events are named in one sentence; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an item comes to: the share of its points (0-1), why, in sentences, and the events that they name."""

    share: float
    why: tuple[str, ...]
    serials: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitSeen:
    """One visit: the situation when the trainee left it (None: never attended), what had happened before it."""

    number: int
    name: str
    left: Situation | None
    truth: Truth
    events: tuple[TrainingEvent, ...]


@dataclass(frozen=True, slots=True)
class NoteTruth:
    """A noted threshold beside the true ones of that program, posture and moment (mA)."""

    note: Note
    pt_ma: float
    dt_ma: float


@dataclass(frozen=True)
class Evidence:
    """One session with everything that is known of it afterwards. Built by `evidence_of`."""

    case: TrainingCase
    events: tuple[TrainingEvent, ...]
    last: Situation
    visits: tuple[VisitSeen, ...]
    notes: tuple[NoteTruth, ...]
    uses: tuple[FinalUse, ...]
    reference: Reference | None

    @cached_property
    def asked_of(self) -> dict[str, float]:
        """Return the painful regions that the reference reaches at all, with the share 0-1 that it reaches."""
        least = reference_rules().least_possible_percent / 100.0
        possible = {} if self.reference is None else self.reference.felt
        painful = self.painful
        return {name: possible[name] for name in painful if possible.get(name, 0.0) >= least}

    @cached_property
    def painful(self) -> tuple[str, ...]:
        """Return the ids of the regions that hurt."""
        from scs_models.percept.body_map import load_body_map
        from scs_sim.answers import pain_field

        hurts = pain_field(self.case.pain).hurts
        return tuple(name for name, one in zip(load_body_map().region_ids, hurts.tolist(), strict=True) if one)

    def reached(self, use: FinalUse) -> dict[str, float]:
        """Return for each region of `asked_of` how much of the possible is reached, 0-1."""
        return {name: min(use.felt[name] / share, 1.0) for name, share in self.asked_of.items()}

    @cached_property
    def unseen(self) -> tuple[str, ...]:
        """Return the postures of daily life that could have been taken, and in which nothing was ever looked at."""
        possible = {posture for visit in self.case.visits for posture in visit.postures}
        seen = {posture for visit in self.visits if visit.left for posture in visit.left.checked_postures}
        return tuple(posture for posture in HOME_POSTURES if posture in possible - seen)

    def mean_over_day(self, shares: Sequence[float]) -> float:
        """Return the mean of one share per final use; a posture in which nobody looked counts less."""
        worth = (unseen_share() if use.posture in self.unseen else 1.0 for use in self.uses)
        return sum(share * part for share, part in zip(shares, worth, strict=True)) / len(self.uses)

    @cached_property
    def reached_share(self) -> float:
        """Return how much of the possible coverage by score is reached, over the postures of daily life, 0-1."""
        if self.reference is None or not self.uses:
            return 0.0
        possible = self.reference.figures["pain_covered_by_score_percent"]
        return self.mean_over_day([min(use.covered_by_score_percent / possible, 1.0) for use in self.uses])

    @cached_property
    def earned(self) -> float:
        """Return the share of safety and economy that counts, 0-1."""
        attended = sum(visit.left is not None for visit in self.visits) / len(self.visits)
        return attended * min(self.reached_share / earned_in_full_at_share(), 1.0)


def evidence_of(
    case: TrainingCase, seed: int, events: Sequence[TrainingEvent], progress: Progress | None = None
) -> Evidence:
    """Return the evidence of a session; the reference is looked for only where stimulation is right."""
    side = PatientSide(case, seed)
    notes: list[NoteTruth] = []
    seen: dict[tuple[Truth, str, Program], Percept] = {}
    truths, lefts = [side.truth], []
    for event in events:
        if event.action.name == "next-visit":
            lefts.append(side.situation)
        side.follow(event)
        if event.action.name == "next-visit":
            truths.append(side.truth)
        elif event.action.name in ("place-lead", "remove-lead"):
            truths[-1] = side.truth
        elif event.action.name == "note":
            notes.append(_noted(side, seen))
    lefts.append(side.situation)
    after, unseen = at_the_end(case, seed, events)
    truths += unseen
    return Evidence(
        case=case,
        events=tuple(events),
        last=side.situation,
        visits=tuple(_visits(case, events, lefts, truths)),
        notes=tuple(notes),
        uses=final_uses(after) if case.unsuitable is None and not side.situation.declined else (),
        reference=good_places(case, seed, progress) if case.unsuitable is None else None,
    )


def _noted(side: PatientSide, seen: dict[tuple[Truth, str, Program], Percept]) -> NoteTruth:
    now = side.situation
    assert now.program is not None  # require_possible
    key = (side.truth, now.posture, now.program)
    if key not in seen:
        seen[key] = side.percept(now.posture, now.program)
    return NoteTruth(now.notes[-1], seen[key].pt_ma, seen[key].dt_ma)


def _visits(
    case: TrainingCase, events: Sequence[TrainingEvent], lefts: Sequence[Situation], truths: Sequence[Truth]
) -> Iterator[VisitSeen]:
    parts: list[list[TrainingEvent]] = [[]]
    for event in events:
        if event.action.name == "next-visit":
            parts.append([])
        parts[-1].append(event)
    for number, visit in enumerate(case.visits):
        attended = number < len(lefts)
        yield VisitSeen(
            number,
            visit.name,
            lefts[number] if attended else None,
            truths[number],
            tuple(parts[number]) if attended else (),
        )


def named(serials: Iterable[int]) -> str:
    """Return events in words: "event 3", "events 3, 7 and 9", the rest counted."""
    found = list(serials)
    shown = [str(serial) for serial in found[:NAMED_HIGH]]
    if len(found) == 1:
        return f"event {shown[0]}"
    more = f" and {len(found) - NAMED_HIGH} more" if len(found) > NAMED_HIGH else ""
    joined = ", ".join(shown) if more else ", ".join(shown[:-1]) + f" and {shown[-1]}"
    return f"events {joined}{more}"
