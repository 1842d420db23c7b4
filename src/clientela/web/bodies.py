"""Reading a JSON body strictly (RFC 8259)."""

from typing import Any

import msgspec
from starlette.requests import Request

from clientela.errors import ClientelaError
from clientela.web.guards import body_bytes_max, too_large


async def json_body(request: Request) -> Any:
    """Read a request's body; raises ClientelaError ``malformed`` (400) or ``too-large`` (413)."""
    bound = body_bytes_max(request.url.path)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bound:
            raise too_large(bound)
    return parse_json(bytes(body))


def parse_json(body: bytes) -> Any:
    """Parse JSON in UTF-8; refuses a BOM, NaN, lone surrogates and nesting without end."""
    if not body:
        raise _malformed("The body is empty: send a JSON value.")
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise _malformed(f"The body is not JSON: {error}.") from None
    except UnicodeDecodeError as error:
        raise _malformed(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from None
    except RecursionError:
        raise _malformed("The body is nested too deeply: a client is one object.") from None


def _malformed(detail: str) -> ClientelaError:
    return ClientelaError("malformed", detail)
