"""A feed as a route of a service, and how it is documented."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from clientela.feed.endpoint import Feed
from clientela.web.admission import bound_following
from clientela.web.methods import refuse_others
from clientela.web.openapi import answers, array_of, json_content

Responses = dict[int | str, dict[str, Any]]

# Declared for the documentation: the feed itself reads the query.
Offset = Annotated[
    str | None, Query(description="-1 (the beginning), now, or a Stream-Next-Offset.")
]
LiveMode = Annotated[str | None, Query(description="long-poll or sse; needs an offset.")]
StreamCursor = Annotated[str | None, Query(description="The last Stream-Cursor, for caches.")]


def messages_of(shape: type, description: str) -> Responses:
    """Document a feed of messages of this shape."""
    content = {
        **json_content(array_of(shape)),
        "text/event-stream": {"schema": {"type": "string"}},
    }
    return answers(
        {
            200: {"description": description, "content": content},
            204: {"description": "Nothing new in the time of a long-poll."},
            304: {"description": "Unchanged."},
        },
        "bad-parameter",
        "history-diverged",
        "offset-gone",
    )


def feed_routes(path: str, feed: Feed, responses: Responses) -> APIRouter:
    """Serve a feed under ``path``; everything but GET and HEAD is 405.

    ``responses`` document its messages.
    """
    router = APIRouter(tags=["feed"], default_response_class=Response)

    @router.get(path, responses=responses)
    async def read_changes(
        request: Request,
        offset: Offset = None,
        live: LiveMode = None,
        cursor: StreamCursor = None,
    ) -> Response:
        """Follow the register's changes: catch-up, long-poll or SSE (Durable Streams)."""
        del offset, cursor
        if live is not None:
            bound_following(request.scope)
        return await feed.answer(request)

    router.head(path, include_in_schema=False)(read_changes)
    refuse_others(router, path, "GET", "HEAD")
    return router
