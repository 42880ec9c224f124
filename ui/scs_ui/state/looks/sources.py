"""Where every number comes from, as a table that can be searched: record, status, source, citation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from scs_models.tables import all_records, read_table, table_names
from scs_models.values import Status
from scs_sim.document import PACKAGES

STATUSES: tuple[Status, ...] = ("published", "derived", "assumed")
STATUS_WORDS = {
    "published": "read in the source",
    "derived": "own arithmetic on read figures",
    "assumed": "own choice or unverified knowledge",
}
READ_WORDS = {
    "source": "the passage itself was read",
    "second-hand": "a page that quotes it was read",
    "unverified": "from general knowledge, not checked",
}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One record of a table of numbers, `values` in words; `key` is "table:record", as links name it."""

    table: str
    record: str
    values: str
    status: Status
    source: str
    note: str
    citation: str
    link: str
    read: str

    @property
    def key(self) -> str:
        """Return "table:record"."""
        return f"{self.table}:{self.record}"

    @property
    def detail(self) -> str:
        """Return the whole of it in a few lines for people."""
        parts = [
            f"{self.record} ({self.table})" + (f": {self.values}" if self.values else ""),
            f"{self.status}: {STATUS_WORDS[self.status]}. {self.note}".rstrip(". ") + ".",
            f"{self.source}: {self.citation}.",
            self.link,
            READ_WORDS.get(self.read, ""),
        ]
        return "\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class SourcesLook:
    """The rows to show and a sentence that counts them."""

    rows: tuple[SourceRow, ...]
    summary: str


@cache
def source_rows() -> tuple[SourceRow, ...]:
    """Return every record of every table, in table and file order."""
    references = read_table("references")
    homes = {name: package for package in PACKAGES for name in table_names(package)}
    rows = []
    for record in all_records(PACKAGES):
        origin = references[record.source]
        rows.append(
            SourceRow(
                table=record.table,
                record=record.path,
                values=_values(read_table(record.table, homes[record.table]), record.path),
                status=record.status,
                source=record.source,
                note=record.note,
                citation=str(origin["citation"]),
                link=str(origin.get("link", "")),
                read=str(origin.get("read", "")),
            )
        )
    return tuple(rows)


def sources_look(text: str = "", status: str = "") -> SourcesLook:
    """Return the rows in which every word of `text` occurs and whose status is `status` ("" for any)."""
    words = text.lower().split()
    rows = tuple(
        row
        for row in source_rows()
        if status in ("", row.status)
        and all(
            word in " ".join((row.key, row.values, row.status, row.source, row.note, row.citation, row.link)).lower()
            for word in words
        )
    )
    counts = Counter(row.status for row in rows)
    total = len(source_rows())
    head = f"{total} records" if len(rows) == total else f"{len(rows)} of {total} records"
    return SourcesLook(rows, f"{head}: " + ", ".join(f"{counts[name]} {name}" for name in STATUSES))


def place_of(key: str) -> int | None:
    """Return the place of the first row that `key` means: "table:record", a record, its beginning, or a reference."""
    rows = source_rows()
    for fits in (
        lambda row: key in (row.key, row.record),
        lambda row: row.key.startswith(key) or row.record.startswith(key),
        lambda row: row.source == key or row.table == key,
    ):
        for place, row in enumerate(rows):
            if fits(row):
                return place
    return None


_VALUES_SHOWN = 160


def _values(table: object, path: str) -> str:
    """Return the numbers and words of the record at `path` ("a.b[0].c"; the table's name: the table itself)."""
    node = table
    for name, place in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        if isinstance(node, Mapping) and name in node:
            node = node[name]
        elif isinstance(node, tuple) and place:
            node = node[int(place)]
    if not isinstance(node, Mapping):
        return ""
    words = [
        f"{name} {_shown(value)}"
        for name, value in node.items()
        if name not in ("source", "status", "note") and not isinstance(value, Mapping)
    ]
    text = ", ".join(words)
    return text if len(text) <= _VALUES_SHOWN else text[: _VALUES_SHOWN - 2].rstrip(", ") + " …"


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return str(value)
