"""How large a request's head may be, and how many connections a process takes."""

import resource
from collections.abc import Sequence
from functools import cache
from typing import Final

from clientela import limits
from clientela.errors import ClientelaError

_LINE_BYTES: Final = len(b": \r\n")


@cache
def connections_max() -> int:
    """Say how many connections a process takes; some of its open files are kept for other uses."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files == resource.RLIM_INFINITY:
        return limits.OPEN_CONNECTIONS_MAX
    kept = limits.OPEN_FILES_KEPT_ITEMS
    return min(limits.OPEN_CONNECTIONS_MAX, max(files - kept, files // 2))


def too_large(target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> ClientelaError | None:
    """Say what is too large of a head; None when nothing is."""
    if len(target) > limits.TARGET_BYTES_MAX:
        detail = f"An address may have {limits.TARGET_BYTES_MAX} bytes: shorten the query."
        return ClientelaError("target-too-long", detail)
    if len(headers) > limits.HEADERS_ITEMS_MAX:
        return head_too_large()
    size = len(target) + sum(len(name) + len(value) + _LINE_BYTES for name, value in headers)
    return head_too_large() if size > limits.HEAD_BYTES_MAX else None


def head_too_large() -> ClientelaError:
    """Make the error for a head beyond its bounds, whole or not."""
    size, count = limits.HEAD_BYTES_MAX, limits.HEADERS_ITEMS_MAX
    detail = f"A head may have {size} bytes and {count} headers: send fewer or shorter ones."
    return ClientelaError("head-too-large", detail)
