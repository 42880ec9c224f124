"""Sources of numbers: the window shows what the command line lists, and finds what links name."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from scs_sim.cli import cli
from scs_ui.state.looks.sources import STATUSES, place_of, source_rows, sources_look


def test_the_rows_are_those_of_the_command_line():
    done = CliRunner().invoke(cli, ["sources", "--json"])
    document = json.loads(done.stdout)
    rows = [(row["table"], row["path"], row["source"], row["status"], row["note"]) for row in document["sources"]]
    assert [(row.table, row.record, row.source, row.status, row.note) for row in source_rows()] == rows
    counts = document["counts"]
    assert sources_look().summary == (
        f"{counts['records']} records: {counts['published']} published, {counts['derived']} derived,"
        f" {counts['assumed']} assumed"
    )


def test_every_row_has_a_citation_and_a_status_in_words():
    for row in source_rows():
        assert row.citation, row.key
        assert row.status in STATUSES
        assert row.source in row.detail
        assert ".." not in row.detail.replace("...", "")


def test_search_takes_words_in_any_order_and_a_status():
    look = sources_look("FE02 dorsal_column", "published")
    assert look.rows
    assert {row.source for row in look.rows} == {"FE02"}
    assert {row.status for row in look.rows} == {"published"}
    assert f"{len(look.rows)} of " in look.summary
    assert sources_look("no such thing at all").rows == ()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("populations:dorsal_root", "dorsal_root"),
        ("dorsal_column.large", "dorsal_column.large"),
        ("dorsal_column.dia", "dorsal_column.diameter"),
    ],
)
def test_links_find_their_record(key: str, expected: str):
    assert source_rows()[place_of(key)].record == expected


def test_values_are_those_of_the_table():
    large = source_rows()[place_of("dorsal_column.large")]
    assert large.values == "diameter_um 10.7, fibres 68, per_tenth_mm 2.4, per_division 6"


def test_a_reference_is_a_link_too_and_nonsense_is_none():
    assert source_rows()[place_of("FE02")].source == "FE02"
    assert place_of("nonsense") is None
