"""The frame of every service: its documentation, its health, its errors and its guards."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from starlette.middleware import Middleware
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from clientela import __version__, limits
from clientela.errors import ClientelaError, bad_parameter
from clientela.web import openapi, problems
from clientela.web.guards import Guards, Rules
from clientela.web.heads import Heads
from clientela.web.methods import template_for, template_in
from clientela.web.page_headers import page_headers

DOCS_PAGE = Path(__file__).parent / "docs_page"

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
_ORIGINAL_URI = {
    "name": "X-Original-URI",
    "in": "header",
    "required": True,
    "description": "The path and query that were asked for.",
    "schema": {"type": "string", "format": "request-target", "pattern": "^/"},
}
_ORIGINAL_METHOD = {
    "name": "X-Original-Method",
    "in": "header",
    "required": False,
    "description": "The method of that request; GET without it.",
    "schema": {"type": "string"},
}
# Raises ClientelaError ``not-ready`` while the service can't serve.
CheckReady = Callable[[], Awaitable[None]]


def create_app(
    *,
    title: str,
    summary: str,
    shapes: Iterable[type],
    check_ready: CheckReady,
    lifespan: Lifespan | None = None,
    rules: Rules,
) -> FastAPI:
    """Make a service whose requests pass ``rules`` first; ``shapes`` are documented."""
    app = FastAPI(
        title=title,
        summary=summary,
        version=__version__,
        license_info={"name": "MIT"},
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[Middleware(Guards, rules=rules), Middleware(Heads)],
        dependencies=[Depends(_checks(rules))],
        redirect_slashes=False,
    )
    problems.install(app)
    openapi.describe(app, shapes)
    _add_health(app, check_ready)
    _add_docs(app)
    _add_authz(app, rules)
    return app


def _checks(rules: Rules) -> Callable[[Request], Awaitable[None]]:
    """Make what every route asks first: that who asks may use it, and what was asked."""

    async def check(request: Request) -> None:
        rules.check(request.scope, request.method, template_in(request.scope))
        _check_parameters(request)

    return check


def _check_parameters(request: Request) -> None:
    """Refuse a parameter that is unknown or given twice: a typo is never ignored.

    What is no part of the documented API, such as a page, has its query for itself.
    """
    given = Counter(name for name, _ in request.query_params.multi_items())
    route = request.scope.get("route")
    dependant: Dependant | None = getattr(route, "dependant", None)
    if not given or dependant is None or not getattr(route, "include_in_schema", True):
        return
    known = sorted({field.alias for field in _query_fields(dependant)})
    for name, times in given.items():
        if name not in known:
            takes = f"takes {', '.join(known)}" if known else "takes no parameters"
            raise bad_parameter(name, "unknown", f"There is no parameter {name}: this {takes}.")
        if times > 1:
            raise bad_parameter(name, "repeated", f"Give {name} once.")


def _query_fields(dependant: Dependant) -> list[Any]:
    inner = [field for child in dependant.dependencies for field in _query_fields(child)]
    return [*dependant.query_params, *inner]


def _add_health(app: FastAPI, check_ready: CheckReady) -> None:
    alive: dict[int | str, dict[str, Any]] = {200: {"description": "It is."}}

    @app.get("/livez", tags=["health"], responses=alive, response_class=Response)
    async def livez() -> Response:
        """Say that the process is alive."""
        return Response(b'{"status":"alive"}', media_type="application/json")

    ready = openapi.answers({200: {"description": "It can."}}, "not-ready")

    @app.get("/readyz", tags=["health"], responses=ready, response_class=Response)
    async def readyz() -> Response:
        """Say that the service can serve; 503 until then."""
        await check_ready()
        return Response(b'{"status":"ready"}', media_type="application/json")


def _add_authz(app: FastAPI, rules: Rules) -> None:
    """Let a cache in front ask, for each request that it would answer itself."""
    allowed: dict[int | str, dict[str, Any]] = {204: {"description": "It may be answered."}}
    told = openapi.answers(allowed, "malformed", "unauthenticated", "forbidden")
    asked = {"parameters": [_ORIGINAL_URI, _ORIGINAL_METHOD]}

    @app.get(
        "/authz",
        status_code=204,
        tags=["health"],
        responses=told,
        response_class=Response,
        openapi_extra=asked,
    )
    async def authz(request: Request) -> Response:
        """Say whether who sends this Authorization may make the request of X-Original-URI."""
        path = urlsplit(request.headers.get("x-original-uri", "")).path
        if not path.startswith("/"):
            detail = "X-Original-URI names the request that is asked about: /clients?limit=10."
            raise ClientelaError("malformed", detail)
        method = request.headers.get("x-original-method", "GET").upper()
        method = "GET" if method == "HEAD" else method
        rules.check(request.scope, method, template_for(app.routes, method, unquote(path)))
        headers = {"Cache-Control": f"private, max-age={limits.AUTHZ_CACHE_S}"}
        return Response(status_code=204, headers=headers)


def _add_docs(app: FastAPI) -> None:
    """Serve the documentation page from package data: it works with the line down."""
    app.mount("/docs/assets", StaticFiles(directory=DOCS_PAGE, check_dir=False))

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        page = DOCS_PAGE / "index.html"
        if not page.is_file():
            raise ClientelaError("not-found", "This page is not built: run make setup.")
        return FileResponse(page, headers={"Cache-Control": "no-cache", **page_headers(request)})
