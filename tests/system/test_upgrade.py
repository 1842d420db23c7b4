"""From the last release to this one, while people write: in either order, nothing lost."""

import io
import os
import subprocess
import sys
import tarfile
import threading
import time
import uuid
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
LAST_RELEASE = "v0.1.0"


@pytest.fixture(scope="module")
def last_release(tmp_path_factory):
    """The source of the last release; it runs with the libraries of this one."""
    packed = subprocess.run(
        ["git", "-C", str(ROOT), "archive", LAST_RELEASE, "src"], capture_output=True, check=False
    )
    if packed.returncode:
        pytest.skip(f"the tag {LAST_RELEASE} is not in this clone")
    folder = tmp_path_factory.mktemp("last-release")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    found = subprocess.run(
        [sys.executable, "-c", "import clientela; print(clientela.__file__)"],
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.startswith(str(folder))
    return {"PYTHONPATH": str(folder / "src")}


class Writer(threading.Thread):
    """Somebody at a branch who writes all the time, and remembers what was acknowledged."""

    def __init__(self, url):
        super().__init__()
        self.acknowledged, self.refused = set(), []
        self._url, self._over = url, threading.Event()

    def run(self):
        with httpx.Client(base_url=self._url, timeout=10) as session:
            while not self._over.is_set():
                self._write(session, str(uuid.uuid4()))
                time.sleep(0.01)

    def _write(self, session, key):
        while not self._over.is_set():
            try:
                headers = {"Idempotency-Key": key}
                answer = session.post("/client", json={"name": "Ana"}, headers=headers)
            except httpx.TransportError:
                time.sleep(0.05)  # it is being upgraded: the same again
                continue
            if answer.status_code in (201, 202):
                self.acknowledged.add(key)
            else:
                self.refused.append(answer.text)
            return

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join()

    def wait_for(self, more):
        """Wait until so many more were acknowledged."""
        wanted, deadline = len(self.acknowledged) + more, time.monotonic() + 20
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, self.refused
            time.sleep(0.01)


def running_as(program, release):
    """Start a program, stopped before, as a release (None: this one), on its port and its data."""
    if program.process is not None:
        program.stop()
    program.environment = release or {}
    return program.start()


@pytest.mark.parametrize("first", ["server", "facade"])
def test_either_may_be_upgraded_first_while_people_write(
    first, programs, last_release, assert_in_step, read_register, run
):
    server = programs.server()
    running_as(server, last_release)
    facade = programs.facade(server.url)
    running_as(facade, last_release)
    assert_in_step(facade, server)

    with Writer(facade.url) as writer:
        writer.wait_for(20)
        upgraded = [server, facade] if first == "server" else [facade, server]
        for program in upgraded:
            running_as(program, None)
            writer.wait_for(20)
    assert_in_step(facade, server)
    register = read_register(f"{server.url}/clients")
    data = programs.folder
    checked = [
        run(["check", "--db", f"sqlite:///{data / 'server' / 'register.db'}"]),
        run(["check", "--data", str(data / "matriz")]),
    ]

    assert writer.acknowledged <= set(register.rows)
    assert writer.refused == []
    assert [(ran.returncode, ran.stderr) for ran in checked] == [(0, ""), (0, "")]
