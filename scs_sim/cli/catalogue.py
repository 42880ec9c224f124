"""`scs-sim cases`, `leads`, `sources`, `schema`: what is built in, and what files must look like."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from scs_sim.cli.framework import ScsCommand, complete_case, settings, write_json, write_out, write_rich

if TYPE_CHECKING:
    from rich.table import Table

    from scs_models.leads import Lead, LeadPlacement
    from scs_sim.case import Case

SCHEMA_KINDS = (
    "case", "lead", "objective", "patient", "population", "program", "result", "results", "search", "sweep",
    "sweep-run", "training-case", "validation",
)  # fmt: skip


@click.command(
    cls=ScsCommand,
    short_help="The built-in cases.",
    examples=(
        ("scs-sim cases", "one line per built-in case"),
        ("scs-sim cases foot", "the story, the leads, the pain and the program of one"),
        ("scs-sim cases --json", "the same for a script"),
    ),
)
@click.argument("names", metavar="[CASE]...", nargs=-1, shell_complete=complete_case)
def cases(names: tuple[str, ...]) -> None:
    """List the built-in cases, or tell one of them in full."""
    from scs_sim.case import builtin_case, builtin_case_ids

    chosen = [builtin_case(name) for name in names or builtin_case_ids()]
    if settings().as_json:
        write_json({"cases": [_case_row(case) for case in chosen]})
    elif names:
        for case in chosen:
            _tell(case)
    else:
        table = _table("case", "", "leads")
        for case in chosen:
            table.add_row(case.id, case.title, ", ".join(_placement(item) for item in case.leads))
        write_rich(table)


def _case_row(case: Case) -> dict[str, Any]:
    from scs_models import files

    plain = files.encode(case)
    plain.pop("notes")
    return {key: value for key, value in plain.items() if key not in ("format", "version")}


def _tell(case: Case) -> None:
    from rich.text import Text

    from scs_models.percept.body_map import load_body_map

    body = load_body_map()
    titles = dict(zip(body.region_ids, (region.title for region in body.regions), strict=True))
    pain = _table("region", "pain", "")
    for region, score in sorted(case.pain.scores.items(), key=lambda item: (-item[1], item[0])):
        pain.add_row(titles[region], f"{score:g}/10", region)
    write_rich(
        Text(f"{case.id}: {case.title}", style="bold"),
        Text(),
        Text(" ".join(case.story.split())),
        Text(),
        *(Text(f"lead {number}: {_placement(item)}") for number, item in enumerate(case.leads, start=1)),
        Text(
            f"program: {case.program.contacts}   {case.program.pulse_width_us:g} us   {case.program.rate_hz:g} Hz"
            f"   {case.program.waveform}"
        ),
        Text(),
        pain,
        Text(),
    )


def _placement(item: LeadPlacement) -> str:
    return f"{item.lead} {item.tip_level}{item.tip_offset_mm:+g} mm, x {item.x_mm:+g} mm"


@click.command(
    cls=ScsCommand,
    short_help="The lead catalogue; checks a lead file of your own.",
    examples=(
        ("scs-sim leads", "the catalogue"),
        ("scs-sim leads paddle-565", "every dimension of one, where it is from, and its contacts"),
        ("scs-sim leads mine.toml", "checks a lead of your own (docs/leads.md) and shows where its contacts lie"),
        ("scs-sim leads --json", "for a script"),
    ),
)
@click.argument("names", metavar="[LEAD|FILE]...", nargs=-1)
def leads(names: tuple[str, ...]) -> None:
    """List the leads of the catalogue, or tell one, or one of your own in a file, in full."""
    from scs_models.leads import catalogue, load_lead

    found = [load_lead(name) for name in names] if names else list(catalogue().values())
    if settings().as_json:
        write_json({"leads": [_lead_row(lead) for lead in found]})
    elif names:
        for lead in found:
            _tell_lead(lead)
    else:
        table = _table("lead", "contacts", "length", "gap", "span", "verified", "similar to")
        for lead in found:
            least, most = min(lead.gap_mm), max(lead.gap_mm)
            table.add_row(
                lead.id,
                "-".join(map(str, lead.column_contacts)),
                f"{lead.contact_length_mm:g}",
                f"{least:g}" if least == most else f"{least:g} to {most:g}",
                f"{lead.span_mm:g}",
                f"{sum(item.verified for item in lead.sources)} of {len(lead.sources)}",
                lead.similar_to,
            )
        write_rich(table)
        write_out(
            "\nLengths in mm; contacts of each column from the patient's left. verified: dimensions that were read in "
            "their\nsource; check the others against the device's manual. One lead in full: scs-sim leads LEAD\n"
        )


def _lead_row(lead: Lead) -> dict[str, Any]:
    from scs_models import files

    plain = {key: value for key, value in files.encode(lead).items() if key not in ("format", "version")}
    places = [{"x_mm": x, "z_mm": z} for x, z in lead.contact_xz_mm.tolist()]
    derived = {"contact_count": lead.contact_count, "span_mm": lead.span_mm, "verified": lead.verified}
    pitch = {} if lead.pitch_mm is None else {"pitch_mm": lead.pitch_mm}
    return plain | derived | pitch | {"contact_area_mm2": round(lead.contact_area_mm2, 6), "contacts": places}


def _tell_lead(lead: Lead) -> None:
    from rich.text import Text

    from scs_models.leads import LEAD_DIMENSIONS

    from_where = {item.dimension: item for item in lead.sources}
    sizes = _table("dimension", "", "verified", "source", "note")
    for name in LEAD_DIMENSIONS[lead.kind]:
        value = getattr(lead, name if name == "column_contacts" else f"{name}_mm")
        shown = ", ".join(map(str, value)) if name == "column_contacts" else _list_mm(value)
        item = from_where.get(name)
        where = ("", "", "") if item is None else ("yes" if item.verified else "no", item.source, item.note)
        sizes.add_row(name.replace("_", " "), shown, *where)
    contacts = _table("contact", "right of the axis", "below the rostral edge")
    for number, (x_mm, z_mm) in enumerate(lead.contact_xz_mm.tolist(), start=1):
        contacts.add_row(str(number), f"{x_mm:g} mm", f"{-z_mm:g} mm")
    facts = f"span {lead.span_mm:g} mm, contact {lead.contact_area_mm2:.3g} mm2"
    sure = f", confidence {lead.confidence}" if lead.confidence else ""
    write_rich(
        Text(f"{lead.id}: {lead.title}", style="bold"),
        Text(f"{lead.kind}, {facts}{sure}" + (f"; similar to {lead.similar_to}" if lead.similar_to else "")),
        Text(),
        sizes,
        Text(),
        contacts,
        Text(),
    )


def _list_mm(value: float | tuple[float, ...]) -> str:
    return ", ".join(f"{item:g}" for item in (value if isinstance(value, tuple) else (value,))) + " mm"


@click.command(
    cls=ScsCommand,
    short_help="Where every number comes from.",
    examples=(
        ("scs-sim sources", "every record of every table with its source, and how many are assumed"),
        ("scs-sim sources --status assumed", "what nobody has measured, or nobody here has read"),
        ("scs-sim sources --table anatomy", "one table"),
        ("scs-sim sources --json", "with the full citations"),
    ),
)
@click.option("--table", "table_name", metavar="NAME", help="Only this table.")
@click.option("--status", type=click.Choice(["published", "derived", "assumed"]), help="Only records of this status.")
def sources(table_name: str | None, status: str | None) -> None:
    """List where every number comes from: table, record, source, status; and count the assumed ones."""
    from scs_models.tables import all_records, read_table
    from scs_models.values import require_one_of
    from scs_sim.document import PACKAGES

    records = all_records(PACKAGES)
    if table_name is not None:
        require_one_of("table", table_name, tuple(dict.fromkeys(record.table for record in records)))
    chosen = [record for record in records if table_name in (None, record.table) and status in (None, record.status)]
    counts = {"assumed": 0, "derived": 0, "published": 0} | Counter(record.status for record in chosen)
    if settings().as_json:
        references = read_table("references")
        rows = [
            {"table": r.table, "path": r.path, "source": r.source, "status": r.status, "note": r.note} for r in chosen
        ]
        used = {row["source"]: dict(references[row["source"]]) for row in rows}
        write_json({"sources": rows, "counts": counts | {"records": len(rows)}, "references": used})
        return
    table = _table("table", "record", "status", "source", "note")
    for record in chosen:
        table.add_row(record.table, record.path, record.status, record.source, record.note)
    summary = ", ".join(f"{counts[name]} {name}" for name in ("published", "derived", "assumed"))
    write_rich(table)
    write_out(f"\n{len(chosen)} records: {summary}. Citations: scs-sim sources --json\n")


@click.command(
    cls=ScsCommand,
    short_help="JSON Schemas of the files; regions of the body map.",
    examples=(
        ("scs-sim schema case", "JSON Schema of case files"),
        ("scs-sim schema --json", "all schemas in one document, by name"),
        ("scs-sim schema --regions", "the regions of the body map that a pain map may name"),
    ),
)
@click.argument("kind", type=click.Choice(SCHEMA_KINDS), required=False)
@click.option("--regions", is_flag=True, help="List the body map's regions instead.")
def schema(kind: str | None, regions: bool) -> None:
    """Print the JSON Schema of a kind of file, or list the kinds."""
    if regions:
        _list_regions()
    elif kind is not None:
        write_json(schema_of(kind))
    elif settings().as_json:
        write_json({name: schema_of(name) for name in SCHEMA_KINDS})
    else:
        write_out("".join(f"scs-sim schema {name}\n" for name in SCHEMA_KINDS))


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of one of SCHEMA_KINDS."""
    from scs_models import files
    from scs_models.leads import Lead
    from scs_sim.case import Case
    from scs_sim.document import ResultDocument, ResultsDocument
    from scs_sim.objective import Objective
    from scs_sim.patient import Patient
    from scs_sim.population_document import PopulationDocument
    from scs_sim.program import Program
    from scs_sim.search.document import SearchDocument
    from scs_sim.sweep.describe import SweepRunDocument
    from scs_sim.sweep.plan import SweepPlan
    from scs_sim.training.case import TrainingCase
    from scs_sim.validate.rows import ValidationDocument

    kinds = {
        "case": Case,
        "lead": Lead,
        "objective": Objective,
        "patient": Patient,
        "population": PopulationDocument,
        "program": Program,
        "result": ResultDocument,
        "results": ResultsDocument,
        "search": SearchDocument,
        "sweep": SweepPlan,
        "sweep-run": SweepRunDocument,
        "training-case": TrainingCase,
        "validation": ValidationDocument,
    }
    return files.json_schema(kinds[kind])


def _list_regions() -> None:
    from scs_models.percept.body_map import load_body_map

    regions = load_body_map().regions
    if settings().as_json:
        names = ("id", "title", "side", "view", "choir", "area_mm2")
        write_json({"regions": [{name: getattr(region, name) for name in names} for region in regions]})
        return
    table = _table("region", "", "view", "CHOIR")
    for region in sorted(regions, key=lambda item: item.id):
        table.add_row(region.id, region.title, region.view, region.choir)
    write_rich(table)


def _table(*headers: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for index, header in enumerate(headers):
        table.add_column(header, style="cyan" if index == 0 else "", overflow="fold", no_wrap=index == 0)
    return table
