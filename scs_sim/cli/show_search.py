"""A search for the terminal: its progress with the best so far, and its answer as a page."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from scs_sim import DISCLAIMER
from scs_sim.cli.framework import KernelProgress, can_draw, console_for, settings
from scs_sim.objective import LESS_IS_BETTER, Objective
from scs_sim.objective_words import FIGURE_WORDS, figure_text
from scs_sim.program import AREA_NAMES, Area
from scs_sim.search.result import Point, SearchResult, Suggestion

if TYPE_CHECKING:
    from rich.live import Live

_WIDE, _NARROW = 96, 60
_BAR_CELLS, _LABEL_CELLS = 24, 16
_ALWAYS_SHOWN = ("pain_covered_by_score_percent",)
_SHOWN_WHERE_WORTH = (
    "worst_region_percent",
    "unwanted_of_felt_percent",
    "headroom_percent",
    "robust_covered_percent",
    "active_contacts_count",
)


class SearchProgress:
    """How far a search got: a bar with the best so far on a terminal, else a line per stage and per better program."""

    def __init__(self, label: str) -> None:
        self._label, self._quiet = label, settings().quiet
        self._plain = settings().color == "never" or bool(os.environ.get("NO_COLOR"))
        self._bar_cells = ("━", "─") if can_draw(sys.stderr) else ("=", "-")  # asked before rich takes stderr over
        self._live: Live | None = None
        self._kernels = KernelProgress(label)
        self._stage, self._best = "", float("-inf")

    def __enter__(self) -> SearchProgress:
        return self

    def __exit__(self, *_: object) -> None:
        self._kernels.__exit__()
        if self._live is not None:
            self._live.stop()

    def kernels(self, fraction: float, what: str) -> None:
        """Show that `fraction` (0-1) of the kernels is built, before there is any result."""
        self._kernels(fraction, what)

    def __call__(self, found: SearchResult) -> None:
        """Show how far `found` is, and what is best in it."""
        if self._quiet:
            return
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._draw(found)
        else:
            self._tell(found)

    def _tell(self, found: SearchResult) -> None:
        part = found.stage.split(":")[0]  # what follows is for the eye that watches
        if part != self._stage:
            self._stage = part
            click.echo(f"{self._label}: {100 * found.fraction:.0f} %, {found.stage}", err=True)
        if found.suggestions and found.suggestions[0].point.score > self._best + 0.05:
            self._best = found.suggestions[0].point.score
            click.echo(f"{self._label}: best so far {best_line(found)}", err=True)

    def _draw(self, found: SearchResult) -> None:
        from rich.console import Console
        from rich.live import Live

        if self._live is None:
            self._kernels.__exit__()
            self._live = Live(console=Console(stderr=True, no_color=self._plain), transient=True, auto_refresh=False)
            self._live.start()
        filled = round(_BAR_CELLS * min(max(found.fraction, 0.0), 1.0))
        full, empty = self._bar_cells
        head = Text(f"{self._label} ")
        head.append(full * filled, style="cyan")
        head.append(empty * (_BAR_CELLS - filled), style="dim")
        head.append(f" {100 * found.fraction:3.0f} %  {found.stage}")
        lines = [head]
        if found.suggestions:
            lines.append(Text(f"best so far {best_line(found)}", style="bold"))
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        self._live.update(Group(*lines), refresh=True)


def best_line(found: SearchResult) -> str:
    """Return the best suggestion of `found` in one line, beside the starting program."""
    best, start = found.suggestions[0], found.start
    name = "pain_covered_by_score_percent"
    covered, before = (figure_text(name, item.point.figure(name)) for item in (best, start))
    return (
        f"{best.point.score:.1f} points ({found.gain:+.1f}): {' | '.join(map(_area_dials, best.program.areas))};"
        f" {covered} of the pain by score instead of {before}"
    )


def search_page(found: SearchResult) -> tuple[RenderableType, ...]:
    """Return the whole page."""
    return (
        *_title(found),
        *_overview(found),
        *(part for place, item in enumerate(found.suggestions, start=1) for part in _suggestion(place, item, found)),
        *_front(found),
        *_notes(found.notes),
        Text(),
        Text(f"{DISCLAIMER} Points say how well a program meets the objective, nothing else.", style="italic dim"),
    )


def _title(found: SearchResult) -> Iterator[RenderableType]:
    line = "─" if can_draw(sys.stdout) else "-"
    yield Rule(Text(f"{found.case_title} ", style="bold"), align="left", characters=line, style="dim")
    profile = f"limit profile {found.profile}" if found.profile else "no limit profile named"
    yield Text(f"{found.case_id}, {found.start.result.posture}; {profile}", style="dim")
    yield Text(f"objective {found.objective.name}: {found.objective.title}", style="dim")
    screened = f"{found.screened:,}".replace(",", " ")
    yield Text(
        f"{screened} programs screened at every amplitude, {found.judged} judged by the whole model", style="dim"
    )
    if not found.finished:
        yield Text(
            f"Not finished: {100 * found.fraction:.0f} % done ({found.stage}). This is the best so far.",
            style="bold yellow",
        )


def _overview(found: SearchResult) -> Iterator[RenderableType]:
    yield Text()
    if not found.suggestions:
        yield Text("No program was found that may be suggested.", style="bold yellow")
        yield Text(f"The starting program, {_dials(found.start.point)}, has {found.start.point.score:.1f} points.")
        return
    yield Text(f"Best: {best_line(found)}.", style="bold green" if (found.gain or 0.0) > 0.0 else "bold")
    yield Text()
    rows = [(str(place), item.point) for place, item in enumerate(found.suggestions, start=1)]
    yield Padding(_table([*rows, ("start", found.start.point)], found.objective), (0, 0, 0, 2))


def _table(rows: Sequence[tuple[str, Point]], objective: Objective) -> Table:
    """Return points with labels as a table: where there is room, with every figure that has a weight."""
    width = console_for(sys.stdout).width
    names = list(_ALWAYS_SHOWN if width < _NARROW else (*_ALWAYS_SHOWN, *_SHOWN_WHERE_WORTH))
    names = [name for name in names if name in _ALWAYS_SHOWN or objective.counts(name)]
    table = Table(box=None, padding=(0, 2 if width >= _WIDE else 1, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("", overflow="fold", min_width=5, max_width=_LABEL_CELLS)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("contacts", overflow="fold", ratio=1, min_width=9)
    table.add_column("mA", justify="right", no_wrap=True)
    table.add_column("us", justify="right", no_wrap=True)
    for name in names:
        table.add_column(FIGURE_WORDS[name].short, justify="right", no_wrap=True)
    for label, point in rows:
        cells = [label, f"{point.score:.1f}", point.contacts, f"{point.amplitude_ma:.2f}", f"{point.pulse_width_us:g}"]
        figures = [figure_text(name, point.figure(name)) for name in names]
        table.add_row(*cells, *figures, style="dim" if label == "start" else "")
    return table


def _suggestion(place: int, item: Suggestion, found: SearchResult) -> Iterator[RenderableType]:
    point, result = item.point, item.result
    gain = point.score - found.start.point.score
    head = Text(f"{place}  ", style="bold")
    head.append(_dials(point) if len(item.program.areas) == 1 else "several areas", style="bold cyan")
    head.append(f"   {point.score:.1f} points ({gain:+.1f})", style="bold")
    yield Text()
    yield head
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold", ratio=1)
    for name, text in _facts(item, found.start):
        facts.add_row(name, text)
    yield Padding(facts, (0, 0, 0, 3))
    if result.forbidden:
        yield Text(f"Forbidden: {result.forbidden}.", style="bold red")
    if item.why:
        yield Padding(Group(*(_bullet(line) for line in item.why)), (0, 0, 0, 3))


def _facts(item: Suggestion, start: Suggestion) -> Iterator[tuple[str, str]]:
    point, result = item.point, item.result
    active = figure_text("active_contacts_count", point.figure("active_contacts_count"))
    rates = ", ".join(dict.fromkeys(f"{area.rate_hz:g} Hz" for area in item.program.areas))
    if len(item.program.areas) > 1:
        for letter, area in zip(AREA_NAMES, item.program.areas, strict=False):
            yield f"area {letter}", _area_dials(area)
    yield "program", f"{point.kind}, {active} active contacts, {rates}; {_ORIGINS[point.origin]}"
    coverage, before = result.coverage, start.result.coverage
    yield (
        "pain covered",
        f"{_percent(coverage.pain_covered_by_score_percent)} by score (start"
        f" {_percent(before.pain_covered_by_score_percent)}), {_percent(coverage.pain_covered_percent)} of its area"
        f" (start {_percent(before.pain_covered_percent)})",
    )
    yield "worst region", f"{coverage.worst_region_title}, {_percent(coverage.worst_region_percent)}"
    yield (
        "unwanted",
        f"{_percent(coverage.unwanted_of_felt_percent)} of what is felt (start"
        f" {_percent(before.unwanted_of_felt_percent)})",
    )
    found, safety = result.thresholds, result.safety
    room = figure_text("headroom_percent", point.figure("headroom_percent"))
    set_by = found.dt_where if found.dt_rule == "root" else found.dt_rule
    yield (
        "thresholds",
        f"PT {_ma(found.pt_ma)}, DT {_ma(found.dt_ma)} ({set_by}): {room} room; MT {_ma(found.mt_ma)}",
    )
    yield (
        "charge",
        f"{safety.charge_density_uc_per_cm2:.1f} uC/cm2 at {safety.worst_contact} (limit"
        f" {safety.charge_density_limit_uc_per_cm2:g}); {safety.average_current_ua:.0f} uA on average{_lasts(item)}",
    )
    if item.variants:
        moved = [f"{variant.name} {variant.pain_covered_by_score_percent:.0f} %" for variant in item.variants]
        yield "when moved", f"of the pain by score: {', '.join(moved)}"
    if item.population is not None:
        band = item.population.band("pain_covered_by_score_percent")
        yield (
            "in others",
            f"{band.low:.0f} to {band.high:.0f} % of the pain by score in 9 of 10 of {item.population.agreeing}"
            f" patients drawn, median {band.middle:.0f} %",
        )


_ORIGINS = {
    "start": "the case's own",
    "exhaustive": "one of all that were tried",
    "refined": "refined from the best of those tried",
    "combined": "areas put together",
}


def _lasts(item: Suggestion) -> str:
    days = [row.recharge_interval_days for row in item.result.battery if row.recharge_interval_days is not None]
    return f", {min(days):.0f} days between charges" if days else ""


def _front(found: SearchResult) -> Iterator[RenderableType]:
    if len(found.front) < 2:
        return
    yield Text()
    yield Text("What can be traded", style="bold")
    yield Text(
        f"The Pareto front has {len(found.front)} programs, that no other judged one beats in every figure of the"
        " objective. Its ends, each the best in one figure; all of them: --csv FILE.",
        style="dim",
    )
    rows = [(", ".join(labels), point) for point, labels in ends_of(found.front, found.objective)]
    yield Padding(_table(rows, found.objective), (1, 0, 0, 2))


def ends_of(front: Sequence[Point], objective: Objective) -> list[tuple[Point, list[str]]]:
    """Return the points of a front that are best in a figure with a weight, each with what it is best in.

    Among points alike in a figure the one with the highest score stands.
    """
    ends: dict[Point, list[str]] = {}
    for name, words in FIGURE_WORDS.items():
        sign = -1.0 if name in LESS_IS_BETTER else 1.0
        having = [(sign * value, point) for point in front if (value := point.figure(name)) is not None]
        if objective.counts(name) and having:
            best = max(having, key=lambda item: (round(item[0], 6), item[1].score, item[1].contacts))[1]
            ends.setdefault(best, []).append(words.best)
    return list(ends.items())


def _notes(lines: Sequence[str]) -> Iterator[RenderableType]:
    if lines:
        yield Text()
        yield Text("Notes", style="bold")
        yield Group(*(_bullet(line) for line in lines))


def _bullet(line: str) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_row("-", Text(line))
    return table


def _dials(point: Point) -> str:
    return f"{point.contacts}   {point.amplitude_ma:.2f} mA   {point.pulse_width_us:g} us"


def _area_dials(area: Area) -> str:
    return f"{area.contacts}   {_ma(area.amplitude_ma)}   {area.pulse_width_us:g} us"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} %"


def _ma(value: float | None) -> str:
    return "not reached" if value is None else f"{value:.2f} mA"
