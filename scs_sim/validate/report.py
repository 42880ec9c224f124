"""The report as a page: words that the terminal, the HTML page and the documents share, and the HTML itself."""

from __future__ import annotations

from importlib.resources import files as package_files

from scs_sim import DISCLAIMER
from scs_sim.validate.rows import Row, ValidationDocument


def verdict_words(row: Row) -> str:
    """Return the verdict for a person: a miss says whether it is new."""
    return "miss (new)" if row.is_new_miss else row.verdict


def spread_words(row: Row) -> str:
    """Return the spread over the conductivity sets in words, "" where there is none."""
    if not row.spread:
        return ""
    values = [item.value for item in row.spread if item.value is not None]
    if not values:
        return "none"
    each = ", ".join(
        f"{item.conductivities} {'-' if item.value is None else f'{item.value:.3g}'}" for item in row.spread
    )
    return f"{row.spread_figure} {min(values):.3g} to {max(values):.3g} ({each})"


def reason_words(row: Row) -> str:
    """Return why a row is what it is: an error, a missing fact, the explanation of a miss, a note on a pass."""
    return row.error or row.missing_fact or row.why


def counts_words(document: ValidationDocument) -> str:
    """Return the counts of the verdicts in one line."""
    counts = document.counts
    comparable = counts["rows"] - counts["not comparable"]
    listed = sum(row.verdict == "miss" and row.is_listed for row in document.rows)
    parts = [
        f"{counts['rows']} rows, {comparable} with a pass line: {counts['pass']} pass",
        f"{counts['miss']} miss ({counts['miss'] - listed} of them new)",
        f"{counts['expected miss']} miss as expected beforehand",
        f"{counts['not comparable']} not comparable",
    ]
    if counts["failed"]:
        parts.append(f"{counts['failed']} could not be computed")
    return ", ".join(parts) + "."


def kernels_words(document: ValidationDocument) -> str:
    """Return what the run had to build."""
    kernels = document.kernels
    return (
        f"Rows computed now need the kernels of {kernels.needed} sections; {kernels.built} were built"
        f" ({kernels.build_s:.0f} s)."
    )


def html_page(document: ValidationDocument) -> str:
    """Return the report as one self-contained HTML page: no script, nothing from the network."""
    from jinja2 import Environment, StrictUndefined

    template = package_files("scs_sim.validate").joinpath("report.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        document=document,
        rows=[
            {
                "row": row,
                "verdict": verdict_words(row),
                "css": row.verdict.replace(" ", "-"),
                "spread": spread_words(row),
                "reason": reason_words(row),
            }
            for row in document.rows
        ],
        counts=counts_words(document),
        kernels=kernels_words(document),
        disclaimer=DISCLAIMER,
    )


def markdown_table(document: ValidationDocument) -> str:
    """Return all rows as a Markdown table, misses first."""
    lines = [
        "| target | published | ours | spread over conductivities | verdict | kind | source; why |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in document.rows:
        note = "; ".join(part for part in (row.source, row.differs, reason_words(row)) if part)
        cells = (row.title, row.published, row.ours, spread_words(row), verdict_words(row), row.kind, note)
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines)
