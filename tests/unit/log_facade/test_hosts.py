"""One line in any ASGI application: the same suite over four frameworks, on real sockets."""

import gc
import socket
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
import uvicorn

from clientela.log_facade import LatencyLog

sys.path.insert(0, str(Path(__file__).parent))

import hosts

# Litestar leaves a stream of anyio unclosed when a client leaves: told when it is collected.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
OWN_HEADERS = ("date", "server-timing")


class Running:
    """An application served by uvicorn, in a thread."""

    def __init__(self, app):
        self._listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, ws="none", lifespan="auto")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],))
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self._listener.getsockname()[1]}",
            headers={"Connection": "close"},  # after a failure uvicorn closes it anyway
            timeout=10,
        )

    def stop(self):
        self.http.close()
        self._server.should_exit = True
        self._thread.join(20)
        self._listener.close()


@pytest.fixture(scope="module", params=list(hosts.ALL))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def host(name):
    return hosts.ALL[name]()


@pytest.fixture(scope="module")
def http(name, host, tmp_path_factory):
    running = Running(LatencyLog(host, tmp_path_factory.mktemp(name) / "logs.db", facade=name))
    yield running.http
    running.stop()


@pytest.fixture(scope="module")
def bare(host):
    """The same application without the log."""
    running = Running(host)
    yield running.http
    running.stop()


@pytest.fixture(autouse=True)
def _collected():
    yield
    gc.collect()  # here, where such a warning is expected


@pytest.fixture
def entry(http):
    """Wait for the entry of a request that was made with a trace of its own."""

    def find(trace=TRACE):
        deadline = time.monotonic() + 10
        while not (found := http.get("/logs", params={"trace": trace}).json()):
            assert time.monotonic() < deadline, "no entry"
            time.sleep(0.02)
        return found[0]

    return find


def _parent(number):
    trace = f"{number:032x}"
    return trace, {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}


def test_a_request_is_kept_by_its_route_never_by_its_path(name, http, entry):
    answer = http.get("/items/ana-souza?q=secret", headers=PARENT)
    found = entry()

    assert answer.json() == {"id": "ana-souza"}
    assert found["route"] == "/items/{item_id}"
    assert (found["method"], found["status"], found["facade"]) == ("GET", 200, name)
    assert found["bytes"] == len(answer.content)
    assert found["parts"].keys() >= {"db"}
    assert "db;dur=" in answer.headers["server-timing"]
    assert "ana" not in str(found)
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/items/7", None),
        ("POST", "/echo", b"x" * 100_000),
        ("GET", "/stream", None),
        ("GET", "/unchanged", None),
        ("GET", "/nowhere", None),
        ("PUT", "/stream", b""),
        ("GET", "/fail", None),
    ],
)
def test_an_answer_is_the_same_but_for_server_timing(http, bare, method, path, body):
    ours, theirs = (client.request(method, path, content=body) for client in (http, bare))
    headers = [
        {
            key: value
            for key, value in answer.headers.items()
            if key not in ("date", "server-timing")
        }
        for answer in (ours, theirs)
    ]

    assert (ours.status_code, ours.content) == (theirs.status_code, theirs.content)
    assert headers[0] == headers[1]


def test_a_streamed_body_is_counted_to_its_end(http, entry):
    trace, parent = _parent(1)
    answer = http.get("/stream", headers=parent)

    assert answer.content == b"".join(hosts.PARTS)
    assert entry(trace)["bytes"] == len(answer.content)


def test_head_and_304_have_no_body(http, entry):
    (first, as_head), (second, as_get) = _parent(2), _parent(3)
    http.head("/items/7", headers=as_head)
    assert http.get("/unchanged", headers=as_get).status_code == 304

    assert (entry(first)["method"], entry(first)["bytes"]) == ("HEAD", 0)
    assert (entry(second)["status"], entry(second)["bytes"]) == (304, 0)


def test_an_exception_is_kept_by_its_class_alone(name, http, entry):
    trace, parent = _parent(4)
    assert http.get("/fail", headers=parent).status_code == 500
    found = entry(trace)

    assert found["status"] == 500
    # Litestar and Django answer 500 themselves, and tell nobody outside why.
    assert found["error"] == (None if name in ("litestar", "django") else "KeyError")
    assert "personal" not in str(found)


def test_a_client_that_leaves_a_live_stream_is_kept_when_it_leaves(http, entry):
    trace, parent = _parent(5)
    with http.stream("GET", "/events", headers=parent) as answer:
        assert next(answer.iter_bytes()).startswith(b"event: data")
    found = entry(trace)

    assert found["status"] == 200
    assert found["route"] == "/events"
    assert found["latency_us"] < found["parts"]["live"] + 5_000_000
    assert found["bytes"] > 0


def test_the_log_answers_for_itself(name, http):
    summary = http.get("/logs/summary").json()

    assert summary["count"] > 0
    assert http.get("/logs", params={"limit": 1, "facade": name}).json()
    assert http.get("/logs/nothing").status_code == 404
    assert http.get("/logs?limit=0").headers["content-type"] == "application/problem+json"


def test_the_lifespan_of_the_host_begins_and_ends(name, host, tmp_path):
    if name == "django":
        pytest.skip("Django has none")
    running = Running(LatencyLog(host, tmp_path / "logs.db", facade=name))
    begun = name in hosts.BEGUN
    running.stop()

    assert begun
    assert name not in hosts.BEGUN


async def test_websockets_pass_untouched(host, tmp_path):
    async def record(app):
        sent = []

        async def receive():
            return {"type": "websocket.connect"}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/talk",
            "raw_path": b"/talk",
            "root_path": "",
            "query_string": b"",
            "headers": [],
            "subprotocols": [],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "state": {},
        }
        try:
            await app(scope, receive, send)
        except ValueError as error:  # Django knows no websockets
            sent.append(str(error))
        return sent

    assert await record(LatencyLog(host, tmp_path / "logs.db", facade="x")) == await record(host)


@pytest.mark.parametrize("content", [b"a diary, not a database", None])
def test_a_log_that_cant_be_kept_never_fails_a_request(host, tmp_path, content, caplog):
    file = tmp_path / "logs.db"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    app = LatencyLog(host, file, facade="x")
    running = Running(app)
    answers = [running.http.get("/items/7").status_code for _ in range(3)]
    running.stop()
    app.close()

    assert answers == [200, 200, 200]
    assert "can't be written" in caplog.text
    assert content is None or file.read_bytes() == content


def test_the_log_can_be_put_elsewhere_or_nowhere(tmp_path):
    elsewhere = LatencyLog(hosts.starlette(), tmp_path / "a.db", facade="x", under="/internal")
    nowhere = LatencyLog(hosts.starlette(), tmp_path / "b.db", facade="x", under=None)
    one, other = Running(elsewhere), Running(nowhere)
    found = [one.http.get("/internal/logs"), one.http.get("/logs"), other.http.get("/logs")]
    one.stop()
    other.stop()

    assert [answer.status_code for answer in found] == [200, 404, 404]
