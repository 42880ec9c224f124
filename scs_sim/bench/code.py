"""Whose code is measured: a commit of a repository, a folder, another Python's installed one, or what is running.

A commit's code is unpacked from `git archive` into a temporary folder and put first on the path of this Python, so both
sides of a comparison run with the same interpreter and the same libraries, and nothing of the repository is touched.
A Python of another environment brings its own libraries with it.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scs_models.errors import InvalidValueError, MissingPieceError

# What the stored kernels' bits depend on, beside the inputs that their names are hashes of: (package, path inside it).
KERNEL_CODE = (("scs_models", "conductor"), ("scs_models", "canal.py"), ("scs_sim", "kernel_file.py"))
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_CACHE = "SCS_SIM_CACHE_DIR"
_PLACES = {"scs_sim": "scs_sim", "scs_models": "models/scs_models"}
_NOT_HANDED_ON = ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")
_SHORT = 12


@dataclass(frozen=True, slots=True)
class Code:
    """One side: what to call it, the Python that runs it, the folders put first on its path (none: as installed).

    kernel_code: hash of KERNEL_CODE; dependencies: what its pyproject.toml asks for, where it has one.
    """

    name: str
    python: str
    paths: tuple[str, ...]
    kernel_code: str
    dependencies: tuple[str, ...] = ()

    def environment(self, kernels: str | None = None) -> dict[str, str]:
        """Return the environment of its processes; kernels: the folder of its kernels, if not the usual one.

        BLAS takes one thread unless the caller's environment says otherwise. Modules are compiled once, as a user's
        are, whatever the caller's environment says: or starting would be measured with compiling.
        """
        own = {key: value for key, value in os.environ.items() if key not in _NOT_HANDED_ON}
        own["PYTHONUTF8"] = "1"
        for name in THREADS:
            own.setdefault(name, "1")
        if self.paths:
            own["PYTHONPATH"] = os.pathsep.join(self.paths)
        if kernels or own.get(_CACHE):
            own[_CACHE] = os.path.abspath(kernels or own[_CACHE])
        return own


def running_code() -> Code:
    """Return the code that is running."""
    import scs_models
    import scs_sim

    folders = {package.__name__: Path(str(package.__file__)).parent for package in (scs_sim, scs_models)}
    paths = tuple(dict.fromkeys(str(folder.parent) for folder in folders.values()))
    return Code("this code", sys.executable, paths, _kernel_code(folders))


def code_of(name: str, repository: Path, folder: Path) -> Code:
    """Return the code that `name` stands for: a folder with a checkout, a Python, or a commit of `repository`.

    A commit is unpacked into `folder`, which must not exist. Raises InvalidValueError where it is none of these,
    MissingPieceError where git is needed and missing.
    """
    path = Path(name)
    if name and all((path / place).is_dir() for place in _PLACES.values()):
        return _of_folder(name, path.resolve())
    if path.is_file() and os.access(path, os.X_OK):
        return _of_python(name, path)
    return _of_commit(name, repository, folder)


def current_commit(repository: Path) -> str:
    """Return the short name of the commit that is checked out there, "+" where files differ from it; "" for none."""
    try:
        commit = _git(repository, "rev-parse", "--verify", "HEAD").decode().strip()[:_SHORT]
        return commit + ("+" if _git(repository, "status", "--porcelain", "--untracked-files=no").strip() else "")
    except (InvalidValueError, MissingPieceError):
        return ""


def _of_folder(name: str, path: Path) -> Code:
    folders = {package: path / place for package, place in _PLACES.items()}
    paths = tuple(str(folder.parent) for folder in folders.values())
    return Code(name, sys.executable, paths, _kernel_code(folders), _dependencies(path))


def _of_python(name: str, path: Path) -> Code:
    script = "import scs_sim, scs_models; print(scs_sim.__file__); print(scs_models.__file__)"
    python = os.path.abspath(path)  # not resolved: an environment's Python is often a link to another's
    blank = Code(name, python, (), "")
    try:
        done = subprocess.run(
            [python, "-P", "-c", script], env=blank.environment(), capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise InvalidValueError(f"{name} cannot be run: {error.strerror or error}") from error
    lines = done.stdout.splitlines()
    if done.returncode or len(lines) != len(_PLACES):
        raise InvalidValueError(f"{name} is no Python in which scs-sim is installed")
    folders = {package: Path(line).parent for package, line in zip(_PLACES, lines, strict=True)}
    return Code(name, python, (), _kernel_code(folders))


def _of_commit(name: str, repository: Path, folder: Path) -> Code:
    try:  # behind --end-of-options a name is never an option of git's
        commit = _git(repository, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}").decode().strip()
    except InvalidValueError as error:
        raise InvalidValueError(
            f"{name!r} is neither a commit of the repository in {repository}, nor a folder with a checkout of scs-sim,"
            f" nor a Python in which it is installed ({error})"
        ) from error
    commit = commit.splitlines()[-1]
    with zipfile.ZipFile(io.BytesIO(_git(repository, "archive", "--format=zip", commit))) as archive:
        archive.extractall(folder)
    if not all((folder / place).is_dir() for place in _PLACES.values()):
        raise InvalidValueError(f"commit {name} has no {' and no '.join(_PLACES.values())}: it is not of scs-sim")
    return replace(_of_folder(name, folder), name=name if commit.startswith(name) else f"{name} ({commit[:_SHORT]})")


def _git(repository: Path, *words: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise MissingPieceError("git is not installed; it is needed to compare commits")
    done = subprocess.run([git, "-C", str(repository), *words], capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise InvalidValueError(said[0] if said else "")
    return done.stdout


def _dependencies(path: Path) -> tuple[str, ...]:
    try:
        with (path / "pyproject.toml").open("rb") as stream:
            return tuple(tomllib.load(stream)["project"]["dependencies"])
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError):
        return ()


def _kernel_code(folders: Mapping[str, Path]) -> str:
    """Return the hash of KERNEL_CODE in the packages' folders: names and contents, line ends made equal."""
    digest = hashlib.sha256()
    for package, inside in KERNEL_CODE:
        start = folders[package] / inside
        for path in sorted(start.rglob("*.py")) if start.is_dir() else [start]:
            digest.update(f"{package}/{path.relative_to(folders[package]).as_posix()}\n".encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n") if path.is_file() else b"")
    return digest.hexdigest()
