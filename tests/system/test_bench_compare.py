"""`scs-sim bench compare` on real commits of a repository of its own: itself, a slowed kernel, one that raises."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scs_sim.cli import main

ROOT = Path(__file__).parents[2]
SCENARIO = ("--only", "nominal_size", "--quick")  # needs no kernels
# The same thresholds, found four times over: work, not sleep, because the stage is judged by CPU time.
SLOWED = """

_once = thresholds


def thresholds(field, weights, pulse_width_us, waveform):
    for _ in range(3):
        _once(field, weights, pulse_width_us, waveform)
    return _once(field, weights, pulse_width_us, waveform)
"""
RAISES = '\n\ndef thresholds(field, weights, pulse_width_us, waveform):\n    raise ValueError("broken on purpose")\n'

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("git") is None and os.environ.get("SCS_SIM_REQUIRE_GIT") != "1", reason="git is missing"
    ),
]


def git(folder: Path, *words: str) -> None:
    own = ("-c", "user.name=scs-sim tests", "-c", "user.email=tests@example.invalid", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *own, *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with the code as it stands, tagged `base`, and two commits upon it: `slowed`, `raises`."""
    folder = tmp_path_factory.mktemp("Rückenmark im Vergleich")
    ignored = shutil.ignore_patterns("__pycache__")
    for place in ("scs_sim", "models/scs_models"):
        shutil.copytree(ROOT / place, folder / place, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "The code as it stands")
    git(folder, "tag", "base")
    kernel = folder / "models" / "scs_models" / "recruitment.py"
    text = kernel.read_text(encoding="utf-8")
    for name, more in (("slowed", SLOWED), ("raises", RAISES)):
        kernel.write_text(text + more, encoding="utf-8")
        git(folder, "commit", "--quiet", "--all", "--message", f"The kernel, {name}")
        git(folder, "tag", name)
    kernel.write_text(text, encoding="utf-8")  # the files are not what is compared: the commits are
    return folder


def compared(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str
) -> tuple[int, str]:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")
    capsys.readouterr()
    code = main(["--quiet", "bench", "compare", *words, *SCENARIO])
    return code, capsys.readouterr().out


def test_a_commit_passes_against_itself(capsys, monkeypatch, repository):
    code, text = compared(capsys, monkeypatch, repository, "base", "base")
    assert code == 0, text
    assert text.count(" same\n") == 2


def test_a_deliberately_slowed_kernel_fails(capsys, monkeypatch, repository):
    code, text = compared(capsys, monkeypatch, repository, "base", "slowed")
    assert code == 4, text
    assert "FAILS: nominal_size: thresholds of one program: slower" in text
    assert text.count("FAILS: ") == 1  # a batch goes another way, which was not touched


def test_a_scenario_that_raises_on_head_fails_and_on_base_is_told(capsys, monkeypatch, repository):
    code, text = compared(capsys, monkeypatch, repository, "base", "raises", "--rounds", "1")
    assert code == 4
    assert "FAILS: nominal_size fails on head: in thresholds of one program: ValueError: broken on purpose" in text
    code, text = compared(capsys, monkeypatch, repository, "raises", "base", "--rounds", "1")
    assert code == 4
    assert "nominal_size fails on base: in thresholds of one program: ValueError: broken on purpose" in text
    assert "FAILS: nothing could be compared" in text


def test_nothing_is_left_in_the_repository(capsys, monkeypatch, repository):
    git(repository, "diff", "--quiet", "base")
    listed = subprocess.run(
        ["git", "-C", str(repository), "worktree", "list"], capture_output=True, text=True, check=True
    )
    assert len(listed.stdout.splitlines()) == 1
