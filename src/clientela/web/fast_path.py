"""Answering at the protocol: the few requests that make up most of the load, without an ASGI task.

For a read of 200 bytes, building a scope, starting a task and calling an application is nine tenths
of the work. Here no task is begun, and most requests are not even parsed. The application stays the
one that says what an answer is: what a fast path gives must be the same bytes, and all that it does
not know well it leaves to the application.

**What is not parsed.** A client of HTTP sends the same head again and again; only its target
differs. Once uvicorn's parser has read a head, and found one whole request in it, the same bytes
around another key of the same length and alphabet are the same request for that key. So such heads
are remembered, and of a later request no more than its key is looked at. Nothing here reads HTTP by
rules of its own: what was not seen before, what comes in parts or together, goes to the parser.

uvicorn's protocol class is internal to it: its version is pinned by the lock, and what is used of
it is told by ``tests/unit/web/test_fast_path.py``.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from clientela import limits
from clientela.web.arrival import ArrivalProtocol

Headers = Sequence[tuple[bytes, bytes]]
"""Names in lower case, and their values, in the order in which they came."""


Answer = Callable[[Headers, int, Callable[[bytes], None]], bool]
"""What answers one request again and again: the last arguments of ``KeyAnswer``.

It writes the whole answer; False leaves it to the application. It is told the HTTP server's own
headers, and when the request arrived, by ``time.perf_counter_ns``. Must neither raise nor wait.
"""

KeyAnswer = Callable[[bytes, Headers, int, Callable[[bytes], None]], bool]
"""What answers requests for any key, which comes first.

Any key whose characters are not those of the service's own keys must be answered False.
"""


class FastPath(Protocol):
    """What a service answers at the protocol: GET of a target that is a prefix and a key, or known.

    ``prefix`` is what the target begins with, ``key_bytes`` the length of the key that ends it.
    """

    prefix: bytes
    key_bytes: int

    def known(self, target: bytes, headers: Headers) -> Answer | None:
        """Give what answers a request of any other target, if this is a plain one that is known."""
        ...

    def plain(self, headers: Headers) -> KeyAnswer | None:
        """Give what answers requests with these headers, if they ask for no more than a key."""
        ...


class Heads:
    """Which heads were plain requests, and what answers them.

    ``known`` has them by what stood behind the key of one, ``whole`` by the whole head.
    """

    def __init__(self, fast: FastPath) -> None:
        self.fast = fast
        self.begin = b"GET " + fast.prefix
        self.key = slice(len(self.begin), len(self.begin) + fast.key_bytes)
        self.known: dict[bytes, KeyAnswer] = {}
        self.whole: dict[bytes, Answer] = {}

    def learn(self, data: bytes, by_key: KeyAnswer | None, whole: Answer | None) -> None:
        """Remember a head that the parser found to be one whole plain request, with its answer."""
        if len(data) > limits.FAST_HEAD_BYTES_MAX or not data.startswith(b"GET /"):
            return
        if len(self.known) + len(self.whole) >= limits.FAST_HEADS_ITEMS_MAX:
            self.known.clear()
            self.whole.clear()
        if whole is not None:
            self.whole[data] = whole
        elif by_key is not None:
            self.known[data[self.key.stop :]] = by_key


class FastProtocol(ArrivalProtocol):
    """uvicorn's HTTP/1.1 that asks a fast path before it builds a task."""

    def __init__(self, heads: Heads, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._heads = heads
        self._begun = 0  # requests in the bytes that are read ...
        self._answers: list[tuple[KeyAnswer | None, Answer | None]] = []  # ... answered here

    def data_received(self, data: bytes) -> None:
        """Take bytes from the connection."""
        if not (self._between and self._is_ready() and self._answered_unparsed(data)):
            self._parse(data)
        elif self.timeout_keep_alive_task is None:
            self._arm(self.timeout_keep_alive)

    def _answered_unparsed(self, data: bytes) -> bool:
        heads = self._heads
        received_ns = time.perf_counter_ns()
        told, write = self.server_state.default_headers, self.transport.write
        if data.startswith(heads.begin) and (by_key := heads.known.get(data[heads.key.stop :])):
            answered = by_key(data[heads.key], told, received_ns, write)
        elif answer := heads.whole.get(data):
            answered = answer(told, received_ns, write)
        else:
            return False
        if answered:
            self._received_ns = received_ns
            self.server_state.total_requests += 1
        return answered

    def _is_ready(self) -> bool:
        """Tell whether an answer may be written now: in its turn, to somebody who reads."""
        return self._is_free() and not self.flow.write_paused

    def _parse(self, data: bytes) -> None:
        """Have uvicorn's parser read.

        The timer of an idle connection goes on: it looks how long ago that was when it is over,
        which costs less than a new one for each request.
        """
        whole, self._begun, self._answers = self._between, 0, []
        timer, self.timeout_keep_alive_task = self.timeout_keep_alive_task, None
        super().data_received(data)
        if timer is None:
            self._arm(self.timeout_keep_alive)
        else:
            self.timeout_keep_alive_task = timer
        if whole and self._between and len(self._answers) == self._begun == 1:
            self._heads.learn(data, *self._answers[0])

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing was received for long, and nothing is under way."""
        self.timeout_keep_alive_task = None
        if not (self._is_free() and self._between):
            return  # its answer arms the next timer
        idle_s = (time.perf_counter_ns() - self._received_ns) / 1e9
        if idle_s < self.timeout_keep_alive:
            self._arm(self.timeout_keep_alive - idle_s)
        else:
            super().timeout_keep_alive_handler()

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        self._begun += 1
        super().on_message_begin()

    def _is_answered_at_once(self) -> bool:
        return self._is_ready() and self._answered_parsed()

    def _answered_parsed(self) -> bool:
        if self.parser.get_method() != b"GET" or self.parser.get_http_version() != "1.1":
            return False
        fast, target, by_key, answer = self._heads.fast, self.url, None, None
        told, write = self.server_state.default_headers, self.transport.write
        if len(target) == len(fast.prefix) + fast.key_bytes and target.startswith(fast.prefix):
            key = target[len(fast.prefix) :]
            by_key = fast.plain(self.headers)
            answered = by_key is not None and by_key(key, told, self._received_ns, write)
        else:
            answer = fast.known(target, self.headers)
            answered = answer is not None and answer(told, self._received_ns, write)
        if answered:
            self._answers.append((by_key, answer))
        return answered
