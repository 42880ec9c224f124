"""Writers that other packages bring: the entry points of the group `scs_sim.writers`. scs_sim itself knows no Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scs_sim.report import Report

ENTRY_POINTS = "scs_sim.writers"


def pdf_writer() -> Callable[[Report], bytes]:
    """Return what makes a PDF of a report; raise MissingPieceError where nothing here can."""
    from importlib.metadata import entry_points

    from scs_models.errors import MissingPieceError

    for point in entry_points(group=ENTRY_POINTS, name="pdf"):
        try:
            found: Callable[[Report], bytes] = point.load()
        except ImportError as error:
            raise MissingPieceError(f'a PDF needs the extra ui ({error}): pip install "scs-sim[ui]"') from error
        return found
    raise MissingPieceError('a PDF needs the extra ui: pip install "scs-sim[ui]"')
