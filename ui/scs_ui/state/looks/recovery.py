"""What the recovery bar says: each piece of unsaved work that a crash left, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from scs_ui.state.recovery import LeftWork

HEADING = "Unsaved work of a window that ended unexpectedly"
SHORT_HEADING = "Unsaved work"


@dataclass(frozen=True, slots=True)
class OfferLook:
    """One row: what it is about, when and how much, what is wrong (or ""), and the same as one spoken sentence."""

    path: Path
    title: str
    details: str
    problem: str
    spoken: str


def offer_looks(works: Sequence[LeftWork], now: datetime) -> tuple[OfferLook, ...]:
    """Return the rows, in the order given; `now` is the local time."""
    return tuple(_offer(work, now) for work in works)


def when_text(last_s: float, now: datetime) -> str:
    """Return a moment (seconds since the epoch) in local time, in words: "today 12:04", "3 Nov 2026, 18:20"."""
    at = datetime.fromtimestamp(last_s, now.tzinfo)
    clock = f"{at:%H:%M}"
    if at.date() == now.date():
        return f"today {clock}"
    if at.date() == (now - timedelta(days=1)).date():
        return f"yesterday {clock}"
    return f"{at.day} {at:%b %Y}, {clock}"


def _offer(work: LeftWork, now: datetime) -> OfferLook:
    when = when_text(work.last_s, now)
    if work.problem:
        return OfferLook(
            work.path,
            "Damaged record of a session",
            f"{when} · what can still be read can be restored",
            work.problem,
            f"Damaged record of a session, {when}",
        )
    title = work.title or "Untitled session"
    count = f"{work.changes} change{'' if work.changes == 1 else 's'}"
    home = f"not in {Path(work.file).name}" if work.file else "never saved"
    return OfferLook(work.path, title, f"{when} · {count} · {home}", "", f"{title}, {when}, {count}, {home}")
