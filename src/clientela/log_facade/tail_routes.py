"""``GET /logs/tail``: new entries as they come, by the feed."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from clientela.feed.endpoint import Feed
from clientela.log_facade.filters import Filters
from clientela.log_facade.parameters import filters_of
from clientela.log_facade.shapes import LogEntry
from clientela.log_facade.tail import LogTail
from clientela.web.admission import bound_following
from clientela.web.feed_routes import LiveMode, Offset, StreamCursor, messages_of
from clientela.web.methods import refuse_others

_PATH = "/logs/tail"
_ENTRIES = messages_of(LogEntry, "New entries, or with live=sse events of them.")


def tail_router(tail: LogTail) -> APIRouter:
    """Make the route over a tail."""
    router = APIRouter(tags=["logs"], default_response_class=Response)

    @router.get(_PATH, responses=_ENTRIES)
    async def follow(
        request: Request,
        asked: Annotated[Filters, Depends(filters_of)],
        offset: Offset = None,
        live: LiveMode = None,
        cursor: StreamCursor = None,
    ) -> Response:
        """Follow entries that pass the filters: catch-up, long-poll or SSE (Durable Streams)."""
        del offset, cursor
        if live is not None:
            bound_following(request.scope)
        return await Feed(lambda: tail.log(asked)).answer(request)

    router.head(_PATH, include_in_schema=False)(follow)
    refuse_others(router, _PATH, "GET", "HEAD")
    return router
