"""Background: something long in a thread of its own, so that a search goes on telling how far it is, and can stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import TypeVar

from scs_sim.setting import Progress

FoundT = TypeVar("FoundT")

_TELL_EVERY_S = 0.25


class _StoppedError(Exception):
    """Nobody waits for the answer any more."""


def told(work: Callable[[Progress], FoundT]) -> Generator[tuple[float, str], None, FoundT]:
    """Yield (fraction, what) while `work(progress)` runs in a thread, then return its answer or raise its error.

    Closed early, it stops the work at its next call of `progress` and leaves no thread.
    """
    state: list[tuple[float, str]] = [(0.0, "")]
    answer: list[FoundT] = []
    failure: list[BaseException] = []
    stop, done = threading.Event(), threading.Event()

    def progress(fraction: float, what: str) -> None:
        if stop.is_set():
            raise _StoppedError
        state[0] = (fraction, what)

    def run() -> None:
        try:
            answer.append(work(progress))
        except BaseException as error:  # the outermost handler of this thread: whoever waits raises it
            failure.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=run, name="scs-sim search", daemon=True)
    thread.start()
    try:
        while not done.wait(_TELL_EVERY_S):
            yield state[0]
    finally:
        stop.set()
        thread.join()
    if failure:
        raise failure[0]
    return answer[0]
