"""Request -> Result: the whole pipeline on one screen.

    case + program -> lead field -> fibre thresholds -> a person's thresholds -> felt regions -> coverage, safety, words

The model is homogeneous in amplitude: thresholds are found once, every amplitude is read off them. Axonal thresholds do
not depend on the rate; perception does, by the factor of percept/rate.py, which is phenomenological.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from scs_models import recruitment
from scs_models.errors import InvalidValueError
from scs_models.percept.perception import PersonThresholds, Recruited, count_fibres, person_thresholds
from scs_models.percept.rate import rate_factors
from scs_models.values import FloatArray, require_between
from scs_sim.answers import Answers, AreaAnswers, answers_of, at_rate
from scs_sim.case import Case, require_contacts_exist
from scs_sim.delivery import Generator, deliver, usual_generator
from scs_sim.describe import recruitment_curves, result_of
from scs_sim.hardware import generator_of, wiring_of
from scs_sim.limits import program_ranges
from scs_sim.program import Area, Program
from scs_sim.result import Recruitment, Result
from scs_sim.setting import Progress, Setting, prepare
from scs_sim.union import together

# From this many programs of one pulse on, folding the predictor into the lead field pays (docs/performance.md).
FOLD_FROM_PROGRAMS = 36

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")
MEMO_ROWS = 12

_Key = tuple[bytes, float, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """What no amplitude and no rate changes, for some areas: thresholds, fibres, tallies, single-pulse thresholds."""

    found: recruitment.FibreThresholds
    counts: FloatArray
    recruited: Recruited
    single: PersonThresholds


@dataclass(slots=True)
class Memo:
    """What was found for the last few areas on one setting, as far as an amplitude or a rate does not change it.

    For someone who asks again and again about nearly the same program; not for batches.
    """

    _rows: dict[_Key, recruitment.FibreThresholds] = field(default_factory=dict)
    _counted: dict[tuple[_Key, ...], _Counted] = field(default_factory=dict)
    _curves: dict[tuple[int, float, float], tuple[Recruited, Recruitment]] = field(default_factory=dict)

    def thresholds(self, setting: Setting, weights: FloatArray, area: Area) -> recruitment.FibreThresholds:
        """Return the thresholds (1 row) of one area with delivered currents `weights` (contacts,)."""
        key = (weights.tobytes(), area.pulse_width_us, area.waveform)
        found = self._rows.pop(key, None)
        if found is None:
            found = recruitment.thresholds(setting.field, weights[None], area.pulse_width_us, area.waveform)
        _keep(self._rows, key, found)
        return found

    def counted(self, weights: FloatArray, areas: Sequence[Area], count: Callable[[], _Counted]) -> _Counted:
        """Return what `count` makes of areas with delivered currents `weights` (areas, contacts), once."""
        key = tuple(
            (row.tobytes(), area.pulse_width_us, area.waveform) for row, area in zip(weights, areas, strict=True)
        )
        found = self._counted.pop(key, None) or count()
        _keep(self._counted, key, found)
        return found

    def curves(self, answers: Answers, gain: float) -> Recruitment:
        """Return the recruitment curves of the one program of `answers`, once."""
        key = (id(answers.recruited), float(answers.factor[0]), gain)
        found = self._curves.pop(key, None) or (answers.recruited, recruitment_curves(answers, gain))
        _keep(self._curves, key, found)
        return found[1]


def _keep(memory: dict[KeyT, ValueT], key: KeyT, value: ValueT) -> None:
    for oldest in list(memory)[: max(len(memory) - MEMO_ROWS + 1, 0)]:  # another thread may be at it too
        memory.pop(oldest, None)
    memory[key] = value


@dataclass(frozen=True, slots=True)
class Request:
    """One question: a case with a program (default: its own) at an amplitude (default: the program's, or comfort).

    measured_pt_ma: the patient's perception threshold for area A, which sets the gain; profile: the limit profile
    of the generator (default: the usual one, without findings). Calling it answers it. Raises InvalidValueError where
    program and case do not fit each other, UnknownNameError for another profile.
    """

    case: Case
    program: Program | None = None
    amplitude_ma: float | None = None
    measured_pt_ma: float | None = None
    profile: str = ""

    def __post_init__(self) -> None:
        if self.program is not None:
            require_contacts_exist(self.program, self.case)
        if self.amplitude_ma is not None:
            require_between("amplitude_ma", self.amplitude_ma, *program_ranges().amplitude_ma, "mA")
        if self.measured_pt_ma is not None:
            require_between("measured_pt_ma", self.measured_pt_ma, 0.01, program_ranges().amplitude_ma[1], "mA")
        generator_of(self.profile)

    def __call__(self, progress: Progress | None = None) -> Result:
        """Return the result, building missing kernels first."""
        return simulate(prepare(self.case, progress=progress), self)


def simulate(setting: Setting, request: Request) -> Result:
    """Return the Result of `request`; `setting` must be the one prepared for its case."""
    return simulated(setting, request)[0]


def simulated(setting: Setting, request: Request, memo: Memo | None = None) -> tuple[Result, Answers]:
    """Return the Result of `request` and the arrays it was read from.

    setting: the one prepared for its case; memo: one kept for this setting, by somebody who asks often.
    """
    program = request.program or request.case.program
    origin = "comfort" if program.amplitude_ma is None else "program"
    if request.amplitude_ma is not None:
        program, origin = replace(program, amplitude_ma=request.amplitude_ma), "given"
    case, generator = request.case, generator_of(request.profile)
    if request.measured_pt_ma is not None:
        case = calibrated(setting, case, program, request.measured_pt_ma)
    answers = evaluate(setting, case, [program], generator, memo)
    curves = None if memo is None else memo.curves(answers, case.patient.gain)
    return result_of(setting, case, answers, origin, request.profile, curves), answers


def calibrated(setting: Setting, case: Case, program: Program, measured_pt_ma: float) -> Case:
    """Return `case` with the gain at which area A of `program` is first felt at the measured amplitude (mA).

    Raises InvalidValueError where no gain in range does it, or where the area is never felt.
    """
    usual = replace(case, patient=replace(case.patient, gain=1.0))
    found_ma = float(evaluate(setting, usual, [program]).areas.person.perception_ma[0])
    if not np.isfinite(found_ma):
        raise InvalidValueError(f"measured_pt_ma is {measured_pt_ma:g} mA; in the model this program is never felt")
    gain = measured_pt_ma / found_ma
    try:
        return replace(case, patient=replace(case.patient, gain=gain))
    except InvalidValueError as error:
        raise InvalidValueError(
            f"measured_pt_ma is {measured_pt_ma:g} mA; the model's is {found_ma:.3g} mA, so that {error}"
        ) from error


def evaluate(
    setting: Setting,
    case: Case,
    programs: Sequence[Program],
    generator: Generator | None = None,
    memo: Memo | None = None,
) -> Answers:
    """Return the Answers for any number of programs on one setting, one pass per distinct pulse.

    An amplitude that an area leaves open is its comfort amplitude; generator: by default the usual one; memo:
    thresholds found before on this setting. Raises InvalidValueError for no program.
    """
    if not programs:
        raise InvalidValueError("programs is empty; give at least one")
    areas = tuple(area for program in programs for area in program.areas)
    first = np.cumsum([0, *(1 + len(program.more_areas) for program in programs[:-1])])
    circuit = wiring_of(setting, case, generator or usual_generator())
    delivery = deliver(np.stack([setting.weights(area) for area in areas]), circuit)
    factors, gain = rate_factors(np.array([area.rate_hz for area in areas])), case.patient.gain

    def count() -> _Counted:
        found = _fibre_thresholds(setting, delivery.weights, areas, memo)
        counts = setting.column_count(setting.cathode_height_mm(delivery.weights))
        recruited = count_fibres(found, counts, setting.channels)
        return _Counted(found, counts, recruited, person_thresholds(recruited, setting.channels, setting.rules))

    own = count() if memo is None else memo.counted(delivery.weights, areas, count)
    recruited, person = own.recruited, at_rate(own.single, factors, gain, setting.rules)
    asked_ma = _asked_ma(areas, person.comfort_ma)
    reached_ma = np.minimum(asked_ma, delivery.deliverable_ma)
    alone = AreaAnswers(areas, first, delivery, recruited, person, factors.perception * gain, asked_ma, reached_ma)
    if len(areas) > len(programs):
        recruited, single = together(own.found, own.counts, reached_ma, factors, first, setting.channels, setting.rules)
        person = at_rate(single, factors.of(first), gain, setting.rules)
    return answers_of(case, tuple(programs), alone, recruited, person, setting.rules)


def _asked_ma(areas: Sequence[Area], comfort_ma: FloatArray) -> FloatArray:
    top = program_ranges().amplitude_ma[1]
    own = [area.amplitude_ma for area in areas]
    return np.array([min(at, top) if given is None else given for given, at in zip(own, comfort_ma, strict=True)])


def _fibre_thresholds(
    setting: Setting, weights: FloatArray, areas: Sequence[Area], memo: Memo | None
) -> recruitment.FibreThresholds:
    if memo is not None:
        parts = [([row], memo.thresholds(setting, weights[row], area)) for row, area in enumerate(areas)]
    else:
        parts = _by_pulse(setting, weights, areas)
    found = parts[0][1] if len(parts) == 1 else _joined(parts)
    whole = bool((setting.root_factor == 1.0).all())
    return found if whole else replace(found, root_ma=found.root_ma * setting.root_factor)


def _by_pulse(
    setting: Setting, weights: FloatArray, areas: Sequence[Area]
) -> list[tuple[list[int], recruitment.FibreThresholds]]:
    pulses = [(area.pulse_width_us, area.waveform) for area in areas]
    parts: list[tuple[list[int], recruitment.FibreThresholds]] = []
    for pulse in dict.fromkeys(pulses):
        rows = [index for index, own in enumerate(pulses) if own == pulse]
        if len(rows) < FOLD_FROM_PROGRAMS:
            parts.append((rows, recruitment.thresholds(setting.field, weights[rows], *pulse)))
        else:
            parts.append((rows, recruitment.thresholds_of_batch(setting.folded(*pulse), weights[rows])))
    return parts


def _joined(parts: list[tuple[list[int], recruitment.FibreThresholds]]) -> recruitment.FibreThresholds:
    order = np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable")
    joined = (
        np.concatenate([getattr(found, name) for _, found in parts])[order] for name in recruitment.THRESHOLD_NAMES
    )
    return recruitment.FibreThresholds(*joined)
