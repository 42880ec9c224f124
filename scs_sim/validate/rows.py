"""Rows and the report: a protocol with our figures and the verdict, and all of them as one JSON document."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, ClassVar, Literal

from scs_models.errors import InvalidValueError
from scs_models.tables import read_table
from scs_sim.validate.calibration import Calibration
from scs_sim.validate.figures import Figures
from scs_sim.validate.protocol import Protocol

Verdict = Literal["failed", "miss", "expected miss", "pass", "not comparable"]
VERDICTS: tuple[Verdict, ...] = ("failed", "miss", "expected miss", "pass", "not comparable")
SIGNIFICANT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class SpreadValue:
    """The row's main figure with one conductivity set; None where it is no number."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    conductivities: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report. is_listed: the miss was known or expected; error: why the row could not be computed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    id: str
    title: str
    serves: tuple[str, ...]
    kind: str
    verdict: Verdict
    is_listed: bool
    published: str
    measured: str
    ours: str
    pass_line: str
    figures: dict[str, float | None]
    spread_figure: str
    spread: tuple[SpreadValue, ...]
    source: str
    citation: str
    differs: str
    expectation: str
    why: str
    missing_fact: str
    error: str

    @property
    def is_new_miss(self) -> bool:
        """Return whether the row misses and nobody has said so."""
        return self.verdict == "miss" and not self.is_listed

    @property
    def is_overcome(self) -> bool:
        """Return whether a listed miss passes: it should come off the list."""
        return self.verdict == "pass" and self.is_listed


@dataclass(frozen=True, slots=True)
class KernelsBuilt:
    """How many kernels (one per section and contact size) the computed rows need, how many were built, how long."""

    needed: int
    built: int
    build_s: float


@dataclass(frozen=True, slots=True)
class ValidationDocument:
    """The report: every row, worst verdict first, what was fitted, and what the run built."""

    FORMAT: ClassVar[str] = "scs-sim validation"
    VERSION: ClassVar[int] = 1

    product_version: str
    tables_sha256: str
    code_sha256: str
    date: str
    counts: Mapping[str, int]
    kernels: KernelsBuilt
    calibration: Calibration
    rows: tuple[Row, ...]


def row_of(
    protocol: Protocol, figures: Figures | None, spread: Sequence[tuple[str, float]] = (), error: str = ""
) -> Row:
    """Return the row of a protocol with the figures found; None where there are none (not comparable, or `error`)."""
    return Row(
        id=protocol.id,
        title=protocol.title,
        serves=protocol.serves,
        kind=protocol.kind,
        verdict=verdict_of(protocol, figures),
        is_listed=protocol.known_miss or protocol.kind == "expected miss",
        published=protocol.published,
        measured=protocol.measured,
        ours="" if figures is None else shown(protocol, figures),
        pass_line="" if protocol.pass_line is None else protocol.pass_line.words,
        figures={} if figures is None else {name: rounded(value) for name, value in figures.items()},
        spread_figure=protocol.spread_figure,
        spread=tuple(SpreadValue(name, rounded(value)) for name, value in spread),
        source=protocol.source,
        citation=read_table("references")[protocol.source]["citation"],
        differs=protocol.differs,
        expectation=protocol.expectation,
        why=protocol.why,
        missing_fact=protocol.missing_fact,
        error=error,
    )


def verdict_of(protocol: Protocol, figures: Figures | None) -> Verdict:
    """Return the verdict on figures; a row without any is not comparable if its protocol says so, else failed."""
    if protocol.pass_line is None:
        return "not comparable"
    if figures is None:
        return "failed"
    for bound in protocol.pass_line.bounds:
        if bound.figure not in figures:
            raise InvalidValueError(f"figure is {bound.figure!r}; the measure gives {', '.join(figures)}")
    if protocol.pass_line.holds(figures):
        return "pass"
    return "expected miss" if protocol.kind == "expected miss" else "miss"


def shown(protocol: Protocol, figures: Figures) -> str:
    """Return our figures in the protocol's words; raise InvalidValueError for a figure that is not there."""
    parts = []
    for literal, name, form, _ in Formatter().parse(protocol.shown):
        parts.append(literal)
        if name is not None:
            if name not in figures:
                raise InvalidValueError(f"shown names {name!r}; the measure gives {', '.join(figures)}")
            parts.append(format(figures[name], form or ""))
    return "".join(parts)


def rounded(value: float) -> float | None:
    """Return a number to six significant digits, None for one that is not finite."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None


def in_order(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return rows with the worst verdict first: failed, new misses, listed ones, expected ones, then what passes."""
    return tuple(sorted(rows, key=lambda row: (VERDICTS.index(row.verdict), row.is_listed, row.id)))


def counts_of(rows: Sequence[Row]) -> dict[str, int]:
    """Return how many rows there are of each verdict, and in all."""
    found = Counter(row.verdict for row in rows)
    return {verdict: found[verdict] for verdict in VERDICTS} | {"rows": len(rows)}
