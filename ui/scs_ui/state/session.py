"""Session: all that a user edits in the window, as one frozen value. Undo, files and recovery are about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from scs_models.errors import InvalidValueError
from scs_models.values import require_between
from scs_sim.case import Case
from scs_sim.limit_profiles import profile_names
from scs_sim.program import GENERATOR
from scs_ui.state.draft import NOTES_MAX, AreaDraft, ProgramDraft

PROGRAMS_MAX = 32
TESTED_MAX = 2000


@dataclass(frozen=True, slots=True)
class Tested:
    """One setting that was tried and noted: where the lead lay, what was dialled, what the model then said.

    height_mm and x_mm: the current-weighted middle of the cathodes (z above the model's origin, x to the right);
    side_effects: what was felt besides, in words.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    program: str
    contacts: str
    amplitude_ma: float
    pulse_width_us: float
    rate_hz: float
    height_mm: float
    x_mm: float
    covered_percent: float | None = None
    unwanted_percent: float | None = None
    side_effects: tuple[str, ...] = ()
    note: str = ""
    posture: str = "supine"


@dataclass(frozen=True, slots=True)
class Session:
    """A case with the programs tried on it; `chosen` and `area` say which is edited, `compared` the one beside it.

    The case's own program is what the case began with. profile: the limit profile that findings are about, "" for
    none; keep_amplitude: a direct change of a contact leaves the amplitude where it is; on: stimulation runs.
    """

    FORMAT: ClassVar[str] = "scs-sim session"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    case: Case
    programs: tuple[ProgramDraft, ...]
    chosen: int = 0
    area: int = 0
    compared: int | None = None
    tested: tuple[Tested, ...] = ()
    profile: str = ""
    keep_amplitude: bool = False
    on: bool = True

    def __post_init__(self) -> None:
        if not 1 <= len(self.programs) <= PROGRAMS_MAX:
            raise InvalidValueError(f"programs is a list of {len(self.programs)}; it must hold 1 to {PROGRAMS_MAX}")
        for name, value, count in (
            ("chosen", self.chosen, len(self.programs)),
            ("compared", self.compared or 0, len(self.programs)),
        ):
            require_between(name, value, 0, count - 1)
        require_between("area", self.area, 0, len(self.programs[self.chosen].areas) - 1)
        for program in self.programs:
            _require_contacts_exist(program, self.case)
        if self.profile and self.profile not in profile_names():
            raise InvalidValueError(f"profile is {self.profile!r}; it must be one of {', '.join(profile_names())}")
        if len(self.tested) > TESTED_MAX:
            raise InvalidValueError(f"tested is a list of {len(self.tested)}; it must hold {TESTED_MAX} at most")
        if len(self.case.notes) > NOTES_MAX:
            raise InvalidValueError(f"case.notes has {len(self.case.notes)} letters; at most {NOTES_MAX}")

    @property
    def program(self) -> ProgramDraft:
        """Return the program that is edited."""
        return self.programs[self.chosen]

    @property
    def draft(self) -> AreaDraft:
        """Return the area that is edited."""
        return self.program.areas[self.area]

    def with_program(self, program: ProgramDraft, index: int | None = None) -> Session:
        """Return the session with program `index` (default: the chosen one) replaced."""
        at = self.chosen if index is None else index
        last = len(program.areas) - 1
        area = min(self.area, last) if at == self.chosen else self.area
        return replace(self, programs=(*self.programs[:at], program, *self.programs[at + 1 :]), area=area)

    def with_draft(self, draft: AreaDraft) -> Session:
        """Return the session with the edited area replaced."""
        return self.with_program(self.program.with_area(self.area, draft))


def session_of(case: Case) -> Session:
    """Return a new session about `case`, with its starting program as the first one."""
    return Session(case, (ProgramDraft.of(case.program),))


def _require_contacts_exist(program: ProgramDraft, case: Case) -> None:
    names = case.contact_names()
    for area in program.areas:
        for share in area.shares:
            if share.name not in (*names, GENERATOR):
                raise InvalidValueError(f"shares has {share.name}; the case has {', '.join(names)}")
