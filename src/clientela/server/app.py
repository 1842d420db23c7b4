"""Wires the server: store, register, routes."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uuid_utils
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp

from clientela import limits
from clientela.clients import digest
from clientela.clients.writes import ParsedWrite, Receipt
from clientela.errors import ClientelaError
from clientela.feed.connection import Unwinding
from clientela.feed.endpoint import Feed
from clientela.log_facade.logs import LogDb
from clientela.log_facade.shapes import SHAPES as LOG_SHAPES
from clientela.log_facade.wiring import LatencyLogs
from clientela.server import export
from clientela.server.audit_routes import audit_routes
from clientela.server.facades import Facades
from clientela.server.person_routes import person_routes
from clientela.server.register import Register
from clientela.server.routes import (
    client_routes,
    digest_routes,
    facade_routes,
    one_client_routes,
)
from clientela.server.store import ServerStore
from clientela.server.tables import Submission
from clientela.server.token_routes import SHAPES as TOKEN_SHAPES
from clientela.server.token_routes import token_routes
from clientela.server.upkeep import Upkeep, UpkeepPlan
from clientela.storage.digests import RangeDigests, RegisterDigests
from clientela.storage.register import Page, Row, Tombstone
from clientela.storage.tokens import TokenTable
from clientela.storage.urls import PostgresUrl
from clientela.web import client_docs
from clientela.web.admission import Admission
from clientela.web.app import create_app
from clientela.web.client_handlers import ClientHandlers, History
from clientela.web.direct import Direct
from clientela.web.erased_clients import ErasedClient, erased_routes
from clientela.web.facade_reports import SHAPES as REPORT_SHAPES
from clientela.web.feed_routes import feed_routes
from clientela.web.guards import Rules
from clientela.web.lists import Order
from clientela.web.metrics import Figure
from clientela.web.write_requests import Origin

_log = logging.getLogger(__name__)

LOGGED_AS = "server"  # where an entry of a facade has the facade's name


class ServerClients:
    """The register behind the routes: a ``clientela.web.client_handlers.Clients``."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def address(self, client_id: str) -> str:
        """Give the path of one client."""
        return f"/clients/{client_id}"

    async def read_headers(self, headers: Headers) -> dict[str, str]:
        """Tell at which position the register is read; ``headers`` can demand no more than that."""
        del headers
        await self._register.look()
        position = str(self._register.log.head.position)
        told = {"Cache-Control": "private, no-cache", "Stream-Next-Offset": position}
        return {**told, **self.tip()}

    def tip(self) -> dict[str, str]:
        """Give the register's position with the digest at it: what a replica is compared with."""
        head = self._register.log.head
        return {
            "Clientela-Version": str(head.position),
            "Clientela-Digest": digest.to_hex(head.digest),
        }

    def figures(self) -> dict[str, Figure]:
        """Give the figures that Prometheus is told."""
        head = self._register.log.head
        waiting = self._register.waiting_items
        return {
            "register_version": Figure("Version of the register.", head.position.version),
            "clients": Figure("Clients in the register.", head.clients),
            "writes_waiting": Figure("Writes that wait for their transaction.", waiting),
        }

    async def find(self, client_id: str) -> Row | Tombstone | None:
        """Look one client up."""
        return await self._register.read(lambda tables: tables.client(client_id))

    async def page(self, after: str | None, limit: int, order: Order) -> Page:
        """Give clients in the order of their ids."""
        descending = order == "desc"
        return await self._register.read(
            lambda tables: tables.page(after, limit, descending=descending)
        )

    def digest_now(self) -> bytes:
        """Give the register's digest."""
        return digest.to_bytes(self._register.log.head.digest)

    async def submit(self, writes: Sequence[ParsedWrite], origin: Origin) -> list[Receipt]:
        """Decide writes, in the name of whom they come from.

        Raises ClientelaError ``other-register`` when they are meant for another one.
        """
        self._check_register(origin.register)
        sent = [Submission(write, origin.facade, origin.actor, origin.address) for write in writes]
        return await self._register.submit(sent)

    def _check_register(self, meant: str | None) -> None:
        register = self._register.log.identity
        if meant is not None and meant.lower() != register:
            detail = f"This server keeps the register {register}, the write is for {meant}."
            raise ClientelaError("other-register", detail)

    async def receipt(self, write_id: str) -> Receipt | None:
        """Look a receipt up."""
        stored = await self._register.read(lambda tables: tables.receipt(write_id))
        return stored.receipt if stored else None

    async def history(self, client_id: str) -> History:
        """Give the changes kept of one client."""
        log = self._register.log
        changes = await self._register.read(lambda tables: list(tables.history(client_id)))
        return History(changes, log.beginning, complete=log.beginning.version == 0)


class Server:
    """The authority, ready to be served: ``app`` and ``stop_live_answers``."""

    def __init__(
        self,
        database: Path | PostgresUrl,
        *,
        log_database: LogDb,
        hosts: Collection[str] = (),
        admission: Admission | None = None,
        shared_cache: bool = False,
        upkeep: UpkeepPlan = UpkeepPlan(),  # noqa: B008 - nothing changes it
    ) -> None:
        """Open or create the databases; raises StartupError when that is not possible.

        Without ``admission`` the server is open to everyone who reaches it. ``shared_cache``:
        caches before the server may keep pages of the feed for all who follow.
        """
        self._shared_cache = shared_cache
        store = self._store = open_store(database)
        self._register = Register(store)
        stored = store.tables.facades()
        self._facades = Facades(self._register, lambda: datetime.now(UTC), stored)
        self._logs = LatencyLogs(log_database, facade=LOGGED_AS)
        try:
            self._upkeep = Upkeep(upkeep, database, store.head.register, self._facades.reports)
            self._logs.start()
        except BaseException:
            self._register.release()
            raise
        self._admission = admission
        if admission is not None:
            admission.keep(TokenTable(store.tables.connection).living(time.time()))
        told = {"Clientela-Register": store.head.register}
        rules = Rules(hosts, lambda: told, admission)
        clients = ServerClients(self._register)
        handlers = ClientHandlers(clients)
        self.api = self._create_app(rules, clients, handlers)
        direct = {"/clients": handlers.create, "/clients/writes": handlers.write}
        self.app: ASGIApp = self._logs.wrap(Direct(Unwinding(self.api), direct, rules=rules))

    def stop_live_answers(self) -> None:
        """End what waits for changes, so that the process can stop."""
        self._register.log.tail.close()
        self._logs.stop_live_answers()

    def close(self) -> None:
        """Close the databases; the end of serving does so by itself."""
        self._register.release()
        self._logs.close()

    def _create_app(
        self, rules: Rules, clients: ServerClients, handlers: ClientHandlers
    ) -> FastAPI:
        register = self._register
        app = create_app(
            title="Clientela server",
            summary="The one register of clients that every facade is kept in step with.",
            shapes=(
                *client_docs.SHAPES,
                RegisterDigests,
                RangeDigests,
                *REPORT_SHAPES,
                *TOKEN_SHAPES,
                *export.SHAPES,
                ErasedClient,
                *LOG_SHAPES,
            ),
            check_ready=self._check_ready,
            lifespan=self._lifespan,
            rules=rules,
        )
        look = register.look if register.shared else None
        feed = Feed(
            lambda: register.log, told=clients.tip, shared_cache=self._shared_cache, look=look
        )
        app.include_router(client_routes(handlers))
        app.include_router(feed_routes("/clients/changes", feed, client_docs.CHANGES))
        app.include_router(erased_routes("/clients/erasures", register.erasures))
        app.include_router(digest_routes(self._store.open_scan))
        app.include_router(one_client_routes(handlers))
        app.include_router(facade_routes(self._facades, clients.tip))
        app.include_router(person_routes(register, self._facades))
        app.include_router(audit_routes(register))
        app.include_router(token_routes(register, self._read_tokens))
        app.include_router(
            self._logs.exports.routes(lambda: {**clients.figures(), **self._upkeep.figures()})
        )
        app.include_router(self._logs.router)
        return app

    async def _read_tokens(self) -> None:
        if self._admission is not None:
            self._admission.keep(await self._register.living_tokens(time.time()))

    async def _read_tokens_for_ever(self) -> None:
        """Hear of what ``clientela token`` writes beside this process, and of what expires."""
        while self._admission is not None:
            await asyncio.sleep(limits.TOKENS_READ_S)
            try:
                await self._read_tokens()
            except Exception:  # noqa: BLE001 - whatever it was, the next look may go well
                _log.exception("The tokens could not be read: those known before hold")

    async def _check_ready(self) -> None:
        if self._register.log.tail.closing:
            raise ClientelaError("not-ready", "The server is stopping.")
        try:
            await self._register.look()
        except ClientelaError as error:
            raise ClientelaError("not-ready", error.detail) from error

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        writer = asyncio.create_task(self._register.run())
        beside = [
            asyncio.create_task(_prune_for_ever(self._register)),
            asyncio.create_task(self._logs.exports.loop_lag.run()),
            asyncio.create_task(self._facades.store_for_ever()),
            asyncio.create_task(self._read_tokens_for_ever()),
            *map(asyncio.create_task, self._upkeep.loops()),
            asyncio.create_task(self._register.empty_journal_for_ever()),
        ]
        if self._register.shared:
            beside.append(asyncio.create_task(self._register.hear_others()))
        yield
        for task in beside:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        with contextlib.suppress(ClientelaError):  # the disk is full: they report again
            await self._facades.store()
        self._register.close()
        await writer
        await asyncio.to_thread(self.close)


def open_store(database: Path | PostgresUrl) -> ServerStore:
    """Open or create a register; raises StartupError when that is not possible."""
    made: Any = {
        "now": lambda: datetime.now(UTC),
        "new_register": lambda: str(uuid_utils.uuid7()),
    }
    if isinstance(database, Path):
        return ServerStore(database, **made)
    # A register in a file starts without what only PostgreSQL needs.
    from clientela.server.postgres_store import PostgresStore  # noqa: PLC0415

    return PostgresStore(database, **made)


async def _prune_for_ever(register: Register) -> None:
    while True:
        try:
            while True:
                if not await register.prune(datetime.now(UTC)):
                    break
        except ClientelaError as error:
            _log.warning("Old changes could not be dropped: %s", error)
        await asyncio.sleep(limits.PRUNE_INTERVAL_S)
