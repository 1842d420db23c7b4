import asyncio
import time
import tracemalloc

import apsw
import pytest
from fastapi import FastAPI

from clientela.errors import StartupError
from clientela.log_facade.app import LogFacade
from clientela.log_facade.packing import batch_of
from clientela.log_facade.store import open_store
from clientela.log_facade.wiring import LatencyLogs


@pytest.fixture
def logs(path):
    made = LatencyLogs(path, facade="matriz", context=lambda: (5, 2))
    made.start()
    yield made
    made.close()


@pytest.fixture
def host(logs):
    app = FastAPI()
    app.include_router(logs.router)

    @app.get("/client")
    async def client(id: str | None = None) -> dict[str, str | None]:  # noqa: A002 - its name
        return {"id": id}

    return logs.wrap(app)


async def test_a_request_is_soon_seen_in_the_logs(host, client_of):
    async with client_of(host) as http:
        await http.get("/client", params={"id": "7"})
        found = []
        while not found:
            await asyncio.sleep(0.01)
            found = (await http.get("/logs", params={"route": "/client"})).json()
        summary = (await http.get("/logs/summary", params={"route": "/client"})).json()

    assert (found[0]["facade"], found[0]["lag_ms"], found[0]["outbox"]) == ("matriz", 5, 2)
    assert summary["count"] == 1


async def test_reading_the_logs_is_logged_with_its_parts(host, logs, client_of):
    async with client_of(host) as http:
        await http.get("/logs/summary")
        logs.recorder.flush()
        (entry,) = (await http.get("/logs", params={"route": "/logs/summary"})).json()

    assert entry["parts"]["db"] > 0


async def test_drops_that_no_log_knows_of_are_told(host, logs, client_of):
    logs.recorder._lost = 3
    async with client_of(host) as http:
        now = (await http.get("/logs/summary")).json()
        past = (await http.get("/logs/summary", params={"to": "2020-01-01T00:00:00Z"})).json()

    assert (now["dropped"], past["dropped"]) == (3, 0)


async def test_a_service_of_its_own_reads_what_facades_write(logs, host, path, tmp_path, client_of):
    app = LogFacade([path, tmp_path / "filial.db"]).app
    async with app.router.lifespan_context(app), client_of(app) as http:
        async with client_of(host) as facade:
            await facade.get("/client")
        logs.recorder.flush()
        ready = await http.get("/readyz")
        entries = (await http.get("/logs")).json()

    assert ready.status_code == 200
    assert [entry["facade"] for entry in entries] == ["matriz"]


async def test_a_service_of_its_own_guards_its_host(path, client_of):
    app = LogFacade([path], hosts=["logs.example"]).app
    async with app.router.lifespan_context(app), client_of(app) as http:
        foreign = await http.get("/logs", headers={"host": "evil.example"})
        allowed = await http.get("/logs", headers={"host": "logs.example"})
        alive = await http.get("/livez")

    assert (foreign.status_code, allowed.status_code, alive.status_code) == (421, 200, 200)


def test_a_service_over_a_foreign_file_does_not_start(path):
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE diary (day TEXT)")
    connection.close()

    with pytest.raises(StartupError, match="belongs to another program"):
        LogFacade([path])


async def test_all_entries_stream_with_flat_memory_and_leave_the_loop_free(
    path, make_record, noon_us
):
    entries = 30_000
    store = open_store(path)
    store.write(batch_of([make_record(noon_us + i) for i in range(entries)]), now_us=noon_us)
    store.close()
    app = LogFacade([path]).app
    received, stalls_ms, done = 0, [], asyncio.Event()

    async def watch():
        while not done.is_set():
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            stalls_ms.append((time.perf_counter() - before) * 1e3)

    async def send(message):
        nonlocal received
        received += message.get("body", b"").count(b'{"id"')

    async def receive():
        await done.wait()
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/logs", "query_string": b""}
    headers = {"headers": [(b"host", b"localhost")], "asgi": {"spec_version": "2.4"}}
    async with app.router.lifespan_context(app):
        watching = asyncio.create_task(watch())
        tracemalloc.start()
        await app({**scope, **headers}, receive, send)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        done.set()
        await watching

    assert received == entries
    assert peak_bytes < 5_000_000
    assert sorted(stalls_ms)[len(stalls_ms) // 2] < 20


async def test_a_log_that_was_read_is_one_whole_file_when_it_is_closed(host, logs, path, client_of):
    async with client_of(host) as http:
        await http.get("/logs/summary")
        logs.recorder.flush()
        await http.get("/logs")

    logs.close()

    assert not path.with_name(path.name + "-wal").exists()
