"""Looks before the window leaps: is everything there that Qt needs, and does the display answer?

Where a shared library or the display is missing, Qt ends the process with abort(), which no Python code can catch. So
libraries are loaded one by one and the display is asked before Qt is imported; nothing here imports Qt. Each problem
comes with what cures it. Libraries and displays are looked at on Linux only: elsewhere Qt brings what it needs.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import os
import re
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scs_models.errors import MissingPieceError

INSTALL = 'pip install "scs-sim[ui]"'
"""What installs the desktop app's Python libraries."""

MODULES = {
    "PySide6": "PySide6-Essentials",
    "shiboken6": "shiboken6",
    "pyqtgraph": "pyqtgraph",
    "contourpy": "contourpy",
}
"""The desktop app's modules and the packages they come in."""

OLDEST, NEWEST = (6, 8, 3), (6, 11, 3)
"""The oldest allowed and the newest tested PySide6; a later release of the newest series is let through."""

REFUSED = {
    (6, 9, 1): "pyqtgraph does not work with it",
    (6, 11, 0): "it breaks the layout of docked panels",
    (6, 11, 1): "it breaks the layout of docked panels",
}

WITHOUT_DISPLAY = ("offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "vkkhrdisplay")
"""Qt platforms that show nothing on a desktop and so need none."""

_ANSWER_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class SharedLibrary:
    """A file that Qt loads from the system, and the Debian (Ubuntu) and Fedora packages that hold it."""

    file: str
    debian: str
    fedora: str


BASE = (
    SharedLibrary("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
    SharedLibrary("libgthread-2.0.so.0", "libglib2.0-0", "glib2"),
    SharedLibrary("libz.so.1", "zlib1g", "zlib"),
    SharedLibrary("libzstd.so.1", "libzstd1", "libzstd"),
    SharedLibrary("libEGL.so.1", "libegl1", "libglvnd-egl"),
    SharedLibrary("libGL.so.1", "libgl1", "libglvnd-glx"),
    SharedLibrary("libX11.so.6", "libx11-6", "libX11"),
    SharedLibrary("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    SharedLibrary("libdbus-1.so.3", "libdbus-1-3", "dbus-libs"),
    SharedLibrary("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    SharedLibrary("libfreetype.so.6", "libfreetype6", "freetype"),
)
"""What QtCore, QtGui and QtWidgets need, whatever the platform."""

XCB = (
    SharedLibrary("libxcb.so.1", "libxcb1", "libxcb"),
    SharedLibrary("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb"),
    SharedLibrary("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    SharedLibrary("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    SharedLibrary("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    SharedLibrary("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    SharedLibrary("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    SharedLibrary("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    SharedLibrary("libxcb-render.so.0", "libxcb-render0", "libxcb"),
    SharedLibrary("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    SharedLibrary("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    SharedLibrary("libxcb-shm.so.0", "libxcb-shm0", "libxcb"),
    SharedLibrary("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    SharedLibrary("libxcb-util.so.1", "libxcb-util1", "xcb-util"),
    SharedLibrary("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    SharedLibrary("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
)
"""What the plugin for X servers needs besides."""

WAYLAND = (
    SharedLibrary("libwayland-client.so.0", "libwayland-client0", "libwayland-client"),
    SharedLibrary("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor"),
)
"""What the plugin for Wayland compositors needs besides."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and what cures it; both short, without a full stop."""

    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.what}; {self.cure}"


def _has_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _has_program(name: str) -> bool:
    return shutil.which(name) is not None


@dataclass(frozen=True, slots=True)
class Machine:
    """How the machine is looked at; tests put something else in place.

    `load(file)` loads a shared library or raises OSError; `has_module(name)` and `version(package)` ask Python without
    importing; `has_program(name)` asks the PATH.
    """

    environ: Mapping[str, str]
    system: str = sys.platform
    load: Callable[[str], object] = ctypes.CDLL
    has_module: Callable[[str], bool] = _has_module
    version: Callable[[str], str | None] = _version
    has_program: Callable[[str], bool] = _has_program

    @property
    def is_linux(self) -> bool:
        """Return whether libraries and displays are those of Linux."""
        return self.system.startswith("linux")


def this_machine() -> Machine:
    """Return the machine that this process runs on."""
    return Machine(os.environ)


def extra_problem(machine: Machine) -> Problem | None:
    """Return what is wrong with the extra `ui`: a missing module, or a PySide6 that is known not to work."""
    missing = [package for module, package in MODULES.items() if not machine.has_module(module)]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return Problem(f"{_listed(missing)} of the desktop app {verb} not installed", f"install with: {INSTALL}")
    version = machine.version("PySide6-Essentials")
    why = "" if version is None else refusal(version)
    return Problem(f"PySide6 {version} cannot be used: {why}", f"another one comes with: {INSTALL}") if why else None


def refusal(version: str) -> str:
    """Return why the PySide6 `version` is refused, or "" where it is allowed."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    if found is None:
        return "its version is not understood"
    numbers = (int(found[1]), int(found[2]), int(found[3] or 0))
    if numbers < OLDEST:
        return f"it is older than {_dotted(OLDEST)}"
    if numbers[:2] > NEWEST[:2]:
        return "from 6.12.0 on, it aborts within seconds on Python 3.11" if numbers[0] == 6 else "it is not tested"
    return REFUSED.get(numbers, "")


def library_problem(machine: Machine, platform: str) -> Problem | None:
    """Return which shared libraries are missing for the Qt `platform`, with the line that installs them."""
    if not machine.is_linux:
        return None
    missing = missing_libraries(machine, platform)
    if missing:
        what = f"Qt cannot start: missing {_listed([library.file for library in missing])}"
        return Problem(what, install_line(missing, machine))
    return None


def missing_libraries(machine: Machine, platform: str) -> list[SharedLibrary]:
    """Return the shared libraries that the Qt `platform` needs and that cannot be loaded."""
    more = XCB if platform == "xcb" else WAYLAND if platform.startswith("wayland") else ()
    return [library for library in (*BASE, *more) if not _loads(machine, library.file)]


def install_line(libraries: Sequence[SharedLibrary], machine: Machine) -> str:
    """Return how to install `libraries` with this machine's package manager."""
    debian = " ".join(dict.fromkeys(library.debian for library in libraries))
    fedora = " ".join(dict.fromkeys(library.fedora for library in libraries))
    if machine.has_program("apt-get"):
        return f"install with: sudo apt-get install {debian}"
    if machine.has_program("dnf"):
        return f"install with: sudo dnf install {fedora}"
    return f"install what your distribution calls: {debian} (Debian's names)"


def wanted_platforms(machine: Machine) -> tuple[str, ...]:
    """Return the Qt platforms to try, in order: QT_QPA_PLATFORM's, else those whose display variable is set."""
    given = machine.environ.get("QT_QPA_PLATFORM", "")
    if given:
        return tuple(name.split(":")[0].strip() for name in given.split(";") if name.strip())
    wayland = ("wayland",) if machine.environ.get("WAYLAND_DISPLAY") else ()
    return (*wayland, "xcb") if machine.environ.get("DISPLAY") else wayland


def display_problem(machine: Machine, platform: str) -> Problem | None:
    """Return why the display of the Qt `platform` cannot be reached. Its libraries must be there."""
    if not machine.is_linux or platform in WITHOUT_DISPLAY:
        return None
    if platform == "xcb":
        return _x_problem(machine)
    if platform.startswith("wayland"):
        return _wayland_problem(machine)
    return Problem(f"QT_QPA_PLATFORM is {platform!r}, which Qt does not have", "unset it")


def require_window(machine: Machine) -> str:
    """Return the Qt platform that a window opens on, "" where Qt's own choice is right.

    Raises MissingPieceError: the extra is missing or refused, a library is missing, there is no display or it does not
    answer.
    """
    _raise(extra_problem(machine))
    if not machine.is_linux:
        return ""
    platforms = wanted_platforms(machine)
    if not platforms:
        raise MissingPieceError(
            "there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set); start it in a"
            " desktop session or with `ssh -X`, or draw without a display: scs-sim render"
        )
    problems = [_platform_problem(machine, platform) for platform in platforms]
    usable = [platform for platform, problem in zip(platforms, problems, strict=True) if problem is None]
    if not usable:
        _raise(problems[0])
    return "" if len(usable) == len(platforms) else usable[0]


def require_pictures(machine: Machine) -> None:
    """Raise MissingPieceError unless Qt can draw without a display."""
    _raise(extra_problem(machine))
    _raise(library_problem(machine, "offscreen"))


def _platform_problem(machine: Machine, platform: str) -> Problem | None:
    return (
        library_problem(machine, platform) or display_problem(machine, platform) or _plugin_problem(machine, platform)
    )


def _plugin_problem(machine: Machine, platform: str) -> Problem | None:
    """Load Qt's plugin itself: finds what is missing besides the listed libraries, in layouts of PySide6's wheels."""
    spec = importlib.util.find_spec("PySide6")
    folders = [] if spec is None else spec.submodule_search_locations or []
    for folder in folders:
        plugin = Path(folder) / "Qt" / "plugins" / "platforms" / f"libq{platform.split('-')[0]}.so"
        if plugin.is_file():
            try:
                machine.load(str(plugin))
            except OSError as error:
                return Problem(
                    f"Qt cannot start: {error}", "install what holds the missing library; see scs-sim doctor"
                )
    return None


def _x_problem(machine: Machine) -> Problem | None:
    display = machine.environ.get("DISPLAY", "")
    if not display:
        return Problem("QT_QPA_PLATFORM is 'xcb' and DISPLAY is not set", "start it in a desktop session")
    answers: list[bool] = []

    def ask() -> None:
        xcb = ctypes.CDLL("libxcb.so.1")
        xcb.xcb_connect.argtypes, xcb.xcb_connect.restype = [ctypes.c_char_p, ctypes.c_void_p], ctypes.c_void_p
        xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
        xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
        connection = xcb.xcb_connect(os.fsencode(display), None)
        answers.append(not xcb.xcb_connection_has_error(connection))
        xcb.xcb_disconnect(connection)

    # A server that is stopped accepts the connection and never answers: asked in a thread that may be left behind.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_ANSWER_WITHIN_S)
    if answers == [True]:
        return None
    how = "refuses the connection" if answers else "does not answer"
    return Problem(
        f"the display {display!r} (DISPLAY) {how}",
        "start an X server there, allow this user (xhost, XAUTHORITY), or correct the variable",
    )


def _wayland_problem(machine: Machine) -> Problem | None:
    name = machine.environ.get("WAYLAND_DISPLAY", "") or "wayland-0"
    path = Path(machine.environ.get("XDG_RUNTIME_DIR", "")) / name
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(_ANSWER_WITHIN_S)
        try:
            asking.connect(str(path))
        except OSError as error:
            return Problem(
                f"the Wayland display {name!r} cannot be reached ({error.strerror or error})",
                "correct WAYLAND_DISPLAY and XDG_RUNTIME_DIR, or unset both and set DISPLAY",
            )
    return None


def _loads(machine: Machine, file: str) -> bool:
    try:
        machine.load(file)
    except OSError:
        return False
    return True


def _raise(problem: Problem | None) -> None:
    if problem is not None:
        raise MissingPieceError(str(problem))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
