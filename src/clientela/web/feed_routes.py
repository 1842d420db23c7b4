"""A feed as a route of a service."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from clientela.errors import ClientelaError
from clientela.feed.endpoint import Feed
from clientela.web import client_docs as docs


def feed_routes(path: str, feed: Feed) -> APIRouter:
    """Serve a feed under ``path``; everything but GET and HEAD is 405."""
    router = APIRouter(tags=["feed"], default_response_class=Response)

    @router.get(path, responses=docs.CHANGES)
    async def read_changes(
        request: Request,
        offset: docs.Offset = None,
        live: docs.LiveMode = None,
        cursor: docs.StreamCursor = None,
    ) -> Response:
        """Follow the register's changes: catch-up, long-poll or SSE (Durable Streams)."""
        del offset, live, cursor  # declared for the documentation; the feed reads the query
        return await feed.answer(request)

    @router.head(path, include_in_schema=False)
    async def read_tail(request: Request) -> Response:
        return await feed.answer(request)

    @router.api_route(path, methods=["POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def refuse() -> Response:
        detail = "The feed can only be read: use GET or HEAD."
        raise ClientelaError("method-not-allowed", detail, headers={"Allow": "GET, HEAD"})

    return router
