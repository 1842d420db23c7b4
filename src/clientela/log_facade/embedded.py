"""The latency log of any ASGI application, in one line."""

import asyncio
import atexit
import logging
from collections.abc import Collection
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clientela.log_facade.app import create_service
from clientela.log_facade.django import django_route
from clientela.log_facade.logs import LogDb
from clientela.log_facade.middleware import NameRoute
from clientela.log_facade.recorder import Context
from clientela.log_facade.wiring import LatencyLogs
from clientela.storage.urls import database_of
from clientela.web.guards import Rules

_log = logging.getLogger(__name__)


class LatencyLog:
    """Measures an application, keeps the log, and answers for it under ``/logs``.

    ::

        app = LatencyLog(app, "logs.db", facade="shop")

    It begins and ends with the application's lifespan; where there is none (Django), with the first
    request and the process. Whatever fails here, requests go on.

    ``database`` is a file, or the URL of a Log DB (``postgresql://…``). ``facade`` names the host
    in the entries. ``under`` is put before ``/logs``; None serves no routes. They answer under
    loopback names and those in ``hosts``; who else may see them is for the host to decide.
    ``context`` gives a replica's lag (ms) and an outbox's depth, ``route`` names routes that the
    host's router doesn't, ``exclude`` holds paths that aren't recorded.
    """

    def __init__(
        self,
        app: ASGIApp,
        database: LogDb | str,
        *,
        facade: str,
        under: str | None = "",
        hosts: Collection[str] = (),
        context: Context | None = None,
        route: NameRoute | None = None,
        exclude: Collection[str] = (),
    ) -> None:
        if route is None and type(app).__module__.startswith("django."):
            route = django_route
        self._app = app
        self._logs = LatencyLogs(
            _log_db(database), facade=facade, context=context, route=route, exclude=exclude
        )
        self._prefix = None if under is None else under.rstrip("/")
        self._logs_path = f"{self._prefix}/logs"
        self._service = create_service(self._logs.reader, self._logs.tail, rules=Rules(hosts))
        self._host = self._logs.wrap(app)
        self._own = self._logs.wrap(self._serve_own)
        self._started = False
        atexit.register(self.close)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        if not self._started:
            self._start()
        if scope["type"] == "http" and self._is_own(scope):
            await self._own(scope, receive, send)
        else:
            await self._host(scope, receive, send)

    def _start(self) -> None:
        if self._started:
            return
        self._started = True
        self._logs.start(whatever=True)

    def close(self) -> None:
        """Write what waits; the end of the lifespan and of the process do so by themselves."""
        self._logs.close()

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the lifespan on; one that the host does not know ends nothing here."""
        begun = False

        async def telling(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "lifespan.startup.complete"
            await send(message)

        self._start()
        try:
            await self._app(scope, receive, telling)
        finally:
            if begun:
                await asyncio.to_thread(self.close)

    async def _serve_own(self, scope: Scope, receive: Receive, send: Send) -> None:
        # In place: the middleware reads the route from this scope.
        scope["root_path"] = scope.get("root_path", "") + self._prefix
        await self._service(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        """Tell whether a path is the log's, without what a mount above has taken of it."""
        if self._prefix is None:
            return False
        path: str = scope["path"]
        root_path = scope.get("root_path")
        if root_path:
            path = path.removeprefix(root_path)
        logs = self._logs_path
        return path.startswith(logs) and (path == logs or path[len(logs)] == "/")


def _log_db(database: LogDb | str) -> LogDb:
    if isinstance(database, str):
        return database_of(database) if "://" in database else Path(database)
    return database
