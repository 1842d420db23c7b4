"""How old a facade says it is, while it follows."""

import asyncio
import contextlib
import uuid
from types import SimpleNamespace

import msgspec
import pytest

from clientela.client_facade.replica import Replica
from clientela.client_facade.sse import Event
from clientela.client_facade.sync import Sync
from clientela.client_facade.upstream import Answer, Tip
from clientela.client_facade.writer import Page
from clientela.clients import digest
from clientela.clients.changes import ChangeHeaders, encode_change
from clientela.feed.position import Position

REGISTER = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"


class Upstream:
    """A feed that stops after some changes, and goes on when it is told to."""

    def __init__(self) -> None:
        self.register = None
        self.server = "http://server"
        self.go_on = asyncio.Event()
        changes, total = [], 0
        for version in (1, 2):
            key, position = str(uuid.uuid4()), str(Position(1, version))
            value = msgspec.json.encode({"id": key, "name": "Ana", "version": position})
            total = digest.add(total, digest.row_digest(key, position, value))
            headers = ChangeHeaders("insert", position, digest.to_hex(total), "", key)
            changes.append(encode_change(key, headers, value))
        self.first, self.second = changes
        self.total = total

    async def poll(self, _query):
        return Answer(200, {"Stream-Next-Offset": str(Position(1, 2))}, b"")

    async def stream(self, _start):
        yield Tip(REGISTER, Position(1, 2), self.total)
        yield Event("data", b"[" + self.first + b"]")
        await self.go_on.wait()
        yield Event("data", b"[" + self.second + b"]")
        control = {"streamNextOffset": str(Position(1, 2)), "upToDate": True}
        yield Event("control", msgspec.json.encode(control))
        await asyncio.Event().wait()


@pytest.fixture
def replica(tmp_path):
    made = Replica(tmp_path / "clients.db", facade="matriz", now_ms=lambda: 0)
    yield made
    made.close()


async def _until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the loop has nothing else to wait for
            await asyncio.sleep(0)


async def test_a_facade_that_catches_up_is_not_fresh_before_it_has_all(replica):
    await replica.take_page(Page(REGISTER, [], Position(1, 0), last=True))
    upstream = Upstream()
    agreement = SimpleNamespace(
        state="agreed", copy_is_due=False, begin_to_follow=lambda _: None, compare=lambda *_: None
    )
    sync = Sync(replica, upstream, lambda: 7.0, lambda: None, agreement)
    task = asyncio.create_task(sync.run())

    await _until(lambda: replica.head.position.version == 1)
    assert (sync.age_s, sync.state) == (None, "syncing")

    upstream.go_on.set()
    await _until(lambda: sync.state == "live")
    assert sync.age_s == 0

    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
