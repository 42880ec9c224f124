"""The volume conductor: a cross-section of the spinal canal, extruded along z, and the potential of a contact in it."""

from __future__ import annotations

from scs_models.conductor.paddle import Paddle, face_xy_mm, with_paddle
from scs_models.conductor.section import CrossSection
from scs_models.conductor.solve import potential_mv_per_ma

__all__ = ["CrossSection", "Paddle", "face_xy_mm", "potential_mv_per_ma", "with_paddle"]
