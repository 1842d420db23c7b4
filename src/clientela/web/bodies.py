"""Reading a JSON body strictly (RFC 8259): its media type, its size, its bytes."""

from typing import Any

import msgspec
from starlette.requests import Request

from clientela import limits
from clientela.errors import ClientelaError

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


async def json_body(
    request: Request, *, bound: int = limits.BODY_BYTES_MAX, media_types: tuple[str, ...] = (JSON,)
) -> Any:
    """Read a request's body of at most ``bound`` bytes.

    Raises ClientelaError ``media-type`` (415), ``too-large`` (413) or ``malformed`` (400).
    """
    _check_media_type(request.headers.get("content-type", ""), media_types)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bound:
            raise ClientelaError(
                "too-large",
                f"The body may have {bound} bytes: send less at a time.",
                # What is still being sent would be taken for the next request.
                headers={"Connection": "close"},
            )
    return parse_json(bytes(body))


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
