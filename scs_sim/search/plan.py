"""Plan: the bounds of a search, once its request is found sound."""

from __future__ import annotations

from dataclasses import dataclass

from scs_sim.case import Case
from scs_sim.limit_profiles import LimitProfile
from scs_sim.objective import Objective
from scs_sim.program import Area


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The bounds of a search: what SearchRequest asks, in what the limit profile allows.

    template: rate and waveform of every program; pulse_widths_us are screened, refined_widths_us those that the
    refinement may choose among; notes: what was bent.
    """

    case: Case
    objective: Objective
    profile: str
    limits: LimitProfile
    template: Area
    pulse_widths_us: tuple[float, ...]
    refined_widths_us: tuple[float, ...]
    max_active: int
    areas_count: int
    top_count: int
    population_count: int
    seed: int
    threads: int | None
    notes: tuple[str, ...]
