"""`scs-sim search` and `objectives` as a user meets them; the search itself is scripted, its programs are simulated."""

from __future__ import annotations

import csv
import io
import math
import shlex
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_helpers import Runner
from example_search import example_search

from scs_models import files
from scs_sim import DISCLAIMER
from scs_sim.case import builtin_case, load_case
from scs_sim.case_file import case_toml
from scs_sim.cli.catalogue import schema_of
from scs_sim.cli.search import search
from scs_sim.cli.show_search import ends_of
from scs_sim.objective import FIGURES, LESS_IS_BETTER, Objective, builtin_objective, objective_names
from scs_sim.objective_words import FIGURE_WORDS, objective_toml
from scs_sim.patient import Patient
from scs_sim.program import Area, Program
from scs_sim.search.document import front_csv, search_document
from scs_sim.search.request import SearchRequest
from scs_sim.search.result import Point, SearchResult
from scs_sim.setting import Setting

CASE = builtin_case("foot")
CONTACTS = ("1.2- 1.4+", "1.3-60 1.4-40 1.6+", "1.6- 1.7+")


@pytest.fixture(scope="module")
def found(prepared: Callable[[str], Setting]) -> SearchResult:
    return example_search(prepared(CASE.id), CASE, *CONTACTS)


class Script:
    """A search whose steps are given; it keeps what it was asked."""

    def __init__(self, *steps: SearchResult | BaseException) -> None:
        self.steps = steps
        self.asked: SearchRequest | None = None


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch, found: SearchResult) -> Callable[..., Script]:
    """Return what lets `scs-sim search` answer with these steps (default: a first look, then the end)."""

    def script(*steps: SearchResult | BaseException) -> Script:
        own = Script(*(steps or (first_look(found), found)))

        def answer(self: SearchRequest, progress: Any = None) -> Iterator[SearchResult]:
            own.asked = self
            if progress is not None:
                progress(0.5, "1 of 2 kernels built; now T11")
            for step in own.steps:
                if isinstance(step, BaseException):
                    raise step
                yield step

        monkeypatch.setattr(SearchRequest, "steps", answer)
        return own

    return script


def first_look(found: SearchResult) -> SearchResult:
    return replace(found, stage="screening", fraction=0.25, finished=False, suggestions=found.suggestions[1:], front=())


@pytest.mark.parametrize("columns", ["45", "80", "110"])
def test_page_tells_every_suggestion_its_figures_and_reasons(
    run: Runner, scripted: Callable[..., Script], found: SearchResult, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    scripted()
    monkeypatch.setenv("COLUMNS", columns)
    done = run("search", "foot")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= int(columns)
    words = " ".join(done.out.split())
    for place, item in enumerate(found.suggestions, start=1):
        point, coverage = item.point, item.result.coverage
        gain = point.score - found.start.point.score
        dials = f"{point.contacts} {point.amplitude_ma:.2f} mA {point.pulse_width_us:g} us"
        assert f"{place} {dials} {point.score:.1f} points ({gain:+.1f})" in words
        assert f"{coverage.pain_covered_by_score_percent:.0f} % by score" in words
        assert all(" ".join(line.split()) in words for line in item.why)
        assert item.result.thresholds.dt_rule == "root"
        assert f"DT {item.result.thresholds.dt_ma:.2f} mA ({item.result.thresholds.dt_where}):" in words
    assert f"start {found.start.point.score:.1f}" in words
    assert DISCLAIMER in words
    assert "A made-up note." in words
    assert "Not finished" not in words


def test_best_line_compares_with_the_starting_program(
    run: Runner, scripted: Callable[..., Script], found: SearchResult
) -> None:
    scripted()
    words = " ".join(run("search", "foot").out.split())
    best, start = found.suggestions[0].point, found.start.point
    now, before = (point.figure("pain_covered_by_score_percent") for point in (best, start))
    assert f"Best: {best.score:.1f} points ({best.score - start.score:+.1f}): {best.contacts}" in words
    assert f"{now:.0f} % of the pain by score instead of {before:.0f} %." in words


def test_progress_and_the_first_suggestion_are_told_before_the_end(
    run: Runner, scripted: Callable[..., Script], found: SearchResult
) -> None:
    counting = [replace(first_look(found), stage=f"refining: {count} of 2") for count in (1, 2)]
    scripted(first_look(found), first_look(found), *counting, found)
    lines = run("search", "foot").err.splitlines()
    assert lines[0] == "foot: 1 of 2 kernels built; now T11"
    assert lines[1] == "foot: 25 %, screening"
    assert lines[2].startswith(f"foot: best so far {found.suggestions[1].point.score:.1f} points")
    assert lines[3] == "foot: 25 %, refining: 1 of 2"
    assert lines[4] == "foot: 100 %, finished"
    assert lines[5].startswith(f"foot: best so far {found.suggestions[0].point.score:.1f} points")
    assert len(lines) == 6
    quiet = run("-q", "search", "foot")
    assert quiet.err == ""
    assert DISCLAIMER in " ".join(quiet.out.split())


def test_interrupted_search_prints_the_best_so_far(
    run: Runner, scripted: Callable[..., Script], found: SearchResult
) -> None:
    scripted(first_look(found), KeyboardInterrupt())
    done = run("search", "foot")
    assert done.code == 130
    assert "Not finished: 25 % done (screening)" in done.out
    assert found.suggestions[1].point.contacts in done.out
    assert "interrupted while screening" in done.err
    as_json = run("search", "foot", "--json")
    assert as_json.code == 130
    assert as_json.document["finished"] is False
    scripted(KeyboardInterrupt())
    done = run("search", "foot", "--json")
    assert (done.code, done.out) == (130, "")


def test_a_search_that_finds_nothing_says_so(run: Runner, scripted: Callable[..., Script], found: SearchResult) -> None:
    scripted(replace(found, suggestions=(), front=()))
    done = run("search", "foot")
    assert done.code == 0
    assert "No program was found that may be suggested." in done.out
    assert run("search", "foot", "--json").document["gain"] is None


def test_json_is_one_valid_document_and_always_the_same(
    run: Runner, scripted: Callable[..., Script], found: SearchResult
) -> None:
    scripted()
    done = run("search", "foot", "--json", "--seed", "3")
    document = done.document
    jsonschema.validate(document, schema_of("search"))
    assert document["seed"] == 3
    assert document["gain"] == pytest.approx(found.suggestions[0].point.score - found.start.point.score)
    assert [row["point"]["contacts"] for row in document["suggestions"]] == [
        item.point.contacts for item in found.suggestions
    ]
    header = {"format": Program.FORMAT, "version": Program.VERSION}
    for row, item in zip(document["suggestions"], found.suggestions, strict=True):
        program = files.decode(Program, header | kept(row["program"]), where="x")
        assert program.amplitude_ma == pytest.approx(item.program.amplitude_ma)
        assert replace(program, amplitude_ma=item.program.amplitude_ma) == item.program
        assert row["thresholds"]["dt_ma"] == pytest.approx(item.result.thresholds.dt_ma)
        assert row["why"] == list(item.why)
        assert set(row["point"]["figures"]) == set(FIGURES)
        assert {region["id"] for region in row["regions"]} == set(CASE.pain.scores)
    assert run("search", "foot", "--json", "--seed", "3").out == done.out
    wrong = document | {"suggestions": [document["suggestions"][0] | {"relief": 1}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong | {"gain": "much"}, schema_of("search"))


def kept(program: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in program.items() if value is not None}


def test_what_is_out_of_reach_or_was_not_looked_at_is_null(found: SearchResult) -> None:
    figures = (("headroom_percent", math.inf), ("pain_covered_by_score_percent", 50.0))
    point = Point("1.1- 1.2+", "bipole", 300.0, 2.0, figures, 12.0, "refined")
    document = search_document(replace(found, front=(point,)))
    row = document["front"][0]["figures"]
    assert row["headroom_percent"] is None
    assert row["robust_covered_percent"] is None
    assert row["pain_covered_by_score_percent"] == 50.0
    jsonschema.validate(document, schema_of("search"))
    [line] = csv.DictReader(io.StringIO(front_csv(replace(found, front=(point,)))))
    assert (line["headroom_percent"], line["score"], line["contacts"]) == ("", "12.0", "1.1- 1.2+")


def test_front_as_csv_and_suggestions_as_program_files(
    run: Runner, scripted: Callable[..., Script], found: SearchResult, tmp_path: Path
) -> None:
    scripted()
    folder = "fünd here"
    done = run("search", "foot", "--csv", "front.csv", "--write", folder)
    assert done.code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "front.csv").read_text(encoding="utf-8"))))
    assert [row["contacts"] for row in rows] == [point.contacts for point in found.front]
    for row, point in zip(rows, found.front, strict=True):
        assert float(row["score"]) == pytest.approx(point.score)
        assert {name: float(row[name]) for name in FIGURES} == pytest.approx(dict(point.figures))
    paths = [tmp_path / folder / f"foot-{place}.toml" for place in (1, 2, 3)]
    assert sorted((tmp_path / folder).iterdir()) == paths
    for path, item in zip(paths, found.suggestions, strict=True):
        assert files.read_value(Program, path) == item.program
        assert f"# {item.why[0]}" in path.read_text(encoding="utf-8")
    before = paths[0].read_bytes()
    again = run("search", "foot", "--write", folder)
    assert (again.code, again.out) == (2, "")
    assert "--force" in again.err
    assert run("search", "foot", "--csv", "front.csv").code == 2
    assert run("search", "foot", "--csv", "front.csv", "--write", folder, "--force").code == 0
    assert paths[0].read_bytes() == before


def test_files_that_cannot_be_written_are_an_error_after_the_page(
    run: Runner, scripted: Callable[..., Script], tmp_path: Path
) -> None:
    scripted()
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for options in (("--csv", "no/such/front.csv"), ("--write", "file/in")):
        done = run("search", "foot", *options)
        assert done.code == 1
        assert "Best:" in done.out
        assert options[1].split("/")[0] in done.err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_program_with_several_areas_is_written_with_all_of_them(
    run: Runner, scripted: Callable[..., Script], found: SearchResult, tmp_path: Path
) -> None:
    areas = (Area("1.3- 1.4+", amplitude_ma=1.5), Area("1.5- 1.6+", amplitude_ma=2.5, rate_hz=40.0))
    first = found.suggestions[0]
    program = replace(first.program, more_areas=areas, name='odd "name"')
    scripted(replace(found, suggestions=(replace(first, program=program),)))
    done = run("search", "foot", "--write", ".")
    assert done.code == 0
    for letter, area in zip("ABC", program.areas, strict=True):
        line = f"area {letter} {area.contacts} {area.amplitude_ma:.2f} mA {area.pulse_width_us:g} us"
        assert line in " ".join(done.out.split())
    assert files.read_value(Program, tmp_path / "foot-1.toml") == program


def test_options_reach_the_search(run: Runner, scripted: Callable[..., Script], tmp_path: Path) -> None:
    script = scripted()
    (tmp_path / "mine.toml").write_text(
        objective_toml(replace(builtin_objective("focused"), name="mine")), encoding="utf-8"
    )
    done = run(
        "search", "foot", "--objective", "mine.toml", "--max-active", "3", "--pulse-widths", "210,300.0", "--areas",
        "2", "--limit-profile", "multi-source", "--top", "4", "--population", "20", "--seed", "9", "--threads", "2",
        "--posture", "standing", "--open", "1.5", "--migrate", "1,-3,0", "--rate-hz", "80",
    )  # fmt: skip
    assert done.code == 0, done.err
    asked = script.asked
    assert asked is not None
    assert asked.objective == replace(builtin_objective("focused"), name="mine")
    assert (asked.max_active, asked.pulse_widths_us, asked.areas_count) == (3, (210.0, 300.0), 2)
    assert (asked.profile, asked.top_count, asked.population_count) == ("multi-source", 4, 20)
    assert (asked.seed, asked.threads) == (9, 2)
    assert asked.case.posture == "standing"
    assert [fault.contact for fault in asked.case.contact_faults] == ["1.5"]
    assert [moved.rostral_mm for moved in asked.case.migrations] == [-3.0]
    assert asked.case.program == replace(CASE.program, rate_hz=80.0)
    assert run("search", "foot").code == 0
    assert script.asked == SearchRequest(load_case("foot"))


@pytest.mark.parametrize("line", [line for line, _ in search.examples])
def test_examples_of_the_help_work(run: Runner, scripted: Callable[..., Script], tmp_path: Path, line: str) -> None:
    script = scripted()
    (tmp_path / "my-case.toml").write_text(case_toml(replace(CASE, id="my-case")), encoding="utf-8")
    done = run(*shlex.split(line)[1:])
    assert done.code == 0, done.err
    assert script.asked is not None


def test_program_and_patient_of_files_take_the_cases_place(
    run: Runner, scripted: Callable[..., Script], tmp_path: Path
) -> None:
    script = scripted()
    assert run("new-patient", "one.toml", "--seed", "5").code == 0
    (tmp_path / "p.toml").write_text(
        'format = "scs-sim program"\nversion = 1\ncontacts = "1.6- 1.8+"\namplitude_ma = 2.0\n', encoding="utf-8"
    )
    assert run("search", "foot", "--program", "p.toml", "--patient", "one.toml").code == 0
    assert script.asked is not None
    assert script.asked.case.program == Program("1.6- 1.8+", amplitude_ma=2.0)
    assert script.asked.case.patient == files.read_value(Patient, tmp_path / "one.toml") != CASE.patient
    assert script.asked.case.pain == CASE.pain


def test_measured_threshold_sets_the_gain(
    run: Runner,
    scripted: Callable[..., Script],
    found: SearchResult,
    prepared: Callable[[str], Setting],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script, setting = scripted(), prepared(CASE.id)
    monkeypatch.setattr("scs_sim.setting.prepare", lambda case, progress=None: setting)
    usual_ma = found.start.result.thresholds.pt_ma
    assert usual_ma is not None
    assert run("search", "foot", "--measured-pt", str(1.5 * usual_ma)).code == 0
    assert script.asked is not None
    assert script.asked.case.patient.gain == pytest.approx(1.5 * CASE.patient.gain)
    assert run("search", "foot", "--measured-pt", "25").code == 2


def test_one_weight_changes_one_weight(run: Runner, scripted: Callable[..., Script]) -> None:
    script = scripted()
    done = run("search", "foot", "--weight", "unwanted_of_felt_percent=-0.5", "--weight", "headroom_high_percent=60")
    assert done.code == 0
    assert script.asked is not None
    usual, changed = builtin_objective(), script.asked.objective
    assert changed.weight("unwanted_of_felt_percent") == -0.5
    assert changed.headroom_high_percent == 60.0
    same = [name for name in FIGURES if name != "unwanted_of_felt_percent"]
    assert [changed.weight(name) for name in same] == [usual.weight(name) for name in same]
    assert changed.name not in objective_names()
    assert "balanced with unwanted_of_felt_percent -0.5" in changed.title


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        (("--objective", "nothing"), 2, "balanced, coverage"),
        (("--objective", "missing.toml"), 3, "missing.toml"),
        (("--objective", "bad.toml"), 3, "relief"),
        (("--objective", "zero.toml"), 3, "one must count"),
        (("--weight", "relief=1"), 2, "worst_region_percent"),
        (("--weight", "headroom_percent"), 2, "headroom_percent=0.5"),
        (("--weight", "headroom_percent=much"), 2, "headroom_percent=0.5"),
        (("--weight", "headroom_percent=nan"), 2, "nan"),
        (("--weight", "unwanted_of_felt_percent=1"), 2, "between -100 and 0"),
        (("--pulse-widths", "210,"), 2, "210,300,450"),
        (("--pulse-widths", ""), 2, "210,300,450"),
        (("--pulse-widths", "10"), 2, "between 30 and 1000"),
        (("--pulse-widths", "nan"), 2, "nan"),
        (("--max-active", "1"), 2, "max-active"),
        (("--areas", "5"), 2, "areas"),
        (("--top", "0"), 2, "top"),
        (("--population", "1"), 2, "population"),
        (("--threads", "0"), 2, "threads"),
        (("--limit-profile", "nothing"), 2, "union"),
        (("--posture", "flying"), 2, "supine"),
        (("--short", "1.3"), 2, "two contacts"),
        (("--rate-hz", "10000"), 2, "10000 Hz"),
        (("--objective", "-", "--program", "-"), 2, "once only"),
    ],
)
def test_bad_options_are_refused_before_anything_is_searched(
    run: Runner, scripted: Callable[..., Script], tmp_path: Path, options: tuple[str, ...], code: int, word: str
) -> None:
    script = scripted()
    text = objective_toml(builtin_objective())
    (tmp_path / "bad.toml").write_text(text + "relief = 1.0\n", encoding="utf-8")
    (tmp_path / "zero.toml").write_text(
        text.replace("pain_covered_by_score_percent = 1.0", "pain_covered_by_score_percent = 0.0").replace(
            "worst_region_percent = 0.3", "worst_region_percent = 0.0"
        ),
        encoding="utf-8",
    )
    done = run("search", "foot", *options)
    assert (done.code, done.out) == (code, "")
    assert word in done.err
    assert script.asked is None


def test_a_forbidden_patient_is_not_searched(run: Runner, scripted: Callable[..., Script], tmp_path: Path) -> None:
    script = scripted()
    infected = replace(CASE, id="infected", patient=replace(CASE.patient, infection=True))
    (tmp_path / "infected.json").write_text(files.json_text(infected), encoding="utf-8")
    done = run("search", "infected.json")
    assert done.code == 2
    assert "infection" in done.err
    assert script.asked is None


def test_ends_of_a_front_are_the_best_in_each_figure_that_counts() -> None:
    def point(contacts: str, score: float, *values: float) -> Point:
        return Point(contacts, "bipole", 300.0, 2.0, tuple(zip(FIGURES, values, strict=False)), score, "exhaustive")

    front = (
        point("a", 90.0, 90.0, 50.0, 70.0, 10.0),
        point("b", 80.0, 70.0, 60.0, 30.0, 10.0),
        point("c", 70.0, 70.0, 50.0, 60.0, 30.0),
    )
    objective = Objective(
        pain_covered_by_score_percent=1.0, worst_region_percent=1.0, unwanted_of_felt_percent=-1.0, headroom_percent=1.0
    )
    assert [(end.contacts, labels) for end, labels in ends_of(front, objective)] == [
        ("a", ["most covered"]),
        ("b", ["best worst region", "least unwanted"]),
        ("c", ["most room"]),
    ]
    narrow = replace(objective, headroom_percent=0.0, worst_region_percent=0.0)
    assert [end.contacts for end, _ in ends_of(front, narrow)] == ["a", "b"]
    assert ends_of((), objective) == []


def test_objectives_are_listed_with_their_weights(run: Runner) -> None:
    done = run("objectives")
    assert all(name in done.out for name in objective_names())
    rows = run("objectives", "--json").document["objectives"]
    assert [row["name"] for row in rows] == list(objective_names())
    for row in rows:
        jsonschema.validate(row, schema_of("objective"))
        weights = tomllib.loads(
            (Path(files.__file__).parents[2] / "scs_sim" / "data" / "objectives.toml").read_text(encoding="utf-8")
        )[row["name"]]
        assert {name: row[name] for name in FIGURES} == {name: weights[name] for name in FIGURES}
    one = run("objectives", "focused")
    assert all(name in one.out for name in FIGURES)
    assert run("objectives", "nothing").code == 2
    assert run("objectives", "--toml").code == 2
    assert run("objectives", "focused", "robust", "--toml").code == 2


@pytest.mark.parametrize("name", objective_names())
def test_an_objective_as_a_file_reads_back_equal(run: Runner, tmp_path: Path, name: str) -> None:
    text = run("objectives", name, "--toml").out
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assert files.read_value(Objective, tmp_path / "mine.toml") == builtin_objective(name)
    assert all(f"\n{figure} = " in text for figure in FIGURES)
    assert text.count("less is better") == len(LESS_IS_BETTER)
    odd = replace(builtin_objective(name), name='o"d\\d', title="zwei\nZeilen, ä\x7f", headroom_percent=1e-7)
    (tmp_path / "odd.toml").write_text(objective_toml(odd), encoding="utf-8")
    assert files.read_value(Objective, tmp_path / "odd.toml") == odd
    assert run("objectives", "odd.toml", "--toml").out == objective_toml(odd)


def test_every_figure_has_words() -> None:
    assert tuple(FIGURE_WORDS) == FIGURES
