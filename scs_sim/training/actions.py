"""Actions: the closed list of what a trainee may do, with parameters. One table for terminal, JSON, docs and app."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from scs_models import anatomy
from scs_models.errors import InvalidValueError, UnknownNameError
from scs_models.leads import catalogue
from scs_models.tables import Table, read_table
from scs_models.values import require_between, require_one_of
from scs_sim.limits import program_ranges
from scs_sim.program import WAVEFORMS, Area, parse_contacts
from scs_sim.training.case import CAUSES, DOCUMENTS, REASONS

Value = str | float | int
ParameterKind = Literal["number", "whole", "text", "choice"]

QUESTIONS = ("where", "strength", "comfort")
NOTES = ("pt", "comfort", "dt")
VIEWS = ("ap", "lateral")
REPAIRS = ("reseat-connector", "dry-connector", "exchange-cable")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an action. `default` None: it must be given. `low` and `high` bound numbers, in `unit`."""

    name: str
    kind: ParameterKind
    help: str
    default: Value | None = None
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""

    def checked(self, value: object) -> Value:
        """Return `value` (or the text of a number) as this parameter takes it; raise InvalidValueError otherwise."""
        if self.kind in ("number", "whole"):
            number = _number(value)
            if number is None or (self.kind == "whole" and number != int(number)):
                raise InvalidValueError(f"{self.name} is {value!r}; it must be {self.kind_in_words}")
            require_between(self.name, number, self.low, self.high, self.unit)
            return int(number) if self.kind == "whole" else number
        if not isinstance(value, str):
            raise InvalidValueError(f"{self.name} is {value!r}; it must be text")
        if self.kind == "choice":
            return require_one_of(self.name, value, self.choices)
        if not value.strip() or len(value) > MAX_TEXT or not value.isprintable():
            raise InvalidValueError(f"{self.name} is {value!r}; it must be 1 to {MAX_TEXT} printable characters")
        return value.strip()

    @property
    def kind_in_words(self) -> str:
        """Return what a value must be, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        bound = f" from {self.low:g} to {self.high:g} {self.unit}".rstrip() if math.isfinite(self.high) else ""
        return {"number": "a number", "whole": "a whole number", "text": "text"}[self.kind] + bound


@dataclass(frozen=True, slots=True)
class ActionKind:
    """One kind of action: what it is called and does, its parameters, and what it costs in the simulated room.

    cost_s: simulated seconds; attention_cost: how much of the patient's attention it takes (1: all of it).
    """

    name: str
    title: str
    help: str
    parameters: tuple[Parameter, ...]
    cost_s: float
    attention_cost: float


@dataclass(frozen=True, slots=True)
class Action:
    """One action with all its parameters, defaults filled in; made by `action`."""

    name: str
    parameters: Mapping[str, Value]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __reduce__(self) -> tuple[type[Action], tuple[str, dict[str, Value]]]:
        """Travel to another process as a plain dict: a mapping proxy cannot."""
        return Action, (self.name, dict(self.parameters))

    def number(self, name: str) -> float:
        """Return a parameter that is a number."""
        return float(self.parameters[name])

    def text(self, name: str) -> str:
        """Return a parameter that is text."""
        return str(self.parameters[name])


MAX_TEXT = 60


def action(name: str, given: Mapping[str, object] | None = None) -> Action:
    """Return the action `name` with `given` parameters checked and the others at their defaults.

    Raises UnknownNameError for another action, InvalidValueError for a bad, missing or unknown parameter.
    """
    kinds, found = action_kinds(), dict(given or {})
    if name not in kinds:
        raise UnknownNameError("action", name, tuple(kinds))
    values: dict[str, Value] = {}
    for parameter in kinds[name].parameters:
        value = found.pop(parameter.name, parameter.default)
        if value is None:
            raise InvalidValueError(f"{name}: {parameter.name} is missing; it must be {parameter.kind_in_words}")
        values[parameter.name] = parameter.checked(value)
    if found:
        known = ", ".join(parameter.name for parameter in kinds[name].parameters) or "none"
        raise InvalidValueError(f"{name}: {next(iter(found))!r} is not a parameter of it; known: {known}")
    if name == "program":
        _require_pulse(values)
    return Action(name, values)


def action_kinds() -> Mapping[str, ActionKind]:
    """Return the closed list of actions by name, in the order of a trial."""
    return _KINDS


def action_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of the parameters of action `name`; raise UnknownNameError."""
    require_one_of("action", name, tuple(_KINDS))
    properties = {parameter.name: _schema(parameter) for parameter in _KINDS[name].parameters}
    return {
        "type": "object",
        "description": _KINDS[name].help,
        "properties": properties,
        "required": [parameter.name for parameter in _KINDS[name].parameters if parameter.default is None],
        "additionalProperties": False,
    }


def _schema(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": parameter.help}
    schema["type"] = {"number": "number", "whole": "integer"}.get(parameter.kind, "string")
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if math.isfinite(parameter.high):
        schema |= {"minimum": parameter.low, "maximum": parameter.high}
    return schema if parameter.default is None else schema | {"default": parameter.default}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _require_pulse(values: Mapping[str, Value]) -> None:
    """Raise InvalidValueError for contacts and a pulse that no program can have."""
    parse_contacts(str(values["contacts"]))
    waveform: Any = values["waveform"]
    Area(str(values["contacts"]), float(values["pulse_width_us"]), float(values["rate_hz"]), waveform)


def _choice(name: str, choices: tuple[str, ...], text: str, default: str | None = None) -> Parameter:
    return Parameter(name, "choice", text, default, choices)


def _length(name: str, text: str, high: float, default: float = 0.0) -> Parameter:
    return Parameter(name, "number", text, default, (), -high, high, "mm")


def _current(name: str, text: str, default: float | None = None, low: float = 0.0) -> Parameter:
    return Parameter(name, "number", text, default, (), low, program_ranges().amplitude_ma[1], "mA")


def _lead() -> Parameter:
    return Parameter("lead", "whole", "number of the lead, in the order of placing", 1, (), 1, 4)


def _parameters() -> dict[str, tuple[Parameter, ...]]:
    """Return the parameters of every action; titles, words and costs stand in training.toml."""
    ranges, placing = program_ranges(), read_table("leads")["limits"]
    kinds = tuple(lead.id for lead in catalogue().values() if lead.kind == "percutaneous")
    levels = anatomy.section_levels()
    offset_mm, aside_mm = placing["tip_offset_high_mm"], placing["x_high_mm"]
    width = Parameter(
        "pulse_width_us", "number", "pulse width", ranges.default_pulse_width_us, (), *ranges.pulse_width_us, "us"
    )
    rate = Parameter("rate_hz", "number", "rate", ranges.default_rate_hz, (), *ranges.rate_hz, "Hz")
    name = Parameter("name", "text", "name of the program")
    return {
        "read": (_choice("item", DOCUMENTS, "which document"),),
        "decline": (_choice("reason", REASONS, "why stimulation is wrong for this patient"),),
        "place-lead": (
            _choice("lead_type", kinds, "lead type of the kit"),
            _choice("tip_level", levels, "vertebra to bring the tip to"),
            _length("tip_offset_mm", "tip above (+) or below (-) that vertebra's mid-height", offset_mm),
            _length("x_mm", "aim to the patient's right (+) or left (-) of the anatomical midline", aside_mm),
            _choice(
                "entry_level", ("usual", *anatomy.vertebra_names()), "vertebra below which the needle enters", "usual"
            ),
        ),
        "drive-lead": (
            _lead(),
            _length("rostral_mm", "push up (+) or pull back (-)", 60.0),
            _length("right_mm", "steer to the patient's right (+) or left (-)", 12.0),
        ),
        "remove-lead": (_lead(),),
        "xray": (_choice("view", VIEWS, "ap: from behind; lateral: from the side", "ap"),),
        "anchor": (),
        "impedance": (),
        "program": (
            Parameter("contacts", "text", 'for example "1.3- 1.4+"; leads in the order of placing'),
            width,
            rate,
            _choice("waveform", tuple(WAVEFORMS), "shape of the pulse", "recharge"),
        ),
        "amplitude": (
            _current("to_ma", "amplitude to go to, 0 switches off"),
            _current("step_ma", "step of the ramp, a second each; the patient can cry stop between steps", 0.1, 0.05),
        ),
        "ask": (_choice("about", QUESTIONS, "what to ask the patient"),),
        "colour": (),
        "note": (_choice("threshold", NOTES, "which threshold"), _current("value_ma", "its amplitude")),
        "save": (name,),
        "load": (name,),
        "limit": (_current("to_ma", "how far the patient may turn up the saved programs"),),
        "posture": (_choice("to", anatomy.postures(), "the posture to take"),),
        "conclude": (_choice("cause", CAUSES, "what is behind the complaint"),),
        "repair": (_choice("what", REPAIRS, "what to do"), _lead()),
        "next-visit": (),
        "finish": (),
    }


def _kinds() -> dict[str, ActionKind]:
    rows: Table = read_table("training", "scs_sim")["actions"]
    return {
        name: ActionKind(
            name, rows[name]["title"], rows[name]["help"], own, float(rows[name]["cost_s"]),
            float(rows[name]["attention"]),
        )
        for name, own in _parameters().items()
    }  # fmt: skip


_KINDS: Mapping[str, ActionKind] = MappingProxyType(_kinds())
