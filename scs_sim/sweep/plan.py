"""The plan of a sweep: which values of every factor are crossed with each other, as a person writes it.

A range "FIRST:LAST:STEP" stands for the numbers it names, LAST among them. An amplitude is a number of mA, or a
multiple of what each patient feels: "comfort", "PT", "DT", "0.9 DT". What a plan leaves out is the cases' own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Literal, cast

from scs_models.errors import InvalidValueError
from scs_models.values import require_between
from scs_sim.hardware import generator_of
from scs_sim.limits import program_ranges, require_rate
from scs_sim.people import GREATEST_COUNT, GREATEST_SEED
from scs_sim.program import Waveform

OWN = "own"
ALL = "all"
MAX_VALUES = 10_000
_RELATIVE = re.compile(r"(?:(?P<factor>\d+(?:\.\d+)?)\s*[x*]?\s*)?(?P<of>pt|comfort|dt)", re.IGNORECASE)
_NAMES: dict[str, Literal["PT", "comfort", "DT"]] = {"pt": "PT", "comfort": "comfort", "dt": "DT"}
_FACTOR_RANGE = (0.01, 10.0)


@dataclass(frozen=True, slots=True)
class AmplitudePoint:
    """One amplitude of a plan: `factor` times mA, or times a threshold of each patient, program and rate."""

    of: Literal["mA", "PT", "comfort", "DT"]
    factor: float

    @property
    def label(self) -> str:
        """Return how data sets call it: "3.5 mA", "comfort", "0.9 DT"."""
        return self.of if self.of != "mA" and self.factor == 1.0 else f"{self.factor:g} {self.of}"


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """A full factorial design; an empty list stands for what the cases have themselves.

    cases: built-in ids or files; patients_count: patients drawn per case with `seed`, keeping what is `known` (by
    default where the case differs from usual), 0 for the case's own patient; configurations: contacts in the field's
    notation, or "own"; postures: names, or "all"; profile: the limit profile of the generator; regions: keep the felt
    share of every region. Raises InvalidValueError.
    """

    FORMAT: ClassVar[str] = "scs-sim sweep"
    VERSION: ClassVar[int] = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    cases: tuple[str, ...]
    title: str = ""
    patients_count: int = 0
    known: tuple[str, ...] | None = None
    seed: int = 0
    postures: tuple[str, ...] = ()
    configurations: tuple[str, ...] = ()
    waveforms: tuple[Waveform, ...] = ()
    pulse_widths_us: tuple[float | str, ...] = ()
    rates_hz: tuple[float | str, ...] = ()
    amplitudes_ma: tuple[float | str, ...] = ("comfort",)
    profile: str = ""
    regions: bool = False

    def __post_init__(self) -> None:
        if not self.cases:
            raise InvalidValueError("cases is empty; name at least one case")
        require_between("patients_count", self.patients_count, 0, GREATEST_COUNT)
        require_between("seed", self.seed, 0, GREATEST_SEED)
        if self.known is not None and not self.patients_count:
            raise InvalidValueError("known says what is known of patients drawn; it needs patients_count")
        for name in ("cases", "postures", "configurations", "waveforms"):
            _require_once(name, getattr(self, name))
        if not self.amplitudes_ma:
            raise InvalidValueError('amplitudes_ma is empty; give mA, a range, or for example "comfort"')
        self.widths()
        self.rates()
        self.amplitudes()
        generator_of(self.profile)

    def widths(self) -> tuple[float, ...]:
        """Return the pulse widths (us) with ranges written out; () for the cases' own."""
        return _numbers("pulse_widths_us", self.pulse_widths_us, *program_ranges().pulse_width_us, "us")

    def rates(self) -> tuple[float, ...]:
        """Return the rates (Hz) with ranges written out; () for the cases' own."""
        low, high = program_ranges().rate_hz[0], program_ranges().paresthesia_free_rate_hz[1]
        return tuple(require_rate(rate) for rate in _numbers("rates_hz", self.rates_hz, low, high, "Hz"))

    def amplitudes(self) -> tuple[AmplitudePoint, ...]:
        """Return the amplitudes with ranges written out."""
        found: list[AmplitudePoint] = []
        for value in self.amplitudes_ma:
            match = _RELATIVE.fullmatch(value.strip()) if isinstance(value, str) else None
            if match is None:
                given = _numbers("amplitudes_ma", (value,), *program_ranges().amplitude_ma, "mA")
                found += [AmplitudePoint("mA", number) for number in given]
            else:
                factor = float(match["factor"] or 1.0)
                require_between("amplitudes_ma: a factor", factor, *_FACTOR_RANGE)
                found.append(AmplitudePoint(_NAMES[match["of"].lower()], factor))
        _require_once("amplitudes_ma", [point.label for point in found])
        return tuple(found)


def _numbers(name: str, values: Iterable[float | str], low: float, high: float, unit: str) -> tuple[float, ...]:
    found: list[float] = []
    for value in values:
        given = _range_of(name, value) if isinstance(value, str) else (value,)
        found += [float(require_between(name, number, low, high, unit)) for number in given]
    _require_once(name, found)
    return tuple(found)


def _range_of(name: str, text: str) -> tuple[float, ...]:
    """Return the numbers of "FIRST:LAST:STEP", or of a single number written as text."""
    try:
        parts = [Decimal(part.strip()) for part in text.split(":")]
    except InvalidOperation:
        parts = []
    if len(parts) not in (1, 3) or not all(part.is_finite() for part in parts):
        relative = ', or "comfort", "PT", "0.9 DT"' if name == "amplitudes_ma" else ""
        raise InvalidValueError(f"{name} has {text!r}; write a number or a range FIRST:LAST:STEP{relative}")
    if len(parts) == 1:
        return (float(parts[0]),)
    first, last, step = parts
    if step <= 0 or last < first:
        raise InvalidValueError(f"{name} has {text!r}; in FIRST:LAST:STEP the step is above 0 and LAST is no less")
    count = int((last - first) / step) + 1
    if count > MAX_VALUES:
        raise InvalidValueError(f"{name} has {text!r}; that is {count} values, and {MAX_VALUES} are the most")
    return tuple(float(first + step * place) for place in range(count))


def _require_once(name: str, values: Iterable[object]) -> None:
    items = list(values)
    if len(items) > MAX_VALUES:
        raise InvalidValueError(f"{name} is a list of {len(items)}; {MAX_VALUES} are the most")
    if len(set(items)) < len(items):
        twice = cast(str, max(items, key=items.count))
        raise InvalidValueError(f"{name} is wrong; {twice if isinstance(twice, str) else f'{twice:g}'} stands twice")
