"""The journal: what was appended is found again; running processes keep theirs; damage and full disks are said."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scs_models.errors import InUseError, InvalidFileError, InvalidValueError, OutputError, ScsError
from scs_sim import journal as journal_module
from scs_sim.journal import Journal, abandoned, discard, salvage, state_folder

HERE = Path(__file__).parent
NOBODY = 65534

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(("change", "snapshot", "note"))
EVENTS = st.lists(st.tuples(KINDS, st.dictionaries(st.text(), JSON, max_size=4)), max_size=8)


def written(folder: Path, count: int = 5, *, finished: bool = False, kind: str = "session") -> Path:
    """Return the path of a closed journal with `count` events {"n": 1} ..."""
    journal = Journal.create(folder, kind)
    for n in range(1, count + 1):
        journal.append("change", {"n": n, "text": "words " * 40})
    journal.close(finished=finished)
    return journal.path


def numbers(path: Path) -> list[int]:
    with unfinished(path) as journal:
        return [event.data["n"] for event in journal.events()]


@contextlib.contextmanager
def unfinished(path: Path) -> Iterator[Journal]:
    journal = Journal.open(path)
    try:
        yield journal
    finally:
        journal.close(finished=False)


@contextlib.contextmanager
def writer(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Give a running process that appends to a journal, and the journal's path."""
    command = [sys.executable, str(HERE / "journal_writer.py"), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        path = Path(process.stdout.readline().strip())
        assert process.stdout.readline().strip() == "1"
        try:
            yield process, path
        finally:
            process.kill()


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(EVENTS, min_size=1, max_size=3))
def test_what_was_appended_is_read_back_over_several_openings(tmp_path_factory, parts) -> None:
    path, expected = None, []
    folder = tmp_path_factory.mktemp("journals")
    for part in parts:
        journal = Journal.create(folder, "session") if path is None else Journal.open(path)
        path = journal.path
        for kind, data in part:
            assert journal.append(kind, data) == len(expected) + 1
            expected.append((kind, data))
        assert [(event.kind, event.data) for event in journal.events()] == expected
        journal.close(finished=False)
    assert path is not None
    with unfinished(path) as journal:
        events = journal.events()
    assert [(event.kind, event.data) for event in events] == expected
    assert [event.serial for event in events] == list(range(1, len(expected) + 1))
    assert [event.time_s for event in events] == sorted(event.time_s for event in events)
    assert sum(item.count for item in abandoned(folder)) == len(expected)


@settings(max_examples=60, deadline=None)
@given(kinds=st.lists(KINDS, min_size=1, max_size=30), data=st.data())
def test_reading_since_a_snapshot_and_compaction_agree_with_a_plain_list(tmp_path_factory, kinds, data) -> None:
    journal = Journal.create(tmp_path_factory.mktemp("journals"), "session")
    rows: list[tuple[int, str]] = []
    for kind in kinds:
        rows.append((journal.append(kind, {}), kind))
        if data.draw(st.booleans(), label="compact"):
            keep_from = data.draw(st.integers(1, rows[-1][0]), label="keep from")
            journal.compact(keep_from)
            rows = [row for row in rows if row[0] >= keep_from]
    last = max((serial for serial, kind in rows if kind == "snapshot"), default=0)
    assert [(event.serial, event.kind) for event in journal.events()] == rows
    assert [event.serial for event in journal.events(since="snapshot")] == [n for n, _ in rows if n >= last]
    journal.close(finished=False)
    with unfinished(journal.path) as again:  # numbering goes on after a restart
        assert again.append("change", {}) == len(kinds) + 1


def test_the_file_says_what_it_is_and_is_durable(tmp_path: Path) -> None:
    """Read by SQLite itself, not by the journal."""
    path = written(tmp_path, 2)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        head = dict(connection.execute("SELECT name, value FROM head"))
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("SELECT data FROM event WHERE serial = 1").fetchone()[0].startswith('{"n":1')
    assert (head["format"], head["version"], head["kind"]) == ("scs-sim journal", "1", "session")
    journal = Journal.create(tmp_path, "session")
    assert journal._connection.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
    journal.close()


def test_a_folder_with_blanks_and_other_letters(tmp_path: Path) -> None:
    folder = tmp_path / "blank and \N{GREEK SMALL LETTER MU}m"
    path = written(folder, 3)
    assert [entry.path for entry in abandoned(folder)] == [path]
    assert numbers(path) == [1, 2, 3]


@pytest.mark.parametrize("kind", ["", "Session", "a b", "../x", "é"])
def test_bad_kinds_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InvalidValueError, match="lower-case"):
        Journal.create(tmp_path, kind)


def _deep(levels: int) -> dict[str, object]:
    inner: dict[str, object] = {}
    for _ in range(levels):
        inner = {"x": inner}
    return inner


@pytest.mark.parametrize("data", [{"x": float("nan")}, {"x": b"bytes"}, {"x": {1, 2}}, _deep(100_000)])
def test_what_is_no_json_is_refused_and_leaves_no_trace(tmp_path: Path, data) -> None:
    journal = Journal.create(tmp_path, "session")
    with pytest.raises(InvalidValueError, match="JSON"):
        journal.append("change", data)
    assert journal.append("change", {}) == 1
    journal.close()


def test_an_event_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "MAX_EVENT_BYTES", 100)
    with Journal.create(tmp_path, "session") as journal, pytest.raises(InvalidValueError, match="at most 100"):
        journal.append("change", {"x": "y" * 100})


def test_only_journals_that_were_left_unfinished_are_abandoned_latest_first(tmp_path: Path) -> None:
    first = written(tmp_path, 3)
    written(tmp_path, 2, finished=True)
    written(tmp_path, 0)
    time.sleep(0.01)
    second = written(tmp_path, 7, kind="training")
    (tmp_path / "note.txt").write_text("not a journal", encoding="utf-8")
    (tmp_path / "folder.journal").mkdir()
    found = abandoned(tmp_path)
    assert [(entry.path, entry.kind, entry.count) for entry in found] == [
        (second, "training", 7),
        (first, "session", 3),
    ]
    assert all(abs(entry.last_event_s - time.time()) < 60.0 for entry in found)
    assert numbers(first) == [1, 2, 3]  # looking changed nothing
    assert abandoned(tmp_path / "missing") == ()


def test_an_exception_leaves_the_journal_abandoned_and_a_good_end_finishes_it(tmp_path: Path) -> None:
    with contextlib.suppress(KeyError), Journal.create(tmp_path, "session") as journal:
        journal.append("change", {})
        raise KeyError
    assert [entry.path for entry in abandoned(tmp_path)] == [journal.path]
    with Journal.open(journal.path) as again:
        assert not again.finished
    again.close()
    assert again.finished
    assert abandoned(tmp_path) == ()
    with Journal.open(journal.path) as kept:  # finished ones can still be read, as the debrief of a training does
        assert kept.finished
        assert len(kept.events()) == 1


def test_old_empty_journals_are_swept_up_young_ones_left(tmp_path: Path) -> None:
    old, young = written(tmp_path, 0), written(tmp_path, 0)
    blank = tmp_path / "session-x.journal"
    blank.touch()
    for path in (old, blank):
        os.utime(path, (time.time() - 7200.0,) * 2)
    assert abandoned(tmp_path) == ()
    assert list(tmp_path.iterdir()) == [young]


def test_a_running_process_keeps_its_journal_and_a_killed_one_loses_it(tmp_path: Path) -> None:
    other = written(tmp_path, 2)
    with writer(tmp_path) as (process, path):
        assert [entry.path for entry in abandoned(tmp_path)] == [other]
        for take in (Journal.open, salvage, discard):
            with pytest.raises(InUseError, match="in use by another window"):
                take(path)
        assert path.exists()
        process.kill()
        process.wait()
        assert {entry.path for entry in abandoned(tmp_path)} == {other, path}
    discard(path)
    discard(path)
    assert [entry.path for entry in abandoned(tmp_path)] == [other]
    assert sorted(tmp_path.iterdir()) == [other]


def test_one_process_does_not_take_its_own_journal_twice(tmp_path: Path) -> None:
    with Journal.create(tmp_path, "session") as journal:
        journal.append("change", {})
        assert abandoned(tmp_path) == ()
        with pytest.raises(InUseError):
            Journal.open(journal.path)
        journal.append("change", {})


def test_one_of_two_windows_that_restore_the_same_journal_gets_it(tmp_path: Path) -> None:
    path = written(tmp_path, 2)
    assert len(abandoned(tmp_path)) == 1
    with unfinished(path), pytest.raises(InUseError):
        Journal.open(path)
    discard(path)
    with pytest.raises(InvalidFileError, match="no such file"):
        Journal.open(path)


@pytest.mark.parametrize("cut", [0, 1, 100, 4095, 4096, 6000, 8192, 12000])
def test_cut_files_are_said_and_kept(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, 60)
    data = path.read_bytes()[:cut]
    path.write_bytes(data)
    with pytest.raises(InvalidFileError, match=re.escape(str(path))):
        Journal.open(path).events()
    entries = abandoned(tmp_path)
    assert [entry.path for entry in entries if entry.problem] == (
        [path] if cut > 1 else []
    )  # to SQLite one byte is none
    assert path.read_bytes() == data
    discard(path)
    assert not path.exists()


@pytest.mark.parametrize("garbage", [b"", b"\0" * 9000, b"SQLite format 3\0" + b"\xff" * 5000, b"text " * 3000])
def test_garbage_is_no_journal(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "session-x.journal"
    path.write_bytes(garbage)
    for read in (Journal.open, salvage):
        with pytest.raises(InvalidFileError, match="session-x"):
            read(path)
    assert len(abandoned(tmp_path)) == (1 if garbage else 0)
    assert path.read_bytes() == garbage
    discard(path)


def test_a_database_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.journal"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photos (name)")
    before = path.read_bytes()
    with pytest.raises(InvalidFileError, match="it must be 'scs-sim journal'"):
        Journal.open(path)
    assert path.read_bytes() == before


def test_flipped_bytes_never_give_other_events(tmp_path: Path) -> None:
    """Whatever byte is damaged: the same events or a clear error; and salvage gives a part of the same events."""
    path = written(tmp_path, 60)
    data = path.read_bytes()
    with unfinished(path) as journal:
        true = {event.serial: event for event in journal.events()}
    chance, noticed, most = random.Random(4), 0, 0
    for _ in range(300):
        position = chance.randrange(len(data))
        path.write_bytes(data[:position] + bytes([data[position] ^ 1 << chance.randrange(8)]) + data[position + 1 :])
        assert len(abandoned(tmp_path)) <= 1
        try:
            with unfinished(path) as journal:
                assert {event.serial: event for event in journal.events()} == true
        except InvalidFileError:
            noticed += 1
            with contextlib.suppress(InvalidFileError):
                found = salvage(path)
                assert all(true[event.serial] == event for event in found)
                most = max(most, len(found))
        for leftover in tmp_path.glob("*.journal-*"):
            leftover.unlink()
    assert noticed > 100
    assert 50 < most < 60


def test_a_missing_event_is_noticed_and_the_rest_salvaged(tmp_path: Path) -> None:
    path = written(tmp_path, 9)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM event WHERE serial = 4")
        connection.execute("UPDATE event SET data = replace(data, '7', '8') WHERE serial = 7")
    with unfinished(path) as journal, pytest.raises(InvalidFileError, match="damaged after event 3"):
        journal.events()
    assert [event.data["n"] for event in salvage(path)] == [1, 2, 3, 5, 6, 8, 9]


def test_newer_versions_are_refused_unharmed_and_older_ones_migrated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, 3)
    with monkeypatch.context() as later:
        later.setattr(journal_module, "VERSION", 2)
        later.setattr(
            journal_module, "_MIGRATIONS", {1: lambda c: c.execute("ALTER TABLE event ADD COLUMN author TEXT")}
        )
        assert numbers(path) == [1, 2, 3]
        assert numbers(path) == [1, 2, 3]
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert "author" in [row[1] for row in connection.execute("PRAGMA table_info(event)")]
    before = path.read_bytes()
    with pytest.raises(InvalidFileError, match=r"version is 2, written by a newer scs-sim; this one reads .* up to 1"):
        Journal.open(path)
    (entry,) = abandoned(tmp_path)
    assert "newer scs-sim" in entry.problem
    assert path.read_bytes() == before


def test_a_failed_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, 3)

    def fails(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM event")
        connection.execute("no SQL")

    with monkeypatch.context() as later:
        later.setattr(journal_module, "VERSION", 2)
        later.setattr(journal_module, "_MIGRATIONS", {1: fails})
        with pytest.raises(InvalidFileError):
            Journal.open(path)
    assert numbers(path) == [1, 2, 3]


def test_the_folder_vanishes(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    journal = Journal.create(folder, "session")
    journal.append("change", {})
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    with pytest.raises(OutputError, match="the file is gone"):
        journal.append("change", {})
    with pytest.raises(OutputError, match="the file is gone"):
        journal.close()
    with pytest.raises(OutputError, match="closed"):
        journal.append("change", {})
    assert Journal.create(folder, "session").append("change", {}) == 1


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        Journal.create(tmp_path / "state", "session")
    assert abandoned(tmp_path / "state") == ()


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """Return a folder that this test may read but not write, also where the tests run as root."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(folder, NOBODY, NOBODY)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(stat.S_IRWXU)
        shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no read-only folders")
def test_a_read_only_folder(locked_folder: Path) -> None:
    path = written(locked_folder, 2)
    path.chmod(stat.S_IRUSR | stat.S_IROTH)
    locked_folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
    with pytest.raises(OutputError, match="cannot be written"):
        Journal.create(locked_folder, "session")
    (entry,) = abandoned(locked_folder)
    assert "cannot be" in entry.problem
    with pytest.raises(OutputError, match="cannot be removed"):
        discard(path)
    assert path.exists()


FULL_DISK = """
import resource, signal, sys
from scs_models.errors import OutputError
from scs_sim.journal import Journal
journal = Journal.create(sys.argv[1], "session")
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
written = 0
try:
    while True:
        written = journal.append("change", {"n": written + 1, "text": "words " * 500})
except OutputError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert journal.append("change", {"n": written + 1}) == written + 1
print(written + 1)
journal.close(finished=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_is_said_and_costs_nothing_that_was_written(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    message, count = done.stdout.splitlines()
    assert re.search(r"\.journal: cannot be written: .*(full|I/O)", message)
    (entry,) = abandoned(tmp_path)
    assert numbers(entry.path) == list(range(1, int(count) + 1))
    assert int(count) > 10


def test_a_long_session_stays_small(tmp_path: Path) -> None:
    """3 000 changes with a snapshot of 20 kB every 100: the file holds two snapshots' worth, and reading is short."""
    journal = Journal.create(tmp_path, "session")
    last = 1
    for n in range(3000):
        if n % 100 == 0:
            serial = journal.append("snapshot", {"text": "x" * 20_000})
            journal.compact(keep_from=last)
            last = serial
        journal.append("change", {"n": n})
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 3_000_000
    assert len(journal.events(since="snapshot")) == 101
    journal.close()
    assert journal.path.stat().st_size < 200_000


def test_the_state_folder_is_the_users_or_the_one_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCS_SIM_STATE_DIR", str(tmp_path))
    assert state_folder() == tmp_path
    monkeypatch.delenv("SCS_SIM_STATE_DIR")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    assert state_folder().name == "scs-sim"
    if sys.platform == "linux":
        assert state_folder() == tmp_path / "home" / "scs-sim"


def test_every_error_is_one_for_a_person(tmp_path: Path) -> None:
    for error in (InUseError, InvalidFileError, OutputError):
        assert issubclass(error, ScsError)
    with pytest.raises(InvalidValueError, match="between 1 and 0"), Journal.create(tmp_path, "session") as journal:
        journal.compact(1)
