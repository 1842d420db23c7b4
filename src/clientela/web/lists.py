"""Lists: a page with its ``Link`` (RFC 8288), or everything, streamed with flat memory."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from clientela import limits
from clientela.errors import ClientelaError, bad_parameter

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"

Order = Literal["asc", "desc"]
# A page as encoded JSON items, with the cursor after its last item; None when nothing follows.
Page = tuple[Sequence[bytes], str | None]
# What may begin a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
ReadPage = Callable[[str | None, int], Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class Format:
    """How items become one body: what stands at its ends, between items, and after each."""

    name: str
    media_type: str
    opening: bytes = b""
    between: bytes = b""
    after: bytes = b""
    closing: bytes = b""
    columns: Sequence[str] = ()  # of CSV

    def join(self, items: Sequence[bytes]) -> bytes:
        """Write JSON items one after the other."""
        if self.after:
            return b"".join([item + self.after for item in items])
        return self.between.join(items)


_ARRAY = Format("json", JSON, b"[", b",", b"", b"]")
_LINES = Format("ndjson", NDJSON, after=b"\n")


def format_of(accepted: str, columns: Sequence[str]) -> Format:
    """Give what an ``Accept`` header asks for; JSON when it is nothing that there is."""
    if NDJSON in accepted:
        return _LINES
    if columns and CSV in accepted:
        head = _csv([columns])
        return Format("csv", f"{CSV}; charset=utf-8; header=present", head, columns=columns)
    return _ARRAY


async def list_response(
    request: Request,
    read_page: ReadPage,
    *,
    limit: int | None,
    cursor: str | None,
    headers: Mapping[str, str] | None = None,
    columns: Sequence[str] = (),
) -> Response:
    """Answer a list: one page when ``limit`` is given, otherwise everything from ``cursor`` on.

    ``read_page(cursor, limit)`` is called again and again, each a short transaction of its own. A
    list of objects that names its ``columns``, the members in their order, can be had as CSV too.
    ``headers`` are taken when the first page has been read.
    """
    form = format_of(request.headers.get("accept", ""), columns)
    if limit is None:
        # The first page is read before the answer begins: what is wrong can still be told.
        first = await read_page(cursor, limits.STREAM_PAGE_ITEMS)
        told = {"Vary": "Accept", **(headers or {})}
        body = _stream(read_page, first, form)
        return StreamingResponse(body, headers=told, media_type=form.media_type)
    items, following = await read_page(cursor, limit)
    told = {"Vary": "Accept", **(headers or {})}
    if following is not None:
        told["Link"] = link(request.url.path, request.url.query, following)
    whole = form.opening + await _joined(form, items) + form.closing
    return Response(whole, headers=told, media_type=form.media_type)


async def _stream(read_page: ReadPage, first: Page, form: Format) -> AsyncIterator[bytes]:
    items, following = first
    beginning = form.opening + await _joined(form, items)
    if beginning:
        yield beginning
    while following is not None:
        items, following = await read_page(following, limits.STREAM_PAGE_ITEMS)
        if items:
            yield form.between + await _joined(form, items)
    if form.closing:
        yield form.closing


def gzip_is_taken(accepted: str) -> bool:
    """Tell whether an ``Accept-Encoding`` header takes gzip (RFC 9110, section 12.5.3)."""
    for coding in accepted.lower().split(","):
        name, _, weight = coding.replace(" ", "").partition(";q=")
        if name == "gzip":
            return weight.strip("0.") != "" or weight == ""
    return False


async def _joined(form: Format, items: Sequence[bytes]) -> bytes:
    return await _csv_rows(items, form.columns) if form.columns else form.join(items)


async def _csv_rows(items: Sequence[bytes], columns: Sequence[str]) -> bytes:
    """Write JSON objects as rows (RFC 4180); others get their turn in between."""
    written = []
    for start in range(0, len(items), limits.CSV_STEP_ITEMS):
        some = items[start : start + limits.CSV_STEP_ITEMS]
        decoded = (msgspec.json.decode(item) for item in some)
        written.append(_csv([item[name] for name in columns] for item in decoded))
        await asyncio.sleep(0)
    return b"".join(written)


def _csv(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    """Give a value as CSV has it: what is nested as JSON, null as nothing.

    A text that a spreadsheet would take for a formula gets an apostrophe before it: names in a list
    are whatever their hosts and callers made them. One that looks as if it had been given one gets
    one more, so that taking one away gives every text back. Numbers stay as they are.
    """
    if isinstance(value, str):
        return f"'{value}" if value.lstrip("'").startswith(_FORMULA) else value
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    return msgspec.json.encode(value).decode()


NUMBER_PATTERN = "^[0-9]{1,18}$"
_NUMBER = re.compile(NUMBER_PATTERN)


def place_of(cursor: str) -> int:
    """Read a cursor that is a number; raises ClientelaError ``bad-parameter``."""
    if _NUMBER.fullmatch(cursor):
        return int(cursor)
    raise bad_cursor()


def bad_cursor() -> ClientelaError:
    """Make the error for a cursor that no page gave."""
    detail = "A cursor is taken from the Link header of the page before."
    return bad_parameter("cursor", "malformed", detail)


def link(path: str, query: str, cursor: str) -> str:
    """Give the ``Link`` header (RFC 8288) from a page to the one that follows its last item."""
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name != "cursor"
    ]
    return f'<{path}?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'
