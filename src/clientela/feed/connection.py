"""Writing to a follower's connection directly, where the HTTP server offers it (an ASGI extension).

``scope["extensions"]["clientela.connection"]`` holds the asyncio ``transport`` of the request's
connection. Once the head of the answer was sent by ASGI, what is written there is its body, chunked
(RFC 9112, section 7.1). Nothing in between sees it: who changes bodies takes the extension away.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

EXTENSION = "clientela.connection"

_Rest = Callable[[Receive, Send], Awaitable[None]]


class Unwinding:
    """Pure ASGI: runs the rest of a live answer after ``app`` has returned, and let go its frames.

    They and what they hold are four fifths of a follower's memory, for a minute of waiting.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        extension = _extension(scope)
        if extension is None:
            await self._app(scope, receive, send)
            return
        extension["rest"] = None
        await self._app(scope, receive, send)
        rest: _Rest | None = extension.pop("rest")
        if rest is not None:
            _forget_stacks(scope)
            await rest(receive, send)


def _forget_stacks(scope: Scope) -> None:
    """Let go what frameworks leave in the scope, though it is closed."""
    for name in [name for name, value in scope.items() if isinstance(value, AsyncExitStack)]:
        del scope[name]


async def finish(scope: Scope, receive: Receive, send: Send, rest: _Rest) -> None:
    """Run the rest of an answer: outside of the application where somebody waits for it there."""
    extension = _extension(scope)
    if extension is not None and "rest" in extension:
        extension["rest"] = rest
    else:
        await rest(receive, send)


def connection_of(scope: Scope) -> asyncio.Transport | None:
    """Give the transport of a request's connection; None where the server offers none."""
    extension = _extension(scope)
    return None if extension is None else extension["transport"]


def transport_of(scope: Scope) -> asyncio.Transport | None:
    """Give the transport to write an answer to; None where the server offers none that is fit.

    HTTP/1.0 knows no chunks, and what its answers look like is the server's matter.
    """
    return connection_of(scope) if scope["http_version"] == "1.1" else None


def chunk(body: bytes) -> bytes:
    """Frame a part of a body, which is not empty."""
    return b"%x\r\n%b\r\n" % (len(body), body)


def note_written(scope: Scope, body_bytes: int) -> None:
    """Tell how much of a body was written directly, for who counts what ASGI sends."""
    extension = _extension(scope)
    if extension is not None:
        extension["written_bytes"] = body_bytes


def written_bytes(scope: Scope) -> int:
    """Give how much of a request's answer was written directly, in bytes without framing."""
    found: int = (_extension(scope) or {}).get("written_bytes", 0)
    return found


def _extension(scope: Scope) -> dict[str, Any] | None:
    extensions = scope.get("extensions")
    return extensions.get(EXTENSION) if extensions else None
