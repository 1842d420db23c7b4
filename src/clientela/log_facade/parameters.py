"""The query parameters of the log's routes; each error names one and how to put it right."""

import re
from typing import Annotated

from fastapi import Query

from clientela.errors import bad_parameter
from clientela.log_facade.compare import Against
from clientela.log_facade.filters import TIME_US_MAX, Filters
from clientela.log_facade.times import parse_time

_STATUS = re.compile(r"([1-5])(xx|\d\d)", re.ASCII)
_TRACE = re.compile(r"[0-9a-fA-F]{32}")

_Time = Annotated[
    str | None,
    Query(examples=["2026-11-23T20:00:00Z"], json_schema_extra={"format": "date-time"}),
]
_Text = Annotated[str | None, Query(min_length=1)]
_Microseconds = Annotated[int | None, Query(ge=0, le=TIME_US_MAX)]


def filters_of(
    *,
    from_: Annotated[
        _Time, Query(alias="from", description="RFC 3339; this moment or later.")
    ] = None,
    to: Annotated[_Time, Query(description="RFC 3339; before this moment.")] = None,
    facade: _Text = None,
    method: _Text = None,
    route: Annotated[_Text, Query(description="A route's template, as in the entries.")] = None,
    not_route: Annotated[
        _Text, Query(description="Templates of routes that are left out, with commas between.")
    ] = None,
    status: Annotated[
        _Text,
        Query(
            description="One status (404), or a class (4xx).",
            json_schema_extra={"pattern": "^[1-5]([Xx]{2}|[0-9]{2})$"},
        ),
    ] = None,
    trace: Annotated[
        _Text,
        Query(
            description="A trace id: 32 hexadecimal digits.",
            json_schema_extra={"pattern": "^[0-9a-fA-F]{32}$"},
        ),
    ] = None,
    min_latency_us: _Microseconds = None,
    max_latency_us: _Microseconds = None,
    error: Annotated[
        _Text,
        Query(description="Of the error's class: a part of its name, in any case; * for any."),
    ] = None,
) -> Filters:
    """Read the filters; raises ClientelaError ``bad-parameter``."""
    from_us, to_us = time_of("from", from_), time_of("to", to)
    if from_us is not None and to_us is not None and from_us > to_us:
        raise bad_parameter("from", "order", "from is later than to: swap them.")
    if (
        min_latency_us is not None
        and max_latency_us is not None
        and min_latency_us > max_latency_us
    ):
        detail = "min_latency_us is greater than max_latency_us: swap them."
        raise bad_parameter("min_latency_us", "order", detail)
    return Filters(
        from_us=from_us,
        to_us=to_us,
        facade=facade,
        method=None if method is None else method.upper(),
        route=route,
        not_routes=() if not_route is None else tuple(not_route.split(",")),
        status=_status(status),
        trace_id=_trace(trace),
        min_latency_us=min_latency_us,
        max_latency_us=max_latency_us,
        error=error,
    )


def against_of(
    against_from: Annotated[
        _Time, Query(description="RFC 3339; where the window to compare with begins.")
    ] = None,
    against_to: Annotated[_Time, Query(description="RFC 3339; before this moment.")] = None,
) -> Against:
    """Read the window to compare with; raises ClientelaError ``bad-parameter``."""
    return time_of("against_from", against_from), time_of("against_to", against_to)


def time_of(name: str, text: str | None) -> int | None:
    """Read a time, in Unix microseconds; raises ClientelaError ``bad-parameter``."""
    if text is None:
        return None
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        detail = (
            f"{name}={text!r} is not a time: write RFC 3339 with its offset, such as "
            "2026-11-23T20:00:00Z (a + in an address is written %2B)."
        )
        raise bad_parameter(name, "time-format", detail) from None


def _status(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = _STATUS.fullmatch(text.lower())
    if match is None:
        detail = (
            f"status={text!r} is not a status: write one, such as 404, or a class, such as 4xx."
        )
        raise bad_parameter("status", "status-format", detail)
    if match[2] == "xx":
        return int(match[1]) * 100, int(match[1]) * 100 + 99
    return int(match[0]), int(match[0])


def _trace(text: str | None) -> bytes | None:
    if text is None:
        return None
    if not _TRACE.fullmatch(text):
        detail = f"trace={text!r} is not a trace id: write its 32 hexadecimal digits."
        raise bad_parameter("trace", "trace-format", detail)
    return bytes.fromhex(text)
