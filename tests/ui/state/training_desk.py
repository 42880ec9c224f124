"""A patient for tests of the training window who answers at once: the engine's room and events, without the model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from scs_sim.training.actions import action
from scs_sim.training.case import builtin_training_case
from scs_sim.training.events import Outcome, TrainingEvent
from scs_sim.training.record import begin_record
from scs_sim.training.session import PRACTICE, Clock, Session, case_digest
from scs_sim.training.situation import opening_of

CASE = "sciatica-left-leg"
NO_WAIT = Clock(now_s=lambda: 0.0, sleep=lambda _seconds: None)
BONES = [{"vertebra": name, "mid_z_mm": z} for name, z in (("T8", 24.5), ("T9", 0.0), ("T10", -25.8), ("T11", -53.0))]


def xray_data(*leads: tuple[int, float, float], view: str = "ap") -> dict[str, Any]:
    """Return an X-ray of leads (number, x of all contacts, z of the tip contact), eight contacts 7 mm apart."""
    rows = []
    for number, x_mm, z_mm in leads:
        contacts = [{"name": f"{number}.{k + 1}", "x_mm": x_mm, "z_mm": z_mm - 7.0 * k} for k in range(8)]
        rows.append({"lead": number, "lead_type": "octet-7mm", "tip_level": "T9", "tip_offset_mm": z_mm + 1.5,
                     "tip_x_mm": x_mm, "contacts": contacts})  # fmt: skip
    return {"view": view, "vertebrae": BONES, "leads": rows}


def amplitude_data(from_ma: float, to_ma: float, **changes: Any) -> dict[str, Any]:
    """Return the data of a ramp that went as asked."""
    usual = {"from_ma": from_ma, "to_ma": to_ma, "step_ma": 0.1, "reached_ma": to_ma, "amplitude_ma": to_ma,
             "stopped": False, "felt_from_ma": None, "felt_where": [], "uncomfortable_from_ma": None,
             "twitch_from_ma": None, "twitch_where": "", "strength": None}  # fmt: skip
    return usual | changes


def event(serial: int, name: str, parameters: Mapping[str, object] | None = None, *, done: bool = True,
          report: str = "", said: str = "", cost_s: float = 60.0, **data: Any) -> TrainingEvent:  # fmt: skip
    """Return an event as the patient's side would have given it."""
    return TrainingEvent(serial, 1.0, action(name, parameters), Outcome(done, cost_s, report, said, data))


class PlainPatient:
    """Answers every action with invented data, in the form of the engine."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ma = 0.0
        self.leads = 0

    def answer(self, own: Any, progress: Any = None) -> Outcome:
        """Return what comes of it."""
        self.asked.append(own.name)
        return Outcome(True, 60.0, f"seen after {own.name}", "I see.", self._data(own))

    def follow(self, event: TrainingEvent) -> None:
        """Remember amplitude and leads."""
        name = event.action.name
        if name == "amplitude":
            self.ma = float(event.outcome.data["amplitude_ma"])
        elif name in ("program", "load", "next-visit"):
            self.ma = 0.0
        self.leads += {"place-lead": 1, "remove-lead": -1}.get(name, 0)

    def _data(self, own: Any) -> dict[str, Any]:
        if own.name == "read":
            if own.text("item") == "pain-map":
                return {"item": "pain-map", "scores": {"left_calf_lateral": 7.0}, "polygons": []}
            if own.text("item") == "history":
                return {"item": "history", "items": [{"kind": "surgery", "when": "long ago", "outcome": "none"}]}
            return {"item": own.text("item"), "text": "Dear colleague"}
        made = {
            "place-lead": lambda: {"lead": self.leads + 1, "entry_level": "L1"},
            "xray": lambda: xray_data((1, -1.5, -4.0), view=own.text("view")),
            "impedance": lambda: {"contacts": [{"name": f"1.{k}", "ohm": None if k == 2 else 800.0 + k,
                                                "flag": "open" if k == 2 else ""} for k in range(1, 9)]},
            "amplitude": lambda: amplitude_data(self.ma, own.number("to_ma"), felt_from_ma=1.2),
            "colour": lambda: {"regions": {"left_calf_lateral": 5, "left_foot_dorsum": 2}},
            "anchor": lambda: {"reference": True},
        }  # fmt: skip
        return made.get(own.name, lambda: dict(own.parameters))()


def plain_session(profile: str = "kim") -> Session:
    """Return a session on record whose patient is a PlainPatient."""
    case = builtin_training_case(CASE)
    found = begin_record(profile, opening_of(case), case_source=CASE, case_digest=case_digest(case), mode=PRACTICE,
                         seed=7)  # fmt: skip
    return Session(dataclasses.replace(found), PlainPatient(), clock=NO_WAIT)
