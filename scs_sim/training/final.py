"""Final: what the saved programs do at home after the last visit, without noise, on the true patient.

A session that ends before its last visit goes on without the trainee: the visits happen, and nobody does anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from scs_models.leads import contact_places
from scs_models.percept.body_map import load_body_map
from scs_sim import coverage, limits
from scs_sim.limit_profiles import profile
from scs_sim.program import Program
from scs_sim.training.actions import action
from scs_sim.training.body import HOME_POSTURES, Percept
from scs_sim.training.case import TrainingCase
from scs_sim.training.clinic import PatientSide
from scs_sim.training.events import TrainingEvent
from scs_sim.training.situation import SavedProgram
from scs_sim.training.truth import Truth

ENDINGS = ("finish", "decline")
_COMFORT_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class FinalUse:
    """What one program does at home in one posture.

    program: leads as placed, its amplitude as saved (set_ma); used_ma: what the patient ends up with, turned up until
    it is felt as far as the limit goes, turned down where it hurts; 0 where it is never felt. felt: region id -> share
    0-1. Percents as in objective.FIGURES.
    """

    posture: str
    name: str
    program: Program
    serial: int
    set_ma: float
    used_ma: float
    percept: Percept
    felt: dict[str, float]
    covered_by_score_percent: float
    unwanted_of_felt_percent: float
    average_current_ua: float
    charge_density_uc_per_cm2: float


def at_the_end(case: TrainingCase, seed: int, events: Iterable[TrainingEvent]) -> tuple[PatientSide, tuple[Truth, ...]]:
    """Return the patient's side after the last visit, and what was true at each that the trainee did not come to."""
    side = PatientSide(case, seed, [event for event in events if event.action.name not in ENDINGS])
    unseen = []
    while side.situation.visit + 1 < len(case.visits):
        own = action("next-visit")
        side.follow(TrainingEvent(side.situation.serial + 1, 0.0, own, side.answer(own)))
        unseen.append(side.truth)
    return side, tuple(unseen)


def final_uses(side: PatientSide) -> tuple[FinalUse, ...]:
    """Return what is used sitting, lying and standing, () where no program is saved: the last saved one for a posture,
    else the last saved one."""
    saved = side.situation.saved
    if not saved:
        return ()
    names = sorted(saved, key=lambda name: saved[name].serial)
    chosen = {
        posture: next((name for name in reversed(names) if saved[name].posture == posture), names[-1])
        for posture in HOME_POSTURES
    }
    return tuple(_use(side, posture, name, saved[name]) for posture, name in chosen.items())


def _use(side: PatientSide, posture: str, name: str, kept: SavedProgram) -> FinalUse:
    own = kept.program
    set_ma = float(own.amplitude_ma or 0.0)
    percept = side.percept(posture, own)
    used_ma = _used_ma(side, percept, set_ma)
    share, _ = percept.felt(used_ma)
    column = np.zeros_like(share)
    found = coverage.figures(percept.answers.pain, share[None], column[None])
    pulse = own.areas[0]
    charge = limits.charge_per_phase_uc(set_ma, pulse.pulse_width_us, percept.answers.areas.delivery.weights[0])
    ordered = sorted(side.truth.leads, key=lambda lead: lead.x_mm)
    area_mm2 = np.array([place.area_mm2 for lead in ordered for place in contact_places(lead.placement)])
    given = limits.charge_per_phase_uc(used_ma * percept.answers.areas.delivery.source_share[0], pulse.pulse_width_us)
    return FinalUse(
        posture=posture,
        name=name,
        program=own,
        serial=kept.serial,
        set_ma=set_ma,
        used_ma=used_ma,
        percept=percept,
        felt=dict(zip(load_body_map().region_ids, share.tolist(), strict=True)),
        covered_by_score_percent=float(found.by_score[0]),
        unwanted_of_felt_percent=float(np.nan_to_num(found.unwanted_of_felt[0], nan=0.0)),
        average_current_ua=float(limits.average_current_ua(given, pulse.pulses_hz)),
        charge_density_uc_per_cm2=float(np.max(limits.charge_density_uc_per_cm2(charge, area_mm2))),
    )


def _used_ma(side: PatientSide, percept: Percept, set_ma: float) -> float:
    """Return what the patient dials: as saved where it is felt and bearable, else half way between both thresholds."""
    limit_ma = side.situation.limit_ma
    top_ma = profile(side.case.kit.profile).amplitude_bands_ma[-1][1] if limit_ma is None else limit_ma
    top_ma = min(max(top_ma, set_ma), percept.reachable_ma)
    if not np.isfinite(percept.pt_ma):
        return 0.0
    if percept.pt_ma <= set_ma < percept.dt_ma:
        return min(set_ma, percept.reachable_ma)
    high_ma = min(percept.dt_ma, percept.twitch_ma)
    wanted_ma = min(percept.pt_ma + _COMFORT_SHARE * max(high_ma - percept.pt_ma, 0.0), top_ma)
    return wanted_ma if wanted_ma >= percept.pt_ma else 0.0
