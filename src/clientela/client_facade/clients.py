"""The clients as a facade shows them: read here, written through to the server or kept for it."""

import logging
from collections.abc import Sequence

from starlette.datastructures import Headers

from clientela.client_facade.courier import Courier
from clientela.client_facade.doubts import Doubts
from clientela.client_facade.freshness import Freshness
from clientela.client_facade.replica import Replica, not_ready
from clientela.client_facade.sender import Sender
from clientela.client_facade.sync import Sync
from clientela.client_facade.upstream import Upstream, UpstreamError
from clientela.client_facade.windows import Arrangement, Window
from clientela.clients import digest
from clientela.clients.writes import ParsedWrite, Receipt
from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.log_facade.parts import timing
from clientela.storage.register import Page, Row, Tombstone
from clientela.web.client_handlers import History
from clientela.web.lists import Order, place_of
from clientela.web.lists import Page as ListPart
from clientela.web.write_requests import Origin

_log = logging.getLogger(__name__)


class FacadeClients:
    """A ``clientela.web.client_handlers.Clients``; belongs to the event loop's thread."""

    def __init__(
        self,
        replica: Replica,
        sync: Sync,
        upstream: Upstream,
        sender: Sender,
        freshness: Freshness,
        doubts: Doubts,
    ) -> None:
        self._replica = replica
        self._sync = sync
        self._upstream = upstream
        self._courier = Courier(upstream)
        self._sender = sender
        self._freshness = freshness
        self._doubts = doubts

    def address(self, client_id: str) -> str:
        """Give the path of one client."""
        return f"/client?id={client_id}"

    async def read_headers(self, headers: Headers) -> dict[str, str]:
        """Meet what a reader demands, and tell how fresh the answer is."""
        return await self._freshness.headers(headers)

    async def find(self, client_id: str) -> Row | Tombstone | None:
        """Look one client up in the replica."""
        if not self._replica.readable:
            raise not_ready()
        with timing("db"):
            return self._replica.view.client(client_id)

    async def page(self, after: str | None, limit: int, order: Order) -> Page:
        """Give clients in the order of their ids."""
        with timing("db"):
            return self._replica.view.page(after, limit, descending=order == "desc")

    def digest_now(self) -> bytes | None:
        """Give the replica's digest; None while writes that wait are shown over it."""
        head = self._replica.head
        return None if head is None or self._replica.view.covered else digest.to_bytes(head.digest)

    async def window(self, arrangement: Arrangement, skip: int, limit: int) -> Window:
        """Give so many clients of a list, from any place of it."""
        if arrangement.query is not None or arrangement.sort != "id":
            await self._be_searchable()
        with timing("db"):
            return await self._replica.windows.read(arrangement, skip, limit)

    async def search(self, query: str, cursor: str | None, limit: int, order: Order) -> ListPart:
        """Give clients that match what people typed, in the order of their arrival here."""
        await self._be_searchable()
        after = None if cursor is None else place_of(cursor)
        with timing("db"):
            # One more tells whether anything follows.
            found = self._replica.view.search(query, after, limit + 1, order)
        page = found[:limit]
        following = str(page[-1][0]) if len(found) > limit else None
        return [row.value for _, row in page], following

    async def _be_searchable(self) -> None:
        with timing("index"):
            if not await self._replica.be_searchable():
                detail = "The search is being prepared: try again in a moment."
                raise ClientelaError("not-ready", detail)

    async def submit(self, writes: Sequence[ParsedWrite], origin: Origin) -> list[Receipt]:
        """Have the server decide, and answer once this facade's own reads show it.

        Without the server, or while earlier writes wait for it, the writes are kept here and shown,
        and their receipts are pending. Raises ``not-ready`` before the first copy.
        """
        actor = origin.actor
        if not self._replica.readable:
            raise not_ready()
        if self._replica.pending or self._sync.silent:
            return await self._keep(writes, actor)
        try:
            return await self._pass_on(writes, actor)
        except UpstreamError as error:
            _log.info("Kept here, for the server does not answer: %s", error)
            return await self._keep(writes, actor, perhaps_decided=not error.unsent)

    async def _pass_on(self, writes: Sequence[ParsedWrite], actor: str | None) -> list[Receipt]:
        """Have the server decide; on return reads show it. Raises UpstreamError.

        Until they do, this facade knows less of these writes than the server.
        """
        with self._doubts.sending(writes):
            with timing("upstream"):
                receipts = await self._courier.write([one.write for one in writes], actor)
            if not await self._shown([Position.parse(r.version) for r in receipts if r.version]):
                await self._show_before_the_feed(writes, receipts)
            return receipts

    async def _show_before_the_feed(
        self, writes: Sequence[ParsedWrite], receipts: Sequence[Receipt]
    ) -> None:
        """Let reads show what was accepted.

        Raises ClientelaError when there is no room for that here: whoever asks again with the same
        ``write_id`` is told the verdict as soon as reads show it, and never before.
        """
        try:
            await self._replica.keep_accepted(writes, receipts)
        except ClientelaError as error:
            detail = (
                "The server has decided, but this facade has no room to show it: its disk is full. "
                "Free some space, and ask again with the same write_id."
            )
            raise ClientelaError(error.code, detail) from error

    async def _keep(
        self, writes: Sequence[ParsedWrite], actor: str | None, *, perhaps_decided: bool = False
    ) -> list[Receipt]:
        doubtful = perhaps_decided or self._doubts.about(writes)
        with timing("outbox"):
            receipts = await self._replica.take_in(writes, actor=actor, perhaps_decided=doubtful)
        self._sender.wake()
        return receipts

    async def _shown(self, positions: Sequence[Position]) -> bool:
        """Wait until the replica holds what was accepted: there is one way in, the feed."""
        if not positions:
            return True
        with timing("replica"):
            return await self._replica.shows(max(positions))

    async def receipt(self, write_id: str) -> Receipt | None:
        """Give the receipt of a write that came in here, or ask the server for it."""
        entry = self._replica.outbox.find(write_id)
        if entry is not None:
            return entry.receipt
        try:
            with timing("upstream"):
                return await self._upstream.receipt(write_id)
        except UpstreamError as error:
            raise _server_away(error) from error

    async def history(self, client_id: str) -> History:
        """Give the changes of one client that came by here."""
        log = self._replica.log()
        changes = list(self._replica.tables.history(client_id))
        return History(changes, log.beginning, complete=log.beginning.version == 0)


def _server_away(error: UpstreamError) -> ClientelaError:
    return ClientelaError(
        "server-away",
        f"The server can't be reached ({error}), and the write did not come in here. "
        "Ask again when the line is back.",
    )
