"""Which methods a path has: what 405 tells in its ``Allow`` header (RFC 9110, section 15.5.6)."""

import re
from collections.abc import Iterable
from functools import cache

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, compile_path
from starlette.types import Scope

from clientela.errors import ClientelaError

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@cache
def _form_of(template: str) -> re.Pattern[str]:
    return compile_path(template)[0]


def template_in(scope: Scope) -> str:
    """Give the template of the route that the router found; empty where it found none."""
    route = scope.get("route")
    # FastAPI keeps the prefix of an included router beside the route.
    included = scope.get("fastapi", {}).get("effective_route_context")
    if included is not None and getattr(included, "original_route", None) is route:
        route = included
    return getattr(route, "path", None) or ""


def template_for(routes: Iterable[BaseRoute], method: str, path: str) -> str:
    """Give the template of the route that a request would be answered by; empty for none."""
    for route in iter_route_contexts(list(routes)):
        if route.path is None or not route.methods or method not in route.methods:
            continue
        if _form_of(route.path).match(path):
            return str(route.path)
    return ""


def methods_of(routes: Iterable[BaseRoute], path: str) -> set[str]:
    """Give the methods of the first template that fits a path; none where only pages would.

    The router itself knows only the first route of a template, which has one of its methods.
    """
    template, methods = None, set[str]()
    for route in iter_route_contexts(list(routes)):
        if route.path is None or not route.methods:
            continue
        if template is None and _form_of(route.path).match(path):
            template = route.path
        if route.path == template:
            methods |= route.methods
    everything = template is not None and ":path}" in template and path != "/"
    return set() if everything else methods


def allowed_methods(routes: Iterable[BaseRoute], path: str) -> list[str]:
    """Give the methods that are answered: where there is GET, HEAD is too."""
    methods = methods_of(routes, path)
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


def method_not_allowed(method: str, allowed: Iterable[str]) -> ClientelaError:
    """Say which methods there are instead."""
    told = ", ".join(allowed)
    detail = f"{method} is not possible here: use {told}."
    return ClientelaError("method-not-allowed", detail, headers={"Allow": told})


def no_route() -> ClientelaError:
    """Say where the routes are listed."""
    return ClientelaError("not-found", "There is no such route: /docs lists what there is.")


def refuse_others(router: APIRouter, path: str, *allowed: str) -> None:
    """Refuse every method but ``allowed``, so that no wider template takes the path."""

    async def refuse(request: Request) -> Response:
        raise method_not_allowed(request.method, allowed)

    others = [method for method in _METHODS if method not in allowed]
    router.add_route(path, refuse, methods=others, include_in_schema=False)
