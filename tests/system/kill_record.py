"""Where the runs of 200 kills leave what they found: docs/data/kill_NAME.json, told in docs/reliability.md."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def started() -> dict[str, str]:
    """Return date, commit and machine at the start of a run."""
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip(),
        "python": sys.version.split()[0],
        "system": sys.platform,
    }


def record(name: str, command: str, start: dict[str, str], facts: dict[str, int]) -> None:
    """Write what a run found."""
    target = ROOT / "docs" / "data" / f"kill_{name}.json"
    target.write_text(json.dumps({"command": command} | start | facts, indent=2) + "\n", encoding="utf-8")
