"""Puts the table of benchmarks into docs/benchmarks.md: python benchmarks/table.py [RUN.json]

Measures everything (some minutes, on a machine with nothing else running), or takes a file of `scs-sim bench --json`.
Times cannot be compared with those of another machine, so docs/build.py --check leaves this table alone.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from scs_models import files
from scs_sim.bench.document import BenchDocument
from scs_sim.bench.markdown import markdown_table

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BLOCK = re.compile(r"(<!-- begin benchmarks -->\n).*?(<!-- end benchmarks -->)", re.S)


def measured() -> BenchDocument:
    """Return a run of every scenario, measured now."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.json"
        command = [sys.executable, "-m", "scs_sim", "bench", "run", "--format", "json", "-o", str(path)]
        subprocess.run(command, check=True)
        return files.read_value(BenchDocument, path)


def main(words: list[str]) -> int:
    """Write the table of the run in the file that `words` names, else of one measured now."""
    run = files.read_value(BenchDocument, words[0]) if words else measured()
    page = PAGE.read_text(encoding="utf-8")
    if run.quick or not BLOCK.search(page):
        print("the table is of full runs, and stands between <!-- begin benchmarks --> and its end", file=sys.stderr)
        return 1
    table = markdown_table(run)
    files.write_text(PAGE, BLOCK.sub(lambda match: f"{match[1]}{table}{match[2]}", page))
    print(f"{PAGE.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
