"""Debriefing -> plain JSON data: the figures of the page, for programs that read them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import scs_sim
from scs_models import files
from scs_sim import DISCLAIMER
from scs_sim.training.debrief import Debriefing, Felt
from scs_sim.training.debrief_course import finite
from scs_sim.training.events import event_document
from scs_sim.training.final import FinalUse
from scs_sim.training.score import Score

DEBRIEF_FORMAT, DEBRIEF_VERSION = "scs-sim training debrief", 1


def debrief_document(told: Debriefing) -> dict[str, Any]:
    """Return a debriefing as plain JSON data; it tells everything that was hidden."""
    course = told.course
    return {
        "format": DEBRIEF_FORMAT,
        "version": DEBRIEF_VERSION,
        "scs_sim": scs_sim.__version__,
        "disclaimer": DISCLAIMER,
        "session": told.head.id,
        "profile": told.head.profile,
        "mode": told.head.mode,
        "case": told.case.id,
        "title": told.case.title,
        "grade": told.case.grade,
        "goals": list(told.case.goals),
        "actions_count": len(told.events),
        "clock_s": told.situation.clock_s,
        "declined": told.situation.declined,
        "score": score_document(told.score),
        "slips": [asdict(slip) for slip in told.situation.slips],
        "course": {
            "line": [list(corner) for corner in course.line],
            "visits": [asdict(stay) for stay in course.visits],
            "postures": [asdict(stay) for stay in course.postures],
            "marks": [asdict(mark) for mark in course.marks],
        },
        "noted": [asdict(one.note) | {"pt_ma": finite(one.pt_ma), "dt_ma": finite(one.dt_ma)} for one in told.notes],
        "arrivals": [asdict(one) for one in course.arrivals],
        "uses": [_use_document(use) for use in told.uses],
        "hidden": {
            "patient": files.encode(told.hidden.patient),
            "scars": [asdict(scar) for scar in told.hidden.scars],
            "leads": [asdict(lead) for lead in told.truth.leads],
            "faults": [asdict(fault) for fault in told.truth.faults],
        },
        "at_end": felt_document(told.at_end),
        "best_with_own_leads": felt_document(told.own),
        "best_at_good_places": felt_document(told.good),
        "unsuitable": None if told.case.unsuitable is None else asdict(told.case.unsuitable),
        "instructor": asdict(told.case.debrief),
        "events": [event_document(event) for event in told.events],
    }


def score_document(score: Score) -> dict[str, Any]:
    """Return a score as plain JSON data."""
    return {
        "points": round(score.points, 2),
        "greatest": round(score.greatest, 2),
        "suitable": score.suitable,
        "items": [asdict(item) | {"points": round(item.points, 2)} for item in score.items],
    }


def felt_document(felt: Felt | None) -> dict[str, Any] | None:
    """Return what a program does on the true patient; None for none."""
    if felt is None:
        return None
    found, at = felt.result.coverage, felt.result.thresholds
    return {
        "contacts": felt.contacts,
        "amplitude_ma": felt.result.amplitude_ma,
        "pulse_width_us": felt.result.pulse_width_us,
        "rate_hz": felt.result.rate_hz,
        "posture": felt.result.posture,
        "pain_covered_by_score_percent": found.pain_covered_by_score_percent,
        "pain_covered_percent": found.pain_covered_percent,
        "worst_region": found.worst_region,
        "worst_region_percent": found.worst_region_percent,
        "unwanted_of_felt_percent": found.unwanted_of_felt_percent,
        "pt_ma": at.pt_ma,
        "dt_ma": at.dt_ma,
        "leads": [files.encode(lead) for lead in felt.case.leads],
    }


def _use_document(use: FinalUse) -> dict[str, Any]:
    return {
        "posture": use.posture,
        "name": use.name,
        "contacts": use.program.contacts,
        "saved_ma": use.set_ma,
        "used_ma": use.used_ma,
        "pt_ma": finite(use.percept.pt_ma),
        "dt_ma": finite(use.percept.dt_ma),
        "twitch_ma": finite(use.percept.twitch_ma),
        "pain_covered_by_score_percent": use.covered_by_score_percent,
        "unwanted_of_felt_percent": use.unwanted_of_felt_percent,
    }
