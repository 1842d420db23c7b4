"""A feed as a route of a service."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from clientela.feed.endpoint import Feed
from clientela.web import client_docs as docs
from clientela.web.methods import refuse_others

Responses = dict[int | str, dict[str, Any]]


def feed_routes(path: str, feed: Feed, responses: Responses = docs.CHANGES) -> APIRouter:
    """Serve a feed under ``path``; everything but GET and HEAD is 405.

    ``responses`` document its messages.
    """
    router = APIRouter(tags=["feed"], default_response_class=Response)

    @router.get(path, responses=responses)
    async def read_changes(
        request: Request,
        offset: docs.Offset = None,
        live: docs.LiveMode = None,
        cursor: docs.StreamCursor = None,
    ) -> Response:
        """Follow the register's changes: catch-up, long-poll or SSE (Durable Streams)."""
        del offset, live, cursor  # declared for the documentation; the feed reads the query
        return await feed.answer(request)

    router.head(path, include_in_schema=False)(read_changes)
    refuse_others(router, path, "GET", "HEAD")
    return router
