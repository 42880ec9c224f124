"""A sweep on an existing Dask cluster: chunks travel to its workers, the finished ones come back one by one.

A worker needs the installed package only; kernels come from its own cache, or are built there. The data set is the same
as that of one process; a worker that dies has its chunk done by another.
"""

from __future__ import annotations

import contextlib
import logging
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import scs_sim
from scs_models.errors import InvalidValueError, MissingPieceError, ScsError
from scs_sim.document import tables_sha256
from scs_sim.sweep.chunk import Chunk, Values
from scs_sim.sweep.labelled import EXTRA

if TYPE_CHECKING:
    from distributed import Client, Future

REACH_WITHIN_S = 10.0
_ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?(?P<host>\[[^\]]+\]|[^:/\[\]]+):(?P<port>\d{1,5})")
# Chunks under way per thread of the cluster: enough that no worker waits, few enough that results do not pile up there.
_UNDER_WAY_PER_THREAD = 2
_RETRIES_COUNT = 2


def run_on_cluster(address: str, tasks: Sequence[Chunk], on_done: Callable[[int, Values], None]) -> None:
    """Run every task on the cluster of the scheduler at `address`; hand each answer to `on_done(index, values)`.

    Raises InvalidValueError for no address, MissingPieceError where there is no such scheduler or worker, or a worker
    has another scs-sim; ScsError where the cluster gives up a chunk.
    """
    with _connected(address) as client:
        require_same_program(client.run(worker_facts, on_error="return"))
        _work_off(client, tasks, on_done)


def worker_facts() -> tuple[str, str]:
    """Return the version of scs-sim and the hash of its tables, for a worker to tell."""
    return scs_sim.__version__, tables_sha256()


def require_same_program(facts: dict[str, Any]) -> None:
    """Raise MissingPieceError unless every worker (address -> worker_facts or an error) has this scs-sim."""
    own_version, own_tables = worker_facts()
    for address, found in sorted(facts.items()):
        if not isinstance(found, (tuple, list)):
            raise MissingPieceError(
                f"worker {address} has no scs-sim that answers ({found}): install {own_version} there"
            )
        version, tables = found
        if version != own_version:
            raise MissingPieceError(
                f"worker {address} has scs-sim {version}, here it is {own_version}; make them equal"
            )
        if tables != own_tables:
            raise MissingPieceError(f"worker {address} has other tables of numbers than this scs-sim {own_version}")


class Remote:
    """A chunk as it travels: it refuses to run where scs-sim is not the sender's, as on a worker that came later."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk, self.facts = chunk, worker_facts()

    def __call__(self) -> Values:
        """Return the figures of the chunk."""
        if worker_facts() != self.facts:
            require_same_program({"that came later": worker_facts()})
        return self.chunk(lambda _done, _total: None)


def _work_off(client: Client, tasks: Sequence[Chunk], on_done: Callable[[int, Values], None]) -> None:
    from distributed import as_completed

    places: dict[str, int] = {}
    left = iter(range(len(tasks)))

    def submitted() -> Iterator[Future]:
        for place in left:
            future = client.submit(Remote(tasks[place]), pure=False, retries=_RETRIES_COUNT)
            places[future.key] = place
            yield future

    more = submitted()
    threads = sum(worker["nthreads"] for worker in client.scheduler_info(n_workers=-1)["workers"].values())
    running = as_completed(list(islice(more, max(2, _UNDER_WAY_PER_THREAD * threads))), loop=client.loop)
    for future in running:
        values = _result(future)
        on_done(places.pop(future.key), values)
        del values
        future.release()
        for following in more:
            running.add(following)
            break


def _result(future: Future) -> Values:
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    try:
        values: Values = future.result()
    except KilledWorker as error:
        raise ScsError(
            "workers of the cluster died again and again over one chunk, perhaps for lack of memory; --resume goes on"
        ) from error
    except (CancelledError, CommClosedError, OSError) as error:
        raise ScsError("the connection to the cluster was lost; finished chunks are kept, --resume goes on") from error
    return values


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingPieceError(f"--scheduler needs the extra [sweep]: {EXTRA}") from error
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise InvalidValueError(f"scheduler is {address!r}; it must be HOST:PORT or tcp://HOST:PORT")
    with _quiet():
        try:  # a bare connection first: a Client that fails prints a traceback when it is collected
            socket.create_connection((match["host"].strip("[]"), int(match["port"])), REACH_WITHIN_S).close()
            client = Client(address, timeout=REACH_WITHIN_S, set_as_default=False)
        except (OSError, OverflowError) as error:
            raise MissingPieceError(
                f"no Dask scheduler answers at {address}; start one with: dask scheduler, then: dask worker {address}"
            ) from error
        try:
            try:
                client.wait_for_workers(1, timeout=REACH_WITHIN_S)
            except TimeoutError as error:
                raise MissingPieceError(
                    f"the Dask scheduler at {address} has no worker; start one with: dask worker {address}"
                ) from error
            yield client
        finally:
            client.close(timeout=REACH_WITHIN_S)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep distributed's own log away from the terminal: what matters is said in one sentence."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]
    levels = {name: logging.getLogger(name).level for name in ("distributed", *names)}  # each has its own
    for name in levels:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
