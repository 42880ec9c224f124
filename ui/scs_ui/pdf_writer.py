"""What scs_sim asks for a PDF where there is no window: the entry point `pdf` of the group scs_sim.writers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scs_ui.preflight import require_pictures, this_machine

if TYPE_CHECKING:
    from scs_sim.report import Report


def pdf_of(report: Report) -> bytes:
    """Return `report` as a PDF; Qt draws in memory unless it already runs. Raises MissingPieceError without Qt."""
    require_pictures(this_machine())
    from PySide6.QtGui import QGuiApplication

    from scs_ui.offscreen import use_offscreen
    from scs_ui.report_pdf import report_pdf

    if QGuiApplication.instance() is not None:
        return report_pdf(report)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        use_offscreen(Path(folder), (800, 600), 1.0)
        running = QGuiApplication([])
        data = report_pdf(report)
        del running
    return data
