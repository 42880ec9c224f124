"""Limit profiles: what kinds of generators can be dialled to, and where a program oversteps them.

Vendor-neutral: a profile is a kind of generator, not a device. The numbers are those of data/limit_profiles.toml, most
of them assumed. A finding is advice in words with the nearest allowed setting; it never changes a result.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.fibres.waveforms import burst, named_waveform
from scs_models.tables import read_table
from scs_models.values import require_between

Bands = tuple[tuple[float, float, float], ...]
"""Allowed values: (lowest, highest, step) of each band, on the grid that starts at its lowest value."""
DEFAULT_PROFILE = "union"
BURST = "burst"
_SLACK = 1e-6
"""Part of a step by which a value may miss the grid: binary fractions."""


class DialledShare(Protocol):
    """One active contact; lead 0 is the generator."""

    @property
    def lead(self) -> int: ...
    @property
    def contact(self) -> int: ...
    @property
    def sign(self) -> int: ...
    @property
    def percent(self) -> int: ...
    @property
    def name(self) -> str: ...


class DialledArea(Protocol):
    """What a profile asks of an area; a `scs_sim.program.Program` is one."""

    @property
    def shares(self) -> Sequence[DialledShare]: ...
    @property
    def amplitude_ma(self) -> float | None: ...
    @property
    def pulse_width_us(self) -> float: ...
    @property
    def rate_hz(self) -> float: ...
    @property
    def waveform(self) -> str: ...


@dataclass(frozen=True, slots=True)
class BurstLimits:
    """What bursts may be: greatest amplitude, pulse widths, bursts per second."""

    high_ma: float
    pulse_width_bands_us: Bands
    rate_bands_hz: Bands

    def __post_init__(self) -> None:
        require_between("burst.high_ma", self.high_ma, 0.0, 100.0, "mA")
        _require_bands("burst.pulse_width_bands_us", self.pulse_width_bands_us)
        _require_bands("burst.rate_bands_hz", self.rate_bands_hz)


@dataclass(frozen=True, slots=True)
class LimitProfile:
    """What one kind of generator can be dialled to; bands are (lowest, highest, step).

    amplitude_bands_ma is the total cathodic current, contact_high_ma the share of one contact; several_areas_rate_hz
    bounds each rate when two areas or more run; own_sources says whether each contact has its own current source;
    burst is None where bursts cannot be set. Bad values raise InvalidValueError.
    """

    name: str
    title: str
    amplitude_bands_ma: Bands
    coarse_step_ma: float
    contact_high_ma: float
    pulse_width_bands_us: Bands
    rate_bands_hz: Bands
    areas_count: int
    several_areas_rate_hz: float
    contacts_count: int
    compliance_v: float
    own_sources: bool
    burst: BurstLimits | None = None

    def __post_init__(self) -> None:
        for name in ("amplitude_bands_ma", "pulse_width_bands_us", "rate_bands_hz"):
            _require_bands(name, getattr(self, name))
        require_between("coarse_step_ma", self.coarse_step_ma, 0.001, 5.0, "mA")
        require_between("contact_high_ma", self.contact_high_ma, 0.0, self.amplitude_bands_ma[-1][1], "mA")
        require_between("several_areas_rate_hz", self.several_areas_rate_hz, self.rate_bands_hz[0][0], 1e5, "Hz")
        require_between("areas_count", self.areas_count, 1, 16)
        require_between("contacts_count", self.contacts_count, 2, 64)
        require_between("compliance_v", self.compliance_v, 1.0, 100.0, "V")


@dataclass(frozen=True, slots=True)
class Finding:
    """One setting that a profile does not allow.

    `area` is "A", "B", ... or "" for the program; `item` the setting; `value` and `nearest` are in `unit`, None where
    the setting is no number or nothing near is allowed; `allowed` says in words what is.
    """

    area: str
    item: str
    value: float | None
    nearest: float | None
    unit: str
    allowed: str

    def __str__(self) -> str:
        where = f"area {self.area}: " if self.area else ""
        given = "not possible" if self.value is None else f"is {_number(self.value, self.unit)}"
        near = "" if self.nearest is None else f"; nearest: {_number(self.nearest, self.unit)}"
        return f"{where}{self.item} {given}; allowed: {self.allowed}{near}"


@cache
def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles, in the order of limit_profiles.toml."""
    return tuple(read_table("limit_profiles", "scs_sim"))


@cache
def profile(name: str = DEFAULT_PROFILE) -> LimitProfile:
    """Return the profile `name`; raises UnknownNameError with the known names otherwise."""
    if name not in profile_names():
        raise UnknownNameError("limit profile", name, profile_names())
    rows: Any = read_table("limit_profiles", "scs_sim")[name]
    bursts = rows.get("burst")
    return LimitProfile(
        name=name,
        title=rows["title"],
        amplitude_bands_ma=rows["amplitude"]["bands_ma"],
        coarse_step_ma=rows["amplitude"]["coarse_step_ma"],
        contact_high_ma=rows["contact"]["high_ma"],
        pulse_width_bands_us=rows["pulse_width"]["bands_us"],
        rate_bands_hz=rows["rate"]["bands_hz"],
        areas_count=rows["areas"]["count"],
        several_areas_rate_hz=rows["areas"]["several_areas_rate_hz"],
        contacts_count=rows["contacts"]["count"],
        compliance_v=rows["compliance"]["limit_v"],
        own_sources=rows["sources"]["each_contact"],
        burst=None if bursts is None else BurstLimits(bursts["high_ma"], bursts["bands_us"], bursts["bands_hz"]),
    )


def nearest_allowed(bands: Bands, value: float) -> float:
    """Return the allowed value nearest to `value`, the lower of two that are equally near."""
    candidates = [point for low, high, step in bands for point in _around(low, high, step, value)]
    return min(candidates, key=lambda point: (round(abs(point - value), 9), point))


def greatest_allowed(bands: Bands, limit: float) -> float | None:
    """Return the greatest allowed value that is not above `limit`; None where even the lowest is."""
    slack = _SLACK * min(step for _, _, step in bands)
    below = [point for low, high, step in bands for point in _around(low, high, step, limit) if point <= limit + slack]
    return max(below, default=None)


def busy_share(area: DialledArea) -> float:
    """Return the part of the time that an area's pulses, or bursts, and their charge recovery take.

    Raises UnknownNameError for a waveform that is not in fibres.toml.
    """
    shape = burst().waveform(burst().pulses_count) if area.waveform == BURST else named_waveform(area.waveform)
    return area.rate_hz * shape.duration_us(area.pulse_width_us) * 1e-6


def findings(
    limits: LimitProfile, areas: Sequence[DialledArea], loads_ohm: Sequence[float] | None = None
) -> tuple[Finding, ...]:
    """Return where `areas` overstep `limits`: area by area, then what they do together; () where all is allowed.

    `loads_ohm` (one per area) adds the check of the voltage. An amplitude of None ("at comfort") is not judged.
    Raises InvalidValueError without areas, or where loads and areas differ in number.
    """
    if not areas:
        raise InvalidValueError("areas is empty; a program has one area or more")
    if loads_ohm is not None and len(loads_ohm) != len(areas):
        raise InvalidValueError(
            f"loads_ohm has {len(loads_ohm)} loads; it must have one for each of {len(areas)} areas"
        )
    found: list[Finding] = []
    for place, area in enumerate(areas):
        load_ohm = None if loads_ohm is None else loads_ohm[place]
        found += _of_area(limits, area, _letter(place), len(areas) > 1, load_ohm)
    return (*found, *_of_all(limits, areas))


def _of_area(
    limits: LimitProfile, area: DialledArea, letter: str, several: bool, load_ohm: float | None
) -> list[Finding]:
    found: list[Finding] = []
    rate_bands, width_bands = limits.rate_bands_hz, limits.pulse_width_bands_us
    amplitude_bands = limits.amplitude_bands_ma
    if area.waveform == BURST and limits.burst is None:
        found.append(Finding(letter, "waveform", None, None, "", "single pulses, no burst"))
    elif area.waveform == BURST and limits.burst is not None:
        rate_bands, width_bands = limits.burst.rate_bands_hz, limits.burst.pulse_width_bands_us
        amplitude_bands = _up_to(amplitude_bands, limits.burst.high_ma)
    if several:
        rate_bands = _up_to(rate_bands, limits.several_areas_rate_hz)
    ma = area.amplitude_ma
    if ma is not None:
        found += _off_grid(letter, "amplitude", ma, amplitude_bands, "mA")
        found += _of_current(limits, area, ma, letter, amplitude_bands, load_ohm)
    found += _off_grid(letter, "pulse width", area.pulse_width_us, width_bands, "us")
    found += _off_grid(letter, "rate", area.rate_hz, rate_bands, "Hz", " when several areas run" if several else "")
    if not limits.own_sources:
        for sign, word in ((-1, "cathodes"), (1, "anodes")):
            percents = [share.percent for share in area.shares if share.sign == sign]
            if percents and max(percents) - min(percents) > 1:
                allowed = f"equal shares among the {word}, which one source feeds"
                found.append(Finding(letter, "contacts", None, None, "", allowed))
    return found


def _of_current(
    limits: LimitProfile, area: DialledArea, ma: float, letter: str, bands: Bands, load_ohm: float | None
) -> list[Finding]:
    """Return what is wrong with an amplitude at its contacts and with its voltage."""
    found = []
    most = max((share for share in area.shares if share.lead > 0), key=lambda share: share.percent)
    if ma * most.percent / 100.0 > limits.contact_high_ma * (1.0 + _SLACK):
        near = greatest_allowed(bands, limits.contact_high_ma * 100.0 / most.percent)
        allowed = f"{limits.contact_high_ma:g} mA or less at each contact, and {most.name} carries {most.percent} %"
        found.append(Finding(letter, "amplitude", ma, near, "mA", allowed))
    if load_ohm is not None and ma * load_ohm * 1e-3 > limits.compliance_v * (1.0 + _SLACK):
        near = greatest_allowed(bands, limits.compliance_v * 1e3 / load_ohm)
        allowed = f"{limits.compliance_v:g} V or less, and {load_ohm:.0f} ohm would take {ma * load_ohm * 1e-3:.1f} V"
        found.append(Finding(letter, "amplitude", ma, near, "mA", allowed))
    return found


def _of_all(limits: LimitProfile, areas: Sequence[DialledArea]) -> list[Finding]:
    found = []
    if len(areas) > limits.areas_count:
        most = limits.areas_count
        found.append(Finding("", "areas", float(len(areas)), float(most), "", f"{most} at most"))
    used = {(share.lead, share.contact) for area in areas for share in area.shares if share.lead > 0}
    if len(used) > limits.contacts_count:
        most = limits.contacts_count
        found.append(Finding("", "contacts in use", float(len(used)), float(most), "", f"{most} at most"))
    busy = [busy_share(area) for area in areas]
    if sum(busy) > 1.0 + _SLACK:
        place = max(range(len(busy)), key=busy.__getitem__)
        area, room = areas[place], 1.0 - (sum(busy) - busy[place])
        near = greatest_allowed(limits.rate_bands_hz, area.rate_hz * room / busy[place]) if room > 0.0 else None
        parts = ", ".join(f"{_letter(index)} {100.0 * share:.0f} %" for index, share in enumerate(busy))
        allowed = f"pulses with their charge recovery must fit into the time ({parts}, together 100 % at most)"
        found.append(Finding(_letter(place), "rate", area.rate_hz, near, "Hz", allowed))
    return found


def _off_grid(letter: str, item: str, value: float, bands: Bands, unit: str, when: str = "") -> list[Finding]:
    near = nearest_allowed(bands, value)
    if abs(near - value) <= _SLACK * min(step for _, _, step in bands):
        return []
    return [Finding(letter, item, value, near, unit, _in_words(bands, unit) + when)]


def _around(low: float, high: float, step: float, value: float) -> tuple[float, ...]:
    """Return the points of one band's grid just below and above `value`, its ends where `value` lies outside."""
    last = math.floor((high - low) / step + _SLACK)
    index = math.floor((value - low) / step + _SLACK)
    return tuple(round(low + min(max(point, 0), last) * step, 9) for point in (index, index + 1))


def _up_to(bands: Bands, highest: float) -> Bands:
    """Return the part of `bands` at or below `highest`; at least the lowest value stays."""
    kept = tuple((low, min(high, highest), step) for low, high, step in bands if low <= highest)
    return kept or ((bands[0][0], bands[0][0], bands[0][2]),)


def _in_words(bands: Bands, unit: str) -> str:
    def one(low: float, high: float, step: float) -> str:
        if low == high:
            return _number(low, unit)
        return f"{low:g} to {_number(high, unit)} in steps of {_number(step, unit)}"

    return ", or ".join(one(*band) for band in bands)


def _number(value: float, unit: str) -> str:
    return f"{value:.6g} {unit}".rstrip()


def _letter(place: int) -> str:
    return chr(ord("A") + place)


def _require_bands(name: str, bands: Bands) -> None:
    """Raise InvalidValueError unless `bands` ascend and each has a step above 0."""
    if not bands:
        raise InvalidValueError(f"{name} is empty; it must hold one band or more")
    for index, (low, high, step) in enumerate(bands):
        if not (0.0 <= low <= high and step > 0.0 and math.isfinite(high)):
            raise InvalidValueError(f"{name}[{index}] is {low:g}, {high:g}, {step:g}; write lowest, highest, step")
        if index and low < bands[index - 1][1]:
            raise InvalidValueError(f"{name}[{index}] begins at {low:g}, inside the band before it")
