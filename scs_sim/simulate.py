"""Request -> Result: the whole pipeline on one screen.

    case + program -> lead field -> fibre thresholds -> a person's thresholds -> felt regions -> coverage, safety, words

The model is homogeneous in amplitude: thresholds are found once, every amplitude is read off them. Axonal thresholds do
not depend on the rate; perception does, by the factor of percept/rate.py, which is phenomenological.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scs_models import recruitment
from scs_models.errors import InvalidValueError
from scs_models.percept.perception import Recruited, count_fibres, percept_rules, person_thresholds
from scs_models.percept.rate import rate_factors
from scs_models.values import FloatArray, require_between
from scs_sim.answers import Answers, answers_of, at_rate
from scs_sim.case import Case, require_contacts_exist
from scs_sim.describe import result_of
from scs_sim.limits import program_ranges
from scs_sim.program import Program
from scs_sim.result import Result
from scs_sim.setting import Progress, Setting, prepare

# From this many programs of one pulse on, folding the predictor into the lead field pays (docs/performance.md).
FOLD_FROM_PROGRAMS = 36


@dataclass(frozen=True, slots=True)
class Request:
    """One question: a case with a program (default: its own) at an amplitude (default: the program's, or comfort).

    Calling it answers it. Raises InvalidValueError where program and case do not fit each other.
    """

    case: Case
    program: Program | None = None
    amplitude_ma: float | None = None

    def __post_init__(self) -> None:
        if self.program is not None:
            require_contacts_exist(self.program, self.case)
        if self.amplitude_ma is not None:
            require_between("amplitude_ma", self.amplitude_ma, *program_ranges().amplitude_ma, "mA")

    def __call__(self, progress: Progress | None = None) -> Result:
        """Return the result, building missing kernels first."""
        return simulate(prepare(self.case, progress=progress), self)


def simulate(setting: Setting, request: Request) -> Result:
    """Return the Result of `request`; `setting` must be the one prepared for its case."""
    program = request.program or request.case.program
    origin = "comfort" if program.amplitude_ma is None else "program"
    if request.amplitude_ma is not None:
        program, origin = replace(program, amplitude_ma=request.amplitude_ma), "given"
    return result_of(setting, request.case, evaluate(setting, request.case, [program]), origin)


def evaluate(setting: Setting, case: Case, programs: Sequence[Program]) -> Answers:
    """Return the Answers for any number of programs on one setting, one pass per distinct pulse.

    An amplitude that a program leaves open is its comfort amplitude. Raises InvalidValueError for no program.
    """
    if not programs:
        raise InvalidValueError("programs is empty; give at least one")
    weights = np.stack([setting.weights(program) for program in programs])
    recruited = _recruited(setting, weights, programs)
    factors = rate_factors(np.array([program.rate_hz for program in programs]))
    single_pulse = person_thresholds(recruited, setting.channels, percept_rules())
    person = at_rate(single_pulse, factors, case.patient.gain)
    wanted = [program.amplitude_ma for program in programs]
    comfort = np.minimum(person.comfort_ma, program_ranges().amplitude_ma[1])
    amplitude = np.array([own if own is not None else at for own, at in zip(wanted, comfort, strict=True)])
    return answers_of(
        case, tuple(programs), weights, recruited, person, factors.perception * case.patient.gain, amplitude
    )


def _recruited(setting: Setting, weights: FloatArray, programs: Sequence[Program]) -> Recruited:
    found = _fibre_thresholds(setting, weights, [(program.pulse_width_us, program.waveform) for program in programs])
    counts = setting.column_count(setting.cathode_height_mm(weights))
    return count_fibres(found, counts, setting.channels)


def _fibre_thresholds(
    setting: Setting, weights: FloatArray, pulses: list[tuple[float, str]]
) -> recruitment.FibreThresholds:
    parts: list[tuple[list[int], recruitment.FibreThresholds]] = []
    for pulse in dict.fromkeys(pulses):
        rows = [index for index, own in enumerate(pulses) if own == pulse]
        if len(rows) < FOLD_FROM_PROGRAMS:
            parts.append((rows, recruitment.thresholds(setting.field, weights[rows], *pulse)))
        else:
            parts.append((rows, recruitment.thresholds_of_batch(setting.folded(*pulse), weights[rows])))
    if len(parts) == 1:
        return parts[0][1]
    order = np.argsort(np.concatenate([rows for rows, _ in parts]), kind="stable")
    joined = (
        np.concatenate([getattr(found, name) for _, found in parts])[order] for name in recruitment.THRESHOLD_NAMES
    )
    return recruitment.FibreThresholds(*joined)
