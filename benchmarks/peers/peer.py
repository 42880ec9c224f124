"""Peers: how each is installed into an environment of its own, started, and heard; none is a dependency of anything.

What goes wrong with a peer becomes a row without figures that says why, in the peer's own last words.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
INSTALL_S, ANSWER_S = 1800.0, 3600.0
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class NoAnswerError(Exception):
    """A peer that can't be had, or that did not answer; the text is the reason, one line."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program by others.

    `requires`: what pip installs; `program`: the words after its environment's Python, files of this folder by their
    name, "{mechanisms}" for the folder of the compiled node membrane; `geometry`: the one it knows.
    """

    name: str
    title: str
    requires: tuple[str, ...]
    program: tuple[str, ...]
    geometry: str = "interpolation"


UNASKED = "import nrv; raise SystemExit('it can be imported here, and no program that asks it is written yet')"
PEERS = (
    Peer("neuron", "NEURON, MRG", ("neuron>=9",), ("in_neuron.py", "{mechanisms}")),
    Peer(
        "oss-dbs",
        "OSS-DBS, its own MRG in NEURON, fibres of the published table",
        ("ossdbs",),
        ("in_ossdbs.py",),
        geometry="discrete",
    ),
    Peer("nrv", "NRV", ("nrv-py", "gmsh", "mpi4py", "mpich"), ("-c", UNASKED)),
)


@dataclass(frozen=True, slots=True)
class Group:
    """One pulse of one fibre: thresholds (judged fields,) mA, CPU time and runs per threshold."""

    threshold_ma: tuple[float, ...]
    cpu_s: float
    runs: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer said: its version, the CPU time (s) before it was ready, and its groups."""

    version: str
    setup_s: float
    groups: tuple[Group, ...]


def run(command: Sequence[str | Path], folder: Path, within_s: float, **more: str) -> None:
    """Run a command in `folder` on one thread; raises NoAnswerError with its last line where it fails."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            env={**os.environ, **ONE_THREAD, "NEURON_MODULE_OPTIONS": "-nogui", **more},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=within_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoAnswerError(f"{Path(command[0]).name}: {error}") from error
    if done.returncode:
        raise NoAnswerError(last_line(done.stderr) or last_line(done.stdout) or f"exit code {done.returncode}")


def last_line(text: str) -> str:
    """Return the last line of a program's output that is not blank."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def program_of(peer: Peer, folder: Path) -> list[str]:
    """Return the command that asks a peer, having installed it below `folder` where it is not there yet.

    Raises NoAnswerError where that can't be done.
    """
    home = folder / peer.name
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / ("python.exe" if sys.platform == "win32" else "python")
    ready = home / "ready"
    if not ready.exists():
        shutil.rmtree(home, ignore_errors=True)
        venv.create(home, with_pip=True)
        run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.requires],
            folder,
            INSTALL_S,
        )
        ready.write_text("installed\n", encoding="utf-8")
    return [str(python), *(_word(word, scripts, home) for word in peer.program)]


def _word(word: str, scripts: Path, home: Path) -> str:
    if word == "{mechanisms}":
        return str(compiled(scripts, home))
    return str(HERE / word) if word.endswith(".py") else word


def compiled(scripts: Path, folder: Path) -> Path:
    """Return a folder below `folder` with the node membrane compiled by the NEURON whose commands are in `scripts`.

    Raises NoAnswerError without a compiler.
    """
    target = folder / "mechanisms"
    beside = os.pathsep.join((str(scripts), os.environ.get("PATH", "")))
    tools = {"nrnivmodl": "NEURON", "g++": "a C++ compiler (g++)", "make": "make"}
    lacking = [what for tool, what in tools.items() if not shutil.which(tool, path=beside)]
    if lacking:
        raise NoAnswerError(f"it needs {', '.join(lacking)}")
    if not target.exists():
        working = folder / "mechanisms.part"
        shutil.rmtree(working, ignore_errors=True)
        working.mkdir(parents=True)
        shutil.copy(HERE / "mrg_node.mod", working)
        run([str(shutil.which("nrnivmodl", path=beside)), "."], working, INSTALL_S, PATH=beside)
        working.rename(target)
    return target


def ask(command: Sequence[str], question: dict[str, Any], folder: Path, *, times_only: bool = False) -> Answer:
    """Return what a program answers to a question, asked through files in `folder`; raises NoAnswerError.

    `times_only`: an answer without thresholds is one too.
    """
    with tempfile.TemporaryDirectory(dir=folder) as name:
        source, target = Path(name) / "question.json", Path(name) / "answer.json"
        source.write_text(json.dumps(question), encoding="utf-8")
        run([*command, source, target], Path(name), ANSWER_S)
        return read_answer(target, question, times_only=times_only)


def read_answer(file: Path, question: dict[str, Any], *, times_only: bool = False) -> Answer:
    """Return an answer from its file; raises NoAnswerError where it is not the answer to this question."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        groups = tuple(
            Group(tuple(map(float, row["threshold_ma"])), float(row["cpu_s"]), float(row["runs"]))
            for row in said["groups"]
        )
        answer = Answer(str(said["version"]), float(said["setup_s"]), groups)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoAnswerError(f"its answer can't be read: {type(error).__name__}: {error}") from error
    wanted = [0 if times_only else len(row["names"]) for row in question["fibres"] for _ in row["pulses"]]
    got = [len(group.threshold_ma) for group in answer.groups]
    if got != wanted:
        raise NoAnswerError(f"it gave {sum(got)} thresholds in {len(got)} groups; asked were {sum(wanted)}")
    if not all(value > 0.0 for group in answer.groups for value in group.threshold_ma):
        raise NoAnswerError("it gave a threshold that is not above 0 mA")
    if not all(0.0 < group.cpu_s < math.inf for group in answer.groups):
        raise NoAnswerError("it gave no time")
    return answer
