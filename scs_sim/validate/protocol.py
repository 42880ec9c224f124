"""A protocol: what was published, what is simulated, the pass line, and what was expected before the first run.

Protocols are the files of `protocols/`; each names a measure of `measures.MEASURES` and that measure's parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package_files
from typing import Any, ClassVar, Literal

from scs_models import files
from scs_models.errors import InvalidFileError, InvalidValueError, UnknownNameError
from scs_models.tables import read_table
from scs_models.values import require_one_of
from scs_sim.validate.figures import Figures, Measure
from scs_sim.validate.measures import MEASURES

Kind = Literal["prediction", "fitted", "expected miss", "verification"]
KINDS: tuple[Kind, ...] = ("prediction", "fitted", "expected miss", "verification")

TARGETS = (*(f"target {number}" for number in range(1, 12)), *(f"rule {letter}" for letter in "abcdfghi"), "own rule")
"""What a protocol may serve: the ranked targets, the ordering rules (there is no rule e) and the project's own rule."""
OTHER_TARGET = "other"


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure of the measure and the closed interval it must lie in; an end left out is open."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    figure: str
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise InvalidValueError(f"bound of {self.figure} is empty; give low, high or both")

    def holds(self, figures: Figures) -> bool:
        """Return whether the figure lies in the interval; one that is not a number never does."""
        value = figures[self.figure]
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class PassLine:
    """What counts as a pass: in words, and as bounds of which `needs` ("all" or "any") must hold."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    words: str
    bounds: tuple[Bound, ...]
    needs: Literal["all", "any"] = "all"

    def __post_init__(self) -> None:
        if not self.words or not self.bounds:
            raise InvalidValueError("pass_line is incomplete; it needs words and one bound or more")

    def holds(self, figures: Figures) -> bool:
        """Return whether `figures` pass."""
        decide = all if self.needs == "all" else any
        return decide(bound.holds(figures) for bound in self.bounds)


@dataclass(frozen=True, slots=True)
class Protocol:
    """One comparison. `serves` names targets and rules; `source` and `also` are keys of references.toml.

    published is the figure to meet, measured how people got it; `simulated` are the parameters of `measure`, differs
    says where the simulation departs from what people did; `shown` formats our figures. expectation was written before
    the first run; known_miss lists a miss that has been seen and explained by `why`. missing_fact makes the row
    "not comparable": it has no measure and says what would have to be known.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    id: str
    title: str
    serves: tuple[str, ...]
    source: str
    published: str
    measured: str
    kind: Kind
    expectation: str
    also: tuple[str, ...] = ()
    differs: str = ""
    measure: str = ""
    simulated: dict[str, Any] = field(default_factory=dict)
    shown: str = ""
    spread_figure: str = ""
    pass_line: PassLine | None = None
    known_miss: bool = False
    why: str = ""
    missing_fact: str = ""

    def __post_init__(self) -> None:
        for name in ("title", "published", "measured", "expectation"):
            if not getattr(self, name).strip():
                raise InvalidValueError(f"{name} is empty; a protocol must say it")
        for key in (self.source, *self.also):
            if key not in read_table("references"):
                raise InvalidValueError(f"source is {key!r}; it must be a key of references.toml")
        if not self.serves:
            raise InvalidValueError(f"serves is empty; name a target or rule, or {OTHER_TARGET!r}")
        for target in self.serves:
            require_one_of("serves", target, (*TARGETS, OTHER_TARGET))
        require_one_of("kind", self.kind, KINDS)
        if self.known_miss and not self.why.strip():
            raise InvalidValueError("known_miss is true and why is empty; a listed miss must be explained")
        if self.missing_fact:
            if self.measure or self.pass_line is not None:
                raise InvalidValueError("missing_fact is given; such a row has no measure and no pass_line")
            return
        require_one_of("measure", self.measure, tuple(MEASURES))
        if self.pass_line is None or not self.shown:
            raise InvalidValueError("pass_line or shown is missing; a row that is comparable needs both")

    def bound_measure(self) -> Measure:
        """Return the measure with this protocol's parameters; raise InvalidFileError for a wrong or unknown one."""
        return files.decode(MEASURES[self.measure], self.simulated, where=f"{self.id}.toml: simulated")

    @property
    def is_comparable(self) -> bool:
        """Return whether there is something to compute."""
        return not self.missing_fact


@dataclass(frozen=True, slots=True)
class Loaded:
    """A protocol and the text it was read from, which is part of the key of its stored row."""

    protocol: Protocol
    text: str


def protocol_from_text(name: str, text: str) -> Protocol:
    """Return the protocol in the TOML `text` of `name`.toml; raise InvalidFileError with every problem."""
    where = f"{name}.toml"
    protocol = files.decode(Protocol, files.parse(text, ".toml", where), where=where)
    if protocol.id != name:
        raise InvalidFileError(where, [f"id is {protocol.id!r}; it must be the file's name, {name!r}"])
    if protocol.is_comparable:
        protocol.bound_measure()
    return protocol


@cache
def load_protocols() -> tuple[Loaded, ...]:
    """Return all protocols by id; raise InvalidFileError for a bad one."""
    folder = package_files("scs_sim.validate").joinpath("protocols")
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda e: e.name)
    loaded = []
    for entry in entries:
        text = entry.read_text(encoding="utf-8").replace("\r\n", "\n")
        loaded.append(Loaded(protocol_from_text(entry.name.removesuffix(".toml"), text), text))
    return tuple(loaded)


def chosen(names: Sequence[str], loaded: Sequence[Loaded]) -> tuple[Loaded, ...]:
    """Return the protocols whose id is one of `names`, or that serve a target of that name; all for no names.

    Raises UnknownNameError for a name that is neither.
    """
    if not names:
        return tuple(loaded)
    by_name: Mapping[str, set[str]] = {
        **{item.protocol.id: {item.protocol.id} for item in loaded},
        **{
            target: {item.protocol.id for item in loaded if target in item.protocol.serves}
            for target in (*TARGETS, OTHER_TARGET)
        },
    }
    wanted: set[str] = set()
    for name in names:
        if name not in by_name:
            raise UnknownNameError("validation row or target", name, tuple(by_name))
        wanted |= by_name[name]
    return tuple(item for item in loaded if item.protocol.id in wanted)
