"""Runner: long questions in worker threads, the newest of each channel wins, with progress and cancel.

Threads do NumPy work or wait for worker processes (kernels); no Python loops run in them, so the window stays smooth.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from scs_models.errors import ScsError
from scs_ui.state.moment import Busy
from scs_ui.state.store import Question, Store

_LOG = logging.getLogger(__name__)
LABEL_AFTER_MS = 150
_THREADS = 5  # each waits most of the time


class CancelledError(Exception):
    """A newer question took the place of this one, or the user cancelled it."""


@dataclass(slots=True)
class _Asked:
    channel: str
    question: Question[Any]
    then: Callable[[Any], None]
    label: str
    overtaken: bool
    cancelled: threading.Event


class Runner(QObject):
    """Answers questions of a store in threads; `then` is called in the window's own thread."""

    _done = Signal(object, object, object)
    _progressed = Signal(object, float, str)

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="scs-ui")
        self._running: dict[str, _Asked] = {}
        self._waiting: dict[str, _Asked] = {}
        self._timers: dict[str, QTimer] = {}
        self._closed = False
        self._done.connect(self._finish)
        self._progressed.connect(self._show_progress)
        store.asker = self.ask
        store.cancel = self.cancel

    @property
    def is_idle(self) -> bool:
        """Return whether nothing runs or waits."""
        return not self._running and not self._waiting

    def is_running(self, channel: str) -> bool:
        """Return whether a question of the channel runs or waits."""
        return channel in self._running or channel in self._waiting

    def ask(
        self,
        channel: str,
        question: Question[Any],
        then: Callable[[Any], None],
        *,
        delay_ms: int = 0,
        label: str = "",
        overtaken: bool = False,
    ) -> None:
        """Answer `question` in a thread after `delay_ms`; see Store.ask."""
        if self._closed:
            return
        self._waiting[channel] = _Asked(channel, question, then, label, overtaken, threading.Event())
        if channel in self._running:
            self._running[channel].cancelled.set()
        timer = self._timers.get(channel)
        if timer is None:
            timer = self._timers[channel] = QTimer(self, singleShot=True)
            timer.timeout.connect(lambda: self._start(channel))
        timer.start(delay_ms)

    def cancel(self, channel: str = "") -> None:
        """Drop what waits and end what runs, of one channel or of all that show progress; finished kernels are kept."""
        for name in (channel,) if channel else self._store.busy_channels:
            if name in self._waiting:
                del self._waiting[name]
                self._timers[name].stop()
            if name in self._running:
                self._running[name].cancelled.set()

    def close(self) -> None:
        """End everything; waits for running NumPy calls, a second at most in practice."""
        self._closed = True
        for name in {*self._waiting, *self._running}:
            self.cancel(name)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, channel: str) -> None:
        if channel in self._running or channel not in self._waiting:
            return
        asked = self._running[channel] = self._waiting.pop(channel)
        if asked.label:
            QTimer.singleShot(LABEL_AFTER_MS, self, lambda: self._show_label(asked))
        self._pool.submit(self._work, asked)

    def _work(self, asked: _Asked) -> None:
        def progress(fraction: float, what: str) -> None:
            if asked.cancelled.is_set():
                raise CancelledError
            self._progressed.emit(asked, fraction, what)

        try:
            answer = asked.question(progress)
        except CancelledError:
            self._done.emit(asked, None, None)
        except Exception as error:  # the outermost handler of this thread: the window's thread says it
            self._done.emit(asked, None, error)
        else:
            self._done.emit(asked, answer, None)

    def _finish(self, asked: _Asked, answer: object, error: Exception | None) -> None:
        del self._running[asked.channel]
        self._store.show_busy(asked.channel, None)
        replaced = asked.cancelled.is_set()
        if asked.channel in self._waiting and not self._timers[asked.channel].isActive():
            self._start(asked.channel)
        if isinstance(error, ScsError):
            self._store.say(f"{str(error)[:1].upper()}{str(error)[1:]}", "error")
        elif error is not None:
            _LOG.error("a question of channel %s failed", asked.channel, exc_info=error)
            self._store.say(f"An error in scs-sim itself ({type(error).__name__}: {error})", "error")
        elif answer is not None and (asked.overtaken or not replaced):
            asked.then(answer)

    def _show_progress(self, asked: _Asked, fraction: float, what: str) -> None:
        if self._running.get(asked.channel) is asked and not asked.cancelled.is_set():
            self._store.show_busy(asked.channel, Busy(what, fraction))

    def _show_label(self, asked: _Asked) -> None:
        if self._running.get(asked.channel) is asked:
            self._store.show_busy(asked.channel, Busy(asked.label))
