"""Server-sent events are the same however the network cuts the stream."""

import itertools
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.client_facade.sse import Event, events

LINES = st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"").replace(b"\r", b""))
EVENTS = st.lists(
    st.builds(
        Event, st.sampled_from(["data", "control"]), st.lists(LINES, min_size=1).map(b"\n".join)
    ),
    max_size=6,
)


async def _read(chunks: Sequence[bytes]) -> list[Event]:
    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return [event async for event in events(stream())]


def _written(sent: Sequence[Event]) -> bytes:
    return b"".join(
        b"event: "
        + event.name.encode()
        + b"\n"
        + b"".join(b"data: " + line + b"\n" for line in event.data.split(b"\n"))
        + b"\n"
        for event in sent
    )


@given(EVENTS, st.data())
async def test_events_are_read_as_they_were_written_at_any_cut(sent, data):
    stream = _written(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    edges = [0, *cuts, len(stream)]
    chunks = [stream[start:end] for start, end in itertools.pairwise(edges)]

    assert await _read(chunks) == sent


@pytest.mark.parametrize("cut", range(1, 24))
async def test_an_event_that_is_cut_off_is_not_given(cut):
    stream = b"event: data\ndata: [1]\n\n"
    whole = [Event("data", b"[1]")]

    assert await _read([stream[:cut]]) == (whole if cut == len(stream) else [])


async def test_comments_and_unknown_fields_are_passed_by_and_a_nameless_event_is_a_message():
    assert await _read([b": here\nid: 7\ndata:x\n\n"]) == [Event("message", b"x")]
