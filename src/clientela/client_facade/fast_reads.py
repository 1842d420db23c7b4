"""The point read at the protocol: ``GET /client?id=``, when nothing about it is out of the ordinary.

The answer is that of ``ClientHandlers.read`` behind the latency log and the guards, byte for byte;
``tests/contracts/test_fast_path.py`` compares both ways. Whatever is asked for beyond the plain read
(a demand of freshness, a condition, a range, a header not known here) and whatever is no plain 200
is left to the application.
"""

import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

from clientela import limits
from clientela.client_facade.freshness import Freshness
from clientela.client_facade.hot_clients import HotClient
from clientela.client_facade.replica import Replica
from clientela.log_facade.wiring import LatencyLogs
from clientela.storage.register import Row
from clientela.web.bodies import JSON
from clientela.web.client_handlers import etag
from clientela.web.fast_path import Headers
from clientela.web.guards import Rules

_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Headers that say nothing of what the answer to a point read has to be.
_INDIFFERENT = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"dnt",
        b"priority",
        b"referer",
        b"sec-fetch-dest",
        b"sec-fetch-mode",
        b"sec-fetch-site",
        b"user-agent",
    }
)
_KEPT_ALIVE = (b"connection", b"keep-alive")
_MS = [b"0.%03d" % us for us in range(1_000)]  # of microseconds: formatting costs more than reading


class FastReads:
    """A ``clientela.web.fast_path.FastPath``; belongs to the event loop's thread."""

    prefix = b"/client?id="
    key_bytes = 36

    def __init__(
        self, replica: Replica, freshness: Freshness, rules: Rules, logs: LatencyLogs
    ) -> None:
        self._replica = replica
        self._hot = replica.hot
        self._freshness = freshness
        self._rules = rules
        self._log = logs.hot("GET", "/client", HTTPStatus.OK)
        self._head: object = None  # what the lines below were written for ...
        self._told: Headers = ()
        self._until_ns = 0  # ... and until when they hold
        self._before = self._after = b""

    def is_plain(self, headers: Headers) -> bool:
        """Tell whether a request asks for no more than its target says, by a name of this host."""
        hosts = [value for name, value in headers if name == b"host"]
        return (
            len(hosts) == 1
            and self._rules.answers_for(hosts[0].decode("latin-1"))
            and all(
                name == b"host" or name in _INDIFFERENT or (name, value) == _KEPT_ALIVE
                for name, value in headers
            )
        )

    def answer(
        self, key: bytes, told: Headers, received_ns: int, write: Callable[[bytes], None]
    ) -> bool:
        """Answer a plain read of one client that is here."""
        if (
            received_ns > self._until_ns
            or self._replica.head is not self._head
            or told is not self._told
        ) and not self._write_lines(told, received_ns):
            return False
        client = self._hot.get(key)
        db_ns = 0
        if client is None:
            asked_ns = time.perf_counter_ns()
            client = self._find(key)
            if client is None:
                return False
            db_ns = time.perf_counter_ns() - asked_ns
        total_ns = time.perf_counter_ns() - received_ns
        write(
            b"".join(
                (
                    self._before,
                    client.head,
                    self._after,
                    _ms(total_ns),
                    b", queue;dur=0.000, db;dur=",
                    _ms(db_ns),
                    b"\r\n\r\n",
                    client.body,
                )
            )
        )
        self._log(received_ns, received_ns, time.perf_counter_ns(), db_ns, len(client.body))
        return True

    def _write_lines(self, told: Headers, now_ns: int) -> bool:
        """Write anew what the answers of some milliseconds say; False before the first copy."""
        if not self._replica.readable:
            return False
        self._head, self._told = self._replica.head, told
        self._until_ns = now_ns + limits.FAST_READS_TOLD_NS
        freshness = _lines(self._freshness.told())
        server = b"".join(b"%s: %s\r\n" % header for header in told)
        self._before = b"HTTP/1.1 200 OK\r\n" + server + freshness
        always = _lines({"Content-Type": JSON, **self._rules.always()})
        self._after = always + b"server-timing: total;dur="
        return True

    def _find(self, key: bytes) -> HotClient | None:
        """Read a client from the database; it is kept for the next time."""
        row = self._replica.view.client(key.decode()) if _ID.fullmatch(key) else None
        if not isinstance(row, Row):
            return None
        head = _lines({"ETag": etag(row.version), "Content-Length": str(len(row.value))})
        client = HotClient(head, row.value)
        self._hot.keep(key, client)
        return client


def _ms(duration_ns: int) -> bytes:
    us = duration_ns // 1_000
    return _MS[us] if us < len(_MS) else b"%.3f" % (us / 1_000)


def _lines(headers: Mapping[str, str]) -> bytes:
    return "".join(f"{name.lower()}: {value}\r\n" for name, value in headers.items()).encode()
