"""The server: its real store, register, handlers and feed. Its routing alone is rewritten."""

import asyncio
import random
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from clientela.errors import ClientelaError
from clientela.feed.endpoint import Feed
from clientela.server.app import ServerClients
from clientela.server.register import Register
from clientela.server.store import ServerStore
from clientela.storage.digests import digests_of, rows_of
from clientela.web.client_handlers import ClientHandlers
from clientela.web.problems import problem
from simulation.disk import Disk
from simulation.loop import SimulatedLoop, Tasks, WallClock, Worker
from simulation.network import Exchange

REGISTER = "0198c5a2-0000-7000-8000-000000000001"


class ServerNode:
    """A process that can be killed; ``on_commit`` and ``on_receipts`` see what it does."""

    def __init__(
        self,
        loop: SimulatedLoop,
        chance: random.Random,
        disk: Disk,
        on_commit: Callable[[], None],
        on_receipts: Callable[[bytes], None],
    ) -> None:
        self._loop = loop
        self._chance = chance
        self._disk = disk
        self._on_commit = on_commit
        self._on_receipts = on_receipts
        self.clock = WallClock(loop)
        self.up = False

    def start(self) -> None:
        self._tasks = Tasks(self._loop)
        self._exchanges: dict[Exchange, None] = {}
        self._worker = Worker(self._loop, self._chance)
        self.store = ServerStore(self._disk.path, now=self.clock.now, new_register=lambda: REGISTER)
        self._disk.watch(self.store._connection, self._on_commit)
        self.register = Register(self.store)
        self.register._thread = self._worker
        self._clients = ServerClients(self.register)
        self._handlers = ClientHandlers(self._clients)
        self._feed = Feed(lambda: self.register.log, told=self._clients.tip)
        self._tasks.begin(self.register.run())
        self.up = True

    def die(self, *, power: bool) -> None:
        """Be killed; ``power``: with the machine."""
        self.up = False
        self._worker.alive = False
        if power:
            self._disk.lose_power(self._chance)
        for exchange in list(self._exchanges):
            exchange.break_off()
        self._tasks.kill()
        self.store.close()

    @property
    def announced(self) -> int:
        """Give the version that others may have heard of; 0 while there is nobody to say it."""
        return self.register.log.tail.position.version if self.up else 0

    def prune(self, kept_items: int) -> None:
        """Drop what is beyond retention, with the real statement."""
        up_to = self.register.log.head.position.version - kept_items
        if up_to <= self.register.log.head.beginning:
            return

        async def work() -> None:
            _, head = await asyncio.get_running_loop().run_in_executor(
                self._worker,
                lambda: self.store.prune(up_to=up_to, older_than_s=1 << 40, limit=1 << 20),
            )
            self.register.log.advance(head)

        self._tasks.begin(work())

    def serve(self, exchange: Exchange) -> None:
        """Answer a request that has arrived."""
        self._exchanges[exchange] = None
        exchange.serving = self._tasks.begin(self._serve(exchange))

    async def _serve(self, exchange: Exchange) -> None:
        try:
            response = await self._answer(exchange)
            streamed = getattr(response, "body_iterator", None)
            told = {**response.headers, "clientela-register": self.register.log.identity}
            exchange.answer(response.status_code, Headers(told), streaming=streamed is not None)
            if streamed is None:
                exchange.send(response.body)
            else:
                async for chunk in streamed:
                    exchange.send(chunk)
            exchange.end()
        finally:
            self._exchanges.pop(exchange, None)

    async def _answer(self, exchange: Exchange) -> Response:
        url = urlsplit(exchange.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            return await self._route(exchange.method, url.path, query, _request(exchange))
        except ClientelaError as error:
            return problem(error, url.path)

    async def _route(self, method: str, path: str, query: dict, request: Request) -> Response:  # noqa: PLR0911 - a route a line
        match method, path.strip("/").split("/"):
            case "GET", ["clients"]:
                limit = int(query["limit"])
                return await self._handlers.list(request, limit, query.get("cursor"), "asc")
            case "POST", ["clients", "writes"]:
                response = await self._handlers.write(request)
                self._on_receipts(response.body)
                return response
            case "GET", ["clients", "writes", write_id]:
                return await self._handlers.receipt(write_id)
            case _, ["clients", "changes"]:
                return await self._feed.answer(request)
            case "GET", ["clients", "digests"]:
                return _encoded(await asyncio.to_thread(digests_of, self.store.open_scan))
            case "GET", ["clients", "digests", "rows"]:
                edges = query.get("after"), query.get("last")
                return _encoded(await asyncio.to_thread(rows_of, self.store.open_scan, *edges))
            case "GET", ["clients", client_id]:
                return await self._handlers.read(request, client_id)
        raise AssertionError(f"no route for {method} {path}")


def _encoded(found: object) -> Response:
    return Response(msgspec.json.encode(found), media_type="application/json")


def _request(exchange: Exchange) -> Request:
    url = urlsplit(exchange.path)
    headers = [(k.lower().encode(), v.encode()) for k, v in exchange.sent_headers.items()]
    scope = {
        "type": "http",
        "method": exchange.method,
        "scheme": "http",
        "server": ("server", 80),
        "root_path": "",
        "path": url.path,
        "query_string": url.query.encode(),
        "headers": headers,
    }

    async def receive() -> dict:
        return {"type": "http.request", "body": exchange.body, "more_body": False}

    return Request(scope, receive)
