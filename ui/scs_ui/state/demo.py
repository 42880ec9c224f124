"""The demonstration as a timeline: what happens when, with a sentence each. It does only what a user can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scs_sim.case import builtin_case
from scs_ui.state.actions import contacts, stimulation
from scs_ui.state.moment import Moment
from scs_ui.state.session import Session, session_of

CASE = "back-and-left-leg"
Deed = Callable[[Session, Moment], Session]


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of the demonstration: `deed` is done `times` times, evenly from start_s to end_s.

    waits: the next scene begins only when the lead field is there. shows: what the player does besides: "report".
    """

    start_s: float
    end_s: float
    caption: str
    deed: Deed | None = None
    times: int = 1
    waits: bool = False
    shows: str = ""

    def due(self, at_s: float) -> int:
        """Return how many of the deeds are due at `at_s`."""
        if self.deed is None or at_s < self.start_s:
            return 0
        share = (at_s - self.start_s) / max(self.end_s - self.start_s, 1e-9)
        return min(self.times, 1 + int(share * self.times))


def opening() -> Session:
    """Return the session the demonstration begins with: the case at rest, its amplitude at 0 mA."""
    return stimulation.set_amplitude(session_of(builtin_case(CASE)), 0.0)


def _louder(session: Session, moment: Moment) -> Session:
    at_ma = session.draft.amplitude_ma or 0.0
    return stimulation.set_amplitude(session, at_ma + 0.05)


def _to_comfort(session: Session, moment: Moment) -> Session:
    answers = None if moment.frame is None else moment.frame.solo_answers
    return stimulation.ramp_to(session, "comfort", stimulation.threshold_ma(answers, "comfort"))


SCENES: tuple[Scene, ...] = (
    Scene(0.0, 4.0, "A case: pain in the low back and the left leg. Two leads lie behind the spinal cord.", waits=True),
    Scene(4.0, 16.0, "The amplitude rises: first tingling at the perception threshold.", _louder, 46),
    Scene(16.0, 19.0, "Comfort lies between perception and discomfort.", _to_comfort),
    Scene(19.0, 29.0, "Steering down the lead in tenths of the contact spacing; the amplitude stays.",
          lambda session, moment: contacts.steer(session, "up", -1), 10),
    Scene(29.0, 36.0, "Steering across to the right lead: the body map follows.",
          lambda session, moment: contacts.steer(session, "right", 1), 5),
    Scene(36.0, 42.0, "A wider pulse reaches more fibres at the same amplitude.",
          lambda session, moment: stimulation.step_pulse_width(session, 1, coarse=False), 9),
    Scene(42.0, 49.0, "Standing up: the cord moves away from the leads, the paresthesia fades.",
          lambda session, moment: stimulation.set_posture(session, "standing"), waits=True),
    Scene(49.0, 54.0, "Back to comfort in this posture.", _to_comfort, waits=True),
    Scene(54.0, 60.0, "The program on one page. Predicted paresthesia, not pain relief.", shows="report"),
)  # fmt: skip
LASTS_S = SCENES[-1].end_s
