"""What `scs-sim bench` prints: tables of figures, of a comparison, of golden figures that moved."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from scs_sim.bench.alternate import Alternation
from scs_sim.bench.compare import FAILING, Compared, budget_s
from scs_sim.bench.document import BenchDocument, BenchRow
from scs_sim.bench.golden import GoldenFigures, Moved
from scs_sim.bench.markdown import head_lines
from scs_sim.bench.scenario import Scenario

_FILE_WIDTH = 100
_NARROW = 12
_STYLES = {"faster": "green", "less memory": "green", "not comparable": "yellow"}


def bench_page(run: BenchDocument) -> Iterator[RenderableType]:
    """Yield the page of one run: best times, share of sgemm, memory, budgets; columns that are empty are left out."""
    cells: list[list[str | Text]] = [[*_cells(row), _budget(row, run.quick)] for row in run.rows]
    heads = ("ms", "a program", "of sgemm", "allocated", "process", "budget")
    used = [place for place in range(len(heads)) if any(str(row[place]) for row in cells)]
    table = _table(("stage", "left"), *(heads[place] for place in used))
    last = ""
    for row, own in zip(run.rows, cells, strict=True):
        if row.scenario != last:
            table.add_row(Text(f"{row.scenario}{', wall time' if row.clock == 'wall' else ''}", style="bold"))
            last = row.scenario
        table.add_row(Text(f"  {row.stage}"), *(own[place] for place in used))
    yield table
    yield Text("")
    for line in head_lines(run):
        yield Text(line, style="dim")


def bench_text(run: BenchDocument) -> str:
    """Return the page of one run as plain text for a file."""
    console = Console(file=io.StringIO(), width=_FILE_WIDTH, no_color=True, highlight=False, markup=False, emoji=False)
    for item in bench_page(run):
        console.print(item)
    assert isinstance(console.file, io.StringIO)
    return "".join(line.rstrip() + "\n" for line in console.file.getvalue().splitlines())


def scenarios_page(scenarios: Sequence[Scenario]) -> Iterator[RenderableType]:
    """Yield the list of scenarios with their stages."""
    for scenario in scenarios:
        yield Text(scenario.name, style="bold") + Text(f"  {scenario.title} ({scenario.clock} time)")
        for stage in scenario.stages:
            only = ", not with --quick" if stage in scenario.thorough_only else ""
            yield Text(f"  {stage}{only}")


def comparison_page(found: Alternation) -> Iterator[RenderableType]:
    """Yield the page of a comparison: the stages, what stands on one side only, why it fails."""
    outcome = found.comparison
    rounds = "1 round" if found.rounds_count == 1 else f"{found.rounds_count} rounds"
    yield Text(f"base {found.base}; head {found.head}; {rounds}", style="bold")
    table = _table(("stage", "left"), "base ms", "head ms", "time", "allocated", "process", ("", "left"))
    for row in outcome.rows:
        style = "bold red" if row.verdict in FAILING else _STYLES.get(row.verdict, "")
        table.add_row(row.stage, *_compared_cells(row), Text(row.verdict, style=style))
    if outcome.rows:
        yield table
    for words, stages in (("base", outcome.only_base), ("head", outcome.only_head)):
        if stages:
            yield Text(f"only on {words}: {'; '.join(stages)}", style="yellow")
    for line in (*outcome.notes, *found.remarks):
        yield Text(line, style="yellow")
    if outcome.passes:
        yield Text("No stage is slower or takes more memory than allowed.", style="green")
    for line in outcome.failures:
        yield Text(f"FAILS: {line}", style="bold red")


def moved_page(moved: Sequence[Moved], frozen: GoldenFigures) -> Iterator[RenderableType]:
    """Yield the table of golden figures that moved, or the sentence that none did."""
    count = sum(len(row.figures) + len(row.words) for row in frozen.rows)
    since = f"{len(frozen.rows)} programs, {count} figures, frozen by scs-sim {frozen.product_version} on {frozen.date}"
    if not moved:
        yield Text(f"No golden figure moved: {since}.")
        return
    if not frozen.rows:
        yield Text("There were no golden figures before.")
        return
    table = _table(("program", "left"), ("figure", "left"), "frozen", "now", ("allowed", "left"))
    for item in moved:
        table.add_row(item.program, item.figure, item.old, item.new, item.allowed)
    yield table
    yield Text(f"{len(moved)} golden figures moved: {since}.", style="bold red")


def _table(*columns: str | tuple[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for column in columns:
        if isinstance(column, str):
            table.add_column(column, justify="right", no_wrap=True)
        else:
            table.add_column(column[0], justify="left", overflow="fold", min_width=_NARROW if column[0] else None)
    return table


def _cells(row: BenchRow) -> Iterator[str]:
    yield _ms(row.best_s)
    yield _ms(row.best_s / row.programs_count) if row.programs_count > 1 else ""
    yield "" if row.sgemm_share is None else f"{100.0 * row.sgemm_share:.0f} %"
    for size in (row.allocated_bytes, row.process_bytes):
        yield "" if size is None else f"{size / 1e6:.1f} MB"


def _budget(row: BenchRow, quick: bool) -> Text:
    budget = budget_s(row.key)
    if budget is None:
        return Text("")
    if quick:  # smaller sizes: nothing to judge
        return Text(f"{1e3 * budget:g} ms")
    met = row.best_s <= budget
    return Text(f"{1e3 * budget:g} ms: {'met' if met else 'missed'}", style="" if met else "red")


def _compared_cells(row: Compared) -> Iterator[str]:
    yield "" if row.base_s is None else _ms(row.base_s)
    yield "" if row.head_s is None else _ms(row.head_s)
    for ratio in (row.time_ratio, row.allocated_ratio, row.process_ratio):
        yield "" if ratio is None else f"x {ratio:.2f}"


def _ms(seconds: float) -> str:
    value = 1e3 * seconds
    return f"{value:.3f}" if value < 1.0 else f"{value:.2f}" if value < 10.0 else f"{value:,.0f}".replace(",", " ")
