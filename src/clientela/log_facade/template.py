"""The route template of a request that has been served: "/client/writes/{write_id}"."""

import re
from typing import Any

from starlette.routing import Mount, Route
from starlette.types import Scope

_CONVERTER = re.compile(r"\{([^{}:]+):[^{}]+\}")

UNMATCHED = "unmatched"


def route_template(scope: Scope, root_path: str) -> str:
    """Read the template that the host's router left in the scope; ``root_path`` as it came in.

    Never a path as it was asked for, which may hold ids: without a template it is "unmatched".
    """
    route = scope.get("route")
    if type(route) is Route and scope.get("root_path", "") == root_path:
        return route.path_format  # what is most common, and quickest told
    mounted = _mounted(scope, root_path)
    if isinstance(route, Mount) or (route is None and mounted):
        return f"{mounted}/*"
    path = _path(scope, route)
    return mounted + path if path else UNMATCHED


def _path(scope: Scope, route: Any) -> str | None:
    if route is None:
        found = scope.get("path_template")  # Litestar's name for it: /items/{item_id:str}
        return _CONVERTER.sub(r"{\1}", found) if isinstance(found, str) else None
    # FastAPI keeps the prefix of an included router beside the route.
    included = scope.get("fastapi", {}).get("effective_route_context")
    if included is not None and getattr(included, "original_route", None) is route:
        route = included
    return getattr(route, "path_format", None) or getattr(route, "path", None)


def _mounted(scope: Scope, root_path: str) -> str:
    """Give the part of the path that mounts took, with its parameters' names, not their values."""
    now = scope.get("root_path", "")
    if now == root_path:
        return ""
    mounted = str(now)[len(root_path) :]
    names = {str(value): name for name, value in scope.get("path_params", {}).items()}
    segments = (f"{{{names[part]}}}" if part in names else part for part in mounted.split("/"))
    return "/".join(segments)
