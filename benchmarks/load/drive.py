"""Sends requests over many connections: as fast as answered, or at a fixed rate.

At a fixed rate a request's latency counts from when it was due, not from when it could be sent, so
that a service that stalls is charged for every request that had to wait (coordinated omission).
The loop never sleeps: timers of 1 ms would be what is measured. Give it a core of its own.
"""

import math
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from load.http import Answer, answer_in

STALLED_S = 30  # no answer at all for this long ends a run
PART_BYTES = 16_384  # larger ones are mapped anew by the allocator at each call: 20 µs


@dataclass
class Driven:
    """What came of the requests: latencies in seconds, in the order of the answers."""

    latencies_s: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    wrong: int = 0
    done: list[int] = field(default_factory=list)  # the numbers of those that were right
    took_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Give answers a second."""
        return len(self.latencies_s) / self.took_s


Judge = Callable[[int, Answer], bool]
"""Tells whether the answer to the request of that number is right."""


class _Line:
    """One connection, with at most one request under way."""

    def __init__(self, port: int, epoll: select.epoll) -> None:
        self._port, self._epoll = port, epoll
        self.received = bytearray()
        self.number = -1
        self.due = 0.0
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._epoll.register(self.socket.fileno(), select.EPOLLIN)

    def close(self) -> None:
        self._epoll.unregister(self.socket.fileno())
        self.socket.close()

    def send(self, sent: bytes, number: int, due: float) -> None:
        self.number, self.due = number, due
        self.socket.sendall(sent)

    def receive(self) -> Answer | None:
        part = self.socket.recv(PART_BYTES)
        self.received += part
        answer = answer_in(self.received, ended=not part)
        if answer is None and not part:
            raise ConnectionResetError("closed before the answer was whole")
        if answer is not None:
            self.received.clear()
        return answer

    def renew(self) -> None:
        """Open it again: its other end closes after each answer."""
        self.close()
        self._open()


def drive(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    per_second: float | None = None,
    seconds: float = math.inf,
    judge: Judge = lambda _number, answer: answer.status < 300,
) -> Driven:
    """Send each request once; without a rate, each as soon as a connection is free.

    After so many ``seconds`` no more are sent; all that were sent are waited for.
    Raises TimeoutError when nothing is answered any more.
    """
    epoll = select.epoll()
    lines = [_Line(port, epoll) for _ in range(connections)]
    try:
        return _Drive(epoll, lines, requests, per_second, seconds, judge).run()
    finally:
        for line in lines:
            line.close()
        epoll.close()


class _Drive:
    def __init__(
        self,
        epoll: select.epoll,
        lines: Sequence[_Line],
        requests: Sequence[bytes],
        per_second: float | None,
        seconds: float,
        judge: Judge,
    ) -> None:
        self._epoll = epoll
        self._lines = {line.socket.fileno(): line for line in lines}
        self._free = deque(lines)
        self._requests = requests
        self._interval_s = 1 / per_second if per_second else 0.0
        self._seconds = seconds
        self._judge = judge
        self._next, self._last = 0, len(requests)
        self.driven = Driven()

    def run(self) -> Driven:
        driven = self.driven
        began = heard = time.perf_counter()
        while len(driven.latencies_s) < self._last:
            self._send_due(began)
            events = self._epoll.poll(0)
            now = time.perf_counter()
            for descriptor, _ in events:
                self._receive(self._lines[descriptor])
                heard = now
            if now - began > self._seconds:
                self._last = self._next
            if now - heard > STALLED_S:
                raise TimeoutError(f"no answer for {STALLED_S} s")
        driven.took_s = time.perf_counter() - began
        return driven

    def _send_due(self, began: float) -> None:
        while self._free and self._next < self._last:
            now = time.perf_counter()
            due = began + self._next * self._interval_s if self._interval_s else now
            if due > now:
                return
            self._free.popleft().send(self._requests[self._next], self._next, due)
            self._next += 1

    def _receive(self, line: _Line) -> None:
        answer = line.receive()
        if answer is None:
            return
        driven = self.driven
        driven.latencies_s.append(time.perf_counter() - line.due)
        driven.statuses[answer.status] = driven.statuses.get(answer.status, 0) + 1
        if self._judge(line.number, answer):
            driven.done.append(line.number)
        else:
            driven.wrong += 1
        if answer.closes:
            del self._lines[line.socket.fileno()]
            line.renew()
            self._lines[line.socket.fileno()] = line
        self._free.append(line)
