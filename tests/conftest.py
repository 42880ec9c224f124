"""Shared by all tests: directories of the test run's own for kernels (kept between runs) and state; prepared cases."""

from __future__ import annotations

import os
import signal

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: many small products, and workers of their own

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # run in the background: children would ignore it too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.setdefault("SCS_SIM_CACHE_DIR", str(Path(config.rootpath) / ".pytest_cache" / "kernels"))
    os.environ["SCS_SIM_STATE_DIR"] = str(Path(config.rootpath) / ".pytest_cache" / "state")  # never the user's own


@cache
def _prepared(case_id: str):
    from scs_sim.case import builtin_case
    from scs_sim.setting import prepare

    return prepare(builtin_case(case_id))


@pytest.fixture(scope="session")
def prepared() -> Callable[[str], object]:
    """Return a function from the id of a built-in case to its Setting; settings are made once per run."""
    return _prepared
