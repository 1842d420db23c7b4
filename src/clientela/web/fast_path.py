"""Answering at the protocol: the few requests that make up most of the load, without an ASGI task.

For a read of 200 bytes, building a scope, starting a task and calling an application is nine tenths
of the work. Here no task is begun, and most requests are not even parsed. The application stays the
one that says what an answer is: what a fast path gives must be the same bytes, and all that it does
not know well it leaves to the application.

**What is not parsed.** A client of HTTP sends the same head again and again; only its target differs.
Once uvicorn's parser has read a head, and found one whole request in it, the same bytes around
another key of the same length and alphabet are the same request for that key. So such heads are
remembered, and of a later request no more than its key is looked at. Nothing here reads HTTP by rules
of its own: what was not seen before, what comes in parts or together, goes to the parser.

uvicorn's protocol class is internal to it: its version is pinned by the lock, and what is used of it
is told by ``tests/unit/web/test_fast_path.py``.
"""

import time
from asyncio import TimerHandle
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from clientela import limits
from clientela.web.arrival import ArrivalProtocol

Headers = Sequence[tuple[bytes, bytes]]
"""Names in lower case, and their values, in the order in which they came."""


class FastPath(Protocol):
    """What a service answers at the protocol: GET of a target that is a prefix and a key.

    ``prefix`` is what the target begins with, ``key_bytes`` the length of the key that ends it.
    """

    prefix: bytes
    key_bytes: int

    def is_plain(self, headers: Headers) -> bool:
        """Tell whether a request with these headers asks for no more than its target says."""
        ...

    def answer(
        self, key: bytes, told: Headers, received_ns: int, write: Callable[[bytes], None]
    ) -> bool:
        """Write the whole answer to a plain request; False leaves it to the application.

        ``told`` are the HTTP server's own headers; ``received_ns`` is when the request arrived, by
        ``time.perf_counter_ns``. Any key whose characters are not those of the service's own keys
        must be answered False. Must neither raise nor wait.
        """
        ...


class Heads:
    """Which heads were plain requests: what stands before and after the key of one."""

    def __init__(self, fast: FastPath) -> None:
        self.fast = fast
        self.begin = b"GET " + fast.prefix
        self.key = slice(len(self.begin), len(self.begin) + fast.key_bytes)
        self.known: set[bytes] = set()

    def learn(self, data: bytes) -> None:
        """Remember a head that the parser found to be one whole plain request."""
        if len(data) > limits.FAST_HEAD_BYTES_MAX or not data.startswith(self.begin):
            return
        if len(self.known) >= limits.FAST_HEADS_ITEMS_MAX:
            self.known.clear()
        self.known.add(data[self.key.stop :])


class FastProtocol(ArrivalProtocol):
    """uvicorn's HTTP/1.1 that asks a fast path before it builds a task."""

    def __init__(self, heads: Heads, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._heads = heads
        self._answer = heads.fast.answer
        self._between = True  # the parser has read whole requests, and nothing of the next
        self._begun = self._answered = 0  # requests in the bytes that are read, of them by the fast path

    def data_received(self, data: bytes) -> None:
        """Take bytes from the connection."""
        heads = self._heads
        if (
            self._between
            and data.startswith(heads.begin)
            and data[heads.key.stop :] in heads.known
            and self._is_ready()
        ):
            self._received_ns = received_ns = time.perf_counter_ns()
            told = self.server_state.default_headers
            if self._answer(data[heads.key], told, received_ns, self.transport.write):
                self.server_state.total_requests += 1
                if self.timeout_keep_alive_task is None:
                    self._arm(self.timeout_keep_alive)
                return
        self._parse(data)

    def _is_ready(self) -> bool:
        """Tell whether an answer may be written now: in its turn, to somebody who reads."""
        return self._is_free() and not self.flow.write_paused

    def _is_free(self) -> bool:
        """Tell whether every request before was answered whole."""
        return self.cycle is None or self.cycle.response_complete

    def _parse(self, data: bytes) -> None:
        """Have uvicorn's parser read.

        The timer of an idle connection goes on: it looks how long ago that was when it is over,
        which costs less than a new one for each request.
        """
        whole, self._begun, self._answered = self._between, 0, 0
        timer, self.timeout_keep_alive_task = self.timeout_keep_alive_task, None
        super().data_received(data)
        if timer is None:
            self._arm(self.timeout_keep_alive)
        else:
            self.timeout_keep_alive_task = timer
        if whole and self._between and self._answered == self._begun == 1:
            self._heads.learn(data)

    def _arm(self, seconds: float) -> None:
        timer: TimerHandle = self.loop.call_later(seconds, self.timeout_keep_alive_handler)
        self.timeout_keep_alive_task = timer

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing was received for long, and nothing is under way."""
        self.timeout_keep_alive_task = None
        if not self._is_free():
            return  # its answer arms the next timer
        idle_s = (time.perf_counter_ns() - self._received_ns) / 1e9
        if idle_s < self.timeout_keep_alive:
            self._arm(self.timeout_keep_alive - idle_s)
        else:
            super().timeout_keep_alive_handler()

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        self._between = False
        self._begun += 1
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Answer at once, or start the request's handler."""
        if self._is_ready() and self._answer_parsed():
            self.server_state.total_requests += 1
            self._answered += 1
        else:
            super().on_headers_complete()

    def _answer_parsed(self) -> bool:
        heads, parser, target = self._heads, self.parser, self.url
        prefix = heads.fast.prefix
        return (
            len(target) == len(prefix) + heads.fast.key_bytes
            and target.startswith(prefix)
            and parser.get_method() == b"GET"
            and parser.get_http_version() == "1.1"
            and heads.fast.is_plain(self.headers)
            and self._answer(
                target[len(prefix) :],
                self.server_state.default_headers,
                self._received_ns,
                self.transport.write,
            )
        )

    def on_message_complete(self) -> None:
        """End a request; one that was answered at once has ended."""
        self._between = not self.parser.should_upgrade()
        if not self._is_free():
            super().on_message_complete()
