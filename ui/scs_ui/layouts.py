"""The three named layouts: which panels stand where, by name. A narrow window stacks the left ones in tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from scs_ui.widgets.frame import PanelDock

STATE_VERSION = 1
"""Raised when docks change: a saved arrangement of another version is not restored."""
NARROW_PX = 1500


@dataclass(frozen=True, slots=True)
class Layout:
    """One arrangement: columns from the left, each a stack of tab groups from the top; the strip is the bottom row.

    shares: relative widths of the columns; heights: of each column's groups. A column that is `folding` joins the one
    to its right as a tab where the window is narrow.
    """

    title: str
    columns: tuple[tuple[tuple[str, ...], ...], ...]
    shares: tuple[int, ...]
    heights: tuple[tuple[int, ...], ...]
    strip: tuple[str, ...]
    strip_shares: tuple[int, ...]
    folding: int | None = None


LAYOUTS: Mapping[str, Layout] = {
    "programming": Layout(
        "Programming",
        columns=(
            (("programs", "patient"),),
            (("spine",),),
            (("body", "contacts", "tested"),),
            (("field", "strength", "pulse"), ("recruitment", "impedance", "history")),
        ),
        shares=(250, 340, 560, 430),
        heights=((1,), (1,), (1,), (11, 10)),
        strip=("stimulation", "coverage"),
        strip_shares=(1020, 560),
        folding=0,
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
            (("spine", "body", "contacts"), ("programs", "tested")),
            (("field",), ("strength", "pulse")),
            (("recruitment",), ("coverage", "impedance", "history")),
        ),
        shares=(460, 560, 560),
        heights=((3, 2), (3, 2), (3, 3)),
        strip=("stimulation",),
        strip_shares=(1,),
    ),
}


def arrange(window: QMainWindow, docks: Mapping[str, PanelDock], name: str, width_px: int, height_px: int) -> None:
    """Put the docks of the named layout in place and hide the others; sizes are for a window of width x height."""
    layout = LAYOUTS[name]
    columns = [[list(group) for group in column] for column in layout.columns]
    shares, heights = list(layout.shares), [list(group) for group in layout.heights]
    if layout.folding is not None and width_px < NARROW_PX:
        folded = columns.pop(layout.folding)
        shares.pop(layout.folding)
        heights.pop(layout.folding)
        columns[layout.folding][0] += [panel for group in folded for panel in group]
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
    placed = [panel for column in columns for group in column for panel in group] + list(layout.strip)
    for panel, item in docks.items():
        if panel in placed:
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
