"""Export for schools: one row per session, under pseudonyms. What a trainee wrote stays out, and so do absolute times.

rows_of(...) gives the rows; csv_text, xapi_statements (export_xapi.py) and cohort_of (cohort.py) say them.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import gmtime, strftime

from scs_models.errors import InvalidFileError, InvalidValueError
from scs_sim.setting import Progress
from scs_sim.training.case import training_case_ids
from scs_sim.training.debrief import is_over
from scs_sim.training.debrief_course import accepted_causes, complaints_of
from scs_sim.training.evidence import Evidence, evidence_of
from scs_sim.training.pseudonym import pseudonym
from scs_sim.training.record import EXAM, Recorded, profiles, recorded_sessions
from scs_sim.training.rubric import rubric
from scs_sim.training.score import Score, scored
from scs_sim.training.session import patient_of
from scs_sim.training.situation import SLIPS, Situation, fold

STATES = ("open", "finished", "declined")
_DAY_S = 86400.0
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the saved programs reach at home, over sitting, lying and standing, and what is possible, in percent."""

    covered_percent: float
    possible_percent: float
    worst_region_percent: float
    unwanted_percent: float


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as a school may see it.

    trainee: pseudonym or name; day: whole days since this trainee's first session here; started: ISO 8601 UTC, "" where
    anonymised; unscored: why there is no score, "" where there is one; coverage None where nothing was to be covered
    or nothing is saved; slips: kind -> how often.
    """

    trainee: str
    session: str
    case_id: str
    title: str
    grade: int
    mode: str
    state: str
    day: int
    started: str
    actions_count: int
    clock_s: float
    unscored: str
    score: Score | None
    coverage: Coverage | None
    slips: Mapping[str, int]
    wrong_conclusions_count: int


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows, by trainee and time; left_out: what could not be read and why."""

    rows: tuple[SessionRow, ...]
    left_out: tuple[str, ...]


def rows_of(
    names: Iterable[str] | None,
    key: bytes | None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Rows:
    """Return the sessions of profiles, scored where they are over.

    names: None for all profiles of the folder; key: of the pseudonyms, None to name everybody. Raises InvalidValueError
    for a name that has no record, InvalidFileError for a damaged one; of all profiles, those are left out and told.
    """
    known = profiles(folder)
    chosen = known if names is None else tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in known:
            raise InvalidValueError(f"profile {name!r} has no record; there are: {', '.join(known) or 'none'}")
    found: list[tuple[str, tuple[Recorded, ...]]] = []
    left_out = []
    for name in chosen:
        try:
            found.append((name, recorded_sessions(name, folder)))
        except (InvalidFileError, InvalidValueError) as error:
            if names is not None:
                raise
            left_out.append(str(error) if key is None else "a journal that cannot be read")
    rows: list[SessionRow] = []
    count = sum(len(own) for _, own in found)
    for name, own in found:
        shown = name if key is None else pseudonym(name, key)
        first_s = min((one.head.started_s for one in own), default=0.0)
        for one in own:
            if progress is not None:
                progress(len(rows) / max(count, 1), "")
            rows.append(_row(one, shown, first_s, key is None))
    return Rows(tuple(sorted(rows, key=lambda row: (row.trainee, row.day))), tuple(left_out))


def _row(found: Recorded, trainee: str, first_s: float, named: bool) -> SessionRow:
    head, now = found.head, fold(found.head.opening, found.events)
    state = "declined" if now.declined else "finished" if is_over(found) else "open"
    seen, unscored = _evidence(found)
    return SessionRow(
        trainee=trainee,
        session=head.id,
        case_id=head.case_id,
        title=head.opening.title if head.case_source in training_case_ids() else head.case_id,
        grade=head.opening.grade,
        mode=head.mode,
        state=state,
        day=int((head.started_s - first_s) // _DAY_S),
        started=strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(head.started_s)) if named else "",
        actions_count=len(found.events),
        clock_s=now.clock_s,
        unscored=unscored,
        score=None if seen is None else scored(head.id, seen),
        coverage=None if seen is None else _coverage(seen),
        slips=Counter(slip.kind for slip in now.slips),
        wrong_conclusions_count=0 if seen is None else _wrong(seen, now),
    )


def _evidence(found: Recorded) -> tuple[Evidence | None, str]:
    """Return what a session is scored by, or None and why not: until it is over a score would tell what is hidden."""
    if not is_over(found):
        return None, "open"
    if found.head.mode == EXAM:
        return None, "exam"
    try:
        side = patient_of(found)
    except (InvalidValueError, InvalidFileError):
        return None, "case changed"
    return evidence_of(side.case, side.seed, found.events), ""


def _coverage(seen: Evidence) -> Coverage | None:
    if seen.reference is None or not seen.uses:
        return None
    count = len(seen.uses)
    return Coverage(
        covered_percent=sum(use.covered_by_score_percent for use in seen.uses) / count,
        possible_percent=seen.reference.figures["pain_covered_by_score_percent"],
        worst_region_percent=min((100.0 * use.felt[name] for use in seen.uses for name in seen.painful), default=0.0),
        unwanted_percent=sum(use.unwanted_of_felt_percent for use in seen.uses) / count,
    )


def _wrong(seen: Evidence, now: Situation) -> int:
    visits = [(item.cause, seen.visits[item.visit]) for item in now.conclusions]
    return sum(cause not in accepted_causes(visit.truth, complaints_of(visit.events)) for cause, visit in visits)


def item_names() -> tuple[str, ...]:
    """Return the names of all items of the rubric, those of unsuitable cases last."""
    return tuple(dict.fromkeys([*rubric(True), *rubric(False)]))


def csv_columns() -> tuple[str, ...]:
    """Return the columns of the CSV; docs/training.md explains them."""
    return (
        "trainee", "session", "case", "grade", "mode", "state", "day", "started", "actions_count", "simulated_s",
        "unscored", "score_points", "covered_percent", "possible_percent", "worst_region_percent", "unwanted_percent",
        "wrong_conclusions_count",
        *(f"slips_{kind.replace('-', '_')}_count" for kind in SLIPS),
        *(f"item_{name.replace('-', '_')}_percent" for name in item_names()),
    )  # fmt: skip


def csv_text(rows: Sequence[SessionRow]) -> str:
    """Return the rows as CSV (RFC 4180), text that a spreadsheet would take for a formula made harmless."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(csv_columns())
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in _cells(row)])
    return out.getvalue()


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: one that begins like it gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def item_percents(score: Score | None) -> dict[str, float]:
    """Return {item: share of its points in percent}, without those that did not apply."""
    return {} if score is None else {item.name: 100.0 * item.points / item.greatest for item in score.items}


def _cells(row: SessionRow) -> list[str | int | float]:
    found, percents = row.coverage, item_percents(row.score)
    figures: list[str | int | float] = ["", "", "", ""]
    if found is not None:
        figures = [
            round(value, 1)
            for value in (
                found.covered_percent, found.possible_percent, found.worst_region_percent, found.unwanted_percent,
            )
        ]  # fmt: skip
    return [
        row.trainee, row.session, row.case_id, row.grade, row.mode, row.state, row.day, row.started,
        row.actions_count, round(row.clock_s), row.unscored,
        "" if row.score is None else round(row.score.points, 1),
        *figures,
        "" if row.score is None else row.wrong_conclusions_count,
        *(row.slips.get(kind, 0) for kind in SLIPS),
        *(round(percents[name], 1) if name in percents else "" for name in item_names()),
    ]  # fmt: skip
