"""The line to the server: pages of the register, its feed, and writes."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from ssl import SSLContext
from typing import Any, NamedTuple, Self

import aiohttp
import msgspec

from clientela import limits
from clientela.client_facade.sse import Event, events
from clientela.client_facade.writer import Page
from clientela.clients import digest
from clientela.clients.writes import Receipt, Write
from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.log_facade.parts import traceparent
from clientela.storage.digests import RangeDigests, RegisterDigests
from clientela.storage.erasures import Erasure
from clientela.storage.tokens import StoredToken
from clientela.web.facade_reports import FacadeReport
from clientela.web.problems import TABLE

_decode_rows = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_receipts = msgspec.json.Decoder(list[Receipt]).decode
_decode_digests = msgspec.json.Decoder(RegisterDigests).decode
_decode_rows_digests = msgspec.json.Decoder(RangeDigests).decode
_decode_tokens = msgspec.json.Decoder(list[StoredToken]).decode
_decode_receipt = msgspec.json.Decoder(Receipt).decode

_OF_OUR_TOKEN = frozenset({"unauthenticated", "forbidden", "too-many-requests"})
# Answers to a whole batch of writes that sending it again would not change.
NEVER_TAKEN = frozenset({"malformed", "too-large", "bad-header"})


class UpstreamError(Exception):
    """The server can't be reached, or answered what can't be understood.

    ``unsent``: no request left this facade, so nothing of it can have been done.
    """

    def __init__(self, detail: str, *, unsent: bool = False) -> None:
        super().__init__(detail)
        self.unsent = unsent


class Tip(NamedTuple):
    """What the server says of its register: its digest at a position."""

    register: str
    position: Position
    digest: int


class Answer(NamedTuple):
    """A whole answer of the server."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Upstream:
    """Speaks to one server of those that keep the register; belongs to one event loop."""

    def __init__(
        self,
        servers: Sequence[str],
        facade: str,
        token: str | None = None,
        trust: SSLContext | None = None,
    ) -> None:
        """``servers`` are base URLs; ``facade`` the name by which this facade is known there.

        ``token`` is what it shows a server that asks for one; ``trust`` verifies an https server,
        None: by the system's authorities.
        """
        self._servers = deque(server.rstrip("/") for server in servers)
        self.register: str | None = None  # which one the facade holds: no other is written to
        self._facade = facade
        self._token = token
        self._trust = trust
        self._session: aiohttp.ClientSession | None = None

    @property
    def server(self) -> str:
        """Give the base URL of the one that is spoken to."""
        return self._servers[0]

    def move_on(self) -> None:
        """Speak to the next one from now on: the present one is away."""
        self._servers.rotate(-1)

    async def __aenter__(self) -> Self:
        # Following reads until the line is silent; everything else has a bound of its own.
        timeout = aiohttp.ClientTimeout(
            total=None,
            sock_connect=limits.SERVER_CONNECT_S,
            sock_read=limits.OFFLINE_AFTER_S,
        )
        self._session = aiohttp.ClientSession(
            timeout=timeout,
            headers={
                "Clientela-Facade": self._facade,
                **({"Authorization": f"Bearer {self._token}"} if self._token else {}),
            },
            connector=aiohttp.TCPConnector(
                ssl=self._trust or True,
                limit=limits.SERVER_CONNECTIONS_MAX,
                keepalive_timeout=limits.SERVER_KEEPALIVE_S,
            ),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    def _request(
        self, method: str, path: str, **options: Any
    ) -> "aiohttp.client._RequestContextManager":
        if self._session is None:
            raise UpstreamError("The line to the server is not open.")
        trace = traceparent()
        if trace is not None:  # the server's log entry of it belongs to the running request
            options["headers"] = {**(options.get("headers") or {}), "traceparent": trace}
        return self._session.request(method, self.server + path, **options)

    async def page(
        self, after: str | None, *, limit: int = limits.SNAPSHOT_PAGE_ITEMS
    ) -> tuple[Page, Tip]:
        """Read a page of the register; raises UpstreamError."""
        query = {"limit": str(limit), **({"cursor": after} if after else {})}
        try:
            async with self._request("GET", "/clients", params=query) as response:
                body = await response.read()
                _expect(response, 200, body)
                tip = _tip(response.headers)
                last = "next" not in response.links
        except _LINE_ERRORS as error:
            raise _away(error) from error
        rows = [bytes(row) for row in _decoded(_decode_rows, body)]
        return Page(tip.register, rows, tip.position, last), tip

    async def stream(self, start: Position) -> AsyncGenerator[Tip | Event, None]:
        """Follow the feed by SSE: first the server's tip, then its events.

        Ends when the server closes; raises UpstreamError, or ClientelaError ``history-diverged`` or
        ``offset-gone`` when there is no following from ``start``.
        """
        query = {"offset": str(start), "live": "sse"}
        try:
            async with self._request("GET", "/clients/changes", params=query) as response:
                if response.status != 200:  # noqa: PLR2004
                    _expect(response, 200, await response.read())
                yield _tip(response.headers)
                async for event in events(response.content.iter_any()):
                    yield event
        except _LINE_ERRORS as error:
            raise _away(error) from error

    async def poll(self, query: Mapping[str, str]) -> Answer:
        """Ask the feed for one answer: 200, or 204 in silence; raises UpstreamError.

        Raises ClientelaError ``history-diverged`` or ``offset-gone`` when nothing leads on there.
        """
        return await self._exchanged("GET", "/clients/changes", expected=(200, 204), params=query)

    async def tip(self) -> Tip:
        """Ask for the register's digest at its position; raises UpstreamError."""
        _, tip = await self.page(None, limit=1)
        return tip

    async def digests(self) -> RegisterDigests:
        """Ask for the register's digests by ranges; raises UpstreamError."""
        answer = await self._answered("GET", "/clients/digests", bound_s=limits.SERVER_REPORT_S)
        found: RegisterDigests = _decoded(_decode_digests, answer)
        return found

    async def row_digests(self, after: str | None, last: str | None) -> RangeDigests:
        """Ask for the digests of the rows of a range; raises UpstreamError."""
        edges = {"after": after, "last": last}
        query = {name: edge for name, edge in edges.items() if edge is not None}
        path = "/clients/digests/rows"
        answer = await self._answered("GET", path, bound_s=limits.SERVER_REPORT_S, params=query)
        found: RangeDigests = _decoded(_decode_rows_digests, answer)
        return found

    async def client(self, client_id: str) -> tuple[bytes | None, Position]:
        """Read one client, None when there is none, and the position at which that holds."""
        try:
            async with asyncio.timeout(limits.SERVER_ANSWER_S):
                async with self._request("GET", f"/clients/{client_id}") as response:
                    body = await response.read()
                    self._check_register(response.headers.get("Clientela-Register"))
                    position = _tip(response.headers).position
                    if response.status in (404, 410):
                        return None, position
                    _expect(response, 200, body)
                    return body, position
        except _LINE_ERRORS as error:
            raise _away(error) from error

    async def erasures(self, after: str) -> list[Erasure]:
        """Ask who was erased after a position (empty: ever), in that order; raises UpstreamError.

        Some of them: ask again after the last one, until there are none.
        """
        query = {"limit": str(limits.ERASURES_PAGE_ITEMS), **({"cursor": after} if after else {})}
        try:
            answer = await self._answered("GET", "/clients/erasures", params=query)
        except ClientelaError as error:
            if error.code in ("not-found", "malformed"):  # a server of an earlier version
                return []
            raise
        return [Erasure(**one) for one in _decoded(msgspec.json.decode, answer)]

    async def tail(self) -> Position:
        """Ask where the register is now; raises UpstreamError."""
        try:
            async with asyncio.timeout(limits.SERVER_ANSWER_S):
                async with self._request("HEAD", "/clients/changes") as response:
                    self._check_register(response.headers.get("Clientela-Register"))
                    return Position.parse(response.headers["Stream-Next-Offset"])
        except (KeyError, ValueError) as error:
            raise UpstreamError(f"This is no Clientela server: {error!r}.") from error
        except _LINE_ERRORS as error:
            raise _away(error) from error

    async def write(self, writes: Sequence[Write], actor: str | None) -> list[Receipt]:
        """Have the server decide what one person wrote, in his name.

        Raises UpstreamError when its answer did not come.
        """
        body = msgspec.json.encode(writes)
        headers = {"Content-Type": "application/json"}
        if actor is not None:
            headers["Clientela-Actor"] = actor
        path = "/clients/writes"
        answer = await self._answered("POST", path, data=body, headers=headers)
        receipts: list[Receipt] = _decoded(_decode_receipts, answer)
        if [receipt.write_id for receipt in receipts] != [write.write_id for write in writes]:
            raise UpstreamError("The server answered other writes than were sent.")
        return receipts

    async def changes(self, after: Position) -> list[bytes]:
        """Read some of the changes that follow a position; raises UpstreamError.

        Raises ClientelaError ``history-diverged`` or ``offset-gone`` when nothing leads on there.
        """
        # A cache on the way may still have what followed before the register was restored.
        headers = {"Cache-Control": "no-cache"}
        query = {"offset": str(after)}
        answer = await self._answered("GET", "/clients/changes", headers=headers, params=query)
        return [bytes(row) for row in _decoded(_decode_rows, answer)]

    async def receipt(self, write_id: str) -> Receipt | None:
        """Ask for a receipt; raises UpstreamError."""
        try:
            answer = await self._answered("GET", f"/clients/writes/{write_id}")
        except ClientelaError as error:
            if error.code == "not-found":
                return None
            raise
        receipt: Receipt = _decoded(_decode_receipt, answer)
        return receipt

    async def report(self, report: FacadeReport) -> Position | None:
        """Tell how this facade is; gives where the register was then, of a server that says it.

        Raises UpstreamError.
        """
        headers = {"Content-Type": "application/json"}
        path = f"/facades/{self._facade}"
        body = msgspec.json.encode(report)
        answer = await self._exchanged("PUT", path, expected=(204,), headers=headers, data=body)
        return _tip(answer.headers).position if "Clientela-Digest" in answer.headers else None

    async def facades(self) -> bytes:
        """Ask for the JSON of all facades; raises UpstreamError."""
        return await self._answered("GET", "/facades")

    async def tokens(self, known: str | None) -> tuple[list[StoredToken], str] | None:
        """Ask for the tokens that live, with their ETag; None while ``known`` is still right.

        Raises UpstreamError.
        """
        headers = {"If-None-Match": known} if known else {}
        path = "/tokens/hashes"
        answer = await self._exchanged("GET", path, expected=(200, 304), headers=headers)
        if answer.status == 304:  # noqa: PLR2004
            return None
        return _decoded(_decode_tokens, answer.body), answer.headers.get("ETag", "")

    async def log_entries(self, trace_id: str) -> list[bytes]:
        """Ask for the server's log entries of a trace; raises UpstreamError."""
        query = {"trace": trace_id, "limit": str(limits.TRACE_ENTRIES_MAX)}
        answer = await self._answered("GET", "/logs", bound_s=limits.TRACE_ANSWER_S, params=query)
        return [bytes(entry) for entry in _decoded(_decode_rows, answer)]

    async def _answered(self, method: str, path: str, **options: Any) -> bytes:
        return (await self._exchanged(method, path, **options)).body

    async def _exchanged(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        bound_s: float = limits.SERVER_ANSWER_S,
        expected: Sequence[int] = (200,),
        **options: Any,
    ) -> Answer:
        told = {
            **(headers or {}),
            **({"Clientela-Register": self.register} if self.register else {}),
        }
        try:
            async with asyncio.timeout(bound_s):
                async with self._request(method, path, headers=told, **options) as response:
                    body = await response.read()
                    self._check_register(response.headers.get("Clientela-Register"))
                    if response.status not in expected:
                        _expect(response, expected[0], body)
                    return Answer(response.status, response.headers, body)
        except _LINE_ERRORS as error:
            raise _away(error) from error

    def _check_register(self, answered: str | None) -> None:
        if self.register and answered and answered != self.register:
            raise other_register(self.register, answered)


# A server that says so is as good as away: it may have done what was asked, or not.
_AWAY = frozenset({"internal", "database-away"})
_LINE_ERRORS = (aiohttp.ClientError, TimeoutError, OSError)
_NO_CONNECTION = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def other_register(held: str, answered: str) -> UpstreamError:
    """Say that the server at this address keeps another register than the facade."""
    return UpstreamError(
        f"This facade holds the register {held}, but the server's is {answered}. "
        "Give the facade its own server, or another data folder."
    )


def _away(error: Exception) -> UpstreamError:
    unsent = isinstance(error, _NO_CONNECTION)
    return UpstreamError(str(error) or type(error).__name__, unsent=unsent)


def _decoded(decode: Any, body: bytes) -> Any:
    try:
        return decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UpstreamError(f"The server's answer is not understood: {error}.") from error


def _expect(response: aiohttp.ClientResponse, status: int, body: bytes) -> None:
    """Raise the server's own problem where it told one."""
    if response.status == status:
        return
    try:
        told = msgspec.json.decode(body)
        code, detail = told["code"], told["detail"]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        code, detail = None, ""
    if code in _OF_OUR_TOKEN:  # nothing that a caller of this facade could put right
        raise UpstreamError(f"The server turns this facade away: {detail}", unsent=True)
    if code in TABLE and code not in _AWAY:
        raise ClientelaError(code, detail)
    raise UpstreamError(f"The server answered {response.status}.")


def _tip(headers: Mapping[str, str]) -> Tip:
    try:
        return Tip(
            headers["Clientela-Register"],
            Position.parse(headers["Clientela-Version"]),
            digest.from_hex(headers["Clientela-Digest"]),
        )
    except (KeyError, ValueError) as error:
        raise UpstreamError(f"This is no Clientela server: {error!r}.") from error
