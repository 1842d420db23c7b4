"""What the system tests share: waiting, comparing a facade with its server, the long form."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from clientela.clients import digest

WAIT_S = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="200,000 clients instead of 20,000")


@pytest.fixture(scope="session")
def long_form(pytestconfig: pytest.Config) -> bool:
    asked = pytestconfig.getoption("--long", default=False)
    return bool(asked) or os.environ.get("CLIENTELA_LONG") == "1"


def _until(condition: Callable[[], Any], what: str, timeout_s: float = WAIT_S) -> Any:
    """Wait until a condition gives something true, and give that."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            found = condition()
        except httpx.TransportError:
            found = None
        if found:
            return found
        assert time.monotonic() < deadline, f"not in {timeout_s} s: {what}"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    return _until


@dataclass(frozen=True)
class Register:
    """A register as it is read over HTTP: the exact bytes of each row, and where it was read."""

    rows: dict[str, bytes]
    version: str
    digest: str


def _read(url: str) -> Register:
    """Read every client, from ``/clients`` or ``/client``, and count the digest from the rows."""
    answer = httpx.get(url, headers={"Accept": "application/x-ndjson"}, timeout=60)
    assert answer.status_code == 200, answer.text
    rows: dict[str, bytes] = {}
    total = digest.EMPTY
    for line in answer.content.splitlines():
        client = msgspec.json.decode(line)
        rows[client["id"]] = line
        total = digest.add(total, digest.row_digest(client["id"], client["version"], line))
    return Register(rows, answer.headers["Clientela-Version"], digest.to_hex(total))


@pytest.fixture(scope="session")
def read_register() -> Callable[[str], Register]:
    return _read


def _sync(facade: Any) -> dict[str, Any]:
    told: dict[str, Any] = httpx.get(f"{facade.url}/sync", timeout=5).json()
    return told


@pytest.fixture(scope="session")
def sync_of() -> Callable[[Any], dict[str, Any]]:
    return _sync


@pytest.fixture(scope="session")
def assert_in_step() -> Callable[..., None]:
    """Wait until a facade says that it is live and agreed, then believe its rows only."""

    def check(facade: Any, server: Any, timeout_s: float = WAIT_S) -> None:
        version = httpx.get(f"{server.url}/clients?limit=1").headers["Clientela-Version"]

        def agreed() -> bool:
            told = _sync(facade)
            return (
                told["state"] == "live"
                and told["version"] >= version
                and told["digest"]["state"] == "agreed"
                and told["digest"]["version"] == told["version"]
            )

        _until(agreed, f"in step: {_sync(facade)}", timeout_s)
        ours, theirs = _read(f"{facade.url}/client"), _read(f"{server.url}/clients")
        assert ours == theirs
        assert _sync(facade)["clients"] == len(theirs.rows)

    return check


def _load(url: str, count: int) -> None:
    """Insert clients by batches of 1,000, at the server's own route."""
    with httpx.Client(timeout=60) as session:
        for start in range(0, count, 1_000):
            writes = [
                {
                    "write_id": f"{number:08x}-0000-4000-8000-000000000001",
                    "operation": "insert",
                    "client_id": f"{number:08x}-0000-4000-8000-000000000000",
                    "set": {
                        "name": f"Cliente {number}",
                        "email": f"cliente{number}@example.com",
                        "phone": f"+5511{900000000 + number}",
                    },
                }
                for number in range(start, min(start + 1_000, count))
            ]
            answer = session.post(f"{url}/clients/writes", json=writes)
            assert answer.status_code == 200, answer.text
            assert {receipt["outcome"] for receipt in answer.json()} == {"accepted"}


@pytest.fixture(scope="session")
def load_clients() -> Callable[[str, int], None]:
    return _load


@pytest.fixture(scope="session")
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a ``clientela`` command to its end; it gets none of the tester's own settings."""

    def command(
        arguments: list[str], *, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "clientela.cli", *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            cwd=cwd,
            env={**os.environ, "COLUMNS": "200", **environment},
        )

    return command


@pytest.fixture
def start_servers(
    programs: Any, postgres_url: str, free_ports_of: Callable[[int], int]
) -> Callable[..., list[Any]]:
    """Start servers that share one register in PostgreSQL, all at once."""

    def start(count: int, options: Sequence[str] = ()) -> list[Any]:
        first = free_ports_of(count)
        servers = []
        for number in range(count):
            name, port = f"server-{number}", first + number
            logs = f"sqlite:///{programs.folder / name / 'logs.db'}"
            arguments = ["server", "--db", postgres_url, "--log-db", logs, *options]
            servers.append(
                programs.program(name, [*arguments, "--port", str(port)], port).start(wait_for=None)
            )
        for server in servers:
            programs.wait_for(server.url + "/readyz")
        return servers

    return start
