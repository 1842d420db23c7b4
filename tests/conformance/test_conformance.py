"""The official suite of Durable Streams against the product's feed (see README.md)."""

import importlib.util
import json
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import uvicorn

from clientela.web.arrival import ArrivalProtocol

pytestmark = pytest.mark.timeout(300)  # a busy machine, and the suite's installation

HERE = Path(__file__).parent
README = (HERE / "README.md").read_text()
PROTOCOL = (HERE.parents[1] / "docs/protocol.md").read_text()
LONG_POLL_S = 1.5  # longer than the suite needs to append, short enough to be waited for
TEST_S_MAX = 30  # the suite's own 5 s are for a machine that does nothing else
SUITE_S_MAX = 240


class Row(NamedTuple):
    """A row of the README's table: beginnings of names, and how many tests they have."""

    names: list[str]
    tests: int


LEFT_OUT = [
    Row(re.findall(r"`([^`]+)`", names), int(tests))
    for names, tests in re.findall(r"^\| (`.+`) \| (\d+) \|", README, re.MULTILINE)
]


@pytest.fixture(scope="module")
def vitest() -> Path:
    """Give the program, installed from the lock."""
    lock, installed = HERE / "package-lock.json", HERE / "node_modules/.installed"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--loglevel=error"], cwd=HERE, check=True)
        installed.touch()
    return HERE / "node_modules/.bin/vitest"


@pytest.fixture(scope="module", params=["asgi", "connection"])
def address(request) -> Iterator[str]:
    """Serve the adapter on a free port: by plain ASGI, and with connections to write to."""
    spec = importlib.util.spec_from_file_location("conformance_adapter", HERE / "adapter.py")
    assert spec is not None
    assert spec.loader is not None
    adapter = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(adapter)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        adapter.application(long_poll_s=LONG_POLL_S),
        http=ArrivalProtocol if request.param == "connection" else "httptools",
        ws="none",
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="module")
def tests(vitest, address, tmp_path_factory) -> list[dict]:
    """Run the suite but for what is left out; gives every test with its status."""
    names = [re.escape(name).replace("\\ ", " ") for row in LEFT_OUT for name in row.names]
    report = tmp_path_factory.mktemp("conformance") / "report.json"
    run = subprocess.run(
        [
            str(vitest),
            "run",
            "--reporter=json",
            f"--outputFile={report}",
            f"--testNamePattern=^(?!\\s*(?:{'|'.join(names)}))",
            f"--testTimeout={TEST_S_MAX * 1000}",
        ],
        cwd=HERE,
        env={
            **os.environ,
            "FEED_URL": address,
            "FEED_LONG_POLL_MS": str(int(LONG_POLL_S * 1000)),
        },
        capture_output=True,
        text=True,
        timeout=SUITE_S_MAX,
        check=False,
    )
    assert report.exists(), run.stdout + run.stderr
    (file,) = json.loads(report.read_text())["testResults"]
    return file["assertionResults"]


def passed(tests: list[dict]) -> int:
    return sum(test["status"] == "passed" for test in tests)


def test_every_test_that_is_not_left_out_passes(tests):
    failures = {
        test["fullName"]: test["failureMessages"]
        for test in tests
        if test["status"] not in ("passed", "skipped")
    }

    assert failures == {}
    assert passed(tests) + sum(row.tests for row in LEFT_OUT) == len(tests)


def test_exactly_what_the_readme_names_is_left_out(tests):
    skipped = [test["fullName"] for test in tests if test["status"] == "skipped"]
    found = [Row(row.names, sum(map(begins(row), skipped))) for row in LEFT_OUT]

    assert found == LEFT_OUT
    assert [name for name in skipped if not any(begins(row)(name) for row in LEFT_OUT)] == []


def begins(row: Row):
    return lambda name: name.startswith(tuple(row.names))


def test_the_documents_tell_how_many_tests_pass(tests):
    told = f"{passed(tests)} tests"

    assert f"**{told} pass.**" in README
    assert told in PROTOCOL
