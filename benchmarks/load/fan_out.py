"""Many followers in one process: raw sockets and one loop, cheaper than what is measured."""

import resource
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

OPENED_AT_ONCE = 100  # fewer than any listener's backlog
SILENT_S = 20
PART_BYTES = 65_536


class Follower:
    """One connection, with what it has received and not yet been asked about."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), SILENT_S)
        self.received = b""
        self.greeting = b""  # what its hello was answered with


class Followers:
    """Follow, and tell when each has heard what is expected."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._all: dict[int, Follower] = {}

    def open(self, port: int, count: int, hello: bytes, answered: bytes) -> None:
        """Connect, say hello, and wait until each was answered with that."""
        for start in range(0, count, OPENED_AT_ONCE):
            some = [Follower(port) for _ in range(min(OPENED_AT_ONCE, count - start))]
            for follower in some:
                self._all[follower.socket.fileno()] = follower
                self._epoll.register(follower.socket.fileno(), select.EPOLLIN)
                follower.socket.sendall(hello)
            self._hear(answered, {follower.socket.fileno() for follower in some}, greeting=True)

    def __iter__(self) -> Iterator[Follower]:
        """Give them all."""
        return iter(self._all.values())

    def until_all_have(self, marker: bytes, publish: Callable[[], None]) -> list[float]:
        """Publish, and give after how many seconds each follower had the marker."""
        began = time.perf_counter()
        publish()
        return [heard - began for heard in self._hear(marker, set(self._all))]

    def _hear(self, marker: bytes, waiting: set[int], *, greeting: bool = False) -> list[float]:
        """Wait until each has the marker; gives when.

        Raises TimeoutError when some hear nothing, ConnectionResetError when one was dropped.
        """
        heard: list[float] = []
        deadline = time.perf_counter() + SILENT_S
        while waiting:
            for descriptor, _ in self._epoll.poll(0.001):
                follower = self._all[descriptor]
                part = follower.socket.recv(PART_BYTES)
                if not part:
                    raise ConnectionResetError("a follower was dropped")
                follower.received += part
                if descriptor in waiting and marker in follower.received:
                    waiting.discard(descriptor)
                    if greeting:
                        follower.greeting = follower.received
                    follower.received = b""
                    heard.append(time.perf_counter())
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{len(waiting)} followers did not hear {marker!r}")
        return heard

    def close(self) -> None:
        """Leave."""
        for follower in self._all.values():
            follower.socket.close()
        self._epoll.close()


@contextmanager
def following() -> Iterator[Followers]:
    """Follow for a while; raises the limit of open files as far as it goes."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    followers = Followers()
    try:
        yield followers
    finally:
        followers.close()
