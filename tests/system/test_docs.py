"""The documents of the command line and of the files say what the product does."""

from __future__ import annotations

import dataclasses
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from scs_models import anatomy, canal_grid, files
from scs_sim.case import Case
from scs_sim.cli import cli
from scs_sim.document import ResultDocument
from scs_sim.objective import Objective
from scs_sim.program import Program
from scs_sim.result import Coverage, DermatomeFelt, RegionCoverage, Safety, SideEffect, Thresholds

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def children(group: click.Group) -> dict[str, click.Command]:
    """Return the commands of `group`, those of other packages included."""
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def test_cli_page_names_every_command_and_option() -> None:
    page = text_of("cli.md")

    def check(command: click.Command, path: str) -> None:
        assert f"## {path}\n" in page
        for parameter in command.params:
            assert parameter.opts[-1] in page or isinstance(parameter, click.Argument)
        if isinstance(command, click.Group):
            for name, child in children(command).items():
                check(child, f"{path} {name}")

    check(cli, "scs-sim")
    assert {"## scs-sim ui\n", "## scs-sim render\n", "## scs-sim doctor\n"} <= set(page.splitlines(keepends=True))


def test_cli_page_is_what_the_commands_say() -> None:
    done = subprocess.run(
        [sys.executable, str(DOCS / "make_cli.py"), "--check"],
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "kind",
    [ResultDocument, Thresholds, Coverage, RegionCoverage, DermatomeFelt, SideEffect, Safety],
    ids=lambda kind: kind.__name__,
)
def test_json_page_explains_every_field(kind: Any) -> None:
    page = text_of("json.md")
    for field in dataclasses.fields(kind):
        assert f"`{field.name}`" in page, field.name


def test_examples_of_the_files_page_are_valid() -> None:
    examples = re.findall(r"```toml\n(.*?)```", text_of("files.md"), re.S)
    kinds = [Program, Case, Objective]
    assert len(examples) == len(kinds)
    for kind, example in zip(kinds, examples, strict=True):
        files.decode(kind, files.parse(example, ".toml", "files.md"), where="files.md")


def test_files_page_names_every_key() -> None:
    page = text_of("files.md")
    for kind in (Program, Case, Objective):
        assert all(f"`{field.name}`" in page or f"`{field.name}." in page for field in dataclasses.fields(kind))


def command_lines() -> list[tuple[str, str]]:
    pages = [*DOCS.glob("*.md"), *(path for path in [ROOT / "README.md"] if path.exists())]
    found = []
    for page in pages:
        for line in re.findall(r"(?:^|[`\s])(scs-sim (?!\[)[a-z][^`\n|>]*)", page.read_text(encoding="utf-8"), re.M):
            if page.name != "cli.md" or "[OPTIONS]" not in line:
                found.append((page.name, line.strip()))
    return found


def test_every_command_line_in_the_documents_is_understood() -> None:
    checked = 0
    for page, line in command_lines():
        words = shlex.split(line.rstrip("."))[1:]
        command: click.Command = cli
        while isinstance(command, click.Group) and words and words[0] in children(command):
            command, words = children(command)[words[0]], words[1:]
        if not words or isinstance(command, click.Group):
            continue
        try:
            with click.Context(cli), command.make_context("scs-sim", words):
                checked += 1
        except click.UsageError as error:
            pytest.fail(f"{page}: {line}: {error.format_message()}")
    assert checked > 25


def test_table_of_levels_is_what_the_tables_say() -> None:
    text = text_of("anatomy.md")
    found = {cells[0]: cells for line in text.splitlines() if len(cells := line.strip("| ").split(" | ")) == 9}
    for level in anatomy.section_levels():
        _, mid, csf, grid, _, _, _, segment, half = found[level]
        z_mm = anatomy.vertebra_mid_z_mm(level)
        assert float(mid) == round(z_mm, 1)
        assert float(csf) == anatomy.dorsal_csf_mm(level)
        assert grid == ", ".join(f"{value:.2f}" for value in canal_grid.csf_values_mm(level))
        assert float(segment) == round(float(anatomy.segment_position(z_mm)), 1)
        assert float(half) == anatomy.column_half_width_mm(level)
