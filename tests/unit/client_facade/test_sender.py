"""The loop that sends the outbox goes on, whatever happens to it."""

import asyncio
from datetime import UTC, datetime

import pytest

from clientela.client_facade.outbox_tables import Entry
from clientela.client_facade.sender import Sender
from clientela.client_facade.upstream import UpstreamError
from clientela.clients.writes import Receipt, Write
from clientela.errors import ClientelaError

WRITE = Write(write_id="w", operation="update", client_id="c", set={"name": "Ana"}, was={})
PENDING = Receipt("w", "c", "update", "pending")
ACCEPTED = Receipt("w", "c", "update", "accepted", version="v")


class Outbox:
    def __init__(self):
        self.entries = [Entry(1, "pending", WRITE, PENDING, 0, 0, None)]

    def in_state(self, _state, limit):
        return self.entries[:limit]


class Replica:
    """One pending write on a disk that fails as often as it is told to."""

    def __init__(self, failures):
        self.outbox = Outbox()
        self.failures = failures
        self.settled = asyncio.Event()

    async def tried(self, _error, _count):
        if self.failures:
            raise self.failures.pop()

    async def settle(self, receipts):
        if self.failures:
            raise self.failures.pop()
        assert receipts == [ACCEPTED]
        self.outbox.entries = []
        self.settled.set()


class Upstream:
    def __init__(self, errors):
        self.errors = errors

    async def write(self, _writes, _actor):
        if self.errors:
            raise self.errors.pop()
        return [ACCEPTED]


@pytest.mark.parametrize(
    ("failures", "errors"),
    [
        ([ClientelaError("disk-full", "")], [UpstreamError("away")]),
        ([RuntimeError("what nobody thought of")], [UpstreamError("away")]),
        ([ClientelaError("disk-full", ""), ClientelaError("disk-full", "")], []),
        ([], [ValueError("what nobody thought of")]),
    ],
    ids=["the attempt can't be noted", "unforeseen there", "verdicts can't be kept", "upstream"],
)
async def test_no_fault_ends_the_sending(failures, errors):
    replica = Replica(failures)
    loop = asyncio.create_task(Sender(replica, Upstream(errors), lambda: datetime.now(UTC)).run())

    async with asyncio.timeout(30):
        await replica.settled.wait()

    loop.cancel()
    assert replica.outbox.entries == []


async def test_a_request_names_the_one_person_who_wrote_all_of_it():
    sent = []

    class Line(Upstream):
        async def write(self, writes, actor):
            sent.append((actor, len(writes)))
            return await super().write(writes, actor)

    class Waiting(Replica):
        async def settle(self, receipts):
            del self.outbox.entries[: sent[-1][1]]
            if not self.outbox.entries:
                self.settled.set()
            assert receipts

    replica = Waiting([])
    actors = ["ana", "ana", "bia", None, "ana"]
    replica.outbox.entries = [
        Entry(
            seq, "pending", WRITE, Receipt("w", "c", "update", "pending", actor=actor), 0, 0, None
        )
        for seq, actor in enumerate(actors)
    ]
    loop = asyncio.create_task(Sender(replica, Line([]), lambda: datetime.now(UTC)).run())

    async with asyncio.timeout(10):
        await replica.settled.wait()

    loop.cancel()
    assert sent == [("ana", 2), ("bia", 1), (None, 1), ("ana", 1)]
