"""While a replica is copied anew, reads go on to show what was written here."""

import asyncio
import uuid

import msgspec
import pytest

from clientela import limits
from clientela.client_facade.lost import LostChanges
from clientela.client_facade.outbox import Outbox
from clientela.client_facade.replica import Replica
from clientela.client_facade.tables import APPLICATION, MIGRATIONS
from clientela.client_facade.writer import Page, ReplicaWriter
from clientela.clients.model import Client
from clientela.clients.writes import ParsedWrite, Receipt, Write
from clientela.feed.position import Position
from clientela.storage.database import open_database
from clientela.storage.erasures import Erasure

REGISTER = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
FIRST, LAST = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"


def row(key: str, name: str, version: int) -> bytes:
    return msgspec.json.encode(Client(id=key, name=name, version=str(Position(1, version))))


@pytest.fixture
def facade(tmp_path):
    """A writer with its outbox, whose replica holds two clients at version 2."""
    path = tmp_path / "clients.db"
    connection = open_database(path, application=APPLICATION, migrations=MIGRATIONS)
    outbox = Outbox(connection, facade="matriz", now_ms=lambda: 0)
    writer = ReplicaWriter(connection, outbox, LostChanges(connection, outbox, lambda: 0))
    rows = [row(FIRST, "Ana", 1), row(LAST, "Bia", 2)]
    writer.take_page(Page(REGISTER, rows, Position(1, 2), last=True))
    yield writer, outbox
    connection.close()


def name_shown(outbox: Outbox) -> str:
    return msgspec.json.decode(outbox.view.client(LAST).value)["name"]


def test_a_write_stays_shown_until_the_page_with_its_client_is_here(facade):
    writer, outbox = facade
    key = str(uuid.uuid4())
    names = {"set": {"name": "Eva"}, "was": {"name": "Bia"}}
    edit = Write(write_id=key, operation="update", client_id=LAST, **names)
    outbox.take_in([ParsedWrite(edit, ())])
    accepted = Receipt(key, LAST, "update", "accepted", version=str(Position(1, 3)))

    writer.take_page(Page(REGISTER, [row(FIRST, "Ana", 1)], Position(1, 9), last=False))
    outbox.settle([accepted])

    assert name_shown(outbox) == "Eva"

    writer.take_page(Page(REGISTER, [row(LAST, "Lia", 8)], Position(1, 9), last=True))
    outbox.settle([accepted])

    assert name_shown(outbox) == "Lia"
    assert outbox.open == 0


def test_an_insert_that_waits_never_covers_its_own_client_as_others_changed_it(facade):
    writer, outbox = facade
    fields = dict.fromkeys(("name", "email", "phone", "document", "notes"))
    key, new = str(uuid.uuid4()), str(uuid.uuid4())
    insert = Write(
        write_id=key, operation="insert", client_id=new, set={**fields, "name": "Ana"}, was={}
    )
    accepted = Receipt(key, new, "insert", "accepted", version=str(Position(1, 3)))
    outbox.keep_accepted([ParsedWrite(insert, ())], [accepted])

    rows = sorted([row(FIRST, "Ana", 1), row(LAST, "Bia", 2), row(new, "Eva", 5)])
    writer.take_page(Page(REGISTER, rows, Position(1, 9), last=True))

    shown = msgspec.json.decode(outbox.view.client(new).value)
    assert (shown["name"], shown["version"]) == ("Eva", str(Position(1, 5)))


async def test_a_first_copy_of_a_single_page_is_indexed_though_nothing_follows_it(tmp_path):
    replica = Replica(tmp_path / "clients.db", facade="matriz", now_ms=lambda: 0)
    count = limits.SEARCH_INDEXED_AT_ONCE_ITEMS_MAX + 1
    rows = [row(str(uuid.UUID(int=number)), "Ana", number) for number in range(1, count + 1)]
    await replica.take_page(Page(REGISTER, rows, Position(1, count), last=True))

    await asyncio.wait_for(replica.index_some(), timeout=10)

    assert replica.searchable
    replica.close()


async def test_the_file_is_scrubbed_after_the_row_of_who_was_erased_went_last(tmp_path):
    path = tmp_path / "clients.db"
    replica = Replica(path, facade="matriz", now_ms=lambda: 0)
    rows = [row(FIRST, "Ana", 1), row(LAST, "Qxcanario", 2)]
    await replica.take_page(Page(REGISTER, rows, Position(1, 2), last=True))
    await replica.take_erasures([Erasure(LAST, str(Position(1, 3)))])
    async with asyncio.timeout(10):
        await _scrubbed(replica)

        await replica.take_page(Page(REGISTER, rows[:1], Position(1, 9), last=True))
        await _scrubbed(replica)

    replica.close()
    assert b"qxcanario" not in path.read_bytes().lower()


async def test_the_file_is_scrubbed_after_a_repair_took_the_row_of_who_was_erased(tmp_path):
    path = tmp_path / "clients.db"
    replica = Replica(path, facade="matriz", now_ms=lambda: 0)
    rows = [row(FIRST, "Ana", 1), row(LAST, "Qxcanario", 2)]
    await replica.take_page(Page(REGISTER, rows, Position(1, 2), last=True))
    await replica.take_erasures([Erasure(LAST, str(Position(1, 3)))])
    async with asyncio.timeout(10):
        await _scrubbed(replica)

        await replica.mend(LAST, None, Position(1, 3))
        await _scrubbed(replica)

    replica.close()
    assert b"qxcanario" not in path.read_bytes().lower()


async def _scrubbed(replica: Replica) -> None:
    await replica.scrub_some()
    while replica._scrubbing.due.is_set():
        await replica.scrub_some()
