"""Positions, cursors, and waiting for the end to move."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from clientela.errors import ClientelaError
from clientela.feed import request
from clientela.feed.position import Position
from clientela.feed.tail import Tail

positions = st.builds(Position, st.integers(0, 10**10 - 1), st.integers(0, 10**20 - 1))
NOON = request._CURSOR_EPOCH_S + 20 * 1_000


@given(positions)
def test_a_position_is_read_back_as_it_was_written(position):
    assert Position.parse(str(position)) == position


@given(positions, positions)
def test_positions_have_the_same_order_as_their_texts(one, other):
    assert (one < other) == (str(one) < str(other))


@pytest.mark.parametrize(
    "text",
    ["", "1_1", "0000000001_0000000000000000000", "0000000001_000000000000000000001",
     "0000000001-00000000000000000000", " 0000000001_00000000000000000000",
     "0000000001_00000000000000000000\n", "+000000001_00000000000000000000",
     "\u0660000000001_00000000000000000000"],
)  # fmt: skip
def test_nothing_else_is_a_position(text):
    with pytest.raises(ValueError, match="10 digits"):
        Position.parse(text)


@pytest.mark.parametrize(
    ("given_cursor", "expected"),
    [
        (None, "1000"),
        ("", "1000"),
        ("999", "1000"),
        ("1000", "1001"),
        ("1001", "1002"),
        ("5000", "5001"),
        ("-5", "1000"),
        ("1e9", "1000"),
        ("\u0663", "1000"),
        ("9" * 5_000, "1000"),
    ],
)
def test_a_cursor_is_the_present_interval_or_beyond_the_followers(
    monkeypatch, given_cursor, expected
):
    monkeypatch.setattr(request.time, "time", lambda: NOON)

    assert request.next_cursor(given_cursor, interval_s=20) == expected


@pytest.mark.parametrize("name", ["offset", "live", "cursor"])
def test_a_parameter_given_twice_is_refused(name):
    query = QueryParams([("offset", "-1"), (name, "-1"), (name, "-1")])

    with pytest.raises(ClientelaError, match=f"Give {name} once"):
        request.parse(query)


async def test_waiting_ends_when_the_end_moves_beyond():
    tail = Tail(Position(1, 5))
    waiting = asyncio.create_task(tail.beyond(Position(1, 6), timeout_s=2))
    await asyncio.sleep(0)
    tail.advance(Position(1, 6))
    await asyncio.sleep(0)
    still_waiting = not waiting.done()

    tail.advance(Position(1, 7))

    assert await waiting is True
    assert still_waiting


async def test_waiting_for_what_is_there_takes_no_time():
    assert await Tail(Position(1, 5)).beyond(Position(1, 4), timeout_s=0) is True


async def test_waiting_ends_after_its_time():
    assert await Tail(Position(1, 5)).beyond(Position(1, 5), timeout_s=0.01) is False


async def test_waiting_ends_when_the_log_closes():
    tail = Tail(Position(1, 5))
    waiting = asyncio.create_task(tail.beyond(Position(1, 5), timeout_s=2))
    await asyncio.sleep(0)

    tail.close()

    assert await waiting is False
