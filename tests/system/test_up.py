"""``clientela up``: everything on one machine, by one command, through kills and restarts."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import httpx
import psutil
import pytest

STOPPED_WITHIN_S = 10
READY_S = 60  # four programs at once, on a machine that does other work, too


class System:
    """A running ``clientela up``."""

    def __init__(self, programs, port: int) -> None:
        self.port = port
        self.arguments = ["up", "--data", str(programs.folder / "data"), "--port", str(port)]
        self.program = programs.program(f"up{port}", self.arguments, port)
        self.urls = [f"http://127.0.0.1:{port + offset}" for offset in range(4)]
        self.server, self.matriz, self.filial, self.logs = self.urls

    def start(self, until) -> "System":
        self.program.start()
        for url in self.urls:
            part = replace(self.program, url=url)
            until(lambda part=part: part.answers("/readyz"), f"{url} ready", READY_S)
        return self

    def children(self) -> dict[str, psutil.Process]:
        """Give the parts by name."""
        found = {}
        for child in psutil.Process(self.program.pid).children():
            command = child.cmdline()
            name = command[command.index("--name") + 1] if "--name" in command else command[3]
            found[name] = child
        return found


@pytest.fixture
def system(programs, free_ports_of, until) -> System:
    return System(programs, free_ports_of(4)).start(until)


@pytest.fixture(scope="module")
def shared_system(shared_programs, free_ports_of, until) -> System:
    return System(shared_programs, free_ports_of(4)).start(until)


def _second(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clientela.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def _live_answer(url: str) -> Iterator[str]:
    """Hold an SSE connection open until the other end closes it."""
    with httpx.stream("GET", f"{url}?offset=now&live=sse", timeout=30) as answer:
        yield from answer.iter_lines()


def test_a_client_of_one_branch_is_at_the_other_within_a_second(shared_system):
    first_event, event = threading.Event(), threading.Event()
    seen: list[float] = []

    def follow() -> None:
        for line in _live_answer(f"{shared_system.filial}/client/changes"):
            first_event.set()
            if "Ana Souza" in line:
                seen.append(time.monotonic())
                event.set()
                return

    follower = threading.Thread(target=follow)
    follower.start()
    assert first_event.wait(10)
    posted = httpx.post(f"{shared_system.matriz}/client", json={"name": "Ana Souza"}, timeout=10)
    answered_at = time.monotonic()
    assert event.wait(5)
    follower.join()
    read = httpx.get(shared_system.filial + posted.headers["Location"])

    assert posted.status_code == 201
    assert seen[0] - answered_at < 1
    assert read.json()["name"] == "Ana Souza"


def test_a_killed_part_is_reported_and_started_again(shared_system, until):
    httpx.post(f"{shared_system.matriz}/client", json={"name": "Bruno Lima"}, timeout=10)
    killed = {name: child.pid for name, child in shared_system.children().items()}
    assert set(killed) == {"server", "matriz", "filial", "logs"}

    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    until(
        lambda: shared_system.program.output.count("died (SIGKILL): restarting") == 4,
        "four reports",
    )
    for url in shared_system.urls:
        until(lambda url=url: httpx.get(url + "/readyz").status_code == 200, f"{url} back")
    again = {name: child.pid for name, child in shared_system.children().items()}
    posted = until(
        lambda: (
            (
                answer := httpx.post(
                    f"{shared_system.filial}/client", json={"name": "Caio"}, timeout=15
                )
            ).status_code
            == 201
            and answer
        ),
        "writes again",
    )

    assert set(again) == set(killed)
    assert not set(again.values()) & set(killed.values())
    until(
        lambda: httpx.get(shared_system.matriz + posted.headers["Location"]).status_code == 200,
        "the feed leads to matriz",
    )
    assert len(httpx.get(f"{shared_system.matriz}/client").json()) >= 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_all_stops_everything_with_live_answers_open(system, until, number):
    children = list(system.children().values())
    followers = [
        threading.Thread(target=lambda url=url: list(_live_answer(url)))
        for url in (f"{system.server}/clients/changes", f"{system.matriz}/client/changes")
        for _ in range(3)
    ]
    for follower in followers:
        follower.start()
    until(lambda: len(_established(system, children)) >= 6, "six followers")

    began = time.monotonic()
    os.killpg(system.program.pid, number)
    code = system.program.process.wait(STOPPED_WITHIN_S)
    took_s = time.monotonic() - began
    for follower in followers:
        follower.join(5)

    assert code == 0
    assert took_s < STOPPED_WITHIN_S
    assert [child for child in children if child.is_running()] == []
    assert not any(follower.is_alive() for follower in followers)
    assert "Traceback" not in system.program.output


def _established(system, children) -> list[object]:
    ports = {system.port, system.port + 1}
    return [
        connection
        for child in children
        for connection in child.net_connections("tcp")
        if connection.status == psutil.CONN_ESTABLISHED and connection.laddr.port in ports
    ]


def test_what_was_kept_is_there_after_a_second_start(system, until):
    posted = httpx.post(f"{system.matriz}/client", json={"name": "Dora"}, timeout=10)
    os.kill(system.program.pid, signal.SIGTERM)  # to the supervisor alone

    assert system.program.process.wait(STOPPED_WITHIN_S) == 0
    for port in range(system.port, system.port + 4):
        with socket.socket() as gone:
            assert gone.connect_ex(("127.0.0.1", port)) != 0

    system.start(until)

    for url in (system.matriz, system.filial):
        assert httpx.get(url + posted.headers["Location"]).json()["name"] == "Dora"
    assert httpx.get(f"{system.logs}/logs?route=/client&method=POST").json()[0]["status"] == 201


def test_a_second_system_is_refused_in_one_line_and_the_first_goes_on(shared_system, free_ports_of):
    other_port = str(free_ports_of(4))
    same_data = _second([*shared_system.arguments[:3], "--port", other_port])
    other_data = shared_system.arguments[2] + "-2"
    same_ports = _second(["up", "--data", other_data, "--port", str(shared_system.port)])
    last_port = _second(["up", "--data", other_data, "--port", str(shared_system.port + 3)])

    assert same_data.returncode == same_ports.returncode == last_port.returncode == 2
    assert len(same_data.stderr.splitlines()) == 1
    assert f"is in use by process {shared_system.program.pid}" in same_data.stderr
    assert len(same_ports.stderr.splitlines()) == 1
    assert f"Port {shared_system.port} of 127.0.0.1 can't be had" in same_ports.stderr
    assert f"Port {shared_system.port + 3} of 127.0.0.1 can't be had" in last_port.stderr
    for url in shared_system.urls:
        assert httpx.get(f"{url}/readyz").status_code == 200


def test_parts_end_by_themselves_when_up_is_killed(programs, free_ports_of, until):
    port = free_ports_of(4)
    data = str(programs.folder / "data")
    system = programs.program("up", ["up", "--data", data, "--port", str(port)], port).start()
    programs.wait_for(f"http://127.0.0.1:{port + 3}/readyz")

    os.kill(system.pid, signal.SIGKILL)

    def silent(offset):
        try:
            httpx.get(f"http://127.0.0.1:{port + offset}/livez", timeout=2)
        except httpx.ConnectError:
            return True
        return False

    until(lambda: all(silent(offset) for offset in range(4)), "no part answers")
