"""A log of changes says from which positions it can be followed, over epochs and retention."""

import asyncio
from dataclasses import replace

import apsw
import pytest
from starlette.requests import Request

from clientela.errors import ClientelaError
from clientela.feed.endpoint import Feed
from clientela.feed.position import Position
from clientela.storage import erasures
from clientela.storage.change_log import ChangeLog
from clientela.storage.erasures import Erasure, ErasureTables
from clientela.storage.register import TABLES, Head, RegisterTables

REGISTER = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
CLIENT = "00000000-0000-4000-8000-000000000001"
# Epoch 1 up to version 5, epoch 2 up to 8 (restored from a backup of 5), epoch 4 up to 12.
EPOCHS = {1: 0, 2: 5, 4: 8}
LAST = 12


@pytest.fixture
def tables() -> RegisterTables:
    made = RegisterTables(apsw.Connection(":memory:"))
    made.connection.execute(TABLES + erasures.TABLES)
    for epoch, after in EPOCHS.items():
        made.add_epoch(epoch, after)
    for version in range(1, LAST + 1):
        made.append_change(_at(version), CLIENT, version, b'{"n":%d}' % version)
    return made


def _at(version: int) -> Position:
    return Position(max(e for e, after in EPOCHS.items() if after < max(version, 1)), version)


@pytest.fixture
def log(tables) -> ChangeLog:
    head = Head(REGISTER, _at(LAST), digest=0, clients=1, beginning=0)
    tables.set_head(head)
    return ChangeLog(tables, head)


def _prune(tables: RegisterTables, log: ChangeLog, up_to: int) -> None:
    tables.prune(up_to=up_to, older_than_s=1_000, limit=1_000)
    log.advance(replace(log.head, beginning=up_to))


def _code(log: ChangeLog, position: Position) -> str | None:
    try:
        log.check(position)
    except ClientelaError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("epoch", "version", "expected"),
    [
        (1, 0, None),
        (1, 5, None),
        (1, 6, "history-diverged"),  # what came after 5 was lost when epoch 2 began
        (2, 5, None),
        (2, 8, None),
        (2, 9, "history-diverged"),
        (3, 7, "history-diverged"),  # there never was such an epoch
        (4, 8, None),
        (4, 12, None),
        (4, 13, "history-diverged"),  # ahead of the tail
        (5, 1, "history-diverged"),
    ],
)
def test_a_position_is_good_up_to_where_the_next_epoch_began(log, epoch, version, expected):
    assert _code(log, Position(epoch, version)) == expected


@pytest.mark.parametrize(
    ("epoch", "version", "expected"),
    [(1, 4, "offset-gone"), (2, 6, "offset-gone"), (2, 7, None), (4, 9, None)],
)
def test_what_was_dropped_is_gone(tables, log, epoch, version, expected):
    _prune(tables, log, 7)

    assert _code(log, Position(epoch, version)) == expected
    assert log.beginning == Position(2, 7)


def test_an_epoch_that_begins_while_the_log_is_open_is_known_at_once(tables, log):
    tables.add_epoch(5, LAST)
    tables.append_change(Position(5, LAST + 1), CLIENT, 1, b"{}")
    log.advance(replace(log.head, position=Position(5, LAST + 1)))

    assert _code(log, Position(4, LAST)) is None
    assert _code(log, Position(4, LAST + 1)) == "history-diverged"
    assert _code(log, Position(5, LAST + 1)) is None


async def test_reading_goes_over_epochs_without_a_gap(log):
    first = await log.read(Position(1, 3), 4)
    rest = await log.read(first.end, 100)
    end = await log.read(rest.end, 100)

    assert first.messages == [b'{"n":%d}' % version for version in (4, 5, 6, 7)]
    assert first.end == Position(2, 7)
    assert rest.end == _at(LAST)
    assert end.messages == []
    assert end.end == _at(LAST)


def _erase(tables: RegisterTables, log: ChangeLog) -> None:
    """Erase the one client, whose changes are all there are: what is left is the next version."""
    position = Position(4, LAST + 1)
    found = ErasureTables(tables.connection)
    found.note(Erasure(CLIENT, str(position)))
    found.blank_changes(CLIENT, position.version)
    tables.append_change(position, CLIENT, LAST, b'{"erased":true}')
    head = replace(log.head, position=position)
    tables.set_head(head)
    log.advance(head)


@pytest.mark.parametrize("after", [0, 3, LAST - 1, LAST])
async def test_versions_that_were_erased_are_passed_by(tables, log, after):
    _erase(tables, log)

    found = await log.read(_at(after), 1)

    assert found.messages == [b'{"erased":true}']
    assert found.end == log.tail.position


async def test_a_page_that_held_who_was_erased_has_another_etag(tables, log):
    async def answer(known: str):
        headers = [(b"if-none-match", known.encode())]
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"offset=-1"}
        return await Feed(lambda: log).answer(Request({**scope, "headers": headers}))

    before = await answer("none")
    again = await answer(before.headers["etag"])
    _erase(tables, log)
    after = await answer(before.headers["etag"])

    assert (again.status_code, after.status_code) == (304, 200)
    assert b'{"n":1}' in before.body
    assert after.body == b'[{"erased":true}]'


@pytest.mark.parametrize("up_to", [7, LAST])
async def test_a_reader_that_retention_overtakes_is_told_so(tables, log, up_to):
    tables.prune(up_to=up_to, older_than_s=1_000, limit=1_000)  # not yet known to the log

    with pytest.raises(ClientelaError) as told:
        await log.read(Position(1, 3), 100)

    assert told.value.code == "offset-gone"


async def test_a_live_follower_that_retention_overtakes_is_sent_back(log, monkeypatch):
    monkeypatch.setattr("clientela.limits.SSE_CONTROL_INTERVAL_S", 0.05)
    query = f"offset={_at(LAST)}&live=sse".encode()
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": query, "headers": []}
    answer = await Feed(lambda: log).answer(Request(scope))
    told = answer.body_iterator
    first = await anext(told)

    # As a fresh copy over a replica does: a later position, and no past that leads there.
    log.advance(replace(log.head, position=Position(4, LAST + 5), beginning=LAST + 5))
    async with asyncio.timeout(5):
        rest = [event async for event in told]

    assert b'"upToDate":true' in first
    assert not any(b"event: data" in event for event in rest)
