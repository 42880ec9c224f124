"""From a checked command line to the running window, and the net under it: Qt's fatal errors end with exit code 6."""

from __future__ import annotations

import os

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from scs_ui.app import run
from scs_ui.start import Start

EXIT_ENVIRONMENT = 6


def open_window(start: Start) -> int:
    """Open the window and return the app's exit code. preflight must have found nothing."""
    qInstallMessageHandler(end_instead_of_aborting)
    return run(start)


def end_instead_of_aborting(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """Qt calls abort() after a fatal message: leave before, with a sentence and the exit code of a missing piece."""
    text = " ".join(message.split())
    if kind == QtMsgType.QtFatalMsg:
        os.write(2, f"scs-sim: Qt cannot go on: {text} Find the cause with: scs-sim doctor\n".encode())
        os._exit(EXIT_ENVIRONMENT)
    os.write(2, f"scs-sim: Qt: {text}\n".encode())
