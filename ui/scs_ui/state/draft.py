"""Drafts: programs while they are edited. Unlike a Program, a draft may lack a cathode or an anode, or be switched off.

Amplitudes stay on the dial when an area is off or incomplete; percents are whole and sum to 100 per sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from scs_models.errors import InvalidValueError
from scs_models.values import require_between
from scs_sim.lead_state import require_contact_name
from scs_sim.limits import program_ranges, require_rate
from scs_sim.program import AREA_NAMES, GENERATOR, WAVEFORMS, Area, ContactShare, Program, Waveform, format_contacts
from scs_ui.state.steering import Steering

_RANGES = program_ranges()
NOTES_MAX = 20_000
NAME_MAX = 120


@dataclass(frozen=True, slots=True)
class Marks:
    """Amplitudes (mA) that the user has noted for one area; None: not noted."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    pt_ma: float | None = None
    comfort_ma: float | None = None
    dt_ma: float | None = None
    mt_ma: float | None = None

    def __post_init__(self) -> None:
        for name in ("pt_ma", "comfort_ma", "dt_ma", "mt_ma"):
            value = getattr(self, name)
            if value is not None:
                require_between(name, value, *_RANGES.amplitude_ma, "mA")


@dataclass(frozen=True, slots=True)
class AreaDraft:
    """One area while it is edited: contacts with whole percents, which of them are locked, the pulse, on or off.

    shares: at most one per contact, percents of each sign sum to 100; locked: names of contacts whose percent stays;
    amplitude_ma None: at comfort, wherever that is; steering: what the shares were steered from, while they still are
    what it gives. Bad values raise InvalidValueError.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    shares: tuple[ContactShare, ...] = ()
    locked: tuple[str, ...] = ()
    amplitude_ma: float | None = None
    pulse_width_us: float = _RANGES.default_pulse_width_us
    rate_hz: float = _RANGES.default_rate_hz
    waveform: Waveform = "recharge"
    name: str = ""
    on: bool = True
    marks: Marks = Marks()
    steering: Steering | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "shares", tuple(sorted(self.shares, key=lambda share: (share.lead, share.contact))))
        names = [share.name for share in self.shares]
        if len(set(names)) < len(names):
            raise InvalidValueError(f"shares is wrong; contact {max(names, key=names.count)} stands twice")
        for share in self.shares:
            if share.lead or share.contact:
                require_contact_name("shares", share.name)
            if share.sign not in (-1, 1):
                raise InvalidValueError(
                    f"shares is wrong; the sign of {share.name} is {share.sign}, it must be -1 or 1"
                )
        for sign, word in ((-1, "cathode"), (1, "anode")):
            percents = [share.percent for share in self.shares if share.sign == sign]
            if percents and (sum(percents) != 100 or min(percents) < 1):
                raise InvalidValueError(f"shares is wrong; the {word} percents {percents} must be 1 or more, sum 100")
        for name in self.locked:
            if name not in names:
                raise InvalidValueError(
                    f"locked has {name!r}, which is not active; active: {', '.join(names) or 'none'}"
                )
        if self.amplitude_ma is not None:
            require_between("amplitude_ma", self.amplitude_ma, *_RANGES.amplitude_ma, "mA")
        require_between("pulse_width_us", self.pulse_width_us, *_RANGES.pulse_width_us, "us")
        require_rate(self.rate_hz)
        if self.waveform not in WAVEFORMS:
            raise InvalidValueError(f"waveform is {self.waveform!r}; it must be one of {', '.join(WAVEFORMS)}")
        if len(self.name) > NAME_MAX:
            raise InvalidValueError(f"name has {len(self.name)} letters; it must have {NAME_MAX} or fewer")
        self._as_area()

    @property
    def is_complete(self) -> bool:
        """Return whether there is a cathode and an anode."""
        return {share.sign for share in self.shares} == {-1, 1}

    @property
    def contacts(self) -> str:
        """Return the contacts in the field's notation, "" where there are none."""
        return format_contacts(self.shares)

    def share_of(self, name: str) -> ContactShare | None:
        """Return what contact `name` gets, None where it is off."""
        return next((share for share in self.shares if share.name == name), None)

    def area(self) -> Area | None:
        """Return the Area, None where a cathode or an anode is missing."""
        return self._as_area() if self.is_complete else None

    def _as_area(self) -> Area:
        """Return the Area, with any complete contacts where its own are not: pulse and rate are judged by it."""
        contacts = self.contacts if self.is_complete else f"1.1- {GENERATOR}+"
        return Area(contacts, self.pulse_width_us, self.rate_hz, self.waveform, self.amplitude_ma, self.name)

    @classmethod
    def of(cls, area: Area) -> AreaDraft:
        """Return the draft that edits `area`."""
        return cls(
            shares=area.shares,
            amplitude_ma=area.amplitude_ma,
            pulse_width_us=area.pulse_width_us,
            rate_hz=area.rate_hz,
            waveform=area.waveform,
            name=area.name,
        )


@dataclass(frozen=True, slots=True)
class ProgramDraft:
    """A program while it is edited: up to four areas, a name, notes (they stay out of exports unless asked for)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    areas: tuple[AreaDraft, ...] = (AreaDraft(amplitude_ma=0.0),)
    name: str = ""
    notes: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.areas) <= len(AREA_NAMES):
            raise InvalidValueError(f"areas is a list of {len(self.areas)}; it must hold 1 to {len(AREA_NAMES)}")
        if len(self.name) > NAME_MAX:
            raise InvalidValueError(f"name has {len(self.name)} letters; it must have {NAME_MAX} or fewer")
        if len(self.notes) > NOTES_MAX:
            raise InvalidValueError(f"notes has {len(self.notes)} letters; it must have {NOTES_MAX} or fewer")
        running = self.running
        if len(running) > 1:
            _program([self.areas[index] for index in running], self.name)

    @property
    def running(self) -> tuple[int, ...]:
        """Return which areas take part: on, complete, and not at 0 mA (alone, an area may stand at 0 mA)."""
        ready = [index for index, area in enumerate(self.areas) if area.on and area.is_complete]
        loud = [index for index in ready if self.areas[index].amplitude_ma != 0.0]
        return tuple(loud) or tuple(ready[:1])

    def program(self) -> Program | None:
        """Return the Program of the running areas, None where there is none."""
        running = [self.areas[index] for index in self.running]
        return _program(running, self.name) if running else None

    def with_area(self, index: int, area: AreaDraft) -> ProgramDraft:
        """Return the draft with area `index` replaced."""
        return replace(self, areas=(*self.areas[:index], area, *self.areas[index + 1 :]))

    @classmethod
    def of(cls, program: Program) -> ProgramDraft:
        """Return the draft that edits `program`."""
        return cls(areas=tuple(AreaDraft.of(area) for area in program.areas), name=program.name)


def solo(area: AreaDraft, name: str = "") -> Program | None:
    """Return the program of one area alone, whether it is on or not; None where it is incomplete."""
    return _program([area], name) if area.is_complete else None


def _program(drafts: Iterable[AreaDraft], name: str) -> Program:
    first, *others = (draft.area() for draft in drafts)
    assert first is not None
    more = tuple(area for area in others if area is not None)
    return Program(
        first.contacts,
        first.pulse_width_us,
        first.rate_hz,
        first.waveform,
        first.amplitude_ma,
        name or first.name,
        more,
    )
