"""The debrief: what it says is true, it says it only of finished sessions, and the page is harmless."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cli_helpers import Runner
from page_helpers import LOADS, Walk, words, xml_of
from training_attempts import leg_case
from training_records import NASTY, WHOLE, nasty_case, played, record_of, unsuitable_case

from scs_models.errors import InvalidValueError
from scs_sim.picture.scene import Lines, Text
from scs_sim.report import report_html
from scs_sim.setting import prepare
from scs_sim.simulate import Request, simulate
from scs_sim.training.body import true_case
from scs_sim.training.clinic import PatientSide
from scs_sim.training.debrief import Debriefing, debrief_of
from scs_sim.training.debrief_course import accepted_causes
from scs_sim.training.debrief_document import debrief_document
from scs_sim.training.debrief_figures import CORD, ap_scene, timeline_scene
from scs_sim.training.debrief_sections import _COMPLAINTS, debrief_report
from scs_sim.training.home import COMPLAINTS
from scs_sim.training.record import Recorded
from scs_sim.training.situation import after, begin

KERNELS = os.environ["SCS_SIM_CACHE_DIR"]  # before the fixture `run` sets a cache of its own
HIDDEN_WORDS = ("0.73", "1.14", "3.47", "0.41")
"""The hidden numbers of the small case as the debrief rounds them: cord offset, gain, fibres, scar."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder for cases and records, with a blank and a letter beyond ASCII in its name."""
    place = tmp_path_factory.mktemp("zustände hier")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCS_SIM_STATE_DIR", str(place))
        yield place


@pytest.fixture(scope="module")
def found(folder: Path) -> Recorded:
    """Return the record of a whole session."""
    return record_of(played(nasty_case(), folder, "kim", WHOLE))


@pytest.fixture(scope="module")
def told(found: Recorded) -> Debriefing:
    """Return its debriefing."""
    return debrief_of(found)


@pytest.fixture(scope="module")
def page(told: Debriefing) -> str:
    """Return the page of it."""
    return report_html(debrief_report(told))


def test_the_page_is_well_formed_loads_nothing_and_allows_nothing(page: str) -> None:
    """No script, no link, no address; the content security policy forbids what somebody would sneak in."""
    walk = Walk()
    walk.feed(page)
    assert walk.open == []
    assert walk.links == []
    assert walk.tags["script"] == walk.tags["link"] == walk.tags["img"] == walk.tags["iframe"] == 0
    assert max(walk.ids.values()) == 1
    assert not LOADS.search(page)
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert walk.tags["svg"] == 7, "score, time line, three body maps, thresholds, leads"
    assert xml_of(page)


def test_what_people_wrote_is_escaped_everywhere(page: str) -> None:
    """Title, goals, letters, a program's name and the instructor's words."""
    assert "<script" not in page
    assert "alert(&#34;x&#34;)" in page
    said = words(page)
    assert said.count('alert("x")') >= 6
    assert "kim" in said
    assert "not pain relief" in said
    assert "Training only" in said


def test_the_page_and_the_document_are_the_same_every_time(found: Recorded, told: Debriefing, page: str) -> None:
    """Equal records give equal bytes."""
    again = debrief_of(found)
    assert report_html(debrief_report(again)) == page
    assert json.dumps(debrief_document(again), allow_nan=False) == json.dumps(debrief_document(told), allow_nan=False)


def test_hidden_numbers_stand_in_the_debrief_and_nowhere_before(
    folder: Path, page: str, run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same session before its last action: no report in any form, and what is said names no hidden number."""
    monkeypatch.setenv("SCS_SIM_CACHE_DIR", KERNELS)
    said = words(page)
    assert all(number in said for number in HIDDEN_WORDS)
    open_one = played(nasty_case(), folder, "open", WHOLE[:-1])
    with pytest.raises(InvalidValueError, match="goes on"):
        debrief_of(record_of(open_one))
    for more in ((), ("--html", "out.html"), ("--json",)):
        answer = run("train", "report", open_one.id, "--profile", "open", *more)
        assert answer.code == 2
        assert "finish it first" in answer.err
        assert not any(number in answer.out + answer.err for number in HIDDEN_WORDS)
    assert not Path("out.html").exists()


def test_the_time_line_follows_the_record(found: Recorded, told: Debriefing) -> None:
    """At the end of every event the line lies at the amplitude that was on, and ends when the session does."""
    line = told.course.line
    assert all(b[0] >= a[0] for a, b in itertools.pairwise(line))
    now = begin(found.head.opening)
    for event in found.events:
        now = after(now, event)
        at_end = [ma for clock_s, ma in line if clock_s == now.clock_s]
        assert any(ma == pytest.approx(now.amplitude_ma) for ma in at_end), event.serial
    assert line[-1][0] == pytest.approx(sum(event.outcome.cost_s for event in found.events))
    reached = [event.outcome.data["reached_ma"] for event in found.events if event.action.name == "amplitude"]
    assert max(ma for _, ma in line) == pytest.approx(max(reached))
    slips = [(mark.serial, mark.kind) for mark in told.course.marks if mark.kind not in ("stop", "pt", "dt", "comfort")]
    assert slips == [(slip.serial, slip.kind) for slip in now.slips]
    assert slips
    assert [stay.name for stay in told.course.visits] == ["table", "clinic"]
    assert [stay.name for stay in told.course.postures] == ["supine", "supine", "sitting"]
    assert "Amplitude up to" in timeline_scene(told.course).description


def test_true_thresholds_are_those_of_the_model_for_the_true_patient(found: Recorded, told: Debriefing) -> None:
    """Each note is set beside what `simulate` says of the patient as he was at that moment."""
    assert [one.note.threshold for one in told.notes] == ["pt", "dt", "comfort"]
    for one in told.notes:
        side = PatientSide(nasty_case(), found.head.seed or 0, found.events[: one.note.serial - 1])
        program = side.situation.program
        assert program is not None
        case = true_case(side.case, side.hidden, side.truth, one.note.posture, program)
        at = simulate(prepare(case), Request(case)).thresholds
        assert one.pt_ma == pytest.approx(at.pt_ma)
        assert one.dt_ma == pytest.approx(at.dt_ma)
    rows = debrief_document(told)["noted"]
    assert rows[0]["value_ma"] == 1.7
    assert rows[0]["pt_ma"] == pytest.approx(told.notes[0].pt_ma)


def test_the_midlines_are_drawn_to_scale(told: Debriefing) -> None:
    """The cord's line lies as many millimetres beside the spine's as was hidden, by the picture's own scale."""
    scene = ap_scene(told)
    texts = {item.text: item.x for item in scene.items if isinstance(item, Text)}
    per_mm = (texts["8 mm right"] - texts["8 mm left"]) / 16.0
    (cord,) = [item for item in scene.items if isinstance(item, Lines) and item.colour == CORD]
    middle = (texts["8 mm right"] + texts["8 mm left"]) / 2.0
    assert (float(np.asarray(cord.paths[0])[0, 0]) - middle) / per_mm == pytest.approx(0.73159, abs=0.01)


def test_a_wrong_conclusion_is_set_right_and_the_better_path_is_at_least_as_good(told: Debriefing, page: str) -> None:
    """Nothing had happened, the trainee said short; the search at good places covers at least what was saved."""
    assert told.course.arrivals[-1].concluded == "short"
    assert told.course.arrivals[-1].accepted == ("none",)
    assert accepted_causes(told.truth, ("good",)) == ("none",)
    assert accepted_causes(told.truth, ("jolts",)) == ("posture", "none")
    assert "short; it was: none" in words(page)
    assert told.good is not None
    assert told.own is not None
    assert told.at_end is not None
    points = [one.result.coverage.pain_covered_by_score_percent or 0.0 for one in (told.at_end, told.own, told.good)]
    assert points[0] <= max(points[1:]) + 1.0
    assert told.own.contacts.startswith("1.")


def test_every_complaint_has_words() -> None:
    """The page would fail on a complaint that the engine knows and the page does not."""
    assert set(_COMPLAINTS) == set(COMPLAINTS)


def test_of_an_unsuitable_patient_it_says_that_the_answer_was_to_stop(folder: Path) -> None:
    """Declined for a wrong reason: what was right, where it stood, no better program; then with no lead at all."""
    steps = (("read", {"item": "history"}), ("decline", {"reason": "infection"}))
    told = debrief_of(record_of(played(unsuitable_case(), folder, "stop", steps)))
    said = words(report_html(debrief_report(told)))
    assert told.good is None
    assert told.own is None
    assert told.at_end is None
    assert "Clotting <is> bad." in said
    assert "the reason given: infection" in said
    assert "bleeding risk" in said
    json.dumps(debrief_document(told), allow_nan=False)


@pytest.mark.parametrize(
    "steps", [(("finish", {}),), (*WHOLE[:4], ("finish", {})), (("decline", {"reason": "infection"}),)]
)
def test_sessions_that_hardly_began_have_a_debrief_too(
    folder: Path, steps: tuple[tuple[str, dict[str, object]], ...]
) -> None:
    """Nothing placed, nothing programmed, or a suitable patient declined."""
    told = debrief_of(record_of(played(leg_case(id="test-short"), folder, "short", steps)))
    assert told.at_end is None
    assert told.good is not None
    assert "left" in words(report_html(debrief_report(told)))


def test_the_command_writes_the_page_and_the_document(
    run: Runner, found: Recorded, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--html to a path with a blank, --json to standard output, standard output by itself, a session nobody knows."""
    monkeypatch.setenv("SCS_SIM_CACHE_DIR", KERNELS)
    answer = run("train", "report", found.head.id, "--profile", "kim", "--html", "nach besprechung ü.html", "--json")
    assert answer.code == 0
    assert answer.document["written"] == ["nach besprechung ü.html"]
    assert Path("nach besprechung ü.html").read_text(encoding="utf-8") == page
    assert answer.document["format"] == "scs-sim training debrief"
    assert any(event["parameters"].get("name") == NASTY for event in answer.document["events"])
    assert run("train", "report", "nobody-1", "--profile", "kim").code == 2


def test_without_anything_that_writes_pdf_the_command_says_what_to_install(
    run: Runner, found: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said before the work is done; nothing is written."""
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())
    answer = run("train", "report", found.head.id, "--profile", "kim", "--pdf", "out.pdf")
    assert answer.code == 6
    assert "scs-sim[ui]" in answer.err
    assert not Path("out.pdf").exists()


@pytest.mark.slow
def test_the_pdf_is_one(found: Recorded, tmp_path: Path) -> None:
    """In a process of its own, as Qt is; skipped without Qt, which CI must have."""
    if not os.environ.get("SCS_SIM_REQUIRE_QT"):
        pytest.importorskip("PySide6.QtGui", exc_type=ImportError)
    out = tmp_path / "debrief.pdf"
    command = [sys.executable, "-m", "scs_sim", "train", "report", found.head.id, "--profile", "kim", "--pdf", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(b"%PDF-")
    assert b"/Page" in out.read_bytes()
