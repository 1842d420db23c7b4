"""Running every part as a process of its own: started, watched, restarted, stopped together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

from clientela import limits
from clientela.cli.supervised import SUPERVISED
from clientela.errors import StartupError
from clientela.storage.database import OwnerLock
from clientela.web.serving import listen


@dataclass(frozen=True, slots=True)
class Part:
    """A program of the system: what it is called, its command and where it answers."""

    name: str
    arguments: Sequence[str]
    url: str
    about: str


BRANCHES = ("matriz", "filial")
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # by which name a part here is reached


def parts_of(
    data: Path, host: str, port: int, allowed_hosts: Sequence[str] = (), *, guarded: bool = False
) -> list[Part]:
    """Give the parts of a system on this machine: ports ``port`` to ``port + 3``.

    Those of a ``guarded`` one ask for tokens: see ``clientela.cli.up_tokens``.
    """
    reached = _EVERYWHERE.get(host, host)
    names = [f"--allowed-host={name}" for name in dict.fromkeys([reached, *allowed_hosts])]

    def part(name: str, offset: int, about: str, *arguments: str) -> Part:
        address = ["--host", host, "--port", str(port + offset), *names]
        named = f"[{reached}]" if ":" in reached else reached
        return Part(name, [*arguments, *address], f"http://{named}:{port + offset}", about)

    register = _url(data / "server/register.db")
    server = part("server", 0, "the register: /clients", "server", "--db", register)
    branches = [
        part(
            name,
            offset,
            about,
            *("facade", "--server", server.url, "--data", str(data / name), "--name", name),
            *(["--token-file", str(token_file(data, name))] if guarded else []),
        )
        for name, offset, about in (
            (BRANCHES[0], 1, "a branch, with the pages: /client, /logs"),
            (BRANCHES[1], 2, "another branch, with the pages"),
        )
    ]
    measured = (server, *branches)
    logs = [f"--db={_url(data / each.name / 'logs.db')}" for each in measured]
    logs += [f"--tokens={register}"] if guarded else []
    return [
        *measured,
        part("logs", 3, "latency of the server and both branches: /logs", "logs", *logs),
    ]


def token_file(data: Path, branch: str) -> Path:
    """Give the file that holds a branch's own token."""
    return data / branch / "token"


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


@dataclass(slots=True)
class _Running:
    part: Part
    process: subprocess.Popen[bytes]
    started_at: float
    delay_s: float = limits.RESTART_DELAY_S_MIN
    restart_at: float | None = field(default=None)


class Supervisor:
    """Starts the parts, restarts one that dies, stops all of them within seconds."""

    def __init__(self, parts: Sequence[Part], data: Path) -> None:
        """Take the data folder; raises StartupError when another process has it."""
        self._parts = parts
        self._data = data
        self._console = Console(highlight=False)
        self._stopping = False

    def run(self, before: Callable[[], None] | None = None) -> int:
        """Run until SIGTERM or Ctrl-C; gives the exit code. Raises StartupError.

        ``before`` is called when the data folder is ours, before any part is started.
        """
        with OwnerLock(self._data / "clientela"):
            for part in self._parts:
                _check_free(part)
            if before is not None:
                before()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._stop)
            running = [self._start(part) for part in self._parts]
            try:
                if self._wait_until_ready(running):
                    self._announce()
                    self._watch(running)
            finally:
                self._end(running)
        return 0

    def _stop(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _start(self, part: Part) -> _Running:
        command = [sys.executable, "-m", "clientela.cli", *part.arguments]
        # In our process group: a signal to the group, like Ctrl-C, reaches every part by itself.
        # Its input ends when we do, however we end: then it stops by itself.
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.PIPE, env={**os.environ, SUPERVISED: "1"}
        )
        return _Running(part, process, time.monotonic())

    def _wait_until_ready(self, running: Sequence[_Running]) -> bool:
        with self._console.status("Starting …") as status:
            for one in running:
                status.update(f"Starting {one.part.name} …")
                while not self._stopping and not _ready(one.part.url):
                    code = one.process.poll()
                    if code is not None:
                        raise StartupError(f"{one.part.name} stopped at its start (code {code}).")
                    time.sleep(limits.SUPERVISOR_INTERVAL_S)
        return not self._stopping

    def _announce(self) -> None:
        table = Table("part", "address", "what it is", box=None, pad_edge=False)
        for part in self._parts:
            table.add_row(part.name, part.url, part.about)
        self._console.print(table)
        self._console.print(f"\nData: {self._data}", soft_wrap=True)
        self._console.print(f"Open [bold]{self._parts[1].url}[/]   ·   Ctrl-C stops everything")

    def _watch(self, running: Sequence[_Running]) -> None:
        while not self._stopping:
            for one in running:
                self._look_after(one)
            time.sleep(limits.SUPERVISOR_INTERVAL_S)

    def _look_after(self, one: _Running) -> None:
        now = time.monotonic()
        code = one.process.poll()
        if code is None:
            if now - one.started_at > limits.RESTART_DELAY_S_MAX:
                one.delay_s = limits.RESTART_DELAY_S_MIN
            return
        if one.restart_at is None:
            one.restart_at = now + one.delay_s
            one.delay_s = min(2 * one.delay_s, limits.RESTART_DELAY_S_MAX)
            self._console.print(f"[yellow]{one.part.name} died ({_told(code)}): restarting it.[/]")
        if now >= one.restart_at:
            again = self._start(one.part)
            one.process, one.started_at, one.restart_at = again.process, again.started_at, None

    def _end(self, running: Sequence[_Running]) -> None:
        for one in reversed(running):
            if one.process.poll() is None:
                one.process.terminate()
        deadline = time.monotonic() + limits.STOP_S
        for one in running:
            try:
                one.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()
        self._console.print("Stopped.")


def _check_free(part: Part) -> None:
    """Raise StartupError when another program answers, or could, at a part's address."""
    address = urlsplit(part.url)
    assert address.hostname is not None  # noqa: S101 - made above
    listen(address.hostname, address.port or 0).close()


def _ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/readyz", timeout=1) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)  # noqa: PLR2004
    except (URLError, OSError):
        return False


def _told(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
