"""TrainingRoom: one session of training as the window holds it: events, the draft of a program, what runs.

It knows what the engine's Situation holds and nothing that is hidden. Answers come from a worker, one after another.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from scs_models.errors import InUseError, ScsError
from scs_sim.limit_profiles import LimitProfile, nearest_allowed, profile
from scs_sim.setting import Progress
from scs_sim.training.actions import Action, action
from scs_sim.training.events import TrainingEvent
from scs_sim.training.record import Recorded, SessionHead, recorded
from scs_sim.training.rules import require_possible
from scs_sim.training.session import Clock, Session, resume, start
from scs_sim.training.situation import Situation, after, begin
from scs_ui.state.moment import Message, Tone
from scs_ui.state.training_draft import TrainingDraft, draft_of, followed

Question = Callable[[Progress], Any]
STEPS_MA = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
"""Steps of a ramp that can be chosen, a second each; beyond 0.3 mA they count as jumps."""
_ANY_PROGRAM: dict[str, object] = {"contacts": "1.1- 1.2+"}
USUAL_STEP_MA, FINE_MA, COARSE_MA = 0.1, 0.1, 0.5


class Worker(Protocol):
    """Runs questions one after another, away from the window: then(answer), or failed(error; None: cancelled)."""

    def ask(self, question: Question, then: Callable[[Any], None], failed: Callable[[Exception | None], None]) -> None:
        """Answer a question after those before it."""

    def cancel(self) -> None:
        """End what runs and drop what waits."""


class AtOnce:
    """A worker that answers here and now: for tests and pictures."""

    def ask(self, question: Question, then: Callable[[Any], None], failed: Callable[[Exception | None], None]) -> None:
        """Answer now."""
        try:
            answer = question(lambda fraction, what: None)
        except ScsError as error:
            failed(error)
        else:
            then(answer)

    def cancel(self) -> None:
        """Do nothing: nothing runs."""


class TrainingRoom:
    """Holds one session, live or watched again; calls listeners after each change.

    place: how many events are shown, all of them but in a replay; step_ma: the step of ramps.
    """

    def __init__(self, worker: Worker, folder: Path | None = None, clock: Clock | None = None) -> None:
        self._worker, self._folder, self._clock = worker, folder, clock
        self._listeners: list[Callable[[], None]] = []
        self._situations: list[Situation] = []
        self._stops = False
        self.session: Session | None = None
        self.head: SessionHead | None = None
        self.events: tuple[TrainingEvent, ...] = ()
        self.place = 0
        self.draft = TrainingDraft()
        self.step_ma = USUAL_STEP_MA
        self.busy = ""
        self.message: Message | None = None
        self.on_event: Callable[[TrainingEvent], None] = lambda event: None

    @property
    def situation(self) -> Situation | None:
        """Return what can be seen after the events shown; None before a session is open."""
        return self._situations[self.place] if self._situations else None

    @property
    def shown(self) -> tuple[TrainingEvent, ...]:
        """Return the events shown."""
        return self.events[: self.place]

    @property
    def is_replay(self) -> bool:
        """Return whether a session is watched again: nothing can be done then."""
        return self.head is not None and self.session is None

    @property
    def limits(self) -> LimitProfile:
        """Return what the generator of the kit can be dialled to."""
        assert self.head is not None
        return profile(self.head.opening.kit.profile)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener()` after every change."""
        self._listeners.append(listener)

    def begin(self, case: str, seed: int | None, profile: str) -> None:
        """Begin a session of a case."""
        self._ask(
            "The patient comes in", lambda progress: start(case, seed, profile, self._folder, self._clock), self.take
        )

    def resume(self, session: str, profile: str) -> None:
        """Take a session up again where it stands."""
        self._ask("The record is read", lambda progress: resume(session, profile, self._folder, self._clock), self.take)

    def watch(self, session: str, profile: str) -> None:
        """Show a session again from its beginning; the patient's side is not needed."""
        self._ask("The record is read", lambda progress: recorded(session, profile, self._folder), self.take_record)

    def take(self, session: Session) -> None:
        """Show a session that was begun or taken up."""
        self.session = session
        self._open(session.head, session.events, len(session.events))

    def take_record(self, found: Recorded) -> None:
        """Show a record from its beginning."""
        self.session = None
        self._open(found.head, found.events, 0)

    def why_not(self, name: str, /, **parameters: object) -> str:
        """Return why an action cannot be done now, "" where it can; that an answer is under way is no reason."""
        now = self.situation
        if now is None:
            return "no session is open"
        if self.is_replay:
            return "this is a replay: nothing can be done in it"
        try:
            require_possible(now, action(name, parameters))
        except ScsError as error:
            return str(error)
        return ""

    def act(self, name: str, /, **parameters: object) -> None:
        """Do an action, unless the patient is still answering; what comes of it is shown when it is on record."""
        if self.busy:
            self.say("One thing at a time: the patient is still answering.", "warn")
            return
        reason = self.why_not(name, **parameters)
        if reason:
            self.say(_sentence(reason), "warn")
            return
        self._do(action(name, parameters))

    def set_program(self) -> None:
        """Set the draft."""
        self.act("program", **self.draft.parameters)

    def why_no_program(self) -> str:
        """Return why the draft cannot be set, "" where it can."""
        signs, now = {share.sign for share in self.draft.shares}, self.situation
        if now is not None and not self.is_replay and not now.finished and signs != {-1, 1}:
            if not now.leads:
                return "a program needs a lead; none is in place"
            return "a program needs a cathode (−) and an anode (+): click contacts"
        return self.why_not("program", **(self.draft.parameters if self.draft.shares else _ANY_PROGRAM))

    def ramp_by(self, by_ma: float) -> None:
        """Ramp up or down by an amount, to the nearest amplitude that can be dialled."""
        now = self.situation
        if now is not None:
            self.ramp_to(self.dialled(now.amplitude_ma + by_ma))

    def ramp_to(self, to_ma: float) -> None:
        """Ramp to an amplitude with the chosen step."""
        self.act("amplitude", to_ma=to_ma, step_ma=self.step_ma)

    def dialled(self, to_ma: float) -> float:
        """Return the nearest amplitude that the generator takes, 0 included."""
        bands = self.limits.amplitude_bands_ma
        if to_ma < bands[0][0] / 2.0:
            return 0.0
        return round(min(nearest_allowed(bands, to_ma), bands[-1][1]), 4)

    def stop(self) -> None:
        """Go to 0 mA at once; an answer that is under way is broken off, or followed by it."""
        now = self.situation
        if now is None or self.session is None or now.finished:
            return
        if self.busy:
            self._stops = True
            self._worker.cancel()
        elif now.amplitude_ma > 0.0:
            self._do(action("amplitude", {"to_ma": 0.0, "step_ma": self.step_ma}))
        else:
            self.say("Stimulation is at 0 mA.")

    def change(self, draft: TrainingDraft) -> None:
        """Take another draft."""
        if draft != self.draft and not self.is_replay:
            self.draft = draft
            self._tell()

    def go(self, place: int) -> None:
        """Show the session after `place` events; of a replay alone."""
        place = min(max(place, 0), len(self.events))
        if self.is_replay and place != self.place:
            self.place = place
            self._follow_place()
            self._tell()

    def say(self, text: str, tone: Tone = "info") -> None:
        """Show one sentence."""
        self.message = Message(text, tone, 1 if self.message is None else self.message.serial + 1)
        self._tell()

    def _open(self, head: SessionHead, events: tuple[TrainingEvent, ...], place: int) -> None:
        self.head, self.events, self.place = head, events, place
        self._situations = [begin(head.opening)]
        for event in events:
            self._situations.append(after(self._situations[-1], event))
        self.draft = TrainingDraft()
        self._follow_place()
        self._tell()

    def _follow_place(self) -> None:
        now = self._situations[self.place]
        self.draft = TrainingDraft() if now.program is None else draft_of(now.program)

    def _do(self, own: Action) -> None:
        session = self.session
        assert session is not None

        def question(progress: Progress) -> TrainingEvent:
            return session.act(own.name, own.parameters, progress)

        self._ask("…", question, self._take_event, self._look_again)

    def _look_again(self, error: Exception | None) -> None:
        """Where another window has gone on with the session, show where it stands now."""
        session = self.session
        self._stops = self._stops and not isinstance(error, InUseError)
        self._failed(error)
        if isinstance(error, InUseError) and session is not None:
            self.resume(session.id, session.head.profile)

    def _take_event(self, event: TrainingEvent) -> None:
        self._situations.append(after(self._situations[-1], event))
        self.events = (*self.events, event)
        self.place = len(self.events)
        self.draft = followed(self.draft, self._situations[-1], event.action.name)
        self._tell()
        self.on_event(event)

    def _ask(
        self,
        what: str,
        question: Question,
        then: Callable[[Any], None],
        failed: Callable[[Exception | None], None] | None = None,
    ) -> None:
        self.busy = what
        self._tell()
        self._worker.ask(question, lambda answer: self._answered(then, answer), failed or self._failed)

    def _answered(self, then: Callable[[Any], None], answer: object) -> None:
        self.busy = ""
        then(answer)
        self._stop_now()

    def _failed(self, error: Exception | None) -> None:
        self.busy = ""
        if error is None:
            self.say("Broken off: nothing was done.")
        else:
            self.say(_sentence(str(error)), "error")
        self._stop_now()

    def _stop_now(self) -> None:
        if self._stops:
            self._stops = False
            self.stop()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
