"""Pictures of a result: the body map with pain and paresthesia, as SVG text or PNG bytes, light or dark."""

from __future__ import annotations

from scs_sim.picture.draw import draw_png, draw_svg
from scs_sim.picture.looks import DARK, LIGHT, THEMES, Theme

__all__ = ["DARK", "LIGHT", "THEMES", "Theme", "draw_png", "draw_svg"]
