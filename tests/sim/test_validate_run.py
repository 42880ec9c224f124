"""The runner keeps what is finished, the verdicts follow the pass line, the page shows misses first."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from cli_helpers import Runner
from validate_helpers import CALLS, Constant, loaded, one_by_one

import scs_sim.validate.run as runner
from scs_models import anatomy
from scs_sim.cli.catalogue import schema_of
from scs_sim.validate import protocol as protocols
from scs_sim.validate.protocol import Loaded
from scs_sim.validate.report import html_page, markdown_table, spread_words
from scs_sim.validate.rows import KernelsBuilt, Row, in_order, row_of

WHY = 'known_miss = true\nwhy = "it is made up"'


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(protocols.MEASURES, "constant", Constant)
    monkeypatch.setattr(runner, "run_all", one_by_one)
    monkeypatch.setenv("SCS_SIM_CACHE_DIR", str(tmp_path / "cache"))
    CALLS.clear()


def verdicts(items: list[Loaded], **options: bool) -> dict[str, str]:
    return {row.id: row.verdict for row in runner.run(items, workers=1, **options).rows}


def test_a_row_passes_inside_its_pass_line_and_misses_outside() -> None:
    items = [loaded("low", share=-0.1), loaded("in", share=1.0), loaded("high", share=1.1), loaded("nan", share=0.0)]
    assert verdicts(items) == {"low": "miss", "in": "pass", "high": "miss", "nan": "pass"}
    assert row_of(items[3].protocol, {"share": float("nan")}).verdict == "miss"
    assert row_of(items[3].protocol, {"share": float("nan")}).figures == {"share": None}


def test_either_bound_is_enough_where_any_is_asked_for() -> None:
    text = loaded("a").text.replace('words = "between 0 and 1"', 'words = "w"\nneeds = "any"')
    either = protocols.protocol_from_text("a", text + '\n[[pass_line.bounds]]\nfigure = "other"\nlow = 5.0\n')
    assert row_of(either, {"share": 3.0, "other": 6.0}).verdict == "pass"
    assert row_of(either, {"share": 0.3, "other": 4.0}).verdict == "pass"
    assert row_of(either, {"share": 3.0, "other": 4.0}).verdict == "miss"


def test_a_miss_said_beforehand_is_an_expected_miss_and_a_pass_stays_a_pass() -> None:
    items = [loaded("a", share=2.0, kind="expected miss"), loaded("b", kind="expected miss")]
    assert verdicts(items) == {"a": "expected miss", "b": "pass"}


def test_finished_rows_are_taken_from_disk_until_fresh_ones_are_asked_for() -> None:
    items = [loaded("a"), loaded("b")]
    first = runner.run(items, workers=1)
    assert len(CALLS) == 2
    assert runner.run(items, workers=1).rows == first.rows
    assert len(CALLS) == 2
    runner.run(items, workers=1, fresh=True)
    assert len(CALLS) == 4


def test_another_protocol_other_code_or_a_damaged_file_is_computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    item = loaded("a")
    runner.run([item], workers=1)
    assert verdicts([loaded("a", share=1.5)]) == {"a": "miss"}
    assert CALLS == ["a default"] * 2
    runner.run([item], workers=1)
    assert CALLS == ["a default"] * 3, "only the newest row of a protocol is kept"
    (path,) = runner.RowStore.default().directory.glob("*.json")
    path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    runner.run([item], workers=1)
    assert CALLS == ["a default"] * 4
    monkeypatch.setattr(runner, "code_sha256", lambda: "other")
    runner.run([item], workers=1)
    assert CALLS == ["a default"] * 5


def test_the_code_key_covers_what_computes_and_leaves_out_what_shows() -> None:
    names = [name for package in ("scs_models", "scs_sim") for name, _ in runner._modules(package, files(package))]
    for needed in ("scs_models/recruitment.py", "scs_models/fibres/mrg.py", "scs_sim/setting.py", "scs_sim/people.py"):
        assert needed in names
    assert not [name for name in names if name.startswith("scs_sim/cli") or name.endswith("report.py")]


def test_an_interrupted_run_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [loaded("a"), loaded("b"), loaded("c")]

    def stop(row: Row) -> None:
        if row.id == "b":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run(items, workers=1, on_row=stop)
    assert verdicts(items) == dict.fromkeys("abc", "pass")
    assert CALLS == ["a default", "b default", "c default"]


def test_a_row_that_cannot_be_computed_says_why_and_is_tried_again() -> None:
    items = [loaded("a", simulated="fails = true"), loaded("b")]
    report = runner.run(items, workers=1)
    assert [(row.id, row.verdict) for row in report.rows] == [("a", "failed"), ("b", "pass")]
    assert "share is wrong" in report.rows[0].error
    runner.run(items, workers=1)
    assert CALLS == ["a default", "b default", "a default"]


def test_rows_are_computed_here_where_kernels_cannot_be_kept_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object, **_options: object) -> None:
        raise AssertionError("another process cannot see kernels held in memory")

    monkeypatch.setattr(runner, "run_all", refused)
    monkeypatch.setattr(runner, "build_kernels", lambda *_: (KernelsBuilt(1, 1, 0.0), False))
    assert verdicts([loaded("a"), loaded("b")]) == {"a": "pass", "b": "pass"}


def test_the_spread_goes_over_every_conductivity_set() -> None:
    report = runner.run([loaded("a", more='spread_figure = "share"')], workers=1)
    (row,) = report.rows
    assert {item.conductivities for item in row.spread} | {"default"} == set(anatomy.conductivity_sets())
    assert len(CALLS) == len(anatomy.conductivity_sets())
    assert spread_words(row).startswith("share 0.5 to 0.5 (")


def rows_of_each_kind() -> list[Loaded]:
    return [
        loaded("listed", share=2.0, more=WHY),
        loaded("new", share=2.0),
        loaded("good"),
        loaded("said", share=2.0, kind="expected miss"),
        loaded("failing", simulated="fails = true"),
    ]


def test_misses_stand_before_what_passes() -> None:
    report = runner.run(rows_of_each_kind()[::-1], workers=1)
    assert [row.id for row in report.rows] == ["failing", "new", "listed", "said", "good"]
    assert in_order(report.rows[::-1]) == report.rows
    assert dict(report.counts) == {
        "failed": 1,
        "miss": 2,
        "expected miss": 1,
        "pass": 1,
        "not comparable": 0,
        "rows": 5,
    }


def test_the_page_is_well_formed_self_contained_and_has_the_misses_first() -> None:
    items = [*rows_of_each_kind(), loaded("odd", share=2.0, more='differs = "a < b & c > d"')]
    page = html_page(runner.run(items, workers=1))
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))
    table = next(element for element in root.iter("table") if element.get("class") == "rows")
    classes = [row.get("class") for row in table.iter("tr")][1:]
    assert classes == ["failed", "miss", "miss", "miss", "expected-miss", "pass"]
    text = " ".join(root.itertext())
    assert "a < b & c > d" in text
    assert "not pain relief" in text
    assert not [element for element in root.iter() if element.get("src") or element.get("href")]
    assert "script" not in page
    assert "http" not in page


def test_the_markdown_table_has_a_line_per_row() -> None:
    report = runner.run(rows_of_each_kind(), workers=1)
    lines = markdown_table(report).splitlines()
    assert len(lines) == 2 + len(report.rows)
    assert len({line.count("|") for line in lines}) == 1
    assert "miss (new)" in lines[3]


@pytest.mark.parametrize(
    ("names", "arguments", "code"),
    [
        (["good"], [], 0),
        (["listed", "said"], [], 0),
        (["listed", "good"], ["--strict"], 4),
        (["said"], ["--strict"], 4),
        (["new"], [], 4),
        (["failing", "good"], [], 5),
    ],
)
def test_exit_codes(
    run: Runner, monkeypatch: pytest.MonkeyPatch, names: list[str], arguments: list[str], code: int
) -> None:
    monkeypatch.setattr(protocols, "load_protocols", lambda: tuple(rows_of_each_kind()))
    only = [word for name in names for word in ("--only", name)]
    assert run("validate", *only, *arguments).code == code


def test_an_unknown_name_is_a_wrong_command_line(run: Runner) -> None:
    done = run("validate", "--only", "chronaxy-csf4")
    assert done.code == 2
    assert "chronaxie-csf4" in done.err


def test_json_is_one_document_that_meets_its_schema(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocols, "load_protocols", lambda: tuple(rows_of_each_kind()))
    document = run("validate", "--json").document
    jsonschema.validate(document, schema_of("validation"))
    assert document["rows"][0]["id"] == "failing"


def test_the_listing_names_verdict_published_ours_and_source(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocols, "load_protocols", lambda: tuple(rows_of_each_kind()))
    out = run("validate", "--only", "listed").out
    for words in ("miss", "row listed", "published  0 to 1", "ours       2.0", "it is made up", "He J, Barolat G"):
        assert words in out


def test_a_listed_miss_that_passes_is_pointed_out(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocols, "load_protocols", lambda: (loaded("a", more=WHY),))
    done = run("validate")
    assert done.code == 0
    assert "take it off the list" in done.err


def test_ctrl_c_keeps_finished_rows_and_ends_with_130(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    items = (loaded("a"), loaded("b"))

    def stopped(tasks: list[runner.RowTask], **options: object) -> None:
        one_by_one(tasks[:1], **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(protocols, "load_protocols", lambda: items)
    with monkeypatch.context() as patch:
        patch.setattr(runner, "run_all", stopped)
        done = run("validate")
    assert done.code == 130
    assert "1 rows were finished" in done.err
    assert run("validate").code == 0
    assert CALLS == ["a default", "b default"]


def test_html_is_written_beside_the_listing(run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(protocols, "load_protocols", lambda: (loaded("a"),))
    assert run("validate", "--html", "report.html").code == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
