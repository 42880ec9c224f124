"""Draws the pictures of the app for docs/app.md: python docs/make_screens.py [NAME ...]

Each is drawn by `scs-sim render` in a process of its own (sizes, themes and scales differ) and reduced to 128 colours.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parent / "pictures"
# name: case, layout, size before scaling, theme, scale
SCREENS: dict[str, tuple[str, str, str, str, float]] = {
    "app-1600-dark": ("back-and-left-leg", "programming", "1600x950", "dark", 1.0),
    "app-1600-light": ("back-and-left-leg", "programming", "1600x950", "light", 1.0),
    "app-1366-dark": ("foot", "programming", "1366x768", "dark", 1.0),
    "app-1366-light": ("foot", "programming", "1366x768", "light", 1.0),
    "app-150-dark": ("bilateral-legs", "programming", "1280x720", "dark", 1.5),
    "app-150-light": ("bilateral-legs", "programming", "1280x720", "light", 1.5),
    "app-teaching": ("injured-l5-root", "teaching", "1600x950", "light", 1.0),
    "app-analysis": ("low-back", "analysis", "1600x950", "dark", 1.0),
}


def main(names: list[str]) -> int:
    """Draw the named pictures, default all."""
    for name in names or list(SCREENS):
        case, layout, size, theme, scale = SCREENS[name]
        path = FOLDER / f"{name}.png"
        command = [sys.executable, "-m", "scs_sim", "render", case, "--panel", "window", "--layout", layout]
        command += ["--size", size, "--theme", theme, "--scale", f"{scale:g}", "-o", str(path)]
        subprocess.run(command, check=True)
        with Image.open(path) as image:
            image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
        print(f"{path.name}: {path.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
