"""`scs-sim train` as people and programs use it: what it prints, exit codes, lines in and lines out."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import Runner
from training_helpers import NO_WAIT, training_case, written

from scs_sim.training.actions import action_kinds
from scs_sim.training.case import training_case_ids
from scs_sim.training.session import resume

KERNELS = os.environ["SCS_SIM_CACHE_DIR"]  # before the fixture `run` sets a cache of its own


@pytest.fixture
def train(run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Return the command line with a record of its own and without waiting."""
    monkeypatch.setenv("SCS_SIM_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("SCS_SIM_CACHE_DIR", KERNELS)
    monkeypatch.setattr("scs_sim.training.session.Clock", lambda: NO_WAIT)
    return run


@pytest.fixture
def session(train: Runner, tmp_path: Path) -> str:
    """Return the id of a session that has begun."""
    return str(train("train", "start", written(training_case(), tmp_path), "--seed", "3", "--json").document["session"])


def test_cases_and_actions_are_listed(train: Runner) -> None:
    cases = train("train", "list", "--json").document["cases"]
    assert {case["case_id"] for case in cases} == set(training_case_ids())
    assert [case["grade"] for case in cases] == sorted(case["grade"] for case in cases)
    assert all("hiding" not in case for case in cases)
    listed = train("train", "actions", "--json").document
    assert [kind["name"] for kind in listed["actions"]] == list(action_kinds())
    text = train("train", "actions").out
    for name in action_kinds():
        assert name in text


def test_a_seed_is_kept_and_another_session_draws_its_own(train: Runner, tmp_path: Path) -> None:
    path = written(training_case(), tmp_path)
    seeds = []
    for more in (("--seed", "0"), (), ()):
        found = train("train", "start", path, *more, "--json").document
        assert "seed" not in json.dumps(found)
        seeds.append(resume(found["session"]).head.seed)
    assert seeds[0] == 0
    assert len(set(seeds)) == 3


def test_a_session_by_hand(train: Runner, session: str) -> None:
    done = train("train", "act", session, "read", "item=referral")
    assert "Dear colleague, a leg." in done.out
    assert train("train", "act", session, "place-lead", "lead_type=quad-7mm", "tip_level=T10", "x_mm=-1").code == 0
    program = ("train", "act", session, "program", "--parameters", '{"contacts": "1.2- 1.3+"}', "--json")
    event = train(*program).document["event"]
    assert event["data"]["contacts"] == "1.2- 1.3+"
    assert train("train", "act", session, "amplitude", "to_ma=1").code == 0
    status = train("train", "status", session, "--json").document
    assert (status["amplitude_ma"], status["visit"]["name"], status["serial"]) == (1.0, "table", 4)
    text = train("train", "status", session).out
    assert "1.2- 1.3+" in text
    assert "quad-7mm" in text
    again = train("train", "resume").out
    assert session in again
    assert "Ramp" in again
    replayed = train("train", "replay", session, "--json").document["events"]
    assert [row["action"] for row in replayed] == ["read", "place-lead", "program", "amplitude"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("fly",), "there is no action 'fly'; known: read, decline"),
        (("read", "item=diary"), "known: referral, pain-map, history, imaging"),
        (("read",), "item is missing; it must be one of referral"),
        (("amplitude", "to_ma=lots"), "it must be a number from 0 to 25.5 mA"),
        (("amplitude", "to_ma=2"), "needs a program; none is set"),
        (("read", "history"), "'history' is not NAME=VALUE"),
        (("read", "--parameters", "{"), "not valid JSON"),
        ((), "give either an action or --stream"),
        (("read", "--stream"), "give either an action or --stream"),
    ],
)
def test_what_is_wrong_ends_with_code_2_and_changes_nothing(
    train: Runner, session: str, args: tuple[str, ...], said: str
) -> None:
    done = train("train", "act", session, *args)
    assert done.code == 2
    assert said in " ".join(done.err.split())
    assert done.out == ""
    assert train("train", "status", session, "--json").document["serial"] == 0


def test_unknown_names_are_answered_with_the_known_ones(train: Runner, session: str) -> None:
    assert f"known: {session}" in train("train", "status", "other").err
    done = train("train", "start", "sciatica")
    assert done.code == 2
    assert "no training case 'sciatica'" in done.err
    assert train("train", "status", "--profile", "nobody").code == 0
    assert train("train", "start", "missing.toml").code == 3


def lines(train: Runner, session: str, monkeypatch: pytest.MonkeyPatch, *asked: Any) -> list[dict[str, Any]]:
    """Return the answers to lines of a stream; text goes in as it is."""
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in asked)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    done = train("train", "act", session, "--stream")
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_program_as_trainee_gets_one_line_per_line(
    train: Runner, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"action": "place-lead", "parameters": {"lead_type": "quad-7mm", "tip_level": "T10", "x_mm": -1}}
    asked = (
        place,
        {"action": "amplitude", "parameters": {"to_ma": 2}},
        "nonsense",
        "[1]",
        {"action": 3},
        {"action": "xray", "params": {}},
        {"action": "program", "parameters": {"contacts": "1.2- 1.3+"}},
        {"action": "amplitude", "parameters": {"to_ma": 2}},
        {"status": True},
    )
    found = lines(train, session, monkeypatch, *asked)
    assert len(found) == len(asked)
    assert [next(iter(set(row) - {"clock_s"})) for row in found] == [
        "event", "error", "error", "error", "error", "error", "event", "event", "situation",
    ]  # fmt: skip
    assert found[-1]["situation"]["amplitude_ma"] == found[-2]["event"]["data"]["amplitude_ma"]
    assert [event.serial for event in resume(session).events] == [1, 2, 3]


def test_a_stream_answers_before_the_next_line_is_sent(session: str) -> None:
    """A program that waits for each answer must not hang: every line is flushed."""
    command = [sys.executable, "-m", "scs_sim", "train", "act", session, "--stream"]
    environment = os.environ | {"SCS_SIM_CACHE_DIR": KERNELS}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for item in ("referral", "history"):
        process.stdin.write(json.dumps({"action": "read", "parameters": {"item": item}}) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["event"]["data"]["item"] == item
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
