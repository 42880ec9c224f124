"""The README's Python, run word for word, prints what the README says it prints; its first screen has what it must."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    match = re.search(rf"<!-- begin {name} -->\n```text\n(.*?)\n```\n<!-- end {name} -->", README, re.S)
    assert match is not None, name
    return match[1]


def test_the_python_of_the_readme_prints_what_it_says(tmp_path):
    code = re.search(r"```python\n(.*?)```", README, re.S)[1]
    assert len([line for line in code.splitlines() if line.strip()]) == 8
    script = tmp_path / "snippet.py"
    script.write_text("if __name__ == '__main__':\n" + "".join(f"    {line}\n" for line in code.splitlines()), "utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr
    expected = block("python-output")
    assert re.sub(r"\d+\.?\d*", "#", done.stdout.strip()) == re.sub(r"\d+\.?\d*", "#", expected.strip())
    for found, written in zip(re.findall(r"\d+\.?\d*", done.stdout), re.findall(r"\d+\.?\d*", expected), strict=True):
        assert float(found) == pytest.approx(float(written), rel=0.02, abs=1.0 if "." not in written else 0.011)


@pytest.mark.parametrize("words", ["never pain relief", "not for patient care", "python3-venv", "docs/pictures/"])
def test_the_first_screen_says_what_it_must(words):
    assert words in README[:3500]


def test_every_linked_page_exists():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
