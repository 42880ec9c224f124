"""A screen in memory for Qt to draw on: set up before Qt starts, nothing here imports Qt."""

from __future__ import annotations

import json
import os
from pathlib import Path

WIDTH_PX, HEIGHT_PX = 1920, 1080


def use_offscreen(folder: Path, size_px: tuple[int, int], scale: float) -> None:
    """Have Qt draw in memory, on a screen that a window of `size_px` (before scaling) fits on; `folder` outlives Qt.

    Settings, journals and logs of the app go to `folder` too: a picture depends on nobody's preferences. Qt's own
    variables of scale and style are set aside.
    """
    screen = {
        "name": "main",
        "x": 0,
        "y": 0,
        "width": max(WIDTH_PX, size_px[0]),
        "height": max(HEIGHT_PX, size_px[1]),
        "logicalDpi": 96,
        "logicalBaseDpi": 96,
        "dpr": 1,
    }
    path = folder / "screen.json"
    path.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    for name in [name for name in os.environ if name.startswith("QT_")]:
        del os.environ[name]
    # The plugin's argument ends at a colon: a drive letter would cut the path off, and then the usual screen must do.
    where = f":configfile={path}" if ":" not in str(path) else ""
    os.environ["QT_QPA_PLATFORM"] = f"offscreen{where}"
    os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    os.environ["SCS_SIM_CONFIG_DIR"] = str(folder / "config")
    os.environ["SCS_SIM_STATE_DIR"] = str(folder / "state")
