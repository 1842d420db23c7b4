"""The routes of the server: ``/clients``."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from clientela import limits
from clientela.clients.ids import ID_PATTERN, parse_client_id
from clientela.server.facades import Facades
from clientela.storage.digests import (
    OpenScan,
    RangeDigests,
    RegisterDigests,
    digests_of,
    rows_of,
)
from clientela.web import client_docs as docs
from clientela.web.bodies import JSON, json_body
from clientela.web.client_handlers import ClientHandlers
from clientela.web.facade_reports import FacadeReport, KnownFacade
from clientela.web.lists import Order
from clientela.web.methods import refuse_others
from clientela.web.openapi import answers, array_of, body, json_content, reference
from clientela.web.write_requests import FACADE_NAME_PATTERN

_Edge = Annotated[
    str | None,
    Query(
        description="An id; without it the range is open.",
        json_schema_extra={"pattern": ID_PATTERN},
    ),
]
_Name = Annotated[str, Path(json_schema_extra={"pattern": FACADE_NAME_PATTERN})]
_DIGESTS = answers(
    {200: {"description": "The ranges.", "content": json_content(reference(RegisterDigests))}}
)
_ROWS = answers(
    {200: {"description": "The rows.", "content": json_content(reference(RangeDigests))}},
    "malformed",
    "bad-parameter",
)


_FACADES = answers(
    {200: {"description": "The facades.", "content": json_content(array_of(KnownFacade))}}
)
_REPORT = answers(
    {204: {"description": "Taken."}},
    "malformed",
    "media-type",
    "too-large",
    "invalid",
    "overloaded",
)
_REPORT_BODY = body(reference(FacadeReport))
_FORGET = answers({204: {"description": "Forgotten."}}, "not-found")


def client_routes(handlers: ClientHandlers) -> APIRouter:
    """Make the routes about clients, addressed as ``/clients/{id}``."""
    router = APIRouter(prefix="/clients", tags=["clients"], default_response_class=Response)

    @router.get("", responses=docs.LIST)
    async def list_clients(
        request: Request,
        limit: docs.Limit = None,
        cursor: docs.Cursor = None,
        order: Order = "asc",
    ) -> Response:
        """List every client in the register, or a page of them in the order of their ids."""
        return await handlers.list(request, limit, cursor, order)

    @router.post("", status_code=201, responses=docs.CREATE, openapi_extra=docs.CREATE_REQUEST)
    async def create_client(request: Request) -> Response:
        """Insert a new client."""
        return await handlers.create(request)

    @router.post("/writes", responses=docs.WRITE, openapi_extra=docs.WRITE_REQUEST)
    async def write(request: Request) -> Response:
        """Decide writes, each once; the same writes again get the same receipts."""
        return await handlers.write(request)

    @router.get("/writes/{write_id}", responses=docs.RECEIPT)
    async def read_receipt(write_id: docs.WriteId) -> Response:
        """Read the receipt of a write."""
        return await handlers.receipt(write_id)

    refuse_others(router, "/clients/writes", "POST")
    return router


def digest_routes(open_scan: OpenScan) -> APIRouter:
    """Make the routes by which a replica finds the rows in which it differs."""
    router = APIRouter(prefix="/clients/digests", tags=["clients"], default_response_class=Response)
    one_at_a_time = asyncio.Lock()  # a report reads every row

    @router.get("", responses=_DIGESTS)
    async def read_digests() -> Response:
        """Sum up the register by ranges of ids."""
        async with one_at_a_time:
            found = await asyncio.to_thread(digests_of, open_scan)
        return _fresh(found)

    @router.get("/rows", responses=_ROWS)
    async def read_row_digests(after: _Edge = None, last: _Edge = None) -> Response:
        """Give the version and digest of each client with ``after`` < id ≤ ``last``."""
        edges = [None if edge is None else parse_client_id(edge) for edge in (after, last)]
        async with one_at_a_time:
            found = await asyncio.to_thread(rows_of, open_scan, *edges)
        return _fresh(found)

    refuse_others(router, "/clients/digests", "GET", "HEAD")
    return router


def _fresh(found: RegisterDigests | RangeDigests) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(found), headers=headers, media_type=JSON)


def facade_routes(facades: Facades, tip: Callable[[], Mapping[str, str]]) -> APIRouter:
    """Make the routes about the facades of this register; ``tip`` tells where it is."""
    router = APIRouter(prefix="/facades", tags=["facades"], default_response_class=Response)

    @router.get("", responses=_FACADES)
    async def list_facades() -> Response:
        """List every facade that has reported, as it was then."""
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(facades.known()), headers=headers, media_type=JSON)

    @router.put("/{name}", status_code=204, responses=_REPORT, openapi_extra=_REPORT_BODY)
    async def report(request: Request, name: _Name) -> Response:
        """Take a facade's summary of itself."""
        facades.take(name, await json_body(request, bound=limits.FACADE_REPORT_BYTES_MAX))
        return Response(status_code=204, headers=tip())

    @router.delete("/{name}", status_code=204, responses=_FORGET)
    async def forget(name: _Name) -> Response:
        """Forget a facade that is no more; one that reports again is known again."""
        facades.forget(name)
        return Response(status_code=204)

    return router


def one_client_routes(handlers: ClientHandlers) -> APIRouter:
    """Make the routes about one client; they come after every fixed path under ``/clients``."""
    router = APIRouter(
        prefix="/clients/{client_id}", tags=["clients"], default_response_class=Response
    )

    @router.get("", responses=docs.READ)
    async def read_client(request: Request, client_id: docs.ClientId) -> Response:
        """Read one client."""
        return await handlers.read(request, client_id)

    @router.patch("", responses=docs.CHANGE, openapi_extra=docs.CHANGE_REQUEST)
    async def change_client(request: Request, client_id: docs.ClientId) -> Response:
        """Change a client by a JSON Merge Patch (RFC 7396)."""
        return await handlers.change(request, client_id)

    @router.delete("", status_code=204, responses=docs.REMOVE, openapi_extra=docs.REMOVE_REQUEST)
    async def delete_client(request: Request, client_id: docs.ClientId) -> Response:
        """Delete a client."""
        return await handlers.remove(request, client_id)

    @router.get("/history", responses=docs.HISTORY)
    async def read_history(request: Request, client_id: docs.ClientId) -> Response:
        """Read the changes of one client."""
        return await handlers.history(request, client_id)

    return router
