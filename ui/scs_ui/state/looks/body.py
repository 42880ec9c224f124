"""What the body map shows: intensities by region, pain, layers, the tool in hand, and what is said of one region."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from scs_models.percept.body_map import load_body_map
from scs_models.values import FloatArray, read_only
from scs_sim.patient import PainMap
from scs_ui.state.view import PainTool

REGIONS_COUNT = len(load_body_map().regions)
_NOTHING = read_only(np.zeros(REGIONS_COUNT))


@dataclass(frozen=True, slots=True, eq=False)
class BodyLook:
    """The body map's content: dc and dr (regions,) mean intensity 0-1 by dorsal columns and by roots.

    layers: of "paresthesia", "roots", "pain", "borders", "dermatomes", "points"; brush_units: the brush's width.
    """

    dc: FloatArray = field(default_factory=lambda: _NOTHING)
    dr: FloatArray = field(default_factory=lambda: _NOTHING)
    pain: PainMap = field(default_factory=PainMap)
    layers: frozenset[str] = frozenset({"paresthesia", "roots", "pain", "borders"})
    mirrored: bool = False
    tool: PainTool = "none"
    brush_units: float = 24.0
    score: float = 6.0
