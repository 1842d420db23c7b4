"""Times as texts."""

from datetime import datetime


def rfc3339(moment: datetime) -> str:
    """Write a moment in UTC with microseconds and a ``Z`` (RFC 3339)."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
