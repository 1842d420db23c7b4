"""The routes of a client facade: ``/client`` and ``/sync``."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from clientela import limits
from clientela.client_facade.clients import FacadeClients
from clientela.client_facade.shapes import SyncChange, SyncStatus
from clientela.client_facade.waiting import WaitingWrites
from clientela.client_facade.windows import Arrangement, Sort, Waiting
from clientela.clients.ids import ID_PATTERN, parse_write_id
from clientela.clients.model import Client, ClientPatch
from clientela.clients.writes import Receipt
from clientela.errors import ClientelaError, FieldError
from clientela.web import client_docs as docs
from clientela.web.bodies import json_body
from clientela.web.client_handlers import ClientHandlers
from clientela.web.facade_reports import KnownFacade
from clientela.web.feed_routes import messages_of
from clientela.web.lists import NUMBER_PATTERN, Order, Page, list_response, place_of
from clientela.web.openapi import answers, array_of, body, json_content, reference
from clientela.web.write_requests import origin_of

_ID = {"pattern": ID_PATTERN}
OneId = Annotated[str, Query(description="The client's id.", json_schema_extra=_ID)]
Cursor = Annotated[
    str | None,
    Query(
        description="Where the page before ended: from its Link header.",
        json_schema_extra={"pattern": f"{ID_PATTERN}|{NUMBER_PATTERN}"},
    ),
]
Search = Annotated[
    str | None,
    Query(
        max_length=limits.QUERY_CHARACTERS_MAX,
        description="Words and numbers to look for in name, e-mail, phone and document; "
        "without regard to accents and case.",
    ),
]
SortedBy = Annotated[
    Sort | None,
    Query(description="The order: id is that of creation, name that of names."),
]
Skip = Annotated[
    int | None,
    Query(
        ge=0,
        le=limits.WINDOW_ROWS_PASSED_MAX,
        description="How many clients to pass by; Clientela-Count tells how many there are.",
    ),
]
OfState = Annotated[
    Waiting | None,
    Query(description="Only clients with a write that waits here, or that was refused."),
]
_FRESHNESS = ("bad-header", "not-ready", "not-reached", "too-stale")
_READ = answers(
    {
        **docs.READ,
        **docs.LIST,
        200: {
            "description": "With id one client, otherwise clients in the order of their ids.",
            "content": {
                **docs.LIST[200]["content"],
                **json_content({"anyOf": [array_of(Client), reference(Client)]}),
            },
        },
    },
    *_FRESHNESS,
)
_HISTORY = answers(docs.HISTORY, *_FRESHNESS)
_OFFLINE: dict[int | str, dict[str, Any]] = {
    202: {**docs.CHANGE[200], "description": "Kept here: the server decides when it is back."}
}
_CREATE = answers({**docs.CREATE, **_OFFLINE}, "not-ready")
_CHANGE = answers({**docs.CHANGE, **_OFFLINE}, "not-ready")
_REMOVE = answers({**docs.REMOVE, 202: {"description": _OFFLINE[202]["description"]}}, "not-ready")
_SYNC = answers(
    {200: {"description": "How far it is.", "content": json_content(reference(SyncStatus))}}
)
_FACADES = answers(
    {200: {"description": "The facades.", "content": json_content(array_of(KnownFacade))}},
    "server-away",
)
AskForFacades = Callable[[], Awaitable[bytes]]
SYNC_CHANGES = messages_of(SyncChange, "States of the facade, or with live=sse events of them.")
_KEPT = {"description": "It is sent.", "content": json_content(reference(Receipt))}
_WAITING = answers(
    {202: _KEPT}, "malformed", "not-found", "conflict", "duplicate-document", "gone", "invalid"
)
_DISCARD = answers({204: {"description": "Closed."}}, "malformed", "not-found", "conflict")
_EDIT = body({"type": "object", "properties": {"set": reference(ClientPatch)}})


def client_routes(handlers: ClientHandlers, clients: FacadeClients) -> APIRouter:
    """Make the routes about clients, addressed as ``/client?id=``."""
    router = APIRouter(prefix="/client", tags=["clients"], default_response_class=Response)

    @router.get("", responses=_READ)
    async def read_clients(
        request: Request,
        id: Annotated[  # noqa: A002
            str | None, Query(description="Read one client.", json_schema_extra=_ID)
        ] = None,
        q: Search = None,
        limit: docs.Limit = None,
        cursor: Cursor = None,
        order: Order = "asc",
        sort: SortedBy = None,
        skip: Skip = None,
        sync: OfState = None,
    ) -> Response:
        """List every client, a page of them, those that match a search, or read one."""
        if id is not None:
            _alone(request, "id")
            return await handlers.read(request, id)
        if sort or skip is not None or sync:
            arrangement = Arrangement(sort or "id", order, q, sync)
            return await window(request, arrangement, limit, skip or 0, cursor)
        if q is None:
            return await handlers.list(request, limit, cursor, order)

        async def read_page(after: str | None, size: int) -> Page:
            return await clients.search(q, after, size, order)

        headers = await clients.read_headers(request.headers)
        return await list_response(
            request,
            read_page,
            limit=limit,
            cursor=cursor,
            headers=headers,
            columns=docs.CSV_COLUMNS,
        )

    async def window(
        request: Request, arrangement: Arrangement, limit: int | None, skip: int, cursor: str | None
    ) -> Response:
        headers = await clients.read_headers(request.headers)

        async def read_page(after: str | None, size: int) -> Page:
            begin = skip if after is None else place_of(after)
            found = await clients.window(arrangement, begin, size)
            end = begin + len(found.rows)
            headers["Clientela-Version"] = str(found.position)
            headers["Clientela-Count"] = str(found.total)
            following = str(end) if found.rows and end < found.total else None
            return [row.value for row in found.rows], following

        return await list_response(
            request,
            read_page,
            limit=limit,
            cursor=cursor,
            headers=headers,
            columns=docs.CSV_COLUMNS,
        )

    @router.get("/history", responses=_HISTORY)
    async def read_history(request: Request, id: OneId) -> Response:  # noqa: A002
        """Read the changes of one client that came by here."""
        return await handlers.history(request, id)

    return router


def write_routes(handlers: ClientHandlers) -> APIRouter:
    """Make the routes that change the register, through to the server."""
    router = APIRouter(prefix="/client", tags=["clients"], default_response_class=Response)

    @router.post("", status_code=201, responses=_CREATE, openapi_extra=docs.CREATE_REQUEST)
    async def create_client(request: Request) -> Response:
        """Insert a new client."""
        return await handlers.create(request)

    @router.patch("", responses=_CHANGE, openapi_extra=docs.CHANGE_REQUEST)
    async def change_client(request: Request, id: OneId) -> Response:  # noqa: A002
        """Change a client by a JSON Merge Patch (RFC 7396)."""
        return await handlers.change(request, id)

    @router.delete("", status_code=204, responses=_REMOVE, openapi_extra=docs.REMOVE_REQUEST)
    async def delete_client(request: Request, id: OneId) -> Response:  # noqa: A002
        """Delete a client."""
        return await handlers.remove(request, id)

    @router.post("/writes", responses=docs.WRITE, openapi_extra=docs.WRITE_REQUEST)
    async def write(request: Request) -> Response:
        """Have writes decided, each once; the same writes again get the same receipts."""
        return await handlers.write(request)

    @router.get("/writes/{write_id}", responses=docs.RECEIPT)
    async def read_receipt(write_id: docs.WriteId) -> Response:
        """Read the receipt of a write."""
        return await handlers.receipt(write_id)

    return router


def _alone(request: Request, name: str) -> None:
    others = [other for other in request.query_params if other != name]
    if others:
        detail = f"{name} names one client: leave out {', '.join(others)}."
        errors = [FieldError(other, "unknown", detail) for other in others]
        raise ClientelaError("bad-parameter", detail, errors=errors)


def waiting_routes(waiting: WaitingWrites) -> APIRouter:
    """Make the routes by which a person deals with writes that wait, or were refused."""
    router = APIRouter(
        prefix="/client/writes/{write_id}", tags=["sync"], default_response_class=Response
    )

    @router.post("/retry", status_code=202, responses=_WAITING)
    async def retry(request: Request, write_id: docs.WriteId) -> Response:
        """Send a pending write now; a refused one once more, as a new write."""
        actor = origin_of(request).actor
        return _kept(await waiting.retry(parse_write_id(write_id), actor))

    @router.put("", status_code=202, responses=_WAITING, openapi_extra=_EDIT)
    async def edit(request: Request, write_id: docs.WriteId) -> Response:
        """Send a refused write with other content, against what the register holds now."""
        actor = origin_of(request).actor
        return _kept(await waiting.edit(parse_write_id(write_id), await json_body(request), actor))

    @router.delete("", status_code=204, responses=_DISCARD)
    async def discard(write_id: docs.WriteId) -> Response:
        """Close a refused write for good; its receipt stays."""
        key = parse_write_id(write_id)
        await waiting.discard(key)
        return Response(status_code=204, headers={"Clientela-Write": key})

    return router


def _kept(receipt: Receipt) -> Response:
    headers = {
        "Clientela-Write": receipt.write_id,
        "Location": f"/client/writes/{receipt.write_id}",
    }
    body = msgspec.json.encode(receipt)
    return Response(body, status_code=202, headers=headers, media_type="application/json")


def sync_routes(status: Callable[[], SyncStatus], facades: AskForFacades) -> APIRouter:
    """Make the routes that tell how far this facade is in step, and all others."""
    router = APIRouter(tags=["sync"], default_response_class=Response)

    @router.get("/sync", responses=_SYNC)
    async def read_sync() -> Response:
        """Tell how far this facade is in step with its server."""
        headers = {"Cache-Control": "no-store"}
        body = msgspec.json.encode(status())
        return Response(body, headers=headers, media_type="application/json")

    @router.get("/facades", responses=_FACADES)
    async def read_facades() -> Response:
        """Tell what the server knows of all facades."""
        headers = {"Cache-Control": "no-store"}
        return Response(await facades(), headers=headers, media_type="application/json")

    return router
