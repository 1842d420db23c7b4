"""OpenAPI 3.1 from the shapes themselves: msgspec structs are the one source of schemas."""

from collections.abc import Iterable
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from clientela.web.access import roles_for
from clientela.web.problems import MEDIA_TYPE, TABLE

_REFERENCE = "#/components/schemas/{name}"


_OF_TOKENS = ("unauthenticated", "forbidden", "too-many-requests")


class ProblemError(msgspec.Struct):
    """What is wrong with one field, and how to put it right."""

    field: str
    code: str
    detail: str


class Problem(msgspec.Struct):
    """An error (RFC 9457); ``code`` never changes its meaning."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[ProblemError] = []


def reference(shape: type) -> dict[str, Any]:
    """Refer to a struct's schema."""
    return {"$ref": _REFERENCE.format(name=shape.__name__)}


def array_of(shape: type) -> dict[str, Any]:
    """Give the schema of an array of a struct."""
    return {"type": "array", "items": reference(shape)}


def json_content(schema: dict[str, Any], *media_types: str) -> dict[str, Any]:
    """Give the ``content`` of a body or a response."""
    return {name: {"schema": schema} for name in media_types or ("application/json",)}


def body(schema: dict[str, Any], *media_types: str) -> dict[str, Any]:
    """Describe a request body, for ``openapi_extra``."""
    content = json_content(schema, *media_types)
    return {"requestBody": {"required": True, "content": content}}


def answers(
    success: dict[int | str, dict[str, Any]], *problem_codes: str
) -> dict[int | str, dict[str, Any]]:
    """Describe a route's responses: its successes, and the problems it can answer."""
    told = dict(success)
    for code in problem_codes:
        status, title = TABLE[code]
        earlier = told.get(status.value, {}).get("description")
        told[status.value] = {
            "description": f"{earlier}; {code}: {title}" if earlier else f"{code}: {title}",
            "content": json_content(reference(Problem), MEDIA_TYPE),
        }
    return told


def describe(app: FastAPI, shapes: Iterable[type]) -> None:
    """Let an application's OpenAPI carry the schemas of these structs."""
    _, components = msgspec.json.schema_components([Problem, *shapes], ref_template=_REFERENCE)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                routes=app.routes,
                license_info=app.license_info,
            )
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(components)
            _drop_unused_validation(document)
            _say_who_may(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way


def _say_who_may(document: dict[str, Any]) -> None:
    """Tell of each route which roles may use it, and what others are answered."""
    scheme = {"type": "http", "scheme": "bearer", "description": "clientela token add makes one."}
    document["components"]["securitySchemes"] = {"token": scheme}
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            roles = roles_for(method.upper(), path)
            if roles is not None:
                # The empty one: a service on loopback may be open.
                operation["security"] = [{"token": sorted(roles)}, {}]
                for status, answer in answers({}, *_OF_TOKENS).items():
                    operation["responses"].setdefault(str(status), answer)


def _drop_unused_validation(document: dict[str, Any]) -> None:
    """Take out the 422 that FastAPI adds by itself: parameters answer 400 here."""
    for route in document.get("paths", {}).values():
        for operation in route.values():
            default = operation["responses"].get("422", {})
            if "application/json" in default.get("content", {}):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
