"""How far the search is from the best that is known: python benchmarks/search_gap.py [--write] [--restarts N]

Rivals that share `simulate` and the objective with the search, no more (tests/sim/rivals.py), look for better programs:
brute force over one lead of four contacts, random restarts over two leads. --write puts the table into docs/search.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

import scs_sim
from scs_models.leads import catalogue
from scs_sim.case import Case, builtin_case
from scs_sim.objective import builtin_objective
from scs_sim.program import Program
from scs_sim.search.request import SearchRequest
from scs_sim.setting import prepare

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "sim"))

from rivals import Field, brute_force, random_restarts

PAGE = Path(__file__).resolve().parent.parent / "docs" / "search.md"
BEGIN, END = "<!-- begin search-gap -->", "<!-- end search-gap -->"
PROFILE = "multi-source"
OBJECTIVE = replace(builtin_objective(), robust_covered_percent=0.0)
ROWS_COUNT = 5
WIDTHS_US = (150.0, 250.0, 400.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: what was searched, the rival, its best points and the search's, and what each looked at."""

    where: str
    rival: str
    rival_points: float
    search_points: float
    rival_program: str
    search_program: str


def one_lead_of_four(case_id: str) -> Case:
    """Return a built-in case with its first lead cut down to four contacts."""
    case = builtin_case(case_id)
    placement = case.leads[0]
    own = replace(catalogue()[placement.lead], id="four", title="four contacts", column_contacts=(4,))
    program = replace(case.program, contacts="1.1- 1.2+", amplitude_ma=None)
    return replace(case, own_leads=(own,), leads=(replace(placement, lead="four"),), program=program)


def against_brute_force(case_id: str, step_percent: int, widths_us: tuple[float, ...]) -> Row:
    """Return the comparison on one lead of four contacts, every contact allowed."""
    case = one_lead_of_four(case_id)
    field = Field(prepare(case), case, OBJECTIVE, PROFILE)
    points, program, count = brute_force(field, step_percent, widths_us, 4)
    found = SearchRequest(case, OBJECTIVE, PROFILE, max_active=4, pulse_widths_us=widths_us)().suggestions[0]
    rival = f"all {count:,} programs with shares in steps of {step_percent} %, {len(widths_us)} pulse width(s)"
    where = f"{case_id}, one lead of four contacts"
    return Row(where, rival, points, field.points(found.program), _told(program), _told(found.program))


def against_restarts(case_id: str, restarts: int, rounds: int) -> Row:
    """Return the comparison on a case's own leads, five contacts at most, at the pulse width of its program."""
    case = builtin_case(case_id)
    width_us = case.program.pulse_width_us
    field = Field(prepare(case), case, OBJECTIVE, PROFILE)
    points, program = random_restarts(field, restarts, rounds, width_us, 5, seed=1)
    found = SearchRequest(case, OBJECTIVE, PROFILE, max_active=5, pulse_widths_us=(width_us,))().suggestions[0]
    rival = f"{restarts} random restarts of {rounds} rounds (median {np.median(points):.1f})"
    return Row(
        f"{case_id}, its own leads",
        rival,
        float(points.max()),
        field.points(found.program),
        _told(program),
        _told(found.program),
    )


def _told(program: Program) -> str:
    return f"{program.contacts}, {program.pulse_width_us:g} us, {program.amplitude_ma:g} mA"


def row_of(place: int, restarts: int, rounds: int) -> Row:
    """Return one comparison of the page."""
    if place < 3:
        return against_brute_force(
            *(("foot", 25, WIDTHS_US), ("foot", 10, (250.0,)), ("low-back", 10, (450.0,)))[place]
        )
    return against_restarts(("low-back", "back-and-left-leg")[place - 3], restarts, rounds)


def rows(restarts: int, rounds: int, at_once: int) -> list[Row]:
    """Return every comparison of the page, each made by a process of its own."""

    def made(place: int) -> Row:
        words = (sys.executable, __file__, "--row", str(place), "--restarts", str(restarts), "--rounds", str(rounds))
        row = Row(**json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout))
        print(f"{row.where}: {row.rival}: {row.rival_points:.2f}; search {row.search_points:.2f}", flush=True)
        return row

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(made, range(ROWS_COUNT)))


def page_of(found: list[Row], lasted_s: float) -> str:
    """Return the table with where and when it was made."""
    lines = [
        "| searched | rival | rival's best | search's best | gap |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in found:
        gap = row.search_points - row.rival_points
        lines.append(
            f"| {row.where} | {row.rival} | {row.rival_points:.2f}: {row.rival_program} |"
            f" {row.search_points:.2f}: {row.search_program} | {gap:+.2f} |"
        )
    where = f"{platform.machine()}, {os.cpu_count()} processors"
    lines += [
        "",
        f"Points of the objective `balanced` without robustness, limit profile {PROFILE}; a gap below 0 is what the"
        f" search missed. `python benchmarks/search_gap.py --write`, {date.today().isoformat()},"
        f" scs-sim {scs_sim.__version__}, {where}, {lasted_s / 60.0:.0f} minutes.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table; with --write, put it into docs/search.md too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/search.md")
    parser.add_argument("--restarts", type=int, default=200, metavar="N", help="random restarts (default 200)")
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help="rounds of each restart (default 20)")
    parser.add_argument("--row", type=int, choices=range(ROWS_COUNT), help="print one comparison as JSON")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="processes (default: one a processor)")
    given = parser.parse_args()
    if given.row is not None:
        print(json.dumps(asdict(row_of(given.row, given.restarts, given.rounds))))
        return
    began_s = time.monotonic()
    found = rows(given.restarts, given.rounds, given.at_once)
    table = page_of(found, time.monotonic() - began_s)
    print(table)
    if given.write:
        page = PAGE.read_text(encoding="utf-8")
        head, rest = page.split(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
