"""Routes that are answered without the router: the hot ones, whose request is a body and no more.

FastAPI takes about 150 µs of a core before and after such a handler: matching, solving dependencies
that are not there, exit stacks, tracing. A write is decided in less. The same handlers stand as
routes, too: for the documentation, and for whatever has a query, which they refuse.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from clientela.errors import ClientelaError
from clientela.web.guards import Guards, Rules
from clientela.web.problems import problem

Handler = Callable[[Request], Awaitable[Response]]
Handlers = Mapping[str, Handler]
"""Handlers of POST by path; their errors are ClientelaErrors."""


class Direct:
    """Pure ASGI middleware, the outermost of a service: what it does not know goes on to ``app``.

    What is answered here keeps the ``rules``, as the service itself does.
    """

    def __init__(self, app: ASGIApp, handlers: Handlers, *, rules: Rules) -> None:
        self._app = app
        self._handlers = handlers
        self._routes = {path: Route(path, handler) for path, handler in handlers.items()}
        self._rules = rules
        self._guarded = Guards(self._answer, rules=rules)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        mine = (
            scope["type"] == "http"
            and scope["method"] == "POST"
            and scope["path"] in self._handlers
            and not scope["query_string"]
            and not scope.get("root_path")
        )
        await (self._guarded if mine else self._app)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        scope["route"] = self._routes[path]  # who measures reads the template there
        try:
            self._rules.check(scope, "POST", path)
            response = await self._handlers[path](Request(scope, receive))
        except ClientelaError as error:
            response = problem(error, path)
        await response(scope, receive, send)
