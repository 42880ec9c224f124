"""What Qt says of itself once it runs: versions, platform, screens, scale, fonts.

`python -m scs_ui.qt_facts` prints it as JSON from a process of its own, so that a Qt that aborts ends nobody else.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication


def qt_facts() -> dict[str, Any]:
    """Return the facts of the running QGuiApplication as plain JSON data; sizes in device-independent pixels."""
    font = QGuiApplication.font()
    screens = [
        {
            "width_px": screen.geometry().width(),
            "height_px": screen.geometry().height(),
            "scale": screen.devicePixelRatio(),
            "dots_per_inch": round(screen.logicalDotsPerInch()),
        }
        for screen in QGuiApplication.screens()
    ]
    return {
        "qt": qVersion(),
        "binding": PySide6.__version__,
        "platform": QGuiApplication.platformName(),
        "screens": screens,
        "font": f"{font.family()} {font.pointSizeF():g} pt",
        "font_families": len(QFontDatabase.families()),
    }


if __name__ == "__main__":
    application = QGuiApplication([])
    sys.stdout.write(json.dumps(qt_facts()) + "\n")
