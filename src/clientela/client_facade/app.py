"""Wires a client facade: replica, sync, the log facade inside it, routes and pages."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from ssl import SSLContext

from fastapi import FastAPI
from starlette.types import ASGIApp

from clientela import limits
from clientela.client_facade import session_routes
from clientela.client_facade.agreement import Agreement
from clientela.client_facade.clients import FacadeClients
from clientela.client_facade.divergence import Divergence
from clientela.client_facade.doubts import Doubts
from clientela.client_facade.fast_reads import FastReads
from clientela.client_facade.freshness import Freshness
from clientela.client_facade.lost_routes import LostChange, lost_routes
from clientela.client_facade.offers import Offers
from clientela.client_facade.pages import add_pages
from clientela.client_facade.repair import Repair
from clientela.client_facade.replica import Replica, not_ready
from clientela.client_facade.reporter import Reporter
from clientela.client_facade.routes import (
    SYNC_CHANGES,
    client_routes,
    sync_routes,
    waiting_routes,
    write_routes,
)
from clientela.client_facade.sender import Sender
from clientela.client_facade.sessions import Sessions
from clientela.client_facade.shapes import SyncChange, SyncStatus
from clientela.client_facade.status import Status, StatusLog
from clientela.client_facade.sync import Sync
from clientela.client_facade.token_copy import TokenCopy
from clientela.client_facade.upstream import Upstream, UpstreamError
from clientela.client_facade.waiting import WaitingWrites
from clientela.errors import ClientelaError
from clientela.feed.connection import Unwinding
from clientela.feed.endpoint import Feed
from clientela.log_facade.logs import LogDb
from clientela.log_facade.shapes import SHAPES as LOG_SHAPES
from clientela.log_facade.wiring import LatencyLogs
from clientela.web import client_docs
from clientela.web.admission import Admission
from clientela.web.app import create_app
from clientela.web.client_handlers import ClientHandlers
from clientela.web.direct import Direct
from clientela.web.erased_clients import ErasedClient, erased_routes
from clientela.web.facade_reports import KnownFacade
from clientela.web.feed_routes import feed_routes
from clientela.web.guards import Rules

_log = logging.getLogger(__name__)


class ClientFacade:
    """A branch, ready to be served: ``app`` (its routes alone: ``api``), ``stop_live_answers``.

    ``fast`` answers what it can before ``app`` is asked.
    """

    def __init__(
        self,
        *,
        name: str,
        servers: Sequence[str],
        server_trust: SSLContext | None = None,
        database: Path,
        log_database: LogDb,
        hosts: Collection[str] = (),
        token: str | None = None,
        admission: Admission | None = None,
    ) -> None:
        """Open or create the databases; raises StartupError when that is not possible.

        ``token`` is shown to the server; ``admission`` asks those who come for theirs.
        ``server_trust`` verifies an https server; None: by the system's authorities.
        """
        self.name = name
        self._replica = Replica(database, facade=name, now_ms=lambda: time.time_ns() // 1_000_000)
        self._upstream = Upstream(servers, name, token, server_trust)
        self._sender = Sender(self._replica, self._upstream, _now)
        repair = Repair(self._replica, self._upstream, database)
        divergence = Divergence(self._replica, self._upstream)
        agreement = Agreement(self._replica, self._upstream, repair, divergence, time.monotonic)
        self._sync = Sync(
            self._replica, self._upstream, time.monotonic, self._sender.wake, agreement
        )
        self._status = Status(
            name, lambda: self._upstream.server, self._replica, self._sync, self._sender
        )
        self._status_log = StatusLog(self._status.now, _now())
        self._logs = LatencyLogs(
            log_database, facade=name, context=self._context, elsewhere=self._at_the_server
        )
        self._freshness = Freshness(self._replica, self._sync, self._upstream)
        self._reporter = Reporter(
            name,
            self._status.now,
            self._status_log.tail,
            self._logs.reader,
            self._upstream,
            self._sync,
            self._freshness,
        )
        try:
            self._logs.start()
        except BaseException:
            self._replica.close()
            raise
        self._tokens = TokenCopy(self._replica, self._upstream, admission)
        self._sessions = Sessions(self._replica, admission, name)
        rules = Rules(hosts, self._told, admission)
        clients = self._create_clients()
        handlers = ClientHandlers(clients, self._replica.recent)
        self._replica.on_erased += [handlers.pages.forget, self._status_log.forget]
        self.fast = FastReads(self._replica, handlers.pages, self._freshness, rules, self._logs)
        self.api = self._create_app(rules, clients, handlers)
        direct = {"/client": handlers.create, "/client/writes": handlers.write}
        self.app: ASGIApp = self._logs.wrap(Direct(Unwinding(self.api), direct, rules=rules))

    def stop_live_answers(self) -> None:
        """End what waits for changes, so that the process can stop."""
        self._replica.stop_live_answers()
        self._status_log.tail.close()
        self._logs.stop_live_answers()

    def close(self) -> None:
        """Close the databases; the end of serving does so by itself."""
        self._replica.close()
        self._logs.close()

    def _context(self) -> tuple[int | None, int | None]:
        return self._sync.lag_ms, self._replica.pending

    async def _at_the_server(self, trace_id: str) -> Sequence[bytes]:
        try:
            return await self._upstream.log_entries(trace_id)
        except (UpstreamError, ClientelaError) as error:
            _log.info("The server's part of a trace is not shown: %s", error)
            return []

    async def _facades(self) -> bytes:
        try:
            return await self._upstream.facades()
        except UpstreamError as error:
            detail = f"The server, which knows all facades, can't be reached ({error})."
            raise ClientelaError("server-away", detail) from error

    def _create_clients(self) -> FacadeClients:
        doubts = Doubts(
            restarted=self._replica.reopened,
            in_step=lambda: self._sync.age_s is not None,
            clock=time.monotonic,
        )
        return FacadeClients(
            self._replica, self._sync, self._upstream, self._sender, self._freshness, doubts
        )

    def _create_app(
        self, rules: Rules, clients: FacadeClients, handlers: ClientHandlers
    ) -> FastAPI:
        app = create_app(
            title="Clientela client facade",
            summary="A branch's register of clients: read here, kept in step with the server.",
            shapes=(
                *client_docs.SHAPES,
                SyncStatus,
                SyncChange,
                LostChange,
                KnownFacade,
                *session_routes.SHAPES,
                ErasedClient,
                *LOG_SHAPES,
            ),
            check_ready=self._check_ready,
            lifespan=self._lifespan,
            rules=rules,
        )
        app.include_router(client_routes(handlers, clients))
        app.include_router(write_routes(handlers))
        # A browser's own cache may hold an answer about who was erased.
        news = {"Clear-Site-Data": '"cache"'}
        erased = erased_routes("/client/erasures", self._replica.erasures, news=news)
        app.include_router(erased)
        changes = Feed(self._replica.log)
        app.include_router(feed_routes("/client/changes", changes, client_docs.CHANGES))
        app.include_router(waiting_routes(WaitingWrites(self._replica, self._sender)))
        states = Feed(lambda: self._status_log)
        app.include_router(feed_routes("/sync/changes", states, SYNC_CHANGES))
        app.include_router(sync_routes(self._status.now, self._facades))
        app.include_router(self._logs.exports.routes(self._status.figures))
        app.include_router(lost_routes(Offers(self._replica, clients)))
        app.include_router(self._logs.router)
        app.include_router(session_routes.session_routes(self._sessions))
        add_pages(app)
        return app

    def _told(self) -> dict[str, str]:
        head = self._replica.head
        return {"Clientela-Register": head.register} if head else {}

    async def _check_ready(self) -> None:
        if not self._replica.readable:
            raise not_ready()

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        async with self._upstream:
            tasks = [
                asyncio.create_task(self._sync.run()),
                asyncio.create_task(self._sync.agreement.count_for_ever()),
                asyncio.create_task(self._sender.run()),
                asyncio.create_task(self._logs.exports.loop_lag.run()),
                asyncio.create_task(self._status_log.run()),
                asyncio.create_task(_prune_for_ever(self._replica)),
                asyncio.create_task(_index_for_ever(self._replica)),
                asyncio.create_task(_scrub_for_ever(self._replica)),
                asyncio.create_task(self._reporter.run()),
                asyncio.create_task(self._tokens.run()),
                asyncio.create_task(self._sessions.run()),
            ]
            yield
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await asyncio.to_thread(self.close)


def _now() -> datetime:
    return datetime.now(UTC)


async def _prune_for_ever(replica: Replica) -> None:
    while True:
        try:
            while True:
                if not await replica.prune(_now()):
                    break
        except ClientelaError as error:
            _log.warning("Old changes could not be dropped: %s", error)
        await asyncio.sleep(limits.PRUNE_INTERVAL_S)


async def _scrub_for_ever(replica: Replica) -> None:
    """Let what was erased leave the index and the journal, step by step beside the feed."""
    while True:
        try:
            await replica.scrub_some()
        except ClientelaError as error:
            _log.warning("What was erased is still in the file: %s", error)
            await asyncio.sleep(limits.SEARCH_INDEX_AGAIN_S)


async def _index_for_ever(replica: Replica) -> None:
    """Let the search know of many new clients, step by step beside the feed."""
    while True:
        try:
            await replica.index_some()
        except ClientelaError as error:
            _log.warning("The search could not be prepared: %s", error)
            await asyncio.sleep(limits.SEARCH_INDEX_AGAIN_S)
