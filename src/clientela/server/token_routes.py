"""The routes of a register's tokens: ``/tokens``."""

import hashlib
import time
from collections.abc import Awaitable, Callable

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from clientela import limits
from clientela.server.register import Register
from clientela.server.tokens import MadeToken, NewToken, Token, add, revoke, told
from clientela.storage.tokens import StoredToken
from clientela.web.bodies import JSON, converted, json_body
from clientela.web.openapi import answers, array_of, body, json_content, reference

SHAPES: tuple[type, ...] = (Token, NewToken, MadeToken, StoredToken)

_FRESH = {"Cache-Control": "no-store"}
_LIST = answers({200: {"description": "The tokens.", "content": json_content(array_of(Token))}})
_MADE = {
    "description": "Made: this once with its text.",
    "content": json_content(reference(MadeToken)),
}
_ADD = answers(
    {201: _MADE}, "malformed", "media-type", "too-large", "invalid", "overloaded", "disk-full"
)
_REVOKE = answers({204: {"description": "Revoked."}}, "not-found", "disk-full")
_HASHES = answers(
    {
        200: {
            "description": "The tokens that live, with the SHA-256 of each in base 64.",
            "content": json_content(array_of(StoredToken)),
        },
        304: {"description": "Unchanged."},
    }
)


class _Hashes:
    """What facades are told; made anew at most once a second, for thousands may ask."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._body, self._tag = b"", ""
        self._until_s = 0.0

    async def now(self) -> tuple[bytes, str]:
        """Give the JSON of the tokens that live, and its ETag."""
        if time.monotonic() >= self._until_s:
            self._body = msgspec.json.encode(await self._register.living_tokens(time.time()))
            self._tag = f'"{hashlib.sha256(self._body).hexdigest()}"'
            self._until_s = time.monotonic() + limits.TOKENS_READ_S
        return self._body, self._tag


def token_routes(register: Register, changed: Callable[[], Awaitable[None]]) -> APIRouter:
    """Make the routes; ``changed`` is called after a change, for it holds at once."""
    hashes = _Hashes(register)
    router = APIRouter(prefix="/tokens", tags=["tokens"], default_response_class=Response)

    @router.get("", responses=_LIST)
    async def list_tokens() -> Response:
        """List every token there ever was, oldest first."""
        found = [told(token) for token in await register.every_token()]
        return Response(msgspec.json.encode(found), headers=_FRESH, media_type=JSON)

    @router.post("", status_code=201, responses=_ADD, openapi_extra=body(reference(NewToken)))
    async def add_token(request: Request) -> Response:
        """Make a token; its text is told in this answer and never again."""
        sent = await json_body(request, bound=limits.TOKEN_BODY_BYTES_MAX)
        asked = converted(sent, NewToken, "token")
        text, stored = await register.change_tokens(lambda table: add(table, asked, time.time()))
        await changed()
        made = MadeToken(**msgspec.structs.asdict(told(stored)), token=text)
        return Response(msgspec.json.encode(made), 201, _FRESH, JSON)

    @router.get("/hashes", responses=_HASHES)
    async def read_hashes(request: Request) -> Response:
        """Give a facade what it needs to know people's tokens while the server is away."""
        found, tag = await hashes.now()
        headers = {"Cache-Control": "private, no-cache", "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(found, headers=headers, media_type=JSON)

    @router.delete("/{token_id}", status_code=204, responses=_REVOKE)
    async def revoke_token(token_id: str) -> Response:
        """Revoke a token: from now on it is of no use, at facades as soon as they hear of it."""
        await register.change_tokens(lambda table: revoke(table, token_id, time.time()))
        await changed()
        return Response(status_code=204)

    return router
