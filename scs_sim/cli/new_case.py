"""`scs-sim new-case`: a commented case file to begin with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scs_sim.cli.framework import ScsCommand, complete_case
from scs_sim.cli.new_file import require_suffix, write_new

if TYPE_CHECKING:
    from scs_models.leads import LeadPlacement

_LEAD = re.compile(r"(?P<lead>[\w-]+)@(?P<level>[A-Za-z]\d{1,2})(?P<offset>[+-][\d.]+)?(?:,(?P<x>[+-]?[\d.]+))?")
_START = "back-and-left-leg"


@click.command(
    "new-case",
    cls=ScsCommand,
    short_help="A commented case file to begin with.",
    examples=(
        ("scs-sim new-case my-case.toml", "begins as the built-in case back-and-left-leg"),
        ("scs-sim new-case my-case.toml --from foot --title 'Left foot, second visit'", "begins as another"),
        (
            "scs-sim new-case one.toml --lead octet-7mm@T8+10,-1 --contacts '1.3- 1.5+' --pain left_low_back=7",
            "with your own lead (type@vertebra+mm,x), contacts and pain",
        ),
        (
            "scs-sim new-case two.toml --lead-file my-lead.toml --lead my-lead@T9",
            "with a lead type that is not in the catalogue",
        ),
    ),
)
@click.argument("file", metavar="FILE")
@click.option(
    "--from",
    "start",
    metavar="CASE",
    default=_START,
    show_default=True,
    shell_complete=complete_case,
    help="Case to begin with.",
)
@click.option("--title", metavar="TEXT", help="Title of the new case.")
@click.option(
    "--lead",
    "lead_texts",
    metavar="TEXT",
    multiple=True,
    help="A lead, TYPE@VERTEBRA[+MM][,X_MM]; once per lead, from the patient's left.",
)
@click.option(
    "--lead-file",
    "lead_files",
    metavar="FILE",
    multiple=True,
    help="A lead type of your own (scs-sim leads FILE), kept in the case; --lead may then name it.",
)
@click.option("--contacts", metavar="TEXT", help="Contacts of the program.")
@click.option(
    "--pain",
    "pain_texts",
    metavar="REGION=SCORE",
    multiple=True,
    help="A painful region, score 0 to 10; once per region.",
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
def new_case(
    file: str,
    start: str,
    title: str | None,
    lead_texts: tuple[str, ...],
    lead_files: tuple[str, ...],
    contacts: str | None,
    pain_texts: tuple[str, ...],
    force: bool,
) -> None:
    """Write a commented case file (.toml or .json) to begin with; - writes to standard output."""
    from dataclasses import replace

    from scs_models import files
    from scs_models.leads import Lead
    from scs_sim.case import load_case
    from scs_sim.case_file import case_toml
    from scs_sim.patient import PainMap

    require_suffix(file)
    begin = load_case(start)
    own_leads = (*begin.own_leads, *(files.read_value(Lead, path) for path in lead_files))
    case = replace(
        begin,
        id=begin.id if file == "-" else _id_from(Path(file).stem),
        title=begin.title if title is None else title,
        leads=tuple(_placement(text) for text in lead_texts) or begin.leads,
        own_leads=own_leads,
        program=begin.program if contacts is None else replace(begin.program, contacts=contacts),
        pain=PainMap(dict(map(_score, pain_texts))) if pain_texts else begin.pain,
    )
    then = f"; edit it, then: scs-sim evaluate {file}"
    write_new(file, "case", case, case_toml(case), force=force, then=then)


def _placement(text: str) -> LeadPlacement:
    from scs_models.leads import LeadPlacement

    match = _LEAD.fullmatch(text)
    try:
        if match is not None:
            return LeadPlacement(
                match["lead"], match["level"].upper(), float(match["offset"] or 0.0), float(match["x"] or 0.0)
            )
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--lead") from error
    raise click.BadParameter(
        f"{text!r} is no lead; write TYPE@VERTEBRA[+MM][,X_MM], for example octet-7mm@T8+10,-1", param_hint="--lead"
    )


def _score(text: str) -> tuple[str, float]:
    region, _, score = text.partition("=")
    try:
        return region, float(score)
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is no pain; write REGION=SCORE, for example left_low_back=7", param_hint="--pain"
        ) from error


def _id_from(stem: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-") or "case"
