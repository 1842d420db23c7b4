"""Writes that arrive while a request is under way share the next one; each caller gets its own."""

import asyncio
import contextvars
import uuid

import pytest

from clientela import limits
from clientela.client_facade.courier import Courier
from clientela.client_facade.upstream import UpstreamError
from clientela.clients.writes import Receipt, Write
from clientela.errors import ClientelaError

CALLER = contextvars.ContextVar("caller", default="nobody")


class Line:
    """A server that answers when it is told to; ``refuse`` gives what it says to some writes."""

    def __init__(self):
        self.requests: list[list[Write]] = []
        self.callers: list[str] = []
        self.actors: list[str | None] = []
        self.go_on = asyncio.Event()
        self.refuse = lambda _writes: None

    async def write(self, writes, actor):
        self.actors.append(actor)
        self.requests.append(list(writes))
        self.callers.append(CALLER.get())
        await self.go_on.wait()
        error = self.refuse(writes)
        if error is not None:
            raise error
        return [Receipt(w.write_id, w.client_id, w.operation, "accepted") for w in writes]

    @property
    def sizes(self):
        return [len(writes) for writes in self.requests]


def _writes(count=1, name="Ana"):
    return [
        Write(
            write_id=str(uuid.uuid4()),
            operation="insert",
            client_id=str(uuid.uuid4()),
            set={"name": name},
            was={},
        )
        for _ in range(count)
    ]


async def _send(courier, sent):
    """Let each caller send its writes in a task of its own, in this order."""
    tasks = [asyncio.create_task(courier.write(writes)) for writes in sent]
    await asyncio.sleep(0.001)
    return tasks


def _ids(writes):
    return [write.write_id for write in writes]


@pytest.fixture
def line():
    return Line()


async def test_a_write_that_finds_nothing_under_way_goes_at_once_and_alone(line):
    courier = Courier(line)
    line.go_on.set()

    for _ in range(3):
        (receipt,) = await courier.write(_writes())
        assert receipt.outcome == "accepted"

    assert line.sizes == [1, 1, 1]


async def test_what_arrives_meanwhile_shares_the_next_request_in_the_order_of_arrival(line):
    courier = Courier(line)
    sent = [_writes(caller % 3 + 1) for caller in range(20)]
    tasks = await _send(courier, sent)
    line.go_on.set()
    receipts = await asyncio.gather(*tasks)

    assert line.sizes == [1, sum(map(len, sent)) - 1]
    together = [write for writes in sent for write in writes]
    assert [write for request in line.requests for write in request] == together
    assert [_ids(received) for received in receipts] == [_ids(writes) for writes in sent]


async def test_a_request_has_a_bound_but_no_callers_writes_are_split(line, monkeypatch):
    monkeypatch.setattr(limits, "WRITES_PER_REQUEST_MAX", 10)
    courier = Courier(line)
    tasks = await _send(courier, [_writes(size) for size in (1, 4, 4, 4, 25, 9, 1)])
    line.go_on.set()
    await asyncio.gather(*tasks)

    assert line.sizes == [1, 8, 4, 25, 10]


async def test_a_request_carries_what_one_person_wrote_in_the_order_of_arrival(line):
    courier = Courier(line)
    actors = ["ana", "ana", "ana", "bia", None, None, "ana"]
    tasks = [asyncio.create_task(courier.write(_writes(), actor)) for actor in actors]
    await asyncio.sleep(0.001)
    line.go_on.set()
    await asyncio.gather(*tasks)

    assert line.actors == ["ana", "ana", "bia", None, "ana"]
    assert line.sizes == [1, 2, 1, 2, 1]


async def test_a_request_has_a_bound_in_bytes_too(line, monkeypatch):
    monkeypatch.setattr(limits, "BATCH_BODY_BYTES_MAX", 2_500)
    courier = Courier(line)
    tasks = await _send(courier, [_writes(name="a" * 1_000) for _ in range(5)])
    line.go_on.set()
    await asyncio.gather(*tasks)

    assert line.sizes == [1, 2, 2]


async def test_an_answer_that_is_cut_off_is_told_to_all_its_callers_and_those_behind(line):
    courier = Courier(line)
    tasks = await _send(courier, [_writes(), _writes(), _writes(2)])
    line.refuse = lambda _writes: UpstreamError("cut off")
    line.go_on.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    line.refuse = lambda _writes: None
    (later,) = await courier.write(_writes())

    assert [error.unsent for error in told] == [False, True, True]
    assert line.sizes == [1, 1]  # those behind were not sent
    assert later.outcome == "accepted"


async def test_all_of_one_request_hear_that_its_answer_was_cut_off(line):
    courier = Courier(line)
    tasks = await _send(courier, [_writes(), _writes(), _writes(2)])
    line.refuse = lambda writes: UpstreamError("cut off") if len(writes) > 1 else None
    line.go_on.set()
    first, *told = await asyncio.gather(*tasks, return_exceptions=True)

    assert first[0].outcome == "accepted"
    assert [error.unsent for error in told] == [False, False]


async def test_what_the_server_cant_take_of_one_caller_is_told_to_that_caller_alone(line):
    courier = Courier(line)
    good, bad, fine = _writes(), _writes(name="?"), _writes(2)
    line.refuse = lambda writes: (
        ClientelaError("malformed", "What is this?")
        if any(write.set["name"] == "?" for write in writes)
        else None
    )
    tasks = await _send(courier, [_writes(), good, bad, fine])
    line.go_on.set()
    _, first, told, last = await asyncio.gather(*tasks, return_exceptions=True)

    assert line.sizes == [1, 4, 1, 1, 2]
    assert (_ids(first), _ids(last)) == (_ids(good), _ids(fine))
    assert told.code == "malformed"


async def test_that_the_server_is_overloaded_is_told_to_all_without_asking_again(line):
    courier = Courier(line)
    line.refuse = lambda _writes: ClientelaError("overloaded", "Too many writes wait.")
    tasks = await _send(courier, [_writes(), _writes(), _writes()])
    line.go_on.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)

    assert [error.code for error in told] == ["overloaded"] * 3
    assert line.sizes == [1, 2]


async def test_a_caller_that_leaves_takes_its_unsent_writes_along_and_nobody_elses(line):
    courier = Courier(line)
    under_way, left, stayed = await _send(courier, [_writes(), _writes(), _writes()])
    under_way.cancel()
    left.cancel()
    await asyncio.sleep(0)
    line.go_on.set()
    (receipt,) = await stayed

    assert line.sizes == [1, 1]
    assert receipt.outcome == "accepted"


async def test_an_error_of_our_own_is_told_and_the_next_request_goes(line):
    courier = Courier(line)
    line.refuse = lambda _writes: KeyError("ours") if len(line.requests) == 1 else None
    tasks = await _send(courier, [_writes(), _writes()])
    line.go_on.set()
    told, receipts = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(told, KeyError)
    assert receipts[0].outcome == "accepted"


async def test_a_request_is_made_in_the_context_of_its_first_caller(line):
    """So that the request carries a trace that belongs to one of its writes, and no other."""
    courier = Courier(line)

    async def caller(name):
        CALLER.set(name)
        await courier.write(_writes())

    tasks = [asyncio.create_task(caller(name)) for name in ("Ana", "Bia", "Caio")]
    await asyncio.sleep(0.001)
    line.go_on.set()
    await asyncio.gather(*tasks)

    assert line.callers == ["Ana", "Bia"]
