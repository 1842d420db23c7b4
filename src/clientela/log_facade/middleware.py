"""Measuring an ASGI application: one record per request, made when its last byte is sent."""

import logging
import re
import time
from collections.abc import Callable, Collection
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clientela.feed.connection import written_bytes
from clientela.log_facade.parts import Running, enter_request, leave_request, trace_of
from clientela.log_facade.record import Record
from clientela.log_facade.recorder import Context, Recorder
from clientela.log_facade.template import route_template
from clientela.web.arrival import received_ns

NameRoute = Callable[[Scope], str | None]
"""A host's own naming of routes: a template without ids; None leaves it to the router's."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "_OTHER"  # as OpenTelemetry names it: a method is the caller's text, and unbounded

CLIENT_LEFT = "ClientDisconnected"
UNFINISHED = "ResponseUnfinished"
_STATUS_CLIENT_LEFT = 499  # nothing was sent before the client left; nginx's number for it
_STATUS_FAILED = 500  # nothing was sent: the HTTP server answers this

_CONTENT_TYPE = b"content-type"
_LENGTH = len(_CONTENT_TYPE)

_log = logging.getLogger(__name__)


class LatencyMiddleware:
    """Pure ASGI middleware: times each HTTP request of ``app`` and hands it to ``recorder``.

    ``exclude`` holds paths that aren't recorded. What goes wrong here never reaches the host: it is
    counted as dropped.
    """

    def __init__(
        self,
        app: ASGIApp,
        recorder: Recorder,
        *,
        facade: str,
        context: Context | None = None,
        route: NameRoute | None = None,
        exclude: Collection[str] = (),
        wall_ns: Callable[[], int] = time.time_ns,
        clock_ns: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self._app = app
        self._recorder = recorder
        self._facade = facade
        self._context = context
        self._route = route
        self._exclude = frozenset(exclude)
        self._wall_ns = wall_ns
        self._clock_ns = clock_ns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; other kinds than HTTP pass through."""
        if scope["type"] != "http" or scope["path"] in self._exclude:
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._clock_ns)
        root_path = scope.get("root_path", "")
        token = enter_request(exchange)
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except BaseException as error:
            exchange.error = type(error).__name__
            raise
        finally:
            leave_request(token)
            try:
                self._recorder.append(self._record(scope, root_path, exchange))
            except Exception:  # noqa: BLE001 - a host's callable may raise anything
                self._recorder.lose()
                _log.exception("a request could not be recorded")

    def _record(self, scope: Scope, root_path: str, exchange: "_Exchange") -> Record:
        now_ns = self._clock_ns()
        ended_ns = exchange.ended_ns or now_ns
        answered_ns, parts_ns = ended_ns, exchange.parts_ns
        if exchange.first_event_ns:
            # A stream lasts as long as its reader likes: its end would say nothing of speed, and
            # would drown what does. The caller was answered by the first event.
            answered_ns = exchange.first_event_ns
            parts_ns = {**(parts_ns or {}), "live": ended_ns - answered_ns}
        method = scope["method"]
        route = self._route(scope) if self._route is not None else None
        lag_ms, outbox = self._context() if self._context is not None else (None, None)
        status, error = exchange.outcome()
        return Record(
            (self._wall_ns() - (now_ns - ended_ns)) // 1_000,
            self._facade,
            method if method in METHODS else OTHER_METHOD,
            route or route_template(scope, root_path),
            status,
            (answered_ns - exchange.started_ns) // 1_000,
            parts_ns,
            0 if method == "HEAD" else exchange.body_bytes + written_bytes(scope),
            exchange.trace_id,
            lag_ms,
            outbox,
            error,
        )


class _Exchange(Running):
    """One request and its response, watched from between the server and the application.

    ``first_event_ns`` is when the first event of a live stream was sent; 0 for other answers.
    """

    __slots__ = (
        "_clock_ns",
        "_is_live",
        "_left",
        "_receive",
        "_send",
        "_status",
        "body_bytes",
        "ended_ns",
        "error",
        "first_event_ns",
        "started_ns",
    )

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, clock_ns: Callable[[], int]
    ) -> None:
        now_ns, arrived_ns = clock_ns(), received_ns(scope)
        self.started_ns = now_ns if arrived_ns is None else arrived_ns
        self.trace_id = trace_of(scope["headers"])
        self.parts_ns = None if arrived_ns is None else {"queue": now_ns - arrived_ns}
        self.ended_ns = self.first_event_ns = self.body_bytes = self._status = 0
        self.error: str | None = None
        self._left = self._is_live = False
        self._clock_ns = clock_ns
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" and not self.ended_ns:
            self._left = True
        return message

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self._status = message["status"]
            message = self._with_server_timing(message)
        try:
            await self._send(message)
        except OSError:  # how a server of ASGI spec 2.4 says that the client is gone
            self._left = True
            raise
        if kind == "http.response.body":
            self.body_bytes += len(message.get("body", b""))
            if self._is_live and not self.first_event_ns:
                self.first_event_ns = self._clock_ns()
            if not message.get("more_body"):
                self.ended_ns = self._clock_ns()
        elif kind == "http.response.pathsend":
            self.ended_ns = self._clock_ns()

    def outcome(self) -> tuple[int, str | None]:
        """Give the status and the error as they are recorded."""
        if self.ended_ns:
            return self._status, self.error
        if self._left:
            return self._status or _STATUS_CLIENT_LEFT, CLIENT_LEFT
        return self._status or _STATUS_FAILED, self.error or UNFINISHED

    def _with_server_timing(self, message: Message) -> Message:
        headers = message.get("headers", ())
        for name, value in headers:
            if len(name) == _LENGTH and name.lower() == _CONTENT_TYPE:
                self._is_live = value.startswith(b"text/event-stream")
        told = b"total;dur=%.3f" % ((self._clock_ns() - self.started_ns) / 1e6)
        if self.parts_ns:
            for part, duration_ns in self.parts_ns.items():
                told += b", %s;dur=%.3f" % (_token(part), duration_ns / 1e6)
        return {**message, "headers": [*headers, (b"server-timing", told)]}


@lru_cache(maxsize=256)
def _token(name: str) -> bytes:
    """Make a part's name fit for a header (RFC 9110, section 5.6.2)."""
    return (re.sub(r"[^A-Za-z0-9_.-]", "_", name) or "_").encode()
