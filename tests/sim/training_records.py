"""Recorded sessions of small cases for the tests of debrief and export: hostile text wherever a person can write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training_attempts import SEED, leg_case
from training_helpers import NO_WAIT, written

from scs_sim.training.case import Debrief, TrainingCase, Unsuitable
from scs_sim.training.record import Recorded, recorded
from scs_sim.training.session import Session, start

NASTY = "=cmd|' /C calc'!A0 <script>alert(\"x\")</script> & µ"
Steps = tuple[tuple[str, dict[str, Any]], ...]
WHOLE: Steps = (
    ("read", {"item": "referral"}),
    ("place-lead", {"lead_type": "quad-7mm", "tip_level": "T10", "x_mm": 0.5}),
    ("xray", {}),
    ("impedance", {}),
    ("program", {"contacts": "1.2- 1.3+"}),
    ("amplitude", {"to_ma": 20.0}),
    ("amplitude", {"to_ma": 1.0, "step_ma": 0.5}),
    ("note", {"threshold": "pt", "value_ma": 1.7}),
    ("note", {"threshold": "dt", "value_ma": 4.1}),
    ("note", {"threshold": "comfort", "value_ma": 1.0}),
    ("save", {"name": NASTY}),
    ("amplitude", {"to_ma": 0.0}),
    ("anchor", {}),
    ("limit", {"to_ma": 4.0}),
    ("next-visit", {}),
    ("posture", {"to": "sitting"}),
    ("load", {"name": NASTY}),
    ("amplitude", {"to_ma": 2.0, "step_ma": 1.0}),
    ("colour", {}),
    ("save", {"name": "sitting"}),
    ("conclude", {"cause": "short"}),
    ("finish", {}),
)


def nasty_case() -> TrainingCase:
    """Return the small case with hostile text in all that an instructor writes."""
    return leg_case(title=NASTY, referral=NASTY, complaint=NASTY, debrief=Debrief(NASTY, (NASTY,)), goals=(NASTY,))


def unsuitable_case() -> TrainingCase:
    """Return a case where the right answer is to stop."""
    return leg_case(id="test-stop", unsuitable=Unsuitable("bleeding-risk", ("history",), "Clotting <is> bad."))


def played(case: TrainingCase, folder: Path, profile: str, steps: Steps, seed: int = SEED) -> Session:
    """Return a session of `case` after `steps`, on record; the case lies in `folder`."""
    session = start(written(case, folder), seed, profile, clock=NO_WAIT)
    for name, parameters in steps:
        session.act(name, parameters)
    return session


def record_of(session: Session) -> Recorded:
    """Return what is on record of a session."""
    return recorded(session.id, session.head.profile)
