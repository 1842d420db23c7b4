"""The routes of what the register lost: ``/sync/lost``."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from clientela.client_facade.offers import Offers
from clientela.clients.ids import parse_write_id
from clientela.clients.model import Client
from clientela.clients.writes import Receipt, Write
from clientela.web import client_docs as docs
from clientela.web.client_docs import ChangeMessage
from clientela.web.lists import list_response
from clientela.web.openapi import answers, array_of, json_content, reference
from clientela.web.write_requests import origin_of


class LostChange(ChangeMessage):
    """A change that was held here and that the register, since it was restored, has no more.

    ``before`` is the client before it, where that is known; ``write`` is what was
    asked, where it came in here.
    """

    lost_at: str = ""
    before: Client | None = None
    write: Write | None = None


_LOST: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Lost changes, in the order in which the register once took them.",
        "content": json_content(array_of(LostChange)),
    }
}
_TAKEN = {"description": "It is written again.", "content": json_content(reference(Receipt))}
_KEPT = {**_TAKEN, "description": "Kept here: the server decides when it is back."}
_REFUSALS = ("conflict", "duplicate-document", "gone", "id-used", "invalid", "not-ready")
_OFFER = answers({200: _TAKEN, 202: _KEPT}, "malformed", "not-found", *_REFUSALS)
_DISCARD = answers({204: {"description": "Let go."}}, "malformed", "not-found")


def lost_routes(offers: Offers) -> APIRouter:
    """Make the routes by which a person deals with changes that the register lost."""
    router = APIRouter(prefix="/sync/lost", tags=["sync"], default_response_class=Response)

    @router.get("", responses=answers(_LOST, "bad-parameter"))
    async def list_lost(
        request: Request, limit: docs.Limit = None, cursor: docs.Cursor = None
    ) -> Response:
        """List the changes that were held here and that the register no longer has."""
        headers = {"Cache-Control": "no-store"}
        return await list_response(
            request, offers.page, limit=limit, cursor=cursor, headers=headers
        )

    @router.post("/{write_id}/offer", responses=_OFFER)
    async def offer(request: Request, write_id: docs.WriteId) -> Response:
        """Write a lost change once more, as a new write."""
        receipt = await offers.offer(parse_write_id(write_id), origin_of(request))
        headers = {
            "Clientela-Write": receipt.write_id,
            "Location": f"/client/writes/{receipt.write_id}",
        }
        status = 202 if receipt.outcome == "pending" else 200
        body = msgspec.json.encode(receipt)
        return Response(body, status, headers, "application/json")

    @router.delete("/{write_id}", status_code=204, responses=_DISCARD)
    async def discard(write_id: docs.WriteId) -> Response:
        """Let a lost change go for good."""
        await offers.discard(parse_write_id(write_id))
        return Response(status_code=204)

    return router
