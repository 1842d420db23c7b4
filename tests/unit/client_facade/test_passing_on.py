"""A write that the server has decided is not decided again here before reads show it."""

import asyncio
import uuid

import pytest

from clientela.client_facade.clients import FacadeClients
from clientela.client_facade.doubts import Doubts
from clientela.client_facade.upstream import UpstreamError
from clientela.clients.writes import ParsedWrite, Receipt, Write
from clientela.errors import ClientelaError
from clientela.web.write_requests import Origin

KEY = str(uuid.uuid4())
WRITE = ParsedWrite(Write(write_id=KEY, operation="update", client_id=KEY, set={}, was={}), ())
ANOTHER = ParsedWrite(
    Write(write_id=str(uuid.uuid4()), operation="delete", client_id=KEY, set={}, was={}), ()
)
ACCEPTED = Receipt(KEY, KEY, "update", "accepted", version=f"{1:010d}_{1:020d}")


class Replica:
    """Holds nothing yet of what the server accepted."""

    readable, pending = True, 0

    def __init__(self):
        self.doubtful = []

    async def shows(self, _position):
        await asyncio.sleep(0.01)
        return False  # the feed stalls

    async def keep_accepted(self, _writes, _receipts):
        pass

    async def take_in(self, _writes, *, actor=None, perhaps_decided=False):
        del actor
        self.doubtful.append(perhaps_decided)
        return []


class Upstream:
    async def write(self, _writes, _actor):
        return [ACCEPTED]


class Other:
    silent = False

    def wake(self):
        pass


@pytest.mark.parametrize("again", [True, False])
async def test_a_write_asked_for_again_meanwhile_is_kept_in_doubt(again):
    replica, other = Replica(), Other()
    doubts = Doubts(restarted=False, in_step=lambda: True, clock=lambda: 0.0)
    clients = FacadeClients(replica, other, Upstream(), other, other, doubts)
    first = asyncio.create_task(clients.submit([WRITE], Origin()))
    await asyncio.sleep(0.001)

    replica.pending = 1
    await clients.submit([WRITE if again else ANOTHER], Origin())

    assert replica.doubtful == [again]
    await first


async def test_a_verdict_that_reads_here_cant_show_is_not_told_before_they_can():
    class Full(Replica):
        async def keep_accepted(self, _writes, _receipts):
            raise ClientelaError("disk-full", "The disk is full: nothing was written.")

    other, replica = Other(), Full()
    doubts = Doubts(restarted=False, in_step=lambda: True, clock=lambda: 0.0)
    clients = FacadeClients(replica, other, Upstream(), other, other, doubts)

    with pytest.raises(ClientelaError) as told:
        await clients.submit([WRITE], Origin())
    assert told.value.code == "disk-full"
    assert "same write_id" in told.value.detail

    async def shows(_position):
        return True

    replica.shows = shows
    assert await clients.submit([WRITE], Origin()) == [ACCEPTED]


async def test_a_shared_request_that_is_cut_off_is_kept_for_each_caller_in_the_order_of_arrival():
    class Cut(Upstream):
        def __init__(self):
            self.sent, self.go_on = [], asyncio.Event()

        async def write(self, writes, _actor):
            self.sent.append([write.write_id for write in writes])
            await self.go_on.wait()
            if len(self.sent) > 1:
                raise UpstreamError("the answer was cut off")
            return [ACCEPTED]

    class Keeping(Replica):
        def __init__(self):
            super().__init__()
            self.kept = []

        async def shows(self, _position):
            return True

        async def take_in(self, writes, *, actor=None, perhaps_decided=False):
            self.kept += [write.write.write_id for write in writes]
            return await super().take_in(writes, actor=actor, perhaps_decided=perhaps_decided)

    other, replica, line = Other(), Keeping(), Cut()
    doubts = Doubts(restarted=False, in_step=lambda: True, clock=lambda: 0.0)
    clients = FacadeClients(replica, other, line, other, other, doubts)
    keys = [str(uuid.uuid4()) for _ in range(5)]
    writes = [
        ParsedWrite(Write(write_id=key, operation="delete", client_id=KEY, set={}, was={}), ())
        for key in keys
    ]
    first = asyncio.create_task(clients.submit([WRITE], Origin()))
    await asyncio.sleep(0.001)
    sent = [writes[:2], writes[2:3], writes[3:]]
    tasks = [asyncio.create_task(clients.submit(part, Origin())) for part in sent]
    await asyncio.sleep(0.001)
    line.go_on.set()

    assert await first == [ACCEPTED]
    await asyncio.gather(*tasks)
    assert line.sent == [[KEY], keys]
    assert replica.kept == keys
    assert replica.doubtful == [True] * 3  # the server may have decided them
