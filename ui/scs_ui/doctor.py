"""What `scs-sim doctor` and "Copy diagnostics" tell: every circumstance the app depends on, each fine or with its cure.

It runs where the desktop app cannot: nothing here imports Qt. Qt itself is asked in a process of its own, and only
where its libraries are there.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import scs_sim
from scs_models.errors import ScsError
from scs_ui.preflight import (
    NEWEST,
    OLDEST,
    REFUSED,
    Machine,
    Problem,
    display_problem,
    extra_problem,
    library_problem,
    wanted_platforms,
)

LIBRARIES = ("numpy", "scipy", "click", "rich", "platformdirs", "pydantic", "jinja2", "pillow")
BLAS_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
SCALE_VARIABLES = ("QT_SCALE_FACTOR", "QT_SCREEN_SCALE_FACTORS", "QT_FONT_DPI", "QT_ENABLE_HIGHDPI_SCALING")
ENOUGH_BYTES = 1_000_000_000
"""Free space that a few patients' kernels need."""

_ANSWER_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One circumstance: what was looked at, what was found; `cure` is empty where it is fine."""

    name: str
    found: str
    cure: str = ""

    @property
    def ok(self) -> bool:
        """Return whether nothing needs to be done."""
        return not self.cure


@dataclass(frozen=True, slots=True)
class Checkup:
    """All findings, in the order they are told."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Return whether every finding is."""
        return all(finding.ok for finding in self.findings)

    def document(self) -> dict[str, Any]:
        """Return the findings as plain JSON data."""
        return {"ok": self.ok, "findings": [asdict(finding) | {"ok": finding.ok} for finding in self.findings]}

    def text(self) -> str:
        """Return a line per finding, and under a problem its cure."""
        width = max(len(finding.name) for finding in self.findings)
        lines = []
        for finding in self.findings:
            lines.append(f"{'ok' if finding.ok else 'PROBLEM':8} {finding.name:{width}}  {finding.found}")
            if finding.cure:
                lines.append(f"{'':8} {'':{width}}  -> {finding.cure}")
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a process that starts Qt answered: facts (see qt_facts), or why there are none."""

    facts: Mapping[str, Any] | None
    why: str = ""


Ask = Callable[[str], Asked]
"""Starts Qt on the platform of that name ("" for Qt's own choice) and asks it."""


def checkup(machine: Machine, ask: Ask | None = None) -> Checkup:
    """Look at everything; `ask` starts Qt (in a process of its own unless another way is given)."""
    return Checkup(tuple(_findings(machine, ask or ask_qt)))


def ask_qt(name: str) -> Asked:
    """Start Qt on the platform `name` in a process of its own and return its facts."""
    environment = os.environ | ({"QT_QPA_PLATFORM": name} if name else {})
    try:
        done = subprocess.run(
            [sys.executable, "-m", "scs_ui.qt_facts"],
            env=environment, capture_output=True, text=True, timeout=_ANSWER_WITHIN_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return Asked(None, str(error))
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        return Asked(None, f"exit code {done.returncode}" + (f": {said[-1]}" if said else ""))
    return Asked(json.loads(done.stdout))


def _findings(machine: Machine, ask: Ask) -> Iterator[Finding]:
    yield Finding("scs-sim", scs_sim.__version__)
    yield Finding("Python", f"{platform.python_version()} ({platform.python_implementation()})")
    yield Finding("system", platform.platform(terse=False))
    yield Finding("processors", str(os.cpu_count() or "unknown"))
    threads = [f"{name}={value}" for name in BLAS_VARIABLES if (value := machine.environ.get(name))]
    yield Finding("BLAS threads", ", ".join(threads) or "as many as processors (no variable set)")
    yield from _libraries(machine)
    yield from _window(machine, ask)
    if all(machine.version(name) is not None for name in ("numpy", "platformdirs")):
        yield from _folders(machine)


def _libraries(machine: Machine) -> Iterator[Finding]:
    versions = {name: machine.version(name) for name in LIBRARIES}
    missing = [name for name, version in versions.items() if version is None]
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version is not None)
    cure = f"{', '.join(missing)} missing: pip install --force-reinstall scs-sim" if missing else ""
    yield Finding("libraries", found or "none", cure)


def _window(machine: Machine, ask: Ask) -> Iterator[Finding]:
    problem = extra_problem(machine)
    versions = [
        f"{name} {machine.version(name) or 'missing'}" for name in ("PySide6-Essentials", "pyqtgraph", "contourpy")
    ]
    refused = ", ".join(".".join(map(str, numbers)) for numbers in REFUSED)
    allowed = f"PySide6 from {'.'.join(map(str, OLDEST))} to {NEWEST[0]}.{NEWEST[1]}, not {refused}"
    yield _finding("desktop app", f"{', '.join(versions)} (allowed: {allowed})", problem)
    there = problem is None
    platforms = wanted_platforms(machine)
    libraries: dict[str, Problem | None] = {"offscreen": library_problem(machine, "offscreen")}
    if machine.is_linux:
        yield _finding("Qt libraries, drawing", "all there", libraries["offscreen"])
        for name in dict.fromkeys(platforms or ("xcb",)):
            if name == "xcb" or name.startswith("wayland"):
                libraries[name] = None if libraries["offscreen"] else library_problem(machine, name)
                if libraries["offscreen"] is None:
                    yield _finding(f"Qt libraries, {name}", "all there", libraries[name])
        yield from _display(machine, platforms, libraries)
    if not there or libraries["offscreen"] is not None:
        return
    usable = [name for name in platforms if not libraries.get(name) and display_problem(machine, name) is None]
    yield from _qt("" if not machine.is_linux else usable[0] if usable else "offscreen", ask)
    scales = [f"{name}={value}" for name in SCALE_VARIABLES if (value := machine.environ.get(name))]
    yield Finding("scale variables", ", ".join(scales) or "none set")


def _display(
    machine: Machine, platforms: tuple[str, ...], libraries: Mapping[str, Problem | None]
) -> Iterator[Finding]:
    if not platforms:
        yield Finding(
            "display",
            "none: neither DISPLAY nor WAYLAND_DISPLAY is set; everything but the window works",
            "for the window, start a desktop session or use `ssh -X`",
        )
    for name in platforms:
        if libraries["offscreen"] is None and libraries.get(name) is None:
            yield _finding("display", f"{name} answers", display_problem(machine, name))


def _qt(name: str, ask: Ask) -> Iterator[Finding]:
    asked = ask(name)
    if asked.facts is None:
        yield Finding(
            "Qt",
            f"does not start ({asked.why})",
            "report it with this page and the output of: QT_DEBUG_PLUGINS=1 scs-sim ui",
        )
        return
    facts = asked.facts
    yield Finding("Qt", f"{facts['qt']}, binding {facts['binding']}, platform {facts['platform']}")
    for screen in facts["screens"]:
        size = f"{screen['width_px']} x {screen['height_px']}"
        yield Finding("screen", f"{size}, scale {screen['scale']:g}, {screen['dots_per_inch']} dpi")
    cure = "" if facts["font_families"] else "install a font, for example: sudo apt-get install fonts-dejavu-core"
    yield Finding("fonts", f"{facts['font_families']} families; {facts['font']}", cure)


def _folders(machine: Machine) -> Iterator[Finding]:
    from scs_sim.journal import state_folder
    from scs_sim.store import default_store
    from scs_ui.state.preferences import config_folder

    try:
        store = default_store()
    except ScsError as error:
        yield Finding("kernels", str(error), "correct or unset the variable")
    else:
        entries = store.entries()
        size = sum(entry.size_bytes for entry in entries)
        yield Finding("kernels", f"{len(entries)}, {size / 1e6:.0f} MB of at most {store.limit_bytes / 1e9:g} GB")
        yield _folder("cache folder", store.directory, "SCS_SIM_CACHE_DIR")
        free = shutil.disk_usage(_existing(store.directory)).free
        cure = "" if free >= ENOUGH_BYTES else "free 1 GB, or set SCS_SIM_CACHE_DIR to another disk"
        yield Finding("free disk space", f"{free / 1e9:.1f} GB for the cache", cure)
    yield _folder("state folder", state_folder(), "SCS_SIM_STATE_DIR")
    yield _folder("settings folder", config_folder(), "SCS_SIM_CONFIG_DIR")


def _folder(name: str, folder: Path, variable: str) -> Finding:
    there = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=there):
            return Finding(name, _homely(folder))
    except OSError as error:
        return Finding(
            name,
            f"{_homely(folder)} cannot be written ({error.strerror or error})",
            f"make {_homely(there)} writable, or set {variable} to another folder",
        )


def _existing(folder: Path) -> Path:
    """Return `folder`, or the closest folder above it that exists."""
    return next(path for path in (folder, *folder.absolute().parents) if path.is_dir())


def _homely(path: Path) -> str:
    """Return `path` with the home folder as "~": diagnostics are pasted into public places."""
    try:
        return str(Path("~") / path.absolute().relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)


def _finding(name: str, fine: str, problem: Problem | None) -> Finding:
    return Finding(name, fine) if problem is None else Finding(name, problem.what, problem.cure)
