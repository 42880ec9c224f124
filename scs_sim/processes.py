"""Work in parallel processes that start by "spawn" on every system, report progress and leave nothing behind.

Each worker has a pipe of its own, so ending one can never leave a lock held; a worker whose parent is gone ends itself.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeAlias, TypeVar

from scs_models.errors import MissingPieceError, ScsError

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection as Connection
else:
    from multiprocessing.connection import Connection

AnswerT = TypeVar("AnswerT")
ItemT = TypeVar("ItemT")
Pipe: TypeAlias = "Connection[Any, Any]"

Report = Callable[[int, int], None]
"""What a task calls while it works: (steps done, steps in all)."""

MAX_WORKERS = 32
_REPORT_EVERY_S = 0.1
_LISTEN_EVERY_S = 0.1
_ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


def default_workers() -> int:
    """Return SCS_SIM_WORKERS, else the number of processors; raise MissingPieceError where the variable is no count."""
    given = os.environ.get("SCS_SIM_WORKERS", "").strip()
    if not given:
        return max(1, min(os.cpu_count() or 1, MAX_WORKERS))
    if not given.isascii() or not given.isdigit() or int(given) < 1:
        raise MissingPieceError(f"SCS_SIM_WORKERS is {given!r}; it must be a whole number from 1")
    return min(int(given), MAX_WORKERS)


def run_all(
    tasks: Sequence[Callable[[Report], AnswerT]],
    *,
    workers: int,
    on_progress: Callable[[int, float], None],
    on_done: Callable[[int, AnswerT], None],
) -> None:
    """Run every task in one of `workers` processes and hand each answer to `on_done(index, answer)` as it arrives.

    Tasks and answers travel through a pipe, so tasks must be instances of importable types. `on_progress(index,
    fraction)` is called in this process. The first exception of a task ends all workers and is raised here; so does
    an exception of this process, Ctrl+C included. Raises ScsError where a worker dies. A process that may have no
    children, as a worker of this function or of a cluster, does the tasks itself.
    """
    if multiprocessing.current_process().daemon:
        _run_here(tasks, on_progress, on_done)
        return
    left = list(range(len(tasks)))[::-1]
    with Crew(min(workers, len(tasks))) as crew:
        while left or crew.at_work:
            _hand_out(crew, tasks, left)
            for news in crew.news(None):
                if not news.is_done:
                    on_progress(news.index, news.answer)
                else:
                    _hand_out(crew, tasks, left)
                    on_done(news.index, news.answer)


@dataclass(frozen=True, slots=True)
class News:
    """What came of task `index`: its answer, or, where it is not done, the share (0-1) that is."""

    index: int
    is_done: bool
    answer: Any


class Crew:
    """Processes that take one task after another, for somebody who works beside them; to be used with `with`.

    Tasks are as in `run_all`. A process that may have no children has a crew of nobody.
    """

    def __init__(self, workers: int) -> None:
        self._processes: dict[Pipe, SpawnProcess] = {}
        self._busy: dict[Pipe, int] = {}
        alone = multiprocessing.current_process().daemon
        try:
            for _ in range(0 if alone else min(workers, MAX_WORKERS)):
                pipe, process = _start(_work, daemon=True)
                self._processes[pipe] = process
        except BaseException:
            self.close()
            raise

    @property
    def idle(self) -> int:
        """Return how many wait for a task."""
        return len(self._processes) - len(self._busy)

    @property
    def at_work(self) -> int:
        """Return how many have one."""
        return len(self._busy)

    def give(self, index: int, task: Callable[[Report], object]) -> None:
        """Give a task to one who waits; `index` comes back with its answer."""
        pipe = next(pipe for pipe in self._processes if pipe not in self._busy)
        self._busy[pipe] = index
        pipe.send(task)

    def news(self, timeout_s: float | None = 0.0) -> Iterator[News]:
        """Yield what has come, one piece of each at most; wait up to `timeout_s` for the first, None: for ever.

        Raises the first exception of a task, and ScsError where a worker died.
        """
        ready = wait(list(self._busy), timeout_s) if self._busy else []
        for pipe in [pipe for pipe in self._busy if pipe in ready]:
            index = self._busy[pipe]
            try:
                kind, answer = pipe.recv()
            except (EOFError, ConnectionError):
                self._processes[pipe].join(5.0)
                raise _died(self._processes[pipe]) from None
            if kind == "failed":
                raise answer
            if kind == "done":
                del self._busy[pipe]
            yield News(index, kind == "done", answer)

    def close(self) -> None:
        """End all of them, whatever they are at."""
        for pipe, process in self._processes.items():
            process.terminate()
            pipe.close()
        for process in self._processes.values():
            _end(process)
        self._processes, self._busy = {}, {}

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def stream(
    task: Callable[[Callable[[ItemT], None]], None], *, on_item: Callable[[ItemT], None], on_wait: Callable[[], None]
) -> None:
    """Run `task(emit)` in a process of its own and hand each item that it emits to `on_item` as it comes.

    Task and items travel through a pipe, so the task must be an instance of an importable type. `on_wait` is called
    ten times a second and more, in this thread: an exception of it ends the process at once and is raised here, as is
    one of the task. Unlike the tasks of `run_all` this one may start workers. Raises ScsError where the process dies.
    """
    pipe, process = _start(_work_through, daemon=False)
    try:
        pipe.send(task)
        while True:
            on_wait()
            if not pipe.poll(_LISTEN_EVERY_S):
                continue
            try:
                kind, answer = pipe.recv()
            except (EOFError, ConnectionError):
                process.join(5.0)
                raise _died(process) from None
            if kind == "failed":
                raise answer
            if kind == "done":
                return
            on_item(answer)
    finally:
        pipe.close()
        _end(process)


def _run_here(
    tasks: Sequence[Callable[[Report], AnswerT]],
    on_progress: Callable[[int, float], None],
    on_done: Callable[[int, AnswerT], None],
) -> None:
    from threadpoolctl import threadpool_limits

    for index, task in enumerate(tasks):

        def report(done: int, total: int, place: int = index) -> None:
            on_progress(place, done / max(total, 1))

        with threadpool_limits(limits=1, user_api="blas"):
            answer = task(report)
        on_done(index, answer)


def _hand_out(crew: Crew, tasks: Sequence[Callable[[Report], object]], left: list[int]) -> None:
    while left and crew.idle:
        index = left.pop()
        crew.give(index, tasks[index])


def _died(process: SpawnProcess) -> ScsError:
    return ScsError(
        f"a worker process ended (exit code {process.exitcode}); if memory ran out, set SCS_SIM_WORKERS=1 and try again"
    )


def _end(process: SpawnProcess) -> None:
    process.terminate()
    process.join(5.0)
    if process.is_alive():
        process.kill()
        process.join()


def _start(work: Callable[[Pipe], None], *, daemon: bool) -> tuple[Pipe, SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=work, args=(there,), daemon=daemon)
    with _for_children():
        process.start()
    there.close()
    return here, process


@contextlib.contextmanager
def _for_children() -> Iterator[None]:
    """Let a child start with one BLAS thread, deaf to Ctrl+C from its first instruction, without the user's script.

    "spawn" imports the script that is running; one without an `if __name__` guard would run a second time.
    """
    main, environment = sys.modules["__main__"], {name: os.environ.get(name) for name in _ONE_THREAD}
    in_main_thread = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if in_main_thread else None
    os.environ.update(_ONE_THREAD)
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        for name, value in environment.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if in_main_thread:
            signal.signal(signal.SIGINT, handler if handler is not None else signal.default_int_handler)


def _work_through(pipe: Pipe) -> None:
    _live_with_parent()
    one_at_a_time = threading.Lock()

    def emit(item: object) -> None:
        with one_at_a_time:
            pipe.send(("item", item))

    try:
        pipe.recv()(emit)
        pipe.send(("done", None))
    except (EOFError, ConnectionError):
        return
    except Exception as error:  # the outermost handler of this process: the parent raises it
        pipe.send(("failed", _portable(error)))


def _live_with_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _work(pipe: Pipe) -> None:
    _live_with_parent()
    last = 0.0

    def report(done: int, total: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= _REPORT_EVERY_S:
            last = now
            pipe.send(("progress", done / max(total, 1)))

    while True:
        try:
            task = pipe.recv()
            pipe.send(("done", task(report)))
        except (EOFError, ConnectionError):
            return
        except Exception as error:  # the outermost handler of this process: the parent raises it
            pipe.send(("failed", _portable(error)))


def _portable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except (pickle.PicklingError, TypeError, AttributeError, ValueError):
        return ScsError(f"{type(error).__name__}: {error}")
    return error


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
