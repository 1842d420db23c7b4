"""What is answered without the router is answered, guarded and named as its route is."""

import asyncio

import httpx
import pytest
from fastapi import Request
from starlette.responses import Response

from clientela.errors import ClientelaError
from clientela.web.app import create_app
from clientela.web.client_handlers import ClientHandlers
from clientela.web.direct import Direct
from clientela.web.guards import Rules

RULES = Rules(told=lambda: {"Clientela-Register": "r"})


async def _ready() -> None:
    pass


async def echo(request: Request) -> Response:
    body = await request.body()
    if body == b"refuse":
        raise ClientelaError("disk-full", "No room.", headers={"Clientela-Write": "w"})
    if body == b"fail":
        raise RuntimeError("secret")
    return Response(body, 201, {"ETag": '"1"'}, "application/json")


def _routed():
    app = create_app(title="Both", summary="", shapes=(), check_ready=_ready, rules=RULES)
    app.add_api_route("/echo", echo, methods=["POST"])
    return app


class Seen:
    """Keeps the scope as it is when the answer is sent: what a latency log reads."""

    def __init__(self, app):
        self.app = app
        self.scope = {}

    async def __call__(self, scope, receive, send):
        self.scope = scope
        await self.app(scope, receive, send)


@pytest.fixture
def seen():
    return Seen(Direct(_routed(), {"/echo": echo}, rules=RULES))


async def _ask(app, method, path, **options):
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.request(method, path, **options)


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("POST", "/echo", {"content": b"{}"}),
        ("POST", "/echo?", {"content": b"{}"}),
        ("POST", "/echo", {"content": b"refuse"}),
        ("POST", "/echo", {"content": b"fail"}),
        ("POST", "/echo", {"content": b"{}", "headers": {"Host": "evil.example"}}),
        ("POST", "/echo", {"content": b"{}", "headers": {"Origin": "https://evil.example"}}),
        ("POST", "/echo?x=1", {"content": b"{}"}),
        ("POST", "/echo/", {"content": b"{}"}),
        ("GET", "/echo", {}),
        ("PUT", "/echo", {"content": b"{}"}),
    ],
)
async def test_the_answer_is_that_of_the_route(seen, method, path, options):
    expected = await _ask(_routed(), method, path, **options)
    actual = await _ask(seen, method, path, **options)

    assert actual.status_code == expected.status_code
    assert actual.content == expected.content
    assert sorted(actual.headers.multi_items()) == sorted(expected.headers.multi_items())


async def test_who_measures_finds_the_routes_template(seen):
    await _ask(seen, "POST", "/echo", content=b"{}")

    assert "fastapi" not in seen.scope  # the router was not asked
    assert seen.scope["route"].path_format == "/echo"


class Full:
    """A register whose disk is full: all writes of a group are told so by one error."""

    error = ClientelaError("disk-full", "No room.")

    def digest_now(self):
        return None

    async def submit(self, _writes, _headers):
        await asyncio.sleep(0)
        raise self.error


async def test_one_error_that_is_told_to_many_names_each_ones_own_write():
    create = ClientHandlers(Full()).create
    app = Direct(_routed(), {"/echo": create}, rules=RULES)
    keys = [f"0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c1{digit}" for digit in range(4)]
    answers = await asyncio.gather(
        *(
            _ask(app, "POST", "/echo", json={"name": "Ana"}, headers={"Idempotency-Key": key})
            for key in keys
        )
    )

    assert [answer.status_code for answer in answers] == [507] * 4
    assert [answer.headers["clientela-write"] for answer in answers] == keys
