"""Concurrent writes share transactions; each caller gets the receipts of its own writes."""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from clientela import limits
from clientela.clients.writes import parse_write
from clientela.errors import ClientelaError
from clientela.server.register import Register
from clientela.server.store import ServerStore
from clientela.server.tables import Submission

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CALLERS = 50


class CountingStore:
    """A store that notes the size of each transaction, and waits in the first until told."""

    def __init__(self, store: ServerStore) -> None:
        self._store = store
        self.sizes: list[int] = []
        self.began = threading.Event()
        self.go_on = threading.Event()
        self.fail_with: list[Exception] = []

    def __getattr__(self, name):
        return getattr(self._store, name)

    def commit(self, group):
        self.sizes.append(len(group))
        self.began.set()
        assert self.go_on.wait(10)
        if self.fail_with:
            raise self.fail_with.pop()
        return self._store.commit(group)

    def close(self) -> None:
        self._store.close()


@pytest.fixture
def store(tmp_path) -> CountingStore:
    register = str(uuid.uuid4())
    path = tmp_path / "register.db"
    return CountingStore(ServerStore(path, now=lambda: NOW, new_register=lambda: register))


@asynccontextmanager
async def _running(store: CountingStore) -> AsyncIterator[Register]:
    register = Register(store)
    running = asyncio.create_task(register.run())
    try:
        yield register
    finally:
        store.go_on.set()
        register.close()
        await running
        register.release()


def _insert(name: str, **fields) -> Submission:
    raw = {
        "write_id": str(uuid.uuid4()),
        "operation": "insert",
        "client_id": str(uuid.uuid4()),
        "set": {"name": name, **fields},
    }
    return Submission(parse_write(raw))


async def _until_held_up(store: CountingStore) -> None:
    assert await asyncio.to_thread(store.began.wait, 5)


async def test_what_arrives_during_a_commit_shares_the_next_and_each_gets_its_own(store):
    sent = [[_insert(f"{caller}.{n}") for n in range(caller % 3 + 1)] for caller in range(CALLERS)]
    async with _running(store) as register:
        first = asyncio.create_task(register.submit([_insert("first")]))
        await _until_held_up(store)
        others = [asyncio.create_task(register.submit(submissions)) for submissions in sent]
        await asyncio.sleep(0)
        store.go_on.set()
        receipts = await asyncio.gather(*others)
        await first

        head = register.log.head

    assert store.sizes == [1, sum(map(len, sent))]
    for submissions, received in zip(sent, receipts, strict=True):
        ids = [submission.parsed.write.write_id for submission in submissions]
        assert [receipt.write_id for receipt in received] == ids
        assert {receipt.outcome for receipt in received} == {"accepted"}
    assert head.clients == head.position.version == sum(store.sizes)


async def test_one_refused_write_refuses_no_other_of_its_group(store):
    async with _running(store) as register:
        store.go_on.set()
        good, twin, bad = await asyncio.gather(
            register.submit([_insert("Ana", document="529.982.247-25")]),
            register.submit([_insert("Bia", document="52998224725")]),
            register.submit([_insert("")]),
        )

    assert store.sizes == [3]
    assert good[0].outcome == "accepted"
    assert twin[0].reason.code == "duplicate-document"
    assert twin[0].reason.holder == good[0].client_id
    assert bad[0].reason.code == "invalid"


async def test_a_caller_that_leaves_loses_nobody_their_receipt(store):
    sent = [[_insert(f"{caller}")] for caller in range(CALLERS)]
    async with _running(store) as register:
        first = asyncio.create_task(register.submit([_insert("first")]))
        await _until_held_up(store)
        others = [asyncio.create_task(register.submit(submissions)) for submissions in sent]
        await asyncio.sleep(0)
        for left in (first, others[0], others[-1]):
            left.cancel()
        store.go_on.set()
        receipts = await asyncio.gather(*others, return_exceptions=True)
        written = register.log.head.clients
        again = await register.submit(sent[0])

    assert isinstance(receipts[0], asyncio.CancelledError)
    assert [one[0].outcome for one in receipts[1:-1]] == ["accepted"] * (CALLERS - 2)
    assert written == CALLERS + 1  # what was sent was decided, though nobody heard of it
    assert again[0].outcome == "accepted"
    assert again[0].client_id == sent[0][0].parsed.write.client_id


async def test_a_group_that_fails_is_told_to_all_its_callers_and_the_next_one_goes_on(store):
    store.fail_with.append(ClientelaError("disk-full", "No room."))
    store.go_on.set()
    sent = [[_insert("Ana")], [_insert("Bia")]]
    async with _running(store) as register:
        failed = await asyncio.gather(*map(register.submit, sent), return_exceptions=True)
        nothing = register.log.head.clients
        again = await asyncio.gather(*map(register.submit, sent))

    assert [error.code for error in failed] == ["disk-full", "disk-full"]
    assert nothing == 0
    assert [one[0].outcome for one in again] == ["accepted", "accepted"]


async def test_a_transaction_has_a_bound_but_no_request_is_split(store, monkeypatch):
    monkeypatch.setattr(limits, "WRITE_GROUP_ITEMS_MAX", 10)
    async with _running(store) as register:
        first = asyncio.create_task(register.submit([_insert("first")]))
        await _until_held_up(store)
        sizes = [4, 4, 4, 25, 9, 1]
        others = [
            asyncio.create_task(register.submit([_insert(f"{n}") for n in range(size)]))
            for size in sizes
        ]
        await asyncio.sleep(0)
        store.go_on.set()
        await asyncio.gather(first, *others)

    assert store.sizes == [1, 8, 4, 25, 10]


async def test_too_many_that_wait_are_told_to_come_again_and_the_queue_empties(store, monkeypatch):
    monkeypatch.setattr(limits, "WRITE_QUEUE_ITEMS_MAX", 3)
    async with _running(store) as register:
        waiting = [asyncio.create_task(register.submit([_insert(f"{n}")])) for n in range(3)]
        await _until_held_up(store)
        with pytest.raises(ClientelaError) as told:
            await register.submit([_insert("one too many")])
        store.go_on.set()
        await asyncio.gather(*waiting)
        later = await register.submit([_insert("later")])

    assert told.value.code == "overloaded"
    assert later[0].outcome == "accepted"


async def test_what_waits_at_the_end_is_still_committed_and_nothing_new_is_taken(store):
    async with _running(store) as register:
        waiting = [asyncio.create_task(register.submit([_insert(f"{n}")])) for n in range(5)]
        await _until_held_up(store)
        register.close()
        with pytest.raises(ClientelaError) as told:
            await register.submit([_insert("late")])
        store.go_on.set()
        receipts = await asyncio.gather(*waiting)

    assert told.value.code == "overloaded"
    assert [one[0].outcome for one in receipts] == ["accepted"] * 5
