"""The tables of numbers in `data/`, read once, with every source checked against `references.toml`.

A record is a TOML table that holds `source` (a key of references.toml) and `status` ("published", "derived" or
"assumed"); the numbers in it, and in the sub-tables that have no record of their own, come from there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, cast, get_args

from scs_models.errors import InvalidFileError, UnknownNameError
from scs_models.values import Status

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One sourced entry of a table: where it stands, which reference it is from, what kind of number it is."""

    table: str
    path: str
    source: str
    status: Status
    note: str


def table_names(package: str = "scs_models") -> tuple[str, ...]:
    """Return the names of all tables with records in `package`'s data, sorted; `references` is not one of them."""
    names = (entry.name for entry in files(package).joinpath("data").iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted(name.removesuffix(".toml") for name in names if name != "references.toml"))


@cache
def read_table(name: str, package: str = "scs_models") -> Table:
    """Return `data/<name>.toml` of `package` as read-only nested mappings.

    Raises UnknownNameError for another name, InvalidFileError where a record has no valid source or status.
    """
    if name not in (*table_names(package), "references"):
        raise UnknownNameError("table", name, table_names(package))
    text = files(package).joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    table = cast(Table, _frozen(tomllib.loads(text)))
    if name != "references":
        known = read_table("references")
        records = tuple(_records_of(name, "", table))
        problems = [
            f"{record.path}.source is {record.source!r}; it must be a key of references.toml"
            for record in records
            if record.source not in known
        ] + [
            f"{record.path}.status is {record.status!r}; it must be one of {', '.join(get_args(Status))}"
            for record in records
            if record.status not in get_args(Status)
        ]
        if problems:
            raise InvalidFileError(f"{name}.toml", problems)
    return table


@cache
def all_records(packages: tuple[str, ...] = ("scs_models",)) -> tuple[Record, ...]:
    """Return every record of every table of `packages`, in table and file order."""
    return tuple(
        record
        for package in packages
        for name in table_names(package)
        for record in _records_of(name, "", read_table(name, package))
    )


def _records_of(table: str, path: str, node: object) -> Iterator[Record]:
    if isinstance(node, Mapping):
        if "source" in node and "status" in node:
            yield Record(
                table, path or table, str(node["source"]), cast(Status, node["status"]), str(node.get("note", ""))
            )
        for key, child in node.items():
            yield from _records_of(table, f"{path}.{key}" if path else key, child)
    elif isinstance(node, tuple):
        for index, child in enumerate(node):
            yield from _records_of(table, f"{path}[{index}]", child)


def _frozen(node: object) -> object:
    if isinstance(node, dict):
        return MappingProxyType({key: _frozen(child) for key, child in node.items()})
    if isinstance(node, list):
        return tuple(_frozen(child) for child in node)
    return node
