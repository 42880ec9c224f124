"""Makes what docs/search.md and README.md show of searches: python docs/make_search.py [--check | --reuse] [CASE ...]

Searches the built-in cases (or those named, and keeps what is stored of the others) with the default objective, keeps
figures and one page in data/search.json, and writes the blocks from them. --reuse writes the blocks of what is stored;
--check compares blocks and stored figures, and searches one case anew: points and shares must agree to 2 %. Contacts
may differ on another processor, where two programs are as good as each other.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from build import replaced, scs_sim

import scs_sim as product
from scs_models import files
from scs_sim.case import builtin_case, builtin_case_ids
from scs_sim.document import tables_sha256
from scs_sim.objective import builtin_objective
from scs_sim.search.judge import Judge
from scs_sim.search.space import geometry_of
from scs_sim.search.variants import prepare_moved
from scs_sim.setting import prepare

HERE = Path(__file__).parent
DATA = HERE / "data" / "search.json"
SHOWN = "foot"
PAGE_COMMAND = ("search", SHOWN, "--top", "1")
CHECKED = ("start_points", "points", "covered_percent")


def row_of(case_id: str) -> dict[str, Any]:
    """Return the figures of one search: starting program, its contacts at their best amplitude, best suggestion."""
    began_s = time.perf_counter()
    found = json.loads(scs_sim("search", case_id, "--json"))
    lasted_s = time.perf_counter() - began_s
    start, best = found["start"], found["suggestions"][0]
    return {
        "case": case_id,
        "start": start["point"]["contacts"],
        "start_points": round(start["point"]["score"], 2),
        "start_covered_percent": round(start["coverage"]["pain_covered_by_score_percent"], 1),
        "dialled_points": dialled_points(case_id),
        "best": best["point"]["contacts"],
        "amplitude_ma": best["point"]["amplitude_ma"],
        "pulse_width_us": best["point"]["pulse_width_us"],
        "points": round(best["point"]["score"], 2),
        "covered_percent": round(best["coverage"]["pain_covered_by_score_percent"], 1),
        "screened": found["screened"],
        "seconds": round(lasted_s, 1),
        "date": date.today().isoformat(),
        "version": product.__version__,
        "tables_sha256": tables_sha256(),
        "machine": f"{os.cpu_count()} processors, {platform.machine()}",
    }


def dialled_points(case_id: str) -> float | None:
    """Return the points of the starting contacts and pulse width at their best amplitude, None where none will do."""
    case = builtin_case(case_id)
    moved, _ = prepare_moved(case, lambda fraction, what: None)
    judge = Judge(prepare(case), case, builtin_objective(), "", geometry_of(case).x_mm)
    [found] = replace(judge, moved=moved).best([case.program], ["start"], "start")
    return None if found is None else round(found.score, 2)


def cases_block(data: dict[str, Any]) -> str:
    """Return the table of the built-in cases."""
    lines = [
        "| case | starting program | its points, pain covered | its contacts at their best amplitude | best found"
        " | points, pain covered | gain | screened | time |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in data["rows"]:
        dialled = "none will do" if row["dialled_points"] is None else f"{row['dialled_points']:.1f}"
        lines.append(
            f"| {row['case']} | {row['start']} | {row['start_points']:.1f}, {row['start_covered_percent']:.0f} %"
            f" | {dialled} | {row['best']}, {row['amplitude_ma']:.2f} mA, {row['pulse_width_us']:g} us"
            f" | {row['points']:.1f}, {row['covered_percent']:.0f} % | {row['points'] - row['start_points']:+.1f}"
            f" | {row['screened']} | {row['seconds']:.0f} s |"
        )
    runs = dict.fromkeys(
        f"{row['date']}, scs-sim {row['version']}, tables {row['tables_sha256'][:12]}, {row['machine']}"
        for row in data["rows"]
    )
    lines += [
        "",
        f"`python docs/make_search.py`, {'; '.join(runs)}. Times are of whole commands, whatever else ran.",
    ]
    return "\n".join(lines)


def page_block(data: dict[str, Any]) -> str:
    """Return the page of one search, for the README."""
    return f"```text\n{data['page'].rstrip()}\n```"


def search_cases(case_ids: Sequence[str]) -> None:
    """Search some built-in cases now and store each as soon as it is found; rows of other tables are dropped."""
    data = json.loads(DATA.read_text(encoding="utf-8")) if DATA.exists() else {}
    rows = {row["case"]: row for row in data.get("rows", ()) if row["tables_sha256"] == tables_sha256()}
    for case_id in case_ids:
        rows[case_id] = row_of(case_id)
        if case_id == SHOWN:
            data["page"] = scs_sim(*PAGE_COMMAND)
        data["rows"] = [rows[name] for name in builtin_case_ids() if name in rows]
        files.write_text(DATA, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        print(f"{case_id}: {rows[case_id]['points']:.1f} points", file=sys.stderr, flush=True)


def wrong_figures(data: dict[str, Any]) -> list[str]:
    """Search one case anew and return where its stored figures are no longer so."""
    [stored] = [row for row in data["rows"] if row["case"] == SHOWN]
    now = row_of(SHOWN)
    return [
        f"docs/data/search.json: {SHOWN}: {name} is {stored[name]}, now {now[name]}"
        for name in CHECKED
        if abs(now[name] - stored[name]) > 0.02 * abs(stored[name])
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--reuse", action="store_true", help="take the figures as last stored")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="built-in cases to search; default: all")
    arguments = parser.parse_args()
    if not arguments.check and not arguments.reuse:
        search_cases(arguments.cases or builtin_case_ids())
    if not DATA.exists():
        raise SystemExit(f"{DATA.name} is missing: run python docs/make_search.py")
    data = json.loads(DATA.read_text(encoding="utf-8"))
    wrong = wrong_figures(data) if arguments.check else []
    blocks = {"docs/search.md": ("search-cases", cases_block(data)), "README.md": ("search", page_block(data))}
    for name, (block, text) in blocks.items():
        path = HERE.parent / name
        page = path.read_text(encoding="utf-8")
        new = replaced(page, block, text)
        if new != page and arguments.check:
            wrong.append(f"{name}: block {block!r} is not that of docs/data/search.json")
        elif new != page:
            files.write_text(path, new)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
