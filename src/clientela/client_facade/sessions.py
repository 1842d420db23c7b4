"""Who is signed in: a cookie that stands for a token, so that no page ever holds one.

Invariants: a session lives no longer than its token; what is in memory is what the Client DB will
hold, and only sessions that began or ended are waited for. A cookie of a plain connection is of no
use on a secure one: another service of the host could have set it.
"""

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Iterable

from starlette.requests import HTTPConnection
from starlette.types import Scope

from clientela import limits
from clientela.client_facade.replica import Replica
from clientela.client_facade.session_tables import Session
from clientela.errors import ClientelaError
from clientela.web.admission import Admission, Pass
from clientela.web.page_headers import is_secure

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_log = logging.getLogger(__name__)


class Sessions:
    """The sessions of one facade; belongs to the event loop's thread.

    A facade that is open has no ``admission``, and no sessions.
    """

    def __init__(
        self,
        replica: Replica,
        admission: Admission | None,
        facade: str,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.admission = admission
        self._replica = replica
        self._now_s = now_s
        # Cookies know no ports: the facades of one machine must not take each other's.
        self._name = f"clientela-{facade}"
        self._all = {session.hash: session for session in replica.sessions()}
        self._to_store: set[bytes] = set()
        if admission is not None:
            admission.sessions = self.shown

    def shown(self, scope: Scope) -> Pass | None:
        """Give the pass of a request's session; None where there is none that lives.

        Raises ClientelaError ``origin-refused`` where a page of another origin may have sent it.
        """
        session = self.of(HTTPConnection(scope))
        found = None if session is None else self._pass_of(session)
        if session is None or found is None:
            return None
        if scope["method"] not in _SAFE:
            _check_sender(HTTPConnection(scope))
        used = session._replace(used_s=int(self._now_s()))
        if used != session:
            self._all[used.hash] = used
            self._to_store.add(used.hash)
        return found

    def of(self, request: HTTPConnection) -> Session | None:
        """Give the session whose cookie a request has; None unless it lives."""
        text = _cookie(request, self.cookie_name(request))
        session = self._all.get(_hash(text)) if text else None
        return session if session and self._pass_of(session) else None

    def cookie_name(self, request: HTTPConnection) -> str:
        """Name the cookie: where only a secure connection can have set it, so that all can tell."""
        return f"__Host-{self._name}" if is_secure(request) else self._name

    def ends_at(self, session: Session) -> float:
        """Give when a session ends if it is not used again, in Unix seconds."""
        idle_s = session.used_s + limits.SESSION_IDLE_S
        return min(session.began_s + limits.SESSION_S, idle_s)

    async def begin(self, token_id: str) -> tuple[str, Session]:
        """Sign a token's owner in; gives the session's id, which is told once, and the session."""
        text, now_s = secrets.token_urlsafe(32), int(self._now_s())
        session = Session(_hash(text), token_id, now_s, now_s)
        others = [other for other in self._all.values() if other.token_id == token_id]
        ended = others[: len(others) + 1 - limits.SESSIONS_PER_TOKEN_MAX]
        self._all[session.hash] = session
        await self._store([session], ended)
        return text, session

    async def end(self, session: Session, *, everywhere: bool) -> None:
        """Sign out: here, or wherever the session's token was signed in. Durable on return."""
        ended = [session]
        if everywhere:
            ended = [other for other in self._all.values() if other.token_id == session.token_id]
        shown = self._pass_of(session)
        await self._store((), ended)
        if shown is not None:
            shown.close_following()  # who may go on comes again at once

    async def run(self) -> None:
        """Store when sessions were used, and forget those that ended, until cancelled."""
        while self.admission is not None:
            await asyncio.sleep(limits.SESSIONS_STORED_S)
            used = [self._all[key] for key in self._to_store if key in self._all]
            ended = [session for session in self._all.values() if not self._pass_of(session)]
            self._to_store.clear()
            try:
                await self._store(used, ended)
            except ClientelaError as error:
                _log.warning("Who is signed in could not be stored: %s", error)

    async def _store(self, kept: Iterable[Session], ended: Iterable[Session]) -> None:
        for session in ended:
            self._all.pop(session.hash, None)
        await self._replica.change_sessions(kept, ended)

    def _pass_of(self, session: Session) -> Pass | None:
        if self.admission is None or self._now_s() >= self.ends_at(session):
            return None
        return self.admission.of_token(session.token_id)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _cookie(request: HTTPConnection, name: str) -> str | None:
    """Give a cookie's value; None where it is not there once."""
    found = []
    for header in request.headers.getlist("cookie"):
        for pair in header.split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                found.append(value)
    return found[0] if len(found) == 1 else None


def _check_sender(request: HTTPConnection) -> None:
    """Refuse what no page of this origin sent, for all that it says; the guards know its Origin."""
    same = request.headers.get("sec-fetch-site") == "same-origin"
    if not same and "origin" not in request.headers:
        raise ClientelaError(
            "origin-refused",
            "With a session's cookie, say by Origin which page asks; programs use a token.",
        )
