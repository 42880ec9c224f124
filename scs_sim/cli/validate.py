"""`scs-sim validate`: the model against published figures and clinical rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scs_sim.cli.framework import (
    EXIT_CHECK,
    EXIT_INTERRUPTED,
    EXIT_PARTIAL,
    KernelProgress,
    ScsCommand,
    say,
    settings,
    write_json,
    write_out,
    write_rich,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scs_sim.validate.rows import Row, ValidationDocument

_STYLES = {
    "failed": "bold red",
    "miss": "bold red",
    "expected miss": "yellow",
    "pass": "green",
    "not comparable": "dim",
}


def complete_row(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[Any]:
    """Return shell completions of --only: the names of the protocols."""
    from click.shell_completion import CompletionItem

    from scs_sim.validate.protocol import load_protocols

    names = (item.protocol.id for item in load_protocols())
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command(
    cls=ScsCommand,
    short_help="The literature rerun: every published target and clinical rule.",
    examples=(
        ("scs-sim validate", "all rows, misses first; stopped runs go on where they were"),
        ("scs-sim validate --only dt-over-pt-patients", "one row"),
        ('scs-sim validate --only "rule f" --only "target 6"', "the rows of a rule and of a target"),
        ("scs-sim validate --html report.html", "a page to hand on"),
        ("scs-sim validate --json --strict", "for a pipeline: exit code 4 for any miss, listed or not"),
    ),
)
@click.option(
    "--only",
    "names",
    metavar="NAME",
    multiple=True,
    shell_complete=complete_row,
    help='Only this row, or the rows of a target or rule ("target 6", "rule f"); may be repeated.',
)
@click.option("--html", type=click.Path(dir_okay=False), metavar="FILE", help="Also write one HTML page.")
@click.option("--strict", is_flag=True, help="Exit with 4 for any miss, also for a listed or an expected one.")
@click.option(
    "--workers", type=click.IntRange(min=1, max=32), metavar="N", help="Processes; default: one per processor."
)
@click.option("--fresh", is_flag=True, help="Compute every row anew, whatever is stored.")
def validate(names: tuple[str, ...], html: str | None, strict: bool, workers: int | None, fresh: bool) -> int:
    """Compare the model with published figures and clinical rules, one row per protocol.

    Every miss stays in the report with the best explanation found. A miss that is listed, or was expected before the
    first run, is no failure of this command unless --strict; a new one is (exit code 4). Rows that cannot be computed
    make the report partial (exit code 5).
    """
    from scs_models import files
    from scs_sim.validate.protocol import chosen, load_protocols
    from scs_sim.validate.report import html_page
    from scs_sim.validate.run import run

    wanted = chosen(names, load_protocols())
    finished: list[Row] = []
    try:
        with KernelProgress("validate") as progress:
            document = run(wanted, workers=workers, fresh=fresh, progress=progress, on_row=finished.append)
    except KeyboardInterrupt:
        say(f"\nscs-sim: interrupted; {len(finished)} rows were finished and are kept: the same command goes on")
        return EXIT_INTERRUPTED
    if html is not None:
        files.write_text(html, html_page(document))
    if settings().as_json:
        write_json(files.encode(document))
    else:
        _print(document)
    for row in document.rows:
        if row.is_overcome:
            say(f"scs-sim: {row.id} is listed as a miss and passes: take it off the list")
    return _exit_code(document, strict)


def _exit_code(document: ValidationDocument, strict: bool) -> int:
    if document.counts["failed"]:
        return EXIT_PARTIAL
    misses = [row for row in document.rows if row.verdict in ("miss", "expected miss")]
    return EXIT_CHECK if any(strict or not row.is_listed for row in misses) else 0


def _print(document: ValidationDocument) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from scs_sim import DISCLAIMER
    from scs_sim.validate.report import counts_words, kernels_words, verdict_words

    for row in document.rows:
        head = Text(f"{verdict_words(row):<15}", style=_STYLES[row.verdict]) + Text(row.title, style="bold")
        write_rich(head, *(Padding(Text(line), (0, 0, 0, 15)) for line in _details(row)))
    write_out(
        f"\n{counts_words(document)}\n{kernels_words(document)}\n"
        f"scs-sim {document.product_version}, {document.date}. {DISCLAIMER}\n"
    )


def _details(row: Row) -> Iterator[str]:
    from scs_sim.validate.report import reason_words, spread_words

    yield f"{row.id}   {row.kind}   {', '.join(row.serves)}"
    yield f"published  {row.published}"
    if row.ours:
        yield f"ours       {row.ours}"
    if spread := spread_words(row):
        yield f"spread     {spread}"
    if reason := reason_words(row):
        yield f"why        {reason}"
    yield f"source     {row.citation}"
