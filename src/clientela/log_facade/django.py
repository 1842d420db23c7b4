"""The route template of a request to Django, which tells it to nobody outside."""

import re

from starlette.types import Scope

_CONVERTER = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")


def django_route(scope: Scope) -> str | None:
    """Give the pattern of the path that matched: ``/client/{id}`` for ``client/<uuid:id>``."""
    from django.urls import Resolver404, resolve  # noqa: PLC0415 - only where Django is the host

    try:
        found = resolve(scope["path"])
    except Resolver404:
        return None
    return "/" + _CONVERTER.sub(r"{\1}", found.route)
