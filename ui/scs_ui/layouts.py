"""The three named layouts: which panels stand where, by name; a small window has more of them in tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from scs_ui.widgets.frame import PanelDock

STATE_VERSION = 2
"""Raised when docks change: a saved arrangement of another version is not restored."""
SMALL_PX = (1500, 850)
"""A window less wide or less high than this is small."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One arrangement: columns from the left, each a stack of tab groups from the top; the strip is the bottom row.

    shares: relative widths of the columns; heights: of each column's groups; small: the same for a small window.
    """

    title: str
    columns: tuple[tuple[tuple[str, ...], ...], ...]
    shares: tuple[int, ...]
    heights: tuple[tuple[int, ...], ...]
    strip: tuple[str, ...]
    strip_shares: tuple[int, ...]
    small: Layout | None = None

    def fit_for(self, width_px: int, height_px: int) -> Layout:
        """Return the arrangement for a window of this size."""
        return self.small if self.small is not None and is_small(width_px, height_px) else self

    @property
    def panels(self) -> tuple[str, ...]:
        """Return the panels that are shown."""
        return (*(panel for column in self.columns for group in column for panel in group), *self.strip)


_PROGRAMMING_SMALL = Layout(
    "Programming",
    columns=(
        (("spine", "patient"),),
        (("body", "contacts", "tested", "search", "programs", "history"),),
        (("coverage",), ("recruitment", "field", "strength", "pulse", "impedance")),
    ),
    shares=(310, 600, 420),
    heights=((1,), (1,), (5, 8)),
    strip=("stimulation",),
    strip_shares=(1,),
)

_ANALYSIS_SMALL = Layout(
    "Analysis",
    columns=((("spine", "body", "contacts"),), (("field", "search", "programs", "tested"),),
             (("recruitment", "strength", "pulse", "coverage", "impedance", "history"),)),
    shares=(400, 460, 500),
    heights=((1,), (1,), (1,)),
    strip=("stimulation",),
    strip_shares=(1,),
)  # fmt: skip

TAB_TITLES: Mapping[str, str] = {
    "spine": "Spine", "body": "Body map", "contacts": "Contacts", "coverage": "Coverage", "stimulation": "Stimulation",
    "programs": "Programs", "patient": "Patient", "field": "Field", "strength": "Strength", "pulse": "Pulses",
    "recruitment": "Curves", "impedance": "Impedance", "tested": "Tested", "history": "History", "search": "Search",
}  # fmt: skip
"""What the tabs say: short enough to stand side by side."""

LAYOUTS: Mapping[str, Layout] = {
    "programming": Layout(
        "Programming",
        columns=(
            (("coverage",), ("programs", "patient", "history")),
            (("spine",),),
            (("body", "contacts", "tested", "search"),),
            (("field", "strength", "pulse"), ("recruitment", "impedance")),
        ),
        shares=(320, 320, 540, 420),
        heights=((1, 1), (1,), (1,), (11, 10)),
        strip=("stimulation",),
        strip_shares=(1,),
        small=_PROGRAMMING_SMALL,
    ),
    "teaching": Layout(
        "Teaching",
        columns=((("spine",),), (("body",),), (("coverage",), ("recruitment", "field", "programs"))),
        shares=(380, 720, 480),
        heights=((1,), (1,), (5, 4)),
        strip=("stimulation",),
        strip_shares=(1,),
    ),
    "analysis": Layout(
        "Analysis",
        columns=(
            (("spine", "body", "contacts", "search", "programs", "tested"),),
            (("field",), ("strength", "pulse")),
            (("recruitment",), ("coverage", "impedance", "history")),
        ),
        shares=(460, 560, 560),
        heights=((1,), (3, 2), (3, 3)),
        strip=("stimulation",),
        strip_shares=(1,),
        small=_ANALYSIS_SMALL,
    ),
}


def is_small(width_px: int, height_px: int) -> bool:
    """Return whether a window of this size is small."""
    return width_px < SMALL_PX[0] or height_px < SMALL_PX[1]


def arrange(window: QMainWindow, docks: Mapping[str, PanelDock], name: str, width_px: int, height_px: int) -> None:
    """Put the docks of the named layout in place and hide the others; sizes are for a window of width x height."""
    layout = LAYOUTS[name].fit_for(width_px, height_px)
    columns, shares, heights = layout.columns, layout.shares, layout.heights
    for item in docks.values():
        item.dock.setFloating(False)
        window.removeDockWidget(item.dock)
    left, bottom = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
    before = None
    for column in columns:
        first = docks[column[0][0]].dock
        if before is None:
            window.addDockWidget(left, first)
        else:
            window.splitDockWidget(before, first, Qt.Orientation.Horizontal)
        before = first
    for column in columns:
        above = docks[column[0][0]].dock
        for group in column[1:]:
            below = docks[group[0]].dock
            window.splitDockWidget(above, below, Qt.Orientation.Vertical)
            above = below
        for group in column:
            for panel in group[1:]:
                window.tabifyDockWidget(docks[group[0]].dock, docks[panel].dock)
    strip = [docks[panel].dock for panel in layout.strip]
    window.addDockWidget(bottom, strip[0])
    for one, other in pairwise(strip):
        window.splitDockWidget(one, other, Qt.Orientation.Horizontal)
    for panel, item in docks.items():
        if panel in layout.panels:
            item.dock.show()
        else:  # where it will open: beside the last column's panels
            window.tabifyDockWidget(docks[columns[-1][-1][0]].dock, item.dock)
            item.dock.hide()
    for column in columns:
        for group in column:
            docks[group[0]].dock.raise_()
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    scale = width_px / sum(shares)
    window.resizeDocks([docks[column[0][0]].dock for column in columns], [int(s * scale) for s in shares], across)
    scale = width_px / sum(layout.strip_shares)
    window.resizeDocks(strip, [int(s * scale) for s in layout.strip_shares], across)
    strip_px = min(max(strip[0].minimumSizeHint().height(), int(0.24 * height_px)), int(0.4 * height_px))
    window.resizeDocks([docks[columns[0][0][0]].dock, strip[0]], [height_px - strip_px, strip_px], down)
    for column, parts in zip(columns, heights, strict=True):
        scale = (height_px - strip_px) / sum(parts)
        window.resizeDocks([docks[group[0]].dock for group in column], [int(p * scale) for p in parts], down)
