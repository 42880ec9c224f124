"""The desktop app's commands in the terminal: `ui`, `render`, `doctor`; found by scs_sim through the entry points.

Imported for `scs-sim --help`, so nothing heavier than click at module level; everything else is imported when run.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import click

from scs_sim.cli import main
from scs_sim.cli.framework import (
    EXIT_ENVIRONMENT,
    KernelProgress,
    ScsCommand,
    blamed_on,
    complete_case,
    settings,
    write_json,
    write_out,
)
from scs_sim.cli.trial import Trial, trial_options

if TYPE_CHECKING:
    from scs_ui.state.session import Session

PICTURES = {
    "body": (900, 760),
    "spine": (560, 800),
    "field": (900, 760),
    "recruitment": (900, 640),
    "window": (1600, 950),
}
"""What can be drawn, and how large if nothing else is said: width and height in pixels."""

LAYOUTS = ("programming", "teaching", "analysis")
THEMES = ("dark", "light", "system")
SIDE_PX = (200, 8000)


def _size(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    sides = value.lower().split("x")
    if len(sides) != 2 or not all(side.isdecimal() and SIDE_PX[0] <= int(side) <= SIDE_PX[1] for side in sides):
        raise click.BadParameter(
            f"{value!r} is not a size; write for example 900x700, each {SIDE_PX[0]} to {SIDE_PX[1]}"
        )
    return int(sides[0]), int(sides[1])


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
    short_help="Pictures of the app's panels, without a display.",
    examples=(
        ("scs-sim render back-and-left-leg --panel body -o body.svg", "the body map as vector drawing"),
        ("scs-sim render foot --panel window --layout teaching -o window.png", "the whole window"),
        ('scs-sim render foot --panel field --contacts "1.3- 1.5+" --scale 2 -o field.png', "another program, sharper"),
        ("scs-sim render my-case.toml --panel recruitment --theme dark --size 900x600 -o curves.pdf", "for a talk"),
    ),
)
@click.argument("case", metavar="CASE", shell_complete=complete_case)
@click.option("--panel", type=click.Choice(tuple(PICTURES)), default="body", show_default=True, help="What to draw.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False),
    help="Where to: .png, .svg or .pdf. The window is a bitmap in all three.",
)
@click.option("--size", callback=_size, metavar="WxH", help="Pixels before scaling; default as in the window.")
@click.option(
    "--scale",
    type=click.FloatRange(0.5, 4.0),
    default=1.0,
    show_default=True,
    help="Device pixels per pixel, as on a dense screen; also of bitmaps inside .svg and .pdf.",
)
@click.option("--theme", type=click.Choice(THEMES[:2]), default="light", show_default=True, help="Colours.")
@click.option(
    "--layout", type=click.Choice(LAYOUTS), default="programming", show_default=True, help="How the window is arranged."
)
@trial_options
def render(
    case: str,
    panel: str,
    output: str,
    size: tuple[int, int] | None,
    scale: float,
    theme: str,
    layout: str,
    trial: Trial,
) -> int:
    """Draw a panel, or the whole window, as the app shows it; equal input gives equal bytes.

    CASE is a built-in case (scs-sim cases), a .toml or .json file, or - for standard input. Needs the extra `ui`, and
    no display.
    """
    import tempfile
    from dataclasses import replace
    from pathlib import Path

    from scs_models import files
    from scs_ui.offscreen import use_offscreen
    from scs_ui.preflight import require_pictures, this_machine

    ending = Path(output).suffix.lower()
    if ending not in (".png", ".svg", ".pdf"):
        raise click.UsageError(f"--output {output!r} must end in .png, .svg or .pdf")
    require_pictures(this_machine())
    ((tried, program),) = trial.cases([case])
    width_px, height_px = size or PICTURES[panel]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        use_offscreen(Path(folder), (width_px, height_px), scale)
        from scs_ui.render import Picture, drawn
        from scs_ui.state.session import session_of

        if trial.amplitude_ma is not None:
            program = replace(program, amplitude_ma=trial.amplitude_ma)
        with KernelProgress(tried.id) as progress, blamed_on(case):
            session = session_of(replace(tried, program=program))
            data = drawn(session, Picture(panel, width_px, height_px, theme, layout), ending, progress)
    files.write_bytes(output, data)
    if settings().as_json:
        write_json({"case": tried.id, "panel": panel, "path": output, "size_bytes": len(data)})
    return 0


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

    from scs_sim.case import load_case
    from scs_ui.state.files import ENDING, read_session
    from scs_ui.state.session import session_of

    return read_session(file) if Path(file).suffix.lower() == ENDING else session_of(load_case(file))
