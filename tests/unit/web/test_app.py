"""The frame of every service, around a service of nothing but faults."""

import json
from typing import Annotated

import httpx
import pytest
from fastapi import Query, Request
from starlette.responses import StreamingResponse

from clientela import limits
from clientela.errors import ClientelaError, FieldError
from clientela.web import problems
from clientela.web.app import create_app
from clientela.web.guards import Rules
from clientela.web.lists import list_response


class Rows:
    """A list of numbers that notes how it is read."""

    def __init__(self, count):
        self.count = count
        self.reads = []

    async def page(self, after, limit):
        start = int(after or 0)
        self.reads.append((start, limit))
        end = min(start + limit, self.count)
        following = str(end) if end < self.count else None
        return [b"%d" % number for number in range(start, end)], following


@pytest.fixture
def rows():
    return Rows(1_200)


@pytest.fixture
def ready():
    return []


@pytest.fixture
async def client(rows, ready):
    async def check_ready():
        if not ready:
            raise ClientelaError("not-ready", "Starting.")

    app = create_app(
        title="Faults",
        summary="Nothing works here.",
        shapes=(),
        check_ready=check_ready,
        rules=Rules(["Clients.Example"], lambda: {"Clientela-Register": "r"}),
    )

    @app.get("/broken")
    async def broken():
        raise RuntimeError("secret")

    @app.get("/half")
    async def half():
        async def body():
            yield b"begun"
            raise RuntimeError("secret")

        return StreamingResponse(body())

    @app.get("/list")
    async def read(
        request: Request, limit: Annotated[int | None, Query()] = None, cursor: str | None = None
    ):
        return await list_response(request, rows.page, limit=limit, cursor=cursor)

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as made:
        yield made


async def test_a_fault_of_our_own_is_a_problem_that_tells_no_secret(client, caplog):
    answer = await client.get("/broken")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["clientela-register"] == "r"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in answer.text
    assert "secret" in caplog.text


async def test_an_answer_that_has_begun_is_not_answered_again(client):
    answer = await client.get("/half")

    assert (answer.status_code, answer.content) == (200, b"begun")


async def test_a_service_is_alive_before_it_is_ready(client, ready):
    alive, early = await client.get("/livez"), await client.get("/readyz")
    ready.append(True)
    late = await client.get("/readyz")

    assert [answer.status_code for answer in (alive, early, late)] == [200, 503, 200]
    assert early.headers["retry-after"] == str(limits.RETRY_AFTER_S)


@pytest.mark.parametrize("host", ["clients.example", "CLIENTS.example:8000", "localhost"])
async def test_a_configured_name_is_no_foreign_host(client, host):
    answer = await client.get("/livez", headers={"Host": host})

    assert answer.status_code == 200


@pytest.mark.parametrize("host", ["other.example", "clients.example.evil", "clients"])
async def test_every_other_name_is_a_foreign_host(client, host):
    answer = await client.get("/livez", headers={"Host": host})

    assert (answer.status_code, answer.json()["code"]) == (421, "host-refused")


async def test_a_whole_list_is_read_page_by_page(client, rows):
    answer = await client.get("/list")

    assert answer.json() == list(range(1_200))
    assert rows.reads == [(0, 1_000), (1_000, 1_000)]


async def test_a_whole_list_of_lines_has_a_line_for_each(client, rows):
    answer = await client.get("/list?cursor=10", headers={"Accept": "application/x-ndjson"})

    assert [json.loads(line) for line in answer.text.splitlines()] == list(range(10, rows.count))


async def test_head_of_a_list_reads_no_more_than_its_first_page(client, rows):
    answer = await client.head("/list")

    assert (answer.status_code, answer.content) == (200, b"")
    assert rows.reads == [(0, 1_000)]


@pytest.mark.parametrize(("query", "read"), [("limit=5", (0, 5)), ("limit=5&cursor=7", (7, 5))])
async def test_a_page_is_one_read(client, rows, query, read):
    answer = await client.get(f"/list?{query}")

    assert answer.json() == list(range(read[0], read[0] + 5))
    assert answer.headers["link"] == f'</list?limit=5&cursor={read[0] + 5}>; rel="next"'
    assert rows.reads == [read]


async def test_the_last_page_has_no_link(client):
    answer = await client.get("/list?limit=5&cursor=1195")

    assert len(answer.json()) == 5
    assert "link" not in answer.headers


@pytest.mark.parametrize("code", problems.TABLE)
def test_each_code_has_its_status_and_its_title(code):
    errors = [FieldError("name", "required", "Give a name.")]
    error = ClientelaError(code, "Why.", errors=errors, members={"holder": "x"})

    answer = problems.problem(error, "/clients/ã")

    status, title = problems.TABLE[code]
    assert answer.status_code == status == problems.status_of(code)
    assert json.loads(answer.body) == {
        "type": f"urn:clientela:problem:{code}",
        "title": title,
        "status": status.value,
        "detail": "Why.",
        "instance": "/clients/%C3%A3",
        "code": code,
        "errors": [{"field": "name", "code": "required", "detail": "Give a name."}],
        "holder": "x",
    }
    assert ("retry-after" in answer.headers) == (status.value == 503)


def test_an_unknown_code_is_our_own_fault():
    assert problems.problem(ClientelaError("no-such-code", "x"), "/").status_code == 500
