"""The window is killed at random moments of a restless user's work: it is offered back, one action is lost at most.

Two windows run side by side each time, so that each must leave the other's journal alone. Run 200 kills with
`pytest -m long tests/ui/test_kill_window.py`; the count and the result go to docs/data/kill_window.json.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
sys.path.insert(0, str(Path(__file__).parent))
from kill_driver import digest
from kill_record import record, started

from scs_ui.state.files import read_session
from scs_ui.state.recovery import left_work, take

DRIVER = Path(__file__).with_name("kill_driver.py")
START_S = 180.0


class Window:
    """One window in a process of its own, and all it said."""

    def __init__(self, state: Path, seed: int, *more: str) -> None:
        environment = os.environ | {"SCS_SIM_STATE_DIR": str(state), "SCS_SIM_CONFIG_DIR": str(state / "config")}
        self.lines: list[str] = []
        self.file = state.with_name(f"{seed}.scsx")
        self._process = subprocess.Popen(
            [sys.executable, str(DRIVER), str(seed), *more], stdout=subprocess.PIPE, encoding="utf-8", env=environment
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, actions: int) -> None:
        """Wait until so many actions have begun."""
        until = time.monotonic() + START_S
        while self.lines.count("action") < actions:
            assert self._process.poll() is None, "the window ended by itself"
            assert time.monotonic() < until, f"only {self.lines.count('action')} actions: {self.lines[-3:]}"
            time.sleep(0.005)

    def join(self) -> None:
        """Wait for its own end."""
        assert self._process.wait(START_S) == 0
        self._reader.join()

    def kill(self) -> None:
        """Kill it and read what it had still said."""
        self._process.kill()
        self._process.wait()
        self._reader.join()

    @property
    def may_be_restored(self) -> set[str]:
        """Return the sessions that lose one action at most: those of the last action and the one before it."""
        places = [place for place, line in enumerate(self.lines) if line == "action"]
        last = places[-1] if places else 0
        before = [line for line in self.lines[:last] if line.startswith("state ")][-1:]
        during = [line for line in self.lines[last:] if line.startswith("state ")]
        return {line.removeprefix("state ") for line in (*before, *during)}

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as said:
            for line in said:
                if line.endswith("\n"):
                    self.lines.append(line.rstrip("\n"))


@dataclass(frozen=True)
class Kill:
    """One killed window: the actions it had begun, whether its work was offered, or safe in a file (or untouched)."""

    actions: int
    offered: bool


def judge(window: Window, state: Path) -> Kill:
    """Judge what a killed window left, and take it away; that of a window that still runs must not be offered."""
    works = left_work(state)
    assert len(works) <= 1
    allowed, actions = window.may_be_restored, window.lines.count("action")
    if not works:
        at_start = window.lines[0].removeprefix("state ")
        assert allowed & {at_start, digest(read_session(window.file)) if window.file.exists() else at_start}
        return Kill(actions, False)
    (work,) = works
    assert work.problem == ""
    journal, found = take(work.path)
    assert journal is not None
    assert found.whole
    assert digest(found.session) in allowed
    journal.close()
    work.path.unlink()
    return Kill(actions, True)


def kill_two(folder: Path, chance: random.Random) -> list[Kill]:
    """Let two windows play in one folder, kill one, then the other, and judge both."""
    state = folder / "state"
    windows = [Window(state, chance.getrandbits(32)) for _ in range(2)]
    try:
        for window in windows:
            window.wait_for(chance.randrange(1, 15))
        time.sleep(chance.uniform(0.0, 0.3))
        kills = []
        for window in windows:
            window.kill()
            kills.append(judge(window, state))
            time.sleep(chance.uniform(0.0, 0.1))
    finally:
        for window in windows:
            window.kill()
    return kills


@pytest.mark.slow
def test_the_window_itself_offers_and_restores_the_work(tmp_path: Path) -> None:
    """One kill, and a second start that presses the button of the recovery bar."""
    window = Window(tmp_path / "state", 3)
    window.wait_for(12)
    while not window.lines[-1].startswith("state"):
        time.sleep(0.01)
    window.kill()
    offered = left_work(tmp_path / "state")
    again = Window(tmp_path / "state", 3, "restore")
    again.join()
    assert again.lines[0] == f"offers {len(offered)}"
    if offered:
        assert again.lines[1].removeprefix("restored ") in window.may_be_restored
    assert len(left_work(tmp_path / "state")) == len(offered)  # not saved yet: still there at the third start


@pytest.mark.slow
def test_killed_windows_lose_one_action_at_most(tmp_path: Path) -> None:
    chance = random.Random(7)
    kills = [kill for n in range(4) for kill in kill_two(tmp_path / str(n), chance)]
    assert sum(kill.offered for kill in kills) > 4


@pytest.mark.long
def test_two_hundred_killed_windows(tmp_path: Path) -> None:
    start, seed = started(), int(time.time())
    chance = random.Random(seed)
    kills = [kill for n in range(100) for kill in kill_two(tmp_path / str(n), chance)]
    record(
        "window",
        "pytest -m long tests/ui/test_kill_window.py",
        start,
        {
            "seed": seed,
            "kills": len(kills),
            "actions": sum(kill.actions for kill in kills),
            "offered_back": sum(kill.offered for kill in kills),
            "safe_in_a_file_or_untouched": sum(not kill.offered for kill in kills),
            "windows_side_by_side": 2,
        },
    )
