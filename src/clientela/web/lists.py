"""Lists: a page with its ``Link`` (RFC 8288), or everything, streamed with flat memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Literal
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from clientela import limits

JSON = "application/json"
NDJSON = "application/x-ndjson"

Order = Literal["asc", "desc"]
# A page as encoded JSON items, with the cursor after its last item; None when nothing follows.
Page = tuple[Sequence[bytes], str | None]
ReadPage = Callable[[str | None, int], Awaitable[Page]]


def wants_lines(request: Request) -> bool:
    """Tell whether the caller asked for newline-delimited JSON."""
    return NDJSON in request.headers.get("accept", "")


async def list_response(
    request: Request,
    read_page: ReadPage,
    *,
    limit: int | None,
    cursor: str | None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer a list: one page when ``limit`` is given, otherwise everything from ``cursor`` on.

    ``read_page(cursor, limit)`` is called again and again, each a short transaction of its own.
    """
    lines = wants_lines(request)
    told = {"Vary": "Accept", **(headers or {})}
    media_type = NDJSON if lines else JSON
    if limit is None:
        # The first page is read before the answer begins: what is wrong can still be told.
        first = await read_page(cursor, limits.STREAM_PAGE_ITEMS)
        body = _stream(read_page, first, lines=lines)
        return StreamingResponse(body, headers=told, media_type=media_type)
    items, following = await read_page(cursor, limit)
    if following is not None:
        told["Link"] = f'<{_next_url(request, following)}>; rel="next"'
    return Response(_join(items, lines=lines), headers=told, media_type=media_type)


def _join(items: Sequence[bytes], *, lines: bool) -> bytes:
    if lines:
        return b"".join(item + b"\n" for item in items)
    return b"[" + b",".join(items) + b"]"


async def _stream(read_page: ReadPage, first: Page, *, lines: bool) -> AsyncIterator[bytes]:
    opening, separator, closing = (b"", b"\n", b"\n") if lines else (b"[", b",", b"]")
    items, following = first
    if lines and not items:
        return
    yield opening + separator.join(items)
    while following is not None:
        items, following = await read_page(following, limits.STREAM_PAGE_ITEMS)
        if items:
            yield separator + separator.join(items)
    yield closing


def _next_url(request: Request, cursor: str) -> str:
    query = [(name, value) for name, value in request.query_params.items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*query, ('cursor', cursor)])}"
