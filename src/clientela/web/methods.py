"""Which methods a path has: what 405 tells in its ``Allow`` header (RFC 9110, section 15.5.6)."""

from collections.abc import Iterable

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, compile_path

from clientela.errors import ClientelaError

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def methods_of(routes: Iterable[BaseRoute], path: str) -> set[str]:
    """Give the methods of the first template that fits a path; none where only pages would.

    The router itself knows only the first route of a template, which has one of its methods.
    """
    template, methods = None, set[str]()
    for route in iter_route_contexts(list(routes)):
        if route.path is None or not route.methods:
            continue
        if template is None and compile_path(route.path)[0].match(path):
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
