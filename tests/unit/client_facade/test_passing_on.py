"""A write that the server has decided is not decided again here before reads show it."""

import asyncio
import uuid

import pytest
from starlette.datastructures import Headers

from clientela.client_facade.clients import FacadeClients
from clientela.client_facade.doubts import Doubts
from clientela.clients.writes import ParsedWrite, Receipt, Write
from clientela.errors import ClientelaError

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

    async def take_in(self, _writes, *, perhaps_decided=False):
        self.doubtful.append(perhaps_decided)
        return []


class Upstream:
    async def write(self, _writes):
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
    first = asyncio.create_task(clients.submit([WRITE], Headers()))
    await asyncio.sleep(0.001)

    replica.pending = 1
    await clients.submit([WRITE if again else ANOTHER], Headers())

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
        await clients.submit([WRITE], Headers())
    assert told.value.code == "disk-full"
    assert "same write_id" in told.value.detail

    async def shows(_position):
        return True

    replica.shows = shows
    assert await clients.submit([WRITE], Headers()) == [ACCEPTED]
