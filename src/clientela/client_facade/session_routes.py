"""Signing in at the pages, and out again.

A way of signing in ends in a pass (``clientela.web.admission``): here that of a token. Another way,
such as OpenID Connect, would end in one, too, and share all that follows.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from clientela import limits
from clientela.client_facade.sessions import Sessions
from clientela.errors import ClientelaError, FieldError
from clientela.web.access import PRINCIPAL, Principal, Role
from clientela.web.admission import Pass
from clientela.web.attempts import Attempts
from clientela.web.bodies import json_body
from clientela.web.openapi import answers, body, json_content, reference
from clientela.web.page_headers import is_secure


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """The token to sign in with."""

    token: str


class SessionState(msgspec.Struct):
    """Who asks: nobody yet where ``role`` is null; everyone of this machine where it is open."""

    access: Literal["open", "guarded"]
    role: str | None = None
    name: str | None = None
    expires_at: datetime | None = None


SHAPES = (SignIn, SessionState)
_STATE = {"description": "Who asks.", "content": json_content(reference(SessionState))}
_BEGIN = answers(
    {201: _STATE},
    *("malformed", "unauthenticated", "forbidden", "origin-refused", "too-large", "media-type"),
    *("invalid", "too-many-requests"),
)
_END = answers({204: {"description": "Signed out."}}, "bad-parameter", "origin-refused")


def session_routes(sessions: Sessions) -> APIRouter:
    """Make the routes of one facade's sessions."""
    router = APIRouter(tags=["session"], default_response_class=Response)
    attempts = Attempts()

    @router.get("/session", responses=answers({200: _STATE}))
    async def read_session(request: Request) -> Response:
        """Tell who asks, by a session or by a token."""
        return _state(sessions, request, request.scope.get(PRINCIPAL))

    @router.post(
        "/session", status_code=201, responses=_BEGIN, openapi_extra=body(reference(SignIn))
    )
    async def sign_in(request: Request) -> Response:
        """Begin a session with a token; its cookie is the answer's."""
        given = _sign_in(await json_body(request))
        if sessions.admission is None:
            return _state(sessions, request, None, status=201)
        address = request.client.host if request.client else ""
        attempts.check(address)
        found = sessions.admission.of_text(given.token)
        if found is None:
            attempts.failed(address)
            detail = "This token is not known here, was revoked, or has expired."
            raise ClientelaError("unauthenticated", detail)
        return await _begin(sessions, request, found)

    @router.delete("/session", status_code=204, responses=_END)
    async def sign_out(
        request: Request,
        everywhere: Annotated[
            str | None, Query(description="End all sessions of the same token.")
        ] = None,
    ) -> Response:
        """End the session; without one there is nothing to do."""
        session = sessions.of(request)
        if session is not None:
            await sessions.end(session, everywhere=everywhere is not None)
        # What the browser kept of answers may name clients.
        headers = {"Cache-Control": "no-store", "Clear-Site-Data": '"cache"'}
        response = Response(status_code=204, headers=headers)
        _set_cookie(response, sessions, request, "", 0)
        return response

    return router


def _sign_in(given: object) -> SignIn:
    try:
        return msgspec.convert(given, SignIn)
    except msgspec.ValidationError as error:
        errors = [FieldError("token", "type", str(error))]
        detail = 'Send {"token": "…"}, and nothing else.'
        raise ClientelaError("invalid", detail, errors=errors) from error


async def _begin(sessions: Sessions, request: Request, found: Pass) -> Response:
    if found.principal.role is Role.FACADE:
        raise ClientelaError("forbidden", "A facade's token is for no person: use one of yours.")
    before = sessions.of(request)
    text, session = await sessions.begin(found.principal.token_id)
    if before is not None:
        await sessions.end(before, everywhere=False)
    ends_at = datetime.fromtimestamp(sessions.ends_at(session), UTC)
    response = _told(_of(found.principal, ends_at), 201)
    _set_cookie(response, sessions, request, text, limits.SESSION_S)
    return response


def _state(
    sessions: Sessions, request: Request, principal: Principal | None, status: int = 200
) -> Response:
    if sessions.admission is None:
        return _told(SessionState("open"), status)
    session = None if "authorization" in request.headers else sessions.of(request)
    ends_at = None if session is None else datetime.fromtimestamp(sessions.ends_at(session), UTC)
    return _told(_of(principal, ends_at), status)


def _of(principal: Principal | None, ends_at: datetime | None) -> SessionState:
    if principal is None:
        return SessionState("guarded")
    return SessionState("guarded", principal.role, principal.name, ends_at)


def _told(state: SessionState, status: int) -> Response:
    told = msgspec.json.encode(state)
    headers = {"Cache-Control": "no-store"}
    return Response(told, status, headers=headers, media_type="application/json")


def _set_cookie(
    response: Response, sessions: Sessions, request: Request, value: str, max_age_s: int
) -> None:
    response.set_cookie(
        sessions.cookie_name(request),
        value,
        max_age=max_age_s,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="strict",
    )
