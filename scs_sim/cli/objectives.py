"""`scs-sim objectives`: what a good program may be, and a file to begin an objective of your own with."""

from __future__ import annotations

import click

from scs_sim.cli.framework import ScsCommand, settings, write_json, write_out, write_rich


@click.command(
    cls=ScsCommand,
    short_help="What a good program is, for search; a file to start from.",
    examples=(
        ("scs-sim objectives", "the built-in objectives and their weights"),
        ("scs-sim objectives focused", "one of them, figure by figure"),
        ("scs-sim objectives focused --toml > mine.toml", "a file of your own to begin with"),
        ("scs-sim objectives mine.toml", "checks it and shows it"),
        ("scs-sim search foot --objective mine.toml", "uses it"),
    ),
)
@click.argument("names", metavar="[NAME|FILE]...", nargs=-1)
@click.option("--toml", is_flag=True, help="Print one objective as a commented file.")
def objectives(names: tuple[str, ...], toml: bool) -> None:
    """List the objectives that a search can be run with, or tell one, or one of your own in a file, in full.

    A weight is points per unit of its figure. All are assumptions, meant to be changed.
    """
    from rich.table import Table
    from rich.text import Text

    from scs_models import files
    from scs_sim.objective import FIGURES, ROOM, load_objective, objective_names
    from scs_sim.objective_words import FIGURE_WORDS, ROOM_WORDS, objective_toml

    found = [load_objective(name) for name in names or objective_names()]
    if toml:
        if len(names) != 1 or settings().as_json:
            raise click.UsageError("--toml prints one objective: name one, without --json")
        write_out(objective_toml(found[0]))
    elif settings().as_json:
        write_json({"objectives": [files.encode(objective) for objective in found]})
    elif names:
        for objective in found:
            table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
            table.add_column("figure", style="cyan")
            table.add_column("weight", justify="right")
            table.add_column("what it is", overflow="fold")
            for name in FIGURES:
                table.add_row(name, f"{objective.weight(name):g}", FIGURE_WORDS[name].meaning)
            for name in ROOM:
                table.add_row(name, f"{getattr(objective, name):g}", ROOM_WORDS[name])
            write_rich(Text(f"{objective.name}: {objective.title}", style="bold"), Text(), table, Text())
    else:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold cyan")
        table.add_column("points per unit of", overflow="fold")
        for objective in found:
            table.add_column(objective.name, justify="right", no_wrap=True)
        for name in FIGURES:
            unit = f" ({FIGURE_WORDS[name].unit})" if FIGURE_WORDS[name].unit else ""
            weights = [f"{objective.weight(name):g}" for objective in found]
            table.add_row(FIGURE_WORDS[name].title + unit, *weights)
        titles = Table.grid(padding=(0, 2))
        for objective in found:
            titles.add_row(Text(objective.name, style="cyan"), objective.title)
        write_rich(titles, Text(), table)
        write_out("\nOne in full: scs-sim objectives NAME. A file to start from: scs-sim objectives NAME --toml\n")
