"""Store: the one place that holds what the app knows. Panels read it, act on it and are told when it changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from scs_models.errors import ScsError
from scs_sim.program import GENERATOR
from scs_ui.state.moment import Busy, Message, Moment, Tone
from scs_ui.state.session import Session
from scs_ui.state.view import View

if TYPE_CHECKING:
    from scs_sim.population import PopulationResult
    from scs_ui.state.live import Frame

Topic = Literal["session", "view", "frame", "busy", "message", "file"]
Action = Callable[[Session], Session]
AnswerT = TypeVar("AnswerT")
Progress = Callable[[float, str], None]
Question = Callable[[Progress], AnswerT]


@dataclass(frozen=True, slots=True)
class Change:
    """One undoable step: its name for menus and history; changes of one non-empty `merge` in a row are one step."""

    text: str
    before: Session
    after: Session
    merge: str = ""


class Asker(Protocol):
    """Whoever runs long questions: the window's runner in worker threads, or at once where there is none."""

    def __call__(
        self,
        channel: str,
        question: Question[Any],
        then: Callable[[Any], None],
        *,
        delay_ms: int = 0,
        label: str = "",
        overtaken: bool = False,
    ) -> None: ...


def ask_at_once(
    channel: str,
    question: Question[Any],
    then: Callable[[Any], None],
    *,
    delay_ms: int = 0,
    label: str = "",
    overtaken: bool = False,
) -> None:
    """Answer a question here and now: for tests and pictures without a window."""
    then(question(_say_nothing))


class Store:
    """Holds session, view, the engine's newest frame, busy state and message; calls listeners after each change.

    recorder: where undoable changes go (the undo stack, which then calls `replace`); without one they apply at once.
    path and saved: where the session lies on disk, and the session that is there.
    """

    def __init__(self, session: Session, view: View | None = None) -> None:
        self._session, self._view = session, view or View(selected=first_contact(session))
        self._frame: Frame | None = None
        self._busy: dict[str, Busy] = {}
        self._message: Message | None = None
        self._population: PopulationResult | None = None
        self._row = 0
        self._listeners: list[Callable[[Topic], None]] = []
        self.recorder: Callable[[Change], None] | None = None
        self.asker: Asker = ask_at_once
        self.cancel: Callable[[str], None] = lambda channel: None
        self.path: str = ""
        self.saved: Session | None = None

    @property
    def session(self) -> Session:
        """Return the session as it is now."""
        return self._session

    @property
    def view(self) -> View:
        """Return how it is looked at."""
        return self._view

    @property
    def frame(self) -> Frame | None:
        """Return the engine's newest answer."""
        return self._frame

    @property
    def busy_channels(self) -> tuple[str, ...]:
        """Return the channels of work that show progress."""
        return tuple(self._busy)

    @property
    def is_saved(self) -> bool:
        """Return whether the session is what lies on disk; an untouched new session counts as saved."""
        return self.saved is self._session

    def moment(self) -> Moment:
        """Return what panels are painted from."""
        busy = next(iter(self._busy.values()), None)
        return Moment(self._session, self._view, self._frame, busy, self._message, self._population)

    def subscribe(self, listener: Callable[[Topic], None]) -> Callable[[], None]:
        """Call `listener(topic)` after every change; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def act(self, text: str, action: Action, merge: str = "") -> bool:
        """Apply an action as one undoable step, or say why it fails; return whether it changed anything.

        merge: changes of one non-empty name in a row are one step (a drag); `end_merge` ends the row.
        """
        before = self._session
        try:
            after = action(before)
        except ScsError as error:
            self.say(_sentence(str(error)), "warn")
            return False
        if after == before:
            return False
        change = Change(text, before, after, f"{merge}#{self._row}" if merge else "")
        if self.recorder is None:
            self.replace(after)
        else:
            self.recorder(change)
        return True

    def end_merge(self) -> None:
        """End a row of changes that are one step: the mouse button was released, the pause was long."""
        self._row += 1

    def replace(self, session: Session) -> None:
        """Put `session` in place without a step of its own (undo, redo)."""
        if session is self._session:
            return
        self._session = session
        names = (*session.case.contact_names(), GENERATOR)
        if self._view.selected not in names:
            self._view = replace(self._view, selected=first_contact(session))
        self._population = None
        self._tell("session")

    def open(self, session: Session, path: str = "", *, unsaved: bool = False) -> None:
        """Begin with another session; it counts as saved unless it was recovered."""
        self.path, self.saved, self._frame, self._population = path, None if unsaved else session, None, None
        self._session = session
        self._view = replace(self._view, selected=first_contact(session), field_z_mm=None)
        self._tell("file")
        self._tell("session")

    def mark_saved(self, session: Session, path: str) -> None:
        """Note that `session` lies at `path` now."""
        self.path, self.saved = path, session
        self._tell("file")

    def look(self, **changes: Any) -> None:
        """Change the view; fields of View as keywords."""
        view = replace(self._view, **changes)
        if view != self._view:
            self._view = view
            self._tell("view")

    def show_frame(self, frame: Frame | None) -> None:
        """Take the engine's newest answer."""
        if frame is not self._frame:
            self._frame = frame
            self._tell("frame")

    def show_busy(self, channel: str, busy: Busy | None) -> None:
        """Show or end the progress of one channel of work."""
        if busy is None:
            self._busy.pop(channel, None)
        else:
            self._busy[channel] = busy
        self._tell("busy")

    def show_population(self, population: PopulationResult | None) -> None:
        """Take the answer for a population."""
        self._population = population
        self._tell("frame")

    def say(self, text: str, tone: Tone = "info") -> None:
        """Show one sentence."""
        self._message = Message(text, tone, 1 if self._message is None else self._message.serial + 1)
        self._tell("message")

    def ask(
        self,
        channel: str,
        question: Question[AnswerT],
        then: Callable[[AnswerT], None],
        *,
        delay_ms: int = 0,
        label: str = "",
        overtaken: bool = False,
    ) -> None:
        """Have a long question answered elsewhere and `then` called here; a newer one of its channel replaces it.

        question: called with progress(fraction, what); delay_ms: wait that long for a newer one first; label: what the
        status bar says meanwhile, "" for nothing; overtaken: an answer counts even if a newer question came before it
        was there. Errors become a message.
        """
        self.asker(channel, question, then, delay_ms=delay_ms, label=label, overtaken=overtaken)

    def _tell(self, topic: Topic) -> None:
        for listener in tuple(self._listeners):
            listener(topic)


def first_contact(session: Session) -> str:
    """Return the first cathode of the edited area, else the first contact."""
    cathodes = [share.name for share in session.draft.shares if share.sign < 0 and share.lead]
    return cathodes[0] if cathodes else "1.1"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _say_nothing(fraction: float, what: str) -> None:
    return None
