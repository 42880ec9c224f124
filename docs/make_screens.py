"""Draws the pictures of the app and writes them with captions into docs/app.md: python docs/make_screens.py [NAME ...]

Each is drawn by `scs-sim render` in a process of its own: sizes, themes and scales differ.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
FOLDER, PAGE = HERE / "pictures", HERE / "app.md"
BEGIN, END = "<!-- begin screens -->\n", "<!-- end screens -->"


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture; `mended`: what was changed after somebody looked at it."""

    name: str
    title: str
    case: str
    layout: str
    size: str
    theme: str
    scale: float
    mended: str


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
)  # fmt: skip


def draw(screen: Screen) -> None:
    """Draw one picture."""
    path = FOLDER / f"{screen.name}.png"
    command = [sys.executable, "-m", "scs_sim", "render", screen.case, "--panel", "window", "--layout", screen.layout]
    command += ["--size", screen.size, "--theme", screen.theme, "--scale", f"{screen.scale:g}", "-o", str(path)]
    subprocess.run(command, check=True)
    with Image.open(path) as image:
        image.convert("RGB").save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


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
    for screen in SCREENS:
        if not names or screen.name in names:
            draw(screen)
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
