"""The design of a sweep: a plan with its cases read and its patients drawn, cut into chunks."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any, overload

import scs_sim
from scs_models import files
from scs_models.anatomy import postures
from scs_models.errors import InvalidValueError
from scs_models.percept.body_map import load_body_map
from scs_models.values import require_one_of
from scs_sim.case import Case, builtin_case_ids, load_case, require_contacts_exist
from scs_sim.document import tables_sha256
from scs_sim.patient import Patient
from scs_sim.people import draw_patients
from scs_sim.program import Area, Program, Waveform, parse_contacts
from scs_sim.sweep.chunk import Chunk
from scs_sim.sweep.figures import AXES, FIGURES
from scs_sim.sweep.plan import ALL, OWN, AmplitudePoint, SweepPlan

GREATEST_EVALUATIONS = 10**9
# Numbers in one chunk, some 16 MB: what a worker holds and hands over at once.
_CHUNK_NUMBERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Axes:
    """The values along every axis of a sweep; contacts (cases, configurations): what each configuration is there."""

    cases: tuple[str, ...]
    patients_count: int
    postures: tuple[str, ...]
    configurations: tuple[str, ...]
    contacts: tuple[tuple[str, ...], ...]
    waveforms: tuple[Waveform, ...]
    pulse_widths_us: tuple[float, ...]
    rates_hz: tuple[float, ...]
    amplitudes: tuple[AmplitudePoint, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Return how many values each of AXES has."""
        lists: tuple[Sequence[object], ...] = (
            self.cases, range(self.patients_count), self.postures, self.configurations, self.waveforms,
            self.pulse_widths_us, self.rates_hz, self.amplitudes,
        )  # fmt: skip
        return tuple(len(values) for values in lists)

    @property
    def evaluations_count(self) -> int:
        """Return how many evaluations the sweep has."""
        return prod(self.shape)


class Sweep:
    """A plan that is ready to run: its cases, its axes, its patients, its chunks.

    Two sweeps with the same fingerprint give the same data set. Raises InvalidValueError and InvalidFileError where
    plan and cases do not fit each other.
    """

    def __init__(self, plan: SweepPlan, cases: Sequence[Case]) -> None:
        self.plan, self.cases = plan, tuple(replace(case, notes="") for case in cases)
        ids = [case.id for case in self.cases]
        if len(set(ids)) < len(ids):
            raise InvalidValueError(f"cases has id {max(ids, key=ids.count)!r} twice; the ids name the cases")
        self.axes = _axes(plan, self.cases)
        if self.axes.evaluations_count > GREATEST_EVALUATIONS:
            raise InvalidValueError(
                f"the plan has {self.axes.evaluations_count:,} evaluations; {GREATEST_EVALUATIONS:,} are the most"
            )

    @cached_property
    def patients(self) -> tuple[tuple[Patient, ...], ...]:
        """Return the patients (cases, patients)."""
        plan = self.plan
        if not plan.patients_count:
            return tuple((case.patient,) for case in self.cases)
        return tuple(draw_patients(plan.patients_count, plan.seed, case.patient, plan.known) for case in self.cases)

    @cached_property
    def configurations_at_once(self) -> int:
        """Return how many configurations a chunk has: all of them where they fit."""
        regions = len(load_body_map().regions) if self.plan.regions else 0
        each = prod(self.axes.shape[4:]) * (len(FIGURES) + regions)
        return max(1, min(len(self.axes.configurations), _CHUNK_NUMBERS // each))

    @property
    def blocks_count(self) -> int:
        """Return into how many chunks the configurations of one setting are cut."""
        return -(-len(self.axes.configurations) // self.configurations_at_once)

    @property
    def chunks_count(self) -> int:
        """Return how many chunks the sweep has."""
        return prod(self.axes.shape[:3]) * self.blocks_count

    def chunks(self, indices: Sequence[int] | None = None) -> Chunks:
        """Return some chunks, by their indices, or all."""
        return Chunks(self, range(self.chunks_count) if indices is None else indices)

    def place_of(self, index: int) -> tuple[int, int, int, slice]:
        """Return case, patient and posture of a chunk, and the configurations in it."""
        rest, block = divmod(index, self.blocks_count)
        rest, posture = divmod(rest, len(self.axes.postures))
        case, patient = divmod(rest, self.axes.patients_count)
        at_once = self.configurations_at_once
        return case, patient, posture, slice(block * at_once, min((block + 1) * at_once, len(self.axes.configurations)))

    def case_at(self, case: int, patient: int, posture: int) -> Case:
        """Return the case of one setting: with that patient, in that posture."""
        return replace(self.cases[case], patient=self.patients[case][patient], posture=self.axes.postures[posture])

    @cached_property
    def document(self) -> dict[str, Any]:
        """Return what the data set rests on, as plain data: plan and cases in full, version, tables."""
        return {
            "product_version": scs_sim.__version__,
            "tables_sha256": tables_sha256(),
            "plan": files.encode(self.plan),
            "cases": [files.encode(case) for case in self.cases],
        }

    @property
    def fingerprint(self) -> str:
        """Return a hash that differs where the data set may differ."""
        text = json.dumps(self.document | {"chunk": self.configurations_at_once, "axes": AXES}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


class Chunks(Sequence[Chunk]):
    """Some chunks of a sweep, by their indices; each is made when it is asked for."""

    def __init__(self, sweep: Sweep, indices: Sequence[int]) -> None:
        self._sweep, self._indices = sweep, indices

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, place: int) -> Chunk: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Chunk]: ...

    def __getitem__(self, place: int | slice) -> Chunk | Sequence[Chunk]:
        if isinstance(place, slice):
            return Chunks(self._sweep, self._indices[place])
        sweep = self._sweep
        case, patient, posture, chosen = sweep.place_of(self._indices[place])
        axes = sweep.axes
        return Chunk(
            case=sweep.case_at(case, patient, posture),
            contacts=axes.contacts[case][chosen],
            waveforms=axes.waveforms,
            pulse_widths_us=axes.pulse_widths_us,
            rates_hz=axes.rates_hz,
            amplitudes=axes.amplitudes,
            profile=sweep.plan.profile,
            regions=sweep.plan.regions,
        )


def read_plan(path: str) -> SweepPlan:
    """Return the plan in a .toml or .json file ("-": standard input); case files are looked for beside it."""
    plan = files.read_value(SweepPlan, path)
    return plan if path == "-" else replace(plan, cases=tuple(_beside(path, name) for name in plan.cases))


def sweep_of(plan: SweepPlan) -> Sweep:
    """Return the sweep of `plan`, its cases read; raises as `load_case` and `Sweep`."""
    return Sweep(plan, [load_case(name) for name in plan.cases])


def _beside(path: str, name: str) -> str:
    if name in builtin_case_ids() or Path(name).suffix.lower() not in files.ENDINGS or os.path.isabs(name):
        return name
    return str(Path(path).parent / name)


def _axes(plan: SweepPlan, cases: tuple[Case, ...]) -> Axes:
    chosen = postures() if ALL in plan.postures else plan.postures
    for posture in chosen:
        require_one_of("posture", posture, postures())
    configurations = plan.configurations or (OWN,)
    contacts = tuple(tuple(_contacts(text, case) for text in configurations) for case in cases)
    axes = Axes(
        cases=tuple(case.id for case in cases),
        patients_count=max(plan.patients_count, 1),
        postures=chosen or (_common("posture", "postures", [case.posture for case in cases]),),
        configurations=contacts[0] if len(cases) == 1 else configurations,
        contacts=contacts,
        waveforms=plan.waveforms or (_common("waveform", "waveforms", [case.program.waveform for case in cases]),),
        pulse_widths_us=plan.widths()
        or (_common("pulse width", "pulse_widths_us", [case.program.pulse_width_us for case in cases]),),
        rates_hz=plan.rates() or (_common("rate", "rates_hz", [case.program.rate_hz for case in cases]),),
        amplitudes=plan.amplitudes(),
    )
    for case, row in zip(cases, contacts, strict=True):
        shares = [tuple(sorted(parse_contacts(text))) for text in row]
        for place, own in enumerate(shares):
            if own in shares[:place]:
                raise InvalidValueError(f"configurations has {row[place]!r} twice (case {case.id})")
    for width_us in axes.pulse_widths_us:
        for waveform in axes.waveforms:
            for rate_hz in axes.rates_hz:
                Area(contacts[0][0], width_us, rate_hz, waveform)
    return axes


def _contacts(text: str, case: Case) -> str:
    if text != OWN:
        require_contacts_exist(Program(text), case)
        return " ".join(text.split())
    if case.program.more_areas:
        raise InvalidValueError(
            f"configurations has {OWN!r}; the program of case {case.id} has {len(case.program.areas)} areas, and a"
            " sweep takes one: write the contacts"
        )
    return case.program.contacts


def _common(what: str, key: str, values: Iterable[Any]) -> Any:
    """Return the one value that all cases have; raise InvalidValueError where they differ."""
    found = list(dict.fromkeys(values))
    if len(found) > 1:
        raise InvalidValueError(f"the cases differ in {what} ({', '.join(map(str, found))}); say which in {key}")
    return found[0]
