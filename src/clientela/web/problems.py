"""Errors as problem+json (RFC 9457): one table from code to status, used by every service."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clientela import limits
from clientela.errors import ClientelaError, FieldError
from clientela.web.methods import allowed_methods, method_not_allowed, no_route

MEDIA_TYPE = "application/problem+json"

# The code, its status and its title. Codes never change their meaning; titles may be reworded.
TABLE: Mapping[str, tuple[HTTPStatus, str]] = {
    "malformed": (HTTPStatus.BAD_REQUEST, "The request can't be understood"),
    "bad-parameter": (HTTPStatus.BAD_REQUEST, "A query parameter is wrong"),
    "bad-header": (HTTPStatus.BAD_REQUEST, "A header is wrong"),
    "host-refused": (HTTPStatus.MISDIRECTED_REQUEST, "This service does not answer for that host"),
    "unauthenticated": (HTTPStatus.UNAUTHORIZED, "A token is needed"),
    "forbidden": (HTTPStatus.FORBIDDEN, "This token is for other work"),
    "origin-refused": (HTTPStatus.FORBIDDEN, "Pages of another origin may not call this service"),
    "other-register": (HTTPStatus.MISDIRECTED_REQUEST, "This server keeps another register"),
    "not-found": (HTTPStatus.NOT_FOUND, "There is no such thing here"),
    "method-not-allowed": (HTTPStatus.METHOD_NOT_ALLOWED, "This route has no such method"),
    "duplicate-document": (HTTPStatus.CONFLICT, "Another client has this document"),
    "conflict": (HTTPStatus.CONFLICT, "The client was changed meanwhile"),
    "id-used": (HTTPStatus.CONFLICT, "This id belongs to another client"),
    "depends-on": (HTTPStatus.CONFLICT, "A write that this one builds on was refused"),
    "gone": (HTTPStatus.GONE, "The client was deleted"),
    "history-diverged": (HTTPStatus.GONE, "The log has another history"),
    "offset-gone": (HTTPStatus.GONE, "That part of the log is no longer kept"),
    "too-slow": (HTTPStatus.REQUEST_TIMEOUT, "The request came too slowly"),
    "precondition-failed": (HTTPStatus.PRECONDITION_FAILED, "The client has another version"),
    "too-large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large"),
    "target-too-long": (HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long"),
    "head-too-large": (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large"),
    "media-type": (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The media type is not taken here"),
    "invalid": (HTTPStatus.UNPROCESSABLE_ENTITY, "The client is not valid"),
    "key-reused": (HTTPStatus.UNPROCESSABLE_ENTITY, "The key was used for another write"),
    "too-many-requests": (HTTPStatus.TOO_MANY_REQUESTS, "Too much for one token"),
    "internal": (HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here"),
    "overloaded": (HTTPStatus.SERVICE_UNAVAILABLE, "Too much at once"),
    "not-ready": (HTTPStatus.SERVICE_UNAVAILABLE, "Not ready yet"),
    "database-away": (HTTPStatus.SERVICE_UNAVAILABLE, "The database can't be reached"),
    "server-away": (HTTPStatus.SERVICE_UNAVAILABLE, "The server can't be reached"),
    "not-reached": (HTTPStatus.SERVICE_UNAVAILABLE, "That version is not here yet"),
    "too-stale": (HTTPStatus.GATEWAY_TIMEOUT, "No answer is fresh enough"),
    "disk-full": (HTTPStatus.INSUFFICIENT_STORAGE, "The disk is full"),
}

_CODE_OF_STATUS = {400: "malformed", 404: "not-found", 405: "method-not-allowed"}
_log = logging.getLogger(__name__)


def status_of(code: str) -> HTTPStatus:
    """Give the HTTP status of a code; an unknown code is our own fault: 500."""
    return TABLE.get(code, TABLE["internal"])[0]


def problem(error: ClientelaError, instance: str) -> Response:
    """Make the response for an error; ``instance`` is the path that was asked for."""
    status, title = TABLE.get(error.code, TABLE["internal"])
    body: dict[str, Any] = {
        "type": f"urn:clientela:problem:{error.code}",
        "title": title,
        "status": status.value,
        "detail": error.detail,
        "instance": quote(instance),
        "code": error.code,
    }
    if error.errors:
        body["errors"] = error.errors
    body.update(error.members)
    headers = {"Cache-Control": "no-store", **error.headers}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", str(limits.RETRY_AFTER_S))
    return Response(msgspec.json.encode(body), status.value, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of an application as problem+json."""
    app.add_exception_handler(ClientelaError, _known)
    app.add_exception_handler(HTTPException, _of_the_router)
    app.add_exception_handler(RequestValidationError, _of_the_parameters)


def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, ClientelaError)  # noqa: S101 - registered for this class alone
    return problem(error, request.url.path)


def _of_the_router(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    path = request.url.path
    code = _CODE_OF_STATUS.get(error.status_code, "internal")
    if code == "method-not-allowed":
        allowed = allowed_methods(request.app.routes, path)
        told = method_not_allowed(request.method, allowed) if allowed else no_route()
    elif code == "not-found":
        told = no_route()
    else:
        told = ClientelaError(code, str(error.detail), headers=error.headers or {})
    return problem(told, path)


def _of_the_parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class alone
    errors = [
        FieldError(str(found["loc"][-1]), str(found["type"]), str(found["msg"]))
        for found in error.errors()
    ]
    detail = "; ".join(f"{found.field}: {found.detail}" for found in errors)
    return problem(ClientelaError("bad-parameter", detail, errors=errors), request.url.path)


def unforeseen(method: str, path: str, error: Exception) -> Response:
    """Make the response for an error of our own, and log it."""
    _log.error("%s %s failed", method, path, exc_info=error)
    detail = "The service failed at this request; its own log says why. Nothing was half-written."
    return problem(ClientelaError("internal", detail), path)
