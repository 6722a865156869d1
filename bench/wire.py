"""A small HTTP/1.1 client for requests that are ready as bytes: the load generator must cost little."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_END = b"\r\n\r\n"


class NoAnswerError(Exception):
    """The connection ended, or what came is not an answer with a length."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's status and body."""

    status: int
    body: bytes


def read_answer(received: bytes | bytearray) -> tuple[Answer, bool] | None:
    """The answer at the beginning of ``received`` and whether the server closes; None while it is incomplete."""
    end = received.find(_END)
    if end < 0:
        return None
    head = bytes(received[:end])
    length = _LENGTH.search(head)
    if length is None or not head.startswith(b"HTTP/1."):
        raise NoAnswerError("not an HTTP answer with a length")
    begin = end + len(_END)
    if len(received) < begin + int(length[1]):
        return None
    return Answer(int(head[9:12]), bytes(received[begin : begin + int(length[1])])), bool(_CLOSES.search(head))


class Connection(asyncio.Protocol):
    """One kept connection; one exchange at a time."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answer: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def usable(self) -> bool:
        """Whether another request may go out on it."""
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes) -> Answer:
        """Send a request and wait for its answer. Raises :class:`NoAnswerError`."""
        if self._transport is None or self._transport.is_closing():
            raise NoAnswerError("closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's word that the connection stands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """asyncio's word that something came."""
        self._received += data
        waiting = self._answer
        if waiting is None or waiting.done():
            self.close()
            return
        try:
            found = read_answer(self._received)
        except NoAnswerError as error:
            waiting.set_exception(error)
            self.close()
            return
        if found is not None:
            answer, closes = found
            self._received.clear()
            if closes:
                self.close()
            waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio's word that the connection is gone."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswerError("the connection was closed"))


class Pool:
    """Kept connections to one address; opens another where none is free."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[Connection] = []

    async def exchange(self, request: bytes, limit: float) -> Answer:
        """One request and its answer within ``limit`` seconds. Raises NoAnswerError, OSError or TimeoutError."""
        async with asyncio.timeout(limit):
            connection = await self._take()
            try:
                answer = await connection.exchange(request)
            except BaseException:
                connection.close()
                raise
        if connection.usable:
            self._free.append(connection)
        return answer

    async def _take(self) -> Connection:
        while self._free:
            connection = self._free.pop()
            if connection.usable:
                return connection
        _, fresh = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", self._port)
        return fresh

    def close(self) -> None:
        """Hang up everywhere."""
        for connection in self._free:
            connection.close()
