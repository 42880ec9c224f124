"""View: how the window is set up to look at the session. Not undone, not in files; forgotten when the window closes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FieldKind = Literal["potential", "field", "activating"]
FieldPlane = Literal["cross", "sagittal"]
CurveUnit = Literal["intensity", "fibres"]
StrengthUnit = Literal["amplitude", "charge"]
PainTool = Literal["none", "brush", "eraser", "region", "polygon"]


@dataclass(frozen=True, slots=True)
class View:
    """What is selected, which layers show, which tool is in hand.

    selected: the contact with the focus, "1.3"; coarse: big steps; field_z_mm: the height of the field's cross-section,
    None for that of the cathode; brush_size: diameter in units of the body map's drawing; count_from_zero: contacts
    shown from 0, as some vendors do; curves: the recruitment curves drawn, () for those of the pain;
    locks: dials that must not move (`dials.LOCKS`).
    """

    selected: str = "1.1"
    coarse: bool = False
    field_z_mm: float | None = None
    field_kind: FieldKind = "potential"
    field_plane: FieldPlane = "cross"
    mirror: bool = False
    layers: frozenset[str] = field(default_factory=lambda: frozenset({"paresthesia", "roots", "pain", "borders"}))
    tool: PainTool = "none"
    brush_size: float = 24.0
    brush_score: float = 6.0
    curves: tuple[str, ...] = ()
    curves_unit: CurveUnit = "intensity"
    strength_unit: StrengthUnit = "amplitude"
    show_impedance: bool = False
    count_from_zero: bool = False
    locks: frozenset[str] = frozenset()
