"""What a crash left behind: the journals of windows that died, and the session each of them ended with."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scs_models import files
from scs_models.errors import InUseError, InvalidFileError, InvalidValueError
from scs_sim.journal import Event, Journal, abandoned, salvage
from scs_ui.state.difference import applied
from scs_ui.state.files import MIGRATIONS
from scs_ui.state.session import Session

KIND, SNAPSHOT, CHANGE = "session", "snapshot", "change"


@dataclass(frozen=True, slots=True)
class LeftWork:
    """Unsaved work of a window that died, as it is offered: last_s is seconds since the epoch, file "" if never saved.

    `problem` says what is wrong with a damaged journal; the rest may be unknown then ("", 0).
    """

    path: Path
    title: str
    last_s: float
    changes: int
    file: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Recovered:
    """The newest session in a journal, the file it was opened from or saved to, and how many changes it has had since.

    whole: nothing is known to be missing.
    """

    session: Session
    file: str
    changes: int
    whole: bool = True


def left_work(folder: str | os.PathLike[str]) -> tuple[LeftWork, ...]:
    """Return the unsaved work in `folder`, the latest first; that of running windows is left alone."""
    found: list[LeftWork] = []
    for entry in abandoned(folder):
        if entry.problem:
            found.append(LeftWork(entry.path, "", entry.last_event_s, 0, problem=entry.problem))
        elif entry.kind == KIND:
            found += _offer(entry.path, entry.last_event_s)
    return tuple(found)


def take(path: str | os.PathLike[str]) -> tuple[Journal | None, Recovered]:
    """Return the journal at `path`, open and ours alone, and what it ended with; None and what is whole if damaged.

    Raises InUseError while another window has it, InvalidFileError where another window has dealt with it, where it was
    written by a newer version or nothing whole is left.
    """
    journal = None
    try:
        journal = Journal.open(path)
        if journal.finished:
            raise InvalidFileError(str(path), ["was saved or discarded in another window"])
        return journal, newest(journal.events(since=SNAPSHOT), str(path))
    except InvalidFileError as error:
        finished = journal is not None and journal.finished
        if journal is not None:
            journal.close(finished=False)
        if finished or not Path(path).exists():
            raise
        events = salvage(path)
        try:
            return None, replace(newest(events, str(path)), whole=False)
        except InvalidFileError:
            raise error from None


def newest(events: Sequence[Event], where: str) -> Recovered:
    """Return what the last snapshot and the changes after it make, as far as they go without a gap.

    Raises InvalidFileError where there is no snapshot, or where its session cannot be read (newer version).
    """
    starts = [index for index, event in enumerate(events) if event.kind == SNAPSHOT]
    if not starts:
        raise InvalidFileError(where, ["is damaged: it holds no whole session"])
    chain = events[starts[-1] :]
    whole = next((n for n, event in enumerate(chain) if event.serial != chain[0].serial + n), len(chain))
    while True:
        last = chain[whole - 1].data
        document = json.loads(json.dumps(chain[0].data.get("session")))  # a copy: changes are applied in place
        try:
            done = 1
            for event in chain[1:whole]:
                applied(document, event.data["operations"])
                done += 1
        except (KeyError, InvalidValueError):
            whole = done
            continue
        if not isinstance(document, dict):
            raise InvalidFileError(where, ["is damaged: it holds no whole session"])
        session = files.decode(Session, document, where=where, migrations=MIGRATIONS)
        return Recovered(session, str(last.get("file", "")), int(last.get("changes", 0)), whole == len(chain))


def _offer(path: Path, last_s: float) -> list[LeftWork]:
    """Return the offer of one journal; none where another window has taken it meanwhile."""
    try:
        journal = Journal.open(path)
    except InUseError:
        return []
    except InvalidFileError as error:
        return [LeftWork(path, "", last_s, 0, problem=str(error))]
    try:
        last = journal.events()[-1].data
        title, changes, file = last.get("title", ""), last.get("changes", 0), last.get("file", "")
        return [LeftWork(path, str(title), last_s, int(changes), str(file))]
    except InvalidFileError as error:
        return [LeftWork(path, "", last_s, 0, problem=str(error))]
    finally:
        journal.close(finished=False)
