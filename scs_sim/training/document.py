"""Situation -> plain JSON data, for --json, for programs that are the trainee, and for the debrief."""

from __future__ import annotations

from typing import Any

from scs_models import files
from scs_sim.training.actions import action_kinds
from scs_sim.training.record import SessionHead
from scs_sim.training.situation import Situation


def situation_document(head: SessionHead, situation: Situation) -> dict[str, Any]:
    """Return what the trainee can see of a session: everything in it has been shown or said."""
    plain = files.encode(situation)
    opening = plain.pop("opening")
    return {
        "session": head.id,
        "profile": head.profile,
        "mode": head.mode,
        "case": opening["case_id"],
        "title": opening["title"],
        "grade": opening["grade"],
        "goals": opening["goals"],
        "complaint": opening["complaint"],
        "kit": opening["kit"],
        "visits": opening["visits"],
        "documents_read": plain.pop("documents"),
        "visit": {"number": plain.pop("visit"), **opening["visits"][situation.visit]},
        **plain,
    }


def actions_document() -> list[dict[str, Any]]:
    """Return the closed list of actions with their parameters, for programs and for help."""
    return [files.encode(kind) for kind in action_kinds().values()]
