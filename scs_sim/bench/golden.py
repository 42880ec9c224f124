"""Golden clinical figures: what the model said of fixed programs, frozen, so that no change of it goes unseen.

They guard against accidents only, and say nothing about right or wrong: that is what `scs-sim validate` is for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import scs_sim
from scs_models import files
from scs_models.errors import InvalidValueError
from scs_models.values import require_between
from scs_sim.case import Case, builtin_case
from scs_sim.lead_state import ContactFault, Migration
from scs_sim.people import draw_patient
from scs_sim.population import PopulationRequest
from scs_sim.program import Program
from scs_sim.result import Result
from scs_sim.setting import Setting, prepare
from scs_sim.simulate import Request, simulate

Progress = Callable[[float, str], None]
FROZEN = Path(__file__).with_name("golden.json")
_FORBID: dict[str, Any] = {"extra": "forbid"}
_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far figures whose names end so may move: by a share of themselves, or percents by so many points."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    figures: tuple[str, ...]
    relative: float
    absolute_percent: float
    reason: str

    def __post_init__(self) -> None:
        require_between("relative", self.relative, 0.0, 0.1)
        require_between("absolute_percent", self.absolute_percent, 0.0, 5.0, "%")
        if not self.reason:
            raise InvalidValueError("reason is empty; a tolerance has a reason")

    def allows(self, old: float | None, new: float | None) -> bool:
        """Return whether `new` is as good as `old`; None and None are equal."""
        if old is None or new is None:
            return old is new
        return abs(new - old) <= max(self.absolute_percent, self.relative * abs(old))


@dataclass(frozen=True, slots=True)
class GoldenProgram:
    """A program on a built-in case (default: the case's own), and what is changed of the case.

    drawn_seed: the patient of that seed, `known` fields kept; with drawn_count the bands over that many patients.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    name: str
    case: str
    program: Program | None = None
    posture: str | None = None
    migrations: tuple[Migration, ...] = ()
    contact_faults: tuple[ContactFault, ...] = ()
    drawn_seed: int | None = None
    drawn_count: int | None = None
    known: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.drawn_count is not None and self.drawn_seed is None:
            raise InvalidValueError(f"drawn_seed of {self.name!r} is missing; patients are drawn with a seed")

    def tried(self) -> Case:
        """Return the case with what is changed."""
        case = builtin_case(self.case)
        if self.drawn_seed is not None and self.drawn_count is None:
            case = replace(case, patient=draw_patient(self.drawn_seed, case.patient, self.known))
        return replace(
            case,
            program=self.program or case.program,
            posture=self.posture or case.posture,
            migrations=self.migrations,
            contact_faults=self.contact_faults,
        )


@dataclass(frozen=True, slots=True)
class GoldenRules:
    """The programs and the tolerances of golden.toml."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    tolerances: tuple[Tolerance, ...]
    programs: tuple[GoldenProgram, ...]

    def tolerance(self, figure: str) -> Tolerance:
        """Return the tolerance of a figure; raise InvalidValueError where none is for it."""
        for tolerance in self.tolerances:
            if figure.endswith(tolerance.figures):
                return tolerance
        raise InvalidValueError(f"tolerances is incomplete; it must hold one for {figure}")


@dataclass(frozen=True, slots=True)
class GoldenRow:
    """What the model says of one program: figures by name (None: does not apply), and answers that are words."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    name: str
    figures: Mapping[str, float | None]
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GoldenFigures:
    """All rows, with when and by what they were frozen."""

    FORMAT: ClassVar[str] = "scs-sim golden figures"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = _FORBID

    product_version: str
    date: str
    rows: tuple[GoldenRow, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """One figure that is no longer what was frozen; "" stands for a figure that is not there."""

    program: str
    figure: str
    old: str
    new: str
    allowed: str


@cache
def golden_rules() -> GoldenRules:
    """Return the programs and tolerances of golden.toml."""
    path = FROZEN.with_name("golden.toml")
    return files.read_value(GoldenRules, path)


def figures_now(programs: Sequence[GoldenProgram] | None = None, progress: Progress | None = None) -> GoldenFigures:
    """Return what the model says now of `programs` (default: all of golden.toml), building missing kernels first."""
    programs = golden_rules().programs if programs is None else programs
    last: dict[Hashable, Setting] = {}
    rows = []
    for index, item in enumerate(programs):

        def on_kernels(fraction: float, what: str, done: int = index) -> None:
            if progress is not None:
                progress((done + fraction) / len(programs), what)

        rows.append(_row(item, last, on_kernels))
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    return GoldenFigures(scs_sim.__version__, today, tuple(rows))


def moved(old: GoldenFigures, new: GoldenFigures, rules: GoldenRules) -> tuple[Moved, ...]:
    """Return every figure and word in which `new` differs from `old` by more than its tolerance allows.

    A program that one of them lacks counts as moved too.
    """
    found: list[Moved] = []
    before, after = ({row.name: row for row in side.rows} for side in (old, new))
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            found.append(Moved(name, "the whole program", _there(name in before), _there(name in after), ""))
            continue
        was, now = before[name], after[name]
        for figure in dict.fromkeys([*was.figures, *now.figures]):
            one, other = was.figures.get(figure), now.figures.get(figure)
            tolerance = rules.tolerance(figure)
            if (figure in was.figures) != (figure in now.figures) or not tolerance.allows(one, other):
                found.append(Moved(name, figure, _text(one), _text(other), _allowed(tolerance)))
        for figure in dict.fromkeys([*was.words, *now.words]):
            first, second = was.words.get(figure, ""), now.words.get(figure, "")
            if first != second:
                found.append(Moved(name, figure, first, second, "the same"))
    return tuple(found)


def read_frozen(path: Path = FROZEN) -> GoldenFigures:
    """Return the frozen figures; raise InvalidFileError where there are none."""
    return files.read_value(GoldenFigures, path)


def freeze(figures: GoldenFigures, path: Path = FROZEN) -> None:
    """Write `figures` as the frozen ones; raise OutputError."""
    rows = tuple(replace(row, figures=_rounded(row.figures)) for row in figures.rows)
    files.write_text(path, files.json_text(replace(figures, rows=rows)))


def _row(item: GoldenProgram, last: dict[Hashable, Setting], progress: Progress) -> GoldenRow:
    case = item.tried()
    if item.drawn_count is not None and item.drawn_seed is not None:
        asked = PopulationRequest(case, case.program, item.drawn_count, seed=item.drawn_seed, known=item.known)
        bands = asked(progress=progress, workers=1).bands
        ends = ("low", "middle", "high")
        return GoldenRow(
            item.name, {f"{end}.{band.name}": _finite(getattr(band, end)) for band in bands for end in ends}
        )
    placement = (case.leads, case.patient, case.posture, case.scars, case.migrations)
    if placement not in last:
        last.clear()  # some 70 MB each
        last[placement] = prepare(case, progress=progress)
    return _of_result(item.name, simulate(last[placement], Request(case)))


def _of_result(name: str, result: Result) -> GoldenRow:
    coverage, thresholds, safety = result.coverage, result.thresholds, result.safety
    figures: dict[str, float | None] = {
        "amplitude_ma": result.amplitude_ma,
        "reached_ma": result.reached_ma,
        "delivered_ma": result.delivered_ma,
        "pain_covered_percent": coverage.pain_covered_percent,
        "pain_covered_by_score_percent": coverage.pain_covered_by_score_percent,
        "worst_region_percent": coverage.worst_region_percent,
        "unwanted_of_felt_percent": coverage.unwanted_of_felt_percent,
        "dr_share_percent": coverage.dr_share_percent,
        "low_back_first_felt_ma": coverage.low_back_first_felt_ma,
        "pt_ma": thresholds.pt_ma,
        "comfort_ma": thresholds.comfort_ma,
        "dt_ma": thresholds.dt_ma,
        "dc_load_dt_ma": thresholds.dc_load_dt_ma,
        "mt_ma": thresholds.mt_ma,
        "charge_density_uc_per_cm2": safety.charge_density_uc_per_cm2,
        "compliance_v": safety.compliance_v,
        "load_ohm": safety.load_ohm,
        "average_current_ua": safety.average_current_ua,
    }
    figures |= {f"{area.name}.pt_ma": area.pt_ma for area in result.areas[1:]}
    if coverage.applicable:
        figures |= {f"{region.id}_percent": region.felt_percent for region in result.regions if region.pain_score > 0.0}
    words = {"pt_origin": thresholds.pt_origin}  # not where: the sides of a midline lead are equal but for rounding
    return GoldenRow(name, {key: _finite(value) for key, value in figures.items()}, words)


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _rounded(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    return {key: None if value is None else float(f"{value:.{_DIGITS}g}") for key, value in figures.items()}


def _there(is_there: bool) -> str:
    return "there" if is_there else "not there"


def _text(value: float | None) -> str:
    return "none" if value is None else f"{value:.5g}"


def _allowed(tolerance: Tolerance) -> str:
    parts = [f"{100 * tolerance.relative:g} %" if tolerance.relative else ""]
    parts += [f"{tolerance.absolute_percent:g} points" if tolerance.absolute_percent else ""]
    return "±" + " or ".join(part for part in parts if part)
