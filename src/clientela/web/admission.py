"""Who is let in: the living tokens, what each may still do, and which of them a request shows.

Invariants: a pass is of a token that lives; when that ends, its connections that follow are closed,
and it lets nobody through again, whoever still holds it. What was remembered of Authorization
headers is forgotten whenever the tokens change.
"""

import asyncio
import hmac
import math
import time
from collections.abc import Callable, Iterable, Sequence

from starlette.types import Scope

from clientela import limits
from clientela.errors import ClientelaError
from clientela.feed.connection import connection_of
from clientela.storage.tokens import StoredToken
from clientela.web.access import PRINCIPAL, Principal, Role, Roles, roles_for
from clientela.web.tokens import hash_of, id_of

PASS = "clientela.pass"  # noqa: S105 - in the scope, beside the principal: the token's pass
_SCHEME = b"bearer "
_CHALLENGE = 'Bearer realm="clientela"'


class Pass:
    """One living token's use: its rate is a bucket that fills evenly (GCRA)."""

    def __init__(self, token: StoredToken, requests_per_s: int, now_s: Callable[[], float]) -> None:
        self.principal = Principal(token.id, token.name, Role(token.role))
        self._expires_s = math.inf if token.expires_s is None else token.expires_s
        self._now_s = now_s
        self._interval_ns = 1_000_000_000 // requests_per_s
        self._burst_ns = int(limits.TOKEN_BURST_S * 1e9)
        self._due_ns = 0
        self._ended = False
        self._following: set[asyncio.Transport] = set()

    @property
    def lives(self) -> bool:
        """Tell whether the token can be used now."""
        return not self._ended and self._now_s() < self._expires_s

    def has_room(self, now_ns: int) -> bool:
        """Tell whether one more request may be answered, at a time of the monotonic clock."""
        return self._due_ns - now_ns <= self._burst_ns and self.lives

    def count(self, now_ns: int) -> None:
        """Count a request that is answered."""
        self._due_ns = max(self._due_ns, now_ns) + self._interval_ns

    def take(self, now_ns: int) -> None:
        """Count one more request; raises ClientelaError ``too-many-requests``."""
        over_ns = self._due_ns - now_ns - self._burst_ns
        if over_ns > 0:
            detail = "This token asks too often: wait, or share the work among several tokens."
            raise _too_many(detail, 1 + over_ns // 1_000_000_000)
        self.count(now_ns)

    def follow(self, transport: asyncio.Transport) -> None:
        """Count a connection that follows; raises ClientelaError ``too-many-requests``."""
        self._following = {one for one in self._following if not one.is_closing()}
        self._following.add(transport)
        if len(self._following) > limits.TOKEN_FOLLOWERS_MAX:
            self._following.discard(transport)
            detail = "This token follows on too many connections: close some, or use another."
            raise _too_many(detail, limits.RETRY_AFTER_S)

    def end(self) -> None:
        """Let nobody through any more, and close what follows."""
        self._ended = True
        self.close_following()

    def close_following(self) -> None:
        """Close what follows: who still may comes again, and goes on where it was."""
        for transport in self._following:
            transport.abort()


class Admission:
    """The door of one service; belongs to the event loop's thread.

    ``requests_per_s`` is what one token may ask in the long run; ``now_s`` the time, in Unix
    seconds.
    """

    def __init__(
        self,
        requests_per_s: int = limits.TOKEN_REQUESTS_PER_S,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._requests_per_s = requests_per_s
        self._now_s = now_s
        self._tokens: dict[str, StoredToken] = {}
        self._passes: dict[str, Pass] = {}
        self._shown: dict[bytes, Pass] = {}
        # What gives the pass of a request that shows no token, by its session.
        self.sessions: Callable[[Scope], Pass | None] | None = None

    def keep(self, tokens: Iterable[StoredToken]) -> None:
        """Let these tokens in, as far as they live, and no others."""
        now_s = self._now_s()
        living = {token.id: token for token in tokens if token.lives(now_s) and _is_known(token)}
        if living == self._tokens:
            return
        self._shown.clear()
        for token_id, before in self._tokens.items():
            if living.get(token_id) != before and token_id in self._passes:
                self._passes.pop(token_id).end()
        self._tokens = living

    @property
    def has_tokens(self) -> bool:
        """Tell whether anyone can come in."""
        return bool(self._tokens)

    def enter(self, scope: Scope) -> None:
        """Put into a request's scope who asks; nobody where no living token is shown.

        Raises ClientelaError ``too-many-requests`` when its token asks too often.
        """
        headers = scope["headers"]
        if self.sessions is None or any(name == b"authorization" for name, _ in headers):
            shown = self.shown(headers)
        else:
            shown = self.sessions(scope)
        scope[PASS] = shown
        scope[PRINCIPAL] = None if shown is None else shown.principal
        if shown is not None:
            shown.take(time.perf_counter_ns())

    def shown(self, headers: Iterable[tuple[bytes, bytes]]) -> Pass | None:
        """Give the pass of the token that a request shows; None unless it is one that lives."""
        values = [value for name, value in headers if name == b"authorization"]
        if len(values) != 1:
            return None
        found = self._shown.get(values[0]) or self._recognised(values[0])
        return found if found is not None and found.lives else None

    def of_token(self, token_id: str) -> Pass | None:
        """Give the pass of a token by its id; None unless that lives."""
        token = self._tokens.get(token_id)
        if token is None:
            return None
        if token_id not in self._passes:
            self._passes[token_id] = Pass(token, self._requests_per_s, self._now_s)
        found = self._passes[token_id]
        return found if found.lives else None

    def of_text(self, text: str) -> Pass | None:
        """Give the pass of a token by its text; None unless that lives."""
        token_id = id_of(text)
        token = self._tokens.get(token_id or "")
        if token is None or not hmac.compare_digest(hash_of(text), token.hash):
            return None
        return self.of_token(token.id)

    def _recognised(self, authorization: bytes) -> Pass | None:
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            return None
        found = self.of_text(authorization[len(_SCHEME) :].strip().decode("latin-1"))
        if found is not None:
            if len(self._shown) >= limits.TOKENS_REMEMBERED_ITEMS:
                self._shown.clear()
            self._shown[authorization] = found
        return found


def check(scope: Scope, method: str, template: str) -> None:
    """Let whoever asks use a route; raises ClientelaError ``unauthenticated``, ``forbidden``.

    ``scope`` is that of a service with a door; a facade may name no other facade than itself.
    """
    roles = roles_for(method, template)
    if roles is None:
        return
    principal: Principal | None = scope[PRINCIPAL]
    if principal is None:
        raise _unauthenticated(scope, roles)
    if principal.role not in roles:
        detail = f"The token of {principal.name} is for a {principal.role}: {_needed(roles)}."
        raise ClientelaError("forbidden", detail)
    named = scope.get("path_params", {}).get("name")
    if principal.role is Role.FACADE and named is not None and named != principal.name:
        detail = f"This is the token of the facade {principal.name}: it can't speak for {named}."
        raise ClientelaError("forbidden", detail)


def bound_following(scope: Scope) -> None:
    """Count a request for a live answer; raises ClientelaError ``too-many-requests``."""
    shown: Pass | None = scope.get(PASS)
    transport = connection_of(scope)
    if shown is not None and transport is not None:
        shown.follow(transport)


def _is_known(token: StoredToken) -> bool:
    """Tell whether its role is one of these: a newer server may have more."""
    return token.role in set(Role)


def _unauthenticated(scope: Scope, roles: Roles) -> ClientelaError:
    given = any(name == b"authorization" for name, _ in scope["headers"])
    if given:
        detail = f"This token is not known here, was revoked, or has expired: {_needed(roles)}."
    else:
        detail = f"Send Authorization: Bearer with a token; {_needed(roles)}."
    challenge = f'{_CHALLENGE}, error="invalid_token"' if given else _CHALLENGE
    return ClientelaError("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def _needed(roles: Roles) -> str:
    """Say which roles would do, in the order of what they may."""
    names = [role.value for role in Role if role in roles]
    return f"it takes one of {_or(names)}" if names else "no token may do this"


def _or(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _too_many(detail: str, wait_s: int) -> ClientelaError:
    return ClientelaError("too-many-requests", detail, headers={"Retry-After": str(wait_s)})
