"""`--config FILE` (or SCS_SIM_CONFIG): a TOML file of a user's own defaults for options, a table per command.

    [defaults.evaluate]
    posture = "standing"
    pulse-width-us = 210

An option on the command line wins. The whole file is checked whenever it is read, not only what the command needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import click

from scs_models import files
from scs_models.errors import InvalidFileError


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the file holds: command -> option without its dashes -> value; commands of a group one table deeper."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    defaults: Mapping[str, Any] = field(default_factory=dict)


def command_defaults(ctx: click.Context, path: str) -> dict[str, Any]:
    """Return the defaults in the file at `path` for the command of `ctx`: parameter name -> value.

    Raises InvalidFileError with every problem: unknown commands and options, values that the options do not take.
    """
    table = files.read_value(Defaults, path).defaults
    root = ctx.find_root()
    problems = list(_problems(root, table, "defaults"))
    if problems:
        raise InvalidFileError(path, problems)
    for name in _words(ctx):
        table = table.get(name, {})
    names = _options(ctx.command)
    return {str(names[key].name): value for key, value in table.items()}


def _words(ctx: click.Context) -> list[str]:
    return [] if ctx.parent is None else [*_words(ctx.parent), str(ctx.command.name)]


def _options(command: click.Command) -> dict[str, click.Option]:
    """Return the options of `command` by long name; the global ones are not among them."""
    options = [item for item in command.params if isinstance(item, click.Option) and item.expose_value]
    return {name[2:]: option for option in options for name in option.opts if name.startswith("--")}


def _problems(ctx: click.Context, table: Mapping[str, Any], where: str) -> Iterator[str]:
    command = ctx.command
    if not isinstance(command, click.Group):
        yield from _option_problems(ctx, table, where)
        return
    for name, inner in table.items():
        child = command.get_command(ctx, name)
        if child is None:
            known = ", ".join(command.list_commands(ctx))
            yield f"{where}.{name}: there is no command {name!r}; known: {known}"
        elif not isinstance(inner, Mapping):
            yield f"{where}.{name} is {inner!r}; it must be a table of options"
        else:
            yield from _problems(click.Context(child, parent=ctx, info_name=name), inner, f"{where}.{name}")


def _option_problems(ctx: click.Context, table: Mapping[str, Any], where: str) -> Iterator[str]:
    options = _options(ctx.command)
    for name, value in table.items():
        if name not in options:
            yield f"{where}.{name}: there is no option --{name} to set here; known: {', '.join(options)}"
            continue
        option = options[name]
        if (wanted := _shape(option)) != _kind(value):
            yield f"{where}.{name} is {value!r}; it must be {wanted}"
            continue
        try:
            option.process_value(ctx, value)
        except click.BadParameter as error:
            yield f"{where}.{name}: {error.message}"


def _shape(option: click.Option) -> str:
    return "true or false" if option.is_flag else "a list" if option.multiple else "one value"


def _kind(value: Any) -> str:
    if isinstance(value, (Mapping, list)):
        return "a list" if isinstance(value, list) else "a table"
    return "true or false" if isinstance(value, bool) else "one value"
