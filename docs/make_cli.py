"""Writes docs/cli.md from the help of the commands themselves: python docs/make_cli.py [--check]."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from scs_sim.cli import cli

PAGE = Path(__file__).parent / "cli.md"
WIDTH = 100
HEAD = """\
# The command line

Made from the help texts by `python docs/make_cli.py`; edit those, not this page.
Data goes to standard output, everything else to standard error.
`--json` prints exactly one document: see [json.md](json.md).

| exit code | meaning |
| --- | --- |
| 0 | well |
| 1 | failed (an output file could not be written, an error in scs-sim itself) |
| 2 | something wrong on the command line: unknown case, option out of range |
| 3 | something wrong in a file or in standard input |
| 4 | a check failed: `--fail-under`, `validate`, `bench compare`, `bench golden` |
| 6 | something missing on this machine, or an environment variable that makes no sense |
| 130 | interrupted; finished kernels are kept, `search` prints the best so far |

| environment variable | meaning |
| --- | --- |
| `SCS_SIM_CACHE_DIR` | where kernels are kept; default: the user's cache directory |
| `SCS_SIM_CACHE_LIMIT_GB` | how much of it, default 4; the kernels not used for longest go first |
| `SCS_SIM_WORKERS` | processes that build kernels, default one per processor |
| `SCS_SIM_STATE_DIR` | where the desktop app keeps its journals; default: the user's state directory |
| `SCS_SIM_CONFIG_DIR` | where the desktop app keeps its settings; default: the user's configuration directory |
| `SCS_SIM_CONFIG` | a file of defaults, as `--config` |
| `QT_QPA_PLATFORM`, `QT_SCALE_FACTOR` | Qt's own: how and how large the window is drawn |
| `NO_COLOR`, `TERM=dumb` | no colour |

Your own defaults of options stand in a TOML file, a table per command, options by their long names; name it with
`--config FILE` or `SCS_SIM_CONFIG`. What stands on the command line wins. Unknown commands, unknown options and values
an option does not take are errors of the file (exit code 3). Arguments and the global options cannot be set there.

```toml
[defaults.evaluate]
posture = "standing"
pulse-width-us = 210
open = ["1.3", "1.4"] # what can be repeated is a list

[defaults.ui]
layout = "teaching"
no-recover = true # what takes no value is true or false

[defaults.cache.grid]
conductivities = "all"
```
"""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for path, command in _commands(cli, "scs-sim"):
        context = click.Context(command, info_name=path, **command.context_settings | {"terminal_width": WIDTH})
        parts.append(f"\n## {path}\n\n```text\n{command.get_help(context)}\n```\n")
    return "".join(parts)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _commands(child, f"{path} {name}")


if __name__ == "__main__":
    text = page()
    if "--check" in sys.argv[1:]:
        if PAGE.read_text(encoding="utf-8") != text:
            sys.exit("docs/cli.md is not what the commands say; run: python docs/make_cli.py")
    else:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
