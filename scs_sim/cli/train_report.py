"""`scs-sim train report`: the debrief of a finished session, as HTML, PDF or JSON."""

from __future__ import annotations

import click

from scs_sim.cli.framework import KernelProgress, ScsCommand, say, settings, write_json, write_out
from scs_sim.cli.train_exam import PASSPHRASE, examined
from scs_sim.cli.train_profile import PROFILE


@click.command(
    cls=ScsCommand,
    short_help="The debrief of a finished session.",
    examples=(
        ("scs-sim train report foot-1 --html debrief.html", "score, course, what was hidden, a better path"),
        ("scs-sim train report foot-1 --pdf debrief.pdf", "the same on paper; needs the extra ui"),
        ("scs-sim train report foot-1 --json", "the figures, for a program"),
        ("scs-sim train report kim --sealed autumn.sealed --html kim.html", "of an exam, by its instructor"),
    ),
)
@click.argument("session", metavar="SESSION")
@click.option("--html", "page", metavar="FILE", help="Write the page to FILE; default: standard output.")
@click.option("--pdf", metavar="FILE", help="Write a PDF to FILE (extra ui).")
@click.option(
    "--sealed",
    metavar="FILE",
    help="The sealed case of an exam; SESSION is the trainee's name then. Asks as seal does.",
)
@PASSPHRASE
@PROFILE
def report(
    session: str, page: str | None, pdf: str | None, sealed: str | None, passphrase_file: str | None, profile: str
) -> int:
    """Write the debrief of SESSION: score by item, course, thresholds, what was hidden, what would have been better.

    Only of a session that is finished or was declined, for it tells everything that was hidden. The page is one file
    and loads nothing.
    """
    from scs_models import files
    from scs_sim.cli.writers import pdf_writer
    from scs_sim.report import report_html
    from scs_sim.training.debrief import debrief_of, require_over
    from scs_sim.training.debrief_document import debrief_document
    from scs_sim.training.debrief_sections import debrief_report
    from scs_sim.training.record import recorded

    if sealed is None:
        found, patient = recorded(session, profile), None
    else:
        found, patient = examined(session, sealed, passphrase_file)
    require_over(found)
    write_pdf = None if pdf is None else pdf_writer()
    with KernelProgress("the debrief is being made") as progress:
        told = debrief_of(found, patient, progress)
    made = debrief_report(told)
    written = []
    if page is not None:
        files.write_text(page, report_html(made))
        written.append(page)
    if write_pdf is not None and pdf is not None:
        files.write_bytes(pdf, write_pdf(made))
        written.append(pdf)
    for name in written:
        say(f"scs-sim: written: {name}")
    if settings().as_json:
        write_json(debrief_document(told) | {"written": written})
    elif not written:
        write_out(report_html(made))
    return 0
