"""`scs-sim train export`: results of many sessions for a school, under pseudonyms: CSV, xAPI statements, a cohort."""

from __future__ import annotations

import json
from pathlib import Path

import click

from scs_sim.cli.framework import KernelProgress, ScsCommand, say, settings, write_json

_COHORT_ENDINGS = (".html", ".json", ".csv")


@click.command(
    cls=ScsCommand,
    short_help="Results for a school: CSV, xAPI statements, the whole cohort.",
    examples=(
        ("scs-sim train export --all --csv results.csv", "one row per session, under pseudonyms"),
        ("scs-sim train export --all --xapi statements.json", "for a learning record store"),
        ("scs-sim train export --all --folder collected --cohort cohort.html", "over journals from several machines"),
        ("scs-sim train export --profile kim --csv kim.csv --named", "with the name and times, for kim"),
    ),
)
@click.option("--profile", "names", multiple=True, metavar="NAME", help="Whose sessions; may be given several times.")
@click.option("--all", "everybody", is_flag=True, help="The sessions of all profiles.")
@click.option("--folder", metavar="DIR", help="Where the journals are; default: those of this machine.")
@click.option("--csv", "table", metavar="FILE", help="One row per session.")
@click.option("--xapi", metavar="FILE", help="Statements of the Experience API, as a JSON array.")
@click.option("--cohort", metavar="FILE", help="What the sessions have in common: .html, .json or .csv.")
@click.option("--named", is_flag=True, help="With names of profiles and times; default: pseudonyms and days.")
@click.option(
    "--base", metavar="ADDRESS", help="Your school's address for xAPI ids, for example https://school.example/scs."
)
def export(
    names: tuple[str, ...],
    everybody: bool,
    folder: str | None,
    table: str | None,
    xapi: str | None,
    cohort: str | None,
    named: bool,
    base: str | None,
) -> int:
    """Write results of finished sessions for a school.

    Without --named there are neither names nor absolute times, and what trainees wrote is never in it. A pseudonym
    stays the same on this machine. Sessions that go on are listed without score: it would tell what is hidden.
    """
    from scs_models import files
    from scs_sim.report import report_html
    from scs_sim.training.cohort import cohort_csv, cohort_document, cohort_of
    from scs_sim.training.cohort_page import cohort_report
    from scs_sim.training.export import csv_text, rows_of
    from scs_sim.training.export_xapi import USUAL_BASE, xapi_statements
    from scs_sim.training.pseudonym import pseudonym_key

    if bool(names) == everybody:
        raise click.UsageError("give either --profile NAME (once or more) or --all")
    if not (table or xapi or cohort or settings().as_json):
        raise click.UsageError("say what to write: --csv FILE, --xapi FILE or --cohort FILE")
    if cohort and Path(cohort).suffix.lower() not in _COHORT_ENDINGS:
        raise click.UsageError(f"--cohort {cohort!r} must end in {', '.join(_COHORT_ENDINGS)}")
    if base is not None and xapi is None:
        raise click.UsageError("--base is for --xapi")
    place = None if folder is None else Path(folder)
    if place is not None and not place.is_dir():
        raise click.UsageError(f"--folder {folder!r} is no folder")
    xapi_statements((), base or USUAL_BASE)
    key = None if named else pseudonym_key()
    with KernelProgress("sessions are being scored") as progress:
        found = rows_of(None if everybody else names, key, place, progress)
    summary = cohort_of(found.rows, len(found.left_out))
    for words in found.left_out:
        say(f"scs-sim: left out: {words}")
    written = []
    if table:
        files.write_text(table, csv_text(found.rows))
        written.append(table)
    if xapi:
        statements = xapi_statements(found.rows, base or USUAL_BASE)
        files.write_text(xapi, json.dumps(statements, indent=1, ensure_ascii=True, allow_nan=False) + "\n")
        written.append(xapi)
    if cohort:
        ending = Path(cohort).suffix.lower()
        text = (
            report_html(cohort_report(summary))
            if ending == ".html"
            else cohort_csv(summary)
            if ending == ".csv"
            else json.dumps(cohort_document(summary), indent=1, allow_nan=False) + "\n"
        )
        files.write_text(cohort, text)
        written.append(cohort)
    for name in written:
        say(f"scs-sim: written: {name}")
    if settings().as_json:
        write_json({"cohort": cohort_document(summary), "written": written})
    return 0
