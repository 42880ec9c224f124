"""Fixtures of the simulator's tests: the command line in this process, and made-up results instead of the model."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cli_helpers import Runner
from example_result import example_result


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runner:
    """Return the command line, with a cache directory and a working directory of its own."""
    monkeypatch.setenv("SCS_SIM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR", "SCS_SIM_CACHE_LIMIT_GB", "SCS_SIM_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Runner(capsys)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every Request answer with made-up figures at once: these tests judge what is printed, not the model."""
    from scs_sim.simulate import Request

    def answer(self: Request, progress: Callable[[float, str], None] | None = None) -> object:
        if progress is not None:
            progress(0.0, "0 of 1 kernels built; now T9")
            progress(1.0, "1 of 1 kernels built")
        return example_result(self.case, self.program, self.amplitude_ma)

    monkeypatch.setattr(Request, "__call__", answer)
