"""The app's own icons: 24 x 24 drawings of 1.5 px rounded strokes, coloured by the theme, sharp at every scale."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from scs_models.errors import UnknownNameError
from scs_ui.theme import Theme

SIZES_PX = (16, 20, 24, 30, 32, 40, 48)
"""Pixmaps of an icon: 16 and 20 px at scales 1, 1.5 and 2, and 24 px at 1 and 2."""

_FILLED = 'fill="currentColor"'
_DRAWINGS = {
    "stop": f'<rect x="6" y="6" width="12" height="12" rx="2" {_FILLED}/>',
    "play": f'<path d="M8 5.8v12.4L18.2 12z" {_FILLED}/>',
    "pause": '<path d="M8.5 6v12M15.5 6v12" stroke-width="3"/>',
    "brush": '<path d="M20 4 11.4 12.6M11.4 12.6c-2.7-.9-4.9.4-5.5 2.8-.4 1.7-1.2 2.9-2.4 3.6 4 1.5 9.2.6 9.5'
    f'-3 .1-1.4-.5-2.6-1.6-3.4z"/><path d="M11.4 12.6c-2.7-.9-4.9.4-5.5 2.8-.4 1.7-1.2 2.9-2.4 3.6 4 1.5 9.2.6 9.5'
    f'-3 .1-1.4-.5-2.6-1.6-3.4z" {_FILLED} stroke="none" opacity=".3"/>',
    "eraser": '<path d="M13.6 4.4 20 10.8l-8.2 8.2H8L3.9 14.9a1 1 0 0 1 0-1.4zM8.7 9.2l6.5 6.5M8 19h12"/>',
    "region": '<path d="M7 4c3.1 1.3 6.9 1.3 10 0 1 4.4 1 11.6 0 16-3.1-1.3-6.9-1.3-10 0-1-4.4-1-11.6'
    ' 0-16z"/><path d="m9 11.5 4-4M9 16l7-7M12.5 17 16 13.5" stroke-width="1.3"/>',
    "polygon": '<path d="M5 9.5 12.5 4.5 19.5 9 17 19H7.5z"/>'
    + "".join(
        f'<circle cx="{x}" cy="{y}" r="1.7" {_FILLED} stroke="none"/>'
        for x, y in ((5, 9.5), (12.5, 4.5), (19.5, 9), (17, 19), (7.5, 19))
    ),
    "lock": '<rect x="5.5" y="10.5" width="13" height="9.5" rx="2"/><path d="M8.25 10.5V7.75a3.75 3.75 0 0 1'
    f' 7.5 0v2.75"/><circle cx="12" cy="15.25" r="1.3" {_FILLED} stroke="none"/>',
    "unlock": '<rect x="5.5" y="10.5" width="13" height="9.5" rx="2"/><path d="M8.25 10.5V7a3.75 3.75 0 0 1'
    f' 7.2-1.45"/><circle cx="12" cy="15.25" r="1.3" {_FILLED} stroke="none"/>',
    "equalise": '<path d="M6 20V11M12 20V11M18 20V11" stroke-width="3"/><path d="M3.5 6h17" stroke-dasharray="2.2 3"/>',
    "arrow_up": '<path d="M12 19V5M6 11l6-6 6 6"/>',
    "arrow_down": '<path d="M12 5v14M6 13l6 6 6-6"/>',
    "arrow_left": '<path d="M19 12H5M11 6l-6 6 6 6"/>',
    "arrow_right": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "focus_in": '<path d="M4.5 12h15M12 2.5v6M9 6l3 3 3-3M12 21.5v-6M9 18l3-3 3 3"/>',
    "focus_out": '<path d="M4.5 12h15M12 9V3M9 5.5l3-3 3 3M12 15v6M9 18.5l3 3 3-3"/>',
    "cathode": '<circle cx="12" cy="12" r="8.5"/><path d="M8 12h8"/>',
    "anode": '<circle cx="12" cy="12" r="8.5"/><path d="M8 12h8M12 8v8"/>',
    "undo": '<path d="M8.5 5 4.5 9l4 4M4.5 9h9.25a5.25 5.25 0 0 1 0 10.5H9"/>',
    "redo": '<path d="m15.5 5 4 4-4 4M19.5 9h-9.25a5.25 5.25 0 0 0 0 10.5H15"/>',
    "open": '<path d="M4 18.5V6.5A1.5 1.5 0 0 1 5.5 5h4l2 2.5h6A1.5 1.5 0 0 1 19 9v1.5"/><path d="M4 18.5'
    " 6.6 11.5a1.5 1.5 0 0 1 1.4-1h12.1a.9.9 0 0 1 .85 1.2l-2.2 6.6a1 1 0 0 1-.95.7H4.5"
    'a.5.5 0 0 1-.5-.5z"/>',
    "save": '<path d="M6 4.5h10L19.5 8v10a1.5 1.5 0 0 1-1.5 1.5H6A1.5 1.5 0 0 1 4.5 18V6A1.5 1.5 0 0 1 6'
    ' 4.5z"/><path d="M8 4.5V8.5h6.5V4.5M7.5 19.5v-6h9v6"/>',
    "report": '<path d="M7 3.5h7L18.5 8v11a1.5 1.5 0 0 1-1.5 1.5H7A1.5 1.5 0 0 1 5.5 19V5A1.5 1.5 0 0 1 7'
    ' 3.5zM14 3.5V8h4.5M8.5 12h7M8.5 14.75h7M8.5 17.5h4"/>',
    "card": '<rect x="3.5" y="5.5" width="17" height="13" rx="2"/><path d="M7 9.5v5M12 9.5h5M12 12.25h5M12 15h3"/>'
    f'<circle cx="7" cy="10" r="1.3" {_FILLED} stroke="none"/><circle cx="7" cy="14" r="1.3" {_FILLED} stroke="none"/>',
    "export": '<path d="M12 15V4M8 8l4-4 4 4M4.5 14v4a1.5 1.5 0 0 0 1.5 1.5h12a1.5 1.5 0 0 0 1.5-1.5v-4"/>',
    "compare": f'<rect x="3.5" y="5.5" width="7" height="13" rx="1.5" {_FILLED}/>'
    '<rect x="13.5" y="5.5" width="7" height="13" rx="1.5"/>',
    "add": '<path d="M12 5v14M5 12h14"/>',
    "copy": '<rect x="8.5" y="8.5" width="11" height="11" rx="2"/><path d="M15.5 8.5v-2a2 2 0 0 0-2-2h-7a2 2 0 0'
    ' 0-2 2v7a2 2 0 0 0 2 2h2"/>',
    "trash": '<path d="M4.5 6.5h15M9 6.5V5a1 1 0 0 1 1-1h4a1 1 0 0 1 1 1v1.5M6.5 6.5l.7 12.1a1.5 1.5 0 0 0'
    ' 1.5 1.4h6.6a1.5 1.5 0 0 0 1.5-1.4l.7-12.1M10 10.5v5.5M14 10.5v5.5"/>',
    "help": '<circle cx="12" cy="12" r="8.5"/><path d="M9.6 9.7a2.4 2.4 0 1 1 3.7 2c-.9.6-1.3 1.1-1.3'
    f' 2.1"/><circle cx="12" cy="16.6" r="1" {_FILLED} stroke="none"/>',
    "theme": '<circle cx="12" cy="12" r="8.5"/>' + f'<path d="M12 3.5a8.5 8.5 0 0 1 0 17z" {_FILLED} stroke="none"/>',
    "fit": '<path d="M4 8.5V4h4.5M15.5 4H20v4.5M20 15.5V20h-4.5M8.5 20H4v-4.5"/>'
    '<rect x="10.25" y="7" width="3.5" height="10" rx="1.75"/>',
    "mirror": '<path d="M12 3.5v17" stroke-dasharray="2 2.6"/><path d="M9 7.5v9H3.5z"/>'
    f'<path d="M15 7.5v9h5.5z" {_FILLED}/>',
    "layers": '<path d="M12 4 3.5 8.75 12 13.5l8.5-4.75zM3.5 12.25 12 17l8.5-4.75M3.5 15.75 12 20.5l8.5-4.75"/>',
    "table": '<rect x="4" y="4.5" width="16" height="15" rx="2"/><path d="M4 9.5h16M4 14.5h16M10 9.5v10"/>',
    "impedance": '<path d="M4.5 19h4.75v-2.2a6.6 6.6 0 1 1 5.5 0V19h4.75"/>',
    "tour": f'<circle cx="12" cy="12" r="8.5"/><path d="m15.8 8.2-2.3 5.3-5.3 2.3 2.3-5.3z" {_FILLED}/>',
    "preferences": '<path d="M4 7.5h9M17.5 7.5H20M4 16.5h2.5M11 16.5h9"/><circle cx="15.25" cy="7.5" r="2.25"/>'
    '<circle cx="8.75" cy="16.5" r="2.25"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5"/>',
    "zoom_in": '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5M10.5 8v5M8 10.5h5"/>',
    "zoom_out": '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5 5M8 10.5h5"/>',
    "patient": '<circle cx="12" cy="7.5" r="3.75"/><path d="M4.5 20c.5-4 3.5-6 7.5-6s7 2 7.5 6"/>',
    "check": '<path d="m5 12.5 4.5 4.5L19 7.5" stroke-width="3"/>',
    "chevron_down": '<path d="m6 9.5 6 6 6-6" stroke-width="2.5"/>',
    "chevron_up": '<path d="m6 14.5 6-6 6 6" stroke-width="2.5"/>',
    "float": '<path d="M9 9V4.5h10.5V15H15M4.5 9H15v10.5H4.5z"/>',
    "close": '<path d="m6.5 6.5 11 11M17.5 6.5l-11 11"/>',
}

NAMES = tuple(_DRAWINGS)


@cache
def icon(name: str, theme: Theme, token: str = "text") -> QIcon:
    """Return an icon in a colour token of the theme, fainter where disabled, fit for the accent where checked.

    Raises UnknownNameError for another name.
    """
    made = QIcon()
    mode, state = QIcon.Mode, QIcon.State
    for color, when, how in (
        (getattr(theme, token), mode.Normal, state.Off),
        (theme.faint, mode.Disabled, state.Off),
        (theme.on_accent, mode.Normal, state.On),
    ):
        renderer = QSvgRenderer(QByteArray(svg(name, color).encode()))
        for size_px in SIZES_PX:
            made.addPixmap(_drawn(renderer, size_px), when, how)
    return made


def svg(name: str, color: str) -> str:
    """Return an icon as an SVG document with strokes of #rrggbb; raise UnknownNameError for another name."""
    if name not in _DRAWINGS:
        raise UnknownNameError("icon", name, NAMES)
    inner = _DRAWINGS[name].replace("currentColor", color)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke-width="1.5" '
        f'stroke-linecap="round" stroke-linejoin="round" stroke="{color}">{inner}</svg>'
    )


def svg_file(name: str, color: str) -> str:
    """Return the path (with /) of an icon as a file, as style sheets need it; the file goes when the process ends."""
    path = Path(_folder()) / f"{name}-{color.removeprefix('#')}.svg"
    if not path.exists():
        path.write_text(svg(name, color), encoding="utf-8")
    return path.as_posix()


@cache
def _folder() -> str:
    folder = tempfile.TemporaryDirectory(prefix="scs-sim-icons-")
    atexit.register(folder.cleanup)
    return folder.name


def _drawn(renderer: QSvgRenderer, size_px: int) -> QPixmap:
    pixmap = QPixmap(size_px, size_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    return pixmap
