"""What pyproject.toml and lock.txt promise about versions, and what happens to the window's tests without Qt."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def locked() -> dict[str, str]:
    lines = (ROOT / "lock.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("broken", ["6.12.0", "6.12.1", "6.11.0", "6.11.1", "6.9.1", "6.8.0", "6.7.3"])
def test_the_window_never_gets_a_broken_qt_binding(broken):
    pin = next(item for item in map(Requirement, EXTRAS["ui"]) if item.name == "PySide6-Essentials")
    assert broken not in pin.specifier
    assert all(tested in pin.specifier for tested in ("6.8.3", "6.9.3", "6.10.3", "6.11.3"))


def test_the_lock_file_holds_names_and_versions_only():
    text = (ROOT / "lock.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        assert line.startswith("#") or re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+", line), line
    assert "://" not in text


def test_the_lock_file_satisfies_every_requirement():
    versions = locked()
    for line in [*PROJECT["dependencies"], *EXTRAS["ui"], *EXTRAS["test"], *EXTRAS["dev"], *EXTRAS["check"]]:
        wanted = Requirement(line)
        assert versions[canonicalize_name(wanted.name)] in wanted.specifier, line


@pytest.mark.parametrize("required", [False, True])
def test_without_qt_the_windows_tests_are_left_out_in_one_line_or_fail_where_required(tmp_path, required):
    package = tmp_path / "PySide6"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('libEGL.so.1: cannot open shared object file')\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["SCS_SIM_REQUIRE_QT"] = "1" if required else "0"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:pytest-qt"),
            *("--collect-only", "tests/ui"),
        ],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if "left out" in line]
    if required:
        assert done.returncode == 2, done.stdout  # errors while collecting
        assert not lines
    else:
        assert done.returncode == 0, done.stdout  # the app's state is tested without Qt
        assert "tests/ui/state/" in done.stdout
        assert "tests/ui/test_" not in done.stdout
        assert len(lines) == 1
        assert "libEGL" in lines[0]
