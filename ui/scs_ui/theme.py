"""Colour tokens of the window, dark and light, and the Qt palette made of them.

Paresthesia, pain, roots and the body's drawing keep the colours of scs_sim.picture, so that window, pictures and
reports agree. No meaning hangs on hue alone: signs, hatches and line styles say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

from scs_sim.picture import DARK as PICTURE_DARK
from scs_sim.picture import LIGHT as PICTURE_LIGHT
from scs_sim.picture import Theme as PictureTheme


@dataclass(frozen=True, slots=True)
class Theme:
    """The colour tokens (#rrggbb) of one theme; `picture` are those of body maps.

    window, panel, raised, sunken: surfaces from the ground up; line: hairlines; text, muted, faint: from loud to
    quiet; accent: what is chosen or has the focus; on_accent: text on it. cathode, anode, contact: contacts by
    sign; lead: a lead's body. film, bone, cortex, metal: the picture of the spine, from its ground to screws. pt,
    comfort, usage, dt, mt: the threshold ruler. good, warn, danger: states, never without a word or sign beside
    them. curves: distinct colours of curves, for all common colour visions (Okabe-Ito).
    """

    name: str
    window: str
    panel: str
    raised: str
    sunken: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    cathode: str
    anode: str
    contact: str
    lead: str
    film: str
    bone: str
    cortex: str
    metal: str
    pt: str
    comfort: str
    usage: str
    dt: str
    mt: str
    good: str
    warn: str
    danger: str
    curves: tuple[str, ...]
    picture: PictureTheme

    @property
    def is_dark(self) -> bool:
        """Return whether paper is darker than ink."""
        return self.name == "dark"

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        """Return a token (or a #rrggbb) as a QColor with `alpha` 0-1."""
        color = QColor(token if token.startswith("#") else getattr(self, token))
        color.setAlphaF(alpha)
        return color

    def palette(self) -> QPalette:
        """Return the Qt palette for the Fusion style."""
        palette = QPalette()
        role = QPalette.ColorRole
        for which, token in (
            (role.Window, "window"), (role.WindowText, "text"), (role.Base, "sunken"), (role.AlternateBase, "panel"),
            (role.ToolTipBase, "raised"), (role.ToolTipText, "text"), (role.Text, "text"), (role.Button, "raised"),
            (role.ButtonText, "text"), (role.BrightText, "danger"), (role.Link, "accent"), (role.Highlight, "accent"),
            (role.HighlightedText, "on_accent"), (role.PlaceholderText, "faint"), (role.Light, "raised"),
            (role.Midlight, "line"), (role.Mid, "line"), (role.Dark, "line"), (role.Shadow, "sunken"),
            (role.Accent, "accent"),
        ):  # fmt: skip
            palette.setColor(which, self.color(token))
        for which in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, which, self.color("faint"))
        palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, self.color("line"))
        return palette


# Okabe-Ito (2008), without black and the yellow that vanishes on white.
_CURVES_DARK = ("#e69f00", "#56b4e9", "#2fc99a", "#d98cc0", "#f0e442", "#6d9eeb", "#ff7f50", "#c9d2dc")
_CURVES_LIGHT = ("#b87400", "#0072b2", "#008a63", "#a8558a", "#8a7d00", "#3557b0", "#c1440e", "#45505c")

DARK = Theme(
    name="dark",
    window="#0f1318", panel="#161b22", raised="#212832", sunken="#0b0e12", line="#2b3440",
    text="#e8edf3", muted="#9ba8b7", faint="#66727f", accent="#4aa3ff", on_accent="#06121f",
    cathode="#3b8fe8", anode="#e2605b", contact="#4b5663", lead="#8d99a8",
    film="#0a0d11", bone="#c9d2da", cortex="#e8edf3", metal="#f4f8fb",
    pt="#7fc8ff", comfort="#7ddba3", usage="#2f9e6b", dt="#ffb454", mt="#ff7a70",
    good="#5fd39a", warn="#ffb454", danger="#ff6b61",
    curves=_CURVES_DARK, picture=PICTURE_DARK,
)  # fmt: skip

LIGHT = Theme(
    name="light",
    window="#e9edf1", panel="#f8fafb", raised="#ffffff", sunken="#ffffff", line="#ccd4dc",
    text="#17202a", muted="#51606f", faint="#8794a1", accent="#0b66c3", on_accent="#ffffff",
    cathode="#1f6fc4", anode="#c8423d", contact="#aab4be", lead="#6d7985",
    film="#fbfaf7", bone="#ece2cd", cortex="#7a6a52", metal="#6f7f8e",
    pt="#0b66c3", comfort="#1b7f4b", usage="#56b98a", dt="#a85f00", mt="#c2332b",
    good="#1b7f4b", warn="#a85f00", danger="#c2332b",
    curves=_CURVES_LIGHT, picture=PICTURE_LIGHT,
)  # fmt: skip

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
