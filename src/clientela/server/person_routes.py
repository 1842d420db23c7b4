"""The routes about one person's data: export and erasure."""

from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from clientela.clients.ids import parse_client_id
from clientela.clients.writes import Receipt
from clientela.server.audit_tables import Source
from clientela.server.export import EXPORTED, PersonExport, export
from clientela.server.facades import Facades
from clientela.server.register import Register
from clientela.web import client_docs as docs
from clientela.web import write_requests
from clientela.web.lists import JSON
from clientela.web.openapi import answers, json_content, reference

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
_FRESH = {"Cache-Control": "no-store"}


def person_routes(register: Register, facades: Facades) -> APIRouter:
    """Make the routes about one person; their path begins as that of the client does."""
    router = APIRouter(prefix="/clients/{client_id}", tags=["personal data"])

    @router.get("/export", response_class=Response, responses=_EXPORT)
    async def export_person(request: Request, client_id: docs.ClientId) -> Response:
        """Give everything that is held of a person; the trail notes who asked."""
        key = parse_client_id(client_id)
        known, now = facades.known(), datetime.now(UTC)
        found = await register.read(lambda tables: export(tables, key, known, now))
        await register.note(EXPORTED, key, _source(request))
        return Response(found, headers=_FRESH, media_type=JSON)

    @router.post(
        "/erasure", response_class=Response, responses=_ERASURE, openapi_extra=docs.ERASE_REQUEST
    )
    async def erase_person(request: Request, client_id: docs.ClientId) -> Response:
        """Erase a person for good, here and at every facade; nothing brings it back."""
        key = parse_client_id(client_id)
        write_id = write_requests.write_id(request.headers)
        receipt = await register.erase(key, write_id, _source(request))
        if receipt.outcome == "refused":
            raise write_requests.refusal(receipt)
        headers = {**_FRESH, "Clientela-Write": receipt.write_id}
        return Response(msgspec.json.encode(receipt), headers=headers, media_type=JSON)

    return router


def _source(request: Request) -> Source:
    """Tell where a request comes from, for the trail."""
    origin = write_requests.origin_of(request)
    return Source(origin.facade, origin.actor, origin.address)
