"""The routes about a person's data: export, erasure, and who was erased."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from clientela import limits
from clientela.clients.ids import parse_client_id
from clientela.clients.writes import Receipt
from clientela.errors import ClientelaError, FieldError
from clientela.feed.position import Position
from clientela.server.audit_tables import Source
from clientela.server.export import EXPORTED, PersonExport, export
from clientela.server.facades import Facades
from clientela.server.register import Register
from clientela.storage.erasures import Erasure, ErasureTables
from clientela.web import client_docs as docs
from clientela.web import write_requests
from clientela.web.lists import JSON, NDJSON, Page, list_response
from clientela.web.openapi import answers, array_of, json_content, reference


class ErasedClient(msgspec.Struct):
    """A client that was erased, and the position at which it was."""

    client_id: str
    version: str


_EXPORT = answers(
    {200: {"description": "All of it.", "content": json_content(reference(PersonExport))}},
    "malformed",
    "not-found",
    "disk-full",
)
_ERASURE = answers(
    {200: {"description": "Erased.", "content": json_content(reference(Receipt))}},
    "malformed",
    "bad-header",
    "not-found",
    "key-reused",
    "disk-full",
)
_ERASED = answers(
    {
        200: {
            "description": "In the order of their positions.",
            "content": json_content(array_of(ErasedClient), JSON, NDJSON),
        }
    },
    "bad-parameter",
)
_FRESH = {"Cache-Control": "no-store"}


def person_routes(register: Register, facades: Facades) -> APIRouter:
    """Make the routes about one person; their path begins as that of the client does."""
    router = APIRouter(prefix="/clients/{client_id}", tags=["personal data"])

    @router.get("/export", response_class=Response, responses=_EXPORT)
    async def export_person(request: Request, client_id: str) -> Response:
        """Give everything that is held of a person; the trail notes who asked."""
        key = parse_client_id(client_id)
        found = export(register.tables, key, facades.known(), datetime.now(UTC))
        await register.note(EXPORTED, key, _source(request))
        return Response(found, headers=_FRESH, media_type=JSON)

    @router.post(
        "/erasure", response_class=Response, responses=_ERASURE, openapi_extra=docs.ERASE_REQUEST
    )
    async def erase_person(request: Request, client_id: str) -> Response:
        """Erase a person for good, here and at every facade; nothing brings it back."""
        key = parse_client_id(client_id)
        write_id = write_requests.write_id(request.headers)
        receipt = await register.erase(key, write_id, _source(request))
        if receipt.outcome == "refused":
            raise write_requests.refusal(receipt)
        headers = {**_FRESH, "Clientela-Write": receipt.write_id}
        return Response(msgspec.json.encode(receipt), headers=headers, media_type=JSON)

    return router


def erased_routes(erasures: ErasureTables) -> APIRouter:
    """Make the route by which a follower that lost the log hears of erasures all the same."""
    router = APIRouter(tags=["personal data"], default_response_class=Response)

    @router.get("/clients/erasures", responses=_ERASED)
    async def list_erasures(
        request: Request,
        limit: Annotated[int | None, Query(ge=1, le=limits.PAGE_ITEMS_MAX)] = None,
        cursor: Annotated[
            str | None, Query(description="A position: only later erasures are told.")
        ] = None,
    ) -> Response:
        """List who was erased: ids and positions, and nothing else."""

        async def read_page(after: str | None, items: int) -> Page:
            found = erasures.after(after or "", items + 1)
            following = found[items - 1].version if len(found) > items else None
            return [_encoded(one) for one in found[:items]], following

        start = None if cursor is None else _position(cursor)
        return await list_response(request, read_page, limit=limit, cursor=start, headers=_FRESH)

    return router


def _encoded(erasure: Erasure) -> bytes:
    return msgspec.json.encode(ErasedClient(*erasure))


def _position(cursor: str) -> str:
    try:
        return str(Position.parse(cursor))
    except ValueError:
        detail = "A cursor is a position, as in the erasures before."
        errors = [FieldError("cursor", "malformed", detail)]
        raise ClientelaError("bad-parameter", detail, errors=errors) from None


def _source(request: Request) -> Source:
    """Tell where a request comes from, for the trail."""
    origin = write_requests.origin_of(request)
    return Source(origin.facade, origin.actor, origin.address)
