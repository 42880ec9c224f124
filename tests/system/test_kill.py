"""Processes that write journals are killed at random moments: every journal opens and holds every event written.

The window's own kills are in tests/ui/test_kill_window.py.
"""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from scs_sim.journal import Journal, abandoned

sys.path.insert(0, str(Path(__file__).parent))
from kill_record import record, started

SIM_TESTS = Path(__file__).parents[1] / "sim"


@dataclass(frozen=True)
class Kill:
    """What was left of one killed process: events it had been told were written, events found, and the file's size."""

    acknowledged: int
    found: int
    size_bytes: int


@pytest.fixture
def journal_writer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SIM_TESTS))
    return importlib.import_module("journal_writer")


def kill_one(folder: Path, chance: random.Random, writer: ModuleType) -> Kill:
    """Kill a writer at a random moment (every fifth before its first event) and judge what it left."""
    command = [sys.executable, str(SIM_TESTS / "journal_writer.py"), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        if chance.random() < 0.2:
            time.sleep(chance.uniform(0.0, 0.3))
            said = []
        else:
            said = [process.stdout.readline() for _ in range(chance.randrange(1, 60))]
            time.sleep(chance.uniform(0.0, 0.02))
        process.kill()
        said += process.stdout.readlines()
    acknowledged = max((int(line) for line in said[1:] if line.endswith("\n")), default=0)
    entries = abandoned(folder)
    if not entries:
        assert acknowledged == 0
        return Kill(0, 0, 0)
    (entry,) = entries
    assert entry.problem == ""
    journal = Journal.open(entry.path)
    events = journal.events()
    last = journal.last_serial
    journal.close()
    assert last in (acknowledged, acknowledged + 1)  # at most the event being written, and that whole or not at all
    assert [event.serial for event in events] == list(range(events[0].serial, last + 1))
    assert all((event.kind, event.data) == writer.event_of(event.serial) for event in events)
    assert last <= 2 * writer.SNAPSHOT_EVERY or events[0].kind == "snapshot"
    return Kill(acknowledged, last, entry.path.stat().st_size)


def test_killed_writers_lose_nothing_that_was_written(tmp_path: Path, journal_writer: ModuleType) -> None:
    chance = random.Random(1)
    kills = [kill_one(tmp_path / str(n), chance, journal_writer) for n in range(10)]
    assert max(kill.found for kill in kills) > 20


@pytest.mark.long
def test_two_hundred_killed_writers(tmp_path: Path, journal_writer: ModuleType) -> None:
    start, seed = started(), int(time.time())
    chance = random.Random(seed)
    kills = [kill_one(tmp_path / str(n), chance, journal_writer) for n in range(200)]
    record(
        "journal",
        "pytest -m long tests/system/test_kill.py",
        start,
        {
            "seed": seed,
            "kills": len(kills),
            "killed_before_the_first_event": sum(kill.found == 0 for kill in kills),
            "events_acknowledged": sum(kill.acknowledged for kill in kills),
            "acknowledged_events_lost": sum(max(0, kill.acknowledged - kill.found) for kill in kills),
            "journals_opened": sum(kill.found > 0 for kill in kills),
            "largest_file_bytes": max(kill.size_bytes for kill in kills),
        },
    )
