"""Reads at the protocol: one client, and pages that were asked for before.

The answers are those of ``ClientHandlers`` behind the latency log and the guards, byte for byte:
``tests/contracts/test_fast_path.py`` compares both ways. Whatever is asked for beyond the plain
read (a demand of freshness, a condition, a range, a header not known here) and whatever is no plain
200 is left to the application.
"""

import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from clientela import limits
from clientela.client_facade.freshness import Freshness
from clientela.client_facade.hot_clients import HotClient
from clientela.client_facade.replica import Replica
from clientela.log_facade.wiring import LatencyLogs
from clientela.storage.register import Row
from clientela.web.access import RULES
from clientela.web.admission import Pass
from clientela.web.bodies import JSON
from clientela.web.client_docs import CSV_COLUMNS
from clientela.web.client_handlers import etag
from clientela.web.fast_path import Answer, Headers, KeyAnswer
from clientela.web.guards import Rules
from clientela.web.list_pages import ListPages, Target
from clientela.web.lists import format_of, gzip_is_taken

_PATH = "/client"
_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Headers that say nothing of which client or page an answer holds.
_INDIFFERENT = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"dnt",
        b"host",
        b"priority",
        b"referer",
        b"sec-fetch-dest",
        b"sec-fetch-mode",
        b"sec-fetch-site",
        b"user-agent",
    }
)
_READERS = RULES["GET /client"]
_Answers = Callable[..., bool]
_KEPT_ALIVE = (b"connection", b"keep-alive")
_MS = [b"0.%03d" % us for us in range(1_000)]  # of microseconds: formatting costs more than reading
_QUEUE, _DB, _END = b", queue;dur=0.000", b", db;dur=", b"\r\n\r\n"


class FastReads:
    """A ``clientela.web.fast_path.FastPath``; belongs to the event loop's thread."""

    prefix = b"/client?id="
    key_bytes = 36

    def __init__(
        self,
        replica: Replica,
        pages: ListPages,
        freshness: Freshness,
        rules: Rules,
        logs: LatencyLogs,
    ) -> None:
        self._replica = replica
        self._hot = replica.hot
        self._pages = pages
        self._freshness = freshness
        self._rules = rules
        self._log = logs.hot("GET", _PATH, HTTPStatus.OK)
        # The lines that all answers of some milliseconds share, and what they were written for.
        self._before = self._after = b""
        self._head: object = None
        self._told: Headers = ()
        self._until_ns = 0

    def plain(self, headers: Headers) -> KeyAnswer | None:
        """Give what answers requests for one client with these headers, if they are plain ones."""
        return self._for_those(headers, self.answer)

    def _for_those(self, headers: Headers, answer: _Answers) -> _Answers | None:
        """Give an answer for who sends these headers; None unless they are plain, and he may."""
        admission = self._rules.admission
        if admission is None:
            return answer if self._is_plain(headers) else None
        shown = admission.shown(headers)
        if shown is None or shown.principal.role not in _READERS:
            return None
        rest = [header for header in headers if header[0] != b"authorization"]
        return partial(_answer_to, shown, answer) if self._is_plain(rest) else None

    def _is_plain(self, headers: Headers) -> bool:
        """Tell whether a request asks for no more than its target says, by a name of this host."""
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        others = (header for header in headers if header[0] not in _INDIFFERENT)
        named = len(hosts) == 1 and self._rules.answers_for(hosts[0])
        return named and all(header == _KEPT_ALIVE for header in others)

    def answer(
        self, key: bytes, told: Headers, received_ns: int, write: Callable[[bytes], None]
    ) -> bool:
        """Answer a plain read of one client that is here."""
        if not self._is_told(told, received_ns):
            return False
        client = self._hot.get(key)
        db_ns = 0
        if client is None:
            asked_ns = time.perf_counter_ns()
            client = self._find(key)
            if client is None:
                return False
            db_ns = time.perf_counter_ns() - asked_ns
        self._send(*client, db_ns, received_ns, write)
        return True

    def known(self, target: bytes, headers: Headers) -> Answer | None:
        """Give what answers a plain read of a page that the application has answered before."""
        path, _, query = target.decode("latin-1").partition("?")
        if path != _PATH:
            return None
        accepted = {name.decode(): value.decode("latin-1") for name, value in headers}
        if len(accepted) != len(headers):
            return None  # a header twice: rare enough for the application
        form = format_of(accepted.get("accept", ""), CSV_COLUMNS)
        page = Target(path, query, form)
        gzip = gzip_is_taken(accepted.get("accept-encoding", ""))
        if page not in self._pages:
            return None
        return self._for_those(headers, partial(self._answer_page, page, gzip))

    def _answer_page(
        self,
        target: Target,
        gzip: bool,  # noqa: FBT001 - partial's
        told: Headers,
        received_ns: int,
        write: Callable[[bytes], None],
    ) -> bool:
        if not self._is_told(told, received_ns):
            return False
        asked_ns = time.perf_counter_ns()
        page = self._pages.get(target)
        if page is None:
            return False
        headers, body = self._pages.sent(target, page, gzip=gzip)
        own = {**headers, **_of_body(body, target.form.media_type)}
        made_ns = time.perf_counter_ns() - asked_ns
        self._send(_lines(own), body, None if page.used else made_ns, received_ns, write)
        return True

    def _send(
        self,
        head: bytes,
        body: bytes,
        db_ns: int | None,
        received_ns: int,
        write: Callable[[bytes], None],
    ) -> None:
        total = _ms(time.perf_counter_ns() - received_ns)
        db = b"" if db_ns is None else _DB + _ms(db_ns)
        write(b"".join((self._before, head, self._after, total, _QUEUE, db, _END, body)))
        self._log(received_ns, received_ns, time.perf_counter_ns(), db_ns or 0, len(body))

    def _is_told(self, told: Headers, now_ns: int) -> bool:
        """Have the lines at hand that answers share now; False before the first copy."""
        if now_ns <= self._until_ns and self._replica.head is self._head and told is self._told:
            return True
        if not self._replica.readable:
            return False
        self._head, self._told = self._replica.head, told
        self._until_ns = now_ns + limits.FAST_READS_TOLD_NS
        server = b"".join(b"%s: %s\r\n" % header for header in told)
        self._before = b"HTTP/1.1 200 OK\r\n" + server + _lines(self._freshness.told())
        self._after = _lines(self._rules.always()) + b"server-timing: total;dur="
        return True

    def _find(self, key: bytes) -> HotClient | None:
        """Read a client from the database; it is kept for the next time."""
        row = self._replica.view.client(key.decode()) if _ID.fullmatch(key) else None
        if not isinstance(row, Row):
            return None
        client = HotClient(_lines({"ETag": etag(row.version), **_of_body(row.value)}), row.value)
        self._hot.keep(key, client)
        return client


def _answer_to(shown: Pass, answer: _Answers, *asked: Any) -> bool:
    """Answer who has a token, as long as that lives and does not ask too often."""
    if shown.has_room(asked[-2]) and answer(*asked):
        shown.count(asked[-2])
        return True
    return False


def _of_body(body: bytes, media_type: str = JSON) -> dict[str, str]:
    return {"Content-Length": str(len(body)), "Content-Type": media_type}


def _ms(duration_ns: int) -> bytes:
    us = duration_ns // 1_000
    return _MS[us] if us < len(_MS) else b"%.3f" % (us / 1_000)


def _lines(headers: Mapping[str, str]) -> bytes:
    return "".join(f"{name.lower()}: {value}\r\n" for name, value in headers.items()).encode()
