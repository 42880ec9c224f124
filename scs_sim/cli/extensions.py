"""Commands that other packages bring to `scs-sim`: the entry points of the group `scs_sim.commands`.

A name is looked up only where it is wanted: by --help, by completion, or because no command of scs-sim's own has it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import click

from scs_sim.cli.framework import ScsCommand, ScsGroup

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "scs_sim.commands"


class ExtensibleGroup(ScsGroup):
    """A group with the commands of the entry points after its own; its own name wins."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return its own commands in the order they were added, then the others by name."""
        own = super().list_commands(ctx)
        return [*own, *sorted(set(_found()) - set(own))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command named `cmd_name`; one that cannot be loaded says so when it is run."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in _found():
            return own
        return _loaded(_found()[cmd_name])


@cache
def _found() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def _loaded(point: EntryPoint) -> click.Command:
    try:
        command = point.load()
    except Exception as error:  # somebody else's module: whatever it raises must not take the help with it
        return _broken(point, f"{type(error).__name__}: {error}")
    if not isinstance(command, click.Command):
        return _broken(point, f"{point.value} is no click command")
    return command


def _broken(point: EntryPoint, why: str) -> click.Command:
    def run() -> None:
        from scs_models.errors import MissingPieceError

        package = point.dist.name if point.dist is not None else point.value
        raise MissingPieceError(f"{point.name} cannot be loaded ({why}); install {package} again")

    return ScsCommand(point.name, callback=run, short_help="Cannot be loaded; run it to see why.")
