"""Tests of the window: left out, with one printed line, where Qt or a library it needs is missing.

SCS_SIM_REQUIRE_QT=1 (set by .ci/run) makes leaving them out a failure: then they are collected and fail to import Qt.
They draw on an offscreen screen of 1920 x 1080 and keep settings and journals in a folder of their own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

SCREEN = Path(__file__).with_name("screen.json")
os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={SCREEN}"


def _missing() -> str:
    try:
        import PySide6.QtWidgets  # noqa: F401  (the import is the question)
        import pytestqt  # noqa: F401
    except ImportError as error:
        return str(error)
    return ""


MISSING = _missing()
REQUIRED = os.environ.get("SCS_SIM_REQUIRE_QT") == "1"
collect_ignore_glob = ["test_*.py"] if MISSING and not REQUIRED else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if collect_ignore_glob:
        terminalreporter.write_line(f"tests/ui left out, Qt is missing: {MISSING} (see README, extra `ui-test`)")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings and journals away from those of whoever runs the tests."""
    monkeypatch.setenv("SCS_SIM_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("SCS_SIM_CONFIG_DIR", str(tmp_path / "config"))


@pytest.fixture
def answer() -> Callable:
    """Return a function that has the engine answer a store's session here and now, all contacts included."""
    from scs_ui.state.live import Live

    live = Live()

    def answer_now(store, whole: bool = True):
        while (request := live.wanted(store.session)) is not None:
            live.accept(request, request(lambda fraction, what: None))
            if not whole:
                break
        store.show_frame(live.frame(store.session))
        return store.moment()

    return answer_now


@pytest.fixture
def store():
    """Return a store about the case "back-and-left-leg", without a window."""
    from scs_sim.case import builtin_case
    from scs_ui.state.session import session_of
    from scs_ui.state.store import Store

    return Store(session_of(builtin_case("back-and-left-leg")))
