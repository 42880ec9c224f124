"""Colours of the body map picture: two themes and their ramps.

Paresthesia runs from dark to pale on dark paper and from pale to dark on light paper, so that more always stands out
more. Pain (magenta, dashed) and dorsal root percepts (orange hatch) also differ in form: no meaning hangs on hue alone.
"""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]


def colour(code: str) -> Colour:
    """Return #rrggbb as three numbers 0-255."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def code(value: Colour) -> str:
    """Return three numbers 0-255 as #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*value)


def mix(low: Colour, high: Colour, t: float) -> Colour:
    """Return the colour a share `t` in [0, 1] of the way from `low` to `high`."""
    red, green, blue = (round(a + (b - a) * t) for a, b in zip(low, high, strict=True))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one picture; `ramp` are evenly spaced stops from barely felt to felt everywhere."""

    name: str
    paper: Colour
    card: Colour
    text: Colour
    muted: Colour
    body: Colour
    border: Colour
    detail: Colour
    outline: Colour
    shade: Colour
    shade_opacity: float
    ramp: tuple[Colour, ...]
    root: Colour
    pain: Colour
    casing: Colour

    def felt(self, share: float) -> Colour:
        """Return the fill of a region whose felt share is `share`, the body's own colour at 0."""
        t = min(max(share, 0.0), 1.0)
        place = t * (len(self.ramp) - 1)
        k = min(int(place), len(self.ramp) - 2)
        return mix(self.body, mix(self.ramp[k], self.ramp[k + 1], place - k), min(1.0, t / 0.06))


DARK = Theme(
    name="dark",
    paper=colour("#11151b"),
    card=colour("#181e26"),
    text=colour("#eef2f6"),
    muted=colour("#98a4b3"),
    body=colour("#3a424e"),
    border=colour("#161b22"),
    detail=colour("#0c1015"),
    outline=colour("#c3ccd8"),
    shade=colour("#000000"),
    shade_opacity=0.5,
    ramp=tuple(map(colour, ("#1d4a66", "#1c7287", "#35a093", "#86c98f", "#d6e8a0", "#fff8cf"))),
    root=colour("#ff9226"),
    pain=colour("#ff4fae"),
    casing=colour("#11151b"),
)

LIGHT = Theme(
    name="light",
    paper=colour("#ffffff"),
    card=colour("#f5f7f9"),
    text=colour("#1a222c"),
    muted=colour("#5d6a79"),
    body=colour("#e7eaee"),
    border=colour("#ffffff"),
    detail=colour("#2a3542"),
    outline=colour("#4a5665"),
    shade=colour("#3b4a5c"),
    shade_opacity=0.34,
    ramp=tuple(map(colour, ("#d3ebdc", "#9fd6bd", "#5cb7ac", "#2b8c9e", "#1d5f86", "#143a63"))),
    root=colour("#e86a00"),
    pain=colour("#d0107f"),
    casing=colour("#ffffff"),
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
