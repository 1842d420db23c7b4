"""The processes of a run: started, killed, paused and watched, by their own ids alone."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from clientela import limits
from clientela.cli.torture.clocks import Clock, sweep
from clientela.errors import StartupError


def free_ports(count: int) -> list[int]:
    """Find free ports below those that outgoing connections take: a restart gets its own again."""
    found: list[int] = []
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        found.append(port)
        if len(found) == count:
            return found
    raise StartupError("No free ports between 20000 and 32000.")


class Program:
    """One `clientela` process. ``wanted``: whether it should be alive now.

    ``clock`` is its own wall clock, None the machine's; to be given before it starts.
    """

    def __init__(self, name: str, arguments: Sequence[str], port: int, log: Path) -> None:
        self.name = name
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.wanted = False
        self.clock: Clock | None = None
        self._arguments = [*arguments, "--port", str(port)]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, without waiting."""
        self.wanted = True
        self._sweep()
        module = "clientela.cli.torture.clocked" if self.clock else "clientela.cli"
        environment = self.clock.environment if self.clock else {}
        with self._log.open("ab") as log:
            # In a session of its own: Ctrl-C is for us, and we end it.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", module, *self._arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **environment},
            )

    def _sweep(self) -> None:
        """Clear up after the process before, or after the last."""
        if self.clock is not None and self._process is not None:
            sweep(self._process.pid)

    @property
    def exit_code(self) -> int | None:
        """Give the exit code; None while it lives."""
        return None if self._process is None else self._process.poll()

    def kill(self) -> None:
        """End it at once: SIGKILL."""
        self.wanted = False
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._sweep()

    def pause(self) -> None:
        """SIGSTOP it."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT it."""
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to end: SIGTERM."""
        self.wanted = False
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    async def wait_ready(self) -> None:
        """Wait until it can serve; raises StartupError when it never can."""
        deadline = time.monotonic() + limits.TORTURE_START_S
        while not await asyncio.to_thread(_ready, self.url):
            if time.monotonic() > deadline or (self.wanted and self.exit_code is not None):
                raise StartupError(f"{self.name} does not start:\n{self.last_words()}")
            await asyncio.sleep(0.1)

    async def wait_ended(self, deadline: float) -> None:
        """Wait until it has ended, or the time (of time.monotonic) has come."""
        while self._process is not None and self.exit_code is None:
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(0.05)

    def last_words(self, lines: int = 12) -> str:
        """Give the end of what it wrote."""
        with contextlib.suppress(OSError):
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def tracebacks(self) -> int:
        """Count the tracebacks in what it wrote."""
        with contextlib.suppress(OSError):
            return self._log.read_text(errors="replace").count("Traceback (most recent call last)")
        return 0


def _ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/readyz", timeout=1) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)  # noqa: PLR2004
    except (URLError, OSError):
        return False
