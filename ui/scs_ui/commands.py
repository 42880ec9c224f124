"""The desktop app's commands in the terminal: `ui`, `doctor`; found by scs_sim through the entry points.

Imported for `scs-sim --help`, so nothing heavier than click at module level; everything else is imported when run.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import click

from scs_sim.cli import main
from scs_sim.cli.framework import EXIT_ENVIRONMENT, ScsCommand, complete_case, settings, write_json, write_out

if TYPE_CHECKING:
    from scs_ui.state.session import Session

LAYOUTS = ("programming", "teaching", "analysis")
THEMES = ("dark", "light", "system")
SESSION_ENDING = ".scsx"


@click.command(
    cls=ScsCommand,
    short_help="The window: turn a dial, see the body map move.",
    examples=(
        ("scs-sim ui", "open the window"),
        ("scs-sim ui back-and-left-leg", "with a built-in case"),
        ("scs-sim ui my-case.toml --layout teaching", "with a case of your own, arranged for teaching"),
        ("scs-sim ui visit.scsx", "go on with a saved session"),
        ("scs-sim ui --demo", "a minute's demonstration that runs by itself"),
        ("scs-sim ui --reset-settings", "forget window sizes, layout, theme and recent files"),
    ),
)
@click.argument("file", required=False, shell_complete=complete_case)
@click.option("--layout", type=click.Choice(LAYOUTS), help="How the panels are arranged; default: as last time.")
@click.option("--theme", type=click.Choice(THEMES), help="Colours; default: as last time.")
@click.option("--no-recover", is_flag=True, help="Do not offer work that a crash left behind; it is kept.")
@click.option("--reset-settings", is_flag=True, help="Forget window sizes, layout, theme and recent files first.")
@click.option("--demo", is_flag=True, help="Play the demonstration: a case, a ramp, steering, a posture, a report.")
def ui(
    file: str | None, layout: str | None, theme: str | None, no_recover: bool, reset_settings: bool, demo: bool
) -> int:
    """Open the desktop app. FILE is a built-in case (scs-sim cases), a case file, or a saved session (.scsx).

    Needs a display and the extra `ui`: pip install "scs-sim[ui]". What is missing is found by: scs-sim doctor
    """
    import os

    from scs_ui.preflight import require_window, this_machine

    platform = require_window(this_machine())
    if platform:
        os.environ["QT_QPA_PLATFORM"] = platform
    session = None if file is None else _session(file)
    from scs_ui.launch import open_window
    from scs_ui.start import Start

    return open_window(Start(session, file or "", layout, theme, not no_recover, reset_settings, demo))


@click.command(
    cls=ScsCommand,
    short_help="What the desktop app needs and has; the line that cures what is missing.",
    examples=(
        ("scs-sim doctor", "look at Python, Qt, its libraries, display, fonts, folders"),
        ("scs-sim doctor --json", "the same as one JSON document"),
    ),
)
def doctor() -> int:
    """Look at everything the app depends on, each line fine or with what cures it; exit code 6 where anything is not.

    Works without Qt. Add the output to a report of a problem: it holds no name and no path above your home folder.
    """
    from scs_ui.doctor import checkup
    from scs_ui.preflight import this_machine

    found = checkup(this_machine())
    if settings().as_json:
        write_json(found.document())
    else:
        write_out(found.text())
    return 0 if found.ok else EXIT_ENVIRONMENT


def windowed() -> int:
    """Run `scs-sim ui` as the program `scs-sim-ui`; where there is no console (Windows), errors are shown in a box."""
    if sys.stdout is not None and sys.stderr is not None:
        return main(["ui", *sys.argv[1:]])
    said = io.StringIO()
    sys.stdout, sys.stderr = sys.stdout or said, sys.stderr or said
    code = main(["ui", *sys.argv[1:]])
    if said.getvalue().strip() and sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, said.getvalue(), "scs-sim", 0)
    return code


def _session(file: str) -> Session:
    from pathlib import Path

    from scs_models import files
    from scs_sim.case import load_case
    from scs_ui.state.session import Session, session_of

    if Path(file).suffix.lower() != SESSION_ENDING:
        return session_of(load_case(file))
    return files.read_value(Session, file)
