"""The nouns of a report: what it is about (Matter), and what it holds (Report: sections of blocks), all plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scs_sim.case import Case
from scs_sim.picture.scene import Scene
from scs_sim.result import Result

Tone = Literal["plain", "muted", "warn"]


@dataclass(frozen=True, slots=True)
class Noted:
    """Amplitudes (mA) that a person noted for one area; None: not noted."""

    pt_ma: float | None = None
    comfort_ma: float | None = None
    dt_ma: float | None = None
    mt_ma: float | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was noted."""
        return self == Noted()


@dataclass(frozen=True, slots=True)
class Tried:
    """One setting that was tried: what was dialled, the height of its cathodes (mm), what the model said; a note."""

    contacts: str
    amplitude_ma: float
    pulse_width_us: float
    rate_hz: float
    height_mm: float
    covered_percent: float | None = None
    unwanted_percent: float | None = None
    side_effects: tuple[str, ...] = ()
    posture: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Matter:
    """What a report is about: a case, the result of a program on it, what people noted; `date` as it is to be printed.

    noted: one per area of the result, or none; notes: (heading, text) pairs, printed only where they are asked for.
    """

    case: Case
    result: Result
    date: str
    program_name: str = ""
    noted: tuple[Noted, ...] = ()
    tried: tuple[Tried, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short sentences."""

    items: tuple[str, ...]
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure that stands out: what it is, its value with unit, a line below it."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Figures in a row."""

    items: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words; `numbers` are the columns that align right; `wide`: the one that takes what is left, if any."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    wide: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A drawing with its caption; `share` of the page's width that it takes, 0-1."""

    name: str
    scene: Scene
    caption: str = ""
    share: float = 1.0


Block = Paragraph | Bullets | Facts | Table | Figure


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A heading with its blocks."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A whole report: heading, what stands under it, sections; `footer` stands on every page."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    footer: str
