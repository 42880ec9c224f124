"""Cohort: what many sessions have in common, case by case and item by item, for whoever teaches."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scs_sim import DISCLAIMER, __version__
from scs_sim.training.export import SessionRow, harmless, item_percents
from scs_sim.training.rubric import rubric
from scs_sim.training.situation import SLIPS

COHORT_FORMAT, COHORT_VERSION = "scs-sim training cohort", 1
FEW = 5
"""With fewer trainees a distribution tells of single people."""
_HALF_PERCENT = 50.0


@dataclass(frozen=True, slots=True)
class Spread:
    """How values lie: how many, least, quartiles, greatest, all in percent."""

    count: int
    least_percent: float
    low_percent: float
    median_percent: float
    high_percent: float
    greatest_percent: float


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """One case: sessions begun, over, declined; trainees; scores, one by one and their spread; each item's spread."""

    case_id: str
    title: str
    grade: int
    begun_count: int
    over_count: int
    declined_count: int
    trainees_count: int
    points_percent: tuple[float, ...]
    score: Spread | None
    items: Mapping[str, Spread]


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that went wrong in many sessions: in how many of how many it could have."""

    what: str
    sessions_count: int
    of_count: int

    @property
    def share_percent(self) -> float:
        """Return in how many of them, in percent."""
        return 100.0 * self.sessions_count / self.of_count


@dataclass(frozen=True, slots=True)
class Cohort:
    """The whole cohort; left_out_count: journals that could not be read; scored_trainees_count: who has a score."""

    trainees_count: int
    scored_trainees_count: int
    sessions_count: int
    scored_count: int
    cases: tuple[CaseSummary, ...]
    items: Mapping[str, Spread]
    mistakes: tuple[Mistake, ...]
    left_out_count: int

    @property
    def few(self) -> bool:
        """Return whether so few trainees have a score that single people can be told."""
        return self.scored_trainees_count < FEW


def cohort_of(rows: Sequence[SessionRow], left_out_count: int = 0) -> Cohort:
    """Return what the sessions of `rows` have in common."""
    order = sorted({(row.grade, row.case_id) for row in rows})
    scored = [row for row in rows if row.score is not None]
    return Cohort(
        trainees_count=len({row.trainee for row in rows}),
        scored_trainees_count=len({row.trainee for row in scored}),
        sessions_count=len(rows),
        scored_count=len(scored),
        cases=tuple(_case([row for row in rows if row.case_id == name]) for _, name in order),
        items=_items(scored),
        mistakes=_mistakes(scored),
        left_out_count=left_out_count,
    )


def item_titles() -> dict[str, str]:
    """Return the title of each item of the rubric."""
    return {name: item.title for suitable in (False, True) for name, item in rubric(suitable).items()}


def spread(values: Iterable[float]) -> Spread | None:
    """Return how values (percent) lie; None for none. Quartiles are interpolated linearly."""
    found = np.array(sorted(values), dtype=float)
    if not found.size:
        return None
    least, low, median, high, greatest = np.quantile(found, (0.0, 0.25, 0.5, 0.75, 1.0)).tolist()
    return Spread(len(found), least, low, median, high, greatest)


def cohort_document(found: Cohort) -> dict[str, Any]:
    """Return a cohort as plain JSON data."""
    return {
        "format": COHORT_FORMAT,
        "version": COHORT_VERSION,
        "scs_sim": __version__,
        "disclaimer": DISCLAIMER,
        **asdict(found),
        "few": found.few,
    }


def cohort_csv(found: Cohort) -> str:
    """Return a cohort as CSV: one row per case and item, and per case one for the score ("score")."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ("case", "grade", "item", "sessions_count", "least_percent", "low_percent", "median_percent", "high_percent",
         "greatest_percent")
    )  # fmt: skip
    for case in found.cases:
        spreads = ({} if case.score is None else {"score": case.score}) | dict(case.items)
        for name, one in spreads.items():
            values = (one.least_percent, one.low_percent, one.median_percent, one.high_percent, one.greatest_percent)
            writer.writerow((harmless(case.case_id), case.grade, name, one.count, *(round(v, 1) for v in values)))
    return out.getvalue()


def _case(own: Sequence[SessionRow]) -> CaseSummary:
    scored = [row for row in own if row.score is not None]
    points = tuple(sorted(100.0 * row.score.points / row.score.greatest for row in scored if row.score is not None))
    return CaseSummary(
        case_id=own[0].case_id,
        title=own[0].title,
        grade=own[0].grade,
        begun_count=len(own),
        over_count=sum(row.state != "open" for row in own),
        declined_count=sum(row.state == "declined" for row in own),
        trainees_count=len({row.trainee for row in own}),
        points_percent=points,
        score=spread(points),
        items=_items(scored),
    )


def _items(scored: Sequence[SessionRow]) -> dict[str, Spread]:
    percents = [item_percents(row.score) for row in scored]
    found = {name: spread(one[name] for one in percents if name in one) for name in item_titles()}
    return {name: one for name, one in found.items() if one is not None}


def _mistakes(scored: Sequence[SessionRow]) -> tuple[Mistake, ...]:
    """Return what went wrong most often first: slips, wrong conclusions, items with less than half of their points."""
    if not scored:
        return ()
    found = [
        Mistake(f"slip: {kind.replace('-', ' ')}", sum(row.slips.get(kind, 0) > 0 for row in scored), len(scored))
        for kind in SLIPS
    ]
    found.append(Mistake("a wrong conclusion", sum(row.wrong_conclusions_count > 0 for row in scored), len(scored)))
    percents = [item_percents(row.score) for row in scored]
    for name, title in item_titles().items():
        own = [one[name] for one in percents if name in one]
        if own:
            found.append(Mistake(f"less than half: {title}", sum(value < _HALF_PERCENT for value in own), len(own)))
    return tuple(sorted((one for one in found if one.sessions_count), key=lambda one: (-one.share_percent, one.what)))
