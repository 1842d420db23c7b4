"""Followers by long-poll, as facades behind a shared cache are: many in one process, one loop."""

import asyncio
import re
import time
from urllib.parse import urlsplit

OPENED_AT_ONCE = 100  # fewer than any listener's backlog
_VERSION = re.compile(rb'"headers":\{[^}]*"version":"(\d{10}_\d{20})"')
_HEADER = re.compile(rb"\r\n([a-z-]+): *([^\r]*)", re.IGNORECASE)


class Poller(asyncio.Protocol):
    """One follower: asks, hears, asks again; ``heard`` are the positions of changes, with times."""

    def __init__(self, offset: str, token: str | None) -> None:
        self.offset = offset
        self.cursor = ""
        self.heard: list[tuple[str, float]] = []
        self.wrong: list[bytes] = []
        self.lost = False
        self._token = f"Authorization: Bearer {token}\r\n" if token else ""
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection
        self.transport = transport
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the line broke."""
        del error
        self.lost = True

    def _ask(self) -> None:
        cursor = f"cursor={self.cursor}&" if self.cursor else ""
        query = f"{cursor}live=long-poll&offset={self.offset}"
        head = f"GET /clients/changes?{query} HTTP/1.1\r\nHost: localhost\r\n{self._token}\r\n"
        self.transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        """Take an answer when all of it is here."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        headers = {name.lower(): value for name, value in _HEADER.findall(head)}
        if len(body) < int(headers.get(b"content-length", 0)):
            return
        self._received = b""
        self._take(head[9:12], headers, body)

    def _take(self, status: bytes, headers: dict[bytes, bytes], body: bytes) -> None:
        if status not in (b"200", b"204"):
            self.wrong.append(status + b" " + body[:200])
            self.transport.close()
            return
        now = time.perf_counter()
        self.heard += [(found.decode(), now) for found in _VERSION.findall(body)]
        offset = headers[b"stream-next-offset"].decode()
        self.cursor = headers[b"stream-cursor"].decode() if offset == self.offset else ""
        self.offset = offset
        self._ask()


class Pollers:
    """Followers of one feed, by way of ``url``; belongs to an event loop."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)
        self._all: list[Poller] = []

    def __len__(self) -> int:
        """Give their number."""
        return len(self._all)

    async def open(self, count: int, offset: str, token: str | None = None) -> None:
        """Let ``count`` more follow from a position."""
        loop = asyncio.get_running_loop()
        host, port = self._address.hostname, self._address.port
        for start in range(0, count, OPENED_AT_ONCE):
            opening = [
                loop.create_connection(lambda: Poller(offset, token), host, port)
                for _ in range(min(OPENED_AT_ONCE, count - start))
            ]
            self._all += [poller for _, poller in await asyncio.gather(*opening)]

    async def until_all_have(self, position: str, *, bound_s: float = 30) -> list[float]:
        """Wait until each has heard of a position; gives when, by ``time.perf_counter``.

        Raises TimeoutError, or ConnectionResetError when one was refused or cut off.
        """
        async with asyncio.timeout(bound_s):
            while any(not p.heard or p.heard[-1][0] < position for p in self._all):
                if broken := [poller for poller in self._all if poller.lost]:
                    raise ConnectionResetError(broken[0].wrong or "a follower was cut off")
                await asyncio.sleep(0.005)
        return [next(at for found, at in p.heard if found >= position) for p in self._all]

    def told(self) -> set[tuple[str, ...]]:
        """Give what they heard of: one sequence of positions, if all heard the same."""
        return {tuple(position for position, _ in poller.heard) for poller in self._all}

    def close(self) -> None:
        """Leave."""
        for poller in self._all:
            poller.transport.close()
