"""SQLite and PostgreSQL answer the same questions about the same entries with the same bytes."""

import random

import pytest

from clientela.log_facade import blocks
from clientela.log_facade.app import LogFacade
from clientela.log_facade.logs import writing
from clientela.log_facade.packing import batch_of
from clientela.log_facade.record import NO_TRACE

SECOND_US = 1_000_000
SOURCE = 0x89AB_CDEF  # the log's own, so that ids are the same, too
NAMES = ("matriz", "filial", 'Łódź "2"\\\t\x01\x7f')
UNTIL = "to=2026-11-23T16:00:00Z"


@pytest.fixture
def both(path, postgres_log, monkeypatch):
    """Give both engines, with the same random bytes to make trace ids of."""
    monkeypatch.setattr(blocks, "new_nonce", lambda: b"\x07" * 8)
    monkeypatch.setattr("clientela.log_facade.rows.new_nonce", lambda: b"\x08" * 8)
    return path, postgres_log


def records_of(make_record, from_us, count, seed):
    chance = random.Random(seed)  # noqa: S311 - the same ones again
    span_s = 40 if count >= 500 else 3 * 3_600  # within a minute many become blocks, else rows
    for _ in range(count):
        yield make_record(
            from_us + chance.randrange(span_s * SECOND_US),
            facade=chance.choice(NAMES),
            method=chance.choice(["GET", "POST"]),
            route=chance.choice(["/client", "/client/writes", "/sync"]),
            status=chance.choice([200, 202, 404, 500, 503]),
            latency_us=int(2 ** chance.uniform(0, 30)),
            parts_ns=chance.choice([None, {"db": chance.randrange(9_000_000)}, {"db": 0, "ü": 7}]),
            body_bytes=chance.randrange(3_000),
            trace_id=chance.choice([NO_TRACE, bytes(range(16)), chance.randbytes(16)]),
            lag_ms=chance.choice([None, 0, 17]),
            outbox=chance.choice([None, 3]),
            error=chance.choice([None, None, "TimeoutError", "Ünknown_Error%", 'Odd"Name']),
        )


def fill_alike(databases, make_record, noon_us):
    for database in databases:
        store = writing(database).open()
        store._database.execute("UPDATE log SET source = ?", (SOURCE,))
        for number, count in enumerate((3, 600, 300, 7, 500)):
            batch = batch_of(records_of(make_record, noon_us, count, seed=number))
            store.write(batch, dropped=number, now_us=noon_us + number * 60 * SECOND_US)
        assert next(store._database.execute("SELECT count(*) FROM blocks"))[0] == 2
        store.close()


LISTS = ("", "&order=asc", "&limit=7", "&limit=100&order=asc")
FILTERS = (
    "",
    "&facade=filial",
    "&method=post&route=/sync",
    "&not_route=/sync,/client",
    "&status=5xx",
    "&status=404",
    "&trace=000102030405060708090a0b0c0d0e0f",
    "&min_latency_us=100000",
    "&max_latency_us=90&status=200",
    "&error=*",
    "&error=timeout",
    "&error=r%25",
    "&from=2026-11-23T12:30:07.5Z",
)
GROUPS = ("", "&by=route", "&by=facade", "&by=status", "&by=time", "&by=time&step_s=600")
QUESTIONS = [
    *(f"/logs?{UNTIL}{asked}{how}" for asked in FILTERS for how in LISTS[:2]),
    *(f"/logs/summary?{UNTIL}{asked}{by}" for asked in FILTERS for by in GROUPS),
    *(f"/logs/heatmap?{UNTIL}{asked}" for asked in FILTERS),
    *(f"/logs/compare?{UNTIL}&from=2026-11-23T14:00:00Z&by={by}" for by in ("route", "status")),
    *(f"/logs?{UNTIL}{how}" for how in LISTS[2:]),
    "/logs?cursor=abc",
    "/logs/summary?by=day",
    "/readyz",
]


async def test_every_question_has_the_same_answer_to_the_byte(
    both, client_of, make_record, noon_us
):
    fill_alike(both, make_record, noon_us)
    answers = []
    for database in both:
        app = LogFacade([database]).app
        async with app.router.lifespan_context(app), client_of(app) as client:
            found = [await client.get(url) for url in QUESTIONS]
            csv = await client.get(f"/logs?{UNTIL}", headers={"accept": "text/csv"})
            answers.append(
                [(one.status_code, dict(one.headers), one.content) for one in (*found, csv)]
            )

    for url, sqlite, postgres in zip((*QUESTIONS, "csv"), *answers, strict=True):
        assert sqlite == postgres, url
    assert sum(len(content) for _, _, content in answers[0]) > 500_000


async def test_pages_lead_through_both_in_the_same_steps(both, client_of, make_record, noon_us):
    fill_alike(both, make_record, noon_us)
    walked = []
    for database in both:
        app = LogFacade([database]).app
        async with app.router.lifespan_context(app), client_of(app) as client:
            url, pages = f"/logs?{UNTIL}&limit=133&status=2xx", []
            while url:
                page = await client.get(url)
                pages.append(page.content)
                url = page.links.get("next", {}).get("url")
        walked.append(pages)

    assert walked[0] == walked[1]
    assert len(walked[0]) > 3
