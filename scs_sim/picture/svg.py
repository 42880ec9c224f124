"""Write a scene as SVG text: plain paths, a blur for the soft shading, <title> and <desc>, all text escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from scs_models.values import FloatArray
from scs_sim.picture.looks import code
from scs_sim.picture.scene import Box, Fill, Item, Lines, Scene, Shade, Text

_FORBIDDEN = re.compile("[\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


def write_svg(scene: Scene, prefix: str = "") -> str:
    """Return the scene as a complete SVG document; `prefix` begins all its ids where a page holds several."""
    pre = f"{prefix}-" if prefix else ""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(scene.width)} {_n(scene.height)}" '
        f'width="{_n(scene.width)}" height="{_n(scene.height)}" role="img" aria-labelledby="{pre}title {pre}desc" '
        f'font-family="{FONT}">'
    )
    body = [line for k, item in enumerate(scene.items) for line in _item(item, k, pre)]
    words = [
        f'<title id="{pre}title">{_t(scene.title)}</title>',
        f'<desc id="{pre}desc">{_t(scene.description)}</desc>',
    ]
    return "\n".join([head, *words, *body, "</svg>", ""])


def _item(item: Item, k: int, pre: str) -> list[str]:
    if isinstance(item, Box):
        corner = f' rx="{_n(item.radius)}"' if item.radius else ""
        size = f'width="{_n(item.width)}" height="{_n(item.height)}"'
        return [f'<rect x="{_n(item.x)}" y="{_n(item.y)}" {size}{corner} fill="{code(item.colour)}"/>']
    if isinstance(item, Text):
        weight = ' font-weight="600"' if item.bold else ""
        anchor = f' text-anchor="{item.anchor}"' if item.anchor != "start" else ""
        place = f'x="{_n(item.x)}" y="{_n(item.y)}" font-size="{_n(item.size)}"'
        return [f'<text {place}{weight}{anchor} fill="{code(item.colour)}">{_t(item.text)}</text>']
    if isinstance(item, Fill):
        name = f" id={quoteattr(pre + item.id)}" if item.id else ""
        paint = f'fill="{code(item.colour)}" stroke="{code(item.colour)}" stroke-width=".6"'
        inner = f"><title>{_t(item.title)}</title></path>" if item.title else "/>"
        return [f'<path{name} d="{_d(item.rings, True)}" fill-rule="evenodd" {paint}{inner}']
    if isinstance(item, Shade):
        d = _d(item.rings, True)
        return [
            f'<clipPath id="{pre}body{k}"><path d="{d}"/></clipPath>'
            f'<filter id="{pre}soft{k}" x="-5%" y="-5%" width="110%" height="110%" color-interpolation-filters="sRGB">'
            f'<feGaussianBlur stdDeviation="{_n(item.blur)}"/></filter>',
            f'<g clip-path="url(#{pre}body{k})"><path d="{d}" fill="none" stroke="{code(item.colour)}" '
            f'stroke-width="{_n(item.blur * 1.6)}" stroke-opacity="{_n(item.opacity)}" '
            f'filter="url(#{pre}soft{k})"/></g>',
        ]
    return _lines(item, pre)


def _lines(item: Lines, pre: str) -> list[str]:
    name = f" id={quoteattr(pre + item.id)}" if item.id else ""
    dash = f' stroke-dasharray="{_n(item.dash[0])} {_n(item.dash[1])}"' if item.dash else ""
    opacity = f' stroke-opacity="{_n(item.opacity)}"' if item.opacity < 1 else ""
    paint = (
        f'stroke="{code(item.colour)}" stroke-width="{_n(item.width)}" stroke-linejoin="round" stroke-linecap="round"'
    )
    return [f'<path{name} d="{_d(item.paths, item.closed)}" fill="none" {paint}{dash}{opacity}/>']


def _d(paths: Sequence[FloatArray], closed: bool) -> str:
    """Return path data: absolute start, relative steps on a grid of 0.1 unit (steps of rounded points: no drift)."""
    words: list[str] = []
    for path in paths:
        grid = [(round(10 * float(x)), round(10 * float(y))) for x, y in path]
        words.append(f"M{_n(grid[0][0] / 10)} {_n(grid[0][1] / 10)}l")
        words.append(
            " ".join(f"{_n((b[0] - a[0]) / 10)} {_n((b[1] - a[1]) / 10)}" for a, b in pairwise(grid) if a != b)
        )
        words.append("z" if closed else "")
    return "".join(words)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def _t(text: str) -> str:
    """Return text for an XML element: escaped, without characters that XML forbids."""
    return escape("".join(c for c in text if c in "\t\n" or (c >= " " and not _FORBIDDEN.match(c))))
