"""TrainingWorker: one thread that asks the patient, one question after another, so that the window never waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Signal

from scs_models.errors import ScsError
from scs_ui.compute import CancelledError
from scs_ui.state.training import Question

_LOG = logging.getLogger(__name__)


class TrainingWorker(QObject):
    """Runs questions in order; then and failed are called in the window's own thread. progressed: share done, 0-1."""

    progressed = Signal(float)
    _done = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="scs-training")
        self._cancelled = threading.Event()
        self._closed = False
        self._done.connect(self._finish)

    def ask(self, question: Question, then: Callable[[Any], None], failed: Callable[[Exception | None], None]) -> None:
        """Answer a question after those before it."""
        if not self._closed:
            self._cancelled.clear()
            self._pool.submit(self._work, question, then, failed)

    def cancel(self) -> None:
        """End what runs, at its next report of progress; nothing of it has happened then."""
        self._cancelled.set()

    def close(self) -> None:
        """End everything; what is on record stays there."""
        self._closed = True
        self.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(
        self, question: Question, then: Callable[[Any], None], failed: Callable[[Exception | None], None]
    ) -> None:
        def progress(fraction: float, what: str) -> None:
            if self._cancelled.is_set():
                raise CancelledError
            self.progressed.emit(fraction)

        try:
            answer = question(progress)
        except CancelledError:
            self._done.emit(failed, None)
        except ScsError as error:
            self._done.emit(failed, error)
        except Exception as error:  # the outermost handler of this thread: the window says it
            _LOG.error("an answer failed", exc_info=error)
            self._done.emit(failed, error)
        else:
            self._done.emit(then, answer)

    def _finish(self, call: Callable[[Any], None], answer: object) -> None:
        if not self._closed:
            call(answer)
