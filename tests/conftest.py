"""Real processes for tests: a server, facades, log facades, on free ports of 127.0.0.1."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

pytest_plugins = ["postgres"]  # a file beside this one: see pythonpath in pyproject.toml

READY_S = 30
STOP_S = 10


def free_ports(count: int = 1) -> int:
    """Find ``count`` consecutive free ports below those that outgoing connections take.

    Runs that began together, whose process ids are neighbours, look far from each other.
    """
    for start in range(20_000 + os.getpid() * 7_919 % 10_000, 32_000, count):
        try:
            for port in range(start, start + count):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return start
    raise AssertionError("no free ports")


def wait_until(condition: Callable[[], bool], what: str, *, timeout_s: float = READY_S) -> None:
    """Wait until a condition holds; fails with ``what`` when it never does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not in {timeout_s} s: {what}"
        time.sleep(0.02)


@dataclass
class Program:
    """A running ``clientela`` command, restartable on the same port and data."""

    arguments: list[str]
    url: str
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait_for: str | None = "/readyz") -> "Program":
        command = [sys.executable, "-m", "clientela.cli", *self.arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **self.environment},
            )
        if wait_for is not None:
            wait_until(lambda: self.answers(wait_for), f"{self.arguments[0]} ready: {self.output}")
        return self

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def answers(self, path: str) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"{self.arguments} ended: {self.output}"
        try:
            return httpx.get(self.url + path, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask the process group to stop; gives the exit code of the program."""
        assert self.process is not None
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(STOP_S)


class Programs:
    """Starts programs, and ends those that still run when the test is over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._all: list[Program] = []

    def program(self, name: str, arguments: list[str], port: int) -> Program:
        made = Program(arguments, f"http://127.0.0.1:{port}", self.folder / f"{name}.log")
        self._all.append(made)
        return made

    def server(self, name: str = "server", *options: str) -> Program:
        port = free_ports()
        database = f"sqlite:///{self.folder / name / 'register.db'}"
        return self.program(name, ["server", "--db", database, "--port", str(port), *options], port)

    def facade(self, server: str, name: str = "matriz", *options: str) -> Program:
        port = free_ports()
        data = str(self.folder / name)
        arguments = ["facade", "--server", server, "--data", data, "--name", name]
        return self.program(name, [*arguments, "--port", str(port), *options], port)

    def token(self, role: str, name: str, *options: str) -> str:
        """Make a token of the register of ``server``; gives its text."""
        return self._tokens("add", "--role", role, "--name", name, *options)

    def revoke(self, token: str) -> None:
        """Revoke a token of the register of ``server``."""
        self._tokens("revoke", token.split("_")[1])

    def _tokens(self, *arguments: str) -> str:
        database = f"sqlite:///{self.folder / 'server' / 'register.db'}"
        asked = ["token", *arguments, "--db", database]
        command = [sys.executable, "-m", "clientela.cli", *asked]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()

    def guarded(self, *options: str) -> tuple[Program, Program]:
        """Start a server and a facade that ask for tokens; ``options`` are the facade's."""
        own = self.folder / "matriz.token"
        own.write_text(self.token("facade", "matriz"))
        server = self.server("server", "--guarded").start()
        facade = self.facade(server.url, "matriz", "--token-file", str(own), *options)
        return server, facade.start()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds."""
        wait_until(condition, what)

    def wait_for(self, url: str) -> None:
        """Wait until a URL answers 200."""

        def answers() -> bool:
            try:
                return httpx.get(url, timeout=2).status_code == 200
            except httpx.TransportError:
                return False

        wait_until(answers, url)

    def close(self) -> None:
        for program in reversed(self._all):
            if program.process is not None and program.process.poll() is None:
                try:
                    program.stop()
                except subprocess.TimeoutExpired:
                    program.kill()


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    started = Programs(tmp_path)
    yield started
    started.close()


@pytest.fixture(scope="module")
def shared_programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    started = Programs(tmp_path_factory.mktemp("programs"))
    yield started
    started.close()


@pytest.fixture(scope="session")
def free_ports_of() -> Callable[[int], int]:
    return free_ports
