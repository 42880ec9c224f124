"""A whole trial, step by step, for the tests of records and exams; and what comes of it where nothing disturbs."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "sim"))

from training_helpers import training_case

from scs_models.files import encode
from scs_sim.training.actions import action
from scs_sim.training.case import Complication, Manner, TrainingCase
from scs_sim.training.clinic import PatientSide
from scs_sim.training.events import TrainingEvent

PATH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("read", {"item": "referral"}),
    ("read", {"item": "pain-map"}),
    ("place-lead", {"lead_type": "quad-7mm", "tip_level": "T10", "x_mm": -1.0}),
    ("xray", {"view": "ap"}),
    ("impedance", {}),
    ("program", {"contacts": "1.2- 1.3+"}),
    ("amplitude", {"to_ma": 3.0}),
    ("ask", {"about": "where"}),
    ("amplitude", {"to_ma": 20.0}),
    ("ask", {"about": "strength"}),
    ("colour", {}),
    ("note", {"threshold": "pt", "value_ma": 2.5}),
    ("note", {"threshold": "dt", "value_ma": 5.5}),
    ("save", {"name": "one"}),
    ("anchor", {}),
    ("limit", {"to_ma": 5.0}),
    ("next-visit", {}),
    ("impedance", {}),
    ("load", {"name": "one"}),
    ("amplitude", {"to_ma": 20.0, "step_ma": 0.5}),
    ("posture", {"to": "sitting"}),
    ("ask", {"about": "comfort"}),
    ("conclude", {"cause": "migration"}),
    ("finish", {}),
)


def noisy_case() -> TrainingCase:
    """Return a case whose answers depend on chance at every turn, so that a session that goes on otherwise is seen."""
    usual = training_case(manner=Manner(mood="anxious"))
    table, clinic = usual.visits
    happens = (Complication("migration", rostral_mm=(-4.2, -3.1)), Complication("open-contact"))
    return dataclasses.replace(usual, visits=(table, dataclasses.replace(clinic, complications=happens)))


def undisturbed(case: TrainingCase, seed: int, path: tuple[tuple[str, dict[str, Any]], ...] = PATH) -> list[Any]:
    """Return the outcomes of a path without a record, a resumption or another process."""
    side, outcomes = PatientSide(case, seed), []
    for serial, (name, parameters) in enumerate(path, start=1):
        own = action(name, parameters)
        outcome = side.answer(own)
        side.follow(TrainingEvent(serial, 0.0, own, outcome))
        outcomes.append(encode(outcome))
    return outcomes
