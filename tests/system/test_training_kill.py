"""Trainees killed at random moments, two at a time on one profile: every record opens, every session goes on as it
would have gone on, and at most the action being done is lost.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "sim"))
from kill_record import record, started
from training_helpers import NO_WAIT, written
from training_path import PATH, noisy_case, undisturbed

from scs_models.files import encode
from scs_sim.training.case import TrainingCase
from scs_sim.training.record import profile_path, recorded, recorded_sessions
from scs_sim.training.session import resume

PLAYER = Path(__file__).with_name("training_kill_player.py")
SEEDS = range(6)
ROUNDS_PER_PROFILE = 5


@dataclass(frozen=True)
class Kill:
    """What was left of one killed trainee: actions he had been told were on record, and actions found."""

    begun: bool
    acknowledged: int
    found: int


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCS_SIM_STATE_DIR", str(tmp_path / "zustände hier"))


class Trainee:
    """One process that plays and will be killed."""

    def __init__(self, case: str, profile: str, seed: int, chance: random.Random) -> None:
        command = [sys.executable, str(PLAYER), case, profile, str(seed)]
        self.profile, self.seed = profile, seed
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
        self._early_s = chance.uniform(0.0, 2.5) if chance.random() < 0.2 else None
        self._lines, self._late_s = chance.randrange(1, len(PATH) + 1), chance.uniform(0.0, 0.15)

    def kill(self) -> list[str]:
        """Kill it at its moment and return the whole lines that it had said."""
        assert self._process.stdout is not None
        said: list[str] = []
        with self._process:
            if self._early_s is not None:
                time.sleep(self._early_s)
            else:
                said = [self._process.stdout.readline() for _ in range(self._lines)]
                time.sleep(self._late_s)
            self._process.kill()
            said += self._process.stdout.readlines()
        return [line.strip() for line in said if line.endswith("\n")]


def judged(trainee: Trainee, said: list[str], expected: list[Any]) -> Kill:
    """Return what is left of a killed trainee, after his session has gone on to its end as it would have."""
    if not said:
        return Kill(False, 0, 0)
    acknowledged = int(said[-1]) if len(said) > 1 else 0
    events = recorded(said[0], trainee.profile).events
    assert acknowledged <= len(events) <= acknowledged + 1
    assert [event.serial for event in events] == list(range(1, len(events) + 1))
    session = resume(said[0], trainee.profile, clock=NO_WAIT)
    for name, parameters in PATH[len(events) :]:
        session.act(name, parameters)
    again = recorded(said[0], trainee.profile)
    assert [encode(event.outcome) for event in again.events] == expected
    assert session.situation.finished
    return Kill(True, acknowledged, len(events))


def kills(case: TrainingCase, folder: Path, seed: int, rounds: int) -> Iterator[Kill]:
    """Yield what was left of two trainees on one profile, killed independently, `rounds` times."""
    chance, path = random.Random(seed), written(case, folder)
    expected = {number: undisturbed(case, number) for number in SEEDS}
    assert len({str(item) for item in expected.values()}) == len(SEEDS)
    for turn in range(rounds):
        profile = f"hammered-{turn // ROUNDS_PER_PROFILE}"
        before = len(recorded_sessions(profile))
        pair = [Trainee(path, profile, chance.choice(SEEDS), chance) for _ in range(2)]
        left = [(trainee, trainee.kill()) for trainee in pair]
        for trainee, said in left:
            yield judged(trainee, said, expected[trainee.seed])
        begun = sum(bool(said) for _, said in left)
        assert begun <= len(recorded_sessions(profile)) - before <= 2
        assert profile_path(profile).is_file() or not begun


@pytest.mark.slow
def test_killed_trainees_lose_at_most_the_action_being_done(tmp_path: Path) -> None:
    found = list(kills(noisy_case(), tmp_path, 3, 5))
    assert len(found) == 10
    assert sum(0 < kill.found < len(PATH) for kill in found) >= 4  # in the middle, most of them


@pytest.mark.long
def test_two_hundred_killed_trainees(tmp_path: Path) -> None:
    start, seed = started(), int(time.time())
    found = list(kills(noisy_case(), tmp_path, seed, 100))
    record(
        "training",
        "pytest -m long tests/system/test_training_kill.py",
        start,
        {
            "seed": seed,
            "kills": len(found),
            "killed_before_the_session_began": sum(not kill.begun for kill in found),
            "killed_in_the_middle": sum(0 < kill.found < len(PATH) for kill in found),
            "actions_acknowledged": sum(kill.acknowledged for kill in found),
            "acknowledged_actions_lost": sum(max(0, kill.acknowledged - kill.found) for kill in found),
            "sessions_resumed": sum(kill.begun for kill in found),
        },
    )
