"""Small training cases and sessions for the tests: hidden numbers that can be searched for, no noise."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from scs_models import files
from scs_sim.patient import PainMap
from scs_sim.training.actions import action
from scs_sim.training.case import Complication, Debrief, Kit, Manner, TrainingCase, Visit
from scs_sim.training.clinic import PatientSide
from scs_sim.training.events import TrainingEvent
from scs_sim.training.hiding import HiddenRoot, HiddenScar, Hiding
from scs_sim.training.session import Clock

QUIET = Manner(noise=0.0, habituation=0.0)
HIDDEN = Hiding(
    cord_offset_mm=0.73159,
    gain=1.13579,
    felt_fibres=3.46813,
    injured_roots=(HiddenRoot("S1", "right", 0.53717),),
    scars=(HiddenScar("T11", "T11", "both", 0.41357),),
)
NO_WAIT = Clock(now_s=lambda: 0.0, sleep=lambda _seconds: None)


def training_case(**changes: Any) -> TrainingCase:
    """Return a case of one quad lead at T9-T11, supine or prone on the table, then supine or sitting; noise-free."""
    usual: dict[str, Any] = {
        "id": "test-leg",
        "title": "A leg",
        "grade": 1,
        "goals": ("to be tested",),
        "referral": "Dear colleague, a leg.",
        "complaint": "My left leg hurts.",
        "imaging": "Nothing new.",
        "pain": PainMap({"left_calf_lateral": 6.0, "left_foot_dorsum": 4.0}),
        "debrief": Debrief("One lead is enough."),
        "hiding": HIDDEN,
        "manner": QUIET,
        "kit": Kit(lead_types=("quad-7mm",), tip_levels=("T9", "T10"), entry_levels=("L1", "T12")),
        "visits": (
            Visit("table", "table", 0.0, ("supine",)),
            Visit("clinic", "clinic", 1.0, ("supine", "sitting")),
        ),
    }
    return TrainingCase(**(usual | changes))


def with_complications(*complications: Complication) -> TrainingCase:
    """Return the usual case with these complications before its second visit."""
    table, clinic = training_case().visits
    return training_case(visits=(table, dataclasses.replace(clinic, complications=complications)))


def written(case: TrainingCase, folder: Path) -> str:
    """Return the path of a JSON file with `case` in `folder`."""
    path = folder / f"{case.id}.json"
    path.write_text(files.json_text(case), encoding="utf-8")
    return str(path)


def do(side: PatientSide, what: str, /, **parameters: Any) -> TrainingEvent:
    """Let `side` answer an action and take it over, as a session does; return the event."""
    own = action(what, parameters)
    event = TrainingEvent(side.situation.serial + 1, 0.0, own, side.answer(own))
    json.dumps(dict(event.outcome.data))  # plain JSON data, or it could not be recorded
    side.follow(event)
    return event


def on_table(case: TrainingCase, seed: int = 1, x_mm: float = -1.0, contacts: str = "1.2- 1.3+") -> PatientSide:
    """Return a patient with one lead and a program set, nothing switched on."""
    side = PatientSide(case, seed)
    do(side, "place-lead", lead_type=case.kit.lead_types[0], tip_level="T10", x_mm=x_mm)
    do(side, "program", contacts=contacts)
    return side
