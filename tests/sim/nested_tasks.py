"""Tasks that start tasks themselves; a module of their own so that worker processes can import them."""

from __future__ import annotations

import os
from dataclasses import dataclass

from scs_sim.processes import Report, run_all


@dataclass(frozen=True)
class Square:
    """Returns its process and the square of a number, told half way."""

    number: int

    def __call__(self, report: Report, /) -> tuple[int, int]:
        report(1, 2)
        return os.getpid(), self.number**2


@dataclass(frozen=True)
class Outer:
    """Lets `run_all` square some numbers; returns its own process, the answers by place and the fractions told."""

    count: int

    def __call__(self, report: Report, /) -> tuple[int, dict[int, tuple[int, int]], list[float]]:
        answers: dict[int, tuple[int, int]] = {}
        told: list[float] = []
        run_all(
            [Square(number) for number in range(self.count)],
            workers=2,
            on_progress=lambda _place, fraction: told.append(fraction),
            on_done=answers.__setitem__,
        )
        return os.getpid(), answers, told
