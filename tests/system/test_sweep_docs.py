"""The example of docs/sweep.md prints what the page shows; `python tests/system/test_sweep_docs.py` writes it anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "sweep.md"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def printed(*words: str, folder: Path) -> str:
    """Return what `python WORDS` prints in `folder`, 100 columns wide."""
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())


def blocks(text: str) -> dict[str, str]:
    """Return what the plan and the Python of the page print now."""
    (plan,), (script,) = (re.findall(rf"```{kind}\n(.*?)```", text, re.S) for kind in ("toml", "python"))
    (command,) = re.findall(r"^scs-sim (sweep plan\.toml -o out\.zarr --csv out\.csv)$", text, re.M)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "plan.toml").write_text(plan, encoding="utf-8")
        page = printed("-m", "scs_sim", "--quiet", *command.split(), folder=folder)
        return {"page": page, "python": printed("-c", script, folder=folder)}


def replaced(text: str, name: str, made: str) -> str:
    fenced = f"\\1```text\n{made}\n```\n\\2"
    return re.sub(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", fenced, text, flags=re.S)


@pytest.mark.slow
def test_the_example_prints_what_the_page_shows():
    if find_spec("xarray") is None or find_spec("pandas") is None:
        required = os.environ.get("SCS_SIM_REQUIRE_SWEEP") == "1"
        (pytest.fail if required else pytest.skip)("the example of docs/sweep.md needs the extra [sweep]")
    text = PAGE.read_text(encoding="utf-8")
    for name, made in blocks(text).items():
        (shown,) = re.findall(rf"<!-- begin {name} -->\n```text\n(.*?)\n```", text, re.S)
        assert NUMBER.sub("#", shown).split() == NUMBER.sub("#", made).split()
        for old, new in zip(NUMBER.findall(shown), NUMBER.findall(made), strict=True):
            assert abs(float(old) - float(new)) <= 0.02 * abs(float(new)) + 0.1, (old, new)


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    for block, text in blocks(page).items():
        page = replaced(page, block, text)
    PAGE.write_text(page, encoding="utf-8", newline="\n")
