"""Rows of an export as statements of the Experience API (xAPI 1.0.x): what learning record stores take in.

One "attempted" per session; once it is over one "completed" with the score and one "scored" per item of the rubric.
Verbs and activity types are those of the ADL vocabulary. Ids are hashes of what they stand for: exporting twice gives
the same statements, which a store takes once.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scs_models.errors import InvalidValueError
from scs_sim import __version__
from scs_sim.training.export import SessionRow
from scs_sim.training.score import ScoreItem

VERSION = "1.0.0"
"""What a statement that follows any 1.0.x of the specification says."""
USUAL_BASE = "https://scs-sim.invalid/training"
_VERBS = "http://adlnet.gov/expapi/verbs/"
_TYPES = "http://adlnet.gov/expapi/activities/"


def xapi_statements(rows: Sequence[SessionRow], base: str = USUAL_BASE) -> list[dict[str, Any]]:
    """Return the statements, oldest session of a trainee first.

    base: the address under which activities, extensions and trainees are named; a school puts in its own. Raises
    InvalidValueError for one that is no http(s) address.
    """
    address = base.rstrip("/")
    beyond = any(c.isspace() or not c.isascii() or c in '<>"{}|\\^`' for c in address)
    if not address.startswith(("https://", "http://")) or address.endswith(":/") or beyond:
        raise InvalidValueError(f"base is {base!r}; it must be an address such as https://school.example/scs-sim")
    return [statement for row in rows for statement in _of_row(row, address)]


def duration(seconds: float) -> str:
    """Return seconds as an ISO 8601 duration."""
    return f"PT{round(seconds)}S"


def _of_row(row: SessionRow, base: str) -> Iterator[dict[str, Any]]:
    case = _case(row, base)
    yield _statement(row, base, "attempted", case, {})
    if row.state == "open":
        return
    result: dict[str, Any] = {"completion": True, "duration": duration(row.clock_s)}
    if row.score is not None:
        result["score"] = _score(row.score.points, row.score.greatest)
    yield _statement(row, base, "completed", case, result | {"extensions": _extensions(row, base)})
    for item in () if row.score is None else row.score.items:
        yield _statement(
            row, base, "scored", _objective(item, base), {"score": _score(item.points, item.greatest)}, case
        )


def _statement(
    row: SessionRow,
    base: str,
    verb: str,
    activity: Mapping[str, Any],
    result: Mapping[str, Any],
    parent: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    context: dict[str, Any] = {
        "registration": str(_uuid(base, row.trainee, row.session)),
        "platform": f"scs-sim {__version__}",
        "language": "en",
        "extensions": {f"{base}/extensions/day": row.day, f"{base}/extensions/mode": row.mode},
    }
    if parent is not None:
        context["contextActivities"] = {"parent": [dict(parent)]}
    found: dict[str, Any] = {
        "id": str(_uuid(base, row.trainee, row.session, verb, str(activity["id"]))),
        "version": VERSION,
        "actor": {"objectType": "Agent", "account": {"homePage": f"{base}/trainees", "name": row.trainee}},
        "verb": {"id": f"{_VERBS}{verb}", "display": {"en": verb}},
        "object": dict(activity),
        "context": context,
    }
    if result:
        found["result"] = dict(result)
    if row.started:
        found["timestamp"] = row.started
    return found


def _case(row: SessionRow, base: str) -> dict[str, Any]:
    definition = {
        "type": f"{_TYPES}simulation",
        "name": {"en": row.title},
        "extensions": {f"{base}/extensions/grade": row.grade},
    }
    return {"objectType": "Activity", "id": f"{base}/cases/{row.case_id}", "definition": definition}


def _objective(item: ScoreItem, base: str) -> dict[str, Any]:
    definition = {"type": f"{_TYPES}objective", "name": {"en": item.title}}
    return {"objectType": "Activity", "id": f"{base}/rubric/{item.name}", "definition": definition}


def _score(points: float, greatest: float) -> dict[str, float]:
    scaled = round(points / greatest, 4)
    return {"scaled": scaled, "raw": round(points, 2), "min": 0.0, "max": round(greatest, 2)}


def _extensions(row: SessionRow, base: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "state": row.state,
        "actions": row.actions_count,
        "slips": {kind: row.slips[kind] for kind in sorted(row.slips)},
        "wrong-conclusions": row.wrong_conclusions_count,
    }
    if row.coverage is not None:
        found["coverage-percent"] = {
            "covered": round(row.coverage.covered_percent, 1),
            "possible": round(row.coverage.possible_percent, 1),
            "worst-region": round(row.coverage.worst_region_percent, 1),
            "unwanted": round(row.coverage.unwanted_percent, 1),
        }
    if row.unscored:
        found["unscored"] = row.unscored
    return {f"{base}/extensions/{name}": value for name, value in found.items()}


def _uuid(*parts: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts))
