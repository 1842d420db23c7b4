"""RFC 3339 and microseconds since 1970."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
YEAR_1_US = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
YEAR_9999_US = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_RFC_3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def parse_time(text: str) -> int:
    """Give microseconds since 1970; finer digits are cut. Raises ValueError for other texts."""
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time of RFC 3339")
    date, clock, fraction, offset = match.groups()
    zone = "+00:00" if offset in "Zz" else offset
    moment = datetime.fromisoformat(f"{date}T{clock}.{(fraction or '0')[:6]:0<6}{zone}")
    return (moment - _EPOCH) // _MICROSECOND


def format_time(time_us: int) -> str:
    """Give RFC 3339 in UTC with microseconds."""
    moment = _EPOCH + timedelta(microseconds=time_us)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
