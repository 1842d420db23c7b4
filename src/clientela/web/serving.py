"""Running an application under uvicorn, so that it stops within seconds."""

import contextlib
import gc
import resource
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from clientela import limits
from clientela.errors import StartupError
from clientela.web.arrival import ArrivalProtocol
from clientela.web.fast_path import FastPath, FastProtocol, Heads
from clientela.web.transport import PLAIN, Transport


class _Server(uvicorn.Server):
    """Tells the application to end its live answers before it waits for them."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start; what is here by then stays, so the garbage collector need not look at it again."""
        await super().startup(sockets)
        sys.setswitchinterval(limits.THREAD_SWITCH_S)
        gc.freeze()
        gc.set_threshold(limits.GARBAGE_OBJECTS, limits.GARBAGE_ROUNDS, limits.GARBAGE_ROUNDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: first the live answers, then the rest."""
        self._on_stop()
        await super().shutdown(sockets)


def serve(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    on_stop: Callable[[], None],
    fast: FastPath | None = None,
    transport: Transport = PLAIN,
) -> None:
    """Serve until SIGTERM or Ctrl-C, some requests by a path of their own.

    Raises StartupError when the address is taken.
    """
    listener = listen(host, port)
    raise_open_files()
    options: dict[str, Any] = {
        "loop": "uvloop",
        "http": partial(FastProtocol, Heads(fast)) if fast else ArrivalProtocol,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "timeout_keep_alive": limits.IDLE_S,
        "timeout_graceful_shutdown": limits.SHUTDOWN_S,
        **transport.options(),
    }
    server = _Server(uvicorn.Config(app, **options), on_stop)
    with listener:
        server.run(sockets=[listener])


def raise_open_files() -> None:
    """Let the process open as many files as it may: every follower's connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.OPEN_FILES_ITEMS_MAX
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # the system has a bound of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listen(host: str, port: int) -> socket.socket:
    """Take an address; raises StartupError when that is not possible.

    Where the kernel can (Linux), it cuts off who has read nothing of what waits for too long.
    """
    try:
        listener = socket.create_server(
            (host, port),
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            backlog=limits.LISTEN_BACKLOG_CONNECTIONS,
        )
    except OSError as error:
        raise StartupError(
            f"Port {port} of {host} can't be had: {error.strerror}. "
            "Choose another with --port, or stop what uses it."
        ) from error
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # what is accepted here has it from the listener
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, limits.UNREAD_S * 1_000)
    return listener
