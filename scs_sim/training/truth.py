"""Truth: where the leads really lie and what is broken, a fold over events that only the patient's side can make.

Chance is keyed by the session's seed and an event's serial, so that a session that is resumed goes on as it would have.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np

from scs_models import anatomy, lead_field
from scs_models.leads import LeadPlacement, contact_places
from scs_models.leads import lead as lead_type_of
from scs_sim.training.actions import Action
from scs_sim.training.draw import Hidden, TrueComplication
from scs_sim.training.situation import Situation
from scs_sim.training.tables import home_rules, room_rules

_ANSWERS = int.from_bytes(b"scs-sim answers", "big")
_EDGE_MM = 1.0


@dataclass(frozen=True, slots=True)
class TrueLead:
    """A lead where it really lies: its rostral edge's height and side (mm, right +), and its tilt to the right (mm)."""

    number: int
    lead_type: str
    tip_z_mm: float
    x_mm: float
    tilt_mm: float

    @property
    def placement(self) -> LeadPlacement:
        """Return the lead as a case has it, its tip told from the nearest vertebra."""
        level, offset_mm = nearest_level(self.tip_z_mm)
        return LeadPlacement(self.lead_type, level, offset_mm, self.x_mm, self.tilt_mm)

    def contacts(self) -> tuple[tuple[float, float], ...]:
        """Return (x_mm, z_mm) of each contact from the tip."""
        return tuple((place.x_mm, place.z_mm) for place in contact_places(self.placement))


@dataclass(frozen=True, slots=True)
class TrueFault:
    """A fault of a contact of a lead: open, or short with the next one (`partner`); mended_by: repairs that help."""

    lead: int
    contact: int
    kind: str
    partner: int
    mended_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true now. happened: the complications before this visit; slipped: leads that moved unasked before it."""

    leads: tuple[TrueLead, ...] = ()
    faults: tuple[TrueFault, ...] = ()
    threshold_factor: float = 1.0
    fever: bool = False
    relief_lost: bool = False
    happened: tuple[TrueComplication, ...] = ()
    slipped: tuple[int, ...] = ()


def chance(seed: int, serial: int, name: str) -> np.random.Generator:
    """Return the generator of one thing that happens at event `serial` of session `seed`."""
    sequence = np.random.SeedSequence([_ANSWERS, int(seed)], spawn_key=(int(serial), zlib.crc32(name.encode())))
    return np.random.default_rng(sequence)


def nearest_level(z_mm: float) -> tuple[str, float]:
    """Return the vertebra whose mid-height is nearest to `z_mm`, and how far above it (mm) that lies."""
    spine = anatomy.spine()
    index = int(np.argmin(np.abs(spine.mid_z_mm - z_mm)))
    return spine.vertebrae[index], float(z_mm - spine.mid_z_mm[index])


def start(hidden: Hidden, seed: int, leads: tuple[TrueLead, ...] = ()) -> Truth:
    """Return what is true when the first visit begins, after the complications that stand before it."""
    return arrived(Truth(leads=leads, fever=hidden.patient.infection), hidden, seed, 0, None, 0)


def truth_after(
    truth: Truth, hidden: Hidden, seed: int, before: Situation, own: Action, serial: int, done: bool
) -> Truth:
    """Return what is true after `own`, which was event `serial` in the situation `before` it."""
    if own.name == "place-lead" and done:
        lead = _placed(hidden, seed, before, own, serial)
        return _with_early_faults(replace(truth, leads=(*truth.leads, lead)), hidden, before, lead)
    if own.name == "drive-lead":
        return _with_lead(truth, _driven(truth, hidden, seed, own, serial))
    if own.name == "remove-lead":
        number = int(own.number("lead"))
        return replace(
            truth,
            leads=tuple(lead for lead in truth.leads if lead.number != number),
            faults=tuple(fault for fault in truth.faults if fault.lead != number),
        )
    if own.name == "repair":
        number, what = int(own.number("lead")), own.text("what")
        kept = tuple(fault for fault in truth.faults if fault.lead != number or what not in fault.mended_by)
        return replace(truth, faults=kept)
    if own.name == "next-visit":
        return arrived(truth, hidden, seed, before.visit + 1, before, serial)
    return truth


def _with_early_faults(truth: Truth, hidden: Hidden, before: Situation, lead: TrueLead) -> Truth:
    """Return the truth with the faults that the case plans for this visit and that waited for a lead to be there."""
    for found in hidden.complications:
        waits = found.visit == before.visit and found.given.kind in ("open-contact", "short")
        if waits and found not in truth.happened and found.given.lead in (0, lead.number):
            fault = _fault(found, lead, before)
            truth = replace(truth, faults=(*truth.faults, fault), happened=(*truth.happened, found))
    return truth


def free_port(situation: Situation) -> int:
    """Return the lowest number that no lead has."""
    taken = {lead.number for lead in situation.leads}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def _placed(hidden: Hidden, seed: int, before: Situation, own: Action, serial: int) -> TrueLead:
    rules, roll = room_rules(), chance(seed, serial, "placing").normal(size=3)
    aimed_mm = anatomy.vertebra_mid_z_mm(own.text("tip_level")) + own.number("tip_offset_mm")
    lead = TrueLead(
        number=free_port(before),
        lead_type=own.text("lead_type"),
        tip_z_mm=aimed_mm + rules.placing_rostral_sd_mm * roll[0],
        x_mm=own.number("x_mm") + rules.placing_right_sd_mm * roll[1],
        tilt_mm=float(np.clip(rules.placing_tilt_sd_mm * roll[2], -2.0, 2.0)),
    )
    return _inside(lead, hidden)


def _driven(truth: Truth, hidden: Hidden, seed: int, own: Action, serial: int) -> TrueLead:
    rules, roll = room_rules(), chance(seed, serial, "driving").normal(size=4)
    lead = next(lead for lead in truth.leads if lead.number == int(own.number("lead")))
    up_mm, right_mm = own.number("rostral_mm"), own.number("right_mm")
    moved = up_mm * (1.0 + rules.driving_share_sd * roll[0]) + (rules.driving_rostral_sd_mm * roll[1] if up_mm else 0.0)
    aside = right_mm * (1.0 + rules.driving_share_sd * roll[2]) + rules.drift_per_mm * abs(up_mm) * roll[3]
    aside += rules.driving_right_sd_mm * roll[3] if right_mm else 0.0
    return _inside(replace(lead, tip_z_mm=lead.tip_z_mm + moved, x_mm=lead.x_mm + aside), hidden)


def _inside(lead: TrueLead, hidden: Hidden) -> TrueLead:
    """Return the lead held within the canal and the part of the spine that is modelled.

    It stops at the same place in everybody of the case: an X-ray of where it stops must not tell where the cord lies.
    """
    aside_mm = min(room_rules().wall_mm, lead_field.reach_mm() - _EDGE_MM - hidden.offset_high_mm)
    x_mm = float(np.clip(lead.x_mm, -aside_mm, aside_mm))
    tilt_mm = float(np.clip(lead.tilt_mm, -aside_mm - x_mm, aside_mm - x_mm))
    low, high = anatomy.sections_span_mm()
    span_mm = lead_type_of(lead.lead_type).span_mm
    z_mm = float(np.clip(lead.tip_z_mm, low + span_mm, high))
    return replace(lead, tip_z_mm=z_mm, x_mm=x_mm, tilt_mm=tilt_mm)


def _with_lead(truth: Truth, moved: TrueLead) -> Truth:
    leads = tuple(moved if lead.number == moved.number else lead for lead in truth.leads)
    return replace(truth, leads=leads)


def arrived(truth: Truth, hidden: Hidden, seed: int, visit: int, before: Situation | None, serial: int) -> Truth:
    """Return what is true when visit `visit` begins: what slipped because nobody fixed it, then what the case plans."""
    now = replace(truth, happened=(), slipped=())
    anchored = before is None or before.anchored
    if not anchored:
        now = _slipped(now, hidden, seed, serial)
    for complication in hidden.complications:
        if complication.visit == visit:
            now = _happen(now, hidden, complication, anchored, before)
    return now


def _slipped(truth: Truth, hidden: Hidden, seed: int, serial: int) -> Truth:
    rules, roll = home_rules(), chance(seed, serial, "slipping")
    leads = []
    for lead in truth.leads:
        down_mm = float(roll.uniform(*rules.slip_rostral_mm))
        aside_mm = float(rules.slip_right_sd_mm * roll.normal())
        leads.append(_inside(replace(lead, tip_z_mm=lead.tip_z_mm + down_mm, x_mm=lead.x_mm + aside_mm), hidden))
    return replace(truth, leads=tuple(leads), slipped=tuple(lead.number for lead in leads))


def _happen(truth: Truth, hidden: Hidden, found: TrueComplication, anchored: bool, before: Situation | None) -> Truth:
    kind = found.given.kind
    now = replace(truth, happened=(*truth.happened, found))
    if kind == "tolerance":
        return replace(now, threshold_factor=now.threshold_factor * found.threshold_factor, relief_lost=True)
    if kind == "infection":
        return replace(now, fever=True)
    if kind == "positional-jolts":
        return now
    number = _settled(found.given.lead, found.pick, tuple(lead.number for lead in truth.leads))
    if number is None:
        return truth
    lead = next(lead for lead in truth.leads if lead.number == number)
    if kind in ("migration", "rib-stimulation"):
        factor = 1.0 if anchored else home_rules().unanchored_factor
        outward = (-1.0 if lead.x_mm < hidden.patient.cord_offset_mm else 1.0) if kind == "rib-stimulation" else 1.0
        moved = replace(
            lead,
            tip_z_mm=lead.tip_z_mm + factor * found.rostral_mm,
            x_mm=lead.x_mm + factor * outward * found.right_mm,
        )
        return _with_lead(now, _inside(moved, hidden))
    return replace(now, faults=(*now.faults, _fault(found, lead, before)))


def _fault(found: TrueComplication, lead: TrueLead, before: Situation | None) -> TrueFault:
    count = lead_type_of(lead.lead_type).contact_count
    used = sorted(
        {
            share.contact
            for saved in (before.saved.values() if before else ())
            for share in saved.program.shares
            if share.lead == lead.number and share.contact <= count
        }
    )
    choices = tuple(used) or tuple(range(1, count + 1))
    contact = found.given.contact
    if not 1 <= contact <= count:
        contact = choices[min(int(found.pick * len(choices)), len(choices) - 1)]
    if found.given.kind == "short":
        partner = contact + 1 if contact < count else contact - 1
        return TrueFault(lead.number, contact, "short", partner, ("dry-connector", "exchange-cable"))
    broken = found.pick < home_rules().broken_wire_share
    return TrueFault(lead.number, contact, "open", 0, () if broken else ("reseat-connector", "exchange-cable"))


def _settled(given: int, pick: float, choices: tuple[int, ...]) -> int | None:
    """Return `given` if it is a choice, else the one that `pick` (0-1) falls on; None where there is none."""
    if not choices:
        return None
    return given if given in choices else choices[min(int(pick * len(choices)), len(choices) - 1)]
