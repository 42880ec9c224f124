"""Moment: everything the panels are painted from, once per frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scs_ui.state.session import Session
from scs_ui.state.view import View

if TYPE_CHECKING:
    from scs_sim.population import PopulationResult
    from scs_ui.state.live import Frame

Tone = Literal["info", "good", "warn", "error"]


@dataclass(frozen=True, slots=True)
class Busy:
    """Work under way: what, how far (0-1, None where unknown), whether it can be cancelled."""

    text: str
    fraction: float | None = None
    can_cancel: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence for the user, with its tone; `serial` tells a repeated message from an old one."""

    text: str
    tone: Tone
    serial: int


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The session as it is, how it is looked at, the engine's newest answer (`frame.stale`: to an older placement).

    population: the answer for a population of patients where it was asked for and still fits the session.
    """

    session: Session
    view: View
    frame: Frame | None = None
    busy: Busy | None = None
    message: Message | None = None
    population: PopulationResult | None = None
