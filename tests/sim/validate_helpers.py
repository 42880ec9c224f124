"""Small protocols and measures for the tests of the literature rerun, and its runner without processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scs_models.errors import InvalidValueError
from scs_sim.validate.figures import Computed, Figures
from scs_sim.validate.protocol import Loaded, protocol_from_text

CALLS: list[str] = []


@dataclass(frozen=True, slots=True)
class Constant(Computed):
    """A measure that gives what it was told, notes that it was called, and fails where it is told to."""

    name: str
    share: float
    fails: bool = False

    def __call__(self, conductivities: str) -> Figures:
        """Return the share."""
        CALLS.append(f"{self.name} {conductivities}")
        if self.fails:
            raise InvalidValueError("share is wrong; it must be right")
        return {"share": self.share}


def text_of(name: str, *, share: float = 0.5, more: str = "", simulated: str = "", kind: str = "prediction") -> str:
    """Return a protocol that passes for a share from 0 to 1; `more` and `simulated` are further lines."""
    return f"""
id = "{name}"
title = "row {name}"
serves = ["other"]
source = "HE94"
published = "0 to 1"
measured = "made up"
kind = "{kind}"
expectation = "pass"
measure = "constant"
shown = "{{share:.1f}}"
{more}

[simulated]
name = "{name}"
share = {share}
{simulated}

[pass_line]
words = "between 0 and 1"

[[pass_line.bounds]]
figure = "share"
low = 0.0
high = 1.0
"""


def loaded(name: str, **options: Any) -> Loaded:
    """Return a protocol as `load_protocols` does."""
    text = text_of(name, **options)
    return Loaded(protocol_from_text(name, text), text)


def one_by_one(
    tasks: Sequence[Callable[[Callable[[int, int], None]], object]],
    *,
    workers: int,
    on_progress: Callable[[int, float], None],
    on_done: Callable[[int, Any], None],
) -> None:
    """Do what `run_all` does in this process, one task after the other."""
    for index, task in enumerate(tasks):
        on_done(index, task(lambda done, total, index=index: on_progress(index, done / total)))
