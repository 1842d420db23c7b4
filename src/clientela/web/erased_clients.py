"""Who was erased, as a list: for whoever was away when the feed told, and lost its past."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from clientela import limits
from clientela.clients.envelope import POSITION_PATTERN
from clientela.errors import bad_parameter
from clientela.feed.position import Position
from clientela.storage.erasures import Erasure
from clientela.web.lists import JSON, NDJSON, Page, list_response
from clientela.web.methods import refuse_others
from clientela.web.openapi import answers, array_of, json_content

ReadErasures = Callable[[str, int], Awaitable[list[Erasure]]]
"""Gives so many erasures after a position."""


class ErasedClient(msgspec.Struct):
    """A client that was erased, and the position at which it was."""

    client_id: str
    version: str


_ERASED = answers(
    {
        200: {
            "description": "In the order of their positions.",
            "content": json_content(array_of(ErasedClient), JSON, NDJSON),
        }
    },
    "bad-parameter",
)


def erased_routes(
    path: str, read: ReadErasures, *, news: Mapping[str, str] | None = None
) -> APIRouter:
    """Make the route under ``path``; an answer that names anyone has the headers ``news``."""
    router = APIRouter(tags=["personal data"], default_response_class=Response)

    @router.get(path, responses=_ERASED)
    async def list_erasures(
        request: Request,
        limit: Annotated[int | None, Query(ge=1, le=limits.PAGE_ITEMS_MAX)] = None,
        cursor: Annotated[
            str | None,
            Query(
                description="A position: only later erasures are told.",
                json_schema_extra={"pattern": POSITION_PATTERN},
            ),
        ] = None,
    ) -> Response:
        """List who was erased: ids and positions, and nothing else."""
        headers = {"Cache-Control": "no-store"}

        async def read_page(after: str | None, items: int) -> Page:
            found = await read(after or "", items + 1)
            headers.update((found and news) or {})
            following = found[items - 1].version if len(found) > items else None
            told = [msgspec.json.encode(ErasedClient(*one)) for one in found[:items]]
            return told, following

        start = None if cursor is None else _position(cursor)
        return await list_response(request, read_page, limit=limit, cursor=start, headers=headers)

    refuse_others(router, path, "GET", "HEAD")
    return router


def _position(cursor: str) -> str:
    try:
        return str(Position.parse(cursor))
    except ValueError:
        detail = "A cursor is a position, as in the erasures before."
        raise bad_parameter("cursor", "malformed", detail) from None
