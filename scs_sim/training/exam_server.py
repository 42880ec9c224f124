"""Exam server: the instructor's side on a socket. Whatever comes over the line, it goes on.

One asyncio loop holds the room; answers of the model are made in threads, one session in each at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from scs_models.errors import InUseError, InvalidValueError, ScsError
from scs_sim.setting import Progress
from scs_sim.training.exam_room import ExamRoom, Seat
from scs_sim.training.exam_wire import REQUEST_BYTES, VERSION, WAIT_S, document_of, line_of

REQUEST_S = 10.0
MAX_CONNECTIONS = 200
_THREADS = 8
_MAX_SECRET = 200
_LOG = logging.getLogger(__name__)


def hold(room: ExamRoom, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Answer for `room` at host and port (0: any free one) until interrupted; `ready` is told the port.

    Raises InUseError where the port is taken, InvalidValueError for a host that is not one of this machine.
    """
    with ThreadPoolExecutor(_THREADS, "exam") as pool:
        try:
            asyncio.run(_Server(room, pool).serve(host, port, ready))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


class _Server:
    def __init__(self, room: ExamRoom, pool: ThreadPoolExecutor) -> None:
        self._room, self._pool = room, pool
        self._open = 0

    async def serve(self, host: str, port: int, ready: Callable[[int], None]) -> None:
        try:
            server = await asyncio.start_server(self._connected, host, port, limit=REQUEST_BYTES)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise InUseError(f"{host}:{port} cannot be listened at: {why}") from error
        async with server:
            ready(int(server.sockets[0].getsockname()[1]))
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            with contextlib.suppress(ConnectionError, TimeoutError, asyncio.TimeoutError):
                await self._answer(reader, writer)
        finally:
            self._open -= 1
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._open > MAX_CONNECTIONS:
                raise InUseError("too many connections at once; try again")
            line = await asyncio.wait_for(_line_of(reader), REQUEST_S)
            if not line:
                return
            answer = await self._asked(document_of(line), writer)
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:  # the outermost handler of a request: no other trainee is to notice
            answer = _error_document(error)
        writer.write(line_of(answer))
        await writer.drain()

    async def _asked(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> dict[str, Any]:
        if asked.get("version") != VERSION:
            raise InvalidValueError(
                f"version is {asked.get('version')!r:.40}; this exam's is {VERSION}: use its scs-sim"
            )
        what = asked.get("do")
        key = _secret(asked, "key")
        if what == "sit":
            seat = self._room.sit(_secret(asked, "token"), key)
            return {"exam": self._room.exam, "trainee": seat.trainee, "opening": seat.opening}
        seat = self._room.seat(key)
        if what == "act":
            return {"event": await self._acted(seat, asked, writer)}
        if what == "events":
            after = _whole(asked, "after")
            return {"events": await asyncio.wrap_future(self._pool.submit(seat.events_after, after))}
        raise InvalidValueError(f"do is {what!r:.40}; it must be sit, act or events")

    async def _acted(self, seat: Seat, asked: dict[str, Any], writer: asyncio.StreamWriter) -> dict[str, Any]:
        serial, name, parameters = _whole(asked, "serial"), asked.get("action"), asked.get("parameters", {})
        if not isinstance(name, str) or not isinstance(parameters, dict):
            raise InvalidValueError("action must be a name and parameters an object")
        shares = [0.0]
        work: Future[dict[str, Any]] = self._pool.submit(seat.act, serial, name, parameters, _kept_in(shares))
        pending = asyncio.wrap_future(work)
        while not (await asyncio.wait({pending}, timeout=WAIT_S))[0]:
            with contextlib.suppress(ConnectionError):  # who has gone away hears the answer when he comes back
                writer.write(line_of({"wait": shares[0]}))
                await writer.drain()
        event = pending.result()
        _LOG.info("%s: %d %s", seat.trainee, event["serial"], event["action"])
        return event


def _kept_in(shares: list[float]) -> Progress:
    def progress(fraction: float, _what: str) -> None:
        shares[0] = round(float(fraction), 3)

    return progress


async def _line_of(reader: asyncio.StreamReader) -> bytes:
    try:
        line = await reader.readline()
    except ValueError as error:
        raise InvalidValueError(f"the line is longer than {REQUEST_BYTES} bytes") from error
    return line if line.endswith(b"\n") else b""


def _error_document(error: Exception) -> dict[str, Any]:
    """Return what the trainee's side hears of an error: nothing of what went wrong on this side."""
    if isinstance(error, InvalidValueError):
        return {"error": str(error), "kind": "value"}
    if isinstance(error, InUseError):
        return {"error": str(error), "kind": "in-use"}
    if isinstance(error, ScsError):
        _LOG.error("a request failed: %s", error)
    else:
        _LOG.error("a request failed", exc_info=error)
    return {
        "error": "something is wrong on the instructor's side; nothing was done, tell the instructor",
        "kind": "failed",
    }


def _secret(asked: dict[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_SECRET:
        raise InvalidValueError(f"{name} is missing or no text of at most {_MAX_SECRET} characters")
    return value


def _whole(asked: dict[str, Any], name: str) -> int:
    value = asked.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidValueError(f"{name} is {value!r:.40}; it must be a whole number")
    return value
