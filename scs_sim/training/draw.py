"""Draw: from a training case and a seed to what is true of this patient. A stream of its own, shared with nothing.

Each quantity has its own generator, keyed by its name: a case that hides one more thing keeps the draws of the others.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scs_models import anatomy
from scs_models.tables import read_table
from scs_models.values import require_between
from scs_sim.patient import BandWeight, InjuredRoot, LevelCsf, Patient
from scs_sim.people import GREATEST_SEED
from scs_sim.training.case import Complication, TrainingCase
from scs_sim.training.hiding import DRAWN_NUMBERS, Drawn, HiddenScar, bounds

_STREAM = int.from_bytes(b"scs-sim training", "big")
"""Entropy that no other seeded part of scs-sim has: new-patient with the same seed tells nothing of this patient."""

GREATEST_SESSION_SEED = 2**128 - 1
"""Beyond the seeds of people: an exam's seed must not be found by trying them all against the answers."""


@dataclass(frozen=True, slots=True)
class TrueScar:
    """Scar as it is: from one height down to another (mm from T9's middle), on sides "left", "right" or "both"."""

    top_z_mm: float
    bottom_z_mm: float
    side: str
    thickness_mm: float
    tissue: str

    def lies_under(self, x_mm: float, z_mm: float) -> bool:
        """Return whether a contact at (x_mm, z_mm), right of the vertebral midline and rostral, lies on it."""
        beside = self.side == "both" or (x_mm < 0.0) == (self.side == "left")
        return beside and self.bottom_z_mm <= z_mm <= self.top_z_mm


@dataclass(frozen=True, slots=True)
class TrueComplication:
    """A complication that happens before visit `visit` (0 the first); lead and contact 0: settled when it happens.

    pick (0-1) settles what depends on the leads that the trainee has placed by then.
    """

    visit: int
    given: Complication
    rostral_mm: float
    right_mm: float
    threshold_factor: float
    pick: float


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is true of the patient of one session and stays hidden until the debrief.

    offset_high_mm: how far aside the cord could lie in anybody of this case; what all share, and not what was drawn.
    """

    patient: Patient
    offset_high_mm: float
    scars: tuple[TrueScar, ...]
    complications: tuple[TrueComplication, ...]


def draw(case: TrainingCase, seed: int) -> Hidden:
    """Return what the session `seed` of `case` hides; raise InvalidValueError for a bad seed.

    The same case and seed always give the same; new-patient with that seed gives another person.
    """
    require_between("seed", seed, 0, GREATEST_SESSION_SEED)
    complications = [
        _complication(case.id, seed, visit, item, complication)
        for visit, meeting in enumerate(case.visits)
        for item, complication in enumerate(meeting.complications)
    ]
    return Hidden(
        patient=_patient(case, seed),
        offset_high_mm=max(abs(end) for end in bounds(case.hiding.cord_offset_mm)),
        scars=tuple(_scar(scar, _stream(case.id, seed, f"scar {item}")) for item, scar in enumerate(case.hiding.scars)),
        complications=tuple(found for found in complications if found is not None),
    )


def _stream(case_id: str, seed: int, name: str) -> np.random.Generator:
    key = (zlib.crc32(case_id.encode()), zlib.crc32(name.encode()))
    return np.random.default_rng(np.random.SeedSequence([_STREAM, int(seed)], spawn_key=key))


def _patient(case: TrainingCase, seed: int) -> Patient:
    hiding = case.hiding

    def drawn(name: str, value: Drawn) -> float:
        return _even(_stream(case.id, seed, name), value)

    numbers: dict[str, Any] = {name: drawn(name, getattr(hiding, name)) for name in DRAWN_NUMBERS}
    step = float(read_table("populations")["people"]["segment_shift"]["step"])
    numbers["segment_shift"] = round(numbers["segment_shift"] / step) * step
    levels = {row.level: row for row in case.known.levels_csf}
    for row in hiding.levels_csf:
        levels[row.level] = LevelCsf(row.level, drawn(f"csf {row.level}", row.dorsal_csf_mm))
    roots = {(root.segment, root.side): root for root in case.known.injured_roots}
    for root in hiding.injured_roots:
        left = drawn(f"root {root.segment} {root.side}", root.fibres_left)
        roots[root.segment, root.side] = InjuredRoot(root.segment, root.side, left)
    return replace(
        case.known,
        **numbers,
        levels_csf=tuple(levels.values()),
        injured_roots=tuple(roots.values()),
        band_weights=_bands(case, seed) or case.known.band_weights,
        arachnoiditis=case.known.arachnoiditis or hiding.arachnoiditis,
        infection=case.known.infection or hiding.infection,
        seed=int(_stream(case.id, seed, "roots").integers(GREATEST_SEED)),
    )


def _bands(case: TrainingCase, seed: int) -> tuple[BandWeight, ...]:
    if not case.hiding.band_log_sd:
        return ()
    names = anatomy.dermatome_names()
    factors = np.exp(case.hiding.band_log_sd * _stream(case.id, seed, "bands").normal(size=len(names)))
    return tuple(
        BandWeight(name, float(factor)) for name, factor in zip(names, np.clip(factors, 0.25, 4.0), strict=True)
    )


def _scar(scar: HiddenScar, stream: np.random.Generator) -> TrueScar:
    spine = anatomy.spine()
    top, bottom = spine.index(scar.from_level), spine.index(scar.to_level)
    return TrueScar(
        top_z_mm=float(spine.border_z_mm[top]),
        bottom_z_mm=float(spine.border_z_mm[bottom + 1]),
        side=scar.side,
        thickness_mm=_even(stream, scar.thickness_mm),
        tissue=scar.tissue,
    )


def _complication(case_id: str, seed: int, visit: int, item: int, given: Complication) -> TrueComplication | None:
    stream = _stream(case_id, seed, f"complication {visit} {item}")
    happens, pick = stream.uniform(size=2)
    rostral_mm, right_mm = _even(stream, given.rostral_mm), _even(stream, given.right_mm)
    factor = _even(stream, given.threshold_factor)
    if happens >= given.probability:
        return None
    return TrueComplication(visit, given, rostral_mm, right_mm, factor, float(pick))


def _even(stream: np.random.Generator, value: Drawn) -> float:
    low, high = bounds(value)
    return float(low + (high - low) * stream.uniform())
