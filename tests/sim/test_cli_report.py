"""`scs-sim report`: the page on standard output or in a file, the card, errors with their exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_helpers import Runner

from scs_sim import DISCLAIMER

pytestmark = pytest.mark.usefixtures("made_up")


def test_the_page_goes_to_standard_output(run: Runner):
    done = run("report", "foot", "--date", "21 November 2026", "--name", "Sole")
    assert done.code == 0
    assert done.out.startswith("<!DOCTYPE html>")
    assert "<title>Sole: " in done.out
    assert "21 November 2026" in done.out
    assert DISCLAIMER in done.out


def test_a_file_is_written_and_told(run: Runner, tmp_path: Path):
    path = tmp_path / "Bericht µ.html"
    done = run("report", "foot", "--amplitude-ma", "1.25", "--card", "-o", str(path))
    assert (done.code, done.out) == (0, "")
    assert "written" in done.err
    page = path.read_text(encoding="utf-8")
    assert "PROGRAM CARD" in page
    assert "1.25" in page


def test_the_same_question_gives_the_same_page(run: Runner):
    one, other = (run("report", "foot", "--date", "today").out for _ in range(2))
    assert one == other


def test_json_says_where_or_holds_the_page(run: Runner, tmp_path: Path):
    path = str(tmp_path / "r.html")
    assert run("report", "foot", "-o", path, "--json").document == {"case": "foot", "file": path}
    assert run("report", "foot", "--json").document["html"].startswith("<!DOCTYPE html>")


def test_wrong_words_and_places_are_told(run: Runner, tmp_path: Path):
    assert run("report", "nobody").code == 2
    assert run("report", "foot", "--contacts", "1.3- 1.99+").code == 2
    done = run("report", "foot", "-o", str(tmp_path / "nowhere" / "r.html"))
    assert done.code == 1
    assert "cannot be written" in done.err
