"""Body: what the model says of the true patient with the leads as they lie. No noise, no words; nothing leaves here
but through clinic.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from scs_models.canal_grid import GridSection
from scs_models.leads import LeadPlacement
from scs_models.percept.perception import SIDED_DERMATOMES
from scs_models.values import FloatArray
from scs_sim import store
from scs_sim.answers import Answers, felt_at
from scs_sim.case import Case
from scs_sim.contact_plan import ContactPlan, contact_plans, kernel_spec
from scs_sim.hardware import generator_of
from scs_sim.lead_state import ContactFault, Scar
from scs_sim.patient import LevelCsf
from scs_sim.program import ContactShare, Program, format_contacts
from scs_sim.result import ContactState
from scs_sim.setting import Progress, Setting, prepare
from scs_sim.simulate import Memo, Request, evaluate, simulated
from scs_sim.training.case import TrainingCase
from scs_sim.training.draw import Hidden, draw
from scs_sim.training.hiding import Hiding, bounds
from scs_sim.training.truth import TrueLead, Truth

KEPT_SETTINGS = 6
"""Settings kept in memory: a lead that is driven back and forth and a few postures."""
HOME_POSTURES = ("sitting", "supine", "standing")
"""The postures of daily life: in them programs are used at home."""
_Need = tuple[GridSection, float, float]
_ANY, _ASIDE_MM = Program("1.1- 1.2+"), 15.0


@dataclass(frozen=True, slots=True, eq=False)
class Percept:
    """What one program does in one posture, thresholds in mA of its dial; inf where never.

    reachable_ma: how far the generator's voltage gets; dt_origin and twitch_origin name a sided dermatome.
    """

    pt_ma: float
    dt_ma: float
    twitch_ma: float
    twitch_origin: str
    reachable_ma: float
    answers: Answers

    def felt(self, amplitude_ma: float) -> tuple[FloatArray, FloatArray]:
        """Return the share (regions,) of each region in which it is felt, 0-1, and the mean intensity in it."""
        at_ma = np.array([min(amplitude_ma, self.reachable_ma)]) / self.answers.factor
        felt = felt_at(self.answers.recruited, at_ma, self.answers.rules)
        return felt.total[0], np.asarray(felt.column_strength[0] + felt.root_strength[0])


class TrueBody:
    """The true patient of one session; remembers the last few settings, so that asking again is quick."""

    def __init__(self, case: TrainingCase, hidden: Hidden) -> None:
        self._case, self._hidden = case, hidden
        self._settings: dict[tuple[object, ...], tuple[Setting, Memo]] = {}

    def percept(self, truth: Truth, posture: str, program: Program, progress: Progress | None = None) -> Percept:
        """Return what `program`, whose leads are numbered as placed, does in `posture`."""
        case = true_case(self._case, self._hidden, truth, posture, program)
        setting, memo = self._prepared(case, progress)
        asked = replace(case.program, amplitude_ma=1.0)
        answers = evaluate(setting, case, [asked], generator_of(self._case.kit.profile), memo)
        person = answers.person
        limb_ma, trunk_ma = float(person.motor_ma[0]), float(person.trunk_twitch_ma[0])
        sided = (person.motor_sided if limb_ma <= trunk_ma else person.trunk_twitch_sided)[0]
        twitch_ma = min(limb_ma, trunk_ma)
        return Percept(
            pt_ma=float(person.perception_ma[0]),
            dt_ma=float(person.discomfort_ma[0]),
            twitch_ma=twitch_ma,
            twitch_origin=SIDED_DERMATOMES[int(sided)] if np.isfinite(twitch_ma) else "",
            reachable_ma=float(answers.areas.delivery.deliverable_ma[0]),
            answers=answers,
        )

    def impedances(self, truth: Truth, posture: str) -> dict[str, tuple[float | None, str]]:
        """Return (ohm, flag) of every contact by its name, leads numbered as placed; None ohm: no current passes."""
        first, second = f"{truth.leads[0].number}.1-", f"{truth.leads[0].number}.2+"
        case = true_case(self._case, self._hidden, truth, posture, Program(f"{first} {second}", amplitude_ma=1.0))
        setting, memo = self._prepared(case, None)
        states = simulated(setting, Request(case), memo)[0].contact_states
        names = port_names(truth.leads)
        return {names[state.name]: (state.impedance_ohm, _fault_flag(state)) for state in states}

    def _prepared(self, case: Case, progress: Progress | None) -> tuple[Setting, Memo]:
        key = (case.leads, case.posture, case.scars)
        found = self._settings.pop(key, None)
        if found is None:
            found = prepare(case, progress=progress), Memo()
            _cover_tracks(self._case.hiding, case, progress)
        while len(self._settings) >= KEPT_SETTINGS:
            self._settings.pop(next(iter(self._settings)))
        self._settings[key] = found
        return found


def prepare_kernels(case: TrainingCase, progress: Progress | None = None) -> int:
    """Build what any session of `case` may need wherever a lead of the kit is brought to; return how many kernels.

    Without it they are built when a lead is first asked about, which takes a while in the middle of a session.
    """
    postures = {posture for visit in case.visits for posture in visit.postures}
    postures |= set(HOME_POSTURES) if len(case.visits) > 1 else set()
    start = draw(case, 0).patient
    needed: dict[_Need, ContactPlan] = {}
    for lead, level, offset_mm in product(case.kit.lead_types, case.kit.tip_levels, (-_ASIDE_MM, 0.0, _ASIDE_MM)):
        for posture in sorted(postures):
            placement = LeadPlacement(lead, level, offset_mm)
            placed = Case(case.id, case.title, (placement,), case.pain, _ANY, start, posture)
            needed |= _needs_of_anybody(case.hiding, placed)
    return _load(needed, progress)


def _cover_tracks(hiding: Hiding, case: Case, progress: Progress | None) -> None:
    """Load what any patient that may be drawn would need, so that `scs-sim cache list` does not tell which one it is.

    Kernels are listed by what they were built for and by when they were used last.
    """
    _load(_needs_of_anybody(hiding, case), progress)


def _needs_of_anybody(hiding: Hiding, case: Case) -> dict[_Need, ContactPlan]:
    """Return the kernels that patients all over the bounds of `hiding` need with the leads of `case`."""
    factors = np.linspace(*bounds(hiding.dorsal_csf_factor), 5).tolist()
    levels = [tuple(LevelCsf(row.level, bounds(row.dorsal_csf_mm)[end]) for row in hiding.levels_csf) for end in (0, 1)]
    lifts: list[tuple[Scar, ...]] = [()]
    if hiding.scars:
        thick = {end for scar in hiding.scars for end in bounds(scar.thickness_mm)}
        lifts += [(Scar(" ".join(case.contact_names()), thickness_mm),) for thickness_mm in sorted(thick)]
    return {
        (section, plan.place.length_mm, plan.place.radius_mm): plan
        for factor in factors
        for row in dict.fromkeys(levels)
        for scars in lifts
        for plan in contact_plans(_decoy(case, factor, row, scars))
        for _, section in (*plan.sections, *plan.supine)
    }


def _load(needed: Mapping[_Need, ContactPlan], progress: Progress | None) -> int:
    """Load the kernels that are needed, building those that are missing; return how many there are."""
    found = [kernel_spec(section, plan.place, plan.cord_offset_mm) for (section, _, _), plan in needed.items()]
    store.load(sorted(found, key=lambda spec: spec.key), progress=progress)
    return len(found)


def _decoy(case: Case, factor: float, rows: tuple[LevelCsf, ...], scars: tuple[Scar, ...]) -> Case:
    drawn = {row.level for row in rows}
    kept = tuple(row for row in case.patient.levels_csf if row.level not in drawn)
    patient = replace(case.patient, dorsal_csf_factor=factor, levels_csf=(*kept, *rows))
    return replace(case, patient=patient, scars=scars)


def true_case(case: TrainingCase, hidden: Hidden, truth: Truth, posture: str, program: Program) -> Case:
    """Return the scs-sim case of what is really there, its leads from the patient's left and `program` renumbered.

    program: with leads numbered as placed. This is what a debrief opens, and what search is asked about.
    """
    ordered = sorted(truth.leads, key=lambda lead: lead.x_mm)
    place = {lead.number: index for index, lead in enumerate(ordered, start=1)}
    faults = tuple(
        ContactFault(
            contact=f"{place[fault.lead]}.{fault.contact}",
            kind="short" if fault.kind == "short" else "open",
            partner=f"{place[fault.lead]}.{fault.partner}" if fault.kind == "short" else "",
        )
        for fault in truth.faults
    )
    patient = replace(hidden.patient, gain=min(hidden.patient.gain * truth.threshold_factor, 5.0))
    return Case(
        id=case.id,
        title=case.title,
        leads=tuple(lead.placement for lead in ordered),
        pain=case.pain,
        program=renumbered(program, place),
        patient=patient,
        posture=posture,
        scars=_scars(hidden, ordered),
        contact_faults=faults,
    )


def renumbered(program: Program, number: dict[int, int]) -> Program:
    """Return `program` with leads renumbered: {number as placed: number from the left}, or back."""
    shares = (
        ContactShare(number.get(share.lead, share.lead), share.contact, share.sign, share.percent)
        for share in program.shares
    )
    return replace(program, contacts=format_contacts(shares))


def port_names(leads: tuple[TrueLead, ...]) -> dict[str, str]:
    """Return {contact name from the left: contact name as placed} of all contacts."""
    ordered = sorted(leads, key=lambda lead: lead.x_mm)
    return {
        f"{index}.{contact}": f"{lead.number}.{contact}"
        for index, lead in enumerate(ordered, start=1)
        for contact in range(1, len(lead.contacts()) + 1)
    }


def _scars(hidden: Hidden, ordered: list[TrueLead]) -> tuple[Scar, ...]:
    found, taken = [], set()
    for scar in hidden.scars:
        names = [
            f"{index}.{contact}"
            for index, lead in enumerate(ordered, start=1)
            for contact, (x_mm, z_mm) in enumerate(lead.contacts(), start=1)
            if scar.lies_under(x_mm, z_mm) and f"{index}.{contact}" not in taken
        ]
        taken.update(names)
        if names:
            found.append(Scar(" ".join(names), scar.thickness_mm, scar.tissue))
    return tuple(found)


def _fault_flag(state: ContactState) -> str:
    return "open" if state.impedance_ohm is None else state.flag


def covered_percent(percept: Percept, amplitude_ma: float) -> float:
    """Return how much of the painful area, weighted by score, is felt at `amplitude_ma`, in percent."""
    pain = percept.answers.pain
    scored = pain.area * pain.painful * pain.hurts * pain.score
    return float(100.0 * percept.felt(amplitude_ma)[0] @ scored / scored.sum())
