"""Reading a JSON body strictly (RFC 8259): its media type, its size, its bytes."""

from contextlib import ExitStack
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from clientela import limits
from clientela.errors import ClientelaError, FieldError

_Kind = TypeVar("_Kind")
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


async def json_body(
    request: Request, *, bound: int = limits.BODY_BYTES_MAX, media_types: tuple[str, ...] = (JSON,)
) -> Any:
    """Read a request's body of at most ``bound`` bytes.

    Raises ClientelaError ``media-type`` (415), ``too-large`` (413), ``malformed`` (400) or
    ``overloaded`` (503): few large bodies are read at a time.
    """
    _check_media_type(request.headers.get("content-type", ""), media_types)
    _check_coding(request.headers.get("content-encoding", "identity"))
    body = bytearray()
    with ExitStack() as held:
        async for chunk in request.stream():
            body += chunk
            if len(body) > bound:
                raise ClientelaError(
                    "too-large",
                    f"The body may have {bound} bytes: send less at a time.",
                    # What is still being sent would be taken for the next request.
                    headers={"Connection": "close"},
                )
            if len(body) - len(chunk) <= limits.BODY_BYTES_MAX < len(body):
                held.enter_context(_LARGE)
        return parse_json(bytes(body))


class _LargeBodies:
    """Counts the bodies beyond the usual bound that are in memory."""

    def __init__(self) -> None:
        self._count = 0

    def __enter__(self) -> None:
        if self._count >= limits.LARGE_BODIES_ITEMS_MAX:
            detail = "Too many large bodies at once: try again in a moment, or send less at a time."
            raise ClientelaError("overloaded", detail, headers={"Connection": "close"})
        self._count += 1

    def __exit__(self, *_: object) -> None:
        self._count -= 1


_LARGE = _LargeBodies()


def _check_coding(coding: str) -> None:
    """Refuse what is compressed: a small body must not become a large one."""
    if coding.strip().lower() != "identity":
        raise ClientelaError(
            "media-type",
            f"The body is coded as {coding}: send it as it is, without Content-Encoding.",
            headers={"Accept-Encoding": "identity"},
        )


def converted(body: Any, kind: type[_Kind], what: str) -> _Kind:
    """Give a body as its shape; raises ClientelaError ``invalid`` (422) that names the field."""
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `")
        field = path.strip("`").removeprefix("$").removeprefix(".") or "body"
        errors = [FieldError(field, "type", detail)]
        raise ClientelaError("invalid", f"The {what} is wrong: {error}.", errors=errors) from None


def _check_media_type(content_type: str, allowed: tuple[str, ...]) -> None:
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if media_type.strip().lower() not in allowed or charset not in ("", "utf-8"):
        header = "Accept-Patch" if MERGE_PATCH in allowed else "Accept-Post"
        raise ClientelaError(
            "media-type",
            f"The body is {content_type or 'of no stated type'}: "
            f"send JSON in UTF-8 with Content-Type: {allowed[-1]}.",
            headers={header: ", ".join(allowed)},
        )


def parse_json(body: bytes) -> Any:
    """Parse JSON in UTF-8; refuses a BOM, NaN, lone surrogates and nesting without end."""
    if not body:
        raise _malformed("The body is empty: send a JSON value.")
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise _malformed(f"The body is not JSON: {error}.") from None
    except UnicodeDecodeError as error:
        raise _malformed(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from None
    except RecursionError:
        raise _malformed(_TOO_DEEP) from None
    _check_nesting(value)
    return value


_TOO_DEEP = "The body is nested too deeply: a client is one object."


def _check_nesting(value: Any) -> None:
    """Refuse what later steps, each by recursion, could not go through."""
    level = [value]
    for _ in range(limits.JSON_NESTING_MAX + 1):
        nested = [part for part in level if isinstance(part, (dict, list))]
        if not nested:
            return
        level = [
            child
            for parent in nested
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
    raise _malformed(_TOO_DEEP)


def _malformed(detail: str) -> ClientelaError:
    return ClientelaError("malformed", detail)
