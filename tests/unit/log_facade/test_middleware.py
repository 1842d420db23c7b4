# ruff: noqa: ARG001 - ASGI applications and fixtures take what a test may not need

import asyncio

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from clientela.log_facade.middleware import LatencyMiddleware
from clientela.log_facade.parts import timing, traceparent

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Ticks:
    """A monotonic clock: nanoseconds that pass only when told."""

    def __init__(self):
        self.now_ns = 1_000_000

    def __call__(self):
        return self.now_ns

    def pass_us(self, microseconds):
        self.now_ns += microseconds * 1_000


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def wrap(sink, ticks, clock):
    def wrap(app, **options):
        return LatencyMiddleware(
            app, sink, facade="matriz", wall_ns=clock, clock_ns=ticks, **options
        )

    return wrap


async def ask(app, *, method="GET", path="/", headers=(), spoken=(), root_path=""):
    """Drive an application by hand: give the messages that it sent."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "method": method,
        "path": path,
        "root_path": root_path,
        "query_string": b"id=secret",
        "headers": list(headers),
    }
    incoming = iter([{"type": "http.request", "body": b"", "more_body": False}, *spoken])
    sent = []

    async def receive():
        message = next(incoming, None)
        if message is None:
            await asyncio.Event().wait()
        return message

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent


def header(sent, name):
    return [value.decode() for key, value in sent[0]["headers"] if key == name]


async def test_a_request_is_recorded_to_its_last_byte(wrap, ticks, sink, noon_us):
    async def app(scope, receive, send):
        ticks.pass_us(40)
        await send({"type": "http.response.start", "status": 203, "headers": []})
        await send({"type": "http.response.body", "body": b"abc", "more_body": True})
        ticks.pass_us(60)
        await send({"type": "http.response.body", "body": b"de"})
        ticks.pass_us(500)

    await ask(wrap(app))

    record = sink.only
    assert (record.status, record.latency_us, record.body_bytes) == (203, 100, 5)
    assert (record.facade, record.method, record.error) == ("matriz", "GET", None)
    assert record.time_us == noon_us - 500


async def test_parts_and_server_timing_tell_where_the_time_went(wrap, ticks, sink):
    async def app(scope, receive, send):
        with timing("db", clock=ticks):
            ticks.pass_us(30)
        with timing("up stream", clock=ticks):
            ticks.pass_us(1_000)
        await Response(headers={"server-timing": "own;dur=1"})(scope, receive, send)

    sent = await ask(wrap(app))

    assert sink.only.parts_ns == {"db": 30_000, "up stream": 1_000_000}
    assert header(sent, b"server-timing") == [
        "own;dur=1",
        "total;dur=1.030, db;dur=0.030, up_stream;dur=1.000",
    ]


async def test_an_applications_own_headers_are_left_as_they_are(wrap):
    headers = [(b"x-own", b"1")]

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body"})

    sent = await ask(wrap(app))

    assert headers == [(b"x-own", b"1")]
    assert header(sent, b"x-own") == ["1"]


async def test_a_traceparent_is_kept_and_handed_on(wrap, sink):
    handed_on = []

    async def app(scope, receive, send):
        handed_on.append(traceparent())
        await Response()(scope, receive, send)

    parent = f"00-{TRACE}-b7ad6b7169203331-01".encode()
    await ask(wrap(app), headers=[(b"traceparent", parent)])
    await ask(wrap(app))

    assert sink.records[0].trace_id.hex() == TRACE
    assert handed_on[0].startswith(f"00-{TRACE}-")
    assert sink.records[1].trace_id.hex() == handed_on[1].split("-")[1] != TRACE


async def test_an_exception_is_recorded_by_its_class_alone_and_goes_on(wrap, sink):
    async def app(scope, receive, send):
        raise KeyError("ana@example.com")

    with pytest.raises(KeyError):
        await ask(wrap(app))

    assert (sink.only.status, sink.only.error) == (500, "KeyError")
    assert "ana" not in repr(sink.only)


async def test_an_exception_after_the_start_keeps_the_status_sent(wrap, sink):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        await ask(wrap(app))

    assert (sink.only.status, sink.only.error) == (200, "ValueError")


async def test_a_500_that_a_framework_answers_names_the_exception(wrap, sink, client_of):
    async def broken(request):
        raise LookupError

    async with client_of(wrap(Starlette(routes=[Route("/broken", broken)]))) as http:
        answer = await http.get("/broken")

    assert answer.status_code == 500
    assert (sink.only.route, sink.only.status, sink.only.error) == ("/broken", 500, "LookupError")


async def test_an_unfinished_response_is_an_error(wrap, sink):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    await ask(wrap(app))

    assert (sink.only.status, sink.only.error) == (200, "ResponseUnfinished")


async def test_a_stream_is_recorded_when_it_ends(wrap, ticks, sink):
    async def lines():
        for _ in range(3):
            assert sink.records == []
            ticks.pass_us(1_000)
            yield b"data: x\n\n"

    sent = await ask(wrap(StreamingResponse(lines())))

    assert (sink.only.latency_us, sink.only.body_bytes) == (3_000, 27)
    assert header(sent, b"server-timing") == ["total;dur=0.000"]


async def test_a_client_that_leaves_a_stream_is_recorded_with_the_status_sent(wrap, sink):
    async def for_ever():
        yield b"data: x\n\n"
        await asyncio.Event().wait()

    await ask(wrap(StreamingResponse(for_ever())), spoken=[{"type": "http.disconnect"}])

    assert (sink.only.status, sink.only.error) == (200, "ClientDisconnected")


async def test_a_client_that_leaves_before_the_start_is_499(wrap, sink):
    async def app(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass

    await ask(wrap(app), spoken=[{"type": "http.disconnect"}])

    assert (sink.only.status, sink.only.error) == (499, "ClientDisconnected")


async def test_a_server_that_raises_oserror_means_the_client_left(wrap, sink):
    async def app(scope, receive, send):
        await Response()(scope, receive, send)

    async def send(message):
        raise OSError

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(OSError, match=r"^$"):
        await wrap(app)(scope, None, send)

    assert sink.only.error == "ClientDisconnected"


async def test_a_disconnect_after_the_last_byte_is_none(wrap, sink):
    async def app(scope, receive, send):
        await receive()
        await Response()(scope, receive, send)
        await receive()

    await ask(wrap(app), spoken=[{"type": "http.disconnect"}])

    assert (sink.only.status, sink.only.error) == (200, None)


async def test_a_cancelled_request_is_recorded(wrap, sink):
    async def app(scope, receive, send):
        await asyncio.Event().wait()

    task = asyncio.create_task(ask(wrap(app)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (sink.only.status, sink.only.error) == (500, "CancelledError")


async def test_a_background_task_does_not_count(wrap, ticks, sink):
    async def later():
        ticks.pass_us(9_000)

    await ask(wrap(PlainTextResponse("x", background=BackgroundTask(later))))

    assert sink.only.latency_us == 0


async def test_head_sends_no_body(wrap, sink):
    await ask(wrap(PlainTextResponse("abc")), method="HEAD")

    assert (sink.only.method, sink.only.body_bytes) == ("HEAD", 0)


async def test_a_file_sent_by_the_server_ends_the_request(wrap, sink):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.pathsend", "path": "/file"})

    await ask(wrap(app))

    assert (sink.only.status, sink.only.error) == (200, None)


async def test_an_invented_method_is_not_kept(wrap, sink):
    await ask(wrap(Response()), method="ANA-SILVA")

    assert sink.only.method == "_OTHER"


async def test_what_the_host_knows_is_kept(wrap, sink):
    await ask(wrap(Response(), context=lambda: (12, 3)))

    assert (sink.only.lag_ms, sink.only.outbox) == (12, 3)


async def test_a_hosts_failing_callable_costs_the_record_not_the_request(wrap, sink, caplog):
    sent = await ask(wrap(Response(b"ok"), context=lambda: 1 / 0))

    assert sent[0]["status"] == 200
    assert (sink.records, sink.lost) == ([], 1)
    assert "could not be recorded" in caplog.text


async def test_excluded_paths_are_not_recorded(wrap, sink):
    await ask(wrap(Response(), exclude={"/livez"}), path="/livez")

    assert sink.records == []


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
async def test_other_connections_pass_through(wrap, sink, kind):
    passed = []

    async def app(scope, receive, send):
        passed.append((scope, receive, send))

    scope, receive, send = {"type": kind}, object(), object()
    await wrap(app)(scope, receive, send)

    assert passed == [(scope, receive, send)]
    assert sink.records == []


async def test_concurrent_requests_keep_their_parts_apart(wrap, sink):
    async def app(scope, receive, send):
        name = scope["path"].strip("/")
        for _ in range(5):
            with timing(name):
                await asyncio.sleep(0)
        await asyncio.to_thread(_measure, "thread")
        await Response()(scope, receive, send)

    await asyncio.gather(*(ask(wrap(app), path=f"/p{number}") for number in range(20)))

    parts = {frozenset(record.parts_ns) for record in sink.records}
    assert parts == {frozenset({f"p{number}", "thread"}) for number in range(20)}


def _measure(name):
    with timing(name):
        pass


def _fastapi():
    router = APIRouter()

    @router.get("/things/{thing_id}")
    async def thing(thing_id: str) -> dict[str, str]:
        return {"id": thing_id}

    inner = FastAPI()
    inner.include_router(router, prefix="/inner")
    app = FastAPI()
    app.include_router(router)
    app.include_router(router, prefix="/v2")
    app.mount("/tenants/{tenant}", inner)
    app.mount("/static", StaticFiles(directory="/", check_dir=False))
    return app


def _starlette():
    async def thing(request):
        return Response()

    things = Route("/things/{thing_id:int}", thing)
    return Starlette(routes=[things, Mount("/tenants/{tenant}", routes=[things])])


@pytest.mark.parametrize(
    ("make_app", "path", "route"),
    [
        (_fastapi, "/things/7", "/things/{thing_id}"),
        (_fastapi, "/v2/things/7", "/v2/things/{thing_id}"),
        (_fastapi, "/tenants/ana/inner/things/7", "/tenants/{tenant}/inner/things/{thing_id}"),
        (_fastapi, "/tenants/ana/nothing/7", "/tenants/{tenant}/*"),
        (_fastapi, "/static/no-such-file", "/static/*"),
        (_fastapi, "/nothing/7", "unmatched"),
        (_starlette, "/things/7", "/things/{thing_id}"),
        (_starlette, "/tenants/ana/things/7", "/tenants/{tenant}/things/{thing_id}"),
        (_starlette, "/tenants/ana/nothing/7", "/tenants/{tenant}/*"),
        (_starlette, "/nothing/7", "unmatched"),
    ],
)
async def test_a_route_is_recorded_as_its_template(wrap, sink, client_of, make_app, path, route):
    async with client_of(wrap(make_app())) as http:
        await http.get(path, params={"id": "secret"})

    assert sink.only.route == route


async def test_a_route_refused_by_its_method_is_still_that_route(wrap, sink, client_of):
    async with client_of(wrap(_fastapi())) as http:
        await http.delete("/v2/things/7")

    assert (sink.only.status, sink.only.route) == (405, "/v2/things/{thing_id}")


async def test_other_frameworks_name_their_routes(wrap, sink):
    def by_host(scope):
        return "/by-host/{id}" if scope["path"].startswith("/by-host/") else None

    async def app(scope, receive, send):
        if scope["path"].startswith("/litestar/"):
            scope["path_template"] = "/litestar/{id}"
        await Response()(scope, receive, send)

    for path in ["/by-host/1", "/litestar/1", "/else/1"]:
        await ask(wrap(app, route=by_host), path=path)

    assert [record.route for record in sink.records] == [
        "/by-host/{id}",
        "/litestar/{id}",
        "unmatched",
    ]


async def test_starlettes_add_middleware_takes_it(sink):
    app = Starlette(routes=[Route("/", lambda _: Response())])
    app.add_middleware(LatencyMiddleware, recorder=sink, facade="matriz")

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost"
    ) as http:
        await http.get("/")

    assert sink.only.route == "/"


async def test_the_latency_of_a_live_stream_is_that_of_its_first_event(wrap, sink, ticks):
    async def events(scope, receive, send):
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        ticks.pass_us(250)
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        ticks.pass_us(60_000_000)
        await send({"type": "http.response.body", "body": b""})

    await ask(wrap(events))

    (record,) = sink.records
    assert record.latency_us == 250
    assert record.parts_ns == {"live": 60_000_000_000}
