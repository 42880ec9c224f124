"""What a run of a sweep did."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: evaluations of the sweep, chunks in all and those found finished, kernels it had to build.

    written and put_aside are paths; seconds are not here, on purpose: the same run gives the same outcome.
    """

    evaluations_count: int
    chunks_count: int
    resumed_count: int
    kernels_count: int
    written: tuple[str, ...]
    put_aside: tuple[str, ...]
