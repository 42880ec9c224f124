"""Running the command line inside the test process."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from scs_sim.cli import main

ANSI = re.compile(r"\x1b\[")


@dataclass(frozen=True)
class Run:
    """What one call of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Return standard output as the one JSON document it must be."""
        document = json.loads(self.out)
        assert self.out == json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        return document


class Runner:
    """Calls `main` and collects both streams."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *args: str) -> Run:
        """Return what `scs-sim ARGS` does; no traceback is ever right."""
        self.capsys.readouterr()
        code = main(args)
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        assert not ANSI.search(out + err)
        return Run(code, out, err)
