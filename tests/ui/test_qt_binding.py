"""The Qt binding itself: the installed version is one we allow, and it does not eat references to None."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

CALLS = 500


def test_void_calls_leave_the_references_to_none_alone():
    """PySide6 6.12.0 on Python 3.10 and 3.11 takes one reference off None per void call, until the process aborts."""
    from PySide6.QtCore import QObject

    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("x")
    assert abs(sys.getrefcount(None) - before) < CALLS // 10


def test_the_installed_binding_is_inside_the_pin():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    extra = [Requirement(line) for line in project["project"]["optional-dependencies"]["ui"]]
    pin = next(item for item in extra if item.name == "PySide6-Essentials")
    assert version("PySide6-Essentials") in pin.specifier
