"""What menus and keys do with training: begin, resume, watch again, report; and the keys within its own window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from scs_ui import keys
from scs_ui.keys import Handler
from scs_ui.theme import Theme

if TYPE_CHECKING:
    from scs_sim.training.record import SessionHead
    from scs_sim.training.situation import Situation
    from scs_ui.widgets.training_choosers import ChooseSession, NewTraining, Wanted
    from scs_ui.widgets.training_report import ReportWindow
    from scs_ui.widgets.training_window import TrainingWindow


class TrainingDesk:
    """Opens training windows; what they are made of is loaded when the first one opens, not with the app.

    say: how the app's own window says a sentence.
    """

    def __init__(self, window: QWidget, theme: Theme, say: Callable[[str], object]) -> None:
        self._parent, self._theme, self._say = window, theme, say
        self._profile = ""
        self.windows: list[TrainingWindow] = []
        self._keys: dict[TrainingWindow, keys.Actions] = {}
        self.reports: list[ReportWindow] = []
        self.chooser: NewTraining | ChooseSession | None = None

    def handlers(self) -> dict[str, Handler]:
        """Return what the menu of the app's own window does."""
        return {
            "training.new": self.new,
            "training.resume": self.resume,
            "training.replay": self.replay,
            "training.report": self.report,
            "training.answer": self._go_on,
        }

    def new(self) -> None:
        """Choose a case and begin."""
        from scs_sim.training.record import USUAL_PROFILE
        from scs_ui.widgets.training_choosers import NewTraining

        self.chooser = NewTraining(self.begin, self._profile or USUAL_PROFILE, self._top())
        self.chooser.open()

    def resume(self) -> None:
        """Choose a session that is not finished and go on with it."""
        from scs_ui.widgets.training_choosers import is_open

        self._choose("Resume a training", "Resume", is_open, self._resume)

    def replay(self) -> None:
        """Choose a finished session and watch it again."""
        self._choose("Replay a training", "Replay", _is_over, self._watch)

    def report(self) -> None:
        """Choose a finished session and read its report."""
        self._choose("Report of a training", "Report", _is_over, self.show_report)

    def show_report(self, session: str, profile: str) -> None:
        """Open the window with score and report of a finished session."""
        from scs_ui.widgets.training_report import ReportWindow

        self._profile = profile
        made = ReportWindow(session, profile, self._theme)
        self.reports.append(made)
        made.on_closed = lambda: self.reports.remove(made)
        made.on_replay = lambda: self._watch(session, profile)
        made.on_again = lambda case: self._begin_again(case, profile)
        made.show()

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        for window in self.windows:
            window.set_theme(theme)
        for report in self.reports:
            report.set_theme(theme)
        for actions in self._keys.values():
            actions.set_theme(theme)

    def close(self) -> None:
        """Close every window of training; all is on record."""
        for window in (*self.windows, *self.reports):
            window.close()

    def begin(self, wanted: Wanted) -> None:
        """Open a window and begin a session in it."""
        self._profile = wanted.profile
        self._opened().room.begin(wanted.case, wanted.seed, wanted.profile)

    def _begin_again(self, case: str, profile: str) -> None:
        self._opened().room.begin(case, None, profile)

    def _resume(self, session: str, profile: str) -> None:
        self._profile = profile
        self._opened().room.resume(session, profile)

    def _watch(self, session: str, profile: str) -> None:
        self._profile = profile
        self._opened().room.watch(session, profile)

    def _go_on(self) -> None:
        if not self.windows:
            self._say("No training is open: Training > New training begins one.")
            return
        self.windows[-1].activateWindow()
        self.windows[-1].course.go_on()

    def _choose(
        self,
        title: str,
        button: str,
        wants: Callable[[SessionHead, Situation], bool],
        then: Callable[[str, str], object],
    ) -> None:
        from scs_sim.training.record import USUAL_PROFILE
        from scs_ui.widgets.training_choosers import ChooseSession

        self.chooser = ChooseSession(title, button, wants, then, self._profile or USUAL_PROFILE, self._top())
        self.chooser.open()

    def _opened(self) -> TrainingWindow:
        from scs_ui.widgets.training_window import TrainingWindow

        made = TrainingWindow(self._theme)
        self._keys[made] = attach(made, self)
        self.windows.append(made)
        made.on_closed = lambda: self._forget(made)
        made.show()
        made.activateWindow()
        return made

    def _forget(self, window: TrainingWindow) -> None:
        self.windows.remove(window)
        del self._keys[window]

    def _top(self) -> QWidget:
        active = next((window for window in self.windows if window.isActiveWindow()), None)
        return self._parent if active is None else active


def attach(window: TrainingWindow, desk: TrainingDesk) -> keys.Actions:
    """Give a training window its menus and keys, those of the app where they mean the same."""
    from scs_ui.state.training import COARSE_MA, FINE_MA

    room = window.room
    own = desk.handlers() | {
        "training.answer": window.course.go_on,
        "replay.play": window.replay.toggle,
        "replay.back": lambda: window.replay.step(-1),
        "replay.forward": lambda: window.replay.step(1),
        "stim.stop": room.stop,
        "stim.up": lambda: room.ramp_by(FINE_MA),
        "stim.down": lambda: room.ramp_by(-FINE_MA),
        "stim.up_coarse": lambda: room.ramp_by(COARSE_MA),
        "stim.down_coarse": lambda: room.ramp_by(-COARSE_MA),
        "stim.mark_pt": lambda: window.program.note("pt"),
        "stim.mark_comfort": lambda: window.program.note("comfort"),
        "stim.mark_dt": lambda: window.program.note("dt"),
    }
    middle = window.middle
    actions = keys.build(window, own, {"training": [middle], "replay": [middle]})
    actions.fill(window.menuBar())
    actions.set_theme(window.theme)
    window.on_finished = desk.show_report
    return actions


def _is_over(head: SessionHead, now: Situation) -> bool:
    return now.finished
