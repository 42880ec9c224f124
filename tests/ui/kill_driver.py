"""The real window with a user who never stops, until it is killed: kill_driver.py SEED [restore].

Prints, each on a line of its own and before it happens: "action" when an action begins to change the session, "state
DIGEST" for every session that takes the place of another, "save DIGEST" and "saved" round saving to a file. With
`restore` it first presses the recovery bar's button and prints "restored DIGEST".
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "state"))

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton
from random_steps import Step, random_steps

from scs_models import files
from scs_ui.app import Desk, application
from scs_ui.start import Start
from scs_ui.state.session import Session
from scs_ui.state.store import Change


def digest(session: Session) -> str:
    """Return what tells sessions apart; 210 and 210.0 are one number."""
    text = json.dumps(files.encode(session), sort_keys=True)
    return hashlib.sha256(json.dumps(json.loads(text, parse_int=float)).encode()).hexdigest()[:16]


def say(line: str) -> None:
    """Print one line at once, whole or not at all."""
    os.write(1, f"{line}\n".encode())


class Witness:
    """Tells the parent of every session before the store takes it."""

    def __init__(self, desk: Desk) -> None:
        self._record, self._replace = desk.store.recorder, desk.store.replace
        self._row, self._is_new = "", True
        desk.store.recorder = self.record
        desk.store.replace = self.replace

    def record(self, change: Change) -> None:
        assert self._record is not None
        self._is_new = not change.merge or change.merge != self._row
        self._row = change.merge
        self._record(change)
        self._is_new = True

    def replace(self, session: Session) -> None:
        if self._is_new:
            say("action")
        say(f"state {digest(session)}")
        self._is_new = False
        self._replace(session)
        self._is_new = True


class User:
    """Acts at random in the free moments of the event loop."""

    def __init__(self, desk: Desk, chance: random.Random) -> None:
        self._desk, self._chance = desk, chance
        self._steps: list[Step] = []
        self._timer = QTimer(singleShot=True)
        self._timer.timeout.connect(self._next)
        self._timer.start(0)

    def _next(self) -> None:
        desk, chance = self._desk, self._chance
        if self._steps:
            step = self._steps.pop(0)
            desk.store.act(step.text, step.action, step.merge)
            if not self._steps:
                desk.store.end_merge()
        elif chance.random() < 0.15:
            chance.choice((desk.window.history.undo, desk.window.history.redo))()
        elif chance.random() < 0.03:
            say(f"save {digest(desk.store.session)}")
            desk.files.save_to(str(Path(os.environ["SCS_SIM_STATE_DIR"]).with_name(f"{sys.argv[1]}.scsx")))
            say("saved")
        else:
            self._steps = random_steps(desk.store.session, chance)
        self._timer.start(chance.choice((0, 0, 0, 3, 15)))


def restore(desk: Desk) -> None:
    """Press Restore in the recovery bar, where it stands there."""
    say(f"offers {len(desk.recovery.offers)}")
    (button,) = (item for item in desk.recovery.widget.findChildren(QPushButton) if item.text() == "Restore")
    if desk.recovery.offers:
        button.click()
        say(f"restored {digest(desk.store.session)}")


def main() -> None:
    """Open the window and play."""
    app = application()
    desk = Desk(app, Start())
    desk.open()
    if sys.argv[2:] == ["restore"]:
        restore(desk)
        os._exit(0)  # as suddenly as the first time
    witness = Witness(desk)
    user = User(desk, random.Random(int(sys.argv[1])))
    say(f"state {digest(desk.store.session)}")
    app.exec()
    del witness, user


if __name__ == "__main__":
    main()
