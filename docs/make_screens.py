"""Draws the pictures of the app and writes them with captions into docs/app.md: python docs/make_screens.py [NAME ...]

Each is drawn by `scs-sim render` in a process of its own: sizes, themes and scales differ. Pictures of the search panel
and of the training window are drawn here, also in processes of their own: a search runs first, a session is played.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
FOLDER, PAGE = HERE / "pictures", HERE / "app.md"
IN_WINDOW = "--in-window"
BEGIN, END = "<!-- begin screens -->\n", "<!-- end screens -->"


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture; `mended`: what was changed after somebody looked at it; searched: of the search panel, at work.

    trained: of the training window, in the middle of a session (TRAINING)."""

    name: str
    title: str
    case: str
    layout: str
    size: str
    theme: str
    scale: float
    mended: str
    searched: bool = False
    trained: bool = False


SEARCH_WITHIN_S = 3600.0  # kernels of postures may have to be built first
SCREENS = (
    Screen("app-1600-dark", "1600 x 950, dark", "back-and-left-leg", "programming", "1600x950", "dark", 1.0,
           "coverage moved from the strip to a column of its own, because the threshold ruler had 200 px; titles no"
           " longer stand twice above panels in tabs; the notice in the menu bar was missing"),
    Screen("app-1600-light", "1600 x 950, light", "back-and-left-leg", "programming", "1600x950", "light", 1.0,
           "ink of the spine made crisper; contours and labels of the field no longer cross"),
    Screen("app-1366-dark", "1366 x 768, dark", "foot", "programming", "1366x768", "dark", 1.0,
           "panels overlapped: a small window has an arrangement of its own, with more panels in tabs"),
    Screen("app-1366-light", "1366 x 768, light", "foot", "programming", "1366x768", "light", 1.0,
           "tab titles were cut: they are short now; figures of the coverage panel were cut: they stand two in a row"),
    Screen("app-150-dark", "1280 x 720 at 150 %, dark", "bilateral-legs", "programming", "1280x720", "dark", 1.5,
           "labels at the ends of the curves lay on each other: they use the whole height beside the plot"),
    Screen("app-150-light", "1280 x 720 at 150 %, light", "bilateral-legs", "programming", "1280x720", "light", 1.5,
           "the line under the spine was cut: it ends in dots, its tooltip has the whole"),
    Screen("app-teaching", "Teaching layout, light", "injured-l5-root", "teaching", "1600x950", "light", 1.0,
           "nothing"),
    Screen("app-analysis", "Analysis layout, dark", "low-back", "analysis", "1600x950", "dark", 1.0,
           "programs under the spine did not fit and overlapped the strip: they share its tabs"),
    Screen("app-search", "Search, 1600 x 950, dark", "back-and-left-leg", "programming", "1600x950", "dark", 1.0,
           "the suggestions had two lines of room: plot and reasons stand below in half of it; percents of narrow cards"
           " were cut: they stand under their names; numbers in the plot covered each other: they move aside",
           searched=True),
    Screen("app-training", "Training, 1366 x 768, dark", "sciatica-left-leg", "", "1366x768", "dark", 1.0,
           "impedances of a second lead were cut; questions were cut and stand in two rows; names of contacts covered"
           " each other in the X-ray from the side; Next visit stayed blue where it was off", trained=True),
)  # fmt: skip
TRAINING_SEED = 7
TRAINING: tuple[tuple[str, dict[str, object]], ...] = (
    ("read", {"item": "referral"}), ("read", {"item": "history"}), ("read", {"item": "imaging"}),
    ("read", {"item": "pain-map"}), ("xray", {}),
    ("place-lead", {"lead_type": "octet-7mm", "tip_level": "T9", "x_mm": -1.5}),
    ("place-lead", {"lead_type": "octet-4mm", "tip_level": "T9", "x_mm": 1.5}), ("xray", {}), ("impedance", {}),
    ("program", {"contacts": "1.5- 1.6+"}), ("amplitude", {"to_ma": 3.2}),
    ("note", {"threshold": "pt", "value_ma": 2.8}), ("colour", {}), ("ask", {"about": "where"}),
)  # fmt: skip
"""The session of the training picture, up to the moment that it shows."""


def draw(screen: Screen) -> None:
    """Draw one picture."""
    path = FOLDER / f"{screen.name}.png"
    if screen.searched or screen.trained:
        command = [sys.executable, __file__, IN_WINDOW, screen.name]
    else:
        command = [sys.executable, "-m", "scs_sim", "render", screen.case, "--panel", "window", "--layout"]
        command += [screen.layout, "--size", screen.size, "--theme", screen.theme, "--scale", f"{screen.scale:g}"]
        command += ["-o", str(path)]
    subprocess.run(command, check=True)
    with Image.open(path) as image:
        image.convert("RGB").save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


def draw_searched(screen: Screen) -> None:
    """Open a window in memory, search, dial the best suggestion and draw the window."""
    width_px, height_px = (int(px) for px in screen.size.split("x"))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        from scs_ui.offscreen import use_offscreen

        use_offscreen(Path(folder), (width_px, height_px), screen.scale)
        from scs_sim.case import builtin_case
        from scs_ui.app import Desk, application
        from scs_ui.start import Start
        from scs_ui.state.looks.status import live_text, saved_text
        from scs_ui.state.session import session_of
        from scs_ui.widgets.search import SearchPanel

        session = session_of(builtin_case(screen.case))
        desk = Desk(application(), Start(session, layout=screen.layout, theme=screen.theme, recover=False))
        desk.open()
        desk.menus.tour.hide()
        desk.window.resize(width_px, height_px)
        desk.window.arrange(screen.layout)
        panel = desk.window.panels["search"]
        assert isinstance(panel, SearchPanel)
        end = time.monotonic() + SEARCH_WITHIN_S

        def wait(condition: Callable[[], bool]) -> None:
            while not condition():
                desk.app.processEvents()
                time.sleep(0.005)
                if time.monotonic() > end:
                    raise SystemExit("the window did not answer")

        def is_at_rest() -> bool:
            frame = desk.store.frame
            answered = frame is not None and not frame.stale and frame.session is desk.store.session
            return answered and desk.window.runner.is_idle

        wait(is_at_rest)
        desk.menus.actions["view.search"].trigger()
        panel.board.toggle()
        wait(lambda: not panel.board.searcher.is_running)
        panel.board.apply(0)
        wait(is_at_rest)
        rest = time.monotonic() + 1.0  # plots follow
        wait(lambda: time.monotonic() > rest and is_at_rest())
        desk.window.banner.hide()
        # How long search and model took differs every time: it is no part of a picture.
        panel.board.words.setText("Finished")
        desk.window.status.show_text(live_text(desk.store.moment()), "", saved_text("", desk.store.is_saved))
        desk.window.grab().save(str(FOLDER / f"{screen.name}.png"))
        desk.window.may_close = lambda: True
        desk.window.close()


def draw_trained(screen: Screen) -> None:
    """Open a training window in memory, do what TRAINING says and draw the window."""
    width_px, height_px = (int(px) for px in screen.size.split("x"))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        from scs_ui.offscreen import use_offscreen

        use_offscreen(Path(folder), (width_px, height_px), screen.scale)
        from PySide6.QtGui import QFont
        from PySide6.QtWidgets import QWidget

        from scs_ui import style
        from scs_ui.app import application
        from scs_ui.handlers.training import TrainingDesk
        from scs_ui.theme import THEMES
        from scs_ui.widgets.training_choosers import Wanted

        app, theme, parent = application(), THEMES[screen.theme], QWidget()
        style.apply(app, theme, QFont(app.font()))
        desk = TrainingDesk(parent, theme, print)
        desk.begin(Wanted(screen.case, TRAINING_SEED, "trainee"))
        window = desk.windows[0]
        window.resize(width_px, height_px)

        def wait() -> None:
            end = time.monotonic() + SEARCH_WITHIN_S
            rest = time.monotonic() + 0.3
            while window.room.busy or time.monotonic() < rest:
                app.processEvents()
                time.sleep(0.005)
                if time.monotonic() > end:
                    raise SystemExit("the window did not answer")

        wait()
        for name, parameters in TRAINING:
            window.room.act(name, **parameters)
            wait()
        window.leads.film.setFocus()
        wait()
        window.grab().save(str(FOLDER / f"{screen.name}.png"))
        desk.close()


def page() -> str:
    """Return docs/app.md with the pictures between its marks."""
    parts = []
    for screen in SCREENS:
        parts.append(f"![{screen.title}](pictures/{screen.name}.png)\n\n*{screen.title}; case `{screen.case}`."
                     f" Mended after looking at it: {screen.mended}.*\n")  # fmt: skip
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + "\n" + "\n".join(parts) + "\n" + END + rest.partition(END)[2]


def main(names: list[str]) -> int:
    """Draw the named pictures, default all, and write the page."""
    if names[:1] == [IN_WINDOW]:
        screen = next(screen for screen in SCREENS if screen.name == names[1])
        (draw_trained if screen.trained else draw_searched)(screen)
        return 0
    for screen in SCREENS:
        if not names or screen.name in names:
            draw(screen)
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
