"""``GET /logs``, ``/logs/summary``, ``/logs/heatmap`` and ``/logs/compare``."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from clientela import limits
from clientela.errors import bad_parameter
from clientela.log_facade.compare import Against, ByWhat
from clientela.log_facade.entries import CURSOR_FORM, parse_cursor
from clientela.log_facade.filters import Filters
from clientela.log_facade.parameters import against_of, filters_of
from clientela.log_facade.queries import LogReader
from clientela.log_facade.shapes import LogComparison, LogEntry, LogHeatmap, LogSummary
from clientela.log_facade.sums import By
from clientela.web import openapi
from clientela.web.lists import CSV, JSON, NDJSON, Order, Page, list_response

_PROBLEMS = ("bad-parameter", "not-ready", "overloaded")
_COLUMNS = LogEntry.__struct_fields__
_FRESH = {"Cache-Control": "no-store"}

_Asked = Annotated[Filters, Depends(filters_of)]
_Against = Annotated[Against, Depends(against_of)]
_Limit = Annotated[
    int | None,
    Query(ge=1, le=limits.PAGE_ITEMS_MAX, description="Entries per page; without it, all of them."),
]
_Cursor = Annotated[
    str | None,
    Query(
        description="From the Link header of the page before.",
        json_schema_extra={"pattern": f"^{CURSOR_FORM}$"},
    ),
]
_Order = Annotated[Order, Query(description="Newest first (desc) or oldest first (asc).")]
_By = Annotated[By | None, Query(description="What to group by.")]
_ByWhat = Annotated[ByWhat, Query(description="What to compare group by group.")]
_Step = Annotated[
    int | None, Query(ge=1, description="With by=time: seconds per group; else chosen for a chart.")
]
_ColumnStep = Annotated[
    int | None, Query(ge=1, description="Seconds per column; else chosen for a chart.")
]
_ROWS = (1, 2, 4, 8)
_Rows = Annotated[
    int,
    Query(description="Rows for each doubling of latency.", json_schema_extra={"enum": _ROWS}),
]


def _entries_lines_or_rows() -> dict[str, Any]:
    lines = {"description": "One entry per line.", **openapi.reference(LogEntry)}
    content = openapi.json_content(openapi.array_of(LogEntry))
    rows = {
        "description": "A header with the members' names, then one entry per row; parts are JSON.",
        "type": "string",
    }
    return {
        **content,
        **openapi.json_content(lines, NDJSON),
        **openapi.json_content(rows, CSV),
    }


_LINK = {"Link": {"description": 'The next page, rel="next".', "schema": {"type": "string"}}}
_ENTRIES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Log entries.", "headers": _LINK, "content": _entries_lines_or_rows()}
}


def _one(shape: type, description: str) -> dict[int | str, dict[str, Any]]:
    content = openapi.json_content(openapi.reference(shape))
    return openapi.answers({200: {"description": description, "content": content}}, *_PROBLEMS)


def _answer(found: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(found), headers=_FRESH, media_type=JSON)


def log_router(reader: LogReader) -> APIRouter:
    """Make the routes over a reader; their OpenAPI needs ``shapes.SHAPES``."""
    router = APIRouter(tags=["logs"])

    @router.get("/logs", response_class=Response, responses=openapi.answers(_ENTRIES, *_PROBLEMS))
    async def logs(
        request: Request,
        asked: _Asked,
        limit: _Limit = None,
        cursor: _Cursor = None,
        order: _Order = "desc",
    ) -> Response:
        """List log entries, newest first: all of them, streamed, or page by page; also as CSV."""
        # Before the first byte, for after it nothing can be said but 200.
        if cursor is not None:
            parse_cursor(cursor, order)
        await reader.check_ready()

        async def read_page(after: str | None, items: int) -> Page:
            return await reader.page(asked, order, after, items)

        return await list_response(
            request, read_page, limit=limit, cursor=cursor, headers=_FRESH, columns=_COLUMNS
        )

    @router.get(
        "/logs/summary",
        response_class=Response,
        responses=_one(LogSummary, "Counts and percentiles."),
    )
    async def summary(asked: _Asked, by: _By = None, step_s: _Step = None) -> Response:
        """Tell counts, error rate and latency percentiles, of any range and by group."""
        if step_s is not None and by != "time":
            raise bad_parameter("step_s", "needs-by", "step_s goes with by=time: add that.")
        return _answer(await reader.summary(asked, by, step_s))

    @router.get(
        "/logs/heatmap",
        response_class=Response,
        responses=_one(LogHeatmap, "Counts by time and latency, and percentiles by time."),
    )
    async def heatmap(
        asked: _Asked, step_s: _ColumnStep = None, rows_per_octave: _Rows = 2
    ) -> Response:
        """Count requests by time and latency, for a chart."""
        if rows_per_octave not in _ROWS:
            detail = (
                f"rows_per_octave={rows_per_octave} is none of 1, 2, 4 and 8: take one of them."
            )
            raise bad_parameter("rows_per_octave", "rows", detail)
        return _answer(await reader.heatmap(asked, step_s, rows_per_octave))

    @router.get(
        "/logs/compare",
        response_class=Response,
        responses=_one(LogComparison, "Counts, error rates and percentiles of both windows."),
    )
    async def compare(asked: _Asked, against: _Against, by: _ByWhat = "route") -> Response:
        """Compare a window of time with another: what got slower, first.

        Without `from` the window is an hour; without `against_from` and `against_to` it is compared
        with the time just before it, of the same length.
        """
        return _answer(await reader.compare(asked, against, by))

    return router
