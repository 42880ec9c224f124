"""Program: what is dialled in, and the field's notation for contacts.

The notation is LEAD.CONTACT SIGN [PERCENT], blank-separated: "1.3-60 1.4-40 1.6+100". Shares are whole percents that
sum to 100 per sign; left out, they are shared equally. "case+" is the generator. Leads count from the patient's left,
contacts from the tip. The first phase is negative at "-"; the amplitude is the total cathodic current.
A program has up to four areas whose pulses take turns; its own contacts and pulse are the first of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal, get_args

from scs_models.errors import InvalidValueError
from scs_models.fibres.waveforms import burst, named_waveform
from scs_models.values import require_between
from scs_sim.limit_profiles import busy_share
from scs_sim.limits import program_ranges, require_rate

Waveform = Literal["monophasic", "biphasic", "recharge", "biphasic-gap", "recharge-10", "passive", "burst"]
WAVEFORMS: tuple[Waveform, ...] = get_args(Waveform)
AREA_NAMES = ("A", "B", "C", "D")

GENERATOR = "case"

_RANGES = program_ranges()
_TOKEN = re.compile(r"(?:(?P<lead>[1-9]\d?)\.(?P<contact>[1-9]\d?)|(?P<case>case))(?P<sign>[-+])(?P<percent>\d{1,3})?")
_QUANTITY = re.compile(r"(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>ma|us|hz)", re.IGNORECASE)
_AREA_UNITS = {"ma": "amplitude_ma", "us": "pulse_width_us", "hz": "rate_hz"}
_HOW = 'write LEAD.CONTACT SIGN [PERCENT], for example "1.3-60 1.4-40 1.6+100" or "1.4- case+"'


@dataclass(frozen=True, slots=True, order=True)
class ContactShare:
    """One active contact: lead (from 1 = patient's left; 0 is the generator), contact (from 1 = tip), sign, percent."""

    lead: int
    contact: int
    sign: Literal[-1, 1]
    percent: int

    @property
    def name(self) -> str:
        """Return the contact's name in the field's notation, without sign."""
        return GENERATOR if self.lead == 0 else f"{self.lead}.{self.contact}"


@dataclass(frozen=True, slots=True)
class Area:
    """One pulse train: contacts, pulse, rate; `amplitude_ma` None means "at comfort".

    The rate of a burst is how often it comes; its pulses and their spacing are those of fibres.toml. Bad values raise
    InvalidValueError.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    contacts: str
    pulse_width_us: float = _RANGES.default_pulse_width_us
    rate_hz: float = _RANGES.default_rate_hz
    waveform: Waveform = "recharge"
    amplitude_ma: float | None = None
    name: str = ""

    def __post_init__(self) -> None:
        parse_contacts(self.contacts)
        require_between("pulse_width_us", self.pulse_width_us, *_RANGES.pulse_width_us, "us")
        require_rate(self.rate_hz)
        if self.amplitude_ma is not None:
            require_between("amplitude_ma", self.amplitude_ma, *_RANGES.amplitude_ma, "mA")
        if self.waveform not in WAVEFORMS:
            raise InvalidValueError(f"waveform is {self.waveform!r}; it must be one of {', '.join(WAVEFORMS)}")
        if self.waveform == "burst" and self.pulse_width_us != burst().pulse_width_us:
            lasts_us = burst().pulse_width_us
            raise InvalidValueError(
                f"pulse_width_us is {self.pulse_width_us:g} us; the pulses of a burst last {lasts_us:g} us"
            )
        needed_us, period_us = pulse_duration_us(self.pulse_width_us, self.waveform), 1e6 / self.rate_hz
        if needed_us > period_us:
            raise InvalidValueError(
                f"pulse_width_us is {self.pulse_width_us:g} us; as {_one(self.waveform)} it takes"
                f" {needed_us:g} us, and the period at rate_hz {self.rate_hz:g} Hz is {period_us:.0f} us:"
                " lower the pulse width or the rate, or choose a waveform that fits"
            )

    @property
    def shares(self) -> tuple[ContactShare, ...]:
        """Return the active contacts with their shares, in the order written."""
        return parse_contacts(self.contacts)

    @property
    def pulses_hz(self) -> float:
        """Return how many pulses come per second; those of a burst count one by one."""
        return self.rate_hz * (burst().pulses_count if self.waveform == "burst" else 1)


@dataclass(frozen=True, slots=True)
class Program(Area):
    """One stimulation program: its own fields are area A, `more_areas` are B, C and D; their pulses take turns."""

    FORMAT: ClassVar[str] = "scs-sim program"
    VERSION: ClassVar[int] = 1

    more_areas: tuple[Area, ...] = ()

    def __post_init__(self) -> None:
        Area.__post_init__(self)
        if self.more_areas:
            _require_turns(self.areas)

    @property
    def areas(self) -> tuple[Area, ...]:
        """Return the areas A, B, ...; the program stands for its first one."""
        return (self, *self.more_areas)


def parse_area(text: str) -> Area:
    """Return the area that a line names, "2.3- 2.4+; 3 mA; 210 us; 80 Hz; biphasic": contacts first, the rest optional.

    Raises InvalidValueError with the part that is not understood.
    """
    contacts, *parts = text.split(";")
    found: dict[str, Any] = {}
    for part in parts:
        words = part.strip()
        number = _QUANTITY.fullmatch(words)
        name = _AREA_UNITS[number["unit"].lower()] if number else "waveform"
        value: float | str = float(number["value"]) if number else words
        if name in found or (not number and words not in WAVEFORMS):
            raise InvalidValueError(
                f"area is {text!r}; {words!r} is not understood: write contacts; MA mA; US us; HZ Hz; WAVEFORM,"
                " each of the last four once or left out"
            )
        found[name] = value
    return Area(contacts.strip(), **found)


def _one(waveform: Waveform) -> str:
    return "a burst" if waveform == "burst" else f"a {waveform} pulse"


def pulse_duration_us(pulse_width_us: float, waveform: Waveform) -> float:
    """Return the time (us) that one pulse, or one burst, with its charge recovery takes."""
    if waveform == "burst":
        return burst().waveform(burst().pulses_count).duration_us(pulse_width_us)
    return named_waveform(waveform).duration_us(pulse_width_us)


def _require_turns(areas: tuple[Area, ...]) -> None:
    """Raise InvalidValueError where several areas cannot take turns: too many, too fast in all, or no time left."""
    if len(areas) > len(AREA_NAMES):
        raise InvalidValueError(f"more_areas is a list of {len(areas) - 1}; it must hold 3 at most: four areas in all")
    for place, area in enumerate(areas):
        where = "amplitude_ma" if place == 0 else f"more_areas[{place - 1}].amplitude_ma"
        if isinstance(area, Program) and place:
            raise InvalidValueError(f"more_areas[{place - 1}] is a program; it must be an area")
        if area.amplitude_ma == 0.0:
            raise InvalidValueError(f"{where} is 0 mA; among several areas leave out the one that is off")
    rates = " + ".join(f"{area.rate_hz:g}" for area in areas)
    total_hz = sum(area.rate_hz for area in areas)
    if total_hz > _RANGES.rate_hz[1]:
        raise InvalidValueError(
            f"more_areas is wrong; the areas' rates are {rates} = {total_hz:g} Hz together, and pulses that take turns"
            f" must stay at {_RANGES.rate_hz[1]:g} Hz or less"
        )
    busy = [busy_share(area) for area in areas]
    if sum(busy) > 1.0:
        parts = " + ".join(f"{100 * share:.0f}" for share in busy)
        raise InvalidValueError(
            f"more_areas is wrong; pulses with their charge recovery take {parts} % of the time, more than there is:"
            " lower a pulse width or a rate, or choose a waveform that recovers sooner"
        )


@lru_cache(maxsize=4096)
def parse_contacts(text: str) -> tuple[ContactShare, ...]:
    """Return the contacts that `text` names in the field's notation; raise InvalidValueError with the bad word."""
    words = text.replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-").lower().split()
    if not words:
        raise InvalidValueError(f"contacts is empty; {_HOW}")
    found: list[tuple[int, int, Literal[-1, 1], int | None]] = []
    for word in words:
        match = _TOKEN.fullmatch(word)
        if match is None:
            raise InvalidValueError(f"contacts is {text!r}; {word!r} is not a contact: {_HOW}")
        lead, contact = (0, 0) if match["case"] else (int(match["lead"]), int(match["contact"]))
        found.append(
            (lead, contact, -1 if match["sign"] == "-" else 1, int(match["percent"]) if match["percent"] else None)
        )
    names = [(lead, contact) for lead, contact, _, _ in found]
    for lead, contact in names:
        if names.count((lead, contact)) > 1:
            raise InvalidValueError(
                f"contacts is {text!r}; {_name(lead, contact)} stands twice: a contact has one sign"
            )
    for sign, word in ((-1, "cathode (-)"), (1, "anode (+)")):
        if not any(item[2] == sign for item in found):
            raise InvalidValueError(f"contacts is {text!r}; it has no {word}: a program needs a cathode and an anode")
    by_sign = {sign: _percents(text, [item for item in found if item[2] == sign]) for sign in (-1, 1)}
    return tuple(ContactShare(lead, contact, sign, by_sign[sign][lead, contact]) for lead, contact, sign, _ in found)


def format_contacts(shares: Iterable[ContactShare]) -> str:
    """Return the field's notation of `shares`, percents always written."""
    return " ".join(f"{share.name}{'-' if share.sign < 0 else '+'}{share.percent}" for share in shares)


def _percents(text: str, items: list[tuple[int, int, Literal[-1, 1], int | None]]) -> dict[tuple[int, int], int]:
    given = [percent for *_, percent in items if percent is not None]
    if not given:
        whole, rest = divmod(100, len(items))
        if whole == 0:
            raise InvalidValueError(
                f"contacts is {text!r}; {len(items)} contacts of one sign cannot share 100 whole percents"
            )
        return {(lead, contact): whole + (index < rest) for index, (lead, contact, _, _) in enumerate(items)}
    sign = "-" if items[0][2] < 0 else "+"
    if len(given) < len(items):
        raise InvalidValueError(f"contacts is {text!r}; give a percent for every {sign!r} contact or for none")
    if sum(given) != 100 or min(given) < 1:
        raise InvalidValueError(
            f"contacts is {text!r}; the {sign!r} percents are {given} and must be 1 or more and sum to 100"
        )
    return {(lead, contact): percent for lead, contact, _, percent in items if percent is not None}


def _name(lead: int, contact: int) -> str:
    return GENERATOR if lead == 0 else f"{lead}.{contact}"
