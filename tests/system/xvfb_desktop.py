"""A desktop of the tests' own: Xvfb, a small window manager, synthetic mouse and keyboard from outside (xdotool)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from PIL import ImageGrab

PROGRAMS = ("Xvfb", "openbox", "xdotool")
# Windows without frames: xdotool tells the place of a framed one wrongly, by the height of its title bar.
OPENBOX = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew></focus>
  <applications><application class="*"><decor>no</decor><focus>yes</focus></application></applications>
</openbox_config>
"""
_WITHIN_S = 30.0


def missing_programs() -> list[str]:
    """Return what of PROGRAMS is not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def wait_until(condition: Callable[[], object], what: str, within_s: float = _WITHIN_S) -> None:
    """Return when `condition()` is true; fail after `within_s` with `what` was waited for."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"after {within_s:g} s still not: {what}"
        time.sleep(0.05)


class Desktop:
    """One X server of `size` with a window manager on it; leaving it ends both and every program started on it.

    folder: where the window manager's settings are put.
    """

    def __init__(self, size: tuple[int, int], folder: Path) -> None:
        self._size, self._folder = size, folder
        self._running: list[subprocess.Popen[bytes]] = []
        self.display = ""

    def __enter__(self) -> Desktop:
        read, write = os.pipe()
        screen = f"{self._size[0]}x{self._size[1]}x24"
        server = ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp", "-dpi", "96"]
        silent = subprocess.DEVNULL
        self._running.append(subprocess.Popen(server, pass_fds=(write,), stdout=silent, stderr=silent))
        os.close(write)
        with os.fdopen(read) as said:
            self.display = f":{said.readline().strip()}"
        assert self.display != ":", "Xvfb did not start"
        settings = self._folder / "openbox.xml"
        settings.write_text(OPENBOX, encoding="utf-8")
        self.start(["openbox", "--config-file", str(settings)], {})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(_WITHIN_S)
            if process.stderr is not None:
                process.stderr.close()

    def start(self, command: Sequence[str], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a program on this desktop; its standard error comes through a pipe."""
        hidden = {"WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR"}
        kept = {name: value for name, value in os.environ.items() if name not in hidden}
        process = subprocess.Popen(
            list(command),
            env=kept | {"DISPLAY": self.display} | dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._running.append(process)
        return process

    def xdotool(self, *words: str) -> str:
        """Run xdotool and return what it says; "" where it finds nothing."""
        done = subprocess.run(
            ["xdotool", *words], env=os.environ | {"DISPLAY": self.display}, capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    def titles(self) -> list[str]:
        """Return the titles of the visible windows."""
        found = self.xdotool("search", "--onlyvisible", "--name", ".").split()
        return [title for window in found if (title := self.xdotool("getwindowname", window))]

    def window(self, title: str) -> str:
        """Return the visible window whose title matches the expression `title`, waiting for it."""
        wait_until(lambda: self.xdotool("search", "--onlyvisible", "--name", title), f"a window {title!r}")
        return self.xdotool("search", "--onlyvisible", "--name", title).split()[0]

    def click(self, x_px: float, y_px: float, button: int = 1) -> None:
        """Move the mouse there and click."""
        self.xdotool("mousemove", "--sync", str(round(x_px)), str(round(y_px)), "sleep", "0.05", "click", str(button))

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
        """Press the left button at `start`, move in `steps`, release at `end`."""
        words = ["mousemove", "--sync", *(str(round(value)) for value in start), "sleep", "0.05", "mousedown", "1"]
        for step in range(1, steps + 1):
            at = (start[axis] + (end[axis] - start[axis]) * step / steps for axis in (0, 1))
            words += ["mousemove", "--sync", *(str(round(value)) for value in at), "sleep", "0.03"]
        self.xdotool(*words, "sleep", "0.05", "mouseup", "1")

    def key(self, *keys: str) -> None:
        """Press keys one after the other, as "ctrl+s"."""
        for key in keys:
            self.xdotool("key", "--clearmodifiers", key)

    def type(self, text: str) -> None:
        """Type a text."""
        self.xdotool("type", "--clearmodifiers", "--delay", "15", text)

    def picture(self) -> np.ndarray:
        """Return the screen as uint8 (height, width, 3)."""
        return np.asarray(ImageGrab.grab(xdisplay=self.display).convert("RGB"))
