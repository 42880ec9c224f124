"""Actions on the reported pain: strokes, free outlines, whole regions. A score of 0 rubs out.

A case needs pain somewhere, so the last of it cannot be rubbed out.
"""

from __future__ import annotations

from dataclasses import replace

from scs_models.errors import InvalidValueError
from scs_sim.patient import PainMap
from scs_ui.state.pain_paint import Patch, Points, brush_patch, painted, polygon_patch, region_patch
from scs_ui.state.session import Session


def paint_stroke(session: Session, view: str, points: Points, width_units: float, score: float) -> Session:
    """Return the session with a brush stroke `width_units` wide painted at `score` along points in drawing units."""
    return _painted(session, brush_patch(view, points, width_units), score)


def paint_outline(session: Session, view: str, points: Points, score: float) -> Session:
    """Return the session with the inside of a free outline painted at `score`."""
    return _painted(session, polygon_patch(view, points), score)


def paint_region(session: Session, region_id: str, score: float) -> Session:
    """Return the session with a whole region painted at `score`; raise UnknownNameError for another id."""
    return _painted(session, region_patch(region_id), score)


def set_pain(session: Session, pain: PainMap) -> Session:
    """Return the session with another pain map; raise InvalidValueError where nothing would hurt."""
    if pain.is_empty:
        raise InvalidValueError("pain is empty; it must be somewhere: paint where it hurts, then rub out the rest")
    return replace(session, case=replace(session.case, pain=pain))


def _painted(session: Session, patch: Patch, score: float) -> Session:
    pain = painted(session.case.pain, patch, score)
    return session if pain is session.case.pain else set_pain(session, pain)
