"""One server and one facade in step with it, per module: the same suite speaks to both."""

import itertools
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uuid_utils
from stdnum.br import cnpj

ON_BOTH_ENGINES = ("test_facades", "test_feed", "test_one_client", "test_writes")

_numbers = itertools.count(1)


def _new_id() -> str:
    return str(uuid_utils.uuid7())


def _new_document() -> str:
    """Give a CNPJ that no other test has."""
    base = f"{next(_numbers):012d}"
    return base + cnpj.calc_check_digits(base)


class Service(httpx.Client):
    """A running service with its style of addresses: ``/clients/{id}`` or ``/client?id=``."""

    def __init__(self, name: str, url: str) -> None:
        super().__init__(base_url=url, timeout=30)
        self.name = name
        self.clients = {"server": "/clients", "facade": "/client"}.get(name, "/logs")
        self.changes = f"{self.clients}/changes"
        self.writes = f"{self.clients}/writes"

    def one(self, client_id: str) -> str:
        return f"/clients/{client_id}" if self.name == "server" else f"/client?id={client_id}"

    def history(self, client_id: str) -> str:
        if self.name == "server":
            return f"/clients/{client_id}/history"
        return f"/client/history?id={client_id}"

    def insert(self, **fields: Any) -> str:
        """Insert a client; gives its id."""
        client_id = _new_id()
        answer = self.post(self.clients, json={"id": client_id, "name": "Ana", **fields})
        assert answer.status_code == 201, answer.text
        return client_id

    def read(self, client_id: str) -> dict[str, Any]:
        answer = self.get(self.one(client_id))
        assert answer.status_code == 200, answer.text
        client: dict[str, Any] = answer.json()
        return client

    def submit(self, *writes: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a batch of writes; gives their receipts."""
        answer = self.post(self.writes, json=list(writes))
        assert answer.status_code == 200, answer.text
        receipts: list[dict[str, Any]] = answer.json()
        return receipts

    def tail(self) -> str:
        """Give the position of the register's last change."""
        return self.head(self.changes).headers["stream-next-offset"]

    def raw(self, request: bytes) -> bytes:
        """Send bytes as they are; gives all that comes until the service closes."""
        with socket.create_connection((self.base_url.host, self.base_url.port), 10) as line:
            line.sendall(request)
            return b"".join(iter(lambda: line.recv(65_536), b""))


def _write(operation: str, client_id: str | None = None, **members: Any) -> dict[str, Any]:
    ids = {"write_id": _new_id(), "client_id": client_id or _new_id()}
    return {**ids, "operation": operation, **members}


def _problem(answer: httpx.Response) -> tuple[int, str]:
    """Give the status and the code of an error that has the one shape of all errors."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text[:300]
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:clientela:problem:{body['code']}"
    return body["status"], body["code"]


def pytest_generate_tests(metafunc):
    """Run what touches storage over both engines, and everything in the long form."""
    if "pair" in metafunc.fixturenames:
        module = Path(metafunc.module.__file__).stem
        both = module in ON_BOTH_ENGINES or os.environ.get("CLIENTELA_LONG") == "1"
        engines = ["sqlite", "postgresql"] if both else ["sqlite"]
        metafunc.parametrize("pair", engines, indirect=True, scope="module")


@pytest.fixture(scope="module")
def pair(request, shared_programs, tmp_path_factory) -> Iterator[dict[str, Service]]:
    options = []
    if request.param == "postgresql":
        options = ["--db", request.getfixturevalue("postgres").fresh_database()]
    folder = shared_programs.folder = tmp_path_factory.mktemp(request.param)
    logs = f"sqlite:///{folder / 'server-logs.db'}"
    server = shared_programs.server("server", "--log-db", logs, *options).start()
    facade = shared_programs.facade(server.url).start()
    services = {
        "server": Service("server", server.url),
        "facade": Service("facade", facade.url),
    }
    yield services
    for service in services.values():
        service.close()


@pytest.fixture(params=["server", "facade"])
def service(request, pair) -> Service:
    """Each test runs against either service, in step."""
    _in_step(pair)
    return pair[request.param]


@pytest.fixture
def server(pair) -> Service:
    return pair["server"]


@pytest.fixture
def facade(pair) -> Service:
    _in_step(pair)
    return pair["facade"]


def _in_step(pair: dict[str, Service]) -> None:
    """Wait until the facade holds what an earlier test wrote at the server."""
    deadline = time.monotonic() + 10
    while pair["facade"].tail() != pair["server"].tail():
        assert time.monotonic() < deadline, "the facade does not follow"
        time.sleep(0.01)


# Functions as fixtures, for test folders are not packages to import from.
@pytest.fixture(scope="session")
def new_id() -> Callable[[], str]:
    return _new_id


@pytest.fixture(scope="session")
def new_document() -> Callable[[], str]:
    return _new_document


@pytest.fixture(scope="session")
def write() -> Callable[..., dict[str, Any]]:
    return _write


@pytest.fixture(scope="session")
def problem() -> Callable[[httpx.Response], tuple[int, str]]:
    return _problem
