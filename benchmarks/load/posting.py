"""Requests over many connections to several services at once, by one loop that sleeps when idle.

For services that share the machine's cores with what sends: ``load.drive`` would take one for
itself.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice

from load.http import Answer, answer_in


class _Line(asyncio.Protocol):
    """One connection: sends the next request when the last one is answered."""

    def __init__(self, requests: Iterator[bytes], ends_s: float) -> None:
        self._requests = requests
        self._ends_s = ends_s
        self._received = b""
        self.answers: list[Answer] = []
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None) if time.perf_counter() < self._ends_s else None
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        answer = answer_in(self._received)
        if answer is not None:
            self._received = b""
            self.answers.append(answer)
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if error is None and not self._received:
            self.done.set_result(None)
        else:
            self.done.set_exception(error or ConnectionResetError("closed within an answer"))


async def post(
    ports: Sequence[int], requests: Sequence[bytes], *, connections: int, seconds: float
) -> tuple[list[Answer], float]:
    """Send each request once, to one of the ports, as soon as a connection is free.

    Gives the answers and the seconds until the last of them; after ``seconds`` no more are sent.
    """
    began = time.perf_counter()
    waiting = iter(requests)
    lines = [
        (await asyncio.get_running_loop().create_connection(
            lambda: _Line(waiting, began + seconds), "127.0.0.1", port
        ))[1]
        for port in islice(cycle(ports), connections)
    ]  # fmt: skip
    await asyncio.gather(*(line.done for line in lines))
    took_s = time.perf_counter() - began
    return [answer for line in lines for answer in line.answers], took_s
