"""Live: the engine's answer to the session as it is, fast enough for a slider; and what has to be computed elsewhere.

A Setting (lead field) takes 100-150 ms for all contacts, a tenth of that for the active ones: a moved lead is answered
with the active contacts first, the others follow when the user pauses. Programs on a Setting take 2-8 ms here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, replace

from scs_models.values import Float32Array
from scs_sim import store as kernel_store
from scs_sim.answers import Answers
from scs_sim.case import Case
from scs_sim.contact_plan import contact_plans
from scs_sim.program import Program
from scs_sim.result import Result
from scs_sim.setting import Progress, Setting, prepare
from scs_sim.simulate import Memo, Request, simulated
from scs_ui.state.draft import solo
from scs_ui.state.session import Session

KEPT_SETTINGS = 2  # some 40 MB each


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A Setting, and the kernels it was made from: held open so that the next placement finds them at once."""

    setting: Setting
    kernels: tuple[Float32Array, ...]


@dataclass(frozen=True, slots=True)
class SettingRequest:
    """The question for the lead field of a case: of some contacts (sorted names), or of all (None). A callable."""

    case: Case
    contacts: tuple[str, ...] | None

    @property
    def key(self) -> Hashable:
        """Return what the answer depends on, the contacts apart."""
        return placement_key(self.case)

    def __call__(self, progress: Progress) -> Prepared:
        """Return the setting, building missing kernels first."""
        setting = prepare(self.case, contacts=self.contacts, progress=progress)
        plans = [plan for plan in contact_plans(self.case) if self.contacts is None or plan.name in self.contacts]
        jobs = {spec.key: spec for plan in plans for spec in plan.specs()}
        return Prepared(setting, tuple(kernel_store.load(list(jobs.values()))))


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The engine's answer for one moment.

    session: what was asked about; stale: the lead field is of an older placement, the newer one is under way. program:
    what runs, at the amplitudes of the dial (0 where stimulation is off), with result and answers; None where no area
    is complete. solo: the result of the edited area alone, the same object where it is the only one; None where it is
    incomplete. compared: result of the program beside it. shape: equal in two frames that differ in amplitudes alone
    (curves, thresholds and field images stay). memo: the fibre thresholds found for it. model_ms: what it took.
    """

    session: Session
    setting: Setting
    stale: bool
    program: Program | None
    result: Result | None
    answers: Answers | None
    solo: Result | None
    solo_answers: Answers | None
    compared: Result | None
    shape: Hashable
    memo: Memo
    model_ms: float


class Live:
    """Keeps the last few settings and answers sessions with them."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Prepared, Memo]] = {}  # the newest last
        self._last: Frame | None = None
        self._lock = threading.Lock()

    def wanted(self, session: Session) -> SettingRequest | None:
        """Return what must be computed elsewhere for `session`, active contacts first, then all; None if nothing."""
        case = session.case
        kept = self._kept.get(placement_key(case))
        if kept is None or not set(needed_contacts(session)) <= set(kept[0].setting.contact_names):
            return SettingRequest(case, needed_contacts(session))
        if len(kept[0].setting.contact_names) < len(case.contact_names()):
            return SettingRequest(case, None)
        return None

    def accept(self, request: SettingRequest, prepared: Prepared) -> None:
        """Take the answer to a request; the oldest kept setting goes."""
        with self._lock:
            self._kept.pop(request.key, None)
            while len(self._kept) >= KEPT_SETTINGS:
                self._kept.pop(next(iter(self._kept)))
            self._kept[request.key] = (prepared, Memo())

    def is_quick(self, session: Session) -> bool:
        """Return whether `frame` is quick: only amplitudes, rates or pain differ from the last one."""
        last = self._last
        if last is None or last.stale or (session.compared is not None and last.compared is None):
            return False
        asked = (session.case.leads, session.case.patient, session.case.posture, session.case.contact_faults)
        before = last.session.case
        known = (before.leads, before.patient, before.posture, before.contact_faults)
        return asked == known and _pulses(session) == _pulses(last.session)

    def frame(self, session: Session) -> Frame | None:
        """Return what `_frame` does, one at a time: the window and a worker may both ask."""
        with self._lock:
            return self._frame(session)

    def _frame(self, session: Session) -> Frame | None:
        """Return the answer for `session`; None before the first.

        While its lead field is missing, the newest one there is answers, marked as stale: during a drag that is the
        place of a moment ago. Raises ScsError where the engine refuses the session.
        """
        start = time.perf_counter()
        wanted, needed = placement_key(session.case), set(needed_contacts(session))
        newest = (wanted, *reversed(self._kept))
        able = (key for key in newest if key in self._kept and needed <= set(self._kept[key][0].setting.contact_names))
        key = next(able, None)
        if key is None:
            if self._last is not None:
                self._last = replace(self._last, stale=True)
            return self._last
        (prepared, memo), program = self._kept[key], running_program(session)
        setting = prepared.setting
        result, answers = _answer(setting, session, program, memo)
        alone = solo(session.draft)
        if alone is None or alone == program:
            own, own_answers = (result, answers) if alone is not None else (None, None)
        else:
            own, own_answers = _answer(
                setting, session, alone if session.on else replace(alone, amplitude_ma=0.0), memo
            )
        beside = None
        if session.compared is not None:
            other = session.programs[session.compared].program()
            beside, _ = _answer(setting, session, other, memo)
        self._last = Frame(
            session=session,
            setting=setting,
            stale=key != wanted,
            program=program,
            result=result,
            answers=answers,
            solo=own,
            solo_answers=own_answers,
            compared=beside,
            shape=(key, len(setting.contact_names), session.profile, session.case.contact_faults,
                   session.case.patient.gain, _shape(program), _shape(alone)),
            memo=memo,
            model_ms=1e3 * (time.perf_counter() - start),
        )  # fmt: skip
        return self._last


def placement_key(case: Case) -> Hashable:
    """Return what the lead field of `case` depends on: anatomy, leads and what became of them; not program nor pain."""
    patient = replace(case.patient, gain=1.0, hardware_levels=(), infection=False)
    return case.leads, patient, case.posture, case.scars, case.migrations, case.own_leads


def needed_contacts(session: Session) -> tuple[str, ...]:
    """Return the contacts (sorted names) that an answer needs: active ones and their partners in a short.

    Where none is active, the first contact stands in.
    """
    shown = [session.program] + ([] if session.compared is None else [session.programs[session.compared]])
    names = {share.name for program in shown for area in program.areas for share in area.shares if share.lead}
    for fault in session.case.contact_faults:
        if fault.kind == "short" and {fault.contact, fault.partner} & names:
            names |= {fault.contact, fault.partner}
    return tuple(sorted(names)) or (session.case.contact_names()[0],)


def running_program(session: Session) -> Program | None:
    """Return what runs now: the chosen program, silent where stimulation is off; None where nothing is complete."""
    program = session.program.program()
    if program is None or session.on:
        return program
    return replace(program, amplitude_ma=0.0, more_areas=())


def _answer(
    setting: Setting, session: Session, program: Program | None, memo: Memo
) -> tuple[Result | None, Answers | None]:
    if program is None:
        return None, None
    return simulated(setting, Request(session.case, program, profile=session.profile), memo)


def _pulses(session: Session) -> Hashable:
    """Return contacts and pulses of everything that is shown: what thresholds depend on."""
    shown = [session.program] + ([] if session.compared is None else [session.programs[session.compared]])
    return tuple((area.shares, area.pulse_width_us, area.waveform) for program in shown for area in program.areas)


def _shape(program: Program | None) -> Hashable:
    if program is None:
        return None
    return tuple((area.contacts, area.pulse_width_us, area.rate_hz, area.waveform) for area in program.areas)
