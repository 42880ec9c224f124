"""The real app under a real X server, driven from outside as a user would: mouse, keyboard, what the files then hold.

Pictures of what was on the screen go to the folder SCS_SIM_XVFB_PICTURES where that is set. SCS_SIM_REQUIRE_XVFB=1 (set
by .ci/run) makes a missing program a failure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))

from xvfb_desktop import Desktop, missing_programs, wait_until

MISSING = [*missing_programs(), *(["PySide6"] if find_spec("PySide6") is None else [])]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(MISSING) and os.environ.get("SCS_SIM_REQUIRE_XVFB") != "1", reason=f"missing: {', '.join(MISSING)}"
    ),
]

SCREEN_PX, WINDOW_PX = (1700, 1040), (1600, 950)
CASE, LAYOUT = "back-and-left-leg", "programming"
COLORS = {"cathode": (59, 143, 232), "anode": (226, 96, 91), "pt": (127, 200, 255)}
"""As the dark theme has them; pt: the mark of the perception threshold, there once the model has answered."""

# Where things stand in a window of that size: asked in memory, by what a screen reader calls them.
PLACES = f"""
import json, sys, tempfile, time
from dataclasses import replace
from pathlib import Path
from scs_ui.offscreen import use_offscreen
folder = tempfile.mkdtemp()
use_offscreen(Path(folder), {WINDOW_PX}, 1.0)
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget
from scs_sim.case import builtin_case
from scs_ui.app import Desk, application
from scs_ui.settings import Settings
from scs_ui.start import Start
from scs_ui.state.session import session_of
settings = Settings()
settings.save(replace(settings.preferences, seen_tour=True))
start = Start(session_of(builtin_case({CASE!r})), layout={LAYOUT!r}, theme="dark", recover=False)
desk = Desk(application(), start)
window = desk.window
desk.open()
window.resize(*{WINDOW_PX})
window.arrange({LAYOUT!r})
end = time.monotonic() + 60.0
while desk.store.frame is None and time.monotonic() < end:
    QApplication.processEvents()
for _ in range(20):
    QApplication.processEvents()
found, docks = {{}}, [item.dock for item in window.docks.values()]
for widget in window.findChildren(QWidget):
    name = f"dock {{widget.objectName()}}" if widget in docks else widget.accessibleName()
    if name and widget.isVisible():
        at = widget.mapTo(window, QPoint(0, 0))
        found.setdefault(name, [at.x(), at.y(), widget.width(), widget.height()])
print(json.dumps(found))
sys.stdout.flush()
import os
os._exit(0)
"""


class User:
    """Somebody in front of the window, with a mouse, a keyboard and eyes."""

    def __init__(self, desktop: Desktop, window: str, places: dict[str, list[int]], file: Path) -> None:
        self.desktop, self.places, self.file = desktop, places, file
        said = dict(
            line.split("=")
            for line in desktop.xdotool("getwindowgeometry", "--shell", window).splitlines()
            if "=" in line
        )
        self.x, self.y = int(said["X"]), int(said["Y"])
        self.size = int(said["WIDTH"]), int(said["HEIGHT"])

    def middle(self, name: str) -> tuple[float, float]:
        """Return the middle of what a screen reader calls `name`, on the screen."""
        x, y, wide, high = self.places[name]
        return self.x + x + wide / 2, self.y + y + high / 2

    def sees(self, name: str) -> np.ndarray:
        """Return the part of the screen where the dock `name` is."""
        x, y, wide, high = self.places[f"dock {name}"]
        return self.desktop.picture()[self.y + y : self.y + y + high, self.x + x : self.x + x + wide]

    def looks_for(self, color: str, dock: str = "spine") -> tuple[float, float] | None:
        """Return where in a dock most of a color of COLORS is, a patch as large as a contact, on the screen."""
        close = np.all(np.abs(self.sees(dock).astype(int) - np.array(COLORS[color])) < 30, axis=2)
        wide, high = 14, 20
        sums = np.pad(close.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
        patches = sums[high:, wide:] - sums[:-high, wide:] - sums[high:, :-wide] + sums[:-high, :-wide]
        if patches.max() < (40 if dock == "spine" else 12):  # a contact, or a mark and its name
            return None
        top, left = np.argwhere(patches > 0.95 * patches.max()).mean(axis=0)
        x, y, *_ = self.places[f"dock {dock}"]
        return self.x + x + float(left) + wide / 2, self.y + y + float(top) + high / 2

    def waits(self) -> None:
        """Wait until the spine stands still: nothing moves any more, no message comes or goes."""
        last = [self.sees("spine")]

        def is_still() -> bool:
            time.sleep(0.3)
            now = self.sees("spine")
            still = bool(np.array_equal(now, last[0]))
            last[0] = now
            return still

        wait_until(is_still, "the spine stands still")

    def finds(self, color: str, dock: str = "spine") -> tuple[float, float]:
        """Return the same, waiting for it."""
        wait_until(lambda: self.looks_for(color, dock), f"the color of {color} in {dock}")
        place = self.looks_for(color, dock)
        assert place is not None
        return place

    def saves(self) -> dict[str, Any]:
        """Save with Ctrl+S, name the file the first time, and return what is in it."""
        before = self.file.stat().st_mtime_ns if self.file.exists() else 0
        self.desktop.key("ctrl+s")
        if not before:
            self.desktop.window("Save session as")
            self.desktop.key("ctrl+a")
            self.desktop.type(str(self.file))
            self.desktop.key("Return")
        wait_until(lambda: self.file.exists() and self.file.stat().st_mtime_ns != before, "the file is written")
        document = json.loads(self.file.read_text(encoding="utf-8"))
        assert isinstance(document, dict)
        return document


@pytest.fixture(scope="module")
def places() -> dict[str, list[int]]:
    """Return where the named parts of the window stand: x, y, width, height in the window."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", PLACES], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    with Desktop(SCREEN_PX, tmp_path) as started:
        yield started


def keep(desktop: Desktop, name: str) -> None:
    folder = os.environ.get("SCS_SIM_XVFB_PICTURES")
    if folder:
        Image.fromarray(desktop.picture()).save(Path(folder) / f"{name}.png")


def area(document: dict[str, Any]) -> dict[str, Any]:
    return document["programs"][0]["areas"][0]


def signs(document: dict[str, Any]) -> dict[str, int]:
    return {f"{share['lead']}.{share['contact']}": share["sign"] for share in area(document)["shares"]}


def test_a_case_by_mouse_and_keyboard_from_start_to_quit(
    desktop: Desktop, places: dict[str, list[int]], tmp_path: Path
) -> None:
    app = desktop.start(
        [sys.executable, "-m", "scs_sim", "ui", CASE, "--layout", LAYOUT, "--theme", "dark"],
        {
            "SCS_SIM_CONFIG_DIR": str(tmp_path / "config"),
            "SCS_SIM_STATE_DIR": str(tmp_path / "state"),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
    )
    window = desktop.window("not for patient care")
    user = User(desktop, window, places, tmp_path / "ein Besuch.scsx")
    assert user.size == WINDOW_PX
    user.finds("cathode")
    keep(desktop, "1 first start, tour")
    desktop.key("Escape")  # ends the tour, stops nothing
    user.finds("pt", "stimulation")
    before = user.sees("body")
    desktop.click(*user.middle("Amplitude, mA"))
    desktop.key("ctrl+a")
    desktop.type("3.1")
    desktop.key("Return")
    wait_until(lambda: any(title.startswith("* ") for title in desktop.titles()), "* in the title")
    wait_until(lambda: np.mean(np.any(user.sees("body") != before, axis=2)) > 0.01, "another body map")
    keep(desktop, "2 amplitude typed")
    first = user.saves()
    assert signs(first) == {"1.3": -1, "1.4": 1}
    wait_until(lambda: any(title.startswith("ein Besuch.scsx") for title in desktop.titles()), "the file in the title")
    assert area(first)["amplitude_ma"] == 3.1

    old = first["case"]["leads"][0]
    user.waits()
    x, y = user.finds("cathode")
    desktop.drag((x, y), (x + 10, y + 60))
    wait_until(lambda: (user.looks_for("cathode") or (x, y))[1] > y + 20, "the cathode further down")
    keep(desktop, "3 lead dragged")
    moved = user.saves()["case"]["leads"][0]
    assert moved["x_mm"] > old["x_mm"]
    assert {key: value for key, value in moved.items() if key not in ("tip_level", "tip_offset_mm", "x_mm")} == {
        key: value for key, value in old.items() if key not in ("tip_level", "tip_offset_mm", "x_mm")
    }
    assert (moved["tip_level"], moved["tip_offset_mm"]) != (old["tip_level"], old["tip_offset_mm"])
    desktop.key("ctrl+z")  # the drag is one step
    assert user.saves()["case"]["leads"][0] == old

    user.waits()
    desktop.click(*user.finds("anode"))
    wait_until(lambda: user.looks_for("anode") is None, "no anode on the spine")
    keep(desktop, "4 anode off")
    clicked = user.saves()
    assert signs(clicked) == {"1.3": -1}
    assert area(clicked)["amplitude_ma"] == 0.0
    desktop.key("ctrl+z")
    undone = user.saves()
    assert signs(undone) == {"1.3": -1, "1.4": 1}
    assert area(undone)["amplitude_ma"] == 3.1

    desktop.key("ctrl+bracketright", "ctrl+bracketright")
    assert area(user.saves())["amplitude_ma"] == pytest.approx(3.3)
    desktop.key("ctrl+space")
    assert user.saves()["on"] is False
    desktop.key("ctrl+space", "Escape")
    stopped = user.saves()
    assert stopped["on"] is True
    assert area(stopped)["amplitude_ma"] == 0.0
    keep(desktop, "5 stopped")

    desktop.key("ctrl+q")
    wait_until(lambda: app.poll() is not None, "the end of the app")
    assert app.stderr is not None
    assert app.stderr.read().decode() == ""
    assert app.returncode == 0
    from scs_sim.journal import abandoned

    assert abandoned(tmp_path / "state" / "journals") == ()


def test_unsaved_work_is_asked_about_before_the_window_closes(
    desktop: Desktop, places: dict[str, list[int]], tmp_path: Path
) -> None:
    app = desktop.start(
        [sys.executable, "-m", "scs_sim", "ui", CASE, "--layout", LAYOUT, "--theme", "dark"],
        {
            "SCS_SIM_CONFIG_DIR": str(tmp_path / "config"),
            "SCS_SIM_STATE_DIR": str(tmp_path / "state"),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
    )
    user = User(desktop, desktop.window("not for patient care"), places, tmp_path / "a.scsx")
    user.finds("cathode")
    desktop.key("Escape")
    user.finds("pt", "stimulation")
    desktop.key("ctrl+bracketright", "ctrl+q")
    desktop.window("Unsaved work")
    keep(desktop, "6 unsaved work")
    desktop.key("Escape")  # cancel
    wait_until(lambda: "Unsaved work" not in desktop.titles(), "the question is gone")
    assert app.poll() is None
    assert area(user.saves())["amplitude_ma"] > 0
    desktop.key("ctrl+q")
    wait_until(lambda: app.poll() is not None, "the end of the app")
    assert app.returncode == 0
