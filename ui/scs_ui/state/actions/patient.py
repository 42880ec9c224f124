"""Actions on the patient: anatomy, sensitivity, surgery, injured roots. What is usual is `Patient()`.

Bad values raise InvalidValueError in words, from Patient itself.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Literal, get_args

from scs_models import anatomy
from scs_models.canal_grid import csf_values_mm
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_sim.patient import InjuredRoot, LevelCsf, Patient, Side
from scs_ui.state.session import Session

Number = Literal["dorsal_csf_factor", "cord_offset_mm", "segment_shift", "gain", "felt_fibres"]
Flag = Literal["arachnoiditis", "infection"]
LevelList = Literal["laminectomy_levels", "hardware_levels"]
NUMBERS: tuple[Number, ...] = get_args(Number)

FIBRES_LEFT = 0.5
"""What is left of the fibres of a root that is newly marked as injured."""
_DIGITS = 3


def set_number(session: Session, name: Number, value: float) -> Session:
    """Return the session with a number of the patient at `value`, kept to 0.001."""
    return _with(session, **{name: round(float(value), _DIGITS)})


def set_conductivities(session: Session, name: str) -> Session:
    """Return the session with another set of tissue conductivities."""
    return _with(session, conductivities=name)


def set_flag(session: Session, name: Flag, on: bool) -> Session:
    """Return the session with arachnoiditis or infection, or without."""
    return _with(session, **{name: on})


def set_level(session: Session, name: LevelList, level: str, on: bool) -> Session:
    """Return the session with a vertebra in (or out of) a list of levels, from the top down."""
    chosen = set(getattr(session.case.patient, name)) - {level}
    if on:
        chosen.add(level)
    order = anatomy.vertebra_names()
    unknown = chosen - set(order)
    if unknown:
        raise UnknownNameError("vertebra", min(unknown), order)
    return _with(session, **{name: tuple(item for item in order if item in chosen)})


def set_root(session: Session, segment: str, side: Side, fibres_left: float = FIBRES_LEFT) -> Session:
    """Return the session with an injured root of which the share `fibres_left` (0-1) of the large fibres is left."""
    roots = session.case.patient.injured_roots
    made = InjuredRoot(segment, side, round(float(fibres_left), _DIGITS))
    if any((root.segment, root.side) == (segment, side) for root in roots):
        return _with(
            session,
            injured_roots=tuple(made if (root.segment, root.side) == (segment, side) else root for root in roots),
        )
    return _with(session, injured_roots=(*roots, made))


def heal_root(session: Session, segment: str, side: Side) -> Session:
    """Return the session in which a root is not injured; raise InvalidValueError where it was not."""
    roots = session.case.patient.injured_roots
    kept = tuple(root for root in roots if (root.segment, root.side) != (segment, side))
    if len(kept) == len(roots):
        raise InvalidValueError(f"the {side} {segment} root is not injured")
    return _with(session, injured_roots=kept)


def set_level_csf(session: Session, level: str, dorsal_csf_mm: float | None = None) -> Session:
    """Return the session with the dorsal CSF thickness of a level as measured; None: begin with what is usual there."""
    value = anatomy.dorsal_csf_mm(level) if dorsal_csf_mm is None else dorsal_csf_mm
    rows = {row.level: row for row in session.case.patient.levels_csf}
    rows[level] = LevelCsf(level, round(float(value), _DIGITS))
    order = anatomy.section_levels()
    return _with(session, levels_csf=tuple(rows[name] for name in order if name in rows))


def forget_level_csf(session: Session, level: str) -> Session:
    """Return the session with the usual dorsal CSF at a level; raise InvalidValueError where it was not set."""
    rows = session.case.patient.levels_csf
    kept = tuple(row for row in rows if row.level != level)
    if len(kept) == len(rows):
        raise InvalidValueError(f"the dorsal CSF at {level} is the usual one already")
    return _with(session, levels_csf=kept)


def set_usual(session: Session, name: str = "") -> Session:
    """Return the session with one field of the patient as usual, or with the usual patient for ""."""
    usual = Patient()
    if not name:
        return replace(session, case=replace(session.case, patient=usual))
    names = tuple(item.name for item in fields(Patient))
    if name not in names:
        raise UnknownNameError("field of the patient", name, names)
    return _with(session, **{name: getattr(usual, name)})


def level_csf_range_mm(level: str) -> tuple[float, float]:
    """Return the thinnest and thickest dorsal CSF (mm) that is modelled at a level."""
    values = csf_values_mm(level)
    return float(values[0]), float(values[-1])


def _with(session: Session, **changes: Any) -> Session:
    return replace(session, case=replace(session.case, patient=replace(session.case.patient, **changes)))
