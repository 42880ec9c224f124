"""What commands that begin a file share: .toml, .json or standard output, and nothing written over by accident."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scs_sim.cli.framework import say, settings, write_json, write_out


def require_suffix(file: str) -> str:
    """Return ".toml" or ".json", what `file` ends in (- is .toml); raise UsageError for another end."""
    suffix = ".toml" if file == "-" else Path(file).suffix.lower()
    if suffix not in (".toml", ".json"):
        raise click.UsageError(f"FILE is {file!r}; it must end in .toml or .json, or be -")
    return suffix


def write_new(file: str, kind: str, value: Any, toml: str, *, force: bool, then: str, **more: Any) -> None:
    """Write `value` (its TOML is `toml`) to a new file, or to standard output for -.

    kind: its name in JSON output, beside what `more` adds; then: what to say after "FILE is written". Raises UsageError
    for a file that exists, unless `force`.
    """
    from scs_models import files

    if file == "-":
        write_json(files.encode(value)) if settings().as_json else write_out(toml)
        return
    if Path(file).exists() and not force:
        raise click.UsageError(f"{file} exists; --force writes over it")
    files.write_text(file, toml if require_suffix(file) == ".toml" else files.json_text(value))
    if settings().as_json:
        write_json({"path": file, kind: files.encode(value)} | more)
    else:
        say(f"{file} is written{then}")
