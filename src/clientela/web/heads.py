"""HEAD wherever there is GET (RFC 9110, section 9.3.2): the same headers, no body."""

from collections.abc import MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clientela.web.methods import methods_of


class _EnoughError(OSError):
    """The headers are sent: what a streamed body would cost is saved."""


class Heads:
    """Pure ASGI middleware: answers HEAD by GET where a route has no HEAD of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass every other request on as it is."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or not _only_get(scope):
            await self._app(scope, receive, send)
            return
        asked: MutableMapping[str, Any] = {**scope, "method": "GET"}

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope.update({**asked, "method": "HEAD"})  # who measures reads the route there
                await send(message)
                await send({"type": "http.response.body"})
            elif message.get("more_body"):
                raise _EnoughError

        try:
            await self._app(asked, receive, send_head)
        except (_EnoughError, ClientDisconnect):
            return


def _only_get(scope: Scope) -> bool:
    methods = methods_of(scope["app"].routes, scope["path"])
    return "GET" in methods and "HEAD" not in methods
