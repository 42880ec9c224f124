"""Autosave: what a window that died had in mind is found again, nothing else is in the way, and nothing is lost."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scs_models.errors import InUseError, InvalidFileError
from scs_sim.case import builtin_case
from scs_sim.journal import Journal, abandoned
from scs_ui.state import session as session_module
from scs_ui.state.autosave import DRAG_WRITE_MS, Autosave
from scs_ui.state.recovery import left_work, take
from scs_ui.state.session import Session, session_of
from scs_ui.state.store import Change, Store

sys.path.insert(0, str(Path(__file__).parent))
from random_steps import random_steps


def new_store() -> Store:
    store = Store(session_of(builtin_case("back-and-left-leg")))
    store.saved = store.session
    return store


def named(name: str) -> Callable[[Session], Session]:
    return lambda s: s.with_program(replace(s.program, name=name))


def amplitude(value_ma: float) -> Callable[[Session], Session]:
    return lambda s: s.with_draft(replace(s.draft, amplitude_ma=value_ma))


def died(autosave: Autosave) -> None:
    """End a window as a crash does: the journal is let go of as it is."""
    assert autosave._journal is not None
    autosave._journal.close(finished=False)
    autosave._end()


class Clock:
    """Calls functions later, when a test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, Callable[[], None]]] = []

    def __call__(self, ms: int, function: Callable[[], None]) -> None:
        self.waiting.append((ms, function))

    def run(self, up_to_ms: int = 10_000) -> None:
        ready = [item for item in self.waiting if item[0] <= up_to_ms]
        self.waiting = [item for item in self.waiting if item[0] > up_to_ms]
        for _, function in ready:
            function()


def only(folder: Path) -> Path:
    (work,) = left_work(folder)
    assert work.problem == ""
    return work.path


def test_nothing_is_written_before_the_first_change(tmp_path: Path) -> None:
    autosave = Autosave(new_store(), tmp_path / "state")
    autosave.flush()
    assert not (tmp_path / "state").exists()
    autosave.close()


def test_the_work_of_a_window_that_died_is_offered_and_restored(tmp_path: Path) -> None:
    store = new_store()
    store.path = "visit.scsx"
    autosave = Autosave(store, tmp_path)
    for n in range(250):
        store.act(f"Name {n}", named(f"{n}"))
    assert left_work(tmp_path) == ()  # ours while we run
    died(autosave)
    (work,) = left_work(tmp_path)
    assert (work.title, work.changes, work.file) == (store.session.case.title, 250, "visit.scsx")
    assert abs(work.last_s - time.time()) < 60.0

    other = new_store()
    again = Autosave(other, tmp_path)
    again.restore(work.path)
    assert other.session == store.session
    assert (other.path, other.is_saved) == ("visit.scsx", False)
    assert left_work(tmp_path) == ()
    other.act("Name", named("more"))
    died(again)
    (work,) = left_work(tmp_path)
    assert work.changes == 251
    assert take(work.path)[1].session == other.session


def test_random_users_die_and_are_restored(tmp_path: Path) -> None:
    chance = random.Random(5)
    for life in range(12):
        folder = tmp_path / str(life)
        store = new_store()
        autosave = Autosave(store, folder)
        for _ in range(chance.randrange(1, 40)):
            for step in random_steps(store.session, chance):
                store.act(step.text, step.action, step.merge)
            if chance.random() < 0.3:
                store.end_merge()
        if store.is_saved:
            continue
        died(autosave)
        journal, found = take(only(folder))
        assert journal is not None
        journal.close()
        assert found.session == store.session
        assert found.whole


def test_saving_and_closing_end_the_journal(tmp_path: Path) -> None:
    store = new_store()
    autosave = Autosave(store, tmp_path)
    store.act("Name", named("a"))
    assert len(list(tmp_path.glob("*.journal"))) == 1
    store.mark_saved(store.session, "visit.scsx")
    assert list(tmp_path.iterdir()) == []
    store.act("Name", named("b"))
    store.mark_saved(replace(store.session, on=False), "visit.scsx")  # something older was saved: still unsaved work
    assert len(list(tmp_path.glob("*.journal"))) == 1
    autosave.close()
    assert list(tmp_path.iterdir()) == []
    store.act("Name", named("c"))
    assert list(tmp_path.iterdir()) == []


def test_closing_can_keep_the_work(tmp_path: Path) -> None:
    store = new_store()
    autosave = Autosave(store, tmp_path, Clock())
    store.act("Name", named("a"))
    autosave.close(keep=True)
    assert take(only(tmp_path))[1].session == store.session


def test_opening_another_session_begins_another_journal(tmp_path: Path) -> None:
    store = new_store()
    autosave = Autosave(store, tmp_path)
    store.act("Name", named("a"))
    store.open(session_of(builtin_case("foot")), "foot.scsx")
    assert list(tmp_path.iterdir()) == []
    store.act("Name", named("b"))
    died(autosave)
    (work,) = left_work(tmp_path)
    assert (work.title, work.changes, work.file) == (builtin_case("foot").title, 1, "foot.scsx")


def test_undone_as_far_as_the_file_there_is_nothing_to_recover(tmp_path: Path) -> None:
    store = new_store()
    autosave = Autosave(store, tmp_path)
    before = store.session
    store.act("Name", named("a"))
    after = store.session
    store.replace(before)
    assert list(tmp_path.iterdir()) == []
    store.replace(after)
    died(autosave)
    assert take(only(tmp_path))[1].session == after


def test_an_undo_stack_stays_in_charge(tmp_path: Path) -> None:
    store = new_store()
    seen: list[str] = []

    def record(change: Change) -> None:
        seen.append(change.text)
        store.replace(change.after)

    store.recorder = record
    autosave = Autosave(store, tmp_path)
    store.act("Name", named("a"))
    assert seen == ["Name"]
    autosave.close()
    assert store.recorder is record


def test_a_drag_is_written_now_and_then_single_steps_at_once(tmp_path: Path) -> None:
    store, clock = new_store(), Clock()
    autosave = Autosave(store, tmp_path, clock)
    for n in range(1, 101):
        store.act("Amplitude", amplitude(n / 10.0), merge="amplitude")
        if n % 50 == 0:
            clock.run()
    assert autosave.written == 2
    store.act("Amplitude", amplitude(0.7), merge="amplitude")
    assert autosave.written == 2  # under way
    store.act("Name", named("a"))
    assert autosave.written == 3  # the drag is written before the next action, which follows in the next free moment
    assert [ms for ms, _ in clock.waiting] == [DRAG_WRITE_MS, 0]
    clock.run(up_to_ms=0)
    assert autosave.written == 4
    clock.run()
    assert autosave.written == 4
    died(autosave)
    (work,) = left_work(tmp_path)
    assert work.changes == 2
    assert take(work.path)[1].session == store.session


def test_at_most_one_action_is_ever_unwritten(tmp_path: Path) -> None:
    """Whatever the clock does: what is on the disk is the session now or the one before the last action."""
    chance = random.Random(8)
    store, clock = new_store(), Clock()
    autosave = Autosave(store, tmp_path, clock)
    store.act("Name", named("start"))
    clock.run()
    of_last_action = past = [store.session]
    for _ in range(150):
        during = [store.session]
        if chance.random() < 0.3:
            store.replace(chance.choice(past))  # undo, redo
            during.append(store.session)
        else:
            for step in random_steps(store.session, chance):
                if store.act(step.text, step.action, step.merge):
                    during.append(store.session)
                if chance.random() < 0.1:
                    clock.run()
            store.end_merge()
        past = [*past, store.session]
        of_last_action = during if during[-1] is not during[0] else of_last_action
        assert any(autosave._known is session for session in of_last_action)
    died(autosave)
    assert take(only(tmp_path))[1].session == autosave._known


def test_two_windows_each_have_their_own(tmp_path: Path) -> None:
    first, second = new_store(), new_store()
    one, two = Autosave(first, tmp_path), Autosave(second, tmp_path)
    first.act("Name", named("one"))
    second.act("Name", named("two"))
    assert left_work(tmp_path) == ()
    died(two)
    work = only(tmp_path)
    third = new_store()
    three = Autosave(third, tmp_path)
    three.restore(work)
    assert third.session == second.session
    with pytest.raises(InUseError):
        one.restore(work)
    assert first.session.program.name == "one"
    three.close()
    with pytest.raises(InvalidFileError, match="no such file"):
        one.restore(work)
    one.close()


def test_what_another_window_dealt_with_is_not_restored(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, "session")
    journal.append("snapshot", {})
    journal.close(finished=True)
    with pytest.raises(InvalidFileError, match="in another window"):
        take(journal.path)


def test_restoring_over_unsaved_work_sets_that_aside(tmp_path: Path) -> None:
    lost = new_store()
    died_with = Autosave(lost, tmp_path)
    lost.act("Name", named("lost"))
    died(died_with)
    store = new_store()
    autosave = Autosave(store, tmp_path, Clock())
    store.act("Name", named("present"))
    present = store.session
    autosave.restore(only(tmp_path))
    assert store.session == lost.session
    assert take(only(tmp_path))[1].session == present
    autosave.close()


def test_a_damaged_journal_gives_what_is_whole_and_is_kept(tmp_path: Path) -> None:
    store = new_store()
    autosave = Autosave(store, tmp_path)
    for n in range(30):
        store.act("Name", named(f"{n}"))
    died(autosave)
    path = only(tmp_path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE event SET data = replace(data, '20', '21') WHERE serial = 21")
    (work,) = left_work(tmp_path)
    assert "damaged after event 20" in work.problem
    other = new_store()
    again = Autosave(other, tmp_path)
    again.restore(work.path)
    assert other.session.program.name == "19"
    message = other.moment().message
    assert message is not None
    assert "newest changes may be missing" in message.text
    assert left_work(tmp_path) == ()
    assert path.with_name(path.name + ".damaged").exists()
    other.act("Name", named("on"))
    died(again)
    assert take(only(tmp_path))[1].session == other.session


def test_garbage_in_the_folder_is_said_and_restores_nothing(tmp_path: Path) -> None:
    path = tmp_path / "session-x.journal"
    path.write_bytes(b"garbage" * 1000)
    (work,) = left_work(tmp_path)
    assert "damaged or no journal" in work.problem
    store = new_store()
    autosave = Autosave(store, tmp_path)
    with pytest.raises(InvalidFileError):
        autosave.restore(path)
    assert path.read_bytes() == b"garbage" * 1000
    assert store.is_saved


def test_a_newer_session_in_a_journal_is_refused(tmp_path: Path) -> None:
    store = new_store()
    autosave = Autosave(store, tmp_path)
    store.act("Name", named("a"))
    died(autosave)
    path = only(tmp_path)
    journal = Journal.open(path)
    (event,) = journal.events()
    document = event.data["session"] | {"version": Session.VERSION + 1}
    journal.append("snapshot", dict(event.data) | {"session": document})
    journal.close(finished=False)
    with pytest.raises(InvalidFileError, match="newer scs-sim"):
        take(path)
    assert path.exists()


def test_the_folder_vanishes_and_everything_is_written_anew(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    store = new_store()
    autosave = Autosave(store, folder)
    store.act("Name", named("a"))
    shutil.rmtree(folder)
    store.act("Name", named("b"))
    died(autosave)
    assert take(only(folder))[1].session == store.session


def test_a_folder_that_cannot_be_written_is_said_once_and_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.write_text("in the way", encoding="utf-8")
    store = new_store()
    autosave = Autosave(store, folder)
    said: list[str] = []

    def listen(topic: str) -> None:
        message = store.moment().message
        if topic == "message" and message is not None:
            said.append(message.text)

    store.subscribe(listen)
    for name in "abc":
        store.act("Name", named(name))
    assert len(said) == 1
    assert "Autosave does not work" in said[0]
    folder.unlink()
    store.act("Name", named("d"))
    assert said[1:] == ["Autosave works again."]
    died(autosave)
    assert take(only(folder))[1].session == store.session


def test_a_long_session_keeps_a_small_journal(tmp_path: Path) -> None:
    store = new_store()
    autosave = Autosave(store, tmp_path)
    for n in range(2500):
        store.act("Name", named(f"{n}"))
    died(autosave)
    (entry,) = abandoned(tmp_path)
    assert entry.count < 1000
    assert entry.path.stat().st_size < 300_000
    journal, found = take(entry.path)
    assert journal is not None
    assert len(journal.events(since="snapshot")) < 500
    journal.close()
    assert found.session == store.session
    assert found.changes == 2500


def test_a_large_session_is_not_written_whole_again_and_again(tmp_path: Path) -> None:
    store = new_store()
    tried = session_module.Tested("P", "1.1- 1.2+", 1.0, 300.0, 50.0, 1.5, 0.0, 71.0, note="so")
    store.replace(replace(store.session, tested=(tried,) * 1000))
    autosave = Autosave(store, tmp_path)
    store.act("Name", named("first"))
    assert autosave._journal is not None
    whole = autosave._journal.appended_bytes
    for n in range(500):
        store.act("Name", named(f"{n}"))
    assert autosave._journal.appended_bytes < 2 * whole
    autosave.close()
