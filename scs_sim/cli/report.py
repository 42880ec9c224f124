"""`scs-sim report`: a case and a program as a page to print, or as a one-page program card."""

from __future__ import annotations

import click

from scs_sim.cli.framework import (
    KernelProgress,
    ScsCommand,
    blamed_on,
    complete_case,
    say,
    settings,
    write_json,
    write_out,
)
from scs_sim.cli.trial import Trial, trial_options


@click.command(
    cls=ScsCommand,
    short_help="A page to print, or a program card.",
    examples=(
        ("scs-sim report back-and-left-leg -o report.html", "the case with its own program, at comfort"),
        ('scs-sim report foot --contacts "1.3- 1.5+" --amplitude-ma 3 -o r.html', "another program"),
        ("scs-sim report foot --card -o card.html", "one page: contacts, dials, thresholds, coverage, limits"),
        ("scs-sim report my-case.toml --notes > report.html", "with the notes of the case"),
    ),
)
@click.argument("case_name", metavar="CASE", shell_complete=complete_case)
@click.option("-o", "--out", metavar="FILE", help="Write the HTML page to FILE; default: standard output.")
@click.option("--card", is_flag=True, help="The one-page program card instead of the report.")
@trial_options
@click.option("--profile", metavar="NAME", help="Limit profile of the generator; what it does not allow is listed.")
@click.option("--name", "program_name", metavar="TEXT", help="Name of the program; default: its own.")
@click.option("--date", metavar="TEXT", help="The date to print; default: today's.")
@click.option("--notes", is_flag=True, help="With the notes of the case: free text may identify a person.")
def report(
    case_name: str,
    out: str | None,
    card: bool,
    trial: Trial,
    profile: str | None,
    program_name: str | None,
    date: str | None,
    notes: bool,
) -> int:
    """Write a program and what the model says of it as one self-contained HTML page, black on white.

    CASE is a built-in case (scs-sim cases), a .toml or .json file, or - for standard input. The desktop app writes the
    same as PDF.
    """
    import time

    from scs_models import files
    from scs_sim.report import Matter, card_html, report_html, report_of
    from scs_sim.simulate import Request

    ((case, program),) = trial.cases([case_name])
    request = Request(case, program, trial.amplitude_ma, None, profile or "")
    with KernelProgress(case.id) as progress, blamed_on(case_name):
        result = request(progress=progress)
    matter = Matter(
        case=case,
        result=result,
        date=time.strftime("%Y-%m-%d") if date is None else date,
        program_name=program.name if program_name is None else program_name,
        notes=(("Case", case.notes),),
    )
    page = card_html(matter, notes=notes) if card else report_html(report_of(matter, notes=notes))
    if out is not None:
        files.write_text(out, page)
        say(f"scs-sim: written: {out}")
    if settings().as_json:
        write_json({"case": case.id, "file": out} if out is not None else {"case": case.id, "html": page})
    elif out is None:
        write_out(page)
    return 0
