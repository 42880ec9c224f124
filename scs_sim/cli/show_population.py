"""A population as a page for the terminal: bands of the figures and of the painful regions."""

from __future__ import annotations

import sys

from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from scs_sim import DISCLAIMER
from scs_sim.cli.framework import can_draw
from scs_sim.population import Band, PopulationResult

_TITLES = {
    "pain_covered_percent": ("painful area covered", "%"),
    "pain_covered_by_score_percent": ("the same by pain score", "%"),
    "worst_region_percent": ("worst region", "%"),
    "unwanted_of_felt_percent": ("unwanted, of what is felt", "%"),
    "amplitude_ma": ("amplitude", "mA"),
    "pt_ma": ("perception PT", "mA"),
    "comfort_ma": ("comfort", "mA"),
    "dt_ma": ("discomfort DT", "mA"),
    "usage_ratio": ("DT/PT", ""),
}
_FROM = {"given": "as given", "program": "the program's own", "comfort": "each patient's comfort"}


def population_page(result: PopulationResult) -> tuple[RenderableType, ...]:
    """Return the whole page."""
    known = ", ".join(result.known) or "nothing"
    measured = "" if result.measured_pt_ma is None else f"; gain set by a measured PT of {result.measured_pt_ma:g} mA"
    rule = Rule(
        Text(f"{result.case_title} ", style="bold"),
        align="left",
        characters="─" if can_draw(sys.stdout) else "-",
        style="dim",
    )
    return (
        rule,
        Text(f"{result.case_id}, {result.posture}; {result.count} patients, seed {result.seed}", style="dim"),
        Text(f"{result.contacts}   amplitude: {_FROM[result.amplitude_from]}", style="cyan"),
        *([Text(f"Forbidden: {result.forbidden}.", style="bold red")] if result.forbidden else []),
        Text(f"Known of this patient, so kept: {known}{measured}."),
        *([Text(_agreeing(result))] if result.agreeing < result.count else []),
        Text(),
        Text("90 % of the patients lie between", style="bold"),
        _bands(result.bands),
        Text(
            f"{result.passes_percent:.0f} % of the patients are above the pass line of {result.pass_line_percent:g} %."
        ),
        Text(),
        Text("Painful regions, felt share; the least covered first", style="bold"),
        _regions(result),
        Text(),
        Text(DISCLAIMER, style="italic dim"),
    )


def _agreeing(result: PopulationResult) -> str:
    return f"{result.agreeing} of {result.count} patients drawn can have that threshold; the others do not count."


def _table(*headers: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for index, header in enumerate(headers):
        table.add_column(header, justify="right" if index else "left")
    return table


def _bands(bands: tuple[Band, ...]) -> Table:
    table = _table("  ", "5 %", "median", "95 %", "")
    for band in bands:
        title, unit = _TITLES[band.name]
        digits = 0 if unit == "%" else 2
        figures = [f"{value:.{digits}f}" if band.patients else "-" for value in (band.low, band.middle, band.high)]
        table.add_row(f"  {title}", *figures, unit)
    return table


def _regions(result: PopulationResult) -> Table:
    table = _table("  region", "5 %", "median", "95 %", "felt at all in")
    for region in result.regions:
        shares = (region.low_percent, region.middle_percent, region.high_percent)
        table.add_row(f"  {region.title}", *(f"{share:.0f} %" for share in shares), f"{region.felt_in_percent:.0f} %")
    return table
