"""Events: what happened, one after another. An action, what came of it, what the patient said; nothing hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from scs_sim.training.actions import Action


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of an action, as far as the room can see and hear it.

    done: False where it did not come to pass (the needle met scar, the patient cried stop). cost_s: simulated seconds.
    report: what an instrument, an image or a document shows, in words; said: the patient's own words, "" for none.
    data: the same as plain JSON data (docs/training.md lists the keys of each action).
    """

    done: bool
    cost_s: float
    report: str
    said: str
    data: Mapping[str, Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", MappingProxyType(dict(self.data)))

    def __reduce__(self) -> tuple[type[Outcome], tuple[bool, float, str, str, dict[str, Any]]]:
        """Travel to another process as a plain dict: a mapping proxy cannot."""
        return Outcome, (self.done, self.cost_s, self.report, self.said, dict(self.data))


@dataclass(frozen=True, slots=True)
class TrainingEvent:
    """One line of a session: `serial` counts from 1; time_s is the real time (epoch), which only a recorder knows."""

    serial: int
    time_s: float
    action: Action
    outcome: Outcome


def event_document(event: TrainingEvent) -> dict[str, Any]:
    """Return an event as plain JSON data, the form of the record, of --json and of exports."""
    outcome = event.outcome
    return {
        "serial": event.serial,
        "time_s": event.time_s,
        "action": event.action.name,
        "parameters": dict(event.action.parameters),
        "done": outcome.done,
        "cost_s": outcome.cost_s,
        "report": outcome.report,
        "said": outcome.said,
        "data": dict(outcome.data),
    }


def event_from(document: Mapping[str, Any]) -> TrainingEvent:
    """Return the event that `event_document` gave; its action is taken as it was checked when it happened."""
    return TrainingEvent(
        serial=int(document["serial"]),
        time_s=float(document["time_s"]),
        action=Action(str(document["action"]), document["parameters"]),
        outcome=Outcome(
            bool(document["done"]),
            float(document["cost_s"]),
            str(document["report"]),
            str(document["said"]),
            document["data"],
        ),
    )
