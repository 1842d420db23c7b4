"""People at work at every facade: they insert, edit, delete, hand documents over, and look."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

import uuid_utils

from clientela.cli.torture.history import Asked, Operation
from clientela.cli.torture.people import People
from clientela.cli.torture.talk import Talk

_FIELDS = ("name", "email", "phone", "document", "notes")
_EDITED = ("name", "email", "phone", "notes")
_HOT_CLIENTS = 25  # most work is on few clients, so that branches meet
_GIVES_UP = 0.1  # the share of lost answers that nobody asks for again
_Work = Callable[[int], Awaitable[None]]


class Workload:
    """Open-loop work: what is slow does not make less of it come. ``rate`` is writes per second."""

    def __init__(self, talk: Talk, facades: int, rate: float, chance: random.Random) -> None:
        self._talk = talk
        self._facades = facades
        self._rate = rate
        self._chance = chance
        self._people = People(chance)
        self._clients: list[str] = []
        self._working: set[asyncio.Task[None]] = set()
        self._retry_until_s = float("inf")
        self._broken: BaseException | None = None
        self._kinds: list[tuple[_Work, float]] = [
            (self._insert, 0.28),
            (self._edit, 0.42),
            (self._delete, 0.06),
            (self._hand_over, 0.12),
            (self._look, 0.12),
        ]

    async def run(self, seconds: float) -> None:
        """Work for so long."""
        ends = time.monotonic() + seconds
        works, weights = [list(column) for column in zip(*self._kinds, strict=True)]
        while time.monotonic() < ends:
            await asyncio.sleep(self._chance.expovariate(self._rate))
            facade = self._chance.randrange(self._facades)
            (work,) = self._chance.choices(works, weights)
            self._begin(work(facade))

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._working.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._working.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._broken = self._broken or task.exception()

    async def finish(self, seconds: float) -> None:
        """Let people finish what they have begun; who is not ready then, gives up.

        Raises what any of their tasks raised: a fault of this very file.
        """
        self._retry_until_s = time.monotonic() + seconds / 2
        if self._working:
            _, late = await asyncio.wait(self._working, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._broken is not None:
            raise self._broken

    def _some_client(self) -> str | None:
        if not self._clients:
            return None
        hot = self._clients[-_HOT_CLIENTS:]
        return self._chance.choice(hot if self._chance.random() < 0.7 else self._clients)  # noqa: PLR2004

    def _plain(self) -> bool:
        return self._chance.random() < 0.5  # noqa: PLR2004

    def _ask(
        self,
        facade: int,
        operation: Operation,
        client_id: str,
        values: dict[str, str | None],
        was: dict[str, str | None] | None = None,
    ) -> Asked:
        write_id = str(uuid_utils.uuid7())
        asked = Asked(write_id, facade, operation, client_id, values, was)
        return self._talk.history.ask(asked)

    async def _send(self, writes: Sequence[Asked], *, plain: bool = False) -> None:
        """Send until a verdict comes, or nobody cares any more; then look at what it did."""
        while not await self._talk.send(writes, plain=plain):
            if self._chance.random() < _GIVES_UP or time.monotonic() > self._retry_until_s:
                return
            await asyncio.sleep(self._chance.uniform(0.1, 3))
        if self._chance.random() < 0.6:  # noqa: PLR2004
            await self._talk.read(writes[0].facade, writes[0].client_id)

    async def _shown(self, facade: int) -> dict[str, Any] | None:
        """Read some client, as a form is loaded."""
        client_id = self._some_client()
        if client_id is None:
            await self._insert(facade)
            return None
        seen = await self._talk.read(facade, client_id)
        return seen.client if seen and seen.status == HTTPStatus.OK else None

    async def _insert(self, facade: int) -> None:
        fields = self._people.fields()
        client_id = str(uuid_utils.uuid7())
        write = self._ask(facade, "insert", client_id, fields, {})
        self._clients.append(client_id)
        await self._send([write], plain=self._plain())

    async def _edit(self, facade: int) -> None:
        client = await self._shown(facade)
        if client is None:
            return
        names = self._chance.sample(_EDITED, self._chance.choice((1, 1, 1, 2)))
        values: dict[str, str | None] = {name: self._people.field(name) for name in names}
        if self._plain():
            await self._send([self._ask(facade, "update", client["id"], values)], plain=True)
            return
        await asyncio.sleep(self._chance.uniform(0, 2))  # the form is open
        was = {name: client[name] for name in names}
        await self._send([self._ask(facade, "update", client["id"], values, was)])

    async def _delete(self, facade: int) -> None:
        client = await self._shown(facade)
        if client is None:
            return
        if self._plain():
            await self._send([self._ask(facade, "delete", client["id"], {})], plain=True)
            return
        was = {name: client[name] for name in _FIELDS}
        await self._send([self._ask(facade, "delete", client["id"], {}, was)])

    async def _hand_over(self, facade: int) -> None:
        """Take a document from one client and give it to another, at once or in two steps."""
        giver, taker = await self._shown(facade), await self._shown(facade)
        if not giver or not taker or giver["id"] == taker["id"] or giver["document"] is None:
            return
        document = giver["document"]
        give = self._ask(facade, "update", giver["id"], {"document": None}, {"document": document})
        was = {"document": taker["document"]}
        take = self._ask(facade, "update", taker["id"], {"document": document}, was)
        if self._plain():
            await self._send([give, take])
            return
        await self._send([give])
        await self._send([take])

    async def _look(self, facade: int) -> None:
        query = self._chance.choice(("limit=20", "q=name&limit=10", "limit=20&order=desc"))
        await self._talk.read(facade, None, query)
        client_id = self._some_client()
        if client_id is not None:
            await self._talk.read(facade, client_id)
