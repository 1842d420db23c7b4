"""What the feed does that no running service shows in a test's time: ends, closes, shares."""

import asyncio

import httpx
import pytest
from starlette.requests import Request

from clientela import limits
from clientela.errors import ClientelaError
from clientela.feed.endpoint import Feed
from clientela.feed.position import Position


@pytest.fixture
def log(numbers):
    return numbers(3)


@pytest.fixture
def asked(serve_feed):
    """Ask a feed; gives the whole answer, when it has ended."""

    async def answer(feed, query):
        async with serve_feed(feed) as served, httpx.AsyncClient() as client:
            return await client.get(f"http://127.0.0.1:{served.port}/{query}")

    return answer


@pytest.fixture
def ask(log, asked):
    async def answer(query, **options):
        return await asked(Feed(lambda: log, **options), query)

    return answer


def at(version):
    return str(Position(1, version))


@pytest.mark.parametrize(("shared", "expected"), [(False, "private"), (True, "public")])
async def test_pages_of_the_past_are_shared_by_caches_when_that_is_wanted(ask, shared, expected):
    answer = await ask("", shared_cache=shared)

    assert answer.headers["cache-control"] == f"{expected}, max-age=60"


async def test_an_answer_has_at_most_a_bounded_number_of_messages(ask, log, monkeypatch):
    monkeypatch.setattr(limits, "FEED_BATCH_MESSAGES_MAX", 2)

    first, second = await ask(""), await ask(f"?offset={at(2)}")

    assert (first.json(), second.json()) == ([1, 2], [3])
    assert "stream-up-to-date" not in first.headers
    assert second.headers["stream-up-to-date"] == "true"
    assert log.reads == [0, 2]


async def test_no_offset_begins_with_the_oldest_message_kept(asked, numbers):
    log = numbers(5, beginning=3)

    answer = await asked(Feed(lambda: log), "")

    assert answer.json() == [4, 5]


async def test_an_sse_is_closed_after_its_time(ask, monkeypatch):
    monkeypatch.setattr(limits, "SSE_CLOSE_S", 0.2)
    monkeypatch.setattr(limits, "SSE_CONTROL_INTERVAL_S", 0.05)
    monkeypatch.setattr(limits, "SSE_LOOK_INTERVAL_S", 0.01)

    async with asyncio.timeout(5):
        answer = await ask("?offset=now&live=sse")

    assert 3 <= answer.text.count("event: control") <= 6
    assert answer.text.endswith("\n\n")


async def test_an_sse_ends_when_the_service_stops(ask, log):
    asyncio.get_running_loop().call_later(0.3, log.tail.close)

    async with asyncio.timeout(5):
        answer = await ask("?offset=-1&live=sse")

    assert "data:[1,2,3]" in answer.text.replace("data: ", "data:")


async def test_an_sse_ends_when_its_past_is_no_longer_there(ask, log):
    def lose():
        log.broken = True
        log.append()

    asyncio.get_running_loop().call_later(0.3, lose)

    async with asyncio.timeout(5):
        answer = await ask("?offset=now&live=sse")

    assert "event: data" not in answer.text


async def test_a_long_poll_ends_when_the_service_stops(ask, log):
    asyncio.get_running_loop().call_later(0.3, log.tail.close)

    async with asyncio.timeout(5):
        answer = await ask("?offset=now&live=long-poll")

    assert (answer.status_code, answer.content) == (204, b"")


async def test_followers_at_the_same_place_share_one_read(log, serve_feed):
    query = "/?offset=now&live=sse"
    async with serve_feed(Feed(lambda: log)) as served, httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{served.port}{query}"
        asking = [asyncio.create_task(client.get(url)) for _ in range(20)]
        async with asyncio.timeout(20):
            while len(served.state.tasks) < 20:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        log.append()
        await asyncio.sleep(0.2)
        log.tail.close()
        answers = await asyncio.gather(*asking)

    assert [answer.text.count("event: data") for answer in answers] == [1] * 20
    assert log.reads == [3]


async def test_live_answers_tell_more_when_they_are_asked_to(ask, log):
    log.tail.close()

    answer = await ask("?offset=now&live=sse", told=lambda: {"Clientela-Version": "x"})

    assert answer.headers["clientela-version"] == "x"


async def test_a_service_without_a_log_yet_says_so():
    def missing():
        raise ClientelaError("not-ready", "Not yet.")

    request = Request({"type": "http", "method": "GET", "query_string": b"", "headers": []})
    with pytest.raises(ClientelaError, match="Not yet"):
        await Feed(missing).answer(request)
