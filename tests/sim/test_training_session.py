"""Sessions on record: reproducible, resumable after any event, two at once, killed at any moment, nothing leaks."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import Runner
from training_helpers import NO_WAIT, training_case, written

from scs_models.errors import InUseError, InvalidFileError, InvalidValueError, OutputError, UnknownNameError
from scs_models.files import encode, json_text
from scs_sim.program import Program
from scs_sim.training.case import Complication, Manner
from scs_sim.training.clinic import PatientSide
from scs_sim.training.events import event_document
from scs_sim.training.record import profile_path, recorded, recorded_sessions
from scs_sim.training.session import TIMED, Clock, Session, resume, sessions, start
from scs_sim.training.situation import fold
from scs_sim.training.tables import answer_unit_s

KERNELS = os.environ["SCS_SIM_CACHE_DIR"]  # before the fixture `run` sets a cache of its own
PLAYER = Path(__file__).with_name("training_player.py")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep records where nobody else's are, with a blank and a letter beyond ASCII in the path."""
    monkeypatch.setenv("SCS_SIM_STATE_DIR", str(tmp_path / "zustände hier"))


@pytest.fixture
def case_path(tmp_path: Path) -> str:
    """Return a case with noise, a migration and an open contact to come."""
    usual = training_case(manner=Manner(mood="anxious"))
    table, clinic = usual.visits
    migration = Complication("migration", rostral_mm=(-4.21731, -3.11317))
    visits = (table, dataclasses.replace(clinic, complications=(migration, Complication("open-contact"))))
    return written(dataclasses.replace(usual, visits=visits), tmp_path)


PATH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("read", {"item": "referral"}),
    ("place-lead", {"lead_type": "quad-7mm", "tip_level": "T10", "x_mm": -1.0}),
    ("xray", {}),
    ("impedance", {}),
    ("program", {"contacts": "1.2- 1.3+"}),
    ("amplitude", {"to_ma": 20.0}),
    ("ask", {"about": "where"}),
    ("ask", {"about": "strength"}),
    ("colour", {}),
    ("save", {"name": "one"}),
    ("next-visit", {}),
    ("load", {"name": "one"}),
    ("amplitude", {"to_ma": 20.0, "step_ma": 0.5}),
    ("posture", {"to": "sitting"}),
    ("conclude", {"cause": "migration"}),
    ("finish", {}),
)


def played(session: Session, path: tuple[tuple[str, dict[str, Any]], ...] = PATH) -> list[dict[str, Any]]:
    """Return the outcomes of a path."""
    return [encode(session.act(name, parameters).outcome) for name, parameters in path]


def test_the_same_seed_gives_the_same_patient_and_another_one_another(case_path: str) -> None:
    first, second = (played(start(case_path, seed=11, profile=name, clock=NO_WAIT)) for name in ("one", "two"))
    other = played(start(case_path, seed=12, profile="two", clock=NO_WAIT))
    assert first == second
    assert first != other


def test_a_session_resumed_after_any_event_goes_on_as_it_would_have(case_path: str) -> None:
    whole = start(case_path, seed=11, clock=NO_WAIT)
    expected = played(whole)
    broken = start(case_path, seed=11, clock=NO_WAIT)
    assert broken.id != whole.id
    found = []
    for step in PATH:
        broken = resume(broken.id, clock=NO_WAIT)  # every action in a session of its own
        found += played(broken, (step,))
    assert found == expected


def test_the_situation_is_the_fold_of_what_is_on_record(case_path: str) -> None:
    live = start(case_path, seed=11, clock=NO_WAIT)
    played(live)
    found = recorded(live.id, "trainee")
    assert fold(found.head.opening, found.events) == live.situation
    assert [event_document(event) for event in found.events] == [event_document(event) for event in live.events]
    assert [event.serial for event in found.events] == list(range(1, len(PATH) + 1))
    times = [event.time_s for event in found.events]
    assert times == sorted(times)
    ((head, situation),) = sessions()
    assert (head.id, situation) == (live.id, live.situation)


def test_what_is_refused_changes_nothing(case_path: str) -> None:
    session = start(case_path, seed=1, clock=NO_WAIT)
    before = profile_path("trainee").read_bytes()
    for name, parameters in (
        ("amplitude", {"to_ma": 2.0}),
        ("amplitude", {"to_ma": "much"}),
        ("fly", {}),
        ("drive-lead", {"lead": 1, "rostral_mm": 3.0}),
        ("read", {"item": "history", "aloud": True}),
    ):
        with pytest.raises(InvalidValueError):
            session.act(name, parameters)
    assert session.events == ()
    assert profile_path("trainee").read_bytes() == before


def test_two_windows_on_one_session_never_do_the_same_event_twice(case_path: str) -> None:
    first = start(case_path, seed=1, clock=NO_WAIT)
    second = resume(first.id, clock=NO_WAIT)
    first.act("read", {"item": "history"})
    with pytest.raises(InUseError, match="gone on in another window"):
        second.act("read", {"item": "imaging"})
    assert resume(first.id).events[0].action.text("item") == "history"
    assert len(resume(first.id).events) == 1


def test_two_processes_on_one_profile_write_in_turns(case_path: str) -> None:
    count = 12
    command = [sys.executable, str(PLAYER), "act", case_path, "shared", str(count)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    ids = {process.communicate(timeout=120)[0].split()[0] for process in running}
    assert [process.returncode for process in running] == [0, 0]
    found = recorded_sessions("shared")
    assert {session.head.id for session in found} == ids
    assert len(ids) == 2
    for session in found:
        assert [event.serial for event in session.events] == list(range(1, count + 1))


def kill_and_resume(case: str, rounds: int) -> None:
    """Kill a player at a random moment, again and again: every record opens, one action is lost at most."""
    chance = random.Random(20)
    for turn in range(rounds):
        process = subprocess.Popen(
            [sys.executable, str(PLAYER), "kill", case, "killed"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        session, said = process.stdout.readline().strip(), 0
        for _ in range(chance.randrange(25)):
            said = int(process.stdout.readline())
        process.kill()
        said = max([said, *(int(line) for line in process.stdout.read().split())])
        process.wait(timeout=60)
        process.stdout.close()
        again = resume(session, "killed", clock=NO_WAIT)
        assert said <= len(again.events) <= said + 1
        assert again.act("read", {"item": "referral"}).serial == len(again.events)
        assert len(recorded_sessions("killed")) == turn + 1


def test_killed_sessions_resume(case_path: str) -> None:
    kill_and_resume(case_path, 3)


def test_a_case_that_has_changed_is_not_gone_on_with(case_path: str, tmp_path: Path) -> None:
    session = start(case_path, seed=1, clock=NO_WAIT)
    Path(case_path).write_text(json_text(training_case(grade=2)), encoding="utf-8")
    with pytest.raises(InvalidValueError, match="another version"):
        resume(session.id)
    Path(case_path).unlink()
    with pytest.raises(InvalidFileError, match="cannot be read"):
        resume(session.id)
    assert recorded(session.id, "trainee").head.id == session.id  # it still replays


def test_unknown_sessions_and_bad_profiles_are_said(case_path: str) -> None:
    with pytest.raises(UnknownNameError, match="none has begun"):
        resume("leg-1")
    for name in ("", "../x", "a b", "a/b", "x" * 61):
        with pytest.raises(InvalidValueError, match="profile is"):
            start(case_path, profile=name)
    with pytest.raises(InvalidValueError, match="give a file"):
        start("-")


def test_a_record_that_cannot_be_written_loses_nothing(case_path: str) -> None:
    session = start(case_path, seed=1, clock=NO_WAIT)
    profile_path("trainee").unlink()
    os.mkdir(profile_path("trainee"))
    with pytest.raises((OutputError, InvalidFileError)):
        session.act("read", {"item": "history"})
    assert session.events == ()
    os.rmdir(profile_path("trainee"))


def test_answers_take_whole_units_of_time_however_long_the_model_took(case_path: str) -> None:
    """The clock is the test's: the model takes a little more each time, and the answer comes on the next whole unit."""
    now_s, slept = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now_s[0] += seconds

    session = start(case_path, seed=1, clock=Clock(now_s=lambda: now_s[0], sleep=sleep))
    real = session.patient.answer

    def slow(own: Any, progress: Any = None) -> Any:
        now_s[0] += 0.01 + 0.013 * own.number("to_ma") if own.name == "amplitude" else 0.0
        return real(own, progress)

    session.patient.answer = slow  # type: ignore[method-assign]
    played(session, PATH[1:5])
    taken = []
    for to_ma in (0.5, 1.0, 1.5, 2.0):
        before_s = now_s[0]
        session.act("amplitude", {"to_ma": to_ma})
        taken.append(now_s[0] - before_s)
    assert taken == [pytest.approx(answer_unit_s())] * 4
    assert min(slept) > 0.0
    assert {"amplitude", "ask", "colour", "posture"} <= TIMED


def secrets_of(session: Session) -> dict[str, float]:
    """Return every hidden number of a session that was played: the patient's, the leads', the true thresholds."""
    side = session.patient
    assert isinstance(side, PatientSide)
    patient, truth = side.hidden.patient, side.truth
    on_table = PatientSide(side.case, side.seed, session.events[:10])
    percept = on_table.percept("supine", Program("1.2- 1.3+"))
    found = {
        "cord offset": patient.cord_offset_mm,
        "gain": patient.gain,
        "felt fibres": patient.felt_fibres,
        "fibres left": patient.injured_roots[0].fibres_left,
        "scar": side.hidden.scars[0].thickness_mm,
        "lead height on the table": on_table.truth.leads[0].tip_z_mm,
        "lead height": truth.leads[0].tip_z_mm,
        "lead side": truth.leads[0].x_mm,
        "lead tilt": truth.leads[0].tilt_mm,
        "migration": side.hidden.complications[0].rostral_mm,
        "pick": side.hidden.complications[0].pick,
    }
    thresholds = {"true PT": percept.pt_ma, "true DT": percept.dt_ma, "true MT": percept.twitch_ma}
    assert all(math.isfinite(value) for value in thresholds.values())
    return found | thresholds


def numbers_in(text: str) -> Iterator[float]:
    """Yield every number that stands in `text`."""
    for match in NUMBER.finditer(text):
        yield float(match[0])


def test_no_hidden_number_stands_in_output_logs_or_record(
    case_path: str, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every number that a trainee can get to see is compared with every hidden one: --json, text, -vv, log, record."""
    monkeypatch.setenv("SCS_SIM_CACHE_DIR", KERNELS)
    monkeypatch.setattr("scs_sim.training.session.Clock", lambda: NO_WAIT)
    session = start(case_path, seed=11, clock=NO_WAIT).id
    seen = []
    for place, (name, parameters) in enumerate(PATH):
        mode = (["--json"], [], ["-vv", "--log-file", str(tmp_path / "log.txt")])[place % 3]
        done = run("train", "act", session, name, "--parameters", json.dumps(parameters), *mode)
        assert done.code == 0, done.err
        seen += [done.out, done.err]
    for command in (("status", session), ("status",), ("resume", session), ("replay", session), ("actions",)):
        for mode in ([], ["--json"], ["-vv"]):
            done = run("train", *command, *mode)
            assert done.code == 0, done.err
            seen += [done.out, done.err]
    seen.append(profile_path("trainee").read_bytes().decode("utf-8", "replace"))
    wal = profile_path("trainee").with_name("trainee.journal-wal")
    seen += [wal.read_bytes().decode("utf-8", "replace")] if wal.exists() else []
    seen.append((tmp_path / "log.txt").read_text(encoding="utf-8"))

    hidden = secrets_of(resume(session, clock=NO_WAIT))
    text = "\n".join(seen)
    assert len(text) > 20_000
    shown = {value for part in seen for value in numbers_in(part)}
    assert 20.0 in shown  # what was asked for is there: the search works
    leaks = [
        (name, value, number)
        for name, value in hidden.items()
        for number in shown
        if abs(abs(number) - abs(value)) <= 2e-5 * abs(value)
    ]
    assert leaks == []
    for name in ("cord_offset", "dorsal_csf", "segment_shift", "felt_fibres", "fibres_left", "thickness"):
        assert name not in text


def random_action(chance: random.Random) -> tuple[str, dict[str, Any]]:
    """Return an action as a clicker or a bad program would send it: mostly well formed, sometimes nonsense."""
    from scs_sim.training.actions import action_kinds

    kinds = list(action_kinds().values())
    kind = chance.choice([kind for kind in kinds if kind.name not in ("finish", "decline")])
    if chance.random() < 0.3:
        kind = action_kinds()[chance.choice(("place-lead", "program", "amplitude", "amplitude"))]
    given: dict[str, Any] = {}
    for parameter in kind.parameters:
        if chance.random() < 0.05:
            continue
        if chance.random() < 0.05:
            given[parameter.name] = chance.choice((None, "x", -1e9, float("nan"), [], True, "'; DROP TABLE event"))
        elif parameter.choices:
            given[parameter.name] = chance.choice(parameter.choices)
        elif parameter.name == "contacts":
            one, two = chance.sample(range(1, 6), 2)
            given[parameter.name] = f"{chance.choice((1, 1, 2))}.{one}- 1.{two}+"
        elif parameter.kind == "text":
            given[parameter.name] = chance.choice(("a", "b", "<b>ü</b>"))
        else:
            high = {"to_ma": 8.0, "value_ma": 8.0, "step_ma": 1.0, "lead": 2, "x_mm": 8.0}.get(parameter.name, 30.0)
            low = max(parameter.low, -high)
            value = chance.uniform(low, high)
            given[parameter.name] = round(value) if parameter.kind == "whole" else round(value, 1)
    return kind.name, given


@pytest.mark.parametrize("seed", [1, 2])
def test_random_clicking_never_breaks_and_always_says_what_is_wrong(case_path: str, seed: int) -> None:
    chance = random.Random(seed)
    session = start(case_path, seed=seed, clock=NO_WAIT)
    done, refused = 0, list[str]()
    while done < 40:
        name, parameters = random_action(chance)
        before = session.situation
        try:
            event = session.act(name, parameters)
        except InvalidValueError as error:
            refused.append(str(error))
            assert session.situation == before
            continue
        done += 1
        json.dumps(event_document(event), allow_nan=False)
    assert len(refused) > 5
    assert all(refused)
    again = resume(session.id, clock=NO_WAIT)
    assert again.situation == session.situation
    assert again.patient.truth == session.patient.truth  # type: ignore[attr-defined]
