"""`scs-sim ui` up to the moment where the window takes over, and the net under it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scs_models import files
from scs_sim.case import builtin_case
from scs_sim.cli import main
from scs_ui import commands, launch
from scs_ui.start import Start
from scs_ui.state.session import session_of


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Start]:
    """Return what the app would have been started with."""
    starts: list[Start] = []

    def run(start: Start) -> int:
        starts.append(start)
        return 0

    monkeypatch.setattr(launch, "run", run)
    monkeypatch.setattr(launch, "qInstallMessageHandler", lambda handler: None)
    return starts


def test_ui_opens_a_builtin_case_with_what_was_asked_for(opened: list[Start]) -> None:
    assert main(["ui"]) == 0
    assert main(["ui", "foot", "--layout", "teaching", "--theme", "light", "--no-recover", "--reset-settings"]) == 0
    assert main(["ui", "--demo"]) == 0
    assert opened == [
        Start(),
        Start(session_of(builtin_case("foot")), "foot", "teaching", "light", recover=False, reset_settings=True),
        Start(demo=True),
    ]


def test_ui_opens_case_files_and_sessions(opened: list[Start], tmp_path: Path) -> None:
    case, session = tmp_path / "mein Fall λ.json", tmp_path / "ein Besuch.scsx"
    files.write_text(case, files.json_text(builtin_case("low-back")))
    before = session_of(builtin_case("bilateral-legs"))
    files.write_text(session, files.json_text(before))
    assert main(["ui", str(case)]) == 0
    assert main(["ui", str(session)]) == 0
    assert opened[0].session == session_of(builtin_case("low-back"))
    assert (opened[1].session, opened[1].file) == (before, str(session))


@pytest.mark.parametrize(
    ("name", "text", "code", "words"),
    [
        ("nobody", None, 2, "there is no case 'nobody'"),
        ("none.toml", None, 3, "none.toml: cannot be read"),
        ("none.scsx", None, 3, "none.scsx: cannot be read"),
        ("bad.toml", "title = 3\n", 3, "bad.toml: "),
        ("bad.scsx", "{}", 3, "format"),
        ("new.scsx", '{"format": "scs-sim session", "version": 99}', 3, "newer"),
        ("cut.scsx", '{"format": "scs-sim session"', 3, "not valid JSON"),
    ],
)
def test_a_bad_file_ends_before_any_window(
    opened: list[Start], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, name: str, text: str | None, code: int, words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main(["ui", name]) == code
    assert words in capsys.readouterr().err
    assert opened == []


def test_a_wrong_option_is_a_usage_error(opened: list[Start]) -> None:
    assert main(["ui", "--layout", "sideways"]) == 2
    assert main(["ui", "--theme", "pink"]) == 2
    assert opened == []


def test_layouts_of_the_command_are_those_of_the_window() -> None:
    from scs_ui.layouts import LAYOUTS
    from scs_ui.theme import THEMES

    assert set(commands.LAYOUTS) == set(LAYOUTS)
    assert set(commands.THEMES) == {*THEMES, "system"}


def test_the_windowed_program_shows_its_errors_where_there_is_no_console(
    opened: list[Start], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["scs-sim-ui", "foot", "--theme", "dark"])
    assert commands.windowed() == 0
    assert opened[0].file == "foot"
    monkeypatch.setattr(sys, "argv", ["scs-sim-ui", "nobody"])
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        patch.setattr(sys, "stderr", None)
        code = commands.windowed()
        said = sys.stderr
    assert code == 2
    assert isinstance(said, io.StringIO)
    assert "nobody" in said.getvalue()


@pytest.mark.parametrize("platform", ["xcb", "nonsense"])
def test_a_fatal_error_of_qt_ends_with_six_and_a_sentence_instead_of_an_abort(platform: str) -> None:
    """Without the checks before: a display that is not there, a platform that is not there."""
    code = (
        "from scs_ui import launch; from scs_ui.start import Start\n"
        "def run(start):\n    from PySide6.QtWidgets import QApplication\n    QApplication([])\n    return 0\n"
        "launch.run = run; launch.open_window(Start())"
    )
    environment = os.environ | {"QT_QPA_PLATFORM": platform, "DISPLAY": ":987"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 6, done.stderr
    assert "scs-sim: Qt cannot go on" in done.stderr
    assert "Traceback" not in done.stderr
