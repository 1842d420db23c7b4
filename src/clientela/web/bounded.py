"""What one connection may ask of a service: how much, how fast, and how much at once.

uvicorn's parser bounds nothing: a head without end is kept in memory, one that never ends holds its
connection for ever, and requests in one packet all wait at once. What is refused here is told as
problem+json, in its turn behind the answers before it; no answer is ever broken by another.

A reader that takes nothing more is the kernel's matter: see ``clientela.web.serving.listen``.
"""

import logging
from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from clientela import limits
from clientela.errors import ClientelaError
from clientela.feed.followers import FOLLOWERS
from clientela.web.guards import Rules
from clientela.web.problems import problem
from clientela.web.sizes import connections_max, head_too_large, too_large

_ALWAYS = [(k.lower().encode(), v.encode()) for k, v in Rules().always().items()]
_NEVER_REFUSED = (b"/livez",)  # who asks whether the process lives must not kill it for being busy

# uvicorn's own would tell of every bad request, as often as somebody likes to send one.
_log = logging.getLogger(__name__)
_log.setLevel(logging.ERROR)


class _RefusedError(Exception):
    """Makes the parser stop at a request; the reason is in the protocol."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 with bounds.

    ``_between``: the parser has read whole requests, and nothing of the next. ``_in_head``: it is
    in a head. ``_answered``: the request that it reads had its answer here, not by the application.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.logger = _log
        self._between = True
        self._in_head = self._answered = False
        self._held_bytes = 0  # read since the parser last handed something over
        self._body_bytes = 0  # of the body that is read; since the last look at its speed ...
        self._looked_bytes = 0  # ... this many had come before
        self._patience: TimerHandle | None = None
        self._before: RequestResponseCycle | None = None  # what was under way before the last one
        self._why: ClientelaError | None = None
        self._last: bytes | None = None  # what is said at last; nothing more is read then

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Take a connection; one that says nothing is idle from the start."""
        super().connection_made(transport)
        if len(self.connections) > connections_max() + limits.REFUSED_CONNECTIONS_MAX:
            transport.abort()
        else:
            self._arm(self.timeout_keep_alive)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._end_patience()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the connection."""
        if self._last is not None:
            return
        self._held_bytes += len(data)
        super().data_received(data)
        if self._last is not None or self.transport.is_closing():
            return
        if not self._between:
            self._await_rest()
        elif self._is_free() and self.timeout_keep_alive_task is None:
            self._arm(self.timeout_keep_alive)

    def _arm(self, seconds: float) -> None:
        timer: TimerHandle = self.loop.call_later(seconds, self.timeout_keep_alive_handler)
        self.timeout_keep_alive_task = timer

    def _is_free(self) -> bool:
        """Tell whether every request before was answered whole."""
        return self.cycle is None or self.cycle.response_complete

    # --- What is read -----------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        self._end_patience()
        self._between, self._in_head, self._answered = False, True, False
        self._held_bytes = self._body_bytes = self._looked_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start the request's handler, let it wait for those before, or refuse it."""
        self._check_head()
        if self._is_answered_at_once():
            self._answered = True
            self.server_state.total_requests += 1
        elif self._is_too_much():
            self._turn_away()
        else:
            self._hand_over()
        self._in_head = False
        self._held_bytes = 0
        self._end_patience()

    def _is_answered_at_once(self) -> bool:
        """Answer a request without the application, if that is possible."""
        return False

    def _hand_over(self) -> None:
        self._before = self.cycle
        super().on_headers_complete()
        self.headers = []  # the scope has them: what comes as trailers is no part of the head
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False  # what follows is no HTTP/1.1, and nothing else is spoken

    def _check_head(self) -> None:
        error = too_large(self.url, self.headers)
        if error is None and len(self.pipeline) >= limits.PIPELINED_REQUESTS_MAX:
            bound = limits.PIPELINED_REQUESTS_MAX
            error = ClientelaError("overloaded", f"At most {bound} requests may wait: read first.")
        if error is not None:
            self._why = error
            raise _RefusedError

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._held_bytes = 0
        self._body_bytes += len(body)
        if not self._answered:
            super().on_body(body)
        if self._is_free() and self._body_bytes > limits.BODY_UNREAD_BYTES_MAX:
            self.transport.close()

    def on_message_complete(self) -> None:
        """End a request."""
        self._end_patience()
        self._between = not self.parser.should_upgrade()
        if not self._answered:
            super().on_message_complete()

    # --- How fast it comes ------------------------------------------------------------------------

    def _await_rest(self) -> None:
        """Wait for what is missing of a request: not for ever, and not for whatever it is."""
        if self._held_bytes > limits.HEAD_BYTES_MAX:
            self._refuse(head_too_large())
        elif self._patience is None:
            seconds = limits.HEAD_S if self._in_head else limits.BODY_LOOK_S
            self._patience = self.loop.call_later(seconds, self._lose_patience)

    def _lose_patience(self) -> None:
        self._patience = None
        came = self._body_bytes - self._looked_bytes
        if self._in_head:
            detail = f"Send a request's headers whole within {limits.HEAD_S} seconds."
        elif came >= limits.BODY_PER_LOOK_BYTES_MIN or self.flow.read_paused:
            self._looked_bytes = self._body_bytes
            self._await_rest()
            return
        else:
            rate = limits.BODY_PER_LOOK_BYTES_MIN // limits.BODY_LOOK_S
            detail = f"Send a body with at least {rate} bytes a second."
        self._refuse(ClientelaError("too-slow", detail))

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    # --- How much at once -------------------------------------------------------------------------

    def _is_too_much(self) -> bool:
        if len(self.connections) > connections_max():
            return True
        under_way = len(self.tasks) - FOLLOWERS.count
        return (
            under_way >= limits.HANDLED_REQUESTS_MAX
            and self._is_free()  # else it waits for others of its own caller
            and self.url not in _NEVER_REFUSED
        )

    def _turn_away(self) -> None:
        """Answer 503 without a task, for a fraction of what the application would cost.

        Whatever Retry-After says, some ask again at once: they are not heard for a moment, or
        refusing would take the time in which others are answered.
        """
        error = ClientelaError("overloaded", "Too many requests at once: try again in a moment.")
        crowded = len(self.connections) > connections_max()
        if crowded or self.expect_100_continue or self.flow.write_paused:
            self._why = error
            raise _RefusedError
        self._answered = True
        self.server_state.total_requests += 1
        path = self.url.partition(b"?")[0].decode("latin-1")
        self.transport.write(self._problem(error, path))
        self.flow.pause_reading()
        self.loop.call_later(limits.TURNED_AWAY_S, self._read_again)

    def _read_again(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    # --- What is refused --------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser does not take, or was told not to."""
        malformed = ClientelaError("malformed", "These bytes are no request of HTTP/1.1.")
        del msg
        self._refuse(self._why or malformed)

    def _refuse(self, error: ClientelaError) -> None:
        """Answer as the last thing on this connection, behind all answers before.

        In the middle of a body its request has begun: it waits for others, or its handler is told
        that the caller is gone. With a part of its answer sent there is no place for another.
        """
        self._end_patience()
        self._last = self._problem(error, "/", (b"connection", b"close"))
        in_body = not (self._between or self._in_head)
        if in_body and self.pipeline:
            self.pipeline.popleft()
            self.cycle = self._before  # type: ignore[assignment] # one that is under way
        elif in_body and (self._is_free() or self.cycle.response_started):
            self.transport.abort()
        elif in_body:
            self.cycle.disconnected = self.cycle.response_complete = True
            self.cycle.message_event.set()
        self._end_if_free()

    def on_response_complete(self) -> None:
        """Go on with the next request, or end."""
        super().on_response_complete()
        if self._last is not None:
            self._end_if_free()

    def _end_if_free(self) -> None:
        if self._is_free() and not self.transport.is_closing():
            self._say_last()

    def _say_last(self) -> None:
        """End the connection; what still comes is read a while, or the answer would be lost."""
        self._unset_keepalive_if_required()
        self.transport.write(self._last or b"")
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._patience = self.loop.call_later(limits.LINGER_S, self.transport.abort)
        else:
            self.transport.close()

    def _problem(self, error: ClientelaError, path: str, *more: tuple[bytes, bytes]) -> bytes:
        response = problem(error, path)
        headers = [*self.server_state.default_headers, *response.raw_headers, *_ALWAYS, *more]
        lines = b"".join([b"%b: %b\r\n" % header for header in headers])
        body = b"" if self._is_head_request() else bytes(response.body)
        return STATUS_LINE[response.status_code] + lines + b"\r\n" + body

    def _is_head_request(self) -> bool:
        return not self._between and bool(self.parser.get_method() == b"HEAD")
