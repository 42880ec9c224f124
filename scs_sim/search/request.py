"""SearchRequest: the question which programs are best for a case, and the bounds within which they are looked for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from scs_models.errors import InvalidValueError
from scs_models.fibres.waveforms import burst
from scs_models.tables import read_table
from scs_models.values import require_between
from scs_sim import limit_profiles
from scs_sim.case import Case
from scs_sim.describe import why_forbidden
from scs_sim.limits import paresthesia_applicable
from scs_sim.objective import Objective, builtin_objective
from scs_sim.program import AREA_NAMES, Area
from scs_sim.search.plan import Plan
from scs_sim.search.result import SearchResult
from scs_sim.search.run import course
from scs_sim.search.space import geometry_of
from scs_sim.setting import Progress

ACTIVE_HIGH, TOP_HIGH = 16, 50


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One question: the best programs of a case by an objective, dialled as a limit profile ("": none) allows.

    Rate and waveform are those of the case's own program. max_active: contacts of one area at most; pulse_widths_us: ()
    means the program's own for the exhaustive part, and whatever the profile allows for the refinement; areas_count:
    areas of a suggestion at most; population_count: patients to draw for each suggestion; threads: None is one per
    processor. The answer does not depend on `threads`, and the same seed gives the same. Raises InvalidValueError where
    there is nothing to search, or the profile does not allow what is asked; UnknownNameError for another profile.
    """

    case: Case
    objective: Objective = field(default_factory=builtin_objective)
    profile: str = ""
    max_active: int = 5
    pulse_widths_us: tuple[float, ...] = ()
    areas_count: int = 1
    top_count: int = 5
    population_count: int = 0
    seed: int = 0
    threads: int | None = None

    def __post_init__(self) -> None:
        require_between("max_active", self.max_active, 1, ACTIVE_HIGH)
        require_between("areas_count", self.areas_count, 1, len(AREA_NAMES))
        require_between("top_count", self.top_count, 1, TOP_HIGH)
        require_between("seed", self.seed, 0, 2**32 - 1)
        if self.population_count:
            require_between("population_count", self.population_count, 2, 100_000)
        if self.threads is not None:
            require_between("threads", self.threads, 1, 256)
        if forbidden := why_forbidden(self.case.patient):
            raise InvalidValueError(f"case {self.case.id}: {forbidden}")
        for area in self.case.program.areas:
            if not bool(paresthesia_applicable(area.rate_hz)):
                raise InvalidValueError(
                    f"rate_hz of the case's program is {area.rate_hz:g} Hz, a paresthesia-free mode: there is no"
                    " coverage to search for"
                )
        if not len(geometry_of(self.case).usable):
            raise InvalidValueError(
                f"case {self.case.id}: every contact is open or shorted; there is nothing to search"
            )
        limits = limit_profiles.profile(self.profile or limit_profiles.DEFAULT_PROFILE)
        template = self.case.program
        if template.waveform == limit_profiles.BURST and limits.burst is None:
            raise InvalidValueError(f"waveform is burst; the limit profile {limits.name} allows single pulses only")
        for width_us in self.pulse_widths_us:
            Area(template.contacts, width_us, template.rate_hz, template.waveform)
            near = limit_profiles.nearest_allowed(_width_bands(limits, template.waveform), width_us)
            if abs(near - width_us) > 1e-6:
                raise InvalidValueError(
                    f"pulse_widths_us has {width_us:g} us, which the limit profile {limits.name} does not allow;"
                    f" the nearest is {near:g} us"
                )

    def steps(self, progress: Progress | None = None) -> Iterator[SearchResult]:
        """Yield what is known so far, better and better; `finished` at the last. Closing the iterator cancels.

        `progress(fraction, what)` is called while kernels of the case itself are built, before there is any answer.
        """
        return course(self._plan(), progress)

    def __call__(self, progress: Progress | None = None) -> SearchResult:
        """Return the answer; `progress(fraction, what)` is told how far it is."""
        last: SearchResult | None = None
        for last in self.steps(progress):
            if progress is not None:
                progress(last.fraction, last.stage)
        assert last is not None
        return last

    def _plan(self) -> Plan:
        """Return the bounds of the search, with what had to be bent so that the profile allows it."""
        limits = limit_profiles.profile(self.profile or limit_profiles.DEFAULT_PROFILE)
        own, notes = self.case.program, []
        rate_bands = limits.rate_bands_hz
        if own.waveform == limit_profiles.BURST and limits.burst is not None:
            rate_bands = limits.burst.rate_bands_hz
        rate_hz = limit_profiles.nearest_allowed(rate_bands, own.rate_hz) if self.profile else own.rate_hz
        if rate_hz != own.rate_hz:
            notes.append(f"{own.rate_hz:g} Hz cannot be dialled with {limits.name}; {rate_hz:g} Hz was searched.")
        bands = _width_bands(limits, own.waveform)
        width_us = limit_profiles.nearest_allowed(bands, own.pulse_width_us)
        if not self.pulse_widths_us and width_us != own.pulse_width_us:
            notes.append(f"{own.pulse_width_us:g} us cannot be dialled; {width_us:g} us was searched.")
        template = Area(own.contacts, width_us, rate_hz, own.waveform)
        widths = tuple(dict.fromkeys(self.pulse_widths_us)) or (width_us,)
        return Plan(
            case=self.case,
            objective=self.objective,
            profile=self.profile,
            limits=limits,
            template=template,
            pulse_widths_us=widths,
            refined_widths_us=widths if self.pulse_widths_us else _free_widths_us(template, bands),
            max_active=min(self.max_active, limits.contacts_count),
            areas_count=min(self.areas_count, limits.areas_count),
            top_count=self.top_count,
            population_count=self.population_count,
            seed=self.seed,
            threads=self.threads,
            notes=tuple(notes),
        )


def _free_widths_us(template: Area, bands: limit_profiles.Bands) -> tuple[float, ...]:
    """Return the widths that a refinement may choose among: the program's, and those of search.toml that can be set."""
    found = {template.pulse_width_us}
    for width_us in read_table("search", "scs_sim")["pulse"]["widths_us"]:
        near = limit_profiles.nearest_allowed(bands, width_us)
        if abs(near - width_us) < 1e-6 and template.waveform != limit_profiles.BURST:
            with contextlib.suppress(InvalidValueError):  # its pulses would not fit into the period
                found.add(replace(template, pulse_width_us=width_us).pulse_width_us)
    return tuple(sorted(found))


def _width_bands(limits: limit_profiles.LimitProfile, waveform: str) -> limit_profiles.Bands:
    if waveform == limit_profiles.BURST and limits.burst is not None:
        length_us = burst().pulse_width_us
        return tuple(band for band in limits.burst.pulse_width_bands_us if band[0] <= length_us <= band[1])
    return limits.pulse_width_bands_us
