"""`scs-sim train check`: what is wrong with a training case, or odd about it, before anybody plays it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scs_sim.cli.framework import EXIT_CHECK, EXIT_FILE, ScsCommand, settings, write_json, write_rich

if TYPE_CHECKING:
    from scs_sim.training.check import CheckReport


@click.command(
    cls=ScsCommand,
    short_help="Check a case file of your own.",
    examples=(
        ("scs-sim train check my-case.toml", "every problem at once, with hints"),
        ("scs-sim train check --strict my-case.toml", "warnings count, too"),
        ("scs-sim train check my-case.toml --json", "for an editor or a script"),
        ("scs-sim train check both-legs", "a built-in case"),
    ),
)
@click.argument("file", metavar="FILE")
@click.option("--strict", is_flag=True, help="Exit code 4 where there are warnings.")
def check(file: str, strict: bool) -> int:
    """Check FILE (.toml, .json, - or a built-in case): form and sense; docs/training-cases.md says how to write one.

    Errors keep a case from being played, or make it unwinnable: exit code 3. Warnings are for you to weigh.
    """
    from scs_models import files
    from scs_sim.training.check import check_file

    report = check_file(file)
    if settings().as_json:
        counts = {"errors_count": report.errors_count, "warnings_count": report.warnings_count}
        write_json(files.encode(report) | counts)
    else:
        _show(report)
    if report.errors_count:
        return EXIT_FILE
    return EXIT_CHECK if strict and report.warnings_count else 0


def _show(report: CheckReport) -> None:
    from rich.padding import Padding
    from rich.text import Text

    for finding in report.findings:
        style = "bold red" if finding.level == "error" else "bold yellow"
        named = finding.message.startswith(finding.path) or not finding.path
        words = finding.message if named else f"{finding.path}: {finding.message}"
        rest = []
        if finding.allowed and finding.allowed not in finding.message:
            rest.append(f"allowed: {finding.allowed.removeprefix('known: ')}")
        if finding.hint:
            rest.append(f"hint: {finding.hint}")
        write_rich(Text.assemble((finding.level, style), " ", words))
        for line in rest:
            write_rich(Padding(Text(line, style="dim"), (0, 0, 0, 4)))
    if not report.findings:
        write_rich(Text(f"{report.where}: nothing is wrong"))
        return
    errors = "1 error" if report.errors_count == 1 else f"{report.errors_count} errors"
    warnings = "1 warning" if report.warnings_count == 1 else f"{report.warnings_count} warnings"
    write_rich(Text(f"{report.where}: {errors}, {warnings}"))
