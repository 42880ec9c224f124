"""Where the runs of 200 kills leave what they found: docs/data/kill_NAME.json, told in docs/reliability.md."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def record(name: str, command: str, facts: dict[str, int | float | str]) -> None:
    """Write the facts of one run with its date, commit and machine."""
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    document = {
        "command": command,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": commit.stdout.strip(),
        "python": sys.version.split()[0],
        "system": sys.platform,
    } | facts
    target = ROOT / "docs" / "data" / f"kill_{name}.json"
    target.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
