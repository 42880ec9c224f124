"""Variants: the same program when the patient takes another posture or a lead has moved.

Settings of what may happen are prepared once per search; programs are then looked at in batches. The amplitude stays
as dialled, and is turned down to the discomfort threshold where it would exceed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scs_models.errors import InvalidValueError
from scs_models.percept.intensity import extent
from scs_models.percept.regions import felt_share, load_region_weights
from scs_models.tables import read_table
from scs_models.values import FloatArray
from scs_sim import coverage
from scs_sim.answers import Answers, felt_at
from scs_sim.case import Case
from scs_sim.delivery import Generator
from scs_sim.lead_state import Migration
from scs_sim.program import Program
from scs_sim.search.result import Variant
from scs_sim.setting import Progress, Setting, prepare
from scs_sim.simulate import evaluate

_AT_ONCE = 24  # fewer than make the model fold a field: folded fields of all that may happen would fill the memory


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """What may happen to a case: its name, the case then, and its setting."""

    name: str
    case: Case
    setting: Setting

    def covered(
        self, programs: Sequence[Program], amplitudes: Sequence[FloatArray], generator: Generator
    ) -> list[FloatArray]:
        """Return the pain covered here by score (%), at amplitudes (A,) of each program's area A."""
        found: list[FloatArray] = []
        for first in range(0, len(programs), _AT_ONCE):
            answers = evaluate(self.setting, self.case, programs[first : first + _AT_ONCE], generator)
            alone = answers.areas
            for row, dialled in enumerate(amplitudes[first : first + _AT_ONCE]):
                most = min(answers.person.discomfort_ma[row], alone.delivery.deliverable_ma[alone.first[row]])
                total, column = felt_along(answers, row, np.minimum(dialled, most))
                found.append(coverage.figures(answers.pain, total, column).by_score)
        return found

    def look(self, programs: Sequence[Program], generator: Generator) -> list[Variant]:
        """Return what programs with an amplitude cover here: none where the generator's voltage does not let them."""
        answers = evaluate(self.setting, self.case, programs, generator)
        at_ma = np.minimum(answers.reached_ma, answers.person.discomfort_ma)
        felt = felt_at(answers.recruited, at_ma / answers.factor, answers.rules)
        found: coverage.CoverageFigures = coverage.figures(answers.pain, felt.total, felt.column)
        rows: FloatArray = np.stack([at_ma, found.by_score, found.worst], axis=1)
        return [Variant(self.name, *row) for row in rows.tolist()]


def felt_along(answers: Answers, row: int, amplitude_ma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what one program lets feel at amplitudes (A,): share (A, regions) by both, and by the columns alone."""
    single, rules = amplitude_ma / answers.factor[row], answers.rules
    column, root = answers.recruited.column.curve(single, row), answers.recruited.root.curve(single, row)
    rami = extent(column * rules.rami_share, rules)
    share = felt_share(extent(column, rules), rami, extent(root, rules), load_region_weights())
    return share.total, share.dc


def moved_cases(case: Case) -> tuple[tuple[str, Case], ...]:
    """Return what may happen to `case`, named: the other postures, each lead shifted rostrally and caudally."""
    table: dict[str, Any] = read_table("search", "scs_sim")["moved"]
    found = [(posture, replace(case, posture=posture)) for posture in table["postures"] if posture != case.posture]
    for lead in range(1, len(case.leads) + 1):
        for shift_mm in (table["migration_mm"], -table["migration_mm"]):
            word = "up" if shift_mm > 0.0 else "down"
            name = f"lead {lead} {abs(shift_mm):g} mm {word}"
            try:
                found.append((name, replace(case, migrations=_shifted(case, lead, shift_mm))))
            except InvalidValueError:  # it has moved as far as a case can say
                continue
    return tuple(found)


def prepare_moved(case: Case, progress: Progress) -> tuple[tuple[Moved, ...], tuple[str, ...]]:
    """Return the settings of `moved_cases`, building kernels that are missing, and notes on what has none.

    `progress(fraction, what)` is called as kernels are built and as settings are ready.
    """
    wanted, found, notes = moved_cases(case), [], []
    for place, (name, moved) in enumerate(wanted):

        def report(fraction: float, what: str, place: int = place) -> None:
            progress((place + fraction) / len(wanted), what)

        report(0.0, name)
        try:
            found.append(Moved(name, moved, prepare(moved, progress=report)))
        except InvalidValueError as error:
            notes.append(f"Robustness leaves out {name}: {error}.")
    return tuple(found), tuple(notes)


def _shifted(case: Case, lead: int, shift_mm: float) -> tuple[Migration, ...]:
    own = next((moved for moved in case.migrations if moved.lead == lead), Migration(lead))
    others = tuple(moved for moved in case.migrations if moved.lead != lead)
    return (*others, replace(own, rostral_mm=own.rostral_mm + shift_mm))
