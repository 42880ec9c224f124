"""Exports for schools: statements that fit the published schema, nobody's name or words, numbers that add up."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import os
import platform
import re
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing
from cli_helpers import Runner
from page_helpers import LOADS, Walk
from referencing.jsonschema import DRAFT4
from training_attempts import leg_case
from training_records import NASTY, WHOLE, nasty_case, played, unsuitable_case

from scs_models.errors import InvalidFileError, InvalidValueError
from scs_sim.report import report_html
from scs_sim.training.cohort import cohort_csv, cohort_document, cohort_of, spread
from scs_sim.training.cohort_page import cohort_report
from scs_sim.training.export import Rows, SessionRow, csv_columns, csv_text, rows_of
from scs_sim.training.export_xapi import duration, xapi_statements
from scs_sim.training.pseudonym import KEY_NAME, pseudonym, pseudonym_key
from scs_sim.training.record import profile_path
from scs_sim.training.score import Score, ScoreItem

KERNELS = os.environ["SCS_SIM_CACHE_DIR"]  # before the fixture `run` sets a cache of its own
SCHEMAS = Path(__file__).parents[1] / "data" / "xapi"
_NAMES = """answered asked attempted attended commented completed exited experienced failed imported initialized
interacted launched mastered passed preferred progressed registered responded resumed scored shared suspended
terminated voided"""
ADL_VERBS = {f"http://adlnet.gov/expapi/verbs/{verb}" for verb in _NAMES.split()}
KEY = bytes(range(32))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder of records: a whole session, one that goes on, one declined, of three trainees."""
    place = tmp_path_factory.mktemp("zustände hier")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCS_SIM_STATE_DIR", str(place))
        played(nasty_case(), place, "Kim-Özil", WHOLE)
        played(leg_case(id="test-open"), place, "Kim-Özil", WHOLE[:6])
        played(
            unsuitable_case(), place, "lee", (("read", {"item": "history"}), ("decline", {"reason": "bleeding-risk"}))
        )
        yield place


@pytest.fixture(scope="module")
def found(folder: Path) -> Rows:
    """Return all rows under pseudonyms."""
    return rows_of(None, KEY)


@pytest.fixture(scope="module")
def statement_validator() -> jsonschema.Draft4Validator:
    """Return what judges a statement: the published schema with the regular expressions of its formats."""
    contents = json.loads((SCHEMAS / "statement-1.0.1.json").read_text(encoding="utf-8"))
    formats = json.loads((SCHEMAS / "formats.json").read_text(encoding="utf-8"))
    checker = jsonschema.FormatChecker(formats=())
    for name, pattern in formats.items():
        fits = re.compile(pattern).search
        checker.checks(name)(lambda value, fits=fits: not isinstance(value, str) or fits(value) is not None)
    resource = referencing.Resource(contents=contents, specification=DRAFT4)
    registry = referencing.Registry().with_resource("urn:xapi", resource)
    return jsonschema.Draft4Validator({"$ref": "urn:xapi#statement"}, registry=registry, format_checker=checker)


def made_up(trainee: str, points: float, case: str = "test-leg", state: str = "finished", **changes: Any) -> SessionRow:
    """Return a row with two items; the first has twice the points of the second."""
    items = (
        ScoreItem("ramps", "Slow ramps", "safety", points / 100.0 * 60.0, 60.0, ("why",)),
        ScoreItem("steps", "Steps", "economy", points / 100.0 * 40.0, 40.0, ("why",)),
    )
    usual: dict[str, Any] = {
        "trainee": trainee, "session": f"{case}-1", "case_id": case, "title": case, "grade": 2, "mode": "practice",
        "state": state, "day": 0, "started": "", "actions_count": 5, "clock_s": 61.4, "unscored": "",
        "score": None if state == "open" else Score(f"{case}-1", case, True, items), "coverage": None,
        "slips": {"twitch": 2}, "wrong_conclusions_count": 0,
    }  # fmt: skip
    return SessionRow(**(usual | changes))


def table_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV by column."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("named", [False, True])
def test_every_statement_fits_the_published_schema(
    folder: Path, found: Rows, statement_validator: jsonschema.Draft4Validator, named: bool
) -> None:
    """Schema, verbs of the ADL vocabulary, ids that differ, one attempt per session, one score per item."""
    rows = rows_of(None, None).rows if named else found.rows
    statements = xapi_statements(rows)
    for one in statements:
        assert [error.message for error in statement_validator.iter_errors(one)] == []
    assert {one["verb"]["id"] for one in statements} <= ADL_VERBS
    assert len({one["id"] for one in statements}) == len(statements)
    verbs = [one["verb"]["display"]["en"] for one in statements]
    assert verbs.count("attempted") == 3
    assert verbs.count("completed") == 2
    assert verbs.count("scored") == sum(len(row.score.items) for row in rows if row.score is not None) > 15
    assert all(("timestamp" in one) == named for one in statements)
    assert xapi_statements(rows) == statements


def test_the_schema_is_no_formality(found: Rows, statement_validator: jsonschema.Draft4Validator) -> None:
    """Each of these breaks a rule of the specification, and the schema says so."""
    whole = next(one for one in xapi_statements(found.rows) if one["verb"]["display"]["en"] == "completed")
    for name, value in (
        ("id", "no uuid"),
        ("actor", {"objectType": "Agent", "account": {"name": "x"}}),
        ("verb", {"id": "completed"}),
        ("result", {"score": {"scaled": 53.0}}),
        ("result", {"duration": "61 s"}),
        ("result", {"extensions": {"no address": 1}}),
        ("mood", "good"),
    ):
        assert list(statement_validator.iter_errors(whole | {name: value})), name


def test_scores_of_statements_add_up(found: Rows) -> None:
    """The items of a session add up to its score, raw lies within, scaled is the quotient; durations in seconds."""
    statements = xapi_statements([row for row in found.rows if row.case_id == "test-leg"])
    (total,) = [one["result"]["score"] for one in statements if one["verb"]["display"]["en"] == "completed"]
    items = [one["result"]["score"] for one in statements if one["verb"]["display"]["en"] == "scored"]
    assert sum(score["raw"] for score in items) == pytest.approx(total["raw"], abs=0.1)
    assert sum(score["max"] for score in items) == pytest.approx(total["max"], abs=0.1) == pytest.approx(100.0)
    assert all(0.0 <= score["raw"] <= score["max"] for score in items)
    assert total["scaled"] == pytest.approx(total["raw"] / total["max"], abs=1e-3)
    assert duration(61.4) == "PT61S"


@pytest.mark.parametrize(
    "base", ["school", "ftp://x.example", "https://", "https://a b.example", 'https://x"y', "urn:x"]
)
def test_an_address_that_is_none_is_refused(base: str) -> None:
    """Every id would be wrong."""
    with pytest.raises(InvalidValueError, match="base is"):
        xapi_statements((), base)


def test_nothing_that_could_tell_a_person_is_in_an_anonymous_export(folder: Path, found: Rows) -> None:
    """No profile, no words, no path, no machine, no date; an open session has no score and no coverage."""
    summary = cohort_of(found.rows, len(found.left_out))
    texts = (
        csv_text(found.rows),
        json.dumps(xapi_statements(found.rows)),
        json.dumps(cohort_document(summary)),
        cohort_csv(summary),
        report_html(cohort_report(summary)),
    )
    forbidden = ("Kim", "zil", "lee", "alert", "cmd", str(folder), "zust", platform.node() or "no name")
    for text in texts:
        assert [word for word in forbidden if word in text] == []
        assert not re.search(r"20\d\d-\d\d-\d\d", text)
    (row,) = [row for row in found.rows if row.state == "open"]
    assert (row.unscored, row.score, row.coverage) == ("open", None, None)


def test_a_pseudonym_is_a_keyed_hash_and_stays(found: Rows, tmp_path: Path) -> None:
    """The same key gives the same name for both sessions, another key another; the key is kept and private."""
    expected = "trainee-" + hmac.new(KEY, "Kim-Özil".encode(), hashlib.sha256).hexdigest()[:12]
    assert [row.trainee for row in found.rows].count(expected) == 2
    assert pseudonym("Kim-Özil", KEY[::-1]) != expected
    key = pseudonym_key(tmp_path)
    assert pseudonym_key(tmp_path) == key
    assert len(key) == 32
    if os.name == "posix":
        assert (tmp_path / KEY_NAME).stat().st_mode & 0o077 == 0
    (tmp_path / KEY_NAME).write_text("damaged")
    with pytest.raises(InvalidFileError, match="no key"):
        pseudonym_key(tmp_path)


def test_named_rows_have_names_and_times(folder: Path) -> None:
    """Only where asked for; still no words of trainees or instructors."""
    text = csv_text(rows_of(["Kim-Özil"], None).rows)
    rows = table_of(text)
    assert [row["trainee"] for row in rows] == ["Kim-Özil", "Kim-Özil"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["started"]) for row in rows)
    assert NASTY not in text
    with pytest.raises(InvalidValueError, match="there are: Kim-Özil, lee"):
        rows_of(["nobody"], None)


def test_the_csv_says_what_the_score_says(found: Rows) -> None:
    """Columns as announced; blank where there is nothing; points as the score's."""
    rows = table_of(csv_text(found.rows))
    assert tuple(rows[0]) == csv_columns()
    whole = next(row for row in rows if row["case"] == "test-leg")
    score = next(row.score for row in found.rows if row.case_id == "test-leg")
    assert score is not None
    assert float(whole["score_points"]) == pytest.approx(score.points, abs=0.05)
    assert float(whole["item_ramps_percent"]) == pytest.approx(
        next(100.0 * item.points / item.greatest for item in score.items if item.name == "ramps"), abs=0.05
    )
    assert int(whole["slips_amplitude_jump_count"]) >= 1
    assert whole["wrong_conclusions_count"] == "1"
    assert 0.0 <= float(whole["covered_percent"]) <= 100.0
    declined = next(row for row in rows if row["state"] == "declined")
    assert declined["item_ramps_percent"] == declined["covered_percent"] == ""
    assert float(declined["score_points"]) > 0.0


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(text: str) -> None:
    """A journal can have any name: what begins like a formula gets an apostrophe, and is one cell all the same."""
    (row,) = table_of(csv_text([made_up(text, 50.0, title=text, case=text)]))
    assert row["trainee"] == f"'{text}"
    assert row["case"] == f"'{text}"
    assert None not in row


def test_spreads_are_those_of_the_standard_library() -> None:
    """Quartiles of scores and items, case by case; sessions that go on count as begun only."""
    points = [10.0, 35.0, 40.0, 80.0, 95.0, 61.0]
    rows = [made_up(f"t{k}", value) for k, value in enumerate(points)]
    rows += [made_up("t0", 0.0, state="open"), made_up("t1", 20.0, case="test-two")]
    found = cohort_of(rows)
    low, median, high = statistics.quantiles(points, n=4, method="inclusive")
    (leg, two) = found.cases
    assert leg.score is not None
    assert (leg.score.low_percent, leg.score.median_percent, leg.score.high_percent) == pytest.approx(
        (low, median, high)
    )
    assert (leg.begun_count, leg.over_count, leg.trainees_count, two.begun_count) == (7, 6, 6, 1)
    assert leg.items["steps"].median_percent == pytest.approx(median)
    assert found.items["ramps"].count == 7
    assert spread([]) is None
    twitch = next(one for one in found.mistakes if one.what == "slip: twitch")
    assert (twitch.sessions_count, twitch.of_count) == (7, 7)
    slow = next(one for one in found.mistakes if "Slow ramps" in one.what)
    assert (slow.sessions_count, slow.of_count) == (4, 7)
    assert [one.share_percent for one in found.mistakes] == sorted(
        (o.share_percent for o in found.mistakes), reverse=True
    )


def test_the_page_of_a_cohort_is_harmless_and_warns_of_few_trainees() -> None:
    """Well-formed, nothing loaded, hostile titles escaped; with five trainees the warning is gone."""
    few = report_html(cohort_report(cohort_of([made_up("<b>", 50.0, title=NASTY), made_up("u", 20.0)])))
    walk = Walk()
    walk.feed(few)
    assert walk.open == walk.links == []
    assert not LOADS.search(few)
    assert "<script" not in few
    assert "tells of single people" in few
    assert "tells of single people" not in report_html(
        cohort_report(cohort_of([made_up(str(k), 50.0) for k in range(5)]))
    )
    assert "No session is finished yet" in report_html(cohort_report(cohort_of([])))


def test_the_command_writes_all_three_and_leaves_out_what_it_cannot_read(
    folder: Path, run: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A damaged journal is told and left out with --all, and an error when it is named."""
    monkeypatch.setenv("SCS_SIM_CACHE_DIR", KERNELS)
    collected = tmp_path / "eingesammelt ü"
    collected.mkdir()
    for name in ("lee",):
        (collected / f"{name}.journal").write_bytes(profile_path(name).read_bytes())
    (collected / "broken.journal").write_bytes(b"no journal at all" * 100)
    common = ("train", "export", "--folder", str(collected))
    done = run(*common, "--all", "--csv", "r.csv", "--xapi", "r.json", "--cohort", "r.html", "--json")
    assert done.code == 0, done.err
    assert "left out" in done.err
    assert "broken" not in done.err
    assert done.document["cohort"]["left_out_count"] == 1
    assert done.document["written"] == ["r.csv", "r.json", "r.html"]
    (row,) = table_of(Path("r.csv").read_bytes().decode("utf-8"))
    assert row["trainee"] == pseudonym("lee", pseudonym_key())
    assert json.loads(Path("r.json").read_text(encoding="utf-8"))[0]["actor"]["account"]["name"] == row["trainee"]
    assert run(*common, "--profile", "broken", "--csv", "r2.csv").code == 3
    assert not Path("r2.csv").exists()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--all",),
        ("--all", "--profile", "lee", "--csv", "x.csv"),
        ("--all", "--cohort", "x.pdf"),
        ("--all", "--csv", "x.csv", "--base", "https://school.example"),
        ("--all", "--xapi", "x.json", "--base", "school"),
        ("--all", "--csv", "x.csv", "--folder", "nowhere"),
        ("--profile", "nobody", "--csv", "x.csv"),
    ],
)
def test_what_makes_no_sense_is_refused_and_writes_nothing(folder: Path, run: Runner, words: tuple[str, ...]) -> None:
    """Exit code 2, before anything is scored."""
    assert run("train", "export", *words).code == 2
    assert not list(Path().glob("x.*"))
